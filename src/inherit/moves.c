/*
 * moves.c
 *		What is held on moved rows, before and after; see moves.h.
 */
#include "relmeta.h"

#include "inherit/moves.h"
#include "miscadmin.h"
#include "utils/datum.h"
#include "utils/memutils.h"

TableMoves *
inherit_moves_of(Effects *effects, const FlushStep *step, Frame *frame, ModelTable *table, List **all)
{
	TableMoves *moves;
	ListCell   *lc;
	int			n;

	foreach(lc, *all)
	{
		moves = lfirst(lc);
		if (moves->table->relid == table->relid)
			return moves;
	}
	moves = palloc0(sizeof(TableMoves));
	moves->effects = effects;
	moves->step = step;
	moves->changes = frame != NULL ? collect_table_make(frame, table) : NULL;
	moves->table = moves->changes != NULL ? moves->changes->table : table;
	moves->related_effects = inherit_effects_table(effects, table->relid);
	moves->cxt = CurrentMemoryContext;
	moves->rows = rows_map_make(&table->key.type, sizeof(MovedRow));
	moves->keys = moves->rows->keys;
	n = list_length(moves->table->as_related);
	moves->relinked = palloc(n * sizeof(DatumSet *) + 1);
	moves->following = palloc(n * sizeof(DatumSet *) + 1);
	moves->waiting = palloc(n * sizeof(DatumSet *) + 1);
	for (int i = 0; i < n; i++)
	{
		moves->relinked[i] = rows_set_make(&table->key.type);
		moves->following[i] = rows_set_make(&table->key.type);
		moves->waiting[i] = rows_set_make(&table->key.type);
	}
	moves->passes = rows_passed_on(table);
	*all = lappend(*all, moves);
	return moves;
}

int
inherit_moves_lookup(TableMoves *moves, ModelRelationship *relationship)
{
	ListCell   *lc;

	foreach(lc, moves->table->as_related)
		if (((ModelRelationship *) lfirst(lc))->id == relationship->id)
		return foreach_current_index(lc);
	elog(ERROR, "table %u has no relationship \"%s\"", moves->table->relid, relationship->name);
}

/* ---- what is held on a row ---- */

/* The row of a key, added when it is new. */
static MovedRow *
row_of(TableMoves *moves, Datum key)
{
	return rows_map_enter(moves->rows, key, NULL);
}

static Holder *
holder_of(TableMoves *moves, MovedRow *row, Datum principal)
{
	MemoryContext old = MemoryContextSwitchTo(moves->cxt);
	Holder	   *holder = inherit_holder(&row->holders, &moves->related_effects->table->principal, principal);

	MemoryContextSwitchTo(old);
	return holder;
}

/* An entry on a row before the links are made: it goes if it came through a lookup that has changed. */
static void
unlink_entry(StoredEntry *entry, int number, void *arg)
{
	TableMoves *moves = arg;
	Holder	   *change = holder_of(moves, row_of(moves, moves->reading->values[number]), entry->principal);
	ListCell   *lc;
	int			i = 0;

	change->before |= entry->mask;
	if (entry->cause != CAUSE_DIRECT)
	{
		foreach(lc, moves->table->as_related)
		{
			if (((ModelRelationship *) lfirst(lc))->id == entry->relationship &&
				rows_set_find(moves->relinked[i], moves->reading->values[number]) >= 0)
			{
				Store	   *store = inherit_effects_store(moves->effects, moves->related_effects->table);

				moves->again |= !access_store_delete(store, &entry->tid);
				return;
			}
			i++;
		}
	}
	change->after |= entry->mask;
}

void
inherit_moves_read(TableMoves *moves, DatumSet *keys)
{
	ModelTable *table = moves->related_effects->table;

	if (keys->count == 0)
		return;
	if (moves->passes)
	{
		RowSet	   *locked = rows_get(table, keys, ROW_UPDATE);

		for (int k = 0; k < keys->count; k++)
		{
			int			i = locked->found[k];
			MovedRow   *row = row_of(moves, keys->values[k]);

			row->owned = table->owner.name != NULL && i >= 0 && !locked->owner_null[i];
			if (row->owned)
				row->owner = locked->owner[i];
		}
	}
	if (access_entries_empty(table))
		return;
	moves->reading = keys;
	do
	{
		CHECK_FOR_INTERRUPTS();
		moves->again = false;
		access_store_refresh(inherit_effects_store(moves->effects, table));
		inherit_entries_each(inherit_effects_store(moves->effects, table), keys, unlink_entry, moves);
	} while (moves->again);
}

void
inherit_moves_give(TableMoves *moves, Datum object, Datum principal, int32 bits)
{
	if (moves->passes)
		holder_of(moves, row_of(moves, object), principal)->after |= bits;
}

void
inherit_moves_pass(TableMoves *moves)
{
	ModelTable *table = moves->related_effects->table;

	for (int i = 0; moves->passes && i < moves->keys->count; i++)
	{
		MovedRow   *row = rows_map_at(moves->rows, i);

		for (Holder *change = row->holders.first; change != NULL; change = change->next)
		{
			int32		lost = change->before & ~change->after;

			if (row->owned && model_type_equal(&table->principal, row->owner, change->principal))
				lost &= ~RIGHTS_ALL;
			inherit_effects_gain(moves->effects, table, GAIN_REPARENT, moves->keys->values[i], change->principal,
								 change->after & ~change->before);
			inherit_effects_maybe_lost(moves->effects, table, LOSS_NET, moves->keys->values[i], change->principal,
									   lost);
		}
	}
}
