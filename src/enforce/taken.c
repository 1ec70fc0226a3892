/*
 * taken.c
 *		Keys that rows of a primary table get while others point to them (SEMANTICS 2.5, "Access
 *		control"): the rights that this needs.
 *
 * A native key asks at the end of a statement, or of the transaction, whether there is *a* row with the key: of two
 * rows that have exchanged their keys neither is missed, nor is one that was deleted and inserted again by somebody
 * else.  The related rows are the other row's from then on, which is to move them.  So it needs what moving them
 * needs (judge.c): append on each, and share where reparent is not none; and append_to on the new primary row.
 *
 * Whoever is exempt from the primary table's access control, or from that of the related table, is not judged.  A table
 * that is not controlled has its keys judged for what is below it, and at the other ends of its links.
 */
#include "relmeta.h"

#include "enforce/enforce.h"
#include "utils/snapmgr.h"

/* As whom the statement's privileges on the table are checked: is that one exempt? */
static bool
is_exempt(Statement *statement, ModelTable *table)
{
	EnforceState *state = statement == NULL ? NULL : statement->notes;
	ListCell   *lc;

	foreach(lc, state == NULL ? NIL : state->targets)
	{
		EnforceTarget *target = lfirst(lc);

		if (target->relid == table->relid)
			return !target->applies;
	}
	return table->access_control && !enforce_controls(table);
}

/* Is the table controlled, or one below it? */
static bool
is_controlled(ModelTable *table)
{
	bool		controlled = table->access_control;
	ListCell   *lc;

	foreach(lc, model_as_primary(table))
		controlled |= ((ModelRelationship *) lfirst(lc))->related->access_control;
	return controlled;
}

bool
enforce_keys_matter(ModelTable *table)
{
	bool		matter = is_controlled(table);
	ListCell   *lc;

	foreach(lc, model_links_of(table))
		matter = matter || enforce_has_controlled_end(lfirst(lc));
	return matter;
}

bool
enforce_judges_keys(MemoryContext query, ModelTable *table)
{
	Statement  *statement = access_statement_of(query);
	bool		judges = is_controlled(table);
	ListCell   *lc;

	foreach(lc, model_links_of(table))
		judges = judges || enforce_asking_ends(lfirst(lc), statement != NULL ? statement->roleid : InvalidOid) != 0;
	return judges && !is_exempt(statement, table);
}

Statement *
enforce_statement(MemoryContext query, CommandId *cid)
{
	Statement  *statement = access_statement_of(query);

	if (statement == NULL)
		return access_statement_now();
	if (statement->notes != NULL)
		*cid = Min(*cid, ((EnforceState *) statement->notes)->cid);
	return statement;
}

int32
enforce_rights_before(Statement *statement, ModelTable *table, Datum key, bool owner_null, Datum owner)
{
	Model	   *model = model_current();
	Predicate  *predicate;

	model_pin(model, statement->query);
	table = model_table_required(model, table->relid);
	predicate = access_predicate_latest(access_predicate(statement, table));
	return access_predicate_rights(predicate, key, owner_null, owner, GetLatestSnapshot());
}

void
enforce_judge_left(Statement *statement, ModelRelationship *relationship, Datum key, bool owner_null, Datum owner)
{
	int32		rights = enforce_rights_before(statement, relationship->related, key, owner_null, owner);

	if ((rights & RIGHT_APPEND) == 0)
		enforce_refuse_left(statement, relationship, RIGHT_APPEND);
	if (relationship->behavior[ACTION_REPARENT] != BEHAVIOR_NONE && (rights & RIGHT_SHARE) == 0)
		enforce_refuse_left(statement, relationship, RIGHT_SHARE);
}
