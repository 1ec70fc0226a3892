/*
 * trigger.c
 *		The trigger functions that stand on registered tables.
 *
 * They are executable by everyone, since the owner of a table makes its
 * triggers at restore; what they do depends on the model alone, never on their
 * arguments.  On a table that relmeta does not know (a detached partition keeps
 * its triggers; somebody may make such a trigger) they do nothing.
 */
#include "relmeta.h"

#include "access/xact.h"
#include "cascade/cascade.h"
#include "cascade/flush.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "utils/memutils.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(relmeta_trigger_statement_starts);
PG_FUNCTION_INFO_V1(relmeta_trigger_row_changed);
PG_FUNCTION_INFO_V1(relmeta_trigger_statement_ends);
PG_FUNCTION_INFO_V1(relmeta_trigger_truncate_starts);
PG_FUNCTION_INFO_V1(relmeta_trigger_truncate_ends);

#define BEFORE_STATEMENT	TRIGGER_EVENT_BEFORE
#define AFTER_STATEMENT		0
#define AFTER_ROW			TRIGGER_EVENT_ROW

/*
 * Returns the trigger data when fcinfo is a call by the trigger manager at the
 * wanted time; else an error.
 */
static TriggerData *
trigger_data(FunctionCallInfo fcinfo, TriggerEvent when)
{
	TriggerData *trigdata = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("relmeta's trigger functions can only be called by the trigger manager"),
				 errhint("Call relmeta.register_table(), which makes the triggers.")));
	if ((trigdata->tg_event & (TRIGGER_EVENT_ROW | TRIGGER_EVENT_TIMINGMASK)) != when)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("trigger \"%s\" fires at a time that its function is not made for",
						trigdata->tg_trigger->tgname),
				 errhint("Drop the trigger; relmeta.register_table() makes the right ones.")));
	return trigdata;
}

static CmdType
trigger_command(TriggerData *trigdata)
{
	if (TRIGGER_FIRED_BY_INSERT(trigdata->tg_event))
		return CMD_INSERT;
	if (TRIGGER_FIRED_BY_UPDATE(trigdata->tg_event))
		return CMD_UPDATE;
	return CMD_DELETE;
}

/*
 * The query that a trigger is fired for: the trigger manager calls us in a
 * context made right below the query's own (GetPerTupleMemoryContext() before,
 * AfterTriggerTupleContext after).
 */
static MemoryContext
trigger_query(void)
{
	return MemoryContextGetParent(CurrentMemoryContext);
}

Datum
relmeta_trigger_statement_starts(PG_FUNCTION_ARGS)
{
	TriggerData *trigdata = trigger_data(fcinfo, BEFORE_STATEMENT);

	collect_begins(collect_frame(trigger_query()), RelationGetRelid(trigdata->tg_relation),
				   trigger_command(trigdata));
	return PointerGetDatum(NULL);
}

Datum
relmeta_trigger_row_changed(PG_FUNCTION_ARGS)
{
	TriggerData *trigdata = trigger_data(fcinfo, AFTER_ROW);
	Frame	   *frame = collect_frame(trigger_query());
	LeafChanges *leaf = collect_leaf_of(frame, trigdata->tg_relation);

	if (leaf->changes != NULL)
	{
		ActingAs	saved = relmeta_act_in_trigger(frame->roleid);

		collect_row(frame, leaf, trigdata);
		relmeta_act_end(saved);
	}
	return PointerGetDatum(NULL);
}

Datum
relmeta_trigger_statement_ends(PG_FUNCTION_ARGS)
{
	TriggerData *trigdata = trigger_data(fcinfo, AFTER_STATEMENT);
	Frame	   *frame = collect_frame_existing(trigger_query());

	if (TRIGGER_FIRED_BY_DELETE(trigdata->tg_event))
		frame = collect_trimmed(frame, trigger_query(), RelationGetRelid(trigdata->tg_relation));
	if (frame == NULL)
		return PointerGetDatum(NULL);
	collect_unmark(frame, RelationGetRelid(trigdata->tg_relation), trigger_command(trigdata));
	if (frame->nmarks > 0)
		return PointerGetDatum(NULL);
	if (frame->dirty || frame->late || frame->access_waits)
	{
		ActingAs	saved = relmeta_act_in_trigger(frame->roleid);

		cascade_flush(frame);
		relmeta_act_end(saved);
	}
	if (frame->nmarks == 0 && !frame->lasting)
		collect_frame_end(frame);
	return PointerGetDatum(NULL);
}

Datum
relmeta_trigger_truncate_starts(PG_FUNCTION_ARGS)
{
	TriggerData *trigdata = trigger_data(fcinfo, BEFORE_STATEMENT);

	cascade_truncate_starts(collect_frame(trigger_query()), trigdata->tg_relation);
	return PointerGetDatum(NULL);
}

Datum
relmeta_trigger_truncate_ends(PG_FUNCTION_ARGS)
{
	TriggerData *trigdata = trigger_data(fcinfo, AFTER_STATEMENT);

	cascade_truncate_ends(trigdata->tg_relation);
	return PointerGetDatum(NULL);
}
