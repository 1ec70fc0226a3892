/*
 * related.c
 *		Reading and locking the rows that point to some rows, and what rows point to; see rows.h.
 */
#include "relmeta.h"

#include "model/key.h"
#include "rows/fetch.h"
#include "storage/lockdefs.h"

/* variants: of build_related(), lock and behavior; of build_linked(), the behavior */
#define VARIANT_LOCK(lock)			((lock) * PLAN_VARIANT_OWN)
#define LOCK_OF(variant)			((RowLock) ((variant) / PLAN_VARIANT_OWN % 8))
#define VARIANT_BEHAVIOR(behavior)	((behavior) * 8 * PLAN_VARIANT_OWN)
#define BEHAVIOR_OF(variant)		((ModelBehavior) ((variant) / (8 * PLAN_VARIANT_OWN)))

/* primary rows that one statement is given at the most: a plan for so many takes 20 MB */
#define RELATED_KEYS_MAX 100000

/* Of a column of owners, which are all null without one. */
static ModelType *
owner_type(ModelTable *table)
{
	return table->owner.name != NULL ? &table->owner.type : model_principal(table);
}

/* ---- rows that point to some ---- */

/*
 * build_related: without a lock the statement looks for what matches; the owners of primary rows are given for
 * user_owned only.
 *
 *	SELECT c.id, c.owner | NULL, k.n, true
 *	FROM s.related AS c, ROWS FROM (pg_catalog.unnest($1) [, pg_catalog.unnest($2)]) WITH ORDINALITY
 *		AS k(key [, owner], n)
 *	WHERE c.lookup = k.key [AND c.type = 'account'] [AND (false OR c.state = '0')] [AND c.owner = k.owner]
 *
 * With one it gives every row that points there; it is the locked row of which is said whether it is active:
 *
 *	SELECT c.id, c.owner | NULL, k.n, (true [AND (false OR c.state = '0')]) IS TRUE
 *	FROM s.related AS c, pg_catalog.unnest($1) WITH ORDINALITY AS k(key, n)
 *	WHERE c.lookup = k.key [AND c.type = 'account']
 *	ORDER BY c.id FOR UPDATE OF c | FOR NO KEY UPDATE OF c
 *
 * One primary row: c.lookup = $1, 1::bigint in place of k.n, and no unnest().
 */
static void
build_related(PlanText *built, void *subject, int variant)
{
	ModelRelationship *relationship = subject;
	ModelTable *related = relationship->related;
	ModelType  *owner = &relationship->primary->owner.type;
	bool		many = (variant & PLAN_ARRAYS) != 0;
	RowLock		lock = LOCK_OF(variant);
	bool		active = BEHAVIOR_OF(variant) == BEHAVIOR_ACTIVE;
	bool		user_owned = BEHAVIOR_OF(variant) == BEHAVIOR_USER_OWNED;
	StringInfo	sql = &built->sql;

	built->nparams = user_owned ? 2 : 1;
	built->params[0] = model_key_param(relationship->primary, many);

	if (user_owned)
		built->params[1] = many ? owner->array_type : owner->base_type;

	appendStringInfo(sql, "SELECT %s, %s%s, %s, (true", model_key_sql(related, "c"),
					 related->owner.name != NULL ? "c." : "NULL",
					 related->owner.name != NULL ? related->owner.sql_name : "", many ? "k.n" : "1::pg_catalog.int8");
	if (active && lock != ROW_UNLOCKED)
		rows_plan_append_active(sql, related, "c");
	appendStringInfo(sql, ") IS TRUE FROM %s AS c", related->sql_name);
	if (many && user_owned)
		appendStringInfoString(sql, ", ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) WITH ORDINALITY"
							   " AS k(key, owner, n)");
	else if (many)
		appendStringInfoString(sql, ", pg_catalog.unnest($1) WITH ORDINALITY AS k(key, n)");
	appendStringInfo(sql, " WHERE %s", model_lookup_is(relationship, "c", many ? "k.key" : "$1"));
	rows_plan_append_type(sql, relationship, "c");
	if (lock == ROW_UNLOCKED)
		rows_plan_append_behavior(sql, relationship, BEHAVIOR_OF(variant), "c", many ? "k.owner" : "$2");
	if (lock != ROW_UNLOCKED)
		appendStringInfo(sql, " ORDER BY %s", model_key_sql(related, "c"));
	rows_append_lock(sql, lock, "c");
}

typedef struct RelatedReader
{
	RelatedReceiver receive;
	void	   *arg;
	int			first;			/* number of the first key of this statement */
	int		   *parents;		/* for user_owned: the numbers of those that
								 * have an owner, and */
	Datum	   *owners;			/* their owners; arrays of their own, since
								 * they are handed to a statement as one */
	ModelType  *owner_type;
} RelatedReader;

static void
take_related(Datum *values, bool *nulls, void *arg)
{
	RelatedReader *reader = arg;
	RelatedRow	row = {values[0], values[1], nulls[1]};
	int			n = reader->first + (int) DatumGetInt64(values[2]) - 1;

	if (!DatumGetBool(values[3]) ||
		(reader->owners != NULL &&
		 (row.owner_null || !model_type_equal(reader->owner_type, row.owner, reader->owners[n]))))
		return;
	row.parent = reader->parents != NULL ? reader->parents[n] : n;
	reader->receive(&row, reader->arg);
}

/* The primary rows that have an owner: their keys, and their owners beside them. */
static DatumSet *
owned_parents(ModelTable *primary, DatumSet *parents, Snapshot snapshot, Datum **owners, int **numbers)
{
	RowSet	   *rows = rows_read(primary, parents, snapshot);
	DatumSet   *owned = rows_set_make(model_key_type(primary));

	*owners = palloc(Max(parents->count, 1) * sizeof(Datum));
	*numbers = palloc(Max(parents->count, 1) * sizeof(int));
	for (int k = 0; k < parents->count; k++)
	{
		NullableDatum *owner = rows->found[k] >= 0 ? rows_owner(rows, rows->found[k]) : NULL;

		if (owner == NULL || owner->isnull)
			continue;
		(*owners)[owned->count] = owner->value;
		(*numbers)[owned->count] = k;
		rows_set_add(owned, parents->values[k]);
	}
	return owned;
}

void
rows_each_related(ModelRelationship *relationship, DatumSet *parents, ModelBehavior behavior, RowLock lock,
				  Snapshot snapshot, RelatedReceiver receive, void *arg)
{
	ModelTable *related = relationship->related;
	RelatedReader reader = {receive, arg, 0, NULL, NULL, &related->owner.type};
	Datum	   *owners = NULL;	/* for the statement */

	if (behavior == BEHAVIOR_NONE)
		return;
	if (behavior == BEHAVIOR_USER_OWNED)
		parents = owned_parents(relationship->primary, parents, snapshot, &reader.owners, &reader.parents);
	if (rows_fetch_related(relationship, parents, behavior, lock, snapshot, take_related, &reader))
		return;
	if (behavior == BEHAVIOR_USER_OWNED && lock == ROW_UNLOCKED)
		owners = reader.owners;
	else if (behavior == BEHAVIOR_USER_OWNED)
		behavior = BEHAVIOR_ALL;
	for (int from = 0; from < parents->count; from += RELATED_KEYS_MAX)
	{
		int			upto = Min(from + RELATED_KEYS_MAX, parents->count);
		int			size = PLAN_SIZE(upto - from);
		SPIPlanPtr	plan = rows_plan(build_related, size + VARIANT_LOCK(lock) + VARIANT_BEHAVIOR(behavior),
									 relationship->id, related->relid,
									 lock == ROW_UNLOCKED ? AccessShareLock : RowShareLock, relationship,
									 relationship->related->model);
		Datum		values[2];

		values[0] = size == PLAN_ONE ? parents->values[from] : rows_set_array(parents, from, upto);
		if (owners != NULL)
			values[1] = size == PLAN_ONE ? owners[from] :
				model_type_array(&relationship->primary->owner.type, owners + from, upto - from);
		reader.first = from;
		rows_run_each(plan, related->relid, values, snapshot, take_related, &reader);
	}
}

static void
list_related(RelatedRow *row, void *arg)
{
	Datum		values[CHILD_COLUMNS] = {row->key, row->owner, Int32GetDatum(row->parent)};
	bool		nulls[CHILD_COLUMNS] = {false, row->owner_null, false};

	rows_list_add(arg, values, nulls);
}

RowList *
rows_related(ModelRelationship *relationship, DatumSet *parents, ModelBehavior behavior, RowLock lock,
			 Snapshot snapshot)
{
	ModelTable *related = relationship->related;
	ModelType  *types[CHILD_COLUMNS] = {model_key_type(related), owner_type(related), model_type_int4()};
	RowList    *list = rows_list_make(CHILD_COLUMNS, types);

	rows_each_related(relationship, parents, behavior, lock, snapshot, list_related, list);
	return list;
}

/* ---- rows and what they point to ---- */

/*
 *	SELECT c.id, c.owner | NULL, c.lookup FROM s.related AS c, pg_catalog.unnest($1) AS k(key)
 *	WHERE c.id = k.key AND c.lookup IS NOT NULL [AND c.type = 'account'] [AND (false OR c.state = '0')]
 */
static void
build_linked(PlanText *built, void *subject, int variant)
{
	ModelRelationship *relationship = subject;
	ModelTable *related = relationship->related;
	const char *lookup = model_lookup_sql(relationship, "c");

	built->nparams = 1;
	built->params[0] = model_key_param(related, true);

	appendStringInfo(&built->sql, "SELECT %s, %s%s, %s FROM %s AS c, pg_catalog.unnest($1) AS k(key)"
					 " WHERE %s AND %s", model_key_sql(related, "c"),
					 related->owner.name != NULL ? "c." : "NULL",
					 related->owner.name != NULL ? related->owner.sql_name : "", lookup, related->sql_name,
					 model_key_is(related, "c", "k.key"), model_columns_are_set(&relationship->lookup, "c"));
	rows_plan_append_type(&built->sql, relationship, "c");
	if (BEHAVIOR_OF(variant) == BEHAVIOR_ACTIVE)
		rows_plan_append_active(&built->sql, related, "c");
}

typedef struct LinkedReader
{
	RowList    *rows;
	DatumSet   *found;
} LinkedReader;

/* A key that is written in two ways finds its row twice. */
static void
take_linked(Datum *values, bool *nulls, void *arg)
{
	LinkedReader *reader = arg;

	if (rows_set_add(reader->found, values[LINKED_KEY]))
		rows_list_add(reader->rows, values, nulls);
}

RowList *
rows_linked_list(ModelRelationship *relationship)
{
	ModelTable *related = relationship->related;
	ModelType  *types[3] = {model_key_type(related), owner_type(related), model_lookup_type(relationship)};

	return rows_list_make(3, types);
}

DatumSet *
rows_linked_add(RowList *rows, ModelRelationship *relationship, DatumSet *keys, ModelBehavior behavior,
				Snapshot snapshot)
{
	ModelTable *related = relationship->related;
	LinkedReader reader = {rows, rows_set_make(model_key_type(related))};

	for (int from = 0; from < keys->count; from += ROWS_KEYS_MAX)
	{
		int			upto = Min(from + ROWS_KEYS_MAX, keys->count);
		SPIPlanPtr	plan = rows_plan(build_linked,
									 PLAN_ARRAY_SIZE(upto - from) + VARIANT_BEHAVIOR(behavior),
									 relationship->id, related->relid, AccessShareLock, relationship,
									 relationship->related->model);
		Datum		value = rows_set_array(keys, from, upto);

		rows_run_each(plan, related->relid, &value, snapshot, take_linked, &reader);
	}
	return reader.found;
}

RowList *
rows_linked(ModelRelationship *relationship, DatumSet *keys, ModelBehavior behavior, Snapshot snapshot,
			DatumSet **found)
{
	RowList    *rows = rows_linked_list(relationship);

	*found = rows_linked_add(rows, relationship, keys, behavior, snapshot);
	return rows;
}
