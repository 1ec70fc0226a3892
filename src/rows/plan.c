/*
 * plan.c
 *		Kept SPI plans of the statements that the cascades run; see plan.h.
 *
 * MEMORY RULE.  Plans are kept by SPI (each in its own CachedPlanSource
 * context) and found by a hash table in "relmeta plans" below TopMemoryContext,
 * which also keeps the text that each was made from.  A plan that is no longer
 * valid is freed here before another takes its place, so the number of plans is
 * bounded by the number of statements; sql/plan_count.sql counts them.
 */
#include "relmeta.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "rows/plan.h"
#include "catalog/pg_class.h"
#include "compat_table.h"
#include "executor/execdesc.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "model/as_read.h"
#include "nodes/params.h"
#include "nodes/parsenodes.h"
#include "nodes/plannodes.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/plancache.h"
#include "utils/resowner.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

typedef struct PlanKey
{
	PlanBuilder builder;
	int			variant;
	int			id;
} PlanKey;

typedef struct PlanEntry
{
	PlanKey		key;
	SPIPlanPtr	plan;			/* NULL: none */
	char	   *sql;
	int			nparams;		/* a text may stay the same while a column
								 * changes its type */
	Oid			params[PLAN_MAX_PARAMS];
	uint64		model;			/* number of that which sql was built from */
} PlanEntry;

static HTAB *plans = NULL;
static MemoryContext plans_cxt = NULL;

static PlanEntry *
plan_entry(PlanBuilder builder, int variant, int id)
{
	PlanKey		key;
	PlanEntry  *entry;
	bool		found;

	if (plans == NULL)
	{
		HASHCTL		ctl;

		plans_cxt = AllocSetContextCreate(TopMemoryContext, "relmeta plans", ALLOCSET_DEFAULT_SIZES);
		memset(&ctl, 0, sizeof(ctl));
		ctl.keysize = sizeof(PlanKey);
		ctl.entrysize = sizeof(PlanEntry);
		ctl.hcxt = plans_cxt;
		plans = hash_create("relmeta plans", 64, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	memset(&key, 0, sizeof(key));
	key.builder = builder;
	key.variant = variant;
	key.id = id;
	entry = hash_search(plans, &key, HASH_ENTER, &found);
	if (!found)
	{
		entry->plan = NULL;
		entry->sql = NULL;
		entry->model = 0;
	}
	return entry;
}

/*
 * Plans that have been given up.  One of them may be running further up, or
 * about to be run: they are freed at the end of the transaction.
 */
static List *given_up = NIL;	/* in plans_cxt */

static void
plan_forget(PlanEntry *entry)
{
	SPIPlanPtr	plan = entry->plan;
	MemoryContext old;

	entry->plan = NULL;
	if (entry->sql != NULL)
		pfree(entry->sql);
	entry->sql = NULL;
	if (plan == NULL)
		return;
	old = MemoryContextSwitchTo(plans_cxt);
	given_up = lappend(given_up, plan);
	MemoryContextSwitchTo(old);
}

/*
 * Before a plan is made: away with those that are no longer valid, whose
 * relationships and tables may be gone.
 */
static void
plans_sweep(void)
{
	HASH_SEQ_STATUS status;
	PlanEntry  *entry;

	hash_seq_init(&status, plans);
	while ((entry = hash_seq_search(&status)) != NULL)
		if (entry->plan != NULL && !SPI_plan_is_valid(entry->plan))
			plan_forget(entry);
}

void
rows_plans_at_xact_end(void)
{
	while (given_up != NIL)
	{
		SPIPlanPtr	plan = llast(given_up);

		given_up = list_delete_last(given_up);
		SPI_freeplan(plan);
	}
}

/* How a statement runs, and is planned before: see RUN_CHANGES. */
static ActAs
how_to_act(bool changes)
{
	return changes ? ACT_CASCADE : ACT_RESTRICTED;
}

/*
 * Many rows are planned for the arrays at hand: a generic plan loops over the
 * index for what should be one hash join.  Few are not: planning takes longer
 * than 30 probes of an index, and left to itself the plan cache always finds a
 * plan for fewer rows than it assumes of a generic one cheaper.
 */
static int
plan_options(int variant)
{
	if ((variant & PLAN_MANY) != 0)
		return CURSOR_OPT_CUSTOM_PLAN;
	return (variant & PLAN_FEW) != 0 ? CURSOR_OPT_GENERIC_PLAN : 0;
}

static void
switch_off(const char *setting)
{
	(void) set_config_option(setting, "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

/*
 * A cascade's statement for one row or few is planned now, to go by indexes.
 * The plan is kept while tables grow: one made while a table has one page reads
 * all of it, or joins it by hash, and a deep chain that the statement is run
 * for level by level then takes quadratic time, since nothing analyzes a table
 * in mid-transaction.
 */
static bool
goes_by_index(int variant)
{
	return (variant & PLAN_FEW) != 0 ||
		(variant & (PLAN_MANY | PLAN_AS_CALLER | PLAN_ANY_PATH)) == 0;
}

static void
plan_by_index(SPIPlanPtr plan)
{
	int			nest_level = NewGUCNestLevel();
	CachedPlan *made;

	switch_off("enable_seqscan");
	switch_off("enable_hashjoin");
	switch_off("enable_mergejoin");
	switch_off("enable_material");
	made = SPI_plan_get_cached_plan(plan);
	if (made != NULL)
		ReleaseCachedPlan(made, CurrentResourceOwner);
	AtEOXact_GUC(true, nest_level);
}

SPIPlanPtr
rows_plan(PlanBuilder builder, int variant, int id, Oid relid, int lockmode, void *subject, Model *model)
{
	PlanEntry  *entry;
	PlanText text;
	SPIPlanPtr	plan;
	ActingAs	saved = {0};
	MemoryContext cxt = CurrentMemoryContext;	/* SPI leaves its own behind,
												 * which lives too long */

	LockRelationOid(relid, lockmode);

	/*
	 * a lock that was ours already has not taken note of partitions attached
	 * since then, which does not conflict with it
	 */
	AcceptInvalidationMessages();
	entry = plan_entry(builder, variant, id);
	if (entry->plan != NULL && entry->model == model_number(model) && SPI_plan_is_valid(entry->plan))
		return entry->plan;
	model_check_as_read(model, relid);

	memset(&text, 0, sizeof(text));
	initStringInfo(&text.sql);
	builder(&text, subject, variant);

	if (entry->plan != NULL && strcmp(entry->sql, text.sql.data) == 0 &&
		entry->nparams == text.nparams &&
		memcmp(entry->params, text.params, text.nparams * sizeof(Oid)) == 0 &&
		SPI_plan_is_valid(entry->plan))
	{
		entry->model = model_number(model);
		return entry->plan;
	}
	plan_forget(entry);
	plans_sweep();

	/* who will run it also parses it: names are looked up with his rights */
	if ((variant & PLAN_AS_CALLER) == 0)
		saved = relmeta_act_begin_on(relid, NoLock, how_to_act((variant & PLAN_CHANGES) != 0));
	plan = SPI_prepare_cursor(text.sql.data, text.nparams, text.params, plan_options(variant));
	if (plan == NULL)
		elog(ERROR, "SPI_prepare_cursor returned %s for %s", SPI_result_code_string(SPI_result), text.sql.data);
	if (SPI_keepplan(plan) != 0)
		elog(ERROR, "SPI_keepplan failed");

	/* preparing may have taken in invalidations: this entry cannot have gone */
	entry->plan = plan;
	entry->sql = MemoryContextStrdup(plans_cxt, text.sql.data);
	entry->nparams = text.nparams;

	memcpy(entry->params, text.params, sizeof(text.params));
	entry->model = model_number(model);
	if (goes_by_index(variant))
		plan_by_index(plan);
	if ((variant & PLAN_AS_CALLER) == 0)
		relmeta_act_end(saved);
	MemoryContextSwitchTo(cxt);
	return plan;
}

static uint64
plan_result(int result)
{
	if (result < 0)
		elog(ERROR, "SPI_execute_snapshot returned %s", SPI_result_code_string(result));
	return SPI_processed;
}

/* Are there rows or columns of the table that the role is kept from? */
static bool
is_kept_from(Oid relid, Oid userid)
{
	return check_enable_rls(relid, userid, true) == RLS_ENABLED ||
		pg_class_aclcheck(relid, userid, ACL_SELECT) != ACLCHECK_OK;
}

void
rows_rethrow_without_values(Oid relid, Oid caller, MemoryContext cxt)
{
	ErrorData  *error;

	MemoryContextSwitchTo(cxt);
	error = CopyErrorData();
	if (error->detail == NULL ||
		ERRCODE_TO_CATEGORY(error->sqlerrcode) != ERRCODE_TO_CATEGORY(ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION) ||
		!(is_kept_from(relid, caller) || is_kept_from(relid, GetOuterUserId())))
		PG_RE_THROW();
	FlushErrorState();
	if (error->detail_log == NULL)
		error->detail_log = error->detail;
	error->detail = NULL;
	ReThrowError(error);
}

static int
run_for(Oid caller, Oid relid, SPIPlanPtr plan, Datum *values, const char *nulls, Snapshot snapshot,
		Snapshot crosscheck, bool fire_triggers, long limit)
{
	MemoryContext cxt = CurrentMemoryContext;
	volatile int result = 0;

	PG_TRY();
	{
		result = SPI_execute_snapshot(plan, values, nulls, snapshot, crosscheck, false, fire_triggers, limit);
	}
	PG_CATCH();
	{
		rows_rethrow_without_values(relid, caller, cxt);
	}
	PG_END_TRY();
	return result;
}

uint64
rows_run(SPIPlanPtr plan, Oid relid, Datum *values, const char *nulls, int flags, long limit)
{
	Snapshot	test_snapshot = InvalidSnapshot;
	Snapshot	crosscheck_snapshot = InvalidSnapshot;
	MemoryContext cxt = CurrentMemoryContext;
	ActingAs	saved;
	int			result;

	/* in READ COMMITTED every statement has a new snapshot anyway */
	if (IsolationUsesXactSnapshot() && (flags & (RUN_NEW_ROWS | RUN_CROSSCHECK)) != 0)
	{
		CommandCounterIncrement();
		test_snapshot = GetLatestSnapshot();
		if ((flags & RUN_CROSSCHECK) != 0)
			crosscheck_snapshot = GetTransactionSnapshot();
	}

	saved = relmeta_act_begin_on(relid, NoLock, how_to_act((flags & RUN_CHANGES) != 0));
	result = run_for(saved.userid, relid, plan, values, nulls, test_snapshot, crosscheck_snapshot,
					 (flags & RUN_FIRE_TRIGGERS) != 0, limit);
	relmeta_act_end(saved);
	MemoryContextSwitchTo(cxt);
	return plan_result(result);
}

/* Hands rows over as they come. */
typedef struct EachReceiver
{
	DestReceiver pub;
	RowReceiver receive;
	void	   *arg;
	MemoryContext scratch;
} EachReceiver;

static bool
each_receive(TupleTableSlot *slot, DestReceiver *self)
{
	EachReceiver *each = (EachReceiver *) self;
	MemoryContext old = MemoryContextSwitchTo(each->scratch);

	slot_getallattrs(slot);
	each->receive(slot->tts_values, slot->tts_isnull, each->arg);
	MemoryContextSwitchTo(old);
	MemoryContextReset(each->scratch);
	return true;
}

static void
each_startup(DestReceiver *self, int operation, TupleDesc desc)
{
}

static void
each_end(DestReceiver *self)
{
}

static ParamListInfo
parameters(CachedPlanSource *source, Datum *values)
{
	ParamListInfo params = makeParamList(source->num_params);

	for (int i = 0; i < source->num_params; i++)
	{
		params->params[i].value = values[i];
		params->params[i].isnull = false;
		params->params[i].pflags = PARAM_FLAG_CONST;
		params->params[i].ptype = source->param_types[i];
	}
	return params;
}

uint64
rows_run_each(SPIPlanPtr plan, Oid relid, Datum *values, Snapshot snapshot, RowReceiver receive, void *arg)
{
	CachedPlanSource *source = linitial(SPI_plan_get_plan_sources(plan));
	EachReceiver each = {{each_receive, each_startup, each_end, each_end, DestNone}, receive, arg};
	ActingAs	saved;
	ParamListInfo params;
	CachedPlan *made;
	QueryDesc  *query;
	uint64		processed;

	each.scratch = AllocSetContextCreate(CurrentMemoryContext, "relmeta row", ALLOCSET_SMALL_SIZES);
	CommandCounterIncrement();
	PushActiveSnapshot(snapshot != NULL ? snapshot : GetLatestSnapshot());
	saved = relmeta_act_begin_on(relid, NoLock, ACT_RESTRICTED);
	params = parameters(source, values);
	made = GetCachedPlan(source, params, CurrentResourceOwner, NULL);
	query = CreateQueryDesc(linitial_node(PlannedStmt, made->stmt_list), source->query_string, GetActiveSnapshot(),
							InvalidSnapshot, &each.pub, params, NULL, 0);
	ExecutorStart(query, 0);
	relmeta_executor_run(query);
	processed = query->estate->es_processed;
	ExecutorFinish(query);
	ExecutorEnd(query);
	FreeQueryDesc(query);
	ReleaseCachedPlan(made, CurrentResourceOwner);
	relmeta_act_end(saved);
	PopActiveSnapshot();
	MemoryContextDelete(each.scratch);
	return processed;
}

uint64
rows_run_snapshot(SPIPlanPtr plan, Oid relid, Datum *values, const char *nulls, Snapshot snapshot, long limit)
{
	MemoryContext cxt = CurrentMemoryContext;
	ActingAs	saved = relmeta_act_begin_on(relid, NoLock, ACT_RESTRICTED);
	int			result;

	result = SPI_execute_snapshot(plan, values, nulls, snapshot, InvalidSnapshot, true, false, limit);
	relmeta_act_end(saved);
	MemoryContextSwitchTo(cxt);
	return plan_result(result);
}
