/*
 * note.c
 *		A statement's own new row, which it may see whatever its policies say
 *		(SEMANTICS 2.5: "by key and owner; nothing is ever writable by that").
 *
 * PostgreSQL applies the SELECT policy to the new row of an INSERT ... RETURNING, of ON CONFLICT
 * and of an UPDATE, too.  So the row is noted just before: by the INSERT policy's own check,
 * relmeta.inserts(), or by the BEFORE ROW UPDATE trigger; relmeta.noted() in the SELECT
 * policy then admits it.
 *
 * Whoever queries a table may call these functions himself, and a note must not open a hidden
 * row to him.  So both count only as part of a WITH CHECK expression of the statement that is
 * running, which is where PostgreSQL puts a policy for new rows: never where a policy filters the
 * rows that a scan has found, never where a query calls them.
 */
#include "relmeta.h"

#include "access/policy.h"
#include "enforce/enforce.h"
#include "model/key.h"
#include "nodes/execnodes.h"
#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(relmeta_inserts);
PG_FUNCTION_INFO_V1(relmeta_noted);

/* what a call keeps for its executor run */
typedef struct NoteCall
{
	EnforceState *state;
	EnforceTarget *target;		/* NULL: the call is no part of a check, or
								 * the table none of the statement's */
	Predicate  *predicate;
} NoteCall;

void
enforce_note(EnforceState *state, EnforceTarget *target, Datum key, bool owner_null, Datum owner)
{
	ModelTable *table = target->table;
	MemoryContext old;

	if (target->cxt == NULL)
		target->cxt = AllocSetContextCreate(state->statement->query, "relmeta noted row", ALLOCSET_SMALL_SIZES);
	else
		MemoryContextReset(target->cxt);
	old = MemoryContextSwitchTo(target->cxt);
	target->noted = true;
	target->key = model_key_copy(table, key);
	target->owner_null = owner_null;
	if (!owner_null)
		target->owner = datumCopy(owner, table->owner.type.typbyval, table->owner.type.typlen);
	MemoryContextSwitchTo(old);
}

/* ---- is a call part of a check of new rows? ---- */

/* Those of kind CONFLICT and MERGE are asked about rows that are there already. */
static bool
checks_new_rows(WithCheckOption *check)
{
	return check->kind == WCO_RLS_INSERT_CHECK || check->kind == WCO_RLS_UPDATE_CHECK;
}

static bool
contains(Node *node, void *wanted)
{
	if (node == NULL)
		return false;
	if (node == wanted)
		return true;
	return expression_tree_walker(node, contains, wanted);
}

static bool
among_checks(List *results, Node *call)
{
	ListCell   *lc;

	foreach(lc, results)
	{
		ResultRelInfo *result = lfirst(lc);
		ListCell   *lc2;

		if (result == NULL)
			continue;
		foreach(lc2, result->ri_WithCheckOptions)
		{
			WithCheckOption *check = lfirst(lc2);

			if (checks_new_rows(check) && contains(check->qual, call))
				return true;
		}
	}
	return false;
}

static bool
is_check(EnforceState *state, Node *call)
{
	return call != NULL &&
		(among_checks(state->estate->es_opened_result_relations, call) ||
		 among_checks(state->estate->es_tuple_routing_result_relations, call));
}

static EnforceTarget *
target_of(EnforceState *state, ModelTable *table)
{
	ListCell   *lc;

	foreach(lc, state->targets)
	{
		EnforceTarget *target = lfirst(lc);

		if (target->relid == table->relid)
			return target;
	}
	return NULL;
}

static bool
arguments_fit(FunctionCallInfo fcinfo, ModelTable *table)
{
	if (getBaseType(get_fn_expr_argtype(fcinfo->flinfo, 1)) != model_key_param(table, false))
		return false;
	return PG_NARGS() < 3 || table->owner.name == NULL ||
		getBaseType(get_fn_expr_argtype(fcinfo->flinfo, 2)) == table->owner.type.base_type;
}

/* Found once: the expression stands where it stands as long as the statement runs. */
static NoteCall *
note_call(FunctionCallInfo fcinfo)
{
	NoteCall   *call = fcinfo->flinfo->fn_extra;
	Statement  *statement;

	if (call != NULL)
		return call;
	call = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(NoteCall));
	statement = access_statement_of(fcinfo->flinfo->fn_mcxt);
	if (statement == NULL || statement->notes == NULL)
		return fcinfo->flinfo->fn_extra = call;
	call->state = statement->notes;
	if (!is_check(call->state, fcinfo->flinfo->fn_expr))
		return fcinfo->flinfo->fn_extra = call;
	call->predicate = access_predicate_on(statement, PG_GETARG_OID(0));
	if (call->predicate != NULL && arguments_fit(fcinfo, call->predicate->table))
		call->target = target_of(call->state, call->predicate->table);
	return fcinfo->flinfo->fn_extra = call;
}

static bool
owner_is_null(FunctionCallInfo fcinfo)
{
	return PG_NARGS() < 3 || PG_ARGISNULL(2);
}

/*
 * relmeta.inserts(table, key [, owner]): WITH CHECK of the INSERT policy.  A row without owner is judged
 * when it is stored, by its lookups.
 */
Datum
relmeta_inserts(PG_FUNCTION_ARGS)
{
	NoteCall   *call;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_BOOL(false);
	call = note_call(fcinfo);
	if (call->target == NULL)
		PG_RETURN_BOOL(false);
	enforce_judge_owner(call->predicate, owner_is_null(fcinfo), owner_is_null(fcinfo) ? (Datum) 0 : PG_GETARG_DATUM(2));
	enforce_takes_key(call->state, call->target->table, PG_GETARG_DATUM(1));
	call->target->inserts = true;
	enforce_note(call->state, call->target, PG_GETARG_DATUM(1), owner_is_null(fcinfo),
				 owner_is_null(fcinfo) ? (Datum) 0 : PG_GETARG_DATUM(2));
	PG_RETURN_BOOL(true);
}

/* relmeta.noted(table, key [, owner]): in the SELECT policy, and in WITH CHECK of the UPDATE policy */
Datum
relmeta_noted(PG_FUNCTION_ARGS)
{
	NoteCall   *call;
	EnforceTarget *target;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_BOOL(false);
	call = note_call(fcinfo);
	target = call->target;
	if (target == NULL || !target->noted || target->owner_null != owner_is_null(fcinfo))
		PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(model_key_equal(target->table, target->key, PG_GETARG_DATUM(1)) &&
				   (target->owner_null ||
					model_type_equal(&target->table->owner.type, target->owner, PG_GETARG_DATUM(2))));
}
