/*
 * argument.c
 *		What SQL functions are given.
 */
#include "argument.h"

#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "extension.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

/* ---- 22004 ---- */

typedef struct Signature
{
	char	   *name;			/* of the argument */
	char	   *call;			/* relmeta.f(a, b, c) */
} Signature;

/* Of what is called: names are those of the declaration, once, in catalog. */
static Signature
signature(FunctionCallInfo fcinfo, int argno)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(fcinfo->flinfo->fn_oid));
	Signature	result = {0};
	StringInfoData call;
	Oid		   *types;
	char	  **names;
	char	   *modes;
	int			n;
	int			input = 0;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", fcinfo->flinfo->fn_oid);
	initStringInfo(&call);
	appendStringInfo(&call, "%s.%s(", RELMETA_SCHEMA, NameStr(((Form_pg_proc) GETSTRUCT(tuple))->proname));
	n = get_func_arg_info(tuple, &types, &names, &modes);
	for (int i = 0; i < n; i++)
	{
		if (modes && (modes[i] == PROARGMODE_OUT || modes[i] == PROARGMODE_TABLE))
			continue;
		appendStringInfo(&call, "%s%s", input > 0 ? ", " : "", names ? names[i] : "");
		if (input++ == argno && names)
			result.name = names[i];
	}
	appendStringInfoChar(&call, ')');
	result.call = call.data;
	ReleaseSysCache(tuple);
	return result;
}

void
relmeta_argument_is_null(FunctionCallInfo fcinfo, int argno)
{
	Signature	called = signature(fcinfo, argno);

	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg("argument \"%s\" must not be null", called.name ? called.name : ""),
			 errhint("Call %s.", called.call)));
}

void
relmeta_argument_contains_null(FunctionCallInfo fcinfo, int argno)
{
	Signature	called = signature(fcinfo, argno);

	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg("argument \"%s\" must not contain null", called.name ? called.name : ""),
			 errhint("Call %s.", called.call)));
}

void
relmeta_argument_required(FunctionCallInfo fcinfo, int argno)
{
	if (PG_ARGISNULL(argno))
		relmeta_argument_is_null(fcinfo, argno);
}

/* ---- one value ---- */

Oid
relmeta_argument_table(FunctionCallInfo fcinfo, int argno)
{
	relmeta_argument_required(fcinfo, argno);
	(void) relmeta_relation_owner(PG_GETARG_OID(argno));
	return PG_GETARG_OID(argno);
}

Oid
relmeta_argument_type(FunctionCallInfo fcinfo, int argno)
{
	Oid			type;

	relmeta_argument_required(fcinfo, argno);
	type = PG_GETARG_OID(argno);
	if (!SearchSysCacheExists1(TYPEOID, ObjectIdGetDatum(type)))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("type with OID %u does not exist", type)));
	return type;
}

char *
relmeta_argument_text(FunctionCallInfo fcinfo, int argno)
{
	return PG_ARGISNULL(argno) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(argno));
}

char *
relmeta_argument_text_required(FunctionCallInfo fcinfo, int argno)
{
	relmeta_argument_required(fcinfo, argno);
	return relmeta_argument_text(fcinfo, argno);
}

char *
relmeta_argument_name(FunctionCallInfo fcinfo, int argno)
{
	return PG_ARGISNULL(argno) ? NULL : pstrdup(NameStr(*PG_GETARG_NAME(argno)));
}

char *
relmeta_argument_name_required(FunctionCallInfo fcinfo, int argno)
{
	relmeta_argument_required(fcinfo, argno);
	return relmeta_argument_name(fcinfo, argno);
}

bool
relmeta_argument_bool(FunctionCallInfo fcinfo, int argno)
{
	return !PG_ARGISNULL(argno) && PG_GETARG_BOOL(argno);
}

/* ---- arrays ---- */

/* The elements of one that is not null; 22023 for an array of arrays. */
static Datum *
elements(FunctionCallInfo fcinfo, int argno, Oid type, bool **nulls, int *n)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(argno);
	Datum	   *values;
	int16		typlen;
	bool		typbyval;
	char		typalign;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an array of one dimension is expected")));
	get_typlenbyvalalign(type, &typlen, &typbyval, &typalign);
	deconstruct_array(array, type, typlen, typbyval, typalign, &values, nulls, n);
	return values;
}

List *
relmeta_argument_texts(FunctionCallInfo fcinfo, int argno)
{
	Datum	   *values;
	bool	   *nulls;
	int			n;
	List	   *result = NIL;

	if (PG_ARGISNULL(argno))
		return NIL;
	values = elements(fcinfo, argno, TEXTOID, &nulls, &n);
	for (int i = 0; i < n; i++)
		result = lappend(result, nulls[i] ? NULL : TextDatumGetCString(values[i]));
	return result;
}

List *
relmeta_argument_texts_required(FunctionCallInfo fcinfo, int argno)
{
	List	   *result;

	relmeta_argument_required(fcinfo, argno);
	result = relmeta_argument_texts(fcinfo, argno);
	if (list_member_ptr(result, NULL))
		relmeta_argument_contains_null(fcinfo, argno);
	return result;
}

List *
relmeta_argument_names(FunctionCallInfo fcinfo, int argno)
{
	Datum	   *values;
	bool	   *nulls;
	int			n;
	List	   *result = NIL;

	if (PG_ARGISNULL(argno))
		return NIL;
	values = elements(fcinfo, argno, NAMEOID, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		if (!nulls[i])
			result = lappend(result, pstrdup(NameStr(*DatumGetName(values[i]))));
	}
	return result;
}

List *
relmeta_argument_tables(FunctionCallInfo fcinfo, int argno)
{
	Datum	   *values;
	bool	   *nulls;
	int			n;
	List	   *result = NIL;

	relmeta_argument_required(fcinfo, argno);
	values = elements(fcinfo, argno, REGCLASSOID, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			relmeta_argument_contains_null(fcinfo, argno);
		result = lappend_oid(result, DatumGetObjectId(values[i]));
	}
	return result;
}
