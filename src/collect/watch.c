/*
 * watch.c
 *		Which row triggers a registered table needs; see watch.h.
 */
#include "relmeta.h"

#include "access/sysattr.h"
#include "collect/step.h"
#include "collect/watch.h"
#include "enforce/enforce.h"
#include "model/key.h"

bool
collect_wants_insert(ModelTable *table)
{
	/* a row that moves to another partition comes as DELETE and INSERT */
	return table->is_partitioned || collect_inserts_matter(table);
}

bool
collect_inserts_matter(ModelTable *table)
{
	ListCell   *lc;

	/* their keys are judged, which others pointed to before */
	if (table->owner.name != NULL || enforce_keys_matter(table))
		return true;
	foreach(lc, model_as_related(table))
	{
		ModelRelationship *relationship = lfirst(lc);

		if (!relationship->foreign_key || relationship->refuses_loops ||
			behavior_cascades(relationship->behavior[ACTION_REPARENT]) ||
			behavior_cascades(relationship->behavior[ACTION_SHARE]))
			return true;
	}
	/* rows that others pointed to before, by deferred keys */
	foreach(lc, model_as_primary(table))
		if (behavior_cascades(((ModelRelationship *) lfirst(lc))->behavior[ACTION_REPARENT]))
		return true;
	return false;
}

/* Every row may hold access, which goes with it. */
bool
collect_wants_delete(ModelTable *table)
{
	return true;
}

bool
collect_watches_all(ModelTable *table)
{
	return collect_step_wants(table, CHANGE_UPDATED);
}

List *
collect_watched_columns(ModelTable *table)
{
	List	   *columns = model_columns_names(&table->key);
	ListCell   *lc;

	if (table->owner.name != NULL)
		columns = lappend(columns, table->owner.name);
	foreach(lc, model_as_related(table))
	{
		ModelRelationship *relationship = lfirst(lc);

		columns = list_concat(columns, model_columns_names(&relationship->lookup));
		if (relationship->type_column.name != NULL)
			columns = lappend(columns, relationship->type_column.name);
	}
	return columns;
}

static bool
is_in(AttrNumber attnum, Bitmapset *columns)
{
	return attnum != InvalidAttrNumber && bms_is_member(attnum - FirstLowInvalidHeapAttributeNumber, columns);
}

bool
collect_watches_one_of(ModelLeaf *leaf, Bitmapset *columns)
{
	if (model_attnums_are_in(leaf->key, columns) || is_in(leaf->owner, columns))
		return true;
	for (int i = 0; i < list_length(model_as_related(leaf->table)); i++)
		if (model_attnums_are_in(leaf->lookups[i].lookup, columns) || is_in(leaf->lookups[i].type_column, columns))
			return true;
	return false;
}
