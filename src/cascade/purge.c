/*
 * purge.c
 *		Entries go with their row, and follow its key (SEMANTICS 3.5).
 */
#include "relmeta.h"

#include "cascade/effect.h"
#include "cascade/queue.h"
#include "miscadmin.h"
#include "utils/datum.h"

/* ---- rows that are gone ---- */

/* Away with all rows of a store that are on one of the objects; false when somebody else has changed one. */
static bool
purge_store(Store *store, DatumSet *objects)
{
	bool		done = true;
	bool		isnull;

	if (access_store_by_image(store) && access_store_all_cheaper(store, objects->count))
	{
		access_store_find_all(store);
		while (access_store_next(store))
		{
			CHECK_FOR_INTERRUPTS();
			if (cascade_datumset_find(objects, slot_getattr(store->slot, ENTRY_OBJECT, &isnull)) >= 0)
				done &= access_store_delete(store, &store->slot->tts_tid);
		}
		return done;
	}
	for (int i = 0; i < objects->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		access_store_find(store, 1, &objects->values[i]);
		while (access_store_next(store))
			done &= access_store_delete(store, &store->slot->tts_tid);
	}
	return done;
}

static void
purge_objects(ModelTable *table, DatumSet *objects)
{
	Store	   *store = access_store_open(table);

	while (!purge_store(store, objects))
		access_store_refresh(store);
	access_store_close(store);
}

static void
purge(ModelTable *table, RowList *keys, int64 from)
{
	int64		step = cascade_rowlist_batch_rows(keys);

	for (int64 row = from; row < keys->nrows; row += step)
		purge_objects(table, cascade_effects_distinct(keys, row, Min(row + step, keys->nrows), 0));
}

void
cascade_purge_keys(ModelTable *table, RowList *keys)
{
	purge(table, keys, 0);
}

/* ---- rows whose key has changed ---- */

/* a row of an entry table that waits to be written under another key */
typedef struct Renamed
{
	Datum		values[ENTRY_COLUMNS];
	bool		nulls[ENTRY_COLUMNS];
} Renamed;

/* A copy of the store's row, with another key. */
static Renamed *
renamed_row(Store *store, Datum key)
{
	TupleDesc	desc = RelationGetDescr(store->rel);
	Renamed    *renamed = palloc(sizeof(Renamed));

	slot_getallattrs(store->slot);
	for (int i = 0; i < ENTRY_COLUMNS; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		Datum		value = i == ENTRY_OBJECT - 1 ? key : store->slot->tts_values[i];

		renamed->nulls[i] = store->slot->tts_isnull[i];
		if (!renamed->nulls[i])
			renamed->values[i] = datumCopy(value, att->attbyval, att->attlen);
	}
	return renamed;
}

/* Takes a key's rows out of the store; false when somebody else has changed one. */
static bool
take_out(Store *store, Datum old_key, Datum new_key, List **waiting)
{
	bool		done = true;

	access_store_find(store, 1, &old_key);
	while (access_store_next(store))
	{
		Renamed    *renamed = renamed_row(store, new_key);

		if (access_store_delete(store, &store->slot->tts_tid))
			*waiting = lappend(*waiting, renamed);
		else
			done = false;
	}
	return done;
}

/*
 * All are taken out before any is put back: a statement may swap keys.
 */
static void
rekey(ModelTable *table, RowList *rekeyed, int64 from)
{
	Store	   *store = access_store_open(table);
	List	   *waiting = NIL;
	ListCell   *lc;
	Datum		keys[2];
	bool		nulls[2];

	for (int64 row = from; row < rekeyed->nrows; row++)
	{
		CHECK_FOR_INTERRUPTS();
		cascade_rowlist_get(rekeyed, row, keys, nulls);
		while (!take_out(store, keys[REKEYED_OLD], keys[REKEYED_NEW], &waiting))
			access_store_refresh(store);
	}
	foreach(lc, waiting)
		access_store_insert(store, ((Renamed *) lfirst(lc))->values, ((Renamed *) lfirst(lc))->nulls);
	access_store_close(store);
}

/*
 * A statement of a trigger may have deleted a row after its key has changed, or changed it once more.  Whoever has
 * that key some day is not to have what was held on another row.
 */
static void
purge_keys_without_rows(ModelTable *table, RowList *rekeyed, int64 from)
{
	DatumSet   *keys = cascade_effects_distinct(rekeyed, from, rekeyed->nrows, REKEYED_NEW);
	RowSet	   *rows = cascade_rows_get(table, keys, ROW_UNLOCKED);
	DatumSet   *gone = cascade_datumset_make(&table->key.type);

	for (int k = 0; k < keys->count; k++)
		if (rows->found[k] < 0)
			cascade_datumset_add(gone, keys->values[k]);
	if (gone->count > 0)
		purge_objects(table, gone);
}

static bool
any_left(RowList *list, int64 done)
{
	return list != NULL && done < list->nrows;
}

void
cascade_purge(TableChanges *changes)
{
	ModelTable *table = changes->table;
	bool		deleted = any_left(changes->deleted, changes->deleted_done);
	bool		rekeyed = any_left(changes->rekeyed, changes->rekeyed_done);
	bool		respelled = any_left(changes->respelled, changes->respelled_done);

	if ((!deleted && !rekeyed && !respelled) || !access_entries_exist(table) || access_entries_empty(table))
		return;
	if (deleted)
		purge(table, changes->deleted, changes->deleted_done);
	if (rekeyed)
		rekey(table, changes->rekeyed, changes->rekeyed_done);
	if (respelled)
		rekey(table, changes->respelled, changes->respelled_done);
	if (rekeyed && changes->frame->others_flushed)
		purge_keys_without_rows(table, changes->rekeyed, changes->rekeyed_done);
}
