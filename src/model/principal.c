/*
 * principal.c
 *		Making and dropping principals and memberships by hand, SEMANTICS 2.1.
 *
 * None of these functions is granted to PUBLIC: whoever may call them is
 * trusted with all principals, so they check nothing about the caller.
 */
#include "relmeta.h"

#include "catalog/pg_authid.h"
#include "miscadmin.h"
#include "model/internal.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(relmeta_create_user);
PG_FUNCTION_INFO_V1(relmeta_create_team);
PG_FUNCTION_INFO_V1(relmeta_add_team_member);
PG_FUNCTION_INFO_V1(relmeta_remove_team_member);
PG_FUNCTION_INFO_V1(relmeta_drop_principal);

static const char *
kind_name(bool is_team)
{
	return is_team ? "team" : "user";
}

/* Nobody drops the role before we commit. */
static void
check_role(Oid role)
{
	char	   *user;

	LockSharedObject(AuthIdRelationId, role, 0, AccessShareLock);
	if (!SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(role)))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("role with OID %u does not exist", role)));
	user = model_user_of_role(role);
	if (user != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("role \"%s\" already belongs to user \"%s\"", GetUserNameFromId(role, true), user),
				 errhint("A role belongs to one user; create the user without a role.")));
}

/*
 * Gives a user that has none his role; false when by now he has one, which may be another.  The principal is locked, or
 * of our own making.
 */
static bool
give_role(const char *user, Oid role)
{
	Datum		values[2] = {CStringGetTextDatum(user), ObjectIdGetDatum(role)};

	/* nothing is inserted when another session was quicker: then look again */
	while (model_statement_run(STATEMENT_GIVE_ROLE, values, NULL) == 0)
	{
		if (OidIsValid(model_role_of_user(user)))
			return false;
		check_role(role);
		CHECK_FOR_INTERRUPTS();
	}
	return true;
}

/* A user that is there, perhaps made of a row of a table, gets the role if he has none.  True when he has that role. */
static bool
has_role_now(const char *user, Oid role)
{
	if (!OidIsValid(role) || model_role_of_user(user) == role)
		return true;
	if (OidIsValid(model_role_of_user(user)) || !model_principal_lock(user, LockTupleKeyShare))
		return false;
	check_role(role);
	if (!give_role(user, role))
		return model_role_of_user(user) == role;
	ereport(NOTICE,
			(errmsg("user \"%s\" already exists, and has the role \"%s\" now", user, GetUserNameFromId(role, false))));
	return true;
}

/*
 * Complains that the principal is there already; or, if that was allowed for, says so
 * and returns.
 */
static void
principal_is_there(const char *principal, PrincipalRow *row, bool is_team, Oid role, bool if_not_exists)
{
	bool		had_none = OidIsValid(role) && !OidIsValid(model_role_of_user(principal));
	char	   *role_name = had_none ? GetUserNameFromId(role, true) : NULL;

	if (if_not_exists && row->is_team == is_team && has_role_now(principal, role))
	{
		if (!had_none)
			ereport(NOTICE,
					(errcode(ERRCODE_DUPLICATE_OBJECT),
					 errmsg("%s \"%s\" already exists, skipping", kind_name(is_team), principal)));
		return;
	}
	ereport(ERROR,
			(errcode(ERRCODE_DUPLICATE_OBJECT),
			 errmsg("principal \"%s\" already exists", principal),
			 row->is_team != is_team ?
			 errdetail("It is a %s; users and teams share one namespace.", kind_name(row->is_team)) :
			 if_not_exists ? errdetail("It has another role.") : 0,
			 if_not_exists ? 0 : role_name != NULL && !row->is_team ?
			 errhint("Call relmeta.create_user(%s, %s, if_not_exists => true) to give it the role.",
					 quote_literal_cstr(principal), quote_literal_cstr(role_name)) :
			 errhint("Call relmeta.create_%s(%s, if_not_exists => true) to accept that.",
					 kind_name(is_team), quote_literal_cstr(principal))));
}

static void
create_principal(const char *principal, bool is_team, Oid role, bool if_not_exists)
{
	Datum		values[2];
	PrincipalRow row;

	model_principal_check_name(principal);
	values[0] = CStringGetTextDatum(principal);
	values[1] = CStringGetTextDatum(kind_name(is_team));

	/*
	 * nothing is inserted when the name is taken, or was, and is not any
	 * more: then look again
	 */
	while (model_statement_run(STATEMENT_CREATE_PRINCIPAL, values, NULL) == 0)
	{
		if (model_principal_read(principal, &row))
		{
			principal_is_there(principal, &row, is_team, role, if_not_exists);
			return;
		}
		CHECK_FOR_INTERRUPTS();
	}
	if (OidIsValid(role))
	{
		check_role(role);
		(void) give_role(principal, role);
	}
	model_values_add(list_make1(unconstify(char *, principal)));
}

Datum
relmeta_create_user(PG_FUNCTION_ARGS)
{
	create_principal(relmeta_argument_text_required(fcinfo, 0), false,
					 PG_ARGISNULL(1) ? InvalidOid : PG_GETARG_OID(1), relmeta_argument_bool(fcinfo, 2));
	PG_RETURN_VOID();
}

Datum
relmeta_create_team(PG_FUNCTION_ARGS)
{
	create_principal(relmeta_argument_text_required(fcinfo, 0), true,
					 InvalidOid, relmeta_argument_bool(fcinfo, 1));
	PG_RETURN_VOID();
}

/*
 * Its name as it is registered; 42704 when there is no such principal, 22023 when
 * it is of the other kind.  Nobody drops it before we commit.
 */
static char *
principal_of_kind_required(const char *name, bool is_team)
{
	char	   *principal = model_principal_required(name);
	PrincipalRow row;

	if (!model_principal_lock(principal, LockTupleKeyShare) || !model_principal_read(principal, &row))
		(void) model_principal_required(name);
	else if (row.is_team != is_team)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("principal \"%s\" is not a %s", principal, kind_name(is_team)),
				 errdetail("The members of a team are users.")));
	return principal;
}

/* A membership that is there already is left as it is. */
Datum
relmeta_add_team_member(PG_FUNCTION_ARGS)
{
	char	   *team = relmeta_argument_text_required(fcinfo, 0);
	char	   *member = relmeta_argument_text_required(fcinfo, 1);
	Datum		values[3];

	relmeta_prevent_if_read_only(fcinfo);
	team = principal_of_kind_required(team, true);
	member = principal_of_kind_required(member, false);
	values[0] = CStringGetTextDatum(team);
	values[1] = CStringGetTextDatum(member);
	values[2] = ObjectIdGetDatum(InvalidOid);
	model_statement_run(STATEMENT_ADD_MEMBER, values, NULL);
	PG_RETURN_VOID();
}

/*
 * Removes nothing when it is no member.  A membership that a table gives would
 * be gone here and still stand there: 55000.
 */
Datum
relmeta_remove_team_member(PG_FUNCTION_ARGS)
{
	char	   *team = relmeta_argument_text_required(fcinfo, 0);
	char	   *member = relmeta_argument_text_required(fcinfo, 1);
	char	   *table;
	Datum		values[2];

	team = model_principal_required(team);
	member = model_principal_required(member);
	table = model_membership_table(team, member);
	if (table != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("that \"%s\" is a member of \"%s\" is said by table %s", member, team, table),
				 errhint("Delete the row there.")));
	values[0] = CStringGetTextDatum(team);
	values[1] = CStringGetTextDatum(member);
	model_statement_run(STATEMENT_REMOVE_MEMBER, values, NULL);
	PG_RETURN_VOID();
}

Datum
relmeta_drop_principal(PG_FUNCTION_ARGS)
{
	char	   *principal = relmeta_argument_text_required(fcinfo, 0);
	char	   *table;

	relmeta_prevent_if_read_only(fcinfo);
	principal = model_principal_required(principal);
	table = model_principal_table(principal);
	if (table != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("principal \"%s\" is a row of table %s", principal, table),
				 errhint("Delete the row there, and the principal goes with it.")));
	if (!model_principals_drop(list_make1(principal), NIL))
		model_principal_required(principal);
	PG_RETURN_VOID();
}
