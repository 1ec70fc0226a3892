/*
 * revoke.c
 *		One batch of revoking inherited access (SEMANTICS 3.10).
 *
 * The related table's entry table is read in physical order, from where the last
 * batch stopped, until a batch of entries is found that came through the
 * relationship for a cause that is none.  From the rows that they stand on all
 * such entries are taken, and what was inherited from them below, in the same
 * transaction (take.c, inherit/loss.c).  So a job that was begun again, or once more, only finds
 * less.
 *
 * Entries may move while this goes on (a key that changes), so a pass of several
 * batches is followed by another, until one finds nothing.  A statement that began
 * while the relationship still cascaded adds none: update_relationship() has waited for it
 * (inherit_effects_relationship()).
 *
 * The cursor is "block,offset,found,taken,entries": where to go on, whether this pass has
 * found something, and how many entries the job has taken, of those that it saw when it began.
 *
 * EXAMPLE.  Account 6 is ann's, its contacts 60 and 61 are bob's; share and reparent are all.  Bob has shared contact
 * 60 with ann, read, and ann the account with cat, read.  update_relationship(..., reparent => 'none') queues a job:
 *
 *					before, and until the job has run							after
 *	contact 60		ann: direct, read; reparent, all.  cat: share, read			ann: direct, read.  cat: share, read
 *	contact 61		ann: reparent, all.  cat: share, read						cat: share, read
 *
 * Share still cascades: its entries stay.  rows_revoked is 2, for ann on either contact.
 */
#include "job/internal.h"

#include "access/xact.h"
#include "rows/plan.h"
#include "rows/progress.h"
#include "catalog/pg_type.h"
#include "job/shrunk.h"
#include "job/take.h"
#include "miscadmin.h"
#include "storage/itemptr.h"
#include "utils/array.h"

typedef struct Cursor
{
	ItemPointerData from;
	bool		found;			/* in this pass */
	int64		taken;
	int64		entries;		/* PROGRESS_UNKNOWN: not counted */
} Cursor;

static void
cursor_begin_pass(Cursor *cursor)
{
	ItemPointerSet(&cursor->from, 0, 1);
	cursor->found = false;
}

static void
cursor_read(const char *written, Cursor *cursor)
{
	unsigned int block = 0;
	unsigned int offset = 1;
	int			found = 0;
	long long	taken = 0;
	long long	entries = PROGRESS_UNKNOWN;

	if (written != NULL && sscanf(written, "%u,%u,%d,%lld,%lld", &block, &offset, &found, &taken, &entries) != 5)
		elog(ERROR, "unexpected cursor \"%s\" in relmeta.job", written);
	ItemPointerSet(&cursor->from, block, offset);
	cursor->found = found != 0;
	cursor->taken = taken;
	cursor->entries = entries;
}

static char *
cursor_write(const Cursor *cursor)
{
	return psprintf("%u,%u,%d,%lld,%lld", ItemPointerGetBlockNumber(&cursor->from),
					ItemPointerGetOffsetNumber(&cursor->from), cursor->found, (long long) cursor->taken,
					(long long) cursor->entries);
}

/* a pass begins here */
static bool
cursor_is_at_start(const Cursor *cursor)
{
	return ItemPointerGetBlockNumber(&cursor->from) == 0 && ItemPointerGetOffsetNumber(&cursor->from) == 1;
}

/* ---- what is revoked ---- */

/* The letters of the causes: only_none: those whose behavior is none now; else both. */
static char *
causes_to_revoke(ModelRelationship *relationship, bool only_none)
{
	char	   *letters = palloc0(3);
	int			n = 0;

	if (!only_none || relationship->behavior[ACTION_SHARE] == BEHAVIOR_NONE)
		letters[n++] = CAUSE_SHARE;
	if (!only_none || relationship->behavior[ACTION_REPARENT] == BEHAVIOR_NONE)
		letters[n++] = CAUSE_REPARENT;
	return letters;
}

/*
 *	SELECT pg_catalog.count(*), pg_catalog.sum(p.entries)::pg_catalog.int8 FROM
 *		(SELECT pg_catalog.count(*) AS entries FROM relmeta_access.contact AS e
 *		WHERE e.relationship = $1 AND e.cause = ANY ($2) GROUP BY e.principal) AS p
 */
static void
build_principals(PlanText *built, void *subject, int variant)
{
	ModelTable *table = subject;

	built->nparams = 2;
	built->params[0] = INT4OID;
	built->params[1] = CHARARRAYOID;

	appendStringInfo(&built->sql, "SELECT pg_catalog.count(*), pg_catalog.sum(p.entries)::pg_catalog.int8"
					 " FROM (SELECT pg_catalog.count(*) AS entries FROM %s AS e WHERE e.relationship" SQL_EQ
					 "$1 AND e.cause" SQL_EQ "ANY ($2) GROUP BY e.principal) AS p", table->entry_sql);
}

/* How many have inherited through the relationship; *entries: by how many entries. */
static int
count_principals(ModelRelationship *relationship, const char *letters, int64 *entries)
{
	ModelTable *table = relationship->related;
	SPIPlanPtr	plan = rows_plan(build_principals, PLAN_ANY_PATH | PLAN_ONE, (int) table->relid,
								 table->entry_relid, AccessShareLock, table, table->model);
	Datum		causes[2];
	Datum		values[2];
	int64		count;
	bool		isnull;
	int			n = (int) strlen(letters);

	for (int i = 0; i < n; i++)
		causes[i] = CharGetDatum(letters[i]);
	values[0] = Int32GetDatum(relationship->id);
	values[1] = PointerGetDatum(construct_array(causes, n, CHAROID, 1, true, TYPALIGN_CHAR));
	rows_run(plan, table->entry_relid, values, NULL, RUN_FIRE_TRIGGERS | RUN_NEW_ROWS, 0);
	count = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	*entries = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull));
	SPI_freetuptable(SPI_tuptable);
	return (int) count;
}

int
job_count_principals(ModelRelationship *relationship)
{
	int64		entries;

	if (access_entries_empty(relationship->related))
		return 0;
	return count_principals(relationship, causes_to_revoke(relationship, false), &entries);
}

/* ---- one batch ---- */

/* Finds up to limit entries from the cursor on; *whole: a pass begins here. */
static void
find_some(ModelRelationship *relationship, const char *letters, int limit, Cursor *cursor, Found *found, bool *whole)
{
	*whole = cursor_is_at_start(cursor);
	job_find_entries(relationship, letters, &cursor->from, limit, found);
}

/*
 * Revokes what was found; false when a pass has found none, or all that there was in one go.
 */
static bool
revoke_found(Effects *effects, ModelRelationship *relationship, const char *letters, Found *found, bool whole,
			 Cursor *cursor)
{
	int64		taken = 0;

	if (found->n > 0)
	{
		cursor->found = true;
		taken = job_take_entries(effects, relationship, letters, found->objects);
		effects->reduced += taken;
		cursor->taken += taken;
		inherit_effects_run(effects);
	}
	if (!found->at_end)
		return true;
	if (!cursor->found || (whole && taken >= found->n))
		return false;
	cursor_begin_pass(cursor);	/* another */
	return true;
}

/* The job's totals, before its first batch takes anything: mostly that has found all there is. */
static void
note_totals(ModelRelationship *relationship, const char *letters, Found *found, Cursor *cursor, JobBatch *batch)
{
	if (!found->at_end)
		batch->principals = count_principals(relationship, letters, &cursor->entries);
	else
	{
		batch->principals = found->principals->count;
		cursor->entries = found->n;
	}
}

/* SEMANTICS 3.10 (2) to (4), of one batch. */
void
job_revoke_batch(Job *job, ModelRelationship *relationship, JobBatch *batch)
{
	List	   *below = job_relationships_below(relationship);
	char	   *letters = causes_to_revoke(relationship, true);
	Cursor		cursor;
	Effects    *effects;
	JobShrunk  *shrunk;
	Found		found;
	bool		whole;

	cursor_read(job->cursor, &cursor);
	if (job->cursor == NULL)
	{
		batch->has_totals = true;
		batch->tables = job_count_tables(below);
	}
	batch->done = true;
	if (letters[0] == '\0' || access_entries_empty(relationship->related))
		return;

	SPI_connect();
	find_some(relationship, letters, job_batch_size, &cursor, &found, &whole);
	if (job->cursor == NULL)
		note_totals(relationship, letters, &found, &cursor, batch);
	shrunk = job_shrunk_begin(below);
	effects = inherit_effects_begin(false);
	effects->shrunk = job_shrunk_add;
	effects->shrunk_arg = shrunk;
	batch->done = !revoke_found(effects, relationship, letters, &found, whole, &cursor);
	batch->rows_examined = effects->reduced;
	batch->rows_revoked = job_shrunk_count(shrunk, job->id);
	inherit_effects_end(effects);
	SPI_finish();
	batch->cursor = cursor_write(&cursor);
	batch->shown_total = cursor.entries;
	batch->shown_done = batch->done ? cursor.entries : Min(cursor.taken, cursor.entries);
}

void
job_revoke_now(ModelRelationship *relationship)
{
	char	   *letters = causes_to_revoke(relationship, false);
	Cursor		cursor;
	bool		more = !access_entries_empty(relationship->related);

	job_cancel_obsolete(relationship->id);
	cursor_read(NULL, &cursor);
	while (more)
	{
		Effects    *effects;
		Found		found;
		bool		whole;

		SPI_connect();
		CommandCounterIncrement();
		effects = inherit_effects_begin(false);
		find_some(relationship, letters, job_batch_size, &cursor, &found, &whole);
		more = revoke_found(effects, relationship, letters, &found, whole, &cursor);
		inherit_effects_end(effects);
		SPI_finish();
	}
}
