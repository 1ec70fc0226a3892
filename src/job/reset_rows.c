/*
 * reset_rows.c
 *		Makes the entries of rows through one relationship what they should be.
 *
 * For a row with primary row p, where share matches, P's share entry is what P's
 * direct and share entries on p hold; where reparent matches, P's reparent entry
 * is eff(p, P).  The row's own owner has none (SEMANTICS 2.6; 3.2 and 3.4 say
 * why).  All other entries through the relationship go.
 */
#include "job/internal.h"

#include "job/reset.h"
#include "utils/datum.h"
#include "utils/memutils.h"

/* variant of build_apply(): nothing is given through the relationship */
#define APPLY_NOTHING (1 * PLAN_VARIANT_OWN)

/* columns of the rows that are done */
#define ROW_KEY 0
#define ROW_PARENT 1
#define ROW_OWNER 2
#define ROW_SHARE 3				/* read: whether the row is active */
#define ROW_REPARENT 4

/* ---- statements ---- */

/* of the rows of a table; without an owner column, of NULLs */
static ModelType *
owner_type(ModelTable *table)
{
	return table->owner.name != NULL ? &table->owner.type : model_principal(table);
}

/* Can anything be inherited, as far as types go? */
static bool
can_inherit(ModelRelationship *relationship)
{
	return OidIsValid(relationship->primary->entry_relid) &&
		model_principal(relationship->primary)->base_type == model_principal(relationship->related)->base_type;
}

/*
 *	SELECT c.key, CASE WHEN true [AND c.type = 'account'] THEN c.lookup::int END, c.owner,
 *		(true [AND (false OR c.state = '0')]) IS TRUE
 *	FROM s.contact AS c, pg_catalog.unnest($1) AS k(key) WHERE c.key = k.key
 */
static void
build_rows(PlanText *built, void *subject, int variant)
{
	ModelRelationship *relationship = subject;
	ModelTable *table = relationship->related;
	ModelType  *key = &table->key.type;
	StringInfo	sql = &built->sql;

	built->nparams = 1;
	built->params[0] = key->array_type;

	appendStringInfo(sql, "SELECT c.%s, CASE WHEN true", table->key.sql_name);
	rows_plan_append_type(sql, relationship, "c");
	appendStringInfo(sql, " THEN c.%s::%s END, ", relationship->lookup.sql_name,
					 relationship->primary->key.type.sql_name);
	if (table->owner.name != NULL)
		appendStringInfo(sql, "c.%s", table->owner.sql_name);
	else
		appendStringInfo(sql, "NULL::%s", model_principal(table)->sql_name);
	appendStringInfoString(sql, ", (true");
	rows_plan_append_active(sql, table, "c");
	appendStringInfo(sql, ") IS TRUE FROM %s AS c, pg_catalog.unnest($1) AS k(key) WHERE c.%s %s k.key%s",
					 table->sql_name, table->key.sql_name, key->sql_eq, key->sql_collate);
}

/*
 * What the primary rows give to rows $1 with primary rows $2 and owners $3, by share where $4 and by reparent
 * where $5 say so; $6, $7: who owns the primary rows.
 *
 *	h AS (
 *		SELECT k.object, k.owner, k.share, k.reparent, e.principal, e.cause, e.mask
 *		FROM k JOIN relmeta_access.account AS e ON e.object = k.parent WHERE k.share OR k.reparent
 *		UNION ALL
 *		SELECT k.object, k.owner, false, k.reparent, o.owner, 'd', 851991
 *		FROM k JOIN unnest($6, $7) AS o(parent, owner) ON o.parent = k.parent
 *		WHERE k.reparent AND o.owner IS NOT NULL),
 *	w AS (
 *		SELECT h.object, h.principal, 's' AS cause, bit_or(h.mask) AS bits FROM h
 *		WHERE h.share AND h.cause <> 'r' AND (h.owner = h.principal) IS NOT TRUE GROUP BY h.object, h.principal
 *		UNION ALL
 *		SELECT h.object, h.principal, 'r', bit_or(h.mask) FROM h
 *		WHERE h.reparent AND (h.owner = h.principal) IS NOT TRUE GROUP BY h.object, h.principal)
 */
static void
append_given(StringInfo sql, ModelRelationship *relationship)
{
	ModelType  *key = &relationship->primary->key.type;
	ModelType  *principal = model_principal(relationship->related);

	appendStringInfo(sql,
					 "h AS (SELECT k.object, k.owner, k.share, k.reparent, e.principal, e.cause, e.mask"
					 " FROM k JOIN %s AS e ON e.object %s k.parent%s WHERE k.share OR k.reparent"
					 " UNION ALL SELECT k.object, k.owner, false, k.reparent, o.owner, 'd'::pg_catalog.\"char\", %d"
					 " FROM k JOIN ROWS FROM (pg_catalog.unnest($6), pg_catalog.unnest($7)) AS o(parent, owner)"
					 " ON o.parent %s k.parent%s WHERE k.reparent AND o.owner IS NOT NULL), ",
					 relationship->primary->entry_sql, key->sql_eq, key->sql_collate, RIGHTS_ALL,
					 key->sql_eq, key->sql_collate);
	appendStringInfo(sql,
					 "w AS (SELECT h.object, h.principal, 's'::pg_catalog.\"char\" AS cause,"
					 " pg_catalog.bit_or(h.mask) AS bits FROM h WHERE h.share AND h.cause" SQL_NE "'r'"
					 " AND (h.owner %s h.principal%s) IS NOT TRUE GROUP BY h.object, h.principal"
					 " UNION ALL SELECT h.object, h.principal, 'r'::pg_catalog.\"char\", pg_catalog.bit_or(h.mask)"
					 " FROM h WHERE h.reparent AND (h.owner %s h.principal%s) IS NOT TRUE"
					 " GROUP BY h.object, h.principal), ",
					 principal->sql_eq, principal->sql_collate, principal->sql_eq, principal->sql_collate);
}

/*
 *	WITH k AS MATERIALIZED (
 *		SELECT * FROM unnest($1, $2, $3, $4, $5) AS k(object, parent, owner, share, reparent)),
 *	h AS ..., w AS (...),		what is given: append_given()
 *	c AS (
 *		SELECT e.ctid AS tid, e.object, e.principal, e.cause, e.mask
 *		FROM k JOIN relmeta_access.contact AS e ON e.object = k.object
 *		WHERE e.relationship = 7 AND e.cause <> 'd'),
 *	x AS MATERIALIZED (
 *		SELECT c.tid, COALESCE(c.object, w.object) AS object, ... AS principal, ... AS cause,
 *			COALESCE(c.mask, 0) AS had, COALESCE(w.bits, 0) AS wanted
 *		FROM c FULL JOIN w ON c.object = w.object AND c.principal = w.principal AND c.cause = w.cause),
 *	d AS (DELETE FROM relmeta_access.contact AS e WHERE e.ctid = ANY (ARRAY(SELECT x.tid FROM x WHERE x.wanted = 0))),
 *	i AS (
 *		INSERT INTO relmeta_access.contact AS e (object, principal, relationship, cause, mask)
 *		SELECT x.object, x.principal, 7, x.cause, x.wanted FROM x WHERE x.wanted <> 0 AND x.wanted <> x.had
 *		ON CONFLICT (object, principal, relationship, cause) DO UPDATE SET mask = excluded.mask)
 *	SELECT g.object, g.principal, g.entries, g.changed, (g.had & ~(g.wanted | o.mask)) <> 0 AS shrank,
 *		(g.wanted | o.mask) <> 0 AS is_left
 *	FROM (SELECT x.object, x.principal, bool_or(x.had <> x.wanted) AS changed, count(*) AS entries,
 *			bit_or(x.had) AS had, bit_or(x.wanted) AS wanted
 *		FROM x GROUP BY x.object, x.principal) AS g,
 *	LATERAL (SELECT CASE WHEN (g.had & ~g.wanted) = 0 THEN 0 ELSE COALESCE((what other relationships give
 *		SELECT bit_or(e.mask) FROM relmeta_access.contact AS e WHERE e.object = g.object
 *		AND e.principal = g.principal AND e.cause <> 'd' AND e.relationship <> 7), 0) END AS mask) AS o
 */
static void
build_apply(PlanText *built, void *subject, int variant)
{
	ModelRelationship *relationship = subject;
	ModelTable *table = relationship->related;
	ModelType  *key = &table->key.type;
	ModelType  *principal = model_principal(table);
	StringInfo	sql = &built->sql;

	built->nparams = 7;
	built->params[0] = key->array_type;
	built->params[1] = built->params[5] = relationship->primary->key.type.array_type;
	built->params[2] = owner_type(table)->array_type;
	built->params[3] = built->params[4] = BOOLARRAYOID;
	built->params[6] = owner_type(relationship->primary)->array_type;

	appendStringInfoString(sql, "WITH k AS MATERIALIZED (SELECT k.object, k.parent, k.owner, k.share, k.reparent"
						   " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3),"
						   " pg_catalog.unnest($4), pg_catalog.unnest($5))"
						   " AS k(object, parent, owner, share, reparent)), ");
	if ((variant & APPLY_NOTHING) == 0)
		append_given(sql, relationship);
	else
		appendStringInfo(sql, "w AS (SELECT k.object, NULL::%s AS principal, NULL::pg_catalog.\"char\" AS cause,"
						 " 0 AS bits FROM k WHERE false), ", principal->sql_name);
	appendStringInfo(sql,
					 "c AS (SELECT e.ctid AS tid, e.object, e.principal, e.cause, e.mask"
					 " FROM k JOIN %s AS e ON e.object %s k.object%s"
					 " WHERE e.relationship" SQL_EQ "%d AND e.cause" SQL_NE "'d'), ",
					 table->entry_sql, key->sql_eq, key->sql_collate, relationship->id);
	appendStringInfo(sql,
					 "x AS MATERIALIZED (SELECT c.tid, COALESCE(c.object, w.object) AS object,"
					 " COALESCE(c.principal, w.principal) AS principal, COALESCE(c.cause, w.cause) AS cause,"
					 " COALESCE(c.mask, 0) AS had, COALESCE(w.bits, 0) AS wanted FROM c FULL JOIN w"
					 " ON c.object %s w.object%s AND c.principal %s w.principal%s AND c.cause" SQL_EQ "w.cause), ",
					 key->sql_eq, key->sql_collate, principal->sql_eq, principal->sql_collate);
	appendStringInfo(sql,
					 "d AS (DELETE FROM %s AS e WHERE e.ctid OPERATOR(pg_catalog.=) ANY"
					 " (ARRAY(SELECT x.tid FROM x WHERE x.wanted" SQL_EQ "0))), "
					 "i AS (INSERT INTO %s AS e (object, principal, relationship, cause, mask)"
					 " SELECT x.object, x.principal, %d, x.cause, x.wanted FROM x"
					 " WHERE x.wanted" SQL_NE "0 AND x.wanted" SQL_NE "x.had"
					 " ON CONFLICT (object, principal, relationship, cause) DO UPDATE SET mask = excluded.mask)",
					 table->entry_sql, table->entry_sql, relationship->id);
	appendStringInfoString(sql,
						   " SELECT g.object, g.principal, g.entries, g.changed, (g.had" SQL_AND "(" SQL_NOT
						   "(g.wanted" SQL_OR "o.mask)))" SQL_NE "0, (g.wanted" SQL_OR "o.mask)" SQL_NE "0"
						   " FROM (SELECT x.object, x.principal,"
						   " pg_catalog.bool_or(x.had" SQL_NE "x.wanted) AS changed,"
						   " pg_catalog.count(*) AS entries, pg_catalog.bit_or(x.had) AS had,"
						   " pg_catalog.bit_or(x.wanted) AS wanted FROM x GROUP BY x.object, x.principal) AS g,");
	appendStringInfo(sql,
					 " LATERAL (SELECT CASE WHEN (g.had" SQL_AND "(" SQL_NOT "g.wanted))" SQL_EQ "0 THEN 0"
					 " ELSE COALESCE((SELECT pg_catalog.bit_or(e.mask) FROM %s AS e WHERE e.object %s g.object%s"
					 " AND e.principal %s g.principal%s AND e.cause" SQL_NE "'d' AND e.relationship" SQL_NE "%d), 0)"
					 " END AS mask) AS o",
					 table->entry_sql, key->sql_eq, key->sql_collate, principal->sql_eq, principal->sql_collate,
					 relationship->id);
}

/* ---- doing rows ---- */

/* The rows with these keys: key, primary row, owner, active, and room for one column more. */
static RowList *
read_rows(ModelRelationship *relationship, Datum keys, int n)
{
	ModelTable *table = relationship->related;
	ModelType  *types[5] = {&table->key.type, &relationship->primary->key.type, owner_type(table),
	model_type_bool(), model_type_bool()};
	RowList    *rows = rows_list_make(4, types);
	SPIPlanPtr	plan = rows_plan(build_rows, PLAN_ANY_PATH | PLAN_ARRAY_SIZE(n),
								 relationship->id, table->relid, AccessShareLock, relationship);

	rows_run(plan, table->relid, &keys, NULL, RUN_FIRE_TRIGGERS | RUN_NEW_ROWS, 0);
	rows_list_take_result(rows);
	return rows;
}

/* The rows with the columns that say whether share and reparent match. */
static RowList *
match_rows(ModelRelationship *relationship, RowList *rows, DatumSet *parents, RowList *owners)
{
	ModelType  *types[5] = {rows->types[ROW_KEY], rows->types[ROW_PARENT], rows->types[ROW_OWNER],
	model_type_bool(), model_type_bool()};
	RowList    *matched = rows_list_make(5, types);
	ModelType  *principal = model_principal(relationship->related);
	Datum	   *owner = palloc0((parents->count + 1) * sizeof(Datum));
	bool	   *owned = palloc0((parents->count + 1) * sizeof(bool));
	Datum		values[5];
	bool		nulls[5];

	/* owners of another type than the related table's principals give nothing */
	for (int64 row = 0; row < owners->nrows && can_inherit(relationship); row++)
	{
		int			parent;

		rows_list_get(owners, row, values, nulls);
		parent = rows_set_find(parents, values[0]);
		if (parent < 0 || nulls[1])
			continue;
		owned[parent] = true;
		owner[parent] = datumCopy(values[1], principal->typbyval, principal->typlen);
	}
	for (int64 row = 0; row < rows->nrows; row++)
	{
		int			parent;
		bool		active;
		bool		same_owner;

		rows_list_get(rows, row, values, nulls);
		parent = nulls[ROW_PARENT] ? -1 : rows_set_find(parents, values[ROW_PARENT]);
		active = DatumGetBool(values[ROW_SHARE]);
		same_owner = parent >= 0 && owned[parent] && !nulls[ROW_OWNER] &&
			model_type_equal(principal, owner[parent], values[ROW_OWNER]);
		values[ROW_SHARE] = BoolGetDatum(parent >= 0 && can_inherit(relationship) &&
										 rows_matches(relationship->behavior[ACTION_SHARE], active, same_owner));
		values[ROW_REPARENT] = BoolGetDatum(parent >= 0 && can_inherit(relationship) &&
											rows_matches(relationship->behavior[ACTION_REPARENT], active, same_owner));
		nulls[ROW_SHARE] = nulls[ROW_REPARENT] = false;
		rows_list_add(matched, values, nulls);
	}
	return matched;
}

/* Primary rows are locked before the rows; what the rows say after that counts. */
DatumSet *
job_reset_rows(Reset *reset, ModelRelationship *relationship, DatumSet *keys)
{
	ModelTable *table = relationship->related;
	bool		nothing = !can_inherit(relationship) ||
	(relationship->behavior[ACTION_SHARE] == BEHAVIOR_NONE &&
	 relationship->behavior[ACTION_REPARENT] == BEHAVIOR_NONE);
	Datum		array = rows_set_whole(keys);
	RowList    *rows = read_rows(relationship, array, keys->count);
	DatumSet   *parents = rows_list_distinct(rows, 0, rows->nrows, ROW_PARENT);
	RowList    *owners;
	DatumSet   *changed = rows_set_make(&table->key.type);
	DatumSet   *given = rows_set_make(model_principal(table));
	int			done = 0;
	RowSet	   *locked;
	SPIPlanPtr	plan;
	Datum		values[7];
	bool		isnull;

	/*
	 * Primary rows come before related ones, as everywhere.  Until a row is
	 * locked it may be moved: so where it points to is read again then, and
	 * what it points to by now is held, too, before it is looked at.
	 */
	(void) rows_get(relationship->primary, parents, ROW_KEY_SHARE);
	locked = rows_get(table, keys, ROW_UPDATE);
	for (int k = 0; k < keys->count; k++)
		reset->pass.missed |= locked->found[k] < 0;
	rows = read_rows(relationship, array, keys->count);
	parents = rows_list_distinct(rows, 0, rows->nrows, ROW_PARENT);
	(void) rows_get(relationship->primary, parents, ROW_KEY_SHARE);
	owners = rows_owners(relationship->primary, parents, NULL);
	rows = match_rows(relationship, rows, parents, owners);

	rows_list_arrays(rows, 0, rows->nrows, 5,
					 COLUMNS(ROW_KEY, ROW_PARENT, ROW_OWNER, ROW_SHARE, ROW_REPARENT), values);
	rows_list_arrays(owners, 0, owners->nrows, 2, COLUMNS(0, 1), values + 5);
	plan = rows_plan(build_apply,
					 PLAN_CHANGES | PLAN_ANY_PATH | PLAN_ARRAY_SIZE(keys->count) | (nothing ? APPLY_NOTHING : 0),
					 relationship->id, table->entry_relid, RowExclusiveLock, relationship);
	rows_run(plan, table->entry_relid, values, NULL, RUN_FIRE_TRIGGERS | RUN_NEW_ROWS | RUN_CHANGES, 0);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		TupleDesc	desc = SPI_tuptable->tupdesc;
		Datum		object = SPI_getbinval(tuple, desc, 1, &isnull);
		Datum		principal = SPI_getbinval(tuple, desc, 2, &isnull);

		reset->rows_examined += DatumGetInt64(SPI_getbinval(tuple, desc, 3, &isnull));
		if (DatumGetBool(SPI_getbinval(tuple, desc, 4, &isnull)))
		{
			rows_set_add(changed, object);
			rows_set_add(given, principal);
		}
		if (DatumGetBool(SPI_getbinval(tuple, desc, 5, &isnull)))
			job_shrunk_add(reset->shrunk, table, object, principal,
						   DatumGetBool(SPI_getbinval(tuple, desc, 6, &isnull)));
	}
	SPI_freetuptable(SPI_tuptable);
	inherit_effects_lock_principals(table, given, &done);
	return changed;
}
