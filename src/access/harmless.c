/*
 * harmless.c
 *		Row-level security of tables that the caller has not named.
 *
 * A policy is its table's owner's code, and so is what the planner meets in a
 * query on the table (functions in its indexes).  They run as whoever selects from
 * it: that is his will when he names the table, and is not when a function of
 * relmeta goes through all tables in which somebody has given him something.  So
 * there no query is planned as the caller: rows are read as the table's owner, and
 * the policies that apply to the caller are evaluated here, if all that they call
 * is harmless: functions of relmeta's own, and such as superusers have declared leakproof.
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "model/key.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "rewrite/rowsecurity.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/* ---- what may be evaluated ---- */

/*
 * Functions of relmeta that read no row as the caller, or (the first two) know that he has not named the table.
 * is_associated(), say, selects from an intersect table.
 */
static bool
is_ours_and_harmless(Oid function)
{
	static const char *const names[] = {"has_access", "principal_access", "current_principal", "current_principals",
	"owned", "shared", "noted", "rights"};
	char	   *name = get_func_name(function);

	if (name == NULL || get_func_namespace(function) != relmeta_schema_oid())
		return false;
	for (size_t i = 0; i < lengthof(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static bool
function_is_harmful(Oid function, void *context)
{
	return function != F_CURRENT_SETTING_TEXT && function != F_CURRENT_SETTING_TEXT_BOOL &&
		!get_func_leakproof(function) && !is_ours_and_harmless(function);
}

static bool
is_built_in(Oid object)
{
	return object < FirstNormalObjectId;
}

/* NOT before an operator that has a negator becomes that negator, which may be another function. */
static bool
operator_is_harmful(Oid operator)
{
	return !is_built_in(operator) && OidIsValid(get_negator(operator));
}

/* What is not known to be harmless is harmful. */
static bool
is_harmful(Node *node, void *context)
{
	if (node == NULL)
		return false;
	switch (nodeTag(node))
	{
		case T_Var:
			return ((Var *) node)->varattno <= 0;
		case T_CoerceViaIO:
			if (!is_built_in(((CoerceViaIO *) node)->resulttype) ||
				!is_built_in(exprType((Node *) ((CoerceViaIO *) node)->arg)))
				return true;
			break;
		case T_ScalarArrayOpExpr:
			if (operator_is_harmful(((ScalarArrayOpExpr *) node)->opno) ||
				check_functions_in_node(node, function_is_harmful, NULL))
				return true;
			break;
		case T_OpExpr:
		case T_DistinctExpr:
		case T_NullIfExpr:
			if (operator_is_harmful(((OpExpr *) node)->opno))
				return true;
			/* FALLTHROUGH */
		case T_FuncExpr:
			if (check_functions_in_node(node, function_is_harmful, NULL))
				return true;
			break;
		case T_Const:
		case T_List:
		case T_BoolExpr:
		case T_CaseExpr:
		case T_CaseWhen:
		case T_CaseTestExpr:
		case T_CoalesceExpr:
		case T_NullTest:
		case T_BooleanTest:
		case T_RelabelType:
		case T_ArrayExpr:
		case T_SQLValueFunction:
			break;
		default:
			return true;
	}
	return expression_tree_walker(node, is_harmful, context);
}

/* ---- which policies apply ---- */

static bool
applies_to_caller(RowSecurityPolicy *policy)
{
	Datum	   *roles;
	int			n;
	bool		applies = false;

	if (policy->polcmd != '*' && policy->polcmd != ACL_SELECT_CHR)
		return false;
	deconstruct_array(policy->roles, OIDOID, sizeof(Oid), true, TYPALIGN_INT, &roles, NULL, &n);
	for (int i = 0; i < n; i++)
		applies |= DatumGetObjectId(roles[i]) == ACL_ID_PUBLIC ||
			has_privs_of_role(GetUserId(), DatumGetObjectId(roles[i]));
	return applies;
}

/*
 * What a row must be for the caller to read it: one of the permissive policies
 * holds, and all restrictive ones do.  NULL when that cannot be evaluated here.
 */
static Expr *
condition(Relation rel)
{
	List	   *permissive = NIL;
	List	   *restrictive = NIL;
	ListCell   *lc;

	foreach(lc, rel->rd_rsdesc != NULL ? rel->rd_rsdesc->policies : NIL)
	{
		RowSecurityPolicy *policy = lfirst(lc);

		if (policy->qual == NULL || !applies_to_caller(policy))
			continue;
		if (is_harmful((Node *) policy->qual, NULL))
			return NULL;
		if (policy->permissive)
			permissive = lappend(permissive, copyObject(policy->qual));
		else
			restrictive = lappend(restrictive, copyObject(policy->qual));
	}
	if (permissive == NIL)
		return (Expr *) makeBoolConst(false, false);
	return makeBoolExpr(AND_EXPR, lappend(restrictive, makeBoolExpr(OR_EXPR, permissive, -1)), -1);
}

/* ---- rows ---- */

/*
 * As the table's owner; the result is in SPI_tuptable:
 *
 *	SELECT k.number, t FROM s.t AS t, pg_catalog.unnest($1) WITH ORDINALITY AS k(key, number) WHERE t.id = k.key
 */
static void
read_rows(ModelTable *table, Datum *keys, int n)
{
	Oid			type = model_key_param(table, true);
	Datum		array = model_key_array(table, keys, n);
	char	   *sql = psprintf("SELECT k.number, t FROM %s AS t,"
							   " pg_catalog.unnest($1) WITH ORDINALITY AS k(key, number) WHERE %s",
							   table->sql_name, model_key_is(table, "t", "k.key"));
	ActingAs	saved = relmeta_act_begin_on(table->relid, NoLock, ACT_RESTRICTED);
	int			spi = SPI_execute_with_args(sql, 1, &type, &array, NULL, true, 0);

	relmeta_act_end(saved);
	if (spi != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args returned %s", SPI_result_code_string(spi));
}

static void
evaluate(Relation rel, Expr *expr, bool *readable)
{
	EState	   *estate = CreateExecutorState();
	ExprContext *econtext = GetPerTupleExprContext(estate);
	ExprState  *state = ExecPrepareQual(list_make1(expr), estate);
	TupleTableSlot *slot = MakeSingleTupleTableSlot(RelationGetDescr(rel), &TTSOpsHeapTuple);
	SPITupleTable *rows = SPI_tuptable;
	uint64		n = SPI_processed;

	econtext->ecxt_scantuple = slot;
	for (uint64 i = 0; i < n; i++)
	{
		bool		isnull;
		int64		number = DatumGetInt64(SPI_getbinval(rows->vals[i], rows->tupdesc, 1, &isnull));
		HeapTupleHeader row = DatumGetHeapTupleHeader(SPI_getbinval(rows->vals[i], rows->tupdesc, 2, &isnull));
		HeapTupleData tuple = {.t_len = HeapTupleHeaderGetDatumLength(row),.t_data = row};

		CHECK_FOR_INTERRUPTS();
		ItemPointerSetInvalid(&tuple.t_self);
		ExecStoreHeapTuple(&tuple, slot, false);
		readable[number - 1] = ExecQualAndReset(state, econtext);
	}
	ExecDropSingleTupleTableSlot(slot);
	FreeExecutorState(estate);
}

bool
access_harmless_policies(ModelTable *table, Datum *keys, int n, bool *readable)
{
	Relation	rel = try_table_open(table->relid, AccessShareLock);
	Expr	   *expr;

	if (rel == NULL)
		return true;
	expr = condition(rel);
	if (expr != NULL)
	{
		if (SPI_connect() != SPI_OK_CONNECT)
			elog(ERROR, "SPI_connect failed");
		read_rows(table, keys, n);
		evaluate(rel, expr, readable);
		SPI_finish();
	}
	table_close(rel, NoLock);
	return expr != NULL;
}
