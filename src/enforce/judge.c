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

#include "access/xact.h"
#include "enforce/enforce.h"
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

/*
 * Does the principal hold append_to on the row that a lookup points to?  One that the statement itself has
 * inserted counts, whose own checks have been made or are to come; one that it has updated does not.
 */
static bool
may_append_to(EnforceState *state, ModelRelationship *relationship, Datum lookup)
{
	ModelTable *primary = relationship->primary;
	Predicate  *predicate = access_predicate_latest(access_predicate(state->statement, primary));
	Datum		owner = (Datum) 0;
	bool		owner_null;
	bool		may = false;

	if ((state->statement->cap & RIGHT_APPEND_TO) == 0)
		return false;
	/* what the statement has written is there to be seen */
	CommandCounterIncrement();
	PushActiveSnapshot(GetLatestSnapshot());
	if (access_read_row(primary, lookup, &owner, &owner_null))
		may = (access_predicate_rights(predicate, lookup, owner_null, owner, GetActiveSnapshot()) &
			   RIGHT_APPEND_TO) != 0 || has_inserted(state, primary, lookup);
	PopActiveSnapshot();
	return may;
}

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
enforce_judge_insert(EnforceState *state, EnforceTarget *target, EnforceImage *row)
{
	ModelTable *table = target->table;
	bool		needs_primary = row->owner_null;
	int			i = 0;
	ListCell   *lc;

	enforce_judge_owner(access_predicate(state->statement, table), row->owner_null, row->owner);
	foreach(lc, table->as_related)
	{
		ModelRelationship *relationship = lfirst(lc);
		int			number = i++;
		bool		is_controlled;

		if (row->lookup_null[number])
			continue;
		is_controlled = enforce_controls(relationship->primary);
		if (!is_controlled && !needs_primary)
			continue;
		if (may_append_to(state, relationship, row->lookup[number]))
			needs_primary = false;
		else if (is_controlled)
			enforce_refuse_lookup(state->statement, relationship);
	}
	if (needs_primary)
		enforce_refuse_ownerless(state->statement, table);
}

static bool
same_value(ModelType *type, bool a_null, Datum a, bool b_null, Datum b)
{
	if (a_null || b_null)
		return a_null && b_null;
	return model_type_equal(type, a, b);
}

/* A lookup that points somewhere else than before. */
typedef struct LookupChange
{
	ModelRelationship *relationship;
	bool		was_set;
	bool		is_set;
	Datum		lookup;			/* the new value */
} LookupChange;

/*
 * rights: on the row.  A lookup that is cleared asks for share as one that is changed does: else it would be cleared
 * and set again, in two statements.
 */
static void
judge_lookup(EnforceState *state, LookupChange *change, int32 rights, bool stored)
{
	ModelRelationship *relationship = change->relationship;

	if (change->is_set && (rights & RIGHT_APPEND) == 0)
		enforce_refuse_change(state->statement, relationship, RIGHT_APPEND);
	if (change->was_set && relationship->behavior[ACTION_REPARENT] != BEHAVIOR_NONE && (rights & RIGHT_SHARE) == 0)
		enforce_refuse_change(state->statement, relationship, RIGHT_SHARE);
	/* the primary row may be one that the same statement inserts later */
	if (change->is_set && stored && enforce_controls(relationship->primary) &&
		!may_append_to(state, relationship, change->lookup))
		enforce_refuse_lookup(state->statement, relationship);
}

void
enforce_judge_update(EnforceState *state, EnforceTarget *target, EnforceImage *before, EnforceImage *after,
					 bool stored)
{
	ModelTable *table = target->table;
	int32		rights = -1;	/* not looked up */
	int			i = 0;
	ListCell   *lc;

	if (!same_value(&table->owner.type, before->owner_null, before->owner, after->owner_null, after->owner))
	{
		rights = rights_on(state, target, before);
		if ((rights & RIGHT_ASSIGN) == 0)
			enforce_refuse_row(state->statement, table, RIGHT_ASSIGN);
	}
	foreach(lc, table->as_related)
	{
		ModelRelationship *relationship = lfirst(lc);
		int			number = i++;
		LookupChange change = {relationship, !before->lookup_null[number], !after->lookup_null[number],
		after->lookup[number]};

		if (same_value(&relationship->lookup.type, before->lookup_null[number], before->lookup[number],
					   after->lookup_null[number], after->lookup[number]))
			continue;
		if (rights == -1)
			rights = rights_on(state, target, before);
		judge_lookup(state, &change, rights, stored);
	}
}
