/*
 * store_hold.c
 *		Holding entries as they are, for whoever gives on what they say.
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/skey.h"
#include "access/store.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* Locks the entries that hold() looks at; InvalidTransactionId, or whom to wait for before looking again. */
static TransactionId
hold_once(Store *store, Datum *keys, int32 *mask, bool *again)
{
	TM_FailureData failure;
	SnapshotData dirty;
	ScanKeyData scankeys[2];
	IndexScanDesc scan;
	TransactionId holder = InvalidTransactionId;
	bool		isnull;

	InitDirtySnapshot(dirty);
	*mask = 0;
	*again = false;
	for (int i = 0; i < 2; i++)
		access_store_set_key(store, &scankeys[i], i, keys[i]);
	scan = relmeta_index_beginscan(store->rel, store->key_index, &dirty, 2);
	index_rescan(scan, scankeys, 2, NULL, 0);
	while (!*again && index_getnext_slot(scan, ForwardScanDirection, store->slot))
	{
		ItemPointerData tid = store->slot->tts_tid;

		if (TransactionIdIsValid(dirty.xmin))
			continue;
		if (TransactionIdIsValid(dirty.xmax))
		{
			holder = dirty.xmax;
			*again = true;
			break;
		}
		switch (table_tuple_lock(store->rel, &tid, store->snapshot, store->slot, GetCurrentCommandId(true),
								 LockTupleShare, LockWaitBlock, 0, &failure))
		{
			case TM_Ok:
				*mask |= DatumGetInt32(slot_getattr(store->slot, ENTRY_MASK, &isnull));
				break;
			case TM_SelfModified:
				break;
			default:
				*again = true;
		}
	}
	index_endscan(scan);
	ExecClearTuple(store->slot);
	return holder;
}

int32
access_store_hold(Store *store, Datum object, Datum principal)
{
	Datum		keys[2] = {object, principal};
	int32		mask;
	bool		again;

	access_store_refresh(store);
	do
	{
		TransactionId holder = hold_once(store, keys, &mask, &again);

		if (TransactionIdIsValid(holder))
			XactLockTableWait(holder, NULL, NULL, XLTW_None);
		CHECK_FOR_INTERRUPTS();
	} while (again);
	return mask;
}
