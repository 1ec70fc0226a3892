/*
 * attributes.c
 *		The attributes of an intersect table: a column list, read as PostgreSQL's
 *		own grammar reads it, and nothing but a column list.
 *
 * The text is a user's, and a pending relationship's is run later by someone
 * else's DDL.  So it is never pasted into a statement: it is parsed here, and
 * only its ColumnDef nodes are taken over.
 */
#include "ddl/intersect/intersect.h"

#include "access/htup_details.h"
#include "catalog/pg_attribute.h"
#include "lib/stringinfo.h"
#include "nodes/parsenodes.h"
#include "parser/parser.h"
#include "parser/scanner.h"
#include "parser/scansup.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "access/table.h"

/* what is put before the list; the line end after it closes a -- comment */
#define ATTRIBUTES_PREFIX "CREATE TABLE relmeta_attributes ("
#define ATTRIBUTES_SUFFIX "\n)"

static void
refuse_attributes(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_SYNTAX_ERROR),
			 errmsg("attributes must be a list of plain column definitions"),
			 errdetail_internal("%s", detail),
			 errhint("Pass, for instance, attributes => "
					 "'enrolled_at timestamptz NOT NULL DEFAULT now(), grade text'.")));
}

/* A key of the column's own would make another table than the one declared. */
static void
check_column(ColumnDef *column)
{
	ListCell   *lc;

	foreach(lc, column->constraints)
	{
		if (lfirst_node(Constraint, lc)->contype == CONSTR_PRIMARY)
			refuse_attributes("A column has a primary key of its own; see surrogate_key.");
	}
}

/* The parser's position is one in the text that we made. */
static void
attributes_context(void *arg)
{
	int			position = geterrposition();

	if (position > 0)
	{
		errposition(0);
		internalerrposition(position);
		internalerrquery((const char *) arg);
	}
	errcontext("attributes of a many-to-many relationship");
}

/*
 * The one statement that the list makes, or an error of the parser's.
 */
static CreateStmt *
parse_as_table(const char *attributes)
{
	char	   *sql = psprintf("%s%s%s", ATTRIBUTES_PREFIX, attributes, ATTRIBUTES_SUFFIX);
	ErrorContextCallback callback = {.callback = attributes_context};
	List	   *parsed;
	Node	   *stmt;

	callback.arg = sql;
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	parsed = raw_parser(sql, RAW_PARSE_DEFAULT);
	error_context_stack = callback.previous;

	if (list_length(parsed) != 1)
		refuse_attributes("They hold more than one statement.");
	stmt = linitial_node(RawStmt, parsed)->stmt;
	if (!IsA(stmt, CreateStmt))
		refuse_attributes("They do not define columns.");
	return (CreateStmt *) stmt;
}

List *
ddl_intersect_parse_attributes(const char *attributes)
{
	CreateStmt *stmt;
	ListCell   *lc;

	if (attributes == NULL)
		return NIL;
	stmt = parse_as_table(attributes);
	if (stmt->inhRelations != NIL || stmt->partbound != NULL || stmt->partspec != NULL || stmt->ofTypename != NULL ||
		stmt->constraints != NIL || stmt->options != NIL || stmt->oncommit != ONCOMMIT_NOOP ||
		stmt->tablespacename != NULL || stmt->accessMethod != NULL || stmt->if_not_exists)
		refuse_attributes("They hold clauses of the table.");
	if (stmt->tableElts == NIL)
		refuse_attributes("The list is empty.");
	foreach(lc, stmt->tableElts)
	{
		if (!IsA(lfirst(lc), ColumnDef))
			refuse_attributes("They hold a constraint or a LIKE clause of the table.");
		check_column(lfirst_node(ColumnDef, lc));
	}
	return stmt->tableElts;
}

/* The offset of the last comma of the list before offset end, as the scanner sees it. */
static int
comma_before(const char *attributes, int end)
{
	core_yy_extra_type extra;
	core_YYSTYPE value;
	YYLTYPE		location;
	core_yyscan_t scanner = scanner_init(attributes, &extra, &ScanKeywords, ScanKeywordTokens);
	int			comma = -1;
	int			token;

	while ((token = core_yylex(&value, &location, scanner)) != 0 && location < end)
	{
		if (token == ',')
			comma = location;
	}
	scanner_finish(scanner);
	return comma;
}

List *
ddl_intersect_attribute_texts(const char *attributes)
{
	List	   *defs = ddl_intersect_parse_attributes(attributes);
	List	   *texts = NIL;

	for (int i = 0; i < list_length(defs); i++)
	{
		int			start = list_nth_node(ColumnDef, defs, i)->location - strlen(ATTRIBUTES_PREFIX);
		int			end = strlen(attributes);

		if (i + 1 < list_length(defs))
			end = comma_before(attributes,
							   list_nth_node(ColumnDef, defs, i + 1)->location - strlen(ATTRIBUTES_PREFIX));
		while (end > start && scanner_isspace(attributes[end - 1]))
			end--;
		texts = lappend(texts, pnstrdup(attributes + start, end - start));
	}
	return texts;
}

char *
ddl_intersect_attributes_without(const char *attributes, const char *column)
{
	List	   *defs = ddl_intersect_parse_attributes(attributes);
	StringInfoData rest;
	ListCell   *lc;
	int			i = 0;

	initStringInfo(&rest);
	foreach(lc, ddl_intersect_attribute_texts(attributes))
	{
		if (strcmp(list_nth_node(ColumnDef, defs, i++)->colname, column) == 0)
			continue;
		/* the comma not into a comment at the end of the one before */
		appendStringInfo(&rest, "%s%s", rest.len > 0 ? "\n, " : "", (char *) lfirst(lc));
	}
	return rest.len > 0 ? rest.data : NULL;
}

/* the surrogate key is an attribute of nothing */
static bool
is_surrogate(ModelIntersect *intersect, Form_pg_attribute att)
{
	return intersect->surrogate_key && strcmp(NameStr(att->attname), "id") == 0;
}

List *
ddl_intersect_attribute_names(ModelIntersect *intersect)
{
	Relation	rel = relmeta_relation_open(intersect->relid, AccessShareLock);
	TupleDesc	desc = RelationGetDescr(rel);
	List	   *names = NIL;
	int			i;

	for (i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (att->attisdropped || model_columns_have_attnum(&intersect->column[0], att->attnum) ||
			model_columns_have_attnum(&intersect->column[1], att->attnum) || is_surrogate(intersect, att))
			continue;
		names = lappend(names, pstrdup(NameStr(att->attname)));
	}
	table_close(rel, AccessShareLock);
	return names;
}
