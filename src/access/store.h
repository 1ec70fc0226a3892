/*
 * store.h
 *		Reading and writing entry tables without SQL.
 *
 * A store is an open entry table.  Its rows are found by a prefix of
 * the primary key, or all in physical order, with a snapshot of its own, and
 * written with the table access method and the indexes that stand on the table:
 * no statement is planned or run, so whoever the current user is, no code of a
 * user's runs and no privilege is asked.  Who may write is the caller's matter
 * (SEMANTICS 2.5: no one but relmeta).  Where an administrator has put triggers on
 * the table, rows are written by statements all the same, as the extension's owner.
 *
 * WHAT IS SEEN.  The latest rows when the store was opened or access_store_refresh()
 * was last called, at every isolation level: callers refresh after they
 * have locked what must not change.  Rows written since then are not seen.
 *
 * WHO WRITES AT THE SAME TIME.  Writers of a row's entries through one relationship
 * hold a lock on its primary row (ARCHITECTURE section 3), so they do not meet.
 * But a row's entries also go with the row, follow its key, or go when it moves, and a
 * principal's go with the principal: who finds that an entry is not as he has seen it
 * refreshes and looks again.  At a key in motion nobody writes (motion.h): 55000.
 *
 * MEMORY RULE.  A store lives in the memory context that it was opened in, until
 * access_store_close().  A row handed out is valid until the next step of a scan.
 */
#ifndef RELMETA_ACCESS_STORE_H
#define RELMETA_ACCESS_STORE_H

#include "access/access.h"

#include "access/relscan.h"
#include "access/heapam.h"
#include "nodes/execnodes.h"
#include "storage/itemptr.h"
#include "utils/snapshot.h"

#define STORE_KEYS	4			/* columns of the primary key */

/* one entry, as a scan finds it */
typedef struct StoredEntry
{
	ItemPointerData tid;
	Datum		object;
	Datum		principal;
	int			relationship;
	char		cause;
	int32		mask;
} StoredEntry;

typedef struct Store
{
	MemoryContext cxt;
	ModelTable *table;			/* whose entries */
	Relation	rel;
	Relation	key_index;		/* the primary key's */
	bool		by_statement;	/* somebody has put triggers, rules or
								 * constraints on it */
	Snapshot	snapshot;		/* registered */

	/* scans, made when they are first wanted; by the number of keys */
	IndexScanDesc scans[STORE_KEYS + 1];
	IndexScanDesc scan;			/* the one that is going on; else all_scan */
	TableScanDesc all_scan;
	TupleTableSlot *slot;

	/* writing, prepared when it is first wanted */
	EState	   *estate;
	ResultRelInfo *result;
	struct Pending *pending;	/* of store_insert.c */
	bool		written;		/* since the snapshot was taken */
	bool		updates_identified; /* publications need not know more of them */
	bool		deletes_identified;
} Store;

extern Store *access_store_open(ModelTable *table);

/* Inserts what waits, and closes. */
extern void access_store_close(Store *store);

/* Inserts what waits, and sees all that was written and committed until now. */
extern void access_store_refresh(Store *store);

/* ---- reading ---- */

/* Begins to read the rows whose first n key columns have these values: object, principal, relationship, cause. */
extern void access_store_find(Store *store, int n, const Datum *keys);

/* Begins to read all rows. */
extern void access_store_find_all(Store *store);

/* The next row, in store->slot; false when there is none.  May be interrupted. */
extern bool access_store_next(Store *store);

/* The same as an entry. */
extern bool access_store_next_entry(Store *store, StoredEntry *entry);

/* Are objects equal only when their images are, so that they can be found by hashing? */
extern bool access_store_by_image(Store *store);

/* Is reading all rows cheaper than looking for n? */
extern bool access_store_all_cheaper(Store *store, int64 n);

/* The same of any table. */
extern bool access_all_cheaper(Relation rel, int64 n);

/* Has a principal any entry in the table?  True also when that cannot be told quickly. */
extern bool access_store_principal_known(Store *store, Datum principal);

/* Key column number i (0-based) of the primary key equals value. */
extern void access_store_set_key(Store *store, ScanKey key, int i, Datum value);

/*
 * store_hold.c: what all of a principal's entries on a row hold, and go on to hold until this transaction ends:
 * whoever is taking one is waited for, and whoever wants to waits.  An entry that somebody is making does not
 * count.
 */
extern int32 access_store_hold(Store *store, Datum object, Datum principal);

/* ---- writing ---- */

/* Inserts a row; it may wait until the next refresh or close.  The values are copied. */
extern void access_store_insert(Store *store, const Datum *values, const bool *nulls);

extern void access_store_insert_entry(Store *store, Datum object, Datum principal, int relationship, char cause,
									  int32 mask);

/*
 * Deletes a row that a scan has found; false when it is gone, or has been changed since: refresh, and
 * look for it again.  (Under REPEATABLE READ and above 40001 when somebody else has changed it.)
 */
extern bool access_store_delete(Store *store, Datum object, ItemPointer tid);

/* Gives an entry another mask; 0 deletes it.  Of a direct one it stays written who granted it. */
extern bool access_store_set_mask(Store *store, StoredEntry *entry, int32 mask);

/* The same for a direct entry that somebody widens now, or makes: its mask is 0 so far. */
extern bool access_store_grant(Store *store, StoredEntry *entry, int32 mask, const char *granted_by);

/* ---- store_insert.c, store_index.c: what the files of the store share ---- */
extern void access_store_begin_to_write(Store *store);
extern void access_store_prepare(Store *store);

/* A slot of rows that wait; makes it a row with these values, copied. */
extern TupleTableSlot *access_store_slot(Store *store, int i);
extern void access_store_fill_slot(TupleTableSlot *slot, const Datum *values, const bool *nulls);

/* Inserts what waits. */
extern void access_store_insert_pending(Store *store);
extern void access_store_end_inserts(Store *store);

/* Makes the index entries of rows that have their places. */
extern void access_store_insert_index(Store *store, TupleTableSlot **slots, int n);

/* ---- store_statement.c: the same where triggers are to fire ---- */
extern void access_statement_insert(Store *store, const Datum *values, const bool *nulls);
extern void access_statement_update(Store *store, ItemPointer tid, const Datum *values, const bool *nulls);
extern void access_statement_delete(Store *store, ItemPointer tid);

#endif							/* RELMETA_ACCESS_STORE_H */
