/*
 * take.c
 *		Takes entries from rows, and passes on what was lost; see take.h.
 *
 * Losses wait in a list per table, so that neither a deep chain nor a wide tree
 * needs stack or memory: a list spills to disk, and related rows are fetched and
 * dealt with STEP_ROWS at a time (take_rows.c).
 */
#include "job/internal.h"

#include "access/xact.h"
#include "cascade/effect.h"
#include "job/take_rows.h"
#include "miscadmin.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/portal.h"
#include "utils/snapmgr.h"

/* so many losses, or related rows, are dealt with at a time */
#define STEP_ROWS 100000

/* ---- begin and end ---- */

Take *
job_take_begin(List *below)
{
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext, "relmeta take", ALLOCSET_DEFAULT_SIZES);
	Take	   *take = MemoryContextAllocZero(cxt, sizeof(Take));

	take->cxt = cxt;
	take->model = model_current();
	model_pin(take->model, cxt);
	take->owner = relmeta_extension_owner();
	if (below != NIL)
	{
		MemoryContext old = MemoryContextSwitchTo(cxt);

		take->shrunk = job_shrunk_begin(below);
		MemoryContextSwitchTo(old);
	}
	return take;
}

void
job_take_end(Take *take)
{
	MemoryContextDelete(take->cxt);
}

static TakeTable *
take_table(Take *take, Oid relid)
{
	ListCell   *cell;
	TakeTable  *made;
	MemoryContext old;

	foreach(cell, take->tables)
	{
		if (((TakeTable *) lfirst(cell))->table->relid == relid)
			return lfirst(cell);
	}
	old = MemoryContextSwitchTo(take->cxt);
	made = palloc0(sizeof(TakeTable));
	made->table = model_table_required(take->model, relid);
	made->lost = cascade_effects_pairs(made->table);
	take->tables = lappend(take->tables, made);
	MemoryContextSwitchTo(old);
	return made;
}

bool
job_take_passes_on(ModelRelationship *relationship)
{
	return relationship->broken == NULL && OidIsValid(relationship->related->entry_relid) &&
		relationship->primary->principal.base_type == relationship->related->principal.base_type;
}

int64
job_take_from(Take *take, ModelRelationship *relationship, const char *causes, DatumSet *objects)
{
	MemoryContext scratch = AllocSetContextCreate(take->cxt, "relmeta take step", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(scratch);
	TakeStep	step = {.take = take, .relationship = relationship, .causes = causes};
	int64		gone;

	step.table = take_table(take, relationship->related->relid);
	step.nrows = objects->count;
	step.rows = MemoryContextAllocExtended(scratch, Max(step.nrows, 1) * sizeof(TakeRow),
										   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (int i = 0; i < step.nrows; i++)
		step.rows[i].key = objects->values[i];
	gone = job_take_rows(&step);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(scratch);
	return gone;
}

/* ---- below ---- */

/* see job_type_is_plain() */
static bool
children_are_plain(ModelRelationship *relationship)
{
	ModelType  *key = &relationship->primary->key.type;

	return job_type_is_plain(key) && relationship->lookup.type.base_type == key->base_type &&
		relationship->lookup.type.collation == key->collation;
}

/*
 *	SELECT c.key, c.lookup FROM s.task AS c WHERE c.lookup = ANY ($1) [AND c.type = 'contact']
 *
 * or, of a type that is not plain,
 *
 *	SELECT c.key, k.key FROM s.task AS c, pg_catalog.unnest($1) AS k(key) WHERE c.lookup = k.key ...
 */
static void
build_children(PlanText *text, void *subject, int variant)
{
	ModelRelationship *relationship = subject;
	ModelTable *table = relationship->related;
	ModelType  *key = &relationship->primary->key.type;
	StringInfo	sql = &text->sql;

	text	  ->nparams = 1;
	text	  ->params[0] = key->array_type;

	if (children_are_plain(relationship))
		appendStringInfo(sql, "SELECT c.%s, c.%s FROM %s AS c WHERE c.%s %s ANY ($1)",
						 table->key.sql_name, relationship->lookup.sql_name, table->sql_name,
						 relationship->lookup.sql_name, key->sql_eq);
	else
		appendStringInfo(sql, "SELECT c.%s, k.key FROM %s AS c, pg_catalog.unnest($1) AS k(key) WHERE c.%s %s k.key%s",
						 table->key.sql_name, table->sql_name, relationship->lookup.sql_name, key->sql_eq,
						 key->sql_collate);
	cascade_plan_append_type(sql, relationship, "c");
}

typedef struct Loss
{
	int			object;
	Datum		principal;
	int32		bits;
} Loss;

static int
compare_losses(const void *a, const void *b, void *arg)
{
	const Loss *left = a;
	const Loss *right = b;

	if (left->object != right->object)
		return left->object < right->object ? -1 : 1;
	return job_entries_compare_principals(arg, left->principal, right->principal);
}

/* Rows [from, upto) of a list of losses by object, principals as the entries of a table order them. */
static Losses *
read_losses(RowList *lost, int64 from, int64 upto, Entries *entries)
{
	ModelType  *type = lost->types[EFFECT_PRINCIPAL];
	Losses	   *losses = palloc(sizeof(Losses));
	int			n = (int) (upto - from);
	Loss	   *sorted = palloc(n * sizeof(Loss));
	int			object = 0;

	losses->objects = cascade_datumset_make(lost->types[EFFECT_OBJECT]);
	for (int i = 0; i < n; i++)
	{
		Datum		values[3];
		bool		nulls[3];

		cascade_rowlist_get(lost, from + i, values, nulls);
		sorted[i].object = cascade_datumset_index(losses->objects, values[EFFECT_OBJECT]);
		sorted[i].principal = lost->spill == NULL ? values[EFFECT_PRINCIPAL] :
			datumCopy(values[EFFECT_PRINCIPAL], type->typbyval, type->typlen);
		sorted[i].bits = DatumGetInt32(values[EFFECT_BITS]);
	}
	qsort_arg(sorted, n, sizeof(Loss), compare_losses, entries);

	losses->start = palloc((losses->objects->count + 1) * sizeof(int));
	losses->principals = palloc(n * sizeof(Datum));
	losses->bits = palloc(n * sizeof(int32));
	for (int i = 0; i < n; i++)
	{
		while (object <= sorted[i].object)
			losses->start[object++] = i;
		losses->principals[i] = sorted[i].principal;
		losses->bits[i] = sorted[i].bits;
	}
	losses->start[losses->objects->count] = n;
	return losses;
}

/* Passes losses on to the related rows that SPI has just returned: key, primary row's key. */
static void
pass_to_rows(Take *take, ModelRelationship *relationship, Losses *losses)
{
	TakeStep	step = {.take = take, .relationship = relationship, .losses = losses,
	.causes = (char[]) {CAUSE_SHARE, CAUSE_REPARENT, '\0'}};

	step.table = take_table(take, relationship->related->relid);
	step.nrows = (int) SPI_processed;
	step.rows = palloc0(step.nrows * sizeof(TakeRow));
	for (int i = 0; i < step.nrows; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		TupleDesc	desc = SPI_tuptable->tupdesc;
		bool		isnull;

		step.rows[i].key = SPI_getbinval(tuple, desc, 1, &isnull);
		step.rows[i].parent = cascade_datumset_find(losses->objects, SPI_getbinval(tuple, desc, 2, &isnull));
		if (step.rows[i].parent < 0)
			elog(ERROR, "a related row of relationship \"%s\" has another primary row than asked for",
				 relationship->name);
	}
	job_take_rows(&step);
}

/* The related rows of those that have lost something, to be fetched, as they are now. */
static Portal
open_children(ModelRelationship *relationship, DatumSet *objects)
{
	ModelTable *table = relationship->related;
	SPIPlanPtr	plan = cascade_plan(PLAN_REVOKE_CHILDREN, objects->count <= PLAN_FEW_ROWS ? PLAN_FEW : PLAN_MANY,
									relationship->id, table->relid, AccessShareLock, build_children, relationship);
	Datum		array = cascade_effects_set_array(objects);
	ActingAs	saved = cascade_act_as(table->relowner);
	Portal		portal;

	CommandCounterIncrement();
	PushActiveSnapshot(GetLatestSnapshot());
	portal = SPI_cursor_open(NULL, plan, &array, NULL, true);
	PopActiveSnapshot();
	cascade_act_as_end(saved);
	return portal;
}

static void
pass_through(Take *take, ModelRelationship *relationship, RowList *lost, int64 from, int64 upto)
{
	MemoryContext cxt = CurrentMemoryContext;
	MemoryContext scratch = AllocSetContextCreate(cxt, "relmeta take step", ALLOCSET_DEFAULT_SIZES);
	Entries		entries;
	Losses	   *losses;
	Portal		portal;
	bool		more;

	job_entries_open(&entries, relationship->related);
	losses = read_losses(lost, from, upto, &entries);
	job_entries_close(&entries);
	portal = open_children(relationship, losses->objects);
	do
	{
		ActingAs	saved = cascade_act_as(relationship->related->relowner);
		SPITupleTable *rows;

		SPI_cursor_fetch(portal, true, STEP_ROWS);
		cascade_act_as_end(saved);
		rows = SPI_tuptable;
		more = SPI_processed == STEP_ROWS;
		MemoryContextSwitchTo(scratch);
		if (SPI_processed > 0)
			pass_to_rows(take, relationship, losses);
		MemoryContextSwitchTo(cxt);
		MemoryContextReset(scratch);
		SPI_freetuptable(rows);
	} while (more);
	SPI_cursor_close(portal);
}

/* Passes on some of what waits in a table; false when nothing does. */
static bool
pass_some(Take *take, TakeTable *table)
{
	int64		from = table->passed;
	int64		upto = Min(from + STEP_ROWS, table->lost->nrows);
	ListCell   *cell;

	if (from == upto)
		return false;
	table->passed = upto;
	foreach(cell, table->table->as_primary)
	{
		ModelRelationship *relationship = lfirst(cell);
		MemoryContext scratch;
		MemoryContext old;

		if (!job_take_passes_on(relationship) || access_entries_empty(relationship->related))
			continue;
		scratch = AllocSetContextCreate(take->cxt, "relmeta take pass", ALLOCSET_DEFAULT_SIZES);
		old = MemoryContextSwitchTo(scratch);
		pass_through(take, relationship, table->lost, from, upto);
		MemoryContextSwitchTo(old);
		MemoryContextDelete(scratch);
	}
	return true;
}

void
job_take_below(Take *take)
{
	bool		progress;

	do
	{
		progress = false;
		CHECK_FOR_INTERRUPTS();
		/* the list grows while it is walked: by index */
		for (int i = 0; i < list_length(take->tables); i++)
			progress |= pass_some(take, list_nth(take->tables, i));
	} while (progress);
}
