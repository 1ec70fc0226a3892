/*
 * reset.c
 *		One batch of resetting inherited access (SEMANTICS 2.6): the entries of the
 *		tables below a relationship become what rules 2 and 4 give now.
 *
 * The relationships below are gone through one after the other, primary tables
 * before related ones, the related rows of each in order of their keys
 * (reset_rows.c does them).  A row whose entries changed has the rows below it
 * done again at once, but only through relationships that the job has passed or
 * is at (a hierarchy, a cycle of tables); it comes to the others later.  So every
 * row is done, or done again, after its primary row.
 *
 * The cursor is "id:key": the relationship, and the key of the last row done.
 */
#include "job/internal.h"

#include "catalog/pg_type.h"
#include "job/reset.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* variant of PLAN_RESET_KEYS: from the first key on */
#define KEYS_ALL (1 * PLAN_VARIANT_OWN)

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
	foreach(cell, table->as_primary)
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
			foreach(cell, table->as_primary)
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
		children = cascade_rows_related(relationship, changed, BEHAVIOR_ALL);
		if (children->nrows == 0)
			continue;
		cxt = AllocSetContextCreate(reset->cxt, "relmeta reset again", ALLOCSET_SMALL_SIZES);
		old = MemoryContextSwitchTo(cxt);
		again = palloc(sizeof(Again));
		again->cxt = cxt;
		again->relationship = relationship;
		again->keys = cascade_effects_distinct(children, 0, children->nrows, CHILD_KEY);
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

	CHECK_FOR_INTERRUPTS();
	do_again(reset, relationship->related, job_reset_rows(reset, relationship, keys));
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

/*
 *	SELECT c.key FROM s.contact AS c [WHERE $1 < c.key] ORDER BY c.key LIMIT $2
 */
static void
build_keys(PlanText *text, void *subject, int variant)
{
	ModelTable *table = subject;
	ModelType  *key = &table->key.type;

	text	  ->nparams = 2;
	text	  ->params[0] = key->base_type;
	text	  ->params[1] = INT8OID;

	appendStringInfo(&text->sql, "SELECT c.%s FROM %s AS c", table->key.sql_name, table->sql_name);
	if ((variant & KEYS_ALL) == 0)
		appendStringInfo(&text->sql, " WHERE $1 %s c.%s%s", key->sql_lt, table->key.sql_name, key->sql_collate);
	appendStringInfo(&text->sql, " ORDER BY c.%s LIMIT $2", table->key.sql_name);
}

/* Up to limit keys of a table's rows after a key (NULL: from the first on), in order. */
static DatumSet *
next_keys(ModelTable *table, const Datum *after, int limit)
{
	RowList    *list;
	ModelType  *types[1] = {&table->key.type};
	Datum		values[2] = {after != NULL ? *after : (Datum) 0, Int64GetDatum(limit)};
	SPIPlanPtr	plan = cascade_plan(PLAN_RESET_KEYS, PLAN_ONE + (after == NULL ? KEYS_ALL : 0), (int) table->relid,
									table->relid, AccessShareLock, build_keys, table);

	list = cascade_rowlist_make(1, types);
	cascade_run(plan, table->relid, values, after != NULL ? NULL : "n ", RUN_FIRE_TRIGGERS | RUN_NEW_ROWS, 0);
	cascade_effects_take(list);
	return cascade_effects_distinct(list, 0, list->nrows, 0);
}

/* Where the cursor stands: sets reset->position, returns the key text or NULL. */
static const char *
cursor_read(Reset *reset, const char *cursor)
{
	const char *colon = cursor != NULL ? strchr(cursor, ':') : NULL;

	reset->position = colon != NULL ? position_of(reset->order, atoi(cursor)) : 0;
	if (reset->position < 0)
	{
		/*
		 * the relationship is gone: from the start, where little is left to
		 * do
		 */
		reset->position = 0;
		return NULL;
	}
	return colon != NULL ? colon + 1 : NULL;
}

void
job_reset_batch(Job *job, ModelRelationship *relationship, JobBatch *batch)
{
	MemoryContext caller = CurrentMemoryContext;
	Reset		reset = {.cxt = caller};
	const char *key_text;

	reset.order = relationships_in_order(relationship);
	reset.shrunk = job_shrunk_begin(reset.order);
	key_text = cursor_read(&reset, job->cursor);
	SPI_connect();
	MemoryContextSwitchTo(caller);
	if (job->cursor == NULL)
	{
		batch->has_totals = true;
		batch->tables = job_count_tables(reset.order);
		batch->principals = job_count_principals(relationship);
	}

	batch->done = true;
	for (; reset.position < list_length(reset.order); reset.position++, key_text = NULL)
	{
		ModelRelationship *current = list_nth(reset.order, reset.position);
		ModelTable *table = current->related;
		Datum		after;
		DatumSet   *keys;

		if (!OidIsValid(table->entry_relid))
			continue;
		if (key_text != NULL)
			after = model_type_input(&table->key.type, key_text);
		keys = next_keys(table, key_text != NULL ? &after : NULL, job_batch_size);
		if (keys->count == 0)
			continue;
		do_and_forget(&reset, current, keys);
		do_what_is_again(&reset);
		batch->cursor = psprintf("%d:%s", current->id,
								 model_type_output(&table->key.type, keys->values[keys->count - 1]));
		batch->done = false;
		break;
	}
	batch->rows_examined = reset.rows_examined;
	batch->rows_revoked = job_shrunk_count(reset.shrunk, job->id);
	SPI_finish();
	MemoryContextSwitchTo(caller);
}
