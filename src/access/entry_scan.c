/*
 * entry_scan.c
 *		The entries of the principals of a statement; see entry_scan.h.
 *
 * The index holds all that is asked for, so that the table is looked at only for pages that are not
 * known to be visible to all, as an index-only scan does.
 */
#include "relmeta.h"

#include "access/entry_scan.h"
#include "access/genam.h"
#include "access/skey.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/visibilitymap.h"
#include "miscadmin.h"
#include "model/key.h"
#include "storage/bufmgr.h"
#include "storage/predicate.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/resowner.h"

struct EntryScan
{
	Predicate  *predicate;
	MemoryContext cxt;
	ResourceOwner owner;
	Relation	rel;
	Relation	index;
	IndexScanDesc scan;
	TupleTableSlot *slot;
	Buffer		vmbuffer;
	int			principal;		/* that is being read */
	bool		positioned;		/* on one of its entries */
};

/* That index, open. */
static Relation
open_principal_index(Relation rel)
{
	ListCell   *lc;

	foreach(lc, RelationGetIndexList(rel))
	{
		Relation	index = index_open(lfirst_oid(lc), AccessShareLock);
		Form_pg_index form = index->rd_index;

		if (form->indisvalid && form->indnatts == 3 && form->indnkeyatts == 2 &&
			form->indkey.values[0] == ENTRY_PRINCIPAL && form->indkey.values[1] == ENTRY_OBJECT &&
			form->indkey.values[2] == ENTRY_MASK && index->rd_indpred == NIL)
			return index;
		index_close(index, AccessShareLock);
	}
	return NULL;
}

EntryScan *
access_entry_scan_open(Predicate *predicate, Snapshot snapshot, bool all)
{
	Relation	rel = access_entries_open(predicate->table, AccessShareLock);
	Relation	index = rel ? open_principal_index(rel) : NULL;
	EntryScan  *scan;

	if (index == NULL)
	{
		if (rel != NULL)
			table_close(rel, AccessShareLock);
		return NULL;
	}
	scan = palloc0(sizeof(EntryScan));
	scan->predicate = predicate;
	scan->cxt = CurrentMemoryContext;
	scan->owner = CurrentResourceOwner;
	scan->rel = rel;
	scan->index = index;
	scan->slot = table_slot_create(rel, NULL);
	scan->vmbuffer = InvalidBuffer;
	scan->scan = relmeta_index_beginscan(rel, index, snapshot, all ? 1 : 2);
	scan->scan->xs_want_itup = true;
	return scan;
}

void
access_entry_scan_close(EntryScan *scan)
{
	ResourceOwner current = CurrentResourceOwner;
	LOCKMODE	closing = AccessShareLock;

	CurrentResourceOwner = scan->owner;
	ExecDropSingleTupleTableSlot(scan->slot);
	if (scan->vmbuffer != InvalidBuffer)
		ReleaseBuffer(scan->vmbuffer);
	index_endscan(scan->scan);

	/*
	 * the locks stay until the transaction ends, as those of the statement's
	 * own tables; not those of somebody who has called a policy's function
	 */
	if (access_may_lock(scan->predicate->table->relid))
		closing = NoLock;
	index_close(scan->index, closing);
	table_close(scan->rel, closing);
	CurrentResourceOwner = current;
}

/* Entries of one principal, of one row if a key is given. */
static void
position(EntryScan *scan, Datum principal, const Datum *key)
{
	ModelTable *table = scan->predicate->table;
	MemoryContext old = MemoryContextSwitchTo(scan->cxt);
	ScanKeyData keys[2];

	access_equality(&keys[0], 1, model_principal(table), scan->index->rd_indcollation[0], principal);
	if (key != NULL)
		access_equality(&keys[1], 2, model_key_type(table), scan->index->rd_indcollation[1], *key);
	index_rescan(scan->scan, keys, key != NULL ? 2 : 1, NULL, 0);
	MemoryContextSwitchTo(old);
}

/* Is the index's tuple that of a row that the snapshot sees? */
static bool
is_visible(EntryScan *scan, ItemPointer tid)
{
	if (VM_ALL_VISIBLE(scan->rel, ItemPointerGetBlockNumber(tid), &scan->vmbuffer))
	{
		PredicateLockPage(scan->rel, ItemPointerGetBlockNumber(tid), scan->scan->xs_snapshot);
		return true;
	}
	return index_fetch_heap(scan->scan, scan->slot);
}

/*
 * The scan's next entry, which the snapshot may not see: its row's key, and the mask or 0.  An access method may
 * allocate at any time what it keeps to the scan's end.
 */
static bool
next_entry(EntryScan *scan, Datum *key, int32 *mask)
{
	MemoryContext old = MemoryContextSwitchTo(scan->cxt);
	ItemPointer tid = index_getnext_tid(scan->scan, ForwardScanDirection);
	bool		isnull;

	*mask = 0;
	if (tid != NULL && is_visible(scan, tid))
	{
		*key = index_getattr(scan->scan->xs_itup, 2, scan->scan->xs_itupdesc, &isnull);
		*mask = DatumGetInt32(index_getattr(scan->scan->xs_itup, 3, scan->scan->xs_itupdesc, &isnull));
	}
	MemoryContextSwitchTo(old);
	return tid != NULL;
}

bool
access_entry_scan_holds(EntryScan *scan, int32 right, Datum key)
{
	Predicate  *predicate = scan->predicate;
	Datum		object;
	int32		mask;
	int32		held = 0;

	/* each to its end, so that no page stays pinned */
	for (int i = 0; i < predicate->nprincipals && (held & right) == 0; i++)
	{
		position(scan, predicate->principals[i], &key);
		while (next_entry(scan, &object, &mask))
			held |= mask;
	}
	ExecClearTuple(scan->slot);
	return (held & right) != 0;
}

bool
access_entry_scan_next(EntryScan *scan, int32 right, int64 *budget, Datum *key)
{
	Predicate  *predicate = scan->predicate;
	int32		mask;

	while (scan->principal < predicate->nprincipals && *budget > 0)
	{
		CHECK_FOR_INTERRUPTS();
		if (!scan->positioned)
			position(scan, predicate->principals[scan->principal], NULL);
		scan->positioned = true;
		(*budget)--;
		if (!next_entry(scan, key, &mask))
		{
			scan->positioned = false;
			scan->principal++;
			ExecClearTuple(scan->slot);
		}
		else if (mask != 0 && (right == 0 || (mask & right) != 0))
			return true;
	}
	return false;
}

bool
access_entry_scan_ended(EntryScan *scan)
{
	return scan->principal >= scan->predicate->nprincipals;
}
