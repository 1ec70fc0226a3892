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
#include "executor/spi.h"
#include "model/key.h"
#include "nodes/execnodes.h"
#include "rows/rows.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

/* May the statement delete rows of the tables that it changes?  A CTE may as well. */
static bool
may_delete(EnforceState *state)
{
	PlannedStmt *plan = state->estate->es_plannedstmt;

	return list_length(plan->resultRelations) > 1 ||
		(plan->commandType != CMD_UPDATE && plan->commandType != CMD_INSERT);
}

/* what the others are asked */
typedef struct Others
{
	Statement  *statement;		/* whose others */
	Oid			relid;
	bool		any;
	CommandId	cid;			/* of the first that may delete rows of the
								 * table */
} Others;

static void
ask_other(Statement *statement, void *arg)
{
	Others	   *others = arg;
	EnforceState *state = statement->notes;
	ListCell   *lc;

	if (statement == others->statement || state == NULL ||
		state->estate->es_plannedstmt->resultRelations == NIL || !may_delete(state))
		return;
	foreach(lc, state->targets)
	{
		if (((EnforceTarget *) lfirst(lc))->relid != others->relid)
			continue;
		others->cid = others->any ? Min(others->cid, state->cid) : state->cid;
		others->any = true;
	}
}

/* Had a row the key when that command began? */
static bool
had_row(ModelTable *table, Datum key, CommandId cid)
{
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	DatumSet   *keys = rows_set_make(model_key_type(table));
	bool		found;

	snapshot->curcid = cid;
	rows_set_add(keys, key);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	found = rows_read(table, keys, snapshot)->found[0] >= 0;
	SPI_finish();
	UnregisterSnapshot(snapshot);
	return found;
}

/* by another statement */
static bool
in_motion(Statement *statement, ModelTable *table, Datum key)
{
	return access_motion_left_by_other(statement, table, key) || access_motion_given(statement, table, key);
}

static void
judge_others(Statement *statement, ModelTable *table, Datum before, Datum after)
{
	Others		others = {.statement = statement,.relid = table->relid};

	if (access_motion_any() && (in_motion(statement, table, before) || in_motion(statement, table, after)))
		access_motion_refuse(table);
	access_statements_running(ask_other, &others);
	if (others.any && had_row(table, after, others.cid))
		access_motion_refuse(table);
}

void
enforce_moves_key(MemoryContext query, TriggerData *trigdata, bool judged)
{
	ModelLeaf  *leaf = model_leaf(model_current(), RelationGetRelid(trigdata->tg_relation));
	TupleDesc	desc = RelationGetDescr(trigdata->tg_relation);
	Statement  *statement = access_statement_of(query);
	Statement  *outside;
	Datum		before;
	Datum		after;

	if (leaf->table == NULL || leaf->table->broken != NULL || !leaf->table->access_control)
		return;
	before = model_key_of_tuple(leaf, trigdata->tg_trigtuple, desc);
	after = model_key_of_tuple(leaf, trigdata->tg_newtuple, desc);
	if (model_key_equal(leaf->table, before, after))
		return;
	if (judged)
		judge_others(statement, leaf->table, before, after);
	outside = access_statement_queueing(query);
	access_motion_note(outside != NULL ? outside->query : query, leaf->table, before, after,
					   statement == NULL || statement->notes == NULL || may_delete(statement->notes));
}

void
enforce_takes_key(EnforceState *state, ModelTable *table, Datum key)
{
	if (access_motion_any() && access_motion_given(state->statement, table, key))
		access_motion_refuse(table);
}
