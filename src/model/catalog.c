/*
 * catalog.c
 *		relmeta's own catalog tables: where they are, how a row is read, how a
 *		change of one is made known.
 *
 * Columns are found by name: an extension that was upgraded from an older
 * version may have them in another order than a fresh one.
 */
#include "relmeta.h"

#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "commands/trigger.h"
#include "model/internal.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

static const char *const catalog_names[MODEL_CATALOGS] = {
	[CATALOG_REGISTERED_TABLE] = "registered_table",
	[CATALOG_RELATIONSHIP] = "relationship",
	[CATALOG_INTERSECT] = "intersect_relationship",
	[CATALOG_PRINCIPAL] = "principal",
	[CATALOG_PRINCIPAL_ROLE] = "principal_role",
	[CATALOG_PRINCIPAL_TYPE] = "principal_type",
	[CATALOG_PRINCIPAL_VALUE] = "principal_value",
	[CATALOG_TEAM_MEMBER] = "team_member",
	[CATALOG_PRINCIPAL_SOURCE] = "principal_source"
};

/*
 * OIDs of each catalog table and of its primary key's index, InvalidOid while
 * not known.  An invalidation of one forgets both (model_catalog_forget).
 */
static Oid	catalog_relids[MODEL_CATALOGS];
static Oid	catalog_beacons[MODEL_CATALOGS];

PG_FUNCTION_INFO_V1(relmeta_trigger_catalog_changed);

/*
 * A change of a catalog row is announced by a relcache invalidation of the
 * catalog's primary key index rather than of the table: an invalidation of the
 * table would also make every kept plan that reads it be planned again.
 */
static Oid
beacon_of(Oid relid)
{
	Relation	rel = table_open(relid, AccessShareLock);
	Oid			beacon;

	list_free(RelationGetIndexList(rel));
	beacon = OidIsValid(rel->rd_pkindex) ? rel->rd_pkindex : relid;
	table_close(rel, AccessShareLock);
	return beacon;
}

/* InvalidOid while the extension is not installed. */
Oid
model_catalog_relid(ModelCatalog catalog)
{
	Oid			relid = catalog_relids[catalog];
	Oid			schema;

	if (OidIsValid(relid))
		return relid;
	schema = relmeta_schema_oid();
	if (!OidIsValid(schema))
		return InvalidOid;
	relid = get_relname_relid(catalog_names[catalog], schema);
	if (!OidIsValid(relid))
		return InvalidOid;

	/* opening the table may itself accept invalidations: remember last */
	catalog_beacons[catalog] = beacon_of(relid);
	catalog_relids[catalog] = relid;
	return relid;
}

/* An index of the schema relmeta; InvalidOid (scan the heap instead) when it is gone. */
Oid
model_catalog_index(const char *index_name)
{
	return get_relname_relid(index_name, relmeta_schema_oid());
}

/* Whether an invalidation of relid is one of that catalog. */
bool
model_catalog_is(ModelCatalog catalog, Oid relid)
{
	return OidIsValid(relid) &&
		(relid == catalog_relids[catalog] || relid == catalog_beacons[catalog]);
}

/* relid was invalidated (InvalidOid: everything was). */
void
model_catalog_forget(Oid relid)
{
	int			i;

	for (i = 0; i < MODEL_CATALOGS; i++)
	{
		if (!OidIsValid(relid) || model_catalog_is((ModelCatalog) i, relid))
			catalog_relids[i] = InvalidOid;
	}
}

/* Tells every backend, this one at the next command, that the catalog changed. */
static void
catalog_changed(ModelCatalog catalog)
{
	if (OidIsValid(model_catalog_relid(catalog)))
		CacheInvalidateRelcacheByRelid(catalog_beacons[catalog]);
}

static bool
is_column(TupleDesc desc, AttrNumber attnum, const char *name)
{
	Form_pg_attribute att;

	if (attnum < 1 || attnum > desc->natts)
		return false;
	att = TupleDescAttr(desc, attnum - 1);
	return !att->attisdropped && namestrcmp(&att->attname, name) == 0;
}

/* Columns are asked for again and again, for each row that is read: they are where they were found last. */
AttrNumber
model_catalog_column(TupleDesc desc, const char *name)
{
	static AttrNumber known[256];
	AttrNumber *last = &known[(((uintptr_t) name >> 1) ^ desc->tdtypeid * 37) % lengthof(known)];

	if (is_column(desc, *last, name))
		return *last;
	for (int attnum = 1; attnum <= desc->natts; attnum++)
	{
		if (is_column(desc, attnum, name))
			return *last = attnum;
	}
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("relmeta's catalog has no column \"%s\"", name),
			 errdetail("The installed extension does not fit the library that is loaded."),
			 errhint("Run ALTER EXTENSION relmeta UPDATE.")));
}

/* A column of type text or name, palloc'd; NULL for NULL. */
char *
model_catalog_text(HeapTuple tuple, TupleDesc desc, const char *name)
{
	AttrNumber	attnum = model_catalog_column(desc, name);
	bool		isnull;
	Datum		value = heap_getattr(tuple, attnum, desc, &isnull);

	if (isnull)
		return NULL;
	if (TupleDescAttr(desc, attnum - 1)->atttypid == NAMEOID)
		return pstrdup(NameStr(*DatumGetName(value)));
	return TextDatumGetCString(value);
}

/* A column of a reg* type or an enum; InvalidOid for NULL. */
Oid
model_catalog_oid(HeapTuple tuple, TupleDesc desc, const char *name)
{
	bool		isnull;
	Datum		value = heap_getattr(tuple, model_catalog_column(desc, name), desc, &isnull);

	return isnull ? InvalidOid : DatumGetObjectId(value);
}

bool
model_catalog_bool(HeapTuple tuple, TupleDesc desc, const char *name)
{
	bool		isnull;
	Datum		value = heap_getattr(tuple, model_catalog_column(desc, name), desc, &isnull);

	return !isnull && DatumGetBool(value);
}

/*
 * AFTER INSERT OR UPDATE OR DELETE, row, ENABLE ALWAYS, on the catalog tables.
 */
Datum
relmeta_trigger_catalog_changed(PG_FUNCTION_ARGS)
{
	Relation	rel;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"trigger_catalog_changed\" was not called by a trigger")));

	rel = ((TriggerData *) fcinfo->context)->tg_relation;
	list_free(RelationGetIndexList(rel));
	CacheInvalidateRelcacheByRelid(OidIsValid(rel->rd_pkindex) ? rel->rd_pkindex : RelationGetRelid(rel));
	return PointerGetDatum(NULL);
}

void
model_invalidate(void)
{
	catalog_changed(CATALOG_REGISTERED_TABLE);
}

/* ---- scans ---- */

/*
 * What several scans are to see alike, registered.  A catalog snapshot is always the latest one and, unlike
 * GetLatestSnapshot(), is to be had in a parallel worker and does not start the snapshot of a repeatable read
 * transaction.
 */
Snapshot
model_catalog_snapshot(void)
{
	return RegisterSnapshot(GetCatalogSnapshot(model_catalog_relid(CATALOG_REGISTERED_TABLE)));
}

/* snapshot NULL, here and below: as of now */
void
model_scan_begin(CatalogScan *scan, ModelCatalog catalog, Snapshot snapshot)
{
	scan->rel = table_open(model_catalog_relid(catalog), AccessShareLock);
	scan->desc = RelationGetDescr(scan->rel);
	scan->scan = systable_beginscan(scan->rel, InvalidOid, false, snapshot, 0, NULL);
}

/* The rows with that value in the column; without the index the table is scanned. */
void
model_scan_begin_by(CatalogScan *scan, ModelCatalog catalog, Snapshot snapshot, const char *index,
					const char *column, RegProcedure equal, Datum value)
{
	ScanKeyData skey;
	Oid			index_oid = model_catalog_index(index);

	scan->rel = table_open(model_catalog_relid(catalog), AccessShareLock);
	scan->desc = RelationGetDescr(scan->rel);
	ScanKeyInit(&skey, model_catalog_column(scan->desc, column), BTEqualStrategyNumber, equal, value);
	scan->scan = systable_beginscan(scan->rel, index_oid, OidIsValid(index_oid), snapshot, 1, &skey);
}

/* A row, good until the next call; NULL: no more. */
HeapTuple
model_scan_next(CatalogScan *scan)
{
	return systable_getnext(scan->scan);
}

void
model_scan_end(CatalogScan *scan)
{
	systable_endscan(scan->scan);
	table_close(scan->rel, AccessShareLock);
}
