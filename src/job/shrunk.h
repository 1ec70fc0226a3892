/*
 * shrunk.h
 *		Counting the (row, principal) whose inherited rights a job shrinks.
 */
#ifndef JOB_SHRUNK_H
#define JOB_SHRUNK_H

#include "rows/rowlist.h"

/* those of one batch; it lives in cxt */
typedef struct JobShrunk
{
	MemoryContext cxt;
	List	   *relationships;	/* ModelRelationship *: those that the job
								 * concerns, its own first */
	List	   *tables;			/* ShrunkTable * */
	int64		once;			/* of tables where each shrinks once */
} JobShrunk;

extern JobShrunk *job_shrunk_begin(List *relationships);

/* One has shrunk: a ShrunkReceiver (inherit/effect.h) for a JobShrunk. */
extern void job_shrunk_add(ModelTable *table, Datum object, Datum principal, bool is_left, void *shrunk);

/*
 * How many have shrunk that had not in an earlier batch of the job.  What has to
 * be known to later batches is remembered, in this transaction.
 */
extern int64 job_shrunk_count(JobShrunk *shrunk, int64 job_id);

/* The job has ended: nothing need be remembered any more. */
extern void job_shrunk_forget(int64 job_id);

#endif							/* JOB_SHRUNK_H */
