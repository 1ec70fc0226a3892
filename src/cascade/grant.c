/*
 * grant.c
 *		Direct grants: who may make them, and writing them; see grant.h.
 */
#include "relmeta.h"

#include "cascade/grant.h"
#include "cascade/inherit.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "storage/lockdefs.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* SELECT FROM s.t AS t WHERE t.id = $1, as the caller */
void
cascade_grant_check_row(ModelTable *table, Datum key)
{
	StringInfoData sql;
	Oid			type = table->key.type.base_type;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT FROM %s AS t WHERE t.%s %s $1%s", table->sql_name, table->key.sql_name,
					 table->key.type.sql_eq, table->key.type.sql_collate);
	if (access_may_select(table) &&
		SPI_execute_with_args(sql.data, 1, &type, &key, NULL, false, 1) == SPI_OK_SELECT && SPI_processed > 0)
	{
		SPI_freetuptable(SPI_tuptable);
		return;
	}
	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND),
			 errmsg("table \"%s\" has no row with that key that you may read", get_rel_name(table->relid)),
			 errhint("Look for the row with SELECT; row-level security may hide it.")));
}

/* What a principal and its teams hold on a row: eff, OR-ed. */
static int32
rights_on_row(ModelTable *table, Datum key, const char *principal)
{
	DatumSet   *keys = cascade_datumset_make(&table->key.type);
	Parents    *row;
	int32		rights = 0;
	ListCell   *lc;

	cascade_datumset_add(keys, key);
	row = cascade_parents_read(table, keys);
	foreach(lc, model_principal_and_teams(principal))
	{
		Datum		value;

		if (!model_principal_cast(lfirst(lc), &table->principal, &value))
			continue;
		rights |= cascade_parents_held(row, 0, value);
		if (!row->owner_null[0] && model_type_equal(&table->principal, row->owner[0], value))
			rights |= RIGHTS_ALL;
	}
	return rights;
}

GrantCaller
cascade_grant_caller(ModelTable *table, Datum key)
{
	GrantCaller caller = {0};

	caller.unlimited = access_is_unlimited(table);
	caller.principal = model_current_principal();
	if (!caller.unlimited && caller.principal != NULL)
		caller.rights = rights_on_row(table, key, caller.principal);
	return caller;
}

/*
 *	SELECT e.mask FROM relmeta_access.t AS e
 *	WHERE e.object = $1 AND e.principal = $2 AND e.relationship = 0 AND e.cause = 'd'
 */
static void
build_direct_read(PlanText *text, void *subject, int variant)
{
	ModelTable *table = subject;

	text	  ->nparams = 2;
	text	  ->params[0] = table->key.type.base_type;
	text	  ->params[1] = table->principal.base_type;

	appendStringInfo(&text->sql, "SELECT e.mask FROM %s AS e WHERE e.object %s $1%s AND e.principal %s $2%s"
					 " AND e.relationship" SQL_EQ "0 AND e.cause" SQL_EQ "'d'::pg_catalog.\"char\"",
					 table->entry_sql, table->key.type.sql_eq, table->key.type.sql_collate,
					 table->principal.sql_eq, table->principal.sql_collate);
}

/*
 *	INSERT INTO relmeta_access.t AS e (object, principal, relationship, cause, mask) VALUES ($1, $2, 0, 'd', $3)
 *	ON CONFLICT (object, principal, relationship, cause) DO UPDATE SET mask = excluded.mask
 */
static void
build_direct_set(PlanText *text, void *subject, int variant)
{
	ModelTable *table = subject;

	text	  ->nparams = 3;
	text	  ->params[0] = table->key.type.base_type;
	text	  ->params[1] = table->principal.base_type;
	text	  ->params[2] = INT4OID;

	appendStringInfo(&text->sql, "INSERT INTO %s AS e (object, principal, relationship, cause, mask)"
					 " VALUES ($1, $2, 0, 'd', $3) ON CONFLICT (object, principal, relationship, cause)"
					 " DO UPDATE SET mask = excluded.mask", table->entry_sql);
}

/* what both tables' rows of a direct grant are deleted by */
static void
append_delete(PlanText *text, ModelTable *table, const char *holder)
{
	text	  ->nparams = 2;
	text	  ->params[0] = table->key.type.base_type;
	text	  ->params[1] = table->principal.base_type;

	appendStringInfo(&text->sql, "DELETE FROM %s AS e WHERE e.object %s $1%s AND e.principal %s $2%s", holder,
					 table->key.type.sql_eq, table->key.type.sql_collate,
					 table->principal.sql_eq, table->principal.sql_collate);
}

/*
 *	DELETE FROM relmeta_access.t AS e
 *	WHERE e.object = $1 AND e.principal = $2 AND e.relationship = 0 AND e.cause = 'd'
 */
static void
build_direct_delete(PlanText *text, void *subject, int variant)
{
	append_delete(text, subject, ((ModelTable *) subject)->entry_sql);
	appendStringInfoString(&text->sql, " AND e.relationship" SQL_EQ "0 AND e.cause" SQL_EQ
						   "'d'::pg_catalog.\"char\"");
}

/* DELETE FROM relmeta_access.t_grant AS e WHERE e.object = $1 AND e.principal = $2 */
static void
build_grant_delete(PlanText *text, void *subject, int variant)
{
	append_delete(text, subject, ((ModelTable *) subject)->grant_sql);
}

/*
 *	INSERT INTO relmeta_access.t_grant AS g (object, principal, granted_by, granted_at)
 *	VALUES ($1, $2, $3, pg_catalog.now())
 *	ON CONFLICT (object, principal) DO UPDATE SET granted_by = excluded.granted_by, granted_at = excluded.granted_at
 */
static void
build_grant_set(PlanText *text, void *subject, int variant)
{
	ModelTable *table = subject;

	text	  ->nparams = 3;
	text	  ->params[0] = table->key.type.base_type;
	text	  ->params[1] = table->principal.base_type;
	text	  ->params[2] = TEXTOID;

	appendStringInfo(&text->sql, "INSERT INTO %s AS g (object, principal, granted_by, granted_at)"
					 " VALUES ($1, $2, $3, pg_catalog.now()) ON CONFLICT (object, principal)"
					 " DO UPDATE SET granted_by = excluded.granted_by, granted_at = excluded.granted_at",
					 table->grant_sql);
}

static uint64
run_grant(PlanOp op, ModelTable *table, Oid relid, int lockmode, PlanBuilder builder, Datum *values,
		  const char *nulls)
{
	SPIPlanPtr	plan = cascade_plan(op, PLAN_ONE, (int) table->relid, relid, lockmode, builder, table);

	return cascade_run(plan, relmeta_extension_owner(), values, nulls, RUN_FIRE_TRIGGERS | RUN_NEW_ROWS, 0);
}

int32
cascade_grant_direct(ModelTable *table, Datum key, Datum principal)
{
	Datum		values[2] = {key, principal};
	bool		isnull;
	int32		mask = 0;

	if (run_grant(PLAN_DIRECT_READ, table, table->entry_relid, AccessShareLock, build_direct_read, values, NULL) > 0)
		mask = DatumGetInt32(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	SPI_freetuptable(SPI_tuptable);
	return mask;
}

void
cascade_grant_set(Effects *effects, ModelTable *table, Datum key, Datum principal, int32 had, int32 mask,
				  const char *granted_by)
{
	Datum		values[3] = {key, principal, Int32GetDatum(mask)};

	if (had == mask)
		return;
	if (mask == 0)
	{
		run_grant(PLAN_DIRECT_DELETE, table, table->entry_relid, RowExclusiveLock, build_direct_delete, values, NULL);
		run_grant(PLAN_GRANT_DELETE, table, table->grant_relid, RowExclusiveLock, build_grant_delete, values, NULL);
	}
	else
	{
		run_grant(PLAN_DIRECT_SET, table, table->entry_relid, RowExclusiveLock, build_direct_set, values, NULL);
		if ((mask & ~had) != 0)
		{
			values[2] = granted_by == NULL ? (Datum) 0 : CStringGetTextDatum(granted_by);
			run_grant(PLAN_GRANT_SET, table, table->grant_relid, RowExclusiveLock, build_grant_set, values,
					  granted_by == NULL ? "  n" : "   ");
		}
	}
	cascade_effects_touch(effects, table, key, principal);
	cascade_effects_gain(effects, table, GAIN_SHARE, key, principal, mask & ~had);
	cascade_effects_loss(effects, table, LOSS_UNSHARE, key, principal, had & ~mask);
}
