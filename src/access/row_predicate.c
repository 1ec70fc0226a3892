/*
 * row_predicate.c
 *		The principals of a statement, cast once for each table, and their rights on a row.
 */
#include "relmeta.h"

#include "access/motion.h"
#include "access/row_predicate.h"
#include "access/genam.h"
#include "access/skey.h"
#include "access/table.h"
#include "access/tableam.h"
#include "model/key.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* The principals that are values of the type, in it; SEMANTICS 2.2: cast when loaded, never per row. */
static Datum *
cast_principals(List *principals, ModelType *type, int *n)
{
	Datum	   *values = palloc(Max(list_length(principals), 1) * sizeof(Datum));
	ListCell   *lc;

	*n = 0;
	foreach(lc, principals)
	{
		Datum		value;

		if (model_principal_value(lfirst(lc), type, &value))
			values[(*n)++] = datumCopy(value, type->typbyval, type->typlen);
	}
	return values;
}

static Predicate *
predicate_of(Statement *statement, ModelTable *table, List *names)
{
	MemoryContext old = MemoryContextSwitchTo(statement->query);
	Predicate  *predicate = palloc0(sizeof(Predicate));

	predicate->statement = statement;
	predicate->table = table;
	predicate->names = names;
	if (table->owner.name != NULL)
		predicate->owners = cast_principals(names, &table->owner.type, &predicate->nowners);
	if (access_entries_exist(table))
		predicate->principals = cast_principals(names, model_principal(table), &predicate->nprincipals);
	MemoryContextSwitchTo(old);
	return predicate;
}

static Predicate *
make_predicate(Statement *statement, ModelTable *table)
{
	Predicate  *predicate = predicate_of(statement, table, access_statement_principals(statement));
	MemoryContext old = MemoryContextSwitchTo(statement->query);

	predicate->kept = statement->node.next != NULL;
	statement->predicates = lappend(statement->predicates, predicate);
	MemoryContextSwitchTo(old);
	return predicate;
}

Predicate *
access_predicate_latest(Predicate *predicate)
{
	List	   *names = access_statement_latest(predicate->statement);

	if (names == predicate->names)
		return predicate;
	if (predicate->latest == NULL || predicate->latest->names != names)
		predicate->latest = predicate_of(predicate->statement, predicate->table, names);
	return predicate->latest;
}

Predicate *
access_predicate(Statement *statement, ModelTable *table)
{
	ListCell   *lc;

	foreach(lc, statement->predicates)
	{
		Predicate  *predicate = lfirst(lc);

		if (predicate->table->relid == table->relid)
			return predicate;
	}
	return make_predicate(statement, table);
}

Predicate *
access_predicate_on(Statement *statement, Oid relid)
{
	Model	   *model;
	ModelTable *table;
	ListCell   *lc;

	foreach(lc, statement->predicates)
	{
		Predicate  *predicate = lfirst(lc);

		if (predicate->table->relid == relid)
			return predicate;
	}
	model = model_current();
	table = model_table(model, relid);
	if (table == NULL && get_rel_relispartition(relid))
		table = model_leaf(model, relid)->table;
	if (table == NULL || table->broken != NULL)
		return NULL;
	model_pin(model, statement->query);
	return access_predicate(statement, table);
}

bool
access_predicate_owns(Predicate *predicate, Datum owner)
{
	for (int i = 0; i < predicate->nowners; i++)
		if (model_type_equal(&predicate->table->owner.type, predicate->owners[i], owner))
			return true;
	return false;
}

int32
access_predicate_entries(Predicate *predicate, Datum key, Snapshot snapshot)
{
	ModelTable *table = predicate->table;
	Relation	rel;
	Relation	index;
	IndexScanDesc scan;
	TupleTableSlot *slot;
	int32		mask = 0;

	if (predicate->nprincipals == 0)
		return 0;
	rel = access_entries_open(table, AccessShareLock);
	if (rel == NULL)
		return 0;
	index = access_entries_key_index(table, rel);
	slot = table_slot_create(rel, NULL);
	scan = relmeta_index_beginscan(rel, index, snapshot, 2);
	for (int i = 0; i < predicate->nprincipals; i++)
	{
		ScanKeyData keys[2];
		bool		isnull;

		access_equality(&keys[0], ENTRY_OBJECT, model_key_type(table), index->rd_indcollation[0], key);
		access_equality(&keys[1], ENTRY_PRINCIPAL, model_principal(table), index->rd_indcollation[1],
						predicate->principals[i]);
		index_rescan(scan, keys, 2, NULL, 0);
		while (index_getnext_slot(scan, ForwardScanDirection, slot))
			mask |= DatumGetInt32(slot_getattr(slot, ENTRY_MASK, &isnull));
	}
	index_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	index_close(index, AccessShareLock);
	table_close(rel, AccessShareLock);
	return mask;
}

int32
access_predicate_rights(Predicate *predicate, Datum key, bool owner_null, Datum owner, Snapshot snapshot)
{
	int32		rights = predicate->table->everyone;

	if (predicate->names == NIL)
		return 0;
	if (!owner_null && access_predicate_owns(predicate, owner))
		rights |= RIGHTS_ALL;
	else if (!access_motion_any() || !access_motion_hides(predicate->table, key))
		rights |= access_predicate_entries(predicate, key, snapshot);
	return rights & predicate->statement->cap;
}
