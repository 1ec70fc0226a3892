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
#include "rows/act.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* ---- first half: away with what came through the changed lookups ---- */

/* Sorts the moves of lookup no. i: rows whose entries through it go, and those that follow a key. */
static void
sort_moves(TableMoves *moves, int i, bool assigned)
{
	TableChanges *changes = moves->changes;
	ChangeList *moved = changes->moved[i];
	ModelRelationship *relationship = list_nth(changes->table->as_related, i);
	Datum		values[MOVED_COLUMNS];
	bool		nulls[MOVED_COLUMNS];
	Rekeyed		rekeyed;

	inherit_rekeyed_read(&rekeyed, changes->frame, relationship->primary);
	for (int64 row = collect_unseen_from(moved, moves->step); moved != NULL && row < moved->rows->nrows; row++)
	{
		rows_list_get(moved->rows, row, values, nulls);
		if (inherit_follows_key(&rekeyed, values, nulls))
			rows_set_add(moves->following[i], values[MOVED_KEY]);
		else if (nulls[MOVED_INSERTED] || assigned)
			rows_set_add(moves->relinked[i], values[MOVED_KEY]);
	}
}

/* Adds the rows of all moves of lookup no. i but of those that follow a key. */
static void
add_moved(TableMoves *moves, int i, DatumSet *keys)
{
	ChangeList *moved = moves->changes->moved[i];
	Datum		values[MOVED_COLUMNS];
	bool		nulls[MOVED_COLUMNS];

	for (int64 row = collect_unseen_from(moved, moves->step); moved != NULL && row < moved->rows->nrows; row++)
	{
		rows_list_get(moved->rows, row, values, nulls);
		if (rows_set_find(moves->following[i], values[MOVED_KEY]) < 0)
			rows_set_add(keys, values[MOVED_KEY]);
	}
}

static void
unlink_rows(TableMoves *moves)
{
	TableChanges *changes = moves->changes;
	DatumSet   *keys = rows_set_make(&changes->table->key.type);

	for (int i = 0; i < changes->nlookups; i++)
	{
		for (int k = 0; k < moves->relinked[i]->count; k++)
			rows_set_add(keys, moves->relinked[i]->values[k]);
		if (changes->frame->others_flushed)
			add_moved(moves, i, keys);
	}
	inherit_moves_read(moves, keys);
}

/* ---- second half: what the new primary rows give ---- */

/* Rows that are being linked through one relationship. */
typedef struct Linking
{
	TableMoves *moves;
	ModelRelationship *relationship;
	bool		itself;			/* the relationship is of the table to itself */
	bool		known;			/* there may be entries already */
	RowList    *rows;			/* of rows_linked() */
	DatumSet   *keys;			/* of rows, in their order */
	bool	   *linked;
	Parents    *parents;
} Linking;

/*
 * A principal gets bits on a row; if rows of the same statement are linked below
 * it, they inherit from it with that entry.
 */
static void
give(Linking *linking, Datum object, Datum principal, int32 bits)
{
	TableMoves *moves = linking->moves;
	StoredEntry entry = {.object = object,.principal = principal,.relationship = linking->relationship->id,
	.cause = CAUSE_REPARENT,.mask = bits};
	Store	   *store = inherit_effects_store(moves->effects, moves->related_effects->table);
	bool		made;

	inherit_entry_add(store, &entry, linking->known, &made);
	if (made)
		inherit_effects_given(moves->effects, moves->related_effects, principal);
	inherit_moves_give(moves, object, principal, bits);
	if (linking->itself)
	{
		int			p = rows_index(linking->parents->rows, object);

		if (p >= 0)
			inherit_parents_add(linking->parents, p, principal, bits);
	}
}

/* There is no primary row to inherit from; there may be one before we commit. */
static void
wait_for(TableMoves *moves, ModelRelationship *relationship, Datum key, Datum lookup)
{
	if (moves->changes != NULL && model_relationship_deferrable(relationship))
		inherit_waiting_add(moves->changes->frame->model, relationship, key, lookup);
}

/* Rule 4: each P with eff(b, P) <> 0 that is not the row's owner gets a reparent entry with eff(b, P). */
static void
link_row(Linking *linking, int64 row)
{
	Parents    *parents = linking->parents;
	ModelType  *principal = &parents->table->principal;
	bool		owner_done = false;
	int			p;
	Datum		values[3];
	bool		nulls[3];
	Datum		owner;

	linking->linked[row] = true;
	rows_list_get(linking->rows, row, values, nulls);
	p = inherit_parents_index(parents, values[LINKED_LOOKUP]);
	if (p < 0)
	{
		wait_for(linking->moves, linking->relationship, values[LINKED_KEY], values[LINKED_LOOKUP]);
		return;
	}
	/* rows_linked() has left out those that are not active */
	if (!rows_matches(linking->relationship->behavior[ACTION_REPARENT], true,
					  !nulls[LINKED_OWNER] && inherit_parents_owned_by(parents, p, values[LINKED_OWNER])))
		return;
	for (Held *held = parents->held[p]; held != NULL; held = held->next)
	{
		bool		owns = inherit_parents_owned_by(parents, p, held->principal);

		owner_done |= owns;
		if (nulls[LINKED_OWNER] || !model_type_equal(principal, held->principal, values[LINKED_OWNER]))
			give(linking, values[LINKED_KEY], held->principal, held->bits | (owns ? RIGHTS_ALL : 0));
	}
	if (owner_done || !inherit_parents_owned(parents, p))
		return;
	owner = parents->rows->owner[p];
	if (nulls[LINKED_OWNER] || !model_type_equal(principal, owner, values[LINKED_OWNER]))
		give(linking, values[LINKED_KEY], owner, RIGHTS_ALL);
}

/* The number of the row that a row points to, if that one is being linked too and waits; else -1. */
static int64
waiting_parent(Linking *linking, int64 row)
{
	Datum		values[3];
	bool		nulls[3];
	int			parent;

	rows_list_get(linking->rows, row, values, nulls);
	parent = rows_set_find(linking->keys, values[LINKED_LOOKUP]);
	return parent >= 0 && !linking->linked[parent] ? parent : -1;
}

/* Links a row after the rows above it that the statement links too (which form no loop: loop.c has looked). */
static void
link_downwards(Linking *linking, int64 row, int64 *above)
{
	int64		n = 0;

	while (!linking->linked[row])
	{
		int64		parent = waiting_parent(linking, row);

		if (parent >= 0 && n < linking->rows->nrows)
		{
			above[n++] = row;
			row = parent;
			continue;
		}
		link_row(linking, row);
		if (n > 0)
			row = above[--n];
	}
}

/* The rows are read; parents: see link_rows(). */
static void
link_read_rows(Linking *linking, Parents *parents)
{
	ModelTable *table = linking->moves->related_effects->table;
	int64	   *above = NULL;

	linking->parents = parents != NULL ? parents :
		inherit_parents_read(linking->moves->effects, linking->relationship->primary,
							 rows_list_distinct(linking->rows, 0, linking->rows->nrows, LINKED_LOOKUP), true);
	linking->linked = MemoryContextAllocExtended(CurrentMemoryContext, linking->rows->nrows * sizeof(bool),
												 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	access_store_refresh(inherit_effects_store(linking->moves->effects, table));
	if (linking->itself)
		above = MemoryContextAllocHuge(CurrentMemoryContext, linking->rows->nrows * sizeof(int64));
	for (int64 row = 0; row < linking->rows->nrows; row++)
	{
		if (row % ACT_SLICE == 0)
			rows_act_rows(row, linking->rows->nrows);
		if (linking->itself)
			link_downwards(linking, row, above);
		else
			link_row(linking, row);
	}
	/* rows of other tables may inherit from these next */
	access_store_refresh(inherit_effects_store(linking->moves->effects, table));
}

/* Links the rows with those keys; parents: what all their lookups point to, NULL: to be read. */
static void
link_rows(TableMoves *moves, ModelRelationship *relationship, DatumSet *keys, Parents *parents, bool known)
{
	Linking		linking = {moves, relationship, relationship->primary == relationship->related, known};

	if (keys->count == 0)
		return;
	rows_act_begin(ACTION_REPARENT, relationship->name, moves->effects->level, false);
	linking.rows = rows_linked(relationship, keys, relationship->behavior[ACTION_REPARENT], &linking.keys);
	if (linking.rows->nrows > 0)
		link_read_rows(&linking, parents);
	rows_act_rows(linking.rows->nrows, linking.rows->nrows);
	rows_act_end(linking.rows->nrows);
}

/*
 * Of the moves of lookup no. i, the rows that may inherit: all changed ones but those
 * that follow a key; of the fresh ones those whose primary row somebody else owns, or
 * on whose primary row somebody holds entries.  (The owner of a fresh row is taken from
 * the event: only an assign changes it later, and then no row counts as fresh.)
 */
static DatumSet *
candidates(TableMoves *moves, int i, ModelRelationship *relationship, Parents *parents)
{
	TableChanges *changes = moves->changes;
	RowList    *moved = changes->moved[i]->rows;
	DatumSet   *keys = rows_set_make(&changes->table->key.type);
	ModelTable *primary = relationship->primary;
	Datum		values[MOVED_COLUMNS];
	bool		nulls[MOVED_COLUMNS];

	for (int64 row = collect_unseen_from(changes->moved[i], moves->step); row < moved->nrows; row++)
	{
		int			p;

		rows_list_get(moved, row, values, nulls);
		if (nulls[MOVED_NEW])
			continue;
		p = inherit_parents_index(parents, values[MOVED_NEW]);
		if (p < 0)
		{
			wait_for(moves, relationship, values[MOVED_KEY], values[MOVED_NEW]);
			continue;
		}
		if (rows_set_find(moves->relinked[i], values[MOVED_KEY]) >= 0 ||
			(rows_set_find(moves->following[i], values[MOVED_KEY]) < 0 &&
			 (parents->held[p] != NULL ||
			  (inherit_parents_owned(parents, p) &&
			   (nulls[MOVED_OWNER] || changes->table->owner.name == NULL ||
				!model_type_equal(&primary->owner.type, parents->rows->owner[p], values[MOVED_OWNER]))))))
			rows_set_add(keys, values[MOVED_KEY]);
	}
	return keys;
}

/* Where rows of one table are linked to each other: those below the candidates, too. */
static void
add_below_candidates(TableMoves *moves, int i, DatumSet *keys)
{
	TableChanges *changes = moves->changes;
	RowList    *moved = changes->moved[i]->rows;
	Datum		values[MOVED_COLUMNS];
	bool		nulls[MOVED_COLUMNS];

	if (keys->count == 0)
		return;
	for (int64 row = collect_unseen_from(changes->moved[i], moves->step); row < moved->nrows; row++)
	{
		rows_list_get(moved, row, values, nulls);
		if (!nulls[MOVED_NEW] && !nulls[MOVED_INSERTED])
			rows_set_add(keys, values[MOVED_KEY]);
	}
}

void
inherit_moves_link(TableMoves *moves, ModelRelationship *relationship, DatumSet *keys)
{
	link_rows(moves, relationship, keys, NULL, true);
}

/* Links the rows whose lookup no. i changed. */
static void
link_moved(TableMoves *moves, int i, ModelRelationship *relationship, bool itself)
{
	TableChanges *changes = moves->changes;
	DatumSet   *keys;
	Parents    *parents = NULL;

	if (changes->frame->others_flushed)
	{
		keys = rows_set_make(&changes->table->key.type);
		add_moved(moves, i, keys);
	}
	else
	{
		DatumSet   *lookups = rows_list_distinct(changes->moved[i]->rows,
												 collect_unseen_from(changes->moved[i], moves->step),
												 changes->moved[i]->rows->nrows, MOVED_NEW);

		parents = inherit_parents_read(moves->effects, relationship->primary, lookups, true);
		keys = candidates(moves, i, relationship, parents);
		if (itself)
			add_below_candidates(moves, i, keys);
	}
	link_rows(moves, relationship, keys, parents, changes->frame->others_flushed);
}

/* Links the rows whose lookups changed, through the relationships from other tables or to the table itself. */
static void
link_lookups(TableMoves *moves, bool itself)
{
	TableChanges *changes = moves->changes;

	for (int i = 0; i < changes->nlookups; i++)
	{
		ModelRelationship *relationship = list_nth(changes->table->as_related, i);

		if ((relationship->primary == relationship->related) != itself ||
			!collect_unseen(changes->moved[i], moves->step))
			continue;
		if (behavior_cascades(relationship->behavior[ACTION_REPARENT]) && inherit_same_principals(relationship))
			link_moved(moves, i, relationship, itself);
		collect_mark_seen(changes->moved[i], moves->step);
	}
}

static bool
has_moves(TableChanges *changes, const FlushStep *step)
{
	if (!OidIsValid(changes->table->entry_relid))
		return false;
	for (int i = 0; i < changes->nlookups; i++)
		if (collect_unseen(changes->moved[i], step))
			return true;
	return collect_unseen(changes->arrived, step) ||
		(changes->want_arrived && collect_unseen(changes->rekeyed, step));
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
		unlink_rows(lfirst(lc));
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
