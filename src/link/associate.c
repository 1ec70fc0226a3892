/*
 * associate.c
 *		associate() and disassociate(): the caller's own INSERT and DELETE on an
 *		intersect table.  SEMANTICS 2.4.
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/statement.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "link/link.h"
#include "model/key.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(relmeta_associate);
PG_FUNCTION_INFO_V1(relmeta_disassociate);

/* arguments of both, in order */
enum
{
	ARG_NAME,
	ARG_KEY1,
	ARG_KEY2,
	ARG_ATTRIBUTES,
	ARG_IF_NOT_EXISTS
};

/* ---- associate ---- */

/* Whether the index says that a pair is linked at most once. */
static bool
is_pair_key(ModelIntersect *intersect, Form_pg_index index)
{
	ModelKeyColumns *c = intersect->column;

	return index->indisunique && index->indimmediate && index->indisvalid &&
		index->indnkeyatts == model_columns_count(&c[0]) + model_columns_count(&c[1]) &&
		model_columns_in_index(&c[0], index) && model_columns_in_index(&c[1], index);
}

/* An adopted table has the keys that its application gave it. */
static bool
has_pair_key(ModelIntersect *intersect)
{
	Relation	rel = relmeta_relation_open(intersect->relid, AccessShareLock);
	bool		found = false;
	ListCell   *lc;

	foreach(lc, RelationGetIndexList(rel))
	{
		HeapTuple	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(lfirst_oid(lc)));

		if (!HeapTupleIsValid(tuple))
			elog(ERROR, "cache lookup failed for index %u", lfirst_oid(lc));
		if (heap_attisnull(tuple, Anum_pg_index_indpred, NULL) &&
			is_pair_key(intersect, (Form_pg_index) GETSTRUCT(tuple)))
			found = true;
		ReleaseSysCache(tuple);
	}
	table_close(rel, AccessShareLock);
	return found;
}

/* c1, c2 and what joins the key: what ON CONFLICT looks at; NULL where nothing stops a second link */
static char *
conflict_target(ModelIntersect *intersect)
{
	StringInfoData buf;
	ListCell   *lc;

	if (intersect->allow_duplicates || (intersect->is_adopted && !has_pair_key(intersect)))
		return NULL;
	initStringInfo(&buf);
	appendStringInfo(&buf, "%s, %s", model_columns_list(&intersect->column[0]),
					 model_columns_list(&intersect->column[1]));
	foreach(lc, intersect->unique_by)
		appendStringInfo(&buf, ", %s", quote_identifier(lfirst(lc)));
	return buf.data;
}

/* WHERE NOT EXISTS (SELECT FROM s.x AS t WHERE t.c1 = $1 AND t.c2 = k.key2), either way round when symmetric */
static void
append_not_exists(StringInfo sql, ModelIntersect *intersect)
{
	ModelKeyColumns *c = intersect->column;

	appendStringInfo(sql, " WHERE NOT EXISTS (SELECT FROM %s AS t WHERE (%s AND %s)", intersect->sql_name,
					 model_columns_are(&c[0], "t", "k.key1"), model_columns_are(&c[1], "t", "k.key2"));
	if (intersect->is_symmetric)
		appendStringInfo(sql, " OR (%s AND %s)",
						 model_columns_are(&c[0], "t", "k.key2"), model_columns_are(&c[1], "t", "k.key1"));
	appendStringInfoChar(sql, ')');
}

/*
 * INSERT INTO s.student_course (student_id, course_id, grade)
 *   SELECT k.key1, k.key2, r.grade FROM (SELECT $1, $2) AS k(key1, key2),
 *   pg_catalog.jsonb_populate_record(NULL::s.student_course, $3) AS r
 *   ON CONFLICT (student_id, course_id) DO NOTHING
 *
 * PLAN_MANY: (SELECT $1, u.u FROM pg_catalog.unnest($2) AS u).  Where ON CONFLICT has nothing to look at,
 * (SELECT DISTINCT ON (u.u) $1, u.u ...) ... WHERE NOT EXISTS: see append_not_exists().
 */
static void
build_associate(PlanText *built, void *subject, int variant)
{
	LinkStatement *statement = subject;
	ModelIntersect *intersect = statement->intersect;
	ModelKeyColumns *c = intersect->column;
	bool		many = (variant & PLAN_ARRAYS) != 0;
	char	   *target = statement->if_not_exists ? conflict_target(intersect) : NULL;
	StringInfo	sql = &built->sql;
	ListCell   *lc;

	link_add_param(built, model_columns_param(&c[0], false));
	link_add_param(built, model_columns_param(&c[1], many));

	appendStringInfo(sql, "INSERT INTO %s AS t (%s, %s", intersect->sql_name, model_columns_list(&c[0]),
					 model_columns_list(&c[1]));
	foreach(lc, statement->attributes)
		appendStringInfo(sql, ", %s", quote_identifier(lfirst(lc)));
	appendStringInfo(sql, ") SELECT %s, %s", model_columns_values(&c[0], "k.key1"),
					 model_columns_values(&c[1], "k.key2"));
	foreach(lc, statement->attributes)
		appendStringInfo(sql, ", r.%s", quote_identifier(lfirst(lc)));
	if (many && statement->if_not_exists && target == NULL)
		appendStringInfo(sql, " FROM (SELECT DISTINCT ON (u.u%s) $1, u.u FROM pg_catalog.unnest($2) AS u(u))"
						 " AS k(key1, key2)", model_columns_type(&c[1])->sql_collate);
	else
		appendStringInfoString(sql, many ?
							   " FROM (SELECT $1, u.u FROM pg_catalog.unnest($2) AS u(u)) AS k(key1, key2)" :
							   " FROM (SELECT $1, $2) AS k(key1, key2)");
	if (statement->attributes != NIL)
		appendStringInfo(sql, ", pg_catalog.jsonb_populate_record(NULL::%s, $%d) AS r",
						 intersect->sql_name, link_add_param(built, JSONBOID));
	if (target)
		appendStringInfo(sql, " ON CONFLICT (%s) DO NOTHING", target);
	else if (statement->if_not_exists)
		append_not_exists(sql, intersect);
}

static Datum
associate(PG_FUNCTION_ARGS)
{
	ModelIntersect *intersect = link_relationship_argument(fcinfo);
	LinkStatement statement = {.intersect = intersect};
	int			variant;
	int			array;
	Datum		values[3];
	uint64		made;

	values[0] = link_key_argument(fcinfo, ARG_KEY1, intersect, 0);
	values[1] = link_keys_argument(fcinfo, ARG_KEY2, intersect, 1, &array);
	values[2] = PG_GETARG_DATUM(ARG_ATTRIBUTES);
	statement.attributes = link_attributes_argument(fcinfo, ARG_ATTRIBUTES, intersect, false, &variant);
	statement.no_plan = statement.attributes != NIL && variant == 0;
	statement.if_not_exists = !PG_ARGISNULL(ARG_IF_NOT_EXISTS) && PG_GETARG_BOOL(ARG_IF_NOT_EXISTS);
	variant |= array;
	if (statement.if_not_exists)
		variant |= LINK_IF_NOT_EXISTS;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	made = link_run(link_plan(build_associate, variant, &statement, RowExclusiveLock),
					values, false, 0);
	SPI_finish();
	PG_RETURN_INT64((int64) made);
}

Datum
relmeta_associate(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, associate);
}

/* ---- disassociate ---- */

/* NULL equals NULL */
static void
append_same_value(StringInfo sql, Oid relid, const char *column)
{
	const char *name = quote_identifier(column);

	appendStringInfoString(sql, " AND (");
	model_type_append_equal(sql, get_atttype(relid, get_attnum(relid, column)), psprintf("t.%s", name),
							psprintf("r.%s", name));
	appendStringInfo(sql, " OR (t.%s IS NULL AND r.%s IS NULL))", name, name);
}

/*
 * DELETE FROM s.student_course AS t
 *   USING pg_catalog.jsonb_populate_record(NULL::s.student_course, $3) AS r
 *   WHERE (t.student_id = $1 AND t.course_id = $2) AND (t.grade = r.grade OR …)
 *
 * PLAN_MANY: t.course_id = ANY ($2); and either way round when symmetric, where
 * a single pair was put in order before.
 */
static void
build_disassociate(PlanText *built, void *subject, int variant)
{
	LinkStatement *statement = subject;
	ModelIntersect *intersect = statement->intersect;
	ModelKeyColumns *c = intersect->column;
	bool		many = (variant & PLAN_ARRAYS) != 0;
	StringInfo	sql = &built->sql;
	ListCell   *lc;

	link_add_param(built, model_columns_param(&c[0], false));
	link_add_param(built, model_columns_param(&c[1], many));

	appendStringInfo(sql, "DELETE FROM %s AS t", intersect->sql_name);
	if (statement->attributes != NIL)
		appendStringInfo(sql, " USING pg_catalog.jsonb_populate_record(NULL::%s, $%d) AS r",
						 intersect->sql_name, link_add_param(built, JSONBOID));
	appendStringInfo(sql, " WHERE ((%s AND %s)", model_columns_are(&c[0], "t", "$1"),
					 (many ? model_columns_are_any : model_columns_are) (&c[1], "t", "$2"));
	if (intersect->is_symmetric && many)
		appendStringInfo(sql, " OR (%s AND %s)", model_columns_are(&c[1], "t", "$1"),
						 model_columns_are_any(&c[0], "t", "$2"));
	appendStringInfoChar(sql, ')');
	foreach(lc, statement->attributes)
		append_same_value(sql, intersect->relid, lfirst(lc));
}

static Datum
disassociate(PG_FUNCTION_ARGS)
{
	ModelIntersect *intersect = link_relationship_argument(fcinfo);
	LinkStatement statement = {.intersect = intersect};
	int			variant;
	int			array;
	Datum		values[3];
	uint64		removed;

	values[0] = link_key_argument(fcinfo, ARG_KEY1, intersect, 0);
	values[1] = link_keys_argument(fcinfo, ARG_KEY2, intersect, 1, &array);
	values[2] = PG_GETARG_DATUM(ARG_ATTRIBUTES);
	statement.attributes = link_attributes_argument(fcinfo, ARG_ATTRIBUTES, intersect, true, &variant);
	statement.no_plan = statement.attributes != NIL && variant == 0;
	variant |= array;
	if (array == PLAN_ONE)
		link_put_in_order(intersect, values);

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	removed = link_run(link_plan(build_disassociate, variant, &statement, RowExclusiveLock),
					   values, false, 0);
	SPI_finish();
	PG_RETURN_INT64((int64) removed);
}

Datum
relmeta_disassociate(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, disassociate);
}
