/*
 * tell_permissions.c
 *		For direct_changes.pl: a module that wants to know which tables statements change, as sepgsql and pgaudit do.
 */
#include "postgres.h"

#include "executor/executor.h"
#include "fmgr.h"
#include "nodes/parsenodes.h"
#include "storage/lockdefs.h"
#include "utils/lsyscache.h"

PG_MODULE_MAGIC;

void		_PG_init(void);

#if PG_VERSION_NUM >= 160000
static bool
tell(List *range_table, List *permissions, bool ereport_on_violation)
#else
static bool
tell(List *range_table, bool ereport_on_violation)
#endif
{
	ListCell   *lc;

	foreach(lc, range_table)
	{
		RangeTblEntry *entry = lfirst(lc);

		if (entry->rtekind == RTE_RELATION && entry->rellockmode == RowExclusiveLock)
			ereport(NOTICE, (errmsg("changes %s", get_rel_name(entry->relid))));
	}
	return true;
}

void
_PG_init(void)
{
	ExecutorCheckPerms_hook = tell;
}
