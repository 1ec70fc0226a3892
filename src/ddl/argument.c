/*
 * argument.c
 *		What SQL functions are given.
 *
 * MEMORY: results are palloc'd in the current context.
 */
#include "ddl/ddl.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

static void
require_argument(FunctionCallInfo fcinfo, int argno, const char *name)
{
	if (PG_ARGISNULL(argno))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument %s must not be null", name)));
}

Oid
ddl_argument_table(FunctionCallInfo fcinfo, int argno, const char *name)
{
	require_argument(fcinfo, argno, name);
	(void) relmeta_relation_owner(PG_GETARG_OID(argno));
	return PG_GETARG_OID(argno);
}

Oid
ddl_argument_type(FunctionCallInfo fcinfo, int argno, const char *name)
{
	Oid			type;

	require_argument(fcinfo, argno, name);
	type = PG_GETARG_OID(argno);
	if (!SearchSysCacheExists1(TYPEOID, ObjectIdGetDatum(type)))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("type with OID %u does not exist", type)));
	return type;
}

char *
ddl_argument_text(FunctionCallInfo fcinfo, int argno)
{
	return PG_ARGISNULL(argno) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(argno));
}

char *
ddl_argument_name(FunctionCallInfo fcinfo, int argno)
{
	return PG_ARGISNULL(argno) ? NULL : pstrdup(NameStr(*PG_GETARG_NAME(argno)));
}

char *
ddl_argument_text_required(FunctionCallInfo fcinfo, int argno, const char *name)
{
	require_argument(fcinfo, argno, name);
	return ddl_argument_text(fcinfo, argno);
}

char *
ddl_argument_name_required(FunctionCallInfo fcinfo, int argno, const char *name)
{
	require_argument(fcinfo, argno, name);
	return ddl_argument_name(fcinfo, argno);
}

ModelKeyColumns *
ddl_argument_columns(FunctionCallInfo fcinfo, int argno)
{
	return PG_ARGISNULL(argno) ? NULL : model_columns_declare(ddl_argument_name(fcinfo, argno));
}

ModelKeyColumns *
ddl_argument_columns_required(FunctionCallInfo fcinfo, int argno, const char *name)
{
	return model_columns_declare(ddl_argument_name_required(fcinfo, argno, name));
}

bool
ddl_argument_bool(FunctionCallInfo fcinfo, int argno)
{
	return !PG_ARGISNULL(argno) && PG_GETARG_BOOL(argno);
}

static void
require_one_dimension(ArrayType *array)
{
	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an array of one dimension is expected")));
}

List *
ddl_argument_texts(FunctionCallInfo fcinfo, int argno)
{
	ArrayType  *array;
	Datum	   *elems;
	bool	   *nulls;
	int			n;
	List	   *result = NIL;

	if (PG_ARGISNULL(argno))
		return NIL;
	array = PG_GETARG_ARRAYTYPE_P(argno);
	require_one_dimension(array);
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elems, &nulls, &n);
	for (int i = 0; i < n; i++)
		result = lappend(result, nulls[i] ? NULL : TextDatumGetCString(elems[i]));
	return result;
}

List *
ddl_argument_names(FunctionCallInfo fcinfo, int argno)
{
	ArrayType  *array;
	Datum	   *elems;
	bool	   *nulls;
	int			n;
	List	   *result = NIL;

	if (PG_ARGISNULL(argno))
		return NIL;
	array = PG_GETARG_ARRAYTYPE_P(argno);
	require_one_dimension(array);
	deconstruct_array(array, NAMEOID, NAMEDATALEN, false, TYPALIGN_CHAR, &elems, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		if (!nulls[i])
			result = lappend(result, pstrdup(NameStr(*DatumGetName(elems[i]))));
	}
	return result;
}

List *
ddl_argument_tables(FunctionCallInfo fcinfo, int argno, const char *name)
{
	ArrayType  *array;
	Datum	   *elems;
	bool	   *nulls;
	int			n;
	List	   *result = NIL;

	require_argument(fcinfo, argno, name);
	array = PG_GETARG_ARRAYTYPE_P(argno);
	require_one_dimension(array);
	deconstruct_array(array, REGCLASSOID, sizeof(Oid), true, TYPALIGN_INT, &elems, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("argument %s must not contain null", name)));
		result = lappend_oid(result, DatumGetObjectId(elems[i]));
	}
	return result;
}

void
ddl_argument_behaviors(FunctionCallInfo fcinfo, int argno, ModelBehavior *behavior)
{
	for (int i = 0; i < MODEL_ACTIONS; i++)
	{
		if (!PG_ARGISNULL(argno + i))
			behavior[i] = model_behavior_from_oid(PG_GETARG_OID(argno + i));
	}
}
