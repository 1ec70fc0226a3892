/*
 * compat_statement.h
 *		compat.h's part for what a planned statement reads and writes, and as whom
 *		that is checked: 16 (a61b1f74823) moved it out of the range table; and for how it is run.
 */
#ifndef RELMETA_COMPAT_STATEMENT_H
#define RELMETA_COMPAT_STATEMENT_H

#include "postgres.h"

#include "executor/executor.h"
#include "nodes/parsenodes.h"
#include "nodes/plannodes.h"
#include "utils/guc.h"
#include "utils/guc_tables.h"

typedef void (*CompatRelationReceiver) (Oid relid, Oid check_as_user, AclMode required, void *arg);

/* Hands over the relations that a statement names and needs privileges on; not the partitions of a named one. */
static inline void
compat_each_relation(PlannedStmt *statement, CompatRelationReceiver receive, void *arg)
{
	ListCell   *lc;

#if PG_VERSION_NUM >= 160000
	foreach(lc, statement->permInfos)
	{
		RTEPermissionInfo *info = lfirst_node(RTEPermissionInfo, lc);

		if (info->requiredPerms != 0)
			receive(info->relid, info->checkAsUser, info->requiredPerms, arg);
	}
#else
	foreach(lc, statement->rtable)
	{
		RangeTblEntry *rte = lfirst_node(RangeTblEntry, lc);

		if (rte->rtekind == RTE_RELATION && rte->requiredPerms != 0)
			receive(rte->relid, rte->checkAsUser, rte->requiredPerms, arg);
	}
#endif
}

/* An ExecutorRun hook's parameters, and what it hands on: 18 (3eea7a0c97e) took "execute once" away. */
#if PG_VERSION_NUM >= 180000
#define COMPAT_RUN_PARAMETERS	QueryDesc *query, ScanDirection direction, uint64 count
#define COMPAT_RUN_ARGUMENTS	query, direction, count
#else
#define COMPAT_RUN_PARAMETERS	QueryDesc *query, ScanDirection direction, uint64 count, bool execute_once
#define COMPAT_RUN_ARGUMENTS	query, direction, count, execute_once
#endif

/* Memory of a setting's "extra": 16 (407b50f2d42) keeps it in a memory context. */
static inline void *
compat_guc_malloc(size_t size)
{
#if PG_VERSION_NUM >= 160000
	return guc_malloc(LOG, size);
#else
	return malloc(size);
#endif
}

/* A setting, or what stands for one that is not defined; NULL: neither.  16 (3057465acfb) lets others look for one. */
static inline struct config_generic *
compat_guc_record(const char *name)
{
#if PG_VERSION_NUM >= 160000
	return find_option(name, false, true, ERROR);
#else
	struct config_generic **all = get_guc_variables();

	for (int i = GetNumConfigOptions() - 1; i >= 0; i--)
		if (strcmp(all[i]->name, name) == 0)
			return all[i];
	return NULL;
#endif
}

#endif							/* RELMETA_COMPAT_STATEMENT_H */
