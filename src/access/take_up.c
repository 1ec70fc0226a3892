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
#include "model/key.h"
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
	delete_entries(table, get_atttype(left, ENTRY_OBJECT) == model_key_param(table, false) ?
				   "e.cause OPERATOR(pg_catalog.<>) 'd'" : "true");
	return true;
}
