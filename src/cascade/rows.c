/*
 * rows.c
 *		Reading and locking users' rows for the access cascades, as their owners.
 *
 * All of it reads the latest rows at every isolation level: the caller has
 * locked what must not change (ARCHITECTURE section 3, snapshots and locks).
 */
#include "relmeta.h"

#include "cascade/effect.h"
#include "storage/lockdefs.h"

/*
 * build_related: the children, one parent or many; owners of parents only for user_owned.
 *
 *	SELECT c.id, c.owner, c.lookup FROM s.related AS c [, pg_catalog.unnest($1) AS k(key)]
 *	WHERE c.lookup = $1 | k.key [AND c.type = 'account'] [AND (false OR c.state = '0')]
 *	[AND c.owner = $2 | k.owner]
 */
static void
build_related(PlanText *text, void *subject, int variant)
{
	ModelRelationship *relationship = subject;
	ModelTable *related = relationship->related;
	ModelType  *key = &relationship->primary->key.type;
	ModelType  *owner = &relationship->primary->owner.type;
	bool		many = (variant & PLAN_ARRAYS) != 0;
	ModelBehavior behavior = (ModelBehavior) (variant / PLAN_VARIANT_OWN);
	bool		user_owned = behavior == BEHAVIOR_USER_OWNED;
	StringInfo	sql = &text->sql;

	text	  ->nparams = user_owned ? 2 : 1;
	text	  ->params[0] = many ? key->array_type : key->base_type;

	if (user_owned)
		text	  ->params[1] = many ? owner->array_type : owner->base_type;

	appendStringInfo(sql, "SELECT c.%s, %s%s, %s FROM %s AS c", related->key.sql_name,
					 related->owner.name != NULL ? "c." : "NULL::pg_catalog.text",
					 related->owner.name != NULL ? related->owner.sql_name : "",
					 many ? "k.key" : "$1", related->sql_name);
	if (many && user_owned)
		appendStringInfoString(sql, ", ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS k(key, owner)");
	else if (many)
		appendStringInfoString(sql, ", pg_catalog.unnest($1) AS k(key)");
	appendStringInfo(sql, " WHERE c.%s %s %s%s", relationship->lookup.sql_name, key->sql_eq,
					 many ? "k.key" : "$1", key->sql_collate);
	cascade_plan_append_type(sql, relationship, "c");
	if (behavior == BEHAVIOR_ACTIVE)
		cascade_plan_append_active(sql, related, "c");
	if (user_owned)
		appendStringInfo(sql, " AND c.%s %s %s%s", related->owner.sql_name, related->owner.type.sql_eq,
						 many ? "k.owner" : "$2", related->owner.type.sql_collate);
}

/*
 *	SELECT t.id, t.owner FROM s.t AS t [, pg_catalog.unnest($1) AS k(key)] WHERE t.id = $1 | k.key
 */
static void
build_owners(PlanText *text, void *subject, int variant)
{
	ModelTable *table = subject;
	ModelType  *key = &table->key.type;
	bool		many = (variant & PLAN_ARRAYS) != 0;

	text	  ->nparams = 1;
	text	  ->params[0] = many ? key->array_type : key->base_type;

	appendStringInfo(&text->sql, "SELECT %s, t.%s FROM %s AS t%s WHERE t.%s %s %s%s",
					 many ? "k.key" : "$1", table->owner.sql_name, table->sql_name,
					 many ? ", pg_catalog.unnest($1) AS k(key)" : "",
					 table->key.sql_name, key->sql_eq, many ? "k.key" : "$1", key->sql_collate);
}

/*
 *	SELECT pg_catalog.count(*) FROM (SELECT 1 FROM s.t AS t, pg_catalog.unnest($1) AS k(key)
 *		WHERE t.id = k.key ORDER BY t.id FOR UPDATE OF t) AS l
 */
static void
build_lock(PlanText *text, void *subject, int variant)
{
	ModelTable *table = subject;
	ModelType  *key = &table->key.type;
	bool		many = (variant & PLAN_ARRAYS) != 0;

	text	  ->nparams = 1;
	text	  ->params[0] = many ? key->array_type : key->base_type;

	if (many)
		appendStringInfo(&text->sql, "SELECT pg_catalog.count(*) FROM (SELECT 1 FROM %s AS t,"
						 " pg_catalog.unnest($1) AS k(key) WHERE t.%s %s k.key%s ORDER BY t.%s FOR UPDATE OF t) AS l",
						 table->sql_name, table->key.sql_name, key->sql_eq, key->sql_collate, table->key.sql_name);
	else
		appendStringInfo(&text->sql, "SELECT 1 FROM %s AS t WHERE t.%s %s $1%s FOR UPDATE OF t",
						 table->sql_name, table->key.sql_name, key->sql_eq, key->sql_collate);
}

RowList *
cascade_rows_owners(ModelTable *table, DatumSet *keys)
{
	ModelType  *types[2] = {&table->key.type, &table->owner.type};
	RowList    *list = cascade_rowlist_make(2, types);
	bool		one = keys->count == 1;
	SPIPlanPtr	plan;
	Datum		value;

	if (keys->count == 0 || table->owner.name == NULL)
		return list;
	plan = cascade_plan(PLAN_OWNERS, PLAN_SIZE(keys->count), (int) table->relid, table->relid,
						AccessShareLock, build_owners, table);
	value = one ? keys->values[0] : cascade_effects_set_array(keys);
	cascade_run(plan, table->relowner, &value, NULL, RUN_FIRE_TRIGGERS | RUN_NEW_ROWS, 0);
	cascade_effects_take(list);
	return list;
}

RowList *
cascade_rows_related(ModelRelationship *relationship, DatumSet *parents, ModelBehavior behavior)
{
	ModelTable *related = relationship->related;
	ModelType  *types[3] = {&related->key.type, &related->principal, &relationship->primary->key.type};
	RowList    *list = cascade_rowlist_make(3, types);
	int64		nparents = parents->count;
	bool		one = nparents == 1;
	SPIPlanPtr	plan;
	Datum		values[2];

	if (parents->count == 0 || behavior == BEHAVIOR_NONE)
		return list;
	if (related->owner.name != NULL)
		list->types[CHILD_OWNER] = &related->owner.type;
	if (behavior == BEHAVIOR_USER_OWNED)
	{
		RowList    *owners = cascade_rows_owners(relationship->primary, parents);
		bool		nulls[2];

		if (owners->nrows == 0)
			return list;
		nparents = owners->nrows;
		one = nparents == 1;
		if (one)
			cascade_rowlist_get(owners, 0, values, nulls);
		else
			cascade_rowlist_arrays(owners, 0, owners->nrows, 2, COLUMNS(0, 1), values);
		if (one && nulls[1])
			return list;
	}
	else
		values[0] = one ? parents->values[0] : cascade_effects_set_array(parents);

	plan = cascade_plan(PLAN_RELATED, PLAN_SIZE(nparents) + behavior * PLAN_VARIANT_OWN, relationship->id,
						related->relid, AccessShareLock, build_related, relationship);
	cascade_run(plan, related->relowner, values, NULL, RUN_FIRE_TRIGGERS | RUN_NEW_ROWS, 0);
	cascade_effects_take(list);
	return list;
}

bool
cascade_rows_give(ModelTable *table)
{
	ListCell   *lc;

	foreach(lc, table->as_primary)
	{
		ModelRelationship *relationship = lfirst(lc);

		if (behavior_cascades(relationship->behavior[ACTION_SHARE]) ||
			behavior_cascades(relationship->behavior[ACTION_REPARENT]))
			return true;
	}
	return false;
}

void
cascade_rows_lock(ModelTable *table, DatumSet *keys)
{
	bool		one = keys->count == 1;
	SPIPlanPtr	plan;
	Datum		value;

	if (keys->count == 0)
		return;
	plan = cascade_plan(PLAN_LOCK, PLAN_SIZE(keys->count), (int) table->relid, table->relid, RowShareLock,
						build_lock, table);
	value = one ? keys->values[0] : cascade_effects_set_array(keys);
	cascade_run(plan, table->relowner, &value, NULL, RUN_FIRE_TRIGGERS | RUN_NEW_ROWS, 0);
	SPI_freetuptable(SPI_tuptable);
}
