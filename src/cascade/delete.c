/*
 * delete.c
 *		Deleting primary rows of lookups that have no foreign key (SEMANTICS 3.5).
 *
 * RI's protocol: the related side locks its primary row FOR KEY SHARE before it
 * commits (lookup.c), the primary side acts here with a snapshot newer than the
 * row lock that its DELETE took.  So a concurrent child is either seen here or
 * finds its primary row gone.
 *
 * EXAMPLE.  Contact 10 points to account 1, which is shared with ann, read, and so is the contact; foreign_key is
 * false.  DELETE FROM account WHERE id = 1, by what delete is:
 *
 *	all				contact 10 is deleted
 *	remove_link		its account_id is NULL, which is a reparent: ann has lost what she inherited there
 *	restrict		23001; but WITH c AS (DELETE FROM contact WHERE id = 10) DELETE FROM account WHERE id = 1 is done
 */
#include "relmeta.h"

#include "access/table.h"
#include "access/xact.h"
#include "cascade/cascade.h"
#include "model/key.h"
#include "rows/act.h"
#include "rows/fetch.h"
#include "rows/plan.h"
#include "cascade/flush.h"
#include "storage/lockdefs.h"
#include "utils/snapmgr.h"

static void
set_key_param(PlanText *built, ModelRelationship *relationship, bool many)
{
	built->nparams = 1;
	built->params[0] = model_key_param(relationship->primary, many);
}

/*
 *	DELETE FROM s.related AS c
 *	WHERE c.lookup = $1 | ANY ($1) [AND c.type = 'account']
 */
static void
build_delete_rows(PlanText *built, void *subject, int variant)
{
	ModelRelationship *relationship = subject;
	bool		many = (variant & PLAN_ARRAYS) != 0;

	set_key_param(built, relationship, many);
	appendStringInfo(&built->sql, "DELETE FROM %s AS c%s", relationship->related->sql_name,
					 rows_plan_from_keys(relationship, many, " USING "));
	rows_plan_append_points_to(&built->sql, relationship, many);
}

/*
 *	UPDATE s.related AS c SET lookup = NULL [, type = NULL]
 *	WHERE c.lookup = $1 | ANY ($1) [AND c.type = 'account']
 */
static void
build_remove_link(PlanText *built, void *subject, int variant)
{
	ModelRelationship *relationship = subject;
	bool		many = (variant & PLAN_ARRAYS) != 0;

	set_key_param(built, relationship, many);
	appendStringInfo(&built->sql, "UPDATE %s AS c SET %s", relationship->related->sql_name,
					 model_columns_set(&relationship->lookup, NULL));
	if (relationship->type_column.name != NULL)
		appendStringInfo(&built->sql, ", %s = NULL", relationship->type_column.sql_name);
	appendStringInfoString(&built->sql, rows_plan_from_keys(relationship, many, " FROM "));
	rows_plan_append_points_to(&built->sql, relationship, many);
}

/*
 *	SELECT 1 FROM s.related AS c
 *	WHERE c.lookup = $1 | ANY ($1) [AND c.type = 'account']
 *	FOR KEY SHARE OF c
 *
 * No LIMIT: it would have the planner expect a row soon, where mostly there is none.
 * With PLAN_VARIANT_OWN without the lock: that one reads rows which our own
 * cascades have deleted, which nobody can lock.
 */
static void
build_restrict(PlanText *built, void *subject, int variant)
{
	ModelRelationship *relationship = subject;
	bool		many = (variant & PLAN_ARRAYS) != 0;

	set_key_param(built, relationship, many);
	appendStringInfo(&built->sql, "SELECT 1 FROM %s AS c%s", relationship->related->sql_name,
					 rows_plan_from_keys(relationship, many, ", "));
	rows_plan_append_points_to(&built->sql, relationship, many);
	if ((variant & PLAN_VARIANT_OWN) == 0)
		appendStringInfoString(&built->sql, " FOR KEY SHARE OF c");
}

/* The keys of a slice as the parameter of a statement that takes PLAN_SIZE() of them. */
static Datum
key_parameter(RowList *keys, RowSlice *slice, int column)
{
	Datum		value;

	if (slice->upto - slice->from == 1)
	{
		Datum	   *values = palloc(keys->ncolumns * sizeof(Datum));
		bool	   *nulls = palloc(keys->ncolumns * sizeof(bool));

		rows_list_get(keys, slice->from, values, nulls);
		return rows_list_copy(keys, column, values, nulls);
	}
	rows_list_arrays(keys, slice->from, slice->upto, 1, &column, &value);
	return value;
}

bool
cascade_points_to(ModelRelationship *relationship, RowList *keys, int64 from, int64 upto, int column,
				  Snapshot snapshot)
{
	ModelTable *related = relationship->related;
	RowSlice	slice;

	rows_slice_begin(&slice, keys, from, upto);
	while (rows_slice_next(&slice))
	{
		Datum		value = key_parameter(keys, &slice, column);
		int			variant = PLAN_SIZE(slice.upto - slice.from) | (snapshot != NULL ? PLAN_VARIANT_OWN : 0);
		SPIPlanPtr	plan = rows_plan(build_restrict, variant, relationship->id, related->relid, RowShareLock,
									 relationship, relationship->related->model);
		uint64		found;

		if (snapshot != NULL)
			found = rows_run_snapshot(plan, related->relid, &value, NULL, snapshot, 1);
		else
			found = rows_run(plan, related->relid, &value, NULL, RUN_NEW_ROWS, 1);
		SPI_freetuptable(SPI_tuptable);
		if (found > 0)
		{
			rows_slice_end(&slice);
			return true;
		}
	}
	return false;
}

/*
 * Have cascades of this statement deleted rows of a table already?  Ours have
 * from the second level on; native keys act before the first flush, wherever
 * one leads there from a table of the statement.
 */
static bool
cascades_before(Frame *frame, ModelTable *table, CommandId *cid)
{
	ListCell   *lc;

	if (frame->deleting)
	{
		*cid = frame->delete_cid;
		return true;
	}
	foreach(lc, model_as_related(table))
	{
		ModelRelationship *relationship = lfirst(lc);
		TableChanges *primary = collect_table(frame, relationship->primary->relid);

		if (relationship->foreign_key && relationship->behavior[ACTION_DELETE] == BEHAVIOR_ALL &&
			primary != NULL && primary->saw_delete)
		{
			*cid = frame->cid + 1;
			return true;
		}
	}
	return false;
}

/*
 * cascade_delete_restrict
 *		SEMANTICS 3.5, restrict: refused while a row points to a deleted row.
 *		Rows that the statement itself deleted do not count, rows that only its
 *		cascades delete do: so the rows are also looked at as they were before
 *		the first cascade.
 */
void
cascade_delete_restrict(TableChanges *changes, RowList *deleted, int64 from, int64 upto, int lookup)
{
	Frame	   *frame = changes->frame;
	ListCell   *lc;

	foreach(lc, model_as_primary(changes->table))
	{
		ModelRelationship *relationship = lfirst(lc);
		bool		found;
		CommandId	cid;

		if (relationship->foreign_key || relationship->behavior[ACTION_DELETE] != BEHAVIOR_RESTRICT)
			continue;
		relationship = collect_relationship_locked(frame, relationship, relationship->related->relid, RowShareLock);
		if (relationship == NULL)
			continue;
		found = cascade_points_to(relationship, deleted, from, upto, DELETED_KEY, NULL);
		if (!found && cascades_before(frame, relationship->related, &cid))
		{
			Snapshot	before = RegisterSnapshot(GetLatestSnapshot());

			before->curcid = cid;
			found = cascade_points_to(relationship, deleted, from, upto, DELETED_KEY, before);
			UnregisterSnapshot(before);
		}
		if (found)
			ereport(ERROR,
					(errcode(ERRCODE_RESTRICT_VIOLATION),
					 errmsg("delete on table \"%s\" violates relationship \"%s\" of table \"%s\"",
							relmeta_relation_name(relationship->primary->relid), relationship->name,
							relmeta_relation_name(relationship->related->relid)),
					 errdetail("Rows of table \"%s\" still point to a deleted row.",
							   relmeta_relation_name(relationship->related->relid)),
					 errhint("Delete or repoint those rows first, or change what the relationship does"
							 " on delete with relmeta.update_relationship().")));
	}
}

static void
note_row(Datum key, void *leaf)
{
	collect_deleted(leaf, key);
}

/*
 * Deletes what points to few rows without a statement, as assign_few.c assigns; false, with nothing done, where it
 * takes one.
 */
static bool
delete_few(Frame *frame, ModelRelationship *relationship, RowList *deleted, RowSlice *slice, uint64 *rows)
{
	ModelTable *related = relationship->related;
	LeafChanges *leaf;
	Relation	rel;
	bool		done;

	if (slice->upto - slice->from > PLAN_FEW_ROWS || IsolationUsesXactSnapshot() || related->is_partitioned)
		return false;
	rel = relmeta_relation_open(related->relid, NoLock);
	leaf = collect_leaf_of(frame, rel);
	done = leaf->changes != NULL && collect_needs_no_trigger(rel, CMD_DELETE) &&
		rows_delete_related(relationship, rows_list_distinct(deleted, slice->from, slice->upto, DELETED_KEY), rel,
							note_row, leaf, rows);
	table_close(rel, NoLock);
	return done;
}

/* Deletes or unlinks what points to the rows of a slice, by a statement. */
static uint64
delete_by_statement(Frame *frame, ModelRelationship *relationship, RowList *deleted, RowSlice *slice, bool remove)
{
	ModelTable *related = relationship->related;
	Datum		value = key_parameter(deleted, slice, DELETED_KEY);
	SPIPlanPtr	plan = rows_plan(remove ? build_remove_link : build_delete_rows,
								 PLAN_CHANGES | PLAN_SIZE(slice->upto - slice->from), relationship->id,
								 related->relid, RowExclusiveLock, relationship, relationship->related->model);

	collect_mark(frame, related->relid, remove ? CMD_UPDATE : CMD_DELETE);
	return rows_run(plan, related->relid, &value, NULL, RUN_NEW_ROWS | RUN_CROSSCHECK | RUN_CHANGES, 0);
}

/* Deletes or unlinks what points to the rows [from, upto), on a level. */
static void
delete_related(TableChanges *changes, ModelRelationship *relationship, RowList *deleted, int64 from, int64 upto,
			   int level)
{
	bool		remove = relationship->behavior[ACTION_DELETE] == BEHAVIOR_REMOVE_LINK;
	RowSlice	slice;

	collect_reached(changes->frame, relationship->related->relid, level);
	rows_slice_begin(&slice, deleted, from, upto);
	while (rows_slice_next(&slice))
	{
		uint64		rows = 0;

		rows_act_begin(ACTION_DELETE, relationship->name, level, true);
		rows_act_rows(slice.from - from, upto - from);
		if (remove || !delete_few(changes->frame, relationship, deleted, &slice, &rows))
			rows = delete_by_statement(changes->frame, relationship, deleted, &slice, remove);
		rows_act_rows(slice.upto - from, upto - from);
		rows_act_end(rows);
	}
}

/*
 * cascade_delete
 *		SEMANTICS 3.5, all and remove_link, where relmeta guards the lookup.
 */
void
cascade_delete(TableChanges *changes, RowList *deleted, int64 from, int64 upto, int lookup)
{
	Frame	   *frame = changes->frame;
	int			level = collect_level(frame, changes->relid) + 1;
	ListCell   *lc;

	foreach(lc, model_as_primary(changes->table))
	{
		ModelRelationship *relationship = lfirst(lc);

		if (relationship->foreign_key)
			continue;
		relationship = collect_relationship_locked(frame, relationship, relationship->related->relid,
												   RowExclusiveLock);
		if (relationship == NULL || relationship->behavior[ACTION_DELETE] == BEHAVIOR_RESTRICT)
			continue;
		if (!frame->deleting)
		{
			frame->deleting = true;
			CommandCounterIncrement();
			frame->delete_cid = GetCurrentCommandId(true);
		}
		delete_related(changes, relationship, deleted, from, upto, level);
	}
}
