/*
 * taken.c
 *		Rows that get a key which others point to: who is left behind, below another primary
 *		row than before, is judged (SEMANTICS 2.5; enforce/taken.c has the rule).
 *
 * Links are judged likewise, by their other ends too, also where the table is not controlled.
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
#include "cascade/flush.h"
#include "enforce/enforce.h"
#include "miscadmin.h"
#include "model/key.h"
#include "rows/map.h"
#include "rows/rows.h"
#include "rows/version.h"
#include "utils/acl.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

/* What is known of a key that is taken. */
typedef struct TakenKey
{
	Datum		old_key;		/* of the row, unless it is new */
	bool		left;			/* something is left behind */

	/* found when it is: find_takers() */
	RowVersion *former;			/* the row that had the key before, or NULL */
	int32		rights;			/* on the row that has it now */
} TakenKey;

/* What is taken. */
typedef struct Taking
{
	TableChanges *changes;
	Statement  *statement;
	Snapshot	before;
	bool		are_new;		/* the rows are */
	KeyMap	   *taken;			/* key -> TakenKey */
	bool		found_takers;
	Bitmapset  *had_row;		/* numbers of keys, of any_had_row() */
	bool		asked_had_row;
} Taking;

static TakenKey *
taken_key(Taking *taking, RowVersion *version)
{
	return rows_map_at(taking->taken, version->n);
}

/* ---- what is read ---- */

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

	rows_versions_append(built, model_key_param(relationship->primary, true), model_key_sql(related, "c"),
						 owner_sql(related), related->sql_name);
	appendStringInfoString(&built->sql, model_lookup_is(relationship, "c", "k.key"));
	rows_plan_append_type(&built->sql, relationship, "c");
}

/* The same of the rows with those keys: WHERE c.id = k.key */
static void
build_rows(PlanText *built, void *subject, int variant)
{
	ModelTable *table = subject;

	rows_versions_append(built, model_key_param(table, true), model_key_sql(table, "c"), owner_sql(table),
						 table->sql_name);
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

	rows_versions_append(built, model_key_param(side->table, true), other, "NULL", side->intersect->sql_name);
	appendStringInfo(&built->sql, "%s AND %s IS NOT NULL",
					 model_columns_are(&side->intersect->column[side->side], "c", "k.key"), other);
}

/* ---- the rows that have the keys, and had them ---- */

/* Have any of the keys had a row when the transaction, or the statement, began?  Which: had_row. */
static bool
any_had_row(Taking *taking)
{
	if (!taking->asked_had_row)
		taking->had_row = rows_had(taking->changes->table, taking->taken->keys, taking->before);
	taking->asked_had_row = true;
	return taking->had_row != NULL;
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
	VersionKind kind = {build_rows, 0, (int) table->relid, table->relid, table, model_key_type(table),
	table->owner.name != NULL ? &table->owner.type : NULL, false, table->model};
	List	   *now = rows_versions(&kind, taking->taken->keys, NULL);
	HTAB	   *places = rows_version_places(now);
	ListCell   *lc;

	taking->found_takers = true;
	foreach(lc, rows_versions(&kind, taking->taken->keys, taking->before))
	{
		RowVersion *version = lfirst(lc);

		/* none that a deferred key has given its key before we were called */
		if (!rows_version_stays(&kind, version, places))
			taken_key(taking, version)->former = version;
	}
	foreach(lc, now)
	{
		RowVersion *version = lfirst(lc);
		TakenKey   *taken = taken_key(taking, version);

		/* a new row is as its INSERT was judged */
		taken->rights = taking->are_new ? RIGHTS_ALL :
			enforce_rights_before(taking->statement, table, taken->old_key, version->owner_null, version->owner);
	}
}

/* RowVersion *: who is below another row than before.  now: who points to the keys. */
static List *
left_behind(Taking *taking, VersionKind *kind, List *now)
{
	HTAB	   *places = rows_version_places(now);
	List	   *left = NIL;
	ListCell   *lc;

	foreach(lc, rows_versions(kind, taking->taken->keys, taking->before))
	{
		RowVersion *version = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		if (!rows_version_stays(kind, version, places))
			continue;
		left = lappend(left, version);
	}
	if (left != NIL && !taking->found_takers)
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
	VersionKind kind = {build_related, 0, relationship->id, related->relid, relationship, model_key_type(related),
	related->owner.name != NULL ? &related->owner.type : NULL, related->is_partitioned, related->model};
	bool		any = false;
	ListCell   *lc;

	rows_each_related(relationship, taking->taken->keys, BEHAVIOR_ALL, ROW_UNLOCKED, NULL, find_any, &any);
	if (!any)
		return;
	foreach(lc, left_behind(taking, &kind, rows_versions(&kind, taking->taken->keys, NULL)))
	{
		RowVersion *version = lfirst(lc);

		enforce_judge_left(taking->statement, relationship, version->key, version->owner_null, version->owner);
		if (enforce_controls(relationship->primary) && (taken_key(taking, version)->rights & RIGHT_APPEND_TO) == 0)
			enforce_refuse_lookup(taking->statement, relationship);
		taken_key(taking, version)->left = true;
	}
}

/* ---- links ---- */

static void
judge_links(Taking *taking, ModelIntersect *intersect, int end)
{
	ModelTable *table = taking->changes->table;
	LinkSide	side = {intersect, end, table};
	VersionKind kind = {build_links, end * PLAN_VARIANT_OWN, intersect->id, intersect->relid, &side,
	model_columns_type(&intersect->column[1 - end]),.model = intersect->model};
	bool		danglers = asks_danglers(table, intersect);
	int			asking = enforce_asking_ends(intersect, taking->statement->roleid);
	List	   *now;
	ListCell   *lc;

	if (asking == 0 || (!danglers && !any_had_row(taking)))
		return;
	kind.is_partitioned = get_rel_relkind(intersect->relid) == RELKIND_PARTITIONED_TABLE;
	now = rows_versions(&kind, taking->taken->keys, NULL);
	if (now == NIL)
		return;
	foreach(lc, left_behind(taking, &kind, now))
	{
		RowVersion *version = lfirst(lc);
		TakenKey   *taken = taken_key(taking, version);
		RowVersion *former = taken->former;

		if (!danglers && !bms_is_member(version->n, taking->had_row))
			continue;
		enforce_judge_link_left(taking->statement, intersect, asking, end, version->key, former != NULL,
								former == NULL ? 0 : enforce_rights_before(taking->statement, table, former->key,
																		   former->owner_null, former->owner),
								taken->rights);
	}
}

static void
judge_all_links(Taking *taking)
{
	ModelTable *table = taking->changes->table;
	ListCell   *lc;

	foreach(lc, model_links_of(table))
	{
		ModelIntersect *intersect = lfirst(lc);

		for (int end = 0; end < 2; end++)
			if (model_intersect_end(table->model, intersect, end) == table)
				judge_links(taking, intersect, end);
	}
}

static void
judge_keys(Taking *taking)
{
	ListCell   *lc;

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
	for (int k = 0; taking->are_new && k < taking->taken->keys->count; k++)
		if (((TakenKey *) rows_map_at(taking->taken, k))->left)
			collect_taken(taking->changes, taking->taken->keys->values[k]);
}

/* The keys in a column of rows [from, upto), and in old_column, if that is one, what they were. */
static void
read_keys(Taking *taking, RowList *rows, int64 from, int64 upto, int column, int old_column)
{
	ModelType  *key = model_key_type(taking->changes->table);
	Datum		values[2];
	bool		nulls[2];

	taking->are_new = old_column < 0;
	taking->taken = rows_map_make(key, sizeof(TakenKey));
	for (int64 row = from; row < upto; row++)
	{
		TakenKey   *taken;

		rows_list_get(rows, row, values, nulls);
		taken = rows_map_enter(taking->taken, values[column], NULL);
		if (!taking->are_new)
			taken->old_key = datumCopy(values[old_column], key->typbyval, key->typlen);
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
		taking->found_takers = false;
		taking->asked_had_row = false;
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
