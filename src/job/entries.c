/*
 * entries.c
 *		Reads and deletes entries for the jobs; see entries.h.
 *
 * Nothing here runs a function that a user could have made: what compares keys
 * belongs to an operator class, which only superusers make.
 */
#include "job/internal.h"

#include "access/genam.h"
#include "access/nbtree.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "executor/tuptable.h"
#include "job/entries.h"
#include "miscadmin.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* so many entries of other rows are passed over before the index is descended again */
#define SKIP_ENTRIES 16

void
job_entries_open(Entries *entries, ModelTable *table)
{
	entries->table = table;
	entries->rel = table_open(table->entry_relid, RowExclusiveLock);
	list_free(RelationGetIndexList(entries->rel));
	if (!OidIsValid(entries->rel->rd_pkindex))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("entry table %s has no primary key", table->entry_sql),
				 errhint("Make it again: PRIMARY KEY (object, principal, relationship, cause).")));
	entries->index = index_open(entries->rel->rd_pkindex, RowExclusiveLock);
}

void
job_entries_close(Entries *entries)
{
	index_close(entries->index, NoLock);
	table_close(entries->rel, NoLock);
}

static int
compare(Entries *entries, AttrNumber column, Datum a, Datum b)
{
	return DatumGetInt32(FunctionCall2Coll(index_getprocinfo(entries->index, column, BTORDER_PROC),
										   entries->index->rd_indcollation[column - 1], a, b));
}

int
job_entries_compare_keys(Entries *entries, Datum a, Datum b)
{
	return compare(entries, ENTRY_OBJECT, a, b);
}

int
job_entries_compare_principals(Entries *entries, Datum a, Datum b)
{
	return compare(entries, ENTRY_PRINCIPAL, a, b);
}

/* ---- in physical order ---- */

void
job_entries_find(Entries *entries, int relationship, const char *causes, ItemPointer from, int limit, Found *found)
{
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	TupleTableSlot *slot = table_slot_create(entries->rel, NULL);
	TableScanDesc scan;
	ItemPointerData last;
	bool		isnull;

	ItemPointerSet(&last, MaxBlockNumber, MaxOffsetNumber);
	scan = relmeta_beginscan_tidrange(entries->rel, snapshot, from, &last);
	found->n = 0;
	found->objects = cascade_datumset_make(&entries->table->key.type);
	found->at_end = true;
	while (table_scan_getnextslot_tidrange(scan, ForwardScanDirection, slot))
	{
		if (DatumGetInt32(slot_getattr(slot, ENTRY_RELATIONSHIP, &isnull)) != relationship ||
			strchr(causes, DatumGetChar(slot_getattr(slot, ENTRY_CAUSE, &isnull))) == NULL)
			continue;
		cascade_datumset_add(found->objects, slot_getattr(slot, ENTRY_OBJECT, &isnull));
		CHECK_FOR_INTERRUPTS();
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
}

/* ---- along the primary key ---- */

/* a visit that is under way */
typedef struct Visit
{
	Entries    *entries;
	int			nkeys;
	const Datum *keys;
	EntryVisitor visitor;
	void	   *arg;
	IndexScanDesc scan;
	EntryGroup	group;			/* n = 0: none is open */
	int			capacity;		/* of group.entries */
	Datum		principal;		/* the group's, a copy */
	bool		have_principal;
} Visit;

/* Goes to the first entry of a key or behind it. */
static void
descend(Visit *visit, Datum key)
{
	Relation	index = visit->entries->index;
	Oid			type = index->rd_opcintype[0];
	Oid			operator = get_opfamily_member(index->rd_opfamily[0], type, type, BTGreaterEqualStrategyNumber);
	ScanKeyData scankey;

	ScanKeyEntryInitialize(&scankey, 0, ENTRY_OBJECT, BTGreaterEqualStrategyNumber, InvalidOid,
						   index->rd_indcollation[0], get_opcode(operator), key);
	index_rescan(visit->scan, &scankey, 1, NULL, 0);
}

static void
group_end(Visit *visit)
{
	if (visit->group.n > 0)
		visit->visitor(&visit->group, visit->arg);
	visit->group.n = 0;
}

/* Opens a group.  Most rows are shared with the same principals: a copy is made for a new one only. */
static void
group_begin(Visit *visit, int row, Datum principal)
{
	ModelType  *type = &visit->entries->table->principal;

	if (!visit->have_principal || !datum_image_eq(visit->principal, principal, type->typbyval, type->typlen))
	{
		if (visit->have_principal && !type->typbyval)
			pfree(DatumGetPointer(visit->principal));
		visit->principal = datumCopy(principal, type->typbyval, type->typlen);
		visit->have_principal = true;
	}
	visit->group.row = row;
	visit->group.object = visit->keys[row];
	visit->group.principal = visit->principal;
}

static bool
in_group(Visit *visit, int row, Datum principal)
{
	ModelType  *type = &visit->entries->table->principal;

	return visit->group.n > 0 && visit->group.row == row &&
		(datum_image_eq(visit->principal, principal, type->typbyval, type->typlen) ||
		 job_entries_compare_principals(visit->entries, visit->principal, principal) == 0);
}

static void
visit_entry(Visit *visit, int row, TupleTableSlot *slot)
{
	bool		isnull;
	Datum		principal = slot_getattr(slot, ENTRY_PRINCIPAL, &isnull);
	Entry	   *entry;

	if (!in_group(visit, row, principal))
	{
		group_end(visit);
		group_begin(visit, row, principal);
	}
	if (visit->group.n == visit->capacity)
	{
		visit->capacity *= 2;
		visit->group.entries = repalloc(visit->group.entries, visit->capacity * sizeof(Entry));
	}
	entry = &visit->group.entries[visit->group.n++];
	entry->tid = slot->tts_tid;
	entry->relationship = DatumGetInt32(slot_getattr(slot, ENTRY_RELATIONSHIP, &isnull));
	entry->cause = DatumGetChar(slot_getattr(slot, ENTRY_CAUSE, &isnull));
	entry->mask = entry->left = DatumGetInt32(slot_getattr(slot, ENTRY_MASK, &isnull));
}

/* Both the index and the keys are in order: they are gone along side by side. */
static void
visit_all(Visit *visit, TupleTableSlot *slot)
{
	int			row = 0;
	int			passed = 0;

	descend(visit, visit->keys[0]);
	while (index_getnext_slot(visit->scan, ForwardScanDirection, slot))
	{
		bool		isnull;
		Datum		object = slot_getattr(slot, ENTRY_OBJECT, &isnull);
		int			order;

		CHECK_FOR_INTERRUPTS();
		while ((order = job_entries_compare_keys(visit->entries, object, visit->keys[row])) > 0)
		{
			if (++row == visit->nkeys)
				return;
			passed = 0;
		}
		if (order == 0)
			visit_entry(visit, row, slot);
		else if (++passed > SKIP_ENTRIES)
		{
			descend(visit, visit->keys[row]);
			passed = 0;
		}
	}
}

void
job_entries_visit(Entries *entries, Snapshot snapshot, int nkeys, const Datum *keys, EntryVisitor visitor, void *arg)
{
	Visit		visit = {.entries = entries, .nkeys = nkeys, .keys = keys, .visitor = visitor, .arg = arg};
	TupleTableSlot *slot;

	if (nkeys == 0)
		return;
	slot = table_slot_create(entries->rel, NULL);
	visit.capacity = 8;
	visit.group.entries = palloc(visit.capacity * sizeof(Entry));
	visit.scan = relmeta_index_beginscan(entries->rel, entries->index, snapshot, 1);
	visit_all(&visit, slot);
	group_end(&visit);
	index_endscan(visit.scan);
	ExecDropSingleTupleTableSlot(slot);
}

/* ---- deleting ---- */

bool
job_entries_have_triggers(Entries *entries)
{
	return entries->rel->trigdesc != NULL;
}

EntryGone
job_entries_delete(Entries *entries, Snapshot snapshot, ItemPointer tid)
{
	TM_FailureData failure;

	switch (table_tuple_delete(entries->rel, tid, GetCurrentCommandId(true), snapshot, InvalidSnapshot, true,
							   &failure, false))
	{
		case TM_Ok:
			return ENTRY_DELETED;
		case TM_Deleted:
			return ENTRY_WAS_GONE;
		case TM_Updated:
			return ENTRY_CHANGED;
		default:
			elog(ERROR, "unexpected state of entry (%u,%u) of %s", ItemPointerGetBlockNumber(tid),
				 ItemPointerGetOffsetNumber(tid), entries->table->entry_sql);
			return ENTRY_WAS_GONE;
	}
}
