/*
 * conflict.c
 *		INSERT ... ON CONFLICT DO UPDATE that meets a row which may not be read and written: refused before
 *		anything of the statement's looks at it (SEMANTICS 2.5).
 *
 * PostgreSQL evaluates ON CONFLICT's WHERE on the row that is there, and only then applies the policies to it: a
 * function or an error in WHERE would see every row whose key one can name.  And it applies them with the
 * statement's snapshot, though it may have waited for the row: what SET reads may have been written together with
 * a revoke.  So the policies are put in front of WHERE, in the plan of the one executor run:
 *
 *		(policies, with the newest entries OR refuse) AND WHERE
 */
#include "relmeta.h"

#include "access/policy.h"
#include "catalog/pg_type.h"
#include "enforce/enforce.h"
#include "executor/executor.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/plannodes.h"
#include "utils/lsyscache.h"

/* relmeta.shared() or relmeta.link_shown(), with a constant right */
static bool
is_call(Node *node)
{
	FuncExpr   *call = (FuncExpr *) node;
	Const	   *right;
	char	   *name;

	if (!IsA(node, FuncExpr) || list_length(call->args) < 3 ||
		get_func_namespace(call->funcid) != relmeta_schema_oid())
		return false;
	name = get_func_name(call->funcid);
	right = lsecond(call->args);
	return (strcmp(name, "shared") == 0 || strcmp(name, "link_shown") == 0) &&
		IsA(right, Const) && right->consttype == INT4OID && !right->constisnull;
}

static Node *
flagged(Node *node, int32 flag)
{
	FuncExpr   *call = copyObject((FuncExpr *) node);
	Const	   *right = lsecond(call->args);

	right->constvalue = Int32GetDatum(DatumGetInt32(right->constvalue) | flag);
	return (Node *) call;
}

static Node *
judge_latest(Node *node, void *arg)
{
	if (node == NULL)
		return NULL;
	return is_call(node) ? flagged(node, POLICY_LATEST) : expression_tree_mutator(node, judge_latest, arg);
}

static bool
find_call(Node *node, void *arg)
{
	Node	  **found = arg;

	if (node == NULL)
		return false;
	if (!is_call(node))
		return expression_tree_walker(node, find_call, arg);
	*found = node;
	return true;
}

/* (policies, with the newest entries OR refuse), for each policy that has a function of relmeta's; NIL: none */
static List *
guards(List *checks)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, checks)
	{
		WithCheckOption *check = lfirst(lc);
		Node	   *call = NULL;
		Node	   *policies;

		if (check->kind != WCO_RLS_CONFLICT_CHECK || !find_call(check->qual, &call))
			continue;
		policies = judge_latest((Node *) make_ands_explicit((List *) check->qual), NULL);
		result = lappend(result, makeBoolExpr(OR_EXPR, list_make2(policies, flagged(call, POLICY_REFUSE)), -1));
	}
	return result;
}

/* The plan itself may be kept and shared: what is changed is copied. */
static Plan *
guarded(Plan *plan)
{
	ModifyTable *modify = (ModifyTable *) plan;
	List	   *guard;

	if (plan == NULL || !IsA(plan, ModifyTable) || modify->onConflictAction != ONCONFLICT_UPDATE ||
		modify->withCheckOptionLists == NIL)
		return plan;
	guard = guards(linitial(modify->withCheckOptionLists));
	if (guard == NIL)
		return plan;
	modify = makeNode(ModifyTable);
	memcpy(modify, plan, sizeof(ModifyTable));
	modify->onConflictWhere = (Node *) list_concat(guard, list_copy((List *) modify->onConflictWhere));
	return (Plan *) modify;
}

/* A statement's changes stand at the top of its plan, or of that of a WITH query. */
void
enforce_guard_conflicts(QueryDesc *query, int eflags)
{
	PlannedStmt *statement = query->plannedstmt;
	PlannedStmt *copy;
	Plan	   *top;
	ListCell   *lc;

	if ((query->operation != CMD_INSERT && !statement->hasModifyingCTE) || (eflags & EXEC_FLAG_EXPLAIN_ONLY) != 0)
		return;
	top = guarded(statement->planTree);
	if (top == statement->planTree && !statement->hasModifyingCTE)
		return;
	copy = makeNode(PlannedStmt);
	memcpy(copy, statement, sizeof(PlannedStmt));
	copy->planTree = top;
	copy->subplans = NIL;
	foreach(lc, statement->subplans)
		copy->subplans = lappend(copy->subplans, guarded(lfirst(lc)));
	query->plannedstmt = copy;
}
