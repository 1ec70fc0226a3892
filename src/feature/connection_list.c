/*
 * connection_list.c
 *		connections(): those of a row, from whichever end they were made.  SEMANTICS 2.7, 3.11.
 *
 * Stored are both ends; shown is a connection to who may read both.  The caller names the table of one end only: of
 * the other's, policies of an ordinary role's are not run as him (access/harmless.c).
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/statement.h"
#include "catalog/pg_type.h"
#include "ddl/ddl.h"
#include "executor/spi.h"
#include "feature/catalog.h"
#include "feature/connection.h"
#include "funcapi.h"
#include "model/key.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(relmeta_connections);

/* columns of the query and of the result */
enum
{
	COLUMN_ID,
	COLUMN_ROLE,
	COLUMN_TABLE,
	COLUMN_KEY,
	COLUMN_OTHER_ROLE,
	COLUMN_START,
	COLUMN_END,
	COLUMN_DESCRIPTION,
	COLUMNS
};

static const char *const connections_sql =
"SELECT c.connection_id, o.name, c.other, c.key, t.name, c.effective_start, c.effective_end, c.description"
" FROM (SELECT connection_id, role1 AS own, relation2 AS other, key2 AS key, role2 AS their, effective_start,"
"     effective_end, description FROM relmeta.connection WHERE relation1 = $1 AND key1 = $2"
"   UNION ALL SELECT connection_id, role2, relation1, key1, role1, effective_start, effective_end, description"
"     FROM relmeta.connection WHERE relation2 = $1 AND key2 = $2) AS c"
" LEFT JOIN relmeta.connection_role AS o ON o.role_id = c.own"
" LEFT JOIN relmeta.connection_role AS t ON t.role_id = c.their"
" ORDER BY c.other, c.connection_id";

static Oid
other_of(SPITupleTable *found, uint64 i)
{
	bool		isnull;

	return DatumGetObjectId(SPI_getbinval(found->vals[i], found->tupdesc, COLUMN_TABLE + 1, &isnull));
}

static void
put_connection(ReturnSetInfo *rsinfo, SPITupleTable *found, uint64 i, char *key)
{
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS];

	for (int column = 0; column < COLUMNS; column++)
		values[column] = SPI_getbinval(found->vals[i], found->tupdesc, column + 1, &nulls[column]);
	values[COLUMN_KEY] = CStringGetTextDatum(key);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* Connections [from, upto) to rows of one table, as far as the caller may read these; false: that cannot be told. */
static bool
put_connections(ReturnSetInfo *rsinfo, ModelTable *table, SPITupleTable *found, uint64 from, uint64 upto)
{
	int			n = (int) (upto - from);
	Datum	   *keys = palloc(n * sizeof(Datum));
	bool	   *readable;
	int			level = feature_keys_begin();

	for (int i = 0; i < n; i++)
		keys[i] = model_key_input(table, SPI_getvalue(found->vals[from + i], found->tupdesc, COLUMN_KEY + 1));
	feature_keys_end(level);
	readable = feature_readable(table, keys, n, false);
	for (int i = 0; readable != NULL && i < n; i++)
		if (readable[i])
			put_connection(rsinfo, found, from + i, model_key_output(table, keys[i]));
	return readable != NULL;
}

static void
tell_left_out(int tables)
{
	ereport(NOTICE,
			(errmsg_plural("connections to rows of %d table with policies of its owner's are left out",
						   "connections to rows of %d tables with policies of their owners' are left out", tables,
						   tables),
			 errdetail("These policies would run as the current user."),
			 errhint("Call relmeta.connections() for rows of a table whose owner you trust.")));
}

static Datum
connections(PG_FUNCTION_ARGS)
{
	ModelTable *table = feature_table_argument(fcinfo, AccessShareLock);
	Model	   *model = ddl_model();
	Oid			types[] = {REGCLASSOID, TEXTOID};
	Datum		values[2];
	Datum		key;
	SPITupleTable *found;
	uint64		n;
	int			left_out = 0;

	relmeta_argument_required(fcinfo, 1);
	feature_connection_check_table(table);
	key = feature_row_required(table, model_key_argument(fcinfo, 1, table));
	values[0] = ObjectIdGetDatum(table->relid);
	values[1] = CStringGetTextDatum(feature_key_text_of(table, key));
	InitMaterializedSRF(fcinfo, 0);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	n = feature_catalog_read(connections_sql, 2, types, values, false);
	found = SPI_tuptable;
	for (uint64 from = 0, upto; from < n; from = upto)
	{
		ModelTable *other = model_table(model, other_of(found, from));

		for (upto = from + 1; upto < n && other_of(found, upto) == other_of(found, from); upto++)
			continue;
		if (other != NULL && other->broken == NULL &&
			!put_connections((ReturnSetInfo *) fcinfo->resultinfo, other, found, from, upto))
			left_out++;
	}
	SPI_finish();
	if (left_out > 0)
		tell_left_out(left_out);
	return (Datum) 0;
}

Datum
relmeta_connections(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, connections);
}
