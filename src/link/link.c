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
#include "model/model.h"
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
	int			attnums[2];
	Datum		keys[2];
	bool		nulls[2];

	if (intersect == NULL || intersect->broken || !intersect->is_symmetric)
		return PointerGetDatum(tuple);

	for (int i = 0; i < 2; i++)
	{
		attnums[i] = intersect->column[i].attnum;
		keys[1 - i] = heap_getattr(tuple, attnums[i], desc, &nulls[1 - i]);
	}
	if (nulls[0] || nulls[1] || !link_is_out_of_order(intersect, keys[1], keys[0]))
		return PointerGetDatum(tuple);
	return PointerGetDatum(heap_modify_tuple_by_cols(tuple, desc, 2, attnums, keys, nulls));
}

static bool
key_changed(ModelIntersect *intersect, int side, TriggerData *trigdata)
{
	TupleDesc	desc = RelationGetDescr(trigdata->tg_relation);
	AttrNumber	attnum = intersect->column[side].attnum;
	Form_pg_attribute att = TupleDescAttr(desc, attnum - 1);
	bool		old_null;
	bool		new_null;
	Datum		old = heap_getattr(trigdata->tg_trigtuple, attnum, desc, &old_null);
	Datum		new = heap_getattr(trigdata->tg_newtuple, attnum, desc, &new_null);

	if (old_null || new_null)
		return old_null != new_null;
	return !datum_image_eq(old, new, att->attbyval, att->attlen);
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
