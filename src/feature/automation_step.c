/*
 * automation_step.c
 *		What automations are active on, kept in step with rows and their owners
 *		(SEMANTICS 3.5, 3.9).
 */
#include "relmeta.h"

#include "collect/collect.h"
#include "catalog/pg_type.h"
#include "ddl/follow.h"
#include "executor/spi.h"
#include "feature/automation.h"
#include "feature/catalog.h"
#include "feature/key.h"
#include "utils/builtins.h"

/* ---- in step with the rows ---- */

static void
forget_keys(ModelTable *table, Datum keys)
{
	Oid			types[2] = {REGCLASSOID, TEXTARRAYOID};
	Datum		values[2] = {ObjectIdGetDatum(table->relid), keys};

	feature_catalog_change("DELETE FROM relmeta.automation_row AS r"
						   " USING relmeta.automation AS a, pg_catalog.unnest($2) AS k(key)"
						   " WHERE a.relation = $1 AND r.automation_id = a.automation_id AND r.key = k.key",
						   2, types, values, NULL);
}

static void
forget_deleted(TableChanges *changes, RowList *deleted, int64 from, int64 upto, int lookup)
{
	forget_keys(changes->table, feature_keys_array(changes->table, deleted, from, upto, DELETED_KEY));
}

/* All are taken out before any is put back (ORDER BY): a statement may swap keys. */
static void
follow_keys(TableChanges *changes, RowList *rekeyed, int64 from, int64 upto, int lookup)
{
	ModelTable *table = changes->table;
	Oid			types[3] = {REGCLASSOID, TEXTARRAYOID, TEXTARRAYOID};
	Datum		values[3];

	values[0] = ObjectIdGetDatum(table->relid);
	values[1] = feature_keys_array(table, rekeyed, from, upto, REKEYED_OLD);
	values[2] = feature_keys_array(table, rekeyed, from, upto, REKEYED_NEW);
	feature_catalog_change("WITH d AS (DELETE FROM relmeta.automation_row AS r USING relmeta.automation AS a,"
						   " ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) AS k(old, new)"
						   " WHERE a.relation = $1 AND r.automation_id = a.automation_id AND r.key = k.old"
						   " RETURNING r.*, k.new)"
						   " INSERT INTO relmeta.automation_row"
						   " (automation_id, key, is_active, deactivated_at, deactivated_by)"
						   " SELECT d.automation_id, d.new, d.is_active, d.deactivated_at, d.deactivated_by"
						   " FROM d ORDER BY 1, 2", 3, types, values, NULL);
}

/* Rule 9: "When a row changes owner, its active automations are deactivated in the same statement". */
static void
deactivate_assigned(TableChanges *changes, RowList *assigned, int64 from, int64 upto, int lookup)
{
	Oid			types[3] = {REGCLASSOID, TEXTARRAYOID, TEXTOID};
	Datum		values[3];

	values[0] = ObjectIdGetDatum(changes->table->relid);
	values[1] = feature_keys_array(changes->table, assigned, from, upto, ASSIGNED_KEY);
	values[2] = CStringGetTextDatum(feature_actor());
	feature_catalog_change("UPDATE relmeta.automation_row AS r SET is_active = false,"
						   " deactivated_at = pg_catalog.now(), deactivated_by = $3"
						   " FROM relmeta.automation AS a, pg_catalog.unnest($2) AS k(key)"
						   " WHERE a.relation = $1 AND r.automation_id = a.automation_id AND r.key = k.key"
						   " AND r.is_active", 3, types, values, NULL);
}

static ArrayType *
missing_keys(ModelTable *table)
{
	return feature_has_automations(table) ?
		feature_keys_missing(table, "SELECT DISTINCT r.key FROM relmeta.automation AS a, relmeta.automation_row AS r"
							 " WHERE a.relation = $1 AND r.automation_id = a.automation_id") : NULL;
}

static void
forget_missing(ModelTable *table)
{
	ArrayType  *missing = missing_keys(table);

	if (missing != NULL)
		forget_keys(table, PointerGetDatum(missing));
}

/* ---- verify, and a key that gets another type ---- */

static void
mend_missing(void *arg)
{
	Model	   *model = model_current();
	ModelTable *table;

	model_pin(model, CurrentMemoryContext);
	table = model_table(model, *(Oid *) arg);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (table != NULL)
		forget_missing(table);
	SPI_finish();
}

/* A procedure that is gone or somebody else's. */
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

		if (table->broken != NULL || !feature_has_automations(table))
			continue;
		verify_procedures(table, problems);
		feature_keys_verify(table, feature_has_automations, missing_keys, "automations", mend_missing,
							problems);
	}
}

static void
key_retyped(Oid relid, Oid from, Oid to)
{
	feature_keys_retype("relmeta.automation_row", "key", ", relmeta.automation AS a"
						" WHERE a.relation = $1 AND g.automation_id = a.automation_id", relid, from, to);
}

static const DdlFollower follower = {NULL, NULL, key_retyped, verify};

static FlushStep deleted_step = {"automations of deleted rows", FLUSH_FOLLOW, CHANGE_DELETED, feature_has_automations,
forget_deleted,.vanished = forget_missing};
static FlushStep rekeyed_step = {"automations of re-keyed rows", FLUSH_FOLLOW, CHANGE_REKEYED, feature_has_automations,
follow_keys};
static FlushStep respelled_step = {"automations of respelled keys", FLUSH_FOLLOW, CHANGE_RESPELLED,
feature_has_automations, follow_keys};
static FlushStep assigned_step = {"automations of assigned rows", FLUSH_ASSIGNED, CHANGE_ASSIGNED,
feature_has_automations, deactivate_assigned};
static FlushStep updated_step = {"automations", FLUSH_DONE, CHANGE_UPDATED, feature_has_automations,
feature_automation_call};

void
feature_automation_init(void)
{
	collect_add_step(&deleted_step);
	collect_add_step(&rekeyed_step);
	collect_add_step(&respelled_step);
	collect_add_step(&assigned_step);
	collect_add_step(&updated_step);
	ddl_add_follower(&follower);
}
