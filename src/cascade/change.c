/*
 * change.c
 *		One row's change, sorted into the lists of its table.
 *
 * Runs once per changed row: no catalog access, no SPI, no allocation but for
 * what is kept.  What counts are the stored values, whoever set them
 * (SEMANTICS 3.0): the slots of an AFTER trigger hold them.
 */
#include "relmeta.h"

#include "cascade/cascade.h"
#include "cascade/queue.h"
#include "executor/tuptable.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/rel.h"

static uint64 rows_assigned = 0;

static void read_image(TableChanges *changes, ModelLeaf *leaf, TupleTableSlot *slot, RowImage *image);
static void sort_update(TableChanges *changes, RowImage *before, RowImage *after);
static void sort_insert(TableChanges *changes, RowImage *after);
static void sort_delete(TableChanges *changes, RowImage *before);
static void keep_raw(TableChanges *changes, int which, RowImage *image);

uint64
cascade_rows_assigned(void)
{
	return rows_assigned;
}

void
cascade_collect(Frame *frame, LeafChanges *leaf, TriggerData *trigdata)
{
	TableChanges *changes = leaf->changes;

	if (TRIGGER_FIRED_BY_UPDATE(trigdata->tg_event))
	{
		read_image(changes, leaf->leaf, trigdata->tg_trigslot, changes->before);
		read_image(changes, leaf->leaf, trigdata->tg_newslot, changes->after);
		sort_update(changes, changes->before, changes->after);
	}
	else if (TRIGGER_FIRED_BY_INSERT(trigdata->tg_event))
	{
		read_image(changes, leaf->leaf, trigdata->tg_trigslot, changes->after);
		if (changes->table->is_partitioned)
			keep_raw(changes, 1, changes->after);
		else
			sort_insert(changes, changes->after);
	}
	else
	{
		read_image(changes, leaf->leaf, trigdata->tg_trigslot, changes->before);
		if (changes->table->is_partitioned)
			keep_raw(changes, 0, changes->before);
		else
			sort_delete(changes, changes->before);
	}
}

static void
read_image(TableChanges *changes, ModelLeaf *leaf, TupleTableSlot *slot, RowImage *image)
{
	bool		isnull;

	image->key = slot_getattr(slot, leaf->key, &isnull);
	if (leaf->owner != InvalidAttrNumber)
		image->owner = slot_getattr(slot, leaf->owner, &image->owner_null);
	else
		image->owner_null = true;

	for (int i = 0; i < changes->nlookups; i++)
	{
		if (!changes->want_moved[i])
		{
			image->lookup_null[i] = true;
			continue;
		}
		image->lookup[i] = slot_getattr(slot, leaf->lookup[i], &image->lookup_null[i]);
		if (leaf->type_column[i] != InvalidAttrNumber && !image->lookup_null[i])
		{
			ModelRelationship *relationship = list_nth(changes->table->as_related, i);
			Datum		value = slot_getattr(slot, leaf->type_column[i], &isnull);

			if (isnull || !model_type_equal(&relationship->type_column.type, value, changes->type_values[i]))
				image->lookup_null[i] = true;
		}
	}
}

/* Is the value the same?  NULL is the same as NULL. */
static bool
same_value(ModelType *type, Datum a, bool a_null, Datum b, bool b_null)
{
	if (a_null || b_null)
		return a_null && b_null;
	return model_type_equal(type, a, b);
}

/* The frame's set of new owners in a type.  CurrentMemoryContext is the frame's. */
static OwnerSet *
owner_set(Frame *frame, ModelType *type)
{
	OwnerSet   *owners;
	ListCell   *lc;

	foreach(lc, frame->owner_sets)
	{
		owners = lfirst(lc);
		if (owners->set->type->base_type == type->base_type && owners->set->type->collation == type->collation)
			return owners;
	}
	owners = palloc0(sizeof(OwnerSet));
	owners->set = datumset_make(type);
	frame->owner_sets = lappend(frame->owner_sets, owners);
	return owners;
}

/* A new owner is to be a principal (SEMANTICS 2.2); checked once per distinct value, at the flush. */
static void
note_owner(TableChanges *changes, Datum owner)
{
	ModelType  *type = &changes->table->owner.type;
	MemoryContext old;

	if (changes->have_last_owner &&
		datum_image_eq(changes->last_owner, owner, type->typbyval, type->typlen))
		return;

	old = MemoryContextSwitchTo(changes->frame->cxt);
	if (changes->owners == NULL)
		changes->owners = owner_set(changes->frame, type);
	datumset_add(changes->owners->set, owner);
	if (changes->have_last_owner && !type->typbyval)
		pfree(DatumGetPointer(changes->last_owner));
	changes->last_owner = datumCopy(owner, type->typbyval, type->typlen);
	changes->have_last_owner = true;
	MemoryContextSwitchTo(old);
}

/* Does the statement, cascades included, give rows to one owner or to several? */
static void
note_new_owner(TableChanges *changes, Datum owner, bool isnull)
{
	Frame	   *frame = changes->frame;
	ModelType  *type = &changes->table->owner.type;
	MemoryContext old;

	if (frame->many_owners)
		return;
	if (frame->have_owner)
	{
		frame->many_owners = frame->owner_type->base_type != type->base_type ||
			!same_value(type, frame->one_owner, frame->one_owner_null, owner, isnull);
		return;
	}
	old = MemoryContextSwitchTo(frame->cxt);
	frame->have_owner = true;
	frame->owner_type = type;
	frame->one_owner_null = isnull;
	frame->one_owner = isnull ? (Datum) 0 : datumCopy(owner, type->typbyval, type->typlen);
	MemoryContextSwitchTo(old);
}

static RowList *
make_list(TableChanges *changes, int ncolumns, ModelType *a, ModelType *b, ModelType *c, ModelType *d)
{
	ModelType  *types[4] = {a, b, c, d};
	MemoryContext old = MemoryContextSwitchTo(changes->frame->cxt);
	RowList    *list = rowlist_make(ncolumns, types);

	MemoryContextSwitchTo(old);
	return list;
}

static void
note_assigned(TableChanges *changes, RowImage *before, RowImage *after)
{
	Datum		values[3] = {after->key, before->owner, after->owner};
	bool		nulls[3] = {false, before->owner_null, after->owner_null};
	ModelTable *table = changes->table;

	rows_assigned++;
	note_new_owner(changes, after->owner, after->owner_null);
	if (!changes->want_assigned && (!changes->want_own_assigned || changes->frame->assigning))
		return;
	if (changes->assigned == NULL)
		changes->assigned = make_list(changes, 3, &table->key.type, &table->owner.type, &table->owner.type, NULL);
	rowlist_add(changes->assigned, values, nulls);
}

static void
note_moved(TableChanges *changes, int lookup, RowImage *before, RowImage *after, bool inserted)
{
	ModelRelationship *relationship = list_nth(changes->table->as_related, lookup);
	Datum		values[4];
	bool		nulls[4];
	ModelType  *type = &relationship->lookup.type;

	values[MOVED_KEY] = after->key;
	nulls[MOVED_KEY] = false;
	values[MOVED_OLD] = inserted ? (Datum) 0 : before->lookup[lookup];
	nulls[MOVED_OLD] = inserted || before->lookup_null[lookup];
	values[MOVED_NEW] = after->lookup[lookup];
	nulls[MOVED_NEW] = after->lookup_null[lookup];
	values[MOVED_INSERTED] = after->key;
	nulls[MOVED_INSERTED] = !inserted;
	if (changes->moved[lookup] == NULL)
		changes->moved[lookup] = make_list(changes, 4, &changes->table->key.type, type, type,
										   &changes->table->key.type);
	rowlist_add(changes->moved[lookup], values, nulls);
}

static void
sort_update(TableChanges *changes, RowImage *before, RowImage *after)
{
	ModelTable *table = changes->table;

	changes->frame->dirty = true;
	if (changes->want_rekeyed && !model_type_equal(&table->key.type, before->key, after->key))
	{
		Datum		values[2] = {before->key, after->key};
		bool		nulls[2] = {false, false};

		if (changes->rekeyed == NULL)
			changes->rekeyed = make_list(changes, 2, &table->key.type, &table->key.type, NULL, NULL);
		rowlist_add(changes->rekeyed, values, nulls);
	}
	if (table->owner.name != NULL &&
		!same_value(&table->owner.type, before->owner, before->owner_null, after->owner, after->owner_null))
	{
		if (!after->owner_null)
			note_owner(changes, after->owner);
		note_assigned(changes, before, after);
	}
	for (int i = 0; i < changes->nlookups; i++)
	{
		ModelRelationship *relationship;

		if (!changes->want_moved[i])
			continue;
		relationship = list_nth(table->as_related, i);
		if (!same_value(&relationship->lookup.type, before->lookup[i], before->lookup_null[i],
						after->lookup[i], after->lookup_null[i]))
			note_moved(changes, i, before, after, false);
	}
}

static void
sort_insert(TableChanges *changes, RowImage *after)
{
	changes->frame->dirty = true;
	if (!after->owner_null)
		note_owner(changes, after->owner);
	for (int i = 0; i < changes->nlookups; i++)
		if (changes->want_inserted[i] && !after->lookup_null[i])
			note_moved(changes, i, NULL, after, true);
}

static void
sort_delete(TableChanges *changes, RowImage *before)
{
	bool		isnull = false;

	if (!changes->want_deleted)
		return;
	changes->frame->dirty = true;
	if (changes->deleted == NULL)
		changes->deleted = make_list(changes, 1, &changes->table->key.type, NULL, NULL, NULL);
	rowlist_add(changes->deleted, &before->key, &isnull);
}

/* ---- partitioned tables ---- */

static void
keep_raw(TableChanges *changes, int which, RowImage *image)
{
	int			ncolumns = 2 + changes->nlookups;
	Datum	   *values = palloc(ncolumns * sizeof(Datum));
	bool	   *nulls = palloc(ncolumns * sizeof(bool));

	changes->frame->dirty = true;
	values[0] = image->key;
	nulls[0] = false;
	values[1] = image->owner;
	nulls[1] = image->owner_null;
	for (int i = 0; i < changes->nlookups; i++)
	{
		values[2 + i] = image->lookup[i];
		nulls[2 + i] = image->lookup_null[i];
	}

	if (changes->raw == NULL)
		changes->raw = MemoryContextAllocZero(changes->frame->cxt, 2 * sizeof(RowList *));
	if (changes->raw[which] == NULL)
	{
		ModelType **types = palloc(ncolumns * sizeof(ModelType *));
		MemoryContext old;

		types[0] = &changes->table->key.type;
		types[1] = changes->table->owner.name != NULL ? &changes->table->owner.type : types[0];
		for (int i = 0; i < changes->nlookups; i++)
			types[2 + i] = &((ModelRelationship *) list_nth(changes->table->as_related, i))->lookup.type;
		old = MemoryContextSwitchTo(changes->frame->cxt);
		changes->raw[which] = rowlist_make(ncolumns, types);
		MemoryContextSwitchTo(old);
	}
	rowlist_add(changes->raw[which], values, nulls);
	pfree(values);
	pfree(nulls);
}

static void
raw_image(TableChanges *changes, RowList *list, int64 row, RowImage *image, Datum *values, bool *nulls)
{
	rowlist_get(list, row, values, nulls);
	image->key = values[0];
	image->owner = values[1];
	image->owner_null = nulls[1] || changes->table->owner.name == NULL;
	for (int i = 0; i < changes->nlookups; i++)
	{
		image->lookup[i] = values[2 + i];
		image->lookup_null[i] = nulls[2 + i];
	}
}

/* An inserted row, by its key's image; equal keys written differently do not meet an UPDATE's two halves. */
typedef struct RawEntry
{
	struct RawEntry *next;		/* of the same bucket */
	int64		row;
	uint32		hash;
	bool		paired;
} RawEntry;

/*
 * cascade_pair_raw
 *		An UPDATE that moves a row to another partition fires DELETE and INSERT:
 *		what was deleted and inserted with the same key is an update.
 */
void
cascade_pair_raw(TableChanges *changes)
{
	RowList    *deleted;
	RowList    *inserted;
	int64		ndeleted;
	int64		ninserted;
	ModelType  *key = &changes->table->key.type;
	RawEntry   *entries = NULL;
	RawEntry  **buckets = NULL;
	uint32		nbuckets = 1;
	Datum	   *values;
	bool	   *nulls;
	MemoryContext scratch;
	MemoryContext old;

	if (changes->raw == NULL)
		return;
	deleted = changes->raw[0];
	inserted = changes->raw[1];
	changes->raw = NULL;
	ndeleted = deleted == NULL ? 0 : deleted->nrows;
	ninserted = inserted == NULL ? 0 : inserted->nrows;

	scratch = AllocSetContextCreate(CurrentMemoryContext, "relmeta moved rows", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(scratch);
	values = palloc((2 + changes->nlookups) * sizeof(Datum));
	nulls = palloc((2 + changes->nlookups) * sizeof(bool));

	if (ndeleted > 0 && ninserted > 0)
	{
		while (nbuckets < ninserted)
			nbuckets *= 2;
		buckets = MemoryContextAllocExtended(scratch, nbuckets * sizeof(RawEntry *), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
		entries = MemoryContextAllocHuge(scratch, ninserted * sizeof(RawEntry));
		for (int64 row = 0; row < ninserted; row++)
		{
			RawEntry   *entry = &entries[row];

			raw_image(changes, inserted, row, changes->after, values, nulls);
			entry->hash = datum_image_hash(changes->after->key, key->typbyval, key->typlen);
			entry->row = row;
			entry->paired = false;
			entry->next = buckets[entry->hash & (nbuckets - 1)];
			buckets[entry->hash & (nbuckets - 1)] = entry;
		}
	}

	for (int64 row = 0; row < ndeleted; row++)
	{
		RawEntry   *entry = NULL;

		raw_image(changes, deleted, row, changes->before, values, nulls);
		if (entries != NULL)
		{
			uint32		hash = datum_image_hash(changes->before->key, key->typbyval, key->typlen);
			Datum	   *after_values = palloc((2 + changes->nlookups) * sizeof(Datum));
			bool	   *after_nulls = palloc((2 + changes->nlookups) * sizeof(bool));

			for (entry = buckets[hash & (nbuckets - 1)]; entry != NULL; entry = entry->next)
			{
				if (entry->paired || entry->hash != hash)
					continue;
				raw_image(changes, inserted, entry->row, changes->after, after_values, after_nulls);
				if (model_type_equal(key, changes->before->key, changes->after->key))
					break;
			}
			if (entry != NULL)
			{
				entry->paired = true;
				sort_update(changes, changes->before, changes->after);
			}
			pfree(after_values);
			pfree(after_nulls);
		}
		if (entry == NULL)
			sort_delete(changes, changes->before);
	}

	for (int64 row = 0; row < ninserted; row++)
	{
		if (entries != NULL && entries[row].paired)
			continue;
		raw_image(changes, inserted, row, changes->after, values, nulls);
		sort_insert(changes, changes->after);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(scratch);
}
