/*
 * key.c
 *		Keys as the catalog tables of this room have them, and as functions are given them.
 */
#include "relmeta.h"

#include "access/access.h"
#include "feature/feature.h"
#include "storage/lmgr.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"

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
