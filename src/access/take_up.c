/*
 * take_up.c
 *		An entry table that a dropped extension has left behind is taken up when
 *		its table is registered again (ARCHITECTURE section 2, "DROP EXTENSION").
 *
 * That it is the table's is proved by its dependency on it, which nobody else can
 * make, and by its owner.
 */
#include "relmeta.h"

#include "access/entry_table.h"
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_depend.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

/*
 * Whether it may be one of relmeta's: somebody else's table, a partition
 * perhaps, could depend on relid as well, and have triggers.
 */
static bool
is_of_owner(Oid relid, Oid owner)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Form_pg_class class;
	bool		result;

	if (!HeapTupleIsValid(tuple))
		return false;
	class = (Form_pg_class) GETSTRUCT(tuple);
	result = class->relkind == RELKIND_RELATION && !class->relispartition && class->relowner == owner;
	ReleaseSysCache(tuple);
	return result;
}

static bool
has_entry_columns(Oid relid)
{
	static const char *const names[ENTRY_COLUMNS] =
	{"object", "principal", "relationship", "cause", "mask", "granted_by", "granted_at"};

	for (int i = 0; i < ENTRY_COLUMNS; i++)
		if (get_attnum(relid, names[i]) != i + 1)
			return false;
	return true;
}

/*
 * The table of relmeta_access that depends on relid: left behind by a dropped
 * extension.  InvalidOid when there is none.
 */
static Oid
left_behind(Oid relid, Oid owner)
{
	Oid			schema = get_namespace_oid(RELMETA_ACCESS_SCHEMA, true);
	Relation	depend = table_open(DependRelationId, AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;
	Oid			found = InvalidOid;

	ScanKeyInit(&keys[0], Anum_pg_depend_refclassid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(RelationRelationId));
	ScanKeyInit(&keys[1], Anum_pg_depend_refobjid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(depend, DependReferenceIndexId, true, NULL, 2, keys);
	while (!OidIsValid(found) && HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_depend form = (Form_pg_depend) GETSTRUCT(tuple);

		if (form->classid == RelationRelationId && form->objsubid == 0 && form->refobjsubid == 0 &&
			form->deptype == DEPENDENCY_AUTO && OidIsValid(schema) &&
			get_rel_namespace(form->objid) == schema && is_of_owner(form->objid, owner) &&
			has_entry_columns(form->objid))
			found = form->objid;
	}
	systable_endscan(scan);
	table_close(depend, AccessShareLock);
	return found;
}

/* ---- taking up ---- */

static void
delete_entries(ModelTable *table, const char *condition)
{
	access_run(psprintf("DELETE FROM %s AS e WHERE %s", table->entry_sql, condition), SPI_OK_DELETE, 0, NULL, NULL);
}

/*
 * What was inherited came through relationships that are gone.  Keys that were of another type meant other values: who
 * knows whether it was the same column.
 *
 *	DELETE FROM relmeta_access.account AS e WHERE e.cause <> 'd' | true
 */
bool
access_entry_table_take_up(ModelTable *table)
{
	Oid			left = left_behind(table->relid, relmeta_extension_owner());

	if (!OidIsValid(left))
		return false;
	model_set_entries(table, left);
	delete_entries(table, get_atttype(left, ENTRY_OBJECT) == table->key.type.base_type ?
				   "e.cause OPERATOR(pg_catalog.<>) 'd'" : "true");
	return true;
}

/* DELETE FROM relmeta_access.account AS e USING pg_catalog.unnest($1) AS k(value) WHERE e.object = k.value */
static void
delete_values(ModelTable *table, const char *column, ModelType *type, Datum array)
{
	access_run(psprintf("DELETE FROM %s AS e USING pg_catalog.unnest($1) AS k(value) WHERE e.%s %s k.value%s",
						table->entry_sql, column, type->sql_eq, type->sql_collate), SPI_OK_DELETE, 1,
			   &type->array_type, &array);
}

/*
 * Rows that were deleted while the extension was away took no entries along; whoever
 * gets such a key next must not be shared because of them.
 *
 *	SELECT pg_catalog.array_agg(DISTINCT e.object) FROM relmeta_access.account AS e
 *	SELECT pg_catalog.array_agg(k.key) FROM pg_catalog.unnest($1) AS k(key)		as the table's owner
 *		WHERE NOT EXISTS (SELECT FROM s.account AS t WHERE t.id = k.key)
 */
static void
forget_missing_rows(ModelTable *table)
{
	ModelType  *type = &table->key.type;
	Datum		keys = access_distinct_values(table->entry_relid, "object");

	if (keys != (Datum) 0)
		keys = access_run_array(table->relid,
								psprintf("SELECT pg_catalog.array_agg(k.key) FROM pg_catalog.unnest($1) AS k(key)"
										 " WHERE NOT EXISTS (SELECT FROM %s AS t WHERE t.%s %s k.key%s)",
										 table->sql_name, table->key.sql_name, type->sql_eq, type->sql_collate),
								1, type->array_type, keys);
	if (keys != (Datum) 0)
		delete_values(table, "object", type, keys);
}

/* Nor did principals: all were gone with the extension, and whoever gets such a name next is another. */
static void
forget_missing_principals(ModelTable *table, ModelType *type)
{
	Datum		array = access_distinct_values(table->entry_relid, "principal");
	ArrayBuildState *gone = initArrayResult(type->base_type, CurrentMemoryContext, false);
	Datum	   *values;
	int			n;

	if (array == (Datum) 0)
		return;
	deconstruct_array(DatumGetArrayTypeP(array), type->base_type, type->typlen, type->typbyval, type->typalign, &values,
					  NULL, &n);
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (model_principal_named(type, values[i]) == NULL)
			gone = accumArrayResult(gone, values[i], false, type->base_type, CurrentMemoryContext);
	}
	delete_values(table, "principal", type, makeArrayResult(gone, CurrentMemoryContext));
}

void
access_entry_table_clean(ModelTable *table, ModelType *principal)
{
	forget_missing_rows(table);
	forget_missing_principals(table, principal);
}
