/*
 * store_statement.c
 *		Writing a store's rows by statements, where somebody has put triggers, rules or
 *		constraints on the table: they hold, at the price that statements have.
 *
 * The statements run as the extension's owner, to whom the table belongs.
 */
#include "relmeta.h"

#include "access/store.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* Like a store's scans it sees the latest rows at every isolation level. */
static uint64
run(const char *sql, int nargs, Oid *types, Datum *values, const char *nulls)
{
	Snapshot	snapshot = InvalidSnapshot;
	ActingAs	saved;
	SPIPlanPtr	plan;
	int			result;
	uint64		processed;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	saved = relmeta_act_begin(relmeta_extension_owner(), ACT_CASCADE);
	plan = SPI_prepare(sql, nargs, types);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare returned %s for %s", SPI_result_code_string(SPI_result), sql);
	if (IsolationUsesXactSnapshot())
		snapshot = GetLatestSnapshot();
	result = SPI_execute_snapshot(plan, values, nulls, snapshot, InvalidSnapshot, false, true, 0);
	relmeta_act_end(saved);
	if (result < 0)
		elog(ERROR, "SPI_execute_snapshot returned %s for %s", SPI_result_code_string(result), sql);
	processed = SPI_processed;
	SPI_finish();
	return processed;
}

/* The row was locked, so it is there. */
static void
run_on_row(Store *store, const char *sql, int nargs, Oid *types, Datum *values, const char *nulls)
{
	if (run(sql, nargs, types, values, nulls) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_TRIGGERED_ACTION_EXCEPTION),
				 errmsg("a trigger on table \"%s\" has kept a row from being changed",
						RelationGetRelationName(store->rel)),
				 errhint("Let the trigger return the row: an entry is what follows from what was declared.")));
}

/* The columns of a row as parameters; returns their number. */
static int
row_parameters(Store *store, const Datum *values, const bool *nulls, Oid *types, Datum *params, char *param_nulls)
{
	TupleDesc	desc = RelationGetDescr(store->rel);

	for (int i = 0; i < ENTRY_COLUMNS; i++)
	{
		types[i] = TupleDescAttr(desc, i)->atttypid;
		params[i] = values[i];
		param_nulls[i] = nulls[i] ? 'n' : ' ';
	}
	return ENTRY_COLUMNS;
}

/* INSERT INTO relmeta_access.t VALUES ($1, $2, ...) */
void
access_statement_insert(Store *store, const Datum *values, const bool *nulls)
{
	Oid			types[ENTRY_COLUMNS];
	Datum		params[ENTRY_COLUMNS];
	char		param_nulls[ENTRY_COLUMNS];
	int			n = row_parameters(store, values, nulls, types, params, param_nulls);
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "INSERT INTO %s VALUES (", store->table->entry_sql);
	for (int i = 0; i < n; i++)
		appendStringInfo(&sql, "%s$%d", i > 0 ? ", " : "", i + 1);
	appendStringInfoChar(&sql, ')');
	run(sql.data, n, types, params, param_nulls);
	pfree(sql.data);
}

/* UPDATE relmeta_access.t SET (object, ...) = ROW ($1, ...) WHERE ctid = $n */
void
access_statement_update(Store *store, ItemPointer tid, const Datum *values, const bool *nulls)
{
	TupleDesc	desc = RelationGetDescr(store->rel);
	Oid			types[ENTRY_COLUMNS + 1];
	Datum		params[ENTRY_COLUMNS + 1];
	char		param_nulls[ENTRY_COLUMNS + 1];
	int			n = row_parameters(store, values, nulls, types, params, param_nulls);
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "UPDATE %s AS e SET ", store->table->entry_sql);
	for (int i = 0; i < n; i++)
		appendStringInfo(&sql, "%s%s = $%d", i > 0 ? ", " : "",
						 quote_identifier(NameStr(TupleDescAttr(desc, i)->attname)), i + 1);
	appendStringInfo(&sql, " WHERE e.ctid OPERATOR(pg_catalog.=) $%d", n + 1);
	types[n] = TIDOID;
	params[n] = PointerGetDatum(tid);
	param_nulls[n] = ' ';
	run_on_row(store, sql.data, n + 1, types, params, param_nulls);
	pfree(sql.data);
}

/* DELETE FROM relmeta_access.t AS e WHERE e.ctid = $1 */
void
access_statement_delete(Store *store, ItemPointer tid)
{
	Oid			type = TIDOID;
	Datum		value = PointerGetDatum(tid);
	char	   *sql = psprintf("DELETE FROM %s AS e WHERE e.ctid OPERATOR(pg_catalog.=) $1", store->table->entry_sql);

	run_on_row(store, sql, 1, &type, &value, NULL);
	pfree(sql);
}
