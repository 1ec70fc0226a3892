/*
 * predicate.c
 *		What a principal holds on a row: the one predicate behind has_access,
 *		principal_access and explain_access.
 *
 * Rows and entries are read with the active snapshot by index scans of our own,
 * so that no statement is planned or run: an ordinary table's row by its
 * primary key, entries by theirs.  Nothing is kept between calls but the locks,
 * to the end of the transaction as a SELECT keeps them: taking and releasing
 * them is a fifth of a call.
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/motion.h"
#include "access/sysattr.h"
#include "access/skey.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_am.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "model/key.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

void
access_equality(ScanKey key, AttrNumber column, ModelType *type, Oid collation, Datum value)
{
	ScanKeyEntryInitializeWithInfo(key, 0, column, BTEqualStrategyNumber, InvalidOid, collation, &type->eq_finfo,
								   value);
}

/* Of objects, principals and what they hold. */
Relation
access_entries_key_index(ModelTable *table, Relation entries)
{
	Relation	index;

	list_free(RelationGetIndexList(entries));
	index = OidIsValid(entries->rd_pkindex) ? index_open(entries->rd_pkindex, AccessShareLock) : NULL;
	if (index == NULL || index->rd_rel->relam != BTREE_AM_OID ||
		!op_in_opfamily(model_key_type(table)->eqop, index->rd_opfamily[0]))
		elog(ERROR, "entry table %u has no usable primary key", table->entry_relid);
	return index;
}

/*
 * SELECT t.a, t.b FROM s.t AS t WHERE t.id = $1, as the table's owner: for tables without such an index, or whose
 * partitions are told apart by functions of their owner's
 */
static bool
read_row_by_query(ModelTable *table, Datum key, int n, ModelColumn **columns, Datum *values, bool *nulls)
{
	Oid			type = model_key_param(table, false);
	MemoryContext caller = CurrentMemoryContext;
	StringInfoData sql;
	ActingAs	saved;
	int			spi;
	bool		found;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	for (int i = 0; i < n; i++)
		appendStringInfo(&sql, "%st.%s", i > 0 ? ", " : "", columns[i]->sql_name);
	appendStringInfo(&sql, " FROM %s AS t WHERE %s", table->sql_name, model_key_is(table, "t", "$1"));

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	saved = relmeta_act_begin_on(table->relid, AccessShareLock, ACT_RESTRICTED);
	spi = SPI_execute_with_args(sql.data, 1, &type, &key, NULL, true, 1);
	relmeta_act_end(saved);
	if (spi != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args returned %s", SPI_result_code_string(spi));
	found = SPI_processed > 0;
	for (int i = 0; found && i < n; i++)
	{
		Datum		value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, i + 1, &nulls[i]);
		MemoryContext old = MemoryContextSwitchTo(caller);

		if (!nulls[i])
			values[i] = datumCopy(value, columns[i]->type.typbyval, columns[i]->type.typlen);
		MemoryContextSwitchTo(old);
	}
	SPI_finish();
	return found;
}

/* In a partition a column has another number, perhaps.  40001 when it has got another type or name meanwhile. */
static AttrNumber
column_in(ModelTable *table, Relation rel, ModelColumn *column)
{
	AttrNumber	attnum = column->attnum;

	if (attnum < 0)
		return attnum;
	if (attnum > RelationGetNumberOfAttributes(rel) ||
		strcmp(NameStr(TupleDescAttr(RelationGetDescr(rel), attnum - 1)->attname), column->name) != 0)
		attnum = get_attnum(RelationGetRelid(rel), column->name);
	model_column_check(table, rel, column, attnum);
	return attnum;
}

/* By the primary key of the table, or of the partition that holds the key. */
static bool
read_row_by_index(ModelTable *table, Relation rel, Relation index, Datum key, int n, ModelColumn **columns,
				  Datum *values, bool *nulls)
{
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	ScanKeyData scankeys[MODEL_KEY_COLUMNS];
	int			nkeys = model_columns_count(&table->key);
	IndexScanDesc scan;
	bool		found;

	model_columns_scan(&table->key, table, index, key, scankeys);
	scan = relmeta_index_beginscan(rel, index, GetActiveSnapshot(), nkeys);
	index_rescan(scan, scankeys, nkeys, NULL, 0);
	found = index_getnext_slot(scan, ForwardScanDirection, slot);
	for (int i = 0; found && i < n; i++)
	{
		AttrNumber	attnum = column_in(table, rel, columns[i]);
		Datum		value = attnum < 0 ? slot_getsysattr(slot, attnum, &nulls[i]) :
		slot_getattr(slot, attnum, &nulls[i]);

		if (!nulls[i])
			values[i] = datumCopy(value, columns[i]->type.typbyval, columns[i]->type.typlen);
	}
	index_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	return found;
}

/* closing: NoLock keeps the locks */
static bool
read_columns(ModelTable *table, Datum key, int n, ModelColumn **columns, LOCKMODE closing, Datum *values, bool *nulls)
{
	Relation	root;
	Relation	rel;
	Relation	index = NULL;
	bool		found = false;
	bool		known;

	/* another session may have dropped the table, as below */
	root = try_table_open(table->relid, AccessShareLock);
	if (root == NULL)
		return false;
	model_table_check_columns(table, root);
	for (int i = 0; i < n; i++)
		(void) column_in(table, root, columns[i]);
	known = access_open_leaf(table, root, key, closing, &rel);
	if (rel != NULL)
	{
		index = model_key_open_index(table, rel);
		known = index != NULL;
		if (known)
		{
			found = read_row_by_index(table, rel, index, key, n, columns, values, nulls);
			index_close(index, closing);
		}
		if (rel != root)
			table_close(rel, closing);
	}
	table_close(root, closing);
	return known ? found : read_row_by_query(table, key, n, columns, values, nulls);
}

bool
access_read_columns(ModelTable *table, Datum key, int n, ModelColumn **columns, Datum *values, bool *nulls)
{
	return read_columns(table, key, n, columns, NoLock, values, nulls);
}

bool
access_read_key(ModelTable *table, Datum key, Datum *stored)
{
	ModelColumn *columns[MODEL_KEY_COLUMNS];
	Datum		values[MODEL_KEY_COLUMNS];
	bool		nulls[MODEL_KEY_COLUMNS];
	bool		isnull;

	if (!access_read_columns(table, key, model_columns_append(&table->key, columns), columns, values, nulls))
		return false;
	*stored = model_columns_value(&table->key, values, nulls, &isnull);
	return true;
}

Datum
access_read_lookup(ModelRelationship *relationship, Datum key, bool *isnull)
{
	ModelColumn *columns[MODEL_KEY_COLUMNS + 1];
	Datum		values[MODEL_KEY_COLUMNS + 1];
	bool		nulls[MODEL_KEY_COLUMNS + 1];
	int			type = model_columns_append(&relationship->lookup, columns);
	bool		typed = relationship->type_column.name != NULL;
	ModelType  *of = &relationship->type_column.type;
	Datum		lookup;

	*isnull = true;
	columns[type] = &relationship->type_column;
	if (!access_read_columns(relationship->related, key, typed ? type + 1 : type, columns, values, nulls))
		return (Datum) 0;
	lookup = model_columns_value(&relationship->lookup, values, nulls, isnull);
	if (!*isnull && typed)
		*isnull = nulls[type] ||
			!model_type_equal(of, values[type], model_type_input(of, relationship->type_value));
	return lookup;
}

bool
access_read_row(ModelTable *table, Datum key, Datum *owner, bool *owner_null)
{
	ModelColumn *columns[1] = {&table->owner};

	*owner_null = true;
	return access_read_columns(table, key, table->owner.name != NULL ? 1 : 0, columns, owner, owner_null);
}

bool
access_read_row_unheld(ModelTable *table, Datum key, Datum *owner, bool *owner_null)
{
	ModelColumn *columns[1] = {&table->owner};

	*owner_null = true;
	return read_columns(table, key, table->owner.name != NULL ? 1 : 0, columns, AccessShareLock, owner, owner_null);
}

/* Is a version of a row its first, written by no UPDATE?  (One that an UPDATE took to another partition is.) */
static bool
is_first_version(Oid relid, ItemPointer tid)
{
	Relation	rel = relmeta_relation_open(relid, AccessShareLock);
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	bool		result = false;

	if (table_tuple_fetch_row_version(rel, tid, SnapshotAny, slot))
	{
		bool		should_free;
		HeapTuple	tuple = ExecFetchSlotHeapTuple(slot, false, &should_free);

		result = (tuple->t_data->t_infomask & HEAP_UPDATED) == 0;
		if (should_free)
			heap_freetuple(tuple);
	}
	ExecDropSingleTupleTableSlot(slot);
	table_close(rel, AccessShareLock);
	return result;
}

/* The system columns say who has made this version of the row, and where it is. */
bool
access_made_by(ModelTable *table, Datum key, CommandId cid)
{
	ModelColumn xmin = {.sql_name = "xmin",.attnum = MinTransactionIdAttributeNumber};
	ModelColumn cmin = {.sql_name = "cmin",.attnum = MinCommandIdAttributeNumber};
	ModelColumn leaf = {.sql_name = "tableoid",.attnum = TableOidAttributeNumber};
	ModelColumn tid = {.sql_name = "ctid",.attnum = SelfItemPointerAttributeNumber};
	ModelColumn *columns[4] = {&xmin, &cmin, &leaf, &tid};
	Datum		values[4];
	bool		nulls[4];

	xmin.type.typbyval = cmin.type.typbyval = leaf.type.typbyval = true;
	xmin.type.typlen = cmin.type.typlen = leaf.type.typlen = sizeof(uint32);
	tid.type.typlen = sizeof(ItemPointerData);
	return access_read_columns(table, key, 4, columns, values, nulls) &&
		TransactionIdIsCurrentTransactionId(DatumGetTransactionId(values[0])) &&
		DatumGetCommandId(values[1]) == cid &&
		is_first_version(DatumGetObjectId(values[2]), (ItemPointer) DatumGetPointer(values[3]));
}

/*
 * Calls visit for every entry of one of the principals on a row.
 */
static void
visit_entries(ModelTable *table, Datum key, List *principals,
			  void (*visit) (const char *principal, int relationship, char cause, int32 mask, void *arg), void *arg)
{
	Relation	rel;
	Relation	index;
	IndexScanDesc scan;
	TupleTableSlot *slot;
	ListCell   *lc;

	if (principals == NIL || !access_entries_exist(table) ||
		(access_motion_any() && access_motion_hides(table, key)))
		return;
	rel = access_entries_open(table, AccessShareLock);
	if (rel == NULL)
		return;
	index = access_entries_key_index(table, rel);
	slot = table_slot_create(rel, NULL);
	scan = relmeta_index_beginscan(rel, index, GetActiveSnapshot(), 2);
	foreach(lc, principals)
	{
		ScanKeyData scankeys[2];
		Datum		principal;

		if (!model_principal_value(lfirst(lc), model_principal(table), &principal))
			continue;
		access_equality(&scankeys[0], ENTRY_OBJECT, model_key_type(table), index->rd_indcollation[0], key);
		access_equality(&scankeys[1], ENTRY_PRINCIPAL, model_principal(table), index->rd_indcollation[1], principal);
		index_rescan(scan, scankeys, 2, NULL, 0);
		while (index_getnext_slot(scan, ForwardScanDirection, slot))
		{
			bool		isnull;

			visit(lfirst(lc), DatumGetInt32(slot_getattr(slot, ENTRY_RELATIONSHIP, &isnull)),
				  DatumGetChar(slot_getattr(slot, ENTRY_CAUSE, &isnull)),
				  DatumGetInt32(slot_getattr(slot, ENTRY_MASK, &isnull)), arg);
		}
	}
	index_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	index_close(index, NoLock);
	table_close(rel, NoLock);
}

static void
add_mask(const char *principal, int relationship, char cause, int32 mask, void *arg)
{
	int32	   *masks = arg;

	masks[cause == CAUSE_DIRECT ? 0 : 1] |= mask;
}

static void
add_entry(const char *principal, int relationship, char cause, int32 mask, void *arg)
{
	List	  **entries = arg;
	AccessEntry *entry = palloc(sizeof(AccessEntry));

	entry->relationship = relationship;
	entry->cause = cause;
	entry->mask = mask;
	*entries = lappend(*entries, entry);
}

/* Rights by entries of any of the principals (char *) on a row, direct and inherited apart. */
static void
read_entries(ModelTable *table, Datum key, List *principals, int32 *direct, int32 *inherited)
{
	int32		masks[2] = {0, 0};

	visit_entries(table, key, principals, add_mask, masks);
	*direct = masks[0];
	*inherited = masks[1];
}

List *
access_entry_list(ModelTable *table, Datum key, const char *principal)
{
	List	   *entries = NIL;

	visit_entries(table, key, list_make1((char *) principal), add_entry, &entries);
	return entries;
}

char *
access_principal_among(ModelTable *table, List *principals, Datum principal)
{
	ListCell   *lc;

	foreach(lc, principals)
	{
		Datum		value;

		if (model_principal_value(lfirst(lc), model_principal(table), &value) &&
			model_type_equal(model_principal(table), value, principal))
			return lfirst(lc);
	}
	return NULL;
}

int32
access_effective(ModelTable *table, Datum key, List *principals, bool *exists)
{
	Datum		owner = (Datum) 0;
	bool		owner_null;
	int32		direct;
	int32		inherited;
	ListCell   *lc;

	*exists = access_read_row(table, key, &owner, &owner_null);
	if (principals == NIL)
		return 0;

	/*
	 * of a missing row, too: whoever counts index scans is not to tell it
	 * from a hidden one
	 */
	read_entries(table, key, principals, &direct, &inherited);
	if (!*exists)
		return 0;
	direct |= table->everyone;
	if (!owner_null)
	{
		foreach(lc, principals)
		{
			Datum		principal;

			if (model_principal_value(lfirst(lc), &table->owner.type, &principal) &&
				model_type_equal(&table->owner.type, owner, principal))
				return direct | inherited | RIGHTS_ALL;
		}
	}
	return direct | inherited;
}
