/*
 * worker.c
 *		The dynamic background worker that works a database's queue.
 *
 * It never stays connected to a database in which there is nothing to do, for
 * that would hold up DROP DATABASE.  When jobs wait for their next attempt, or
 * somebody wants the database for himself, it leaves that to the launcher or,
 * where there is none, to another worker, which waits unconnected.
 *
 * SIGTERM (fast shutdown, pg_terminate_backend) is die(): the batch is rolled
 * back, and the job is taken up by whoever claims it next.
 */
#include "job/request.h"

#include "compat_worker.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lmgr.h"
#include "tcop/tcopprot.h"
#include "utils/backend_status.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

/* Time that DROP DATABASE and the like get before the worker that follows connects. */
#define WANTED_DELAY 1000		/* ms */

/* How often, at least, it is looked whether a job's row is still held: nobody says when it is let go of. */
#define HELD_DELAY 1000			/* ms */

/* ---- waiting ---- */

/*
 * How long the one that waits, where there is no launcher, waits at most before it looks: others whose jobs are due
 * earlier rely on it.
 */
#define LOOK_DELAY 5000			/* ms */

/*
 * Who waits, unconnected, until there is something to do: one for a database.  Every worker may find a job's row held,
 * meet a failure, or have to leave, and would take a slot of the server's until then, for as long as somebody likes.
 * The lock is let go of before anything is looked at: who finds it taken, and goes, is one whose job will be looked at.
 */
static LOCKTAG watch;

/* Before there is a connection nothing else gives it back when the process is terminated. */
static void
watch_give_back(int code, Datum arg)
{
	LockRelease(&watch, ExclusiveLock, true);
}

static bool
watch_begin(const JobLaunch *launch)
{
	job_watch_tag(&watch, launch->database, launch->watch);
	if (LockAcquire(&watch, ExclusiveLock, true, true) == LOCKACQUIRE_NOT_AVAIL)
		return false;
	before_shmem_exit(watch_give_back, (Datum) 0);
	return true;
}

static void
watch_end(void)
{
	cancel_before_shmem_exit(watch_give_back, (Datum) 0);
	watch_give_back(0, (Datum) 0);
}

/* Without a connection: nobody waits for this process, and it takes only its slot. */
static void
wait_unconnected(int delay)
{
	TimestampTz until = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), delay);

	for (;;)
	{
		long		rest = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), until);

		CHECK_FOR_INTERRUPTS();
		if (rest <= 0)
			return;
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, rest, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
	}
}

/* ---- working ---- */

/*
 * Settings of the database or of the extension's owner that would disturb the
 * work.  Timeouts are for users' statements (a batch has a lock_timeout of its own);
 * default_transaction_* are dealt with in run.c.
 */
static void
override_settings(void)
{
	static const char *const settings[][2] = {
		{"lock_timeout", "0"},
		{"statement_timeout", "0"},
		{"idle_in_transaction_session_timeout", "0"},
		{"session_replication_role", "origin"},
		{"row_security", "on"},
		{"search_path", "pg_catalog, pg_temp"},
	};

	for (int i = 0; i < (int) lengthof(settings); i++)
		SetConfigOption(settings[i][0], settings[i][1], PGC_SUSET, PGC_S_OVERRIDE);
	compat_disable_transaction_timeout();
}

/* Whether relmeta is here and has a queue; sets up nothing else. */
static bool
extension_is_here(JobLaunch *launch)
{
	bool		here;

	StartTransactionCommand();
	here = OidIsValid(relmeta_extension_oid());
	if (here)
	{
		int			max_workers = launch->max_workers;

		/* the owner may have changed since */
		job_launch_fill(launch);
		launch->max_workers = max_workers;
		launch->watch = get_relname_relid("job", relmeta_schema_oid());
	}
	CommitTransactionCommand();
	return here;
}

/*
 * Whether a job could be worked at once, in a place of that kind, and nobody works it.  Those whose row this worker has
 * found held are not: it sees to it that somebody looks again (arrange_for_later).
 */
static bool
work_is_left(const JobRun *run)
{
	bool		left = false;
	List	   *candidates;
	ListCell   *cell;

	StartTransactionCommand();
	candidates = job_candidates(false, InvalidOid, run->skipped);
	if (run->is_spare)
		candidates = job_unserved(candidates);
	foreach(cell, candidates)
	{
		Job		   *job = lfirst(cell);

		if (job_lock(job))
		{
			job_unlock(job);
			left = true;
			break;
		}
	}
	CommitTransactionCommand();
	return left;
}

static void
take_place(JobRun *run)
{
	StartTransactionCommand();
	run->has_place = job_place_take(run->max_workers, &run->place, &run->is_spare);
	CommitTransactionCommand();
}

/*
 * Works while there is work and a place for this worker.  The places are full:
 * those who have them look for work once more after leaving theirs, so nothing
 * is forgotten.
 */
static void
work(JobLaunch *launch, JobRun *run)
{
	run->max_workers = launch->max_workers;
	do
	{
		take_place(run);
		if (!run->has_place)
			return;
		job_run(run);
		if (run->has_place)
			job_place_leave(&run->place);
		pgstat_report_stat(true);
	} while (!run->must_leave && extension_is_here(launch) && work_is_left(run));
}

/* A worker comes again after delay ms: by the launcher, or else one that waits unconnected, unless another does. */
static void
come_again(JobLaunch *launch, int64 delay)
{
	if (job_launcher_ask(launch->database, (int) Max(1, delay)))
		return;
	launch->delay = (int) Max(1, Min(delay, LOOK_DELAY));
	if (!job_launch(launch))
		ereport(LOG,
				(errmsg("no free background worker slot for the jobs of relmeta"),
				 errhint("Increase max_worker_processes, or work the queue with CALL relmeta.run_jobs().")));
}

/* Has the work that cannot be done now done later. */
static void
arrange_for_later(JobLaunch *launch, const JobRun *run)
{
	TimestampTz due = 0;
	int64		delay = -1;

	if (run->must_leave)
	{
		come_again(launch, WANTED_DELAY);
		return;
	}
	if (!extension_is_here(launch))
		return;
	StartTransactionCommand();

	/*
	 * Whoever met the failure sees to the next attempt, and so does whoever
	 * finds one to come: the launcher keeps one moment for a database, and
	 * has used that up when it had somebody come earlier; he who waited may
	 * have had to leave.
	 */
	if (job_next_attempt(&due) && (run->has_failed || due > GetCurrentTimestamp()))
		delay = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), due);
	job_launcher_watch();
	CommitTransactionCommand();
	if (run->has_held)
		delay = delay < 0 ? Min(job_retry_delay, HELD_DELAY) : Min(delay, Min(job_retry_delay, HELD_DELAY));
	if (delay >= 0)
		come_again(launch, delay);
}

void
relmeta_job_worker_main(Datum arg)
{
	JobLaunch	launch;
	JobRun		run = {0};

	memcpy(&launch, MyBgworkerEntry->bgw_extra, sizeof(launch));
	pqsignal(SIGTERM, die);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	BackgroundWorkerUnblockSignals();

	if (OidIsValid(launch.watch) && !watch_begin(&launch))
		return;
	wait_unconnected(launch.delay);
	if (OidIsValid(launch.watch))
		watch_end();
	compat_connect_worker(launch.database, launch.owner, launch.owner_can_login);
	override_settings();
	pgstat_report_appname("relmeta job worker");
	MemoryContextSwitchTo(TopMemoryContext);

	if (!extension_is_here(&launch))
		return;
	work(&launch, &run);
	arrange_for_later(&launch, &run);
}
