/*
 * value_enter.c
 *		A type of owner columns comes in: from here on no two principals may be one
 *		owner in it (SEMANTICS 2.1); see value_write.c.
 *
 * A type that does not always count comes in with its first owner column, and
 * stays.  That takes all principals in, and the same care:
 *
 *	a principal is made		relmeta.principal, then the types
 *	a type comes in			relmeta.principal_type, then the principals; whose
 *							making has not ended is waited for
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "model/internal.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#define PRINCIPALS_AT_ONCE 10000

/* Waits for everyone who has made a principal and not committed yet. */
static void
wait_for_makers(void)
{
	Relation	rel = table_open(model_catalog_relid(CATALOG_PRINCIPAL), AccessShareLock);
	List	   *makers = NIL;
	SnapshotData dirty;
	SysScanDesc scan;
	ListCell   *lc;

	InitDirtySnapshot(dirty);
	scan = systable_beginscan(rel, InvalidOid, false, &dirty, 0, NULL);
	while (HeapTupleIsValid(systable_getnext(scan)))
	{
		CHECK_FOR_INTERRUPTS();
		if (TransactionIdIsValid(dirty.xmin) && (makers == NIL || llast_oid(makers) != dirty.xmin))
			makers = lappend_oid(makers, dirty.xmin);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	foreach(lc, makers)
		XactLockTableWait(lfirst_oid(lc), NULL, NULL, XLTW_None);
}

/* Records the values of all principals in one type. */
static void
record_all(ValueType *type, bool tolerant)
{
	Relation	rel = table_open(model_catalog_relid(CATALOG_PRINCIPAL), AccessShareLock);
	SysScanDesc scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	List	   *types = list_make1(type);
	MemoryContext batch = AllocSetContextCreate(CurrentMemoryContext, "relmeta principals of a type",
												ALLOCSET_DEFAULT_SIZES);
	HeapTuple	tuple;

	do
	{
		List	   *names = NIL;
		MemoryContext outer = MemoryContextSwitchTo(batch);

		while (list_length(names) < PRINCIPALS_AT_ONCE && HeapTupleIsValid(tuple = systable_getnext(scan)))
			names = lappend(names, model_catalog_text(tuple, RelationGetDescr(rel), "principal"));
		model_values_record(names, types, tolerant);
		MemoryContextSwitchTo(outer);
		MemoryContextReset(batch);
	} while (HeapTupleIsValid(tuple));
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	MemoryContextDelete(batch);
}

/* The principal that is one with an alias in a column of that type; NULL: none. */
static char *
twin(ValueType *vt, ModelType *type, const char *alias)
{
	Datum		value;
	char	   *canonical;
	char	   *other = NULL;

	if (!model_principal_exists(alias) || !model_principal_held(alias, type, &value))
		return NULL;
	canonical = model_value_canonical(vt, type, value);
	if (vt->same_text && strcmp(canonical, alias) != 0)
		other = model_value_registered(canonical, false);
	if (other == NULL)
		other = model_value_recorded(vt, canonical, false);
	return other != NULL && strcmp(other, alias) != 0 && model_value_is_of(type, value, other) ? other : NULL;
}

/*
 * 23505 when two principals are one owner in a column of that type.  Whether an
 * alias stays that is not committed yet is waited for.
 */
static void
check_aliases(ValueType *vt, ModelType *type)
{
	Relation	rel = table_open(model_catalog_relid(CATALOG_PRINCIPAL_VALUE), AccessShareLock);
	TransactionId maker;

	do
	{
		SnapshotData dirty;
		SysScanDesc scan;
		HeapTuple	tuple;

		CHECK_FOR_INTERRUPTS();
		maker = InvalidTransactionId;
		InitDirtySnapshot(dirty);
		scan = model_alias_scan(rel, vt, &dirty);
		while (!TransactionIdIsValid(maker) && HeapTupleIsValid(tuple = systable_getnext(scan)))
		{
			char	   *alias = model_catalog_text(tuple, RelationGetDescr(rel), "principal");
			char	   *other;

			maker = dirty.xmin;
			if (!TransactionIdIsValid(maker) && (other = twin(vt, type, alias)) != NULL)
				model_alias_refuse(type->base_type, alias, other);
		}
		systable_endscan(scan);
		if (TransactionIdIsValid(maker))
			XactLockTableWait(maker, NULL, NULL, XLTW_None);
	} while (TransactionIdIsValid(maker));
	table_close(rel, AccessShareLock);
}

void
model_owner_type_mend(ModelType *type)
{
	ValueType  *vt = model_value_type(type);
	Datum		args[2];

	args[0] = ObjectIdGetDatum(vt->type.base_type);
	args[1] = CStringGetTextDatum(vt->collation_name);
	if (!model_value_always_counts(vt))
		model_statement_run(STATEMENT_ADD_VALUE_TYPE, args, NULL);
	record_all(vt, true);
}

void
model_owner_type_enter(ModelType *type)
{
	ValueType  *vt;
	Datum		args[2];

	if (model_type_spells_one_way(type) || (vt = model_value_type(type)) == NULL)
		return;
	args[0] = ObjectIdGetDatum(vt->type.base_type);
	args[1] = CStringGetTextDatum(vt->collation_name);
	if (!model_value_always_counts(vt) && model_statement_run(STATEMENT_ADD_VALUE_TYPE, args, NULL) > 0)
	{
		wait_for_makers();
		record_all(vt, false);
	}
	else
		check_aliases(vt, type);
}
