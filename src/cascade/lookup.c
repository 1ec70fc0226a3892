/*
 * lookup.c
 *		Guarding lookups that have no foreign key: the related side, and a
 *		primary row that changes its key (SEMANTICS 2.3, 3.5).
 */
#include "relmeta.h"

#include "access/xact.h"
#include "cascade/cascade.h"
#include "model/key.h"
#include "rows/plan.h"
#include "cascade/flush.h"
#include "rows/rows.h"
#include "storage/lmgr.h"
#include "utils/memutils.h"

/*
 * build_exists: has each of the keys $1 a row?  The rows that are there are
 * locked, in key order; what was not locked does not count as being there.  A
 * key meets one row at most, so that counting does; comparing the two lists by
 * NOT EXISTS is planned as a nested loop, for the sake of a first row.
 *
 *	SELECT 1 FROM (SELECT pg_catalog.count(*) AS n FROM (
 *		SELECT FROM s.primary AS p, pg_catalog.unnest($1) AS k(key)
 *		WHERE p.id = k.key ORDER BY p.id FOR KEY SHARE OF p) AS locked) AS c
 *	WHERE c.n OPERATOR(pg_catalog.<>) pg_catalog.cardinality($1)
 *
 * One key: the row is there or it is not.
 *
 *	SELECT p.id FROM s.primary AS p WHERE p.id = $1 FOR KEY SHARE OF p
 */
static void
build_exists(PlanText *built, void *subject, int variant)
{
	ModelTable *primary = ((ModelRelationship *) subject)->primary;
	const char *key = model_key_sql(primary, "p");
	StringInfo	sql = &built->sql;

	built->nparams = 1;

	if ((variant & PLAN_ARRAYS) == 0)
	{
		built->params[0] = model_key_param(primary, false);

		appendStringInfo(sql, "SELECT %s FROM %s AS p WHERE %s FOR KEY SHARE OF p", key, primary->sql_name,
						 model_key_is(primary, "p", "$1"));
		return;
	}
	built->params[0] = model_key_param(primary, true);

	appendStringInfo(sql, "SELECT 1 FROM (SELECT pg_catalog.count(*) AS n FROM (SELECT FROM %s AS p,"
					 " pg_catalog.unnest($1) AS k(key) WHERE %s ORDER BY %s FOR KEY SHARE OF p)"
					 " AS locked) AS c WHERE c.n OPERATOR(pg_catalog.<>) pg_catalog.cardinality($1)",
					 primary->sql_name, model_key_is(primary, "p", "k.key"), key);
}

static bool
all_found(DatumSet *keys, RowSet *rows)
{
	for (int k = 0; k < keys->count; k++)
		if (rows->found[k] < 0)
			return false;
	return true;
}

/* Has each of the keys a row, which we hold? */
static bool
are_there(ModelRelationship *relationship, DatumSet *keys)
{
	ModelTable *primary = relationship->primary;
	bool		one = keys->count == 1;
	SPIPlanPtr	plan;
	Datum		value;

	/*
	 * Where a statement sees what is there now, it is not needed.  Under a
	 * transaction's snapshot it says whether the row is there for us, as
	 * RI_FKey_check does.
	 */
	if (!IsolationUsesXactSnapshot())
	{
		LockRelationOid(primary->relid, RowShareLock);
		return all_found(keys, rows_get(primary, keys, ROW_KEY_SHARE));
	}
	plan = rows_plan(build_exists, PLAN_SIZE(keys->count), relationship->id, primary->relid,
					 RowShareLock, relationship, relationship->related->model);
	value = one ? keys->values[0] : rows_set_array(keys, 0, keys->count);

	/* one: the row is found; several: it is found that some are not there */
	if ((rows_run(plan, primary->relid, &value, NULL, 0, 1) > 0) != one)
		return false;

	/*
	 * a lock on what was the row when the statement began may be none on the
	 * row
	 */
	return all_found(keys, rows_get(primary, keys, ROW_ATTACHED));
}

/*
 * 23503, unless no row points to a missing key any more: a later command of
 * the same statement may have taken it away (as RI_FKey_check looks whether
 * the row is still live).
 */
static void
refuse_lookups(ModelRelationship *relationship, RowList *moved, int64 from, int64 upto)
{
	ModelType  *type = model_lookup_type(relationship);
	RowList    *key = rows_list_make(1, &type);
	Datum		values[MOVED_COLUMNS];
	bool		nulls[MOVED_COLUMNS];

	for (int64 row = from; row < upto; row++)
	{
		DatumSet   *one = rows_set_make(type);

		rows_list_get(moved, row, values, nulls);
		if (nulls[MOVED_NEW])
			continue;
		rows_set_add(one, values[MOVED_NEW]);
		if (are_there(relationship, one))
			continue;
		rows_list_add(key, &values[MOVED_NEW], &nulls[MOVED_NEW]);
		if (!cascade_points_to(relationship, key, key->nrows - 1, key->nrows, 0, NULL))
			continue;
		ereport(ERROR,
				(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
				 errmsg("insert or update on table \"%s\" violates relationship \"%s\"",
						relmeta_relation_name(relationship->related->relid), relationship->name),
				 errdetail("The row that column \"%s\" points to is not in table \"%s\".",
						   model_columns_text(&relationship->lookup),
						   relmeta_relation_name(relationship->primary->relid)),
				 errhint("Insert the row of table \"%s\" first.",
						 relmeta_relation_name(relationship->primary->relid))));
	}
}

/*
 * The same for few, where no statement is needed: what their primary rows give is looked at later in the flush, and the
 * rows need not be read again.
 */
static bool
few_are_there(Frame *frame, ModelRelationship *relationship, RowList *moved, int64 from, int64 upto)
{
	ModelTable *primary = relationship->primary;
	MemoryContext old = MemoryContextSwitchTo(frame->cxt);
	DatumSet   *keys = rows_list_distinct(moved, from, upto, MOVED_NEW);
	RowSet	   *rows = rows_get(primary, keys, ROW_KEY_SHARE);

	if (keys->count > 0 && !rows->changing)
		collect_note_pointed_to(frame, primary, keys, rows);
	MemoryContextSwitchTo(old);
	return all_found(keys, rows);
}

static void
check_lookup(Frame *frame, ModelRelationship *relationship, RowList *moved, int64 from, int64 upto)
{
	RowSlice	slice;

	if (upto - from <= PLAN_FEW_ROWS && !IsolationUsesXactSnapshot())
	{
		if (!few_are_there(frame, relationship, moved, from, upto))
			refuse_lookups(relationship, moved, from, upto);
		return;
	}

	rows_slice_begin(&slice, moved, from, upto);
	while (rows_slice_next(&slice))
	{
		DatumSet   *keys = rows_list_distinct(moved, slice.from, slice.upto, MOVED_NEW);

		if (keys->count > 0 && !are_there(relationship, keys))
			refuse_lookups(relationship, moved, slice.from, slice.upto);
	}
}

void
cascade_check_lookup(TableChanges *changes, RowList *moved, int64 from, int64 upto, int lookup)
{
	ModelRelationship *relationship = list_nth(model_as_related(changes->table), lookup);

	if (relationship->foreign_key)
		return;
	relationship = collect_relationship_locked(changes->frame, relationship, relationship->primary->relid,
											   RowShareLock);
	if (relationship != NULL)
		check_lookup(changes->frame, relationship, moved, from, upto);
}

/*
 * cascade_check_rekeyed
 *		SEMANTICS 3.5: a change of a key is refused while lookups without a
 *		foreign key point to the row.
 */
void
cascade_check_rekeyed(TableChanges *changes, RowList *rekeyed, int64 from, int64 upto, int lookup)
{
	ListCell   *lc;

	foreach(lc, model_as_primary(changes->table))
	{
		ModelRelationship *relationship = lfirst(lc);

		if (relationship->foreign_key)
			continue;
		relationship = collect_relationship_locked(changes->frame, relationship, relationship->related->relid,
												   RowShareLock);
		if (relationship == NULL ||
			!cascade_points_to(relationship, rekeyed, from, upto, REKEYED_OLD, NULL))
			continue;
		ereport(ERROR,
				(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
				 errmsg("update of the key of table \"%s\" violates relationship \"%s\" of table \"%s\"",
						relmeta_relation_name(relationship->primary->relid), relationship->name,
						relmeta_relation_name(relationship->related->relid)),
				 errdetail("Rows of table \"%s\" point to the row by a lookup without a foreign key.",
						   relmeta_relation_name(relationship->related->relid)),
				 errhint("Repoint those rows first.")));
	}
}
