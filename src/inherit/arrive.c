/*
 * arrive.c
 *		Primary rows that come after the rows that point to them, under a deferrable
 *		key, or get a key that another had, or has left (SEMANTICS 3.4): these are linked as
 *		if their lookup had been set then.
 *
 * A primary row that this transaction inserts, or whose key it changes, finds the
 * rows by a query, in the statement.  One of another session's, which could not see
 * them, has come when we commit, or the foreign key refuses that: so who points to
 * nothing is remembered (waiting.c), and linked as the last thing before the commit,
 * when the key's own check holds the primary row.  Nobody waits for anybody whom the
 * key does not wait for.
 */
#include "relmeta.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "inherit/inherit.h"
#include "inherit/moves.h"
#include "model/key.h"
#include "rows/key_file.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

/* May rows point to a key before a row has it, and inherit from that? */
static bool
may_wait(ModelRelationship *relationship)
{
	return relationship->broken == NULL && behavior_cascades(relationship->behavior[ACTION_REPARENT]) &&
		model_relationship_deferrable(relationship) && inherit_same_principals(relationship);
}

/* Does a row have what its primary row gave it, or is to give it, whatever its key? */
static bool
goes_with_key(ModelRelationship *relationship)
{
	if (relationship->broken != NULL || !inherit_same_principals(relationship))
		return false;
	return behavior_cascades(relationship->behavior[ACTION_REPARENT]) || !access_entries_empty(relationship->related);
}

/* ---- in the statement in which the primary rows come ---- */

/* The rows whose lookup no. i the statement has changed. */
static KeyFile *
moved_rows(TableMoves *moves, int i)
{
	ChangeList *moved = moves->changes->lookups[i].moved;
	LookupMoves *of = &moves->lookups[i];
	Datum		values[MOVED_COLUMNS];
	bool		nulls[MOVED_COLUMNS];

	if (of->moved != NULL)
		return of->moved;
	of->moved = rows_key_file_make(model_key_type(moves->table));
	for (int64 row = collect_unseen_from(moved, moves->step); moved != NULL && row < moved->rows->nrows; row++)
	{
		rows_list_get(moved->rows, row, values, nulls);
		rows_key_file_add(of->moved, values[MOVED_KEY]);
	}
	return of->moved;
}

/*
 * Rows that point to the keys, but for those whose lookup the statement has changed: they are linked anyway, or
 * follow a key.
 */
static void
find_waiting(TableMoves *primary, ModelRelationship *relationship, DatumSet *parents, Snapshot snapshot, List **all)
{
	RowList    *children = rows_related(relationship, parents, BEHAVIOR_ALL, ROW_UNLOCKED, snapshot);
	MemoryContext old;
	TableMoves *moves;
	KeyFile    *moved;
	Datum		values[CHILD_COLUMNS];
	bool		nulls[CHILD_COLUMNS];
	int			i;

	if (children->nrows == 0)
		return;
	old = MemoryContextSwitchTo(primary->cxt);
	moves = inherit_moves_of(primary->effects, primary->step, primary->changes->frame, relationship->related, all);
	i = inherit_moves_lookup(moves, relationship);
	moved = moved_rows(moves, i);
	MemoryContextSwitchTo(old);
	for (int64 row = 0; row < children->nrows; row++)
	{
		rows_list_get(children, row, values, nulls);
		if (!rows_key_file_holds(moved, values[CHILD_KEY]) &&
			rows_set_add(moves->lookups[i].waiting, values[CHILD_KEY]))
			inherit_moves_change(moves, values[CHILD_KEY], i);
	}
}

/* What keys to find rows of: those that have come, */
typedef enum FindBy
{
	FIND_ARRIVED,				/* and that a deferrable key may have let
								 * others point to, */
	FIND_TAKEN,					/* or others have pointed to before */
	FIND_UPDATED,				/* and those that were left: by an UPDATE, */
	FIND_DELETED				/* or a DELETE */
} FindBy;

static bool
concerns(ModelRelationship *relationship, FindBy by)
{
	if (by == FIND_ARRIVED)
		return may_wait(relationship);
	return goes_with_key(relationship) &&
		(by == FIND_TAKEN || (relationship->foreign_key && model_relationship_left(relationship, by == FIND_DELETED)));
}

/* The keys stand in a column of one of the lists.  Snapshot NULL: who points to them is as it is now. */
static void
find_all_waiting(TableMoves *primary, ChangeList *list, int column, FindBy by, Snapshot snapshot, List **all)
{
	RowSlice	slice;
	ListCell   *lc;

	if (!collect_unseen(list, primary->step))
		return;
	rows_slice_begin(&slice, list->rows, collect_unseen_from(list, primary->step), list->rows->nrows);
	while (rows_slice_next(&slice))
	{
		DatumSet   *parents = rows_list_distinct(list->rows, slice.from, slice.upto, column);

		foreach(lc, model_as_primary(primary->table))
			if (concerns(lfirst(lc), by))
			find_waiting(primary, lfirst(lc), parents, snapshot, all);
	}
}

/*
 * A native key of NO ACTION is content with any row that has the key in the end.  Rows that still point to a key which
 * its row has left are another row's by now, whoever has given it the key, and where; or a deferred key lets them point
 * to none.
 */
static void
find_all_left(TableMoves *primary, List **all)
{
	TableChanges *changes = primary->changes;

	if (changes->want_left)
		find_all_waiting(primary, changes->deleted, 0, FIND_DELETED, NULL, all);
	find_all_waiting(primary, changes->rekeyed, REKEYED_OLD, FIND_UPDATED, NULL, all);
}

void
inherit_arrive_find(TableMoves *primary, List **all)
{
	TableChanges *changes = primary->changes;
	Snapshot	before;

	if (changes->want_arrived)
		find_all_waiting(primary, changes->arrived, 0, FIND_ARRIVED, NULL, all);
	find_all_left(primary, all);
	if (!collect_unseen(changes->rekeyed, primary->step) && !collect_unseen(changes->taken, primary->step))
		return;

	/*
	 * before the statement, as far as it is ours: those that follow their
	 * primary row's key point there by now, and their events may still be to
	 * come
	 */
	before = RegisterSnapshot(GetLatestSnapshot());
	before->curcid = changes->frame->cid;
	find_all_waiting(primary, changes->rekeyed, REKEYED_NEW, FIND_TAKEN, before, all);
	find_all_waiting(primary, changes->taken, 0, FIND_TAKEN, before, all);
	UnregisterSnapshot(before);
}

/* Those of one table that wait for rows of another. */
static void
link_waiting(TableMoves *moves, ModelTable *primary)
{
	ListCell   *lc;

	foreach(lc, model_as_related(moves->table))
	{
		ModelRelationship *relationship = lfirst(lc);
		DatumSet   *keys = moves->lookups[foreach_current_index(lc)].waiting;

		if (relationship->primary->relid != primary->relid || keys->count == 0)
			continue;
		inherit_waiting_linked(relationship, keys);
		if (behavior_cascades(relationship->behavior[ACTION_REPARENT]))
			inherit_moves_link(moves, relationship, keys, NULL, true);
	}
}

void
inherit_arrive_link(TableMoves *primary, List *all)
{
	TableChanges *changes = primary->changes;
	ListCell   *lc;

	if (changes->arrived == NULL && changes->rekeyed == NULL && changes->taken == NULL &&
		!(changes->want_left && changes->deleted != NULL))
		return;
	foreach(lc, all)
		link_waiting(lfirst(lc), primary->table);
	if (changes->arrived != NULL)
		collect_mark_seen(changes->arrived, primary->step);
	if (changes->want_left && changes->deleted != NULL)
		collect_mark_seen(changes->deleted, primary->step);
	if (changes->rekeyed != NULL)
		collect_mark_seen(changes->rekeyed, primary->step);
	if (changes->taken != NULL)
		collect_mark_seen(changes->taken, primary->step);
}

/* ---- when the transaction ends ---- */

/* Of the rows with those keys, the ones that still point where they did when there was nothing. */
static DatumSet *
still_pointing(ModelRelationship *relationship, DatumSet *keys, DatumSet *lookups)
{
	DatumSet   *pointing = rows_set_make(keys->type);
	DatumSet   *found;
	RowList    *rows = rows_linked(relationship, keys, BEHAVIOR_ALL, NULL, &found);
	Datum		values[3];
	bool		nulls[3];

	for (int64 row = 0; row < rows->nrows; row++)
	{
		rows_list_get(rows, row, values, nulls);
		if (rows_set_find(lookups, values[LINKED_LOOKUP]) >= 0)
			rows_set_add(pointing, values[LINKED_KEY]);
	}
	return pointing;
}

/* What waits in one table. */
static void
link_late(Effects *effects, ModelTable *table, List **all)
{
	ListCell   *lc;

	foreach(lc, model_as_related(table))
	{
		ModelRelationship *relationship = lfirst(lc);
		DatumSet   *lookups;
		DatumSet   *keys = inherit_waiting_rows(relationship, &lookups);
		TableMoves *moves;

		if (keys == NULL || !may_wait(relationship))
			continue;
		keys = still_pointing(relationship, keys, lookups);
		moves = inherit_moves_of(effects, NULL, NULL, table, all);
		for (int k = 0; k < keys->count; k++)
			inherit_moves_change(moves, keys->values[k], CHANGED_NONE);
		inherit_moves_unlink(moves);
		inherit_moves_link(moves, relationship, keys, NULL, true);
	}
}

static void
link_all_late(void)
{
	MemoryContext cxt;
	MemoryContext old;
	Effects    *effects;
	List	   *all = NIL;
	ListCell   *lc;

	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	cxt = AllocSetContextCreate(CurrentMemoryContext, "relmeta late links", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(cxt);
	effects = inherit_effects_begin(false);
	foreach(lc, model_tables_downwards(effects->model))
		link_late(effects, lfirst(lc), &all);
	foreach(lc, all)
		inherit_moves_pass(lfirst(lc));
	inherit_effects_run(effects);
	inherit_effects_end(effects);
	MemoryContextSwitchTo(old);
	SPI_finish();
	PopActiveSnapshot();
}

/*
 * Deferred triggers have fired.  What is done here fires none of users': rows are read and locked in restricted
 * operations, entries written without SQL.  (An administrator's own trigger on an entry table fires, but for a deferred
 * one.)
 */
static void
arrive_xact_callback(XactEvent event, void *arg)
{
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
		case XACT_EVENT_PRE_PREPARE:
			if (inherit_waiting_any())
				link_all_late();
			inherit_waiting_forget();
			break;
		case XACT_EVENT_ABORT:
			inherit_waiting_forget();
			break;
		default:
			break;
	}
}

void
inherit_arrive_init(void)
{
	RegisterXactCallback(arrive_xact_callback, NULL);
}
