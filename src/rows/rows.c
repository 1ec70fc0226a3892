/*
 * rows.c
 *		Reading and locking users' rows by their keys, for the access cascades, as their owners; see rows.h.
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/table.h"
#include "model/key.h"
#include "rows/fetch.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* variants of build_rows(): the lock */
#define VARIANT_LOCK(lock)	((lock) * PLAN_VARIANT_OWN)
#define LOCK_OF(variant)	((RowLock) ((variant) / PLAN_VARIANT_OWN))

void
rows_append_lock(StringInfo sql, RowLock lock, const char *alias)
{
	static const char *const locks[] = {NULL, "KEY SHARE", "NO KEY UPDATE", "UPDATE", NULL};

	if (locks[lock] != NULL)
		appendStringInfo(sql, " FOR %s OF %s", locks[lock], alias);
}

/* ---- rows by their keys ---- */

/* Is it looked at how they are held? */
static bool
looks(RowLock lock)
{
	return lock == ROW_KEY_SHARE || lock == ROW_ATTACHED;
}

/*
 * build_rows: where the rows are is asked for with ROW_KEY_SHARE and ROW_ATTACHED only.
 *
 *	SELECT t.id, t.owner | NULL, k.n [, t.tableoid, t.ctid]
 *	FROM s.t AS t, pg_catalog.unnest($1) WITH ORDINALITY AS k(key, n) WHERE t.id = k.key
 *	[ORDER BY t.id FOR UPDATE OF t | FOR KEY SHARE OF t]
 *
 * One row:
 *
 *	SELECT t.id, t.owner | NULL, 1::bigint [, t.tableoid, t.ctid] FROM s.t AS t WHERE t.id = $1
 *	[FOR UPDATE OF t | FOR KEY SHARE OF t]
 */
static void
build_rows(PlanText *built, void *subject, int variant)
{
	ModelTable *table = subject;
	bool		many = (variant & PLAN_ARRAYS) != 0;
	RowLock		lock = LOCK_OF(variant);
	StringInfo	sql = &built->sql;

	built->nparams = 1;
	built->params[0] = model_key_param(table, many);

	appendStringInfo(sql, "SELECT %s, %s%s, %s%s FROM %s AS t%s WHERE %s",
					 model_key_sql(table, "t"), table->owner.name != NULL ? "t." : "NULL",
					 table->owner.name != NULL ? table->owner.sql_name : "",
					 many ? "k.n" : "1::pg_catalog.int8", looks(lock) ? ", t.tableoid, t.ctid" : "",
					 table->sql_name,
					 many ? ", pg_catalog.unnest($1) WITH ORDINALITY AS k(key, n)" : "",
					 model_key_is(table, "t", many ? "k.key" : "$1"));
	if (many && lock != ROW_UNLOCKED && lock != ROW_ATTACHED)
		appendStringInfo(sql, " ORDER BY %s", model_key_sql(table, "t"));
	rows_append_lock(sql, lock, "t");
}

typedef struct RowsReader
{
	ModelTable *table;
	RowSet	   *rows;
	int			first;			/* number of the first key of this statement */
	MemoryContext cxt;
	bool		looks;
	Relation	rel;			/* the table, or partition, of the last row
								 * looked at; NULL: none */
} RowsReader;

static void
look_at_row(RowsReader *reader, Oid relid, ItemPointer tid)
{
	if (reader->rel == NULL || RelationGetRelid(reader->rel) != relid)
	{
		if (reader->rel != NULL)
			table_close(reader->rel, NoLock);
		reader->rel = relmeta_relation_open(relid, AccessShareLock);
	}
	rows_look(reader->rows, reader->rel, tid, GetActiveSnapshot());
}

static void
take_row(Datum *values, bool *nulls, void *arg)
{
	RowsReader *reader = arg;
	RowSet	   *rows = reader->rows;
	ModelType  *owner = &reader->table->owner.type;
	int			i;
	NullableDatum *owned = rows_map_enter(rows->owners, values[0], &i);

	if (reader->looks)
		look_at_row(reader, DatumGetObjectId(values[3]), (ItemPointer) DatumGetPointer(values[4]));
	rows->found[reader->first + (int) DatumGetInt64(values[2]) - 1] = i;
	owned->isnull = nulls[1];
	if (!nulls[1] && !owner->typbyval)
	{
		MemoryContext old = MemoryContextSwitchTo(reader->cxt);

		owned->value = datumCopy(values[1], false, owner->typlen);
		MemoryContextSwitchTo(old);
	}
	else if (!nulls[1])
		owned->value = values[1];
}

/* Snapshot NULL: the latest; of rows that are locked always that. */
static RowSet *
read_rows(ModelTable *table, DatumSet *asked, RowLock lock, Snapshot snapshot)
{
	RowSet	   *rows = palloc0(sizeof(RowSet));
	RowsReader	reader = {table, rows, 0, CurrentMemoryContext, looks(lock), NULL};

	rows->owners = rows_map_make(model_key_type(table), sizeof(NullableDatum));
	rows->found = MemoryContextAllocHuge(CurrentMemoryContext, Max(asked->count, 1) * sizeof(int));
	for (int i = 0; i < asked->count; i++)
		rows->found[i] = -1;
	if (asked->count == 0 || rows_fetch(table, asked, lock, snapshot, rows))
		return rows;
	for (int from = 0; from < asked->count; from += ROWS_KEYS_MAX)
	{
		int			upto = Min(from + ROWS_KEYS_MAX, asked->count);
		int			size = PLAN_SIZE(upto - from);
		SPIPlanPtr	plan = rows_plan(build_rows, size + VARIANT_LOCK(lock), (int) table->relid, table->relid,
									 lock == ROW_UNLOCKED ? AccessShareLock : RowShareLock, table, table->model);
		Datum		value = size == PLAN_ONE ? asked->values[from] : rows_set_array(asked, from, upto);

		reader.first = from;
		rows_run_each(plan, table->relid, &value, snapshot, take_row, &reader);
	}
	if (reader.rel != NULL)
		table_close(reader.rel, NoLock);
	return rows;
}

RowSet *
rows_get(ModelTable *table, DatumSet *asked, RowLock lock)
{
	RowSet	   *rows = read_rows(table, asked, lock, NULL);

	while (rows->missing || TransactionIdIsValid(rows->rival))
	{
		CHECK_FOR_INTERRUPTS();
		if (rows->missing)
			(void) read_rows(table, asked, ROW_KEY_SHARE, NULL);
		else
			XactLockTableWait(rows->rival, NULL, NULL, XLTW_None);
		rows = read_rows(table, asked, lock, NULL);
	}
	return rows;
}

RowSet *
rows_read(ModelTable *table, DatumSet *asked, Snapshot snapshot)
{
	return read_rows(table, asked, ROW_UNLOCKED, snapshot);
}

Bitmapset *
rows_had(ModelTable *table, DatumSet *asked, Snapshot snapshot)
{
	Snapshot	first = RegisterSnapshot(GetLatestSnapshot());
	Bitmapset  *had = NULL;

	/* of what the transaction has done it sees nothing */
	first->curcid = FirstCommandId;
	for (int i = 0; i < 2; i++)
	{
		RowSet	   *rows = rows_read(table, asked, i == 0 ? snapshot : first);

		for (int k = 0; k < asked->count; k++)
			if (rows->found[k] >= 0)
				had = bms_add_member(had, k);
	}
	UnregisterSnapshot(first);
	return had;
}

int
rows_index(RowSet *rows, Datum key)
{
	return rows_set_find(rows->owners->keys, key);
}

bool
rows_owns(ModelTable *table, RowSet *rows, int i, Datum principal)
{
	NullableDatum *owner = i >= 0 ? rows_owner(rows, i) : NULL;

	return owner != NULL && !owner->isnull && model_type_equal(&table->owner.type, owner->value, principal);
}

void
rows_lock(ModelTable *table, DatumSet *keys)
{
	rows_get(table, keys, ROW_UPDATE);
}

RowList *
rows_owners(ModelTable *table, DatumSet *keys, Snapshot snapshot)
{
	ModelType  *types[2] = {model_key_type(table), &table->owner.type};
	RowList    *list = rows_list_make(2, types);
	RowSet	   *rows;

	if (keys->count == 0 || table->owner.name == NULL)
		return list;
	rows = rows_read(table, keys, snapshot);
	for (int k = 0; k < keys->count; k++)
	{
		NullableDatum *owner = rows->found[k] >= 0 ? rows_owner(rows, rows->found[k]) : NULL;

		if (owner != NULL)
		{
			Datum		values[2] = {keys->values[k], owner->value};
			bool		nulls[2] = {false, owner->isnull};

			rows_list_add(list, values, nulls);
		}
	}
	return list;
}

/* ---- what tables give ---- */

bool
rows_passes_on(ModelTable *table)
{
	ListCell   *lc;

	foreach(lc, model_as_primary(table))
	{
		ModelRelationship *relationship = lfirst(lc);

		if (behavior_cascades(relationship->behavior[ACTION_SHARE]) ||
			behavior_cascades(relationship->behavior[ACTION_REPARENT]))
			return true;
	}
	return false;
}

RowLock
rows_gain_lock(ModelTable *table)
{
	return model_as_primary(table) != NIL ? ROW_UPDATE : ROW_NO_KEY_UPDATE;
}

bool
rows_passed_on(ModelTable *table)
{
	ListCell   *lc;

	foreach(lc, model_as_primary(table))
		if (!access_entries_empty(((ModelRelationship *) lfirst(lc))->related))
		return true;
	return rows_passes_on(table);
}
