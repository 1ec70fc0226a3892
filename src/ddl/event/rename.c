/*
 * rename.c
 *		Columns and indexes that were renamed: the catalog stores them by name.
 *
 * Tables and schemas need nothing: they are stored as regclass.
 */
#include "ddl/event/event.h"

#include "catalog/index.h"
#include "catalog/pg_type.h"
#include "ddl/follow.h"
#include "model/source.h"
#include "utils/builtins.h"

static const char *const registered_sql =
"UPDATE relmeta.registered_table SET"
"  key_column = CASE WHEN key_column = $2 THEN $3 ELSE key_column END,"
"  owner_column = CASE WHEN owner_column = $2 THEN $3 ELSE owner_column END,"
"  state_column = CASE WHEN state_column = $2 THEN $3 ELSE state_column END"
" WHERE relation = $1 AND $2 IN (key_column, owner_column, state_column)";

static const char *const related_sql =
"UPDATE relmeta.relationship SET"
"  lookup_column = CASE WHEN lookup_column = $2 THEN $3 ELSE lookup_column END,"
"  type_column = CASE WHEN type_column = $2 THEN $3 ELSE type_column END"
" WHERE related_table = $1 AND $2 IN (lookup_column, type_column)";

static const char *const intersect_sql =
"UPDATE relmeta.intersect_relationship SET"
"  column1 = CASE WHEN column1 = $2 THEN $3 ELSE column1 END,"
"  column2 = CASE WHEN column2 = $2 THEN $3 ELSE column2 END,"
"  unique_by = array_replace(unique_by, $2, $3)"
" WHERE intersect_table = $1 AND ($2 IN (column1, column2) OR $2 = ANY (unique_by))";

static const char *const index_sql =
"UPDATE relmeta.registered_table SET owner_index = $3 WHERE relation = $1 AND owner_index = $2";

/* The search_path of ddl_catalog() is pg_catalog: operators are found nowhere else. */
static void
run(const char *sql, Oid relid, const char *old_name, const char *new_name)
{
	Oid			types[] = {REGCLASSOID, NAMEOID, NAMEOID};
	Datum		values[] = {
		ObjectIdGetDatum(relid),
		DirectFunctionCall1(namein, CStringGetDatum(old_name)),
		DirectFunctionCall1(namein, CStringGetDatum(new_name))
	};

	(void) ddl_catalog(sql, lengthof(types), types, values, NULL);
}

void
ddl_event_column_renamed(Oid relid, const char *old_name, const char *new_name)
{
	int			known = model_known(relid);

	if (known & KNOWN_REGISTERED)
		run(registered_sql, relid, old_name, new_name);
	if (known & KNOWN_RELATED)
		run(related_sql, relid, old_name, new_name);
	if (known & KNOWN_INTERSECT)
		run(intersect_sql, relid, old_name, new_name);
	if (known & KNOWN_SOURCE)
		model_source_column_renamed(relid, old_name, new_name);
	if (known & (KNOWN_REGISTERED | KNOWN_PARTICIPANT))
		ddl_tell_column_renamed(relid, old_name, new_name);
}

void
ddl_event_index_renamed(Oid index, const char *old_name, const char *new_name)
{
	Oid			relid = IndexGetRelation(index, true);

	if (OidIsValid(relid) && (model_known(relid) & KNOWN_REGISTERED))
		run(index_sql, relid, old_name, new_name);
}
