/*
 * import_trust.c
 *		Whose code a document may name.
 *
 * A document is often somebody else's.  Making a table by it calls the input functions of types that have a default,
 * adding a column to links that are there calls the default, and whatever is stored later calls both: as whoever
 * imports it, a dry run too.  So of types, functions and operators a document names only such as belong to a
 * superuser or to the caller (a role that he is a member of); enums, whose functions are PostgreSQL's, are anybody's.
 */
#include "show/document.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/namespace.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "ddl/intersect/intersect.h"
#include "miscadmin.h"
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
	return superuser_arg(owner) || is_member_of_role_nosuper(GetUserId(), owner);
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

static bool type_is_trusted(Oid type);

static bool
columns_are_trusted(Oid type)
{
	TupleDesc	desc = lookup_rowtype_tupdesc_copy(type, -1);

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (!att->attisdropped && !type_is_trusted(att->atttypid))
			return false;
	}
	return true;
}

/* The type, and what it is made of */
static bool
type_is_trusted(Oid type)
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
	if (OidIsValid(element))
		return type_is_trusted(element);
	if (kind == TYPTYPE_ENUM)
		return true;
	if (!owner_is_trusted(owner))
		return false;
	switch (kind)
	{
		case TYPTYPE_DOMAIN:
			return type_is_trusted(getBaseType(type));
		case TYPTYPE_COMPOSITE:
			return columns_are_trusted(type);
		case TYPTYPE_RANGE:
			return type_is_trusted(get_range_subtype(type));
		case TYPTYPE_MULTIRANGE:
			return type_is_trusted(get_multirange_range(type));
		default:
			return true;
	}
}

void
show_trust_type(const ShowNode *node, Oid type)
{
	if (!type_is_trusted(type))
		show_refuse(node, "type %s is neither a superuser's nor yours", show_quoted(format_type_be(type)));
}

/* ---- expressions ---- */

static void
trust_function(const ShowNode *node, List *names)
{
	FuncCandidateList found = FuncnameGetCandidates(names, -1, NIL, false, false, false, true);

	if (found == NULL)
		show_refuse(node, "function %s does not exist", show_quoted(NameListToString(names)));
	for (; found != NULL; found = found->next)
		if (!function_is_trusted(found->oid))
			show_refuse(node, "function %s is neither a superuser's nor yours", show_quoted(NameListToString(names)));
}

static void
trust_operator(const ShowNode *node, List *names)
{
	FuncCandidateList found = OpernameGetCandidates(names, '\0', true);

	for (; found != NULL; found = found->next)
		if (!function_is_trusted(get_opcode(found->oid)))
			show_refuse(node, "operator %s is neither a superuser's nor yours",
						show_quoted(NameListToString(names)));
}

/* What BETWEEN and CASE stand for, too */
static void
trust_comparisons(const ShowNode *node)
{
	static const char *const operators[] = {"=", "<>", "<", "<=", ">", ">="};

	for (int i = 0; i < (int) lengthof(operators); i++)
		trust_operator(node, list_make1(makeString(pstrdup(operators[i]))));
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

static bool
trust_expression(Node *expr, void *context)
{
	const ShowNode *node = context;

	if (expr == NULL)
		return false;
	check_stack_depth();
	if (IsA(expr, TypeName) && !is_serial((TypeName *) expr))
		show_trust_type(node, typenameTypeId(NULL, (TypeName *) expr));
	else if (IsA(expr, FuncCall))
		trust_function(node, ((FuncCall *) expr)->funcname);
	else if (IsA(expr, A_Expr) && ((A_Expr *) expr)->name != NIL)
		trust_operator(node, ((A_Expr *) expr)->name);
	if (IsA(expr, A_Expr) || IsA(expr, CaseExpr))
		trust_comparisons(node);
	return raw_expression_tree_walker(expr, trust_expression, context);
}

void
show_trust_attributes(const ShowNode *node)
{
	ListCell   *lc;
	ListCell   *lc2;

	foreach(lc, ddl_intersect_parse_attributes(show_text(node)))
	{
		ColumnDef  *column = lfirst_node(ColumnDef, lc);

		(void) trust_expression((Node *) column->typeName, (void *) node);
		foreach(lc2, column->constraints)
			(void) trust_expression(lfirst_node(Constraint, lc2)->raw_expr, (void *) node);
	}
}
