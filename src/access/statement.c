/*
 * statement.c
 *		The executor runs under way, and as whom each is judged; see statement.h.
 */
#include "relmeta.h"

#include "access/row_predicate.h"
#include "access/statement.h"
#include "compat_statement.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "model/names.h"
#include "utils/guc.h"
#include "utils/memutils.h"

/* more than the name of a principal has */
#define NOBODY_BYTES 2048

bool		access_statement_alone = false;

static dlist_head running = DLIST_STATIC_INIT(running);
static ExecutorStart_hook_type next_executor_start = NULL;
static ExecutorRun_hook_type next_executor_run = NULL;
static ExecutorEnd_hook_type next_executor_end = NULL;

access_statement_plan_hook_type access_statement_plan_hook = NULL;
access_statement_starts_hook_type access_statement_starts_hook = NULL;

static void
statement_gone(void *arg)
{
	dlist_delete(&((Statement *) arg)->node);
}

/* In the given context, with the identity of now. */
static Statement *
make_statement(MemoryContext cxt)
{
	Statement  *statement = MemoryContextAllocZero(cxt, sizeof(Statement));
	const char *acting_as = relmeta_acting_as();

	statement->query = cxt;
	statement->roleid = GetUserId();
	statement->setting = acting_as[0] == '\0' ? "" : MemoryContextStrdup(cxt, acting_as);
	statement->cap = access_cap();
	return statement;
}

static Statement *
begin_statement(MemoryContext query)
{
	Statement  *statement = make_statement(query);

	dlist_push_head(&running, &statement->node);
	statement->gone.func = statement_gone;
	statement->gone.arg = statement;
	MemoryContextRegisterResetCallback(query, &statement->gone);
	return statement;
}

static void
executor_start(QueryDesc *query, int eflags)
{
	Statement  *statement;

	if (access_statement_plan_hook)
		access_statement_plan_hook(query, eflags);
	if (next_executor_start)
		next_executor_start(query, eflags);
	else
		standard_ExecutorStart(query, eflags);
	statement = begin_statement(query->estate->es_query_cxt);
	statement->changes = query->plannedstmt->resultRelations != NIL;
	statement->queues_outside = (eflags & EXEC_FLAG_SKIP_TRIGGERS) != 0;
	if (access_statement_starts_hook)
		access_statement_starts_hook(statement, query, eflags);
}

static Statement *
statement_in(MemoryContext query)
{
	dlist_iter	iter;

	dlist_foreach(iter, &running)
	{
		Statement  *statement = dlist_container(Statement, node, iter.cur);

		if (statement->query == query)
			return statement;
	}
	return NULL;
}

/* Would a parallel worker, which takes role and settings as they are now, judge as somebody else? */
static bool
is_somebody_else(Statement *statement)
{
	return statement != NULL &&
		(statement->roleid != GetUserId() || statement->cap != access_cap() ||
		 strcmp(statement->setting, relmeta_acting_as()) != 0);
}

static bool
runs_alone(Statement *statement)
{
	return access_statement_alone || (statement != NULL && statement->alone) || is_somebody_else(statement);
}

static void
run(COMPAT_RUN_PARAMETERS)
{
	if (next_executor_run)
		next_executor_run(COMPAT_RUN_ARGUMENTS);
	else
		standard_ExecutorRun(COMPAT_RUN_ARGUMENTS);
}

/*
 * A portal of the extended protocol begins when it is bound and may be run later, after an act_as(): then without
 * workers, by the plan as it is.  Nor do workers know which keys are in motion.
 */
static void
executor_run(COMPAT_RUN_PARAMETERS)
{
	PlannedStmt *plan = query->plannedstmt;
	PlannedStmt alone;

	if (!plan->parallelModeNeeded || !runs_alone(statement_in(query->estate->es_query_cxt)))
	{
		run(COMPAT_RUN_ARGUMENTS);
		return;
	}
	alone = *plan;
	alone.parallelModeNeeded = false;
	query->plannedstmt = &alone;
	PG_TRY();
	{
		run(COMPAT_RUN_ARGUMENTS);
	}
	PG_FINALLY();
	{
		query->plannedstmt = plan;
	}
	PG_END_TRY();
}

static void
executor_end(QueryDesc *query)
{
	Statement  *statement = statement_in(query->estate->es_query_cxt);
	ListCell   *lc;

	if (statement != NULL)
		foreach(lc, statement->predicates)
	{
		Predicate  *predicate = lfirst(lc);

		if (predicate->end != NULL)
			predicate->end(predicate);
	}
	if (next_executor_end)
		next_executor_end(query);
	else
		standard_ExecutorEnd(query);
}

/* Contexts of a run nest below its own by a few levels (tuple routing, EvalPlanQual's own executor). */
Statement *
access_statement_of(MemoryContext cxt)
{
	Statement  *statement = NULL;

	for (; statement == NULL && cxt != NULL && cxt != TopMemoryContext; cxt = MemoryContextGetParent(cxt))
		statement = statement_in(cxt);
	return statement;
}

bool
access_statement_began_inside(MemoryContext query)
{
	dlist_iter	iter;
	bool		newer = false;

	dlist_foreach(iter, &running)
	{
		if (dlist_container(Statement, node, iter.cur)->query == query)
			return newer;
		newer = true;
	}
	return false;
}

Statement *
access_statement_queueing(MemoryContext query)
{
	dlist_iter	iter;
	bool		found = false;

	/* the newest stands first, so what it is run for stands behind it */
	dlist_foreach(iter, &running)
	{
		Statement  *statement = dlist_container(Statement, node, iter.cur);

		found |= statement->query == query;
		if (found && statement->changes && !statement->queues_outside)
			return statement;
	}
	return NULL;
}

/* EvalPlanQual has an executor state of its own, below that of the run. */
bool
access_statement_rechecks(Statement *statement, MemoryContext cxt)
{
	for (; cxt != NULL && cxt != statement->query; cxt = MemoryContextGetParent(cxt))
		if (cxt->name != NULL && strcmp(cxt->name, "ExecutorState") == 0)
			return true;
	return false;
}

Statement *
access_statement_now(void)
{
	return make_statement(CurrentMemoryContext);
}

/* What a table's owner calls while somebody else's statement runs is no part of that statement. */
static Statement *
statement_of_call(FunctionCallInfo fcinfo)
{
	Statement  *statement = fcinfo->flinfo ? access_statement_of(fcinfo->flinfo->fn_mcxt) : NULL;

	if (statement != NULL && relmeta_acts_as_owner() && statement->roleid != GetUserId())
		return NULL;
	return statement;
}

Statement *
access_statement(FunctionCallInfo fcinfo)
{
	Statement  *statement = statement_of_call(fcinfo);

	return statement ? statement : access_statement_now();
}

List *
access_statement_principals(Statement *statement)
{
	if (!statement->resolved)
	{
		MemoryContext old = MemoryContextSwitchTo(statement->query);

		statement->version = model_identity_version();
		statement->principal = model_principal_of(statement->setting, statement->roleid);
		statement->principals = model_principal_and_teams(statement->principal);
		statement->latest = statement->principals;
		statement->resolved = true;
		MemoryContextSwitchTo(old);
	}
	return statement->principals;
}

List *
access_statement_latest(Statement *statement)
{
	List	   *principals = access_statement_principals(statement);
	uint64		version = model_identity_version();
	MemoryContext old;
	List	   *now;
	List	   *latest = NIL;
	ListCell   *lc;

	if (principals == NIL || version == statement->version)
		return statement->latest;
	old = MemoryContextSwitchTo(statement->query);
	now = model_principal_and_teams(model_principal_of(statement->principal, InvalidOid));
	foreach(lc, principals)
		if (model_name_is_among(now, lfirst(lc)))
		latest = lappend(latest, lfirst(lc));
	statement->latest = list_length(latest) == list_length(principals) ? principals : latest;
	statement->version = version;
	MemoryContextSwitchTo(old);
	return statement->latest;
}

char *
access_statement_principal(FunctionCallInfo fcinfo)
{
	Statement  *statement = access_statement(fcinfo);

	(void) access_statement_principals(statement);
	return statement->principal;
}

int32
access_statement_cap(FunctionCallInfo fcinfo)
{
	return access_statement(fcinfo)->cap;
}

static void
set_for_now(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_SUSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

/*
 * What relmeta.principal must be for the current role to be judged as the statement.  After a SET ROLE within it the
 * role's own principal is another one; a name that is too long for a principal is nobody's.
 */
static const char *
setting_now(Statement *statement)
{
	if (statement->setting[0] != '\0' || statement->roleid == GetUserId())
		return statement->setting;
	(void) access_statement_principals(statement);
	return statement->principal ? statement->principal : psprintf("%*s", NOBODY_BYTES, "");
}

Datum
access_as_statement(FunctionCallInfo fcinfo, PGFunction function)
{
	Statement  *statement = statement_of_call(fcinfo);
	int			level;
	Datum		result;

	if (!is_somebody_else(statement))
		return function(fcinfo);
	level = NewGUCNestLevel();
	set_for_now("relmeta.principal", setting_now(statement));
	set_for_now("relmeta.rights", statement->cap == ACCESS_NO_CAP ? "" : access_cap_text(statement->cap));
	result = function(fcinfo);
	AtEOXact_GUC(true, level);
	return result;
}

/*
 * The library may be loaded by the plan of a statement that has one of its functions: the executor run
 * that is being started then is known from here on.  (A simple expression of PL/pgSQL is evaluated in a context of
 * the same name, which outlives statements.)
 */
static bool
is_executor_run(MemoryContext cxt)
{
	return cxt->name != NULL && strcmp(cxt->name, "ExecutorState") == 0 &&
		MemoryContextGetParent(cxt) != TopTransactionContext;
}

void
access_statement_init(void)
{
	next_executor_start = ExecutorStart_hook;
	ExecutorStart_hook = executor_start;
	next_executor_run = ExecutorRun_hook;
	ExecutorRun_hook = executor_run;
	next_executor_end = ExecutorEnd_hook;
	ExecutorEnd_hook = executor_end;
	if (is_executor_run(CurrentMemoryContext))
		(void) begin_statement(CurrentMemoryContext);
}
