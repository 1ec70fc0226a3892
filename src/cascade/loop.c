/*
 * loop.c
 *		No row points at itself or below itself, in a self-referencing
 *		relationship that is parental or hierarchical (SEMANTICS 3.8).
 *
 * An UPDATE walks from the moved rows up, a level at a time, locking what it
 * passes FOR SHARE and reading the latest rows: two sessions that each move a
 * row below the other's meet at a lock.  An INSERT can close a loop only with
 * rows of its own statement, unless a deferrable key let others point to its row
 * before; then a row that gets another key can, too.
 *
 * EXAMPLE.  Account 2 is below account 1, and 3 below 2.  UPDATE account SET parent_id = 3 WHERE id = 1 walks up from
 * account 1: to 3, 2 and 1 again.  That is 23514, and so is UPDATE account SET parent_id = 1 WHERE id = 1.
 */
#include "relmeta.h"

#include "cascade/cascade.h"
#include "model/key.h"
#include "rows/map.h"
#include "rows/plan.h"
#include "cascade/flush.h"
#include "miscadmin.h"
#include "storage/lockdefs.h"
#include "utils/datum.h"
#include "utils/memutils.h"

/* so many rows are read and locked together, at the most */
#define LOOP_ROWS 20000

/* A row on the way up, known by the image of the key that pointed to it. */
typedef struct LoopNode
{
	bool		has_parent;
	Datum		parent;			/* the row that it points to */
	int			walk;			/* number of the walk that has passed it; 0:
								 * none */
} LoopNode;

/* Every row that was asked for, in order: a map of LoopNode. */
typedef KeyMap LoopGraph;

/*
 *	SELECT k.key, t.parent | CASE WHEN true AND t.type = 't' THEN t.parent END
 *	FROM pg_catalog.unnest($1) AS k(key), s.t AS t WHERE t.id = k.key ORDER BY t.id FOR SHARE OF t
 *
 * A row that points nowhere is locked as well: another session may be about to
 * put the top of this hierarchy below the moved row.
 */
static void
build_step(PlanText *built, void *subject, int variant)
{
	ModelRelationship *relationship = subject;
	ModelTable *table = relationship->related;
	bool		many = (variant & PLAN_ARRAYS) != 0;
	bool		typed = relationship->type_column.name != NULL;

	built->nparams = 1;
	built->params[0] = model_key_param(table, many);

	appendStringInfo(&built->sql, "SELECT %s, ", many ? "k.key" : "$1");
	if (typed)
	{
		appendStringInfoString(&built->sql, "CASE WHEN true");
		rows_plan_append_type(&built->sql, relationship, "t");
		appendStringInfoString(&built->sql, " THEN ");
	}
	appendStringInfo(&built->sql, "%s%s FROM %s%s AS t WHERE %s ORDER BY %s FOR SHARE OF t",
					 model_lookup_sql(relationship, "t"), typed ? " END" : "",
					 many ? "pg_catalog.unnest($1) AS k(key), " : "",
					 table->sql_name, model_key_is(table, "t", many ? "k.key" : "$1"), model_key_sql(table, "t"));
}

static LoopGraph *
loop_graph(ModelTable *table)
{
	return rows_map_make(model_key_type(table), sizeof(LoopNode));
}

static void
loop_edge(Datum key, Datum parent, void *arg)
{
	LoopGraph  *graph = arg;
	ModelType  *type = graph->keys->type;
	LoopNode   *node = rows_map_enter(graph, key, NULL);

	node->parent = datumCopy(parent, type->typbyval, type->typlen);
	node->has_parent = true;
}

/* Reads and locks the rows of keys [from, upto), and tells what those point to that point anywhere. */
static void
loop_read(ModelRelationship *relationship, DatumSet *keys, int from, int upto,
		  void (*receive) (Datum key, Datum parent, void *arg), void *arg)
{
	ModelTable *table = relationship->related;
	bool		one = upto - from == 1;
	SPIPlanPtr	plan = rows_plan(build_step, PLAN_SIZE(upto - from), relationship->id, table->relid, RowShareLock,
								 relationship, relationship->related->model);
	Datum		value = one ? keys->values[from] : rows_set_array(keys, from, upto);

	rows_run(plan, table->relid, &value, NULL, RUN_NEW_ROWS, 0);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		bool		isnull;
		Datum		key = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull);
		Datum		parent = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2, &isnull);

		if (!isnull)
			receive(key, parent, arg);
	}
	SPI_freetuptable(SPI_tuptable);
	if (!one)
		pfree(DatumGetPointer(value));
}

static void
refuse_loop(ModelRelationship *relationship)
{
	ereport(ERROR,
			(errcode(ERRCODE_CHECK_VIOLATION),
			 errmsg("a row of table \"%s\" would be above itself in relationship \"%s\"",
					relmeta_relation_name(relationship->related->relid), relationship->name),
			 errdetail("Column \"%s\" may not point at the row itself or at a row below it.",
					   model_columns_text(&relationship->lookup)),
			 errhint("Clear column \"%s\" of one of the rows of the loop.",
					 model_columns_text(&relationship->lookup))));
}

/*
 * Follows the edges up from every node.  A walk that meets itself is a loop;
 * one that meets an earlier walk ends, since that found none.
 */
static void
loop_search(LoopGraph *graph, ModelRelationship *relationship)
{
	for (int start = 0; start < graph->keys->count; start++)
	{
		LoopNode   *node = rows_map_at(graph, start);

		CHECK_FOR_INTERRUPTS();
		while (node->walk == 0)
		{
			node->walk = start + 1;
			if (!node->has_parent)
				break;
			node = rows_map_enter(graph, node->parent, NULL);
			if (node->walk == start + 1)
				refuse_loop(relationship);
		}
	}
}

/* Reads the way up from every node: the stored values count. */
static void
loop_read_upwards(LoopGraph *graph, ModelRelationship *relationship)
{
	for (int from = 0; from < graph->keys->count;)
	{
		int			upto = Min(graph->keys->count, from + LOOP_ROWS);

		loop_read(relationship, graph->keys, from, upto, loop_edge, graph);
		for (int i = from; i < upto; i++)
		{
			LoopNode   *node = rows_map_at(graph, i);

			if (node->has_parent)
				rows_map_enter(graph, node->parent, NULL);
		}
		from = upto;
	}
}

/* ---- many rows: their keys and what they point to are a list, of which 8 bytes a row are in memory together ---- */

/* Does a row of list rows [first, last) stand above itself by others of them? */
static void
search_list(ModelRelationship *relationship, RowList *list, int64 first, int64 last, int key, int lookup)
{
	int		   *above = rows_list_above(list, first, last, key, lookup);
	int		   *walk = rows_list_numbers(last - first);

	for (int start = 0; start < last - first; start++)
	{
		int			at = start;

		CHECK_FOR_INTERRUPTS();
		while (at >= 0 && walk[at] == 0)
		{
			walk[at] = start + 1;
			at = above[at];
			if (at >= 0 && walk[at] == start + 1)
				refuse_loop(relationship);
		}
	}
	pfree(walk);
	pfree(above);
}

static void
list_edge(Datum key, Datum parent, void *arg)
{
	Datum		values[2] = {key, parent};
	bool		nulls[2] = {false, false};

	rows_list_add(arg, values, nulls);
}

/* The rows that rows of the list point to and that are not in it. */
static LoopGraph *
rows_outside(ModelTable *table, RowList *edges)
{
	LoopGraph  *graph = loop_graph(table);
	int		   *above = rows_list_above(edges, 0, edges->nrows, 0, 1);
	Datum		values[2];
	bool		nulls[2];

	for (int64 row = 0; row < edges->nrows; row++)
	{
		if (above[row] >= 0)
			continue;
		rows_list_get(edges, row, values, nulls);
		rows_map_enter(graph, values[1], NULL);
	}
	pfree(above);
	return graph;
}

/* The stored rows are read in slices, then the way up from what they point to. */
static void
check_many_moved(ModelRelationship *relationship, RowList *moved, int64 first, int64 last)
{
	ModelType  *key = model_key_type(relationship->related);
	ModelType  *types[2] = {key, key};
	RowList    *edges = rows_list_make(2, types);
	LoopGraph  *graph;
	RowSlice	slice;

	rows_slice_begin(&slice, moved, first, last);
	while (rows_slice_next(&slice))
	{
		DatumSet   *keys = rows_list_distinct(moved, slice.from, slice.upto, MOVED_KEY);

		for (int from = 0; from < keys->count; from += LOOP_ROWS)
			loop_read(relationship, keys, from, Min(from + LOOP_ROWS, keys->count), list_edge, edges);
	}
	graph = rows_outside(relationship->related, edges);
	loop_read_upwards(graph, relationship);
	for (int i = 0; i < graph->keys->count; i++)
	{
		LoopNode   *node = rows_map_at(graph, i);

		if (node->has_parent)
			list_edge(graph->keys->values[i], node->parent, edges);
	}
	search_list(relationship, edges, 0, edges->nrows, 0, 1);
}

/* ---- rows that a statement has inserted or moved ---- */

static void
check_moved(ModelRelationship *relationship, RowList *moved, int64 first, int64 last)
{
	LoopGraph  *graph = loop_graph(relationship->related);
	Datum		values[MOVED_COLUMNS];
	bool		nulls[MOVED_COLUMNS];

	for (int64 row = first; row < last; row++)
	{
		rows_list_get(moved, row, values, nulls);
		if (!nulls[MOVED_NEW])
			rows_map_enter(graph, values[MOVED_KEY], NULL);
	}
	loop_read_upwards(graph, relationship);
	loop_search(graph, relationship);
}

/* Were all of these rows inserted, and could none be pointed to before? */
static bool
are_fresh(ModelRelationship *relationship, RowList *moved, int64 first, int64 last)
{
	Datum		values[MOVED_COLUMNS];
	bool		nulls[MOVED_COLUMNS];

	if (model_relationship_deferrable(relationship))
		return false;
	for (int64 row = first; row < last; row++)
	{
		rows_list_get(moved, row, values, nulls);
		if (nulls[MOVED_INSERTED])
			return false;
	}
	return true;
}

/* May rows have pointed to a key before a row had it? */
static bool
may_have_waited(ModelRelationship *relationship)
{
	return relationship->refuses_loops && model_relationship_deferrable(relationship);
}

bool
cascade_rekeyed_loops(ModelTable *table)
{
	ListCell   *lc;

	foreach(lc, model_as_related(table))
		if (may_have_waited(lfirst(lc)))
		return true;
	return false;
}

void
cascade_check_rekeyed_loop(TableChanges *changes, RowList *rekeyed, int64 from, int64 upto, int lookup)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "relmeta loop check", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(scratch);
	ListCell   *lc;

	foreach(lc, model_as_related(changes->table))
	{
		ModelRelationship *relationship = lfirst(lc);
		LoopGraph  *graph;
		DatumSet   *keys;

		if (!may_have_waited(relationship))
			continue;
		graph = loop_graph(changes->table);
		keys = rows_list_distinct(rekeyed, from, upto, REKEYED_NEW);
		for (int k = 0; k < keys->count; k++)
			rows_map_enter(graph, keys->values[k], NULL);
		loop_read_upwards(graph, relationship);
		loop_search(graph, relationship);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(scratch);
}

/* SEMANTICS 3.8: of rows that a statement or a cascade has inserted or moved. */
void
cascade_check_moved_loop(TableChanges *changes, RowList *moved, int64 from, int64 upto, int lookup)
{
	ModelRelationship *relationship = list_nth(model_as_related(changes->table), lookup);
	MemoryContext scratch;
	MemoryContext old;

	if (!relationship->refuses_loops)
		return;
	scratch = AllocSetContextCreate(CurrentMemoryContext, "relmeta loop check", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(scratch);
	if (are_fresh(relationship, moved, from, upto))
		search_list(relationship, moved, from, upto, MOVED_KEY, MOVED_NEW);
	else if (upto - from > LOOP_ROWS)
		check_many_moved(relationship, moved, from, upto);
	else
		check_moved(relationship, moved, from, upto);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(scratch);
}

/*
 * build_all: the walk down from the tops passes each row once, but for those in or below a loop.
 *
 *	WITH RECURSIVE down AS (
 *		SELECT t.id AS key FROM s.t AS t WHERE t.parent IS NULL [OR t.type is another]
 *		UNION ALL SELECT c.key FROM down AS d, LATERAL (
 *			SELECT t.id AS key FROM s.t AS t WHERE t.parent = d.key [AND t.type = 't'] OFFSET 0) AS c)
 *	SELECT 1 WHERE (SELECT count(*) FROM down) <> (SELECT count(*) FROM s.t)
 *
 * OFFSET 0 keeps the planner from a join that reads the table once per level.
 */
static void
build_all(PlanText *built, void *subject, int variant)
{
	ModelRelationship *relationship = subject;
	ModelTable *table = relationship->related;
	const char *key = model_key_sql(table, "t");
	StringInfo	sql = &built->sql;

	built->nparams = 0;

	appendStringInfo(sql, "WITH RECURSIVE down AS (SELECT %s AS key FROM %s AS t WHERE (%s IS NOT NULL",
					 key, table->sql_name, model_lookup_sql(relationship, "t"));
	rows_plan_append_type(sql, relationship, "t");
	appendStringInfo(sql, ") IS NOT TRUE UNION ALL SELECT c.key FROM down AS d,"
					 " LATERAL (SELECT %s AS key FROM %s AS t WHERE %s",
					 key, table->sql_name, model_lookup_is(relationship, "t", "d.key"));
	rows_plan_append_type(sql, relationship, "t");
	appendStringInfo(sql, " OFFSET 0) AS c) SELECT 1 WHERE (SELECT pg_catalog.count(*) FROM down)"
					 " OPERATOR(pg_catalog.<>) (SELECT pg_catalog.count(*) FROM %s)", table->sql_name);
}

void
cascade_check_loops(ModelRelationship *relationship)
{
	SPIPlanPtr	plan;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	plan = rows_plan(build_all, PLAN_MANY, relationship->id, relationship->related->relid, AccessShareLock,
					 relationship, relationship->related->model);
	if (rows_run(plan, relationship->related->relid, NULL, NULL, RUN_NEW_ROWS | RUN_FIRE_TRIGGERS, 1) > 0)
		refuse_loop(relationship);
	SPI_finish();
}
