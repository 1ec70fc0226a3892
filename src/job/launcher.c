/*
 * launcher.c
 *		The static worker that finds work nobody's commit can announce.
 *
 * It runs only where relmeta is in shared_preload_libraries, from the end of
 * recovery on, so also when a standby is promoted or the server restarts after a
 * crash.  It is connected to no database.  At its start it has a short-lived
 * worker look into each database; after that it sleeps until somebody asks
 * (job_launcher_ask): for a job that met no free worker slot or waits for its
 * next attempt, or one in a prepared transaction, into whose database it looks
 * again and again until no prepared transaction holds the queue.  Who looks and
 * finds work starts no worker himself, since his may be the last slot: he
 * leaves, and the launcher starts it.
 */
#include "job/request.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_database.h"
#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#define LOOK_PATIENCE 5000		/* ms that one database may keep the others
								 * waiting */

/* While libraries are preloaded. */
static void
register_launcher(void)
{
	BackgroundWorker worker;

	/* pg_upgrade starts servers to look at them, not to have them work */
	if (!process_shared_preload_libraries_in_progress || IsBinaryUpgrade)
		return;
	job_requests_init();

	memset(&worker, 0, sizeof(worker));
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = 10;
	strlcpy(worker.bgw_library_name, "relmeta", sizeof(worker.bgw_library_name));
	strlcpy(worker.bgw_function_name, "relmeta_job_launcher_main", sizeof(worker.bgw_function_name));
	strlcpy(worker.bgw_name, "relmeta job launcher", BGW_MAXLEN);
	strlcpy(worker.bgw_type, "relmeta job launcher", BGW_MAXLEN);
	RegisterBackgroundWorker(&worker);
}

/* Every database that can be connected to, in the current memory context. */
static List *
all_databases(void)
{
	MemoryContext cxt = CurrentMemoryContext;
	List	   *databases = NIL;
	Relation	rel;
	TableScanDesc scan;
	HeapTuple	tuple;

	StartTransactionCommand();
	(void) GetTransactionSnapshot();
	rel = table_open(DatabaseRelationId, AccessShareLock);
	scan = table_beginscan_catalog(rel, 0, NULL);
	while ((tuple = heap_getnext(scan, ForwardScanDirection)) != NULL)
	{
		Form_pg_database database = (Form_pg_database) GETSTRUCT(tuple);

		/*
		 * a connection limit of -2 marks a database whose DROP was
		 * interrupted
		 */
		if (database->datallowconn && database->datconnlimit != -2)
		{
			MemoryContext old = MemoryContextSwitchTo(cxt);

			databases = lappend_oid(databases, database->oid);
			MemoryContextSwitchTo(old);
		}
	}
	table_endscan(scan);
	table_close(rel, AccessShareLock);
	CommitTransactionCommand();
	MemoryContextSwitchTo(cxt);
	return databases;
}

static void
sleep_until(long timeout)
{
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_EXIT_ON_PM_DEATH | (timeout >= 0 ? WL_TIMEOUT : 0),
					 timeout, PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
	if (ConfigReloadPending)
	{
		ConfigReloadPending = false;
		ProcessConfigFile(PGC_SIGHUP);
	}
}

/* Starts a worker that looks into a database, and waits for it, but not too long. */
static void
look_into(Oid database)
{
	BackgroundWorker worker;
	BackgroundWorkerHandle *handle;
	TimestampTz until = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), LOOK_PATIENCE);
	pid_t		pid;

	memset(&worker, 0, sizeof(worker));
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = BGW_NEVER_RESTART;
	worker.bgw_notify_pid = MyProcPid;
	worker.bgw_main_arg = ObjectIdGetDatum(database);
	strlcpy(worker.bgw_library_name, "relmeta", sizeof(worker.bgw_library_name));
	strlcpy(worker.bgw_function_name, "relmeta_job_look_main", sizeof(worker.bgw_function_name));
	strlcpy(worker.bgw_name, "relmeta job look", BGW_MAXLEN);
	strlcpy(worker.bgw_type, "relmeta job look", BGW_MAXLEN);
	if (!RegisterDynamicBackgroundWorker(&worker, &handle))
	{
		job_launcher_ask(database, job_naptime);
		return;
	}
	while (GetBackgroundWorkerPid(handle, &pid) != BGWH_STOPPED)
	{
		long		rest = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), until);

		if (rest <= 0)
			break;
		sleep_until(rest);
	}
	pfree(handle);
}

void
relmeta_job_launcher_main(Datum arg)
{
	MemoryContext cxt;
	bool		all = true;

	pqsignal(SIGTERM, die);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(NULL, NULL, 0);

	job_requests_attend();

	cxt = AllocSetContextCreate(TopMemoryContext, "relmeta job launcher", ALLOCSET_DEFAULT_SIZES);
	for (;;)
	{
		JobRequest	due[MAX_REQUESTS];
		long		rest = -1;
		int			ndue;

		MemoryContextSwitchTo(cxt);
		if (all)
		{
			List	   *databases = all_databases();
			ListCell   *cell;

			foreach(cell, databases)
				look_into(lfirst_oid(cell));
		}
		ndue = job_requests_due(due, &rest, &all);
		for (int i = 0; i < ndue; i++)
		{
			if (!OidIsValid(due[i].launch.owner))
				look_into(due[i].database);
			else if (!job_launch(&due[i].launch))
				job_request_add(due[i].database, job_naptime, &due[i].launch);
		}
		if (ndue == 0 && !all)
			sleep_until(rest);
		MemoryContextReset(cxt);
	}
}

/* ---- the look into one database ---- */

/* A prepared transaction may commit a job at any time, and nobody will say so. */
static bool
queue_is_prepared_elsewhere(void)
{
	bool		found;
	Oid			types[] = {OIDOID, OIDOID};
	Datum		values[2];

	values[0] = ObjectIdGetDatum(MyDatabaseId);
	values[1] = ObjectIdGetDatum(get_relname_relid("job", relmeta_schema_oid()));
	SPI_connect();
	job_execute("SELECT 1 FROM pg_catalog.pg_locks WHERE locktype OPERATOR(pg_catalog.=) 'relation'"
				" AND database OPERATOR(pg_catalog.=) $1 AND relation OPERATOR(pg_catalog.=) $2 AND pid IS NULL"
				" AND mode OPERATOR(pg_catalog.=) 'RowExclusiveLock' LIMIT 1",
				2, types, values, NULL);
	found = SPI_processed > 0;
	SPI_finish();
	return found;
}

void
job_launcher_watch(void)
{
	if (job_requests_are_kept() && queue_is_prepared_elsewhere())
		job_launcher_ask(MyDatabaseId, job_naptime);
}

/* How long the first of the jobs must wait, in ms; -1: there is no job to work. */
static int
delay_of_first_job(void)
{
	TimestampTz due;

	if (job_candidates(false, InvalidOid, NIL) != NIL)
		return 0;
	if (job_next_attempt(&due))
		return Max(1, TimestampDifferenceMilliseconds(GetCurrentTimestamp(), due));
	return -1;
}

/* It is connected as the bootstrap superuser, since it cannot know who owns the extension. */
void
relmeta_job_look_main(Datum arg)
{
	JobLaunch	launch;
	int			delay;

	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnectionByOid(DatumGetObjectId(arg), InvalidOid, 0);

	StartTransactionCommand();
	if (job_workers > 0 && OidIsValid(relmeta_extension_oid()))
	{
		PushActiveSnapshot(GetTransactionSnapshot());
		job_launch_fill(&launch);
		delay = delay_of_first_job();
		if (delay == 0)
			job_request_add(MyDatabaseId, 0, &launch);
		else if (delay > 0)
			job_launcher_ask(MyDatabaseId, delay);
		if (delay != 0)			/* else the worker asks in the end */
			job_launcher_watch();
		PopActiveSnapshot();
	}
	CommitTransactionCommand();
}

void
job_init(void)
{
	job_settings_init();
	job_launch_init();
	register_launcher();
}
