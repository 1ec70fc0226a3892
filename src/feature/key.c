/*
 * key.c
 *		Keys as the catalog tables of this room have them, and as functions are given them.
 */
#include "relmeta.h"

#include "access/access.h"
#include "collect/collect.h"
#include "rows/rows.h"
#include "catalog/pg_type.h"
#include "ddl/verify.h"
#include "executor/spi.h"
#include "feature/catalog.h"
#include "feature/key.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

/* what the text of a value depends on; ISO dates, as dumps have them */
static const char *const settings[][2] = {
	{"datestyle", "ISO, YMD"},
	{"intervalstyle", "postgres"},
	{"timezone", "UTC"},
	{"extra_float_digits", "3"},
	{"bytea_output", "hex"}
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
	return model_type_output(&table->key.type, key);
}

char *
feature_key_text_of(ModelTable *table, Datum key)
{
	int			level = feature_keys_begin();
	char	   *text_form = feature_key_text(table, key);

	feature_keys_end(level);
	return text_form;
}

void
feature_require_argument(FunctionCallInfo fcinfo, int argno, const char *name)
{
	if (PG_ARGISNULL(argno))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be null", name)));
}

ModelTable *
feature_table_argument(FunctionCallInfo fcinfo, int lockmode)
{
	Model	   *model;

	feature_require_argument(fcinfo, 0, "relation");
	(void) model_table_required(model_current(), PG_GETARG_OID(0));
	/* what is declared of it stays as it is from here on */
	LockRelationOid(PG_GETARG_OID(0), lockmode);
	model = model_current();
	model_pin(model, CurrentMemoryContext);
	return model_table_required(model, PG_GETARG_OID(0));
}

Datum
feature_row_required(ModelTable *table, Datum key)
{
	ModelColumn *column = &table->key;
	Datum		stored = (Datum) 0;
	bool		isnull;

	if (!access_read_columns(table, key, 1, &column, &stored, &isnull) || !access_may_read(table, stored))
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("table \"%s\" has no row with that key that you may read", get_rel_name(table->relid)),
				 errhint("Look for the row with SELECT; row-level security may hide it.")));
	return stored;
}

bool
feature_text_readable(ModelTable *table, const char *text_form, Datum *key)
{
	int			level = feature_keys_begin();
	bool		valid = model_type_input_safe(&table->key.type, text_form, key);

	feature_keys_end(level);
	return valid && access_may_read(table, *key);
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
	DatumSet   *keys = rows_set_make(&table->key.type);
	int		   *asked = palloc(Max(n, 1) * sizeof(int));
	int			missing = 0;
	int			level = feature_keys_begin();
	RowSet	   *rows;

	for (int i = 0; i < n; i++)
	{
		Datum		key;

		asked[i] = model_type_input_safe(&table->key.type, TextDatumGetCString(texts[i]), &key) ?
			rows_set_index(keys, key) : -1;
	}
	feature_keys_end(level);
	rows = rows_get(table, keys, ROW_UNLOCKED);
	for (int i = 0; i < n; i++)
		if (asked[i] < 0 || rows->found[asked[i]] < 0)
			texts[missing++] = texts[i];
	return missing;
}

ArrayType *
feature_keys_missing(ModelTable *table, const char *sql)
{
	Oid			type = REGCLASSOID;
	Datum		relid = ObjectIdGetDatum(table->relid);
	int			n = (int) feature_catalog_read(sql, 1, &type, &relid, true);
	Datum	   *texts = MemoryContextAllocHuge(CurrentMemoryContext, Max(n, 1) * sizeof(Datum));

	for (int i = 0; i < n; i++)
		texts[i] = CStringGetTextDatum(SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1));
	SPI_freetuptable(SPI_tuptable);
	n = keep_missing(table, texts, n);
	return n == 0 ? NULL : construct_array(texts, n, TEXTOID, -1, false, TYPALIGN_INT);
}

void
feature_keys_verify(ModelTable *table, bool (*has) (ModelTable *table), ArrayType *(*missing) (ModelTable *table),
					const char *name, void (*mend) (void *arg), List **problems)
{
	MemoryContext cxt = CurrentMemoryContext;
	VerifyFollowerMend *follower;
	Oid		   *relid;
	bool		found;

	if (!has(table) || !relmeta_owns_relation(table->relid, GetUserId()))
		return;
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	found = missing(table) != NULL;
	SPI_finish();
	MemoryContextSwitchTo(cxt);
	if (!found)
		return;
	relid = palloc(sizeof(Oid));
	*relid = table->relid;
	follower = palloc(sizeof(VerifyFollowerMend));
	follower->mend = mend;
	follower->arg = relid;
	ddl_verify_add(problems, table->relid, table->stable_name, psprintf("%s of rows that do not exist", name), NULL,
				   MEND_FOLLOWER, follower);
}

/*
 *	UPDATE relmeta.merge AS g SET master = (g.master::int4::int8)::pg_catalog.text WHERE g.relation = $1
 */
void
feature_keys_retype(const char *catalog, const char *column, const char *where, Oid relid, Oid from, Oid to)
{
	Oid			type = REGCLASSOID;
	Datum		value = ObjectIdGetDatum(relid);
	char	   *stored = psprintf("g.%s::%s", column, format_type_be_qualified(from));
	int			level = feature_keys_begin();

	feature_catalog_change(psprintf("UPDATE %s AS g SET %s = (%s)::pg_catalog.text%s", catalog, column,
									access_converted(stored, from, to), where), 1, &type, &value, NULL);
	feature_keys_end(level);
}
