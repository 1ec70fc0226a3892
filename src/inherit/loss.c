/*
 * loss.c
 *		Losses of access, one level down (SEMANTICS 3.3, 3.4).
 *
 * EXAMPLE.  Account 1, its contact 10 and the contact's task 100 are ann's; unshare is all.  She has shared the account
 * with bob, read and write, and the contact, read.  SELECT relmeta.unshare('account', 1, 'bob'):
 *
 *					before											after
 *	account 1		bob: direct, read and write						-
 *	contact 10		bob: direct, read; share, read and write		bob: direct, read
 *	task 100		bob: share, read and write						bob: share, read
 *
 * On the account bob has no other ground for the two bits: both are lost there, and taken from the contact's share
 * entry, which is empty then.  On the contact he still holds read, by his direct grant, which no cascade touches: only
 * write is lost there, and taken from the task.
 *
 * A reparent's net loss (SEMANTICS 3.4) goes down alike, but through every relationship, and from entries of both
 * causes, whatever the behaviors.
 */
#include "relmeta.h"

#include "inherit/effect.h"
#include "rows/act.h"
#include "miscadmin.h"
#include "utils/datum.h"
#include "utils/memutils.h"

/*
 * May entries be reduced through the relationship by a loss of this kind?  Where
 * something may be inherited, an entry table that is still empty says nothing before
 * the rows are locked.
 */
static bool
reduces(ModelRelationship *relationship, LossKind kind)
{
	if (!inherit_same_principals(relationship))
		return false;
	if (kind == LOSS_UNSHARE)
		return behavior_cascades(relationship->behavior[ACTION_UNSHARE]);
	return behavior_cascades(relationship->behavior[ACTION_SHARE]) ||
		behavior_cascades(relationship->behavior[ACTION_REPARENT]) ||
		!access_entries_empty(relationship->related);
}

/* May any of the related rows' entries be reduced? */
static bool
losses_go_on(ModelTable *table, LossKind kind)
{
	ListCell   *lc;

	foreach(lc, model_as_primary(table))
		if (reduces(lfirst(lc), kind))
		return true;
	return false;
}

/* ---- what is lost indeed ---- */

/*
 * Of the bits that an entry had, those that the principal holds on the row by no
 * other entry (not its teams').  The rows are locked: nobody takes or gives one meanwhile.
 */
static void
narrow_by_index(Store *store, PairGroup *group)
{
	for (int k = 0; k < group->objects->count; k++)
	{
		for (Holder *pair = inherit_group_holders(group, k)->first; pair != NULL; pair = pair->next)
		{
			Datum		keys[2] = {group->objects->values[k], pair->principal};
			StoredEntry entry;

			access_store_find(store, 2, keys);
			while (access_store_next_entry(store, &entry))
				pair->after &= ~entry.mask;
		}
		CHECK_FOR_INTERRUPTS();
	}
}

/* The same, out of all entries of the table. */
static void
narrow_from_all(Store *store, PairGroup *group)
{
	ModelType  *principal = model_principal(store->table);
	StoredEntry entry;

	access_store_find_all(store);
	while (access_store_next_entry(store, &entry))
	{
		int			k = rows_set_find(group->objects, entry.object);
		Holder	   *pair;

		if (k < 0)
			continue;
		pair = inherit_holder_find(inherit_group_holders(group, k), principal, entry.principal);
		if (pair != NULL)
			pair->after &= ~entry.mask;
	}
}

static void
narrow(Effects *effects, TableEffects *table, LossKind kind, PairGroup *group)
{
	Store	   *store = inherit_effects_store(effects, table->table);

	access_store_refresh(store);
	if (access_store_by_image(store) && access_store_all_cheaper(store, group->objects->count))
		narrow_from_all(store, group);
	else
		narrow_by_index(store, group);
	for (int k = 0; k < group->objects->count; k++)
		for (Holder *pair = inherit_group_holders(group, k)->first; pair != NULL; pair = pair->next)
			inherit_effects_lost(effects, table->table, kind, group->objects->values[k], pair->principal, pair->after);
}

/* Narrows what waits; false when nothing does. */
static bool
narrow_waiting(Effects *effects, TableEffects *table, LossKind kind)
{
	bool		go_on = losses_go_on(table->table, kind);
	Grouping	grouping;
	PairGroup  *group;
	bool		any = false;

	inherit_group_begin(&grouping, &table->maybe_lost[kind], model_principal(table->table), false);
	while ((group = inherit_group_next(&grouping)) != NULL)
	{
		any = true;
		effects->level = table->maybe_lost[kind].level;
		if (go_on)
			narrow(effects, table, kind, group);
	}
	return any;
}

/* ---- reducing ---- */

/* A related row, and where its pairs' results begin. */
typedef struct Loser
{
	Datum		owner;			/* known where losses go on */
	bool		owner_null;
	int			parent;
	int64		first;
} Loser;

/* What was taken from a principal on a row, and what its entries there still hold. */
typedef struct Reduced
{
	int32		bits;
	int32		held;			/* by any of them */
	int32		inherits;		/* by an inherited one */
} Reduced;

/* what a related row takes while it is worked on, about; the same where nothing need be known of it but its key */
#define LOSER_BYTES (sizeof(Loser) + ALIKE_BYTES)
#define ALIKE_BYTES (sizeof(Reduced) + 32)

/* Losses that are being passed on through one relationship: those of a slice of the related rows. */
typedef struct Reducing
{
	Effects    *effects;
	ModelRelationship *relationship;
	TableEffects *related_effects;	/* of the related table */
	LossKind	kind;
	bool		go_on;			/* known when the rows are locked */
	bool		vanished;		/* an entry was gone when it was to be changed */
	PairGroup  *group;
	KeyMap	   *losers;			/* related rows: Loser by key, or nothing */
	bool		alike;			/* all lose the same, and it goes no further:
								 * nothing need be known of one but its key */
	int64		npairs;
	int64		done;			/* related rows of the slices before, */
	int64		total;			/* and of all */
} Reducing;

static Datum
loser_key(Reducing *reducing, int i)
{
	return reducing->losers->keys->values[i];
}

static Loser *
loser_at(Reducing *reducing, int i)
{
	return rows_map_at(reducing->losers, i);
}

/* What row number i loses. */
static Holders *
lost_on(Reducing *reducing, int i)
{
	return inherit_group_holders(reducing->group, reducing->alike ? 0 : loser_at(reducing, i)->parent);
}

/* Where its pairs' results begin. */
static int64
first_of(Reducing *reducing, int i)
{
	return reducing->alike ? i : loser_at(reducing, i)->first;
}

/* Makes rows [from, upto) of a list of related rows those that are reduced. */
static void
read_losers(Reducing *reducing, RowList *rows, int64 from, int64 upto)
{
	ModelType  *owner = model_principal(reducing->related_effects->table);
	Datum		values[CHILD_COLUMNS];
	bool		nulls[CHILD_COLUMNS];

	reducing->losers = rows_map_make(rows->types[CHILD_KEY], reducing->alike ? 0 : sizeof(Loser));
	rows_set_reserve(reducing->losers->keys, upto - from);
	reducing->npairs = 0;
	for (int64 row = from; row < upto; row++)
	{
		int			before = reducing->losers->keys->count;
		Loser	   *loser;

		rows_list_get(rows, row, values, nulls);
		loser = rows_map_enter(reducing->losers, values[CHILD_KEY], NULL);
		if (reducing->losers->keys->count == before)
			continue;
		if (reducing->alike)
		{
			reducing->npairs++;
			continue;
		}
		loser->owner_null = nulls[CHILD_OWNER] || !reducing->go_on;
		loser->owner = loser->owner_null ? (Datum) 0 : datumCopy(values[CHILD_OWNER], owner->typbyval, owner->typlen);
		loser->parent = DatumGetInt32(values[CHILD_PARENT]);
		loser->first = reducing->npairs;
		reducing->npairs += inherit_group_holders(reducing->group, loser->parent)->count;
	}
}

/* Takes a pair's bits from an entry of its principal, if it came through the relationship. */
static void
reduce_entry(Reducing *reducing, Store *store, StoredEntry *entry, Holder *pair, Reduced *reduced)
{
	int32		bits = 0;

	if (entry->relationship == reducing->relationship->id && entry->cause != CAUSE_DIRECT)
		bits = entry->mask & pair->after;
	reduced->held |= entry->mask & ~bits;
	if (entry->cause != CAUSE_DIRECT)
		reduced->inherits |= entry->mask & ~bits;
	if (bits == 0)
		return;
	if (access_store_set_mask(store, entry, entry->mask & ~bits))
	{
		reduced->bits |= bits;
		reducing->effects->reduced++;
	}
	else
		reducing->vanished = true;
}

/* The result of one row and pair: what goes further are the bits that were taken and are not held otherwise. */
static void
reduced_pair(Reducing *reducing, int i, Holder *pair, Reduced *reduced)
{
	ModelTable *table = reducing->related_effects->table;
	Loser	   *loser = loser_at(reducing, i);	/* where losses go on */
	Datum		key = loser_key(reducing, i);
	int32		lost = reduced->bits & ~reduced->held;

	if (reduced->bits == 0)
		return;
	inherit_effects_touch(reducing->effects, reducing->related_effects, key, pair->principal);
	if ((reduced->bits & ~reduced->inherits) != 0)
		inherit_effects_shrunk(reducing->effects, table, key, pair->principal,
							   reduced->inherits != 0);
	if (!reducing->go_on || lost == 0)
		return;
	if (!loser->owner_null && model_type_equal(model_principal(table), loser->owner, pair->principal))
		lost &= ~RIGHTS_ALL;
	inherit_effects_lost(reducing->effects, table, reducing->kind, key, pair->principal, lost);
}

static void
reduce_by_index(Reducing *reducing, Store *store)
{
	StoredEntry entry;

	for (int i = 0; i < reducing->losers->keys->count; i++)
	{
		if (i % ACT_SLICE == 0)
			rows_act_rows(reducing->done + i, reducing->total);
		for (Holder *pair = lost_on(reducing, i)->first; pair != NULL; pair = pair->next)
		{
			Datum		keys[2] = {loser_key(reducing, i), pair->principal};
			Reduced		reduced = {0};

			access_store_find(store, 2, keys);
			while (access_store_next_entry(store, &entry))
				reduce_entry(reducing, store, &entry, pair, &reduced);
			reduced_pair(reducing, i, pair, &reduced);
		}
		CHECK_FOR_INTERRUPTS();
	}
}

/* The rows from one on whose pairs are dealt with together: the number of the first that is not. */
static int
slice_end(Reducing *reducing, int from)
{
	int			upto = from + 1;
	int64		most = Max(10000, (Size) work_mem * 1024 / sizeof(Reduced));

	while (upto < reducing->losers->keys->count &&
		   first_of(reducing, upto) - first_of(reducing, from) < most)
		upto++;
	return upto;
}

/* Takes from rows [from, upto), out of all entries of the table. */
static void
reduce_slice_from_all(Reducing *reducing, Store *store, int from, int upto)
{
	ModelType  *principal = model_principal(reducing->related_effects->table);
	int64		first = first_of(reducing, from);
	int64		end = upto < reducing->losers->keys->count ? first_of(reducing, upto) : reducing->npairs;
	Reduced    *reduced = MemoryContextAllocExtended(CurrentMemoryContext, Max(end - first, 1) * sizeof(Reduced),
													 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	StoredEntry entry;

	access_store_find_all(store);
	while (access_store_next_entry(store, &entry))
	{
		int			i = rows_set_find(reducing->losers->keys, entry.object);
		Holder	   *pair;
		int64		n;

		CHECK_FOR_INTERRUPTS();
		if (i < from || i >= upto)
			continue;
		n = first_of(reducing, i) - first;
		pair = inherit_holder_find(lost_on(reducing, i), principal, entry.principal);
		if (pair != NULL)
			reduce_entry(reducing, store, &entry, pair, &reduced[n + pair->number]);
	}
	for (int i = from; i < upto; i++)
	{
		int64		n = first_of(reducing, i) - first;

		for (Holder *pair = lost_on(reducing, i)->first; pair != NULL; pair = pair->next)
			reduced_pair(reducing, i, pair, &reduced[n + pair->number]);
	}
	pfree(reduced);
}

/* The same as reduce_by_index, out of all entries of the table, as many times as memory asks for. */
static void
reduce_from_all(Reducing *reducing, Store *store)
{
	for (int from = 0; from < reducing->losers->keys->count;)
	{
		int			upto = slice_end(reducing, from);

		rows_act_rows(reducing->done + from, reducing->total);
		reduce_slice_from_all(reducing, store, from, upto);
		from = upto;
	}
}

/* The lock of rows that lose something: see rows.h. */
static RowLock
loss_lock(Effects *effects, ModelTable *table)
{
	return model_as_primary(table) != NIL || effects->owners ? rows_gain_lock(table) : ROW_UNLOCKED;
}

/*
 * Are the related rows only read, one after the other?  Then one set of primary rows may be larger than what is
 * worked on: each set more may read the whole related table once more.  Rows that are locked are put in order in
 * memory first, and owners are read of all primary rows of a set.
 */
static bool
only_read(Effects *effects, ModelTable *table, LossKind kind)
{
	ListCell   *lc;

	foreach(lc, model_as_primary(table))
	{
		ModelRelationship *relationship = lfirst(lc);

		if (loss_lock(effects, relationship->related) != ROW_UNLOCKED ||
			(kind == LOSS_UNSHARE && relationship->behavior[ACTION_UNSHARE] == BEHAVIOR_USER_OWNED))
			return false;
	}
	return true;
}

/*
 * Takes what was lost from the related rows of one relationship.  False when an entry was gone: once more, then.
 * *rows: how many match, where there are entries at all.
 *
 * Rows that are locked have their entries read after that: those who were waited for may have given and taken.
 * Rows that are not are read by the same snapshot as their entries.  A row that goes below another primary row
 * leaves its entries behind, as does one that is deleted or gets another key, and what it has from then on stands in
 * new ones: where entries are as they were, so is the row.
 */
static bool
pass_losses(Effects *effects, ModelRelationship *relationship, LossKind kind, PairGroup *group, uint64 *rows)
{
	ModelTable *related = relationship->related;
	ModelBehavior behavior = kind == LOSS_NET ? BEHAVIOR_ALL : relationship->behavior[ACTION_UNSHARE];
	RowLock		lock = loss_lock(effects, related);
	Reducing	reducing = {effects, relationship, inherit_effects_table(effects, related->relid), kind, false, false,
	group};
	Store	   *store = NULL;
	RowList    *list;
	RowSlice	slice;

	if (lock == ROW_UNLOCKED)
	{
		if (access_entries_empty(related))
			return true;
		store = inherit_effects_store(effects, related);
		access_store_refresh(store);
	}
	list = rows_related(relationship, group->objects, behavior, lock, store == NULL ? NULL : store->snapshot);
	if (store == NULL)
	{
		if (access_entries_empty(related))
			return true;
		store = inherit_effects_store(effects, related);
		access_store_refresh(store);
	}
	reducing.go_on = losses_go_on(related, kind);
	reducing.alike = group->rows == NULL && !reducing.go_on;
	reducing.total = list->nrows;
	rows_slice_begin(&slice, list, 0, list->nrows);

	/*
	 * no statement gets them: as many as there is memory for, since all
	 * entries may be read for each slice
	 */
	slice.step = Max(slice.step, (int64) ((Size) work_mem * 1024 / (reducing.alike ? ALIKE_BYTES : LOSER_BYTES)));
	while (rows_slice_next(&slice))
	{
		reducing.done = slice.from;
		read_losers(&reducing, list, slice.from, slice.upto);
		if (access_store_by_image(store) && access_store_all_cheaper(store, reducing.npairs))
			reduce_from_all(&reducing, store);
		else
			reduce_by_index(&reducing, store);
	}
	rows_act_rows(list->nrows, list->nrows);
	*rows = list->nrows;
	return !reducing.vanished;
}

static void
pass_all_losses(Effects *effects, ModelRelationship *relationship, LossKind kind, PairGroup *group)
{
	uint64		rows = 0;

	rows_act_begin(kind == LOSS_NET ? ACTION_REPARENT : ACTION_UNSHARE, relationship->name, effects->level, false);
	while (!pass_losses(effects, relationship, kind, group, &rows))
		CHECK_FOR_INTERRUPTS();
	rows_act_end(rows);
}

/*
 * inherit_loss_pass
 *		Passes a table's waiting losses of one kind to the related rows: an unshare
 *		(SEMANTICS 3.3), or what is lost by an assign or a reparent (SEMANTICS 3.1,
 *		3.4).  False when there were none.
 */
bool
inherit_loss_pass(Effects *effects, TableEffects *table, LossKind kind)
{
	bool		any = narrow_waiting(effects, table, kind);
	Grouping	grouping;
	PairGroup  *group;
	ListCell   *lc;

	inherit_group_begin(&grouping, &table->lost[kind], model_principal(table->table),
						only_read(effects, table->table, kind));
	while ((group = inherit_group_next(&grouping)) != NULL)
	{
		any = true;
		effects->level = table->lost[kind].level + 1;
		foreach(lc, model_as_primary(table->table))
		{
			ModelRelationship *relationship = lfirst(lc);

			if (!reduces(relationship, kind))
				continue;
			relationship = inherit_effects_relationship(effects, relationship);
			if (relationship != NULL && reduces(relationship, kind))
				pass_all_losses(effects, relationship, kind, group);
		}
	}
	return any;
}
