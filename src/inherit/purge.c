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

	if (!access_store_delete(store, &store->slot->tts_tid))
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

/*
 * Whoever holds something on the rows is not dropped before we commit: a drop would not find what is written under
 * another key meanwhile.  He is locked before his entries are touched, as a drop locks him first.
 */
static void
lock_holders(Store *store, ModelTable *table, RowList *rekeyed, int64 from, Given *holders, const Since *since)
{
	for (int64 row = from; row < rekeyed->nrows; row++)
	{
		Datum		keys[2];
		bool		nulls[2];

		rows_list_get(rekeyed, row, keys, nulls);
		access_store_find(store, 1, &keys[REKEYED_OLD]);
		while (access_store_next(store))
			rows_set_add(holders->principals, slot_getattr(store->slot, ENTRY_PRINCIPAL, &nulls[0]));
	}
	inherit_given_lock(table, holders, since);
	access_store_refresh(store);
}

/* Takes a key's rows out of the store, and adds their holders; false when somebody else has changed one. */
static bool
take_out(Store *store, Datum old_key, Datum new_key, Given *holders, List **waiting)
{
	bool		done = true;

	access_store_find(store, 1, &old_key);
	while (access_store_next(store))
	{
		Renamed    *renamed = renamed_row(store, new_key);

		rows_set_add(holders->principals, renamed->values[ENTRY_PRINCIPAL - 1]);
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
	Given		holders = {rows_set_make(model_principal(table))};
	Since		since = {0};
	List	   *waiting = NIL;
	ListCell   *lc;
	Datum		keys[2];
	bool		nulls[2];

	model_since_begin(&since, store->snapshot);
	lock_holders(store, table, rekeyed, from, &holders, &since);
	for (int64 row = from; row < rekeyed->nrows; row++)
	{
		rows_list_get(rekeyed, row, keys, nulls);
		while (!take_out(store, keys[REKEYED_OLD], keys[REKEYED_NEW], &holders, &waiting))
			access_store_refresh(store);
	}
	foreach(lc, waiting)
		access_store_insert(store, ((Renamed *) lfirst(lc))->values, ((Renamed *) lfirst(lc))->nulls);
	/* who has been given something since then */
	inherit_given_lock(table, &holders, &since);
	model_since_end(&since);
	access_store_close(store);
}

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
	rekey(changes->table, rekeyed, from);
	if (changes->frame->others_flushed)
		purge_keys_without_rows(changes->table, rekeyed, from);
}

void
inherit_purge_respelled(TableChanges *changes, RowList *respelled, int64 from, int64 upto, int lookup)
{
	if (!nothing_is_held(changes->table))
		rekey(changes->table, respelled, from);
}
