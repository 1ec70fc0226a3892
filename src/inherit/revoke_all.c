/*
 * revoke_all.c
 *		Everything that a principal was granted directly goes (SEMANTICS 2.1).
 */
#include "relmeta.h"

#include "attempt.h"
#include "inherit/grant.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "model/key.h"
#include "storage/lockdefs.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(relmeta_revoke_all);

/*
 *	SELECT e.object FROM relmeta_access.t AS e WHERE e.principal = $1 AND e.cause = 'd'
 */
static void
build_granted(PlanText *built, void *subject, int variant)
{
	ModelTable *table = subject;

	built->nparams = 1;
	built->params[0] = model_principal(table)->base_type;

	appendStringInfo(&built->sql, "SELECT e.object FROM %s AS e WHERE e.principal %s $1%s AND e.cause" SQL_EQ
					 "'d'::pg_catalog.\"char\"", table->entry_sql, model_principal(table)->sql_eq,
					 model_principal(table)->sql_collate);
}

/*
 * Takes what the principal was granted on rows of one table.  False when a grant was not there any more when its row
 * was locked: it may stand under another key by now.
 */
static bool
revoke_on(Effects *effects, ModelTable *table, Datum principal)
{
	ModelType  *types[1] = {model_key_type(table)};
	RowList    *objects = rows_list_make(1, types);
	RowSet	   *rows;
	DatumSet   *keys;
	Granting   *granting;
	SPIPlanPtr	plan;
	bool		all = true;

	if (access_entries_empty_unlocked(table))
		return true;
	plan = rows_plan(build_granted, PLAN_ANY_PATH | PLAN_ONE, (int) table->relid, table->entry_relid,
					 AccessShareLock, table, table->model);
	rows_run(plan, table->entry_relid, &principal, NULL, RUN_FIRE_TRIGGERS | RUN_NEW_ROWS, 0);
	rows_list_take_result(objects);
	if (objects->nrows == 0)
		return true;
	keys = rows_list_distinct(objects, 0, objects->nrows, 0);
	rows = rows_get(table, keys, ROW_UPDATE);
	granting = inherit_grant_begin(effects, table, keys);
	for (int k = 0; k < keys->count; k++)
	{
		DirectGrant grant;

		CHECK_FOR_INTERRUPTS();
		inherit_grant_read(granting, k, principal, &grant);
		all &= grant.had != 0;
		inherit_grant_set(granting, &grant, rows_owns(table, rows, rows->found[k], principal), 0, NULL);
	}
	return all;
}

/*
 * The principal as entries of the table have it: a domain's check, which is the table's owner's, has no say in what is
 * taken away.
 */
static bool
entry_principal(const char *principal, ModelTable *table, Datum *value)
{
	ModelType	stored = *model_principal(table);

	stored.type = stored.base_type;
	stored.typmod = -1;
	return model_principal_cast(principal, &stored, value);
}

typedef struct RevokeAll
{
	const char *principal;
	Oid			relid;			/* on this table's rows only; InvalidOid: of
								 * all tables */
	int64		count;
} RevokeAll;

static void
revoke_grants(void *arg)
{
	RevokeAll  *revoke_all = arg;
	Effects    *effects;
	ListCell   *lc;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	effects = inherit_effects_begin(true);
	effects->both = true;
	foreach(lc, model_tables_downwards(effects->model))
	{
		ModelTable *table = lfirst(lc);
		Datum		value;

		if ((OidIsValid(revoke_all->relid) && table->relid != revoke_all->relid) || table->broken != NULL ||
			!OidIsValid(table->entry_relid) || !entry_principal(revoke_all->principal, table, &value))
			continue;
		while (!revoke_on(effects, table, value))
			CHECK_FOR_INTERRUPTS();
	}
	inherit_effects_run(effects);
	revoke_all->count += (int64) inherit_effects_count(effects);
	inherit_effects_end(effects);
	SPI_finish();
}

/* Code of a table's owner, or his lock, is in the way: what was granted there stays, and nowhere else. */
static void
revoke_one_by_one(RevokeAll *revoke_all)
{
	Model	   *model = model_current();
	ListCell   *lc;

	model_pin(model, CurrentMemoryContext);
	foreach(lc, model_tables_downwards(model))
	{
		ModelTable *table = lfirst(lc);
		ErrorData  *error;

		revoke_all->relid = table->relid;
		error = relmeta_attempt(revoke_grants, revoke_all);
		if (error != NULL)
			ereport(WARNING,
					(errcode(error->sqlerrcode),
					 errmsg("what principal \"%s\" was granted on rows of table %s is not revoked: %s",
							revoke_all->principal, table->sql_name, error->message),
					 errhint("Mend what is in the way, or call relmeta.unregister_table(%s).",
							 quote_literal_cstr(table->sql_name))));
	}
}

Datum
relmeta_revoke_all(PG_FUNCTION_ARGS)
{
	RevokeAll	revoke_all = {0};

	relmeta_argument_required(fcinfo, 0);
	relmeta_prevent_if_read_only(fcinfo);
	revoke_all.principal = model_principal_required(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	if (relmeta_attempt(revoke_grants, &revoke_all) != NULL)
		revoke_one_by_one(&revoke_all);
	PG_RETURN_INT64(revoke_all.count);
}
