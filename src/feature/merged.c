/*
 * merged.c
 *		Rows of relmeta.merge: written by a merge, kept in step with the rows they
 *		are about, and read (SEMANTICS 2.7, 3.5, 3.6).
 *
 * A row has been merged once at the most: a later merge of the same subordinate takes the place of the first, and
 * one that would close a circle (of rows that were made active again) that of the master.
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/statement.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "feature/catalog.h"
#include "feature/follow_rows.h"
#include "feature/merge.h"
#include "funcapi.h"
#include "model/key.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(relmeta_merged_into);
PG_FUNCTION_INFO_V1(relmeta_merge_list);

/* so many keys are looked at in one go */
#define MERGED_BATCH 10000

/* ---- written ---- */

void
feature_merge_record(Merge *merge)
{
	Oid			types[4] = {REGCLASSOID, TEXTOID, TEXTOID, TEXTOID};
	Datum		values[4];
	int			level = feature_keys_begin();

	values[0] = ObjectIdGetDatum(merge->table->relid);
	values[1] = CStringGetTextDatum(feature_key_text(merge->table, merge->subordinate));
	values[2] = CStringGetTextDatum(feature_key_text(merge->table, merge->master));
	values[3] = CStringGetTextDatum(merge->actor);
	feature_keys_end(level);
	feature_catalog_change("DELETE FROM relmeta.merge WHERE relation = $1 AND subordinate = $2", 2, types, values,
						   NULL);
	feature_catalog_change("WITH RECURSIVE up AS ("
						   " SELECT g.master FROM relmeta.merge AS g WHERE g.relation = $1 AND g.subordinate = $3"
						   " UNION SELECT g.master FROM relmeta.merge AS g, up"
						   " WHERE g.relation = $1 AND g.subordinate = up.master)"
						   " DELETE FROM relmeta.merge WHERE relation = $1 AND subordinate = $3"
						   " AND EXISTS (SELECT FROM up WHERE up.master = $2)", 3, types, values, NULL);
	feature_catalog_change("INSERT INTO relmeta.merge (relation, subordinate, master, merged_at, merged_by)"
						   " VALUES ($1, $2, $3, pg_catalog.now(), $4)", 4, types, values, NULL);
}

/* ---- in step with the rows ---- */

static bool
has_merges(ModelTable *table)
{
	return feature_catalog_mentions("merge", "merge_pkey", table->relid);
}

/* Merges go with either row. */
static const FollowedCatalog followed = {"merges", "relmeta.merge", has_merges, {
		{"subordinate", " WHERE g.relation = $1", "relation, master, merged_at, merged_by"},
		{"master", " WHERE g.relation = $1"}
}};

void
feature_merged_init(void)
{
	feature_follow_rows(&followed);
}

/* ---- read ---- */

static Datum
merged_into(PG_FUNCTION_ARGS)
{
	Model	   *model = model_current();
	ModelTable *table;
	Oid			types[2] = {REGCLASSOID, TEXTOID};
	Datum		values[2];
	Datum		key = (Datum) 0;
	char	   *master = NULL;
	MemoryContext cxt = CurrentMemoryContext;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	model_pin(model, cxt);
	table = model_table_required(model, PG_GETARG_OID(0));
	key = model_key_argument(fcinfo, 1, table);
	if (!access_may_select(table) || !access_read_key(table, key, &key) || !feature_may_read(table, key))
		PG_RETURN_NULL();
	values[0] = ObjectIdGetDatum(table->relid);
	values[1] = CStringGetTextDatum(feature_key_text_of(table, key));
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (feature_catalog_read("WITH RECURSIVE up AS ("
							 " SELECT g.master FROM relmeta.merge AS g WHERE g.relation = $1 AND g.subordinate = $2"
							 " UNION SELECT g.master FROM relmeta.merge AS g, up"
							 " WHERE g.relation = $1 AND g.subordinate = up.master)"
							 " SELECT up.master FROM up WHERE NOT EXISTS (SELECT FROM relmeta.merge AS g"
							 " WHERE g.relation = $1 AND g.subordinate = up.master)", 2, types, values, false) == 1)
		master = MemoryContextStrdup(cxt, SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1));
	SPI_finish();
	if (master == NULL || !feature_text_readable(table, master, &key))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(model_key_output(table, key)));
}

Datum
relmeta_merged_into(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, merged_into);
}

/* the merges of one table */
typedef struct MergeList
{
	ModelTable *table;
	int			n;
	SPITupleTable *found;		/* subordinate, master, merged_at, merged_by */
} MergeList;

/* Puts out merges [from, upto) of which the caller may read both rows; false when that cannot be told. */
static bool
put_merges(MergeList *list, int from, int upto, ReturnSetInfo *result)
{
	int			n = upto - from;
	Datum	   *keys = palloc(2 * n * sizeof(Datum));
	bool	   *readable;
	int			level = feature_keys_begin();

	for (int i = 0; i < 2 * n; i++)
		keys[i] = model_key_input(list->table,
								  SPI_getvalue(list->found->vals[from + i / 2], list->found->tupdesc, i % 2 + 1));
	feature_keys_end(level);
	readable = feature_readable(list->table, keys, 2 * n, false);
	for (int i = 0; i < n && readable != NULL; i++)
	{
		HeapTuple	tuple = list->found->vals[from + i];
		Datum		values[5] = {ObjectIdGetDatum(list->table->relid)};
		bool		nulls[5] = {false};

		if (!readable[2 * i] || !readable[2 * i + 1])
			continue;
		values[1] = CStringGetTextDatum(model_key_output(list->table, keys[2 * i + 1]));
		values[2] = CStringGetTextDatum(model_key_output(list->table, keys[2 * i]));
		values[3] = SPI_getbinval(tuple, list->found->tupdesc, 3, &nulls[3]);
		values[4] = SPI_getbinval(tuple, list->found->tupdesc, 4, &nulls[4]);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return readable != NULL;
}

static bool
list_merges(ModelTable *table, ReturnSetInfo *result)
{
	Oid			type = REGCLASSOID;
	Datum		relid = ObjectIdGetDatum(table->relid);
	MergeList	list = {table};
	bool		known = true;

	list.n = (int) feature_catalog_read("SELECT g.subordinate, g.master, g.merged_at, g.merged_by"
										" FROM relmeta.merge AS g WHERE g.relation = $1 ORDER BY g.merged_at",
										1, &type, &relid, false);
	list.found = SPI_tuptable;
	for (int from = 0; known && from < list.n; from += MERGED_BATCH)
		known = put_merges(&list, from, Min(from + MERGED_BATCH, list.n), result);
	return known;
}

/* Policies of others' tables would run as the caller, who names no table here: harmless.c. */
static void
tell_left_out(int tables)
{
	ereport(NOTICE,
			(errmsg_plural("merges of %d table with policies of its owner's are left out",
						   "merges of %d tables with policies of their owners' are left out", tables, tables),
			 errdetail("These policies would run as the current user."),
			 errhint("Call relmeta.merged_into(relation, key) for rows of a table whose owner you trust.")));
}

static Datum
merge_list(PG_FUNCTION_ARGS)
{
	Model	   *model = model_current();
	int			left_out = 0;
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	model_pin(model, CurrentMemoryContext);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	foreach(lc, model_tables(model))
	{
		ModelTable *table = lfirst(lc);

		if (table->broken == NULL && has_merges(table) && access_may_select(table) &&
			!list_merges(table, (ReturnSetInfo *) fcinfo->resultinfo))
			left_out++;
	}
	SPI_finish();
	if (left_out > 0)
		tell_left_out(left_out);
	return (Datum) 0;
}

Datum
relmeta_merge_list(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, merge_list);
}
