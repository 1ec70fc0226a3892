/*
 * moves.c
 *		What is held on moved rows, before and after; see moves.h.
 */
#include "relmeta.h"

#include "cascade/moves.h"
#include "miscadmin.h"
#include "utils/datum.h"
#include "utils/memutils.h"

TableMoves *
cascade_moves_of(Effects *effects, const FlushStep *step, Frame *frame, ModelTable *table, List **all)
{
	TableMoves *moves;
	ListCell   *lc;

	foreach(lc, *all)
	{
		moves = lfirst(lc);
		if (moves->changes->relid == table->relid)
			return moves;
	}
	moves = palloc0(sizeof(TableMoves));
	moves->effects = effects;
	moves->step = step;
	moves->changes = cascade_table_changes_make(frame, table);
	moves->theirs = cascade_effects_table(effects, table->relid);
	moves->cxt = CurrentMemoryContext;
	moves->keys = cascade_datumset_make(&table->key.type);
	moves->passes = cascade_rows_gave(table);
	*all = lappend(*all, moves);
	return moves;
}

/* ---- what is held on a row ---- */

/* The row of a key, added when it is new. */
static MovedRow *
row_of(TableMoves *moves, Datum key)
{
	int			i = cascade_datumset_index(moves->keys, key);

	if (i >= moves->capacity)
	{
		int			more = Max(8, 2 * moves->capacity);

		if (moves->rows == NULL)
			moves->rows = MemoryContextAlloc(moves->cxt, more * sizeof(MovedRow));
		else
			moves->rows = repalloc_huge(moves->rows, more * sizeof(MovedRow));
		memset(moves->rows + moves->capacity, 0, (more - moves->capacity) * sizeof(MovedRow));
		moves->capacity = more;
	}
	return &moves->rows[i];
}

static MovedChange *
change_of(TableMoves *moves, MovedRow *row, Datum principal)
{
	ModelType  *type = &moves->theirs->table->principal;
	MovedChange *change;
	MemoryContext old;

	for (change = row->changes; change != NULL; change = change->next)
		if (model_type_equal(type, change->principal, principal))
			return change;
	old = MemoryContextSwitchTo(moves->cxt);
	change = palloc0(sizeof(MovedChange));
	change->principal = datumCopy(principal, type->typbyval, type->typlen);
	change->next = row->changes;
	row->changes = change;
	MemoryContextSwitchTo(old);
	return change;
}

/* An entry on a row before the links are made: it goes if it came through a lookup that has changed. */
static void
unlink_entry(StoredEntry *entry, int number, void *arg)
{
	TableMoves *moves = arg;
	MovedChange *change = change_of(moves, row_of(moves, moves->reading->values[number]), entry->principal);
	ListCell   *lc;
	int			i = 0;

	change->before |= entry->mask;
	if (moves->relinked != NULL && entry->cause != CAUSE_DIRECT)
	{
		foreach(lc, moves->changes->table->as_related)
		{
			if (((ModelRelationship *) lfirst(lc))->id == entry->relationship &&
				cascade_datumset_find(moves->relinked[i], moves->reading->values[number]) >= 0)
			{
				moves->again |= !access_store_delete(cascade_effects_store(moves->effects, moves->theirs->table),
													 &entry->tid);
				return;
			}
			i++;
		}
	}
	change->after |= entry->mask;
}

void
cascade_moves_read(TableMoves *moves, DatumSet *keys)
{
	ModelTable *table = moves->theirs->table;

	if (keys->count == 0)
		return;
	if (moves->passes)
	{
		RowSet	   *locked = cascade_rows_get(table, keys, ROW_UPDATE);

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
		access_store_refresh(cascade_effects_store(moves->effects, table));
		cascade_entries_each(cascade_effects_store(moves->effects, table), keys, unlink_entry, moves);
	} while (moves->again);
}

void
cascade_moves_give(TableMoves *moves, Datum object, Datum principal, int32 bits)
{
	if (moves->passes)
		change_of(moves, row_of(moves, object), principal)->after |= bits;
}

void
cascade_moves_pass(TableMoves *moves)
{
	ModelTable *table = moves->theirs->table;

	for (int i = 0; moves->passes && i < moves->keys->count; i++)
	{
		MovedRow   *row = &moves->rows[i];

		for (MovedChange *change = row->changes; change != NULL; change = change->next)
		{
			int32		lost = change->before & ~change->after;

			if (row->owned && model_type_equal(&table->principal, row->owner, change->principal))
				lost &= ~RIGHTS_ALL;
			cascade_effects_gain(moves->effects, table, GAIN_REPARENT, moves->keys->values[i], change->principal,
								 change->after & ~change->before);
			cascade_effects_lost(moves->effects, table, LOSS_NET, moves->keys->values[i], change->principal, lost);
		}
	}
}
