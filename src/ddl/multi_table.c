/*
 * multi_table.c
 *		Multi-table lookups: a key and a type column, one relationship per
 *		target.  SEMANTICS 2.3.
 */
#include "ddl/relationship.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(relmeta_create_multi_table_lookup);
PG_FUNCTION_INFO_V1(relmeta_add_lookup_target);

/* ---- type values ---- */

/* regarding_id -> regarding_type */
static char *
default_type_column(const char *lookup)
{
	size_t		len = strlen(lookup);
	char	   *stem = pstrdup(lookup);

	if (len > 3 && strcmp(lookup + len - 3, "_id") == 0)
		stem[len - 3] = '\0';
	/* room for the suffix: clip the stem, not the suffix */
	stem[pg_mbcliplen(stem, strlen(stem), NAMEDATALEN - 1 - strlen("_type"))] = '\0';
	return psprintf("%s_type", stem);
}

/* The type of the column that there is, or will be. */
static void
type_column_type(const Declaration *d, ModelType *type)
{
	AttrNumber	attnum = get_attnum(d->related, d->type_column);
	Oid			typid = TEXTOID;
	int32		typmod = -1;
	Oid			collation = get_typcollation(TEXTOID);

	if (attnum != InvalidAttrNumber)
		get_atttypetypmodcoll(d->related, attnum, &typid, &typmod, &collation);
	model_type_fill(type, typid, typmod, collation);
}

/* 22001 when it is too long for the column */
static void
check_length_of_value(const Declaration *d, ModelType *type)
{
	int32		typmod = type->typmod;

	(void) getBaseTypeAndTypmod(type->type, &typmod);
	(void) OidInputFunctionCall(type->in_func, d->type_value, type->in_ioparam, typmod);
}

/* 22P02 when it is not of the column's type; 42710 when another target has it, as that type compares */
static void
check_type_value(const Declaration *d)
{
	ModelType	type;
	Datum		value;
	ListCell   *lc;

	type_column_type(d, &type);
	value = model_type_input(&type, d->type_value);
	check_length_of_value(d, &type);
	foreach(lc, model_relationships_of(ddl_model(), d->related))
	{
		ModelRelationship *r = lfirst(lc);

		if (r->related->relid == d->related && r->type_value &&
			model_columns_equal(d->lookup, &r->lookup) &&
			model_type_equal(&type, value, model_type_input(&type, r->type_value)))
			ereport(ERROR,
					(errcode(ERRCODE_DUPLICATE_OBJECT),
					 errmsg("type value \"%s\" of lookup \"%s\" is already that of table \"%s\"",
							d->type_value, model_columns_text(d->lookup), get_rel_name(r->primary->relid)),
					 errhint("Give each target a type value of its own.")));
	}
}

/* ---- one target ---- */

/* A foreign key from the lookup would refuse the rows of the other targets. */
static void
refuse_foreign_keys(const Declaration *d)
{
	List	   *names = ddl_foreign_key_names(d);

	if (names != NIL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
				 errmsg("foreign key \"%s\" of table \"%s\" lets lookup \"%s\" point to table \"%s\" alone",
						(char *) linitial(names), get_rel_name(d->related), model_columns_text(d->lookup),
						get_rel_name(d->primary)),
				 errhint("Use ALTER TABLE %s DROP CONSTRAINT %s first.", ddl_table_name(d->related),
						 quote_identifier(linitial(names)))));
}

/* Columns, rules, the row, triggers; the CHECK comes when all targets are there. */
static void
add_target(Declaration *d)
{
	ddl_declare_begin(d);
	check_type_value(d);
	refuse_foreign_keys(d);
	ddl_declaration_name(d);
	ddl_lookup_ensure(d);
	ddl_declare_end(d);
}

/* A relationship of this lookup that has a type column, or NULL. */
static ModelRelationship *
any_target(const Declaration *d)
{
	ListCell   *lc;

	foreach(lc, model_relationships_of(ddl_model(), d->related))
	{
		ModelRelationship *r = lfirst(lc);

		if (r->related->relid == d->related && r->type_column.name &&
			model_columns_equal(d->lookup, &r->lookup))
			return r;
	}
	return NULL;
}

static char *
existing_name(const Declaration *d, bool if_not_exists)
{
	ModelRelationship *r = ddl_declare_existing(d);

	if (r == NULL)
		return NULL;
	if (!if_not_exists)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("table \"%s\" is already a target of lookup \"%s\" of table \"%s\" by relationship \"%s\"",
						get_rel_name(d->primary), model_columns_text(d->lookup), get_rel_name(d->related), r->name)));
	ereport(NOTICE,
			(errmsg("relationship \"%s\" already exists, skipping", r->name)));
	return r->name;
}

/* ---- create_multi_table_lookup ---- */

/* The i-th of a list of texts that may be shorter, or hold NULL. */
static char *
nth_text(List *texts, int i)
{
	return i < list_length(texts) ? list_nth(texts, i) : NULL;
}

static void
check_length(List *texts, int n, const char *argument)
{
	if (texts != NIL && list_length(texts) != n)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s has %d elements, primary_tables has %d", argument, list_length(texts), n),
				 errhint("Give one for each table, or NULL for its default.")));
}

/* Declaration *, one per target, in the order of primary_tables */
static List *
read_targets(FunctionCallInfo fcinfo)
{
	List	   *primaries = relmeta_argument_tables(fcinfo, 2);
	List	   *values = relmeta_argument_texts(fcinfo, 4);
	List	   *names = relmeta_argument_texts(fcinfo, 15);
	Declaration common = {0};
	List	   *targets = NIL;
	ListCell   *lc;

	common.related = relmeta_argument_table(fcinfo, 0);
	common.lookup = ddl_argument_columns_required(fcinfo, 1);
	common.type_column = relmeta_argument_name(fcinfo, 3);
	if (common.type_column == NULL)
		common.type_column = default_type_column(model_columns_text(common.lookup));
	common.required = relmeta_argument_bool(fcinfo, 13);
	ddl_declare_behaviors(fcinfo, 5, &common);
	if (primaries == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("primary_tables must name at least one table")));
	check_length(values, list_length(primaries), "type_values");
	check_length(names, list_length(primaries), "names");
	foreach(lc, primaries)
	{
		Declaration *d = palloc(sizeof(Declaration));

		*d = common;
		d->primary = lfirst_oid(lc);
		d->type_value = nth_text(values, foreach_current_index(lc));
		d->name = nth_text(names, foreach_current_index(lc));
		targets = lappend(targets, d);
	}
	return targets;
}

static void
check_columns_differ(const Declaration *d)
{
	if (model_columns_have(d->lookup, d->type_column))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("lookup and type column must be two columns")));
}

static void
lock_targets(List *targets)
{
	List	   *tables = list_make1_oid(((Declaration *) linitial(targets))->related);
	ListCell   *lc;

	foreach(lc, targets)
		tables = list_append_unique_oid(tables, ((Declaration *) lfirst(lc))->primary);
	ddl_declare_lock(tables, list_make1_oid(linitial_oid(tables))); /* its CHECK changes */
}

static void
refuse_second_lookup(const Declaration *d)
{
	ModelRelationship *r = any_target(d);

	if (r)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("column \"%s\" of table \"%s\" is already a multi-table lookup",
						model_columns_text(d->lookup), get_rel_name(d->related)),
				 errhint("Call relmeta.add_lookup_target() to add a target to it.")));
}

static ArrayType *
text_array(List *texts)
{
	Datum	   *elems = palloc(sizeof(Datum) * list_length(texts));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, texts)
		elems[n++] = CStringGetTextDatum(lfirst(lc));
	return construct_array(elems, n, TEXTOID, -1, false, TYPALIGN_INT);
}

/* What is unqualified is fixed here: a table that is renamed keeps its type value. */
static void
fill_type_value(Declaration *d)
{
	if (d->type_value == NULL)
		d->type_value = get_rel_name(d->primary);
}

/* Every target once: a table that is given twice is found as already there. */
static List *
add_targets(List *targets, bool if_not_exists, List **added)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, targets)
	{
		Declaration *d = lfirst(lc);
		char	   *name = existing_name(d, if_not_exists);

		if (name == NULL)
		{
			fill_type_value(d);
			add_target(d);
			*added = lappend(*added, d);
			name = d->name;
		}
		names = lappend(names, name);
	}
	return names;
}

/* Of the rows that there are: half-set or of no target, 23514; of a target but pointing nowhere, 23503. */
static void
check_rows(List *added)
{
	ListCell   *lc;

	if (added != NIL)
	{
		Declaration *d = linitial(added);

		ddl_type_check_sync(d, false);
	}
	foreach(lc, added)
		ddl_check_orphans(lfirst(lc));
}

Datum
relmeta_create_multi_table_lookup(PG_FUNCTION_ARGS)
{
	List	   *targets = read_targets(fcinfo);
	bool		if_not_exists = relmeta_argument_bool(fcinfo, 14);
	List	   *added = NIL;
	List	   *names;

	check_columns_differ(linitial(targets));
	lock_targets(targets);
	if (!if_not_exists)
		refuse_second_lookup(linitial(targets));
	names = add_targets(targets, if_not_exists, &added);
	check_rows(added);
	PG_RETURN_ARRAYTYPE_P(text_array(names));
}

/* ---- add_lookup_target ---- */

static ModelRelationship *
lookup_required(const Declaration *d)
{
	ModelRelationship *r = any_target(d);

	if (r == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("column \"%s\" of table \"%s\" is not a multi-table lookup", model_columns_text(d->lookup),
						get_rel_name(d->related)),
				 errhint("Call relmeta.create_multi_table_lookup() to make one.")));
	return r;
}

Datum
relmeta_add_lookup_target(PG_FUNCTION_ARGS)
{
	Declaration d = {0};
	char	   *name;

	d.related = relmeta_argument_table(fcinfo, 0);
	d.lookup = ddl_argument_columns_required(fcinfo, 1);
	d.primary = relmeta_argument_table(fcinfo, 2);
	d.type_value = relmeta_argument_text(fcinfo, 3);
	ddl_declare_behaviors(fcinfo, 4, &d);
	d.name = relmeta_argument_text(fcinfo, 13);

	lock_targets(list_make1(&d));
	d.type_column = lookup_required(&d)->type_column.name;
	name = existing_name(&d, relmeta_argument_bool(fcinfo, 12));
	if (name == NULL)
	{
		fill_type_value(&d);
		add_target(&d);
		check_rows(list_make1(&d));
		name = d.name;
	}
	PG_RETURN_TEXT_P(cstring_to_text(name));
}
