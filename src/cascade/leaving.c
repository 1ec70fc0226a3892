/*
 * leaving.c
 *		Rows that leave a registered table all at once; see leaving.h.
 */
#include "relmeta.h"

#include "cascade/flush.h"
#include "inherit/effect.h"
#include "cascade/leaving.h"
#include "collect/collect.h"
#include "model/key.h"
#include "rows/scan.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* ---- keys of rows that leave ---- */

typedef struct Leaving
{
	ModelKeyReader reader;
	RowList    *keys;
} Leaving;

static void
take_key(Relation rel, TupleTableSlot *slot, void *arg)
{
	Leaving    *leaving = arg;
	bool		isnull = false;
	Datum		key;

	if (model_key_read(&leaving->reader, rel, slot, &key))
		rows_list_add(leaving->keys, &key, &isnull);
}

RowList *
cascade_leaving_keys(Model *model, ModelTable *table, Oid relid)
{
	ModelType  *type = model_key_type(table);
	Leaving		leaving = {{&table->key}, rows_list_make(1, &type)};

	model_pin(model, CurrentMemoryContext);
	rows_scan_each(relid, take_key, &leaving);
	return leaving.keys;
}

/* ---- lookups ---- */

static void
take_lookup(Datum *values, bool *nulls, void *arg)
{
	rows_list_add(arg, values, nulls);
}

/*
 *	SELECT c.lookup FROM s.related AS c WHERE c.lookup IS NOT NULL [AND c.type = 'account']
 */
static void
build_lookups(PlanText *built, void *subject, int variant)
{
	ModelRelationship *relationship = subject;

	built->nparams = 0;

	appendStringInfo(&built->sql, "SELECT %s FROM %s AS c WHERE %s", model_lookup_sql(relationship, "c"),
					 relationship->related->sql_name, model_columns_are_set(&relationship->lookup, "c"));
	rows_plan_append_type(&built->sql, relationship, "c");
}

static SPIPlanPtr
lookups_plan(ModelRelationship *relationship)
{
	return rows_plan(build_lookups, PLAN_MANY, relationship->id, relationship->related->relid, AccessShareLock,
					 relationship, relationship->related->model);
}

bool
cascade_any_lookup(ModelRelationship *relationship)
{
	uint64		found = rows_run(lookups_plan(relationship), relationship->related->relid, NULL, NULL,
								 RUN_NEW_ROWS | RUN_FIRE_TRIGGERS, 1);

	SPI_freetuptable(SPI_tuptable);
	return found > 0;
}

/* Is there no row for one of the lookups in rows [from, upto)? */
static bool
some_missing(ModelRelationship *relationship, RowList *lookups, int64 from, int64 upto)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "relmeta lookups", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(scratch);
	DatumSet   *keys = rows_list_distinct(lookups, from, upto, 0);
	RowSet	   *rows = rows_get(relationship->primary, keys, ROW_UNLOCKED);
	bool		missing = false;

	for (int k = 0; k < keys->count && !missing; k++)
		missing = rows->found[k] < 0;
	MemoryContextSwitchTo(old);
	MemoryContextDelete(scratch);
	return missing;
}

/* Does a lookup of the relationship point to a row that is not there? */
static bool
points_nowhere(ModelRelationship *relationship)
{
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext, "relmeta lookups", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(cxt);
	ModelType  *type = model_lookup_type(relationship);
	RowList    *lookups = rows_list_make(1, &type);
	int64		step;
	bool		missing = false;

	rows_run_each(lookups_plan(relationship), relationship->related->relid, NULL, NULL, take_lookup, lookups);
	step = rows_list_batch_rows(lookups);
	for (int64 row = 0; row < lookups->nrows && !missing; row += step)
	{
		CHECK_FOR_INTERRUPTS();
		missing = some_missing(relationship, lookups, row, Min(row + step, lookups->nrows));
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(cxt);
	return missing;
}

bool
cascade_left_behind(ModelRelationship *relationship, RowList *keys)
{
	if (keys == NULL)
		return points_nowhere(relationship);
	return cascade_points_to(relationship, keys, 0, keys->nrows, 0, NULL);
}
