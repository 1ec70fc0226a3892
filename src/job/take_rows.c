/*
 * take_rows.c
 *		Takes entries through one relationship from rows; see take_rows.h.
 *
 * ORDER.  A table whose rows give something to others has them locked FOR UPDATE,
 * in the order of their keys, before their entries are taken: nobody then
 * inherits what is being taken, nor takes another ground at the same time
 * (ARCHITECTURE 3, snapshots and locks).  Entries are read after that with a new
 * snapshot.  Rows with nothing to take are not locked.
 */
#include "job/internal.h"

#include "access/nbtree.h"
#include "access/xact.h"
#include "cascade/effect.h"
#include "catalog/pg_type.h"
#include "job/take_rows.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/typcache.h"

/* up to so many principals of a row are compared one after the other */
#define FEW_PRINCIPALS 8

/* variant of PLAN_REVOKE_LOCK: the table has owners */
#define LOCK_OWNERS (1 * PLAN_VARIANT_OWN)

/* ---- statements ---- */

bool
job_type_is_plain(ModelType *type)
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
	if (job_type_is_plain(key))
		appendStringInfo(sql, " WHERE t.%s %s ANY ($1)", table->key.sql_name, key->sql_eq);
	else
		appendStringInfo(sql, ", pg_catalog.unnest($1) AS k(key) WHERE t.%s %s k.key%s",
						 table->key.sql_name, key->sql_eq, key->sql_collate);
	appendStringInfo(sql, " ORDER BY t.%s FOR UPDATE OF t", table->key.sql_name);
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
run_on_tids(TakeStep *step, PlanOp op, PlanBuilder builder, Datum *values, int n)
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
sort_rows(TakeStep *step)
{
	qsort_arg(step->rows, step->nrows, sizeof(TakeRow), compare_rows, &step->entries);
}

static Datum *
row_keys(TakeStep *step)
{
	Datum	   *keys = palloc(Max(step->nrows, 1) * sizeof(Datum));

	for (int i = 0; i < step->nrows; i++)
		keys[i] = step->rows[i].key;
	return keys;
}

/* The row with a key, most likely *next. */
static TakeRow *
row_of(TakeStep *step, Datum key, int *next)
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
lock_rows(TakeStep *step)
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
lost_bits(TakeStep *step, int parent, Datum principal)
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
reckon(TakeStep *step, EntryGroup *group)
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
	TakeStep   *step = arg;

	step->rows[group->row].wanted |= reckon(step, group) != 0;
}

/* ---- taking ---- */

static void
doom(TakeStep *step, Entry *entry, int row)
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
narrow(TakeStep *step, Entry *entry)
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
	TakeStep   *step = arg;
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
delete_doomed(TakeStep *step, Snapshot snapshot)
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
write_narrowed(TakeStep *step)
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
visit_rows(TakeStep *step, EntryVisitor visitor)
{
	Snapshot	snapshot;

	CommandCounterIncrement();
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	job_entries_visit(&step->entries, snapshot, step->nrows, row_keys(step), visitor, step);
	return snapshot;
}

/* Leaves the rows from which something is to be taken. */
static void
drop_unwanted_rows(TakeStep *step)
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

/* Does, or may, anybody inherit from the table's rows?  An entry table that is empty may be about to get its first. */
static bool
gives(ModelTable *table)
{
	ListCell   *cell;

	foreach(cell, table->as_primary)
	{
		if (job_take_passes_on(lfirst(cell)) && !access_entries_empty(((ModelRelationship *) lfirst(cell))->related))
			return true;
	}
	return cascade_rows_give(table);
}

int64
job_take_rows(TakeStep *step)
{
	int64		gone = 0;

	job_entries_open(&step->entries, step->table->table);
	step->gives = gives(step->table->table);
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

