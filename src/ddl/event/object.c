/*
 * object.c
 *		What an event's object is to relmeta.
 */
#include "ddl/event/event.h"

#include "catalog/partition.h"
#include "utils/lsyscache.h"

Oid
ddl_event_registered_root(Oid relid)
{
	ListCell   *lc;

	if (model_known(relid) & KNOWN_REGISTERED)
		return relid;
	if (!get_rel_relispartition(relid))
		return InvalidOid;
	foreach(lc, get_partition_ancestors(relid))
	{
		if (model_known(lfirst_oid(lc)) & KNOWN_REGISTERED)
			return lfirst_oid(lc);
	}
	return InvalidOid;
}

ModelIntersect *
ddl_event_intersect(Oid relid, bool adopted_too)
{
	ModelIntersect *intersect;

	if ((model_known(relid) & KNOWN_INTERSECT) == 0)
		return NULL;
	intersect = model_intersect_by_table(ddl_model(), relid);
	return intersect && (adopted_too || !intersect->is_adopted) ? intersect : NULL;
}
