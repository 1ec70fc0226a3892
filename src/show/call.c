/*
 * call.c
 *		Calling relmeta's SQL functions as the caller: what a document declares goes
 *		through the same doors, and the same checks, as a call by hand.
 */
#include "show/document.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"

static void
add(ShowCall *call, Oid type, Datum value, bool isnull)
{
	if (call->n == SHOW_ARGUMENTS)
		elog(ERROR, "too many arguments");
	call->types[call->n] = type;
	call->values[call->n] = value;
	call->nulls[call->n] = isnull ? 'n' : ' ';
	call->n++;
}

void
show_argument_text(ShowCall *call, const char *value)
{
	add(call, TEXTOID, value ? CStringGetTextDatum(value) : (Datum) 0, value == NULL);
}

void
show_argument_name(ShowCall *call, const char *value)
{
	add(call, NAMEOID, value ? DirectFunctionCall1(namein, CStringGetDatum(value)) : (Datum) 0, value == NULL);
}

void
show_argument_columns(ShowCall *call, ModelKeyColumns *columns)
{
	show_argument_name(call, columns ? model_columns_declared(columns) : NULL);
}

void
show_argument_bool(ShowCall *call, int value)
{
	add(call, BOOLOID, BoolGetDatum(value > 0), value < 0);
}

void
show_argument_int(ShowCall *call, int value, bool isnull)
{
	add(call, INT4OID, Int32GetDatum(value), isnull);
}

void
show_argument_table(ShowCall *call, Oid relid)
{
	add(call, REGCLASSOID, ObjectIdGetDatum(relid), !OidIsValid(relid));
}

void
show_argument_procedure(ShowCall *call, Oid procedure)
{
	add(call, REGPROCEDUREOID, ObjectIdGetDatum(procedure), false);
}

void
show_argument_tables(ShowCall *call, List *relids)
{
	Datum	   *elems = palloc(sizeof(Datum) * Max(list_length(relids), 1));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, relids)
		elems[n++] = ObjectIdGetDatum(lfirst_oid(lc));
	add(call, REGCLASSARRAYOID,
		PointerGetDatum(construct_array(elems, n, REGCLASSOID, sizeof(Oid), true, TYPALIGN_INT)), relids == NIL);
}

void
show_argument_texts(ShowCall *call, List *values)
{
	add(call, TEXTARRAYOID, values == NIL ? (Datum) 0 : model_text_array(values), values == NIL);
}

void
show_argument_names(ShowCall *call, List *values)
{
	Datum	   *elems = palloc(sizeof(Datum) * Max(list_length(values), 1));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, values)
		elems[n++] = DirectFunctionCall1(namein, CStringGetDatum(lfirst(lc)));
	add(call, NAMEARRAYOID,
		PointerGetDatum(construct_array(elems, n, NAMEOID, NAMEDATALEN, false, TYPALIGN_CHAR)), values == NIL);
}

char *
show_call(ShowCall *call, const char *sql)
{
	MemoryContext cxt = CurrentMemoryContext;
	int			level = NewGUCNestLevel();
	char	   *result = NULL;
	int			rc;

	(void) set_config_option("search_path", call->search_path ? call->search_path : "pg_catalog, pg_temp",
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	SPI_connect();
	rc = SPI_execute_with_args(sql, call->n, call->types, call->values, call->nulls, false, 0);
	if (rc < 0)
		elog(ERROR, "SPI_execute_with_args failed: %s", SPI_result_code_string(rc));
	if (SPI_processed > 0)
	{
		char	   *value = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);

		result = value ? MemoryContextStrdup(cxt, value) : NULL;
	}
	SPI_finish();
	AtEOXact_GUC(true, level);
	return result;
}
