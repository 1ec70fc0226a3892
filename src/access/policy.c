/*
 * policy.c
 *		The functions that policies call for each row (SEMANTICS 2.5, "Access control"):
 *
 *		relmeta.owned(table, right, owner) OR relmeta.shared(table, right, key) OR ...
 *
 * They are given the table that has the policy, which a dump restores by its name, and no name that another table
 * may come to bear.  A partition is judged as its root is, and a detached one is not open.  A table that relmeta does
 * not know shows nothing.  They ask the identity and cap of the running statement
 * (statement.h), read entries with its snapshot, and raise no error that depends on a
 * row that is found with it.  The newest version of a row that was waited for is judged with the newest
 * entries: what else a query asks of it must not see what was written together with a revoke.
 */
#include "relmeta.h"

#include "access/motion.h"
#include "access/policy.h"
#include "model/key.h"
#include "parser/parse_coerce.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

PG_FUNCTION_INFO_V1(relmeta_owned);
PG_FUNCTION_INFO_V1(relmeta_shared);
PG_FUNCTION_INFO_V1(relmeta_owner_values);
PG_FUNCTION_INFO_V1(relmeta_shared_keys);

/*
 * What a call of a policy's function keeps for its executor run, in fn_extra.  The first argument of each is a
 * table, or a partition.
 */
typedef struct PolicyCall
{
	Predicate  *predicate;		/* NULL: no such table */
	bool		right_type;		/* the value is of the type that it should be */
	bool		rechecks;		/* access_statement_rechecks() */
} PolicyCall;

access_policy_refuse_hook_type access_policy_refuse_hook = NULL;

static ModelType *
key_type(ModelTable *table)
{
	return model_key_type(table);
}

static ModelType *
owner_type(ModelTable *table)
{
	return table->owner.name != NULL ? &table->owner.type : NULL;
}

static void
fill_call(PolicyCall *call, FunctionCallInfo fcinfo, Statement *statement, int argno,
		  ModelType *(*type) (ModelTable *table))
{
	call->predicate = access_predicate_on(statement, PG_GETARG_OID(0));
	call->right_type = false;
	if (call->predicate != NULL && type != NULL)
	{
		ModelType  *wanted = type(call->predicate->table);
		Oid			argtype = get_fn_expr_argtype(fcinfo->flinfo, argno);

		call->right_type = wanted != NULL && OidIsValid(argtype) && getBaseType(argtype) == wanted->base_type;
	}
}

/*
 * The call's, found once for an executor run and else for each call; type says what argument argno is to be of, NULL:
 * nothing is given.
 */
static PolicyCall *
policy_call(FunctionCallInfo fcinfo, int argno, ModelType *(*type) (ModelTable *table))
{
	PolicyCall *call = fcinfo->flinfo->fn_extra;
	Statement  *statement;
	MemoryContext cxt;

	if (call != NULL)
		return call;
	statement = access_statement_of(fcinfo->flinfo->fn_mcxt);
	if (statement != NULL && get_fn_expr_arg_stable(fcinfo->flinfo, 0))
	{
		cxt = fcinfo->flinfo->fn_mcxt;
		call = fcinfo->flinfo->fn_extra = MemoryContextAllocZero(cxt, sizeof(PolicyCall));
	}
	else
		call = palloc0(sizeof(PolicyCall));
	call->rechecks = statement != NULL && access_statement_rechecks(statement, fcinfo->flinfo->fn_mcxt);
	fill_call(call, fcinfo, statement ? statement : access_statement_now(), argno, type);
	return call;
}

/* Who is judged: as the statement began, or what is left of that where the newest entries count. */
static Predicate *
judged(PolicyCall *call, int32 how)
{
	return how != 0 || call->rechecks ? access_predicate_latest(call->predicate) : call->predicate;
}

/* relmeta.owned(table, right, owner) */
Datum
relmeta_owned(PG_FUNCTION_ARGS)
{
	PolicyCall *call;
	int32		how;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_BOOL(false);
	call = policy_call(fcinfo, 2, owner_type);
	how = PG_GETARG_INT32(1) & (POLICY_LATEST | POLICY_REFUSE);
	PG_RETURN_BOOL(call->predicate != NULL && call->right_type &&
				   (call->predicate->statement->cap & PG_GETARG_INT32(1) & ~how) != 0 &&
				   access_predicate_owns(judged(call, how), PG_GETARG_DATUM(2)));
}

/* By the newest entries. */
static bool
is_shared_now(PolicyCall *call, int32 right, Datum key)
{
	Predicate  *predicate = call->predicate;

	if ((access_predicate_entries(access_predicate_latest(predicate), key, GetLatestSnapshot()) & right) != 0)
		return true;
	if (call->rechecks && access_policy_refuse_hook && access_visible(predicate, right, key))
		access_policy_refuse_hook(predicate->statement, predicate->table, right, true);
	return false;
}

/* relmeta.shared(table, right, key) */
Datum
relmeta_shared(PG_FUNCTION_ARGS)
{
	PolicyCall *call;
	int32		right;
	int32		how;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_BOOL(false);
	call = policy_call(fcinfo, 2, key_type);
	how = PG_GETARG_INT32(1) & (POLICY_LATEST | POLICY_REFUSE);
	right = PG_GETARG_INT32(1) & ~how;
	if ((how & POLICY_REFUSE) != 0 && call->predicate != NULL && access_policy_refuse_hook)
		access_policy_refuse_hook(call->predicate->statement, call->predicate->table, right, false);
	if (call->predicate == NULL || !call->right_type || (call->predicate->statement->cap & right) == 0 ||
		judged(call, how)->names == NIL)
		PG_RETURN_BOOL(false);
	if ((call->predicate->table->everyone & right) != 0)
		PG_RETURN_BOOL(true);
	if (access_motion_any() && access_motion_hides(call->predicate->table, PG_GETARG_DATUM(2)))
		PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(how != 0 || call->rechecks ? is_shared_now(call, right, PG_GETARG_DATUM(2)) :
				   access_visible(call->predicate, right, PG_GETARG_DATUM(2)));
}

/* The element type of the array that a call built by the planner support returns. */
static Oid
array_element(FunctionCallInfo fcinfo)
{
	Oid			elemtype = get_element_type(get_fn_expr_rettype(fcinfo->flinfo));

	if (!OidIsValid(elemtype))
		ereport(ERROR,
				(errcode(ERRCODE_INDETERMINATE_DATATYPE),
				 errmsg("could not determine the type of the array"),
				 errhint("The function is for plans that relmeta's policies make.")));
	return elemtype;
}

/* Is an array of elemtype one of values of that type, or of what they are stored as (varchar as text)?  NULL: no. */
static bool
holds_values(Oid elemtype, ModelType *type)
{
	return type != NULL && (elemtype == type->base_type || IsBinaryCoercible(type->base_type, elemtype));
}

/* relmeta.owner_values(table, right, NULL::type): the principals, as owners */
Datum
relmeta_owner_values(PG_FUNCTION_ARGS)
{
	Oid			elemtype = array_element(fcinfo);
	PolicyCall *call = PG_ARGISNULL(0) || PG_ARGISNULL(1) ? NULL : policy_call(fcinfo, 2, NULL);
	ModelType  *type;

	if (call == NULL || call->predicate == NULL ||
		!holds_values(elemtype, owner_type(call->predicate->table)) ||
		(call->predicate->statement->cap & PG_GETARG_INT32(1)) == 0)
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(elemtype));
	type = &call->predicate->table->owner.type;
	PG_RETURN_ARRAYTYPE_P(construct_array(call->predicate->owners, call->predicate->nowners, elemtype,
										  type->typlen, type->typbyval, type->typalign));
}

/*
 * relmeta.shared_keys(table, right, NULL::type): the keys of the rows that relmeta.shared() is true for.  Of no use
 * to anybody but a plan that runs: the planner, which evaluates stable functions for its estimates, has its estimate
 * from policy_plan.c, and would read all keys for nothing.
 */
Datum
relmeta_shared_keys(PG_FUNCTION_ARGS)
{
	Oid			elemtype = array_element(fcinfo);
	PolicyCall *call = PG_ARGISNULL(0) || PG_ARGISNULL(1) ? NULL : policy_call(fcinfo, 2, NULL);

	if (call == NULL || call->predicate == NULL || !call->predicate->kept ||
		!holds_values(elemtype, key_type(call->predicate->table)) ||
		(call->predicate->statement->cap & PG_GETARG_INT32(1)) == 0)
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(elemtype));
	PG_RETURN_DATUM(access_visible_array(call->predicate, PG_GETARG_INT32(1), elemtype));
}
