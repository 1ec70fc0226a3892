/*
 * entries.c
 *		Which entry table a registered table has, and the type in which it names
 *		principals (ARCHITECTURE section 2, "Entry tables").
 *
 * Most tables have none: it is made when it is first needed, perhaps by a share,
 * which locks relmeta's own row of the table and never the table.  So a statement
 * may run while another session makes one; whoever must not miss it looks at the
 * row as it is now, since the invalidation that tells of it comes a little after
 * the commit.
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "model/internal.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

/* ---- the type of principals ---- */

static bool
gives_access(const ModelRelationship *relationship)
{
	return behavior_cascades(relationship->behavior[ACTION_SHARE]) ||
		behavior_cascades(relationship->behavior[ACTION_REPARENT]);
}

/* What it gave may still be there, and is taken back. */
static bool
gave_access(const ModelRelationship *relationship)
{
	return behavior_cascades(relationship->behavior[ACTION_UNSHARE]);
}

/*
 * The owner type of the primary tables of the table's relationships of that kind;
 * NULL when there are none, or, which no declaration allows, they differ.
 */
static ModelType *
type_of_primaries(ModelTable *table, bool (*counts) (const ModelRelationship *))
{
	ModelType  *type = NULL;
	ListCell   *lc;

	foreach(lc, model_as_related(table))
	{
		ModelRelationship *relationship = lfirst(lc);
		ModelType  *owner = &relationship->primary->owner.type;

		if (relationship->broken != NULL || relationship->primary->owner.name == NULL || !counts(relationship))
			continue;
		if (type != NULL && type->base_type != owner->base_type)
			return NULL;
		type = owner;
	}
	return type;
}

ModelType *
model_principal_type(ModelTable *table)
{
	ModelType  *type;

	if (table->owner.name != NULL)
		return &table->owner.type;
	type = type_of_primaries(table, gives_access);
	return type != NULL ? type : type_of_primaries(table, gave_access);
}

bool
model_needs_entries(ModelTable *table)
{
	ListCell   *lc;

	if (table->owner.name != NULL)
		return true;
	foreach(lc, model_as_related(table))
		if (((ModelRelationship *) lfirst(lc))->broken == NULL && gives_access(lfirst(lc)))
		return true;
	return false;
}

/* ---- reading ---- */

/* Of a table that had no entry table when it was read: what it would have. */
void
model_load_principal_type(ModelTable *table)
{
	ModelType  *type;

	if (table->broken == NULL)
	{
		type = model_principal_type(table);
		if (type != NULL)
			table->principal = *type;
		else
		{
			MemoryContext outer = MemoryContextSwitchTo(table->model->cxt);

			model_load_type(table->model, &table->principal, TEXTOID, -1, get_typcollation(TEXTOID));
			MemoryContextSwitchTo(outer);
		}
	}
	table->knows_principal = true;
}

/* A scan of relmeta's rows of registered tables as of now; of one of them when relid is valid. */
static SysScanDesc
begin_scan(Relation rel, Oid relid, Snapshot snapshot)
{
	ScanKeyData skey;
	Oid			index = OidIsValid(relid) ? model_catalog_index("registered_table_pkey") : InvalidOid;

	ScanKeyInit(&skey, model_catalog_column(RelationGetDescr(rel), "relation"), BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(relid));
	return systable_beginscan(rel, index, OidIsValid(index), snapshot, OidIsValid(relid) ? 1 : 0, &skey);
}

bool
model_look_for_entries(ModelTable *table)
{
	Relation	rel = table_open(model_catalog_relid(CATALOG_REGISTERED_TABLE), AccessShareLock);
	SysScanDesc scan = begin_scan(rel, table->relid, NULL);
	HeapTuple	tuple = systable_getnext(scan);
	Oid			entry_relid = InvalidOid;

	if (HeapTupleIsValid(tuple))
		entry_relid = model_catalog_oid(tuple, RelationGetDescr(rel), "entry_table");
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return OidIsValid(entry_relid) && model_set_entry_table(table, entry_relid);
}

void
model_look_for_all_entries(Model *model)
{
	Relation	rel = table_open(model_catalog_relid(CATALOG_REGISTERED_TABLE), AccessShareLock);
	SysScanDesc scan = begin_scan(rel, InvalidOid, NULL);
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Oid			entry_relid = model_catalog_oid(tuple, RelationGetDescr(rel), "entry_table");
		ModelTable *table;

		if (!OidIsValid(entry_relid))
			continue;
		table = model_table(model, model_catalog_oid(tuple, RelationGetDescr(rel), "relation"));
		if (table != NULL && table->broken == NULL && !OidIsValid(table->entry_relid))
			(void) model_set_entry_table(table, entry_relid);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
}

/* ---- writing ---- */

/*
 * Locks the row as it is now, following whoever changes it, at every isolation level.  False when there is none.
 */
static bool
lock_row(Relation rel, Oid relid, TupleTableSlot *slot, ItemPointer tid, Oid *entry_relid)
{
	for (;;)
	{
		Snapshot	snapshot = RegisterSnapshot(GetCatalogSnapshot(RelationGetRelid(rel)));
		SysScanDesc scan = begin_scan(rel, relid, snapshot);
		HeapTuple	tuple = systable_getnext(scan);
		TM_FailureData failure;
		TM_Result	result = TM_Ok;

		CHECK_FOR_INTERRUPTS();
		if (HeapTupleIsValid(tuple))
		{
			*tid = tuple->t_self;
			*entry_relid = model_catalog_oid(tuple, RelationGetDescr(rel), "entry_table");
		}
		systable_endscan(scan);
		if (HeapTupleIsValid(tuple))
			result = table_tuple_lock(rel, tid, snapshot, slot, GetCurrentCommandId(true), LockTupleNoKeyExclusive,
									  LockWaitBlock, 0, &failure);
		ExecClearTuple(slot);
		UnregisterSnapshot(snapshot);

		if (!HeapTupleIsValid(tuple))
			return false;
		if (result == TM_Ok)
			return true;
		if (result != TM_Updated && result != TM_Deleted)
			elog(ERROR, "unexpected result %d of locking a registration", (int) result);
	}
}

bool
model_lock_entries(ModelTable *table)
{
	Relation	rel = table_open(model_catalog_relid(CATALOG_REGISTERED_TABLE), RowExclusiveLock);
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	ItemPointerData tid;
	Oid			entry_relid;
	bool		found = lock_row(rel, table->relid, slot, &tid, &entry_relid);

	ExecDropSingleTupleTableSlot(slot);
	table_close(rel, RowExclusiveLock);
	if (!found)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("table %s has been dropped or unregistered meanwhile", table->sql_name),
				 errhint("Run the transaction again.")));
	return OidIsValid(entry_relid) && model_set_entry_table(table, entry_relid);
}

/*
 * The row is written as PostgreSQL writes its own catalogs, and the lock on the catalog given back at once: the row's
 * own lock lasts, and a share that is not committed yet holds up no declaration of another table.
 */
void
model_set_entries(ModelTable *table, Oid entry_relid)
{
	Relation	rel = table_open(model_catalog_relid(CATALOG_REGISTERED_TABLE), RowExclusiveLock);
	TupleDesc	desc = RelationGetDescr(rel);
	SysScanDesc scan = begin_scan(rel, table->relid, NULL);
	HeapTuple	tuple = systable_getnext(scan);
	int			column = model_catalog_column(desc, "entry_table");
	Datum		value = ObjectIdGetDatum(entry_relid);
	bool		isnull = !OidIsValid(entry_relid);

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "table %s is not registered", table->sql_name);
	tuple = heap_modify_tuple_by_cols(tuple, desc, 1, &column, &value, &isnull);
	CatalogTupleUpdate(rel, &tuple->t_self, tuple);
	systable_endscan(scan);
	table_close(rel, RowExclusiveLock);
	model_invalidate();
	CommandCounterIncrement();
	if (!isnull)
		(void) model_set_entry_table(table, entry_relid);
}
