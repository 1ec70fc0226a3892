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

/* Is the entry in the slot one of those? */
static bool
is_wanted(TupleTableSlot *slot, ModelRelationship *relationship, const char *causes)
{
	slot_getsomeattrs(slot, ENTRY_CAUSE);
	return DatumGetInt32(slot->tts_values[ENTRY_RELATIONSHIP - 1]) == relationship->id &&
		strchr(causes, DatumGetChar(slot->tts_values[ENTRY_CAUSE - 1])) != NULL;
}

/* Mostly the principal is that of the entry before. */
static void
add_principal(DatumSet *principals, Datum principal)
{
	if (principals->count == 0 ||
		!model_type_equal(principals->type, principals->values[principals->count - 1], principal))
		rows_set_add(principals, principal);
}

void
job_find_entries(ModelRelationship *relationship, const char *causes, ItemPointer from, int limit, Found *found)
{
	ModelTable *table = relationship->related;
	Relation	rel = table_open(table->entry_relid, RowExclusiveLock);
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	TableScanDesc scan;
	ItemPointerData last;

	ItemPointerSet(&last, MaxBlockNumber, MaxOffsetNumber);
	scan = relmeta_beginscan_tidrange(rel, snapshot, from, &last);
	found->n = 0;
	found->objects = rows_set_make(model_key_type(table));
	found->principals = rows_set_make(model_principal(table));
	found->at_end = true;
	while (found->at_end && table_scan_getnextslot_tidrange(scan, ForwardScanDirection, slot))
	{
		CHECK_FOR_INTERRUPTS();
		if (!is_wanted(slot, relationship, causes))
			continue;
		if (found->n == limit)
		{
			found->at_end = false;
			continue;
		}
		rows_set_add(found->objects, slot->tts_values[ENTRY_OBJECT - 1]);
		add_principal(found->principals, slot->tts_values[ENTRY_PRINCIPAL - 1]);
		if (++found->n == limit)
			ItemPointerSet(from, ItemPointerGetBlockNumber(&slot->tts_tid),
						   OffsetNumberNext(ItemPointerGetOffsetNumber(&slot->tts_tid)));
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
	bool		has_principal;
	Datum		principal;		/* of the holder that was made last */
	int64		taken;			/* entries */
} Taking;

/* What the entry's principal holds on its row.  Mostly all entries are of one, of whom one copy does. */
static Holder *
holder_of(Taking *taking, Holders *holders, Datum principal)
{
	ModelType  *type = model_principal(taking->relationship->related);
	Holder	   *holder = inherit_holder_find(holders, type, principal);

	if (holder != NULL)
		return holder;
	if (taking->has_principal && model_type_equal(type, taking->principal, principal))
		return inherit_holder_add(holders, type, taking->principal);
	holder = inherit_holder(holders, type, principal);
	taking->principal = holder->principal;
	taking->has_principal = true;
	return holder;
}

static void
take_entry(StoredEntry *entry, int row, void *arg)
{
	Taking	   *taking = arg;
	Holder	   *holder = holder_of(taking, &taking->holders[row], entry->principal);

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
