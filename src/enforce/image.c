/*
 * image.c
 *		A row's key, owner and lookups, out of a tuple of a table or of one of its partitions.
 */
#include "relmeta.h"

#include "access/htup_details.h"
#include "enforce/enforce.h"
#include "model/key.h"
#include "utils/datum.h"
#include "utils/rel.h"

/* Its type column has the relationship's value. */
static bool
is_of_type(ModelRelationship *relationship, AttrNumber column, HeapTuple tuple, TupleDesc desc)
{
	bool		isnull;
	Datum		value = heap_getattr(tuple, column, desc, &isnull);
	Datum		wanted;

	return !isnull &&
		model_type_input_safe(&relationship->type_column.type, relationship->type_value, &wanted) &&
		model_type_equal(&relationship->type_column.type, value, wanted);
}

void
enforce_image(ModelTable *table, ModelLeaf *leaf, Relation rel, HeapTuple tuple, EnforceImage *image)
{
	TupleDesc	desc = RelationGetDescr(rel);
	int			n = list_length(model_as_related(table));

	image->key = model_key_of_tuple(leaf, tuple, desc);
	image->owner_null = true;
	if (leaf->owner != InvalidAttrNumber)
		image->owner = heap_getattr(tuple, leaf->owner, desc, &image->owner_null);
	image->lookups = palloc0(Max(n, 1) * sizeof(NullableDatum));
	for (int i = 0; i < n; i++)
	{
		ModelRelationship *relationship = list_nth(model_as_related(table), i);
		NullableDatum *lookup = &image->lookups[i];

		lookup->isnull = true;
		if (relationship->broken != NULL || !model_leaf_has_lookup(leaf, i))
			continue;
		lookup->value = model_lookup_of_tuple(leaf, i, tuple, desc, &lookup->isnull);
		if (!lookup->isnull && leaf->lookups[i].type_column != InvalidAttrNumber)
			lookup->isnull = !is_of_type(relationship, leaf->lookups[i].type_column, tuple, desc);
	}
}

static Datum
copy_value(ModelType *type, bool isnull, Datum value)
{
	return isnull ? (Datum) 0 : datumCopy(value, type->typbyval, type->typlen);
}

void
enforce_image_copy(ModelTable *table, EnforceImage *image, EnforceImage *copy)
{
	int			n = list_length(model_as_related(table));

	*copy = *image;
	copy->key = copy_value(model_key_type(table), false, image->key);
	copy->owner = copy_value(&table->owner.type, image->owner_null, image->owner);
	copy->lookups = palloc0(Max(n, 1) * sizeof(NullableDatum));
	for (int i = 0; i < n; i++)
	{
		ModelRelationship *relationship = list_nth(model_as_related(table), i);
		NullableDatum *lookup = &image->lookups[i];

		copy->lookups[i].isnull = lookup->isnull;
		copy->lookups[i].value = copy_value(model_lookup_type(relationship), lookup->isnull, lookup->value);
	}
}

EnforceMove *
enforce_move_to(EnforceTarget *target, Datum key)
{
	ListCell   *lc;

	foreach(lc, target->moves)
	{
		EnforceMove *move = lfirst(lc);

		if (model_key_equal(target->table, move->key, key))
			return move;
	}
	return NULL;
}
