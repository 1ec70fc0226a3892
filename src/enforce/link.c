/*
 * link.c
 *		Links of an N:N relationship with a controlled end (SEMANTICS 2.5): to see one needs
 *		read on the controlled ends, to make, change or end one append on them.
 *
 * The policies of the intersect table call these for each row:
 *
 *		SELECT	USING relmeta.link_shown(table, 1 | ends, column1, column2)
 *		INSERT	WITH CHECK relmeta.link_judged(table, 4 | ends, column1, column2)
 *		UPDATE, DELETE	USING relmeta.link_shown(table, 4 | ends, column1, column2)
 *
 * table: the one that has the policy, the intersect table or a partition of it; the name of the relationship would be
 * another's, once that is lost and another has it.  ends: which are controlled (access/policy.h).
 *
 * What is stored link_judged() judges by the newest entries, and trigger_judge_stored_link once it is: whoever stores a
 * link may wait for somebody who has the pair.  Before a link is changed or deleted, whatever the statement has waited
 * for, trigger_judge_link does.
 *
 * An end whose table is not controlled, or from whose policies the current user is exempt,
 * asks nothing.  One whose table was controlled, and is not registered any more (a restore has lost that), is hidden
 * from everybody (of a link that becomes another row's it asks nobody who is exempt from row-level security there, as a
 * statement on the rows does not).  A hidden end and a missing one are refused in the same words.
 */
#include "relmeta.h"

#include "access/htup_details.h"
#include "access/motion.h"
#include "access/policy.h"
#include "catalog/partition.h"
#include "enforce/enforce.h"
#include "model/key.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"

PG_FUNCTION_INFO_V1(relmeta_link_shown);
PG_FUNCTION_INFO_V1(relmeta_link_judged);
PG_FUNCTION_INFO_V1(relmeta_trigger_judge_link);
PG_FUNCTION_INFO_V1(relmeta_trigger_judge_stored_link);

typedef struct LinkEnd
{
	bool		asks;
	Oid			relid;			/* its table, */
	bool		lost;			/* which was controlled, and is not registered */
	bool		(*read) (ModelTable *table, Datum key, Datum *owner, bool *owner_null);
	bool		right_type;		/* of the key, or */
	bool		by_text;		/* of an adopted table's column, which is of
								 * another and compares with it */
	FmgrInfo	out;			/* then */
	Predicate  *predicate;
	MemoryContext cxt;			/* of what follows: the end asked about last,
								 * since links of one row tend to come
								 * together */
	bool		known;
	int32		right;
	Datum		key;
	bool		holds;
} LinkEnd;

typedef struct LinkCall
{
	bool		exists;			/* such an N:N relationship */
	bool		rechecks;		/* access_statement_rechecks() */
	char	   *name;
	LinkEnd		ends[2];
} LinkCall;

/* type: of the key that is asked about; controlled: POLICY_ENDS, what the policy says */
static void
fill_end(LinkEnd *end, Oid type, Statement *statement, Model *model, ModelIntersect *intersect, int i, int controlled)
{
	ModelTable *table = model_intersect_end(model, intersect, i);
	Oid			given = getBaseType(type);
	Oid			out_func;
	bool		is_varlena;

	end->relid = intersect->table[i];
	end->lost = table == NULL && (controlled & POLICY_END1 << i) != 0;
	/* a cursor is of whom it was opened for, whoever fetches */
	end->asks = end->lost || (table != NULL && enforce_controls_role(table, statement->roleid));
	if (!end->asks || end->lost || table->broken != NULL)
		return;
	end->read = access_may_lock(intersect->relid) ? access_read_row : access_read_row_unheld;
	end->predicate = access_predicate(statement, table);
	end->right_type = given == model_key_param(table, false);
	end->by_text = !end->right_type && given == model_columns_param(&intersect->column[i], false);
	if (end->by_text)
	{
		getTypeOutputInfo(given, &out_func, &is_varlena);
		fmgr_info(out_func, &end->out);
	}
}

/* The relationship whose intersect table relid is, or a partition of that; NULL: none's. */
static ModelIntersect *
intersect_of(Model *model, Oid relid)
{
	ModelIntersect *intersect = model_intersect_by_table(model, relid);
	List	   *ancestors;

	if (intersect != NULL || !get_rel_relispartition(relid))
		return intersect;
	ancestors = get_partition_ancestors(relid);
	return ancestors == NIL ? NULL : model_intersect_by_table(model, llast_oid(ancestors));
}

static LinkCall *
link_call(FunctionCallInfo fcinfo)
{
	LinkCall   *call = fcinfo->flinfo->fn_extra;
	Statement  *statement;
	Model	   *model;
	ModelIntersect *intersect;
	MemoryContext old = CurrentMemoryContext;
	bool		keep;

	if (call != NULL)
		return call;
	statement = access_statement_of(fcinfo->flinfo->fn_mcxt);
	keep = statement != NULL && get_fn_expr_arg_stable(fcinfo->flinfo, 0);
	if (keep)
		MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	else
		statement = access_statement_now();
	call = palloc0(sizeof(LinkCall));
	call->rechecks = keep && access_statement_rechecks(statement, fcinfo->flinfo->fn_mcxt);
	model = model_current();
	model_pin(model, statement->query);
	intersect = intersect_of(model, PG_GETARG_OID(0));
	call->exists = intersect != NULL && intersect->broken == NULL;
	call->name = call->exists ? pstrdup(intersect->name) : NULL;
	for (int i = 0; call->exists && i < 2; i++)
		fill_end(&call->ends[i], get_fn_expr_argtype(fcinfo->flinfo, 2 + i), statement, model, intersect, i,
				 PG_GETARG_INT32(1));
	MemoryContextSwitchTo(old);
	if (keep)
		fcinfo->flinfo->fn_extra = call;
	return call;
}

/* Does the principal hold the right on the end's row, by the active snapshot?  latest: without teams it has left. */
static bool
holds_by(LinkEnd *end, int32 right, Datum key, bool latest)
{
	Predicate  *predicate = end->predicate;
	ModelType  *type;
	Datum		owner = (Datum) 0;
	bool		owner_null;
	MemoryContext old;

	if (!end->asks)
		return true;
	if (predicate == NULL || (!end->right_type && !end->by_text))
		return false;
	type = model_key_type(predicate->table);
	if (end->by_text && !model_type_input_safe(type, OutputFunctionCall(&end->out, key), &key))
		return false;
	if (end->known && end->right == right && model_type_equal(type, end->key, key))
		return end->holds;
	if (end->cxt == NULL)
		end->cxt = AllocSetContextCreate(predicate->statement->query, "relmeta link end", ALLOCSET_SMALL_SIZES);
	MemoryContextReset(end->cxt);
	old = MemoryContextSwitchTo(end->cxt);
	if (latest)
		predicate = access_predicate_latest(predicate);
	end->holds = end->read(predicate->table, key, &owner, &owner_null) &&
		(access_predicate_rights(predicate, key, owner_null, owner, GetActiveSnapshot()) & right) != 0;
	end->known = true;
	end->right = right;
	end->key = datumCopy(key, type->typbyval, type->typlen);
	MemoryContextSwitchTo(old);
	return end->holds;
}

static bool
holds(LinkEnd *end, int32 right, Datum key)
{
	return holds_by(end, right, key, false);
}

static void
refuse(LinkCall *call, LinkEnd *end, int32 right)
{
	Statement  *statement = end->predicate ? end->predicate->statement : access_statement_now();
	char	   *table = get_rel_name(end->predicate ? end->predicate->table->relid : end->relid);

	if (table == NULL)
		table = call->name;

	if (access_statement_principals(statement) == NIL)
		enforce_refuse_nobody(table);
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("principal \"%s\" does not hold the right %s on the row of table \"%s\" that is to be linked",
					statement->principal, right == RIGHT_APPEND ? "append" : "read", table),
			 errdetail("Many-to-many relationship \"%s\".", call->name),
			 errhint("There may be no such row, or none that it may read.")));
}

/* The same as things are now. */
static bool
holds_now(LinkEnd *end, int32 right, Datum key)
{
	bool		result;

	PushActiveSnapshot(GetLatestSnapshot());
	end->known = false;
	result = holds_by(end, right, key, true);
	end->known = false;
	PopActiveSnapshot();
	return result;
}

/* relmeta.link_shown(table, right, key1, key2) */
Datum
relmeta_link_shown(PG_FUNCTION_ARGS)
{
	LinkCall   *call;
	int32		how;
	int32		right;

	for (int i = 0; i < 4; i++)
		if (PG_ARGISNULL(i))
			PG_RETURN_BOOL(false);
	call = link_call(fcinfo);
	how = PG_GETARG_INT32(1) & (POLICY_LATEST | POLICY_REFUSE);
	right = PG_GETARG_INT32(1) & ~(how | POLICY_ENDS);
	if (!call->exists)
		PG_RETURN_BOOL(false);
	if ((how & POLICY_REFUSE) != 0)
		refuse(call, &call->ends[call->ends[0].asks ? 0 : 1], right);
	for (int i = 0; i < 2; i++)
		if (!(how != 0 || call->rechecks ? holds_now : holds) (&call->ends[i], right, PG_GETARG_DATUM(2 + i)))
			PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(true);
}

/* The link would follow the key to the row that has left it. */
static void
check_motion(LinkEnd *end, Datum key)
{
	if (!access_motion_any() || !end->asks || end->predicate == NULL || (!end->right_type && !end->by_text))
		return;
	if (end->by_text &&
		!model_type_input_safe(model_key_type(end->predicate->table), OutputFunctionCall(&end->out, key), &key))
		return;
	if (access_motion_hides(end->predicate->table, key))
		access_motion_refuse(end->predicate->table);
}

/* relmeta.link_judged(table, right, key1, key2): the same, or 42501; as things are now */
Datum
relmeta_link_judged(PG_FUNCTION_ARGS)
{
	LinkCall   *call;
	int32		right;

	for (int i = 0; i < 4; i++)
		if (PG_ARGISNULL(i))
			PG_RETURN_BOOL(false);
	call = link_call(fcinfo);
	right = PG_GETARG_INT32(1) & ~POLICY_ENDS;
	if (!call->exists)
		PG_RETURN_BOOL(false);
	PushActiveSnapshot(GetLatestSnapshot());
	for (int i = 0; i < 2; i++)
		check_motion(&call->ends[i], PG_GETARG_DATUM(2 + i));
	for (int i = 0; i < 2; i++)
		if (!holds_by(&call->ends[i], right, PG_GETARG_DATUM(2 + i), true))
			refuse(call, &call->ends[i], right);
	PopActiveSnapshot();
	PG_RETURN_BOOL(true);
}

/* ---- a link that is another row's, since that has its key ---- */

/* It is not registered any more, and was controlled, as policies say it that stand: its own, or those of the links. */
static bool
is_lost(ModelIntersect *intersect, int end)
{
	Oid			relid = intersect->table[end];

	return OidIsValid(relid) &&
		(access_policies_say(relid).of_rows ||
		 (access_policies_say(intersect->relid).ends & POLICY_END1 << end) != 0);
}

bool
enforce_has_controlled_end(ModelIntersect *intersect)
{
	for (int i = 0; i < 2; i++)
	{
		ModelTable *table = model_intersect_end(intersect->model, intersect, i);

		if (table != NULL ? table->access_control : is_lost(intersect, i))
			return true;
	}
	return false;
}

int
enforce_asking_ends(ModelIntersect *intersect, Oid roleid)
{
	int			ends = 0;

	for (int i = 0; i < 2; i++)
	{
		ModelTable *table = model_intersect_end(intersect->model, intersect, i);

		if (table != NULL ? enforce_controls_role(table, roleid) :
			check_enable_rls(intersect->table[i], roleid, true) == RLS_ENABLED && is_lost(intersect, i))
			ends |= POLICY_END1 << i;
	}
	return ends;
}

/* As if it had been ended, and made again: append on its controlled ends, as they were and as they are. */
void
enforce_judge_link_left(Statement *statement, ModelIntersect *intersect, int asking, int end, Datum other,
						bool was_there, int32 former, int32 taker)
{
	LinkCall	call = {true,.name = intersect->name};
	Model	   *model = model_current();

	model_pin(model, statement->query);
	for (int i = 0; i < 2; i++)
		fill_end(&call.ends[i], model_columns_type(&intersect->column[i])->base_type, statement, model, intersect, i,
				 asking);
	if (call.ends[1 - end].asks && !holds_now(&call.ends[1 - end], RIGHT_APPEND, other))
		refuse(&call, &call.ends[1 - end], RIGHT_APPEND);
	if (!call.ends[end].asks)
		return;
	/* a link of no row is whose other end it is */
	if (was_there ? (former & RIGHT_APPEND) == 0 : !call.ends[1 - end].asks)
		refuse(&call, &call.ends[end], RIGHT_APPEND);
	if ((taker & RIGHT_APPEND) == 0)
		refuse(&call, &call.ends[end], RIGHT_APPEND);
}

/* ---- a link that is made, changed or deleted ---- */

/* what a statement's calls of the trigger on one relation share */
typedef struct LinkChange
{
	bool		judged;			/* the statement is not exempt */
	EnforceState *state;
	LinkCall	call;
	ModelKeyReader readers[2];
} LinkChange;

/* In the executor's memory, as the trigger's FmgrInfo is. */
static LinkChange *
link_change(FunctionCallInfo fcinfo, TriggerData *trigdata)
{
	Oid			relid = RelationGetRelid(trigdata->tg_relation);
	LinkChange *shared = fcinfo->flinfo->fn_extra;
	Statement  *statement;
	Model	   *model;
	ModelIntersect *intersect;
	MemoryContext old;

	if (shared != NULL)
		return shared;
	/* we are called in a child of the executor's context */
	old = MemoryContextSwitchTo(MemoryContextGetParent(CurrentMemoryContext));
	shared = palloc0(sizeof(LinkChange));
	if (trigdata->tg_trigger->tgnargs == 1 && enforce_changes_links(CurrentMemoryContext, relid, &statement))
	{
		shared->state = statement->notes;
		model = model_current();
		model_pin(model, statement->query);
		shared->call.name = pstrdup(trigdata->tg_trigger->tgargs[0]);
		intersect = intersect_of(model, relid);
		shared->call.exists = intersect != NULL && intersect->broken == NULL;
		for (int i = 0; shared->call.exists && i < 2; i++)
		{
			ModelKeyReader *reader = &shared->readers[i];

			reader->columns = &intersect->column[i];
			if (!model_key_reader_set(reader, relid))
				shared->call.exists = false;
			else
				fill_end(&shared->call.ends[i], model_key_reader_type(reader), statement, model, intersect,
						 i, 0);
		}
		shared->judged = shared->call.exists;
	}
	MemoryContextSwitchTo(old);
	fcinfo->flinfo->fn_extra = shared;
	return shared;
}

/* BEFORE UPDATE OR DELETE, row: as link_judged(), of the link as it was: the newest version, where it was waited for */
Datum
relmeta_trigger_judge_link(PG_FUNCTION_ARGS)
{
	TriggerData *trigdata = enforce_trigger_data(fcinfo, TRIGGER_EVENT_ROW | TRIGGER_EVENT_BEFORE,
												 1 << TRIGGER_EVENT_UPDATE | 1 << TRIGGER_EVENT_DELETE);
	LinkChange *shared = link_change(fcinfo, trigdata);

	for (int i = 0; shared->judged && i < 2; i++)
	{
		Datum		key;

		if (!model_key_read_tuple(&shared->readers[i], trigdata->tg_relation, trigdata->tg_trigtuple, &key) ||
			!holds_now(&shared->call.ends[i], RIGHT_APPEND, key))
			refuse(&shared->call, &shared->call.ends[i], RIGHT_APPEND);
	}
	return PointerGetDatum(TRIGGER_FIRED_BY_UPDATE(trigdata->tg_event) ? trigdata->tg_newtuple :
						   trigdata->tg_trigtuple);
}

/*
 * AFTER INSERT OR UPDATE, row: of the link as it is stored, when nobody is waited for any more.  A link that a foreign
 * key has changed is none of ours.
 */
Datum
relmeta_trigger_judge_stored_link(PG_FUNCTION_ARGS)
{
	TriggerData *trigdata = enforce_trigger_data(fcinfo, TRIGGER_EVENT_ROW | TRIGGER_EVENT_AFTER,
												 1 << TRIGGER_EVENT_INSERT | 1 << TRIGGER_EVENT_UPDATE);
	HeapTuple	tuple = TRIGGER_FIRED_BY_UPDATE(trigdata->tg_event) ? trigdata->tg_newtuple : trigdata->tg_trigtuple;
	LinkChange *shared = link_change(fcinfo, trigdata);

	if (!shared->judged || !enforce_is_own(shared->state, tuple))
		return PointerGetDatum(NULL);
	PushActiveSnapshot(GetLatestSnapshot());
	for (int i = 0; i < 2; i++)
	{
		Datum		key;

		if (!model_key_read_tuple(&shared->readers[i], trigdata->tg_relation, tuple, &key) ||
			!holds_by(&shared->call.ends[i], RIGHT_APPEND, key, true))
			refuse(&shared->call, &shared->call.ends[i], RIGHT_APPEND);
	}
	PopActiveSnapshot();
	return PointerGetDatum(NULL);
}
