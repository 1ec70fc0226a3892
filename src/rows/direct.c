/*
 * direct.c
 *		May rows be changed without a statement?  What reown.c and delete_related.c ask alike; see fetch.h.
 */
#include "relmeta.h"

#include "executor/executor.h"
#include "rows/fetch.h"
#include "utils/acl.h"
#include "utils/rel.h"

/*
 * Would a statement have rules, look into other tables, too, or be held to a partition's bounds?  DDL that makes such a
 * table of a registered one is refused, unless event triggers do not fire.
 */
static bool
is_alone(Relation rel)
{
	return rel->rd_rules == NULL && !rel->rd_rel->relhassubclass && !rel->rd_rel->relispartition;
}

static bool
owner_may(Relation rel, AclMode mode)
{
	return pg_class_aclcheck(RelationGetRelid(rel), rel->rd_rel->relowner, mode) == ACLCHECK_OK;
}

bool
rows_changes_unseen(Relation rel, AclMode mode)
{
	return is_alone(rel) && ExecutorCheckPerms_hook == NULL && owner_may(rel, mode) && owner_may(rel, ACL_SELECT);
}
