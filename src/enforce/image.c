/*
 * image.c
 *		A row's key, owner and lookups, out of a tuple of a table or of one of its partitions.
 */
#include "relmeta.h"

#include "access/htup_details.h"
#include "enforce/enforce.h"
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
	int			n = list_length(table->as_related);
	bool		isnull;

	image->key = heap_getattr(tuple, leaf->key, desc, &isnull);
	image->owner_null = true;
	if (leaf->owner != InvalidAttrNumber)
		image->owner = heap_getattr(tuple, leaf->owner, desc, &image->owner_null);
	image->lookup = palloc0(Max(n, 1) * sizeof(Datum));
	image->lookup_null = palloc0(Max(n, 1) * sizeof(bool));
	for (int i = 0; i < n; i++)
	{
		ModelRelationship *relationship = list_nth(table->as_related, i);

		image->lookup_null[i] = true;
		if (relationship->broken != NULL || leaf->lookup[i] == InvalidAttrNumber)
			continue;
		image->lookup[i] = heap_getattr(tuple, leaf->lookup[i], desc, &image->lookup_null[i]);
		if (!image->lookup_null[i] && leaf->type_column[i] != InvalidAttrNumber)
			image->lookup_null[i] = !is_of_type(relationship, leaf->type_column[i], tuple, desc);
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
	int			n = list_length(table->as_related);

	*copy = *image;
	copy->key = copy_value(&table->key.type, false, image->key);
	copy->owner = copy_value(&table->owner.type, image->owner_null, image->owner);
	copy->lookup = palloc0(Max(n, 1) * sizeof(Datum));
	copy->lookup_null = palloc0(Max(n, 1) * sizeof(bool));
	for (int i = 0; i < n; i++)
	{
		ModelRelationship *relationship = list_nth(table->as_related, i);

		copy->lookup_null[i] = image->lookup_null[i];
		copy->lookup[i] = copy_value(&relationship->lookup.type, image->lookup_null[i], image->lookup[i]);
	}
}

EnforceMove *
enforce_move_to(EnforceTarget *target, Datum key)
{
	ListCell   *lc;

	foreach(lc, target->moves)
	{
		EnforceMove *move = lfirst(lc);

		if (model_type_equal(&target->table->key.type, move->key, key))
			return move;
	}
	return NULL;
}
