/*
 * moves.c
 *		What is held on moved rows, before and after; see moves.h.
 */
#include "relmeta.h"

#include "inherit/moves.h"
#include "miscadmin.h"
#include "model/key.h"
#include "utils/datum.h"
#include "utils/memutils.h"

static RowList *
make_held(ModelTable *table)
{
	ModelType  *types[HELD_COLUMNS] = {model_key_type(table), model_principal(table), model_type_int4(),
	model_type_int4(), model_type_bool()};

	return rows_list_make(HELD_COLUMNS, types);
}

static RowList *
make_changed(ModelTable *table)
{
	ModelType  *types[CHANGED_COLUMNS] = {model_key_type(table), model_type_int4()};

	return rows_list_make(CHANGED_COLUMNS, types);
}

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
	n = list_length(model_as_related(moves->table));
	moves->lookups = palloc0(n * sizeof(LookupMoves) + 1);
	for (int i = 0; i < n; i++)
		moves->lookups[i].waiting = rows_set_make(model_key_type(table));
	moves->changed = make_changed(moves->table);
	moves->passes = rows_passed_on(table);
	if (moves->passes)
		moves->held = make_held(moves->related_effects->table);
	*all = lappend(*all, moves);
	return moves;
}

int
inherit_moves_lookup(TableMoves *moves, ModelRelationship *relationship)
{
	ListCell   *lc;

	foreach(lc, model_as_related(moves->table))
		if (((ModelRelationship *) lfirst(lc))->id == relationship->id)
		return foreach_current_index(lc);
	elog(ERROR, "table %u has no relationship \"%s\"", moves->table->relid, relationship->name);
}

void
inherit_moves_change(TableMoves *moves, Datum key, int lookup)
{
	Datum		values[CHANGED_COLUMNS] = {key, Int32GetDatum(lookup)};
	bool		nulls[CHANGED_COLUMNS] = {0};

	rows_list_add(moves->changed, values, nulls);
}

/* ---- what is held on a row ---- */

static void
note_held(TableMoves *moves, Datum key, Datum principal, int32 before, int32 after, bool owns)
{
	Datum		values[HELD_COLUMNS] = {key, principal, Int32GetDatum(before), Int32GetDatum(after),
	BoolGetDatum(owns)};
	bool		nulls[HELD_COLUMNS] = {0};

	if (moves->passes)
		rows_list_add(moves->held, values, nulls);
}

/* Did the entry on row number number come through a lookup that has changed? */
static bool
is_unlinked(TableMoves *moves, StoredEntry *entry, int number)
{
	Bitmapset  *lookups = *(Bitmapset **) rows_map_at(moves->reading, number);
	ListCell   *lc;

	foreach(lc, entry->cause == CAUSE_DIRECT || lookups == NULL ? NIL : model_as_related(moves->table))
		if (((ModelRelationship *) lfirst(lc))->id == entry->relationship)
		return bms_is_member(foreach_current_index(lc), lookups);
	return false;
}

/* An entry on a row before the links are made: it goes if it came through a lookup that has changed. */
static void
unlink_entry(StoredEntry *entry, int number, void *arg)
{
	TableMoves *moves = arg;
	bool		goes = is_unlinked(moves, entry, number);
	bool		owns = moves->locked != NULL &&
	rows_owns(moves->related_effects->table, moves->locked, moves->locked->found[number], entry->principal);

	note_held(moves, moves->reading->keys->values[number], entry->principal, entry->mask, goes ? 0 : entry->mask, owns);
	if (goes)
		moves->again |= !access_store_delete(inherit_effects_store(moves->effects, moves->related_effects->table),
											 entry->object, &entry->tid);
}

static void
read_changed(TableMoves *moves, KeyMap *rows)
{
	ModelTable *table = moves->related_effects->table;
	DatumSet   *keys = rows->keys;

	if (keys->count == 0)
		return;
	moves->read = true;
	moves->locked = moves->passes ? rows_get(table, keys, ROW_UPDATE) : NULL;
	if (access_entries_empty(table))
		return;
	moves->reading = rows;
	do
	{
		CHECK_FOR_INTERRUPTS();
		moves->again = false;
		access_store_refresh(inherit_effects_store(moves->effects, table));
		inherit_entries_each(inherit_effects_store(moves->effects, table), keys, unlink_entry, moves);
	} while (moves->again);
}

/* so many rows are locked and read together */
#define UNLINK_ROWS 100000

/* The next rows of the sorted list, from row from on, all lookups of each; returns the row after them. */
static int64
next_changed(TableMoves *moves, RowList *sorted, int64 from, KeyMap *rows)
{
	ModelType  *type = model_key_type(moves->table);
	int64		most = Min(rows_slice_rows(sorted, sorted->nrows), UNLINK_ROWS);
	Bitmapset **lookups = NULL;
	Datum		last = (Datum) 0;
	Datum		values[CHANGED_COLUMNS + 1];
	bool		nulls[CHANGED_COLUMNS + 1];
	int64		row;

	for (row = from; row < sorted->nrows; row++)
	{
		int			lookup;

		rows_list_get(sorted, row, values, nulls);
		if (lookups == NULL || !model_type_equal(type, last, values[CHANGED_KEY]))
		{
			int			number;

			if (rows->keys->count >= most)
				break;
			lookups = rows_map_enter(rows, values[CHANGED_KEY], &number);
			last = rows->keys->values[number];
		}
		lookup = DatumGetInt32(values[CHANGED_LOOKUP]);
		if (lookup == CHANGED_NONE)
			continue;
		if (bms_is_member(lookup, *lookups))
			moves->lookups[lookup].once = false;
		*lookups = bms_add_member(*lookups, lookup);
	}
	return row;
}

void
inherit_moves_unlink(TableMoves *moves)
{
	RowList    *sorted = moves->changed;
	MemoryContext cxt;
	MemoryContext old;

	if (sorted->nrows == 0)
		return;
	if (sorted->nrows > 1)
		sorted = rows_list_sorted(sorted, 0, sorted->nrows, 1, COLUMNS(CHANGED_KEY));
	cxt = AllocSetContextCreate(CurrentMemoryContext, "relmeta unlink", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(cxt);
	for (int64 from = 0; from < sorted->nrows;)
	{
		KeyMap	   *rows;

		MemoryContextReset(cxt);
		rows = rows_map_make(model_key_type(moves->table), sizeof(Bitmapset *));
		from = next_changed(moves, sorted, from, rows);
		read_changed(moves, rows);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(cxt);
	moves->changed = make_changed(moves->table);
}

/* Where nothing was read all rows are fresh: what they get is the net change. */
void
inherit_moves_give(TableMoves *moves, Datum object, Datum principal, int32 bits)
{
	if (moves->read)
		note_held(moves, object, principal, 0, bits, false);
	else if (moves->passes)
		inherit_effects_gain(moves->effects, moves->related_effects->table, GAIN_REPARENT, object, principal, bits);
}

/* ---- the net change ---- */

/* A row, while the notes of it are put together. */
typedef struct MovedRow
{
	MemoryContext cxt;			/* reset after each row */
	bool		any;
	Datum		key;
	Holders		holders;
	Holder	   *owner;			/* who is to lose nothing that an owner has */
} MovedRow;

/* Queues what each principal gained or lost on the row, and forgets it. */
static void
end_row(TableMoves *moves, MovedRow *row)
{
	ModelTable *table = moves->related_effects->table;

	for (Holder *change = row->holders.first; change != NULL; change = change->next)
	{
		int32		lost = change->before & ~change->after;

		inherit_effects_gain(moves->effects, table, GAIN_REPARENT, row->key, change->principal,
							 change->after & ~change->before);
		inherit_effects_maybe_lost(moves->effects, table, LOSS_NET, row->key, change->principal,
								   change == row->owner ? lost & ~RIGHTS_ALL : lost);
	}
	MemoryContextReset(row->cxt);
	*row = (MovedRow)
	{
		row->cxt
	};
}

static void
add_note(TableMoves *moves, MovedRow *row, Datum *values)
{
	ModelType  *key = model_key_type(moves->related_effects->table);
	MemoryContext old;
	Holder	   *change;

	if (row->any && !model_type_equal(key, row->key, values[HELD_KEY]))
		end_row(moves, row);
	old = MemoryContextSwitchTo(row->cxt);
	if (!row->any)
		row->key = datumCopy(values[HELD_KEY], key->typbyval, key->typlen);
	row->any = true;
	change = inherit_holder(&row->holders, model_principal(moves->related_effects->table), values[HELD_PRINCIPAL]);
	change->before |= DatumGetInt32(values[HELD_BEFORE]);
	change->after |= DatumGetInt32(values[HELD_AFTER]);
	if (DatumGetBool(values[HELD_OWNS]))
		row->owner = change;
	MemoryContextSwitchTo(old);
}

void
inherit_moves_pass(TableMoves *moves)
{
	RowList    *notes = moves->held;
	MovedRow	row = {0};
	Datum		values[HELD_COLUMNS + 1];
	bool		nulls[HELD_COLUMNS + 1];

	if (!moves->passes || notes->nrows == 0)
		return;
	row.cxt = AllocSetContextCreate(CurrentMemoryContext, "relmeta moved row", ALLOCSET_SMALL_SIZES);
	if (notes->nrows > 1)
		notes = rows_list_sorted(notes, 0, notes->nrows, 1, COLUMNS(HELD_KEY));
	for (int64 i = 0; i < notes->nrows; i++)
	{
		rows_list_get(notes, i, values, nulls);
		add_note(moves, &row, values);
	}
	end_row(moves, &row);
	MemoryContextDelete(row.cxt);
}
