/*
 * revoke.c
 *		One batch of revoking inherited access (SEMANTICS 3.10).
 *
 * The related table's entry table is read in physical order, from where the
 * last batch stopped, until a batch of entries is found that came through the
 * relationship for a cause that is none.  They are deleted by their place, and
 * what depended on them below is taken in the same transaction.  A pass that
 * found something is followed by another, from the start, because others move
 * entries; a pass that finds nothing ends the job.  So a job that was begun
 * again, or once more, only finds less.
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
#include "catalog/pg_type.h"
#include "job/take.h"
#include "miscadmin.h"
#include "storage/itemptr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

typedef struct Cursor
{
	ItemPointerData from;
	bool		found;			/* in this pass */

	/*
	 * No row can have been counted twice: the table holds inherited entries of
	 * one relationship and cause alone, so that an entry is a (row, principal).
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

	if (text != NULL && sscanf(text, "%u,%u,%d,%d", &block, &offset, &found, &simple) != 4)
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

/* Entries found; each column has room for as many as were asked for. */
typedef struct Found
{
	int			n;
	ItemPointerData *places;
	Datum	   *objects;
	Datum	   *principals;
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
	AttrNumber	object = entry_column(rel, "object");
	AttrNumber	principal = entry_column(rel, "principal");
	AttrNumber	through = entry_column(rel, "relationship");
	AttrNumber	cause = entry_column(rel, "cause");
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	TableScanDesc scan;
	ItemPointerData last;
	bool		isnull;

	ItemPointerSet(&last, MaxBlockNumber, MaxOffsetNumber);
	scan = table_beginscan_tidrange(rel, snapshot, from, &last);
	found->n = 0;
	found->at_end = true;
	while (table_scan_getnextslot_tidrange(scan, ForwardScanDirection, slot))
	{
		if (DatumGetInt32(slot_getattr(slot, through, &isnull)) != relationship->id ||
			strchr(causes, DatumGetChar(slot_getattr(slot, cause, &isnull))) == NULL)
			continue;
		found->places[found->n] = slot->tts_tid;
		found->objects[found->n] = datumCopy(slot_getattr(slot, object, &isnull),
											 table->key.type.typbyval, table->key.type.typlen);
		found->principals[found->n] = datumCopy(slot_getattr(slot, principal, &isnull),
												table->principal.typbyval, table->principal.typlen);
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

/*
 *	SELECT count(*) FILTER (WHERE p.through), bool_or(p.other) OR bool_or(p.s) AND bool_or(p.r)
 *	FROM (SELECT
 *			bool_or(e.relationship = $1 AND e.cause = ANY ($2)) AS through,
 *			bool_or(e.cause <> 'd' AND NOT (e.relationship = $1 AND e.cause = ANY ($2))) AS other,
 *			bool_or(e.relationship = $1 AND e.cause = 's') AS s, ... AS r
 *		FROM relmeta_access.contact AS e GROUP BY e.principal) AS p
 */
static void
build_totals(TakeText *text, void *subject)
{
	ModelRelationship *relationship = subject;

	text->nparams = 2;
	text->params[0] = INT4OID;
	text->params[1] = CHARARRAYOID;
	appendStringInfo(&text->sql,
					 "SELECT pg_catalog.count(*) FILTER (WHERE p.through),"
					 " pg_catalog.bool_or(p.other) OR pg_catalog.bool_or(p.s) AND pg_catalog.bool_or(p.r)"
					 " FROM (SELECT pg_catalog.bool_or(e.relationship = $1 AND e.cause = ANY ($2)) AS through,"
					 " pg_catalog.bool_or(e.cause <> 'd' AND NOT (e.relationship = $1 AND e.cause = ANY ($2))) AS other,"
					 " pg_catalog.bool_or(e.relationship = $1 AND e.cause = 's') AS s,"
					 " pg_catalog.bool_or(e.relationship = $1 AND e.cause = 'r') AS r"
					 " FROM %s AS e GROUP BY e.principal) AS p", relationship->related->entry_sql);
}

/* Who inherited through the relationship, and whether counting is simple. */
static int
count_principals(Taking *taking, ModelRelationship *relationship, Datum causes, bool *simple)
{
	bool		isnull;
	int			principals;
	Datum		other;

	job_take_run(taking, REVOKE_TOTALS, relationship, build_totals, taking->extension_owner, 1,
				 (Datum[]) {Int32GetDatum(relationship->id), causes}, NULL);
	principals = (int) DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	other = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull);
	*simple = !isnull && !DatumGetBool(other);
	SPI_freetuptable(SPI_tuptable);
	return principals;
}

/*
 *	DELETE FROM relmeta_access.contact AS e
 *	WHERE e.ctid = ANY ($1) AND e.relationship = $2 AND e.cause = ANY ($3)
 */
static void
build_delete(TakeText *text, void *subject)
{
	ModelRelationship *relationship = subject;

	text->nparams = 3;
	text->params[0] = TIDARRAYOID;
	text->params[1] = INT4OID;
	text->params[2] = CHARARRAYOID;
	appendStringInfo(&text->sql, "DELETE FROM %s AS e"
					 " WHERE e.ctid = ANY ($1) AND e.relationship = $2 AND e.cause = ANY ($3)",
					 relationship->related->entry_sql);
}

/* Nobody depends on these entries, and each is a (row, principal) of its own. */
static void
delete_found(Taking *taking, ModelRelationship *relationship, Datum causes, const Found *found)
{
	Datum	   *places = palloc(found->n * sizeof(Datum));
	ArrayType  *array;

	for (int i = 0; i < found->n; i++)
		places[i] = PointerGetDatum(&found->places[i]);
	array = construct_array(places, found->n, TIDOID, sizeof(ItemPointerData), false, TYPALIGN_SHORT);
	job_take_run(taking, REVOKE_DELETE, relationship, build_delete, taking->extension_owner, found->n,
				 (Datum[]) {PointerGetDatum(array), Int32GetDatum(relationship->id), causes}, NULL);
	taking->rows_shrunk += SPI_processed;
}

/* In general: the rows are locked when they give something, and what is lost is taken below. */
static void
take_found(Taking *taking, ModelRelationship *relationship, Datum causes, const Found *found)
{
	ModelTable *table = relationship->related;
	ModelType  *key = &table->key.type;
	ModelType  *principal = &table->principal;
	Arrays		rows = {.n = found->n};
	Arrays		locked;

	rows.column[0] = PointerGetDatum(construct_array(found->objects, found->n, key->base_type, key->typlen,
													 key->typbyval, key->typalign));
	rows.column[1] = PointerGetDatum(construct_array(found->principals, found->n, principal->base_type,
													 principal->typlen, principal->typbyval, principal->typalign));
	locked.n = 0;
	locked.column[0] = PointerGetDatum(construct_empty_array(key->base_type));
	locked.column[1] = PointerGetDatum(construct_empty_array(principal->base_type));
	if (job_table_gives(table))
		locked = job_take_lock(taking, table, rows);
	job_take_from_rows(taking, relationship, causes, rows, locked);
	job_take_below(taking);
}

/* Revokes up to limit entries from the cursor on; false when a whole pass has found none. */
static bool
revoke_some(Taking *taking, ModelRelationship *relationship, Datum causes, const char *letters,
			int limit, Cursor *cursor)
{
	Found		found;

	found.places = palloc(limit * sizeof(ItemPointerData));
	found.objects = MemoryContextAllocHuge(CurrentMemoryContext, limit * sizeof(Datum));
	found.principals = MemoryContextAllocHuge(CurrentMemoryContext, limit * sizeof(Datum));
	find_entries(relationship, letters, &cursor->from, limit, &found);

	taking->rows_examined += found.n;
	if (found.n > 0)
	{
		cursor->found = true;
		if (cursor->simple && !job_table_gives(relationship->related))
			delete_found(taking, relationship, causes, &found);
		else
			take_found(taking, relationship, causes, &found);
	}
	if (!found.at_end)
		return true;
	if (!cursor->found)
		return false;
	cursor_read(NULL, cursor);	/* another pass; simple no more, but there is little left to count */
	return true;
}

void
job_revoke_batch(Job *job, ModelRelationship *relationship, JobBatch *batch)
{
	Taking		taking;
	Cursor		cursor;
	char		letters[3];
	Datum		causes = job_causes(relationship, true, letters);

	if (job->cursor == NULL)
	{
		batch->has_totals = true;
		batch->tables = job_count_tables(job_relationships_below(relationship));
	}
	batch->done = true;
	if (letters[0] == '\0' || access_entries_empty(relationship->related))
		return;

	SPI_connect();
	job_take_begin(&taking);
	cursor_read(job->cursor, &cursor);
	if (job->cursor == NULL)
		batch->principals = count_principals(&taking, relationship, causes, &cursor.simple);
	batch->done = !revoke_some(&taking, relationship, causes, letters, job_batch_size, &cursor);
	batch->rows_examined = taking.rows_examined;
	batch->rows_revoked = taking.rows_shrunk;
	SPI_finish();
	batch->cursor = cursor_write(&cursor);
}

void
job_revoke_now(ModelRelationship *relationship)
{
	Taking		taking;
	Cursor		cursor;
	char		letters[3];
	Datum		causes = job_causes(relationship, false, letters);
	bool		more = true;

	if (access_entries_empty(relationship->related))
		return;
	cursor_read(NULL, &cursor);
	while (more)
	{
		SPI_connect();
		job_take_begin(&taking);
		CommandCounterIncrement();
		more = revoke_some(&taking, relationship, causes, letters, job_batch_size, &cursor);
		SPI_finish();
	}
}
