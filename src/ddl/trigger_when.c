/*
 * trigger_when.c
 *		The condition of a row trigger: a watched column has changed.
 */
#include "ddl/ddl.h"

#include "access/htup_details.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_operator.h"
#include "lib/stringinfo.h"
#include "model/key.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

/*
 * IS DISTINCT FROM finds its equality by search_path, which is empty when a
 * dump is restored: citext would be compared as text then, as it would a type
 * whose equality is not pg_catalog's be refused.  Their text forms can be
 * compared anywhere, and differ whenever the values do.
 */
static const char *
comparison_cast(Oid relid, const char *column)
{
	TypeCacheEntry *entry = lookup_type_cache(getBaseType(get_atttype(relid, get_attnum(relid, column))),
											  TYPECACHE_EQ_OPR);
	HeapTuple	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(entry->eq_opr));
	bool		in_pg_catalog = HeapTupleIsValid(tuple) &&
	((Form_pg_operator) GETSTRUCT(tuple))->oprnamespace == PG_CATALOG_NAMESPACE;

	if (HeapTupleIsValid(tuple))
		ReleaseSysCache(tuple);
	return in_pg_catalog ? "" : "::pg_catalog.text";
}

static void
append_comparison(StringInfo buf, const char *column, const char *cast)
{
	const char *name = quote_identifier(column);

	appendStringInfo(buf, "%s OLD.%s%s IS DISTINCT FROM NEW.%s%s", buf->len == 0 ? " WHEN (" : " OR", name, cast, name,
					 cast);
}

/*
 *	' WHEN (OLD.a IS DISTINCT FROM NEW.a OR OLD.b::pg_catalog.text IS DISTINCT FROM NEW.b::pg_catalog.text)'
 *
 * and, of a key that may be equal though spelled otherwise,
 *
 *	OR OLD.id::pg_catalog.text COLLATE pg_catalog."C" IS DISTINCT FROM NEW.id::pg_catalog.text COLLATE pg_catalog."C"
 */
char *
ddl_trigger_when(ModelTable *table, Oid relid, List *columns)
{
	StringInfoData buf;
	ListCell   *lc;

	initStringInfo(&buf);
	foreach(lc, columns)
	{
		append_comparison(&buf, lfirst(lc), comparison_cast(relid, lfirst(lc)));
		if (model_key_has_column(table, lfirst(lc)) && !model_key_type(table)->by_image)
			append_comparison(&buf, lfirst(lc), "::pg_catalog.text COLLATE pg_catalog.\"C\"");
	}
	if (buf.len > 0)
		appendStringInfoChar(&buf, ')');
	return buf.data;
}
