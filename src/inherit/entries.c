/*
 * entries.c
 *		All entries of some rows: by the index, or out of the whole table when that is
 *		cheaper; and one entry that gains bits.
 */
#include "relmeta.h"

#include "inherit/effect.h"
#include "miscadmin.h"

void
inherit_entries_each(Store *store, DatumSet *objects, EntryReceiver receive, void *arg)
{
	StoredEntry entry;

	if (access_store_by_image(store) && access_store_all_cheaper(store, objects->count))
	{
		access_store_find_all(store);
		while (access_store_next_entry(store, &entry))
		{
			int			number = rows_set_find(objects, entry.object);

			if (number >= 0)
				receive(&entry, number, arg);
		}
		return;
	}
	for (int i = 0; i < objects->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		access_store_find(store, 1, &objects->values[i]);
		while (access_store_next_entry(store, &entry))
			receive(&entry, i, arg);
	}
}

int32
inherit_entry_add(Store *store, StoredEntry *entry, bool may_exist, bool *made)
{
	Datum		keys[4] = {entry->object, entry->principal, Int32GetDatum(entry->relationship),
	CharGetDatum(entry->cause)};
	StoredEntry found;

	*made = false;
	while (may_exist)
	{
		int32		gained;

		access_store_find(store, 4, keys);
		if (!access_store_next_entry(store, &found))
			break;
		gained = entry->mask & ~found.mask;
		if (gained == 0 || access_store_set_mask(store, &found, found.mask | entry->mask))
			return gained;
		CHECK_FOR_INTERRUPTS();
		access_store_refresh(store);
	}
	*made = true;
	access_store_insert_entry(store, entry->object, entry->principal, entry->relationship, entry->cause, entry->mask);
	return entry->mask;
}
