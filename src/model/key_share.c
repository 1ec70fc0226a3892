/*
 * key_share.c
 *		Does this transaction hold a row FOR KEY SHARE, as others rely on it?
 *
 * Whoever holds a row FOR KEY SHARE should know that nobody holds it FOR UPDATE meanwhile.  PostgreSQL grants both
 * together, though (to 18 at least; heap_lock_tuple()): who asks for FOR KEY SHARE looks at the row, lets go of its
 * page, if the row is being changed waits for locks on the newer version, and then looks again, whether the row was
 * changed since.  That it was locked FOR UPDATE since goes unnoticed, and so does another change after that one was
 * rolled back, whose version he has not locked: its maker will lock it FOR UPDATE by and by.  So it comes to pass
 * whenever two wait for a transaction that has changed the row and locked it FOR UPDATE, as an assign does, and it
 * is rolled back.
 *
 * The other way round nothing goes wrong: who asks for FOR UPDATE waits for whoever holds FOR KEY SHARE on the
 * version that he asks for.  Therefore it is enough that the holder of FOR KEY SHARE looks once more, after he got
 * it: at who else is there, and whether he is on the newest version too.
 */
#include "relmeta.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/multixact.h"
#include "access/transam.h"
#include "access/xact.h"
#include "model/key_share.h"
#include "storage/bufmgr.h"
#include "storage/procarray.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* Who is at a version of a row. */
typedef struct Holders
{
	bool		ours;
	TransactionId rival;		/* has it FOR UPDATE, or has deleted it or
								 * changed its key; else invalid */
	TransactionId updater;		/* has made a newer version of the same key;
								 * else invalid */
} Holders;

/* Copies the header of the version at tid; false when there is nothing any more. */
static bool
read_version(Relation rel, ItemPointer tid, HeapTupleHeader version)
{
	Buffer		buffer = ReadBuffer(rel, ItemPointerGetBlockNumber(tid));
	OffsetNumber offset = ItemPointerGetOffsetNumber(tid);
	Page		page;
	bool		found;

	LockBuffer(buffer, BUFFER_LOCK_SHARE);
	page = BufferGetPage(buffer);
	found = offset <= PageGetMaxOffsetNumber(page) && ItemIdIsNormal(PageGetItemId(page, offset));
	if (found)
		memcpy(version, PageGetItem(page, PageGetItemId(page, offset)), SizeofHeapTupleHeader);
	UnlockReleaseBuffer(buffer);
	return found;
}

/* How the one transaction in a version's xmax is there. */
static MultiXactStatus
single_status(HeapTupleHeader version)
{
	uint16		infomask = version->t_infomask;
	bool		keys = (version->t_infomask2 & HEAP_KEYS_UPDATED) != 0;

	if (!HEAP_XMAX_IS_LOCKED_ONLY(infomask))
		return keys ? MultiXactStatusUpdate : MultiXactStatusNoKeyUpdate;
	if (HEAP_XMAX_IS_KEYSHR_LOCKED(infomask))
		return MultiXactStatusForKeyShare;
	if (HEAP_XMAX_IS_SHR_LOCKED(infomask))
		return MultiXactStatusForShare;
	return keys ? MultiXactStatusForUpdate : MultiXactStatusForNoKeyUpdate;
}

/* Was a transaction running when the snapshot was taken, and has not been rolled back since? */
static bool
matters(TransactionId xid, Snapshot snapshot)
{
	return XidInMVCCSnapshot(xid, snapshot) && (TransactionIdIsInProgress(xid) || TransactionIdDidCommit(xid));
}

static void
add_holder(Holders *holders, TransactionId xid, MultiXactStatus status, Snapshot snapshot)
{
	if (TransactionIdIsCurrentTransactionId(xid))
		holders->ours = true;
	else if (status == MultiXactStatusForUpdate || status == MultiXactStatusUpdate)
	{
		if (matters(xid, snapshot))
			holders->rival = xid;
	}
	else if (status == MultiXactStatusNoKeyUpdate && matters(xid, snapshot))
		holders->updater = xid;
}

static void
read_holders(HeapTupleHeader version, Snapshot snapshot, Holders *holders)
{
	TransactionId xmax = HeapTupleHeaderGetRawXmax(version);
	MultiXactMember *members;
	int			n;

	memset(holders, 0, sizeof(Holders));
	if ((version->t_infomask & HEAP_XMAX_INVALID) != 0 || HEAP_LOCKED_UPGRADED(version->t_infomask))
		return;
	if ((version->t_infomask & HEAP_XMAX_IS_MULTI) == 0)
	{
		add_holder(holders, xmax, single_status(version), snapshot);
		return;
	}
	n = GetMultiXactIdMembers(xmax, &members, false, HEAP_XMAX_IS_LOCKED_ONLY(version->t_infomask));
	for (int i = 0; i < n; i++)
		add_holder(holders, members[i].xid, members[i].status, snapshot);
	if (n > 0)
		pfree(members);
}

KeyShare
model_key_share(Relation rel, ItemPointer tid, Snapshot snapshot, TransactionId *other, bool *newest)
{
	ItemPointerData at = *tid;
	TransactionId maker = InvalidTransactionId; /* of a version that the
												 * snapshot does not see */

	*newest = false;
	/* another access method has faults of its own */
	if (rel->rd_tableam != GetHeapamTableAmRoutine())
		return KEY_SHARE_HELD;
	for (;;)
	{
		HeapTupleHeaderData version;
		Holders		holders;
		bool		found = read_version(rel, &at, &version);

		*other = maker;
		if (!TransactionIdIsValid(maker))
		{
			if (!found)
				return KEY_SHARE_MISSING;
			/* whoever wants a version of ours waits for us */
			if (TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(&version)))
			{
				*newest = true;
				return KEY_SHARE_HELD;
			}
		}
		else if (!found || !TransactionIdEquals(HeapTupleHeaderGetXmin(&version), maker))
			return KEY_SHARE_DISPUTED;	/* he has just given up */
		read_holders(&version, snapshot, &holders);
		if (!holders.ours)
			return TransactionIdIsValid(maker) ? KEY_SHARE_DISPUTED : KEY_SHARE_MISSING;
		if (TransactionIdIsValid(holders.rival))
		{
			*other = holders.rival;
			return KEY_SHARE_DISPUTED;
		}
		if (!TransactionIdIsValid(holders.updater))
		{
			*newest = !TransactionIdIsValid(maker);
			return KEY_SHARE_HELD;
		}
		maker = holders.updater;
		at = version.t_ctid;
	}
}
