/*
 * launch.c
 *		Starts a worker when the transaction that needs one commits.
 *
 * The transaction callback touches no catalog: what the worker is told is found
 * when the job is queued.  A rolled back savepoint takes its requests along.  A
 * request that met no free worker slot,
 * or was prepared, goes to the launcher; without one it is made again when this
 * session's next transaction ends.
 */
#include "job/internal.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "utils/acl.h"
#include "utils/syscache.h"
#include "catalog/pg_authid.h"

static int	wanted = 0;			/* in this transaction: the nest level of the
								 * outermost request; 0: none */
static bool missed = false;		/* no slot was free; kept until one is */
static JobLaunch request;

StaticAssertDecl(sizeof(JobLaunch) <= BGW_EXTRALEN, "JobLaunch must fit into bgw_extra");

static bool
role_can_login(Oid role)
{
	HeapTuple	tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(role));
	bool		result = false;

	if (HeapTupleIsValid(tuple))
	{
		result = ((Form_pg_authid) GETSTRUCT(tuple))->rolcanlogin;
		ReleaseSysCache(tuple);
	}
	return result;
}

void
job_launch_fill(JobLaunch *launch)
{
	memset(launch, 0, sizeof(JobLaunch));
	launch->database = MyDatabaseId;
	launch->owner = relmeta_extension_owner();
	launch->owner_can_login = role_can_login(launch->owner);
	launch->max_workers = job_workers;
}

bool
job_launch(const JobLaunch *launch)
{
	BackgroundWorker worker;

	/* pg_upgrade starts servers to look at them, not to have them work */
	if (IsBinaryUpgrade)
		return true;
	memset(&worker, 0, sizeof(worker));
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = BGW_NEVER_RESTART;
	strlcpy(worker.bgw_library_name, "relmeta", sizeof(worker.bgw_library_name));
	strlcpy(worker.bgw_function_name, "relmeta_job_worker_main", sizeof(worker.bgw_function_name));
	strlcpy(worker.bgw_name, "relmeta job worker", BGW_MAXLEN);
	strlcpy(worker.bgw_type, "relmeta job worker", BGW_MAXLEN);
	memcpy(worker.bgw_extra, launch, sizeof(JobLaunch));
	return RegisterDynamicBackgroundWorker(&worker, NULL);
}

void
job_launch_at_commit(void)
{
	if (job_workers == 0)
		return;
	job_launch_fill(&request);
	wanted = wanted == 0 ? GetCurrentTransactionNestLevel() : Min(wanted, GetCurrentTransactionNestLevel());
}

/* Starts the worker that was asked for, or sees to it that it is tried again. */
static void
launch_requested(void)
{
	missed = false;
	if (job_launch(&request) || job_launcher_ask(request.database, job_naptime))
		return;
	missed = true;
	ereport(LOG,
			(errmsg("no free background worker slot for the jobs of relmeta"),
			 errhint("Increase max_worker_processes, or work the queue with CALL relmeta.run_jobs().")));
}

static void
xact_callback(XactEvent event, void *arg)
{
	switch (event)
	{
		case XACT_EVENT_COMMIT:
			if (wanted > 0 || missed)
				launch_requested();
			wanted = 0;
			break;
		case XACT_EVENT_PREPARE:

			/*
			 * COMMIT PREPARED may come from anywhere and calls nobody: the
			 * launcher watches for it
			 */
			if (wanted > 0)
				(void) job_launcher_ask(request.database, Min(job_naptime, 1000));
			wanted = 0;
			break;
		case XACT_EVENT_ABORT:
			wanted = 0;
			break;
		default:
			break;
	}
}

static void
subxact_callback(SubXactEvent event, SubTransactionId mySubid, SubTransactionId parentSubid, void *arg)
{
	int			level = GetCurrentTransactionNestLevel();

	if (wanted < level)
		return;
	if (event == SUBXACT_EVENT_ABORT_SUB)
		wanted = 0;
	else if (event == SUBXACT_EVENT_COMMIT_SUB)
		wanted = level - 1;
}

void
job_launch_init(void)
{
	RegisterXactCallback(xact_callback, NULL);
	RegisterSubXactCallback(subxact_callback, NULL);
}
