/*
 * request.h
 *		What the launcher is asked for, in shared memory.
 */
#ifndef RELMETA_JOB_REQUEST_H
#define RELMETA_JOB_REQUEST_H

#include "job/internal.h"

#define MAX_REQUESTS 128

typedef struct JobRequest
{
	Oid			database;
	TimestampTz due;
	JobLaunch	launch;			/* owner valid: start this worker; else look
								 * first */
} JobRequest;

/* Registers the shared memory, while libraries are preloaded. */
extern void job_requests_init(void);

/* Whether there is such memory, hence a launcher. */
extern bool job_requests_are_kept(void);

/* One request per database: the earliest time of all, and the last worker asked for (launch, or NULL). */
extern bool job_request_add(Oid database, int delay, const JobLaunch *launch);

/* The launcher: is woken from now on by its latch, until it exits. */
extern void job_requests_attend(void);

/*
 * Takes the requests whose time has come, into due[MAX_REQUESTS]; returns how
 * many.  *rest: ms until that of the next, -1 for none.  *all: there were more
 * requests than fit.
 */
extern int	job_requests_due(JobRequest *due, long *rest, bool *all);

#endif							/* RELMETA_JOB_REQUEST_H */
