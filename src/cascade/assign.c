/*
 * assign.c
 *		The assign cascade, one level (SEMANTICS 3.1, owners; 3.0 and 3.8, skipping).
 *
 * EXAMPLE.  Account 1 is ann's; assign is user_owned, reparent is all.  She has contact 10, bob has contact 11,
 * which she may read as the account's owner.  UPDATE account SET owner_id = 'bob' WHERE id = 1:
 *
 *					before						after
 *	account 1		ann's						bob's
 *	contact 10		ann's						bob's: it matched, was of the account's former owner
 *	contact 11		bob's; ann: reparent, all	bob's; nobody holds anything
 *
 * The owners are this file's: one UPDATE of contacts, which this statement's next flush would carry to what hangs on
 * contact 10.  That ann loses contact 11, and gains nothing, is inherit.c's, when all owners are in.
 */
#include "relmeta.h"

#include "cascade/assign_few.h"
#include "cascade/cascade.h"
#include "cascade/entered.h"
#include "inherit/effect.h"
#include "model/key.h"
#include "rows/act.h"
#include "rows/plan.h"
#include "cascade/flush.h"
#include "storage/lockdefs.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(relmeta_assign_follows);

#define VARIANT_OWNERS		(1 * PLAN_VARIANT_OWN)	/* several new owners: an
													 * array of them */
#define VARIANT_AGAIN		(2 * PLAN_VARIANT_OWN)	/* and there are rows to
													 * leave alone */

/* related rows that statements have left alone, in this session */
static uint64 left_alone = 0;

/*
 * Does a related row follow?  To be asked only of rows that point to one that is assigned, lest others be taken for
 * left alone: the function costs more than looking for the lookup among an array's keys, and in a join with the keys
 * the second argument, the key that the row points to, keeps it above the join.
 */
Datum
relmeta_assign_follows(PG_FUNCTION_ARGS)
{
	bool		follows = !PG_ARGISNULL(0) && PG_GETARG_BOOL(0);

	if (!follows)
		left_alone++;
	PG_RETURN_BOOL(follows);
}

/*
 * Does it matter which related rows are left alone?  The new owner inherits from his row on those that do not follow:
 * what they were when the statement looked at them, they must be afterwards.
 */
static bool
tells_left_alone(ModelRelationship *relationship)
{
	return behavior_cascades(relationship->behavior[ACTION_REPARENT]);
}

/*
 * build_assign
 *
 * One row of the primary table, or one new owner for all:
 *
 *	UPDATE s.related AS c SET owner = $2
 *	[FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($3)) AS k(key, old_owner)]	many, user_owned
 *	WHERE c.lookup = $1 | ANY ($1) | k.key [AND c.type = 'account']
 *	  AND [relmeta.assign_follows](
 *	    (c.owner = $2) IS NOT TRUE AND (c.owner IS NOT NULL OR $2 IS NOT NULL)
 *	    [AND (false OR c.state = '0' ...)]				active
 *	    [AND c.owner = $3 | k.old_owner]				user_owned
 *	    [, c.lookup | k.key])
 *
 * Where the new owner inherits from his row, assign_follows() tells whether rows that point to it were left alone.
 *
 * Several new owners; VARIANT_AGAIN: rows that this statement has assigned already are left alone, see entered.h:
 *
 *	UPDATE s.related AS c SET owner = k.new_owner
 *	FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3))
 *		AS k(key, new_owner, old_owner)
 *	WHERE c.lookup = k.key [AND NOT relmeta.assign_entered(c.key, c.xmin, k.key)] AND ...
 *	[RETURNING c.key]
 */
static void
build_assign(PlanText *built, void *subject, int variant)
{
	ModelRelationship *relationship = subject;
	ModelTable *related = relationship->related;
	ModelType  *owner = &related->owner.type;
	bool		many = (variant & PLAN_ARRAYS) != 0;
	bool		owners = (variant & VARIANT_OWNERS) != 0;
	bool		user_owned = relationship->behavior[ACTION_ASSIGN] == BEHAVIOR_USER_OWNED;
	bool		joined = owners || (many && (user_owned || !model_key_type(relationship->primary)->has_hash));
	const char *new_owner = owners ? "k.new_owner" : "$2";
	StringInfo	sql = &built->sql;

	built->nparams = 3;
	built->params[0] = model_key_param(relationship->primary, many);
	built->params[1] = owners ? owner->array_type : owner->base_type;
	built->params[2] = many ? owner->array_type : owner->base_type;

	appendStringInfo(sql, "UPDATE %s AS c SET %s = %s", related->sql_name, related->owner.sql_name, new_owner);
	if (owners)
		appendStringInfoString(sql, " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2),"
							   " pg_catalog.unnest($3)) AS k(key, new_owner, old_owner)");
	else if (many && user_owned)
		appendStringInfoString(sql, " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($3))"
							   " AS k(key, old_owner)");
	else
		appendStringInfoString(sql, rows_plan_from_keys(relationship, many, " FROM "));
	if (joined)
	{
		appendStringInfo(sql, " WHERE %s", model_lookup_is(relationship, "c", "k.key"));
		rows_plan_append_type(sql, relationship, "c");
	}
	else
		rows_plan_append_points_to(sql, relationship, many);
	if ((variant & VARIANT_AGAIN) != 0)
		appendStringInfo(sql, " AND NOT relmeta.assign_entered(%s, c.xmin, k.key)", model_key_sql(related, "c"));
	appendStringInfo(sql, " AND %s((c.%s %s %s%s) IS NOT TRUE AND (c.%s IS NOT NULL OR %s IS NOT NULL)",
					 tells_left_alone(relationship) ? "relmeta.assign_follows" : "",
					 related->owner.sql_name, owner->sql_eq, new_owner, owner->sql_collate,
					 related->owner.sql_name, new_owner);
	rows_plan_append_behavior(sql, relationship, relationship->behavior[ACTION_ASSIGN], "c",
							  many ? "k.old_owner" : "$3");
	if (tells_left_alone(relationship))
		appendStringInfo(sql, ", %s", joined ? "k.key" : model_lookup_sql(relationship, "c"));
	appendStringInfoChar(sql, ')');
	if ((variant & VARIANT_AGAIN) != 0)
		appendStringInfo(sql, " RETURNING %s", model_key_sql(related, "c"));
}

/* Do assigns that go down from the table's rows come back to them? */
static bool
comes_back(ModelTable *table)
{
	List	   *below = list_make1(table);

	for (int i = 0; i < list_length(below); i++)
	{
		ListCell   *lc;

		foreach(lc, model_as_primary(((ModelTable *) list_nth(below, i))))
		{
			ModelRelationship *relationship = lfirst(lc);

			if (!behavior_cascades(relationship->behavior[ACTION_ASSIGN]))
				continue;
			if (relationship->related == table)
				return true;
			below = list_append_unique_ptr(below, relationship->related);
		}
	}
	return false;
}

/*
 * May a related row that one primary row's cascade comes to have been assigned by this statement already?  A row
 * points to one primary row through a relationship, and that one is assigned once: so mostly it has not.
 */
static bool
may_come_again(Frame *frame, ModelTable *related)
{
	TableChanges *changes = collect_table(frame, related->relid);
	int			ways = 0;
	ListCell   *lc;

	foreach(lc, model_as_related(related))
		ways += behavior_cascades(((ModelRelationship *) lfirst(lc))->behavior[ACTION_ASSIGN]);
	return ways > 1 || (changes != NULL && changes->assigned_own > 0) || comes_back(related);
}

/* The parameters for the assigns in rows [row, end) of a list. */
static void
assign_parameters(Frame *frame, ModelRelationship *relationship, RowList *assigned, int64 row, int64 end, Datum *values,
				  char *nulls)
{
	bool		old_owners = relationship->behavior[ACTION_ASSIGN] == BEHAVIOR_USER_OWNED;
	Datum		row_values[3];
	bool		row_nulls[3];

	if (frame->many_owners)
		rows_list_arrays(assigned, row, end, 3, COLUMNS(ASSIGNED_KEY, ASSIGNED_NEW, ASSIGNED_OLD), values);
	else if (end - row == 1)
	{
		rows_list_get(assigned, row, row_values, row_nulls);
		values[0] = rows_list_copy(assigned, ASSIGNED_KEY, row_values, row_nulls);
		values[1] = rows_list_copy(assigned, ASSIGNED_NEW, row_values, row_nulls);
		values[2] = rows_list_copy(assigned, ASSIGNED_OLD, row_values, row_nulls);
		nulls[1] = row_nulls[ASSIGNED_NEW] ? 'n' : ' ';
		nulls[2] = row_nulls[ASSIGNED_OLD] ? 'n' : ' ';
	}
	else
	{
		Datum		arrays[2];

		rows_list_arrays(assigned, row, end, old_owners ? 2 : 1, COLUMNS(ASSIGNED_KEY, ASSIGNED_OLD), arrays);
		values[0] = arrays[0];
		values[1] = frame->one_owner;
		nulls[1] = frame->one_owner_null ? 'n' : ' ';
		values[2] = old_owners ? arrays[1] : (Datum) 0;
		nulls[2] = old_owners ? ' ' : 'n';
	}
}

static void
nothing(RelatedRow *row, void *arg)
{
}

/* The assigns in rows [from, upto) of a list, which are carried down one relationship. */
typedef struct Assigning
{
	TableChanges *changes;
	ModelRelationship *relationship;
	RowList    *assigned;
	int64		from;
	int64		upto;
	int			level;			/* of the related rows */
} Assigning;

/*
 * Carries those in rows [row, end) down, by a statement.
 *
 * A related row that the statement leaves alone as it found it may be changing, so that it should follow, or go
 * to somebody else than the new owner.  So when there are such rows, all are locked, and looked at again: then they
 * stay what they are.
 */
static uint64
assign_by_statement(Assigning *assigning, int64 row, int64 end)
{
	Frame	   *frame = assigning->changes->frame;
	ModelRelationship *relationship = assigning->relationship;
	ModelTable *related = relationship->related;
	RowList    *assigned = assigning->assigned;
	bool		again = frame->many_owners && may_come_again(frame, related);
	int			variant = !frame->many_owners ? PLAN_SIZE(end - row) :
	PLAN_ARRAY_SIZE(end - row) | VARIANT_OWNERS | (again ? VARIANT_AGAIN : 0);
	SPIPlanPtr	plan = rows_plan(build_assign, PLAN_CHANGES | variant, relationship->id, related->relid,
								 RowExclusiveLock, relationship, relationship->related->model);
	TableChanges *related_changes = again ? collect_table_make(frame, related) : NULL;
	Datum		values[3] = {0};
	char		nulls[3] = {' ', ' ', ' '};
	uint64		rows = 0;

	collect_mark(frame, related->relid, CMD_UPDATE);
	assign_parameters(frame, relationship, assigned, row, end, values, nulls);
	for (int pass = 0; pass < 2; pass++)
	{
		uint64		before = left_alone;

		rows += again ? cascade_enter(related_changes, plan, values, nulls) :
			rows_run(plan, related->relid, values, nulls, ASSIGN_RUN, 0);
		if (left_alone == before)
			break;
		if (pass == 0)
			rows_each_related(relationship, rows_list_distinct(assigned, row, end, ASSIGNED_KEY),
							  BEHAVIOR_ALL, ROW_NO_KEY_UPDATE, NULL, nothing, NULL);
	}
	return rows;
}

/* Carries those in rows [row, end) down. */
static void
assign_batch(Assigning *assigning, int64 row, int64 end)
{
	ModelRelationship *relationship = assigning->relationship;
	int64		total = assigning->upto - assigning->from;
	uint64		rows = 0;

	rows_act_begin(ACTION_ASSIGN, relationship->name, assigning->level, true);
	rows_act_rows(row - assigning->from, total);
	if (!cascade_assign_few(assigning->changes->frame, relationship, assigning->assigned, row, end,
							tells_left_alone(relationship), &rows))
		rows += assign_by_statement(assigning, row, end);
	rows_act_rows(end - assigning->from, total);
	rows_act_end(rows);
}

/* Carries the assigns in rows [from, upto) of a list down one relationship, to a level. */
static void
assign_related(TableChanges *changes, ModelRelationship *relationship, RowList *assigned, int64 from, int64 upto,
			   int level)
{
	Frame	   *frame = changes->frame;
	ModelTable *related = relationship->related;
	Assigning	assigning = {changes, relationship, assigned, from, upto, level};
	RowSlice	slice;

	collect_reached(frame, related->relid, level);
	collect_assigned_into(frame, related->relid);
	rows_slice_begin(&slice, assigned, from, upto);
	while (rows_slice_next(&slice))
		assign_batch(&assigning, slice.from, slice.upto);
}

/* Locks the rows whose assigns are in rows [from, upto) of the list. */
static void
lock_assigned(TableChanges *changes, RowList *assigned, int64 from, int64 upto)
{
	RowSlice	slice;

	rows_slice_begin(&slice, assigned, from, upto);
	while (rows_slice_next(&slice))
		rows_lock(changes->table, rows_list_distinct(assigned, slice.from, slice.upto, ASSIGNED_KEY));
}

/* Adds the assigns in rows [from, upto) of the list that stand to another. */
static void
add_standing(ModelTable *table, RowList *assigned, int64 from, int64 upto, RowList *standing)
{
	DatumSet   *keys = rows_list_distinct(assigned, from, upto, ASSIGNED_KEY);
	RowSet	   *now = rows_get(table, keys, ROW_UNLOCKED);
	Datum		values[3];
	bool		nulls[3];

	for (int64 row = from; row < upto; row++)
	{
		int			i;

		rows_list_get(assigned, row, values, nulls);
		i = now->found[rows_set_find(keys, values[ASSIGNED_KEY])];
		if (i >= 0 && (nulls[ASSIGNED_NEW] ? rows_owner(now, i)->isnull :
					   rows_owns(table, now, i, values[ASSIGNED_NEW])))
			rows_list_add(standing, values, nulls);
	}
}

/*
 * Of the assigns in rows [from, upto) those of rows that still belong to whom the statement gave them: when a
 * trigger's statement has given one to somebody else, that has cascaded already.
 */
static RowList *
assigns_that_stand(ModelTable *table, RowList *assigned, int64 from, int64 upto)
{
	ModelType  *types[3] = {model_key_type(table), &table->owner.type, &table->owner.type};
	RowList    *standing = rows_list_make(3, types);
	RowSlice	slice;

	rows_slice_begin(&slice, assigned, from, upto);
	while (rows_slice_next(&slice))
		add_standing(table, assigned, slice.from, slice.upto, standing);
	return standing;
}

/*
 * cascade_assign
 *		SEMANTICS 3.1: for each relationship whose assign cascades, each related
 *		row that matches and whose owner is not already V gets owner V.  What is
 *		assigned so is collected as well: the next flush carries it further.
 *
 * Rows that give something are locked before their related rows are looked at: from
 * then on nobody attaches a row who has seen the former owner (rows.h).
 */
void
cascade_assign(TableChanges *changes, RowList *assigned, int64 from, int64 upto, int lookup)
{
	int			level = collect_level(changes->frame, changes->relid) + 1;
	ListCell   *lc;

	if (rows_passes_on(changes->table) && !cascade_assign_holds(changes, from, upto))
		lock_assigned(changes, assigned, from, upto);
	if (changes->frame->others_flushed)
	{
		assigned = assigns_that_stand(changes->table, assigned, from, upto);
		from = 0;
		upto = assigned->nrows;
	}
	foreach(lc, model_as_primary(changes->table))
	{
		ModelRelationship *relationship = lfirst(lc);

		if (!behavior_cascades(relationship->behavior[ACTION_ASSIGN]))
			continue;
		relationship = collect_relationship_locked(changes->frame, relationship, relationship->related->relid,
												   RowExclusiveLock);
		if (relationship != NULL && behavior_cascades(relationship->behavior[ACTION_ASSIGN]) && from < upto)
			assign_related(changes, relationship, assigned, from, upto, level);
	}
}
