/*
 * catalog.c
 *		Statements on the room's catalog tables; see catalog.h.
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/xact.h"
#include "executor/spi.h"
#include "feature/catalog.h"
#include "storage/bufmgr.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

bool
feature_catalog_mentions(const char *table, const char *index, Oid relid)
{
	Oid			schema = relmeta_schema_oid();
	Oid			table_oid = OidIsValid(schema) ? get_relname_relid(table, schema) : InvalidOid;
	Relation	rel = OidIsValid(table_oid) ? try_table_open(table_oid, AccessShareLock) : NULL;
	bool		found = false;

	if (rel == NULL)
		return false;
	if (RelationGetNumberOfBlocks(rel) > 0)
	{
		Oid			index_oid = get_relname_relid(index, schema);
		Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
		ScanKeyData skey;
		SysScanDesc scan;

		ScanKeyInit(&skey, 1, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
		scan = systable_beginscan(rel, index_oid, OidIsValid(index_oid), snapshot, 1, &skey);
		found = HeapTupleIsValid(systable_getnext(scan));
		systable_endscan(scan);
		UnregisterSnapshot(snapshot);
	}
	table_close(rel, NoLock);
	return found;
}

/* Acts as the extension's owner, under no search_path of the caller's. */
static ActingAs
begin(void)
{
	ActingAs	saved = relmeta_act_begin(relmeta_extension_owner(), ACT_RESTRICTED);

	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true,
							 0, false);
	return saved;
}

static void
execute(const char *sql, int nargs, Oid *types, Datum *values, const char *nulls, bool read_only, bool latest)
{
	SPIPlanPtr	plan = SPI_prepare(sql, nargs, types);
	int			result;

	if (plan == NULL)
		elog(ERROR, "SPI_prepare returned %s for %s", SPI_result_code_string(SPI_result), sql);
	if (latest)
		CommandCounterIncrement();
	result = SPI_execute_snapshot(plan, values, nulls, latest ? GetLatestSnapshot() : InvalidSnapshot, InvalidSnapshot,
								  read_only, true, 0);
	if (result < 0)
		elog(ERROR, "SPI_execute_snapshot returned %s for %s", SPI_result_code_string(result), sql);
}

uint64
feature_catalog_change(const char *sql, int nargs, Oid *types, Datum *values, const char *nulls)
{
	ActingAs	saved = begin();
	uint64		rows;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	execute(sql, nargs, types, values, nulls, false, IsolationUsesXactSnapshot());
	rows = SPI_processed;
	SPI_finish();
	relmeta_act_end(saved);
	return rows;
}

uint64
feature_catalog_read(const char *sql, int nargs, Oid *types, Datum *values, bool latest)
{
	MemoryContext cxt = CurrentMemoryContext;
	ActingAs	saved = begin();

	execute(sql, nargs, types, values, NULL, true, latest);
	relmeta_act_end(saved);
	MemoryContextSwitchTo(cxt);
	return SPI_processed;
}
