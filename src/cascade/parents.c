/*
 * parents.c
 *		Reading what rows inherit from; see inherit.h.
 */
#include "relmeta.h"

#include "cascade/inherit.h"
#include "storage/lockdefs.h"
#include "utils/datum.h"

/*
 *	SELECT k.key, c.owner, c.lookup FROM s.related AS c, pg_catalog.unnest($1) AS k(key)
 *	WHERE c.id = k.key AND c.lookup IS NOT NULL [AND c.type = 'account'] [AND (false OR c.state = '0')]
 */
static void
build_moved(PlanText *text, void *subject, int variant)
{
	ModelRelationship *relationship = subject;
	ModelTable *related = relationship->related;
	ModelType  *key = &related->key.type;

	text	  ->nparams = 1;
	text	  ->params[0] = key->array_type;

	appendStringInfo(&text->sql, "SELECT k.key, %s%s, c.%s FROM %s AS c, pg_catalog.unnest($1) AS k(key)"
					 " WHERE c.%s %s k.key%s AND c.%s IS NOT NULL",
					 related->owner.name != NULL ? "c." : "NULL::pg_catalog.text",
					 related->owner.name != NULL ? related->owner.sql_name : "",
					 relationship->lookup.sql_name, related->sql_name, related->key.sql_name, key->sql_eq,
					 key->sql_collate, relationship->lookup.sql_name);
	cascade_plan_append_type(&text->sql, relationship, "c");
	if ((ModelBehavior) (variant / PLAN_VARIANT_OWN) == BEHAVIOR_ACTIVE)
		cascade_plan_append_active(&text->sql, related, "c");
}

/*
 *	SELECT h.object, h.principal, h.mask & ~ COALESCE(b.mask, 0)
 *	FROM (SELECT e.object, e.principal, pg_catalog.bit_or(e.mask) AS mask
 *		  FROM pg_catalog.unnest($1) AS k(key), relmeta_access.t AS e WHERE e.object = k.key
 *		  GROUP BY e.object, e.principal) AS h
 *	LEFT JOIN ROWS FROM (unnest($2), unnest($3), unnest($4)) AS b(object, principal, mask)
 *		ON b.object = h.object AND b.principal = h.principal
 *	WHERE (h.mask & ~ COALESCE(b.mask, 0)) <> 0
 */
static void
build_held(PlanText *text, void *subject, int variant)
{
	ModelTable *table = subject;
	ModelType  *key = &table->key.type;
	ModelType  *principal = &table->principal;

	text	  ->nparams = 4;
	text	  ->params[0] = text->params[1] = key->array_type;
	text	  ->params[2] = principal->array_type;
	text	  ->params[3] = cascade_effects_bits_type()->array_type;

	appendStringInfo(&text->sql, "SELECT h.object, h.principal, h.mask" SQL_AND "(" SQL_NOT "COALESCE(b.mask, 0))"
					 " FROM (SELECT e.object, e.principal, pg_catalog.bit_or(e.mask) AS mask"
					 " FROM pg_catalog.unnest($1) AS k(key), %s AS e WHERE e.object %s k.key%s"
					 " GROUP BY e.object, e.principal) AS h"
					 " LEFT JOIN ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4))"
					 " AS b(object, principal, mask) ON b.object %s h.object%s AND b.principal %s h.principal%s"
					 " WHERE (h.mask" SQL_AND "(" SQL_NOT "COALESCE(b.mask, 0)))" SQL_NE "0",
					 table->entry_sql, key->sql_eq, key->sql_collate, key->sql_eq, key->sql_collate,
					 principal->sql_eq, principal->sql_collate);
}

RowList *
cascade_rows_moved(ModelRelationship *relationship, DatumSet *keys, ModelBehavior behavior)
{
	ModelTable *related = relationship->related;
	ModelType  *types[3] = {&related->key.type, &related->owner.type, &relationship->lookup.type};
	RowList    *list;
	SPIPlanPtr	plan;
	Datum		value;

	if (related->owner.name == NULL)
		types[MOVED_ROW_OWNER] = &related->principal;
	list = cascade_rowlist_make(3, types);
	if (keys->count == 0)
		return list;
	plan = cascade_plan(PLAN_MOVED_ROWS, (keys->count <= PLAN_FEW_ROWS ? PLAN_FEW : PLAN_MANY) +
						behavior * PLAN_VARIANT_OWN, relationship->id, related->relid, AccessShareLock,
						build_moved, relationship);
	value = cascade_effects_set_array(keys);
	cascade_run(plan, related->relowner, &value, NULL, RUN_FIRE_TRIGGERS | RUN_NEW_ROWS, 0);
	cascade_effects_take(list);
	return list;
}

RowList *
cascade_rows_held(ModelTable *table, DatumSet *keys, RowList *before)
{
	RowList    *list = cascade_effects_pairs(table);
	SPIPlanPtr	plan;
	Datum		values[4];

	if (keys->count == 0 || access_entries_empty(table))
		return list;
	if (before == NULL)
		before = cascade_effects_pairs(table);
	plan = cascade_plan(PLAN_HELD, Max(keys->count, before->nrows) <= PLAN_FEW_ROWS ? PLAN_FEW : PLAN_MANY,
						(int) table->relid, table->entry_relid, AccessShareLock, build_held, table);
	values[0] = cascade_effects_set_array(keys);
	cascade_rowlist_arrays(before, 0, before->nrows, 3, COLUMNS(EFFECT_OBJECT, EFFECT_PRINCIPAL, EFFECT_BITS),
						   values + 1);
	cascade_run(plan, relmeta_extension_owner(), values, NULL, RUN_FIRE_TRIGGERS | RUN_NEW_ROWS, 0);
	cascade_effects_take(list);
	return list;
}

int
cascade_parents_index(Parents *parents, Datum key)
{
	return cascade_datumset_find(parents->keys, key);
}

int32
cascade_parents_held(Parents *parents, int i, Datum principal)
{
	for (Held *held = parents->held[i]; held != NULL; held = held->next)
		if (model_type_equal(&parents->table->principal, held->principal, principal))
			return held->bits;
	return 0;
}

/*
 * The keys in the entry table are the primary row's own, which may be written
 * otherwise than the lookup: they are matched by the type's equality.
 */
static int
index_of_object(Parents *parents, Datum object)
{
	int			i = cascade_parents_index(parents, object);

	for (int k = 0; i < 0 && k < parents->keys->count; k++)
		if (model_type_equal(&parents->table->key.type, parents->keys->values[k], object))
			i = k;
	return i;
}

Parents *
cascade_parents_read(ModelTable *table, DatumSet *keys)
{
	Parents    *parents = palloc0(sizeof(Parents));
	ModelType  *principal = &table->principal;
	RowList    *owners = cascade_rows_owners(table, keys);
	RowList    *held;
	Datum		values[3];
	bool		nulls[3];

	parents->table = table;
	parents->keys = keys;
	parents->found = palloc0(Max(keys->count, 1) * sizeof(bool));
	parents->owner = palloc0(Max(keys->count, 1) * sizeof(Datum));
	parents->owner_null = palloc0(Max(keys->count, 1) * sizeof(bool));
	parents->held = palloc0(Max(keys->count, 1) * sizeof(Held *));
	memset(parents->owner_null, true, Max(keys->count, 1) * sizeof(bool));

	for (int64 row = 0; row < owners->nrows; row++)
	{
		int			i;

		cascade_rowlist_get(owners, row, values, nulls);
		i = cascade_parents_index(parents, values[0]);
		parents->found[i] = true;
		parents->owner_null[i] = nulls[1];
		if (!nulls[1])
			parents->owner[i] = datumCopy(values[1], table->owner.type.typbyval, table->owner.type.typlen);
	}

	held = cascade_rows_held(table, keys, NULL);
	for (int64 row = 0; row < held->nrows; row++)
	{
		Held	   *entry = palloc(sizeof(Held));
		int			i;

		cascade_rowlist_get(held, row, values, nulls);
		i = index_of_object(parents, values[EFFECT_OBJECT]);
		if (i < 0)
			continue;
		entry->principal = datumCopy(values[EFFECT_PRINCIPAL], principal->typbyval, principal->typlen);
		entry->bits = DatumGetInt32(values[EFFECT_BITS]);
		entry->next = parents->held[i];
		parents->held[i] = entry;
	}
	return parents;
}
