/*
 * batch.c
 *		One batch of a job: the work and what the job's row says of it, in a
 *		subtransaction of the transaction that is the batch.
 *
 * The owners of the tables, and whoever controls the job, may hold what a batch
 * needs for as long as they like.  A worker waits for each such lock as long as
 * relmeta.job_lock_timeout says, then rolls the batch back and goes on to others'
 * jobs (ARCHITECTURE 7).
 */
#include "job/internal.h"
#include "attempt.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "storage/proc.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

/* Of a worker, 0 between batches; a session has its own setting. */
static void
set_lock_timeout(const JobRun *run, int timeout)
{
	char		value[12];

	if (run->in_procedure)
		return;
	pg_ltoa(timeout, value);
	SetConfigOption("lock_timeout", value, PGC_SUSET, PGC_S_OVERRIDE);
}

/*
 * The job's relationship, NULL when it is gone.  Declarations that would change
 * it, or a table below it, wait until the batch commits.
 */
static ModelRelationship *
relationship_locked(Job *job)
{
	ModelRelationship *relationship = model_relationship_by_id(model_current(), job->relationship_id);
	List	   *relids = NIL;
	ListCell   *cell;

	if (relationship == NULL)
		return NULL;
	foreach(cell, job_relationships_below(relationship))
		relids = list_append_unique_oid(relids, ((ModelRelationship *) lfirst(cell))->related->relid);
	list_sort(relids, list_oid_cmp);	/* the order in which declarations
										 * lock */
	foreach(cell, relids)
		LockRelationOid(lfirst_oid(cell), RowExclusiveLock);

	model_pin(model_current(), CurTransactionContext);
	relationship = model_relationship_by_id(model_current(), job->relationship_id);
	if (relationship != NULL && strcmp(relationship->name, job->relationship) != 0)
		return NULL;
	return relationship;
}

/*
 * Names are resolved in pg_catalog only, and a key in the cursor is read as it
 * was written.  Compiling costs more than it saves: what the planner thinks of
 * joined arrays is far too high (half a second for a row was seen).
 */
static void
pin_settings(void)
{
	static const char *const settings[][2] = {
		{"search_path", "pg_catalog, pg_temp"},
		{"datestyle", "ISO, YMD"},
		{"intervalstyle", "postgres"},
		{"extra_float_digits", "3"},
		{"bytea_output", "hex"},
		{"jit", "off"},
	};

	for (int i = 0; i < (int) lengthof(settings); i++)
		(void) set_config_option(settings[i][0], settings[i][1], PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_SAVE, true, 0, false);
}

/* The work of one batch. */
static JobEvent
batch_work(Job *job, JobBatch *batch)
{
	ModelRelationship *relationship = relationship_locked(job);
	int			level;

	if (relationship == NULL)
		return EVENT_OBSOLETE;
	model_relationship_check_usable(relationship);

	level = NewGUCNestLevel();
	pin_settings();
	PushActiveSnapshot(GetTransactionSnapshot());
	if (job->kind == JOB_REVOKE)
		job_revoke_batch(job, relationship, batch);
	else
		job_reset_batch(job, relationship, batch);
	PopActiveSnapshot();
	AtEOXact_GUC(true, level);
	return batch->done ? EVENT_DONE : EVENT_BATCH;
}

ErrorData *
job_batch(JobRun *run, Job *job, JobBatch *batch)
{
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData  *volatile error = NULL;

	set_lock_timeout(run, job_lock_timeout);
	run->lock_timeout = LockTimeout;
	BeginInternalSubTransaction(NULL);
	PG_TRY();
	{
		JobEvent	event;

		CHECK_FOR_INTERRUPTS();
		event = batch_work(job, batch);
		job_end_batch(job, event, batch);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(run->cxt);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(run->cxt);
	CurrentResourceOwner = owner;
	set_lock_timeout(run, 0);
	return error;
}

/*
 * Code of the tables' owners may raise that SQLSTATE, ask for a lock with NOWAIT, or have a lock_timeout of its own, in
 * a trigger, say: such an error comes again and again, as any other.  The server remembers for how long it was to wait
 * for a lock at last.
 */
bool
job_waited_in_vain(const JobRun *run, const ErrorData *error)
{
	return error->sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE && relmeta_is_interrupt(error) && run->lock_timeout > 0 &&
		get_timeout_finish_time(LOCK_TIMEOUT) >=
		TimestampTzPlusMilliseconds(get_timeout_start_time(LOCK_TIMEOUT), run->lock_timeout);
}
