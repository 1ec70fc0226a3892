/*
 * connection_follow.c
 *		Connections go with rows that are deleted, follow changed keys and move in a merge: set-based.  SEMANTICS 3.5,
 *		3.6, 3.11.
 *
 * Whether a table's rows have connections at all is asked of relmeta.connected_table: a row there is written before
 * the first connection and stays.
 */
#include "relmeta.h"

#include "collect/collect.h"
#include "rows/rows.h"
#include "collect/step.h"
#include "catalog/pg_type.h"
#include "ddl/follow.h"
#include "executor/spi.h"
#include "feature/catalog.h"
#include "feature/connection.h"
#include "feature/key.h"
#include "feature/merge.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

static bool
has_connections(ModelTable *table)
{
	return feature_catalog_mentions("connected_table", "connected_table_pkey", table->relid);
}

void
feature_connection_note_table(ModelTable *table)
{
	Oid			type = REGCLASSOID;
	Datum		relid = ObjectIdGetDatum(table->relid);

	if (!has_connections(table))
		feature_catalog_change("INSERT INTO relmeta.connected_table (relation) VALUES ($1)"
							   " ON CONFLICT (relation) DO NOTHING", 1, &type, &relid, NULL);
}

/* ---- rows that are gone ---- */

static void
forget_keys(Oid relid, Datum keys)
{
	Oid			types[] = {REGCLASSOID, TEXTARRAYOID};
	Datum		values[] = {ObjectIdGetDatum(relid), keys};

	feature_catalog_change("DELETE FROM relmeta.connection AS c USING unnest($2) AS k(key)"
						   " WHERE c.relation1 = $1 AND c.key1 = k.key", 2, types, values, NULL);
	feature_catalog_change("DELETE FROM relmeta.connection AS c USING unnest($2) AS k(key)"
						   " WHERE c.relation2 = $1 AND c.key2 = k.key", 2, types, values, NULL);
}

static void
forget_deleted(TableChanges *changes, RowList *deleted, int64 from, int64 upto, int lookup)
{
	int64		step = rows_list_batch_rows(deleted);

	if (!has_connections(changes->table))
		return;
	for (int64 row = from; row < upto; row += step)
	{
		MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "relmeta connections",
													  ALLOCSET_DEFAULT_SIZES);
		MemoryContext old = MemoryContextSwitchTo(scratch);

		forget_keys(changes->relid,
					feature_keys_array(changes->table, deleted, row, Min(row + step, upto), DELETED_KEY));
		MemoryContextSwitchTo(old);
		MemoryContextDelete(scratch);
	}
}

/* Of the keys that connections name those of no row; NULL: there are none.  SPI is connected. */
static ArrayType *
missing_keys(ModelTable *table)
{
	return feature_keys_missing(table, "SELECT key1 FROM relmeta.connection WHERE relation1 = $1"
								" UNION SELECT key2 FROM relmeta.connection WHERE relation2 = $1");
}

static void
forget_missing(ModelTable *table)
{
	ArrayType  *missing = has_connections(table) ? missing_keys(table) : NULL;

	if (missing != NULL)
		forget_keys(table->relid, PointerGetDatum(missing));
}

/* ---- rows whose key has changed ---- */

/* One statement for all of them: a statement may swap keys. */
static void
follow_keys(TableChanges *changes, RowList *rekeyed, int64 from, int64 upto, int lookup)
{
	ModelTable *table = changes->table;
	Oid			types[] = {REGCLASSOID, TEXTARRAYOID, TEXTARRAYOID};
	Datum		values[3];

	if (!has_connections(table))
		return;
	values[0] = ObjectIdGetDatum(table->relid);
	values[1] = feature_keys_array(table, rekeyed, from, upto, REKEYED_OLD);
	values[2] = feature_keys_array(table, rekeyed, from, upto, REKEYED_NEW);
	feature_catalog_change("UPDATE relmeta.connection AS c SET key1 = k.new FROM unnest($2, $3) AS k(old, new)"
						   " WHERE c.relation1 = $1 AND c.key1 = k.old", 3, types, values, NULL);
	feature_catalog_change("UPDATE relmeta.connection AS c SET key2 = k.new FROM unnest($2, $3) AS k(old, new)"
						   " WHERE c.relation2 = $1 AND c.key2 = k.old", 3, types, values, NULL);
}

/* ---- a merge ---- */

#define BETWEEN "relation1 = $1 AND relation2 = $1" \
	" AND ((key1 = $2 AND key2 = $3) OR (key1 = $3 AND key2 = $2))"

/* How many there are of either; SPI is connected. */
static void
count_moving(Oid *types, Datum *values, int64 *rows, int64 *dropped)
{
	*dropped = (int64) feature_catalog_read("SELECT FROM relmeta.connection WHERE " BETWEEN, 3, types, values, true);
	*rows = (int64) feature_catalog_read("SELECT FROM relmeta.connection WHERE ((relation1 = $1 AND key1 = $3)"
										 " OR (relation2 = $1 AND key2 = $3)) AND NOT (" BETWEEN ")", 3, types, values,
										 true);
}

/* One between the two is dropped; the others become the master's. */
static void
move(Merge *merge, int64 *rows, int64 *dropped)
{
	ModelTable *table = merge->table;
	Oid			types[] = {REGCLASSOID, TEXTOID, TEXTOID};
	Datum		values[3];

	*rows = *dropped = 0;
	if (!has_connections(table))
		return;
	values[0] = ObjectIdGetDatum(table->relid);
	values[1] = CStringGetTextDatum(feature_key_text_of(table, merge->master));
	values[2] = CStringGetTextDatum(feature_key_text_of(table, merge->subordinate));
	if (merge->preview)
	{
		count_moving(types, values, rows, dropped);
		return;
	}
	*dropped = (int64) feature_catalog_change("DELETE FROM relmeta.connection WHERE " BETWEEN, 3, types, values, NULL);
	*rows = (int64) feature_catalog_change("UPDATE relmeta.connection SET key1 = $2 WHERE relation1 = $1 AND key1 = $3",
										   3, types, values, NULL);
	*rows += (int64) feature_catalog_change("UPDATE relmeta.connection SET key2 = $2"
											" WHERE relation2 = $1 AND key2 = $3", 3, types, values, NULL);
}

/* ---- verify, alter_column_type ---- */

static void
mend_missing(void *arg)
{
	ModelTable *table = model_table_required(ddl_model(), *(Oid *) arg);

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	forget_missing(table);
	SPI_finish();
}

static void
verify(Model *model, List **problems)
{
	ListCell   *lc;

	foreach(lc, model_tables(model))
	{
		ModelTable *table = lfirst(lc);

		if (table->broken == NULL)
			feature_keys_verify(table, has_connections, missing_keys, "connections", mend_missing, problems);
	}
}

static void
key_retyped(Oid relid, Oid from, Oid to)
{
	feature_keys_retype("relmeta.connection", "key1", " WHERE g.relation1 = $1", relid, from, to);
	feature_keys_retype("relmeta.connection", "key2", " WHERE g.relation2 = $1", relid, from, to);
}

static FlushStep deleted_step = {"connections of deleted rows", FLUSH_FOLLOW, CHANGE_DELETED, has_connections,
forget_deleted,.vanished = forget_missing};
static FlushStep rekeyed_step = {"connections of re-keyed rows", FLUSH_FOLLOW, CHANGE_REKEYED, has_connections,
follow_keys};
static FlushStep respelled_step = {"connections of respelled keys", FLUSH_FOLLOW, CHANGE_RESPELLED, has_connections,
follow_keys};
static const DdlFollower follower = {NULL, NULL, key_retyped, verify};

void
feature_connection_init(void)
{
	collect_add_step(&deleted_step);
	collect_add_step(&rekeyed_step);
	collect_add_step(&respelled_step);
	feature_add_merge_part(move);
	ddl_add_follower(&follower);
}
