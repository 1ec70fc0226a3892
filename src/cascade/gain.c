/*
 * gain.c
 *		Gains of access, one level down (SEMANTICS 3.2).
 */
#include "relmeta.h"

#include "cascade/effect.h"
#include "executor/spi.h"
#include "storage/lockdefs.h"
#include "utils/datum.h"

/* variants of PLAN_STORE: where the pairs come from, and whether they go on */
#define STORE_PAIRS		(0 * PLAN_VARIANT_OWN)	/* given as such */
#define STORE_CHILDREN	(1 * PLAN_VARIANT_OWN)	/* related rows, joined with
												 * gains on their primary rows */
#define STORE_SAME		(2 * PLAN_VARIANT_OWN)	/* related rows, one principal
												 * and the same bits for all */
#define STORE_SOURCES	(3 * PLAN_VARIANT_OWN)
#define STORE_RETURN	(4 * PLAN_VARIANT_OWN)	/* give back what is new */
#define STORE_REPARENT	(8 * PLAN_VARIANT_OWN)	/* cause */

typedef struct StoreSubject
{
	ModelTable *table;			/* whose entries */
	ModelType  *owner;			/* of its rows, as CHILD_OWNER is typed */
	int			relationship;
	ModelTable *primary;		/* of STORE_CHILDREN */
} StoreSubject;

/*
 * The source, pairs (object, principal, bits) without repetition:
 *
 *	pairs		ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3))
 *	same		(SELECT k.object, $3 AS principal, $4 AS bits
 *				 FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS k(object, owner)
 *				 WHERE (k.owner = $3) IS NOT TRUE)
 *	children	(SELECT k.object, g.principal, g.bits
 *				 FROM ROWS FROM (unnest($1), unnest($2), unnest($3)) AS k(object, owner, parent),
 *					(SELECT u.object, u.principal, pg_catalog.bit_or(u.bits) AS bits
 *					 FROM ROWS FROM (unnest($4), unnest($5), unnest($6)) AS u(object, principal, bits)
 *					 GROUP BY u.object, u.principal) AS g
 *				 WHERE g.object = k.parent AND (k.owner = g.principal) IS NOT TRUE)
 *
 * An owner needs no entry on his own row: a gain never makes or widens one.
 */
static void
append_source(PlanText *text, StoreSubject *store, int source)
{
	StringInfo	sql = &text->sql;
	ModelTable *table = store->table;
	ModelType  *principal = &table->principal;

	text	  ->params[0] = table->key.type.array_type;

	switch (source)
	{
		case STORE_PAIRS:
			text	  ->nparams = 3;
			text	  ->params[1] = principal->array_type;
			text	  ->params[2] = cascade_effects_bits_type()->array_type;

			appendStringInfoString(sql, "ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2),"
								   " pg_catalog.unnest($3))");
			break;
		case STORE_SAME:
			text	  ->nparams = 4;
			text	  ->params[1] = store->owner->array_type;
			text	  ->params[2] = principal->base_type;
			text	  ->params[3] = cascade_effects_bits_type()->base_type;

			appendStringInfo(sql, "(SELECT k.object, $3, $4 FROM ROWS FROM (pg_catalog.unnest($1),"
							 " pg_catalog.unnest($2)) AS k(object, owner) WHERE (k.owner %s $3%s) IS NOT TRUE)",
							 principal->sql_eq, principal->sql_collate);
			break;
		default:
			text	  ->nparams = 6;
			text	  ->params[1] = store->owner->array_type;
			text	  ->params[2] = store->primary->key.type.array_type;
			text	  ->params[3] = store->primary->key.type.array_type;
			text	  ->params[4] = store->primary->principal.array_type;
			text	  ->params[5] = cascade_effects_bits_type()->array_type;

			appendStringInfo(sql, "(SELECT k.object, g.principal, g.bits FROM ROWS FROM (pg_catalog.unnest($1),"
							 " pg_catalog.unnest($2), pg_catalog.unnest($3)) AS k(object, owner, parent),"
							 " (SELECT u.object, u.principal, pg_catalog.bit_or(u.bits) AS bits"
							 " FROM ROWS FROM (pg_catalog.unnest($4), pg_catalog.unnest($5), pg_catalog.unnest($6))"
							 " AS u(object, principal, bits) GROUP BY u.object, u.principal) AS g"
							 " WHERE g.object %s k.parent%s AND (k.owner %s g.principal%s) IS NOT TRUE)",
							 store->primary->key.type.sql_eq, store->primary->key.type.sql_collate,
							 principal->sql_eq, principal->sql_collate);
	}
	appendStringInfoString(sql, " AS s(object, principal, bits)");
}

/*
 * build_store, nothing given back:
 *
 *	INSERT INTO relmeta_access.t AS e (object, principal, relationship, cause, mask)
 *	SELECT s.object, s.principal, 7, 's', s.bits FROM <source> AS s(object, principal, bits)
 *	ON CONFLICT (object, principal, relationship, cause)
 *	DO UPDATE SET mask = e.mask | excluded.mask WHERE (e.mask | excluded.mask) <> e.mask
 *
 * or giving back the bits that are new in each entry:
 *
 *	WITH g AS MATERIALIZED (
 *		SELECT s.object, s.principal, s.bits, COALESCE(e.mask, 0) AS had
 *		FROM <source> AS s LEFT JOIN relmeta_access.t AS e
 *			ON e.object = s.object AND e.principal = s.principal AND e.relationship = 7 AND e.cause = 's'
 *		WHERE (s.bits & ~ COALESCE(e.mask, 0)) <> 0),
 *	stored AS (INSERT ... SELECT g.object, g.principal, 7, 's', g.bits FROM g ON CONFLICT ...)
 *	SELECT g.object, g.principal, g.bits & ~ g.had FROM g
 *
 * Few pairs probe the primary key one by one, LEFT JOIN LATERAL (SELECT ... OFFSET 0) AS e ON true:
 * of an entry table that has just begun to grow the planner knows nothing, and would read
 * all that one principal has, level after level.
 */
static void
build_store(PlanText *text, void *subject, int variant)
{
	StoreSubject *store = subject;
	ModelTable *table = store->table;
	StringInfo	sql = &text->sql;
	bool		give_back = (variant & STORE_RETURN) != 0;
	bool		few = (variant & PLAN_FEW) != 0;
	const char *cause = (variant & STORE_REPARENT) != 0 ? "'r'" : "'s'";

	if (give_back)
	{
		appendStringInfoString(sql, "WITH g AS MATERIALIZED (SELECT s.object, s.principal, s.bits,"
							   " COALESCE(e.mask, 0) AS had FROM ");
		append_source(text, store, variant & STORE_SOURCES);
		appendStringInfo(sql, few ? " LEFT JOIN LATERAL (SELECT e.mask FROM %s AS e WHERE" : " LEFT JOIN %s AS e ON",
						 table->entry_sql);
		appendStringInfo(sql, " e.object %s s.object%s AND e.principal %s s.principal%s"
						 " AND e.relationship" SQL_EQ "%d AND e.cause" SQL_EQ "%s::pg_catalog.\"char\"%s"
						 " WHERE (s.bits" SQL_AND "(" SQL_NOT "COALESCE(e.mask, 0)))" SQL_NE "0), stored AS (",
						 table->key.type.sql_eq, table->key.type.sql_collate,
						 table->principal.sql_eq, table->principal.sql_collate, store->relationship, cause,
						 few ? " OFFSET 0) AS e ON true" : "");
	}
	appendStringInfo(sql, "INSERT INTO %s AS e (object, principal, relationship, cause, mask)"
					 " SELECT s.object, s.principal, %d, %s, s.bits FROM ", table->entry_sql,
					 store->relationship, cause);
	if (give_back)
		appendStringInfoString(sql, "g AS s");
	else
		append_source(text, store, variant & STORE_SOURCES);
	appendStringInfoString(sql, " ON CONFLICT (object, principal, relationship, cause) DO UPDATE SET mask ="
						   " e.mask" SQL_OR "excluded.mask WHERE (e.mask" SQL_OR "excluded.mask)" SQL_NE "e.mask");
	if (give_back)
		appendStringInfoString(sql, ") SELECT g.object, g.principal, g.bits" SQL_AND "(" SQL_NOT "g.had) FROM g");
}

/* Does a gain by this cause go further down from the table's rows? */
static bool
gains_go_on(ModelTable *table, GainKind kind)
{
	ListCell   *lc;

	foreach(lc, table->as_primary)
	{
		ModelRelationship *relationship = lfirst(lc);

		if (behavior_cascades(relationship->behavior[kind == GAIN_SHARE ? ACTION_SHARE : ACTION_REPARENT]))
			return true;
	}
	return false;
}

/* Runs one PLAN_STORE statement and queues or counts what is new; how many entries that are. */
static uint64
store(Effects *effects, StoreSubject *subject, GainKind kind, int source, int64 nrows, Datum *values, bool go_on)
{
	ModelTable *table = subject->table;
	TableEffects *theirs = cascade_effects_table(effects, table->relid);
	bool		overlap = cascade_effects_overlap(effects, table);
	int			variant = (nrows <= PLAN_FEW_ROWS ? PLAN_FEW : PLAN_MANY) + source;
	SPIPlanPtr	plan;
	uint64		processed;
	int64		from;

	go_on = go_on && gains_go_on(table, kind);
	if (go_on || overlap)
		variant += STORE_RETURN;
	if (kind == GAIN_REPARENT)
		variant += STORE_REPARENT;
	plan = cascade_plan(PLAN_STORE, variant, subject->relationship, table->entry_relid, RowExclusiveLock,
						build_store, subject);
	processed = cascade_run(plan, relmeta_extension_owner(), values, NULL, RUN_FIRE_TRIGGERS | RUN_NEW_ROWS, 0);
	if ((variant & STORE_RETURN) == 0)
	{
		theirs->changed_once += processed;
		return processed;
	}

	if (theirs->gains[kind] == NULL)
		theirs->gains[kind] = cascade_effects_list(effects, table);
	from = theirs->gains[kind]->nrows;
	cascade_effects_take(theirs->gains[kind]);
	if (overlap)
		cascade_effects_changed(effects, theirs, theirs->gains[kind], from);
	else
		theirs->changed_once += processed;
	return processed;
}

uint64
cascade_gain_store(Effects *effects, ModelTable *table, RowList *pairs, int relationship, char cause, bool go_on)
{
	StoreSubject subject = {table, NULL, relationship, NULL};
	int64		step = cascade_rowlist_batch_rows(pairs);
	uint64		stored = 0;
	Datum		values[3];

	for (int64 row = 0; row < pairs->nrows; row += step)
	{
		int64		end = Min(row + step, pairs->nrows);

		cascade_rowlist_arrays(pairs, row, end, 3, COLUMNS(EFFECT_OBJECT, EFFECT_PRINCIPAL, EFFECT_BITS),
							   values);
		stored += store(effects, &subject, cause == CAUSE_REPARENT ? GAIN_REPARENT : GAIN_SHARE, STORE_PAIRS,
						end - row, values, go_on);
	}
	return stored;
}

/* Do all rows [from, upto) have one principal and the same bits?  Gives them if so. */
static bool
same_gain(RowList *list, int64 from, int64 upto, Datum *principal, Datum *bits)
{
	ModelType  *type = list->types[EFFECT_PRINCIPAL];
	Datum		values[3];
	bool		nulls[3];

	for (int64 row = from; row < upto; row++)
	{
		cascade_rowlist_get(list, row, values, nulls);
		if (row == from)
		{
			*principal = datumCopy(values[EFFECT_PRINCIPAL], type->typbyval, type->typlen);
			*bits = values[EFFECT_BITS];
		}
		else if (*bits != values[EFFECT_BITS] ||
				 !datum_image_eq(*principal, values[EFFECT_PRINCIPAL], type->typbyval, type->typlen))
			return false;
	}
	return true;
}

/* Gives the gains in rows [from, upto) to the related rows of one relationship. */
static void
pass_gains(Effects *effects, ModelRelationship *relationship, GainKind kind, RowList *gains, int64 from,
		   int64 upto, DatumSet *objects)
{
	ModelAction action = kind == GAIN_SHARE ? ACTION_SHARE : ACTION_REPARENT;
	RowList    *children = cascade_rows_related(relationship, objects, relationship->behavior[action]);
	StoreSubject subject = {relationship->related, children->types[CHILD_OWNER], relationship->id,
	relationship->primary};
	Datum		principal = (Datum) 0;
	Datum		bits = (Datum) 0;
	bool		same = same_gain(gains, from, upto, &principal, &bits);
	int64		step = cascade_rowlist_batch_rows(children);

	for (int64 row = 0; row < children->nrows; row += step)
	{
		int64		end = Min(row + step, children->nrows);
		Datum		values[6];

		if (same)
		{
			cascade_rowlist_arrays(children, row, end, 2, COLUMNS(CHILD_KEY, CHILD_OWNER), values);
			values[2] = principal;
			values[3] = bits;
			store(effects, &subject, kind, STORE_SAME, end - row, values, true);
		}
		else
		{
			cascade_rowlist_arrays(children, row, end, 3, COLUMNS(CHILD_KEY, CHILD_OWNER, CHILD_PARENT), values);
			cascade_rowlist_arrays(gains, from, upto, 3,
								   COLUMNS(EFFECT_OBJECT, EFFECT_PRINCIPAL, EFFECT_BITS), values + 3);
			store(effects, &subject, kind, STORE_CHILDREN, Max(end - row, upto - from), values, true);
		}
	}
}

/*
 * cascade_gain_pass
 *		Passes a table's waiting gains by one cause to the related rows.  False
 *		when there were none.
 */
bool
cascade_gain_pass(Effects *effects, TableEffects *table, GainKind kind)
{
	RowList    *gains = table->gains[kind];
	int64		from = table->gains_done[kind];
	int64		upto = gains == NULL ? 0 : gains->nrows;
	DatumSet   *objects;
	ListCell   *lc;

	if (from == upto)
		return false;
	table->gains_done[kind] = upto;
	if (!gains_go_on(table->table, kind))
		return true;

	objects = cascade_effects_distinct(gains, from, upto, EFFECT_OBJECT);
	cascade_rows_lock(table->table, objects);
	foreach(lc, table->table->as_primary)
	{
		ModelRelationship *relationship = lfirst(lc);

		if (behavior_cascades(relationship->behavior[kind == GAIN_SHARE ? ACTION_SHARE : ACTION_REPARENT]) &&
			OidIsValid(relationship->related->entry_relid))
			pass_gains(effects, relationship, kind, gains, from, upto, objects);
	}
	return true;
}
