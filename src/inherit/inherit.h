/*
 * inherit.h
 *		What a row inherits from its primary row: eff(p, P), and who owns p.
 *
 * Shared by rule 1 (inherit.c) and rule 4 (reparent.c).  Everything is made in
 * CurrentMemoryContext; SPI is connected.
 */
#ifndef INHERIT_INHERIT_H
#define INHERIT_INHERIT_H

#include "collect/collect.h"
#include "inherit/effect.h"

/* primary rows, by the image of the key that points to them */
typedef struct Parents
{
	MemoryContext cxt;			/* that all of it lives in */
	ModelTable *table;
	DatumSet   *keys;			/* as the lookups have them */
	RowSet	   *rows;			/* as the primary rows are */
	Holders    *held;			/* by entries, after; part: by direct and
								 * share entries.  Parallel to the rows of
								 * ->rows */
} Parents;

/*
 * Reads the primary rows with those keys: their owners, and what is held on them.  When rows are being attached to
 * them, it stays so: see ROW_ATTACHED; rows: they have been read so.
 */
extern Parents *inherit_parents_read(Effects *effects, ModelTable *table, DatumSet *keys, bool attaching, RowSet *rows);

/* The number of the row that a lookup points to; -1 when it was not asked for, or there is no such row. */
extern int	inherit_parents_index(Parents *parents, Datum lookup);

/* Does anybody own row number i, and does this principal? */
extern bool inherit_parents_owned(Parents *parents, int i);
extern bool inherit_parents_owned_by(Parents *parents, int i, Datum principal);

/* Bits of one principal's entries on row number i. */
extern int32 inherit_parents_held(Parents *parents, int i, Datum principal);

/* Adds what a principal holds on row number i by an entry of that cause. */
extern void inherit_parents_add(Parents *parents, int i, Datum principal, char cause, int32 bits);

/*
 * What row number i gives to a row below it that has that owner (SEMANTICS 3.4): each P with eff(p, P) <> 0 that is
 * not the owner, with eff(p, P) and the bits of it that sharing passes on: those of direct and share entries (3.2).
 */
typedef void (*GivenReceiver) (Datum principal, int32 bits, int32 shared, void *arg);
extern void inherit_parents_each(Parents *parents, int i, NullableDatum *owner, GivenReceiver receive, void *arg);

/*
 * downwards.c: rows that point to each other, LINKED_* and columns of its own, each after the one above it.
 */
#define LINKED_DOWNWARDS (LINKED_LOOKUP + 3)	/* columns, at the most */
extern RowList *inherit_downwards(RowList *rows);

/* ---- follow.c ---- */

/* Keys of primary rows that the statement has changed, by the new one. */
typedef struct Rekeyed
{
	ModelType  *key;
	RowList    *rows;			/* NULL: none */
	KeyMap	   *old_keys;		/* Datum by the new key, as the rows have it */
} Rekeyed;

extern void inherit_rekeyed_read(Rekeyed *rekeyed, Frame *frame, ModelTable *primary);

/*
 * Does a related row follow its primary row's key (ON UPDATE CASCADE)?  Its lookup, a row of TableChanges.moved,
 * went from the old key to the new one.  Mostly it is written as the key is.
 */
extern bool inherit_follows_key(Rekeyed *rekeyed, Datum *values, bool *nulls);

/* ---- steps: what goes with a statement's changes ---- */

/* purge.c: entries go with their row, and follow its key (SEMANTICS 3.5) */
extern StepAct inherit_purge_deleted;
extern void inherit_purge_late(Frame *frame);
extern StepAct inherit_purge_rekeyed;
extern StepAct inherit_purge_respelled;

/* rekey.c: the same, of rows from that one on of a list, REKEYED_* */
extern void inherit_rekey(TableChanges *changes, RowList *rekeyed, int64 from);

/*
 * The access that goes on after assigns (inherit.c, SEMANTICS 3.1) and moved lookups (reparent.c, 3.4), once the
 * cascades are in.  The step is the one whose cursors they use.  False: nobody was assigned anything, which the
 * second is to be told.
 */
extern bool inherit_assigned(Frame *frame, const FlushStep *step);
extern void inherit_moved(Frame *frame, const FlushStep *step, bool assigned);

/* arrive.c, from _PG_init: before it commits a transaction looks again at its rows that point to nothing. */
extern void inherit_arrive_init(void);

#endif							/* INHERIT_INHERIT_H */
