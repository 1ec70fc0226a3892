/*
 * loss.c
 *		Losses of access, one level down (SEMANTICS 3.3, 3.4).
 */
#include "relmeta.h"

#include "cascade/effect.h"
#include "miscadmin.h"
#include "utils/datum.h"
#include "utils/memutils.h"

/*
 * May entries be taken through the relationship by a loss of this kind?  Where
 * something may be inherited, an entry table that is still empty says nothing before
 * the rows are locked.
 */
static bool
takes(ModelRelationship *relationship, LossKind kind)
{
	if (!cascade_same_principals(relationship))
		return false;
	if (kind == LOSS_UNSHARE)
		return behavior_cascades(relationship->behavior[ACTION_UNSHARE]);
	return behavior_cascades(relationship->behavior[ACTION_SHARE]) ||
		behavior_cascades(relationship->behavior[ACTION_REPARENT]) ||
		!access_entries_empty(relationship->related);
}

/* May any be taken from the table's related rows? */
static bool
losses_go_on(ModelTable *table, LossKind kind)
{
	ListCell   *lc;

	foreach(lc, table->as_primary)
		if (takes(lfirst(lc), kind))
		return true;
	return false;
}

/* (row, principal) whose results are kept in memory together, about */
#define PAIRS_AT_ONCE	1000000

/* ---- what is lost indeed ---- */

/*
 * Of the bits that an entry had, those that the principal holds on the row by no
 * other entry (not its teams').  The rows are locked: nobody takes or gives one meanwhile.
 */
static void
narrow(Effects *effects, TableEffects *table, LossKind kind, PairGroup *group)
{
	Store	   *store = cascade_effects_store(effects, table->table);

	access_store_refresh(store);
	for (int k = 0; k < group->objects->count; k++)
	{
		for (Pair *pair = group->pairs[k]; pair != NULL; pair = pair->next)
		{
			Datum		keys[2] = {group->objects->values[k], pair->principal};
			StoredEntry entry;
			int32		lost = pair->bits;

			access_store_find(store, 2, keys);
			while (access_store_next_entry(store, &entry))
				lost &= ~entry.mask;
			cascade_effects_gone(effects, table->table, kind, keys[0], pair->principal, lost);
		}
		CHECK_FOR_INTERRUPTS();
	}
}

/* Narrows what waits; false when nothing does. */
static bool
narrow_waiting(Effects *effects, TableEffects *table, LossKind kind)
{
	bool		go_on = losses_go_on(table->table, kind);
	PairGroup  *group;
	bool		any = false;

	while ((group = cascade_group_next(&table->lost[kind], &table->table->principal)) != NULL)
	{
		any = true;
		if (go_on)
			narrow(effects, table, kind, group);
	}
	return any;
}

/* ---- taking ---- */

/* A related row, and where its pairs' results begin. */
typedef struct Loser
{
	Datum		owner;
	bool		owner_null;
	int			parent;
	int64		first;
} Loser;

/* What was taken from a principal on a row, and what its entries there still hold. */
typedef struct Taken
{
	int32		bits;
	int32		held;			/* by any of them */
	int32		inherits;		/* by an inherited one */
} Taken;

/* Losses that are being passed on through one relationship. */
typedef struct Taking
{
	Effects    *effects;
	ModelRelationship *relationship;
	TableEffects *theirs;		/* of the related table */
	LossKind	kind;
	bool		go_on;			/* known when the rows are locked */
	bool		vanished;		/* an entry was gone when it was to be changed */
	PairGroup  *group;
	MemoryContext cxt;
	DatumSet   *keys;			/* related rows */
	Loser	   *losers;			/* parallel to keys->values */
	int			capacity;
	int64		npairs;
} Taking;

static void
remember_row(RelatedRow *row, void *arg)
{
	Taking	   *taking = arg;
	ModelType  *owner = &taking->theirs->table->principal;
	int			n = taking->keys->count;
	int			i = cascade_datumset_index(taking->keys, row->key);
	Loser	   *loser;

	if (i < n)
		return;
	if (n == taking->capacity)
	{
		taking->capacity = Max(8, 2 * n);
		if (taking->losers == NULL)
			taking->losers = MemoryContextAlloc(taking->cxt, taking->capacity * sizeof(Loser));
		else
			taking->losers = repalloc_huge(taking->losers, taking->capacity * sizeof(Loser));
	}
	loser = &taking->losers[i];
	loser->owner_null = row->owner_null;
	loser->parent = row->parent;
	loser->first = taking->npairs;
	loser->owner = row->owner;
	if (!row->owner_null && !owner->typbyval)
	{
		MemoryContext old = MemoryContextSwitchTo(taking->cxt);

		loser->owner = datumCopy(row->owner, false, owner->typlen);
		MemoryContextSwitchTo(old);
	}
	for (Pair *pair = taking->group->pairs[row->parent]; pair != NULL; pair = pair->next)
		taking->npairs++;
}

/* Takes a pair's bits from an entry of its principal, if it came through the relationship. */
static void
take_from_entry(Taking *taking, Store *store, StoredEntry *entry, Pair *pair, Taken *taken)
{
	int32		bits = 0;

	if (entry->relationship == taking->relationship->id && entry->cause != CAUSE_DIRECT)
		bits = entry->mask & pair->bits;
	taken->held |= entry->mask & ~bits;
	if (entry->cause != CAUSE_DIRECT)
		taken->inherits |= entry->mask & ~bits;
	if (bits == 0)
		return;
	if (access_store_set_mask(store, entry, entry->mask & ~bits))
	{
		taken->bits |= bits;
		taking->effects->taken++;
	}
	else
		taking->vanished = true;
}

/* The result of one row and pair: what goes further are the bits that were taken and are not held otherwise. */
static void
took(Taking *taking, int i, Pair *pair, Taken *taken)
{
	ModelTable *table = taking->theirs->table;
	Loser	   *loser = &taking->losers[i];
	int32		lost = taken->bits & ~taken->held;

	if (taken->bits == 0)
		return;
	cascade_effects_touch(taking->effects, taking->theirs, taking->keys->values[i], pair->principal);
	if ((taken->bits & ~taken->inherits) != 0)
		cascade_effects_shrunk(taking->effects, table, taking->keys->values[i], pair->principal, taken->inherits != 0);
	if (!taking->go_on || lost == 0)
		return;
	if (!loser->owner_null && model_type_equal(&table->principal, loser->owner, pair->principal))
		lost &= ~RIGHTS_ALL;
	cascade_effects_gone(taking->effects, table, taking->kind, taking->keys->values[i], pair->principal, lost);
}

static void
take_by_index(Taking *taking, Store *store)
{
	StoredEntry entry;

	for (int i = 0; i < taking->keys->count; i++)
	{
		for (Pair *pair = taking->group->pairs[taking->losers[i].parent]; pair != NULL; pair = pair->next)
		{
			Datum		keys[2] = {taking->keys->values[i], pair->principal};
			Taken		taken = {0};

			access_store_find(store, 2, keys);
			while (access_store_next_entry(store, &entry))
				take_from_entry(taking, store, &entry, pair, &taken);
			took(taking, i, pair, &taken);
		}
		CHECK_FOR_INTERRUPTS();
	}
}

/* The rows from one on whose pairs are dealt with together: the number of the first that is not. */
static int
slice_end(Taking *taking, int from)
{
	int			upto = from + 1;

	while (upto < taking->keys->count && taking->losers[upto].first - taking->losers[from].first < PAIRS_AT_ONCE)
		upto++;
	return upto;
}

/* Takes from rows [from, upto), out of all entries of the table. */
static void
take_slice_from_all(Taking *taking, Store *store, int from, int upto)
{
	ModelType  *principal = &taking->theirs->table->principal;
	int64		first = taking->losers[from].first;
	int64		end = upto < taking->keys->count ? taking->losers[upto].first : taking->npairs;
	Taken	   *taken = MemoryContextAllocExtended(taking->cxt, Max(end - first, 1) * sizeof(Taken),
												   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	StoredEntry entry;

	access_store_find_all(store);
	while (access_store_next_entry(store, &entry))
	{
		int			i = cascade_datumset_find(taking->keys, entry.object);
		int64		n;

		CHECK_FOR_INTERRUPTS();
		if (i < from || i >= upto)
			continue;
		n = taking->losers[i].first - first;
		for (Pair *pair = taking->group->pairs[taking->losers[i].parent]; pair != NULL; pair = pair->next, n++)
			if (model_type_equal(principal, entry.principal, pair->principal))
				take_from_entry(taking, store, &entry, pair, &taken[n]);
	}
	for (int i = from; i < upto; i++)
	{
		int64		n = taking->losers[i].first - first;

		for (Pair *pair = taking->group->pairs[taking->losers[i].parent]; pair != NULL; pair = pair->next, n++)
			took(taking, i, pair, &taken[n]);
	}
	pfree(taken);
}

/* The same as take_by_index, out of all entries of the table, as many times as memory asks for. */
static void
take_from_all(Taking *taking, Store *store)
{
	for (int from = 0; from < taking->keys->count;)
	{
		int			upto = slice_end(taking, from);

		take_slice_from_all(taking, store, from, upto);
		from = upto;
	}
}

/* The lock of rows that lose something: see rows.h. */
static RowLock
loss_lock(Effects *effects, ModelTable *table)
{
	return table->as_primary != NIL || effects->owners ? cascade_rows_gain_lock(table) : ROW_UNLOCKED;
}

/*
 * Takes what was lost from the related rows of one relationship.  False when an entry was gone: once more, then.
 *
 * Rows that are locked have their entries read after that: those who were waited for may have given and taken.
 * Rows that are not are read by the same snapshot as their entries.  A row that goes below another primary row
 * leaves its entries behind, as does one that is deleted or gets another key, and what it has from then on stands in
 * new ones: where entries are as they were, so is the row.
 */
static bool
pass_losses(Effects *effects, ModelRelationship *relationship, LossKind kind, PairGroup *group)
{
	ModelTable *related = relationship->related;
	ModelBehavior behavior = kind == LOSS_NET ? BEHAVIOR_ALL : relationship->behavior[ACTION_UNSHARE];
	RowLock		lock = loss_lock(effects, related);
	Taking		taking = {effects, relationship, cascade_effects_table(effects, related->relid), kind, false, false,
	group, CurrentMemoryContext, cascade_datumset_make(&related->key.type)};
	Store	   *store;

	if (lock == ROW_UNLOCKED)
	{
		if (access_entries_empty(related))
			return true;
		store = cascade_effects_store(effects, related);
		access_store_refresh(store);
		cascade_rows_each_related(relationship, group->objects, behavior, lock, store->snapshot, remember_row,
								  &taking);
	}
	else
	{
		cascade_rows_each_related(relationship, group->objects, behavior, lock, NULL, remember_row, &taking);
		if (access_entries_empty(related))
			return true;
		store = cascade_effects_store(effects, related);
		access_store_refresh(store);
	}
	taking.go_on = losses_go_on(related, kind);
	if (access_store_by_image(store) && access_store_all_cheaper(store, taking.npairs))
		take_from_all(&taking, store);
	else
		take_by_index(&taking, store);
	return !taking.vanished;
}

/*
 * cascade_loss_pass
 *		Passes a table's waiting losses of one kind to the related rows.  False
 *		when there were none.
 */
bool
cascade_loss_pass(Effects *effects, TableEffects *table, LossKind kind)
{
	PairGroup  *group;
	ListCell   *lc;
	bool		any = narrow_waiting(effects, table, kind);

	while ((group = cascade_group_next(&table->gone[kind], &table->table->principal)) != NULL)
	{
		any = true;
		foreach(lc, table->table->as_primary)
		{
			ModelRelationship *relationship = lfirst(lc);

			if (!takes(relationship, kind))
				continue;
			relationship = cascade_effects_relationship(effects, relationship);
			while (relationship != NULL && takes(relationship, kind) &&
				   !pass_losses(effects, relationship, kind, group))
				CHECK_FOR_INTERRUPTS();
		}
	}
	return any;
}
