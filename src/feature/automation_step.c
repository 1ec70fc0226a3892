/*
 * automation_step.c
 *		What automations are active on, kept in step with rows and their owners
 *		(SEMANTICS 3.5, 3.9).
 */
#include "relmeta.h"

#include "collect/collect.h"
#include "catalog/pg_type.h"
#include "ddl/follow.h"
#include "ddl/verify/verify.h"
#include "executor/spi.h"
#include "feature/automation.h"
#include "feature/catalog.h"
#include "feature/follow_rows.h"
#include "feature/key.h"
#include "miscadmin.h"
#include "utils/builtins.h"

static const FollowedCatalog followed = {"automations", "relmeta.automation_row", feature_has_automations, {
		{"key", ", relmeta.automation AS a WHERE a.relation = $1 AND g.automation_id = a.automation_id",
		"automation_id, is_active, deactivated_at, deactivated_by"}
}};

/* Rule 9: "When a row changes owner, its active automations are deactivated in the same statement". */
static void
deactivate_assigned(TableChanges *changes, RowList *assigned, int64 from, int64 upto, int lookup)
{
	Oid			types[3] = {REGCLASSOID, TEXTARRAYOID, TEXTOID};
	Datum		values[3] = {ObjectIdGetDatum(changes->table->relid), 0, CStringGetTextDatum(feature_actor())};
	RowSlice	slice;

	rows_slice_begin(&slice, assigned, from, upto);
	while (rows_slice_next(&slice))
	{
		values[1] = feature_keys_array(changes->table, assigned, slice.from, slice.upto, ASSIGNED_KEY);
		feature_catalog_change("UPDATE relmeta.automation_row AS r SET is_active = false,"
							   " deactivated_at = pg_catalog.now(), deactivated_by = $3"
							   " FROM relmeta.automation AS a, pg_catalog.unnest($2) AS k(key)"
							   " WHERE a.relation = $1 AND r.automation_id = a.automation_id AND r.key = k.key"
							   " AND r.is_active", 3, types, values, NULL);
	}
}

/* ---- verify ---- */

/* A procedure that is gone or somebody else's: of tables that the caller owns. */
static void
verify_procedures(ModelTable *table, List **problems)
{
	Oid			type = REGCLASSOID;
	Datum		relid = ObjectIdGetDatum(table->relid);
	MemoryContext cxt = CurrentMemoryContext;
	List	   *names = NIL;
	ListCell   *lc;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	(void) feature_catalog_read("SELECT a.name FROM relmeta.automation AS a WHERE a.relation = $1 ORDER BY a.name",
								1, &type, &relid, true);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		char	   *name = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);
		MemoryContext old = MemoryContextSwitchTo(cxt);

		names = lappend(names, pstrdup(name));
		MemoryContextSwitchTo(old);
	}
	SPI_finish();
	foreach(lc, names)
	{
		Automation *automation = feature_automation_named(lfirst(lc));
		char	   *problem = automation != NULL ? feature_automation_problem(automation) : NULL;

		if (problem != NULL)
			ddl_verify_add(problems, table->relid, lfirst(lc), problem,
						   psprintf("SELECT relmeta.drop_automation(%s)", quote_literal_cstr(lfirst(lc))),
						   MEND_BY_HAND, NULL);
	}
}

static void
verify(Model *model, List **problems)
{
	ListCell   *lc;

	foreach(lc, model_tables(model))
	{
		ModelTable *table = lfirst(lc);

		if (table->broken == NULL && feature_has_automations(table) && relmeta_owns_relation(table->relid, GetUserId()))
			verify_procedures(table, problems);
	}
}

static const DdlFollower follower = {.verify = verify};

static FlushStep assigned_step = {"automations of assigned rows", FLUSH_ASSIGNED, CHANGE_ASSIGNED,
feature_has_automations, deactivate_assigned};
static FlushStep updated_step = {"automations", FLUSH_DONE, CHANGE_UPDATED, feature_has_automations,
feature_automation_call};

void
feature_automation_init(void)
{
	feature_follow_rows(&followed);
	collect_add_step(&assigned_step);
	collect_add_step(&updated_step);
	ddl_add_follower(&follower);
}
