/*
 * fetch.c
 *		Rows by their keys without a statement: a few by the primary key, as for the
 *		statements of an application that touch one row; many out of the whole table.
 *
 * An executor's start and end cost more than the row, and each of many rows costs an executor more than its lock.  The
 * rows are read and locked as a statement of the table's owner would, which needs no privilege of his to be looked up.
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/store.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "model/key.h"
#include "rows/candidate.h"
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

/* Locks the row at tid; false when it is gone, or has another key by now. */
static bool
lock_row(Fetching *fetching, ItemPointerData tid, Datum key)
{
	bool		moved;

	return rows_lock_version(fetching->rel, fetching->snapshot, &tid, fetching->slot, fetching->lock, &moved) &&
		(!moved || model_key_equal(fetching->table, model_key_of_row(fetching->table, fetching->slot), key));
}

void
rows_look(RowSet *rows, Relation rel, ItemPointer tid, Snapshot snapshot)
{
	TransactionId other;
	bool		newest;

	switch (model_key_share(rel, tid, snapshot, &other, &newest))
	{
		case KEY_SHARE_HELD:
			rows->changing |= !newest;
			break;
		case KEY_SHARE_MISSING:
			rows->missing = true;
			break;
		case KEY_SHARE_DISPUTED:
			rows->rival = other;
			break;
	}
}

/* Is a row locked after it was found?  With ROW_ATTACHED it is only looked at how it is held. */
static bool
locks(Fetching *fetching)
{
	return fetching->lock != ROW_UNLOCKED && fetching->lock != ROW_ATTACHED;
}

/* Keeps the row in the slot, which is number number of those that are asked for. */
static void
take_row(Fetching *fetching, int number)
{
	ModelTable *table = fetching->table;
	ModelType  *owner = &table->owner.type;
	RowSet	   *rows = fetching->rows;
	NullableDatum *owned;
	Datum		value;

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

/* ---- a few, by the primary key ---- */

static void
fetch_row(Fetching *fetching, int number, Datum key)
{
	ModelTable *table = fetching->table;
	ScanKeyData scankeys[MODEL_KEY_COLUMNS];

	model_columns_scan(&table->key, table, fetching->scan->indexRelation, key, scankeys);
	index_rescan(fetching->scan, scankeys, model_columns_count(&table->key), NULL, 0);
	if (!index_getnext_slot(fetching->scan, ForwardScanDirection, fetching->slot))
		return;
	if (!locks(fetching) || lock_row(fetching, fetching->slot->tts_tid, key))
		take_row(fetching, number);
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

static bool
fetch_by_index(Fetching *fetching, DatumSet *asked)
{
	Relation	index = model_key_open_index(fetching->table, fetching->rel);
	int			order[PLAN_FEW_ROWS];

	if (index == NULL)
		return false;
	fetching->scan = relmeta_index_beginscan(fetching->rel, index, fetching->snapshot,
											 model_columns_count(&fetching->table->key));
	sort_numbers(asked, order);
	for (int i = 0; i < asked->count; i++)
		fetch_row(fetching, order[i], asked->values[order[i]]);
	index_endscan(fetching->scan);
	index_close(index, NoLock);
	return true;
}

/* ---- many, out of all ---- */

/* Are there so many that reading the whole table is cheaper?  They are told apart by their images then. */
static bool
reads_all(Fetching *fetching, DatumSet *asked)
{
	return asked->type->by_image && access_all_cheaper(fetching->rel, asked->count);
}

/* False: there are too many to be locked, and none has been. */
static bool
fetch_from_all(Fetching *fetching, DatumSet *asked)
{
	TableScanDesc scan = relmeta_beginscan(fetching->rel, fetching->snapshot);
	Candidates	candidates;
	bool		all = true;

	rows_candidates_begin(&candidates, fetching->table);
	rows_set_reserve(fetching->rows->owners->keys, asked->count);
	while (all && table_scan_getnextslot(scan, ForwardScanDirection, fetching->slot))
	{
		int			number = rows_set_find(asked, model_key_of_row(fetching->table, fetching->slot));

		CHECK_FOR_INTERRUPTS();
		if (number >= 0 && locks(fetching))
			all = rows_candidates_add(&candidates, fetching->slot, number);
		else if (number >= 0)
			take_row(fetching, number);
	}
	table_endscan(scan);
	if (!all)
		return false;
	rows_candidates_sort(&candidates);
	for (int i = 0; i < candidates.n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (lock_row(fetching, candidates.rows[i].tid, candidates.rows[i].key))
			take_row(fetching, candidates.rows[i].number);
	}
	return true;
}

bool
rows_fetch(ModelTable *table, DatumSet *asked, RowLock lock, Snapshot snapshot, RowSet *rows)
{
	Fetching	fetching = {table, lock, rows};
	LOCKMODE	mode = lock == ROW_UNLOCKED ? AccessShareLock : RowShareLock;
	bool		few = asked->count <= PLAN_FEW_ROWS;
	bool		done = false;

	if (table->is_partitioned)
		return false;
	if (lock != ROW_UNLOCKED)
		PreventCommandIfReadOnly("a row lock");
	fetching.rel = relmeta_relation_open(table->relid, mode);
	model_table_check_columns(table, fetching.rel);
	if (few || reads_all(&fetching, asked))
	{
		CommandCounterIncrement();
		fetching.snapshot = RegisterSnapshot(snapshot != NULL ? snapshot : GetLatestSnapshot());
		fetching.slot = table_slot_create(fetching.rel, NULL);
		done = few ? fetch_by_index(&fetching, asked) : fetch_from_all(&fetching, asked);
		ExecDropSingleTupleTableSlot(fetching.slot);
		UnregisterSnapshot(fetching.snapshot);
	}
	table_close(fetching.rel, NoLock);
	return done;
}
