/*
 * argument.c
 *		What declaring functions are given besides: ../argument.h has the rest.
 *
 * MEMORY: results are palloc'd in the current context.
 */
#include "ddl/ddl.h"

ModelKeyColumns *
ddl_argument_columns(FunctionCallInfo fcinfo, int argno)
{
	return PG_ARGISNULL(argno) ? NULL : model_columns_declare(relmeta_argument_name(fcinfo, argno));
}

ModelKeyColumns *
ddl_argument_columns_required(FunctionCallInfo fcinfo, int argno)
{
	return model_columns_declare(relmeta_argument_name_required(fcinfo, argno));
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
