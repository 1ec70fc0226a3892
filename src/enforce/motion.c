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
#include "enforce/enforce.h"
#include "model/key.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* The row version that an UPDATE has been asked about last: one that it takes to another partition is deleted there. */
static MemoryContext updating = NULL;
static CommandId updating_cid = InvalidCommandId;
static Oid	updated_leaf = InvalidOid;
static ItemPointerData updated;

static bool
is_moved(MemoryContext query, TriggerData *trigdata)
{
	return updating == query && updating_cid == GetActiveSnapshot()->curcid &&
		updated_leaf == RelationGetRelid(trigdata->tg_relation) &&
		ItemPointerEquals(&updated, &trigdata->tg_trigtuple->t_self);
}

/* by another statement */
static bool
in_motion(Statement *statement, ModelTable *table, Datum key)
{
	return access_motion_left_by_other(statement, table, key) || access_motion_given(statement, table, key);
}

static void
note(MemoryContext query, ModelTable *table, Datum before, Datum *after)
{
	Statement  *statement = access_statement_queueing(query);
	MemoryContext end = statement != NULL ? statement->query : query;

	access_motion_note(end, end != query, table, before, after);
}

void
enforce_moves_key(MemoryContext query, TriggerData *trigdata, bool judged)
{
	Oid			relid = RelationGetRelid(trigdata->tg_relation);
	ModelLeaf  *leaf = model_leaf(model_current(), relid);
	TupleDesc	desc = RelationGetDescr(trigdata->tg_relation);
	ModelTable *table = leaf->table;
	Datum		before;
	Datum		after;

	updating = query;
	updating_cid = GetActiveSnapshot()->curcid;
	updated_leaf = relid;
	updated = trigdata->tg_trigtuple->t_self;
	if (table == NULL || table->broken != NULL || !table->access_control)
		return;
	before = model_key_of_tuple(leaf, trigdata->tg_trigtuple, desc);
	after = model_key_of_tuple(leaf, trigdata->tg_newtuple, desc);
	if (model_key_equal(table, before, after))
		return;
	if (judged && access_motion_any() &&
		(in_motion(access_statement_of(query), table, before) || in_motion(access_statement_of(query), table, after)))
		access_motion_refuse(table);
	note(query, table, before, &after);
}

void
enforce_leaves_key(MemoryContext query, TriggerData *trigdata)
{
	ModelLeaf  *leaf = model_leaf(model_current(), RelationGetRelid(trigdata->tg_relation));

	if (leaf->table == NULL || leaf->table->broken != NULL || !leaf->table->access_control ||
		is_moved(query, trigdata))
		return;
	note(query, leaf->table,
		 model_key_of_tuple(leaf, trigdata->tg_trigtuple, RelationGetDescr(trigdata->tg_relation)), NULL);
}

void
enforce_takes_key(EnforceState *state, ModelTable *table, Datum key)
{
	if (access_motion_any() && access_motion_given(state->statement, table, key))
		access_motion_refuse(table);
}
