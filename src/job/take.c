/*
 * take.c
 *		Taking bits from inherited entries, and what depends on them below; see take.h.
 *
 * One level is: who is below the rows that lost something (as the table's
 * owner), which of them have entries that lose with it (as the extension's
 * owner), lock these and look again who they are below, take the bits.  What an
 * entry lost and its principal does not hold there by another ground is lost on
 * the next level.  Bits are only taken, so that this ends in any graph of rows.
 */
#include "job/internal.h"

#include "access/access.h"
#include "cascade/plan.h"
#include "catalog/pg_type.h"
#include "job/take.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

/* A statement for no more rows than this keeps a plan that does not depend on them. */
#define FEW_ROWS 50

typedef struct TakePlan
{
	TakeOp		op;
	void	   *subject;
	bool		many;
	SPIPlanPtr	plan;
} TakePlan;

/* ---- statements and results ---- */

void
job_take_begin(Taking *taking)
{
	memset(taking, 0, sizeof(Taking));
	taking->cxt = CurrentMemoryContext;
	taking->extension_owner = relmeta_extension_owner();
}

static SPIPlanPtr
take_plan(Taking *taking, TakeOp op, void *subject, TakeBuilder builder, bool many)
{
	MemoryContext old;
	TakePlan   *kept;
	TakeText	text;
	ListCell   *cell;

	foreach(cell, taking->plans)
	{
		kept = lfirst(cell);
		if (kept->op == op && kept->subject == subject && kept->many == many)
			return kept->plan;
	}

	memset(&text, 0, sizeof(text));
	initStringInfo(&text.sql);
	builder(&text, subject);
	old = MemoryContextSwitchTo(taking->cxt);
	kept = palloc(sizeof(TakePlan));
	kept->op = op;
	kept->subject = subject;
	kept->many = many;
	kept->plan = SPI_prepare_cursor(text.sql.data, text.nparams, text.params, many ? CURSOR_OPT_CUSTOM_PLAN : 0);
	if (kept->plan == NULL)
		elog(ERROR, "SPI_prepare_cursor returned %s for %s", SPI_result_code_string(SPI_result), text.sql.data);
	taking->plans = lappend(taking->plans, kept);
	MemoryContextSwitchTo(old);
	pfree(text.sql.data);
	return kept->plan;
}

void
job_take_run(Taking *taking, TakeOp op, void *subject, TakeBuilder builder,
			 Oid userid, int rows, Datum *values, const char *nulls)
{
	Oid			saved_user;
	int			saved_context;
	int			rc;

	GetUserIdAndSecContext(&saved_user, &saved_context);
	SetUserIdAndSecContext(userid, saved_context | SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION | SECURITY_NOFORCE_RLS);
	rc = SPI_execute_snapshot(take_plan(taking, op, subject, builder, rows > FEW_ROWS), values, nulls,
							  GetLatestSnapshot(), InvalidSnapshot, false, true, 0);
	if (rc < 0)
		elog(ERROR, "SPI_execute_snapshot returned %s", SPI_result_code_string(rc));
	SetUserIdAndSecContext(saved_user, saved_context);
}

static Datum
make_array(Datum *values, bool *nulls, int n, const ModelType *type)
{
	int			lower = 1;

	return PointerGetDatum(construct_md_array(values, nulls, 1, &n, &lower, type->base_type,
											  type->typlen, type->typbyval, type->typalign));
}

Arrays
job_take_result(int ncolumns, ModelType *const *types)
{
	SPITupleTable *table = SPI_tuptable;
	Arrays		result = {.n = (int) SPI_processed};
	Datum	   *values = palloc((result.n + 1) * sizeof(Datum));
	bool	   *nulls = palloc((result.n + 1) * sizeof(bool));

	for (int column = 0; column < ncolumns; column++)
	{
		for (int i = 0; i < result.n; i++)
			values[i] = SPI_getbinval(table->vals[i], table->tupdesc, column + 1, &nulls[i]);
		result.column[column] = make_array(values, nulls, result.n, types[column]);
	}
	pfree(values);
	pfree(nulls);
	SPI_freetuptable(table);
	return result;
}

Datum
job_causes(const ModelRelationship *relationship, bool only_none, char *letters)
{
	Datum		causes[2];
	int			n = 0;

	if (!only_none || relationship->behavior[ACTION_SHARE] == BEHAVIOR_NONE)
		letters[n++] = CAUSE_SHARE;
	if (!only_none || relationship->behavior[ACTION_REPARENT] == BEHAVIOR_NONE)
		letters[n++] = CAUSE_REPARENT;
	letters[n] = '\0';
	for (int i = 0; i < n; i++)
		causes[i] = CharGetDatum(letters[i]);
	return PointerGetDatum(construct_array(causes, n, CHAROID, 1, true, TYPALIGN_CHAR));
}

/* ---- locking ---- */

bool
job_table_gives(const ModelTable *table)
{
	ListCell   *cell;

	foreach(cell, table->as_primary)
	{
		ModelRelationship *relationship = lfirst(cell);

		if (relationship->broken == NULL &&
			(behavior_cascades(relationship->behavior[ACTION_SHARE]) ||
			 behavior_cascades(relationship->behavior[ACTION_REPARENT]) ||
			 !access_entries_empty(relationship->related)))
			return true;
	}
	return false;
}

/* FOR UPDATE keeps new related rows away, which read what this one gives. */
static const char *
lock_clause(const ModelTable *table)
{
	return job_table_gives(table) ? "FOR UPDATE" : "FOR NO KEY UPDATE";
}

/* t.owner, or a NULL of the type that its column would have */
static void
append_owner(StringInfo sql, const ModelTable *table, const char *alias)
{
	if (table->owner.name != NULL)
		appendStringInfo(sql, "%s.%s", alias, table->owner.sql_name);
	else
		appendStringInfo(sql, "NULL::%s", table->principal.sql_name);
}

/*
 *	SELECT t.key, t.owner FROM s.contact AS t WHERE t.key = ANY ($1) ORDER BY t.key FOR UPDATE
 */
static void
build_lock_rows(TakeText *text, void *subject)
{
	ModelTable *table = subject;
	ModelType  *key = &table->key.type;

	text->nparams = 1;
	text->params[0] = key->array_type;
	appendStringInfo(&text->sql, "SELECT t.%s, ", table->key.sql_name);
	append_owner(&text->sql, table, "t");
	appendStringInfo(&text->sql, " FROM %s AS t WHERE t.%s %s ANY ($1%s) ORDER BY t.%s %s",
					 table->sql_name, table->key.sql_name, key->sql_eq, key->sql_collate,
					 table->key.sql_name, lock_clause(table));
}

Arrays
job_take_lock(Taking *taking, ModelTable *table, Arrays objects)
{
	ModelType  *types[2] = {&table->key.type, &table->principal};

	job_take_run(taking, TAKE_LOCK_ROWS, table, build_lock_rows, table->relowner, objects.n, objects.column, NULL);
	return job_take_result(2, types);
}

/* ---- taking ---- */

/*
 * What follows WITH x (object, principal, bits, owner) AS (...), for entries
 * through relationship rel of the causes:
 *
 *	, y AS MATERIALIZED (
 *		SELECT e.ctid AS tid, e.object, e.principal, e.cause, e.mask, x.owner,
 *			CASE WHEN e.relationship = rel AND e.cause = ANY (causes) THEN e.mask & ~x.bits ELSE e.mask END AS rest
 *		FROM x JOIN relmeta_access.contact AS e ON e.object = x.object AND e.principal = x.principal)
 *	, d AS (DELETE FROM relmeta_access.contact AS e USING y WHERE e.ctid = y.tid AND y.rest = 0)
 *	, u AS (UPDATE relmeta_access.contact AS e SET mask = y.rest FROM y
 *		WHERE e.ctid = y.tid AND y.rest <> y.mask AND y.rest <> 0)
 *	SELECT y.object, y.principal,
 *		bit_or(y.mask & ~y.rest) & ~bit_or(y.rest) & ~(ALL if the principal owns the row) AS lost,
 *		whether the OR over inherited entries shrank, the number of entries looked at
 *	FROM y GROUP BY y.object, y.principal HAVING bool_or(y.mask <> y.rest)
 *
 * y reads every entry of the pair, since what is held by another one is not lost.
 */
static void
append_taking(StringInfo sql, ModelTable *table, int rel_param, int causes_param)
{
	ModelType  *key = &table->key.type;
	ModelType  *principal = &table->principal;

	appendStringInfo(sql,
					 ", y AS MATERIALIZED (SELECT e.ctid AS tid, e.object, e.principal, e.cause, e.mask, x.owner,"
					 " CASE WHEN e.relationship = $%d AND e.cause = ANY ($%d) THEN e.mask & ~x.bits ELSE e.mask END AS rest"
					 " FROM x JOIN %s AS e ON e.object %s x.object AND e.principal %s x.principal)",
					 rel_param, causes_param, table->entry_sql, key->sql_eq, principal->sql_eq);
	appendStringInfo(sql,
					 ", d AS (DELETE FROM %s AS e USING y WHERE e.ctid = y.tid AND y.rest = 0)"
					 ", u AS (UPDATE %s AS e SET mask = y.rest FROM y"
					 " WHERE e.ctid = y.tid AND y.rest <> y.mask AND y.rest <> 0)",
					 table->entry_sql, table->entry_sql);
	appendStringInfo(sql,
					 " SELECT y.object, y.principal, pg_catalog.bit_or(y.mask & ~y.rest) & ~pg_catalog.bit_or(y.rest)"
					 " & CASE WHEN pg_catalog.bool_or(y.owner %s y.principal) THEN ~%d ELSE -1 END,"
					 " pg_catalog.bit_or(y.mask) FILTER (WHERE y.cause <> 'd')"
					 " & ~pg_catalog.bit_or(y.rest) FILTER (WHERE y.cause <> 'd') <> 0,"
					 " pg_catalog.count(*)"
					 " FROM y GROUP BY y.object, y.principal HAVING pg_catalog.bool_or(y.mask <> y.rest)",
					 principal->sql_eq, RIGHTS_ALL);
}

/*
 * Reads the result of append_taking()'s statement: counts, and queues what was
 * lost where somebody may depend on it.
 */
static void
take_result(Taking *taking, ModelTable *table)
{
	SPITupleTable *result = SPI_tuptable;
	uint64		nrows = SPI_processed;
	ModelType	int4 = {.base_type = INT4OID, .typlen = 4, .typbyval = true, .typalign = TYPALIGN_INT};
	MemoryContext old;
	Losses	   *losses;
	Datum	   *values[3];
	bool		isnull;
	int			n = 0;

	for (int column = 0; column < 3; column++)
		values[column] = palloc((nrows + 1) * sizeof(Datum));
	for (uint64 i = 0; i < nrows; i++)
	{
		HeapTuple	tuple = result->vals[i];
		Datum		lost = SPI_getbinval(tuple, result->tupdesc, 3, &isnull);

		taking->rows_shrunk += DatumGetBool(SPI_getbinval(tuple, result->tupdesc, 4, &isnull)) ? 1 : 0;
		taking->rows_examined += DatumGetInt64(SPI_getbinval(tuple, result->tupdesc, 5, &isnull));
		if (DatumGetInt32(lost) == 0)
			continue;
		values[0][n] = SPI_getbinval(tuple, result->tupdesc, 1, &isnull);
		values[1][n] = SPI_getbinval(tuple, result->tupdesc, 2, &isnull);
		values[2][n] = lost;
		n++;
	}

	if (n > 0 && table->as_primary != NIL)
	{
		old = MemoryContextSwitchTo(taking->cxt);
		losses = palloc0(sizeof(Losses));
		taking->queue = lappend(taking->queue, losses);
		losses->cxt = AllocSetContextCreate(taking->cxt, "relmeta losses", ALLOCSET_DEFAULT_SIZES);
		losses->table = table;
		MemoryContextSwitchTo(losses->cxt);
		losses->rows.n = n;
		losses->rows.column[0] = make_array(values[0], NULL, n, &table->key.type);
		losses->rows.column[1] = make_array(values[1], NULL, n, &table->principal);
		losses->rows.column[2] = make_array(values[2], NULL, n, &int4);
		MemoryContextSwitchTo(old);
	}
	for (int column = 0; column < 3; column++)
		pfree(values[column]);
	SPI_freetuptable(result);
}

/*
 *	WITH x AS (
 *		SELECT DISTINCT k.object, k.principal, -1 AS bits, o.owner
 *		FROM unnest($1, $2) AS k(object, principal) LEFT JOIN unnest($3, $4) AS o(object, owner)
 *			ON o.object = k.object)
 *	... relationship $5, causes $6
 */
static void
build_from_rows(TakeText *text, void *subject)
{
	ModelRelationship *relationship = subject;
	ModelTable *table = relationship->related;
	ModelType  *key = &table->key.type;

	text->nparams = 6;
	text->params[0] = text->params[2] = key->array_type;
	text->params[1] = text->params[3] = table->principal.array_type;
	text->params[4] = INT4OID;
	text->params[5] = CHARARRAYOID;
	appendStringInfo(&text->sql,
					 "WITH x AS (SELECT DISTINCT k.object, k.principal, -1 AS bits, o.owner"
					 " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS k(object, principal)"
					 " LEFT JOIN ROWS FROM (pg_catalog.unnest($3), pg_catalog.unnest($4)) AS o(object, owner)"
					 " ON o.object %s k.object%s)", key->sql_eq, key->sql_collate);
	append_taking(&text->sql, table, 5, 6);
}

void
job_take_from_rows(Taking *taking, ModelRelationship *relationship, Datum causes, Arrays rows, Arrays locked)
{
	Datum		values[6] = {
		rows.column[0], rows.column[1], locked.column[0], locked.column[1],
		Int32GetDatum(relationship->id), causes
	};

	job_take_run(taking, TAKE_FROM_ROWS, relationship, build_from_rows, taking->extension_owner,
				 rows.n, values, NULL);
	take_result(taking, relationship->related);
}

/* ---- one level down ---- */

/*
 *	SELECT c.key, c.lookup FROM s.contact AS c WHERE c.lookup = ANY ($1) [AND c.type = 'account']
 */
static void
build_children(TakeText *text, void *subject)
{
	ModelRelationship *relationship = subject;
	ModelTable *related = relationship->related;
	ModelType  *key = &relationship->primary->key.type;

	text->nparams = 1;
	text->params[0] = key->array_type;
	appendStringInfo(&text->sql, "SELECT c.%s, c.%s FROM %s AS c WHERE c.%s %s ANY ($1%s)",
					 related->key.sql_name, relationship->lookup.sql_name, related->sql_name,
					 relationship->lookup.sql_name, key->sql_eq, key->sql_collate);
	plan_append_type(&text->sql, relationship, "c");
}

/*
 *	SELECT DISTINCT e.object
 *	FROM unnest($1, $2) AS k(child, parent)
 *		JOIN unnest($3, $4, $5) AS l(parent, principal, bits) ON k.parent = l.parent
 *		JOIN relmeta_access.contact AS e ON e.object = k.child AND e.principal = l.principal
 *	WHERE e.relationship = $6 AND e.cause = ANY ($7) AND (e.mask & l.bits) <> 0
 */
static void
build_affected(TakeText *text, void *subject)
{
	ModelRelationship *relationship = subject;
	ModelTable *related = relationship->related;
	ModelType  *key = &relationship->primary->key.type;

	text->nparams = 7;
	text->params[0] = related->key.type.array_type;
	text->params[1] = relationship->lookup.type.array_type;
	text->params[2] = key->array_type;
	text->params[3] = related->principal.array_type;
	text->params[4] = INT4ARRAYOID;
	text->params[5] = INT4OID;
	text->params[6] = CHARARRAYOID;
	appendStringInfo(&text->sql,
					 "SELECT DISTINCT e.object"
					 " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS k(child, parent)"
					 " JOIN ROWS FROM (pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5))"
					 " AS l(parent, principal, bits) ON k.parent %s l.parent%s"
					 " JOIN %s AS e ON e.object %s k.child AND e.principal %s l.principal"
					 " WHERE e.relationship = $6 AND e.cause = ANY ($7) AND (e.mask & l.bits) <> 0",
					 key->sql_eq, key->sql_collate, related->entry_sql, related->key.type.sql_eq,
					 related->principal.sql_eq);
}

/*
 *	SELECT c.key, c.lookup, c.owner FROM s.contact AS c
 *	WHERE c.key = ANY ($1) AND c.lookup IS NOT NULL [AND c.type = 'account'] ORDER BY c.key FOR UPDATE
 */
static void
build_lock_children(TakeText *text, void *subject)
{
	ModelRelationship *relationship = subject;
	ModelTable *related = relationship->related;
	ModelType  *key = &related->key.type;

	text->nparams = 1;
	text->params[0] = key->array_type;
	appendStringInfo(&text->sql, "SELECT c.%s, c.%s, ", related->key.sql_name, relationship->lookup.sql_name);
	append_owner(&text->sql, related, "c");
	appendStringInfo(&text->sql, " FROM %s AS c WHERE c.%s %s ANY ($1%s) AND c.%s IS NOT NULL",
					 related->sql_name, related->key.sql_name, key->sql_eq, key->sql_collate,
					 relationship->lookup.sql_name);
	plan_append_type(&text->sql, relationship, "c");
	appendStringInfo(&text->sql, " ORDER BY c.%s %s", related->key.sql_name, lock_clause(related));
}

/*
 *	WITH x AS (
 *		SELECT k.child AS object, l.principal, l.bits, k.owner
 *		FROM unnest($1, $2, $3) AS k(child, parent, owner)
 *			JOIN unnest($4, $5, $6) AS l(parent, principal, bits) ON k.parent = l.parent)
 *	... relationship $7, causes $8
 */
static void
build_from_children(TakeText *text, void *subject)
{
	ModelRelationship *relationship = subject;
	ModelTable *related = relationship->related;
	ModelType  *key = &relationship->primary->key.type;

	text->nparams = 8;
	text->params[0] = related->key.type.array_type;
	text->params[1] = relationship->lookup.type.array_type;
	text->params[2] = related->principal.array_type;
	text->params[3] = key->array_type;
	text->params[4] = related->principal.array_type;
	text->params[5] = INT4ARRAYOID;
	text->params[6] = INT4OID;
	text->params[7] = CHARARRAYOID;
	appendStringInfo(&text->sql,
					 "WITH x AS (SELECT k.child AS object, l.principal, l.bits, k.owner"
					 " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3))"
					 " AS k(child, parent, owner)"
					 " JOIN ROWS FROM (pg_catalog.unnest($4), pg_catalog.unnest($5), pg_catalog.unnest($6))"
					 " AS l(parent, principal, bits) ON k.parent %s l.parent%s)",
					 key->sql_eq, key->sql_collate);
	append_taking(&text->sql, related, 7, 8);
}

/* What was lost on rows of the primary table is taken from related rows' inherited entries, both causes. */
static void
take_from_children(Taking *taking, ModelRelationship *relationship, const Losses *losses)
{
	ModelTable *related = relationship->related;
	ModelType  *child_types[3] = {&related->key.type, &relationship->lookup.type, &related->principal};
	Oid			extension = taking->extension_owner;
	Arrays		lost = losses->rows;
	Arrays		children;
	Arrays		affected;
	char		letters[3];
	Datum		causes = job_causes(relationship, false, letters);
	Datum		id = Int32GetDatum(relationship->id);

	job_take_run(taking, TAKE_CHILDREN, relationship, build_children, related->relowner, lost.n, lost.column, NULL);
	if (SPI_processed == 0)
		return;
	children = job_take_result(2, child_types);

	job_take_run(taking, TAKE_AFFECTED, relationship, build_affected, extension, children.n,
				 (Datum[]) {children.column[0], children.column[1],
							lost.column[0], lost.column[1], lost.column[2], id, causes}, NULL);
	if (SPI_processed == 0)
		return;
	affected = job_take_result(1, child_types);

	job_take_run(taking, TAKE_LOCK_CHILDREN, relationship, build_lock_children, related->relowner,
				 affected.n, affected.column, NULL);
	if (SPI_processed == 0)
		return;
	children = job_take_result(3, child_types);

	job_take_run(taking, TAKE_FROM_CHILDREN, relationship, build_from_children, extension, children.n,
				 (Datum[]) {children.column[0], children.column[1], children.column[2],
							lost.column[0], lost.column[1], lost.column[2], id, causes}, NULL);
	take_result(taking, related);
}

void
job_take_below(Taking *taking)
{
	MemoryContext step = AllocSetContextCreate(taking->cxt, "relmeta taking", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(step);

	while (taking->queue != NIL)
	{
		Losses	   *losses = linitial(taking->queue);
		ListCell   *cell;

		taking->queue = list_delete_first(taking->queue);
		foreach(cell, losses->table->as_primary)
		{
			ModelRelationship *relationship = lfirst(cell);

			/* nothing can have been inherited where principals are not of one type */
			if (relationship->broken == NULL && !access_entries_empty(relationship->related) &&
				relationship->related->principal.base_type == losses->table->principal.base_type)
				take_from_children(taking, relationship, losses);
			MemoryContextReset(step);
		}
		MemoryContextDelete(losses->cxt);
		pfree(losses);
		CHECK_FOR_INTERRUPTS();
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(step);
}
