/*
 * reset.c
 *		One batch of resetting inherited access (SEMANTICS 2.6): the entries of the
 *		tables below a relationship become what rules 2 and 4 give now.
 *
 * The relationships below are gone through one after the other, primary tables
 * before related ones, the related rows of each in order of their keys
 * (inherit/settle.c does them).  A row whose entries changed has the rows below it
 * done again at once, but only through relationships that the job has passed or
 * is at (a hierarchy, a cycle of tables); it comes to the others later.  So every
 * row is done, or done again, after its primary row.
 *
 * A row whose key changes meanwhile may slip through; so the job goes on with further
 * passes, see reset_pass.c.
 *
 * The cursor is "pass/id,done,rows:key": the pass, the relationship, how many rows the first pass has done, of
 * those that there were when it began, and the key of the last row done.
 */
#include "job/internal.h"

#include "job/reset.h"
#include "miscadmin.h"
#include "model/key.h"
#include "rows/progress.h"
#include "utils/memutils.h"

/* ---- the order of the relationships ---- */

/* Appends the table, after all tables below it that were not met yet. */
static void
visit(ModelTable *table, List **met, List **done)
{
	ListCell   *cell;

	check_stack_depth();
	if (list_member_ptr(*met, table))
		return;
	*met = lappend(*met, table);
	foreach(cell, model_as_primary(table))
	{
		ModelRelationship *relationship = lfirst(cell);

		if (relationship->broken == NULL)
			visit(relationship->related, met, done);
	}
	*done = lappend(*done, table);
}

/*
 * The relationship, then those below it: those of a table after those that lead
 * to it, and of these a hierarchy first.
 */
static List *
relationships_in_order(ModelRelationship *first)
{
	List	   *order = list_make1(first);
	List	   *met = NIL;
	List	   *done = NIL;
	ListCell   *cell;

	visit(first->related, &met, &done);
	for (int i = list_length(done) - 1; i >= 0; i--)
	{
		ModelTable *table = list_nth(done, i);

		for (int self = 1; self >= 0; self--)
		{
			foreach(cell, model_as_primary(table))
			{
				ModelRelationship *relationship = lfirst(cell);

				if (relationship->broken == NULL && (relationship->related == table) == (self == 1))
					order = list_append_unique_ptr(order, relationship);
			}
		}
	}
	return order;
}

static int
position_of(List *order, int relationship_id)
{
	for (int i = 0; i < list_length(order); i++)
	{
		if (((ModelRelationship *) list_nth(order, i))->id == relationship_id)
			return i;
	}
	return -1;
}

/* ---- doing rows ---- */

/* The rows below those that changed are done again where the job does not come by any more. */
static void
do_again(Reset *reset, ModelTable *table, DatumSet *changed)
{
	for (int i = 0; i <= reset->position && changed->count > 0; i++)
	{
		ModelRelationship *relationship = list_nth(reset->order, i);
		RowList    *children;
		Again	   *again;
		MemoryContext cxt;
		MemoryContext old;

		if (relationship->primary != table)
			continue;
		children = rows_related(relationship, changed, BEHAVIOR_ALL, ROW_UNLOCKED, NULL);
		if (children->nrows == 0)
			continue;
		cxt = AllocSetContextCreate(reset->cxt, "relmeta reset again", ALLOCSET_SMALL_SIZES);
		old = MemoryContextSwitchTo(cxt);
		again = palloc(sizeof(Again));
		again->cxt = cxt;
		again->relationship = relationship;
		again->keys = rows_list_distinct(children, 0, children->nrows, CHILD_KEY);
		MemoryContextSwitchTo(reset->cxt);
		reset->again = lappend(reset->again, again);
		MemoryContextSwitchTo(old);
	}
}

/* Does rows in a memory context of their own: a hierarchy may be deep. */
static void
do_and_forget(Reset *reset, ModelRelationship *relationship, DatumSet *keys)
{
	MemoryContext scratch = AllocSetContextCreate(reset->cxt, "relmeta reset rows", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(scratch);
	Settled		settled;

	CHECK_FOR_INTERRUPTS();
	inherit_settle(reset->effects, relationship, keys, &settled);
	reset->rows_examined += settled.examined;
	reset->pass.missed |= settled.missed;
	do_again(reset, relationship->related, settled.changed);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(scratch);
}

static void
do_what_is_again(Reset *reset)
{
	while (reset->again != NIL)
	{
		Again	   *again = linitial(reset->again);

		reset->again = list_delete_first(reset->again);
		do_and_forget(reset, again->relationship, again->keys);
		MemoryContextDelete(again->cxt);
	}
}

/* ---- one batch ---- */

/* Where the cursor stands: sets reset->pass and position, returns the key text or NULL. */
static const char *
cursor_read(Reset *reset, const char *cursor)
{
	const char *slash = cursor != NULL ? strchr(cursor, '/') : NULL;
	const char *colon = slash != NULL ? strchr(slash, ':') : NULL;

	long long	rows_done = 0;
	long long	rows = PROGRESS_UNKNOWN;

	if (cursor == NULL)
	{
		job_pass_begin(&reset->pass);
		return NULL;
	}
	if (colon == NULL || !job_pass_read(&reset->pass, cursor) ||
		sscanf(slash, "/%*d,%lld,%lld:", &rows_done, &rows) != 2)
		elog(ERROR, "unexpected cursor \"%s\" in relmeta.job", cursor);
	reset->rows_done = rows_done;
	reset->rows = rows;
	reset->position = position_of(reset->order, atoi(slash + 1));
	if (reset->position < 0)
	{
		/*
		 * the relationship is gone: from the start, where little is left to
		 * do
		 */
		reset->position = 0;
		return NULL;
	}
	return colon + 1;
}

/* The rows that are next in the pass, and of which relationship; NULL when it is through. */
static DatumSet *
next_rows(Reset *reset, const char *key_text, ModelRelationship **relationship)
{
	for (; reset->position < list_length(reset->order); reset->position++, key_text = NULL)
	{
		ModelTable *table;
		Datum		after;
		DatumSet   *keys;

		*relationship = list_nth(reset->order, reset->position);
		table = (*relationship)->related;
		if (!OidIsValid(table->entry_relid))
			continue;
		if (key_text != NULL)
			after = model_key_input(table, key_text);
		keys = job_pass_keys(&reset->pass, table, key_text != NULL ? &after : NULL, job_batch_size);
		if (keys->count > 0)
			return keys;
	}
	return NULL;
}

void
job_reset_batch(Job *job, ModelRelationship *relationship, JobBatch *batch)
{
	MemoryContext caller = CurrentMemoryContext;
	Reset		reset = {.cxt = caller};
	ModelRelationship *current;
	const char *key_text;
	DatumSet   *keys;
	ListCell   *cell;

	reset.order = relationships_in_order(relationship);
	reset.shrunk = job_shrunk_begin(reset.order);
	key_text = cursor_read(&reset, job->cursor);
	SPI_connect();
	MemoryContextSwitchTo(caller);
	reset.effects = inherit_effects_begin(false);
	reset.effects->shrunk = job_shrunk_add;
	reset.effects->shrunk_arg = reset.shrunk;
	if (job->cursor == NULL)
	{
		batch->has_totals = true;
		batch->tables = job_count_tables(reset.order);
		batch->principals = job_count_principals(relationship);
		foreach(cell, reset.order)
			reset.rows += job_pass_rows(((ModelRelationship *) lfirst(cell))->related);
	}

	while ((keys = next_rows(&reset, key_text, &current)) == NULL && job_pass_next(&reset.pass))
	{
		reset.position = 0;
		key_text = NULL;
	}
	batch->done = keys == NULL;
	if (keys != NULL)
	{
		do_and_forget(&reset, current, keys);
		do_what_is_again(&reset);
		if (reset.pass.number == 0)
			reset.rows_done += keys->count;
		batch->cursor = psprintf("%s/%d,%lld,%lld:%s", job_pass_write(&reset.pass), current->id,
								 (long long) reset.rows_done, (long long) reset.rows,
								 model_key_output(current->related, keys->values[keys->count - 1]));
	}
	batch->shown_total = reset.rows;
	batch->shown_done = batch->done ? reset.rows : Min(reset.rows_done, reset.rows);
	/* rows that are done once more are not counted twice */
	batch->rows_examined = reset.pass.number == 0 ? reset.rows_examined : 0;
	batch->rows_revoked = job_shrunk_count(reset.shrunk, job->id);
	inherit_effects_end(reset.effects);
	SPI_finish();
	MemoryContextSwitchTo(caller);
}
