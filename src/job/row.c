/*
 * row.c
 *		Reading relmeta.job.
 *
 * Statements read with the latest snapshot: a job's state is what others have
 * committed by now, also under REPEATABLE READ.
 */
#include "job/internal.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

static const char *const job_kind_names[] = {"revoke", "reset"};
static const char *const job_state_names[] = {
	"ready", "running", "paused", "canceling", "canceled", "succeeded", "failed"
};

const char *
job_kind_name(JobKind kind)
{
	return job_kind_names[kind];
}

const char *
job_state_name(JobState state)
{
	return job_state_names[state];
}

static int
name_number(const char *name, const char *const *names, int n)
{
	for (int i = 0; i < n; i++)
	{
		if (strcmp(name, names[i]) == 0)
			return i;
	}
	elog(ERROR, "unexpected \"%s\" in relmeta.job", name);
	return 0;
}

void
job_execute(const char *sql, int nargs, Oid *types, Datum *values, const char *nulls)
{
	ActingAs	saved;
	SPIPlanPtr	plan;
	int			rc;

	saved = relmeta_act_begin(relmeta_extension_owner(), ACT_RESTRICTED);
	plan = SPI_prepare(sql, nargs, types);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	rc = SPI_execute_snapshot(plan, values, nulls, GetLatestSnapshot(), InvalidSnapshot, false, true, 0);
	if (rc < 0)
		elog(ERROR, "SPI_execute_snapshot failed: %s", SPI_result_code_string(rc));
	SPI_freeplan(plan);
	relmeta_act_end(saved);
}

/* A row of JOB_COLUMNS that SPI returned, in cxt. */
static Job *
job_from_tuple(HeapTuple tuple, TupleDesc desc, MemoryContext cxt)
{
	MemoryContext old = MemoryContextSwitchTo(cxt);
	Job		   *job = palloc0(sizeof(Job));
	TransactionId xmin;
	bool		isnull;

	job->id = DatumGetInt64(SPI_getbinval(tuple, desc, 1, &isnull));
	job->kind = name_number(TextDatumGetCString(SPI_getbinval(tuple, desc, 2, &isnull)),
							job_kind_names, lengthof(job_kind_names));
	job->relationship_id = DatumGetInt32(SPI_getbinval(tuple, desc, 3, &isnull));
	job->relationship = TextDatumGetCString(SPI_getbinval(tuple, desc, 4, &isnull));
	job->state = name_number(TextDatumGetCString(SPI_getbinval(tuple, desc, 5, &isnull)),
							 job_state_names, lengthof(job_state_names));
	if (SPI_getbinval(tuple, desc, 6, &isnull) != (Datum) 0 && !isnull)
		job->cursor = TextDatumGetCString(SPI_getbinval(tuple, desc, 6, &isnull));
	job->failures = DatumGetInt32(SPI_getbinval(tuple, desc, 7, &isnull));
	job->replicated = DatumGetBool(SPI_getbinval(tuple, desc, 8, &isnull));
	xmin = DatumGetTransactionId(SPI_getbinval(tuple, desc, 9, &isnull));
	job->of_this_transaction = TransactionIdIsCurrentTransactionId(xmin);
	job->requested_by = TextDatumGetCString(SPI_getbinval(tuple, desc, 10, &isnull));
	MemoryContextSwitchTo(old);
	return job;
}

List *
job_select(const char *sql, int nargs, Oid *types, Datum *values, const char *nulls)
{
	MemoryContext cxt = CurrentMemoryContext;
	List	   *jobs = NIL;

	SPI_connect();
	job_execute(sql, nargs, types, values, nulls);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		Job		   *job = job_from_tuple(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, cxt);
		MemoryContext old = MemoryContextSwitchTo(cxt);

		jobs = lappend(jobs, job);
		MemoryContextSwitchTo(old);
	}
	SPI_finish();
	return jobs;
}

Job *
job_required(int64 id, bool for_update)
{
	List	   *jobs;
	Datum		value = Int64GetDatum(id);
	Oid			type = INT8OID;

	jobs = job_select(for_update ?
					  "SELECT " JOB_COLUMNS " FROM relmeta.job WHERE job_id OPERATOR(pg_catalog.=) $1 FOR UPDATE" :
					  "SELECT " JOB_COLUMNS " FROM relmeta.job WHERE job_id OPERATOR(pg_catalog.=) $1",
					  1, &type, &value, NULL);
	if (jobs == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("job %lld does not exist", (long long) id),
				 errhint("The jobs are listed in relmeta.jobs.")));
	return linitial(jobs);
}

List *
job_unfinished(TimestampTz since)
{
	Datum		value = TimestampTzGetDatum(since);
	Oid			type = TIMESTAMPTZOID;

	return job_select("SELECT " JOB_COLUMNS " FROM relmeta.job AS j WHERE NOT replicated"
					  " AND (state OPERATOR(pg_catalog.=) ANY (ARRAY['running', 'paused', 'canceling'])"
					  "   OR state OPERATOR(pg_catalog.=) 'ready'"
					  "     AND COALESCE(next_attempt_at, created_at) OPERATOR(pg_catalog.<) $1"
					  "   OR state OPERATOR(pg_catalog.=) 'failed' AND NOT EXISTS (SELECT FROM relmeta.job AS o"
					  "     WHERE o.relationship_id OPERATOR(pg_catalog.=) j.relationship_id"
					  "     AND o.kind OPERATOR(pg_catalog.=) j.kind AND o.job_id OPERATOR(pg_catalog.>) j.job_id))"
					  " ORDER BY job_id",
					  1, &type, &value, NULL);
}

bool
job_next_attempt(TimestampTz *due)
{
	bool		isnull = true;

	SPI_connect();
	job_execute("SELECT pg_catalog.min(next_attempt_at) FROM relmeta.job"
				" WHERE state OPERATOR(pg_catalog.=) 'ready' AND NOT replicated",
				0, NULL, NULL, NULL);
	if (SPI_processed == 1)
		*due = DatumGetTimestampTz(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	SPI_finish();
	return !isnull;
}
