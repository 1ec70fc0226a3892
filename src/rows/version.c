/*
 * version.c
 *		Versions of rows, read and followed; see version.h.
 */
#include "relmeta.h"

#include "access/table.h"
#include "access/tableam.h"
#include "model/key.h"
#include "rows/version.h"
#include "utils/datum.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* an element of the table of versions that are there now */
typedef struct PlaceNow
{
	VersionPlace place;
	int			n;
} PlaceNow;

void
rows_versions_append(PlanText *built, Oid param, const char *key, const char *owner, const char *table)
{
	built->nparams = 1;
	built->params[0] = param;
	appendStringInfo(&built->sql, "SELECT c.tableoid, c.ctid, %s, %s, k.n FROM %s AS c,"
					 " pg_catalog.unnest($1) WITH ORDINALITY AS k(key, n) WHERE ", key, owner, table);
}

typedef struct Reading
{
	VersionKind *kind;
	MemoryContext cxt;
	List	   *versions;		/* RowVersion * */
} Reading;

static void
take_version(Datum *values, bool *nulls, void *arg)
{
	Reading    *reading = arg;
	VersionKind *kind = reading->kind;
	MemoryContext old = MemoryContextSwitchTo(reading->cxt);
	RowVersion *version = palloc0(sizeof(RowVersion));

	version->place.relid = DatumGetObjectId(values[0]);
	ItemPointerCopy((ItemPointer) DatumGetPointer(values[1]), &version->place.tid);
	version->key = datumCopy(values[2], kind->key->typbyval, kind->key->typlen);
	version->owner_null = kind->owner == NULL || nulls[3];
	if (!version->owner_null)
		version->owner = datumCopy(values[3], kind->owner->typbyval, kind->owner->typlen);
	version->n = (int) DatumGetInt64(values[4]) - 1;
	reading->versions = lappend(reading->versions, version);
	MemoryContextSwitchTo(old);
}

List *
rows_versions(VersionKind *kind, DatumSet *keys, Snapshot snapshot)
{
	Reading		reading = {kind, CurrentMemoryContext, NIL};
	SPIPlanPtr	plan = rows_plan(kind->builder, PLAN_ARRAY_SIZE(keys->count) | kind->variant, kind->id, kind->relid,
								 AccessShareLock, kind->subject, kind->model);
	Datum		value = rows_set_array(keys, 0, keys->count);

	rows_run_each(plan, kind->relid, &value, snapshot, take_version, &reading);
	return reading.versions;
}

/* ---- which rows are the same ---- */

HTAB *
rows_version_places(List *versions)
{
	HASHCTL		ctl = {.keysize = sizeof(VersionPlace),.entrysize = sizeof(PlaceNow),.hcxt = CurrentMemoryContext};
	HTAB	   *places = hash_create("relmeta places", 64, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	ListCell   *lc;

	foreach(lc, versions)
	{
		RowVersion *version = lfirst(lc);
		PlaceNow   *now = hash_search(places, &version->place, HASH_ENTER, NULL);

		now->n = version->n;
	}
	return places;
}

/* The newest version of the row that we can see; the same one when there is none, or no other. */
static VersionPlace
newest(VersionPlace *place)
{
	Relation	rel = relmeta_relation_open(place->relid, AccessShareLock);
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	TableScanDesc scan = table_beginscan_tid(rel, snapshot);
	VersionPlace found;

	memset(&found, 0, sizeof(found));
	found.relid = place->relid;
	ItemPointerCopy(&place->tid, &found.tid);
	table_tuple_get_latest_tid(scan, &found.tid);
	table_endscan(scan);
	UnregisterSnapshot(snapshot);
	table_close(rel, NoLock);
	return found;
}

bool
rows_version_stays(VersionKind *kind, RowVersion *version, HTAB *places)
{
	VersionPlace place = newest(&version->place);
	PlaceNow   *now = hash_search(places, &place, HASH_FIND, NULL);

	if (now != NULL)
		return now->n == version->n;
	return kind->is_partitioned && ItemPointerEquals(&place.tid, &version->place.tid);
}
