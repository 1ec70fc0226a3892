/*
 * import_trust.c
 *		Whose code a document may name.
 *
 * A document is often somebody else's.  Making a table by it calls the input functions of types that have a default,
 * adding a column to links that are there calls the default, and whatever is stored later calls both: as whoever
 * imports it, a dry run too.  So of types, functions and operators a document names only such as belong to a
 * superuser or to the caller (a role that he is in); enums, whose functions are PostgreSQL's, are anybody's,
 * as long as no cast from or to them is code of somebody else's.
 *
 * A name counts for all that PostgreSQL may find by it: f(x) is a function or a cast to type f, (x).f and t.f a column
 * or a function.  What a pending relationship names is found when its tables are there: so it names schemas only in
 * which nobody else puts something, and no enum that gets a cast meanwhile.
 */
#include "show/document.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_cast.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "compat_role.h"
#include "ddl/intersect/intersect.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/parsenodes.h"
#include "parser/parse_type.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

static bool
owner_is_trusted(Oid owner)
{
	return superuser_arg(owner) || compat_is_in_role(GetUserId(), owner);
}

static bool
function_is_trusted(Oid function)
{
	HeapTuple	tuple;
	bool		trusted;

	if (function < FirstNormalObjectId)
		return true;
	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	if (!HeapTupleIsValid(tuple))
		return false;
	trusted = owner_is_trusted(((Form_pg_proc) GETSTRUCT(tuple))->proowner);
	ReleaseSysCache(tuple);
	return trusted;
}

/* ---- types ---- */

static bool type_is_trusted(Oid type, bool waits);

/* Those from the type and to it, which its owner may make of functions of his. */
static bool
casts_are_trusted(Oid type)
{
	Relation	rel = table_open(CastRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	bool		trusted = true;
	HeapTuple	tuple;

	while (trusted && HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_cast form = (Form_pg_cast) GETSTRUCT(tuple);

		if (form->castsource == type || form->casttarget == type)
			trusted = !OidIsValid(form->castfunc) || function_is_trusted(form->castfunc);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return trusted;
}

static bool
columns_are_trusted(Oid type, bool waits)
{
	TupleDesc	desc = lookup_rowtype_tupdesc_copy(type, -1);

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (!att->attisdropped && !type_is_trusted(att->atttypid, waits))
			return false;
	}
	return true;
}

/* The type, and what it is made of; waits: it is a pending relationship's */
static bool
type_is_trusted(Oid type, bool waits)
{
	HeapTuple	tuple;
	Form_pg_type form;
	Oid			owner;
	char		kind;
	Oid			element;

	check_stack_depth();
	if (type < FirstNormalObjectId)
		return true;
	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	if (!HeapTupleIsValid(tuple))
		return false;
	form = (Form_pg_type) GETSTRUCT(tuple);
	owner = form->typowner;
	kind = form->typtype;
	ReleaseSysCache(tuple);
	element = get_element_type(type);
	if (!owner_is_trusted(owner) &&
		(waits || (kind != TYPTYPE_ENUM && !OidIsValid(element)) || !casts_are_trusted(type)))
		return false;
	if (OidIsValid(element))
		return type_is_trusted(element, waits);
	switch (kind)
	{
		case TYPTYPE_DOMAIN:
			return type_is_trusted(getBaseType(type), waits);
		case TYPTYPE_COMPOSITE:
			return columns_are_trusted(type, waits);
		case TYPTYPE_RANGE:
			return type_is_trusted(get_range_subtype(type), waits);
		case TYPTYPE_MULTIRANGE:
			return type_is_trusted(get_multirange_range(type), waits);
		default:
			return true;
	}
}

static void
trust_type(const ShowNode *node, Oid type, bool waits)
{
	if (!type_is_trusted(type, waits))
		show_refuse(node, "type %s is neither a superuser's nor yours", show_quoted(format_type_be(type)));
}

void
show_trust_type(const ShowNode *node, Oid type)
{
	trust_type(node, type, false);
}

/* ---- schemas of what is found later ---- */

/* public belongs to the database's owner */
static void
trust_schema(const ShowNode *node, Oid schema)
{
	HeapTuple	tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(schema));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		return;
	owner = ((Form_pg_namespace) GETSTRUCT(tuple))->nspowner;
	ReleaseSysCache(tuple);
	if (owner != ROLE_PG_DATABASE_OWNER && !owner_is_trusted(owner))
		show_refuse(node, "schema %s is neither a superuser's nor yours:"
					" what is found there may be another thing later",
					show_quoted(get_namespace_name(schema)));
}

/* That which a name says; none: as search_path does */
static void
trust_schema_named(const ShowNode *node, List *names)
{
	char	   *name;
	Oid			schema;

	if (list_length(names) < 2)
		return;
	name = strVal(list_nth(names, list_length(names) - 2));
	schema = get_namespace_oid(name, true);
	if (!OidIsValid(schema))
		show_refuse(node, "schema %s does not exist", show_quoted(name));
	trust_schema(node, schema);
}

static void
trust_search_path(const ShowNode *node)
{
	ListCell   *lc;

	foreach(lc, fetch_search_path(false))
		trust_schema(node, lfirst_oid(lc));
}

/* ---- expressions ---- */

typedef struct Trust
{
	const ShowNode *node;
	bool		waits;			/* the names are found later */
} Trust;

/* All functions of that name, and the type, which f(x) may cast to; false: there is none */
static bool
trust_name(Trust *trust, List *names)
{
	FuncCandidateList found = FuncnameGetCandidates(names, -1, NIL, false, false, false, true);
	Oid			type = LookupTypeNameOid(NULL, makeTypeNameFromNameList(names), true);
	bool		exists = found != NULL || OidIsValid(type);

	for (; found != NULL; found = found->next)
		if (!function_is_trusted(found->oid))
			show_refuse(trust->node, "function %s is neither a superuser's nor yours",
						show_quoted(NameListToString(names)));
	if (OidIsValid(type))
		trust_type(trust->node, type, trust->waits);
	if (exists && trust->waits)
		trust_schema_named(trust->node, names);
	return exists;
}

static void
trust_function(Trust *trust, List *names)
{
	if (!trust_name(trust, names))
		show_refuse(trust->node, "function %s does not exist", show_quoted(NameListToString(names)));
}

/* x.f and (x).f: a column, or a function */
static void
trust_fields(Trust *trust, List *fields)
{
	ListCell   *lc;

	foreach(lc, fields)
		if (IsA(lfirst(lc), String))
		(void) trust_name(trust, list_make1(lfirst(lc)));
}

static void
trust_operator(Trust *trust, List *names)
{
	FuncCandidateList found = OpernameGetCandidates(names, '\0', true);

	for (; found != NULL; found = found->next)
		if (!function_is_trusted(get_opcode(found->oid)))
			show_refuse(trust->node, "operator %s is neither a superuser's nor yours",
						show_quoted(NameListToString(names)));
	if (trust->waits)
		trust_schema_named(trust->node, names);
}

/* What BETWEEN and CASE stand for, too */
static void
trust_comparisons(Trust *trust)
{
	static const char *const operators[] = {"=", "<>", "<", "<=", ">", ">="};

	for (int i = 0; i < (int) lengthof(operators); i++)
		trust_operator(trust, list_make1(makeString(pstrdup(operators[i]))));
}

static bool
is_serial(TypeName *type)
{
	static const char *const names[] = {"smallserial", "serial2", "serial", "serial4", "bigserial", "serial8"};

	for (int i = 0; i < (int) lengthof(names) && list_length(type->names) == 1; i++)
		if (strcmp(strVal(linitial(type->names)), names[i]) == 0)
			return true;
	return false;
}

static void
trust_type_name(Trust *trust, TypeName *name)
{
	if (is_serial(name))
		return;
	trust_type(trust->node, typenameTypeId(NULL, name), trust->waits);
	if (trust->waits)
		trust_schema_named(trust->node, name->names);
}

static bool
trust_expression(Node *expr, void *context)
{
	Trust	   *trust = context;

	if (expr == NULL)
		return false;
	check_stack_depth();
	if (IsA(expr, TypeName))
		trust_type_name(trust, (TypeName *) expr);
	else if (IsA(expr, FuncCall))
		trust_function(trust, ((FuncCall *) expr)->funcname);
	else if (IsA(expr, A_Indirection))
		trust_fields(trust, ((A_Indirection *) expr)->indirection);
	else if (IsA(expr, ColumnRef))
		trust_fields(trust, list_copy_tail(((ColumnRef *) expr)->fields, 1));
	else if (IsA(expr, A_Expr) && ((A_Expr *) expr)->name != NIL)
		trust_operator(trust, ((A_Expr *) expr)->name);
	if (IsA(expr, A_Expr) || IsA(expr, CaseExpr))
		trust_comparisons(trust);
	return raw_expression_tree_walker(expr, trust_expression, context);
}

void
show_trust_attributes(const ShowNode *node, bool waits)
{
	Trust		trust = {node, waits};
	List	   *columns = ddl_intersect_parse_attributes(show_text(node));
	ListCell   *lc;
	ListCell   *lc2;

	if (columns != NIL && waits)
		trust_search_path(node);
	foreach(lc, columns)
	{
		ColumnDef  *column = lfirst_node(ColumnDef, lc);

		(void) trust_expression((Node *) column->typeName, &trust);
		foreach(lc2, column->constraints)
			(void) trust_expression(lfirst_node(Constraint, lc2)->raw_expr, &trust);
	}
}
