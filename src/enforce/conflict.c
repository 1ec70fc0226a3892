/*
 * conflict.c
 *		INSERT ... ON CONFLICT DO UPDATE that meets a row which may not be read and written: refused before
 *		anything of the statement's looks at it (SEMANTICS 2.5).
 *
 * Of PostgreSQL's minor versions the older evaluate ON CONFLICT's WHERE on the row that is there, and only then apply
 * the policies to it: a function or an error in WHERE would see every row whose key one can name.  The newer (17.12
 * is one, 15.18 and 18.6 are none) apply the policies first.  All do so with the statement's snapshot, though it may
 * have waited for the row: what SET reads may have been written together with a revoke.  So the policies are made
 *
 *		(policies, with the newest entries OR refuse)
 *
 * in the plan of the one executor run, and stand in front of WHERE, too: whichever comes first refuses.
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

/* relmeta.owned(), shared() or link_shown(), with a constant right; refuses: one of the last two, which can refuse */
static bool
is_call(Node *node, bool refuses)
{
	FuncExpr   *call = (FuncExpr *) node;
	Const	   *right;
	char	   *name;

	if (!IsA(node, FuncExpr) || list_length(call->args) < 3 ||
		get_func_namespace(call->funcid) != relmeta_schema_oid())
		return false;
	name = get_func_name(call->funcid);
	right = lsecond(call->args);
	return (strcmp(name, "shared") == 0 || strcmp(name, "link_shown") == 0 ||
			(!refuses && strcmp(name, "owned") == 0)) &&
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
	return is_call(node, false) ? flagged(node, POLICY_LATEST) : expression_tree_mutator(node, judge_latest, arg);
}

static bool
find_call(Node *node, void *arg)
{
	Node	  **found = arg;

	if (node == NULL)
		return false;
	if (!is_call(node, true))
		return expression_tree_walker(node, find_call, arg);
	*found = node;
	return true;
}

/* (policies, with the newest entries OR refuse); NULL: the check has no function of relmeta's */
static Node *
guard_of(WithCheckOption *check)
{
	Node	   *call = NULL;
	Node	   *policies;

	if (check->kind != WCO_RLS_CONFLICT_CHECK || !find_call(check->qual, &call))
		return NULL;
	policies = judge_latest((Node *) make_ands_explicit((List *) check->qual), NULL);
	return (Node *) makeBoolExpr(OR_EXPR, list_make2(policies, flagged(call, POLICY_REFUSE)), -1);
}

/* The checks, with their guards in place of what they were; *guards: the guards, NIL: there are none */
static List *
guarded_checks(List *checks, List **guards)
{
	List	   *result = NIL;
	ListCell   *lc;

	*guards = NIL;
	foreach(lc, checks)
	{
		WithCheckOption *check = lfirst(lc);
		Node	   *guard = guard_of(check);

		if (guard != NULL)
		{
			check = copyObject(check);
			check->qual = (Node *) list_make1(guard);
			*guards = lappend(*guards, guard);
		}
		result = lappend(result, check);
	}
	return result;
}

/* The plan itself may be kept and shared: what is changed is copied.  An INSERT has one list of checks. */
static Plan *
guarded(Plan *plan)
{
	ModifyTable *modify = (ModifyTable *) plan;
	List	   *checks;
	List	   *guards;

	if (plan == NULL || !IsA(plan, ModifyTable) || modify->onConflictAction != ONCONFLICT_UPDATE ||
		modify->withCheckOptionLists == NIL)
		return plan;
	checks = guarded_checks(linitial(modify->withCheckOptionLists), &guards);
	if (guards == NIL)
		return plan;
	modify = makeNode(ModifyTable);
	memcpy(modify, plan, sizeof(ModifyTable));
	modify->withCheckOptionLists = list_make1(checks);
	modify->onConflictWhere = (Node *) list_concat(guards, list_copy((List *) modify->onConflictWhere));
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
