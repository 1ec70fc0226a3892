/*
 * forget.c
 *		A principal that is dropped holds nothing.
 */
#include "relmeta.h"

#include "inherit/effect.h"
#include "executor/spi.h"
#include "storage/lockdefs.h"
#include "utils/memutils.h"

/* DELETE FROM relmeta_access.t AS e WHERE e.principal = $1 */
static void
build_forget(PlanText *built, void *subject, int variant)
{
	ModelTable *table = subject;

	built->nparams = 1;
	built->params[0] = model_principal(table)->base_type;

	appendStringInfo(&built->sql, "DELETE FROM %s AS e WHERE e.principal %s $1%s", table->entry_sql,
					 model_principal(table)->sql_eq, model_principal(table)->sql_collate);
}

void
inherit_forget(ModelTable *table, Datum principal)
{
	SPIPlanPtr	plan = rows_plan(build_forget, PLAN_CHANGES | PLAN_ANY_PATH | PLAN_ONE, (int) table->relid,
								 table->entry_relid, RowExclusiveLock, table, table->model);

	rows_run(plan, table->entry_relid, &principal, NULL, RUN_FIRE_TRIGGERS | RUN_NEW_ROWS | RUN_CHANGES, 0);
}

/* Is the value said to be another principal's?  Two that are one owner are there after a restore, say: see verify(). */
static bool
is_somebody_elses(ModelType *type, Datum value, const char *principal)
{
	char	   *named = model_principal_named(type, value);

	return named != NULL && strcmp(named, principal) != 0;
}

/* All that a principal holds in any table, inherited or not, when it is dropped; see model_principal_dropped_hook. */
static void
forget_principal(const char *principal)
{
	Model	   *model = model_current();
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext, "relmeta dropped principal",
											  ALLOCSET_DEFAULT_SIZES);
	ListCell   *lc;

	model_pin(model, cxt);

	/*
	 * the principal is locked: whoever has made an entry table for it has
	 * committed
	 */
	model_look_for_all_entries(model);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	foreach(lc, model_tables(model))
	{
		ModelTable *table = lfirst(lc);
		ModelType	stored = *model_principal(table);
		Datum		value;

		/*
		 * entries may say more than the owner column can: what came from a
		 * wider one
		 */
		stored.type = stored.base_type;
		stored.typmod = -1;
		if (access_entries_empty_unlocked(table) ||
			!model_principal_cast(principal, &stored, &value) || is_somebody_elses(&stored, value, principal))
			continue;
		inherit_forget(table, value);
	}
	SPI_finish();
	MemoryContextDelete(cxt);
}

void
inherit_init(void)
{
	model_principal_dropped_hook = forget_principal;
}
