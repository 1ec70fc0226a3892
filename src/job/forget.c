/*
 * forget.c
 *		Jobs that have ended are history, for relmeta.job_retention.
 *
 * Whoever works the queue forgets them, a limited number at a time.
 */
#include "job/internal.h"

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

#define FORGET_AT_MOST 10000

/* One that has failed says that something is not done, until a later job does it or its relationship is gone. */
static const char *const forget_sql =
"DELETE FROM relmeta.job WHERE job_id OPERATOR(pg_catalog.=) ANY (ARRAY("
"  SELECT j.job_id FROM relmeta.job AS j"
"  WHERE j.state OPERATOR(pg_catalog.=) ANY (ARRAY['canceled', 'succeeded', 'failed'])"
"    AND j.finished_at OPERATOR(pg_catalog.<=) $1 AND NOT j.replicated"
"    AND (j.state OPERATOR(pg_catalog.<>) 'failed'"
"      OR EXISTS (SELECT FROM relmeta.job AS o WHERE o.relationship_id OPERATOR(pg_catalog.=) j.relationship_id"
"           AND o.kind OPERATOR(pg_catalog.=) j.kind AND o.job_id OPERATOR(pg_catalog.>) j.job_id)"
"      OR NOT EXISTS (SELECT FROM relmeta.relationship AS r"
"           WHERE r.relationship_id OPERATOR(pg_catalog.=) j.relationship_id))"
"  ORDER BY j.finished_at LIMIT $2 FOR UPDATE SKIP LOCKED))"
" RETURNING job_id";

void
job_forget_finished(void)
{
	Oid			types[] = {TIMESTAMPTZOID, INT8OID};
	Datum		values[2];

	if (job_retention < 0)
		return;
	values[0] = TimestampTzGetDatum(GetCurrentTimestamp() - (int64) job_retention * USECS_PER_SEC);
	values[1] = Int64GetDatum(FORGET_AT_MOST);
	SPI_connect();
	job_execute(forget_sql, 2, types, values, NULL);
	SPI_finish();
}
