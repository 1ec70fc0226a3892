/*
 * queue.c
 *		The life of a job.  SEMANTICS 2.6.
 *
 * But for enqueue.c and forget.c nothing else writes relmeta.job, and transition() alone says which state
 * follows which.
 */
#include "job/internal.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/async.h"
#include "job/shrunk.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/timestamp.h"

#define MAX_RETRY_DELAY 3600000 /* ms */

static const char *const job_obsolete_error = "the relationship no longer exists";

/*
 *                          +--------- resume ---------+
 *                          |                          |
 *   enqueue --> ready ---claim--> running --give up--> failed
 *               |  ^ ^               |
 *               |  | +-error, yield--+--done--> succeeded
 *             pause|                 |
 *               |  resume          pause
 *               v  |                 |
 *               paused <-------------+
 *
 *   ready, running, paused --cancel--> canceled            when nobody works the job,
 *   ready, running, paused --cancel--> canceling --the batch ends--> canceled   when somebody does
 *   ready, running --obsolete--> canceled
 *
 * pause_job() writes 'paused' at once; whoever works the job meets it at the end
 * of its batch and stops.  Resumed by then, the job is 'ready' and goes on
 * running.  A job left behind by a crash is claimed in the state that it was
 * left in.
 */
static bool
transition(JobState from, JobEvent event, JobState *to)
{
	static const struct
	{
		JobEvent	event;
		JobState	from;
		JobState	to;
	}			table[] = {
		{EVENT_CLAIM, JOB_READY, JOB_RUNNING},
		{EVENT_CLAIM, JOB_RUNNING, JOB_RUNNING},
		{EVENT_CLAIM, JOB_CANCELING, JOB_CANCELED},

		{EVENT_BATCH, JOB_READY, JOB_RUNNING},
		{EVENT_BATCH, JOB_RUNNING, JOB_RUNNING},
		{EVENT_DONE, JOB_READY, JOB_SUCCEEDED},
		{EVENT_DONE, JOB_RUNNING, JOB_SUCCEEDED},
		{EVENT_YIELD, JOB_READY, JOB_READY},
		{EVENT_YIELD, JOB_RUNNING, JOB_READY},
		{EVENT_ERROR, JOB_READY, JOB_READY},
		{EVENT_ERROR, JOB_RUNNING, JOB_READY},
		{EVENT_GIVE_UP, JOB_READY, JOB_FAILED},
		{EVENT_GIVE_UP, JOB_RUNNING, JOB_FAILED},
		{EVENT_OBSOLETE, JOB_READY, JOB_CANCELED},
		{EVENT_OBSOLETE, JOB_RUNNING, JOB_CANCELED},

		{EVENT_PAUSE, JOB_READY, JOB_PAUSED},
		{EVENT_PAUSE, JOB_RUNNING, JOB_PAUSED},
		{EVENT_CANCEL, JOB_READY, JOB_CANCELED},
		{EVENT_CANCEL, JOB_RUNNING, JOB_CANCELED},
		{EVENT_CANCEL, JOB_PAUSED, JOB_CANCELED},
		{EVENT_CANCEL, JOB_CANCELING, JOB_CANCELED},
		{EVENT_CANCEL_BUSY, JOB_READY, JOB_CANCELING},
		{EVENT_CANCEL_BUSY, JOB_RUNNING, JOB_CANCELING},
		{EVENT_CANCEL_BUSY, JOB_PAUSED, JOB_CANCELING},
		{EVENT_CANCEL_BUSY, JOB_CANCELING, JOB_CANCELING},
		{EVENT_RESUME, JOB_PAUSED, JOB_READY},
		{EVENT_RESUME, JOB_FAILED, JOB_READY},
	};

	/* whatever the batch came to, a request to stop is met at its end */
	if (event >= EVENT_BATCH && event <= EVENT_OBSOLETE &&
		(from == JOB_PAUSED || from == JOB_CANCELING))
	{
		*to = (from == JOB_PAUSED) ? JOB_PAUSED : JOB_CANCELED;
		return true;
	}
	for (int i = 0; i < (int) lengthof(table); i++)
	{
		if (table[i].event == event && table[i].from == from)
		{
			*to = table[i].to;
			return true;
		}
	}
	return false;
}

/* Tells whoever listens that a job has ended; sent when the transaction commits. */
static void
notify_end(const Job *job)
{
	StringInfoData payload;

	initStringInfo(&payload);
	appendStringInfo(&payload, "{\"job_id\": %lld, \"kind\": \"%s\", \"relationship\": ",
					 (long long) job->id, job_kind_name(job->kind));
	escape_json(&payload, job->relationship);
	appendStringInfo(&payload, ", \"state\": \"%s\"}", job_state_name(job->state));
	Async_Notify("relmeta_jobs", payload.data);
	pfree(payload.data);
}

/*
 * Writes job->state and job->failures, and adds what a batch did.  batch and
 * error may be NULL (then the message of an earlier failure stays), due 0.
 */
static void
job_write(Job *job, const JobBatch *batch, int attempts, const char *error, TimestampTz due)
{
	static const JobBatch none = {0};
	Oid			types[] = {
		INT8OID, TEXTOID, INT4OID, INT4OID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, BOOLOID,
		TEXTOID, INT4OID, INT4OID, INT8OID, INT8OID
	};
	Datum		values[13];
	char		nulls[13];

	if (batch == NULL)
		batch = &none;
	memset(nulls, ' ', sizeof(nulls));
	values[0] = Int64GetDatum(job->id);
	values[1] = CStringGetTextDatum(job_state_name(job->state));
	values[2] = Int32GetDatum(attempts);
	values[3] = Int32GetDatum(job->failures);
	values[4] = error ? CStringGetTextDatum(error) : (Datum) 0;
	nulls[4] = error ? ' ' : 'n';
	values[5] = TimestampTzGetDatum(due);
	nulls[5] = due ? ' ' : 'n';
	values[6] = TimestampTzGetDatum(GetCurrentTimestamp());
	values[7] = BoolGetDatum(job_state_is_final(job->state));
	values[8] = batch->cursor ? CStringGetTextDatum(batch->cursor) : (Datum) 0;
	nulls[8] = batch->cursor ? ' ' : 'n';
	values[9] = Int32GetDatum(batch->tables);
	values[10] = Int32GetDatum(batch->principals);
	nulls[9] = nulls[10] = batch->has_totals ? ' ' : 'n';
	values[11] = Int64GetDatum(batch->rows_examined);
	values[12] = Int64GetDatum(batch->rows_revoked);

	SPI_connect();
	job_execute("UPDATE relmeta.job SET state = $2, attempts = attempts OPERATOR(pg_catalog.+) $3, failures = $4,"
				" last_error = COALESCE($5, last_error), next_attempt_at = $6,"
				" started_at = CASE WHEN $3 OPERATOR(pg_catalog.>) 0 THEN COALESCE(started_at, $7) ELSE started_at END,"
				" finished_at = CASE WHEN $8 THEN $7 END,"
				" cursor = COALESCE($9, cursor),"
				" tables = COALESCE($10, tables), principals = COALESCE($11, principals),"
				" rows_examined = rows_examined OPERATOR(pg_catalog.+) $12,"
				" rows_revoked = rows_revoked OPERATOR(pg_catalog.+) $13,"
				" replicated = false"
				" WHERE job_id OPERATOR(pg_catalog.=) $1",
				13, types, values, nulls);
	SPI_finish();
	if (!job_state_is_final(job->state))
		return;
	job_owed_forget(job->id);
	if (job->state != JOB_FAILED)	/* it may be resumed */
		job_shrunk_forget(job->id);
	notify_end(job);
}

static bool
job_is_there(const Job *job)
{
	Datum		id = Int64GetDatum(job->id);
	Oid			type = INT8OID;

	return job_select("SELECT " JOB_COLUMNS " FROM relmeta.job WHERE job_id OPERATOR(pg_catalog.=) $1",
					  1, &type, &id, NULL) != NIL;
}

JobClaim
job_claim(Job *job)
{
	List	   *rows;
	Job		   *row;
	JobState	next;
	Datum		id = Int64GetDatum(job->id);
	Oid			type = INT8OID;
	char	   *error = NULL;
	bool		is_owed;

	if (!job_lock(job))
		return CLAIM_BUSY;
	rows = job_select("SELECT " JOB_COLUMNS " FROM relmeta.job"
					  " WHERE job_id OPERATOR(pg_catalog.=) $1 FOR UPDATE SKIP LOCKED",
					  1, &type, &id, NULL);
	row = (rows == NIL) ? NULL : linitial(rows);
	if (row == NULL || row->replicated || !transition(row->state, EVENT_CLAIM, &next))
	{
		job_unlock(job);
		return row == NULL && job_is_there(job) ? CLAIM_HELD : CLAIM_SKIP;
	}

	job->cursor = row->cursor;
	is_owed = job_owed_take(job->id, &job->failures, &error);
	if (row->state != JOB_RUNNING)
		job->failures = row->failures;
	else
	{
		if (!is_owed)
		{
			error = pstrdup("the work ended before its batch was done: a crash, a shutdown or a termination");
			job->failures = row->failures + 1;
		}
		if (job->failures >= job_max_attempts)
			transition(row->state, EVENT_GIVE_UP, &next);
	}
	job->state = next;
	job_write(job, NULL, next == JOB_RUNNING ? 1 : 0, error, 0);
	return CLAIM_OK;
}

/*
 * Locks the row and finds the state that follows; false when the row is gone or
 * was ended by hand, and without wait when somebody is changing it: who may
 * control a job keeps its worker waiting in a batch only, which has an end.
 */
static bool
next_state(Job *job, JobEvent event, bool wait)
{
	List	   *rows;
	Datum		id = Int64GetDatum(job->id);
	Oid			type = INT8OID;

	rows = job_select(wait ?
					  "SELECT " JOB_COLUMNS " FROM relmeta.job WHERE job_id OPERATOR(pg_catalog.=) $1 FOR UPDATE" :
					  "SELECT " JOB_COLUMNS " FROM relmeta.job WHERE job_id OPERATOR(pg_catalog.=) $1"
					  " FOR UPDATE SKIP LOCKED",
					  1, &type, &id, NULL);
	if (rows != NIL && transition(((Job *) linitial(rows))->state, event, &job->state))
		return true;
	job->is_held = !wait && rows == NIL && job_is_there(job);
	job->state = job->is_held ? JOB_READY : JOB_CANCELED;
	return false;
}

/*
 * Without wait: then the row stays as it is when somebody is changing it, and what was to be written is kept for
 * whoever claims the job next.
 */
static bool
next_state_now(Job *job, JobEvent event, const char *error)
{
	if (next_state(job, event, false))
		return true;
	if (job->is_held)
		job_owed_keep(job, error);
	return false;
}

void
job_end_batch(Job *job, JobEvent event, const JobBatch *batch)
{
	if (!next_state(job, event, true))
		return;
	if (event == EVENT_BATCH || event == EVENT_DONE)
		job->failures = 0;
	job_write(job, batch, 0,
			  event == EVENT_OBSOLETE ? job_obsolete_error : NULL, 0);
}

void
job_leave(Job *job)
{
	if (next_state_now(job, EVENT_YIELD, NULL))
		job_write(job, NULL, 0, NULL, 0);
}

/* The job comes again after so many ms. */
static void
write_postponed(Job *job, const char *message, int64 delay)
{
	job_write(job, NULL, 0, message,
			  job->state == JOB_READY ? TimestampTzPlusMilliseconds(GetCurrentTimestamp(), delay) : 0);
}

void
job_put_off(Job *job, const char *message)
{
	if (next_state_now(job, EVENT_YIELD, message))
		write_postponed(job, message, job_retry_delay);
}

void
job_end_failed_batch(Job *job, const char *message)
{
	int64		delay = job_retry_delay;

	job->failures++;
	if (!next_state_now(job, job->failures < job_max_attempts ? EVENT_ERROR : EVENT_GIVE_UP, message))
		return;
	for (int i = 1; i < job->failures && delay < MAX_RETRY_DELAY; i++)
		delay *= 2;
	write_postponed(job, message, Min(delay, MAX_RETRY_DELAY));
}

void
job_change(Job *job, JobEvent event)
{
	JobState	next;

	if (event == EVENT_RESUME && job->replicated && !job_state_is_final(job->state))
		next = JOB_READY;		/* taken over from the server that it came
								 * from */
	else if (!transition(job->state, event, &next))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("state of job %lld is \"%s\"", (long long) job->id, job_state_name(job->state)),
				 event == EVENT_PAUSE ?
				 errhint("Only a job that is ready or running can be paused.") :
				 event == EVENT_RESUME ?
				 errhint("Only a job that is paused or failed can be resumed.") :
				 errhint("A job that has ended cannot be canceled.")));
	job->state = next;
	if (event == EVENT_RESUME)
		job->failures = 0;
	job_write(job, NULL, 0, NULL, 0);
	if (next == JOB_READY)
		job_launch_at_commit();
}

void
job_cancel_obsolete(int relationship_id)
{
	Datum		value = Int32GetDatum(relationship_id);
	Oid			type = INT4OID;
	ListCell   *cell;

	foreach(cell, job_select("SELECT " JOB_COLUMNS " FROM relmeta.job"
							 " WHERE relationship_id OPERATOR(pg_catalog.=) $1"
							 " AND state OPERATOR(pg_catalog.=) ANY"
							 "   (ARRAY['ready', 'running', 'paused', 'canceling']) FOR UPDATE",
							 1, &type, &value, NULL))
	{
		Job		   *job = lfirst(cell);

		/* whoever works it finds the relationship gone */
		if (job_is_busy(job) || !transition(job->state, EVENT_CANCEL, &job->state))
			continue;
		job_write(job, NULL, 0, job_obsolete_error, 0);
	}
}
