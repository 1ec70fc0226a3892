/*
 * revoke.c
 *		One batch of revoking inherited access (SEMANTICS 3.10).
 *
 * The related table's entry table is read in physical order, from where the
 * last batch stopped, until a batch of entries is found that came through the
 * relationship for a cause that is none.  They are deleted by their place, and
 * as a loss of rule 4 goes down, so does theirs, in the same transaction: what
 * was inherited from them is taken as far as it is not held by another ground.
 * A pass that found something is followed by another, from the start, because
 * others move entries; a pass that finds nothing ends the job.  So a job that
 * was begun again, or once more, only finds less.
 *
 * The cursor is "block,offset,found,simple": where to go on, whether this pass has
 * found something, and whether counting is simple (see below).
 */
#include "job/internal.h"

#include "access/access.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "cascade/effect.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "storage/itemptr.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* variant of PLAN_REVOKE_DELETE */
#define DELETE_RETURN (1 * PLAN_VARIANT_OWN)

typedef struct Cursor
{
	ItemPointerData from;
	bool		found;			/* in this pass */

	/*
	 * Entries are counted as they are: the table holds inherited entries of
	 * one relationship and cause alone, so that each is a (row, principal).
	 */
	bool		simple;
} Cursor;

static void
cursor_read(const char *text, Cursor *cursor)
{
	unsigned int block = 0;
	unsigned int offset = 1;
	int			found = 0;
	int			simple = 0;

	if (text !=NULL && sscanf(text, "%u,%u,%d,%d", &block, &offset, &found, &simple) != 4)
		elog(ERROR, "unexpected cursor \"%s\" in relmeta.job", text);
	ItemPointerSet(&cursor->from, block, offset);
	cursor->found = found != 0;
	cursor->simple = simple != 0;
}

static char *
cursor_write(const Cursor *cursor)
{
	return psprintf("%u,%u,%d,%d", ItemPointerGetBlockNumber(&cursor->from),
					ItemPointerGetOffsetNumber(&cursor->from), cursor->found, cursor->simple);
}

/* ---- finding entries ---- */

/* A stretch of the entry table, in physical order. */
typedef struct Found
{
	int			n;				/* entries that are looked for */
	ItemPointerData first;
	ItemPointerData last;
	bool		at_end;			/* no further ones stand behind the last */
} Found;

/* a column of an entry table; they are never dropped or renamed */
static AttrNumber
entry_column(Relation rel, const char *name)
{
	AttrNumber	column = get_attnum(RelationGetRelid(rel), name);

	if (column == InvalidAttrNumber)
		elog(ERROR, "column \"%s\" is missing in entry table %u", name, RelationGetRelid(rel));
	return column;
}

/*
 * Reads up to limit entries through a relationship for one of the causes, from a
 * place on in physical order, and moves the place behind the last.
 */
static void
find_entries(const ModelRelationship *relationship, const char *causes, ItemPointer from, int limit, Found *found)
{
	ModelTable *table = relationship->related;
	Relation	rel = table_open(table->entry_relid, RowExclusiveLock);
	AttrNumber	through = entry_column(rel, "relationship");
	AttrNumber	cause = entry_column(rel, "cause");
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	TableScanDesc scan;
	ItemPointerData last;
	bool		isnull;

	ItemPointerSet(&last, MaxBlockNumber, MaxOffsetNumber);
	scan = relmeta_beginscan_tidrange(rel, snapshot, from, &last);
	found->n = 0;
	found->at_end = true;
	while (table_scan_getnextslot_tidrange(scan, ForwardScanDirection, slot))
	{
		if (DatumGetInt32(slot_getattr(slot, through, &isnull)) != relationship->id ||
			strchr(causes, DatumGetChar(slot_getattr(slot, cause, &isnull))) == NULL)
			continue;
		if (found->n == 0)
			found->first = slot->tts_tid;
		found->last = slot->tts_tid;
		ItemPointerSet(from, ItemPointerGetBlockNumber(&slot->tts_tid),
					   OffsetNumberNext(ItemPointerGetOffsetNumber(&slot->tts_tid)));
		CHECK_FOR_INTERRUPTS();
		if (++found->n == limit)
		{
			found->at_end = false;
			break;
		}
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	UnregisterSnapshot(snapshot);
	table_close(rel, NoLock);
}

/* ---- one batch ---- */

/* ---- statements ---- */

/* An entry that the job is to revoke: relationship $1, causes $2. */
#define REVOKED(alias) \
	"(" alias ".relationship" SQL_EQ "$1 AND " alias ".cause" SQL_EQ "ANY ($2))"

/* The same, in a stretch of the table. */
#define FOUND(alias) \
	alias ".ctid OPERATOR(pg_catalog.>=) $3 AND " alias ".ctid OPERATOR(pg_catalog.<=) $4 AND " REVOKED(alias)

static void
set_params(PlanText *text, int nparams)
{
	text	  ->nparams = nparams;
	text	  ->params[0] = INT4OID;
	text	  ->params[1] = CHARARRAYOID;
	text	  ->params[2] = TIDOID;
	text	  ->params[3] = TIDOID;
}

/*
 * build_totals: how many principals inherited, and whether counting is not simple
 *
 *	SELECT count(*) FILTER (WHERE p.revoked), bool_or(p.other) OR (bool_or(p.s) AND bool_or(p.r))
 *	FROM (SELECT bool_or(REVOKED) AS revoked, bool_or(e.cause <> 'd' AND NOT REVOKED) AS other,
 *			bool_or(e.cause = 's') AS s, bool_or(e.cause = 'r') AS r
 *		FROM relmeta_access.contact AS e GROUP BY e.principal) AS p
 */
static void
build_totals(PlanText *text, void *subject, int variant)
{
	ModelTable *table = subject;

	set_params(text, 2);
	appendStringInfo(&text->sql,
					 "SELECT pg_catalog.count(*) FILTER (WHERE p.revoked), pg_catalog.bool_or(p.other)"
					 " OR (pg_catalog.bool_or(p.s) AND pg_catalog.bool_or(p.r))"
					 " FROM (SELECT pg_catalog.bool_or(" REVOKED("e") ") AS revoked,"
					 " pg_catalog.bool_or(e.cause" SQL_NE "'d' AND NOT " REVOKED("e") ") AS other,"
					 " pg_catalog.bool_or(e.cause" SQL_EQ "'s') AS s, pg_catalog.bool_or(e.cause" SQL_EQ "'r') AS r"
					 " FROM %s AS e GROUP BY e.principal) AS p", table->entry_sql);
}

/*
 *	DELETE FROM relmeta_access.contact AS e WHERE FOUND [RETURNING e.object, e.principal, e.mask]
 */
static void
build_delete(PlanText *text, void *subject, int variant)
{
	ModelTable *table = subject;

	set_params(text, 4);
	appendStringInfo(&text->sql, "DELETE FROM %s AS e WHERE " FOUND("e"), table->entry_sql);
	if ((variant & DELETE_RETURN) != 0)
		appendStringInfoString(&text->sql, " RETURNING e.object, e.principal, e.mask");
}

/*
 * build_delete_pairs: where a (row, principal) may have several entries all are deleted at once,
 * and shrank says whether one of another relationship still gives the same
 *
 *	WITH k AS MATERIALIZED (
 *		SELECT DISTINCT e.object, e.principal FROM relmeta_access.contact AS e WHERE FOUND),
 *	d AS (DELETE FROM relmeta_access.contact AS e USING k
 *		WHERE e.object = k.object AND e.principal = k.principal AND REVOKED
 *		RETURNING e.object, e.principal, e.mask),
 *	g AS (SELECT d.object, d.principal, bit_or(d.mask) AS mask FROM d GROUP BY d.object, d.principal)
 *	SELECT g.object, g.principal, g.mask, (g.mask & ~COALESCE((SELECT bit_or(e.mask)
 *		FROM relmeta_access.contact AS e WHERE e.object = g.object AND e.principal = g.principal
 *		AND e.cause <> 'd' AND NOT REVOKED), 0)) <> 0 AS shrank
 *	FROM g
 */
static void
build_delete_pairs(PlanText *text, void *subject, int variant)
{
	ModelTable *table = subject;
	ModelType  *key = &table->key.type;
	ModelType  *principal = &table->principal;

	set_params(text, 4);
	appendStringInfo(&text->sql,
					 "WITH k AS MATERIALIZED (SELECT DISTINCT e.object, e.principal FROM %s AS e WHERE " FOUND("e") "),"
					 " d AS (DELETE FROM %s AS e USING k WHERE e.object %s k.object%s AND e.principal %s k.principal%s"
					 " AND " REVOKED("e") " RETURNING e.object, e.principal, e.mask),"
					 " g AS (SELECT d.object, d.principal, pg_catalog.bit_or(d.mask) AS mask"
					 " FROM d GROUP BY d.object, d.principal)",
					 table->entry_sql, table->entry_sql, key->sql_eq, key->sql_collate,
					 principal->sql_eq, principal->sql_collate);
	appendStringInfo(&text->sql,
					 " SELECT g.object, g.principal, g.mask, (g.mask" SQL_AND "(" SQL_NOT "COALESCE("
					 "(SELECT pg_catalog.bit_or(e.mask) FROM %s AS e WHERE e.object %s g.object%s"
					 " AND e.principal %s g.principal%s AND e.cause" SQL_NE "'d' AND NOT " REVOKED("e") "), 0)))"
					 SQL_NE "0 FROM g",
					 table->entry_sql, key->sql_eq, key->sql_collate, principal->sql_eq, principal->sql_collate);
}

/* ---- one batch ---- */

typedef struct Revoke
{
	ModelRelationship *relationship;
	Oid			owner;			/* of the extension */
	char		letters[3];		/* of the causes */
	Datum		causes;			/* an array of "char" */
	int64		rows_examined;
	int64		rows_revoked;
} Revoke;

/* only_none: the causes whose behavior is none now; else both. */
static void
revoke_begin(Revoke *revoke, ModelRelationship *relationship, bool only_none)
{
	Datum		causes[2];
	int			n = 0;

	memset(revoke, 0, sizeof(Revoke));
	revoke->relationship = relationship;
	revoke->owner = relmeta_extension_owner();
	if (!only_none || relationship->behavior[ACTION_SHARE] == BEHAVIOR_NONE)
		revoke->letters[n++] = CAUSE_SHARE;
	if (!only_none || relationship->behavior[ACTION_REPARENT] == BEHAVIOR_NONE)
		revoke->letters[n++] = CAUSE_REPARENT;
	for (int i = 0; i < n; i++)
		causes[i] = CharGetDatum(revoke->letters[i]);
	revoke->causes = PointerGetDatum(construct_array(causes, n, CHAROID, 1, true, TYPALIGN_CHAR));
}

/* Runs a statement on the related table's entries; found may be NULL.  Returns the rows processed. */
static uint64
run_on_entries(Revoke *revoke, PlanOp op, int variant, PlanBuilder builder, Found *found)
{
	ModelTable *table = revoke->relationship->related;
	SPIPlanPtr	plan = cascade_plan(op, variant, (int) table->relid, table->entry_relid, RowExclusiveLock,
									builder, table);
	Datum		values[4] = {Int32GetDatum(revoke->relationship->id), revoke->causes};

	if (found != NULL)
	{
		values[2] = PointerGetDatum(&found->first);
		values[3] = PointerGetDatum(&found->last);
	}
	return cascade_run(plan, revoke->owner, values, NULL, RUN_FIRE_TRIGGERS | RUN_NEW_ROWS, 0);
}

/* Who inherited through the relationship, and whether counting is simple. */
static int
count_principals(Revoke *revoke, bool *simple)
{
	bool		isnull;
	Datum		principals;
	Datum		several;

	run_on_entries(revoke, PLAN_REVOKE_TOTALS, PLAN_ONE, build_totals, NULL);
	principals = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	several = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull);
	*simple = !isnull && !DatumGetBool(several);
	SPI_freetuptable(SPI_tuptable);
	return (int) DatumGetInt64(principals);
}

/* Deletes the entries found; what they gave is lost below. */
static void
revoke_found(Revoke *revoke, Found *found, bool simple)
{
	ModelTable *table = revoke->relationship->related;
	Effects    *effects;
	bool		isnull;

	if (simple && table->as_primary == NIL)
	{
		revoke->rows_revoked += run_on_entries(revoke, PLAN_REVOKE_DELETE, PLAN_ONE, build_delete, found);
		return;
	}

	effects = cascade_effects_begin(true);
	if (simple)
		run_on_entries(revoke, PLAN_REVOKE_DELETE, PLAN_ONE + DELETE_RETURN, build_delete, found);
	else
		run_on_entries(revoke, PLAN_REVOKE_PAIRS, PLAN_ONE, build_delete_pairs, found);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		TupleDesc	desc = SPI_tuptable->tupdesc;

		cascade_effects_loss(effects, table, LOSS_NET, SPI_getbinval(tuple, desc, 1, &isnull),
							 SPI_getbinval(tuple, desc, 2, &isnull),
							 DatumGetInt32(SPI_getbinval(tuple, desc, 3, &isnull)));
		if (simple || DatumGetBool(SPI_getbinval(tuple, desc, 4, &isnull)))
			revoke->rows_revoked++;
	}
	SPI_freetuptable(SPI_tuptable);
	cascade_effects_run(effects);
	revoke->rows_examined += cascade_effects_count(effects);
	revoke->rows_revoked += cascade_effects_count(effects);
	cascade_effects_end(effects);
}

/* Revokes up to limit entries from the cursor on; false when a whole pass has found none. */
static bool
revoke_some(Revoke *revoke, int limit, Cursor *cursor)
{
	Found		found;

	find_entries(revoke->relationship, revoke->letters, &cursor->from, limit, &found);
	revoke->rows_examined += found.n;
	if (found.n > 0)
	{
		cursor->found = true;
		revoke_found(revoke, &found, cursor->simple);
	}
	if (!found.at_end)
		return true;
	if (!cursor->found)
		return false;
	cursor_read(NULL, cursor);	/* another pass */
	return true;
}

void
job_revoke_batch(Job *job, ModelRelationship *relationship, JobBatch *batch)
{
	Revoke		revoke;
	Cursor		cursor;

	revoke_begin(&revoke, relationship, true);
	cursor_read(job->cursor, &cursor);
	if (job->cursor == NULL)
	{
		batch->has_totals = true;
		batch->tables = job_count_tables(job_relationships_below(relationship));
	}
	batch->done = true;
	if (revoke.letters[0] == '\0' || access_entries_empty(relationship->related))
		return;

	SPI_connect();
	if (job->cursor == NULL)
		batch->principals = count_principals(&revoke, &cursor.simple);
	batch->done = !revoke_some(&revoke, job_batch_size, &cursor);
	SPI_finish();
	batch->rows_examined = revoke.rows_examined;
	batch->rows_revoked = revoke.rows_revoked;
	batch->cursor = cursor_write(&cursor);
}

int
job_count_principals(ModelRelationship *relationship)
{
	Revoke		revoke;
	bool		simple;

	if (access_entries_empty(relationship->related))
		return 0;
	revoke_begin(&revoke, relationship, false);
	return count_principals(&revoke, &simple);
}

void
job_revoke_now(ModelRelationship *relationship)
{
	Revoke		revoke;
	Cursor		cursor;
	bool		more = !access_entries_empty(relationship->related);

	job_cancel_obsolete(relationship->id);
	revoke_begin(&revoke, relationship, false);
	cursor_read(NULL, &cursor);
	while (more)
	{
		SPI_connect();
		CommandCounterIncrement();
		more = revoke_some(&revoke, job_batch_size, &cursor);
		SPI_finish();
	}
}
