/*
 * act_as.c
 *		Acting as a principal, and asking who that is, SEMANTICS 2.1.
 *
 * relmeta.principal is PGC_SUSET: the server itself keeps others from setting
 * it, a value set before the library was loaded included (it is only taken
 * over if whoever set it was allowed to).
 */
#include "relmeta.h"

#include "access/xact.h"
#include "model/internal.h"
#include "utils/builtins.h"
#include "utils/guc.h"

PG_FUNCTION_INFO_V1(relmeta_act_as);
PG_FUNCTION_INFO_V1(relmeta_current_principal);
PG_FUNCTION_INFO_V1(relmeta_current_principals);

/*
 * Being granted EXECUTE is the permission: the setting is made with a
 * superuser's context whoever calls.
 */
Datum
relmeta_act_as(PG_FUNCTION_ARGS)
{
	char	   *principal;
	bool		is_local;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("arguments \"principal\" and \"is_local\" must not be null"),
				 errhint("Call relmeta.act_as(principal); RESET ALL returns to your own principal.")));
	principal = text_to_cstring(PG_GETARG_TEXT_PP(0));
	is_local = PG_GETARG_BOOL(1);

	principal = model_principal_required(principal);
	if (is_local && !IsTransactionBlock())
		ereport(ERROR,
				(errcode(ERRCODE_NO_ACTIVE_SQL_TRANSACTION),
				 errmsg("acting as a principal locally has no effect outside a transaction block"),
				 errhint("Use BEGIN first, or call relmeta.act_as(%s, is_local => false).",
						 quote_literal_cstr(principal))));
	(void) set_config_option("relmeta.principal", principal, PGC_SUSET, PGC_S_SESSION,
							 is_local ? GUC_ACTION_LOCAL : GUC_ACTION_SET, true, 0, false);
	PG_RETURN_VOID();
}

Datum
relmeta_current_principal(PG_FUNCTION_ARGS)
{
	char	   *principal = model_current_principal();

	if (principal == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(principal));
}

/* Empty, not NULL, for nobody: owner = ANY (…) is then false. */
Datum
relmeta_current_principals(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(model_text_array(model_principal_and_teams(model_current_principal())));
}
