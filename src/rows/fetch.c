/*
 * fetch.c
 *		A few rows by their keys without a statement: what rows_get() does
 *		for the statements of an application that touch one row.
 *
 * An executor's start and end cost more than the row.  The rows are read and locked
 * as a statement of the table's owner would, which needs no privilege of his to be
 * looked up.
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_am.h"
#include "model/key.h"
#include "rows/fetch.h"
#include "miscadmin.h"
#include "model/key_share.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/sortsupport.h"

typedef struct Fetching
{
	ModelTable *table;
	RowLock		lock;
	RowSet	   *rows;
	Relation	rel;
	Snapshot	snapshot;
	IndexScanDesc scan;
	TupleTableSlot *slot;
} Fetching;

static void
refuse_concurrent(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("could not serialize access due to concurrent update"),
			 errhint("Run the transaction again.")));
}

bool
rows_lock_version(Relation rel, Snapshot snapshot, ItemPointer tid, TupleTableSlot *slot, RowLock lock, bool *moved)
{
	static const LockTupleMode modes[] = {0, LockTupleKeyShare, LockTupleNoKeyExclusive, LockTupleExclusive, 0};
	uint8		flags = TUPLE_LOCK_FLAG_LOCK_UPDATE_IN_PROGRESS;
	TM_FailureData failure;

	if (!IsolationUsesXactSnapshot())
		flags |= TUPLE_LOCK_FLAG_FIND_LAST_VERSION;
	switch (table_tuple_lock(rel, tid, snapshot, slot, GetCurrentCommandId(true), modes[lock], LockWaitBlock,
							 flags, &failure))
	{
		case TM_Ok:
			*moved = failure.traversed;
			return true;
		case TM_Updated:
			refuse_concurrent();
			break;
		case TM_Deleted:
			if (IsolationUsesXactSnapshot())
				refuse_concurrent();
			return false;
		case TM_SelfModified:
			return false;
		default:
			break;
	}
	elog(ERROR, "unexpected result of a row lock");
	return false;
}

/* Locks the row in the slot; false when it is gone, or has another key by now. */
static bool
lock_row(Fetching *fetching, Datum key)
{
	ItemPointerData tid = fetching->slot->tts_tid;
	bool		moved;

	return rows_lock_version(fetching->rel, fetching->snapshot, &tid, fetching->slot, fetching->lock, &moved) &&
		(!moved || model_key_equal(fetching->table, model_key_of_row(fetching->table, fetching->slot), key));
}

void
rows_look(RowSet *rows, Relation rel, ItemPointer tid, Snapshot snapshot)
{
	TransactionId other;

	switch (model_key_share(rel, tid, snapshot, &other))
	{
		case KEY_SHARE_HELD:
			break;
		case KEY_SHARE_MISSING:
			rows->missing = true;
			break;
		case KEY_SHARE_DISPUTED:
			rows->rival = other;
			break;
	}
}

static void
fetch_row(Fetching *fetching, int number, Datum key)
{
	ModelTable *table = fetching->table;
	ModelType  *type = model_key_type(table);
	ModelType  *owner = &table->owner.type;
	RowSet	   *rows = fetching->rows;
	ScanKeyData scankey;
	NullableDatum *owned;
	Datum		value;

	ScanKeyEntryInitializeWithInfo(&scankey, 0, 1, BTEqualStrategyNumber, InvalidOid,
								   fetching->scan->indexRelation->rd_indcollation[0], &type->eq_finfo, key);
	index_rescan(fetching->scan, &scankey, 1, NULL, 0);
	if (!index_getnext_slot(fetching->scan, ForwardScanDirection, fetching->slot) ||
		(fetching->lock != ROW_UNLOCKED && fetching->lock != ROW_ATTACHED && !lock_row(fetching, key)))
		return;
	if (fetching->lock == ROW_KEY_SHARE || fetching->lock == ROW_ATTACHED)
		rows_look(rows, fetching->rel, &fetching->slot->tts_tid, fetching->snapshot);
	owned = rows_map_enter(rows->owners, model_key_of_row(table, fetching->slot), &rows->found[number]);
	owned->isnull = true;
	if (table->owner.name == NULL)
		return;
	value = slot_getattr(fetching->slot, table->owner.attnum, &owned->isnull);
	if (!owned->isnull)
		owned->value = datumCopy(value, owner->typbyval, owner->typlen);
}

/* The numbers of the keys, in the order of the keys. */
static void
sort_numbers(DatumSet *asked, int *order)
{
	SortSupportData sort = {0};

	sort.ssup_cxt = CurrentMemoryContext;
	sort.ssup_collation = asked->type->collation;
	if (asked->count > 1)
		PrepareSortSupportFromOrderingOp(asked->type->ltop, &sort);
	for (int i = 0; i < asked->count; i++)
	{
		int			at = i;

		for (; at > 0 && ApplySortComparator(asked->values[order[at - 1]], false, asked->values[i], false, &sort) > 0;
			 at--)
			order[at] = order[at - 1];
		order[at] = i;
	}
}

bool
rows_fetch(ModelTable *table, DatumSet *asked, RowLock lock, Snapshot snapshot, RowSet *rows)
{
	Fetching	fetching = {table, lock, rows};
	LOCKMODE	mode = lock == ROW_UNLOCKED ? AccessShareLock : RowShareLock;
	Relation	index;
	int			order[PLAN_FEW_ROWS];

	if (asked->count > PLAN_FEW_ROWS || table->is_partitioned)
		return false;
	if (lock != ROW_UNLOCKED)
		PreventCommandIfReadOnly("a row lock");
	fetching.rel = relmeta_relation_open(table->relid, mode);
	model_table_check_columns(table, fetching.rel);
	list_free(RelationGetIndexList(fetching.rel));
	index = OidIsValid(fetching.rel->rd_pkindex) ? index_open(fetching.rel->rd_pkindex, AccessShareLock) : NULL;
	if (index == NULL || index->rd_rel->relam != BTREE_AM_OID ||
		!op_in_opfamily(model_key_type(table)->eqop, index->rd_opfamily[0]))
	{
		if (index != NULL)
			index_close(index, AccessShareLock);
		table_close(fetching.rel, NoLock);
		return false;
	}

	CommandCounterIncrement();
	fetching.snapshot = RegisterSnapshot(snapshot != NULL ? snapshot : GetLatestSnapshot());
	fetching.slot = table_slot_create(fetching.rel, NULL);
	fetching.scan = relmeta_index_beginscan(fetching.rel, index, fetching.snapshot, 1);
	sort_numbers(asked, order);
	for (int i = 0; i < asked->count; i++)
		fetch_row(&fetching, order[i], asked->values[order[i]]);
	index_endscan(fetching.scan);
	ExecDropSingleTupleTableSlot(fetching.slot);
	UnregisterSnapshot(fetching.snapshot);
	index_close(index, NoLock);
	table_close(fetching.rel, NoLock);
	return true;
}
