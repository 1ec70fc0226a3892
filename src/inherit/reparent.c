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

/* Do the entries of a move's row go that came through the lookup?  It does not follow a key. */
static bool
is_relinked(TableMoves *moves, bool *nulls)
{
	return nulls[MOVED_INSERTED] || moves->assigned;
}

/* Sorts the moves of lookup no. i: rows whose entries through it go, and those on which something is to be read. */
static void
sort_moves(TableMoves *moves, int i)
{
	TableChanges *changes = moves->changes;
	ChangeList *moved = changes->lookups[i].moved;
	LookupMoves *of = &moves->lookups[i];
	ModelRelationship *relationship = list_nth(model_as_related(changes->table), i);
	Datum		values[MOVED_COLUMNS];
	bool		nulls[MOVED_COLUMNS];
	int64		inserted = 0;
	int64		changed = 0;
	int64		following = 0;

	inherit_rekeyed_read(&of->rekeyed, changes->frame, relationship->primary);
	for (int64 row = collect_unseen_from(moved, moves->step); moved != NULL && row < moved->rows->nrows; row++)
	{
		rows_list_get(moved->rows, row, values, nulls);
		if (inherit_follows_key(&of->rekeyed, values, nulls))
			following++;
		else if (is_relinked(moves, nulls))
			inherit_moves_change(moves, values[MOVED_KEY], i);
		else if (changes->frame->others_flushed)
			inherit_moves_change(moves, values[MOVED_KEY], CHANGED_NONE);
		if (nulls[MOVED_INSERTED])
			changed++;
		else
			inserted++;
	}

	/*
	 * a statement inserts a row once, which a foreign key's action may change
	 * then; whether one has changed twice is seen when it is unlinked
	 */
	of->once = following == 0 && (inserted == 0 || changed == 0);
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
		if (!inherit_follows_key(&moves->lookups[i].rekeyed, values, nulls))
			rows_set_add(keys, values[MOVED_KEY]);
	}
}

/* ---- second half: what the new primary rows give, see link.c ---- */

/*
 * Of moves [from, upto) of lookup no. i, the rows that may inherit: all changed ones but those
 * that follow a key; of the fresh ones those whose primary row somebody else owns, or
 * on whose primary row somebody holds entries, and all when keys of primary rows have
 * changed, which they may have followed since.  (The owner of a fresh row is taken from
 * the event: only an assign changes it later, and then no row counts as fresh.)
 */
static DatumSet *
candidates(TableMoves *moves, int i, int64 from, int64 upto, ModelRelationship *relationship, Parents *parents)
{
	TableChanges *changes = moves->changes;
	RowList    *moved = changes->lookups[i].moved->rows;
	DatumSet   *keys = rows_set_make(model_key_type(changes->table));
	ModelTable *primary = relationship->primary;
	Rekeyed    *rekeyed = &moves->lookups[i].rekeyed;
	Datum		values[MOVED_COLUMNS];
	bool		nulls[MOVED_COLUMNS];

	for (int64 row = from; row < upto; row++)
	{
		int			p;

		rows_list_get(moved, row, values, nulls);
		if (nulls[MOVED_NEW])
			continue;
		if (rekeyed->rows != NULL && !nulls[MOVED_INSERTED])
		{
			rows_set_add(keys, values[MOVED_KEY]);
			continue;
		}
		p = inherit_parents_index(parents, values[MOVED_NEW]);
		if (p < 0)
		{
			inherit_moves_wait(moves, relationship, values[MOVED_KEY], values[MOVED_NEW]);
			continue;
		}
		if (inherit_follows_key(rekeyed, values, nulls))
			continue;
		if (is_relinked(moves, nulls) || parents->held[p].count > 0 ||
			(inherit_parents_owned(parents, p) &&
			 (nulls[MOVED_OWNER] || changes->table->owner.name == NULL ||
			  !model_type_equal(&primary->owner.type, rows_owner(parents->rows, p)->value, values[MOVED_OWNER]))))
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
		/* what they point to was read by the keys that they were given */
		if (moves->lookups[i].rekeyed.rows != NULL)
			parents = NULL;
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
		if (!nulls[MOVED_INSERTED] || (!inherit_follows_key(&of->rekeyed, values, nulls) &&
									   (moves->changes->frame->others_flushed || !nulls[MOVED_NEW])))
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

		moves->assigned = assigned;
		for (int i = 0; i < moves->changes->nlookups; i++)
			sort_moves(moves, i);
	}
	foreach(lc, list_copy(all))
		inherit_arrive_find(lfirst(lc), &all);
	foreach(lc, all)
		inherit_moves_unlink(lfirst(lc));
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
