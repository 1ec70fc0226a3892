/*
 * turn.c
 *		Whose job comes next: requesters take turns, however many jobs each has
 *		queued (ARCHITECTURE §7).
 *
 * Who works the queue remembers whom he has served, and takes the first job of
 * whoever has waited longest.  Between two batches he makes way for somebody
 * else's job that nobody works.
 *
 * A batch may take as long as its requester likes: his tables are locked, or his code sleeps.  So when all places are
 * taken there is one more, the spare one, for whoever is served in none of them.
 */
#include "job/internal.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

/* of each requester: some may be busy, or locked by whoever controls them */
#define CANDIDATES 16

static ArrayType *
id_array(List *ids)
{
	Datum	   *elems = palloc(Max(list_length(ids), 1) * sizeof(Datum));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, ids)
		elems[n++] = Int64GetDatum(*(int64 *) lfirst(lc));
	return construct_array(elems, n, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
}

/*
 * The requesters by job_open_idx, one probe each, and of each its first jobs by
 * the same index: not all of the queue is read for each job.
 */
static const char *const candidates_sql =
"WITH RECURSIVE requester(name) AS ("
"  (SELECT requested_by FROM relmeta.job WHERE " JOB_IS_OPEN " ORDER BY requested_by LIMIT 1)"
"  UNION ALL"
"  SELECT (SELECT j.requested_by FROM relmeta.job AS j WHERE j." JOB_IS_OPEN
"            AND j.requested_by OPERATOR(pg_catalog.>) r.name ORDER BY j.requested_by LIMIT 1)"
"    FROM requester AS r WHERE r.name IS NOT NULL)"
" SELECT c.* FROM requester AS r CROSS JOIN LATERAL"
"  (SELECT " JOB_COLUMNS " FROM relmeta.job AS j"
"    WHERE " JOB_IS_OPEN " AND requested_by OPERATOR(pg_catalog.=) r.name"
"      AND state OPERATOR(pg_catalog.<>) 'paused' AND NOT replicated"
"      AND (state OPERATOR(pg_catalog.<>) 'ready' OR next_attempt_at IS NULL"
"           OR next_attempt_at OPERATOR(pg_catalog.<=) $1)"
"      AND job_id OPERATOR(pg_catalog.<>) ALL ($3)"
"      AND ($2 IS NULL OR EXISTS (SELECT FROM relmeta.relationship AS s"
"             JOIN pg_catalog.pg_class AS p ON p.oid OPERATOR(pg_catalog.=) s.primary_table"
"             JOIN pg_catalog.pg_class AS t ON t.oid OPERATOR(pg_catalog.=) s.related_table"
"             WHERE s.relationship_id OPERATOR(pg_catalog.=) j.relationship_id"
"               AND pg_catalog.pg_has_role($2, p.relowner, 'USAGE')"
"               AND pg_catalog.pg_has_role($2, t.relowner, 'USAGE')))"
"    ORDER BY job_id LIMIT $4) AS c"
" ORDER BY c.job_id";

List *
job_candidates(bool waiting, Oid of, List *but)
{
	Oid			types[] = {TIMESTAMPTZOID, OIDOID, INT8ARRAYOID, INT8OID};
	Datum		values[4];
	char		nulls[] = "    ";

	values[0] = waiting ? TimestampTzGetDatum(DT_NOEND) : TimestampTzGetDatum(GetCurrentTimestamp());
	values[1] = ObjectIdGetDatum(of);
	nulls[1] = OidIsValid(of) ? ' ' : 'n';
	values[2] = PointerGetDatum(id_array(but));
	values[3] = Int64GetDatum(CANDIDATES);
	return job_select(candidates_sql, 4, types, values, nulls);
}

/* ---- turns ---- */

/* -1: not served yet */
static int
turn_of(const Job *job, List *served)
{
	ListCell   *lc;

	foreach(lc, served)
	{
		if (strcmp(lfirst(lc), job->requested_by) == 0)
			return foreach_current_index(lc);
	}
	return -1;
}

static int
by_turn(const ListCell *a, const ListCell *b)
{
	const Job  *x = lfirst(a);
	const Job  *y = lfirst(b);

	if (x->turn != y->turn)
		return x->turn < y->turn ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

void
job_order_by_turn(List *jobs, List *served)
{
	ListCell   *lc;

	foreach(lc, jobs)
		((Job *) lfirst(lc))->turn = turn_of(lfirst(lc), served);
	list_sort(jobs, by_turn);
}

List *
job_has_served(List *served, const char *requester)
{
	ListCell   *lc;

	foreach(lc, served)
	{
		if (strcmp(lfirst(lc), requester) == 0)
		{
			char	   *name = lfirst(lc);

			served = foreach_delete_current(served, lc);
			return lappend(served, name);
		}
	}
	return lappend(served, pstrdup(requester));
}

List *
job_unserved(List *jobs)
{
	List	   *unserved = NIL;
	ListCell   *lc;

	foreach(lc, jobs)
		if (!job_requester_is_served(lfirst(lc)))
		unserved = lappend(unserved, lfirst(lc));
	return unserved;
}

bool
job_others_wait(const Job *job, List *candidates)
{
	ListCell   *lc;

	foreach(lc, candidates)
	{
		Job		   *other = lfirst(lc);

		if (strcmp(other->requested_by, job->requested_by) != 0 && job_lock(other))
		{
			job_unlock(other);
			return true;
		}
	}
	return false;
}
