/*
 * group.c
 *		What waits to be passed on, by the row that it waits on; see effect.h.
 */
#include "relmeta.h"

#include "inherit/effect.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* what a row takes that shares what waits on it with the others, about: a key in a set, and what is not in the Datum */
#define ALIKE_BYTES 40
#define ALIKE_VALUE_BYTES 64

/* so many groups, or more, are not made larger */
#define MAX_GROUPS 4

/* Mostly all wait for one principal, of which one copy does. */
static Holder *
holder_of(PairGroup *group, Holders *holders, ModelType *type, Datum principal)
{
	bool		same = group->one_principal && model_type_equal(type, group->principal, principal);
	bool		first = group->objects->count == 1 && holders->count == 0;
	Holder	   *holder;

	if (same && holders->count == 0)
		return inherit_holder_add(holders, type, group->principal);
	holder = inherit_holder(holders, type, principal);
	if (first)
		group->principal = holder->principal;
	group->one_principal = first || same;
	return holder;
}

/* Of rows [from, upto) of the list. */
static PairGroup *
read_group(RowList *rows, int64 from, int64 upto, ModelType *principal)
{
	PairGroup  *group = palloc0(sizeof(PairGroup));
	Datum		values[3];
	bool		nulls[3];

	group->rows = rows_map_make(rows->types[EFFECT_OBJECT], sizeof(Holders));
	group->objects = group->rows->keys;
	rows_set_reserve(group->objects, upto - from);
	for (int64 row = from; row < upto; row++)
	{
		Holders    *holders;

		rows_list_get(rows, row, values, nulls);
		holders = rows_map_enter(group->rows, values[EFFECT_OBJECT], NULL);
		holder_of(group, holders, principal, values[EFFECT_PRINCIPAL])->after |= DatumGetInt32(values[EFFECT_BITS]);
	}
	return group;
}

/* The same, of rows that are alike. */
static PairGroup *
read_alike(EffectList *list, int64 from, int64 upto, ModelType *principal)
{
	PairGroup  *group = palloc0(sizeof(PairGroup));
	Datum		values[3];
	bool		nulls[3];

	group->objects = rows_set_make(list->rows->types[EFFECT_OBJECT]);
	rows_set_reserve(group->objects, upto - from);
	for (int64 row = from; row < upto; row++)
	{
		rows_list_get(list->rows, row, values, nulls);
		(void) rows_set_add(group->objects, values[EFFECT_OBJECT]);
	}
	group->one_principal = true;
	group->principal = list->principal;
	inherit_holder_add(&group->alike, principal, list->principal)->after = list->bits;
	return group;
}

/* How many rows make a group, of those up to level_end. */
static int64
group_rows(Grouping *grouping, int64 from)
{
	EffectList *list = grouping->list;
	int64		n = list->level_end - from;
	int64		rows = rows_slice_rows(list->rows, n);
	int64		most;

	if (!grouping->alike || list->level_end > list->alike)
		return rows;
	most = (int64) work_mem * 1024 /
		(ALIKE_BYTES + (list->rows->types[EFFECT_OBJECT]->typbyval ? 0 : ALIKE_VALUE_BYTES));

	/* for each of many groups the table would be read as a whole: see slice.c */
	return n / Max(most, 1) >= MAX_GROUPS ? rows : Max(rows, most);
}

bool
inherit_group_waits(EffectList *list)
{
	return list->rows != NULL && list->done < list->rows->nrows;
}

void
inherit_group_drop(EffectList *list)
{
	if (list->rows != NULL)
		list->done = list->rows->nrows;
}

void
inherit_group_begin(Grouping *grouping, EffectList *list, ModelType *principal, bool alike)
{
	grouping->list = list;
	grouping->principal = principal;
	grouping->alike = alike;
	grouping->caller = CurrentMemoryContext;
	grouping->cxt = NULL;
}

PairGroup *
inherit_group_next(Grouping *grouping)
{
	EffectList *list = grouping->list;
	int64		from = list->done;

	if (!inherit_group_waits(list))
	{
		MemoryContextSwitchTo(grouping->caller);
		if (grouping->cxt != NULL)
			MemoryContextDelete(grouping->cxt);
		return NULL;
	}
	if (grouping->cxt == NULL)
		grouping->cxt = AllocSetContextCreate(grouping->caller, "relmeta group", ALLOCSET_DEFAULT_SIZES);
	MemoryContextReset(grouping->cxt);
	MemoryContextSwitchTo(grouping->cxt);
	if (from >= list->level_end)
	{
		list->level = list->next_level;
		list->level_end = list->rows->nrows;
		list->step = group_rows(grouping, from);
	}
	list->done = Min(list->rows->nrows, from + list->step);
	if (grouping->alike && list->done <= list->alike)
		return read_alike(list, from, list->done, grouping->principal);
	return read_group(list->rows, from, list->done, grouping->principal);
}
