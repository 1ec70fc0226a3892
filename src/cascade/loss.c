/*
 * loss.c
 *		Losses of access, one level down (SEMANTICS 3.3, 3.4).
 */
#include "relmeta.h"

#include "cascade/effect.h"
#include "executor/spi.h"
#include "storage/lockdefs.h"

/* variants of PLAN_TAKE */
#define TAKE_RETURN		(1 * PLAN_VARIANT_OWN)	/* give back what was taken */
#define TAKE_COUNT		(2 * PLAN_VARIANT_OWN)	/* give back how many pairs */

/* variant of PLAN_NARROW: the table has owners */
#define NARROW_OWNERS	(1 * PLAN_VARIANT_OWN)

/*
 * For few rows the entries of each are probed by the index, in whatever size the
 * kept plan found the table:
 *
 *	..., LATERAL (SELECT e.* FROM relmeta_access.t AS e WHERE ... OFFSET 0) AS e
 */
#define PROBE	"LATERAL (SELECT e.* FROM "
#define PROBED	" OFFSET 0) AS e"

/*
 * build_narrow: of the lost bits, those that the principal holds on the row by
 * no other ground: ownership, another entry (not its teams').
 *
 *	WITH l AS MATERIALIZED (
 *		SELECT u.object, u.principal, pg_catalog.bit_or(u.bits) AS bits
 *		FROM ROWS FROM (unnest($1), unnest($2), unnest($3)) AS u(object, principal, bits)
 *		GROUP BY u.object, u.principal),
 *	h AS (
 *		SELECT l.object, l.principal, pg_catalog.bit_or(e.mask) AS mask
 *		FROM l, relmeta_access.t AS e WHERE e.object = l.object AND e.principal = l.principal
 *		GROUP BY l.object, l.principal),
 *	n AS (
 *		SELECT l.object, l.principal, l.bits & ~ COALESCE(h.mask, 0)
 *			[& ~ CASE WHEN o.owner = l.principal THEN 851991 ELSE 0 END] AS bits
 *		FROM l LEFT JOIN h ON h.object = l.object AND h.principal = l.principal
 *		[LEFT JOIN ROWS FROM (unnest($4), unnest($5)) AS o(object, owner) ON o.object = l.object])
 *	SELECT n.object, n.principal, n.bits FROM n WHERE n.bits <> 0
 */
static void
build_narrow(PlanText *text, void *subject, int variant)
{
	ModelTable *table = subject;
	ModelType  *key = &table->key.type;
	ModelType  *principal = &table->principal;
	bool		owners = (variant & NARROW_OWNERS) != 0;
	bool		few = (variant & PLAN_MANY) == 0;
	StringInfo	sql = &text->sql;

	text	  ->nparams = owners ? 5 : 3;
	text	  ->params[0] = key->array_type;
	text	  ->params[1] = principal->array_type;
	text	  ->params[2] = cascade_effects_bits_type()->array_type;
	text	  ->params[3] = key->array_type;
	text	  ->params[4] = owners ? table->owner.type.array_type : InvalidOid;

	appendStringInfoString(sql, "WITH l AS MATERIALIZED"
						   " (SELECT u.object, u.principal, pg_catalog.bit_or(u.bits) AS bits"
						   " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3))"
						   " AS u(object, principal, bits) GROUP BY u.object, u.principal), ");
	appendStringInfo(sql, "h AS (SELECT l.object, l.principal, pg_catalog.bit_or(e.mask) AS mask"
					 " FROM l, %s%s AS e WHERE e.object %s l.object%s AND e.principal %s l.principal%s%s"
					 " GROUP BY l.object, l.principal), n AS (SELECT l.object, l.principal,"
					 " l.bits" SQL_AND "(" SQL_NOT "COALESCE(h.mask, 0))", few ? PROBE : "", table->entry_sql,
					 key->sql_eq, key->sql_collate, principal->sql_eq, principal->sql_collate, few ? PROBED : "");
	if (owners)
		appendStringInfo(sql, SQL_AND "(" SQL_NOT "CASE WHEN o.owner %s l.principal%s THEN %d ELSE 0 END)",
						 principal->sql_eq, principal->sql_collate, RIGHTS_ALL);
	appendStringInfo(sql, " AS bits FROM l LEFT JOIN h ON h.object %s l.object%s AND h.principal %s l.principal%s",
					 key->sql_eq, key->sql_collate, principal->sql_eq, principal->sql_collate);
	if (owners)
		appendStringInfo(sql, " LEFT JOIN ROWS FROM (pg_catalog.unnest($4), pg_catalog.unnest($5))"
						 " AS o(object, owner) ON o.object %s l.object%s", key->sql_eq, key->sql_collate);
	appendStringInfoString(sql, ") SELECT n.object, n.principal, n.bits FROM n WHERE n.bits" SQL_NE "0");
}

/*
 * build_take: the entries of one relationship, both causes, on related rows (k)
 * of rows on which principals have lost bits (l).
 *
 *	MERGE INTO relmeta_access.related AS e
 *	USING (SELECT k.object, l.principal, l.bits
 *		   FROM ROWS FROM (unnest($1), unnest($2)) AS k(object, parent),
 *				ROWS FROM (unnest($3), unnest($4), unnest($5)) AS l(object, principal, bits)
 *		   WHERE l.object = k.parent OFFSET 0) AS s
 *	ON e.object = s.object AND e.principal = s.principal AND e.relationship = 7
 *	WHEN MATCHED AND (e.mask & ~ s.bits) = 0 THEN DELETE
 *	WHEN MATCHED AND (e.mask & s.bits) <> 0 THEN UPDATE SET mask = e.mask & ~ s.bits
 *
 * OFFSET 0 has rows and losses joined first: while nothing has analyzed the entry table the planner takes it for
 * nearly empty, and joins it with all losses of a principal.
 *
 * Giving back what was taken, or the number of pairs:
 *
 *	WITH o AS MATERIALIZED (SELECT e.object, e.principal, e.cause, e.mask, s.bits
 *		FROM (...) AS s, relmeta_access.related AS e
 *		WHERE <the same> AND (e.mask & s.bits) <> 0),
 *	d AS (DELETE FROM relmeta_access.related AS e USING o WHERE <same key> AND (o.mask & ~ o.bits) = 0),
 *	u AS (UPDATE relmeta_access.related AS e SET mask = o.mask & ~ o.bits FROM o
 *		WHERE <same key> AND (o.mask & ~ o.bits) <> 0)
 *	SELECT o.object, o.principal, pg_catalog.bit_or(o.mask & o.bits) FROM o GROUP BY o.object, o.principal
 *	| SELECT pg_catalog.count(*) FROM (SELECT DISTINCT o.object, o.principal FROM o) AS c
 */
static void
build_take(PlanText *text, void *subject, int variant)
{
	ModelRelationship *relationship = subject;
	ModelTable *related = relationship->related;
	ModelType  *parent = &relationship->primary->key.type;
	ModelType  *key = &related->key.type;
	ModelType  *principal = &related->principal;
	bool		few = (variant & PLAN_MANY) == 0;
	StringInfo	sql = &text->sql;
	char	   *source;
	char	   *match;
	char	   *same;

	text	  ->nparams = 5;
	text	  ->params[0] = key->array_type;
	text	  ->params[1] = parent->array_type;
	text	  ->params[2] = parent->array_type;
	text	  ->params[3] = relationship->primary->principal.array_type;
	text	  ->params[4] = cascade_effects_bits_type()->array_type;

	source = psprintf("(SELECT k.object, l.principal, l.bits"
					  " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS k(object, parent),"
					  " ROWS FROM (pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5))"
					  " AS l(object, principal, bits) WHERE l.object %s k.parent%s OFFSET 0) AS s",
					  parent->sql_eq, parent->sql_collate);
	match = psprintf("e.object %s s.object%s AND e.principal %s s.principal%s AND e.relationship" SQL_EQ "%d",
					 key->sql_eq, key->sql_collate, principal->sql_eq, principal->sql_collate, relationship->id);

	if ((variant & (TAKE_RETURN | TAKE_COUNT)) == 0)
	{
		appendStringInfo(sql, "MERGE INTO %s AS e USING %s ON %s", related->entry_sql, source, match);
		appendStringInfoString(sql, " WHEN MATCHED AND (e.mask" SQL_AND "(" SQL_NOT "s.bits))" SQL_EQ "0 THEN DELETE"
							   " WHEN MATCHED AND (e.mask" SQL_AND "s.bits)" SQL_NE "0 THEN"
							   " UPDATE SET mask = e.mask" SQL_AND "(" SQL_NOT "s.bits)");
		return;
	}

	same = psprintf("e.object %s o.object%s AND e.principal %s o.principal%s AND e.relationship" SQL_EQ "%d"
					" AND e.cause" SQL_EQ "o.cause AND (o.mask" SQL_AND "(" SQL_NOT "o.bits))",
					key->sql_eq, key->sql_collate, principal->sql_eq, principal->sql_collate, relationship->id);
	appendStringInfo(sql, "WITH o AS MATERIALIZED (SELECT e.object, e.principal, e.cause, e.mask, s.bits FROM %s,"
					 " %s%s AS e WHERE %s AND (e.mask" SQL_AND "s.bits)" SQL_NE "0%s),", source, few ? PROBE : "",
					 related->entry_sql, match, few ? PROBED : "");
	appendStringInfo(sql, " d AS (DELETE FROM %s AS e USING o WHERE %s" SQL_EQ "0),", related->entry_sql, same);
	appendStringInfo(sql, " u AS (UPDATE %s AS e SET mask = o.mask" SQL_AND "(" SQL_NOT "o.bits) FROM o WHERE %s"
					 SQL_NE "0)", related->entry_sql, same);
	if ((variant & TAKE_RETURN) != 0)
		appendStringInfoString(sql, " SELECT o.object, o.principal, pg_catalog.bit_or(o.mask" SQL_AND "o.bits)"
							   " FROM o GROUP BY o.object, o.principal");
	else
		appendStringInfoString(sql, " SELECT pg_catalog.count(*)"
							   " FROM (SELECT DISTINCT o.object, o.principal FROM o) AS c");
}

/* The waiting losses in rows [from, upto), narrowed to what is lost indeed. */
static RowList *
narrow(ModelTable *table, RowList *losses, int64 from, int64 upto)
{
	DatumSet   *objects = cascade_effects_distinct(losses, from, upto, EFFECT_OBJECT);
	RowList    *owners = cascade_rows_owners(table, objects);
	RowList    *lost = cascade_effects_pairs(table);
	bool		have_owners = owners->nrows > 0;
	int			variant = (upto - from <= PLAN_FEW_ROWS ? PLAN_FEW : PLAN_MANY) + (have_owners ? NARROW_OWNERS : 0);
	SPIPlanPtr	plan = cascade_plan(PLAN_NARROW, variant, (int) table->relid, table->entry_relid, AccessShareLock,
									build_narrow, table);
	Datum		values[5];

	cascade_rowlist_arrays(losses, from, upto, 3, COLUMNS(EFFECT_OBJECT, EFFECT_PRINCIPAL, EFFECT_BITS), values);
	if (have_owners)
		cascade_rowlist_arrays(owners, 0, owners->nrows, 2, COLUMNS(0, 1), values + 3);
	cascade_run(plan, relmeta_extension_owner(), values, NULL, RUN_FIRE_TRIGGERS | RUN_NEW_ROWS, 0);
	cascade_effects_take(lost);
	return lost;
}

/* Can entries be taken from the table's related rows by a loss of this kind? */
static bool
losses_go_on(ModelTable *table, LossKind kind)
{
	ListCell   *lc;

	foreach(lc, table->as_primary)
	{
		ModelRelationship *relationship = lfirst(lc);

		if ((kind == LOSS_NET || behavior_cascades(relationship->behavior[ACTION_UNSHARE])) &&
			!access_entries_empty(relationship->related))
			return true;
	}
	return false;
}

/* Takes what was lost from the related rows of one relationship. */
static void
pass_losses(Effects *effects, ModelRelationship *relationship, LossKind kind, RowList *lost, DatumSet *objects)
{
	ModelTable *related = relationship->related;
	TableEffects *theirs = cascade_effects_table(effects, related->relid);
	ModelBehavior behavior = kind == LOSS_NET ? BEHAVIOR_ALL : relationship->behavior[ACTION_UNSHARE];
	RowList    *children = cascade_rows_related(relationship, objects, behavior);
	bool		go_on = losses_go_on(related, kind);
	bool		overlap = cascade_effects_overlap(effects, related);
	int64		step = cascade_rowlist_batch_rows(children);
	int			variant;

	variant = go_on || overlap ? TAKE_RETURN : effects->counting ? TAKE_COUNT : 0;
	for (int64 row = 0; row < children->nrows; row += step)
	{
		int64		end = Min(row + step, children->nrows);
		int64		n = Max(end - row, lost->nrows);
		SPIPlanPtr	plan = cascade_plan(PLAN_TAKE, (n <= PLAN_FEW_ROWS ? PLAN_FEW : PLAN_MANY) + variant,
										relationship->id, related->entry_relid, RowExclusiveLock, build_take,
										relationship);
		Datum		values[5];
		uint64		processed;

		cascade_rowlist_arrays(children, row, end, 2, COLUMNS(CHILD_KEY, CHILD_PARENT), values);
		cascade_rowlist_arrays(lost, 0, lost->nrows, 3, COLUMNS(EFFECT_OBJECT, EFFECT_PRINCIPAL, EFFECT_BITS),
							   values + 2);
		processed = cascade_run(plan, relmeta_extension_owner(), values, NULL, RUN_FIRE_TRIGGERS | RUN_NEW_ROWS, 0);
		if (variant == TAKE_RETURN)
		{
			int64		from;

			if (theirs->losses[kind] == NULL)
				theirs->losses[kind] = cascade_effects_list(effects, related);
			from = theirs->losses[kind]->nrows;
			cascade_effects_take(theirs->losses[kind]);
			if (overlap)
				cascade_effects_changed(effects, theirs, theirs->losses[kind], from);
			else
				theirs->changed_once += processed;
		}
		else if (variant == TAKE_COUNT)
		{
			bool		isnull;

			theirs->changed_once += DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1,
																&isnull));
			SPI_freetuptable(SPI_tuptable);
		}
	}
}

/*
 * cascade_loss_pass
 *		Passes a table's waiting losses of one kind to the related rows.  False
 *		when there were none.
 */
bool
cascade_loss_pass(Effects *effects, TableEffects *table, LossKind kind)
{
	RowList    *losses = table->losses[kind];
	int64		from = table->losses_done[kind];
	int64		upto = losses == NULL ? 0 : losses->nrows;
	RowList    *lost;
	DatumSet   *objects;
	ListCell   *lc;

	if (from == upto)
		return false;
	table->losses_done[kind] = upto;
	if (!losses_go_on(table->table, kind))
		return true;

	cascade_rows_lock(table->table, cascade_effects_distinct(losses, from, upto, EFFECT_OBJECT));
	lost = narrow(table->table, losses, from, upto);
	if (lost->nrows == 0)
		return true;
	objects = cascade_effects_distinct(lost, 0, lost->nrows, EFFECT_OBJECT);
	foreach(lc, table->table->as_primary)
	{
		ModelRelationship *relationship = lfirst(lc);

		if (kind == LOSS_UNSHARE && !behavior_cascades(relationship->behavior[ACTION_UNSHARE]))
			continue;
		if (!access_entries_empty(relationship->related) &&
			relationship->related->principal.base_type == relationship->primary->principal.base_type)
			pass_losses(effects, relationship, kind, lost, objects);
	}
	return true;
}
