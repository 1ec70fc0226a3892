/*
 * reset.h
 *		What reset.c and reset_rows.c share: a reset that is under way.
 */
#ifndef JOB_RESET_H
#define JOB_RESET_H

#include "cascade/effect.h"
#include "job/shrunk.h"

/* rows to be done again */
typedef struct Again
{
	MemoryContext cxt;			/* all of it */
	ModelRelationship *relationship;
	DatumSet   *keys;
} Again;

/* one batch; it lives in cxt, SPI is connected */
typedef struct Reset
{
	MemoryContext cxt;
	List	   *order;			/* ModelRelationship *: the relationships
								 * below, see reset.c */
	int			position;		/* in order: where the job is */
	List	   *again;			/* Again * */
	int64		rows_examined;
	JobShrunk  *shrunk;
} Reset;

/*
 * Does the rows with these keys: locks them and their primary rows, sets their
 * entries through the relationship, counts.  Returns the keys of those that
 * changed.  Uses CurrentMemoryContext.
 */
extern DatumSet *job_reset_rows(Reset *reset, ModelRelationship *relationship, DatumSet *keys);

#endif							/* JOB_RESET_H */
