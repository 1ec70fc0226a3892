/*
 * shrunk.c
 *		Which (row, principal) a job has counted: rows_revoked counts each once.
 *
 * Mostly each shrinks once, and counting is adding.  But where a table is reached
 * in two ways (two relationships, a hierarchy, a cycle of tables), a principal may
 * lose some rights on a row in one batch and others in a later one.  Once nothing
 * inherited is left to it, that is over; so only those to whom something is left
 * have to be remembered from batch to batch: they are few, mostly none.  They
 * stand in relmeta.job_counted until the job ends.
 */
#include "job/internal.h"

#include "catalog/pg_type.h"
#include "job/shrunk.h"
#include "model/key.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/* columns of ShrunkTable.pairs */
#define PAIR_OBJECT 0
#define PAIR_PRINCIPAL 1
#define PAIR_LEFT 2				/* something inherited is left */

/* so many are counted by one statement */
#define COUNT_ROWS 50000

/* what is to be counted of a table */
typedef struct ShrunkTable
{
	ModelTable *table;
	RowList    *pairs;			/* NULL: each shrinks once */
	bool		some_left;		/* to some of pairs */
} ShrunkTable;

/* The number of the job's relationships that lead to a table. */
static int
ways_to(List *relationships, Oid relid)
{
	int			ways = 0;
	ListCell   *cell;

	foreach(cell, relationships)
		ways += ((ModelRelationship *) lfirst(cell))->related->relid == relid;
	return ways;
}

/*
 * Can a (row, principal) of the table shrink more than once?  Several ways lead to
 * the table, or to one above it; what is above the first relationship is none of
 * the job's business.
 */
static bool
may_come_again(List *relationships, Oid relid)
{
	List	   *tables = list_make1_oid(relid);

	for (int i = 0; i < list_length(tables); i++)
	{
		Oid			table = list_nth_oid(tables, i);
		ListCell   *cell;

		if (ways_to(relationships, table) > 1)
			return true;
		foreach(cell, relationships)
		{
			ModelRelationship *relationship = lfirst(cell);

			if (relationship->related->relid == table && cell != list_head(relationships))
				tables = list_append_unique_oid(tables, relationship->primary->relid);
		}
	}
	return false;
}

JobShrunk *
job_shrunk_begin(List *relationships)
{
	JobShrunk  *shrunk = palloc0(sizeof(JobShrunk));

	shrunk->cxt = CurrentMemoryContext;
	shrunk->relationships = relationships;
	return shrunk;
}

static ShrunkTable *
shrunk_table(JobShrunk *shrunk, ModelTable *table)
{
	ListCell   *cell;
	ShrunkTable *made;
	MemoryContext old;

	foreach(cell, shrunk->tables)
	{
		if (((ShrunkTable *) lfirst(cell))->table->relid == table->relid)
			return lfirst(cell);
	}
	old = MemoryContextSwitchTo(shrunk->cxt);
	made = palloc0(sizeof(ShrunkTable));
	made->table = table;
	if (may_come_again(shrunk->relationships, table->relid))
	{
		ModelType  *types[3] = {model_key_type(table), model_principal(table), model_type_bool()};

		made->pairs = rows_list_make(3, types);
	}
	shrunk->tables = lappend(shrunk->tables, made);
	MemoryContextSwitchTo(old);
	return made;
}

void
job_shrunk_add(ModelTable *table, Datum object, Datum principal, bool is_left, void *arg)
{
	JobShrunk  *shrunk = arg;
	ShrunkTable *pairs_of_table = shrunk_table(shrunk, table);
	Datum		values[3] = {object, principal, BoolGetDatum(is_left)};
	bool		nulls[3] = {false, false, false};

	if (pairs_of_table->pairs == NULL)
	{
		shrunk->once++;
		return;
	}
	pairs_of_table->some_left |= is_left;
	rows_list_add(pairs_of_table->pairs, values, nulls);
}

/* Has the job left anything behind in an earlier batch? */
static bool
remembers(int64 job_id)
{
	Oid			type = INT8OID;
	Datum		value = Int64GetDatum(job_id);
	bool		found;

	SPI_connect();
	job_execute("SELECT 1 FROM relmeta.job_counted WHERE job_id OPERATOR(pg_catalog.=) $1 LIMIT 1",
				1, &type, &value, NULL);
	found = SPI_processed > 0;
	SPI_finish();
	return found;
}

/* Pairs [from, upto) as arrays of text, text and boolean. */
static void
as_arrays(ShrunkTable *pairs_of_table, int64 from, int64 upto, Datum *arrays)
{
	int			n = (int) (upto - from);
	Datum	   *columns[3];

	for (int i = 0; i < 3; i++)
		columns[i] = palloc(n * sizeof(Datum));
	for (int i = 0; i < n; i++)
	{
		Datum		values[3];
		bool		nulls[3];

		rows_list_get(pairs_of_table->pairs, from + i, values, nulls);
		columns[0][i] = CStringGetTextDatum(model_key_output(pairs_of_table->table, values[PAIR_OBJECT]));
		columns[1][i] = CStringGetTextDatum(model_type_output(model_principal(pairs_of_table->table),
															  values[PAIR_PRINCIPAL]));
		columns[2][i] = values[PAIR_LEFT];
	}
	for (int i = 0; i < 2; i++)
		arrays[i] = PointerGetDatum(construct_array(columns[i], n, TEXTOID, -1, false, TYPALIGN_INT));
	arrays[2] = PointerGetDatum(construct_array(columns[2], n, BOOLOID, 1, true, TYPALIGN_CHAR));
}

/* Counts pairs [from, upto) that were not counted before, and remembers those that may come again. */
static int64
count_and_remember(int64 job_id, ShrunkTable *pairs_of_table, int64 from, int64 upto)
{
	Oid			types[] = {INT8OID, TEXTOID, TEXTARRAYOID, TEXTARRAYOID, BOOLARRAYOID};
	Datum		values[5];
	bool		isnull;
	int64		count;

	values[0] = Int64GetDatum(job_id);
	values[1] = CStringGetTextDatum(pairs_of_table->table->stable_name);
	as_arrays(pairs_of_table, from, upto, values + 2);
	SPI_connect();
	job_execute("WITH p AS MATERIALIZED (SELECT u.object, u.principal, pg_catalog.bool_and(u.is_left) AS is_left"
				" FROM ROWS FROM (pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5))"
				" AS u(object, principal, is_left) GROUP BY u.object, u.principal),"
				" i AS (INSERT INTO relmeta.job_counted (job_id, table_name, object, principal)"
				" SELECT $1, $2, p.object, p.principal FROM p WHERE p.is_left ON CONFLICT DO NOTHING RETURNING 1)"
				" SELECT (SELECT pg_catalog.count(*) FROM i) OPERATOR(pg_catalog.+)"
				" (SELECT pg_catalog.count(*) FROM p WHERE NOT p.is_left AND NOT EXISTS"
				" (SELECT FROM relmeta.job_counted AS c WHERE c.job_id OPERATOR(pg_catalog.=) $1"
				" AND c.table_name OPERATOR(pg_catalog.=) $2 AND c.object OPERATOR(pg_catalog.=) p.object"
				" AND c.principal OPERATOR(pg_catalog.=) p.principal))",
				5, types, values, NULL);
	count = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	SPI_finish();
	return count;
}

int64
job_shrunk_count(JobShrunk *shrunk, int64 job_id)
{
	int64		count = shrunk->once;
	ListCell   *cell;

	foreach(cell, shrunk->tables)
	{
		ShrunkTable *pairs_of_table = lfirst(cell);
		int64		n = pairs_of_table->pairs != NULL ? pairs_of_table->pairs->nrows : 0;

		if (n > 0 && !pairs_of_table->some_left && !remembers(job_id))
			count += n;
		else
		{
			for (int64 row = 0; row < n; row += COUNT_ROWS)
				count += count_and_remember(job_id, pairs_of_table, row, Min(row + COUNT_ROWS, n));
		}
	}
	return count;
}

void
job_shrunk_forget(int64 job_id)
{
	Oid			type = INT8OID;
	Datum		value = Int64GetDatum(job_id);

	SPI_connect();
	job_execute("DELETE FROM relmeta.job_counted AS c WHERE c.job_id OPERATOR(pg_catalog.=) $1 OR NOT EXISTS"
				" (SELECT FROM relmeta.job AS j WHERE j.job_id OPERATOR(pg_catalog.=) c.job_id)",
				1, &type, &value, NULL);
	SPI_finish();
}
