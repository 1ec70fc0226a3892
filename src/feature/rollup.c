/*
 * rollup.c
 *		rollup(): the rows of a table that are related to a row (SEMANTICS 2.7, 3.7).
 *
 * A walk down, level by level, one statement for each relationship and level.  Each row is passed once, whatever ways
 * lead to it, so a circle ends the walk; where rows may not stand below themselves it is an error, as in the hierarchy
 * functions.  All rows are walked, as the tables' owners; those of the table asked for that
 * the caller may not read are left out.
 *
 * MEMORY RULE.  All of it lives in the memory context of the call.  SPI is connected.
 *
 * EXAMPLE.  Account 2 is below account 1, and 3 below 2, by a relationship whose rollup_view is all; contacts 20, 21
 * and 22 are those of accounts 1, 2 and 3.  relmeta.rollup('account', 1, 'contact', ...):
 *
 *	none			20
 *	related			20, 21
 *	extended		20, 21, 22
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/statement.h"
#include "model/key.h"
#include "rows/rows.h"
#include "executor/spi.h"
#include "feature/hierarchy.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/lockdefs.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(relmeta_rollup);

/* arguments, in order */
enum
{
	ARG_RELATION,
	ARG_KEY,
	ARG_RELATED,
	ARG_TYPE
};

/* how many steps lie before the last one */
#define STEPS_NONE		0
#define STEPS_RELATED	1
#define STEPS_EXTENDED	INT_MAX

/* so many keys are asked about in one go */
#define ROLLUP_BATCH	10000

/* the rows of one table that the walk has come to */
typedef struct Passed
{
	ModelTable *table;
	DatumSet   *keys;			/* in the order in which they came */
	int			begin;			/* of the level that is being left */
	int			end;
} Passed;

typedef struct Rollup
{
	ModelTable *related;		/* the table asked for */
	List	   *passed;			/* Passed * */
	DatumSet   *found;			/* keys of related */
} Rollup;

static int
steps_argument(FunctionCallInfo fcinfo)
{
	const char *type;

	relmeta_argument_required(fcinfo, ARG_TYPE);
	type = text_to_cstring(PG_GETARG_TEXT_PP(ARG_TYPE));
	if (strcmp(type, "none") == 0)
		return STEPS_NONE;
	if (strcmp(type, "related") == 0)
		return STEPS_RELATED;
	if (strcmp(type, "extended") == 0)
		return STEPS_EXTENDED;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown rollup type \"%s\"", type),
			 errhint("Pass none, related or extended.")));
	return 0;
}

static Passed *
passed_of(Rollup *rollup, ModelTable *table)
{
	Passed	   *passed;
	ListCell   *lc;

	foreach(lc, rollup->passed)
	{
		passed = lfirst(lc);
		if (passed->table == table)
			return passed;
	}
	passed = palloc0(sizeof(Passed));
	passed->table = table;
	passed->keys = rows_set_make(model_key_type(table));
	rollup->passed = lappend(rollup->passed, passed);
	return passed;
}

/* where a step's rows go, and those that were there before; again may be NULL */
typedef struct Arrivals
{
	DatumSet   *keys;
	DatumSet   *again;
} Arrivals;

static void
take_key(RelatedRow *row, void *arg)
{
	Arrivals   *arrivals = arg;

	if (!rows_set_add(arrivals->keys, row->key) && arrivals->again != NULL)
		rows_set_add(arrivals->again, row->key);
}

/* The keys of the rows that are related to those of a level. */
static void
arrive(ModelRelationship *relationship, DatumSet *level, ModelBehavior behavior, Arrivals *arrivals)
{
	model_relationship_check_usable(relationship);
	rows_each_related(relationship, level, behavior, ROW_UNLOCKED, GetActiveSnapshot(), take_key, arrivals);
}

/*
 * Adds the rows that are related to those of a level and match, to be passed.  One that was passed before was reached
 * another way, or is above itself.
 */
static void
go_on(ModelRelationship *relationship, DatumSet *level, Passed *passed)
{
	ModelBehavior behavior = relationship->behavior[ACTION_ROLLUP_VIEW];
	ModelType  *key = model_key_type(relationship->related);
	Arrivals	arrivals = {passed->keys, relationship->refuses_loops ? rows_set_make(key) : NULL};
	DatumSet   *sound;

	if (behavior == BEHAVIOR_NONE)
		return;
	arrive(relationship, level, behavior, &arrivals);
	if (arrivals.again == NULL || arrivals.again->count == 0)
		return;
	sound = rows_set_make(key);
	for (int i = 0; i < arrivals.again->count; i++)
		feature_hierarchy_refuse_loop(relationship, arrivals.again->values[i], sound);
}

/* From the rows of one table that this level has: to the table asked for, and a step on. */
static void
leave(Rollup *rollup, Passed *passed, bool is_last)
{
	DatumSet   *level = rows_set_make(model_key_type(passed->table));
	Arrivals	found = {rollup->found, NULL};
	ListCell   *lc;

	for (int i = passed->begin; i < passed->end; i++)
		rows_set_add(level, passed->keys->values[i]);
	foreach(lc, model_as_primary(passed->table))
	{
		ModelRelationship *relationship = lfirst(lc);

		if (relationship->related == rollup->related)
			arrive(relationship, level, BEHAVIOR_ALL, &found);
		if (!is_last)
			go_on(relationship, level, passed_of(rollup, relationship->related));
	}
}

/* The rows that the last level has led to are the next; false when there are none. */
static bool
next_level(Rollup *rollup)
{
	bool		any = false;
	ListCell   *lc;

	foreach(lc, rollup->passed)
	{
		Passed	   *passed = lfirst(lc);

		passed->begin = passed->end;
		passed->end = passed->keys->count;
		any |= passed->begin < passed->end;
	}
	return any;
}

static void
walk(Rollup *rollup, int steps)
{
	for (int step = 0; next_level(rollup); step++)
	{
		int			ntables = list_length(rollup->passed);

		CHECK_FOR_INTERRUPTS();
		/* tables that this level leads to for the first time come behind */
		for (int i = 0; i < ntables; i++)
		{
			Passed	   *passed = list_nth(rollup->passed, i);

			if (passed->begin < passed->end)
				leave(rollup, passed, step >= steps);
		}
	}
}

static void
put_found(Rollup *rollup, ReturnSetInfo *result)
{
	DatumSet   *found = rollup->found;

	for (int from = 0; from < found->count; from += ROLLUP_BATCH)
	{
		int			upto = Min(from + ROLLUP_BATCH, found->count);
		bool	   *readable = feature_readable(rollup->related, found->values + from, upto - from, true);

		for (int i = from; i < upto; i++)
		{
			Datum		value;
			bool		isnull = false;

			if (readable == NULL || !readable[i - from])
				continue;
			value = CStringGetTextDatum(model_key_output(rollup->related, found->values[i]));
			tuplestore_putvalues(result->setResult, result->setDesc, &value, &isnull);
		}
	}
}

static Datum
rollup_rows(PG_FUNCTION_ARGS)
{
	Rollup		rollup = {0};
	ModelTable *table;
	Model	   *model;
	Datum		key;
	int			steps;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	(void) feature_table_argument(fcinfo, AccessShareLock);
	relmeta_argument_required(fcinfo, ARG_KEY);
	relmeta_argument_required(fcinfo, ARG_RELATED);
	steps = steps_argument(fcinfo);
	model = model_current();
	model_pin(model, CurrentMemoryContext);
	table = model_table_required(model, PG_GETARG_OID(ARG_RELATION));
	rollup.related = model_table_required(model, PG_GETARG_OID(ARG_RELATED));
	key = model_key_argument(fcinfo, ARG_KEY, table);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	key = feature_row_required(table, key);
	rollup.found = rows_set_make(model_key_type(rollup.related));
	rows_set_add(passed_of(&rollup, table)->keys, key);
	walk(&rollup, steps);
	put_found(&rollup, (ReturnSetInfo *) fcinfo->resultinfo);
	SPI_finish();
	return (Datum) 0;
}

Datum
relmeta_rollup(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, rollup_rows);
}
