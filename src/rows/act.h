/*
 * act.h
 *		What the engine is doing for which relationship: for SQL's relmeta.cascading(), and
 *		for whoever counts it.
 *
 * An act is one piece of work: a statement on a relationship's related table, or the
 * passing on of access through a relationship.  Acts nest (a user's trigger may make
 * another statement); an error ends those that its (sub)transaction has begun.
 */
#ifndef ROWS_ACT_H
#define ROWS_ACT_H

#include "model/model.h"

extern void rows_act_init(void);	/* from _PG_init: the setting, transaction
									 * callbacks */

/*
 * level: how far below the rows that it all began with are those that it changes; statement: it changes users'
 * rows, whose triggers may ask what for.
 */
extern void rows_act_begin(ModelAction action, const char *relationship, int level, bool statement);
extern void rows_act_end(uint64 rows);

/* How far the innermost act is; total: as far as is known, or PROGRESS_UNKNOWN (progress.h). */
extern void rows_act_rows(int64 done, int64 total);

/* So often, at least, within a long list of rows. */
#define ACT_SLICE 1000

/*
 * While a cascade lasts, the act that has ended last goes on being shown: it has queued what comes next.  Without
 * one nothing is shown between acts.
 */
extern void rows_act_cascade_begins(void);
extern void rows_act_cascade_ends(void);

/* Called at the end of each act; ms: what it took. */
typedef void (*rows_acted_hook_type) (const char *relationship, ModelAction action, uint64 rows, double ms);
extern rows_acted_hook_type rows_acted_hook;

#endif							/* ROWS_ACT_H */
