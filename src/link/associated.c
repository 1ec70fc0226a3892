/*
 * associated.c
 *		Looking at links: is_associated(), associated(), links() and
 *		associated_with_all().  SEMANTICS 2.4.
 *
 * All are the caller's own SELECTs.  Rows are fetched and put into the result a
 * thousand at a time.
 */
#include "relmeta.h"

#include "access/table.h"
#include "access/statement.h"
#include "link/link.h"
#include "model/key.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(relmeta_is_associated);
PG_FUNCTION_INFO_V1(relmeta_associated);
PG_FUNCTION_INFO_V1(relmeta_links);
PG_FUNCTION_INFO_V1(relmeta_associated_with_all);

#define FETCH_ROWS 1000

/* ---- participants ---- */

/* The primary key of a participant: what the intersect table's columns reference. */
static void
participant_key(ModelIntersect *intersect, int side, ModelKeyColumns *key)
{
	Oid			relid = intersect->table[side];

	if (!model_columns_of_primary_key(key, relid, model_columns_type(&intersect->column[side])))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"%s\" of relationship \"%s\" has no primary key of one column",
						relmeta_relation_name(relid), intersect->name),
				 errhint("Call relmeta.verify() to see what is missing.")));
}

static char *
participant_name(ModelIntersect *intersect, int side)
{
	Oid			relid = intersect->table[side];

	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)), get_rel_name(relid));
}

/*
 * P0002 when there is no row with that key that the caller may read.  Who may
 * not read the table at all is not told either way.
 *
 * SELECT FROM s.student AS p WHERE p.id = $1
 */
static void
check_row_exists(ModelIntersect *intersect, int side, Datum key)
{
	ModelKeyColumns columns;
	Oid			relid = intersect->table[side];
	Oid			types[1];

	participant_key(intersect, side, &columns);
	if (pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) != ACLCHECK_OK &&
		!model_columns_granted(&columns, relid, GetUserId(), ACL_SELECT))
		return;
	types[0] = model_columns_param(&columns, false);
	if (SPI_execute_with_args(psprintf("SELECT FROM %s AS p WHERE %s", participant_name(intersect, side),
									   model_columns_are(&columns, "p", "$1")),
							  1, types, &key, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args failed");
	if (SPI_processed == 0)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("table \"%s\" has no row with that key that you may read", relmeta_relation_name(relid)),
				 errhint("Look for the row with SELECT; row-level security may hide it.")));
}

/* ---- results ---- */

/*
 * Fetches what a plan selects; a key in the first column, perhaps jsonb in the
 * second.  Returns the number of rows.
 */
static uint64
put_rows(FunctionCallInfo fcinfo, SPIPlanPtr plan, Datum *values, ModelType *type)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Portal		portal = SPI_cursor_open(NULL, plan, values, NULL, true);
	uint64		total = 0;

	do
	{
		SPI_cursor_fetch(portal, true, FETCH_ROWS);
		for (uint64 i = 0; i < SPI_processed; i++)
		{
			HeapTuple	tuple = SPI_tuptable->vals[i];
			TupleDesc	desc = SPI_tuptable->tupdesc;
			Datum		row[2] = {0};
			bool		nulls[2] = {0};

			row[0] = SPI_getbinval(tuple, desc, 1, &nulls[0]);
			if (!nulls[0])
				row[0] = CStringGetTextDatum(model_type_output(type, row[0]));
			if (desc->natts > 1)
				row[1] = SPI_getbinval(tuple, desc, 2, &nulls[1]);
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, row, nulls);
		}
		total += SPI_processed;
		SPI_freetuptable(SPI_tuptable);
	} while (SPI_processed == FETCH_ROWS);
	SPI_cursor_close(portal);
	return total;
}

/* ---- is_associated ---- */

/* SELECT FROM s.student_course AS t WHERE t.student_id = $1 AND t.course_id = $2 */
static void
build_is_associated(PlanText *built, void *subject, int variant)
{
	ModelIntersect *intersect = ((LinkStatement *) subject)->intersect;
	ModelKeyColumns *c = intersect->column;

	link_add_param(built, model_columns_param(&c[0], false));
	link_add_param(built, model_columns_param(&c[1], false));
	appendStringInfo(&built->sql, "SELECT FROM %s AS t WHERE %s AND %s", intersect->sql_name,
					 model_columns_are(&c[0], "t", "$1"), model_columns_are(&c[1], "t", "$2"));
}

static Datum
is_associated(PG_FUNCTION_ARGS)
{
	ModelIntersect *intersect = link_relationship_argument(fcinfo);
	LinkStatement statement = {.intersect = intersect};
	Datum		keys[2];
	uint64		found;

	keys[0] = link_key_argument(fcinfo, 1, intersect, 0);
	keys[1] = link_key_argument(fcinfo, 2, intersect, 1);
	link_put_in_order(intersect, keys);

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	found = link_run(link_plan(build_is_associated, PLAN_ONE, &statement, AccessShareLock),
					 keys, true, 1);
	SPI_finish();
	PG_RETURN_BOOL(found > 0);
}

Datum
relmeta_is_associated(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, is_associated);
}

/* ---- associated, links ---- */

/* an adopted table may have rows that link a key to nothing */
static void
append_key_condition(StringInfo sql, ModelKeyColumns *given, ModelKeyColumns *other)
{
	appendStringInfo(sql, " WHERE %s", model_columns_are(given, "t", "$1"));
	if (!model_columns_not_null(other))
		appendStringInfo(sql, " AND %s", model_columns_are_set(other, "t"));
}

/*
 * SELECT DISTINCT t.course_id FROM s.student_course AS t WHERE t.student_id = $1 ORDER BY 1
 *
 * Symmetric: UNION with the same the other way round.  The order costs nothing:
 * it is that of the primary key, or of the index on (column2, column1).
 */
static void
build_associated(PlanText *built, void *subject, int variant)
{
	LinkStatement *statement = subject;
	ModelIntersect *intersect = statement->intersect;
	ModelKeyColumns *given = &intersect->column[statement->side];
	ModelKeyColumns *other = &intersect->column[1 - statement->side];
	StringInfo	sql = &built->sql;

	link_add_param(built, model_columns_param(given, false));
	appendStringInfo(sql, "SELECT DISTINCT %s FROM %s AS t", model_columns_sql(other, "t"), intersect->sql_name);
	append_key_condition(sql, given, other);
	if (intersect->is_symmetric)
	{
		appendStringInfo(sql, " UNION SELECT %s FROM %s AS t", model_columns_sql(given, "t"), intersect->sql_name);
		append_key_condition(sql, other, given);
	}
	appendStringInfoString(sql, " ORDER BY 1");
}

/* the whole row, which t would not be where a column has that name, without the keys and a surrogate key */
static void
append_attributes(StringInfo sql, ModelIntersect *intersect)
{
	appendStringInfo(sql, "pg_catalog.to_jsonb(t.*) OPERATOR(pg_catalog.-) ARRAY[%s, %s",
					 model_columns_literals(&intersect->column[0]), model_columns_literals(&intersect->column[1]));
	if (intersect->surrogate_key)
		appendStringInfoString(sql, ", 'id'");
	appendStringInfoString(sql, "]::pg_catalog.text[]");
}

static void
append_links(StringInfo sql, ModelIntersect *intersect, ModelKeyColumns *given, ModelKeyColumns *other)
{
	appendStringInfo(sql, "SELECT %s, ", model_columns_sql(other, "t"));
	append_attributes(sql, intersect);
	appendStringInfo(sql, " FROM %s AS t", intersect->sql_name);
	append_key_condition(sql, given, other);
}

/*
 * SELECT t.course_id, pg_catalog.to_jsonb(t.*) - ARRAY['student_id', 'course_id'] FROM s.student_course AS t
 *   WHERE t.student_id = $1 ORDER BY 1, 2
 *
 * Symmetric: UNION ALL with the same the other way round, a link of a row with itself once.
 */
static void
build_links(PlanText *built, void *subject, int variant)
{
	LinkStatement *statement = subject;
	ModelIntersect *intersect = statement->intersect;
	ModelKeyColumns *given = &intersect->column[statement->side];
	ModelKeyColumns *other = &intersect->column[1 - statement->side];
	StringInfo	sql = &built->sql;

	link_add_param(built, model_columns_param(given, false));
	append_links(sql, intersect, given, other);
	if (intersect->is_symmetric)
	{
		appendStringInfoString(sql, " UNION ALL ");
		append_links(sql, intersect, other, given);
		appendStringInfo(sql, " AND NOT (%s)", model_columns_are(given, "t", "$1"));
	}
	appendStringInfoString(sql, " ORDER BY 1, 2");
}

static void
links_of(FunctionCallInfo fcinfo, PlanBuilder builder, uint32 flags)
{
	ModelIntersect *intersect = link_relationship_argument(fcinfo);
	LinkStatement statement = {.intersect = intersect};
	Datum		key;

	statement.side = link_side_argument(fcinfo, 2);
	key = link_key_argument(fcinfo, 1, intersect, statement.side);
	InitMaterializedSRF(fcinfo, flags);

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (put_rows(fcinfo,
				 link_plan(builder, statement.side == 0 ? PLAN_ONE : LINK_SIDE_2, &statement,
						   AccessShareLock),
				 &key, model_columns_type(&intersect->column[1 - statement.side])) == 0)
		check_row_exists(intersect, statement.side, key);
	SPI_finish();
}

static Datum
associated(PG_FUNCTION_ARGS)
{
	links_of(fcinfo, build_associated, MAT_SRF_USE_EXPECTED_DESC);
	return (Datum) 0;
}

Datum
relmeta_associated(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, associated);
}

static Datum
links(PG_FUNCTION_ARGS)
{
	links_of(fcinfo, build_links, 0);
	return (Datum) 0;
}

Datum
relmeta_links(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, links);
}

/* ---- associated_with_all ---- */

static bool
pairs_are_unique(ModelIntersect *intersect)
{
	return !intersect->is_adopted && !intersect->allow_duplicates && intersect->unique_by == NIL;
}

/* the links to the keys of $1, as (result, given) */
static void
append_links_to(StringInfo sql, ModelIntersect *intersect, ModelKeyColumns *result, ModelKeyColumns *given)
{
	appendStringInfo(sql, "SELECT %s, %s FROM %s AS t WHERE %s", model_columns_sql(result, "t"),
					 model_columns_sql(given, "t"), intersect->sql_name, model_columns_are_any(given, "t", "$1"));
}

/*
 * SELECT l.result FROM (SELECT t.student_id, t.course_id FROM s.student_course AS t
 *     WHERE t.course_id = ANY ($1)) AS l(result, given)
 *   GROUP BY l.result HAVING pg_catalog.count(*) =
 *     (SELECT pg_catalog.count(DISTINCT u.u) FROM pg_catalog.unnest($1) AS u(u)) ORDER BY 1
 *
 * count(DISTINCT l.given) where a pair may be linked several times.  Planned for
 * the keys at hand, however few: how often they are linked decides the plan
 * (a generic one took five times as long).
 */
static void
build_associated_with_all(PlanText *built, void *subject, int variant)
{
	LinkStatement *statement = subject;
	ModelIntersect *intersect = statement->intersect;
	ModelKeyColumns *result = &intersect->column[statement->side];
	ModelKeyColumns *given = &intersect->column[1 - statement->side];
	StringInfo	sql = &built->sql;

	link_add_param(built, model_columns_param(given, true));
	appendStringInfoString(sql, "SELECT l.result FROM (");
	append_links_to(sql, intersect, result, given);
	if (intersect->is_symmetric)
	{
		appendStringInfoString(sql, " UNION ALL ");
		append_links_to(sql, intersect, given, result);
		appendStringInfo(sql, " AND NOT (%s)", model_columns_are(given, "t", model_columns_sql(result, "t")));
	}
	appendStringInfo(sql, ") AS l(result, given)%s GROUP BY l.result HAVING %s OPERATOR(pg_catalog.=)"
					 " (SELECT pg_catalog.count(DISTINCT u.u%s) FROM pg_catalog.unnest($1) AS u(u)) ORDER BY 1",
					 model_columns_not_null(result) ? "" : " WHERE l.result IS NOT NULL",
					 pairs_are_unique(intersect) ? "pg_catalog.count(*)" : "pg_catalog.count(DISTINCT l.given)",
					 model_columns_type(given)->sql_collate);
}

/* SELECT p.id FROM s.student AS p ORDER BY 1 */
static SPIPlanPtr
plan_all_rows(ModelIntersect *intersect, int side)
{
	ModelKeyColumns key;
	SPIPlanPtr	plan;

	participant_key(intersect, side, &key);
	plan = SPI_prepare(psprintf("SELECT %s FROM %s AS p ORDER BY 1", model_columns_sql(&key, "p"),
								participant_name(intersect, side)), 0, NULL);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare returned %s", SPI_result_code_string(SPI_result));
	return plan;
}

static Datum
associated_with_all(PG_FUNCTION_ARGS)
{
	ModelIntersect *intersect = link_relationship_argument(fcinfo);
	LinkStatement statement = {.intersect = intersect};
	SPIPlanPtr	plan;
	Datum		keys;
	int			n;

	statement.side = link_side_argument(fcinfo, 2);
	keys = link_key_texts_argument(fcinfo, 1, intersect, 1 - statement.side, &n);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (n == 0)
		plan = plan_all_rows(intersect, statement.side);
	else
		plan = link_plan(build_associated_with_all, PLAN_MANY | (statement.side == 0 ? 0 : LINK_SIDE_2),
						 &statement, AccessShareLock);
	put_rows(fcinfo, plan, &keys, model_columns_type(&intersect->column[statement.side]));
	SPI_finish();
	return (Datum) 0;
}

Datum
relmeta_associated_with_all(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, associated_with_all);
}
