/*
 * motion.c
 *		Keys that rows of a controlled table leave, and take, while the statement goes on (access/motion.h).
 *
 * Which row it is that has a key can be told as long as each key goes from one row to another by one statement at a
 * time.  So a statement that a function calls meanwhile neither changes a key that the other has changed, nor gives a
 * row one that the other has taken from a row, by UPDATE or by DELETE.  Whoever is exempt may: what comes of it is his
 * own.  Nor does it relate anything to the row that has such a key: what follows the key (ON UPDATE CASCADE) follows
 * the row that has left it.
 */
#include "relmeta.h"

#include "access/motion.h"
#include "access/xact.h"
#include "enforce/enforce.h"
#include "model/key.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* A row that an UPDATE takes to another partition is deleted where it was. */
static bool
is_moved(Statement *statement, TriggerData *trigdata)
{
	bool		moved = statement != NULL && statement->updated_leaf == RelationGetRelid(trigdata->tg_relation) &&
	ItemPointerEquals(&statement->updated, &trigdata->tg_trigtuple->t_self);

	if (moved)
		statement->updated_leaf = InvalidOid;
	return moved;
}

/* by another statement */
static bool
in_motion(Statement *statement, ModelTable *table, Datum key)
{
	return access_motion_left_by_other(statement, table, key) || access_motion_given(statement, table, key);
}

/* Whose end the AFTER triggers of the query belong to. */
static MemoryContext
end_of(MemoryContext query)
{
	Statement  *statement = access_statement_queueing(query);

	return statement != NULL ? statement->query : query;
}

/*
 * A key that the statement has given to a row already: which is there, so that there will be two, or has been deleted
 * by what it has called.
 */
static bool
is_given_again(MemoryContext query, ModelTable *table, Datum key)
{
	Datum		stored;
	bool		is_there;

	if (!access_motion_any() || !access_motion_own(end_of(query), table, key))
		return false;
	CommandCounterIncrement();
	PushActiveSnapshot(GetLatestSnapshot());
	is_there = access_read_key(table, key, &stored);
	PopActiveSnapshot();
	return !is_there;
}

void
enforce_moves_key(MemoryContext query, TriggerData *trigdata, bool judged)
{
	Oid			relid = RelationGetRelid(trigdata->tg_relation);
	ModelLeaf  *leaf = model_leaf(model_current(), relid);
	TupleDesc	desc = RelationGetDescr(trigdata->tg_relation);
	ModelTable *table = leaf->table;
	Statement  *statement = access_statement_of(query);
	Datum		before;
	Datum		after;

	if (statement != NULL)
	{
		statement->updated_leaf = relid;
		statement->updated = trigdata->tg_trigtuple->t_self;
	}
	if (table == NULL || table->broken != NULL || !table->access_control)
		return;
	before = model_key_of_tuple(leaf, trigdata->tg_trigtuple, desc);
	after = model_key_of_tuple(leaf, trigdata->tg_newtuple, desc);
	if (model_key_equal(table, before, after))
		return;
	/* what reads the row may renew the model */
	model_pin(table->model, CurrentMemoryContext);
	if (is_given_again(query, table, after))
		access_motion_refuse(table);
	if (judged && access_motion_any() &&
		(in_motion(statement, table, before) || in_motion(statement, table, after)))
		access_motion_refuse(table);
	access_motion_note(end_of(query), end_of(query) != query, table, before, &after);
}

void
enforce_leaves_key(MemoryContext query, TriggerData *trigdata)
{
	ModelLeaf  *leaf = model_leaf(model_current(), RelationGetRelid(trigdata->tg_relation));

	if (leaf->table == NULL || leaf->table->broken != NULL || !leaf->table->access_control ||
		is_moved(access_statement_of(query), trigdata))
		return;
	access_motion_note(end_of(query), end_of(query) != query, leaf->table,
					   model_key_of_tuple(leaf, trigdata->tg_trigtuple, RelationGetDescr(trigdata->tg_relation)), NULL);
}

void
enforce_takes_key(EnforceState *state, ModelTable *table, Datum key)
{
	if (access_motion_any() && access_motion_given(state->statement, table, key))
		access_motion_refuse(table);
}
