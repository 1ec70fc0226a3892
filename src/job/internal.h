/*
 * internal.h
 *		What the files of job/ share among themselves; no other room includes it.
 *
 * WHO RUNS WHAT.  relmeta.job is read and written as the extension's owner,
 * one statement at a time (job_execute).
 *
 * LOCKS.  Whoever works a job holds its session lock (lock.c) from before the
 * claim commits until the job ends or is given up.  That lock, not the state
 * 'running' and not a pid, says that the job is being worked: a job that is
 * 'running' while nobody holds the lock was left behind by a crash and may be
 * claimed.  The job's row is locked only for the short statements at the end of
 * a batch, so that pause_job() and cancel_job() never wait for a batch.
 *
 * MEMORY.  A Job lives in the memory context that was current when it was read.
 */
#ifndef RELMETA_JOB_INTERNAL_H
#define RELMETA_JOB_INTERNAL_H

#include "job/job.h"

#include "datatype/timestamp.h"
#include "executor/spi.h"
#include "model/model.h"
#include "nodes/pg_list.h"
#include "storage/lock.h"

/* in the order of job_state_names in row.c */
typedef enum JobState
{
	JOB_READY,
	JOB_RUNNING,
	JOB_PAUSED,
	JOB_CANCELING,
	JOB_CANCELED,
	JOB_SUCCEEDED,
	JOB_FAILED
} JobState;

#define job_state_is_final(state) \
	((state) == JOB_CANCELED || (state) == JOB_SUCCEEDED || (state) == JOB_FAILED)

/* what happens to a job; see queue.c */
typedef enum JobEvent
{
	EVENT_CLAIM,				/* somebody begins the work or takes it up
								 * again */
	EVENT_BATCH,				/* a batch is done, more are left */
	EVENT_DONE,					/* the last batch is done */
	EVENT_YIELD,				/* the worker leaves for a reason of its own */
	EVENT_ERROR,				/* a batch failed; it will be tried again */
	EVENT_GIVE_UP,				/* a batch failed once too often */
	EVENT_OBSOLETE,				/* the relationship is gone */
	EVENT_PAUSE,
	EVENT_CANCEL,				/* nobody works the job */
	EVENT_CANCEL_BUSY,			/* somebody does */
	EVENT_RESUME
} JobEvent;

typedef struct Job
{
	int64		id;
	JobKind		kind;
	int			relationship_id;
	char	   *relationship;	/* its name when the job was queued */
	JobState	state;
	char	   *cursor;			/* NULL: not begun; read and written by the
								 * kind of work alone */
	int			failures;		/* in a row, since a batch last committed */
	char	   *requested_by;	/* a role's name */
	bool		replicated;		/* came by logical replication: not ours to
								 * work */
	bool		of_this_transaction;	/* nobody else sees the row as it is */
	int			turn;			/* of turn.c */
	bool		is_held;		/* somebody was changing the row when a batch
								 * had ended */
	bool		locked;			/* from job_claim() to job_unlock(): */
	LOCKTAG		lock;
	LOCKTAG		relationship_lock;
	LOCKTAG		requester_lock;
} Job;

/* What one batch did.  Zeroed by run.c, filled by the kind of work. */
typedef struct JobBatch
{
	char	   *cursor;			/* where the next batch begins; NULL: as it
								 * was */
	bool		has_totals;		/* the next two are known now */
	int			tables;
	int			principals;
	int64		rows_examined;	/* added to the job's counters */
	int64		rows_revoked;
	bool		done;			/* nothing is left to do */
	int64		shown_done;		/* for others to see: rows of the job as a
								 * whole that are done, */
	int64		shown_total;	/* of so many; PROGRESS_UNKNOWN */
} JobBatch;

/* ---- setting.c ---- */
extern int	job_batch_size;		/* entries */
extern int	job_workers;		/* of one database at a time; 0: none is
								 * started */
#define JOB_MAX_WORKERS 64
extern int	job_max_attempts;
extern int	job_retry_delay;	/* ms */
extern int	job_lock_timeout;	/* ms; of a worker, 0: none */
extern int	job_naptime;		/* ms */
extern int	job_retention;		/* s; -1: for ever */

extern void job_settings_init(void);

/* ---- row.c ---- */
extern const char *job_kind_name(JobKind kind);
extern const char *job_state_name(JobState state);

/*
 * One statement on relmeta.job as the extension's owner, with the latest
 * snapshot whatever the isolation level.  Between SPI_connect and SPI_finish.
 */
extern void job_execute(const char *sql, int nargs, Oid *types, Datum *values, const char *nulls);

/* A SELECT of JOB_COLUMNS as a List of Job *, in the current memory context. */
#define JOB_COLUMNS \
	"job_id, kind, relationship_id, relationship, state, cursor, failures, replicated, xmin, requested_by"
/* what job_open_idx and job_relationship_idx are of */
#define JOB_IS_OPEN \
	"state OPERATOR(pg_catalog.=) ANY (ARRAY['ready', 'running', 'paused', 'canceling'])"
extern List *job_select(const char *sql, int nargs, Oid *types, Datum *values, const char *nulls);

/* By id; 42704 when there is none.  for_update locks the row. */
extern Job *job_required(int64 id, bool for_update);

/*
 * Job *, in order of id: those that have not ended, but for those that were ready
 * at a time or later only, and those that have failed, if no later job did the
 * same.
 */
extern List *job_unfinished(TimestampTz since);

/* When the earliest next attempt is due; false when no job waits for one. */
extern bool job_next_attempt(TimestampTz *due);

/* ---- queue.c ---- */

typedef enum JobClaim
{
	CLAIM_OK,
	CLAIM_BUSY,					/* somebody works it, or another job of its
								 * relationship */
	CLAIM_HELD,					/* somebody is changing its row */
	CLAIM_SKIP					/* not to be worked any more */
} JobClaim;

/*
 * Takes the job's locks and makes it 'running', in a transaction that is to
 * commit at once; unlocked when it is not CLAIM_OK.  The state is final when the
 * job ended here: left behind once too often, or while canceling.
 */
extern JobClaim job_claim(Job *job);

/*
 * Ends a batch, in the transaction of the work: adds the counters, keeps the
 * cursor, changes the state (job->state is the new one, JOB_CANCELED also when
 * the row is gone), notifies when that is final.
 */
extern void job_end_batch(Job *job, JobEvent event, const JobBatch *batch);

/*
 * These three wait for nobody who is changing the job's row: then the job is left as it is (job->state is JOB_READY,
 * job->is_held), for whoever claims it next, who is told how the batch ended (owed.c).
 *
 * The batch was rolled back: it failed, or waited too long for a lock, which is no failure.
 */
extern void job_end_failed_batch(Job *job, const char *message);
extern void job_put_off(Job *job, const char *message);

/* The worker leaves the job between two batches, for a reason of its own. */
extern void job_leave(Job *job);

/* pause_job, cancel_job, resume_job; the job was read FOR UPDATE. 55000 when the state does not allow it. */
extern void job_change(Job *job, JobEvent event);

/* The relationship goes, in this transaction, or has gone: so do its jobs that nobody works. */
extern void job_cancel_obsolete(int relationship_id);

/* ---- owed.c: by whoever has the job's lock ---- */

/* The row of a job that is left stays 'running': it has failed so often in a row, lately of this, or NULL. */
extern void job_owed_keep(const Job *job, const char *error);

/* What was kept of it, which goes; error in the current memory context. */
extern bool job_owed_take(int64 job_id, int *failures, char **error);

/* The job has ended. */
extern void job_owed_forget(int64 job_id);

/* ---- lock.c ---- */

/* The job's and its relationship's session lock; false, with neither, when somebody has one of them. */
extern bool job_lock(Job *job);
extern void job_unlock(Job *job);	/* does nothing when it is not locked */

/* Whether somebody works the job: a look, which may keep others from claiming it for an instant. */
extern bool job_is_busy(const Job *job);

/* Waits until nobody works the job. */
extern void job_wait_until_idle(const Job *job);

/* Does anybody work a job of the same requester? */
extern bool job_requester_is_served(const Job *job);

/*
 * One of the places for workers of this database: of max_workers, or the spare one, which is for jobs of those whom
 * nobody serves while the others are taken.
 */
extern bool job_place_take(int max_workers, LOCKTAG *place, bool *is_spare);
extern void job_place_leave(const LOCKTAG *place);

/* That of whoever waits for the end of what others do with rows of relmeta.job, which catalog is. */
extern void job_watch_tag(LOCKTAG *tag, Oid database, Oid catalog);

/* Has any worker of this database a place? */
extern bool job_somebody_works(void);

/* Somebody is dropping, moving or copying this database and waits for us to leave. */
extern bool job_database_is_wanted(void);

/* ---- turn.c ---- */

/*
 * Job *, in order of id: of each requester the first few to be worked; waiting:
 * also those whose next attempt is not due yet; of: those that this role may
 * control, InvalidOid: all; but for some (int64 *).
 */
extern List *job_candidates(bool waiting, Oid of, List *but);

/* Orders them: whose requester has waited longest comes first; served: names (char *), the last one last. */
extern void job_order_by_turn(List *jobs, List *served);

/* The requester has been served, in a list of names that it lives in. */
extern List *job_has_served(List *served, const char *requester);

/* Leaves those whose requester nobody serves. */
extern List *job_unserved(List *jobs);

/* Whether somebody else's job could be worked now, and nobody works it. */
extern bool job_others_wait(const Job *job, List *candidates);

/* ---- forget.c ---- */

/* Forgets what has ended longer ago than job_retention. */
extern void job_forget_finished(void);

/* ---- run.c ---- */
typedef struct JobRun
{
	bool		in_procedure;	/* SPI is connected non-atomically; else there
								 * is no transaction */
	bool		must_leave;		/* out: the database is wanted, the rest is
								 * left to another worker */
	bool		has_failed;		/* out: a job waits for its next attempt, */
	bool		has_held;		/* or for the end of who is changing its row */
	int			max_workers;	/* of a worker: that share the places */
	LOCKTAG		place;			/* of a worker, if it */
	bool		has_place;
	bool		is_spare;		/* it is the spare one */
	int			lock_timeout;	/* ms; of the batch, 0: none */
	/* of run.c */
	MemoryContext cxt;			/* reset when a job was worked */
	MemoryContext skipped_cxt;
	List	   *skipped;		/* int64 *: jobs that this call leaves alone */
	List	   *served;			/* char *: requesters, the last one last; in
								 * skipped_cxt */
	Job		   *current;		/* may be locked */
} JobRun;

/*
 * Works until nothing is left to do.  The worker works everything that is due;
 * the procedure what its caller may (job_may_control), due or not, each job
 * that fails once, and waits for what others are working.
 */
extern void job_run(JobRun *run);

/* ---- batch.c ---- */

/* NULL, or the error after all of it was rolled back. */
extern ErrorData *job_batch(JobRun *run, Job *job, JobBatch *batch);

/* Was a lock not to be had in the time that a batch waits for one?  Asked before anything else waits for a lock. */
extern bool job_waited_in_vain(const JobRun *run, const ErrorData *error);

/* ---- control.c ---- */

/* The user owns both tables of the job's relationship, or is one with the extension's owner. */
extern bool job_may_control(const Job *job, Oid userid);

/* ---- below.c ---- */

/* ModelRelationship *: it and all relationships below it, whatever their behaviors; a table's before those under it. */
extern List *job_relationships_below(ModelRelationship *relationship);

/* The number of distinct related tables. */
extern int	job_count_tables(List *relationships);

/* ---- revoke.c, reset.c: one batch, in a subtransaction, search_path pinned, as any user ---- */
extern void job_revoke_batch(Job *job, ModelRelationship *relationship, JobBatch *batch);
extern void job_reset_batch(Job *job, ModelRelationship *relationship, JobBatch *batch);

/* Number of principals that have inherited through the relationship.  SPI is connected. */
extern int	job_count_principals(ModelRelationship *relationship);

/* ---- launch.c ---- */

/* What a dynamic worker is told, in bgw_extra. */
typedef struct JobLaunch
{
	Oid			database;
	Oid			owner;			/* of the extension */
	bool		owner_can_login;
	int			max_workers;	/* of this database at a time */
	int			delay;			/* ms to wait, unconnected, before it begins */
	Oid			watch;			/* relmeta.job: it waits, unless another does;
								 * InvalidOid: it has been asked for */
} JobLaunch;

extern void job_launch_init(void);	/* transaction callback */

/* A worker starts when the current transaction commits. */
extern void job_launch_at_commit(void);

/* This database, as the catalogs say now; in a transaction. */
extern void job_launch_fill(JobLaunch *launch);

/* Starts a worker now, for work that has committed; false when there is no free worker slot. */
extern bool job_launch(const JobLaunch *launch);

/* ---- request.c ---- */

/* Has the launcher look into a database after delay ms; false when there is no launcher. */
extern bool job_launcher_ask(Oid database, int delay);

/* ---- worker.c ---- */
extern PGDLLEXPORT void relmeta_job_worker_main(Datum arg);

/* ---- launcher.c ---- */
extern PGDLLEXPORT void relmeta_job_launcher_main(Datum arg);
extern PGDLLEXPORT void relmeta_job_look_main(Datum arg);

/* Has it look again while a prepared transaction may bring jobs to this database; in a transaction. */
extern void job_launcher_watch(void);

#endif							/* RELMETA_JOB_INTERNAL_H */
