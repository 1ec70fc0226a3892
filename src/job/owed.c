/*
 * owed.c
 *		How a batch ended whose job's row somebody was changing just then.
 *
 * Nobody waits for him (queue.c), so that the row stays 'running' when its lock is let go of, as a crash leaves it.
 * What was to be written is kept in a row of its own in relmeta.job_owed, until the job is claimed or has ended: who
 * claims it tells the two apart by it.
 */
#include "job/internal.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

void
job_owed_keep(const Job *job, const char *error)
{
	Oid			types[] = {INT8OID, INT4OID, TEXTOID};
	Datum		values[3];
	char		nulls[] = "   ";

	values[0] = Int64GetDatum(job->id);
	values[1] = Int32GetDatum(job->failures);
	values[2] = error ? CStringGetTextDatum(error) : (Datum) 0;
	nulls[2] = error ? ' ' : 'n';
	SPI_connect();
	job_execute("INSERT INTO relmeta.job_owed (job_id, failures, last_error) VALUES ($1, $2, $3)"
				" ON CONFLICT (job_id) DO UPDATE SET failures = excluded.failures, last_error = excluded.last_error",
				3, types, values, nulls);
	SPI_finish();
}

bool
job_owed_take(int64 job_id, int *failures, char **error)
{
	MemoryContext cxt = CurrentMemoryContext;
	Oid			type = INT8OID;
	Datum		value = Int64GetDatum(job_id);
	bool		found;

	SPI_connect();
	job_execute("DELETE FROM relmeta.job_owed WHERE job_id OPERATOR(pg_catalog.=) $1 RETURNING failures, last_error",
				1, &type, &value, NULL);
	found = SPI_processed > 0;
	if (found)
	{
		HeapTuple	row = SPI_tuptable->vals[0];
		TupleDesc	desc = SPI_tuptable->tupdesc;
		bool		isnull;
		char	   *message = SPI_getvalue(row, desc, 2);

		*failures = DatumGetInt32(SPI_getbinval(row, desc, 1, &isnull));
		*error = message ? MemoryContextStrdup(cxt, message) : NULL;
	}
	SPI_finish();
	return found;
}

void
job_owed_forget(int64 job_id)
{
	Oid			type = INT8OID;
	Datum		value = Int64GetDatum(job_id);

	SPI_connect();
	job_execute("DELETE FROM relmeta.job_owed AS o WHERE o.job_id OPERATOR(pg_catalog.=) $1 OR NOT EXISTS"
				" (SELECT FROM relmeta.job AS j WHERE j.job_id OPERATOR(pg_catalog.=) o.job_id)",
				1, &type, &value, NULL);
	SPI_finish();
}
