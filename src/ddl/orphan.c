/*
 * orphan.c
 *		Rows of a lookup that point to none: SEMANTICS 2.3, 23503.
 */
#include "ddl/relationship.h"

#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

/* distinct lookups that are looked for at a time */
#define KEYS_AT_A_TIME 10000

/* With what compares its values. */
static ModelKeyColumns *
primary_key(const Declaration *d)
{
	ModelKeyColumns *key = ddl_primary_key(d->primary);

	model_columns_fill(key);
	return key;
}

char *
ddl_lookup_is_set(const Declaration *d, const char *alias)
{
	char	   *is_set = model_columns_are_set(d->lookup, alias);
	ModelType	type;

	if (d->type_column == NULL)
		return is_set;
	ddl_column_type(d->related, d->type_column, &type);
	return psprintf("%s AND %s.%s %s %s::%s", is_set, alias, quote_identifier(d->type_column), type.sql_eq,
					quote_literal_cstr(d->type_value), type.sql_name);
}

/*
 * r.lookup IS NOT NULL [AND r.type = 'account'::text]
 *   AND NOT EXISTS (SELECT FROM s.primary AS p WHERE p.id = r.lookup)
 */
char *
ddl_lookup_is_orphan(const Declaration *d)
{
	return psprintf("%s AND NOT EXISTS (SELECT FROM %s AS p WHERE %s)", ddl_lookup_is_set(d, "r"),
					ddl_table_name(d->primary),
					model_columns_are(primary_key(d), "p", model_columns_sql(d->lookup, "r")));
}

/* as the related table's owner: SELECT DISTINCT r.lookup::bigint FROM s.related AS r WHERE r.lookup IS NOT NULL */
static Portal
open_lookups(const Declaration *d, ModelKeyColumns *key)
{
	ActingAs	saved = relmeta_act_begin_on(d->related, AccessShareLock, ACT_RESTRICTED);
	SPIPlanPtr	plan = SPI_prepare(psprintf("SELECT DISTINCT %s::%s FROM %s AS r WHERE %s",
											model_columns_sql(d->lookup, "r"), model_columns_type(key)->sql_name,
											ddl_table_name(d->related), ddl_lookup_is_set(d, "r")), 0, NULL);
	Portal		portal;

	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	portal = SPI_cursor_open(NULL, plan, NULL, NULL, true);
	relmeta_act_end(saved);
	return portal;
}

/*
 * as the primary table's owner: is one of the keys that were fetched missing?
 *
 *	SELECT EXISTS (SELECT FROM pg_catalog.unnest($1) AS k(key)
 *		WHERE NOT EXISTS (SELECT FROM s.primary AS p WHERE p.id = k.key))
 */
static bool
key_is_missing(const Declaration *d, ModelKeyColumns *key)
{
	Oid			types[] = {model_columns_param(key, true)};
	Datum	   *keys = palloc(sizeof(Datum) * (SPI_processed + 1));
	Datum		array;
	bool		isnull;
	ActingAs	saved;
	int			result;

	for (uint64 i = 0; i < SPI_processed; i++)
		keys[i] = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull);
	array = model_type_array(model_columns_type(key), keys, (int) SPI_processed);
	saved = relmeta_act_begin_on(d->primary, AccessShareLock, ACT_RESTRICTED);
	result = SPI_execute_with_args(psprintf("SELECT EXISTS (SELECT FROM pg_catalog.unnest($1) AS k(key)"
											" WHERE NOT EXISTS (SELECT FROM %s AS p WHERE %s))",
											ddl_table_name(d->primary), model_columns_are(key, "p", "k.key")),
								   1, types, &array, NULL, true, 0);
	relmeta_act_end(saved);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args failed: %s", SPI_result_code_string(result));
	return DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
}

/*
 * Tables of two owners: neither may be able to read the other's, and code of neither runs as the other.  Both
 * queries see the same rows.
 */
static bool
has_orphans_of_another(const Declaration *d)
{
	ModelKeyColumns *key = primary_key(d);
	Portal		portal;
	bool		found = false;

	SPI_connect();
	PushActiveSnapshot(GetLatestSnapshot());
	portal = open_lookups(d, key);
	while (!found)
	{
		ActingAs	saved = relmeta_act_begin_on(d->related, NoLock, ACT_RESTRICTED);

		SPI_cursor_fetch(portal, true, KEYS_AT_A_TIME);
		relmeta_act_end(saved);
		if (SPI_processed == 0)
			break;
		found = key_is_missing(d, key);
	}
	SPI_cursor_close(portal);
	PopActiveSnapshot();
	SPI_finish();
	return found;
}

/* SELECT FROM s.related AS r WHERE ... */
bool
ddl_has_orphans(const Declaration *d)
{
	if (relmeta_relation_owner(d->related) != relmeta_relation_owner(d->primary))
		return has_orphans_of_another(d);
	return ddl_rows_exist_on(d->related, psprintf("SELECT FROM %s AS r WHERE %s", ddl_table_name(d->related),
												  ddl_lookup_is_orphan(d)));
}

void
ddl_check_orphans(const Declaration *d)
{
	if (ddl_has_orphans(d))
		ereport(ERROR,
				(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
				 errmsg("column \"%s\" of table \"%s\" points to rows that are not in table \"%s\"",
						model_columns_text(d->lookup), get_rel_name(d->related), get_rel_name(d->primary)),
				 errhint("Correct or clear the lookup of those rows first.")));
}
