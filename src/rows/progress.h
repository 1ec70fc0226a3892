/*
 * progress.h
 *		What each session is at, for others to see (SEMANTICS 2.7, view relmeta.progress).
 *
 * A session shows two things: the job that it works, and the innermost act (act.h).  They stand in its own
 * slot, in shared memory where the library is preloaded, else in this process alone.  Only the session itself
 * writes its slot, and clears it at its exit; whoever reads takes a copy.
 */
#ifndef ROWS_PROGRESS_H
#define ROWS_PROGRESS_H

#include "postgres.h"

#include "datatype/timestamp.h"

#define PROGRESS_UNKNOWN (-1)	/* how many rows */

typedef struct Progress
{
	NameData	relationship;
	char		action[16];
	int			level;			/* below the rows that it began with; 0:
								 * these, or the job */
	int64		rows_done;
	int64		rows_total;		/* or PROGRESS_UNKNOWN */
	TimestampTz started_at;
} Progress;

/* A copy of a slot. */
typedef struct ProgressSeen
{
	int			pid;
	Oid			roleid;			/* of the session */
	bool		has_job;
	bool		has_act;
	Progress	job;
	Progress	act;
} ProgressSeen;

extern void rows_progress_init(void);	/* from _PG_init: hooks */

/* This session works a job, is so far with it, and has left it. */
extern void rows_progress_job(const char *kind, const char *relationship);
extern void rows_progress_job_rows(int64 done, int64 total);
extern void rows_progress_job_ends(void);

/* What act.c is at; NULL: nothing. */
extern void rows_progress_act(const Progress *act);

/* The number of slots, and what one shows: false when it is not of this database, or shows nothing. */
extern int	rows_progress_slots(void);
extern bool rows_progress_look(int number, ProgressSeen *seen);

#endif							/* ROWS_PROGRESS_H */
