/*
 * key.c
 *		Keys as the catalog tables of this room have them, and as functions are given them.
 */
#include "relmeta.h"

#include "access/access.h"
#include "collect/collect.h"
#include "model/key.h"
#include "rows/rows.h"
#include "catalog/pg_type.h"
#include "ddl/ddl.h"
#include "executor/spi.h"
#include "feature/catalog.h"
#include "feature/key.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"

/* what the text of a value depends on; ISO dates, as dumps have them */
static const char *const settings[][2] = {
	{"datestyle", "ISO, YMD"},
	{"intervalstyle", "postgres"},
	{"timezone", "UTC"},
	{"extra_float_digits", "3"},
	{"bytea_output", "hex"},
	{"lc_monetary", "C"}
};

int
feature_keys_begin(void)
{
	int			level = NewGUCNestLevel();

	for (int i = 0; i < (int) lengthof(settings); i++)
		(void) set_config_option(settings[i][0], settings[i][1], PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true,
								 0, false);
	return level;
}

void
feature_keys_end(int level)
{
	AtEOXact_GUC(true, level);
}

char *
feature_key_text(ModelTable *table, Datum key)
{
	return model_key_output(table, key);
}

char *
feature_key_text_of(ModelTable *table, Datum key)
{
	int			level = feature_keys_begin();
	char	   *text_form = feature_key_text(table, key);

	feature_keys_end(level);
	return text_form;
}

ModelTable *
feature_table_argument(FunctionCallInfo fcinfo, int lockmode)
{
	Model	   *model;

	relmeta_argument_required(fcinfo, 0);
	(void) model_table_required(model_current(), PG_GETARG_OID(0));
	/* what is declared of it stays as it is from here on */
	LockRelationOid(PG_GETARG_OID(0), lockmode);
	model = model_current();
	model_pin(model, CurrentMemoryContext);
	return model_table_required(model, PG_GETARG_OID(0));
}

Datum
feature_keys_array(ModelTable *table, RowList *rows, int64 from, int64 upto, int column)
{
	Datum	   *texts = MemoryContextAllocHuge(CurrentMemoryContext, Max(upto - from, 1) * sizeof(Datum));
	Datum		values[MOVED_COLUMNS];
	bool		nulls[MOVED_COLUMNS];
	int			level = feature_keys_begin();

	for (int64 row = from; row < upto; row++)
	{
		rows_list_get(rows, row, values, nulls);
		texts[row - from] = CStringGetTextDatum(feature_key_text(table, values[column]));
	}
	feature_keys_end(level);
	return PointerGetDatum(construct_array(texts, (int) (upto - from), TEXTOID, -1, false, TYPALIGN_INT));
}

/* Of n texts those that are no row's key come to the front; their number. */
static int
keep_missing(ModelTable *table, Datum *texts, int n)
{
	DatumSet   *keys = rows_set_make(model_key_type(table));
	int		   *asked = palloc(Max(n, 1) * sizeof(int));
	int			missing = 0;
	int			level = feature_keys_begin();
	RowSet	   *rows;

	for (int i = 0; i < n; i++)
	{
		Datum		key;

		asked[i] = model_type_input_safe(model_key_type(table), TextDatumGetCString(texts[i]), &key) ?
			rows_set_index(keys, key) : -1;
	}
	feature_keys_end(level);
	rows = rows_get(table, keys, ROW_UNLOCKED);
	for (int i = 0; i < n; i++)
		if (asked[i] < 0 || rows->found[asked[i]] < 0)
			texts[missing++] = texts[i];
	return missing;
}

/* The texts that a query on the catalog gives for a table, $1; how many.  SPI is connected. */
static int
read_texts(ModelTable *table, const char *sql, Datum **texts)
{
	Oid			type = REGCLASSOID;
	Datum		relid = ObjectIdGetDatum(table->relid);
	int			n = (int) feature_catalog_read(sql, 1, &type, &relid, true);

	*texts = MemoryContextAllocHuge(CurrentMemoryContext, Max(n, 1) * sizeof(Datum));
	for (int i = 0; i < n; i++)
		(*texts)[i] = CStringGetTextDatum(SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1));
	SPI_freetuptable(SPI_tuptable);
	return n;
}

ArrayType *
feature_keys_missing(ModelTable *table, const char *sql)
{
	Datum	   *texts;
	int			n = read_texts(table, sql, &texts);

	n = keep_missing(table, texts, n);
	return n == 0 ? NULL : construct_array(texts, n, TEXTOID, -1, false, TYPALIGN_INT);
}

/* ---- a key that gets another type ---- */

/*
 * The same keys in the type that the table's key has got, as texts.  A cast may be code of the type's owner: the
 * table's owner, who has just had its rows cast by it, runs it.  SPI is connected.
 *
 *	SELECT (k.old::int4)::int8 FROM pg_catalog.unnest($1) WITH ORDINALITY AS k(old, number) ORDER BY k.number
 */
static ArrayType *
converted_texts(ModelTable *table, ArrayType *texts, int n, Oid from, Oid to)
{
	Oid			type = TEXTARRAYOID;
	Datum		value = PointerGetDatum(texts);
	char	   *old = psprintf("k.old::%s", format_type_be_qualified(from));
	Datum	   *new = MemoryContextAllocHuge(CurrentMemoryContext, n * sizeof(Datum));

	ddl_query_on(table->relid, psprintf("SELECT %s FROM pg_catalog.unnest($1) WITH ORDINALITY AS k(old, number)"
										" ORDER BY k.number", access_converted(old, from, to)), 1, &type, &value);
	if (SPI_processed != (uint64) n)
		elog(ERROR, UINT64_FORMAT " keys instead of %d", SPI_processed, n);
	for (int i = 0; i < n; i++)
	{
		bool		isnull;
		Datum		key = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull);

		if (isnull)
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("a key of table \"%s\" becomes null", relmeta_relation_name(table->relid)),
					 errhint("The cast from type %s to type %s must not give null.", format_type_be(from),
							 format_type_be(to))));
		new[i] = CStringGetTextDatum(feature_key_text(table, key));
	}
	SPI_freetuptable(SPI_tuptable);
	return construct_array(new, n, TEXTOID, -1, false, TYPALIGN_INT);
}

bool
feature_keys_converted(ModelTable *table, const char *sql, Oid from, Oid to, Datum *old, Datum *new)
{
	Datum	   *texts;
	int			n = read_texts(table, sql, &texts);
	ArrayType  *array;

	if (n == 0)
		return false;
	array = construct_array(texts, n, TEXTOID, -1, false, TYPALIGN_INT);
	*old = PointerGetDatum(array);
	*new = PointerGetDatum(converted_texts(table, array, n, from, to));
	return true;
}
