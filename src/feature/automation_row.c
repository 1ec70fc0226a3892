/*
 * automation_row.c
 *		The rows that an automation is active on: activated, deactivated and listed
 *		(SEMANTICS 2.7, 3.9).
 *
 * Who activates an automation locks the row as an assign does: one waits for the other, and a new owner's row is
 * never left active.  Who drops the automation, or the table's registration, waits for the automation's own row in the
 * catalog.  Neither is locked for who owns no row, and the table no stronger than for a SELECT of it.
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/statement.h"
#include "inherit/grant.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "feature/automation.h"
#include "feature/catalog.h"
#include "feature/key.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "model/key.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(relmeta_activate_automation);
PG_FUNCTION_INFO_V1(relmeta_deactivate_automation);
PG_FUNCTION_INFO_V1(relmeta_automation_list);

/* so many rows are locked and written in one go */
#define ROWS_BATCH 10000

/* ---- activate, deactivate ---- */

typedef struct Activation
{
	Automation *automation;
	ModelTable *table;
	bool		all;			/* the table's owner calls, and acts for no
								 * principal */
	List	   *names;			/* Datum *: else the caller's principal and
								 * its teams, as the table names them; none
								 * where a cap leaves out write */
	bool		active;			/* what the rows become */
} Activation;

static void
find_caller(Activation *activation)
{
	char	   *principal = model_current_principal();

	activation->names = NIL;
	activation->all = relmeta_acting_as()[0] == '\0' && relmeta_owns_relation(activation->table->relid, GetUserId());
	if (!activation->all && principal != NULL && activation->table->owner.name != NULL &&
		(access_cap() & RIGHT_WRITE) != 0)
		activation->names = inherit_grant_names(activation->table, principal);
}

/* Does the caller own row number i? */
static bool
owns(Activation *activation, RowSet *rows, int i)
{
	ListCell   *lc;

	if (activation->all)
		return true;
	foreach(lc, activation->names)
		if (rows_owns(activation->table, rows, i, *(Datum *) lfirst(lc)))
		return true;
	return false;
}

/* 42704 for one that was dropped while its rows were waited for. */
static void
hold_automation(Automation *automation)
{
	Oid			type = INT4OID;
	Datum		id = Int32GetDatum(automation->id);

	if (feature_catalog_change("SELECT FROM relmeta.automation WHERE automation_id = $1 FOR KEY SHARE", 1, &type, &id,
							   NULL) == 0)
		feature_automation_refuse_missing(automation->name);
}

static void
write_rows(Activation *activation, Datum *texts, int n)
{
	Oid			types[3] = {INT4OID, TEXTARRAYOID, TEXTOID};
	Datum		values[3];

	values[0] = Int32GetDatum(activation->automation->id);
	values[1] = PointerGetDatum(construct_array(texts, n, TEXTOID, -1, false, TYPALIGN_INT));
	values[2] = CStringGetTextDatum(feature_actor());
	if (activation->active)
	{
		hold_automation(activation->automation);
		feature_catalog_change("INSERT INTO relmeta.automation_row AS r (automation_id, key, is_active)"
							   " SELECT $1, k.key, true FROM pg_catalog.unnest($2) AS k(key)"
							   " ON CONFLICT (automation_id, key) DO UPDATE"
							   " SET is_active = true, deactivated_at = NULL, deactivated_by = NULL"
							   " WHERE NOT r.is_active", 2, types, values, NULL);
	}
	else
		feature_catalog_change("UPDATE relmeta.automation_row AS r SET is_active = false,"
							   " deactivated_at = pg_catalog.now(), deactivated_by = $3"
							   " FROM pg_catalog.unnest($2) AS k(key)"
							   " WHERE r.automation_id = $1 AND r.key = k.key AND r.is_active",
							   3, types, values, NULL);
}

/*
 * Locks the rows with those keys and writes those that the caller owns; their number.  *found: of those that are there.
 */
static int
change_rows(Activation *activation, DatumSet *keys, int *found)
{
	RowSet	   *rows = rows_get(activation->table, keys, ROW_NO_KEY_UPDATE);
	Datum	   *texts = palloc(Max(rows->owners->keys->count, 1) * sizeof(Datum));
	int			level;
	int			n = 0;

	/* whoever was waited for may have taken a team away */
	find_caller(activation);
	level = feature_keys_begin();
	*found = rows->owners->keys->count;
	for (int i = 0; i < rows->owners->keys->count; i++)
		if (owns(activation, rows, i))
			texts[n++] = CStringGetTextDatum(feature_key_text(activation->table, rows->owners->keys->values[i]));
	feature_keys_end(level);
	if (n > 0)
		write_rows(activation, texts, n);
	return n;
}

static void
refuse(ModelTable *table)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied for automations on a row of table \"%s\"", relmeta_relation_name(table->relid)),
			 errhint("The current principal must own the row, or the table's owner calls.")));
}

/* A row that is another's is not locked, either. */
static void
change_one(Activation *activation, Datum key)
{
	DatumSet   *keys = rows_set_make(model_key_type(activation->table));
	RowSet	   *rows;
	int			found;

	rows_set_add(keys, feature_row_required(activation->table, key));
	rows = rows_read(activation->table, keys, NULL);
	found = rows->owners->keys->count;
	if (found > 0 && owns(activation, rows, 0) && change_rows(activation, keys, &found) > 0)
		return;
	/* it may have gone while we waited */
	if (found == 0)
		feature_refuse_missing(activation->table);
	refuse(activation->table);
}

/*
 *	SELECT t.id FROM s.t AS t [WHERE t.owner = ANY ($1)]
 */
static void
build_keys(PlanText *built, void *subject, int variant)
{
	ModelTable *table = subject;

	appendStringInfo(&built->sql, "SELECT %s FROM %s AS t", model_key_sql(table, "t"), table->sql_name);
	if ((variant & PLAN_ARRAYS) == 0)
		return;
	built->nparams = 1;
	built->params[0] = table->owner.type.array_type;
	appendStringInfo(&built->sql, " WHERE t.%s%s %s ANY ($1)", table->owner.sql_name, table->owner.type.sql_collate,
					 table->owner.type.sql_eq);
}

static void
take_key(Datum *values, bool *nulls, void *arg)
{
	rows_list_add(arg, values, nulls);
}

/* The keys of all rows that the caller may own. */
static RowList *
all_keys(Activation *activation)
{
	ModelTable *table = activation->table;
	ModelType  *type = model_key_type(table);
	RowList    *keys = rows_list_make(1, &type);
	bool		all = activation->all;
	Datum		owners = (Datum) 0;
	SPIPlanPtr	plan;

	if (!all)
	{
		List	   *names = activation->names;
		Datum	   *values = palloc(Max(list_length(names), 1) * sizeof(Datum));
		int			n = 0;
		ListCell   *lc;

		if (names == NIL)
			return keys;
		foreach(lc, names)
			values[n++] = *(Datum *) lfirst(lc);
		owners = model_type_array(&table->owner.type, values, n);
	}
	plan = rows_plan(build_keys, all ? PLAN_ONE | PLAN_ANY_PATH : PLAN_MANY, table->relid, table->relid,
					 AccessShareLock, table, table->model);
	rows_run_each(plan, table->relid, &owners, NULL, take_key, keys);
	return keys;
}

static void
change_all(Activation *activation)
{
	RowList    *keys = all_keys(activation);
	Datum		value;
	bool		isnull;

	for (int64 from = 0; from < keys->nrows; from += ROWS_BATCH)
	{
		MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "relmeta automation rows",
													  ALLOCSET_DEFAULT_SIZES);
		MemoryContext old = MemoryContextSwitchTo(scratch);
		DatumSet   *batch = rows_set_make(model_key_type(activation->table));
		int			found;

		for (int64 row = from; row < Min(from + ROWS_BATCH, keys->nrows); row++)
		{
			rows_list_get(keys, row, &value, &isnull);
			rows_set_add(batch, value);
		}
		(void) change_rows(activation, batch, &found);
		MemoryContextSwitchTo(old);
		MemoryContextDelete(scratch);
	}
}

/* The table is not locked for who may not read it: he learns what he would of a row that is not there. */
static ModelTable *
lock_table(FunctionCallInfo fcinfo, Oid relid)
{
	Model	   *model = model_current();
	ModelTable *table = model_table_required(model, relid);

	if (!access_may_select(table))
	{
		if (PG_ARGISNULL(1))
			refuse(table);
		feature_refuse_missing(table);
	}
	LockRelationOid(relid, AccessShareLock);
	model = model_current();
	model_pin(model, CurrentMemoryContext);
	return model_table_required(model, relid);
}

static Datum
change(FunctionCallInfo fcinfo, bool active)
{
	Activation	activation = {.active = active};
	int			id;

	relmeta_prevent_if_read_only(fcinfo);
	activation.automation = feature_automation_argument(fcinfo);
	id = activation.automation->id;
	activation.table = lock_table(fcinfo, activation.automation->relid);

	/*
	 * it may have been dropped while we waited, and its name be another
	 * one's, of another table
	 */
	activation.automation = feature_automation_argument(fcinfo);
	if (activation.automation->id != id)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("automation \"%s\" was concurrently dropped and made again", activation.automation->name)));
	find_caller(&activation);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (PG_ARGISNULL(1))
		change_all(&activation);
	else
		change_one(&activation, model_key_argument(fcinfo, 1, activation.table));
	SPI_finish();
	PG_RETURN_VOID();
}

static Datum
activate(PG_FUNCTION_ARGS)
{
	return change(fcinfo, true);
}

Datum
relmeta_activate_automation(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, activate);
}

static Datum
deactivate(PG_FUNCTION_ARGS)
{
	return change(fcinfo, false);
}

Datum
relmeta_deactivate_automation(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, deactivate);
}

/* ---- relmeta.automations ---- */

/* the rows of one table's automations */
typedef struct AutomationList
{
	ModelTable *table;
	int			n;
	SPITupleTable *found;		/* key, name, is_active, deactivated_at,
								 * deactivated_by */
} AutomationList;

/* Puts out those of [from, upto) that the caller may read; false when that cannot be told. */
static bool
put_rows(AutomationList *list, int from, int upto, ReturnSetInfo *result)
{
	int			n = upto - from;
	Datum	   *keys = palloc(Max(n, 1) * sizeof(Datum));
	int			level = feature_keys_begin();
	bool	   *readable;

	for (int i = 0; i < n; i++)
		keys[i] = model_key_input(list->table, SPI_getvalue(list->found->vals[from + i], list->found->tupdesc, 1));
	feature_keys_end(level);
	readable = feature_readable(list->table, keys, n, false);
	for (int i = 0; i < n && readable != NULL; i++)
	{
		HeapTuple	tuple = list->found->vals[from + i];
		TupleDesc	desc = list->found->tupdesc;
		Datum		values[6];
		bool		nulls[6] = {false};

		if (!readable[i])
			continue;
		values[0] = SPI_getbinval(tuple, desc, 2, &nulls[0]);
		values[1] = ObjectIdGetDatum(list->table->relid);
		values[2] = CStringGetTextDatum(model_key_output(list->table, keys[i]));
		for (int column = 3; column < 6; column++)
			values[column] = SPI_getbinval(tuple, desc, column, &nulls[column]);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return readable != NULL;
}

static bool
list_rows(ModelTable *table, ReturnSetInfo *result)
{
	Oid			type = REGCLASSOID;
	Datum		relid = ObjectIdGetDatum(table->relid);
	AutomationList list = {table};
	bool		known = true;

	list.n = (int) feature_catalog_read("SELECT r.key, a.name, r.is_active, r.deactivated_at, r.deactivated_by"
										" FROM relmeta.automation AS a, relmeta.automation_row AS r"
										" WHERE a.relation = $1 AND r.automation_id = a.automation_id"
										" ORDER BY a.name, r.key", 1, &type, &relid, false);
	list.found = SPI_tuptable;
	for (int from = 0; known && from < list.n; from += ROWS_BATCH)
		known = put_rows(&list, from, Min(from + ROWS_BATCH, list.n), result);
	return known;
}

/* Policies of others' tables would run as the caller, who names no table here: harmless.c. */
static void
tell_left_out(int tables)
{
	ereport(NOTICE,
			(errmsg_plural("automations of %d table with policies of its owner's are left out",
						   "automations of %d tables with policies of their owners' are left out", tables, tables),
			 errdetail("These policies would run as the current user."),
			 errhint("Ask the owner of the table.")));
}

static Datum
automation_list(PG_FUNCTION_ARGS)
{
	Model	   *model = model_current();
	int			left_out = 0;
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	model_pin(model, CurrentMemoryContext);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	foreach(lc, model_tables(model))
	{
		ModelTable *table = lfirst(lc);

		if (table->broken == NULL && feature_has_automations(table) && access_may_select(table) &&
			!list_rows(table, (ReturnSetInfo *) fcinfo->resultinfo))
			left_out++;
	}
	SPI_finish();
	if (left_out > 0)
		tell_left_out(left_out);
	return (Datum) 0;
}

Datum
relmeta_automation_list(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, automation_list);
}
