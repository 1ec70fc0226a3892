/*
 * flush.h
 *		A statement's end: the built-in steps (collect/step.h), each in its file.
 */
#ifndef CASCADE_FLUSH_H
#define CASCADE_FLUSH_H

#include "collect/collect.h"

/* Carries out the effects of all that the frame has collected; SPI is not connected yet. */
extern void cascade_flush(Frame *frame);

/* truncate.c: a registered table or one of its partitions, before it is emptied and after, SEMANTICS 3.5 */
extern void cascade_truncate_starts(Frame *frame, Relation rel);
extern void cascade_truncate_ends(Relation rel);

/* ---- steps; SPI is connected ---- */

/* owner.c: 23503 unless all new owners are principals; locks those */
extern void cascade_check_owners(Frame *frame);

extern StepAct cascade_check_rekeyed;	/* lookup.c */
extern StepAct cascade_check_lookup;
extern StepAct cascade_judge_rekeyed;	/* taken.c */
extern StepAct cascade_judge_inserted;
extern StepAct cascade_check_moved_loop;	/* loop.c */
extern StepAct cascade_check_rekeyed_loop;
extern bool cascade_rekeyed_loops(ModelTable *table);
extern StepAct cascade_delete_restrict; /* delete.c */
extern StepAct cascade_delete;
extern StepAct cascade_assign;	/* assign.c */

/*
 * delete.c: Does a related row point to one of the keys in rows [from, upto) of a list's column?  Locks the
 * row it finds FOR KEY SHARE; with a snapshot of the caller's it only reads.
 */
extern bool cascade_points_to(ModelRelationship *relationship, RowList *keys, int64 from, int64 upto,
							  int column, Snapshot snapshot);

#endif							/* CASCADE_FLUSH_H */
