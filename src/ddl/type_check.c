/*
 * type_check.c
 *		The CHECK of a multi-table lookup: key and type both NULL or both set,
 *		the type one of the targets'.  SEMANTICS 2.3, 23514.
 *
 * The constraint is recognised by its shape, not by its name, which users may
 * change.
 */
#include "ddl/relationship.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "lib/stringinfo.h"
#include "nodes/primnodes.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/* ---- recognising it ---- */

/* The column, with whatever coercions it got when it was parsed, or parsed again from a dump. */
static bool
is_column(Node *node, AttrNumber attnum)
{
	Bitmapset  *attnums = NULL;

	pull_varattnos(node, 1, &attnums);
	return bms_equal(attnums, bms_make_singleton(attnum - FirstLowInvalidHeapAttributeNumber));
}

static bool
is_null_test(Node *node, NullTestType type, AttrNumber attnum)
{
	return IsA(node, NullTest) && ((NullTest *) node)->nulltesttype == type &&
		is_column((Node *) ((NullTest *) node)->arg, attnum);
}

static List *
bool_args(Node *node, BoolExprType op)
{
	return node && IsA(node, BoolExpr) && ((BoolExpr *) node)->boolop == op ? ((BoolExpr *) node)->args : NIL;
}

/* Do null tests of these columns stand first? */
static bool
are_null_tests(List *nodes, NullTestType type, int *attnums, int n)
{
	for (int i = 0; i < n; i++)
		if (!is_null_test(list_nth(nodes, i), type, attnums[i]))
			return false;
	return true;
}

/*
 * lookup IS NULL AND type IS NULL OR lookup IS NOT NULL AND type IS NOT NULL AND type = ANY (...)
 *
 * attnums: the n columns of the lookup, and the type column, which is the last.
 */
static bool
has_the_shape(Node *expr, int *attnums, int n)
{
	List	   *sides = bool_args(expr, OR_EXPR);
	List	   *unset = list_length(sides) == 2 ? bool_args(linitial(sides), AND_EXPR) : NIL;
	List	   *set = list_length(sides) == 2 ? bool_args(lsecond(sides), AND_EXPR) : NIL;
	Node	   *any;

	if (list_length(unset) != n + 1 || list_length(set) != n + 2)
		return false;
	any = llast(set);
	return are_null_tests(unset, IS_NULL, attnums, n + 1) && are_null_tests(set, IS_NOT_NULL, attnums, n + 1) &&
		IsA(any, ScalarArrayOpExpr) &&
		is_column(linitial(((ScalarArrayOpExpr *) any)->args), attnums[n]);
}

typedef struct TypeCheck
{
	char	   *name;
	bool		validated;
} TypeCheck;

/* The constraint; NULL when there is none. */
static TypeCheck *
find_check(Oid relid, int *attnums, int n)
{
	Relation	rel = table_open(ConstraintRelationId, AccessShareLock);
	ScanKeyData skey;
	SysScanDesc scan;
	HeapTuple	tuple;
	TypeCheck  *found = NULL;

	ScanKeyInit(&skey, Anum_pg_constraint_conrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(rel, ConstraintRelidTypidNameIndexId, true, NULL, 1, &skey);
	while (found == NULL && HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_constraint form = (Form_pg_constraint) GETSTRUCT(tuple);
		bool		isnull;
		Datum		expr;

		if (form->contype != CONSTRAINT_CHECK)
			continue;
		expr = heap_getattr(tuple, Anum_pg_constraint_conbin, RelationGetDescr(rel), &isnull);
		if (isnull || !has_the_shape(stringToNode(TextDatumGetCString(expr)), attnums, n))
			continue;
		found = palloc(sizeof(TypeCheck));
		found->name = pstrdup(NameStr(form->conname));
		found->validated = form->convalidated;
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return found;
}

/* ---- making it ---- */

/*
 * The type that the equality operator compares (text for varchar), so that the
 * constraint reads the same after each dump and restore.
 */
static char *
compared_type(ModelType *type)
{
	Oid			left;
	Oid			right;

	op_input_types(type->eqop, &left, &right);
	return IsPolymorphicType(right) ? type->sql_name : ddl_type_name(right, -1);
}

/* 'account'::text, 'contact'::text; NULL when the lookup has no target left */
static char *
type_values(Model *model, const Declaration *d, ModelType *type)
{
	StringInfoData buf;
	ListCell   *lc;

	initStringInfo(&buf);
	foreach(lc, model_relationships_of(model, d->related))
	{
		ModelRelationship *r = lfirst(lc);

		if (r->related->relid == d->related && r->type_value && model_columns_equal(d->lookup, &r->lookup))
			appendStringInfo(&buf, "%s%s::%s", buf.len > 0 ? ", " : "",
							 quote_literal_cstr(r->type_value), compared_type(type));
	}
	return buf.len > 0 ? buf.data : NULL;
}

/*
 * CHECK (lookup IS NULL AND type IS NULL OR lookup IS NOT NULL AND type IS NOT NULL
 *        AND type OPERATOR(pg_catalog.=) ANY (ARRAY['account'::text, 'contact'::text]))
 */
static char *
check_sql(const Declaration *d, ModelType *type, const char *values)
{
	const char *type_column = quote_identifier(d->type_column);
	StringInfoData unset;
	StringInfoData set;
	ListCell   *lc;

	initStringInfo(&unset);
	initStringInfo(&set);
	foreach(lc, model_columns_names(d->lookup))
	{
		appendStringInfo(&unset, "%s IS NULL AND ", quote_identifier(lfirst(lc)));
		appendStringInfo(&set, "%s IS NOT NULL AND ", quote_identifier(lfirst(lc)));
	}
	return psprintf("(%s%s IS NULL OR %s%s IS NOT NULL AND %s %s ANY (ARRAY[%s]))", unset.data, type_column,
					set.data, type_column, type_column, type->sql_eq, values);
}

/* <table>_<lookup>_check, clipped as PostgreSQL does, or with a number */
static const char *
new_name(const Declaration *d)
{
	Oid			relid = d->related;
	const char *lookup = model_columns_text(d->lookup);
	const char *name = makeObjectName(get_rel_name(relid), lookup, "check");

	for (int i = 1; OidIsValid(get_relation_constraint_oid(relid, name, true)); i++)
		name = makeObjectName(get_rel_name(relid), lookup, psprintf("check%d", i));
	return name;
}

/*
 * ALTER TABLE s.t DROP CONSTRAINT n, ADD CONSTRAINT n CHECK (...) [NOT VALID]
 *
 * Rows of a target that was dropped keep its type, which the constraint no
 * longer allows: it is then NOT VALID, for new rows, until the old ones are gone.
 */
static void
make_check(const Declaration *d, TypeCheck *old, bool target_dropped, const char *check)
{
	Oid			relid = d->related;
	const char *name = quote_identifier(old ? old->name : new_name(d));
	bool		tolerant = target_dropped || (old && !old->validated);
	bool		outdated = tolerant &&
	ddl_rows_exist_on(relid, psprintf("SELECT FROM %s WHERE NOT %s", ddl_table_name(relid), check));

	ddl_run_on(relid, "ALTER TABLE %s%s%s%s ADD CONSTRAINT %s CHECK %s%s", ddl_table_name(relid),
			   old ? " DROP CONSTRAINT " : "", old ? name : "", old ? "," : "",
			   name, check, outdated ? " NOT VALID" : "");
}

void
ddl_type_check_sync(const Declaration *d, bool target_dropped)
{
	int			attnums[MODEL_KEY_COLUMNS + 1];
	int			n;
	ModelKeyColumns *lookup = model_columns_find(d->lookup, d->related);
	TypeCheck  *old;
	ModelType	type;
	char	   *values;

	if (lookup == NULL ||
		get_attnum(d->related, d->type_column) == InvalidAttrNumber)
		return;					/* a column went, and the constraint with it */
	n = model_columns_attnums(lookup, attnums);
	attnums[n] = get_attnum(d->related, d->type_column);
	old = find_check(d->related, attnums, n);
	ddl_column_type(d->related, d->type_column, &type);
	values = type_values(ddl_model(), d, &type);
	if (values)
		make_check(d, old, target_dropped, check_sql(d, &type, values));
	else if (old)
		ddl_run("ALTER TABLE %s DROP CONSTRAINT %s", ddl_table_name(d->related), quote_identifier(old->name));
}
