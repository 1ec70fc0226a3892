/*
 * create_related.c
 *		New related rows: initialize_from(), create_related().  SEMANTICS 3.12.
 *
 * Both read the primary row, and insert, as the caller: with his privileges, under the policies that apply to him; see
 * exempt.c.
 *
 * EXAMPLE.  Account 6 is in Rome, and column city is mapped to city.  initialize_from('account_contact', 6) gives
 * {"city": "Rome", "account_id": 6}, and without a city {"account_id": 6}; create_related() inserts a contact of that.
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/htup_details.h"
#include "access/statement.h"
#include "catalog/pg_type.h"
#include "ddl/ddl.h"
#include "enforce/enforce.h"
#include "executor/spi.h"
#include "feature/feature.h"
#include "feature/mapping.h"
#include "miscadmin.h"
#include "model/key.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(relmeta_initialize_from);
PG_FUNCTION_INFO_V1(relmeta_create_related);

/* arguments of both, in order */
enum
{
	ARG_RELATIONSHIP,
	ARG_KEY,
	ARG_OVERRIDES
};

static ModelRelationship *
relationship_argument(FunctionCallInfo fcinfo)
{
	ModelRelationship *r;

	relmeta_argument_required(fcinfo, ARG_KEY);
	r = model_relationship_required(ddl_model(), relmeta_argument_text_required(fcinfo, ARG_RELATIONSHIP));
	model_relationship_check_usable(r);
	return r;
}

/* ---- what can be inserted ---- */

/* Is it a column that an INSERT of the caller's may name? */
static bool
can_insert(Oid relid, const char *column)
{
	HeapTuple	tuple = SearchSysCacheAttName(relid, column);
	Form_pg_attribute att;
	bool		result;

	if (!HeapTupleIsValid(tuple))
		return false;
	att = (Form_pg_attribute) GETSTRUCT(tuple);
	result = att->attgenerated == '\0' && att->attidentity != ATTRIBUTE_IDENTITY_ALWAYS &&
		(pg_class_aclcheck(relid, GetUserId(), ACL_INSERT) == ACLCHECK_OK ||
		 pg_attribute_aclcheck(relid, att->attnum, GetUserId(), ACL_INSERT) == ACLCHECK_OK);
	ReleaseSysCache(tuple);
	return result;
}

/* p.source::type of target; the type's length is the INSERT's business */
static char *
source_expression(ModelRelationship *r, FeatureMapping *mapping)
{
	Oid			relid = r->related->relid;

	return psprintf("p.%s::%s", quote_identifier(mapping->source),
					ddl_type_name(get_atttype(relid, get_attnum(relid, mapping->target)), -1));
}

/* 42804 for one that is not what it was when it was mapped */
static void
check_mapping(ModelRelationship *r, FeatureMapping *mapping)
{
	MappingProblem *problem = feature_mapping_problem(r, mapping->source, mapping->target);

	if (problem)
		ereport(ERROR,
				(errcode(problem->sqlstate),
				 errmsg("%s", problem->message),
				 errhint("Call relmeta.unmap_column(%s, %s, %s).", quote_literal_cstr(r->name),
						 quote_literal_cstr(mapping->source), quote_literal_cstr(mapping->target))));
}

/* SELECT … FROM s.account AS p WHERE p.id = $1, as the caller; false when there is no such row.  SPI is connected. */
static bool
query_primary(ModelRelationship *r, Datum key, const char *expression, Datum *value, bool *isnull)
{
	ModelTable *primary = r->primary;
	Oid			type = model_key_param(primary, false);
	char	   *sql = psprintf("SELECT %s FROM %s AS p WHERE %s", expression, primary->sql_name,
							   model_key_is(primary, "p", "$1"));

	if (feature_judges_exempt(primary) && !feature_may_read(primary, key))
		return false;
	if (SPI_execute_with_args(sql, 1, &type, &key, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args failed for %s", sql);
	if (SPI_processed == 0)
		return false;
	*value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, isnull);
	return true;
}

/*
 * May the caller insert rows with the owner that this mapping gives?  Where the related table is controlled for him
 * (SEMANTICS 2.5), only with one of his principals.
 */
static bool
may_own(ModelRelationship *r, FeatureMapping *mapping, Datum key)
{
	ModelTable *related = r->related;
	Datum		owner;
	bool		isnull;

	if (related->owner.name == NULL || strcmp(related->owner.name, mapping->target) != 0 ||
		!feature_is_judged(related) || !query_primary(r, key, source_expression(r, mapping), &owner, &isnull) || isnull)
		return true;
	return access_predicate_owns(access_predicate(access_statement_now(), related), owner);
}

/* ---- initialize_from ---- */

static void
append_value(StringInfo sql, const char *column, const char *expression)
{
	appendStringInfo(sql, "%s(%s, pg_catalog.to_jsonb(%s))", sql->len > 0 ? ", " : "", quote_literal_cstr(column),
					 expression);
}

/*
 * The columns that a new related row begins with; P0002.  SPI is connected.
 *
 *	SELECT (SELECT pg_catalog.jsonb_object_agg(v.name, v.value) FROM (VALUES
 *	    ('city', pg_catalog.to_jsonb(p.city::pg_catalog.text)), ('account_id', pg_catalog.to_jsonb(p.id)))
 *	    AS v(name, value) WHERE v.value IS NOT NULL)
 *	  FROM s.account AS p WHERE p.id = $1
 */
static Datum
initial_columns(ModelRelationship *r, List *mappings, Datum key)
{
	StringInfoData values;
	ListCell   *lc;
	Datum		result;
	bool		isnull;

	initStringInfo(&values);
	foreach(lc, mappings)
	{
		FeatureMapping *mapping = lfirst(lc);

		check_mapping(r, mapping);
		if (can_insert(r->related->relid, mapping->target) && may_own(r, mapping, key))
			append_value(&values, mapping->target, source_expression(r, mapping));
	}
	if (r->type_column.name != NULL)
		append_value(&values, r->type_column.name,
					 psprintf("%s::%s", quote_literal_cstr(r->type_value), r->type_column.type.sql_name));
	foreach(lc, model_columns_names(&r->lookup))
	{
		const char *of = model_columns_counterpart(&r->lookup, lfirst(lc), &r->primary->key);

		append_value(&values, lfirst(lc), psprintf("p.%s", quote_identifier(of)));
	}
	if (!query_primary(r, key, psprintf("(SELECT pg_catalog.jsonb_object_agg(v.name, v.value) FROM (VALUES %s)"
										" AS v(name, value) WHERE v.value IS NOT NULL)", values.data),
					   &result, &isnull))
		feature_refuse_missing(r->primary);
	return result;
}

static Datum
initialize_from(PG_FUNCTION_ARGS)
{
	ModelRelationship *r = relationship_argument(fcinfo);
	Datum		key = model_key_argument(fcinfo, ARG_KEY, r->primary);
	List	   *mappings = feature_mappings(r);
	Datum		result;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	result = initial_columns(r, mappings, key);
	result = SPI_datumTransfer(result, false, -1);
	SPI_finish();
	return result;
}

Datum
relmeta_initialize_from(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, initialize_from);
}

/* ---- create_related ---- */

static Datum
overrides_argument(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(ARG_OVERRIDES))
		return DirectFunctionCall1(jsonb_in, CStringGetDatum("{}"));
	if (!JB_ROOT_IS_OBJECT(PG_GETARG_JSONB_P(ARG_OVERRIDES)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("overrides must be a JSON object"),
				 errhint("Its names are columns: {\"name\": \"value\"}.")));
	return PG_GETARG_DATUM(ARG_OVERRIDES);
}

/* The names (char *) in a JSON object. */
static List *
names_in(Jsonb *object)
{
	JsonbIterator *it = JsonbIteratorInit(&object->root);
	JsonbIteratorToken token;
	JsonbValue	v;
	List	   *names = NIL;

	/*
	 * nested values are skipped: the only names are those of the object
	 * itself
	 */
	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			names = lappend(names, pnstrdup(v.val.string.val, v.val.string.len));
	}
	return names;
}

/*
 *	INSERT INTO s.contact AS n (city, account_id) SELECT r.city, r.account_id
 *	  FROM pg_catalog.jsonb_to_record($1) AS r(city pg_catalog.text, account_id pg_catalog.int4) RETURNING n.id
 *
 * Only the columns that are given are read from it: jsonb_populate_record() would ask domains of the others
 * whether they can be NULL.
 */
static char *
insert_sql(ModelTable *related, List *names)
{
	StringInfoData into;
	StringInfoData select;
	StringInfoData record;
	ListCell   *lc;

	initStringInfo(&into);
	initStringInfo(&select);
	initStringInfo(&record);
	foreach(lc, names)
	{
		AttrNumber	attnum = get_attnum(related->relid, lfirst(lc));
		const char *name = quote_identifier(lfirst(lc));
		const char *comma = into.len > 0 ? ", " : "";

		if (attnum <= 0)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("column \"%s\" of table \"%s\" does not exist", (char *) lfirst(lc),
							relmeta_relation_name(related->relid))));
		appendStringInfo(&into, "%s%s", comma, name);
		appendStringInfo(&select, "%sr.%s", comma, name);
		appendStringInfo(&record, "%s%s %s", comma, name, ddl_type_name(get_atttype(related->relid, attnum), -1));
	}
	return psprintf("INSERT INTO %s AS n (%s) SELECT %s FROM pg_catalog.jsonb_to_record($1) AS r(%s) RETURNING %s",
					related->sql_name, into.data, select.data, record.data, model_key_sql(related, "n"));
}

/* The new row's key, in the caller's context; NULL when a trigger of the table's has left it out. */
static char *
insert_row(ModelTable *related, Datum columns, MemoryContext cxt)
{
	Oid			type = JSONBOID;
	char	   *sql = insert_sql(related, names_in(DatumGetJsonbP(columns)));
	Datum		key;
	bool		isnull;
	MemoryContext spi;
	char	   *result;

	if (SPI_execute_with_args(sql, 1, &type, &columns, NULL, false, 0) != SPI_OK_INSERT_RETURNING)
		elog(ERROR, "SPI_execute_with_args failed for %s", sql);
	if (SPI_processed == 0)
		return NULL;
	key = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	feature_judge_made(related, key);
	spi = MemoryContextSwitchTo(cxt);
	result = model_key_output(related, key);
	MemoryContextSwitchTo(spi);
	return result;
}

static Datum
create_related(PG_FUNCTION_ARGS)
{
	MemoryContext cxt = CurrentMemoryContext;
	ModelRelationship *r = relationship_argument(fcinfo);
	Datum		key = model_key_argument(fcinfo, ARG_KEY, r->primary);
	Datum		overrides = overrides_argument(fcinfo);
	List	   *mappings = feature_mappings(r);
	Datum		columns;
	char	   *result;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	columns = DirectFunctionCall2(jsonb_concat, initial_columns(r, mappings, key), overrides);
	result = insert_row(r->related, columns, cxt);
	SPI_finish();
	if (result == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(result));
}

Datum
relmeta_create_related(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, create_related);
}
