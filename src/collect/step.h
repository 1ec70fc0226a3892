/*
 * step.h
 *		The table of flush steps: what a statement's end does, and in which order.
 *
 * A step reads one list of a table's changes (or, a whole frame's, all of them) and acts on the rows that it has not
 * seen yet: each step has a cursor of its own in each list, so that none knows what another has read.
 *
 * Higher rooms hang on here: they append steps in _PG_init (collect_add_step()), and nothing of this room names them.
 * A step's wants() also decides what is collected, and with it which triggers stand on a table: when its answer
 * changes for a table, the table's triggers are to be looked at again (ddl_triggers_sync()).
 */
#ifndef COLLECT_STEP_H
#define COLLECT_STEP_H

#include "rows/rowlist.h"

struct Frame;
struct TableChanges;

/* Acts on rows [from, upto) of a list; lookup: which one, of CHANGE_MOVED. */
typedef void StepAct (struct TableChanges *changes, RowList *rows, int64 from, int64 upto, int lookup);

/* The lists.  Columns are the constants of collect.h. */
typedef enum ChangeKind
{
	CHANGE_NONE,				/* the step is the frame's: act_frame() */
	CHANGE_DELETED,				/* DELETED_*: rows that are gone */
	CHANGE_REKEYED,				/* REKEYED_*: rows whose key has another value */
	CHANGE_RESPELLED,			/* REKEYED_*: rows whose key is equal, but
								 * written otherwise */
	CHANGE_ASSIGNED,			/* ASSIGNED_*: rows that have another owner */
	CHANGE_UPDATED,				/* UPDATED_*: rows that were updated at all */
	CHANGE_MOVED,				/* MOVED_*: rows whose lookup has changed; a
								 * list per lookup */
	CHANGE_INSERTED				/* INSERTED_*: rows that are new, of whoever
								 * is judged by the keys that he takes */
} ChangeKind;

/* In this order.  Within one, built-in steps come before those of higher rooms, each in the order of their adding. */
typedef enum FlushPhase
{
	FLUSH_REFUSE,				/* nothing of a refused statement is worth
								 * doing */
	FLUSH_FOLLOW,				/* what hangs on a row goes with it or follows
								 * its key */
	FLUSH_CASCADE,				/* deletes, removed links, assigns, one level */
	FLUSH_ASSIGNED,				/* what else an assign means for a row */
	FLUSH_ACCESS,				/* access goes on: in the flush that finds no
								 * statement of the frame still to come
								 * (SEMANTICS 3.0) */
	FLUSH_DONE					/* all is done: may run others' code */
} FlushPhase;

typedef struct FlushStep
{
	const char *name;
	FlushPhase	when;
	ChangeKind	reads;

	/*
	 * Are the table's changes worth collecting for this step?  NULL: whoever
	 * else wants them decides.
	 */
	bool		(*wants) (ModelTable *table);

	/*
	 * Acts on rows [from, upto) of the list; lookup: which one, of
	 * CHANGE_MOVED.  SPI is connected; what it runs queues its events in the
	 * frame's query (rows_run() without RUN_FIRE_TRIGGERS), but for
	 * FLUSH_DONE.
	 */
	StepAct    *act;
	void		(*act_frame) (struct Frame *frame);

	/*
	 * Of CHANGE_DELETED: rows have gone that no list tells of (TRUNCATE, a
	 * partition that left): what hangs on rows that are not in the table any
	 * more is to go.  NULL: nothing does.  SPI is connected.
	 */
	void		(*vanished) (ModelTable *table);

	int			number;			/* set by collect_add_step() */
} FlushStep;

/* From _PG_init.  The step is the caller's, static. */
extern void collect_add_step(FlushStep *step);

/* A list of changes, and up to where each step has seen it. */
typedef struct ChangeList
{
	RowList    *rows;
	int64	   *seen;			/* by FlushStep.number */
} ChangeList;

extern ChangeList *collect_list_make(int ncolumns, ModelType **types);

/* The first row that the step has not seen; list may be NULL. */
extern int64 collect_unseen_from(ChangeList *list, const FlushStep *step);

/* Are there rows that the step has not seen? */
extern bool collect_unseen(ChangeList *list, const FlushStep *step);

/* It has seen them all now. */
extern void collect_mark_seen(ChangeList *list, const FlushStep *step);

/* Does any step want the table's list of this kind? */
extern bool collect_step_wants(ModelTable *table, ChangeKind kind);

/* Tells the steps that rows of the table have gone all at once.  SPI is connected. */
extern void collect_rows_vanished(ModelTable *table);

/* Runs the steps of a phase on all tables of a frame; SPI is connected. */
extern void collect_run_phase(struct Frame *frame, FlushPhase phase);

#endif							/* COLLECT_STEP_H */
