/*
 * owner_cast.c
 *		A principal's name in the type of an owner column, SEMANTICS 2.2.
 */
#include "relmeta.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "attempt.h"
#include "catalog/pg_type.h"
#include "compat_input.h"
#include "model/model.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

static Oid
type_owner(Oid type)
{
	HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for type %u", type);
	owner = ((Form_pg_type) GETSTRUCT(tuple))->typowner;
	ReleaseSysCache(tuple);
	return owner;
}

typedef struct DomainInput
{
	ModelType  *type;
	FmgrInfo   *finfo;
	char	   *text;
	Oid			ioparam;
	Datum	   *stored;
	bool		ok;
} DomainInput;

static void
domain_input(void *arg)
{
	DomainInput *input = arg;

	input->ok = compat_input_safe(input->type->type, input->finfo, input->text, input->ioparam, input->type->typmod,
								  input->stored);
}

/*
 * As the column stores it.  A domain's checks are its owner's code, and run as
 * him: casting goes through the tables of everybody, whoever asks.  (A parallel
 * worker cannot have subtransactions.)
 */
static bool
stored_form(const char *principal, ModelType *type, Datum *stored)
{
	Oid			in_func;
	FmgrInfo	finfo;
	bool		as_owner = type->type != type->base_type;
	ActingAs	saved = {0};
	DomainInput input = {type, &finfo, unconstify(char *, principal),.stored = stored};

	getTypeInputInfo(type->type, &in_func, &input.ioparam);
	fmgr_info(in_func, &finfo);
	if (as_owner)
		saved = relmeta_act_begin(type_owner(type->type), ACT_RESTRICTED);

	/*
	 * a check that fails, with whatever error, refuses the value: it must not
	 * stop whoever goes through all tables
	 */
	if (!as_owner || IsInParallelMode())
		domain_input(&input);
	else if (relmeta_attempt_look(domain_input, &input) != NULL)
		input.ok = false;
	if (as_owner)
		relmeta_act_end(saved);
	return input.ok;
}

bool
model_principal_cast(const char *principal, ModelType *type, Datum *owner)
{
	Datum		stored;

	if (!model_type_input_safe(type, principal, owner))
		return false;
	if (type->type == type->base_type && type->typmod < 0)
		return true;

	/*
	 * what the column stores must still be that value: not rounded, not cut,
	 * allowed by the domain
	 */
	if (!stored_form(principal, type, &stored) || !model_type_equal(type, *owner, stored))
		return false;
	*owner = stored;
	return true;
}
