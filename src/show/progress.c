/*
 * progress.c
 *		relmeta.progress, SEMANTICS 2.7: what the sessions' slots (rows/progress.h) show.
 */
#include "relmeta.h"

#include "catalog/pg_authid.h"
#include "compat.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "model/model.h"
#include "rows/progress.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(relmeta_read_progress);

/* Could the caller have queued the job? */
static bool
owns_job(const ProgressSeen *seen)
{
	ModelRelationship *relationship;

	if (!seen->has_job)
		return false;
	relationship = model_relationship_by_name(model_current(), NameStr(seen->job.relationship));
	return relationship != NULL && relmeta_owns_relation(relationship->primary->relid, GetUserId()) &&
		relmeta_owns_relation(relationship->related->relid, GetUserId());
}

static void
put(ReturnSetInfo *result, int pid, const Progress *progress)
{
	Datum		values[7];
	bool		nulls[7] = {false};

	values[0] = Int32GetDatum(pid);
	values[1] = CStringGetTextDatum(NameStr(progress->relationship));
	values[2] = CStringGetTextDatum(progress->action);
	values[3] = Int32GetDatum(progress->level);
	values[4] = Int64GetDatum(progress->rows_done);
	values[5] = Int64GetDatum(progress->rows_total);
	nulls[5] = progress->rows_total == PROGRESS_UNKNOWN;
	values[6] = TimestampTzGetDatum(progress->started_at);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

Datum
relmeta_read_progress(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	bool		all = has_privs_of_role(GetUserId(), ROLE_PG_READ_ALL_STATS);

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < rows_progress_slots(); i++)
	{
		ProgressSeen seen;

		if (!rows_progress_look(i, &seen))
			continue;
		if (!all && seen.pid != MyProcPid && !has_privs_of_role(GetUserId(), seen.roleid) && !owns_job(&seen))
			continue;
		if (seen.has_job)
			put(result, seen.pid, &seen.job);
		if (seen.has_act)
			put(result, seen.pid, &seen.act);
	}
	return (Datum) 0;
}
