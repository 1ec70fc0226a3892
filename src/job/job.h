/*
 * job.h
 *		Work that goes on after the statement that asked for it: the queue, its
 *		workers, and the two kinds of work, revoke and reset (SEMANTICS 2.6, 3.10).
 *
 *	row.c		rows of relmeta.job, as they are read
 *	queue.c		the life of a job: claim, the only place that changes a state
 *	enqueue.c	a job is queued, once
 *	turn.c		whose job comes next
 *	forget.c	what has ended long ago
 *	lock.c		the session locks that say who works what
 *	run.c		the batch loop, shared by the worker and CALL run_jobs()
 *	batch.c		one batch, and how long it waits for locks
 *	setting.c	the settings
 *	launch.c	starts a worker when the transaction that asked for one commits
 *	worker.c	the dynamic background worker of one database
 *	request.c	what the launcher is asked for
 *	launcher.c	the static worker that finds work left over by a crash
 *	control.c	the SQL functions
 *	left.c		what is left behind: verify() reports it, repair() mends it
 *	revoke.c, reset.c (reset_pass.c)	one batch of the work
 *	take.c		finds entries and takes them
 *	shrunk.c	counts each (row, principal) once
 *	below.c		the tables that it concerns
 *
 * This header is for other rooms; internal.h is the room's own.
 */
#ifndef RELMETA_JOB_H
#define RELMETA_JOB_H

#include "relmeta.h"

#include "nodes/pg_list.h"

typedef enum JobKind
{
	JOB_REVOKE,
	JOB_RESET
} JobKind;

/* From _PG_init: settings, transaction callbacks, the launcher. */
extern void job_init(void);

/*
 * Queues work in the current transaction and returns the job's id, or that of
 * one that does the same and has not begun yet; a worker starts when the
 * transaction commits.  The caller has checked who asks.  Opens SPI itself;
 * call as any user.
 */
extern int64 job_enqueue(JobKind kind, int relationship_id, const char *relationship);

/* ---- left.c: for verify() and repair() ---- */

/* how repair() mends it */
typedef enum JobMend
{
	JOB_BY_HAND,
	JOB_START,					/* a worker starts when the transaction
								 * commits */
	JOB_CANCEL					/* its relationship is gone */
} JobMend;

typedef struct JobProblem
{
	int64		id;
	char	   *problem;
	char	   *call;			/* by hand: what mends it */
	JobMend		mend;
	bool		may_mend;		/* the current user may have it mended */
} JobProblem;

/* JobProblem *: unfinished jobs that nobody works or can work, and those that have failed; in order of id. */
extern List *job_problems(void);

/* Mends it; the problem may have gone by itself meanwhile. */
extern void job_mend(const JobProblem *problem);

struct ModelRelationship;

/*
 * For drop_relationship() and unregister_table(), before the relationship's row
 * goes: removes all entries inherited through it, and below them what was
 * inherited from them, and cancels its jobs, in the current transaction.  The caller holds a lock on
 * the related table that keeps writers away.  Opens SPI; call as any user.
 */
extern void job_revoke_now(struct ModelRelationship *relationship);

#endif							/* RELMETA_JOB_H */
