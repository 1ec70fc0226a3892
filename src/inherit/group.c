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

PairGroup *
inherit_group_next(EffectList *list, ModelType *principal_type)
{
	PairGroup  *group;
	int64		from = list->done;
	int64		upto;
	int			capacity = 0;
	Datum		values[3];
	bool		nulls[3];

	if (list->rows == NULL || list->rows->nrows == from)
		return NULL;
	if (from >= list->level_end)
	{
		list->level = list->next_level;
		list->level_end = list->rows->nrows;
	}
	upto = list->done = Min(list->rows->nrows, from + rows_list_batch_rows(list->rows));

	group = palloc0(sizeof(PairGroup));
	group->objects = rows_set_make(list->rows->types[EFFECT_OBJECT]);
	for (int64 row = from; row < upto; row++)
	{
		int			object;

		rows_list_get(list->rows, row, values, nulls);
		object = rows_set_index(group->objects, values[EFFECT_OBJECT]);
		if (object >= capacity)
		{
			int			more = Max(8, capacity * 2);

			if (group->pairs == NULL)
				group->pairs = palloc(more * sizeof(Pair *));
			else
				group->pairs = repalloc_huge(group->pairs, more * sizeof(Pair *));
			memset(group->pairs + capacity, 0, (more - capacity) * sizeof(Pair *));
			capacity = more;
		}
		pair_of(group, object, principal_type, values[EFFECT_PRINCIPAL])->bits |= DatumGetInt32(values[EFFECT_BITS]);
	}
	return group;
}
