/*
 * connection_follow.c
 *		Connections go with rows that are deleted, follow changed keys and move in a merge: set-based.  SEMANTICS 3.5,
 *		3.6, 3.11.
 *
 * Whether a table's rows have connections at all is asked of relmeta.connected_table: a row there is written before
 * the first connection and stays.
 */
#include "relmeta.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "feature/catalog.h"
#include "feature/connection.h"
#include "feature/follow_rows.h"
#include "feature/merge.h"
#include "utils/builtins.h"

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

static const FollowedCatalog followed = {"connections", "relmeta.connection", has_connections, {
		{"key1", " WHERE g.relation1 = $1"},
		{"key2", " WHERE g.relation2 = $1"}
}};

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

void
feature_connection_init(void)
{
	feature_follow_rows(&followed);
	feature_add_merge_part(move);
}
