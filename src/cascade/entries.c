/*
 * entries.c
 *		All entries of some rows: by the index, or out of the whole table when that is cheaper.
 */
#include "relmeta.h"

#include "cascade/effect.h"
#include "miscadmin.h"

void
cascade_entries_each(Store *store, DatumSet *objects, EntryReceiver receive, void *arg)
{
	StoredEntry entry;

	if (access_store_by_image(store) && access_store_all_cheaper(store, objects->count))
	{
		access_store_find_all(store);
		while (access_store_next_entry(store, &entry))
		{
			int			number = cascade_datumset_find(objects, entry.object);

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
