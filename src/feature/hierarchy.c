/*
 * hierarchy.c
 *		hierarchy_above(), hierarchy_under() and the walks that merge() and rollup() ask for (SEMANTICS 2.7, 3.7).
 *
 * A level of rows is one statement, which goes by the lookup's index: a small subtree of a large tree costs what it
 * has of rows.  All rows are walked, as the table's owner; those that the caller may not read are left out, and count
 * in the depth of others.  A loop, which somebody has made with relmeta's triggers switched off, is an error.
 *
 * EXAMPLE.  Account 2 is below account 1, and 3 below 2.  hierarchy_under('account', 1) gives (2, 1) and (3, 2), key
 * and depth, hierarchy_above('account', 3) gives (2, 1) and (1, 2).  Who may not read account 2 gets (3, 2) and (1, 2).
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/statement.h"
#include "executor/spi.h"
#include "feature/hierarchy.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "model/key.h"
#include "storage/lockdefs.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/snapmgr.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(relmeta_hierarchy_above);
PG_FUNCTION_INFO_V1(relmeta_hierarchy_under);

/* arguments of both, in order */
enum
{
	ARG_RELATION,
	ARG_KEY,
	ARG_INCLUDE_SELF
};

/* ---- one step up ---- */

/*
 * The key as the row above has it: a lookup may spell it otherwise.
 *
 *	SELECT p.id FROM s.t AS t, s.t AS p WHERE t.id = $1 AND p.id = t.parent [AND t.type = 't']
 */
static void
build_parent(PlanText *built, void *subject, int variant)
{
	ModelRelationship *relationship = subject;
	ModelTable *table = relationship->related;

	built->nparams = 1;
	built->params[0] = model_key_param(table, false);

	appendStringInfo(&built->sql, "SELECT %s FROM %s AS t, %s AS p WHERE %s AND %s",
					 model_key_sql(table, "p"), table->sql_name, table->sql_name, model_key_is(table, "t", "$1"),
					 model_key_is(table, "p", model_lookup_sql(relationship, "t")));
	rows_plan_append_type(&built->sql, relationship, "t");
}

/* where a step arrives */
typedef struct Arrival
{
	MemoryContext cxt;
	ModelType  *type;
	Datum		key;
	bool		found;
} Arrival;

static void
take_parent(Datum *values, bool *nulls, void *arg)
{
	Arrival    *arrival = arg;
	MemoryContext old = MemoryContextSwitchTo(arrival->cxt);

	arrival->key = datumCopy(values[0], arrival->type->typbyval, arrival->type->typlen);
	arrival->found = true;
	MemoryContextSwitchTo(old);
}

/* The row above a row; false at the top.  snapshot NULL: the latest. */
static bool
parent_of(ModelRelationship *relationship, Datum key, Snapshot snapshot, Datum *parent)
{
	ModelTable *table = relationship->related;
	SPIPlanPtr	plan = rows_plan(build_parent, PLAN_ONE, relationship->id, table->relid, AccessShareLock,
								 relationship, relationship->related->model);
	Arrival		arrival = {CurrentMemoryContext, model_key_type(table), (Datum) 0, false};

	rows_run_each(plan, table->relid, &key, snapshot, take_parent, &arrival);
	*parent = arrival.key;
	return arrival.found;
}

bool
feature_hierarchy_is_below(ModelRelationship *relationship, Datum key, Datum above)
{
	DatumSet   *passed = rows_set_make(model_key_type(relationship->related));

	while (parent_of(relationship, key, NULL, &key))
	{
		CHECK_FOR_INTERRUPTS();
		if (model_key_equal(relationship->related, key, above))
			return true;
		if (!rows_set_add(passed, key))
			return false;
	}
	return false;
}

/* ---- loops ---- */

static void
refuse_loop(ModelRelationship *relationship)
{
	ereport(ERROR,
			(errcode(ERRCODE_CHECK_VIOLATION),
			 errmsg("a row of table \"%s\" is above itself in relationship \"%s\"",
					relmeta_relation_name(relationship->related->relid), relationship->name),
			 errhint("Clear column \"%s\" of one of the rows of the loop.",
					 model_columns_text(&relationship->lookup))));
}

void
feature_hierarchy_refuse_loop(ModelRelationship *relationship, Datum key, DatumSet *sound)
{
	DatumSet   *passed = rows_set_make(model_key_type(relationship->related));

	while (rows_set_find(sound, key) < 0)
	{
		CHECK_FOR_INTERRUPTS();
		if (!rows_set_add(passed, key))
			refuse_loop(relationship);
		if (!parent_of(relationship, key, GetActiveSnapshot(), &key))
			break;
	}
	for (int i = 0; i < passed->count; i++)
		rows_set_add(sound, passed->values[i]);
}

/* ---- the functions ---- */

/* The table's hierarchical relationship; 42704. */
static ModelRelationship *
hierarchy_of(ModelTable *table)
{
	ListCell   *lc;

	foreach(lc, model_as_related(table))
	{
		ModelRelationship *relationship = lfirst(lc);

		if (!relationship->is_hierarchical)
			continue;
		model_relationship_check_usable(relationship);
		return relationship;
	}
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("table \"%s\" has no hierarchical relationship", relmeta_relation_name(table->relid)),
			 errhint("Call relmeta.create_one_to_many(relation, relation, lookup_column, is_hierarchical => true).")));
	return NULL;
}

/* What a walk has found, of rows that are there: to be put out level by level. */
typedef struct Walk
{
	ModelRelationship *relationship;
	ModelTable *table;
	DatumSet   *passed;			/* all keys, in the order in which they came */
	ReturnSetInfo *result;
} Walk;

/* Puts out the keys [from, upto) that the caller may read. */
static void
put_level(Walk *walk, int from, int upto, int depth)
{
	bool	   *readable = feature_readable(walk->table, walk->passed->values + from, upto - from, true);

	for (int i = from; i < upto; i++)
	{
		Datum		values[2];
		bool		nulls[2] = {false, false};

		if (readable == NULL || !readable[i - from])
			continue;
		values[0] = CStringGetTextDatum(model_key_output(walk->table, walk->passed->values[i]));
		values[1] = Int32GetDatum(depth);
		tuplestore_putvalues(walk->result->setResult, walk->result->setDesc, values, nulls);
	}
}

static void
walk_up(Walk *walk)
{
	Datum		key = walk->passed->values[0];

	for (int depth = 1; parent_of(walk->relationship, key, GetActiveSnapshot(), &key); depth++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!rows_set_add(walk->passed, key))
			refuse_loop(walk->relationship);
		put_level(walk, depth, depth + 1, depth);
	}
}

static void
take_child(RelatedRow *row, void *arg)
{
	Walk	   *walk = arg;

	if (!rows_set_add(walk->passed, row->key))
		refuse_loop(walk->relationship);
}

static void
walk_down(Walk *walk)
{
	int			from = 0;

	for (int depth = 1; from < walk->passed->count; depth++)
	{
		int			upto = walk->passed->count;
		DatumSet   *level = rows_set_make(model_key_type(walk->table));

		CHECK_FOR_INTERRUPTS();
		for (int i = from; i < upto; i++)
			rows_set_add(level, walk->passed->values[i]);
		rows_each_related(walk->relationship, level, BEHAVIOR_ALL, ROW_UNLOCKED, GetActiveSnapshot(),
						  take_child, walk);
		put_level(walk, upto, walk->passed->count, depth);
		from = upto;
	}
}

static Datum
hierarchy(FunctionCallInfo fcinfo, void (*walk_on) (Walk *walk))
{
	Walk		walk = {0};
	Datum		key;

	InitMaterializedSRF(fcinfo, 0);
	walk.result = (ReturnSetInfo *) fcinfo->resultinfo;
	walk.table = feature_table_argument(fcinfo, AccessShareLock);
	relmeta_argument_required(fcinfo, ARG_KEY);
	key = model_key_argument(fcinfo, ARG_KEY, walk.table);
	walk.relationship = hierarchy_of(walk.table);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	key = feature_row_required(walk.table, key);
	walk.passed = rows_set_make(model_key_type(walk.table));
	rows_set_add(walk.passed, key);
	if (!PG_ARGISNULL(ARG_INCLUDE_SELF) && PG_GETARG_BOOL(ARG_INCLUDE_SELF))
		put_level(&walk, 0, 1, 0);
	walk_on(&walk);
	SPI_finish();
	return (Datum) 0;
}

static Datum
hierarchy_above(PG_FUNCTION_ARGS)
{
	return hierarchy(fcinfo, walk_up);
}

static Datum
hierarchy_under(PG_FUNCTION_ARGS)
{
	return hierarchy(fcinfo, walk_down);
}

Datum
relmeta_hierarchy_above(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, hierarchy_above);
}

Datum
relmeta_hierarchy_under(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, hierarchy_under);
}
