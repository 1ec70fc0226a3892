/*
 * fetch.h
 *		Rows without a statement, for rows.c and related.c: what the statements of an application touch is one row or
 *		few, which an index finds; and for so many that the whole table is read an executor does more than is needed.
 */
#ifndef ROWS_FETCH_H
#define ROWS_FETCH_H

#include "rows/candidate.h"
#include "rows/rows.h"

#include "executor/tuptable.h"

/* ---- fetch.c ---- */

/* Looks how the row whose version at tid the snapshot sees is held. */
extern void rows_look(RowSet *rows, Relation rel, ItemPointer tid, Snapshot snapshot);

/*
 * As rows_get(), for a few rows of a table whose primary key can be looked up directly, or for so many that the whole
 * table is read; false when it cannot.  rows has room for all, and nothing in it.
 */
extern bool rows_fetch(ModelTable *table, DatumSet *asked, RowLock lock, Snapshot snapshot, RowSet *rows);

/*
 * Locks the row whose version at tid the snapshot sees, as a SELECT with that lock would: the newest version is in
 * the slot, and *moved says that it is another.  False when the row is gone; 40001 where the isolation level asks for
 * that.
 */
extern bool rows_lock_version(Relation rel, Snapshot snapshot, ItemPointer tid, TupleTableSlot *slot, RowLock lock,
							  bool *moved);

/* ---- fetch_related.c ---- */

/* The rows that point to some parents, while they are looked for. */
typedef struct RelatedFetch
{
	ModelRelationship *relationship;
	DatumSet   *parents;
	RowLock		lock;
	bool		active;			/* it is asked which rows are */
	Relation	rel;
	Relation	index;
	Snapshot	snapshot;		/* NULL: the latest */
	TupleTableSlot *slot;
	Datum		type_value;		/* of a multi-table lookup */
	MemoryContext scratch;		/* of one row that is handed over */
	RowReceiver receive;		/* NULL: all are noted */
	void	   *arg;
	Candidates	candidates;		/* with a lock */
} RelatedFetch;

/*
 * Opens what is needed to look for them: rel is open, in a lock of the caller's.  False, with nothing done, where no
 * index leads there and reading the whole table does not pay.
 */
extern bool rows_related_begin(RelatedFetch *fetching);

/* Notes them, in the order of keys.  False: there are too many. */
extern bool rows_related_find(RelatedFetch *fetching);
extern void rows_related_end(RelatedFetch *fetching);

/* Does the row in the slot point to that parent? */
extern bool rows_points_to(RelatedFetch *fetching, int parent);

/*
 * Hands over the rows that point to a few parents, or to so many that the whole table is read, as the statement of
 * related.c would with all: key, owner, the parent's number from 1, and whether the row is active where the behavior
 * is active, else true.  With a lock they are locked, in the order of keys.  False, with nothing done, where no index
 * leads there, or more are to be locked than work_mem holds.
 */
extern bool rows_fetch_related(ModelRelationship *relationship, DatumSet *parents, ModelBehavior behavior, RowLock lock,
							   Snapshot snapshot, RowReceiver receive, void *arg);

/* ---- direct.c ---- */

/*
 * May rows of the table be changed without a statement, by what is known of the table: would one of its owner's, of
 * the kind that needs the privilege, change the same rows, and does nobody want to know what it touches?  sepgsql
 * judges that, and pgaudit tells of it.
 */
extern bool rows_changes_unseen(Relation rel, AclMode mode);

/* ---- delete_related.c ---- */

typedef void (*DeletedReceiver) (Datum key, void *arg);

/*
 * Deletes the rows that point to a parent, and hands over their keys; adds to *rows how many.  rel is the related
 * table, which the caller has locked RowExclusiveLock, and whose triggers need not be fired.  False, with
 * nothing done, where it takes a statement.
 *
 * READ COMMITTED only.
 */
extern bool rows_delete_related(ModelRelationship *relationship, DatumSet *parents, Relation rel,
								DeletedReceiver receive, void *arg, uint64 *rows);

#endif							/* ROWS_FETCH_H */
