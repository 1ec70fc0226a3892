/*
 * policy_plan.c
 *		What the planner is told of the policies' functions: how many rows pass, what a
 *		call costs, and an index condition where the rows that may pass are few
 *		(ARCHITECTURE section 5).
 *
 * relmeta.owned(t, right, owner)	owner = ANY (relmeta.owner_values(t, right, NULL::type))
 * relmeta.shared(t, right, key)	key = ANY (relmeta.shared_keys(t, right, NULL::type))
 * relmeta.noted(t, key, owner)		key = ANY ('{}'): no row that a scan finds was made by the statement that scans
 *
 * The arrays are made by stable functions when the plan is run, so that a plan
 * holds nobody's identity; only its shape comes from whoever was first.  The
 * conditions are lossy: the function is asked again.  A table with rights for everyone gets none; who changes
 * that invalidates its plans (ddl/access_control.c).
 *
 * Without a principal nothing is looked up.
 */
#include "relmeta.h"

#include <math.h>

#include "access/policy.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_am.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "parser/parse_func.h"
#include "utils/builtins.h"
#include "utils/index_selfuncs.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/selfuncs.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(relmeta_owned_support);
PG_FUNCTION_INFO_V1(relmeta_shared_support);
PG_FUNCTION_INFO_V1(relmeta_noted_support);

/* entries that are counted one by one; beyond, statistics say how many there are */
#define COUNT_MAX		200

/* of so many rows at the most an index path is offered */
#define INDEX_ROWS_MAX	100000

/* The call's table and the statement's principals, as of now; NULL: no such table, no principal, or no constants. */
static Predicate *
predicate_of_call(List *args, int32 *right)
{
	Const	   *table = linitial(args);
	Const	   *bit = lsecond(args);
	Statement  *statement;

	if (!IsA(table, Const) || table->constisnull || table->consttype != REGCLASSOID ||
		!IsA(bit, Const) || bit->constisnull || bit->consttype != INT4OID)
		return NULL;
	*right = DatumGetInt32(bit->constvalue);
	statement = access_statement_now();
	if (access_statement_principals(statement) == NIL)
		return NULL;
	return access_predicate_on(statement, DatumGetObjectId(table->constvalue));
}

/* How many rows of a table of so many rows the principals own. */
static double
owned_rows(Predicate *predicate, double rows)
{
	ModelTable *table = predicate->table;

	if (predicate->nowners == 0)
		return 0;
	return rows * access_column_fraction(table->relid, table->owner.attnum, &table->owner.type, predicate->owners,
										 predicate->nowners, rows);
}

/*
 * What that came to last: the planner asks several times for one plan.  Only a plan's shape depends on it, so that
 * it may be of a moment ago.
 */
static struct
{
	Oid			entry_relid;
	uint32		principals;		/* their names, hashed */
	TimestampTz statement;
	CommandId	command;
	double		n;
}			estimated;

static uint32
names_hash(List *names)
{
	uint32		hash = 0;
	ListCell   *lc;

	foreach(lc, names)
		hash = hash_combine(hash, hash_bytes(lfirst(lc), strlen(lfirst(lc))));
	return hash;
}

/* Counted where there are few, else by statistics. */
static double
estimate_entries(Predicate *predicate)
{
	double		n = access_visible_estimate(predicate, COUNT_MAX);

	return n >= 0 ? n : Max(access_entries_expected(predicate), COUNT_MAX);
}

/* How many they may hold entries on. */
static double
shared_rows(Predicate *predicate, double rows)
{
	Oid			relid = predicate->table->entry_relid;
	uint32		principals = names_hash(access_statement_principals(predicate->statement));

	if (predicate->nprincipals == 0)
		return 0;
	if (estimated.entry_relid != relid || estimated.principals != principals ||
		estimated.statement != GetCurrentStatementStartTimestamp() ||
		estimated.command != GetCurrentCommandId(false))
	{
		estimated.entry_relid = InvalidOid;
		estimated.n = estimate_entries(predicate);
		estimated.entry_relid = relid;
		estimated.principals = principals;
		estimated.statement = GetCurrentStatementStartTimestamp();
		estimated.command = GetCurrentCommandId(false);
	}
	return Min(estimated.n, rows);
}

typedef double (*RowsEstimator) (Predicate *predicate, double rows);

static double
estimate(RowsEstimator rows_that_pass, List *args, double rows)
{
	int32		right;
	Predicate  *predicate = predicate_of_call(args, &right);

	if (predicate == NULL || (predicate->statement->cap & right) == 0)
		return 0;
	if (rows_that_pass == shared_rows && (predicate->table->everyone & right) != 0)
		return rows;
	return rows_that_pass(predicate, rows);
}

/* ---- the index condition ---- */

/* relmeta.shared_keys('t', 1, NULL::bigint), returning bigint[] */
static Expr *
array_call(const char *function, List *args, Oid elemtype, Oid array, Oid collation)
{
	Oid			argtypes[3] = {REGCLASSOID, INT4OID, ANYELEMENTOID};
	Oid			funcid = LookupFuncName(list_make2(makeString(RELMETA_SCHEMA), makeString(pstrdup(function))),
										3, argtypes, true);
	Node	   *null = (Node *) makeNullConst(elemtype, -1, get_typcollation(elemtype));

	if (!OidIsValid(funcid))
		return NULL;
	return (Expr *) makeFuncExpr(funcid, array,
								 list_make3(copyObject(linitial(args)), copyObject(lsecond(args)), null),
								 collation, collation, COERCE_EXPLICIT_CALL);
}

/* column = ANY (array), by the index's own equality; array NULL: no row */
static List *
index_condition(SupportRequestIndexCondition *req, Node *column, Expr *array, Oid elemtype)
{
	Oid			equality = get_opfamily_member(req->opfamily, elemtype, elemtype, BTEqualStrategyNumber);
	ScalarArrayOpExpr *condition;

	if (!OidIsValid(equality) || array == NULL)
		return NIL;
	if (exprType(column) != elemtype)
		column = (Node *) makeRelabelType((Expr *) column, elemtype, -1, exprCollation(column),
										  COERCE_IMPLICIT_CAST);
	condition = makeNode(ScalarArrayOpExpr);
	condition->opno = equality;
	condition->opfuncid = get_opcode(equality);
	condition->useOr = true;
	condition->inputcollid = req->indexcollation;
	condition->args = list_make2(column, array);
	condition->location = -1;
	req->lossy = true;
	return list_make1(condition);
}

/* ---- what such an index path costs ---- */

/* Finding one key of an array in the index, made and sorted before: in units of the planner's. */
#define KEY_COST	0.15

/* Is that the array of one of the conditions above?  Its function's arguments, and which function's it is. */
static List *
array_arguments(Node *clause, RowsEstimator *rows_that_pass)
{
	FuncExpr   *call;
	char	   *name;

	if (!IsA(clause, ScalarArrayOpExpr) || !IsA(lsecond(((ScalarArrayOpExpr *) clause)->args), FuncExpr))
		return NIL;
	call = lsecond(((ScalarArrayOpExpr *) clause)->args);
	if (get_func_namespace(call->funcid) != relmeta_schema_oid())
		return NIL;
	name = get_func_name(call->funcid);
	*rows_that_pass = strcmp(name, "shared_keys") == 0 ? shared_rows : owned_rows;
	return strcmp(name, "shared_keys") == 0 || strcmp(name, "owner_values") == 0 ? call->args : NIL;
}

/*
 * btcostestimate() takes any array that it does not know for one of ten elements.  It stands in an IndexOptInfo, which
 * is the planner's own, for one planning.
 */
static void
cost_of_index_path(PlannerInfo *root, IndexPath *path, double loop_count, Cost *startup, Cost *total,
				   Selectivity *selectivity, double *correlation, double *pages)
{
	double		tuples = Max(path->indexinfo->rel->tuples, 1);
	ListCell   *lc;

	btcostestimate(root, path, loop_count, startup, total, selectivity, correlation, pages);
	foreach(lc, path->indexclauses)
	{
		IndexClause *clause = lfirst(lc);
		ListCell   *lc2;

		foreach(lc2, clause->indexquals)
		{
			RowsEstimator rows_that_pass;
			List	   *args = array_arguments((Node *) ((RestrictInfo *) lfirst(lc2))->clause, &rows_that_pass);
			double		rows;

			if (args == NIL)
				continue;
			rows = estimate(rows_that_pass, args, tuples);
			*startup += rows_that_pass == shared_rows ? rows * cpu_index_tuple_cost : 0;
			*total += rows * (rows_that_pass == shared_rows ? KEY_COST : cpu_index_tuple_cost);
			*selectivity = Min(Max(rows / tuples, 0), 1);
			*pages = Max(*pages, ceil(*selectivity * path->indexinfo->pages));
		}
	}
}

/* ---- what a call costs ---- */

/* in operators: an owner is compared */
#define OWNER_COST	2
/* a look whether a key is held, and beside it the part of reading all keys that are held, were these all rows */
#define LOOK_COST	10
#define GATHER_COST 20

/* Rows of the table that the call's argument is a column of; a guess will do where it is none. */
static double
rows_of_table(PlannerInfo *root, List *args, int argno)
{
	VariableStatData vardata;
	double		rows = 1000;

	if (root == NULL || list_length(args) <= argno)
		return rows;
	examine_variable(root, list_nth(args, argno), 0, &vardata);
	if (vardata.rel)
		rows = Max(vardata.rel->tuples, 1);
	ReleaseVariableStats(vardata);
	return rows;
}

/*
 * What shared() costs a row, in operators.  All keys that are held are read by a statement that goes on asking
 * (visible.c), by each of a parallel query's processes, for how many rows is not known here: for all of the table's.
 */
static double
look_cost(PlannerInfo *root, List *args)
{
	double		rows = rows_of_table(root, args, 2);
	int32		right;
	Predicate  *predicate = args == NIL ? NULL : predicate_of_call(args, &right);

	if (predicate == NULL || (predicate->statement->cap & right) == 0 || (predicate->table->everyone & right) != 0)
		return LOOK_COST;
	return LOOK_COST + GATHER_COST * (shared_rows(predicate, rows) / rows);
}

static Node *
support(Node *request, RowsEstimator rows_that_pass, const char *array_function, int argno)
{
	if (IsA(request, SupportRequestSelectivity))
	{
		SupportRequestSelectivity *req = (SupportRequestSelectivity *) request;
		double		rows = rows_of_table(req->root, req->args, argno);

		req->selectivity = Min(estimate(rows_that_pass, req->args, rows) / rows, 1);
		return request;
	}
	if (IsA(request, SupportRequestCost))
	{
		SupportRequestCost *req = (SupportRequestCost *) request;

		req->startup = 0;
		req->per_tuple = (rows_that_pass == owned_rows ? OWNER_COST :
						  look_cost(req->root, is_funcclause(req->node) ? ((FuncExpr *) req->node)->args : NIL)) *
			cpu_operator_cost;
		return request;
	}
	if (IsA(request, SupportRequestIndexCondition))
	{
		SupportRequestIndexCondition *req = (SupportRequestIndexCondition *) request;
		List	   *args = is_funcclause(req->node) ? ((FuncExpr *) req->node)->args : NIL;
		Oid			elemtype = req->index->opcintype[req->indexcol];
		Oid			array = get_array_type(elemtype);
		double		rows = Max(req->index->rel->tuples, 1);
		int32		right;
		Predicate  *predicate;

		if (req->indexarg != argno || req->index->relam != BTREE_AM_OID || !OidIsValid(array) ||
			list_length(args) <= argno)
			return NULL;
		predicate = predicate_of_call(args, &right);
		if (predicate == NULL)
			return NULL;
		if ((predicate->table->everyone & right) != 0 ||
			rows_that_pass(predicate, rows) > INDEX_ROWS_MAX)
			return NULL;
		req->index->amcostestimate = cost_of_index_path;
		return (Node *) index_condition(req, list_nth(args, argno),
										array_call(array_function, args, elemtype, array, InvalidOid), elemtype);
	}
	return NULL;
}

Datum
relmeta_owned_support(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(support((Node *) PG_GETARG_POINTER(0), owned_rows, "owner_values", 2));
}

Datum
relmeta_shared_support(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(support((Node *) PG_GETARG_POINTER(0), shared_rows, "shared_keys", 2));
}

/*
 * An empty array, which is nobody's: see above.  Of relmeta.link_shown() and link_judged(), of four arguments, there is
 * nothing to tell; they have the function so that whoever plans them has loaded the library (enforce/conflict.c).
 */
Datum
relmeta_noted_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);

	if (IsA(request, SupportRequestSelectivity) && list_length(((SupportRequestSelectivity *) request)->args) < 4)
	{
		((SupportRequestSelectivity *) request)->selectivity = 0;
		PG_RETURN_POINTER(request);
	}
	if (IsA(request, SupportRequestIndexCondition))
	{
		SupportRequestIndexCondition *req = (SupportRequestIndexCondition *) request;
		List	   *args = is_funcclause(req->node) ? ((FuncExpr *) req->node)->args : NIL;
		Oid			elemtype = req->index->opcintype[req->indexcol];
		Oid			array = get_array_type(elemtype);

		if (req->indexarg == 1 && req->index->relam == BTREE_AM_OID && OidIsValid(array) && list_length(args) > 1)
			PG_RETURN_POINTER(index_condition(req, list_nth(args, 1),
											  (Expr *) makeConst(array, -1, InvalidOid, -1,
																 PointerGetDatum(construct_empty_array(elemtype)),
																 false, false), elemtype));
	}
	PG_RETURN_POINTER(NULL);
}
