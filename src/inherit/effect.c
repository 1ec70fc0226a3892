/*
 * effect.c
 *		Gains and losses of access that wait to be passed down; see effect.h.
 */
#include "relmeta.h"

#include "inherit/effect.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "model/as_read.h"
#include "model/key.h"
#include "storage/lmgr.h"
#include "utils/datum.h"
#include "utils/memutils.h"

Effects *
inherit_effects_begin(bool counting)
{
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext, "relmeta effects", ALLOCSET_DEFAULT_SIZES);
	Effects    *effects = MemoryContextAllocZero(cxt, sizeof(Effects));

	effects->cxt = cxt;
	effects->counting = counting;
	effects->model = model_current();
	model_pin(effects->model, cxt);
	return effects;
}

void
inherit_effects_end(Effects *effects)
{
	ListCell   *lc;

	foreach(lc, effects->tables)
	{
		TableEffects *table = lfirst(lc);

		if (table->entries != NULL)
			access_store_close(table->entries);
	}
	model_since_end(&effects->since);
	MemoryContextDelete(effects->cxt);
}

TableEffects *
inherit_effects_table(Effects *effects, Oid relid)
{
	ListCell   *lc;
	TableEffects *table;
	MemoryContext old;

	foreach(lc, effects->tables)
	{
		table = lfirst(lc);
		if (table->relid == relid)
			return table;
	}
	old = MemoryContextSwitchTo(effects->cxt);
	table = palloc0(sizeof(TableEffects));
	table->relid = relid;
	table->table = model_table_required(effects->model, relid);
	effects->tables = lappend(effects->tables, table);
	MemoryContextSwitchTo(old);
	return table;
}

Store *
inherit_effects_store(Effects *effects, ModelTable *table)
{
	TableEffects *related_effects = inherit_effects_table(effects, table->relid);

	if (related_effects->entries == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(effects->cxt);

		related_effects->entries = access_store_open(table);
		model_since_begin(&effects->since, related_effects->entries->snapshot);
		MemoryContextSwitchTo(old);
	}
	return related_effects->entries;
}

ModelRelationship *
inherit_effects_relationship(Effects *effects, ModelRelationship *relationship)
{
	Model	   *model;
	ListCell   *lc;

	LockRelationOid(relationship->related->relid, RowExclusiveLock);
	model = model_current();
	if (model != effects->model)
	{
		/* what there is of the older picture stays, pinned as well */
		model_pin(model, effects->cxt);
		foreach(lc, effects->tables)
			model_check_types_kept(((TableEffects *) lfirst(lc))->table, model);
		effects->model = model;
	}
	relationship = model_relationship_by_id(model, relationship->id);
	return relationship == NULL || relationship->broken != NULL ? NULL : relationship;
}

/* Has the row that is to be added the principal and the bits of the first one? */
static bool
is_alike(EffectList *list, ModelType *type, Datum principal, int32 bits)
{
	if (list->rows->nrows == 0)
	{
		list->principal = datumCopy(principal, type->typbyval, type->typlen);
		list->bits = bits;
	}
	return list->alike == list->rows->nrows && list->bits == bits &&
		datum_image_eq(list->principal, principal, type->typbyval, type->typlen);
}

static void
add_change(Effects *effects, ModelTable *table, EffectList *list, Datum object, Datum principal, int32 bits)
{
	Datum		values[3] = {object, principal, Int32GetDatum(bits)};
	bool		nulls[3] = {false, false, false};
	MemoryContext old;

	if (bits == 0)
		return;
	old = MemoryContextSwitchTo(effects->cxt);
	if (list->rows == NULL)
	{
		ModelType  *types[3] = {model_key_type(table), model_principal(table), model_type_int4()};

		list->rows = rows_list_make(3, types);
	}
	if (is_alike(list, list->rows->types[EFFECT_PRINCIPAL], principal, bits))
		list->alike++;
	MemoryContextSwitchTo(old);
	rows_list_add(list->rows, values, nulls);
	list->next_level = effects->level;
}

void
inherit_effects_gain(Effects *effects, ModelTable *table, GainKind kind, Datum object, Datum principal, int32 bits)
{
	add_change(effects, table, &inherit_effects_table(effects, table->relid)->gains[kind], object, principal, bits);
}

void
inherit_effects_lost(Effects *effects, ModelTable *table, LossKind kind, Datum object, Datum principal, int32 bits)
{
	add_change(effects, table, &inherit_effects_table(effects, table->relid)->lost[kind], object, principal, bits);
}

void
inherit_effects_shrunk(Effects *effects, ModelTable *table, Datum object, Datum principal, bool is_left)
{
	if (effects->shrunk != NULL)
		effects->shrunk(table, object, principal, is_left, effects->shrunk_arg);
}

void
inherit_effects_maybe_lost(Effects *effects, ModelTable *table, LossKind kind, Datum object, Datum principal,
						   int32 bits)
{
	add_change(effects, table, &inherit_effects_table(effects, table->relid)->maybe_lost[kind], object, principal,
			   bits);
}

void
inherit_effects_given(Effects *effects, TableEffects *table, Datum principal)
{
	DatumSet   *set = table->given.principals;
	ModelType  *type = model_principal(table->table);

	/* mostly the same as the last one */
	if (set != NULL && (type->by_image ? model_type_equal(type, set->values[set->count - 1], principal) :
						datum_image_eq(set->values[set->count - 1], principal, type->typbyval, type->typlen)))
		return;
	if (set == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(effects->cxt);

		table->given.principals = rows_set_make(type);
		MemoryContextSwitchTo(old);
	}
	rows_set_add(table->given.principals, principal);
}

/* While counting: may a pair of the table be changed more than once? */
static bool
overlap(Effects *effects, ModelTable *table)
{
	return effects->both || list_length(model_as_related(table)) > 1;
}

void
inherit_effects_touch(Effects *effects, TableEffects *table, Datum object, Datum principal)
{
	Datum		values[2] = {object, principal};
	bool		nulls[2] = {false, false};

	if (!effects->counting)
		return;
	if (!overlap(effects, table->table))
	{
		table->changed_once++;
		return;
	}
	if (table->changed == NULL)
	{
		ModelType  *types[2] = {model_key_type(table->table), model_principal(table->table)};
		MemoryContext old = MemoryContextSwitchTo(effects->cxt);

		table->changed = rows_list_make(2, types);
		MemoryContextSwitchTo(old);
	}
	rows_list_add(table->changed, values, nulls);
}

/* How many pairs of the list are different. */
static uint64
count_distinct(RowList *pairs)
{
	uint64		count = 0;
	RowList    *sorted = rows_list_sorted(pairs, 0, pairs->nrows, 2, COLUMNS(0, 1));
	Datum		last[2] = {0};

	for (int64 row = 0; row < sorted->nrows; row++)
	{
		Datum		values[3];
		bool		nulls[3];
		bool		same = row > 0;

		rows_list_get(sorted, row, values, nulls);
		for (int i = 0; i < 2; i++)
			same = same && model_type_equal(pairs->types[i], values[i], last[i]);
		for (int i = 0; !same && i < 2; i++)
		{
			ModelType  *type = pairs->types[i];

			if (row > 0 && !type->typbyval)
				pfree(DatumGetPointer(last[i]));
			last[i] = datumCopy(values[i], type->typbyval, type->typlen);
		}
		count += !same;
	}
	return count;
}

uint64
inherit_effects_count(Effects *effects)
{
	uint64		count = 0;
	ListCell   *lc;

	foreach(lc, effects->tables)
	{
		TableEffects *table = lfirst(lc);

		count += table->changed_once;
		if (table->changed != NULL)
			count += table->changed->nrows == 1 ? 1 : count_distinct(table->changed);
	}
	return count;
}
