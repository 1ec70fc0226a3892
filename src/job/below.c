/*
 * below.c
 *		The tables below a relationship (SEMANTICS 3.10 (1)).
 */
#include "job/internal.h"

List *
job_relationships_below(ModelRelationship *relationship)
{
	List	   *below = list_make1(relationship);
	int			i;

	/* the list grows while it is read */
	for (i = 0; i < list_length(below); i++)
	{
		ModelTable *table = ((ModelRelationship *) list_nth(below, i))->related;
		ListCell   *cell;

		foreach(cell, model_as_primary(table))
		{
			ModelRelationship *next = lfirst(cell);

			if (next->broken == NULL)
				below = list_append_unique_ptr(below, next);
		}
	}
	return below;
}

int
job_count_tables(List *relationships)
{
	List	   *tables = NIL;
	ListCell   *cell;

	foreach(cell, relationships)
		tables = list_append_unique_ptr(tables, ((ModelRelationship *) lfirst(cell))->related);
	return list_length(tables);
}
