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

extern void rows_act_init(void);	/* from _PG_init: transaction callbacks */

/* statement: it changes users' rows, whose triggers may ask what for. */
extern void rows_act_begin(ModelAction action, const char *relationship, bool statement);
extern void rows_act_end(uint64 rows);

/* Called at the end of each act; ms: what it took. */
typedef void (*rows_acted_hook_type) (const char *relationship, ModelAction action, uint64 rows, double ms);
extern rows_acted_hook_type rows_acted_hook;

#endif							/* ROWS_ACT_H */
