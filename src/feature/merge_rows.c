/*
 * merge_rows.c
 *		Related rows of a merge's subordinate become the master's: one statement per relationship.
 *
 * Who attaches a row to the subordinate holds that FOR KEY SHARE: the statement sees his row, or he waits for
 * the merge to end and attaches to a row that is inactive.
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "executor/spi.h"
#include "feature/merge.h"
#include "catalog/pg_index.h"
#include "model/as_read.h"
#include "model/key.h"
#include "rows/act.h"
#include "storage/lmgr.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/*
 * The related rows of $1 point to $2 instead; of a relationship to the table itself those but the master, which would
 * point to itself:
 *
 *	UPDATE s.related AS c SET lookup = $2 WHERE c.lookup = $1 [AND c.type = 'account'] [AND NOT (c.id = $2)]
 */
static void
build_repoint(PlanText *built, void *subject, int variant)
{
	ModelRelationship *relationship = subject;
	ModelTable *related = relationship->related;

	built->nparams = 2;
	built->params[0] = built->params[1] = model_key_param(relationship->primary, false);

	appendStringInfo(&built->sql, "UPDATE %s AS c SET %s WHERE %s", related->sql_name,
					 model_columns_set(&relationship->lookup, "$2"), model_lookup_is(relationship, "c", "$1"));
	rows_plan_append_type(&built->sql, relationship, "c");
	if (related->relid == relationship->primary->relid)
		appendStringInfo(&built->sql, " AND NOT (%s)", model_key_is(related, "c", "$2"));
}

/*
 * The master points to the subordinate, where that is no hierarchy:
 *
 *	UPDATE s.t AS c SET lookup = NULL[, type = NULL] WHERE c.id = $2 AND c.lookup = $1 [AND c.type = 't']
 */
static void
build_clear(PlanText *built, void *subject, int variant)
{
	ModelRelationship *relationship = subject;
	ModelTable *table = relationship->related;

	built->nparams = 2;
	built->params[0] = built->params[1] = model_key_param(table, false);

	appendStringInfo(&built->sql, "UPDATE %s AS c SET %s", table->sql_name,
					 model_columns_set(&relationship->lookup, NULL));
	if (relationship->type_column.name != NULL)
		appendStringInfo(&built->sql, ", %s = NULL", relationship->type_column.sql_name);
	appendStringInfo(&built->sql, " WHERE %s AND %s", model_key_is(table, "c", "$2"),
					 model_lookup_is(relationship, "c", "$1"));
	rows_plan_append_type(&built->sql, relationship, "c");
}

/* Is the index over the lookup, and columns alone? */
static bool
is_of_lookup(ModelRelationship *relationship, Form_pg_index index, bool has_predicate)
{
	if (!index->indisunique || !index->indisvalid || has_predicate)
		return false;
	for (int i = 0; i < index->indnkeyatts; i++)
		if (index->indkey.values[i] == InvalidAttrNumber)
			return false;
	return model_columns_in_index(&relationship->lookup, index);
}

/*
 * Related rows that cannot be repointed, since a unique key has the master's already:
 *
 *	SELECT FROM s.related AS t WHERE t.lookup = $1 [AND t.type = 'account'] AND (false
 *		[OR EXISTS (SELECT FROM s.related AS m WHERE m.lookup = $2 [AND m.type = 'account'] [AND (m.u = t.u)])])
 */
static void
build_blocked(PlanText *built, void *subject, int variant)
{
	ModelRelationship *r = subject;
	StringInfo	sql = &built->sql;
	Relation	rel = relmeta_relation_open(r->related->relid, AccessShareLock);
	ListCell   *lc;

	built->nparams = 2;
	built->params[0] = built->params[1] = model_key_param(r->primary, false);
	appendStringInfo(sql, "SELECT FROM %s AS t WHERE %s", r->related->sql_name, model_lookup_is(r, "t", "$1"));
	rows_plan_append_type(sql, r, "t");
	appendStringInfoString(sql, " AND (false");
	foreach(lc, RelationGetIndexList(rel))
	{
		HeapTuple	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(lfirst_oid(lc)));
		Form_pg_index index;

		if (!HeapTupleIsValid(tuple))
			elog(ERROR, "cache lookup failed for index %u", lfirst_oid(lc));
		index = (Form_pg_index) GETSTRUCT(tuple);
		if (is_of_lookup(r, index, !heap_attisnull(tuple, Anum_pg_index_indpred, NULL)))
		{
			appendStringInfo(sql, " OR EXISTS (SELECT FROM %s AS m WHERE %s", r->related->sql_name,
							 model_lookup_is(r, "m", "$2"));
			rows_plan_append_type(sql, r, "m");
			for (int i = 0; i < index->indnkeyatts; i++)
				if (!model_columns_have_attnum(&r->lookup, index->indkey.values[i]) &&
					index->indkey.values[i] != r->type_column.attnum)
					feature_merge_append_same(sql, rel, index->indkey.values[i], index->indnullsnotdistinct);
			appendStringInfoChar(sql, ')');
		}
		ReleaseSysCache(tuple);
	}
	appendStringInfoChar(sql, ')');
	table_close(rel, NoLock);
}

int64
feature_merge_count_blocked(Merge *merge, ModelRelationship *relationship)
{
	Datum		values[2] = {merge->subordinate, merge->master};
	Oid			relid = relationship->related->relid;
	SPIPlanPtr	plan = rows_plan(build_blocked, PLAN_ONE, relationship->id, relid, AccessShareLock, relationship,
								 relationship->related->model);

	return (int64) rows_run(plan, relid, values, NULL, RUN_NEW_ROWS, 0);
}

static void
move_related(Merge *merge, ModelRelationship *relationship)
{
	Oid			relid = relationship->related->relid;
	int			variant = PLAN_ONE | feature_merge_changes(merge, relid);
	int64		rows;
	int64		dropped = 0;
	List	   *columns = model_columns_names(&relationship->lookup);
	SPIPlanPtr	plan;

	if (relid == relationship->primary->relid && !relationship->refuses_loops)
	{
		plan = rows_plan(build_clear, variant, relationship->id, relid, RowExclusiveLock, relationship,
						 relationship->related->model);
		dropped = feature_merge_run(merge, relationship->name, plan, relid, columns);
	}
	plan = rows_plan(build_repoint, variant, relationship->id, relid, RowExclusiveLock, relationship,
					 relationship->related->model);
	rows = feature_merge_run(merge, relationship->name, plan, relid, columns);
	feature_merge_report(merge, relationship->name, relid, rows, dropped);
}

void
feature_merge_rows(Merge *merge)
{
	ListCell   *lc;

	foreach(lc, model_as_primary(merge->table))
	{
		ModelRelationship *relationship = lfirst(lc);
		Model	   *model;

		if (relationship->going)
			continue;
		/* somebody may have been changing it while we waited */
		LockRelationOid(relationship->related->relid, RowExclusiveLock);
		model = model_current();
		model_pin(model, CurrentMemoryContext);
		model_check_types_kept(merge->table, model);
		relationship = model_relationship_by_id(model, relationship->id);
		if (relationship == NULL || relationship->behavior[ACTION_MERGE] != BEHAVIOR_ALL)
			continue;
		model_relationship_check_usable(relationship);
		move_related(merge, relationship);
	}
}
