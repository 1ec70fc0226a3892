/*
 * purge.c
 *		Entries go with their row, and follow its key (SEMANTICS 3.5).
 */
#include "relmeta.h"

#include "cascade/effect.h"
#include "cascade/queue.h"
#include "storage/lockdefs.h"

#define PURGE_GRANTS	PLAN_VARIANT_OWN	/* the grant table instead of the
											 * entry table */

static const char *
holder(ModelTable *table, int variant)
{
	return (variant & PURGE_GRANTS) != 0 ? table->grant_sql : table->entry_sql;
}

/*
 *	DELETE FROM relmeta_access.t AS e USING pg_catalog.unnest($1) AS k(key) WHERE e.object = k.key
 */
static void
build_purge(PlanText *text, void *subject, int variant)
{
	ModelTable *table = subject;
	ModelType  *key = &table->key.type;

	text	  ->nparams = 1;
	text	  ->params[0] = key->array_type;

	appendStringInfo(&text->sql, "DELETE FROM %s AS e USING pg_catalog.unnest($1) AS k(key)"
					 " WHERE e.object %s k.key%s", holder(table, variant), key->sql_eq, key->sql_collate);
}

/*
 *	UPDATE relmeta_access.t AS e SET object = k.new_key
 *	FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS k(old_key, new_key)
 *	WHERE e.object = k.old_key
 */
static void
build_rekey(PlanText *text, void *subject, int variant)
{
	ModelTable *table = subject;
	ModelType  *key = &table->key.type;

	text	  ->nparams = 2;
	text	  ->params[0] = text->params[1] = key->array_type;

	appendStringInfo(&text->sql, "UPDATE %s AS e SET object = k.new_key"
					 " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS k(old_key, new_key)"
					 " WHERE e.object %s k.old_key%s", holder(table, variant), key->sql_eq, key->sql_collate);
}

static void
run_both(ModelTable *table, PlanOp op, PlanBuilder builder, RowList *list, int64 from, int ncolumns)
{
	int64		step = cascade_rowlist_batch_rows(list);

	for (int64 row = from; row < list->nrows; row += step)
	{
		int64		end = Min(row + step, list->nrows);
		int			size = end - row <= PLAN_FEW_ROWS ? PLAN_FEW : PLAN_MANY;
		Datum		values[2];

		cascade_rowlist_arrays(list, row, end, ncolumns, COLUMNS(0, 1), values);
		for (int grants = 0; grants <= PURGE_GRANTS; grants += PURGE_GRANTS)
		{
			SPIPlanPtr	plan = cascade_plan(op, size + grants, (int) table->relid,
											grants ? table->grant_relid : table->entry_relid, RowExclusiveLock,
											builder, table);

			cascade_run(plan, relmeta_extension_owner(), values, NULL, RUN_FIRE_TRIGGERS | RUN_NEW_ROWS, 0);
		}
	}
}

void
cascade_purge_keys(ModelTable *table, RowList *keys)
{
	run_both(table, PLAN_PURGE, build_purge, keys, 0, 1);
}

void
cascade_purge(TableChanges *changes)
{
	ModelTable *table = changes->table;

	if (access_entries_empty(table))
		return;
	if (changes->deleted != NULL && changes->deleted_done < changes->deleted->nrows)
		run_both(table, PLAN_PURGE, build_purge, changes->deleted, changes->deleted_done, 1);
	if (changes->rekeyed != NULL && changes->rekeyed_done < changes->rekeyed->nrows)
		run_both(table, PLAN_REKEY, build_rekey, changes->rekeyed, changes->rekeyed_done, 2);
}
