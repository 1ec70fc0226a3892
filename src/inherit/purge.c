/*
 * purge.c
 *		Entries go with their row, and follow its key (SEMANTICS 3.5).
 *
 * EXAMPLE.  Account 1 is shared with bob, read, and so is its contact 10, by a share entry; their lookup has a foreign
 * key ON UPDATE CASCADE.  UPDATE account SET id = 2 WHERE id = 1, then DELETE FROM account WHERE id = 2, where delete
 * is all:
 *
 *					before				after UPDATE			after DELETE
 *	account			1; bob: direct		2; bob: direct			-
 *	contact 10		bob: share			bob: share				-
 *
 * The account's entry follows the key; the contact, which follows it too, has not moved and keeps its own.  Both
 * entries go with their rows, in the statement that deletes them.
 */
#include "relmeta.h"

#include "inherit/effect.h"
#include "collect/collect.h"
#include "inherit/inherit.h"
#include "model/key.h"
#include "utils/datum.h"
#include "utils/memutils.h"

/* ---- rows that are gone ---- */

/* Of the keys, those that no row has. */
static DatumSet *
without_rows(ModelTable *table, DatumSet *keys)
{
	RowSet	   *rows = rows_get(table, keys, ROW_UNLOCKED);
	DatumSet   *gone = rows_set_make(model_key_type(table));

	for (int k = 0; k < keys->count; k++)
		if (rows->found[k] < 0)
			rows_set_add(gone, keys->values[k]);
	return gone;
}

/* Deletes the row that a scan has found; false when somebody else has changed it.  *grants: direct entries. */
static bool
purge_entry(Store *store, uint64 *grants)
{
	bool		isnull;
	bool		direct = DatumGetChar(slot_getattr(store->slot, ENTRY_CAUSE, &isnull)) == CAUSE_DIRECT;

	if (!access_store_delete(store, slot_getattr(store->slot, ENTRY_OBJECT, &isnull), &store->slot->tts_tid))
		return false;
	if (direct)
		(*grants)++;
	return true;
}

/* Away with all entries on one of the objects; false when somebody else has changed one. */
static bool
purge_store(Store *store, DatumSet *objects, uint64 *grants)
{
	bool		done = true;
	bool		isnull;

	if (access_store_by_image(store) && access_store_all_cheaper(store, objects->count))
	{
		access_store_find_all(store);
		while (access_store_next(store))
		{
			if (rows_set_find(objects, slot_getattr(store->slot, ENTRY_OBJECT, &isnull)) >= 0)
				done &= purge_entry(store, grants);
		}
		return done;
	}
	for (int i = 0; i < objects->count; i++)
	{
		access_store_find(store, 1, &objects->values[i]);
		while (access_store_next(store))
			done &= purge_entry(store, grants);
	}
	return done;
}

/* The number of direct entries among what has gone. */
static uint64
purge_objects(ModelTable *table, DatumSet *objects)
{
	Store	   *store = access_store_open(table);
	uint64		grants = 0;

	while (!purge_store(store, objects, &grants))
		access_store_refresh(store);
	access_store_close(store);
	return grants;
}

static uint64
purge(ModelTable *table, RowList *keys, int64 from, bool only_missing)
{
	RowSlice	slice;
	uint64		grants = 0;

	rows_slice_begin(&slice, keys, from, keys->nrows);
	while (rows_slice_next(&slice))
	{
		DatumSet   *objects = rows_list_distinct(keys, slice.from, slice.upto, 0);

		if (only_missing)
			objects = without_rows(table, objects);
		grants += purge_objects(table, objects);
	}
	return grants;
}

uint64
inherit_purge_keys(ModelTable *table, RowList *keys)
{
	return purge(table, keys, 0, false);
}

uint64
inherit_purge_missing(ModelTable *table)
{
	ModelType  *type = model_key_type(table);
	RowList    *objects = rows_list_make(1, &type);
	Store	   *store = access_store_open(table);

	access_store_find_all(store);
	while (access_store_next(store))
	{
		bool		isnull;
		Datum		object = slot_getattr(store->slot, ENTRY_OBJECT, &isnull);

		rows_list_add(objects, &object, &isnull);
	}
	access_store_close(store);
	return purge(table, objects, 0, true);
}

/* ---- rows whose key has changed: rekey.c ---- */

/*
 * A statement of a trigger may have deleted a row after its key has changed, or changed it once more.  Whoever has
 * that key some day is not to have what was held on another row.
 */
static void
purge_keys_without_rows(ModelTable *table, RowList *rekeyed, int64 from)
{
	DatumSet   *keys = rows_list_distinct(rekeyed, from, rekeyed->nrows, REKEYED_NEW);

	(void) purge_objects(table, without_rows(table, keys));
}

static bool
nothing_is_held(ModelTable *table)
{
	return !access_entries_exist(table) || access_entries_empty(table);
}

void
inherit_purge_deleted(TableChanges *changes, RowList *deleted, int64 from, int64 upto, int lookup)
{
	if (!nothing_is_held(changes->table))
		(void) purge(changes->table, deleted, from, false);
}

/*
 * Rows that have gone unnoted, since nothing was held in their table: it is looked at again.  All that may be held by
 * now is of the last moments: little, and no row that is there is taken for one of those.
 */
void
inherit_purge_late(Frame *frame)
{
	ListCell   *lc;

	if (!frame->late)
		return;
	frame->late = false;
	foreach(lc, frame->tables)
	{
		TableChanges *changes = lfirst(lc);

		if (!changes->late)
			continue;
		changes->late = false;
		if (!nothing_is_held(changes->table))
			(void) inherit_purge_missing(changes->table);
		collect_rows_vanished(changes->table);
	}
}

void
inherit_purge_rekeyed(TableChanges *changes, RowList *rekeyed, int64 from, int64 upto, int lookup)
{
	if (nothing_is_held(changes->table))
		return;
	inherit_rekey(changes, rekeyed, from);
	if (changes->frame->others_flushed)
		purge_keys_without_rows(changes->table, rekeyed, from);
}

void
inherit_purge_respelled(TableChanges *changes, RowList *respelled, int64 from, int64 upto, int lookup)
{
	if (!nothing_is_held(changes->table))
		inherit_rekey(changes, respelled, from);
}
