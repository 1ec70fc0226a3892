/*
 * taken.c
 *		Rows that get a key which others point to: who is left behind, below another primary
 *		row than before, is judged (SEMANTICS 2.5; enforce/taken.c has the rule).
 *
 * At the statement's end, when what follows a key (ON UPDATE CASCADE) has followed, and before anything is inherited or
 * an entry follows its row.  Who points to the key now is asked first, which one index scan answers: mostly nobody
 * does.  If somebody does, the versions that did so before the statement are read, and each is followed to the newest
 * version of its row: left behind is whoever still points there.  A row that the statement has moved there, or
 * inserted, has been judged by its lookup; one that has followed its primary row's key pointed elsewhere.  Versions
 * tell which row it is, whatever has happened to its key.  A version that ends (DELETE, or a move to another
 * partition, where others come to the key) counts as left behind in a partitioned table.
 *
 * WHO IS ASKED.  A key that this transaction takes from a row may have left anything behind: all are looked at.  At
 * another there is only what points to no row.  That does not count in an intersect table whose owner could not act as
 * the primary table's: REFERENCES, which is enough to make one, is to stop nobody's INSERT.  (Where a key goes, the
 * native key looks into every such table anyway.)  One that the transaction has made and left itself before is such
 * another: nobody else has seen that row, so what points there was judged when the transaction linked it.
 *
 * CONCURRENCY.  Both are read with the latest snapshot at every isolation level.  Whoever makes a row point to the key
 * needs its primary row, FOR KEY SHARE: the former one waits for us, or we have waited for him, when we took the key
 * away, and see his row; the new one nobody else sees until we commit, and a deferred key's row finds it then: it was
 * judged when it was written.  Two statements that take one key wait for each other at its unique index.
 */
#include "relmeta.h"

#include "access/motion.h"
#include "access/table.h"
#include "access/tableam.h"
#include "cascade/flush.h"
#include "catalog/pg_class.h"
#include "enforce/enforce.h"
#include "miscadmin.h"
#include "model/key.h"
#include "rows/plan.h"
#include "rows/rows.h"
#include "utils/acl.h"
#include "utils/datum.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* A version of a row, by its place. */
typedef struct Place
{
	Oid			relid;
	ItemPointerData tid;
} Place;

/* an element of the table of versions that are there now */
typedef struct PlaceNow
{
	Place		place;
	int			n;
} PlaceNow;

typedef struct Version
{
	Place		place;
	Datum		key;			/* of a link: the other end's */
	bool		owner_null;
	Datum		owner;
	int			n;				/* of the taken key that it points to, or has */
} Version;

/* Rows of one kind that point to taken keys, or have them. */
typedef struct Kind
{
	PlanBuilder builder;
	int			variant;
	int			id;
	Oid			relid;
	void	   *subject;
	ModelType  *key;
	ModelType  *owner;			/* NULL: it has none */
	bool		is_partitioned;
} Kind;

/* What is taken. */
typedef struct Taking
{
	TableChanges *changes;
	Statement  *statement;
	Snapshot	before;
	DatumSet   *keys;
	Datum	   *old_keys;		/* parallel; NULL: the rows are new */
	bool	   *had_row;		/* parallel, of any_had_row(); NULL: nobody
								 * has asked */
	bool		some_had_row;

	/* found when something is left behind */
	Version   **former;			/* parallel: the rows that had the keys
								 * before; NULL: none */
	int32	   *rights;			/* on the rows that have them now */
	bool	   *left;			/* something is left behind */
} Taking;

/* ---- reading ---- */

static void
append_versions(PlanText *built, Oid param, const char *key, const char *owner, const char *table)
{
	built->nparams = 1;
	built->params[0] = param;
	appendStringInfo(&built->sql, "SELECT c.tableoid, c.ctid, %s, %s, k.n FROM %s AS c,"
					 " pg_catalog.unnest($1) WITH ORDINALITY AS k(key, n) WHERE ", key, owner, table);
}

static const char *
owner_sql(ModelTable *table)
{
	return table->owner.name != NULL ? psprintf("c.%s", table->owner.sql_name) : "NULL";
}

/*
 *	SELECT c.tableoid, c.ctid, c.id, c.owner | NULL, k.n FROM s.related AS c,
 *		pg_catalog.unnest($1) WITH ORDINALITY AS k(key, n) WHERE c.lookup = k.key [AND c.type = 'account']
 */
static void
build_related(PlanText *built, void *subject, int variant)
{
	ModelRelationship *relationship = subject;
	ModelTable *related = relationship->related;

	append_versions(built, model_key_param(relationship->primary, true), model_key_sql(related, "c"),
					owner_sql(related), related->sql_name);
	appendStringInfoString(&built->sql, model_lookup_is(relationship, "c", "k.key"));
	rows_plan_append_type(&built->sql, relationship, "c");
}

/* The same of the rows with those keys: WHERE c.id = k.key */
static void
build_rows(PlanText *built, void *subject, int variant)
{
	ModelTable *table = subject;

	append_versions(built, model_key_param(table, true), model_key_sql(table, "c"), owner_sql(table), table->sql_name);
	appendStringInfoString(&built->sql, model_key_is(table, "c", "k.key"));
}

/* links of one side */
typedef struct LinkSide
{
	ModelIntersect *intersect;
	int			side;
	ModelTable *table;
} LinkSide;

/* Of links: SELECT c.tableoid, c.ctid, c.key2, NULL, k.n FROM … WHERE c.key1 = k.key AND c.key2 IS NOT NULL */
static void
build_links(PlanText *built, void *subject, int variant)
{
	LinkSide   *side = subject;
	const char *other = model_columns_sql(&side->intersect->column[1 - side->side], "c");

	append_versions(built, model_key_param(side->table, true), other, "NULL", side->intersect->sql_name);
	appendStringInfo(&built->sql, "%s AND %s IS NOT NULL",
					 model_columns_are(&side->intersect->column[side->side], "c", "k.key"), other);
}

typedef struct Reading
{
	Kind	   *kind;
	MemoryContext cxt;
	List	   *versions;		/* Version * */
} Reading;

static void
take_version(Datum *values, bool *nulls, void *arg)
{
	Reading    *reading = arg;
	Kind	   *kind = reading->kind;
	MemoryContext old = MemoryContextSwitchTo(reading->cxt);
	Version    *version = palloc0(sizeof(Version));

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

/* Version *, as the snapshot sees them; NULL: now. */
static List *
read_versions(Kind *kind, DatumSet *keys, Snapshot snapshot)
{
	Reading		reading = {kind, CurrentMemoryContext, NIL};
	SPIPlanPtr	plan = rows_plan(kind->builder, PLAN_ARRAY_SIZE(keys->count) | kind->variant, kind->id, kind->relid,
								 AccessShareLock, kind->subject);
	Datum		value = rows_set_array(keys, 0, keys->count);

	rows_run_each(plan, kind->relid, &value, snapshot, take_version, &reading);
	return reading.versions;
}

/* ---- which rows are the same ---- */

static HTAB *
places_of(List *versions)
{
	HASHCTL		ctl = {.keysize = sizeof(Place),.entrysize = sizeof(PlaceNow),.hcxt = CurrentMemoryContext};
	HTAB	   *places = hash_create("relmeta places", 64, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	ListCell   *lc;

	foreach(lc, versions)
	{
		Version    *version = lfirst(lc);
		PlaceNow   *now = hash_search(places, &version->place, HASH_ENTER, NULL);

		now->n = version->n;
	}
	return places;
}

/* The newest version of the row that we can see; the same one when there is none, or no other. */
static Place
newest(Place *place)
{
	Relation	rel = relmeta_relation_open(place->relid, AccessShareLock);
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	TableScanDesc scan = table_beginscan_tid(rel, snapshot);
	Place		found;

	memset(&found, 0, sizeof(found));
	found.relid = place->relid;
	ItemPointerCopy(&place->tid, &found.tid);
	table_tuple_get_latest_tid(scan, &found.tid);
	table_endscan(scan);
	UnregisterSnapshot(snapshot);
	table_close(rel, NoLock);
	return found;
}

/* Does it still point to the same key, or have it? */
static bool
stays(Kind *kind, Version *version, HTAB *places)
{
	Place		place = newest(&version->place);
	PlaceNow   *now = hash_search(places, &place, HASH_FIND, NULL);

	if (now != NULL)
		return now->n == version->n;
	return kind->is_partitioned && ItemPointerEquals(&place.tid, &version->place.tid);
}

/* ---- the rows that have the keys, and had them ---- */

/* Have any of the keys had a row when the transaction, or the statement, began?  Which: had_row. */
static bool
any_had_row(Taking *taking)
{
	if (taking->had_row == NULL)
	{
		taking->had_row = palloc0(taking->keys->count * sizeof(bool));
		taking->some_had_row = rows_had(taking->changes->table, taking->keys, taking->before, taking->had_row);
	}
	return taking->some_had_row;
}

/*
 * Are links that point to no row asked about?  A valid key does not keep them away: they come by a trigger that stops a
 * delete of the key's, or where triggers are off.  But a stranger's are no reason to refuse a row, nor to wait for.
 */
static bool
asks_danglers(ModelTable *table, ModelIntersect *intersect)
{
	return has_privs_of_role(intersect->relowner, table->relowner);
}

static void
find_takers(Taking *taking)
{
	ModelTable *table = taking->changes->table;
	Kind		kind = {build_rows, 0, (int) table->relid, table->relid, table, model_key_type(table),
	table->owner.name != NULL ? &table->owner.type : NULL, false};
	int			n = taking->keys->count;
	List	   *now = read_versions(&kind, taking->keys, NULL);
	HTAB	   *places = places_of(now);
	ListCell   *lc;

	taking->former = palloc0(n * sizeof(Version *));
	taking->rights = palloc0(n * sizeof(int32));
	foreach(lc, read_versions(&kind, taking->keys, taking->before))
	{
		Version    *version = lfirst(lc);

		/* none that a deferred key has given its key before we were called */
		if (!stays(&kind, version, places))
			taking->former[version->n] = version;
	}
	foreach(lc, now)
	{
		Version    *version = lfirst(lc);

		/* a new row is as its INSERT was judged */
		taking->rights[version->n] = taking->old_keys == NULL ? RIGHTS_ALL :
			enforce_rights_before(taking->statement, table, taking->old_keys[version->n], version->owner_null,
								  version->owner);
	}
}

/* Version *: who is below another row than before.  now: who points to the keys. */
static List *
left_behind(Taking *taking, Kind *kind, List *now)
{
	HTAB	   *places = places_of(now);
	List	   *left = NIL;
	ListCell   *lc;

	foreach(lc, read_versions(kind, taking->keys, taking->before))
	{
		Version    *version = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		if (!stays(kind, version, places))
			continue;
		left = lappend(left, version);
	}
	if (left != NIL && taking->former == NULL)
		find_takers(taking);
	return left;
}

/* ---- rows of related tables ---- */

static void
find_any(RelatedRow *row, void *arg)
{
	*(bool *) arg = true;
}

static void
judge_related(Taking *taking, ModelRelationship *relationship)
{
	ModelTable *related = relationship->related;
	Kind		kind = {build_related, 0, relationship->id, related->relid, relationship, model_key_type(related),
	related->owner.name != NULL ? &related->owner.type : NULL, related->is_partitioned};
	bool		any = false;
	ListCell   *lc;

	rows_each_related(relationship, taking->keys, BEHAVIOR_ALL, ROW_UNLOCKED, NULL, find_any, &any);
	if (!any)
		return;
	foreach(lc, left_behind(taking, &kind, read_versions(&kind, taking->keys, NULL)))
	{
		Version    *version = lfirst(lc);

		enforce_judge_left(taking->statement, relationship, version->key, version->owner_null, version->owner);
		if (enforce_controls(relationship->primary) && (taking->rights[version->n] & RIGHT_APPEND_TO) == 0)
			enforce_refuse_lookup(taking->statement, relationship);
		taking->left[version->n] = true;
	}
}

/* ---- links ---- */

static void
judge_links(Taking *taking, ModelIntersect *intersect, int end)
{
	ModelTable *table = taking->changes->table;
	LinkSide	side = {intersect, end, table};
	Kind		kind = {build_links, end * PLAN_VARIANT_OWN, intersect->id, intersect->relid, &side,
	model_columns_type(&intersect->column[1 - end])};
	bool		danglers = asks_danglers(table, intersect);
	List	   *now;
	ListCell   *lc;

	if (!danglers && !any_had_row(taking))
		return;
	kind.is_partitioned = get_rel_relkind(intersect->relid) == RELKIND_PARTITIONED_TABLE;
	now = read_versions(&kind, taking->keys, NULL);
	if (now == NIL)
		return;
	foreach(lc, left_behind(taking, &kind, now))
	{
		Version    *version = lfirst(lc);
		Version    *former = taking->former[version->n];

		if (!danglers && !taking->had_row[version->n])
			continue;
		enforce_judge_link_left(taking->statement, intersect, end, version->key, former != NULL,
								former == NULL ? 0 : enforce_rights_before(taking->statement, table, former->key,
																		   former->owner_null, former->owner),
								taking->rights[version->n]);
	}
}

static void
judge_all_links(Taking *taking)
{
	ModelTable *table = taking->changes->table;
	ListCell   *lc;

	foreach(lc, model_intersects(taking->changes->frame->model))
	{
		ModelIntersect *intersect = lfirst(lc);

		for (int end = 0; end < 2; end++)
			if (intersect->table[end] == table->relid && intersect->broken == NULL && OidIsValid(intersect->relid))
				judge_links(taking, intersect, end);
	}
}

static void
judge_keys(Taking *taking)
{
	ListCell   *lc;

	taking->left = palloc0(taking->keys->count * sizeof(bool));
	foreach(lc, model_as_primary(taking->changes->table))
	{
		ModelRelationship *relationship = lfirst(lc);

		if (relationship->broken != NULL || !enforce_controls(relationship->related))
			continue;
		relationship = collect_relationship_locked(taking->changes->frame, relationship, relationship->related->relid,
												   AccessShareLock);
		if (relationship != NULL)
			judge_related(taking, relationship);
	}
	judge_all_links(taking);
	for (int k = 0; k < taking->keys->count; k++)
		if (taking->left[k] && taking->old_keys == NULL)
			collect_taken(taking->changes, taking->keys->values[k]);
}

/* The keys in a column of rows [from, upto), and in old_column, if that is one, what they were. */
static void
read_keys(Taking *taking, RowList *rows, int64 from, int64 upto, int column, int old_column)
{
	ModelType  *key = model_key_type(taking->changes->table);
	Datum		values[2];
	bool		nulls[2];

	taking->keys = rows_set_make(key);
	if (old_column >= 0)
		taking->old_keys = palloc0((upto - from) * sizeof(Datum));
	for (int64 row = from; row < upto; row++)
	{
		int			n;

		rows_list_get(rows, row, values, nulls);
		n = rows_set_index(taking->keys, values[column]);
		if (old_column >= 0)
			taking->old_keys[n] = datumCopy(values[old_column], key->typbyval, key->typlen);
	}
}

/* By what was when that command began. */
static void
judge_since(Taking *taking, CommandId cid, RowList *rows, int64 from, int64 upto, int column, int old_column)
{
	RowSlice	slice;

	taking->before = RegisterSnapshot(GetLatestSnapshot());
	taking->before->curcid = cid;
	rows_slice_begin(&slice, rows, from, upto);
	while (rows_slice_next(&slice))
	{
		taking->former = NULL;
		taking->had_row = NULL;
		read_keys(taking, rows, slice.from, slice.upto, column, old_column);
		judge_keys(taking);
	}
	UnregisterSnapshot(taking->before);
}

/* A statement that goes on around this one may have taken the keys from rows. */
static void
judge_rows(TableChanges *changes, RowList *rows, int64 from, int64 upto, int column, int old_column)
{
	MemoryContext query = changes->frame->query;
	CommandId	cid = changes->frame->cid;
	CommandId	outer;
	Taking		taking = {changes, enforce_statement(query, &cid)};

	judge_since(&taking, cid, rows, from, upto, column, old_column);
	if (access_motion_any() && access_motion_first(query, changes->relid, &outer) && outer < cid)
		judge_since(&taking, outer, rows, from, upto, column, old_column);
}

void
cascade_judge_rekeyed(TableChanges *changes, RowList *rekeyed, int64 from, int64 upto, int lookup)
{
	if (enforce_judges_keys(changes->frame->query, changes->table))
		judge_rows(changes, rekeyed, from, upto, REKEYED_NEW, REKEYED_OLD);
}

void
cascade_judge_inserted(TableChanges *changes, RowList *inserted, int64 from, int64 upto, int lookup)
{
	judge_rows(changes, inserted, from, upto, INSERTED_KEY, -1);
}
