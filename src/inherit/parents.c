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
	return !rows_owner(parents->rows, i)->isnull;
}

bool
inherit_parents_owned_by(Parents *parents, int i, Datum principal)
{
	return rows_owns(parents->table, parents->rows, i, principal);
}

int32
inherit_parents_held(Parents *parents, int i, Datum principal)
{
	Holder	   *held = inherit_holder_find(&parents->held[i], model_principal(parents->table), principal);

	return held == NULL ? 0 : held->after;
}

void
inherit_parents_add(Parents *parents, int i, Datum principal, char cause, int32 bits)
{
	/*
	 * who adds to it may be at work on a slice of the rows, and the next one
	 * reads it
	 */
	MemoryContext old = MemoryContextSwitchTo(parents->cxt);
	Holder	   *held = inherit_holder(&parents->held[i], model_principal(parents->table), principal);

	MemoryContextSwitchTo(old);
	held->after |= bits;
	if (cause != CAUSE_REPARENT)
		held->part |= bits;
}

void
inherit_parents_each(Parents *parents, int i, NullableDatum *owner, GivenReceiver receive, void *arg)
{
	ModelType  *principal = model_principal(parents->table);
	NullableDatum *above = rows_owner(parents->rows, i);
	bool		owner_done = false;

	for (Holder *held = parents->held[i].first; held != NULL; held = held->next)
	{
		bool		owns = inherit_parents_owned_by(parents, i, held->principal);

		owner_done |= owns;
		if (owner->isnull || !model_type_equal(principal, held->principal, owner->value))
			receive(held->principal, held->after | (owns ? RIGHTS_ALL : 0), held->part, arg);
	}
	if (!owner_done && !above->isnull && (owner->isnull || !model_type_equal(principal, above->value, owner->value)))
		receive(above->value, RIGHTS_ALL, 0, arg);
}

static void
hold_entry(StoredEntry *entry, int number, void *arg)
{
	inherit_parents_add(arg, number, entry->principal, entry->cause, entry->mask);
}

Parents *
inherit_parents_read(Effects *effects, ModelTable *table, DatumSet *keys, bool attaching, RowSet *rows)
{
	Parents    *parents = palloc0(sizeof(Parents));
	Size		size;

	parents->cxt = CurrentMemoryContext;
	parents->table = table;
	parents->keys = keys;
	parents->rows = rows != NULL ? rows : rows_get(table, keys, attaching ? ROW_ATTACHED : ROW_UNLOCKED);
	size = Max(parents->rows->owners->keys->count, 1) * sizeof(Holders);
	parents->held = MemoryContextAllocExtended(CurrentMemoryContext, size, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	if (parents->rows->owners->keys->count > 0 && !access_entries_empty(table))
	{
		Store	   *store = inherit_effects_store(effects, table);

		access_store_refresh(store);
		inherit_entries_each(store, parents->rows->owners->keys, hold_entry, parents);
	}
	return parents;
}
