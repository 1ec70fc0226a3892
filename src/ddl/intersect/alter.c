/*
 * alter.c
 *		alter_many_to_many(): attributes come and go.  SEMANTICS 2.4.
 */
#include "ddl/intersect/intersect.h"

#include "lib/stringinfo.h"
#include "model/names.h"
#include "nodes/parsenodes.h"
#include "parser/parser.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(relmeta_alter_many_to_many);

/* arguments of alter_many_to_many, in order */
enum
{
	ARG_NAME,
	ARG_ADD_ATTRIBUTES,
	ARG_DROP_ATTRIBUTES
};

static void
check_droppable(ModelIntersect *intersect, List *attributes, const char *column)
{
	if (!model_name_is_among(attributes, column))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("relationship \"%s\" has no attribute \"%s\"", intersect->name, column),
				 errhint("The view relmeta.many_to_many lists the attributes.")));
	if (model_name_is_among(intersect->unique_by, column))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("attribute \"%s\" is part of the key of relationship \"%s\"", column, intersect->name),
				 errhint("Drop the relationship with relmeta.drop_relationship() and declare it anew.")));
}

/* ---- an intersect table ---- */

/*
 * ALTER TABLE s.student_course ADD COLUMN grade text, DROP COLUMN note
 *
 * The column definitions are a user's text: each was parsed alone, and the
 * whole must be nothing but as many ADD and DROP COLUMN.
 */
static void
alter_table(ModelIntersect *intersect, List *adds, List *drops)
{
	StringInfoData sql;
	List	   *parsed;
	AlterTableStmt *stmt;
	const char *separator = "";
	ListCell   *lc;

	initStringInfo(&sql);
	appendStringInfo(&sql, "ALTER TABLE %s", intersect->sql_name);
	foreach(lc, drops)
	{
		appendStringInfo(&sql, "%s DROP COLUMN %s", separator, quote_identifier(lfirst(lc)));
		separator = ",";
	}
	foreach(lc, adds)
	{
		appendStringInfo(&sql, "%s ADD COLUMN %s\n", separator, (char *) lfirst(lc));
		separator = ",";
	}

	parsed = raw_parser(sql.data, RAW_PARSE_DEFAULT);
	stmt = (AlterTableStmt *) linitial_node(RawStmt, parsed)->stmt;
	if (list_length(parsed) != 1 || !IsA(stmt, AlterTableStmt) ||
		list_length(stmt->cmds) != list_length(adds) + list_length(drops))
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("attributes must be a list of plain column definitions")));

	/*
	 * types and functions in the definitions are found by the caller's
	 * search_path, as in his own ALTER TABLE
	 */
	ddl_run_text(sql.data, NULL);
}

static void
alter_existing(ModelIntersect *intersect, const char *add_attributes, List *drops)
{
	List	   *attributes;
	ListCell   *lc;

	(void) model_intersect_required(ddl_model(), intersect->name);
	attributes = ddl_intersect_attribute_names(intersect);
	foreach(lc, drops)
		check_droppable(intersect, attributes, lfirst(lc));
	alter_table(intersect, ddl_intersect_attribute_texts(add_attributes), drops);
}

/* ---- a pending relationship ---- */

static List *
names_of(const char *attributes)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, ddl_intersect_parse_attributes(attributes))
		names = lappend(names, lfirst_node(ColumnDef, lc)->colname);
	return names;
}

static char *
with_added(ModelIntersect *intersect, const char *attributes, const char *add_attributes)
{
	List	   *names = names_of(attributes);
	ListCell   *lc;

	names = list_concat(names, model_columns_names(&intersect->column[0]));
	names = list_concat(names, model_columns_names(&intersect->column[1]));
	if (intersect->surrogate_key)
		names = lappend(names, "id");
	foreach(lc, names_of(add_attributes))
	{
		if (model_name_is_among(names, lfirst(lc)))
			ereport(ERROR,
					(errcode(ERRCODE_DUPLICATE_COLUMN),
					 errmsg("relationship \"%s\" already has a column \"%s\"",
							intersect->name, (char *) lfirst(lc)),
					 errhint("Name the attribute otherwise.")));
		names = lappend(names, lfirst(lc));
	}
	return attributes ? psprintf("%s\n, %s", attributes, add_attributes) : pstrdup(add_attributes);
}

static void
alter_pending(ModelIntersect *intersect, const char *add_attributes, List *drops)
{
	Intersect  *pending = ddl_intersect_pending_locked(intersect->id);
	char	   *attributes;
	ListCell   *lc;

	if (pending == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("relationship \"%s\" was completed or dropped meanwhile", intersect->name),
				 errhint("Call relmeta.alter_many_to_many() again.")));
	attributes = pending->attributes;
	foreach(lc, drops)
	{
		check_droppable(intersect, names_of(attributes), lfirst(lc));
		attributes = ddl_intersect_attributes_without(attributes, lfirst(lc));
	}
	if (add_attributes)
		attributes = with_added(intersect, attributes, add_attributes);
	ddl_intersect_row_attributes(intersect->id, attributes);
	ddl_intersect_look_again(intersect->id);
}

Datum
relmeta_alter_many_to_many(PG_FUNCTION_ARGS)
{
	char	   *name = relmeta_argument_text_required(fcinfo, ARG_NAME);
	char	   *add_attributes = relmeta_argument_text(fcinfo, ARG_ADD_ATTRIBUTES);
	List	   *drops = relmeta_argument_names(fcinfo, ARG_DROP_ATTRIBUTES);
	ModelIntersect *intersect = model_intersect_by_name(ddl_model(), name);

	if (intersect == NULL)
		(void) model_intersect_required(ddl_model(), name);
	ddl_intersect_check_owner(intersect);
	(void) ddl_intersect_parse_attributes(add_attributes);
	if (add_attributes == NULL && drops == NIL)
		PG_RETURN_VOID();
	if (OidIsValid(intersect->relid))
		alter_existing(intersect, add_attributes, drops);
	else
		alter_pending(intersect, add_attributes, drops);
	PG_RETURN_VOID();
}
