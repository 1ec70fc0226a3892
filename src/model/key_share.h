/*
 * key_share.h
 *		Rows that this transaction holds FOR KEY SHARE, as others rely on it.
 */
#ifndef MODEL_KEY_SHARE_H
#define MODEL_KEY_SHARE_H

#include "relmeta.h"

#include "storage/itemptr.h"
#include "utils/relcache.h"
#include "utils/snapshot.h"

typedef enum KeyShare
{
	KEY_SHARE_HELD,				/* nobody else holds the row FOR UPDATE, nor
								 * will while we hold it */
	KEY_SHARE_MISSING,			/* we do not hold the row: lock it */
	KEY_SHARE_DISPUTED			/* somebody else was there before us: wait for
								 * him, and read the row again */
} KeyShare;

/*
 * How do we hold the row whose version at tid a snapshot of now sees?  A lock that was granted is not enough, see the
 * .c file.  For KEY_SHARE_DISPUTED *other is who to wait for with XactLockTableWait().  What the row says was read by
 * that snapshot, or later.  *newest: it is held, and nobody has made another version of it by now.
 */
extern KeyShare model_key_share(Relation rel, ItemPointer tid, Snapshot snapshot, TransactionId *other, bool *newest);

#endif							/* MODEL_KEY_SHARE_H */
