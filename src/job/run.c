/*
 * run.c
 *		The batch loop, shared by the background worker and CALL run_jobs().
 *
 * A batch is one transaction: the work, then the job's row, in a subtransaction
 * (batch.c).  When that fails, or is canceled, the subtransaction is rolled back
 * and the same transaction writes down why.  The worker starts and commits transactions
 * itself; the procedure is always in one and commits through SPI, which starts
 * the next.  Either way begin() makes it READ COMMITTED and READ WRITE,
 * whatever the session's defaults are.
 *
 * MEMORY.  What outlives a transaction is in JobRun.cxt; the list of candidates
 * and all that a batch allocates are freed with their transaction's context.
 */
#include "job/internal.h"
#include "rows/progress.h"

#include "access/xact.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/interrupt.h"
#include "utils/acl.h"
#include "utils/backend_status.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"

static void
begin(JobRun *run)
{
	if (!run->in_procedure)
	{
		SetCurrentStatementStartTimestamp();
		StartTransactionCommand();
	}
	XactIsoLevel = XACT_READ_COMMITTED;
	XactReadOnly = false;
	MemoryContextSwitchTo(run->cxt);
}

/* NULL, or the error that the commit failed with, after rolling back. */
static ErrorData *
commit(JobRun *run)
{
	ErrorData  *volatile error = NULL;

	PG_TRY();
	{
		if (run->in_procedure)
			SPI_commit();
		else
			CommitTransactionCommand();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(run->cxt);
		error = CopyErrorData();
		FlushErrorState();
		if (!run->in_procedure)
			AbortCurrentTransaction();
		/* session locks have gone with it */
		if (run->current != NULL)
			run->current->locked = false;
		run->has_place = false;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(run->cxt);
	return error;
}

/* A transaction that has no work in it must not fail at commit. */
static void
commit_or_throw(JobRun *run)
{
	ErrorData  *error = commit(run);

	if (error != NULL)
		ReThrowError(error);
}

/* The job is left alone for the rest of this run. */
static void
job_skip(JobRun *run, const Job *job)
{
	MemoryContext old = MemoryContextSwitchTo(run->skipped_cxt);
	int64	   *id = palloc(sizeof(int64));

	*id = job->id;
	run->skipped = lappend(run->skipped, id);
	MemoryContextSwitchTo(old);
}

static List *
candidates_of(JobRun *run, bool waiting)
{
	bool		is_limited = run->in_procedure && !has_privs_of_role(GetUserId(), relmeta_extension_owner());

	return job_candidates(waiting, is_limited ? GetUserId() : InvalidOid, run->skipped);
}

/* What pg_stat_activity says of the worker. */
static void
job_report_activity(const Job *job, int batch)
{
	char	   *activity = psprintf("relmeta: job %lld, %s %s, batch %d", (long long) job->id,
									job_kind_name(job->kind), job->relationship, batch);

	pgstat_report_activity(STATE_RUNNING, activity);
	pfree(activity);
}

/* The session's user wants out; that is no fault of the job. */
static bool
is_cancel(const JobRun *run, const ErrorData *error)
{
	return run->in_procedure && error->sqlerrcode == ERRCODE_QUERY_CANCELED;
}

/* Gives the job back as 'ready'. */
static void
job_give_back(JobRun *run, Job *job, bool in_transaction)
{
	if (!in_transaction)
		begin(run);
	job_leave(job);
	if (run->in_procedure)
		job_launch_at_commit();
	commit_or_throw(run);
	run->has_held |= job->is_held;
}

static void
report_failure(const JobRun *run, const Job *job, const ErrorData *error, bool is_put_off)
{
	ereport(run->in_procedure ? WARNING : LOG,
			(errcode(error->sqlerrcode),
			 is_put_off ?
			 errmsg("job %lld of relationship \"%s\" is put off: %s",
					(long long) job->id, job->relationship, error->message) :
			 errmsg("job %lld of relationship \"%s\" failed: %s",
					(long long) job->id, job->relationship, error->message),
			 job->state == JOB_FAILED ?
			 errdetail("It is given up after %d failures.", job->failures) :
			 errdetail("It will be tried again."),
			 job->state == JOB_FAILED ?
			 errhint("When the cause is gone, call relmeta.resume_job(%lld).", (long long) job->id) : 0));
}

/* Writes down the failure of a batch that was rolled back. */
static void
batch_failed(JobRun *run, Job *job, ErrorData *error)
{
	bool		is_put_off = job_waited_in_vain(run, error);

	if (is_put_off)
		job_put_off(job, error->message);
	else
		job_end_failed_batch(job, error->message);
	commit_or_throw(run);
	run->has_failed |= (job->state == JOB_READY);
	run->has_held |= job->is_held;
	report_failure(run, job, error, is_put_off);

	/*
	 * a conflict with another transaction is worth trying again at once,
	 * anything else in another call
	 */
	if (run->in_procedure &&
		error->sqlerrcode != ERRCODE_T_R_SERIALIZATION_FAILURE && error->sqlerrcode != ERRCODE_T_R_DEADLOCK_DETECTED)
		job_skip(run, job);
}

/*
 * After a commit has failed, in the transaction that follows: takes the locks anew. False when somebody else has
 * taken up the job since, which is his then.
 */
static bool
retake_locks(JobRun *run, Job *job)
{
	if (!run->in_procedure)
		run->has_place = job_place_take(run->max_workers, &run->place, &run->is_spare);
	return job_lock(job);
}

/* One batch and what becomes of it. */
static void
run_batch(JobRun *run, Job *job)
{
	JobBatch	batch = {.shown_total = PROGRESS_UNKNOWN};
	JobState	state = job->state;
	int			failures = job->failures;
	ErrorData  *error;

	begin(run);
	error = job_batch(run, job, &batch);
	if (error == NULL)
	{
		if (batch.cursor != NULL)
			job->cursor = pstrdup(batch.cursor);
		error = commit(run);
		if (error == NULL)
		{
			rows_progress_job_rows(batch.shown_done, batch.shown_total);
			return;
		}
		begin(run);
		if (!retake_locks(run, job))
		{
			job->state = JOB_READY;
			commit_or_throw(run);
			if (is_cancel(run, error))
				ReThrowError(error);
			return;
		}
	}
	job->state = state;
	job->failures = failures;
	if (is_cancel(run, error))
	{
		job_give_back(run, job, true);
		ReThrowError(error);
	}
	batch_failed(run, job, error);
}

/* Between two batches: whether somebody else's job waits for its turn. */
static bool
others_wait(JobRun *run, Job *job)
{
	bool		wait;

	begin(run);
	wait = job_others_wait(job, candidates_of(run, false));
	commit_or_throw(run);
	return wait;
}

/* The job comes again when the others had their turn. */
static void
make_way(JobRun *run, Job *job)
{
	begin(run);
	job_leave(job);
	commit_or_throw(run);
	run->has_held |= job->is_held;
}

/* Works a claimed job to its end, or as far as it goes: until somebody else's turn has come. */
static void
run_claimed(JobRun *run, Job *job)
{
	for (int number = 1; job->state == JOB_RUNNING; number++)
	{
		if (number > 1 && others_wait(run, job))
		{
			make_way(run, job);
			return;
		}
		if (!run->in_procedure)
		{
			CHECK_FOR_INTERRUPTS();
			job_report_activity(job, number);
			if (ConfigReloadPending)
			{
				ConfigReloadPending = false;
				ProcessConfigFile(PGC_SIGHUP);
			}
			if (job_database_is_wanted())
			{
				run->must_leave = true;
				job_give_back(run, job, false);
				return;
			}
		}
		run_batch(run, job);
		if (!run->in_procedure)
			pgstat_report_stat(false);
	}
}

/* Claims a job and works it. */
static JobClaim
run_candidate(JobRun *run, Job *job)
{
	JobClaim	claim;

	begin(run);
	claim = job_claim(job);
	commit_or_throw(run);
	if (claim == CLAIM_OK)
	{
		MemoryContextSwitchTo(run->skipped_cxt);
		run->served = job_has_served(run->served, job->requested_by);
		MemoryContextSwitchTo(run->cxt);
		rows_progress_job(job_kind_name(job->kind), job->relationship);
		run_claimed(run, job);
		rows_progress_job_ends();
	}
	job_unlock(job);
	return claim;
}

/* The jobs that this run may work and has not given up, whose turn it is first, in run->cxt. */
static List *
find_candidates(JobRun *run)
{
	List	   *candidates = NIL;

	begin(run);
	if (OidIsValid(relmeta_extension_oid()))
		candidates = candidates_of(run, run->in_procedure);
	if (run->is_spare)
		candidates = job_unserved(candidates);
	job_order_by_turn(candidates, run->served);
	commit_or_throw(run);
	return candidates;
}

/* Waits for the end of what somebody else does with the job's relationship. */
static void
wait_for_other(JobRun *run, Job *job)
{
	begin(run);
	job_wait_until_idle(job);
	commit_or_throw(run);
}

/*
 * Goes through the queue until one job was worked.  Returns false when there
 * is nothing left to do; run->locked is the job whose locks an error must give back.
 */
static bool
run_pass(JobRun *run)
{
	List	   *candidates = find_candidates(run);
	Job		   *busy = NULL;
	ListCell   *cell;

	foreach(cell, candidates)
	{
		JobClaim	claim;

		run->current = lfirst(cell);
		claim = run_candidate(run, run->current);
		if (claim == CLAIM_OK)
			return !run->must_leave && (run->in_procedure || run->has_place);
		if (claim == CLAIM_BUSY && busy == NULL)
			busy = run->current;
		if (claim == CLAIM_HELD || (claim == CLAIM_SKIP && run->in_procedure))
			job_skip(run, run->current);
		run->has_held |= (claim == CLAIM_HELD);
	}
	if (busy == NULL || !run->in_procedure)
		return false;
	wait_for_other(run, busy);
	return true;
}

static void
forget(JobRun *run)
{
	begin(run);
	if (OidIsValid(relmeta_extension_oid()))
		job_forget_finished();
	commit_or_throw(run);
}

void
job_run(JobRun *run)
{
	MemoryContext outer = CurrentMemoryContext;

	run->skipped = NIL;
	run->served = NIL;
	run->skipped_cxt = outer;
	run->current = NULL;
	run->cxt = AllocSetContextCreate(outer, "relmeta job run", ALLOCSET_DEFAULT_SIZES);
	PG_TRY();
	{
		forget(run);
		while (run_pass(run))
		{
			run->current = NULL;
			MemoryContextReset(run->cxt);
		}
		forget(run);
	}
	PG_FINALLY();
	{
		rows_progress_job_ends();
		/* an error leaves session locks where they are */
		if (run->current != NULL)
			job_unlock(run->current);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(run->cxt);
}
