/*
 * judge.c
 *		What an INSERT and an UPDATE of a controlled table may set (SEMANTICS 2.5, "Access control").
 *
 *		owner		INSERT: one of the principals; UPDATE: right assign on the row
 *		lookup		set or changed: append on the row and append_to on the new primary row, where that
 *					table is controlled; changed or cleared, where reparent is not none: share on the row, too
 *		no owner	INSERT: append_to on one of the primary rows that it is related to
 *
 * Rights are those of now: rows and entries are read with the latest snapshot, after whatever the statement
 * has waited for, and with what it has written itself; teams that the principal has left meanwhile do not count.
 */
#include "relmeta.h"

#include "access/motion.h"
#include "access/xact.h"
#include "enforce/enforce.h"
#include "model/key.h"
#include "utils/snapmgr.h"

static int32
rights_on(EnforceState *state, EnforceTarget *target, EnforceImage *row)
{
	Predicate  *predicate = access_predicate_latest(access_predicate(state->statement, target->table));

	return access_predicate_rights(predicate, row->key, row->owner_null, row->owner, GetLatestSnapshot());
}

void
enforce_judge_row(EnforceState *state, EnforceTarget *target, EnforceImage *row, int32 right)
{
	if ((rights_on(state, target, row) & right) == 0)
		enforce_refuse_row(state->statement, target->table, right);
}

/* Has the statement inserted the row, and not updated it?  The active snapshot sees what it has written. */
static bool
has_inserted(EnforceState *state, ModelTable *table, Datum key)
{
	ListCell   *lc;

	foreach(lc, state->targets)
	{
		EnforceTarget *target = lfirst(lc);

		if (target->relid == table->relid && enforce_move_to(target, key) != NULL)
			return false;
	}
	return access_made_by(table, key, state->cid);
}

/* The judge of a running statement. */
typedef struct StatementJudge
{
	EnforceJudge judge;
	EnforceState *state;
	EnforceTarget *target;
	EnforceImage *before;		/* of an UPDATE */
} StatementJudge;

/*
 * One that the statement itself has inserted counts, whose own checks have been made or are to come; one that it has
 * updated does not.
 */
static bool
may_append_to(EnforceJudge *judge, ModelRelationship *relationship, Datum lookup)
{
	EnforceState *state = ((StatementJudge *) judge)->state;
	ModelTable *primary = relationship->primary;
	Predicate  *predicate = access_predicate_latest(access_predicate(state->statement, primary));
	Datum		owner = (Datum) 0;
	bool		owner_null;
	bool		may = false;

	if ((state->statement->cap & RIGHT_APPEND_TO) == 0)
		return false;
	if (access_motion_any() && access_motion_left_by_other(state->statement, primary, lookup))
		access_motion_refuse(primary);
	/* what the statement has written is there to be seen */
	CommandCounterIncrement();
	PushActiveSnapshot(GetLatestSnapshot());
	if (access_read_row(primary, lookup, &owner, &owner_null))
		may = (access_predicate_rights(predicate, lookup, owner_null, owner, GetActiveSnapshot()) &
			   RIGHT_APPEND_TO) != 0 || has_inserted(state, primary, lookup);
	PopActiveSnapshot();
	return may;
}

static int32
rights_before(EnforceJudge *judge)
{
	StatementJudge *of = (StatementJudge *) judge;

	return rights_on(of->state, of->target, of->before);
}

/* ---- the rule ---- */

void
enforce_judge_owner(Predicate *predicate, bool owner_null, Datum owner)
{
	Statement  *statement = predicate->statement;

	predicate = access_predicate_latest(predicate);
	if (predicate->names == NIL)
		enforce_refuse_owner(statement, predicate->table);
	if ((statement->cap & RIGHT_CREATE) == 0)
		enforce_refuse_cap(statement, predicate->table);
	if (!owner_null && !access_predicate_owns(predicate, owner))
		enforce_refuse_owner(statement, predicate->table);
}

void
enforce_judge_new_lookups(EnforceJudge *judge, ModelTable *table, NullableDatum *lookups, bool owner_null)
{
	bool		needs_primary = owner_null;
	ListCell   *lc;

	foreach(lc, model_as_related(table))
	{
		ModelRelationship *relationship = lfirst(lc);
		NullableDatum *lookup = &lookups[foreach_current_index(lc)];
		bool		is_judged;

		if (lookup->isnull)
			continue;
		is_judged = judge->is_judged(relationship->primary);
		if (!is_judged && !needs_primary)
			continue;
		if (judge->may_append_to(judge, relationship, lookup->value))
			needs_primary = false;
		else if (is_judged)
			enforce_refuse_lookup(judge->statement, relationship);
	}
	if (needs_primary)
		enforce_refuse_ownerless(judge->statement, table);
}

static bool
same_value(ModelType *type, bool a_null, Datum a, bool b_null, Datum b)
{
	if (a_null || b_null)
		return a_null && b_null;
	return model_type_equal(type, a, b);
}

/*
 * A lookup that points somewhere else than before; rights: on the row.  One that is cleared asks for share as one that
 * is changed does: else it would be cleared and set again, in two statements.
 */
static void
judge_lookup(EnforceJudge *judge, ModelRelationship *relationship, NullableDatum *before, NullableDatum *after,
			 int32 rights)
{
	if (!after->isnull && (rights & RIGHT_APPEND) == 0)
		enforce_refuse_change(judge->statement, relationship, RIGHT_APPEND);
	if (!before->isnull && relationship->behavior[ACTION_REPARENT] != BEHAVIOR_NONE && (rights & RIGHT_SHARE) == 0)
		enforce_refuse_change(judge->statement, relationship, RIGHT_SHARE);
	if (!after->isnull && judge->stored && judge->is_judged(relationship->primary) &&
		!judge->may_append_to(judge, relationship, after->value))
		enforce_refuse_lookup(judge->statement, relationship);
}

void
enforce_judge_lookups(EnforceJudge *judge, ModelTable *table, NullableDatum *before, NullableDatum *after)
{
	int32		rights = -1;	/* not asked */
	ListCell   *lc;

	foreach(lc, model_as_related(table))
	{
		ModelRelationship *relationship = lfirst(lc);
		NullableDatum *was = &before[foreach_current_index(lc)];
		NullableDatum *is = &after[foreach_current_index(lc)];

		if (same_value(model_lookup_type(relationship), was->isnull, was->value, is->isnull, is->value))
			continue;
		if (rights == -1)
			rights = judge->rights(judge);
		judge_lookup(judge, relationship, was, is, rights);
	}
}

/* ---- a statement's rows ---- */

void
enforce_judge_insert(EnforceState *state, EnforceTarget *target, EnforceImage *row)
{
	StatementJudge of = {{state->statement, enforce_controls, may_append_to, NULL, true}, state, target, NULL};

	enforce_judge_owner(access_predicate(state->statement, target->table), row->owner_null, row->owner);
	enforce_judge_new_lookups(&of.judge, target->table, row->lookups, row->owner_null);
}

void
enforce_judge_update(EnforceState *state, EnforceTarget *target, EnforceImage *before, EnforceImage *after,
					 bool stored)
{
	StatementJudge of = {{state->statement, enforce_controls, may_append_to, rights_before, stored}, state, target,
	before};
	ModelTable *table = target->table;

	if (!same_value(&table->owner.type, before->owner_null, before->owner, after->owner_null, after->owner) &&
		(rights_before(&of.judge) & RIGHT_ASSIGN) == 0)
		enforce_refuse_row(state->statement, table, RIGHT_ASSIGN);
	enforce_judge_lookups(&of.judge, table, before->lookups, after->lookups);
}
