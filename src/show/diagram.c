/*
 * diagram.c
 *		relmeta.er_diagram(): its arguments, and the table of formats (SEMANTICS 3.14).
 *
 * EXAMPLE.  A relationship of accounts and contacts that shares, unshares and deletes is this line in format mermaid:
 *
 *	account |o--o{ contact : "account_contact: share all, unshare all, delete all"
 */
#include "show/diagram.h"

#include "ddl/ddl.h"
#include "port/pg_bitutils.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(relmeta_er_diagram);

#define HAS(notation) (1 << (notation))

static const char *const notations[] = {"crows_foot", "chen", "uml", "min_max"};
static const char *const column_choices[] = {"none", "keys", "all"};

typedef struct DiagramFormat
{
	const char *name;
	int			notations;		/* HAS() of each */
	DiagramLinks links;
	const char *const *keywords;
	bool		folds_case;
	DiagramWriter write;
} DiagramFormat;

#define PLANTUML_NOTATIONS (HAS(NOTATION_CROWS_FOOT) | HAS(NOTATION_UML) | HAS(NOTATION_MIN_MAX))
#define ALL_NOTATIONS (PLANTUML_NOTATIONS | HAS(NOTATION_CHEN))

static const DiagramFormat formats[] = {
	{"mermaid", HAS(NOTATION_CROWS_FOOT), LINKS_ANY, show_diagram_mermaid_words, false, show_diagram_mermaid},
	{"plantuml", PLANTUML_NOTATIONS, LINKS_ANY, show_diagram_plantuml_words, false, show_diagram_plantuml},
	{"dot", ALL_NOTATIONS, LINKS_ANY, show_diagram_no_words, false, show_diagram_dot},
	{"dbml", HAS(NOTATION_CROWS_FOOT), LINKS_ONE_PER_PAIR, show_diagram_no_words, false, show_diagram_dbml},
	{"d2", HAS(NOTATION_CROWS_FOOT), LINKS_ANY, show_diagram_d2_words, true, show_diagram_d2},
	{"json", HAS(NOTATION_CROWS_FOOT), LINKS_NEVER, show_diagram_no_words, false, show_diagram_json}
};

/* a, b or c; those of the n names whose bit is set */
static char *
one_of(const char *const *names, int n, int bits)
{
	StringInfoData list;
	int			left = pg_popcount32(bits);

	initStringInfo(&list);
	for (int i = 0; i < n; i++)
	{
		if ((bits & (1 << i)) == 0)
			continue;
		left--;
		appendStringInfo(&list, "%s%s", names[i], left > 1 ? ", " : left == 1 ? " or " : "");
	}
	return list.data;
}

/* Number of the name; 22023 saying what there is. */
static int
choice(const char *name, const char *argument, const char *const *names, int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(name, names[i]) == 0)
			return i;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown %s \"%s\" of a diagram", argument, name),
			 errhint("It is %s.", one_of(names, n, (1 << n) - 1))));
	return -1;
}

static const DiagramFormat *
format_named(const char *name)
{
	const char *names[lengthof(formats)];

	for (int i = 0; i < (int) lengthof(formats); i++)
		names[i] = formats[i].name;
	return &formats[choice(name, "format", names, lengthof(formats))];
}

static DiagramNotation
notation_of(const DiagramFormat *format, const char *name)
{
	DiagramNotation notation = choice(name, "notation", notations, lengthof(notations));

	if ((format->notations & HAS(notation)) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("format \"%s\" does not draw notation \"%s\"", format->name, name),
				 errhint("It draws %s; format \"dot\" draws %s.",
						 one_of(notations, lengthof(notations), format->notations),
						 one_of(notations, lengthof(notations), ALL_NOTATIONS))));
	return notation;
}

/* The tables named: 42P01, 42501, or 42704 when relmeta knows nothing of one. */
static List *
tables_named(FunctionCallInfo fcinfo, int argno)
{
	List	   *tables = relmeta_argument_tables(fcinfo, argno);
	ListCell   *lc;

	foreach(lc, tables)
	{
		Oid			relid = lfirst_oid(lc);

		(void) relmeta_relation_owner(relid);
		if (!show_may_see(relid))
			aclcheck_error(ACLCHECK_NO_PRIV, get_relkind_objtype(get_rel_relkind(relid)), relmeta_relation_name(relid));
		if ((model_known(relid) & (KNOWN_REGISTERED | KNOWN_INTERSECT | KNOWN_PARTICIPANT)) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_OBJECT),
					 errmsg("table \"%s\" is in no relationship, and is not registered", relmeta_relation_name(relid)),
					 errhint("Call relmeta.register_table() or relmeta.create_one_to_many() first.")));
	}
	return tables;
}

/* relmeta.er_diagram(format, notation, tables, columns, behaviors, intersects, depth) */
Datum
relmeta_er_diagram(PG_FUNCTION_ARGS)
{
	DiagramRequest request = {0};
	char	   *name = relmeta_argument_text(fcinfo, 0);
	const DiagramFormat *format = format_named(name ? name : "mermaid");
	StringInfoData out;

	name = relmeta_argument_text(fcinfo, 1);
	request.notation = notation_of(format, name ? name : "crows_foot");
	request.all_tables = PG_ARGISNULL(2);
	if (!request.all_tables)
		request.tables = tables_named(fcinfo, 2);
	name = relmeta_argument_text(fcinfo, 3);
	request.columns = choice(name ? name : "keys", "choice of columns", column_choices, lengthof(column_choices));
	request.behaviors = PG_ARGISNULL(4) || PG_GETARG_BOOL(4);
	request.intersects = relmeta_argument_bool(fcinfo, 5);
	request.depth = PG_ARGISNULL(6) ? 0 : PG_GETARG_INT32(6);
	if (request.depth < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("depth must not be negative"),
				 errhint("It says how many relationships away from tables is drawn.")));
	request.links = format->links;
	request.keywords = format->keywords;
	request.folds_case = format->folds_case;

	initStringInfo(&out);
	format->write(&out, show_diagram_collect(&request));
	PG_RETURN_TEXT_P(cstring_to_text_with_len(out.data, out.len));
}
