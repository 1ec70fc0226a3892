/*
 * control.c
 *		The SQL functions of SEMANTICS 2.6, and the trigger of relmeta.job.
 *
 * A job is controlled by whoever could have queued it: the owner of both tables
 * of its relationship.  Members of the extension's owner control all jobs, also
 * those whose relationship is gone.
 */
#include "job/internal.h"

#include "compat_worker.h"

#include "access/htup_details.h"
#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "storage/latch.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

PG_FUNCTION_INFO_V1(relmeta_revoke_inherited_access);
PG_FUNCTION_INFO_V1(relmeta_reset_inherited_access);
PG_FUNCTION_INFO_V1(relmeta_cancel_job);
PG_FUNCTION_INFO_V1(relmeta_pause_job);
PG_FUNCTION_INFO_V1(relmeta_resume_job);
PG_FUNCTION_INFO_V1(relmeta_wait_for_job);
PG_FUNCTION_INFO_V1(relmeta_run_jobs);
PG_FUNCTION_INFO_V1(relmeta_trigger_job_replicated);

/* ms between two looks of wait_for_job, and between its attempts to start a worker */
#define WAIT_LOOK 100
#define WAIT_WAKE 1000

static bool
owns_both(const ModelRelationship *relationship, Oid userid)
{
	return relmeta_owns_relation(relationship->primary->relid, userid) &&
		relmeta_owns_relation(relationship->related->relid, userid);
}

/* ---- queueing ---- */

/* The relationship an argument names, whose tables the caller owns: 22004, 42704, 42501. */
static ModelRelationship *
relationship_argument(FunctionCallInfo fcinfo)
{
	Model	   *model;
	ModelRelationship *relationship;

	relmeta_argument_required(fcinfo, 0);
	model = model_current();
	model_pin(model, CurrentMemoryContext);
	relationship = model_relationship_required(model, text_to_cstring(PG_GETARG_TEXT_PP(0)));
	model_relationship_check_usable(relationship);
	if (!owns_both(relationship, GetUserId()))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of both tables of relationship \"%s\"", relationship->name)));
	return relationship;
}

Datum
relmeta_revoke_inherited_access(PG_FUNCTION_ARGS)
{
	ModelRelationship *relationship = relationship_argument(fcinfo);

	if (behavior_cascades(relationship->behavior[ACTION_SHARE]) &&
		behavior_cascades(relationship->behavior[ACTION_REPARENT]))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("share and reparent both cascade along relationship \"%s\"", relationship->name),
				 errhint("Call relmeta.update_relationship(%s, share => 'none') or (..., reparent => 'none') first.",
						 quote_literal_cstr(relationship->name))));
	PG_RETURN_INT64(job_enqueue(JOB_REVOKE, relationship->id, relationship->name));
}

Datum
relmeta_reset_inherited_access(PG_FUNCTION_ARGS)
{
	ModelRelationship *relationship = relationship_argument(fcinfo);

	PG_RETURN_INT64(job_enqueue(JOB_RESET, relationship->id, relationship->name));
}

/* ---- control ---- */

bool
job_may_control(const Job *job, Oid userid)
{
	ModelRelationship *relationship;

	if (has_privs_of_role(userid, relmeta_extension_owner()))
		return true;
	relationship = model_relationship_by_id(model_current(), job->relationship_id);
	return relationship != NULL && relationship->broken == NULL && owns_both(relationship, userid);
}

static void
check_may_control(const Job *job)
{
	if (!job_may_control(job, GetUserId()))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of both tables of relationship \"%s\" to control job %lld",
						job->relationship, (long long) job->id)));
}

/* Asked before, since who may not control it does not get to lock it either, and of what stands after the wait. */
static void
control(FunctionCallInfo fcinfo, JobEvent event)
{
	Job		   *job;

	relmeta_argument_required(fcinfo, 0);
	job = job_required(PG_GETARG_INT64(0), false);
	check_may_control(job);
	job = job_required(job->id, true);
	AcceptInvalidationMessages();
	check_may_control(job);
	if (event == EVENT_CANCEL && !job_state_is_final(job->state) && job_is_busy(job))
		event = EVENT_CANCEL_BUSY;
	job_change(job, event);
}

Datum
relmeta_cancel_job(PG_FUNCTION_ARGS)
{
	control(fcinfo, EVENT_CANCEL);
	PG_RETURN_VOID();
}

Datum
relmeta_pause_job(PG_FUNCTION_ARGS)
{
	control(fcinfo, EVENT_PAUSE);
	PG_RETURN_VOID();
}

Datum
relmeta_resume_job(PG_FUNCTION_ARGS)
{
	control(fcinfo, EVENT_RESUME);
	PG_RETURN_VOID();
}

/* ---- waiting ---- */

/* An interval in ms; 22023 when it is negative, and no more than a year, which is as good as forever. */
static int64
interval_argument(FunctionCallInfo fcinfo, int argno)
{
	Interval   *interval = PG_GETARG_INTERVAL_P(argno);
	double		ms = interval->time / 1000.0 + (interval->day + interval->month * 30.0) * SECS_PER_DAY * 1000.0;

	if (ms < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("timeout must not be negative")));
	return (int64) Min(ms, 365.0 * SECS_PER_DAY * 1000.0);
}

/*
 * Starts a worker for a job that nobody works although it could be worked: no
 * slot was free, or its worker is gone.
 */
static void
wake_for(const Job *job)
{
	JobLaunch	launch;

	/* a standby starts none, and cannot ask whether the job is busy */
	if (RecoveryInProgress() || job_workers == 0 || job->replicated || job->state == JOB_PAUSED || job_is_busy(job))
		return;
	job_launch_fill(&launch);
	(void) job_launch(&launch);
}

/* The state at the end, or at the time given. */
static JobState
wait_for_end(int64 id, TimestampTz until)
{
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext, "relmeta wait_for_job", ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(cxt);
	TimestampTz woken = GetCurrentTimestamp();
	JobState	state;

	for (int pause = 5;; pause = Min(2 * pause, WAIT_LOOK))
	{
		Job		   *job = job_required(id, false);
		TimestampTz now = GetCurrentTimestamp();
		long		rest = TimestampDifferenceMilliseconds(now, until);

		state = job->state;
		if (!job_state_is_final(state) && job->of_this_transaction)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("job %lld was queued or changed by this transaction", (long long) id),
					 errhint("Commit before you call relmeta.wait_for_job().")));
		if (job_state_is_final(state) || rest <= 0)
			break;
		if (TimestampDifferenceExceeds(woken, now, WAIT_WAKE))
		{
			wake_for(job);
			woken = now;
		}
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 Min(rest, pause), PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		MemoryContextReset(cxt);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(cxt);
	return state;
}

Datum
relmeta_wait_for_job(PG_FUNCTION_ARGS)
{
	int64		timeout;
	JobState	state;

	relmeta_argument_required(fcinfo, 0);
	relmeta_argument_required(fcinfo, 1);
	timeout = interval_argument(fcinfo, 1);
	state = wait_for_end(PG_GETARG_INT64(0),
						 TimestampTzPlusMilliseconds(GetCurrentTimestamp(), timeout));
	PG_RETURN_TEXT_P(cstring_to_text(job_state_name(state)));
}

/* ---- working the queue in a session ---- */

Datum
relmeta_run_jobs(PG_FUNCTION_ARGS)
{
	JobRun		run = {.in_procedure = true};

	/* ignoring this would commit nothing, silently */
	if (fcinfo->context == NULL || !IsA(fcinfo->context, CallContext) ||
		castNode(CallContext, fcinfo->context)->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_TERMINATION),
				 errmsg("run_jobs() cannot run inside a transaction block"),
				 errhint("Call relmeta.run_jobs() outside of transaction blocks, functions and exception blocks:"
						 " it commits after each batch.")));
	PreventCommandDuringRecovery("CALL relmeta.run_jobs()");

	if (SPI_connect_ext(SPI_OPT_NONATOMIC) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect_ext failed");
	SPI_commit();				/* what the caller did before is his own
								 * transaction */
	job_run(&run);
	SPI_finish();
	PG_RETURN_VOID();
}

/* ---- replication ---- */

/*
 * BEFORE INSERT OR UPDATE trigger on relmeta.job, ENABLE REPLICA.  A subscriber
 * shows the publisher's jobs and leaves the work to the publisher, whose changes
 * of entries arrive as rows.  A restore in session_replication_role = replica
 * fires it too, but is no apply: its jobs are worked.
 */
Datum
relmeta_trigger_job_replicated(PG_FUNCTION_ARGS)
{
	TriggerData *trigdata = (TriggerData *) fcinfo->context;
	TupleDesc	desc;
	HeapTuple	tuple;
	int			column;
	Datum		value = BoolGetDatum(true);
	bool		isnull = false;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BEFORE(trigdata->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigdata->tg_event) || TRIGGER_FIRED_BY_DELETE(trigdata->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("trigger_job_replicated() must be fired BEFORE INSERT OR UPDATE, FOR EACH ROW")));
	tuple = TRIGGER_FIRED_BY_UPDATE(trigdata->tg_event) ? trigdata->tg_newtuple : trigdata->tg_trigtuple;
	if (!compat_is_applying_changes())
		return PointerGetDatum(tuple);

	desc = RelationGetDescr(trigdata->tg_relation);
	column = SPI_fnumber(desc, "replicated");
	if (column <= 0 || SPI_gettypeid(desc, column) != BOOLOID)
		elog(ERROR, "column \"replicated\" is missing in \"%s\"", RelationGetRelationName(trigdata->tg_relation));
	return PointerGetDatum(heap_modify_tuple_by_cols(tuple, desc, 1, &column, &value, &isnull));
}
