/*
 * parents.c
 *		Reading what rows inherit from; see inherit.h.
 */
#include "relmeta.h"

#include "inherit/inherit.h"
#include "utils/datum.h"
#include "utils/memutils.h"

int
inherit_parents_index(Parents *parents, Datum lookup)
{
	int			k = rows_set_find(parents->keys, lookup);

	return k < 0 ? -1 : parents->rows->found[k];
}

bool
inherit_parents_owned(Parents *parents, int i)
{
	return parents->table->owner.name != NULL && !parents->rows->owner_null[i];
}

bool
inherit_parents_owned_by(Parents *parents, int i, Datum principal)
{
	return rows_owns(parents->table, parents->rows, i, principal);
}

static Held *
find_held(Parents *parents, int i, Datum principal)
{
	for (Held *held = parents->held[i]; held != NULL; held = held->next)
		if (model_type_equal(&parents->table->principal, held->principal, principal))
			return held;
	return NULL;
}

int32
inherit_parents_held(Parents *parents, int i, Datum principal)
{
	Held	   *held = find_held(parents, i, principal);

	return held == NULL ? 0 : held->bits;
}

void
inherit_parents_add(Parents *parents, int i, Datum principal, int32 bits)
{
	ModelType  *type = &parents->table->principal;
	Held	   *held = find_held(parents, i, principal);

	if (held == NULL)
	{
		held = palloc0(sizeof(Held));
		held->principal = datumCopy(principal, type->typbyval, type->typlen);
		held->next = parents->held[i];
		parents->held[i] = held;
	}
	held->bits |= bits;
}

static void
hold_entry(StoredEntry *entry, int number, void *arg)
{
	inherit_parents_add(arg, number, entry->principal, entry->mask);
}

Parents *
inherit_parents_read(Effects *effects, ModelTable *table, DatumSet *keys, bool attaching)
{
	Parents    *parents = palloc0(sizeof(Parents));
	Size		size;

	parents->table = table;
	parents->keys = keys;
	parents->rows = rows_get(table, keys, attaching ? ROW_ATTACHED : ROW_UNLOCKED);
	size = Max(parents->rows->keys->count, 1) * sizeof(Held *);
	parents->held = MemoryContextAllocExtended(CurrentMemoryContext, size, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	if (parents->rows->keys->count > 0 && !access_entries_empty(table))
	{
		Store	   *store = inherit_effects_store(effects, table);

		access_store_refresh(store);
		inherit_entries_each(store, parents->rows->keys, hold_entry, parents);
	}
	return parents;
}
