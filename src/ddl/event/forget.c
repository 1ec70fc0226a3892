/*
 * forget.c
 *		Relationships go with a table or column that was dropped.
 *
 * relmeta drops no storage here: the intersect table of a participant that was
 * dropped stays, without its foreign key.
 */
#include "ddl/event/drop.h"
#include "ddl/intersect/intersect.h"
#include "ddl/relationship.h"

#include "job/job.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"

List *
ddl_event_relationships_of(List *relids)
{
	List	   *found = NIL;
	ListCell   *lc;

	foreach(lc, model_relationships(ddl_model()))
	{
		ModelRelationship *r = lfirst(lc);

		if (list_member_oid(relids, r->primary->relid) || list_member_oid(relids, r->related->relid))
			found = lappend(found, r);
	}
	return found;
}

/* The CHECK of a multi-table lookup of which targets went. */
static void
sync_type_checks(List *relationships, Dropping *dropping)
{
	ListCell   *lc;

	foreach(lc, relationships)
	{
		Declaration d;
		ActingAs	saved;

		ddl_declaration_from_model(&d, lfirst(lc));
		if (d.type_column == NULL || list_member_oid(dropping->gone, d.related) || get_rel_name(d.related) == NULL)
			continue;
		saved = relmeta_act_begin_on(d.related, NoLock, ACT_RESTRICTED);
		ddl_type_check_sync(&d, true);
		relmeta_act_end(saved);
	}
}

/*
 * What was inherited through relationships that go goes too, and below them, as
 * by drop_relationship(): nobody could take it away any more.
 */
void
ddl_event_forget_relationships(List *relationships, Dropping *dropping)
{
	ListCell   *lc;

	foreach(lc, relationships)
	{
		ModelRelationship *r = lfirst(lc);

		if (r->related->broken == NULL && !list_member_oid(dropping->gone, r->related->relid))
		{
			LockRelationOid(r->related->relid, ShareRowExclusiveLock);
			job_revoke_now(r);
		}
		ddl_declaration_delete(r->id);
		if (!list_member_oid(dropping->gone, r->primary->relid))
			dropping->affected = list_append_unique_oid(dropping->affected, r->primary->relid);
		if (!list_member_oid(dropping->gone, r->related->relid))
			dropping->affected = list_append_unique_oid(dropping->affected, r->related->relid);
	}
	sync_type_checks(relationships, dropping);
}

void
ddl_event_forget_intersect(ModelIntersect *intersect, Dropping *dropping)
{
	ActingAs	saved;

	dropping->judged = ddl_judged_by_links(dropping->judged, intersect);
	ddl_intersect_delete(intersect->id);
	if (!OidIsValid(intersect->relid) || intersect->sql_name == NULL || get_rel_name(intersect->relid) == NULL)
		return;
	saved = relmeta_act_begin_on(intersect->relid, NoLock, ACT_RESTRICTED);
	ddl_intersect_triggers_drop(intersect->relid);
	relmeta_act_end(saved);
}
