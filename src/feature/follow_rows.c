/*
 * follow_rows.c
 *		Catalog tables follow the rows that they speak of (SEMANTICS 3.5); see follow_rows.h.
 *
 * Whether a table has rows in a catalog table is asked when its changes are collected and again when they are acted on:
 * the first may have been written while a statement waited.
 */
#include "relmeta.h"

#include "catalog/pg_type.h"
#include "collect/collect.h"
#include "collect/step.h"
#include "ddl/follow.h"
#include "ddl/verify/verify.h"
#include "executor/spi.h"
#include "feature/catalog.h"
#include "feature/follow_rows.h"
#include "feature/key.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

static List *catalogs = NIL;	/* const FollowedCatalog *, in
								 * TopMemoryContext */

/* Calls what for each column of keys in which the table has rows. */
typedef void KeyAct (ModelTable *table, const FollowedCatalog *catalog, const FollowedKey *key, void *arg);

static void
each_key(ModelTable *table, KeyAct *act, void *arg)
{
	ListCell   *lc;

	foreach(lc, catalogs)
	{
		const FollowedCatalog *catalog = lfirst(lc);

		if (!catalog->has(table))
			continue;
		for (int i = 0; i < FOLLOWED_KEYS && catalog->keys[i].column != NULL; i++)
			act(table, catalog, &catalog->keys[i], arg);
	}
}

/* ---- rows that are gone ---- */

/*
 *	DELETE FROM relmeta.merge AS g USING pg_catalog.unnest($2) AS k(gone) WHERE g.relation = $1
 *	 AND g.master = k.gone
 *
 * arg: an array of texts.
 */
static void
forget(ModelTable *table, const FollowedCatalog *catalog, const FollowedKey *key, void *arg)
{
	Oid			types[2] = {REGCLASSOID, TEXTARRAYOID};
	Datum		values[2] = {ObjectIdGetDatum(table->relid), PointerGetDatum(arg)};

	feature_catalog_change(psprintf("DELETE FROM %s AS g USING pg_catalog.unnest($2) AS k(gone)%s AND g.%s = k.gone",
									catalog->catalog, key->of_table, key->column), 2, types, values, NULL);
}

static void
forget_deleted(TableChanges *changes, RowList *deleted, int64 from, int64 upto, int lookup)
{
	int64		step = rows_list_batch_rows(deleted);
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "relmeta followed rows",
												  ALLOCSET_DEFAULT_SIZES);

	for (int64 row = from; row < upto; row += step)
	{
		MemoryContext old = MemoryContextSwitchTo(scratch);
		Datum		keys = feature_keys_array(changes->table, deleted, row, Min(row + step, upto), DELETED_KEY);

		each_key(changes->table, forget, DatumGetPointer(keys));
		MemoryContextSwitchTo(old);
		MemoryContextReset(scratch);
	}
	MemoryContextDelete(scratch);
}

/* Of the keys in a column those of no row; NULL: there are none.  SPI is connected. */
static ArrayType *
missing_keys(ModelTable *table, const FollowedCatalog *catalog, const FollowedKey *key)
{
	return feature_keys_missing(table, psprintf("SELECT DISTINCT g.%s FROM %s AS g%s", key->column, catalog->catalog,
												key->of_table));
}

static void
forget_missing(ModelTable *table, const FollowedCatalog *catalog, const FollowedKey *key, void *arg)
{
	ArrayType  *missing = missing_keys(table, catalog, key);

	if (missing != NULL)
		forget(table, catalog, key, missing);
}

static void
forget_vanished(ModelTable *table)
{
	each_key(table, forget_missing, NULL);
}

/* ---- rows whose key is another, or is written otherwise ---- */

/* the same keys, before and after: arrays of texts */
typedef struct KeyTexts
{
	Datum		old;
	Datum		new;
} KeyTexts;

/*
 *	UPDATE relmeta.merge AS g SET master = k.new
 *	FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) AS k(old, new)
 *	WHERE g.relation = $1 AND g.master = k.old
 *
 * In a unique key all are taken out before any is put back (ORDER BY):
 *
 *	WITH d AS (DELETE FROM relmeta.merge AS g
 *	  USING ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) AS k(old, new)
 *	  WHERE g.relation = $1 AND g.subordinate = k.old RETURNING g.*, k.new)
 *	INSERT INTO relmeta.merge (subordinate, relation, …) SELECT d.new, relation, … FROM d ORDER BY 1
 */
static void
follow(ModelTable *table, const FollowedCatalog *catalog, const FollowedKey *key, void *arg)
{
	KeyTexts   *texts = arg;
	Oid			types[3] = {REGCLASSOID, TEXTARRAYOID, TEXTARRAYOID};
	Datum		values[3] = {ObjectIdGetDatum(table->relid), texts->old, texts->new};
	char	   *from = psprintf("ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) AS k(old, new)%s"
								" AND g.%s = k.old", key->of_table, key->column);
	char	   *sql;

	if (key->others == NULL)
		sql = psprintf("UPDATE %s AS g SET %s = k.new FROM %s", catalog->catalog, key->column, from);
	else
		sql = psprintf("WITH d AS (DELETE FROM %s AS g USING %s RETURNING g.*, k.new)"
					   " INSERT INTO %s (%s, %s) SELECT d.new, %s FROM d ORDER BY 1", catalog->catalog, from,
					   catalog->catalog, key->column, key->others, key->others);
	feature_catalog_change(sql, 3, types, values, NULL);
}

/* rows of a list of changed keys, REKEYED_* */
typedef struct KeyRows
{
	RowList    *rekeyed;
	int64		from;
	int64		upto;
} KeyRows;

static KeyTexts
key_texts(ModelTable *table, RowList *rekeyed, int64 from, int64 upto)
{
	KeyTexts	texts;

	texts.old = feature_keys_array(table, rekeyed, from, upto, REKEYED_OLD);
	texts.new = feature_keys_array(table, rekeyed, from, upto, REKEYED_NEW);
	return texts;
}

/*
 *	SELECT k.old, k.new FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) AS k(old, new)
 *	WHERE EXISTS (SELECT FROM relmeta.merge AS g WHERE g.relation = $1 AND g.master = k.old)
 *
 * Adds those of the keys that the column has.  SPI is connected.
 */
static void
add_followed(ModelTable *table, const FollowedCatalog *catalog, const FollowedKey *key, KeyTexts *texts,
			 RowList *followed)
{
	Oid			types[3] = {REGCLASSOID, TEXTARRAYOID, TEXTARRAYOID};
	Datum		values[3] = {ObjectIdGetDatum(table->relid), texts->old, texts->new};

	feature_catalog_read(psprintf("SELECT k.old, k.new"
								  " FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3)) AS k(old, new)"
								  " WHERE EXISTS (SELECT FROM %s AS g%s AND g.%s = k.old)",
								  catalog->catalog, key->of_table, key->column), 3, types, values, true);
	rows_list_take_result(followed);
}

/*
 * Of many keys, which may be swapped, those that the column has are followed in one statement: in memory are their
 * texts, and no other ones.
 */
static void
follow_some(ModelTable *table, const FollowedCatalog *catalog, const FollowedKey *key, void *arg)
{
	KeyRows    *rows = arg;
	ModelType  *types[2] = {model_type_text(), model_type_text()};
	RowList    *followed = rows_list_make(2, types);
	Datum		arrays[2];
	KeyTexts	texts;
	RowSlice	slice;

	rows_slice_begin(&slice, rows->rekeyed, rows->from, rows->upto);
	while (rows_slice_next(&slice))
	{
		texts = key_texts(table, rows->rekeyed, slice.from, slice.upto);
		add_followed(table, catalog, key, &texts, followed);
	}
	if (followed->nrows == 0)
		return;
	rows_list_arrays(followed, 0, followed->nrows, 2, COLUMNS(0, 1), arrays);
	texts.old = arrays[0];
	texts.new = arrays[1];
	follow(table, catalog, key, &texts);
}

static void
follow_keys(TableChanges *changes, RowList *rekeyed, int64 from, int64 upto, int lookup)
{
	KeyRows		rows = {rekeyed, from, upto};
	KeyTexts	texts;

	if (upto - from <= rows_list_batch_rows(rekeyed))
	{
		texts = key_texts(changes->table, rekeyed, from, upto);
		each_key(changes->table, follow, &texts);
		return;
	}
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	each_key(changes->table, follow_some, &rows);
	SPI_finish();
}

/* ---- a key that gets another type ---- */

typedef struct TypeChange
{
	Oid			from;
	Oid			to;
} TypeChange;

static void
retype(ModelTable *table, const FollowedCatalog *catalog, const FollowedKey *key, void *arg)
{
	TypeChange *change = arg;
	KeyTexts	texts;

	if (feature_keys_converted(table, psprintf("SELECT DISTINCT g.%s FROM %s AS g%s", key->column, catalog->catalog,
											   key->of_table), change->from, change->to, &texts.old, &texts.new))
		follow(table, catalog, key, &texts);
}

static void
key_retyped(Oid relid, Oid from, Oid to)
{
	Model	   *model = model_current();
	TypeChange	change = {from, to};
	int			level;

	model_pin(model, CurrentMemoryContext);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	level = feature_keys_begin();
	each_key(model_table_required(model, relid), retype, &change);
	feature_keys_end(level);
	SPI_finish();
}

/* ---- a key whose value, of an enum, is called otherwise ---- */

static void
key_renamed(Oid relid, const char *old_value, const char *new_value)
{
	Model	   *model = model_current();
	Datum		old = CStringGetTextDatum(old_value);
	Datum		new = CStringGetTextDatum(new_value);
	KeyTexts	texts;

	model_pin(model, CurrentMemoryContext);
	texts.old = PointerGetDatum(construct_array(&old, 1, TEXTOID, -1, false, TYPALIGN_INT));
	texts.new = PointerGetDatum(construct_array(&new, 1, TEXTOID, -1, false, TYPALIGN_INT));
	each_key(model_table_required(model, relid), follow, &texts);
}

/* ---- verify, repair ---- */

/* what is to be mended */
typedef struct Orphans
{
	const FollowedCatalog *catalog;
	Oid			relid;
} Orphans;

static void
mend_missing(void *arg)
{
	Orphans    *orphans = arg;
	Model	   *model = model_current();
	ModelTable *table;

	model_pin(model, CurrentMemoryContext);
	table = model_table(model, orphans->relid);
	if (table == NULL)
		return;
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	for (int i = 0; i < FOLLOWED_KEYS && orphans->catalog->keys[i].column != NULL; i++)
		forget_missing(table, orphans->catalog, &orphans->catalog->keys[i], NULL);
	SPI_finish();
}

/* Are there rows of a catalog table that name keys of no row? */
static bool
has_missing(ModelTable *table, const FollowedCatalog *catalog)
{
	MemoryContext cxt = CurrentMemoryContext;
	bool		found = false;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	for (int i = 0; !found && i < FOLLOWED_KEYS && catalog->keys[i].column != NULL; i++)
		found = missing_keys(table, catalog, &catalog->keys[i]) != NULL;
	SPI_finish();
	MemoryContextSwitchTo(cxt);
	return found;
}

static void
verify_catalog(ModelTable *table, const FollowedCatalog *catalog, List **problems)
{
	VerifyFollowerMend *mend;
	Orphans    *orphans;

	if (!catalog->has(table) || !has_missing(table, catalog))
		return;
	orphans = palloc(sizeof(Orphans));
	orphans->catalog = catalog;
	orphans->relid = table->relid;
	mend = palloc(sizeof(VerifyFollowerMend));
	mend->mend = mend_missing;
	mend->arg = orphans;
	ddl_verify_add(problems, table->relid, table->stable_name, psprintf("%s of rows that do not exist", catalog->name),
				   NULL, MEND_FOLLOWER, mend);
}

static void
verify(Model *model, List **problems)
{
	ListCell   *lc;
	ListCell   *lc2;

	foreach(lc, model_tables(model))
	{
		ModelTable *table = lfirst(lc);

		if (table->broken == NULL && relmeta_owns_relation(table->relid, GetUserId()))
			foreach(lc2, catalogs)
				verify_catalog(table, lfirst(lc2), problems);
	}
}

/* ---- hanging on ---- */

static bool
is_followed(ModelTable *table)
{
	ListCell   *lc;

	foreach(lc, catalogs)
		if (((const FollowedCatalog *) lfirst(lc))->has(table))
		return true;
	return false;
}

static FlushStep deleted_step = {"what hangs on deleted rows", FLUSH_FOLLOW, CHANGE_DELETED, is_followed,
forget_deleted,.vanished = forget_vanished};
static FlushStep rekeyed_step = {"what hangs on re-keyed rows", FLUSH_FOLLOW, CHANGE_REKEYED, is_followed, follow_keys};
static FlushStep respelled_step = {"what hangs on respelled keys", FLUSH_FOLLOW, CHANGE_RESPELLED, is_followed,
follow_keys};
static const DdlFollower follower = {.key_retyped = key_retyped,.key_renamed = key_renamed,.verify = verify};

void
feature_follow_rows(const FollowedCatalog *catalog)
{
	MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);

	if (catalogs == NIL)
	{
		collect_add_step(&deleted_step);
		collect_add_step(&rekeyed_step);
		collect_add_step(&respelled_step);
		ddl_add_follower(&follower);
	}
	catalogs = lappend(catalogs, unconstify(FollowedCatalog *, catalog));
	MemoryContextSwitchTo(old);
}
