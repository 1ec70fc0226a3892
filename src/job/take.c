/*
 * take.c
 *		Finds inherited entries, and takes them; see take.h.
 *
 * What was inherited from them below is the cascades' work (cascade/loss.c).
 */
#include "job/internal.h"

#include "access/table.h"
#include "access/tableam.h"
#include "executor/tuptable.h"
#include "job/take.h"
#include "miscadmin.h"
#include "model/key.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* ---- finding ---- */

void
job_find_entries(ModelRelationship *relationship, const char *causes, ItemPointer from, int limit, Found *found)
{
	ModelTable *table = relationship->related;
	Relation	rel = table_open(table->entry_relid, RowExclusiveLock);
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	TableScanDesc scan;
	ItemPointerData last;
	bool		isnull;

	ItemPointerSet(&last, MaxBlockNumber, MaxOffsetNumber);
	scan = relmeta_beginscan_tidrange(rel, snapshot, from, &last);
	found->n = 0;
	found->objects = rows_set_make(model_key_type(table));
	found->at_end = true;
	while (table_scan_getnextslot_tidrange(scan, ForwardScanDirection, slot))
	{
		CHECK_FOR_INTERRUPTS();
		if (DatumGetInt32(slot_getattr(slot, ENTRY_RELATIONSHIP, &isnull)) != relationship->id ||
			strchr(causes, DatumGetChar(slot_getattr(slot, ENTRY_CAUSE, &isnull))) == NULL)
			continue;
		rows_set_add(found->objects, slot_getattr(slot, ENTRY_OBJECT, &isnull));
		if (++found->n == limit)
		{
			ItemPointerSet(from, ItemPointerGetBlockNumber(&slot->tts_tid),
						   OffsetNumberNext(ItemPointerGetOffsetNumber(&slot->tts_tid)));
			found->at_end = false;
			break;
		}
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	UnregisterSnapshot(snapshot);
	table_close(rel, NoLock);
}

/* ---- taking ---- */

typedef struct Taking
{
	Effects    *effects;
	ModelRelationship *relationship;
	const char *causes;
	Store	   *store;
	Holders    *holders;		/* by row: before what was taken, after what
								 * is left, by any entry; part of that: by
								 * inherited ones */
	int64		taken;			/* entries */
} Taking;

static void
take_entry(StoredEntry *entry, int row, void *arg)
{
	Taking	   *taking = arg;
	Holder	   *holder = inherit_holder(&taking->holders[row], model_principal(taking->relationship->related),
										entry->principal);

	if (entry->relationship == taking->relationship->id && strchr(taking->causes, entry->cause) != NULL)
	{
		if (!access_store_set_mask(taking->store, entry, 0))
			return;
		holder->before |= entry->mask;
		taking->taken++;
		return;
	}
	holder->after |= entry->mask;
	if (entry->cause != CAUSE_DIRECT)
		holder->part |= entry->mask;
}

int64
job_take_entries(Effects *effects, ModelRelationship *relationship, const char *causes, DatumSet *objects)
{
	ModelTable *table = relationship->related;
	Taking		taking = {effects, relationship, causes, inherit_effects_store(effects, table)};
	RowSet	   *rows = NULL;

	/*
	 * rows that give something are locked before their entries are taken:
	 * nobody inherits these meanwhile
	 */
	if (model_as_primary(table) != NIL)
		rows = rows_get(table, objects, ROW_UPDATE);
	taking.holders = MemoryContextAllocExtended(CurrentMemoryContext, Max(objects->count, 1) * sizeof(Holders),
												MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	access_store_refresh(taking.store);
	inherit_entries_each(taking.store, objects, take_entry, &taking);
	for (int row = 0; row < objects->count; row++)
	{
		for (Holder *holder = taking.holders[row].first; holder != NULL; holder = holder->next)
		{
			int32		lost = holder->before & ~holder->after;

			if ((holder->before & ~holder->part) != 0)
				inherit_effects_shrunk(effects, table, objects->values[row], holder->principal,
									   holder->part != 0);
			if (rows != NULL && rows_owns(table, rows, rows->found[row], holder->principal))
				lost &= ~RIGHTS_ALL;
			if (rows != NULL)
				inherit_effects_lost(effects, table, LOSS_NET, objects->values[row], holder->principal, lost);
		}
	}
	return taking.taken;
}
