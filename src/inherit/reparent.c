/*
 * reparent.c
 *		Access after a lookup changes (SEMANTICS 3.4).
 *
 * EXAMPLE.  Account 1 is ann's, account 2 is bob's; contact 10 has no owner and belongs to account 1; reparent is all.
 * UPDATE contact SET account_id = 2 WHERE id = 10:
 *
 *					before						after
 *	account 1		ann's						ann's
 *	account 2		bob's						bob's
 *	contact 10		ann: reparent, all			bob: reparent, all
 *
 * Ann's entry came through the lookup and goes; each who has rights on account 2 gets an entry with these, but for the
 * contact's owner.  The net change goes further down: a task of the contact's gives ann's inherited bits up, and bob
 * inherits them, unless it is his own.  Somebody who has rights on both accounts loses and gains nothing further down.
 *
 * All rows of the statement together: first every entry that came through a
 * changed lookup goes, then what the new primary rows give comes, then the net
 * change of each row goes down.
 *
 * A row is either fresh (inserted by the statement: nobody holds anything on it,
 * nobody else sees it) or changed: then what was held on it before is read.  When
 * the statement has assigned rows, too, an inserted row may have got entries by
 * that, and counts as changed.  When a trigger's statement was flushed in between,
 * rows may point elsewhere by now, and be linked already: what they point to and
 * hold is read.
 *
 * A row that points to nothing, by a deferred key, is linked when its primary row
 * comes: see arrive.c.
 */
#include "relmeta.h"

#include "inherit/inherit.h"
#include "inherit/moves.h"
#include "model/key.h"
#include "rows/act.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* ---- first half: away with what came through the changed lookups ---- */

/* Is lookup no. i the only one of the table whose moves are looked at? */
static bool
moves_alone(TableMoves *moves, int i)
{
	for (int k = 0; k < moves->changes->nlookups; k++)
		if (k != i && collect_unseen(moves->changes->lookups[k].moved, moves->step))
			return false;
	return true;
}

/* Are rows of the moves from first on all different? */
static bool
each_once(RowList *moved, int64 first)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "relmeta moved rows", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(scratch);
	bool		once = rows_list_values(moved, first, moved->nrows, MOVED_KEY)->nrows == moved->nrows - first;

	MemoryContextSwitchTo(old);
	MemoryContextDelete(scratch);
	return once;
}

/*
 * Sorts the moves of lookup no. i when they are many, and all of them alike: then no set of them is kept.  False when
 * they are not.
 */
static bool
sort_alike(TableMoves *moves, int i, bool assigned)
{
	ChangeList *moved = moves->changes->lookups[i].moved;
	LookupMoves *of = &moves->lookups[i];
	int64		first = collect_unseen_from(moved, moves->step);
	int64		inserted = 0;
	int64		n = moved->rows->nrows - first;
	Datum		values[MOVED_COLUMNS];
	bool		nulls[MOVED_COLUMNS];

	if (moved->rows->spill == NULL || moves->changes->frame->others_flushed || !moves_alone(moves, i))
		return false;
	for (int64 row = first; row < moved->rows->nrows; row++)
	{
		rows_list_get(moved->rows, row, values, nulls);
		inserted += !nulls[MOVED_INSERTED];
	}
	if (inserted != 0 && inserted != n)
		return false;
	if (inserted == 0 && !each_once(moved->rows, first))
		return false;
	of->once = true;
	of->all = inserted == 0 || assigned;
	return true;
}

/* Sorts the moves of lookup no. i: rows whose entries through it go, and those that follow a key. */
static void
sort_moves(TableMoves *moves, int i, bool assigned)
{
	TableChanges *changes = moves->changes;
	ChangeList *moved = changes->lookups[i].moved;
	LookupMoves *of = &moves->lookups[i];
	ModelRelationship *relationship = list_nth(model_as_related(changes->table), i);
	Datum		values[MOVED_COLUMNS];
	bool		nulls[MOVED_COLUMNS];
	Rekeyed		rekeyed;
	int64		inserted = 0;
	int64		changed = 0;

	inherit_rekeyed_read(&rekeyed, changes->frame, relationship->primary);
	if (rekeyed.rows == NULL && moved != NULL && sort_alike(moves, i, assigned))
		return;
	for (int64 row = collect_unseen_from(moved, moves->step); moved != NULL && row < moved->rows->nrows; row++)
	{
		rows_list_get(moved->rows, row, values, nulls);
		if (inherit_follows_key(&rekeyed, values, nulls))
			rows_set_add(of->following, values[MOVED_KEY]);
		else if (nulls[MOVED_INSERTED] || assigned)
			rows_set_add(of->relinked, values[MOVED_KEY]);
		if (nulls[MOVED_INSERTED])
			changed++;
		else
			inserted++;
	}

	/*
	 * a statement inserts a row once, which a foreign key's action may change
	 * then
	 */
	of->once = inserted == 0 ? changed == of->relinked->count + of->following->count : changed == 0;
}

/* Adds the rows of moves [from, upto) of lookup no. i but of those that follow a key. */
static void
add_moved(TableMoves *moves, int i, int64 from, int64 upto, DatumSet *keys)
{
	Datum		values[MOVED_COLUMNS];
	bool		nulls[MOVED_COLUMNS];

	for (int64 row = from; row < upto; row++)
	{
		rows_list_get(moves->changes->lookups[i].moved->rows, row, values, nulls);
		if (rows_set_find(moves->lookups[i].following, values[MOVED_KEY]) < 0)
			rows_set_add(keys, values[MOVED_KEY]);
	}
}

/* The rows of a table on which something is to be read before it is linked. */
static DatumSet *
rows_to_read(TableMoves *moves)
{
	TableChanges *changes = moves->changes;
	DatumSet   *keys;

	if (changes->nlookups == 1 && !changes->frame->others_flushed)
		return moves->lookups[0].relinked;
	keys = rows_set_make(model_key_type(changes->table));
	for (int i = 0; i < changes->nlookups; i++)
	{
		ChangeList *moved = changes->lookups[i].moved;
		DatumSet   *relinked = moves->lookups[i].relinked;

		for (int k = 0; k < relinked->count; k++)
			rows_set_add(keys, relinked->values[k]);
		if (changes->frame->others_flushed && moved != NULL)
			add_moved(moves, i, collect_unseen_from(moved, moves->step), moved->rows->nrows, keys);
	}
	return keys;
}

/* The rows of lookup no. i, all of which are relinked. */
static void
unlink_all(TableMoves *moves, int i)
{
	ChangeList *moved = moves->changes->lookups[i].moved;
	RowSlice	slice;

	moves->reading_all = i;
	rows_slice_begin(&slice, moved->rows, collect_unseen_from(moved, moves->step), moved->rows->nrows);
	while (rows_slice_next(&slice))
		inherit_moves_read(moves, rows_list_distinct(moved->rows, slice.from, slice.upto, MOVED_KEY));
	moves->reading_all = -1;
}

/* so many rows are locked and read together */
#define UNLINK_ROWS 100000

/* The rows that sets have. */
static void
unlink_rows(TableMoves *moves)
{
	DatumSet   *keys = rows_to_read(moves);
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext, "relmeta unlink", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(cxt);

	for (int from = 0; from < keys->count; from += UNLINK_ROWS)
	{
		DatumSet   *some;

		MemoryContextReset(cxt);
		some = rows_set_make(keys->type);
		for (int k = from; k < Min(from + UNLINK_ROWS, keys->count); k++)
			rows_set_add(some, keys->values[k]);
		inherit_moves_read(moves, some);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(cxt);
}

/* ---- second half: what the new primary rows give, see link.c ---- */

/*
 * Of moves [from, upto) of lookup no. i, the rows that may inherit: all changed ones but those
 * that follow a key; of the fresh ones those whose primary row somebody else owns, or
 * on whose primary row somebody holds entries.  (The owner of a fresh row is taken from
 * the event: only an assign changes it later, and then no row counts as fresh.)
 */
static DatumSet *
candidates(TableMoves *moves, int i, int64 from, int64 upto, ModelRelationship *relationship, Parents *parents)
{
	TableChanges *changes = moves->changes;
	RowList    *moved = changes->lookups[i].moved->rows;
	DatumSet   *keys = rows_set_make(model_key_type(changes->table));
	ModelTable *primary = relationship->primary;
	Datum		values[MOVED_COLUMNS];
	bool		nulls[MOVED_COLUMNS];

	for (int64 row = from; row < upto; row++)
	{
		int			p;

		rows_list_get(moved, row, values, nulls);
		if (nulls[MOVED_NEW])
			continue;
		p = inherit_parents_index(parents, values[MOVED_NEW]);
		if (p < 0)
		{
			inherit_moves_wait(moves, relationship, values[MOVED_KEY], values[MOVED_NEW]);
			continue;
		}
		if (inherit_moves_relinked(moves, i, values[MOVED_KEY]) ||
			(rows_set_find(moves->lookups[i].following, values[MOVED_KEY]) < 0 &&
			 (parents->held[p].count > 0 ||
			  (inherit_parents_owned(parents, p) &&
			   (nulls[MOVED_OWNER] || changes->table->owner.name == NULL ||
				!model_type_equal(&primary->owner.type, rows_owner(parents->rows, p)->value, values[MOVED_OWNER]))))))
			rows_set_add(keys, values[MOVED_KEY]);
	}
	return keys;
}

/* Where rows of one table are linked to each other: those below the candidates, too. */
static void
add_below_candidates(TableMoves *moves, int i, DatumSet *keys)
{
	TableChanges *changes = moves->changes;
	RowList    *moved = changes->lookups[i].moved->rows;
	Datum		values[MOVED_COLUMNS];
	bool		nulls[MOVED_COLUMNS];

	if (keys->count == 0)
		return;
	for (int64 row = collect_unseen_from(changes->lookups[i].moved, moves->step); row < moved->nrows; row++)
	{
		rows_list_get(moved, row, values, nulls);
		if (!nulls[MOVED_NEW] && !nulls[MOVED_INSERTED])
			rows_set_add(keys, values[MOVED_KEY]);
	}
}

/* Links the rows of moves [from, upto) of lookup no. i.  may_exist: they may be linked already. */
static void
link_some(TableMoves *moves, int i, int64 from, int64 upto, ModelRelationship *relationship, bool may_exist)
{
	TableChanges *changes = moves->changes;
	DatumSet   *keys;
	Parents    *parents = NULL;

	if (changes->frame->others_flushed)
	{
		keys = rows_set_make(model_key_type(changes->table));
		add_moved(moves, i, from, upto, keys);
	}
	else
	{
		DatumSet   *lookups = rows_list_distinct(changes->lookups[i].moved->rows, from, upto, MOVED_NEW);

		parents = inherit_parents_read(moves->effects, relationship->primary, lookups, true,
									   collect_pointed_to(changes->frame, relationship->primary, lookups));
		keys = candidates(moves, i, from, upto, relationship, parents);
		if (relationship->primary == relationship->related)
			add_below_candidates(moves, i, keys);
	}
	inherit_moves_link(moves, relationship, keys, parents, may_exist || changes->frame->others_flushed);
}

/* Does any of moves [from, upto) of lookup no. i inherit something from what it points to? */
static bool
any_inherits(TableMoves *moves, int i, int64 from, int64 upto, ModelRelationship *relationship)
{
	DatumSet   *lookups = rows_list_distinct(moves->changes->lookups[i].moved->rows, from, upto, MOVED_NEW);
	Parents    *parents = inherit_parents_read(moves->effects, relationship->primary, lookups, true, NULL);

	return candidates(moves, i, from, upto, relationship, parents)->count > 0;
}

/* Adds the keys of moves [from, upto) of lookup no. i: of all rows that may inherit when those above them do. */
static void
add_linkable(TableMoves *moves, int i, int64 from, int64 upto, RowList *keys)
{
	LookupMoves *of = &moves->lookups[i];
	Datum		values[MOVED_COLUMNS];
	bool		nulls[MOVED_COLUMNS];

	for (int64 row = from; row < upto; row++)
	{
		rows_list_get(moves->changes->lookups[i].moved->rows, row, values, nulls);
		if (moves->changes->frame->others_flushed ? rows_set_find(of->following, values[MOVED_KEY]) < 0 :
			!nulls[MOVED_NEW] &&
			(!nulls[MOVED_INSERTED] || inherit_moves_relinked(moves, i, values[MOVED_KEY])))
			rows_list_add(keys, &values[MOVED_KEY], &nulls[MOVED_KEY]);
	}
}

/* Links rows of a table to itself whose lookup no. i changed, from row first of the list on: more than a slice. */
static void
link_itself(TableMoves *moves, int i, int64 first, ModelRelationship *relationship)
{
	RowList    *moved = moves->changes->lookups[i].moved->rows;
	RowList    *keys = rows_list_make(1, &moved->types[MOVED_KEY]);
	bool		flushed = moves->changes->frame->others_flushed;
	bool		any = flushed;
	RowSlice	slice;

	rows_slice_begin(&slice, moved, first, moved->nrows);
	while (rows_slice_next(&slice))
	{
		any = any || any_inherits(moves, i, slice.from, slice.upto, relationship);
		add_linkable(moves, i, slice.from, slice.upto, keys);
	}
	if (!any || keys->nrows == 0)
		return;
	if (!moves->lookups[i].once)
		keys = rows_list_values(keys, 0, keys->nrows, 0);
	inherit_moves_link_list(moves, relationship, keys, flushed);
}

/*
 * Links the rows whose lookup no. i changed, in slices.  Those of a table to itself inherit from each other, so that
 * one goes after the other: all are put in order first.  A row may stand in two slices, unless ->once.
 */
static void
link_moved(TableMoves *moves, int i, ModelRelationship *relationship, bool itself)
{
	RowList    *moved = moves->changes->lookups[i].moved->rows;
	int64		first = collect_unseen_from(moves->changes->lookups[i].moved, moves->step);
	RowSlice	slice;

	if (itself && moved->nrows - first > rows_list_batch_rows(moved))
	{
		link_itself(moves, i, first, relationship);
		return;
	}
	rows_slice_begin(&slice, moved, first, moved->nrows);
	while (rows_slice_next(&slice))
		link_some(moves, i, slice.from, slice.upto, relationship, slice.from > first && !moves->lookups[i].once);
}

/* Links the rows whose lookups changed, through the relationships from other tables or to the table itself. */
static void
link_lookups(TableMoves *moves, bool itself)
{
	TableChanges *changes = moves->changes;

	for (int i = 0; i < changes->nlookups; i++)
	{
		ModelRelationship *relationship = list_nth(model_as_related(changes->table), i);

		if ((relationship->primary == relationship->related) != itself ||
			!collect_unseen(changes->lookups[i].moved, moves->step))
			continue;
		if (behavior_cascades(relationship->behavior[ACTION_REPARENT]) && inherit_same_principals(relationship))
			link_moved(moves, i, relationship, itself);
		collect_mark_seen(changes->lookups[i].moved, moves->step);
	}
}

static bool
has_moves(TableChanges *changes, const FlushStep *step)
{
	if (!OidIsValid(changes->table->entry_relid))
		return false;
	for (int i = 0; i < changes->nlookups; i++)
		if (collect_unseen(changes->lookups[i].moved, step))
			return true;
	return collect_unseen(changes->arrived, step) || collect_unseen(changes->taken, step) ||
		(changes->want_left && collect_unseen(changes->deleted, step)) ||
		(changes->want_access && collect_unseen(changes->rekeyed, step));
}

/* SEMANTICS 3.4, for all rows of a statement and its cascades that point elsewhere; see inherit.h. */
void
inherit_moved(Frame *frame, const FlushStep *step, bool assigned)
{
	List	   *tables = NIL;
	List	   *all = NIL;
	Effects    *effects;
	ListCell   *lc;

	foreach(lc, collect_tables_downwards(frame))
		if (has_moves(lfirst(lc), step))
		tables = lappend(tables, lfirst(lc));
	if (tables == NIL)
		return;

	effects = inherit_effects_begin(false);
	foreach(lc, tables)
	{
		TableMoves *moves = inherit_moves_of(effects, step, frame, ((TableChanges *) lfirst(lc))->table, &all);

		for (int i = 0; i < moves->changes->nlookups; i++)
			sort_moves(moves, i, assigned);
	}
	foreach(lc, list_copy(all))
		inherit_arrive_find(lfirst(lc), &all);
	foreach(lc, all)
	{
		TableMoves *moves = lfirst(lc);

		for (int i = 0; i < moves->changes->nlookups; i++)
			if (moves->lookups[i].all)
				unlink_all(moves, i);
		unlink_rows(moves);
	}
	foreach(lc, tables)
	{
		TableMoves *moves = inherit_moves_of(effects, step, frame, ((TableChanges *) lfirst(lc))->table, &all);

		/*
		 * what comes from other tables first, then what rows of this table
		 * give each other
		 */
		link_lookups(moves, false);
		link_lookups(moves, true);
		inherit_arrive_link(moves, all);
	}
	foreach(lc, all)
		inherit_moves_pass(lfirst(lc));
	inherit_effects_run(effects);
	inherit_effects_end(effects);
}
