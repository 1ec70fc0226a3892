/*
 * link.c
 *		The triggers of intersect tables: the order of symmetric pairs, and keys
 *		that do not change.  SEMANTICS 2.4.
 *
 * Both find the relationship in the model by the table they stand on.  On a
 * table that is none's intersect table (any more) they do nothing.
 */
#include "relmeta.h"

#include "access/htup_details.h"
#include "link/link.h"
#include "commands/trigger.h"
#include "model/key.h"
#include "utils/datum.h"
#include "utils/rel.h"

/* what of tg_event says when a trigger fires, and for what */
#define TRIGGER_EVENT	(TRIGGER_EVENT_OPMASK | TRIGGER_EVENT_ROW | TRIGGER_EVENT_TIMINGMASK)

/* the intersect table whose links relmeta is moving itself */
static Oid	moving = InvalidOid;

PG_FUNCTION_INFO_V1(relmeta_trigger_link_order);
PG_FUNCTION_INFO_V1(relmeta_trigger_link_updated);

Oid
link_keys_move(Oid relid)
{
	Oid			before = moving;

	moving = relid;
	return before;
}

/* Whoever owns an intersect table may hang these functions on events that they are not made for. */
static TriggerData *
trigger_data(FunctionCallInfo fcinfo, const char *function, TriggerEvent event)
{
	TriggerData *trigdata = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) || (trigdata->tg_event & TRIGGER_EVENT) != (event | TRIGGER_EVENT_ROW))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"relmeta.%s\" was not called by its trigger", function),
				 errhint("relmeta creates its triggers itself; see relmeta.repair().")));
	return trigdata;
}

/*
 * BEFORE INSERT, row, on the intersect table of a symmetric relationship.
 */
Datum
relmeta_trigger_link_order(PG_FUNCTION_ARGS)
{
	TriggerData *trigdata = trigger_data(fcinfo, "trigger_link_order",
										 TRIGGER_EVENT_BEFORE | TRIGGER_EVENT_INSERT);
	HeapTuple	tuple = trigdata->tg_trigtuple;
	TupleDesc	desc = RelationGetDescr(trigdata->tg_relation);
	ModelIntersect *intersect = model_intersect_by_table(model_current(), RelationGetRelid(trigdata->tg_relation));
	Datum		keys[2];
	bool		nulls[2];
	int			attnums[2 * MODEL_KEY_COLUMNS];
	Datum		values[2 * MODEL_KEY_COLUMNS];
	bool		replaced[2 * MODEL_KEY_COLUMNS] = {false};
	int			n = 0;

	if (intersect == NULL || intersect->broken || !intersect->is_symmetric)
		return PointerGetDatum(tuple);

	for (int i = 0; i < 2; i++)
		keys[i] = model_columns_of_tuple(&intersect->column[i], tuple, desc, &nulls[i]);
	if (nulls[0] || nulls[1] || !link_is_out_of_order(intersect, keys[0], keys[1]))
		return PointerGetDatum(tuple);
	for (int i = 0; i < 2; i++)
	{
		(void) model_columns_attnums(&intersect->column[i], attnums + n);
		n += model_columns_spread(&intersect->column[i], keys[1 - i], values + n);
	}
	return PointerGetDatum(heap_modify_tuple_by_cols(tuple, desc, n, attnums, values, replaced));
}

static bool
key_changed(ModelIntersect *intersect, int side, TriggerData *trigdata)
{
	TupleDesc	desc = RelationGetDescr(trigdata->tg_relation);
	ModelKeyColumns *columns = &intersect->column[side];
	ModelType  *type = model_columns_type(columns);
	bool		old_null;
	bool		new_null;
	Datum		old = model_columns_of_tuple(columns, trigdata->tg_trigtuple, desc, &old_null);
	Datum		new = model_columns_of_tuple(columns, trigdata->tg_newtuple, desc, &new_null);

	if (old_null || new_null)
		return old_null != new_null;
	return !datum_image_eq(old, new, type->typbyval, type->typlen);
}

/*
 * BEFORE UPDATE, row, so that it speaks before a unique index or a foreign key
 * does; after an application's triggers, by its name.  Without a condition: one
 * would name the columns, and then PostgreSQL would refuse ALTER TABLE in words
 * of its own, before relmeta can.
 */
Datum
relmeta_trigger_link_updated(PG_FUNCTION_ARGS)
{
	TriggerData *trigdata = trigger_data(fcinfo, "trigger_link_updated",
										 TRIGGER_EVENT_BEFORE | TRIGGER_EVENT_UPDATE);
	ModelIntersect *intersect = model_intersect_by_table(model_current(), RelationGetRelid(trigdata->tg_relation));

	if (intersect == NULL || intersect->is_adopted || intersect->broken || intersect->relid == moving ||
		(!key_changed(intersect, 0, trigdata) && !key_changed(intersect, 1, trigdata)))
		return PointerGetDatum(trigdata->tg_newtuple);
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("the keys of a link of relationship \"%s\" cannot be changed", intersect->name),
			 errhint("Call relmeta.disassociate() for the old pair and relmeta.associate() for the new one.")));
}
