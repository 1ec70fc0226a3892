/*
 * group.c
 *		What waits to be passed on, by the row that it waits on; see effect.h.
 */
#include "relmeta.h"

#include "inherit/effect.h"
#include "utils/memutils.h"

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
inherit_group_begin(Grouping *grouping, EffectList *list, ModelType *principal)
{
	grouping->list = list;
	grouping->principal = principal;
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
		list->step = rows_slice_rows(list->rows, list->level_end - from);
	}
	list->done = Min(list->rows->nrows, from + list->step);
	return read_group(list->rows, from, list->done, grouping->principal);
}
