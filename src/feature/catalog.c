/*
 * catalog.c
 *		Statements on the room's catalog tables; see catalog.h.
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/xact.h"
#include "executor/spi.h"
#include "feature/catalog.h"
#include "storage/bufmgr.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* ---- does a catalog table speak of a relation? ---- */

/*
 * Answers, kept until one of the catalog tables changes: their triggers invalidate their primary keys' indexes.  In
 * "relmeta feature catalog" below CacheMemoryContext.
 */
typedef struct MentionKey
{
	const char *table;			/* a literal: known by its address */
	Oid			relid;
} MentionKey;

typedef struct Mention
{
	MentionKey	key;
	bool		mentioned;
} Mention;

static HTAB *mentions = NULL;
static Mention lately[64];		/* some of these answers, to be had without
								 * the hash table */
static List *beacons = NIL;		/* OIDs of these indexes, in
								 * CacheMemoryContext */
static bool valid = false;

static void
relation_changed(Datum arg, Oid relid)
{
	if (!OidIsValid(relid) || list_member_oid(beacons, relid))
		valid = false;
}

/* An empty cache that is told of changes. */
static void
begin_cache(void)
{
	static bool registered = false;
	HASHCTL		ctl = {.keysize = sizeof(MentionKey),.entrysize = sizeof(Mention),.hcxt = CacheMemoryContext};

	if (!registered)
		CacheRegisterRelcacheCallback(relation_changed, (Datum) 0);
	registered = true;
	if (mentions != NULL)
		hash_destroy(mentions);
	mentions = NULL;
	mentions = hash_create("relmeta feature catalog", 32, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	memset(lately, 0, sizeof(lately));
	list_free(beacons);
	beacons = NIL;
	valid = true;
}

static void
remember_beacon(Relation rel)
{
	MemoryContext old = MemoryContextSwitchTo(CacheMemoryContext);

	list_free(RelationGetIndexList(rel));
	beacons = list_append_unique_oid(beacons, rel->rd_pkindex);
	MemoryContextSwitchTo(old);
}

static bool
look_for_mention(Relation rel, const char *index, Oid relid)
{
	Oid			index_oid;
	Relation	index_rel;
	AttrNumber	column;
	Snapshot	snapshot;
	ScanKeyData skey;
	SysScanDesc scan;
	bool		found;

	if (RelationGetNumberOfBlocks(rel) == 0)
		return false;
	index_oid = get_relname_relid(index, RelationGetNamespace(rel));
	index_rel = index_open(index_oid, AccessShareLock);
	column = index_rel->rd_index->indkey.values[0];
	index_close(index_rel, NoLock);
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	ScanKeyInit(&skey, column, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(rel, index_oid, true, snapshot, 1, &skey);
	found = HeapTupleIsValid(systable_getnext(scan));
	systable_endscan(scan);
	UnregisterSnapshot(snapshot);
	return found;
}

bool
feature_catalog_mentions(const char *table, const char *index, Oid relid)
{
	MentionKey	key;
	Mention    *recent = &lately[(((uintptr_t) table >> 3) ^ relid) % lengthof(lately)];
	Mention    *mention;
	Oid			table_oid;
	Relation	rel;
	bool		found;

	/* whoever has waited for a row knows what was committed meanwhile */
	AcceptInvalidationMessages();
	if (!valid)
		begin_cache();
	if (recent->key.table == table && recent->key.relid == relid)
		return recent->mentioned;
	memset(&key, 0, sizeof(key));
	key.table = table;
	key.relid = relid;
	mention = hash_search(mentions, &key, HASH_FIND, NULL);
	if (mention != NULL)
	{
		*recent = *mention;
		return mention->mentioned;
	}
	table_oid = OidIsValid(relmeta_schema_oid()) ? get_relname_relid(table, relmeta_schema_oid()) : InvalidOid;
	rel = OidIsValid(table_oid) ? try_table_open(table_oid, AccessShareLock) : NULL;
	if (rel == NULL)
		return false;
	/* before it is looked at: what changes meanwhile makes the answer void */
	remember_beacon(rel);
	found = look_for_mention(rel, index, relid);
	table_close(rel, NoLock);
	if (valid)
	{
		mention = hash_search(mentions, &key, HASH_ENTER, NULL);
		mention->mentioned = found;
	}
	return found;
}

/* ---- statements ---- */

/* Acts as the extension's owner, under no search_path of the caller's. */
static ActingAs
begin(void)
{
	ActingAs	saved = relmeta_act_begin(relmeta_extension_owner(), ACT_RESTRICTED);

	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true,
							 0, false);
	return saved;
}

static void
execute(const char *sql, int nargs, Oid *types, Datum *values, const char *nulls, bool read_only, bool latest)
{
	SPIPlanPtr	plan = SPI_prepare(sql, nargs, types);
	int			result;

	if (plan == NULL)
		elog(ERROR, "SPI_prepare returned %s for %s", SPI_result_code_string(SPI_result), sql);
	if (latest)
		CommandCounterIncrement();
	result = SPI_execute_snapshot(plan, values, nulls, latest ? GetLatestSnapshot() : InvalidSnapshot, InvalidSnapshot,
								  read_only, true, 0);
	if (result < 0)
		elog(ERROR, "SPI_execute_snapshot returned %s for %s", SPI_result_code_string(result), sql);
}

uint64
feature_catalog_change(const char *sql, int nargs, Oid *types, Datum *values, const char *nulls)
{
	ActingAs	saved = begin();
	uint64		rows;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	execute(sql, nargs, types, values, nulls, false, IsolationUsesXactSnapshot());
	rows = SPI_processed;
	SPI_finish();
	relmeta_act_end(saved);
	return rows;
}

uint64
feature_catalog_read(const char *sql, int nargs, Oid *types, Datum *values, bool latest)
{
	MemoryContext cxt = CurrentMemoryContext;
	ActingAs	saved = begin();

	execute(sql, nargs, types, values, NULL, true, latest);
	relmeta_act_end(saved);
	MemoryContextSwitchTo(cxt);
	return SPI_processed;
}
