/*
 * group.c
 *		What waits to be passed on, by the row that it waits on; see effect.h.
 */
#include "relmeta.h"

#include "inherit/effect.h"
#include "utils/datum.h"
#include "utils/memutils.h"

static Pair *
pair_of(PairGroup *group, int object, ModelType *type, Datum principal)
{
	Pair	   *pair;

	for (pair = group->pairs[object]; pair != NULL; pair = pair->next)
		if (model_type_equal(type, pair->principal, principal))
			return pair;

	pair = palloc(sizeof(Pair));
	pair->next = group->pairs[object];
	pair->bits = 0;
	pair->number = group->npairs++;
	if (group->one_principal && model_type_equal(type, group->principal, principal))
		pair->principal = group->principal;
	else
	{
		pair->principal = datumCopy(principal, type->typbyval, type->typlen);
		group->one_principal = group->npairs == 1;
		group->principal = pair->principal;
	}
	group->pairs[object] = pair;
	return pair;
}

/* Makes room for the pairs of one object more. */
static void
add_object(PairGroup *group, int object, int *capacity)
{
	int			more = Max(8, *capacity * 2);

	if (object < *capacity)
		return;
	if (group->pairs == NULL)
		group->pairs = palloc(more * sizeof(Pair *));
	else
		group->pairs = repalloc_huge(group->pairs, more * sizeof(Pair *));
	memset(group->pairs + *capacity, 0, (more - *capacity) * sizeof(Pair *));
	*capacity = more;
}

/* Of rows [from, upto) of the list. */
static PairGroup *
read_group(RowList *rows, int64 from, int64 upto, ModelType *principal)
{
	PairGroup  *group = palloc0(sizeof(PairGroup));
	int			capacity = 0;
	Datum		values[3];
	bool		nulls[3];

	group->objects = rows_set_make(rows->types[EFFECT_OBJECT]);
	for (int64 row = from; row < upto; row++)
	{
		int			object;

		rows_list_get(rows, row, values, nulls);
		object = rows_set_index(group->objects, values[EFFECT_OBJECT]);
		add_object(group, object, &capacity);
		pair_of(group, object, principal, values[EFFECT_PRINCIPAL])->bits |= DatumGetInt32(values[EFFECT_BITS]);
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
	}
	list->done = Min(list->rows->nrows, from + rows_list_batch_rows(list->rows));
	return read_group(list->rows, from, list->done, grouping->principal);
}
