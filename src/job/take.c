/*
 * take.c
 *		Takes entries from rows, and what was inherited from them; see take.h.
 *
 * ORDER.  A table whose rows give something to others has them locked FOR UPDATE,
 * in the order of their keys, before their entries are taken: nobody then
 * inherits what is being taken, nor takes another ground at the same time
 * (ARCHITECTURE 3, snapshots and locks).  Entries are read after that with a new
 * snapshot.  Rows with nothing to take are not locked.
 *
 * Losses wait in a list per table, so that neither a deep chain nor a wide tree
 * needs stack or memory: a list spills to disk.
 */
#include "job/internal.h"

#include "access/nbtree.h"
#include "access/xact.h"
#include "cascade/effect.h"
#include "catalog/pg_type.h"
#include "job/take.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/portal.h"
#include "utils/snapmgr.h"
#include "utils/typcache.h"

/* so many losses, or related rows, are dealt with at a time */
#define STEP_ROWS 100000

/* up to so many principals of a row are compared one after the other */
#define FEW_PRINCIPALS 8

/* variant of PLAN_REVOKE_LOCK: the table has owners */
#define LOCK_OWNERS (1 * PLAN_VARIANT_OWN)

/* losses on rows of a table, by row */
typedef struct Losses
{
	DatumSet   *objects;
	int		   *start;			/* of each object in what follows, and the end */
	Datum	   *principals;		/* of an object with many, in order */
	int32	   *bits;
} Losses;

typedef struct TakeRow
{
	Datum		key;
	int			parent;			/* index in Losses.objects */
	bool		wanted;			/* there is something to take */
	bool		is_owned;
	Datum		owner;
} TakeRow;

/* an entry that goes */
typedef struct Doomed
{
	ItemPointerData tid;
	int			row;
} Doomed;

/* one relationship, rows of its related table, and what is to be taken from them */
typedef struct Step
{
	Take	   *take;
	TakeTable  *table;
	ModelRelationship *relationship;
	const char *causes;
	Losses	   *losses;			/* NULL: whole entries */
	Entries		entries;
	bool		gives;			/* somebody inherits from the rows */
	bool		counting;
	int			nrows;
	TakeRow    *rows;			/* in the order of the keys */
	Doomed	   *doomed;
	int			ndoomed;
	int			doomed_room;
	Datum	   *narrowed;		/* tid: entries that stay with less */
	Datum	   *masks;			/* theirs from now on */
	int			nnarrowed;
	int			narrowed_room;
} Step;

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

/* Can a loss on the table's rows be passed on through the relationship? */
static bool
passes_on(ModelRelationship *relationship)
{
	return relationship->broken == NULL && OidIsValid(relationship->related->entry_relid) &&
		relationship->primary->principal.base_type == relationship->related->principal.base_type;
}

/* Does, or may, anybody inherit from the table's rows?  An entry table that is empty may be about to get its first. */
static bool
table_gives(ModelTable *table)
{
	ListCell   *cell;

	foreach(cell, table->as_primary)
	{
		if (passes_on(lfirst(cell)) && !access_entries_empty(((ModelRelationship *) lfirst(cell))->related))
			return true;
	}
	return cascade_rows_give(table);
}

/* ---- statements ---- */

/*
 * Are the keys of this type found by hashing, and equal only when they look the
 * same?  Then column = ANY (array) is the cheapest way to look for many, and a
 * value that was found is the one that was asked for.
 */
static bool
is_plain(ModelType *type)
{
	TypeCacheEntry *entry = lookup_type_cache(type->base_type, TYPECACHE_BTREE_OPFAMILY);
	Oid			proc;

	if (!type->has_hash || !OidIsValid(entry->btree_opf))
		return false;
	proc = get_opfamily_proc(entry->btree_opf, entry->btree_opintype, entry->btree_opintype, BTEQUALIMAGE_PROC);
	return OidIsValid(proc) &&
		DatumGetBool(OidFunctionCall1Coll(proc, type->collation, ObjectIdGetDatum(entry->btree_opintype)));
}

/*
 *	SELECT t.key [, t.owner] FROM s.contact AS t WHERE t.key = ANY ($1) ORDER BY t.key FOR UPDATE OF t
 *
 * or, of a type that is not plain,
 *
 *	... FROM s.contact AS t, pg_catalog.unnest($1) AS k(key) WHERE t.key = k.key ...
 */
static void
build_lock(PlanText *text, void *subject, int variant)
{
	ModelTable *table = subject;
	ModelType  *key = &table->key.type;
	StringInfo	sql = &text->sql;

	text	  ->nparams = 1;
	text	  ->params[0] = key->array_type;

	appendStringInfo(sql, "SELECT t.%s", table->key.sql_name);
	if ((variant & LOCK_OWNERS) != 0)
		appendStringInfo(sql, ", t.%s", table->owner.sql_name);
	appendStringInfo(sql, " FROM %s AS t", table->sql_name);
	if (is_plain(key))
		appendStringInfo(sql, " WHERE t.%s %s ANY ($1)", table->key.sql_name, key->sql_eq);
	else
		appendStringInfo(sql, ", pg_catalog.unnest($1) AS k(key) WHERE t.%s %s k.key%s",
						 table->key.sql_name, key->sql_eq, key->sql_collate);
	appendStringInfo(sql, " ORDER BY t.%s FOR UPDATE OF t", table->key.sql_name);
}

/* The related rows of primary rows; see is_plain(). */
static bool
children_are_plain(ModelRelationship *relationship)
{
	ModelType  *key = &relationship->primary->key.type;

	return is_plain(key) && relationship->lookup.type.base_type == key->base_type &&
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

/*
 *	DELETE FROM relmeta_access.contact AS e WHERE e.ctid = ANY ($1)
 */
static void
build_delete(PlanText *text, void *subject, int variant)
{
	ModelTable *table = subject;

	text	  ->nparams = 1;
	text	  ->params[0] = TIDARRAYOID;
	appendStringInfo(&text->sql, "DELETE FROM %s AS e WHERE e.ctid" SQL_EQ "ANY ($1)", table->entry_sql);
}

/*
 *	UPDATE relmeta_access.contact AS e SET mask = u.mask
 *	FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS u(tid, mask) WHERE e.ctid = u.tid
 */
static void
build_narrow(PlanText *text, void *subject, int variant)
{
	ModelTable *table = subject;

	text	  ->nparams = 2;
	text	  ->params[0] = TIDARRAYOID;
	text	  ->params[1] = INT4ARRAYOID;
	appendStringInfo(&text->sql, "UPDATE %s AS e SET mask = u.mask"
					 " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS u(tid, mask)"
					 " WHERE e.ctid" SQL_EQ "u.tid", table->entry_sql);
}

/* Runs one of these two, which must find each of n entries as it was read. */
static void
run_on_tids(Step *step, PlanOp op, PlanBuilder builder, Datum *values, int n)
{
	ModelTable *table = step->table->table;
	SPIPlanPtr	plan = cascade_plan(op, PLAN_MANY, (int) table->relid, table->entry_relid, RowExclusiveLock,
									builder, table);

	if (cascade_run(plan, step->take->owner, values, NULL, RUN_FIRE_TRIGGERS | RUN_NEW_ROWS, 0) != (uint64) n)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("entries of table \"%s\" were changed concurrently", table->sql_name)));
}

static Datum
tid_array(Datum *tids, int n)
{
	return PointerGetDatum(construct_array(tids, n, TIDOID, sizeof(ItemPointerData), false, TYPALIGN_SHORT));
}

/* ---- rows ---- */

static int
compare_rows(const void *a, const void *b, void *arg)
{
	return job_entries_compare_keys(arg, ((const TakeRow *) a)->key, ((const TakeRow *) b)->key);
}

static void
sort_rows(Step *step)
{
	qsort_arg(step->rows, step->nrows, sizeof(TakeRow), compare_rows, &step->entries);
}

static Datum *
row_keys(Step *step)
{
	Datum	   *keys = palloc(Max(step->nrows, 1) * sizeof(Datum));

	for (int i = 0; i < step->nrows; i++)
		keys[i] = step->rows[i].key;
	return keys;
}

/* The row with a key, most likely *next. */
static TakeRow *
row_of(Step *step, Datum key, int *next)
{
	TakeRow		wanted = {.key = key};
	TakeRow    *row;

	if (*next < step->nrows && compare_rows(&wanted, &step->rows[*next], &step->entries) == 0)
		return &step->rows[(*next)++];
	row = bsearch_arg(&wanted, step->rows, step->nrows, sizeof(TakeRow), compare_rows, &step->entries);
	if (row != NULL)
		*next = row - step->rows + 1;
	return row;
}

/* Locks the rows and learns who owns them. */
static void
lock_rows(Step *step)
{
	ModelTable *table = step->table->table;
	bool		owners = table->owner.name != NULL;
	SPIPlanPtr	plan;
	Datum	   *keys = row_keys(step);
	Datum		array;
	int			next = 0;

	if (step->nrows == 0)
		return;
	array = PointerGetDatum(construct_array(keys, step->nrows, table->key.type.base_type, table->key.type.typlen,
											table->key.type.typbyval, table->key.type.typalign));
	plan = cascade_plan(PLAN_REVOKE_LOCK, (step->nrows <= PLAN_FEW_ROWS ? PLAN_FEW : PLAN_MANY) +
						(owners ? LOCK_OWNERS : 0), (int) table->relid, table->relid, RowShareLock, build_lock, table);
	cascade_run(plan, table->relowner, &array, NULL, RUN_FIRE_TRIGGERS | RUN_NEW_ROWS, 0);
	for (uint64 i = 0; owners && i < SPI_processed; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		TupleDesc	desc = SPI_tuptable->tupdesc;
		bool		isnull;
		Datum		owner = SPI_getbinval(tuple, desc, 2, &isnull);
		TakeRow    *row;

		if (isnull)
			continue;
		row = row_of(step, SPI_getbinval(tuple, desc, 1, &isnull), &next);
		if (row == NULL)
			continue;
		row->is_owned = true;
		row->owner = datumCopy(owner, table->owner.type.typbyval, table->owner.type.typlen);
	}
	SPI_freetuptable(SPI_tuptable);
}

/* ---- what is taken from an entry ---- */

/* What a principal has lost on the primary row of a row. */
static int32
lost_bits(Step *step, int parent, Datum principal)
{
	Losses	   *losses = step->losses;
	ModelType  *type = &step->table->table->principal;
	int			from = losses->start[parent];
	int			upto = losses->start[parent + 1];
	int32		bits = 0;

	/* the first that is not less */
	if (upto - from > FEW_PRINCIPALS)
	{
		int			end = upto;

		while (from < end)
		{
			int			middle = from + (end - from) / 2;

			if (job_entries_compare_principals(&step->entries, losses->principals[middle], principal) < 0)
				from = middle + 1;
			else
				end = middle;
		}
		while (end < upto &&
			   job_entries_compare_principals(&step->entries, losses->principals[end], principal) == 0)
			bits |= losses->bits[end++];
		return bits;
	}
	for (int i = from; i < upto; i++)
	{
		if (datum_image_eq(losses->principals[i], principal, type->typbyval, type->typlen) ||
			model_type_equal(type, losses->principals[i], principal))
			bits |= losses->bits[i];
	}
	return bits;
}

/* Sets what is left of the group's entries; the bits that are taken from any. */
static int32
reckon(Step *step, EntryGroup *group)
{
	int32		taken = 0;
	int32		bits = -1;
	bool		known = false;

	for (int i = 0; i < group->n; i++)
	{
		Entry	   *entry = &group->entries[i];

		if (entry->relationship != step->relationship->id || strchr(step->causes, entry->cause) == NULL)
			continue;
		if (step->losses != NULL && !known)
			bits = lost_bits(step, step->rows[group->row].parent, group->principal);
		known = true;
		entry->left = entry->mask & ~bits;
		taken |= entry->mask & bits;
	}
	return taken;
}

static void
look_for(EntryGroup *group, void *arg)
{
	Step	   *step = arg;

	step->rows[group->row].wanted |= reckon(step, group) != 0;
}

/* ---- taking ---- */

static void
doom(Step *step, Entry *entry, int row)
{
	if (step->ndoomed == step->doomed_room)
	{
		step->doomed_room = Max(2 * step->doomed_room, 1024);
		step->doomed = step->doomed == NULL ? palloc(step->doomed_room * sizeof(Doomed)) :
			repalloc_huge(step->doomed, step->doomed_room * sizeof(Doomed));
	}
	step->doomed[step->ndoomed].tid = entry->tid;
	step->doomed[step->ndoomed++].row = row;
}

static void
narrow(Step *step, Entry *entry)
{
	ItemPointer tid = palloc(sizeof(ItemPointerData));

	if (step->nnarrowed == step->narrowed_room)
	{
		bool		first = step->narrowed_room == 0;

		step->narrowed_room = Max(2 * step->narrowed_room, 64);
		step->narrowed = first ? palloc(step->narrowed_room * sizeof(Datum)) :
			repalloc_huge(step->narrowed, step->narrowed_room * sizeof(Datum));
		step->masks = first ? palloc(step->narrowed_room * sizeof(Datum)) :
			repalloc_huge(step->masks, step->narrowed_room * sizeof(Datum));
	}
	*tid = entry->tid;
	step->narrowed[step->nnarrowed] = PointerGetDatum(tid);
	step->masks[step->nnarrowed++] = Int32GetDatum(entry->left);
}

static void
take_from(EntryGroup *group, void *arg)
{
	Step	   *step = arg;
	TakeRow    *row = &step->rows[group->row];
	int32		taken = reckon(step, group);
	int32		had = 0;
	int32		inherits = 0;
	int32		holds = 0;

	if (taken == 0)
		return;
	for (int i = 0; i < group->n; i++)
	{
		Entry	   *entry = &group->entries[i];

		if (entry->cause != CAUSE_DIRECT)
		{
			had |= entry->mask;
			inherits |= entry->left;
		}
		holds |= entry->left;
		if (entry->left == entry->mask)
			continue;
		step->take->examined += step->counting;
		if (entry->left == 0)
			doom(step, entry, group->row);
		else
			narrow(step, entry);
	}
	if (step->counting && step->take->shrunk != NULL && (had & ~inherits) != 0)
		job_shrunk_add(step->take->shrunk, step->table->table, group->object, group->principal, inherits != 0);
	if (step->gives && row->is_owned && model_type_equal(&step->table->table->principal, row->owner, group->principal))
		holds |= RIGHTS_ALL;
	if (step->gives && (taken & ~holds) != 0)
	{
		Datum		values[3] = {group->object, group->principal, Int32GetDatum(taken & ~holds)};
		bool		nulls[3] = {false, false, false};

		cascade_rowlist_add(step->table->lost, values, nulls);
	}
}

/* Deletes what is doomed; keeps the rows of which somebody else has changed an entry meanwhile. */
static void
delete_doomed(Step *step, Snapshot snapshot)
{
	int			kept = 0;

	if (step->ndoomed > 0 && job_entries_have_triggers(&step->entries))
	{
		Datum	   *tids = palloc(step->ndoomed * sizeof(Datum));
		Datum		array;

		for (int i = 0; i < step->ndoomed; i++)
			tids[i] = PointerGetDatum(&step->doomed[i].tid);
		array = tid_array(tids, step->ndoomed);
		run_on_tids(step, PLAN_REVOKE_DELETE, build_delete, &array, step->ndoomed);
		step->nrows = 0;
		return;
	}
	for (int i = 0; i < step->ndoomed; i++)
	{
		int			row = step->doomed[i].row;

		CHECK_FOR_INTERRUPTS();
		if (job_entries_delete(&step->entries, snapshot, &step->doomed[i].tid) == ENTRY_CHANGED &&
			(kept == 0 || step->rows[kept - 1].key != step->rows[row].key))
			step->rows[kept++] = step->rows[row];
	}
	step->nrows = kept;
}

static void
write_narrowed(Step *step)
{
	Datum		values[2];

	if (step->nnarrowed == 0)
		return;
	values[0] = tid_array(step->narrowed, step->nnarrowed);
	values[1] = PointerGetDatum(construct_array(step->masks, step->nnarrowed, INT4OID, sizeof(int32), true,
												TYPALIGN_INT));
	run_on_tids(step, PLAN_REVOKE_NARROW, build_narrow, values, step->nnarrowed);
}

/* Visits the step's rows with what has been committed by now, this transaction's changes included. */
static Snapshot
visit_rows(Step *step, EntryVisitor visitor)
{
	Snapshot	snapshot;

	CommandCounterIncrement();
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	job_entries_visit(&step->entries, snapshot, step->nrows, row_keys(step), visitor, step);
	return snapshot;
}

/* Leaves the rows from which something is to be taken. */
static void
drop_unwanted_rows(Step *step)
{
	int			kept = 0;

	UnregisterSnapshot(visit_rows(step, look_for));
	for (int i = 0; i < step->nrows; i++)
	{
		if (step->rows[i].wanted)
			step->rows[kept++] = step->rows[i];
	}
	step->nrows = kept;
}

/* Returns the number of entries that are gone. */
static int64
take_rows(Step *step)
{
	int64		gone = 0;

	job_entries_open(&step->entries, step->table->table);
	step->gives = table_gives(step->table->table);
	step->counting = true;
	sort_rows(step);
	if (step->gives)
	{
		if (step->losses != NULL)
			drop_unwanted_rows(step);
		lock_rows(step);
	}
	while (step->nrows > 0)
	{
		Snapshot	snapshot = visit_rows(step, take_from);

		write_narrowed(step);
		delete_doomed(step, snapshot);
		UnregisterSnapshot(snapshot);
		gone += step->ndoomed - step->nrows;
		/* once more where somebody came in between, which was counted */
		step->counting = false;
		step->ndoomed = step->nnarrowed = 0;
	}
	job_entries_close(&step->entries);
	return gone;
}

int64
job_take_from(Take *take, ModelRelationship *relationship, const char *causes, DatumSet *objects)
{
	MemoryContext scratch = AllocSetContextCreate(take->cxt, "relmeta take step", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(scratch);
	Step		step = {.take = take, .relationship = relationship, .causes = causes};
	int64		gone;

	step.table = take_table(take, relationship->related->relid);
	step.nrows = objects->count;
	step.rows = MemoryContextAllocExtended(scratch, Max(step.nrows, 1) * sizeof(TakeRow),
										   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (int i = 0; i < step.nrows; i++)
		step.rows[i].key = objects->values[i];
	gone = take_rows(&step);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(scratch);
	return gone;
}

/* ---- below ---- */

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
	Step		step = {.take = take, .relationship = relationship, .losses = losses,
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
	take_rows(&step);
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

		if (!passes_on(relationship) || access_entries_empty(relationship->related))
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
