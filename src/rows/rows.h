/*
 * rows.h
 *		Reading and locking users' rows for the access cascades, as their owners.
 *
 * All of it sees the latest rows at every isolation level (ARCHITECTURE section 3).  Who
 * waits for whom, so that no row ends up without what its primary row's sharees should
 * have, or with what was taken away:
 *
 * * Whoever changes what a row gives to related rows (share, unshare, assign, what it
 *   inherits) holds it FOR UPDATE before he looks at its related rows, primary tables
 *   before related ones, in the order of keys, and before he changes its entries.
 * * Whoever attaches a row to a primary row holds that FOR KEY SHARE before he looks at
 *   what it gives, which takes more than to lock it: ROW_ATTACHED, ROW_KEY_SHARE.
 * * A row that gains something, or loses it because an owner has changed, is locked in
 *   the statement that reads it, and what counts is the row as it is then: FOR UPDATE
 *   when its table is a primary table, too, else FOR NO KEY UPDATE.  So whoever moves,
 *   assigns or deletes it at the same time, which locks it as well, is waited for or waits,
 *   and needs no lock on its former primary row, which would turn the order round.
 * * A row at the bottom that loses what its primary row's entries gave it is not
 *   locked, to spare an unshare most of its work: it is read by the same snapshot as its
 *   entries, and if it goes elsewhere, or by another key, they are not there any more
 *   when they are to be taken (loss.c).  Only its assign reads the primary row's entries
 *   without a lock on that: it locks the entries (inherit.c).
 *
 * MEMORY RULE.  Results are made in CurrentMemoryContext.  SPI is connected.
 */
#ifndef ROWS_ROWS_H
#define ROWS_ROWS_H

#include "rows/map.h"
#include "rows/plan.h"

/* keys that one statement is given at the most */
#define ROWS_KEYS_MAX	200000

typedef enum RowLock
{
	ROW_UNLOCKED,
	ROW_KEY_SHARE,
	ROW_NO_KEY_UPDATE,
	ROW_UPDATE,
	ROW_ATTACHED				/* read as it is now; held FOR KEY SHARE, by
								 * the foreign key's trigger or by us: locked
								 * if it is not */
} RowLock;

/* Rows found by their keys. */
typedef struct RowSet
{
	KeyMap	   *owners;			/* NullableDatum by key, as the rows have it,
								 * which may be written otherwise than was
								 * asked; without an owner column all null */
	int		   *found;			/* for each key asked for: the row's number in
								 * owners, -1 when there is no such row */

	/* while they are read, by rows_look(): */
	bool		missing;		/* one is not held FOR KEY SHARE */
	bool		changing;		/* one has a newer version, which is not what
								 * was read */
	TransactionId rival;		/* who was at one before us */
} RowSet;

/*
 * ROW_KEY_SHARE and ROW_ATTACHED: when it returns, nobody else holds one of them FOR UPDATE.  What ROW_KEY_SHARE
 * reads may be a version that an update has left behind: what counts is read after that.
 */
extern RowSet *rows_get(ModelTable *table, DatumSet *asked, RowLock lock);

/* The same, unlocked, in a snapshot of the caller's; NULL: the latest. */
extern RowSet *rows_read(ModelTable *table, DatumSet *asked, Snapshot snapshot);

/*
 * Which of the keys, by number, had a row in the snapshot, or before the transaction did anything, not only in between.
 * NULL: none.
 */
extern Bitmapset *rows_had(ModelTable *table, DatumSet *asked, Snapshot snapshot);

/* Number of a row by its key, as the row has it; -1 when it is not in the set. */
extern int	rows_index(RowSet *rows, Datum key);

/* The owner of row number i. */
static inline NullableDatum *
rows_owner(RowSet *rows, int i)
{
	return rows_map_at(rows->owners, i);
}

/* Is that principal the owner of row number i?  Principals are of the table's principal type. */
extern bool rows_owns(ModelTable *table, RowSet *rows, int i, Datum principal);

/* Appends ` FOR UPDATE OF t` or the like, for a lock that a statement takes. */
extern void rows_append_lock(StringInfo sql, RowLock lock, const char *alias);

/* ---- related.c ---- */

/* One row that points to another. */
typedef struct RelatedRow
{
	Datum		key;
	Datum		owner;
	bool		owner_null;
	int			parent;			/* number, in the set asked for, of the key
								 * that it points to */
} RelatedRow;

typedef void (*RelatedReceiver) (RelatedRow *row, void *arg);

/*
 * Hands over the rows of a relationship's related table that point to the keys of parents and match behavior.
 * With a lock, all that point to them are locked, and what they match is seen after that.  Without one, snapshot
 * is the one that the caller reads their entries with; NULL: the latest.
 */
extern void rows_each_related(ModelRelationship *relationship, DatumSet *parents, ModelBehavior behavior,
							  RowLock lock, Snapshot snapshot, RelatedReceiver receive, void *arg);

/* The same as a list: key, owner (null without one), and the number of the key pointed to (int4). */
#define CHILD_KEY 0
#define CHILD_OWNER 1
#define CHILD_PARENT 2
#define CHILD_COLUMNS 3

extern RowList *rows_related(ModelRelationship *relationship, DatumSet *parents, ModelBehavior behavior, RowLock lock,
							 Snapshot snapshot);

/* The owner of each key that has a row: key, owner.  Snapshot NULL: the latest. */
extern RowList *rows_owners(ModelTable *table, DatumSet *keys, Snapshot snapshot);

/* Locks rows FOR UPDATE. */
extern void rows_lock(ModelTable *table, DatumSet *keys);

/* A row and the key that it points to through a relationship. */
#define LINKED_KEY 0
#define LINKED_OWNER 1			/* null without one */
#define LINKED_LOOKUP 2

/*
 * The rows with those keys as they are now, or in a snapshot, each once, and in *found their keys in the same order;
 * those without a lookup, and for behavior active those that are not, are left out.
 */
extern RowList *rows_linked(ModelRelationship *relationship, DatumSet *keys, ModelBehavior behavior,
							Snapshot snapshot, DatumSet **found);

/* An empty list of such rows; adds the rows with those keys to one, and returns which they are. */
extern RowList *rows_linked_list(ModelRelationship *relationship);
extern DatumSet *rows_linked_add(RowList *rows, ModelRelationship *relationship, DatumSet *keys, ModelBehavior behavior,
								 Snapshot snapshot);

/* ---- rows.c ---- */

/* Does anything inherit from the table's rows? */
extern bool rows_passes_on(ModelTable *table);

/* The lock of rows that gain something. */
extern RowLock rows_gain_lock(ModelTable *table);

/* The same, or may something have inherited from them that is still there? */
extern bool rows_passed_on(ModelTable *table);

#endif							/* ROWS_ROWS_H */
