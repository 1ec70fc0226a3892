/*
 * has_access.c
 *		has_access and principal_access (SEMANTICS 2.5).
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/statement.h"
#include "model/names.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(relmeta_has_access);
PG_FUNCTION_INFO_V1(relmeta_principal_access);

/* SEMANTICS 2.2, for a call that names both */
void
access_refuse_cast(ModelTable *table, const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("principal \"%s\" is no value of type %s, in which table \"%s\" names principals", name,
					format_type_with_typemod(model_principal(table)->type, model_principal(table)->typmod),
					relmeta_relation_name(table->relid))));
}

char *
access_named_principal(ModelTable *table, const char *name)
{
	char	   *principal;
	ListCell   *lc;
	Datum		value;

	principal = model_principal_called(name, model_principal(table));
	foreach(lc, model_principal_and_teams(principal))
		if (model_principal_value(lfirst(lc), model_principal(table), &value))
		return principal;
	access_refuse_cast(table, name);
	return NULL;
}

/* a call of access_effective() */
typedef struct Asking
{
	ModelTable *table;
	Datum		key;
	List	   *principals;
	int32		rights;
} Asking;

static void
look_at_rights(void *arg)
{
	Asking	   *asking = arg;
	bool		exists;

	asking->rights = access_effective(asking->table, asking->key, asking->principals, &exists);
}

/* What the caller holds, who has named the table and may have no privilege on it. */
static int32
own_rights(ModelTable *table, Datum key, List *own)
{
	Asking		asking = {table, key, own};

	access_look(table, look_at_rights, &asking);
	return asking.rights;
}

List *
access_asked_principals(FunctionCallInfo fcinfo, ModelTable *table, Datum key, const char *asked, int32 *cap)
{
	Statement  *statement = access_statement(fcinfo);
	List	   *own = access_statement_principals(statement);
	char	   *principal;

	*cap = statement->cap;
	if (asked == NULL)
		return own;
	principal = access_named_principal(table, asked);
	if (statement->principal == NULL || strcmp(principal, statement->principal) != 0)
		*cap = ACCESS_NO_CAP;
	if (!model_name_is_among(own, principal) && !access_is_unlimited(table) &&
		(own_rights(table, key, own) & statement->cap & RIGHT_SHARE) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to ask what another principal holds on a row of table \"%s\"",
						relmeta_relation_name(table->relid)),
				 errhint("The current principal must hold the right share on the row.")));
	return model_principal_and_teams(principal);
}

/*
 * What is asked for, in bits; 0 for a row that is missing or that the caller
 * may not read, and when there is no principal to judge.
 */
static int32
asked_rights(FunctionCallInfo fcinfo, int principal_argno)
{
	Model	   *model;
	ModelTable *table;
	char	   *asked = PG_ARGISNULL(principal_argno) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(principal_argno));
	Datum		key;
	List	   *principals;
	bool		exists;
	int32		rights;
	int32		cap;

	/*
	 * the transaction may hold all locks from an earlier call, so that none
	 * accepts them
	 */
	AcceptInvalidationMessages();
	model = model_current();
	model_pin(model, CurrentMemoryContext);
	table = model_table_required(model, PG_GETARG_OID(0));
	key = model_key_argument(fcinfo, 1, table);
	principals = access_asked_principals(fcinfo, table, key, asked, &cap);
	/* before a lock is taken, which would be kept */
	if (principals == NIL || !access_may_select(table))
		return 0;
	rights = access_effective(table, key, principals, &exists) & cap;
	if (!exists)
		return 0;
	if (asked == NULL)
		return access_policies_let_read_held(table, key, rights) ? rights : 0;
	return access_policies_let_read(table, key) ? rights : 0;
}

/* relmeta.has_access(relation, key, access, principal) */
static Datum
has_access(PG_FUNCTION_ARGS)
{
	/* null names no row and no right */
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_BOOL(false);
	PG_RETURN_BOOL((asked_rights(fcinfo, 3) & access_right_bit(PG_GETARG_OID(2))) != 0);
}

Datum
relmeta_has_access(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, has_access);
}

/* relmeta.principal_access(relation, key, principal) */
static Datum
principal_access(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_ARRAYTYPE_P(access_rights_array(0));
	PG_RETURN_ARRAYTYPE_P(access_rights_array(asked_rights(fcinfo, 2)));
}

Datum
relmeta_principal_access(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, principal_access);
}
