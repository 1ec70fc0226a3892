/*
 * merge_step.c
 *		What the steps of a merge share: the rows of its report, a statement for a relationship, the parts that
 *		others add.
 */
#include "relmeta.h"

#include "cascade/deferred.h"
#include "catalog/namespace.h"
#include "catalog/partition.h"
#include "executor/spi.h"
#include "feature/merge.h"
#include "rows/act.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

static List *parts = NIL;		/* MergePart, in TopMemoryContext */

void
feature_merge_report(Merge *merge, const char *relationship, Oid relid, int64 rows, int64 dropped)
{
	if (rows != 0 || dropped != 0)
		merge->report(merge->report_arg, relationship, relid, rows, dropped);
}

void
feature_add_merge_part(MergePart part)
{
	MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);

	parts = lappend(parts, part);
	MemoryContextSwitchTo(old);
}

void
feature_merge_parts(Merge *merge)
{
	int64		rows = 0;
	int64		dropped = 0;
	ListCell   *lc;

	foreach(lc, parts)
	{
		int64		moved = 0;
		int64		gone = 0;

		((MergePart) lfirst(lc)) (merge, &moved, &gone);
		rows += moved;
		dropped += gone;
	}
	feature_merge_report(merge, NULL, InvalidOid, rows, dropped);
}

/* Rethrows; a unique key of the table or a partition of it that both rows' related rows meet is told as such. */
static void
rethrow(const char *relationship, Oid relid, MemoryContext cxt)
{
	ErrorData  *error;
	Oid			met;

	MemoryContextSwitchTo(cxt);
	error = CopyErrorData();
	if (error->sqlerrcode != ERRCODE_UNIQUE_VIOLATION || error->schema_name == NULL || error->table_name == NULL)
		PG_RE_THROW();
	met = get_relname_relid(error->table_name, get_namespace_oid(error->schema_name, true));
	if (met != relid && !(get_rel_relispartition(met) && llast_oid(get_partition_ancestors(met)) == relid))
		PG_RE_THROW();
	FlushErrorState();
	ereport(ERROR,
			(errcode(ERRCODE_UNIQUE_VIOLATION),
			 errmsg("rows of both cannot be related to one in relationship \"%s\"", relationship),
			 errdetail("Constraint \"%s\" of table \"%s\" allows it only once.",
					   error->constraint_name ? error->constraint_name : "", relmeta_relation_name(relid)),
			 errhint("Move or delete one of the related rows first.")));
}

int
feature_merge_changes(Merge *merge, Oid relid)
{
	return feature_runs_as_caller(relid, merge->table->relid) ? PLAN_CHANGES : 0;
}

int64
feature_merge_run(Merge *merge, const char *relationship, SPIPlanPtr plan, Oid relid, List *columns)
{
	Datum		values[2] = {merge->subordinate, merge->master};
	MemoryContext cxt = CurrentMemoryContext;
	bool		changes = feature_merge_changes(merge, relid) != 0;
	List	   *deferred = changes ? NIL : cascade_deferred_set_columns_immediate(relid, columns);
	volatile int64 rows = 0;

	rows_act_begin(ACTION_MERGE, relationship, 1, true);
	PG_TRY();
	{
		rows = (int64) rows_run(plan, relid, values, NULL,
								(changes ? RUN_CHANGES : 0) | RUN_FIRE_TRIGGERS | RUN_NEW_ROWS | RUN_CROSSCHECK, 0);
	}
	PG_CATCH();
	{
		rethrow(relationship, relid, cxt);
	}
	PG_END_TRY();
	cascade_deferred_again(deferred);
	rows_act_end(rows);
	return rows;
}

void
feature_merge_append_same(StringInfo sql, Relation rel, AttrNumber attnum, bool nulls_are_equal)
{
	Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), attnum - 1);
	const char *name = quote_identifier(NameStr(att->attname));

	appendStringInfoString(sql, " AND (");
	model_type_append_equal(sql, att->atttypid, psprintf("m.%s", name), psprintf("t.%s", name));
	if (nulls_are_equal)
		appendStringInfo(sql, " OR (m.%s IS NULL AND t.%s IS NULL)", name, name);
	appendStringInfoChar(sql, ')');
}
