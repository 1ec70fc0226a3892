/*
 * reset_pass.c
 *		The passes of a reset, which find its rows.
 *
 * The first pass finds all rows of the tables below, in the order of their keys, a batch at a time.  A row whose key
 * changes meanwhile may slip through: from where the pass has not been to where it has been already, or between
 * the statement that finds it and the one that locks it.  Then there is a version of the row by a transaction that
 * had not ended when the pass began.  So a second pass does the rows of such versions, mostly few or none; and when
 * it has taken two statements for the rows of a relationship, or missed one, a third those that are newer than the
 * beginning of the second, and so on.
 */
#include "job/internal.h"

#include "catalog/pg_type.h"
#include "job/reset.h"
#include "model/key.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

/* variants of build_keys(): from the first key on; only some transactions' versions */
#define KEYS_ALL (1 * PLAN_VARIANT_OWN)
#define KEYS_SINCE (2 * PLAN_VARIANT_OWN)

/* running transactions that are told apart, at the most */
#define RUNNING_MAX 1000

/* each pass after the second is much shorter than the one before, unless rows change faster than they are done */
#define PASSES_MAX 10

/* ---- passes ---- */

static void
running_now(Running *running)
{
	Snapshot	snapshot = GetLatestSnapshot();
	uint32		n = snapshot->xcnt + snapshot->subxcnt;

	memset(running, 0, sizeof(Running));
	running->upper = snapshot->xmax;
	if (snapshot->suboverflowed || n > RUNNING_MAX)
	{
		running->upper = snapshot->xmin;
		return;
	}
	running->n = (int) n;
	running->xids = palloc(Max(n, 1) * sizeof(TransactionId));
	memcpy(running->xids, snapshot->xip, snapshot->xcnt * sizeof(TransactionId));
	memcpy(running->xids + snapshot->xcnt, snapshot->subxip, snapshot->subxcnt * sizeof(TransactionId));
}

void
job_pass_begin(Pass *pass)
{
	memset(pass, 0, sizeof(Pass));
	pass->missed = true;
	running_now(&pass->begun);
}

bool
job_pass_next(Pass *pass)
{
	if (!pass->missed || pass->number + 1 == PASSES_MAX)
		return false;
	pass->number++;
	pass->missed = false;
	pass->since = pass->begun;
	running_now(&pass->begun);
	return true;
}

/* ---- as text: "number,missed;upper,xid,...;upper,xid,...", the second since, the third begun ---- */

static void
running_write(StringInfo written, const Running *running)
{
	appendStringInfo(written, ";%u", running->upper);
	for (int i = 0; i < running->n; i++)
		appendStringInfo(written, ",%u", running->xids[i]);
}

char *
job_pass_write(const Pass *pass)
{
	StringInfoData written;

	initStringInfo(&written);
	appendStringInfo(&written, "%d,%d", pass->number, pass->missed);
	running_write(&written, &pass->since);
	running_write(&written, &pass->begun);
	return written.data;
}

static bool
running_read(Running *running, const char **written)
{
	char	   *end;

	memset(running, 0, sizeof(Running));
	if (**written != ';')
		return false;
	running->upper = (TransactionId) strtoul(*written + 1, &end, 10);
	running->xids = palloc(RUNNING_MAX * sizeof(TransactionId));
	while (*end == ',' && running->n < RUNNING_MAX)
		running->xids[running->n++] = (TransactionId) strtoul(end + 1, &end, 10);
	*written = end;
	return true;
}

bool
job_pass_read(Pass *pass, const char *written)
{
	int			missed;
	int			length = 0;

	if (sscanf(written, "%d,%d%n", &pass->number, &missed, &length) != 2)
		return false;
	written += length;

	pass->missed = missed != 0;
	return running_read(&pass->since, &written) && running_read(&pass->begun, &written);
}

/* ---- rows ---- */

/*
 * (A version is the older, the higher the age of its transaction.)
 *
 *	SELECT c.key FROM s.contact AS c
 *	WHERE true [AND $1 < c.key] [AND (age(c.xmin) <= age($3) OR c.xmin = ANY ($4))] ORDER BY c.key LIMIT $2
 */
static void
build_keys(PlanText *built, void *subject, int variant)
{
	ModelTable *table = subject;
	StringInfo	sql = &built->sql;

	built->nparams = 4;
	built->params[0] = model_key_param(table, false);
	built->params[1] = INT8OID;
	built->params[2] = XIDOID;
	built->params[3] = get_array_type(XIDOID);

	appendStringInfo(sql, "SELECT %s FROM %s AS c WHERE true", model_key_sql(table, "c"), table->sql_name);
	if ((variant & KEYS_ALL) == 0)
		appendStringInfo(sql, " AND %s", model_key_is_after(table, "c", "$1"));
	if ((variant & KEYS_SINCE) != 0)
		appendStringInfoString(sql, " AND (pg_catalog.age(c.xmin) OPERATOR(pg_catalog.<=) pg_catalog.age($3)"
							   " OR c.xmin" SQL_EQ "ANY ($4))");
	appendStringInfo(sql, " ORDER BY %s LIMIT $2", model_key_sql(table, "c"));
}

/*
 *	SELECT pg_catalog.count(*) FROM s.contact AS c
 */
static void
build_row_count(PlanText *built, void *subject, int variant)
{
	appendStringInfo(&built->sql, "SELECT pg_catalog.count(*) FROM %s AS c", ((ModelTable *) subject)->sql_name);
}

int64
job_pass_rows(ModelTable *table)
{
	int64		rows;
	bool		isnull;
	SPIPlanPtr	plan;

	if (!OidIsValid(table->entry_relid))
		return 0;				/* nobody goes through it */
	plan = rows_plan(build_row_count, PLAN_ANY_PATH | PLAN_ONE, (int) table->relid, table->relid, AccessShareLock,
					 table, table->model);
	rows_run(plan, table->relid, NULL, NULL, RUN_FIRE_TRIGGERS | RUN_NEW_ROWS, 0);
	rows = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	SPI_freetuptable(SPI_tuptable);
	return rows;
}

static Datum
xid_array(const Running *running)
{
	Datum	   *values = palloc(Max(running->n, 1) * sizeof(Datum));

	for (int i = 0; i < running->n; i++)
		values[i] = TransactionIdGetDatum(running->xids[i]);
	return PointerGetDatum(construct_array(values, running->n, XIDOID, sizeof(TransactionId), true, TYPALIGN_INT));
}

DatumSet *
job_pass_keys(Pass *pass, ModelTable *table, const Datum *after, int limit)
{
	RowList    *list;
	ModelType  *types[1] = {model_key_type(table)};
	Datum		values[4] = {after != NULL ? *after : (Datum) 0, Int64GetDatum(limit),
	TransactionIdGetDatum(pass->since.upper), xid_array(&pass->since)};
	int			variant = (after == NULL ? KEYS_ALL : 0) + (pass->number > 0 ? KEYS_SINCE : 0);
	SPIPlanPtr	plan = rows_plan(build_keys, PLAN_ANY_PATH | PLAN_ONE | variant, (int) table->relid, table->relid,
								 AccessShareLock, table, table->model);

	list = rows_list_make(1, types);
	rows_run(plan, table->relid, values, after != NULL ? NULL : "n   ", RUN_FIRE_TRIGGERS | RUN_NEW_ROWS, 0);
	rows_list_take_result(list);
	pass->missed |= after != NULL && list->nrows > 0;
	return rows_list_distinct(list, 0, list->nrows, 0);
}
