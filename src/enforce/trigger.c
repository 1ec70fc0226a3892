/*
 * trigger.c
 *		The triggers of access control, on controlled tables and their partitions; see enforce.h.
 *
 *	trigger_judge_update	BEFORE UPDATE, row		the row may be written, as it is now; notes the new one
 *	trigger_judge_delete	BEFORE DELETE, row		the row may be deleted, as it is now
 *	trigger_judge_stored	AFTER INSERT, AFTER UPDATE, row		owner and lookups, as they are stored
 *
 * The BEFORE triggers' names come last, after an application's own that may change the row; the
 * AFTER triggers' names come before those of foreign keys.
 */
#include "relmeta.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "commands/trigger.h"
#include "enforce/enforce.h"
#include "model/as_read.h"
#include "model/key.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(relmeta_trigger_judge_update);
PG_FUNCTION_INFO_V1(relmeta_trigger_judge_delete);
PG_FUNCTION_INFO_V1(relmeta_trigger_judge_stored);

TriggerData *
enforce_trigger_data(FunctionCallInfo fcinfo, TriggerEvent when, int events)
{
	TriggerData *trigdata = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) ||
		(trigdata->tg_event & (TRIGGER_EVENT_ROW | TRIGGER_EVENT_TIMINGMASK)) != when ||
		(events & (1 << (trigdata->tg_event & TRIGGER_EVENT_OPMASK))) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("relmeta's trigger functions can only be called by the trigger manager, at their time"),
				 errhint("Call relmeta.enable_access_control(), which makes the triggers.")));
	return trigdata;
}

/* The statement that a trigger is fired for: its context is the parent of that in which we are called. */
static EnforceTarget *
trigger_target(TriggerData *trigdata, EnforceState **state)
{
	return enforce_target(MemoryContextGetParent(CurrentMemoryContext), RelationGetRelid(trigdata->tg_relation),
						  state);
}

static void
image_of(TriggerData *trigdata, EnforceTarget *target, HeapTuple tuple, EnforceImage *image)
{
	ModelLeaf  *leaf = model_leaf(target->table->model, RelationGetRelid(trigdata->tg_relation));

	model_check_leaf(target->table, leaf, trigdata->tg_relation);
	enforce_image(target->table, leaf, trigdata->tg_relation, tuple, image);
}

Datum
relmeta_trigger_judge_update(PG_FUNCTION_ARGS)
{
	TriggerData *trigdata = enforce_trigger_data(fcinfo, TRIGGER_EVENT_ROW | TRIGGER_EVENT_BEFORE,
												 1 << TRIGGER_EVENT_UPDATE);
	EnforceState *state;
	EnforceTarget *target = trigger_target(trigdata, &state);
	EnforceImage before;
	EnforceImage after;

	enforce_moves_key(MemoryContextGetParent(CurrentMemoryContext), trigdata, target != NULL);
	if (target == NULL)
		return PointerGetDatum(trigdata->tg_newtuple);
	image_of(trigdata, target, trigdata->tg_trigtuple, &before);
	image_of(trigdata, target, trigdata->tg_newtuple, &after);
	enforce_judge_row(state, target, &before, RIGHT_WRITE);
	enforce_judge_update(state, target, &before, &after, false);
	enforce_note(state, target, after.key, after.owner_null, after.owner);
	target->updated_leaf = RelationGetRelid(trigdata->tg_relation);
	target->updated = trigdata->tg_trigtuple->t_self;
	return PointerGetDatum(trigdata->tg_newtuple);
}

/* An UPDATE that takes the row to another partition deletes it here: what it was is remembered for its arrival. */
static bool
is_moved(TriggerData *trigdata, EnforceState *state, EnforceTarget *target, EnforceImage *row)
{
	MemoryContext old;
	EnforceMove *move;

	if (target->updated_leaf != RelationGetRelid(trigdata->tg_relation) || !target->noted ||
		!ItemPointerEquals(&target->updated, &trigdata->tg_trigtuple->t_self))
		return false;
	old = MemoryContextSwitchTo(state->statement->query);
	move = palloc(sizeof(EnforceMove));
	move->key = model_key_copy(target->table, target->key);
	enforce_image_copy(target->table, row, &move->before);
	target->moves = lcons(move, target->moves);
	target->updated_leaf = InvalidOid;
	MemoryContextSwitchTo(old);
	return true;
}

Datum
relmeta_trigger_judge_delete(PG_FUNCTION_ARGS)
{
	TriggerData *trigdata = enforce_trigger_data(fcinfo, TRIGGER_EVENT_ROW | TRIGGER_EVENT_BEFORE,
												 1 << TRIGGER_EVENT_DELETE);
	EnforceState *state;
	EnforceTarget *target = trigger_target(trigdata, &state);
	EnforceImage row;

	enforce_leaves_key(MemoryContextGetParent(CurrentMemoryContext), trigdata);
	if (target == NULL)
		return PointerGetDatum(trigdata->tg_trigtuple);
	image_of(trigdata, target, trigdata->tg_trigtuple, &row);
	if (!is_moved(trigdata, state, target, &row))
		enforce_judge_row(state, target, &row, RIGHT_DELETE);
	return PointerGetDatum(trigdata->tg_trigtuple);
}

bool
enforce_is_own(EnforceState *state, HeapTuple tuple)
{
	return TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(tuple->t_data)) &&
		HeapTupleHeaderGetCmin(tuple->t_data) == state->cid;
}

Datum
relmeta_trigger_judge_stored(PG_FUNCTION_ARGS)
{
	TriggerData *trigdata = enforce_trigger_data(fcinfo, TRIGGER_EVENT_ROW | TRIGGER_EVENT_AFTER,
												 1 << TRIGGER_EVENT_INSERT | 1 << TRIGGER_EVENT_UPDATE);
	bool		is_update = TRIGGER_FIRED_BY_UPDATE(trigdata->tg_event);
	HeapTuple	tuple = is_update ? trigdata->tg_newtuple : trigdata->tg_trigtuple;
	EnforceState *state;
	EnforceTarget *target = trigger_target(trigdata, &state);
	EnforceImage before;
	EnforceImage after;
	EnforceMove *move;

	if (target == NULL || !enforce_is_own(state, tuple))
		return PointerGetDatum(NULL);
	image_of(trigdata, target, tuple, &after);
	move = is_update ? NULL : enforce_move_to(target, after.key);
	if (is_update)
		image_of(trigdata, target, trigdata->tg_trigtuple, &before);
	else if (move != NULL)
		before = move->before;
	if (is_update || move != NULL)
		enforce_judge_update(state, target, &before, &after, true);
	else
		enforce_judge_insert(state, target, &after);
	return PointerGetDatum(NULL);
}
