/*
 * store.c
 *		Reading and writing entry tables without SQL; see store.h.
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/motion.h"
#include "access/relscan.h"
#include "access/skey.h"
#include "access/store.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_am.h"
#include "catalog/pg_type.h"
#include "compat_table.h"
#include "executor/executor.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "model/key.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

/*
 * What finding one row by the index costs, in rows read one after the other: a
 * descent of the tree against a step in a page.
 */
#define PROBE_COST		8

/* the same for coming to the next page */
#define PAGE_COST		10

/* rows on a page of a table that was not vacuumed yet, about: only for the choice between the two */
#define ROWS_PER_PAGE	120

static Relation
open_key_index(Relation rel)
{
	list_free(RelationGetIndexList(rel));
	if (!OidIsValid(rel->rd_pkindex))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("entry table \"%s\" has no primary key", RelationGetRelationName(rel)),
				 errhint("Make it again: (object, principal, relationship, cause).")));
	return index_open(rel->rd_pkindex, RowExclusiveLock);
}

/* Rows are written column by column, as relmeta has made them; one that was added is gone when it is dropped again. */
static void
check_columns(Relation rel)
{
	TupleDesc	desc = RelationGetDescr(rel);
	bool		as_made = desc->natts >= ENTRY_COLUMNS;

	for (int i = 0; as_made && i < desc->natts; i++)
		as_made = TupleDescAttr(desc, i)->attisdropped == (i >= ENTRY_COLUMNS);
	if (!as_made)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("columns of table \"%s\" have been added or dropped", RelationGetRelationName(rel)),
				 errhint("Make it again: (object, principal, relationship, cause, mask, granted_by, granted_at).")));
}

/* Is there what a statement minds, and the table was not made with? */
static bool
takes_statements(Relation rel)
{
	TupleDesc	desc = RelationGetDescr(rel);
	bool		takes = rel->trigdesc != NULL || rel->rd_rules != NULL || desc->constr->num_check > 0;

	for (int i = ENTRY_GRANTED_BY - 1; i < ENTRY_COLUMNS; i++)
		takes |= TupleDescAttr(desc, i)->attnotnull;
	return takes;
}

/* A publication may need to know which entry it is that is changed or goes. */
static void
check_replica_identity(Store *store, CmdType command)
{
	bool	   *identified = command == CMD_UPDATE ? &store->updates_identified : &store->deletes_identified;

	if (!*identified)
		CheckCmdReplicaIdentity(store->rel, command);
	*identified = true;
}

Store *
access_store_open(ModelTable *table)
{
	Store	   *store = palloc0(sizeof(Store));

	store->cxt = CurrentMemoryContext;
	store->table = table;
	store->rel = access_entries_open(table, RowExclusiveLock);
	if (store->rel == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("table %s has been dropped or unregistered meanwhile", table->sql_name),
				 errhint("Run the transaction again.")));
	check_columns(store->rel);
	store->key_index = open_key_index(store->rel);
	store->by_statement = takes_statements(store->rel);
	if (IndexRelationGetNumberOfKeyAttributes(store->key_index) != STORE_KEYS)
		elog(ERROR, "table \"%s\" has an unexpected primary key", RelationGetRelationName(store->rel));
	store->slot = table_slot_create(store->rel, NULL);
	access_store_refresh(store);
	return store;
}

static void
end_scans(Store *store)
{
	for (int n = 0; n <= STORE_KEYS; n++)
	{
		if (store->scans[n] != NULL)
			index_endscan(store->scans[n]);
		store->scans[n] = NULL;
	}
	if (store->all_scan != NULL)
		table_endscan(store->all_scan);
	store->all_scan = NULL;
	store->scan = NULL;
	ExecClearTuple(store->slot);
}

/* ---- writing ---- */

/* Nobody has granted it directly. */
static void
fill_entry(Datum *values, bool *nulls, Datum object, Datum principal, int relationship, char cause, int32 mask)
{
	memset(nulls, false, ENTRY_COLUMNS * sizeof(bool));
	nulls[ENTRY_GRANTED_BY - 1] = nulls[ENTRY_GRANTED_AT - 1] = true;
	values[ENTRY_OBJECT - 1] = object;
	values[ENTRY_PRINCIPAL - 1] = principal;
	values[ENTRY_RELATIONSHIP - 1] = Int32GetDatum(relationship);
	values[ENTRY_CAUSE - 1] = CharGetDatum(cause);
	values[ENTRY_MASK - 1] = Int32GetDatum(mask);
}

void
access_store_insert_entry(Store *store, Datum object, Datum principal, int relationship, char cause, int32 mask)
{
	Datum		values[ENTRY_COLUMNS];
	bool		nulls[ENTRY_COLUMNS];

	fill_entry(values, nulls, object, principal, relationship, cause, mask);
	access_store_insert(store, values, nulls);
}

/* Was the row changed as wanted? */
static bool
changed(Store *store, TM_Result result)
{
	switch (result)
	{
		case TM_Ok:
			return true;
		case TM_Updated:
			if (IsolationUsesXactSnapshot())
				ereport(ERROR,
						(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
						 errmsg("could not serialize access due to concurrent update"),
						 errhint("Run the transaction again.")));
			return false;
		case TM_Deleted:
		case TM_SelfModified:
		case TM_Invisible:		/* a statement of ours has changed it */
			return false;
		default:
			elog(ERROR, "unexpected result %d of a change in table \"%s\"", result,
				 RelationGetRelationName(store->rel));
	}
	return false;
}

/* Locks a row that a statement is to change, which would follow it to what somebody else has made of it. */
static bool
lock_for_statement(Store *store, ItemPointer tid)
{
	TM_FailureData failure;
	TupleTableSlot *slot = table_slot_create(store->rel, NULL);
	TM_Result	result = table_tuple_lock(store->rel, tid, store->snapshot, slot, GetCurrentCommandId(true),
										  LockTupleExclusive, LockWaitBlock, 0, &failure);

	ExecDropSingleTupleTableSlot(slot);
	return changed(store, result);
}

static bool
update_row(Store *store, ItemPointer tid, const Datum *values, const bool *nulls)
{
	TupleTableSlot *slot;
	ItemPointerData place = *tid;
	bool		done;

	access_motion_check(store->table, values[ENTRY_OBJECT - 1]);
	if (store->by_statement)
	{
		if (!lock_for_statement(store, &place))
			return false;
		access_statement_update(store, &place, values, nulls);
		return true;
	}
	check_replica_identity(store, CMD_UPDATE);
	access_store_prepare(store);
	access_store_insert_pending(store);
	slot = access_store_slot(store, 0);
	access_store_fill_slot(slot, values, nulls);
	done = changed(store, relmeta_update_tuple(store->result, &place, slot, store->snapshot, store->estate));
	ResetPerTupleExprContext(store->estate);
	ExecClearTuple(slot);
	return done;
}

bool
access_store_delete(Store *store, Datum object, ItemPointer tid)
{
	ItemPointerData place = *tid;

	access_motion_check(store->table, object);
	if (store->by_statement)
	{
		if (!lock_for_statement(store, &place))
			return false;
		access_statement_delete(store, &place);
		return true;
	}
	check_replica_identity(store, CMD_DELETE);
	access_store_begin_to_write(store);
	return changed(store, relmeta_delete_tuple(store->rel, &place, store->snapshot));
}

/* Who granted an entry that a scan has found, and when; false when it is gone. */
static bool
read_granted(Store *store, ItemPointer tid, Datum *values, bool *nulls)
{
	TupleTableSlot *slot = store->slot;

	if (!table_tuple_fetch_row_version(store->rel, tid, store->snapshot, slot))
		return false;
	for (int i = ENTRY_GRANTED_BY - 1; i <= ENTRY_GRANTED_AT - 1; i++)
		values[i] = slot_getattr(slot, i + 1, &nulls[i]);
	return true;
}

bool
access_store_set_mask(Store *store, StoredEntry *entry, int32 mask)
{
	Datum		values[ENTRY_COLUMNS];
	bool		nulls[ENTRY_COLUMNS];

	if (mask == 0)
		return access_store_delete(store, entry->object, &entry->tid);
	fill_entry(values, nulls, entry->object, entry->principal, entry->relationship, entry->cause, mask);
	if (entry->cause == CAUSE_DIRECT && !read_granted(store, &entry->tid, values, nulls))
		return false;
	return update_row(store, &entry->tid, values, nulls);
}

bool
access_store_grant(Store *store, StoredEntry *entry, int32 mask, const char *granted_by)
{
	Datum		values[ENTRY_COLUMNS];
	bool		nulls[ENTRY_COLUMNS];

	fill_entry(values, nulls, entry->object, entry->principal, 0, CAUSE_DIRECT, mask);
	values[ENTRY_GRANTED_BY - 1] = CStringGetTextDatum(granted_by);
	values[ENTRY_GRANTED_AT - 1] = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
	nulls[ENTRY_GRANTED_BY - 1] = nulls[ENTRY_GRANTED_AT - 1] = false;
	if (entry->mask != 0)
		return update_row(store, &entry->tid, values, nulls);
	access_store_insert(store, values, nulls);
	return true;
}

void
access_store_refresh(Store *store)
{
	access_store_insert_pending(store);
	end_scans(store);
	if (store->snapshot != NULL)
		UnregisterSnapshot(store->snapshot);
	if (store->written)
		CommandCounterIncrement();
	store->written = false;
	store->snapshot = RegisterSnapshot(GetLatestSnapshot());
}

void
access_store_close(Store *store)
{
	access_store_insert_pending(store);
	end_scans(store);
	if (store->written)
		CommandCounterIncrement();
	UnregisterSnapshot(store->snapshot);
	ExecDropSingleTupleTableSlot(store->slot);
	access_store_end_inserts(store);
	index_close(store->key_index, NoLock);
	table_close(store->rel, NoLock);
	pfree(store);
}

/* ---- reading ---- */

void
access_store_set_key(Store *store, ScanKey key, int i, Datum value)
{
	ModelType  *types[2] = {model_key_type(store->table), model_principal(store->table)};
	Oid			collation = store->key_index->rd_indcollation[i];

	if (i < 2)
		ScanKeyEntryInitializeWithInfo(key, 0, (AttrNumber) (i + 1), BTEqualStrategyNumber, InvalidOid, collation,
									   &types[i]->eq_finfo, value);
	else
		ScanKeyInit(key, (AttrNumber) (i + 1), BTEqualStrategyNumber, i == 2 ? F_INT4EQ : F_CHAREQ, value);
}

void
access_store_find(Store *store, int n, const Datum *keys)
{
	ScanKeyData scankeys[STORE_KEYS];
	MemoryContext old = MemoryContextSwitchTo(store->cxt);

	if (store->scans[n] == NULL)
		store->scans[n] = relmeta_index_beginscan(store->rel, store->key_index, store->snapshot, n);
	for (int i = 0; i < n; i++)
		access_store_set_key(store, &scankeys[i], i, keys[i]);
	index_rescan(store->scans[n], scankeys, n, NULL, 0);
	store->scan = store->scans[n];
	MemoryContextSwitchTo(old);
}

void
access_store_find_all(Store *store)
{
	MemoryContext old = MemoryContextSwitchTo(store->cxt);

	if (store->all_scan != NULL)
		table_endscan(store->all_scan);
	store->all_scan = relmeta_beginscan(store->rel, store->snapshot);
	store->scan = NULL;
	MemoryContextSwitchTo(old);
}

bool
access_store_next(Store *store)
{
	/*
	 * a scan keeps what it allocates until it ends, wherever it is when it
	 * does so
	 */
	MemoryContext old = MemoryContextSwitchTo(store->cxt);
	bool		found;

	CHECK_FOR_INTERRUPTS();
	if (store->scan != NULL)
		found = index_getnext_slot(store->scan, ForwardScanDirection, store->slot);
	else
		found = table_scan_getnextslot(store->all_scan, ForwardScanDirection, store->slot);
	MemoryContextSwitchTo(old);
	return found;
}

bool
access_store_next_entry(Store *store, StoredEntry *entry)
{
	TupleTableSlot *slot = store->slot;

	if (!access_store_next(store))
		return false;
	slot_getsomeattrs(slot, ENTRY_MASK);
	entry->tid = slot->tts_tid;
	entry->object = slot->tts_values[ENTRY_OBJECT - 1];
	entry->principal = slot->tts_values[ENTRY_PRINCIPAL - 1];
	entry->relationship = DatumGetInt32(slot->tts_values[ENTRY_RELATIONSHIP - 1]);
	entry->cause = DatumGetChar(slot->tts_values[ENTRY_CAUSE - 1]);
	entry->mask = DatumGetInt32(slot->tts_values[ENTRY_MASK - 1]);
	return true;
}

bool
access_store_by_image(Store *store)
{
	return model_key_type(store->table)->by_image;
}

bool
access_store_all_cheaper(Store *store, int64 n)
{
	return access_all_cheaper(store->rel, n);
}

bool
access_all_cheaper(Relation rel, int64 n)
{
	Form_pg_class form = rel->rd_rel;
	double		pages = RelationGetNumberOfBlocks(rel);
	double		rows_per_page = form->relpages > 0 && form->reltuples >= 0 ?
	form->reltuples / form->relpages : ROWS_PER_PAGE;

	return n * PROBE_COST > pages * (PAGE_COST + rows_per_page);
}
