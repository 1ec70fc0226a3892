/*
 * automation_call.c
 *		Automations are called: after each UPDATE of a row that they are active on, when
 *		the statement's cascades are done (SEMANTICS 3.9).
 *
 * For the caller's own UPDATE a procedure runs as the caller, as a trigger would.  For one that follows from something
 * else (a cascade, a foreign key's action, a merge, reassign_owned) it runs as the table's owner, restricted: what is
 * the owner's must not reach whoever has only caused it.  relmeta acts as somebody else in all of these, and says so by
 * SECURITY_NOFORCE_RLS.
 *
 * MEMORY RULE.  Calls that wait live in a context of their own until the last is made; what a procedure leaves is freed
 * after each.  SPI is connected.
 *
 * EXAMPLE.  Automation p is active on account 6, which is ann's.  She updates its city: p('account', '6') is called, as
 * she.  She gives the account to bob: p is not called, and not active any more (automation_step.c).  Bob updates the
 * city: nothing is called until he, or the table's owner, has activated p again.
 */
#include "relmeta.h"

#include "access/access.h"
#include "model/key.h"
#include "rows/plan.h"
#include "collect/collect.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "feature/automation.h"
#include "feature/catalog.h"
#include "feature/key.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

/* so many rows of a statement are worth a look at all that is active */
#define MANY_ROWS 1000

/* an automation of the table, and the statement that calls it */
typedef struct Callee
{
	Automation	automation;
	bool		prepared[2];	/* [is it a cascade's] */
	SPIPlanPtr	plan[2];
} Callee;

/* a call that is to be made */
typedef struct Call
{
	Callee	   *callee;
	Datum		key;
	bool		cascade;
	bool		hidden;			/* the caller may not read the row */
} Call;

typedef struct Calls
{
	ModelTable *table;
	List	   *callees;		/* Callee * */
	Call	   *calls;
	int			n;
	int			capacity;
} Calls;

/* what is being called, innermost first; on the C stack */
typedef struct Running
{
	int			id;
	struct Running *outer;
} Running;

static Running *running = NULL;

/* ---- which are to be called ---- */

/* An automation is not called for updates that it makes itself. */
static bool
is_running(int id)
{
	for (Running *r = running; r != NULL; r = r->outer)
		if (r->id == id)
			return true;
	return false;
}

static void
add_callee(Calls *calls, HeapTuple tuple, TupleDesc desc)
{
	Callee	   *callee = palloc0(sizeof(Callee));
	bool		isnull;

	callee->automation.id = DatumGetInt32(SPI_getbinval(tuple, desc, 1, &isnull));
	callee->automation.name = SPI_getvalue(tuple, desc, 2);
	callee->automation.relid = calls->table->relid;
	callee->automation.schema = SPI_getvalue(tuple, desc, 3);
	callee->automation.procedure = SPI_getvalue(tuple, desc, 4);
	calls->callees = lappend(calls->callees, callee);
}

/* The table's automations that are active on any row, in the order of their names. */
static void
read_callees(Calls *calls)
{
	Oid			type = REGCLASSOID;
	Datum		relid = ObjectIdGetDatum(calls->table->relid);

	feature_catalog_read("SELECT a.automation_id, a.name, a.procedure_schema, a.procedure_name"
						 " FROM relmeta.automation AS a WHERE a.relation = $1 AND EXISTS (SELECT"
						 " FROM relmeta.automation_row AS r WHERE r.automation_id = a.automation_id AND r.is_active)"
						 " ORDER BY a.name", 1, &type, &relid, true);
	for (uint64 i = 0; i < SPI_processed; i++)
		add_callee(calls, SPI_tuptable->vals[i], SPI_tuptable->tupdesc);
	SPI_freetuptable(SPI_tuptable);
}

static Callee *
callee_of(Calls *calls, int id)
{
	ListCell   *lc;

	foreach(lc, calls->callees)
		if (((Callee *) lfirst(lc))->automation.id == id)
		return lfirst(lc);
	return NULL;
}

static void
add_call(Calls *calls, Callee *callee, Datum key, bool cascade)
{
	ModelType  *type = model_key_type(calls->table);
	Call	   *call;

	if (calls->n == calls->capacity)
	{
		calls->capacity = Max(64, calls->capacity * 2);
		calls->calls = calls->calls == NULL ? palloc(calls->capacity * sizeof(Call)) :
			repalloc_huge(calls->calls, calls->capacity * sizeof(Call));
	}
	call = &calls->calls[calls->n++];
	call->callee = callee;
	call->key = datumCopy(key, type->typbyval, type->typlen);
	call->cascade = cascade;
	call->hidden = false;
}

/* Whatever a list's row number row is to be called for. */
static void
call_row(Calls *calls, Callee *callee, RowList *rows, int64 row, bool follows)
{
	Datum		values[MOVED_COLUMNS];
	bool		nulls[MOVED_COLUMNS];

	if (callee == NULL || is_running(callee->automation.id))
		return;
	rows_list_get(rows, row, values, nulls);
	add_call(calls, callee, values[UPDATED_KEY], follows || !nulls[UPDATED_CASCADE]);
}

/* Finds what is active on rows [from, upto) of the list: asks the catalog about each. */
static void
find_active(Calls *calls, RowList *rows, int64 from, int64 upto, bool follows)
{
	Oid			types[2] = {REGCLASSOID, TEXTARRAYOID};
	Datum		params[2];
	uint64		n;
	SPITupleTable *found;

	params[0] = ObjectIdGetDatum(calls->table->relid);
	params[1] = feature_keys_array(calls->table, rows, from, upto, UPDATED_KEY);
	n = feature_catalog_read("SELECT k.n, r.automation_id"
							 " FROM pg_catalog.unnest($2) WITH ORDINALITY AS k(key, n), relmeta.automation AS a,"
							 " relmeta.automation_row AS r WHERE a.relation = $1 AND r.automation_id = a.automation_id"
							 " AND r.key = k.key AND r.is_active ORDER BY k.n", 2, types, params, true);
	found = SPI_tuptable;
	for (uint64 i = 0; i < n; i++)
	{
		bool		isnull;
		int64		row = DatumGetInt64(SPI_getbinval(found->vals[i], found->tupdesc, 1, &isnull));
		Callee	   *callee = callee_of(calls, DatumGetInt32(SPI_getbinval(found->vals[i], found->tupdesc, 2, &isnull)));

		call_row(calls, callee, rows, from + row - 1, follows);
	}
	SPI_freetuptable(found);
}

/* The rows on which automations of a table are active, when they are few: texts of keys, and Callee * of each. */
typedef struct ActiveRows
{
	ModelType	text_type;
	DatumSet   *keys;
	List	  **callees;
} ActiveRows;

/* Reads them; false when there may be more than limit.  Inactive ones count: looking at them takes as long. */
static bool
read_active_rows(Calls *calls, int64 limit, ActiveRows *active)
{
	Oid			types[2] = {REGCLASSOID, INT8OID};
	Datum		params[2] = {ObjectIdGetDatum(calls->table->relid), Int64GetDatum(limit + 1)};
	uint64		n = feature_catalog_read("SELECT r.key, r.automation_id, r.is_active"
										 " FROM relmeta.automation AS a, relmeta.automation_row AS r"
										 " WHERE a.relation = $1 AND r.automation_id = a.automation_id LIMIT $2",
										 2, types, params, true);
	SPITupleTable *found = SPI_tuptable;

	model_type_fill_own(&active->text_type, TEXTOID, -1, C_COLLATION_OID);
	active->keys = rows_set_make(&active->text_type);
	active->callees = palloc0(Max(n, 1) * sizeof(List *));
	for (uint64 i = 0; i < n && n <= (uint64) limit; i++)
	{
		bool		isnull;
		Datum		key = SPI_getbinval(found->vals[i], found->tupdesc, 1, &isnull);
		Callee	   *callee = callee_of(calls, DatumGetInt32(SPI_getbinval(found->vals[i], found->tupdesc, 2, &isnull)));
		int			at;

		if (callee == NULL || !DatumGetBool(SPI_getbinval(found->vals[i], found->tupdesc, 3, &isnull)))
			continue;
		at = rows_set_index(active->keys, key);
		active->callees[at] = lappend(active->callees[at], callee);
	}
	SPI_freetuptable(found);
	return n <= (uint64) limit;
}

/* The same as find_active() by what was read. */
static void
find_among(Calls *calls, RowList *rows, int64 from, int64 upto, bool follows, ActiveRows *active)
{
	Datum		values[MOVED_COLUMNS];
	bool		nulls[MOVED_COLUMNS];
	int			level = feature_keys_begin();

	for (int64 row = from; row < upto; row++)
	{
		char	   *key;
		text	   *key_text;
		int			at;
		ListCell   *lc;

		rows_list_get(rows, row, values, nulls);
		key = feature_key_text(calls->table, values[UPDATED_KEY]);
		key_text = cstring_to_text(key);
		at = rows_set_find(active->keys, PointerGetDatum(key_text));
		pfree(key_text);
		pfree(key);
		if (at >= 0)
			foreach(lc, active->callees[at])
				call_row(calls, lfirst(lc), rows, row, follows);
	}
	feature_keys_end(level);
}

/*
 * Finds the calls for rows [from, upto) of the list.  Where many rows were updated and automations are active on few,
 * those few are read: a row that has none is then looked up in memory.
 */
static void
find_calls(Calls *calls, RowList *rows, int64 from, int64 upto, bool follows)
{
	int64		step = rows_list_batch_rows(rows);
	ActiveRows	active;

	if (calls->callees == NIL)
		return;
	if (upto - from >= MANY_ROWS && read_active_rows(calls, (upto - from) / 4, &active))
		find_among(calls, rows, from, upto, follows, &active);
	else
		for (int64 row = from; row < upto; row += step)
			find_active(calls, rows, row, Min(row + step, upto), follows);
}

/* In order of keys; of one row the statement's own update first, automations by name. */
static int
compare_calls(const void *a, const void *b, void *arg)
{
	const Call *x = a;
	const Call *y = b;
	ModelType  *type = arg;
	RegProcedure less = get_opcode(type->ltop);

	if (DatumGetBool(OidFunctionCall2Coll(less, type->collation, x->key, y->key)))
		return -1;
	if (DatumGetBool(OidFunctionCall2Coll(less, type->collation, y->key, x->key)))
		return 1;
	if (x->cascade != y->cascade)
		return x->cascade ? 1 : -1;
	return strcmp(x->callee->automation.name, y->callee->automation.name);
}

/* Which rows of a cascade's updates the caller may not read: an error's context does not tell him their keys. */
static void
find_hidden(Calls *calls)
{
	Datum	   *keys = palloc(Max(calls->n, 1) * sizeof(Datum));
	int			n = 0;
	bool	   *readable;

	for (int i = 0; i < calls->n; i++)
		if (calls->calls[i].cascade)
			keys[n++] = calls->calls[i].key;
	readable = n > 0 ? feature_readable(calls->table, keys, n, false) : NULL;
	n = 0;
	for (int i = 0; i < calls->n; i++)
		if (calls->calls[i].cascade)
			calls->calls[i].hidden = readable == NULL || !readable[n++];
}

/* ---- calling ---- */

static void
add_context(void *arg)
{
	Call	   *call = arg;
	Automation *automation = &call->callee->automation;
	char	   *table = get_rel_name(automation->relid);

	if (call->hidden)
		errcontext("automation \"%s\" of table \"%s\"", automation->name, table ? table : "");
	else
		errcontext("automation \"%s\" of table \"%s\", key \"%s\"", automation->name, table ? table : "",
				   TextDatumGetCString(call->key));
}

/* SELECT | CALL s.procedure($1, $2), as whoever runs it */
static SPIPlanPtr
call_plan(Call *call)
{
	Callee	   *callee = call->callee;
	Oid			types[2] = {REGCLASSOID, TEXTOID};
	bool		is_procedure;
	char	   *sql;

	/* whose it is: looked at before each call */
	(void) feature_automation_procedure(&callee->automation, &is_procedure);
	if (callee->prepared[call->cascade])
		return callee->plan[call->cascade];
	sql = psprintf("%s %s($1, $2)", is_procedure ? "CALL" : "SELECT",
				   quote_qualified_identifier(callee->automation.schema, callee->automation.procedure));
	callee->plan[call->cascade] = SPI_prepare(sql, 2, types);
	if (callee->plan[call->cascade] == NULL)
		elog(ERROR, "SPI_prepare returned %s for %s", SPI_result_code_string(SPI_result), sql);
	callee->prepared[call->cascade] = true;
	return callee->plan[call->cascade];
}

static void
run_call(Call *call)
{
	Oid			relid = call->callee->automation.relid;
	Datum		values[2] = {ObjectIdGetDatum(relid), call->key};
	ActingAs	saved = {0};
	int			result;

	if (call->cascade)
		saved = relmeta_act_begin_on(relid, NoLock, ACT_RESTRICTED);
	result = SPI_execute_plan(call_plan(call), values, NULL, false, 0);
	if (result < 0)
		elog(ERROR, "SPI_execute_plan returned %s", SPI_result_code_string(result));
	if (SPI_tuptable != NULL)
		SPI_freetuptable(SPI_tuptable);
	if (call->cascade)
		relmeta_act_end(saved);
}

static void
make_call(Call *call)
{
	ErrorContextCallback callback = {.callback = add_context,.arg = call};
	Running		self = {call->callee->automation.id, running};

	CHECK_FOR_INTERRUPTS();
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	PG_TRY();
	{
		running = &self;
		run_call(call);
	}
	PG_FINALLY();
	{
		running = self.outer;
	}
	PG_END_TRY();
	error_context_stack = callback.previous;
}

/* Keys become texts as the session has them, as everywhere; each call has a context that goes with it. */
static void
make_calls(Calls *calls)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "relmeta automation", ALLOCSET_DEFAULT_SIZES);

	for (int i = 0; i < calls->n; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(scratch);
		Call		call = calls->calls[i];

		call.key = CStringGetTextDatum(model_key_output(calls->table, call.key));
		MemoryContextSwitchTo(old);
		make_call(&call);
		MemoryContextReset(scratch);
	}
	MemoryContextDelete(scratch);
}

void
feature_automation_call(TableChanges *changes, RowList *rows, int64 from, int64 upto, int lookup)
{
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext, "relmeta automation calls", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(cxt);
	Calls		calls = {changes->table};
	Oid			userid;
	int			sec_context;

	GetUserIdAndSecContext(&userid, &sec_context);
	read_callees(&calls);
	find_calls(&calls, rows, from, upto, (sec_context & SECURITY_NOFORCE_RLS) != 0);
	qsort_arg(calls.calls, calls.n, sizeof(Call), compare_calls, model_key_type(changes->table));
	find_hidden(&calls);
	make_calls(&calls);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(cxt);
}
