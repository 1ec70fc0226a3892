/*
 * trim.c
 *		What a statement cannot need of relmeta's triggers is taken out before it runs; see collect.h.
 *
 * InitResultRelInfo() gives each result relation of a statement a copy of the relation's triggers: what is changed in
 * it is changed for this run alone.  COPY, INSERT, MERGE, partitions, and statements with others inside (WITH) keep
 * all.
 *
 * UPDATE.  One that sets no column that relmeta watches needs neither the row trigger nor those of the statement,
 * unless a BEFORE ROW trigger of somebody else's may set one.  One of a few rows does without the row trigger's WHEN
 * condition, which is read from its text for each statement, and takes longer than to look at these rows:
 * collect_row() compares them anyway.
 *
 * DELETE.  Where nothing hangs on the table's rows, the row trigger is not needed.  That is decided before the
 * statement has locked its rows, and somebody may share one of them first: so the trigger at the statement's end looks
 * again, when none of them can be shared any more, and has what is held on rows that are gone be taken away
 * (collect_trimmed(), inherit_purge_late()).  A BEFORE ROW trigger of somebody else's may do anything in between: then
 * nothing is taken out.
 */
#include "relmeta.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_trigger.h"
#include "collect/collect.h"
#include "collect/watch.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "extension.h"
#include "nodes/plannodes.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/* an UPDATE that is thought to find up to so many rows does without the WHEN condition */
#define FEW_ROWS 100

static ExecutorStart_hook_type next_executor_start = NULL;

/* ---- relmeta's trigger functions ---- */

typedef enum TriggerFunction
{
	ROW_CHANGED,
	STATEMENT_STARTS,
	STATEMENT_ENDS,
	JUDGE_UPDATE,				/* BEFORE ROW triggers that change nothing */
	JUDGE_DELETE,
	JUDGE_STORED,				/* AFTER ROW, looks at no cascade's row */
	TRIGGER_FUNCTIONS
} TriggerFunction;

static const char *const function_names[TRIGGER_FUNCTIONS] = {
	[ROW_CHANGED] = "trigger_row_changed",
	[STATEMENT_STARTS] = "trigger_statement_starts",
	[STATEMENT_ENDS] = "trigger_statement_ends",
	[JUDGE_UPDATE] = "trigger_judge_update",
	[JUDGE_DELETE] = "trigger_judge_delete",
	[JUDGE_STORED] = "trigger_judge_stored",
};

static Oid	functions[TRIGGER_FUNCTIONS];
static bool functions_known = false;

static void
function_changed(Datum arg, int cacheid, uint32 hashvalue)
{
	functions_known = false;
}

/* False while the extension is not there. */
static bool
find_functions(void)
{
	Oid			schema;

	if (functions_known)
		return OidIsValid(functions[ROW_CHANGED]);
	schema = relmeta_schema_oid();
	/* what changes while they are looked for is looked for once more */
	functions_known = true;
	for (int i = 0; i < TRIGGER_FUNCTIONS; i++)
		functions[i] = !OidIsValid(schema) ? InvalidOid :
			GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum(function_names[i]),
							PointerGetDatum(buildoidvector(NULL, 0)), ObjectIdGetDatum(schema));
	return OidIsValid(functions[ROW_CHANGED]);
}

/* ---- a statement's copy of a table's triggers ---- */

static int16
event_of(CmdType command)
{
	return command == CMD_DELETE ? TRIGGER_TYPE_DELETE : TRIGGER_TYPE_UPDATE;
}

/* relmeta's row trigger for the command, NULL when there is none */
static Trigger *
row_trigger(TriggerDesc *desc, CmdType command)
{
	for (int i = 0; i < desc->numtriggers; i++)
	{
		Trigger    *trigger = &desc->triggers[i];

		if (trigger->tgfoid == functions[ROW_CHANGED] && (trigger->tgtype & event_of(command)) != 0 &&
			TRIGGER_FOR_ROW(trigger->tgtype) && TRIGGER_FOR_AFTER(trigger->tgtype))
			return trigger;
	}
	return NULL;
}

/* Does a BEFORE ROW trigger stand there that may change the row, or do anything else? */
static bool
meddles_before(TriggerDesc *desc, CmdType command)
{
	for (int i = 0; i < desc->numtriggers; i++)
	{
		Trigger    *trigger = &desc->triggers[i];

		if (TRIGGER_FOR_ROW(trigger->tgtype) && TRIGGER_FOR_BEFORE(trigger->tgtype) &&
			(trigger->tgtype & event_of(command)) != 0 && trigger->tgfoid != functions[JUDGE_UPDATE] &&
			trigger->tgfoid != functions[JUDGE_DELETE])
			return true;
	}
	return false;
}

static void
take_out(Trigger *trigger)
{
	trigger->tgenabled = TRIGGER_DISABLED;
}

/* Are triggers left that stand for the command's rows or its statement, at that time? */
static bool
any_left(TriggerDesc *desc, CmdType command, int16 level, int16 timing)
{
	for (int i = 0; i < desc->numtriggers; i++)
	{
		Trigger    *trigger = &desc->triggers[i];

		if (trigger->tgenabled != TRIGGER_DISABLED && (trigger->tgtype & event_of(command)) != 0 &&
			(trigger->tgtype & TRIGGER_TYPE_LEVEL_MASK) == level &&
			(trigger->tgtype & TRIGGER_TYPE_TIMING_MASK) == timing)
			return true;
	}
	return false;
}

/* Without them the executor does not queue an event for each row that nobody wants. */
static void
tell_what_is_left(TriggerDesc *desc, CmdType command)
{
	bool		after_row = any_left(desc, command, TRIGGER_TYPE_ROW, TRIGGER_TYPE_AFTER);

	if (command == CMD_DELETE)
	{
		desc->trig_delete_after_row = after_row;
		return;
	}
	desc->trig_update_after_row = after_row;
	desc->trig_update_before_statement = any_left(desc, command, TRIGGER_TYPE_STATEMENT, TRIGGER_TYPE_BEFORE);
	desc->trig_update_after_statement = any_left(desc, command, TRIGGER_TYPE_STATEMENT, TRIGGER_TYPE_AFTER);
}

/* ---- cascades that change rows themselves ---- */

/* Is it fired, in this session? */
static bool
fires(Trigger *trigger)
{
	if (SessionReplicationRole == SESSION_REPLICATION_ROLE_REPLICA)
		return trigger->tgenabled == TRIGGER_FIRES_ALWAYS || trigger->tgenabled == TRIGGER_FIRES_ON_REPLICA;
	return trigger->tgenabled == TRIGGER_FIRES_ALWAYS || trigger->tgenabled == TRIGGER_FIRES_ON_ORIGIN;
}

/* Would it do nothing to a cascade's rows? */
static bool
leaves_cascades_alone(Trigger *trigger, CmdType command)
{
	int			of_key = RI_FKey_trigger_type(trigger->tgfoid);

	for (int i = 0; i < TRIGGER_FUNCTIONS; i++)
		if (trigger->tgfoid == functions[i])
			return true;
	return command == CMD_UPDATE && of_key != RI_TRIGGER_NONE;
}

bool
collect_needs_no_trigger(Relation rel, CmdType command)
{
	TriggerDesc *desc = rel->trigdesc;
	bool		ends = false;

	if (desc == NULL || !find_functions() || (command == CMD_UPDATE && row_trigger(desc, command) == NULL))
		return false;
	for (int i = 0; i < desc->numtriggers; i++)
	{
		Trigger    *trigger = &desc->triggers[i];

		if ((trigger->tgtype & event_of(command)) == 0)
			continue;
		ends |= fires(trigger) && trigger->tgfoid == functions[STATEMENT_ENDS];
		if (fires(trigger) ? !leaves_cascades_alone(trigger, command) : trigger->tgfoid == functions[ROW_CHANGED])
			return false;
	}
	return ends;
}

/* ---- UPDATE ---- */

static void
trim_update(QueryDesc *query, ResultRelInfo *target, ModelLeaf *leaf, Trigger *row)
{
	TriggerDesc *desc = target->ri_TrigDesc;

	/* without a condition it wants every row */
	if (row->tgqual == NULL)
		return;
	if (meddles_before(desc, CMD_UPDATE) ||
		collect_watches_one_of(leaf, ExecGetAllUpdatedCols(target, query->estate)))
	{
		Plan	   *top = query->plannedstmt->planTree;

		/* another extension may have put a node of its own there */
		if (IsA(top, ModifyTable) && outerPlan(top)->plan_rows <= FEW_ROWS)
			row->tgqual = NULL;
		return;
	}
	take_out(row);
	for (int i = 0; i < desc->numtriggers; i++)
	{
		Trigger    *trigger = &desc->triggers[i];

		/* they are for other commands, too, but this copy is not */
		if (trigger->tgfoid == functions[STATEMENT_STARTS] || trigger->tgfoid == functions[STATEMENT_ENDS])
			take_out(trigger);
	}
	tell_what_is_left(desc, CMD_UPDATE);
}

/* ---- DELETE ---- */

/*
 * A table that statements of foreign keys delete from, without a row trigger: such statements' events are queued in the
 * query that they are for, whose frame is not known here.  A subtransaction that is rolled back may have looked for
 * what is held on its rows, and purged it in vain.
 */
typedef struct TrimmedInside
{
	Oid			relid;
	SubTransactionId looked;	/* invalid: nobody has, since the last such
								 * statement */
	uint64		model_loads;	/* of the model by which that was decided */
} TrimmedInside;

static List *trimmed_inside = NIL;	/* TrimmedInside *, in
									 * TopTransactionContext */

static TrimmedInside *
find_trimmed_inside(Oid relid)
{
	ListCell   *lc;

	foreach(lc, trimmed_inside)
		if (((TrimmedInside *) lfirst(lc))->relid == relid)
		return lfirst(lc);
	return NULL;
}

static void
note_trimmed_inside(Oid relid)
{
	MemoryContext old = MemoryContextSwitchTo(TopTransactionContext);
	TrimmedInside *inside = find_trimmed_inside(relid);

	if (inside == NULL)
	{
		inside = palloc(sizeof(TrimmedInside));
		inside->relid = relid;
		trimmed_inside = lappend(trimmed_inside, inside);
	}
	inside->looked = InvalidSubTransactionId;
	inside->model_loads = model_loads();
	MemoryContextSwitchTo(old);
}

/*
 * Was that decided for a statement whose look is still to come, so that it is for this one, too?  A foreign key has a
 * statement for each of its rows.
 */
static bool
is_trimmed_inside(Oid relid)
{
	TrimmedInside *inside = find_trimmed_inside(relid);

	return inside != NULL && inside->looked == InvalidSubTransactionId && inside->model_loads == model_loads();
}

/* Has nobody looked since?  From now on somebody has. */
static bool
look_at_trimmed_inside(Oid relid)
{
	TrimmedInside *inside = find_trimmed_inside(relid);

	if (inside == NULL || inside->looked != InvalidSubTransactionId)
		return false;
	inside->looked = GetCurrentSubTransactionId();
	return true;
}

static void
forget_trimmed(XactEvent event, void *arg)
{
	trimmed_inside = NIL;
}

static void
subtransaction_ends(SubXactEvent event, SubTransactionId subid, SubTransactionId parent, void *arg)
{
	ListCell   *lc;

	if (event != SUBXACT_EVENT_COMMIT_SUB && event != SUBXACT_EVENT_ABORT_SUB)
		return;
	foreach(lc, trimmed_inside)
	{
		TrimmedInside *inside = lfirst(lc);

		if (inside->looked == subid)
			inside->looked = event == SUBXACT_EVENT_COMMIT_SUB ? parent : InvalidSubTransactionId;
	}
}

static void
trim_delete(QueryDesc *query, int eflags, ResultRelInfo *target, ModelTable *table, Trigger *row)
{
	TriggerDesc *desc = target->ri_TrigDesc;
	MemoryContext old;
	Frame	   *frame;

	if (meddles_before(desc, CMD_DELETE))
		return;
	if ((eflags & EXEC_FLAG_SKIP_TRIGGERS) != 0 && is_trimmed_inside(table->relid))
	{
		take_out(row);
		tell_what_is_left(desc, CMD_DELETE);
		return;
	}
	if (collect_deletes_matter(table) || collect_older_model())
		return;
	take_out(row);
	tell_what_is_left(desc, CMD_DELETE);
	if ((eflags & EXEC_FLAG_SKIP_TRIGGERS) != 0)
	{
		note_trimmed_inside(table->relid);
		return;
	}
	frame = collect_frame(query->estate->es_query_cxt);
	old = MemoryContextSwitchTo(frame->cxt);
	frame->trimmed = list_append_unique_oid(frame->trimmed, table->relid);
	MemoryContextSwitchTo(old);
}

Frame *
collect_trimmed(Frame *frame, MemoryContext query, Oid relid)
{
	ModelTable *table;
	TableChanges *changes;

	if (!look_at_trimmed_inside(relid) && (frame == NULL || !list_member_oid(frame->trimmed, relid)))
		return frame;
	table = model_leaf(model_current(), relid)->table;
	if (table == NULL || (model_as_primary(table) == NIL && !collect_deletes_matter(table)))
		return frame;
	frame = collect_frame(query);
	changes = collect_leaf(frame, relid)->changes;
	/* NULL: the frame has a picture in which the table is not registered */
	if (changes == NULL)
		return frame;
	changes->saw_delete = true;
	if (changes->want_deleted || collect_deletes_matter(table))
		changes->late = frame->late = true;
	return frame;
}

/* ---- */

static void
trim(QueryDesc *query, int eflags, ResultRelInfo *target)
{
	TriggerDesc *desc = target->ri_TrigDesc;
	Oid			relid = RelationGetRelid(target->ri_RelationDesc);
	Trigger    *row;
	ModelLeaf  *leaf;
	ModelTable *table;

	if (desc == NULL || !(query->operation == CMD_UPDATE ? desc->trig_update_after_row : desc->trig_delete_after_row) ||
		!find_functions())
		return;
	row = row_trigger(desc, query->operation);
	if (row == NULL)
		return;
	leaf = model_leaf(model_current(), relid);
	table = leaf->table;
	if (table == NULL || table->relid != relid || table->is_partitioned || table->broken != NULL)
		return;
	if (query->operation == CMD_UPDATE)
		trim_update(query, target, leaf, row);
	else
		trim_delete(query, eflags, target, table, row);
}

static void
executor_start(QueryDesc *query, int eflags)
{
	ListCell   *lc;

	if (next_executor_start)
		next_executor_start(query, eflags);
	else
		standard_ExecutorStart(query, eflags);
	if ((query->operation != CMD_UPDATE && query->operation != CMD_DELETE) ||
		(eflags & EXEC_FLAG_EXPLAIN_ONLY) != 0 || query->plannedstmt->hasModifyingCTE)
		return;
	foreach(lc, query->estate->es_opened_result_relations)
		trim(query, eflags, lfirst(lc));
}

void
collect_trim_init(void)
{
	next_executor_start = ExecutorStart_hook;
	ExecutorStart_hook = executor_start;
	RegisterXactCallback(forget_trimmed, NULL);
	RegisterSubXactCallback(subtransaction_ends, NULL);
	CacheRegisterSyscacheCallback(PROCOID, function_changed, (Datum) 0);
}
