/*
 * merge_content.c
 *		What a merge writes into the two rows: the caller's UPDATE of the master, and the subordinate's state.
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "ddl/ddl.h"
#include "executor/spi.h"
#include "feature/merge.h"
#include "miscadmin.h"
#include "model/key.h"
#include "model/names.h"
#include "optimizer/optimizer.h"
#include "storage/lockdefs.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* ---- update_content ---- */

static void
check_column(ModelTable *table, Relation rel, const char *name)
{
	AttrNumber	attnum = get_attnum(table->relid, name);

	if (attnum <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" of table \"%s\" does not exist", name, relmeta_relation_name(table->relid)),
				 errhint("Name columns of the table in update_content.")));
	if (model_key_has_column(table, name))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("update_content must not set the key \"%s\"", name),
				 errhint("A merge keeps the master's key.")));
	if (TupleDescAttr(RelationGetDescr(rel), attnum - 1)->attgenerated != '\0')
		ereport(ERROR,
				(errcode(ERRCODE_GENERATED_ALWAYS),
				 errmsg("column \"%s\" is a generated column", name),
				 errhint("Leave it out of update_content.")));
}

List *
feature_merge_check_content(ModelTable *table, Jsonb *content)
{
	Relation	rel;
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	v;
	List	   *names = NIL;

	if (content == NULL)
		return NIL;
	if (!JB_ROOT_IS_OBJECT(content))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("update_content must be a JSON object"),
				 errhint("Pass, for instance, update_content => '{\"phone\": \"123\"}'.")));
	rel = table_open(table->relid, NoLock);
	it = JsonbIteratorInit(&content->root);
	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		if (token != WJB_KEY)
			continue;
		names = lappend(names, pnstrdup(v.val.string.val, v.val.string.len));
		check_column(table, rel, llast(names));
	}
	table_close(rel, NoLock);
	return names;
}

/* ---- fill_empty ---- */

/* Columns that a unique key or an exclusion constraint looks at: attribute numbers offset as in the planner. */
static Bitmapset *
unique_columns(Relation rel)
{
	Bitmapset  *columns = NULL;
	ListCell   *lc;

	foreach(lc, RelationGetIndexList(rel))
	{
		Relation	index = index_open(lfirst_oid(lc), AccessShareLock);
		Form_pg_index form = index->rd_index;

		if (form->indisunique || form->indisexclusion)
		{
			for (int i = 0; i < form->indnkeyatts; i++)
				columns = bms_add_member(columns, form->indkey.values[i] - FirstLowInvalidHeapAttributeNumber);
			pull_varattnos((Node *) RelationGetIndexExpressions(index), 1, &columns);
		}
		index_close(index, NoLock);
	}
	return columns;
}

/* Key, owner, state, and lookups to the table itself with their type columns. */
static bool
is_the_rows_own(ModelTable *table, const char *name)
{
	ListCell   *lc;

	if (model_key_has_column(table, name) ||
		(table->owner.name != NULL && strcmp(name, table->owner.name) == 0) ||
		(table->state.name != NULL && strcmp(name, table->state.name) == 0))
		return true;
	foreach(lc, model_as_related(table))
	{
		ModelRelationship *relationship = lfirst(lc);

		if (relationship->primary->relid == table->relid &&
			(model_columns_have(&relationship->lookup, name) ||
			 (relationship->type_column.name != NULL && strcmp(name, relationship->type_column.name) == 0)))
			return true;
	}
	return false;
}

/* Is it a column of a multi-table lookup of which others are named? */
static bool
is_half_named(ModelTable *table, List *named, const char *name)
{
	ListCell   *lc;

	foreach(lc, model_as_related(table))
	{
		ModelRelationship *relationship = lfirst(lc);
		List	   *columns = model_columns_names(&relationship->lookup);
		ListCell   *column;

		if (relationship->type_column.name == NULL)
			continue;
		columns = lappend(columns, relationship->type_column.name);
		foreach(column, model_name_is_among(columns, name) ? columns : NIL)
			if (model_name_is_among(named, lfirst(column)))
			return true;
	}
	return false;
}

/* Columns (char *) that the subordinate may fill. */
static List *
fillable_columns(ModelTable *table, List *named)
{
	Relation	rel = table_open(table->relid, NoLock);
	Bitmapset  *unique = unique_columns(rel);
	List	   *columns = NIL;

	for (int i = 0; i < RelationGetDescr(rel)->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), i);
		char	   *name = NameStr(att->attname);

		if (att->attisdropped || att->attgenerated != '\0' || att->attidentity != '\0' || att->attnotnull ||
			model_name_is_among(named, name) || is_the_rows_own(table, name) ||
			bms_is_member(att->attnum - FirstLowInvalidHeapAttributeNumber, unique) ||
			is_half_named(table, named, name))
			continue;
		columns = lappend(columns, pstrdup(name));
	}
	table_close(rel, NoLock);
	return columns;
}

/*
 * Of these columns those that are empty in the master and not in the subordinate:
 *
 *	SELECT m.a IS NULL AND NOT (o.a IS NULL), … FROM s.t AS m, s.t AS o WHERE m.id = $1 AND o.id = $2
 */
static List *
columns_to_fill(Merge *merge, List *columns)
{
	ModelTable *table = merge->table;
	Oid			types[2] = {model_key_param(table, false), model_key_param(table, false)};
	Datum		values[2] = {merge->master, merge->subordinate};
	List	   *found = NIL;
	StringInfoData sql;
	ListCell   *lc;

	if (columns == NIL)
		return NIL;
	initStringInfo(&sql);
	foreach(lc, columns)
	{
		const char *name = quote_identifier(lfirst(lc));

		appendStringInfo(&sql, "%sm.%s IS NULL AND NOT (o.%s IS NULL)", sql.len == 0 ? "SELECT " : ", ", name, name);
	}
	appendStringInfo(&sql, " FROM %s AS m, %s AS o WHERE %s AND %s", table->sql_name, table->sql_name,
					 model_key_is(table, "m", "$1"), model_key_is(table, "o", "$2"));
	ddl_query_on(table->relid, sql.data, 2, types, values);
	if (SPI_processed != 1)
		elog(ERROR, "rows of table %s are gone, which were locked", table->sql_name);
	foreach(lc, columns)
	{
		bool		isnull;

		if (DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, foreach_current_index(lc) + 1,
									   &isnull)))
			found = lappend(found, lfirst(lc));
	}
	SPI_freetuptable(SPI_tuptable);
	return found;
}

/* ---- the UPDATE ---- */

/*
 *	UPDATE s.t AS m SET a = r.a, b = o.b
 *	FROM pg_catalog.jsonb_to_record($2) AS r(a pg_catalog.int4), s.t AS o WHERE m.id = $1 [AND o.id = $3]
 */
static char *
update_sql(ModelTable *table, List *named, List *filled)
{
	StringInfoData sql;
	ListCell   *lc;
	const char *comma = "";

	initStringInfo(&sql);
	appendStringInfo(&sql, "UPDATE %s AS m SET ", table->sql_name);
	foreach(lc, named)
	{
		const char *name = quote_identifier(lfirst(lc));

		appendStringInfo(&sql, "%s%s = r.%s", comma, name, name);
		comma = ", ";
	}
	foreach(lc, filled)
	{
		const char *name = quote_identifier(lfirst(lc));

		appendStringInfo(&sql, "%s%s = o.%s", comma, name, name);
		comma = ", ";
	}
	if (named != NIL)
		appendStringInfoString(&sql, " FROM pg_catalog.jsonb_to_record($2) AS r(");
	comma = "";
	foreach(lc, named)
	{
		Oid			type;
		int32		typmod;
		Oid			collation;

		get_atttypetypmodcoll(table->relid, get_attnum(table->relid, lfirst(lc)), &type, &typmod, &collation);
		appendStringInfo(&sql, "%s%s %s", comma, quote_identifier(lfirst(lc)), ddl_type_name(type, typmod));
		comma = ", ";
	}
	if (named != NIL)
		appendStringInfoChar(&sql, ')');
	if (filled != NIL)
		appendStringInfo(&sql, "%s %s AS o", named != NIL ? "," : " FROM", table->sql_name);
	appendStringInfo(&sql, " WHERE %s", model_key_is(table, "m", "$1"));
	if (filled != NIL)
		appendStringInfo(&sql, " AND %s", model_key_is(table, "o", "$3"));
	return sql.data;
}

/* The master's owner as it is now, in CurrentMemoryContext. */
static Datum
owner_of_master(Merge *merge, bool *isnull)
{
	ModelColumn *column = &merge->table->owner;
	Datum		owner = (Datum) 0;

	CommandCounterIncrement();
	PushActiveSnapshot(GetLatestSnapshot());
	if (!access_read_columns(merge->table, merge->master, 1, &column, &owner, isnull))
		*isnull = true;
	PopActiveSnapshot();
	return owner;
}

/*
 * What assign() takes of the principal that a session acts as (SEMANTICS 2.5), an update_content takes, too, whose role
 * may be exempt from what its UPDATE takes otherwise.
 */
static void
check_assigns(Merge *merge, bool was_null, Datum was)
{
	bool		isnull;
	Datum		owner = owner_of_master(merge, &isnull);

	if (isnull == was_null && (isnull || model_type_equal(&merge->table->owner.type, owner, was)))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied to assign the master in table \"%s\"",
					relmeta_relation_name(merge->table->relid)),
			 errhint("The current principal must own the row or hold the right assign on it.")));
}

/*
 * Whoever is kept from a column is kept from filling it, be there something to fill or not: else a refusal would tell
 * whether it is NULL.
 */
static void
check_may_fill(ModelTable *table, List *columns)
{
	ListCell   *lc;

	if (pg_class_aclcheck(table->relid, GetUserId(), ACL_SELECT) == ACLCHECK_OK &&
		pg_class_aclcheck(table->relid, GetUserId(), ACL_UPDATE) == ACLCHECK_OK)
		return;
	foreach(lc, columns)
	{
		AttrNumber	attnum = get_attnum(table->relid, lfirst(lc));

		if (pg_attribute_aclcheck(table->relid, attnum, GetUserId(), ACL_SELECT) != ACLCHECK_OK ||
			pg_attribute_aclcheck(table->relid, attnum, GetUserId(), ACL_UPDATE) != ACLCHECK_OK)
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("permission denied for column \"%s\" of table \"%s\"", (char *) lfirst(lc),
							relmeta_relation_name(table->relid)),
					 errhint("Merge without fill_empty, which needs SELECT and UPDATE on every column that it may"
							 " fill.")));
	}
}

void
feature_merge_content(Merge *merge, Jsonb *content, List *named, bool fill_empty)
{
	ModelTable *table = merge->table;
	Oid			key = model_key_param(table, false);
	Oid			types[3] = {key, JSONBOID, key};
	Datum		values[3] = {merge->master, JsonbPGetDatum(content), merge->subordinate};
	char		nulls[3] = {' ', content == NULL ? 'n' : ' ', ' '};
	List	   *fillable = fill_empty ? fillable_columns(table, named) : NIL;
	List	   *filled;
	bool		may_assign = relmeta_acting_as()[0] == '\0' || (merge->rights & RIGHT_ASSIGN) != 0 ||
	table->owner.name == NULL || !model_name_is_among(named, table->owner.name);
	bool		owner_null = true;
	Datum		owner = may_assign ? (Datum) 0 : owner_of_master(merge, &owner_null);
	NullableDatum *before = feature_judges_exempt(table) ? feature_lookups(table, merge->master) : NULL;
	int			result;

	check_may_fill(table, fillable);
	filled = columns_to_fill(merge, fillable);
	if (named == NIL && filled == NIL)
		return;
	result = SPI_execute_with_args(update_sql(table, named, filled), 3, types, values, nulls, false, 0);
	if (result != SPI_OK_UPDATE)
		elog(ERROR, "SPI_execute_with_args returned %s", SPI_result_code_string(result));
	if (SPI_processed == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to update the master in table \"%s\"", relmeta_relation_name(table->relid)),
				 errhint("Policies of the table or a trigger keep the row as it is.")));
	if (!may_assign)
		check_assigns(merge, owner_null, owner);
	if (before != NULL)
		feature_judge_lookups(table, merge->master, before, merge->rights);
}

/* ---- the subordinate ---- */

/*
 *	UPDATE s.t AS c SET state = '1'::pg_catalog.int4 WHERE c.id = $1
 */
static void
build_deactivate(PlanText *built, void *subject, int variant)
{
	ModelTable *table = subject;

	built->nparams = 1;
	built->params[0] = model_key_param(table, false);

	appendStringInfo(&built->sql, "UPDATE %s AS c SET %s = %s::%s WHERE %s", table->sql_name,
					 table->state.sql_name, quote_literal_cstr(table->inactive_state), table->state.type.sql_name,
					 model_key_is(table, "c", "$1"));
}

void
feature_merge_deactivate(Merge *merge)
{
	ModelTable *table = merge->table;
	SPIPlanPtr	plan = rows_plan(build_deactivate, PLAN_ONE | PLAN_CHANGES, table->relid, table->relid,
								 RowExclusiveLock, table, table->model);

	if (rows_run(plan, table->relid, &merge->subordinate, NULL,
				 RUN_CHANGES | RUN_FIRE_TRIGGERS | RUN_NEW_ROWS | RUN_CROSSCHECK, 0) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the subordinate in table \"%s\" could not be made inactive",
						relmeta_relation_name(table->relid)),
				 errhint("A trigger of the table keeps the row as it is.")));
}
