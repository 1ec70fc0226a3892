/*
 * scan.c
 *		All rows of a table or a partition, without a statement: whose privileges,
 *		policies and functions there are does not matter then.
 */
#include "relmeta.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "rows/scan.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

static void
scan_relation(Oid relid, Snapshot snapshot, SlotReceiver receive, void *arg)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "relmeta row", ALLOCSET_SMALL_SIZES);
	Relation	rel = table_open(relid, AccessShareLock);
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	TableScanDesc scan = table_beginscan(rel, snapshot, 0, NULL);

	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		MemoryContext old = MemoryContextSwitchTo(scratch);

		CHECK_FOR_INTERRUPTS();
		receive(rel, slot, arg);
		MemoryContextSwitchTo(old);
		MemoryContextReset(scratch);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	table_close(rel, NoLock);
	MemoryContextDelete(scratch);
}

void
rows_scan_each(Oid relid, SlotReceiver receive, void *arg)
{
	Snapshot	snapshot;
	ListCell   *lc;

	CommandCounterIncrement();
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	foreach(lc, find_all_inheritors(relid, AccessShareLock, NULL))
	{
		if (get_rel_relkind(lfirst_oid(lc)) == RELKIND_RELATION)
			scan_relation(lfirst_oid(lc), snapshot, receive, arg);
	}
	UnregisterSnapshot(snapshot);
}
