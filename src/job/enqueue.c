/*
 * enqueue.c
 *		A job is queued, unless one that does the same has not begun yet.
 */
#include "job/internal.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

/*
 * A job that does the same and has not begun yet, now ours until we commit: who
 * works the queue does not claim it before.  0 when there is none, or somebody
 * is about to claim it.
 */
static int64
enqueued_already(JobKind kind, int relationship_id)
{
	Oid			types[] = {TEXTOID, INT4OID, INT8OID};
	Datum		values[3];
	List	   *jobs;
	Job		   *job;

	values[0] = CStringGetTextDatum(job_kind_name(kind));
	values[1] = Int32GetDatum(relationship_id);
	jobs = job_select("SELECT " JOB_COLUMNS " FROM relmeta.job"
					  " WHERE relationship_id OPERATOR(pg_catalog.=) $2 AND kind OPERATOR(pg_catalog.=) $1"
					  " AND " JOB_IS_OPEN " AND state OPERATOR(pg_catalog.=) 'ready' AND cursor IS NULL"
					  " AND NOT replicated ORDER BY job_id LIMIT 1 FOR UPDATE SKIP LOCKED", 2, types, values, NULL);
	if (jobs == NIL)
		return 0;
	job = linitial(jobs);
	if (job->of_this_transaction)
		return job->id;
	values[2] = Int64GetDatum(job->id);
	SPI_connect();
	job_execute("UPDATE relmeta.job SET next_attempt_at = NULL WHERE job_id OPERATOR(pg_catalog.=) $1",
				1, &types[2], &values[2], NULL);
	SPI_finish();
	return job->id;
}

static int64
enqueue_new(JobKind kind, int relationship_id, const char *relationship)
{
	Oid			types[] = {TEXTOID, INT4OID, TEXTOID, TEXTOID, TIMESTAMPTZOID};
	Datum		values[5];
	bool		isnull;
	int64		id;

	values[0] = CStringGetTextDatum(job_kind_name(kind));
	values[1] = Int32GetDatum(relationship_id);
	values[2] = CStringGetTextDatum(relationship);
	values[3] = CStringGetTextDatum(GetUserNameFromId(GetUserId(), false));
	values[4] = TimestampTzGetDatum(GetCurrentTimestamp());

	SPI_connect();
	job_execute("INSERT INTO relmeta.job (kind, relationship_id, relationship, requested_by, created_at)"
				" VALUES ($1, $2, $3, $4, $5) RETURNING job_id",
				5, types, values, NULL);
	id = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	SPI_finish();
	return id;
}

int64
job_enqueue(JobKind kind, int relationship_id, const char *relationship)
{
	int64		id = enqueued_already(kind, relationship_id);

	if (id == 0)
		id = enqueue_new(kind, relationship_id, relationship);
	job_launch_at_commit();
	return id;
}
