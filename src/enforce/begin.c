/*
 * begin.c
 *		A statement begins: which controlled tables it reads and writes, and whether it
 *		may without a principal (SEMANTICS 2.1, relmeta.require_principal).
 *
 * A relation without row-level security costs a look into the system cache.
 */
#include "relmeta.h"

#include "access/htup_details.h"
#include "access/parallel.h"
#include "access/xact.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "compat_backend.h"
#include "compat_statement.h"
#include "access/policy.h"
#include "enforce/enforce.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rls.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#define CHANGES (ACL_INSERT | ACL_UPDATE | ACL_DELETE)

typedef enum RequirePrincipal
{
	REQUIRE_OFF,
	REQUIRE_WARN,
	REQUIRE_ERROR
} RequirePrincipal;

static const struct config_enum_entry require_options[] = {
	{"off", REQUIRE_OFF, false},
	{"warn", REQUIRE_WARN, false},
	{"error", REQUIRE_ERROR, false},
	{NULL, 0, false}
};

static int	require_principal = REQUIRE_WARN;

/* the client's statement that was warned last */
static TimestampTz warned_at = 0;

typedef struct Beginning
{
	Statement  *statement;
	QueryDesc  *query;
	int			eflags;
	EnforceState *state;		/* NULL until a relation with row-level
								 * security is met */
	Model	   *model;
	bool		nobody_asks;	/* no principal, and somebody may want to know */
} Beginning;

static EnforceTarget *
add_target(EnforceState *state, ModelTable *table, bool applies)
{
	EnforceTarget *target;
	ListCell   *lc;

	foreach(lc, state->targets)
	{
		target = lfirst(lc);
		if (target->relid == table->relid)
		{
			target->applies |= applies;
			return target;
		}
	}
	target = MemoryContextAllocZero(state->statement->query, sizeof(EnforceTarget));
	target->relid = table->relid;
	target->table = table;
	target->applies = applies;
	state->targets = lappend(state->targets, target);
	return target;
}

/* Once for each statement of a client, whatever it calls. */
static void
warn_nobody(const char *table)
{
	if (require_principal == REQUIRE_ERROR)
		enforce_refuse_nobody(table);
	/* a worker's statement is its leader's */
	if (warned_at == GetCurrentStatementStartTimestamp() || IsParallelWorker())
		return;
	warned_at = GetCurrentStatementStartTimestamp();
	ereport(WARNING,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("access to table \"%s\" is controlled, and there is no current principal", table),
			 errhint("Call relmeta.act_as(), or make a user of the role: relmeta.create_user(principal, role).")));
}

static bool
has_row_security(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	bool		result;

	if (!HeapTupleIsValid(tuple))
		return false;
	result = ((Form_pg_class) GETSTRUCT(tuple))->relrowsecurity;
	ReleaseSysCache(tuple);
	return result;
}

static void
make_state(Beginning *beginning)
{
	Statement  *statement = beginning->statement;
	EnforceState *state = palloc0(sizeof(EnforceState));

	beginning->model = model_current();
	model_pin(beginning->model, statement->query);
	state->statement = statement;
	state->estate = beginning->query->estate;
	state->cid = state->estate->es_output_cid;
	beginning->state = statement->notes = state;
	beginning->nobody_asks = require_principal != REQUIRE_OFF &&
		(beginning->eflags & EXEC_FLAG_EXPLAIN_ONLY) == 0 && access_statement_principals(statement) == NIL;
}

/* The relationship whose links are in the intersect table, or a partition of it; NULL: there is none. */
static ModelIntersect *
links_of(Model *model, Oid relid)
{
	/* none of a partition that is being detached */
	List	   *ancestors = get_rel_relispartition(relid) ? get_partition_ancestors(relid) : NIL;
	ModelIntersect *intersect = model_intersect_by_table(model, ancestors == NIL ? relid : llast_oid(ancestors));

	return intersect != NULL && intersect->broken == NULL ? intersect : NULL;
}

/* Has one of them an end that is controlled for the current user? */
static bool
has_controlled_end(Model *model, Oid relid)
{
	ModelIntersect *intersect = links_of(model, relid);

	for (int i = 0; intersect != NULL && i < 2; i++)
	{
		ModelTable *end = model_intersect_end(model, intersect, i);

		if (end != NULL && enforce_controls(end))
			return true;
	}
	return false;
}

/*
 * A domain's check that raises an error in a worker without subtransactions would end the statement there: where the
 * check refuses one of the principals, no worker asks it.
 */
static void
ask_domain(Beginning *beginning, ModelTable *table)
{
	ListCell   *lc;

	foreach(lc, access_statement_principals(beginning->statement))
		if (model_domain_refuses(lfirst(lc), model_principal(table)))
		beginning->statement->alone = true;
}

static void
ask_domains(Beginning *beginning, Oid relid, ModelTable *table)
{
	ModelIntersect *intersect = links_of(beginning->model, relid);

	if (table != NULL && table->access_control)
		ask_domain(beginning, table);
	for (int i = 0; intersect != NULL && i < 2; i++)
	{
		ModelTable *end = model_intersect_end(beginning->model, intersect, i);

		if (end != NULL && enforce_controls(end) && end->broken == NULL)
			ask_domain(beginning, end);
	}
}

static void
begin_relation(Oid relid, Oid check_as_user, AclMode required, void *arg)
{
	Beginning  *beginning = arg;
	ModelTable *table;
	bool		applies;

	if (!has_row_security(relid))
		return;
	if (beginning->state == NULL)
		make_state(beginning);
	table = model_leaf(beginning->model, relid)->table;
	if (table != NULL && table->broken != NULL)
		return;
	if (!COMPAT_WORKERS_HAVE_SUBTRANSACTIONS && beginning->query->plannedstmt->parallelModeNeeded)
		ask_domains(beginning, relid, table);
	if (table != NULL && !table->access_control)
		table = NULL;
	if (table == NULL && ((!beginning->nobody_asks && (required & CHANGES) == 0) ||
						  !has_controlled_end(beginning->model, relid)))
		return;
	applies = check_enable_rls(relid, check_as_user, true) == RLS_ENABLED;
	if (applies && beginning->nobody_asks)
		warn_nobody(get_rel_name(relid));
	if (table != NULL && (required & CHANGES) != 0)
		(void) add_target(beginning->state, table, applies);
	if (applies && (required & CHANGES) != 0 && (table == NULL || has_controlled_end(beginning->model, relid)))
		beginning->state->links = lappend_oid(beginning->state->links, relid);
}

static void
statement_starts(Statement *statement, QueryDesc *query, int eflags)
{
	Beginning	beginning = {.statement = statement,.query = query,.eflags = eflags};
	MemoryContext old = MemoryContextSwitchTo(statement->query);

	compat_each_relation(query->plannedstmt, begin_relation, &beginning);
	MemoryContextSwitchTo(old);
}

bool
enforce_controls(ModelTable *table)
{
	return enforce_controls_role(table, InvalidOid);
}

bool
enforce_controls_role(ModelTable *table, Oid roleid)
{
	return table->access_control && check_enable_rls(table->relid, roleid, true) == RLS_ENABLED;
}

EnforceTarget *
enforce_target(MemoryContext cxt, Oid relid, EnforceState **state)
{
	Statement  *statement = access_statement_of(cxt);
	Model	   *model;
	ModelTable *table;
	ListCell   *lc;

	if (statement == NULL || statement->notes == NULL)
		return NULL;
	*state = statement->notes;
	foreach(lc, (*state)->targets)
	{
		EnforceTarget *target = lfirst(lc);

		if (target->relid == relid)
			return target->applies ? target : NULL;
	}
	model = model_current();
	table = model_leaf(model, relid)->table;
	foreach(lc, (*state)->targets)
	{
		EnforceTarget *target = lfirst(lc);

		if (table != NULL && target->relid == table->relid)
			return target->applies ? target : NULL;
	}
	return NULL;
}

bool
enforce_changes_links(MemoryContext cxt, Oid relid, Statement **statement)
{
	EnforceState *state;
	ListCell   *lc;

	*statement = access_statement_of(cxt);
	if (*statement == NULL || (*statement)->notes == NULL)
		return false;
	state = (*statement)->notes;
	if (state->links == NIL || list_member_oid(state->links, relid))
		return state->links != NIL;
	if (get_rel_relispartition(relid))
		foreach(lc, get_partition_ancestors(relid))
			if (list_member_oid(state->links, lfirst_oid(lc)))
			return true;
	return false;
}

/* Is it a table whose rows the statement changes, not only locks? */
static bool
changes(Statement *statement, ModelTable *table)
{
	EnforceState *state = statement->notes;
	ListCell   *lc;

	if (state != NULL && state->estate->es_plannedstmt->resultRelations != NIL)
		foreach(lc, state->targets)
			if (((EnforceTarget *) lfirst(lc))->relid == table->relid)
			return true;
	return false;
}

static void
refuse_policy_row(Statement *statement, ModelTable *table, int32 right, bool lost)
{
	if (!lost || changes(statement, table))
		enforce_refuse_row(statement, table, right);
}

void
enforce_init(void)
{
	DefineCustomEnumVariable("relmeta.require_principal",
							 "What a statement on a table whose access is controlled gets when there is no current"
							 " principal.",
							 "off: nothing; warn: a warning; error: an error.",
							 &require_principal,
							 REQUIRE_WARN,
							 require_options,
							 PGC_SUSET,
							 0,
							 NULL, NULL, NULL);
	access_statement_starts_hook = statement_starts;
	access_statement_plan_hook = enforce_guard_conflicts;
	access_policy_refuse_hook = refuse_policy_row;
}
