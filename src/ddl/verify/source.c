/*
 * source.c
 *		verify()'s part about tables given to register_principals and
 *		register_memberships: whether they can be such tables, their triggers, and, of the
 *		caller's own ones, whether their rows say what is recorded.
 */
#include "ddl/verify/verify.h"

#include "executor/spi.h"
#include "miscadmin.h"
#include "model/source.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

static void
verify_names(Oid relid, const char *table, List **problems)
{
	static const char *const texts[DRIFT_KINDS] = {
		[DRIFT_PRINCIPAL] = "principals that no row stands for any more: %s",
		[DRIFT_KEY] = "rows whose keys are not its principals: %s",
		[DRIFT_MEMBERSHIP] = "memberships that no row says any more: %s",
		[DRIFT_PAIR] = "memberships in rows that are not recorded: %s",
		[DRIFT_NOBODY] = "memberships in rows of what is no user, or in what is no team: %s",
	};
	SourceCount counts[DRIFT_KINDS];

	model_source_drift(relid, counts);
	for (int kind = 0; kind < DRIFT_KINDS; kind++)
	{
		SourceCount *c = &counts[kind];

		if (c->count == 0)
			continue;
		ddl_verify_add(problems, relid, table,
					   psprintf(texts[kind], c->count == 1 ? c->example :
								psprintf("%s and " INT64_FORMAT " more", c->example, c->count - 1)),
					   kind == DRIFT_NOBODY ? psprintf("SELECT * FROM %s", ddl_table_name(relid)) : NULL,
					   kind == DRIFT_NOBODY ? MEND_BY_HAND : MEND_SOURCE, NULL);
	}
}

static void
verify_source(Model *model, void *subject, List **problems)
{
	Oid			relid = *(Oid *) subject;
	char	   *table;
	char	   *problem;

	LockRelationOid(relid, AccessShareLock);
	if (!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(relid)))
		return;					/* dropped by now */
	table = get_rel_name(relid);
	problem = ddl_table_problem(relid);
	if (problem != NULL)
		ddl_verify_add(problems, relid, table,
					   psprintf("principals or memberships come from it, and cannot: %s", problem),
					   "SELECT * FROM relmeta.verify()", MEND_BY_HAND, NULL);
	ddl_verify_add_triggers(problems, ddl_source_trigger_problems(relid), MEND_SOURCE, NULL);
	if (relmeta_owns_relation(relid, GetUserId()))
		verify_names(relid, table, problems);
}

/* SELECT s.relation FROM relmeta.principal_source AS s, each once */
void
ddl_verify_sources(Model *model, List **problems)
{
	MemoryContext outer = CurrentMemoryContext;
	List	   *relids = NIL;
	ListCell   *lc;

	SPI_connect();
	ddl_query_latest("SELECT DISTINCT s.relation::pg_catalog.oid FROM relmeta.principal_source AS s ORDER BY 1",
					 0, NULL, NULL);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		bool		isnull;
		Oid			relid = DatumGetObjectId(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull));
		MemoryContext inner = MemoryContextSwitchTo(outer);

		relids = lappend_oid(relids, relid);
		MemoryContextSwitchTo(inner);
	}
	SPI_finish();
	foreach(lc, relids)
	{
		Oid			relid = lfirst_oid(lc);

		ddl_verify_look(model, verify_source, &relid, relid, get_rel_name(relid), problems);
	}
}
