/*
 * change.c
 *		One row's change, sorted into the lists of its table.
 *
 * Runs once per changed row: no catalog access, no SPI, no allocation but for
 * what is kept.  What counts are the stored values, whoever set them
 * (SEMANTICS 3.0): the slots of an AFTER trigger hold them.
 */
#include "relmeta.h"

#include "access/htup_details.h"
#include "collect/collect.h"
#include "collect/long_key.h"
#include "executor/tuptable.h"
#include "model/key.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/rel.h"

static void read_image(TableChanges *changes, ModelLeaf *leaf, TupleTableSlot *slot, RowImage *image);
static void sort_update(TableChanges *changes, RowImage *before, RowImage *after);
static void sort_insert(TableChanges *changes, RowImage *after);
static void sort_delete(TableChanges *changes, Datum key);
static bool is_leaving(TriggerData *trigdata);
static void keep_leaving(TableChanges *changes, RowImage *before);

void
collect_row(Frame *frame, LeafChanges *leaf, TriggerData *trigdata)
{
	TableChanges *changes = leaf->changes;

	if (TRIGGER_FIRED_BY_UPDATE(trigdata->tg_event))
		collect_updated(leaf, trigdata->tg_trigslot, trigdata->tg_newslot);
	else if (TRIGGER_FIRED_BY_INSERT(trigdata->tg_event))
	{
		read_image(changes, leaf->leaf, trigdata->tg_trigslot, changes->after);
		if (changes->is_leaving)
		{
			changes->is_leaving = false;
			sort_update(changes, changes->leaving, changes->after);
		}
		else
			sort_insert(changes, changes->after);
	}
	else if (changes->table->is_partitioned)
	{
		read_image(changes, leaf->leaf, trigdata->tg_trigslot, changes->before);
		collect_row_left(changes);
		if (is_leaving(trigdata))
			keep_leaving(changes, changes->before);
		else
			sort_delete(changes, changes->before->key);
	}
	else
	{
		/* of a row that is gone for good the key is all that counts, if that */
		sort_delete(changes, changes->want_deleted ?
					model_key_of_slot(leaf->leaf, trigdata->tg_trigslot) : (Datum) 0);
	}
}

void
collect_inserted(LeafChanges *leaf, TupleTableSlot *slot)
{
	read_image(leaf->changes, leaf->leaf, slot, leaf->changes->after);
	sort_insert(leaf->changes, leaf->changes->after);
}

void
collect_updated(LeafChanges *leaf, TupleTableSlot *before, TupleTableSlot *after)
{
	TableChanges *changes = leaf->changes;

	read_image(changes, leaf->leaf, before, changes->before);
	read_image(changes, leaf->leaf, after, changes->after);
	sort_update(changes, changes->before, changes->after);
}

static void
read_image(TableChanges *changes, ModelLeaf *leaf, TupleTableSlot *slot, RowImage *image)
{
	bool		isnull;

	image->key = model_key_of_slot(leaf, slot);
	if (leaf->owner != InvalidAttrNumber)
		image->owner = slot_getattr(slot, leaf->owner, &image->owner_null);
	else
		image->owner_null = true;

	for (int i = 0; i < changes->nlookups; i++)
	{
		NullableDatum *lookup = &image->lookups[i];

		if (!changes->lookups[i].want_moved)
		{
			lookup->isnull = true;
			continue;
		}
		lookup->value = model_lookup_of_slot(leaf, i, slot, &lookup->isnull);
		if (leaf->lookups[i].type_column != InvalidAttrNumber && !lookup->isnull)
		{
			ModelRelationship *relationship = list_nth(model_as_related(changes->table), i);
			Datum		value = slot_getattr(slot, leaf->lookups[i].type_column, &isnull);

			if (isnull || !model_type_equal(&relationship->type_column.type, value, changes->lookups[i].type_value))
				lookup->isnull = true;
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

/* New owners that the frame has seen in one type: [handed, set->count) have not been handed over. */
typedef struct OwnerSet
{
	DatumSet   *set;
	int			handed;
} OwnerSet;

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
	owners->set = rows_set_make(type);
	frame->owner_sets = lappend(frame->owner_sets, owners);
	return owners;
}

void
collect_new_owners(Frame *frame, void (*check) (ModelType *type, Datum *owners, int n))
{
	ListCell   *lc;

	foreach(lc, frame->owner_sets)
	{
		OwnerSet   *owners = lfirst(lc);
		DatumSet   *set = owners->set;

		if (owners->handed == set->count)
			continue;
		check(set->type, set->values + owners->handed, set->count - owners->handed);
		owners->handed = set->count;
	}
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
	rows_set_add(changes->owners->set, owner);
	changes->frame->dirty = true;
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

static ChangeList *
make_list(TableChanges *changes, int ncolumns, ModelType *a, ModelType *b, ModelType *c)
{
	ModelType  *types[3] = {a, b, c};
	MemoryContext old = MemoryContextSwitchTo(changes->frame->cxt);
	ChangeList *list = collect_list_make(ncolumns, types);

	MemoryContextSwitchTo(old);
	return list;
}

static void
note_assigned(TableChanges *changes, RowImage *before, RowImage *after)
{
	Datum		values[3] = {after->key, before->owner, after->owner};
	bool		nulls[3] = {false, before->owner_null, after->owner_null};
	ModelTable *table = changes->table;

	collect_count_assigned();
	note_new_owner(changes, after->owner, after->owner_null);
	if (!changes->want_assigned && (!changes->want_own_assigned || changes->frame->cascading))
		return;
	if (changes->assigned == NULL)
		changes->assigned = make_list(changes, 3, model_key_type(table), &table->owner.type, &table->owner.type);
	rows_list_add(changes->assigned->rows, values, nulls);
	changes->frame->dirty = true;
}

static void
note_moved(TableChanges *changes, int lookup, RowImage *before, RowImage *after, bool inserted)
{
	ModelTable *table = changes->table;
	ModelRelationship *relationship = list_nth(model_as_related(table), lookup);
	Datum		values[MOVED_COLUMNS];
	bool		nulls[MOVED_COLUMNS];

	values[MOVED_KEY] = after->key;
	nulls[MOVED_KEY] = false;
	values[MOVED_OLD] = inserted ? (Datum) 0 : before->lookups[lookup].value;
	nulls[MOVED_OLD] = inserted || before->lookups[lookup].isnull;
	values[MOVED_NEW] = after->lookups[lookup].value;
	nulls[MOVED_NEW] = after->lookups[lookup].isnull;
	values[MOVED_INSERTED] = BoolGetDatum(true);
	nulls[MOVED_INSERTED] = !inserted;
	values[MOVED_OWNER] = after->owner;
	nulls[MOVED_OWNER] = after->owner_null;
	if (changes->lookups[lookup].moved == NULL)
	{
		ModelType  *types[MOVED_COLUMNS];
		MemoryContext old = MemoryContextSwitchTo(changes->frame->cxt);

		types[MOVED_KEY] = model_key_type(table);
		types[MOVED_OLD] = types[MOVED_NEW] = model_lookup_type(relationship);
		types[MOVED_INSERTED] = model_type_bool();
		types[MOVED_OWNER] = table->owner.name != NULL ? &table->owner.type : model_type_bool();
		changes->lookups[lookup].moved = collect_list_make(MOVED_COLUMNS, types);
		MemoryContextSwitchTo(old);
	}
	rows_list_add(changes->lookups[lookup].moved->rows, values, nulls);
	changes->frame->dirty = true;
}

static void
note_key(TableChanges *changes, ChangeList **list, Datum before, Datum after)
{
	ModelType  *key = model_key_type(changes->table);
	Datum		values[2] = {before, after};
	bool		nulls[2] = {false, false};

	if (*list == NULL)
		*list = make_list(changes, 2, key, key, NULL);
	rows_list_add((*list)->rows, values, nulls);
	changes->frame->dirty = true;
}

void
collect_taken(TableChanges *changes, Datum key)
{
	bool		isnull = false;

	if (changes->taken == NULL)
		changes->taken = make_list(changes, 1, model_key_type(changes->table), NULL, NULL);
	rows_list_add(changes->taken->rows, &key, &isnull);
}

/* A key that is equal may be spelled otherwise: entries take the row's spelling. */
static void
sort_key(TableChanges *changes, Datum before, Datum after)
{
	ModelType  *key = model_key_type(changes->table);

	if (key->typlen == -1 && !datum_image_eq(before, after, false, -1))
		collect_check_key(changes->table, after);
	if (changes->want_rekeyed && !model_type_equal(key, before, after))
		note_key(changes, &changes->rekeyed, before, after);
	else if (changes->want_respelled && !datum_image_eq(before, after, key->typbyval, key->typlen))
		note_key(changes, &changes->respelled, before, after);
}

/* Does the statement itself UPDATE the table, or a partition of it?  If not, a foreign key's action does. */
static bool
is_own_update(TableChanges *changes)
{
	Frame	   *frame = changes->frame;
	ListCell   *lc;

	foreach(lc, changes->own_updates ? NIL : frame->updates)
		if (collect_leaf(frame, lfirst_oid(lc))->changes == changes)
		changes->own_updates = true;
	return changes->own_updates;
}

static void
note_updated(TableChanges *changes, Datum key)
{
	Datum		values[2] = {key, BoolGetDatum(true)};
	bool		nulls[2] = {false, !changes->frame->cascading && is_own_update(changes)};

	if (changes->updated == NULL)
		changes->updated = make_list(changes, 2, model_key_type(changes->table), model_type_bool(), NULL);
	rows_list_add(changes->updated->rows, values, nulls);
	changes->frame->dirty = true;
}

static void
sort_update(TableChanges *changes, RowImage *before, RowImage *after)
{
	ModelTable *table = changes->table;

	if (changes->want_updated)
		note_updated(changes, after->key);
	sort_key(changes, before->key, after->key);
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

		if (!changes->lookups[i].want_moved)
			continue;
		relationship = list_nth(model_as_related(table), i);
		if (!same_value(model_lookup_type(relationship), before->lookups[i].value, before->lookups[i].isnull,
						after->lookups[i].value, after->lookups[i].isnull))
			note_moved(changes, i, before, after, false);
	}
}

static void
sort_insert(TableChanges *changes, RowImage *after)
{
	changes->frame->dirty = true;
	collect_check_key(changes->table, after->key);
	if (!after->owner_null)
		note_owner(changes, after->owner);
	if (changes->want_arrived)
	{
		bool		isnull = false;

		if (changes->arrived == NULL)
			changes->arrived = make_list(changes, 1, model_key_type(changes->table), NULL, NULL);
		rows_list_add(changes->arrived->rows, &after->key, &isnull);
	}
	if (changes->want_inserted)
	{
		bool		isnull = false;

		if (changes->inserted == NULL)
			changes->inserted = make_list(changes, 1, model_key_type(changes->table), NULL, NULL);
		rows_list_add(changes->inserted->rows, &after->key, &isnull);
	}
	for (int i = 0; i < changes->nlookups; i++)
		if (changes->lookups[i].want_inserted && !after->lookups[i].isnull)
			note_moved(changes, i, NULL, after, true);
}

static void
note_deleted(TableChanges *changes, Datum key)
{
	bool		isnull = false;

	changes->frame->dirty = true;
	if (changes->deleted == NULL)
		changes->deleted = make_list(changes, 1, model_key_type(changes->table), NULL, NULL);
	rows_list_add(changes->deleted->rows, &key, &isnull);
}

static void
sort_delete(TableChanges *changes, Datum key)
{
	changes->saw_delete = true;
	if (changes->want_deleted)
		note_deleted(changes, key);
	else if (GetCurrentCommandId(false) != changes->looked_at)
		changes->late = changes->frame->late = true;
}

/* It was looked at whether anything is held in the table before the row was locked. */
void
collect_deleted(LeafChanges *leaf, Datum key)
{
	TableChanges *changes = leaf->changes;

	changes->saw_delete = true;
	if (changes->want_deleted)
		note_deleted(changes, key);
	else
		changes->late = changes->frame->late = true;
}

/* ---- rows that move to another partition ---- */

/*
 * An UPDATE that moves a row to another partition fires DELETE there and then
 * INSERT here, the next event of the table.  The deleted version says so, even
 * when the key changes with the move.
 */
static bool
is_leaving(TriggerData *trigdata)
{
	return HeapTupleHeaderIndicatesMovedPartitions(trigdata->tg_trigtuple->t_data);
}

/* Keeps the row as it was until its INSERT comes. */
static void
keep_leaving(TableChanges *changes, RowImage *before)
{
	ModelTable *table = changes->table;
	RowImage   *leaving = changes->leaving;
	MemoryContext old;

	changes->frame->dirty = true;
	if (changes->leaving_cxt == NULL)
		changes->leaving_cxt = AllocSetContextCreate(changes->frame->cxt, "relmeta leaving row", ALLOCSET_SMALL_SIZES);
	MemoryContextReset(changes->leaving_cxt);
	old = MemoryContextSwitchTo(changes->leaving_cxt);
	leaving->key = model_key_copy(table, before->key);
	leaving->owner_null = before->owner_null;
	if (!before->owner_null)
		leaving->owner = datumCopy(before->owner, table->owner.type.typbyval, table->owner.type.typlen);
	for (int i = 0; i < changes->nlookups; i++)
	{
		ModelType  *type = model_lookup_type(list_nth(model_as_related(table), i));

		leaving->lookups[i].isnull = before->lookups[i].isnull;
		if (!before->lookups[i].isnull)
			leaving->lookups[i].value = datumCopy(before->lookups[i].value, type->typbyval, type->typlen);
	}
	changes->is_leaving = true;
	MemoryContextSwitchTo(old);
}

void
collect_row_left(TableChanges *changes)
{
	if (!changes->is_leaving)
		return;
	changes->is_leaving = false;
	sort_delete(changes, changes->leaving->key);
}
