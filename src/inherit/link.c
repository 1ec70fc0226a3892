/*
 * link.c
 *		Rows get what the primary rows give that they point to now (SEMANTICS 3.4).
 */
#include "relmeta.h"

#include "inherit/inherit.h"
#include "inherit/moves.h"
#include "rows/act.h"
#include "miscadmin.h"

/* Rows that are being linked through one relationship. */
typedef struct Linking
{
	TableMoves *moves;
	ModelRelationship *relationship;
	bool		itself;			/* the relationship is of the table to itself */
	bool		may_exist;		/* there may be entries already */
	RowList    *rows;			/* LINKED_*; of one table to itself, downwards */
	Parents    *parents;
	Datum		key;			/* of the row that is being linked */
} Linking;

/*
 * A principal gets bits on the row that is being linked; if rows of the same statement are linked below
 * it, they inherit from it with that entry.
 */
static void
give(Datum principal, int32 bits, int32 shared, void *arg)
{
	Linking    *linking = arg;
	TableMoves *moves = linking->moves;
	StoredEntry entry = {.object = linking->key,.principal = principal,.relationship = linking->relationship->id,
	.cause = CAUSE_REPARENT,.mask = bits};
	Store	   *store = inherit_effects_store(moves->effects, moves->related_effects->table);
	bool		made;

	inherit_entry_add(store, &entry, linking->may_exist, &made);
	if (made)
		inherit_effects_given(moves->effects, moves->related_effects, principal);
	inherit_moves_give(moves, linking->key, principal, bits);
	if (linking->itself)
	{
		int			p = rows_index(linking->parents->rows, linking->key);

		if (p >= 0)
			inherit_parents_add(linking->parents, p, principal, CAUSE_REPARENT, bits);
	}
}

/* There is no primary row to inherit from; there may be one before we commit. */
void
inherit_moves_wait(TableMoves *moves, ModelRelationship *relationship, Datum key, Datum lookup)
{
	if (moves->changes != NULL && model_relationship_deferrable(relationship))
		inherit_waiting_add(moves->changes->frame->model, relationship, key, lookup);
}

/* Rule 4: each P with eff(b, P) <> 0 that is not the row's owner gets a reparent entry with eff(b, P). */
static void
link_row(Linking *linking, int64 row)
{
	Parents    *parents = linking->parents;
	int			p;
	Datum		values[LINKED_DOWNWARDS];
	bool		nulls[LINKED_DOWNWARDS];
	NullableDatum owner;

	rows_list_get(linking->rows, row, values, nulls);
	p = inherit_parents_index(parents, values[LINKED_LOOKUP]);
	if (p < 0)
	{
		inherit_moves_wait(linking->moves, linking->relationship, values[LINKED_KEY], values[LINKED_LOOKUP]);
		return;
	}
	/* rows_linked() has left out those that are not active */
	if (!rows_matches(linking->relationship->behavior[ACTION_REPARENT], true,
					  !nulls[LINKED_OWNER] && inherit_parents_owned_by(parents, p, values[LINKED_OWNER])))
		return;
	linking->key = values[LINKED_KEY];
	owner.value = values[LINKED_OWNER];
	owner.isnull = nulls[LINKED_OWNER];
	inherit_parents_each(parents, p, &owner, give, linking);
}

/*
 * The rows are read; parents: see inherit_moves_link().  A slice after the other: what rows of one before have got is
 * stored, and read with the primary rows of the next.
 */
static void
link_read_rows(Linking *linking, Parents *parents)
{
	RowList    *rows = linking->rows;
	Effects    *effects = linking->moves->effects;
	Store	   *store = inherit_effects_store(effects, linking->moves->related_effects->table);
	RowSlice	slice;

	rows_slice_begin(&slice, rows, 0, rows->nrows);
	while (rows_slice_next(&slice))
	{
		linking->parents = parents != NULL ? parents :
			inherit_parents_read(effects, linking->relationship->primary,
								 rows_list_distinct(rows, slice.from, slice.upto, LINKED_LOOKUP), true, NULL);
		access_store_refresh(store);
		for (int64 row = slice.from; row < slice.upto; row++)
		{
			if (row % ACT_SLICE == 0)
				rows_act_rows(row, rows->nrows);
			link_row(linking, row);
		}
		/* rows of the next slice, or of other tables, may inherit from these */
		access_store_refresh(store);
	}
}

static void
link_rows(Linking *linking, Parents *parents)
{
	if (linking->itself)
		linking->rows = inherit_downwards(linking->rows);
	if (linking->rows->nrows > 0)
		link_read_rows(linking, parents);
	rows_act_rows(linking->rows->nrows, linking->rows->nrows);
}

void
inherit_moves_link(TableMoves *moves, ModelRelationship *relationship, DatumSet *keys, Parents *parents, bool may_exist)
{
	Linking		linking = {moves, relationship, relationship->primary == relationship->related, may_exist};
	DatumSet   *found;

	if (keys->count == 0)
		return;
	rows_act_begin(ACTION_REPARENT, relationship->name, moves->effects->level, false);
	linking.rows = rows_linked(relationship, keys, relationship->behavior[ACTION_REPARENT], NULL, &found);
	link_rows(&linking, parents);
	rows_act_end(linking.rows->nrows);
}

void
inherit_moves_link_list(TableMoves *moves, ModelRelationship *relationship, RowList *keys, bool may_exist)
{
	Linking		linking = {moves, relationship, relationship->primary == relationship->related, may_exist};
	RowSlice	slice;

	rows_act_begin(ACTION_REPARENT, relationship->name, moves->effects->level, false);
	linking.rows = rows_linked_list(relationship);
	rows_slice_begin(&slice, keys, 0, keys->nrows);
	while (rows_slice_next(&slice))
		rows_linked_add(linking.rows, relationship, rows_list_distinct(keys, slice.from, slice.upto, 0),
						relationship->behavior[ACTION_REPARENT], NULL);
	link_rows(&linking, NULL);
	rows_act_end(linking.rows->nrows);
}
