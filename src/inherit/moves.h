/*
 * moves.h
 *		What is held on the rows whose lookups a statement has changed, before and
 *		after (SEMANTICS 3.4): the net change goes down.
 *
 * Everything is made in the memory context of inherit_moved(), who alone uses it.
 */
#ifndef INHERIT_MOVES_H
#define INHERIT_MOVES_H

#include "inherit/effect.h"
#include "collect/collect.h"

/* What a principal holds on a row by entries, before and after. */
typedef struct MovedChange
{
	struct MovedChange *next;	/* of the same row */
	Datum		principal;
	int32		before;
	int32		after;
} MovedChange;

/* A row with something to compare. */
typedef struct MovedRow
{
	MovedChange *changes;
	Datum		owner;			/* of a changed row, when something may stand
								 * below it */
	bool		owned;
} MovedRow;

/* the moves of one table that wait */
typedef struct TableMoves
{
	Effects    *effects;
	const FlushStep *step;		/* whose cursors tell what is new */
	TableChanges *changes;
	TableEffects *related_effects;
	MemoryContext cxt;
	DatumSet  **relinked;		/* per lookup: rows whose entries through it
								 * go, */
	DatumSet  **following;		/* and those that keep them, since only their
								 * primary row's key has changed */
	DatumSet   *keys;
	MovedRow   *rows;			/* parallel to keys->values */
	int			capacity;
	DatumSet   *reading;		/* while inherit_moves_read() reads: */
	bool		again;			/* somebody else has changed an entry */
	bool		passes;			/* something may stand below */
} TableMoves;

/* The moves of a table, made when there are none yet. */
extern TableMoves *inherit_moves_of(Effects *effects, const FlushStep *step, Frame *frame, ModelTable *table,
									List **all);

/*
 * Locks changed rows, where something may stand below them, and reads what is held on them: entries of rows in
 * moves->relinked that came through the lookup go.
 */
extern void inherit_moves_read(TableMoves *moves, DatumSet *keys);

/* A principal gets bits on a row. */
extern void inherit_moves_give(TableMoves *moves, Datum object, Datum principal, int32 bits);

/* What each principal gained or lost on each row goes down. */
extern void inherit_moves_pass(TableMoves *moves);

#endif							/* INHERIT_MOVES_H */
