/*
 * act_as.c
 *		Acting as a principal, and asking who that is, SEMANTICS 2.1.
 *
 * relmeta.principal and relmeta.rights are PGC_SUSET: the server itself keeps
 * others from setting them, a value set before the library was loaded included (it
 * is only taken over if whoever set it was allowed to).
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/statement.h"
#include "access/xact.h"
#include "utils/builtins.h"
#include "utils/guc.h"

PG_FUNCTION_INFO_V1(relmeta_act_as);
PG_FUNCTION_INFO_V1(relmeta_current_principal);
PG_FUNCTION_INFO_V1(relmeta_current_principals);

/*
 * Being granted EXECUTE is the permission: the setting is made with a
 * superuser's context whoever calls.
 */
static void
set(const char *name, const char *value, bool is_local)
{
	(void) set_config_option(name, value, PGC_SUSET, PGC_S_SESSION,
							 is_local ? GUC_ACTION_LOCAL : GUC_ACTION_SET, true, 0, false);
}

/* A cap only ever narrows; NULL leaves it as it is. */
static void
set_cap(FunctionCallInfo fcinfo, int argno, bool is_local)
{
	int32		cap = access_cap();

	if (!PG_ARGISNULL(argno))
		cap &= access_rights_mask(PG_GETARG_ARRAYTYPE_P(argno));
	if (cap != ACCESS_NO_CAP)
		set("relmeta.rights", access_cap_text(cap), is_local);
}

/* relmeta.act_as(principal, is_local, rights) */
Datum
relmeta_act_as(PG_FUNCTION_ARGS)
{
	char	   *principal;
	bool		is_local;

	relmeta_argument_required(fcinfo, 1);
	is_local = PG_GETARG_BOOL(1);
	principal = model_principal_required(relmeta_argument_text_required(fcinfo, 0));
	if (is_local && !IsTransactionBlock())
		ereport(ERROR,
				(errcode(ERRCODE_NO_ACTIVE_SQL_TRANSACTION),
				 errmsg("acting as a principal locally has no effect outside a transaction block"),
				 errhint("Use BEGIN first, or call relmeta.act_as(%s, is_local => false).",
						 quote_literal_cstr(principal))));
	set_cap(fcinfo, 2, is_local);
	set("relmeta.principal", principal, is_local);
	PG_RETURN_VOID();
}

Datum
relmeta_current_principal(PG_FUNCTION_ARGS)
{
	char	   *principal = access_statement_principal(fcinfo);

	if (principal == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(principal));
}

/* Empty, not NULL, for nobody: owner = ANY (…) is then false. */
Datum
relmeta_current_principals(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(model_text_array(model_principal_and_teams(access_statement_principal(fcinfo))));
}
