/*
 * since.h
 *		A moment after which what others hold is read: who bears a name by then may have dropped it meanwhile, and
 *		somebody else have it now.
 */
#ifndef MODEL_SINCE_H
#define MODEL_SINCE_H

#include "relmeta.h"

#include "utils/snapshot.h"

typedef struct Since
{
	Snapshot	snapshot;		/* registered; NULL: it has not come yet */
	uint64		held;			/* principals that were held by then, see
								 * held.c */
} Since;

/* It is now, as far as the snapshot sees.  Does nothing when the moment has come already. */
extern void model_since_begin(Since *since, Snapshot snapshot);
extern void model_since_end(Since *since);

#endif							/* MODEL_SINCE_H */
