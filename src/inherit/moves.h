/*
 * moves.h
 *		What is held on the rows whose lookups a statement has changed, before and
 *		after (SEMANTICS 3.4): the net change goes down.
 *
 * A statement may move any number of rows: which of them are to be unlinked, and what is held on them, goes to files
 * beyond work_mem, and is put together row by row.  In memory are the keys of rows that wait.
 *
 * Everything is made in the memory context of inherit_moved(), who alone uses it.
 */
#ifndef INHERIT_MOVES_H
#define INHERIT_MOVES_H

#include "inherit/inherit.h"
#include "collect/collect.h"

/* What is noted of a row and a principal, as often as something is; see inherit_moves_pass(). */
#define HELD_KEY 0
#define HELD_PRINCIPAL 1
#define HELD_BEFORE 2			/* bits, by entries, */
#define HELD_AFTER 3			/* and now */
#define HELD_OWNS 4				/* it owns the row, which was there before */
#define HELD_COLUMNS 5

/* A row on which something is to be read before it is linked, once for each lookup that has changed. */
#define CHANGED_KEY 0
#define CHANGED_LOOKUP 1		/* whose entries go; CHANGED_NONE: none do */
#define CHANGED_COLUMNS 2

#define CHANGED_NONE (-1)

/* those of one lookup: rows */
typedef struct LookupMoves
{
	Rekeyed		rekeyed;		/* keys that the rows follow, and then keep
								 * their entries */
	DatumSet   *waiting;		/* that are left alone by the statement, in
								 * which their primary row came */
	struct KeyFile *moved;		/* arrive.c: all that it has changed of */
	bool		once;			/* no two moves through it are of one row */
} LookupMoves;

/* the moves of one table that wait */
typedef struct TableMoves
{
	Effects    *effects;
	const FlushStep *step;		/* whose cursors tell what is new */
	ModelTable *table;
	TableChanges *changes;		/* NULL: the transaction ends, see arrive.c */
	TableEffects *related_effects;
	MemoryContext cxt;
	LookupMoves *lookups;		/* parallel to model_as_related(table) */
	RowList    *changed;		/* CHANGED_* */
	bool		assigned;		/* the statement has assigned rows, too */
	RowList    *held;			/* HELD_*, when something may stand below */
	bool		read;			/* something was read */
	KeyMap	   *reading;		/* those that are being read, each with its
								 * lookups, a Bitmapset * */
	RowSet	   *locked;			/* those rows; NULL: nothing may stand below */
	bool		again;			/* somebody else has changed an entry */
	bool		passes;			/* something may stand below */
} TableMoves;

/* The moves of a table, made when there are none yet.  step and frame NULL: the transaction ends. */
extern TableMoves *inherit_moves_of(Effects *effects, const FlushStep *step, Frame *frame, ModelTable *table,
									List **all);

/* The number of a relationship among those in which the table is the related one. */
extern int	inherit_moves_lookup(TableMoves *moves, ModelRelationship *relationship);

/* The row's entries through that lookup go; CHANGED_NONE: they are read only. */
extern void inherit_moves_change(TableMoves *moves, Datum key, int lookup);

/*
 * Locks the rows that inherit_moves_change() was called for, where something may stand below them, and reads what is
 * held on them: entries that came through one of their lookups go.
 */
extern void inherit_moves_unlink(TableMoves *moves);

/* A principal gets bits on a row. */
extern void inherit_moves_give(TableMoves *moves, Datum object, Datum principal, int32 bits);

/* What each principal gained or lost on each row goes down. */
extern void inherit_moves_pass(TableMoves *moves);

/* ---- link.c ---- */

/*
 * The rows with those keys get what their primary rows give.  What is held on them was read.  parents: what all their
 * lookups point to, NULL: to be read; may_exist: they may have entries through the relationship already.
 */
extern void inherit_moves_link(TableMoves *moves, ModelRelationship *relationship, DatumSet *keys, Parents *parents,
							   bool may_exist);

/*
 * The same of rows of one table that may point to each other: their keys are a list of one column, each there once.  A
 * slice of it after the other; 8 bytes of each row are in memory together.
 */
extern void inherit_moves_link_list(TableMoves *moves, ModelRelationship *relationship, RowList *keys, bool may_exist);

/* A row points to a key that no row has: it is linked when one has it before we commit. */
extern void inherit_moves_wait(TableMoves *moves, ModelRelationship *relationship, Datum key, Datum lookup);

/* ---- arrive.c: primary rows that come after the rows that point to them (deferred keys) ---- */

/*
 * Rows of the table came, or got another key: the rows that point to them since before, and that the statement has
 * not moved, are ->relinked and ->waiting.
 */
extern void inherit_arrive_find(TableMoves *primary, List **all);

/* They are linked. */
extern void inherit_arrive_link(TableMoves *primary, List *all);

/* ---- waiting.c: which rows these are ---- */

/* A row of a deferrable key points to a key that no row has. */
extern void inherit_waiting_add(Model *model, ModelRelationship *relationship, Datum key, Datum lookup);

/* They do not wait any more: this transaction has given a row that key. */
extern void inherit_waiting_linked(ModelRelationship *relationship, DatumSet *keys);

/* Is there anything to look at again? */
extern bool inherit_waiting_any(void);

/* The rows that wait for somebody else's primary row: NULL, or their keys, and in *lookups what they wait for. */
extern DatumSet *inherit_waiting_rows(ModelRelationship *relationship, DatumSet **lookups);

/* The transaction ends. */
extern void inherit_waiting_forget(void);

#endif							/* INHERIT_MOVES_H */
