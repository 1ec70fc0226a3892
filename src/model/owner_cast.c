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
#include "utils/builtins.h"
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
	FmgrInfo   *finfo;
	char	   *text;
	Oid			ioparam;
	int32		typmod;
	Datum	   *stored;
	bool		ok;
} DomainInput;

static void
domain_input(void *arg)
{
	DomainInput *input = arg;

	input->ok = compat_input_call(input->finfo, input->text, input->ioparam, input->typmod, input->stored);
}

/* Of an error that need not come again: once for each statement of a client. */
static void
warn_untold(const char *principal, ModelType *type, ErrorData *error)
{
	static TimestampTz warned_at = 0;

	if (warned_at == GetCurrentStatementStartTimestamp())
		return;
	warned_at = GetCurrentStatementStartTimestamp();
	ereport(WARNING,
			(errcode(error->sqlerrcode),
			 errmsg("whether \"%s\" is a value of %s could not be told: %s", principal,
					format_type_be(type->type), error->message),
			 errdetail("It counts as none until it is asked again.")));
}

/*
 * As the column stores it.  A domain's checks are its owner's code, and run as
 * him: casting goes through the tables of everybody, whoever asks.
 */
static bool
domain_form(const char *principal, ModelType *type, DomainInput *input, bool *told)
{
	ActingAs	saved = relmeta_act_begin(type_owner(type->type), ACT_RESTRICTED);
	ErrorData  *error = relmeta_attempt_look(domain_input, input);

	relmeta_act_end(saved);
	if (error == NULL)
		return input->ok;

	/*
	 * a check that fails, with whatever error, refuses the value: it must not
	 * stop whoever goes through all tables
	 */
	*told = compat_input_refuses(error->sqlerrcode);
	if (!*told)
		warn_untold(principal, type, error);
	FreeErrorData(error);
	return false;
}

static bool
stored_form(const char *principal, ModelType *type, Datum *stored, bool *told)
{
	Oid			in_func;
	FmgrInfo	finfo;
	DomainInput input = {&finfo, unconstify(char *, principal),.typmod = type->typmod,.stored = stored};

	getTypeInputInfo(type->type, &in_func, &input.ioparam);
	fmgr_info(in_func, &finfo);
	if (type->type != type->base_type)
		return domain_form(principal, type, &input, told);
	return compat_input_safe(type->type, &finfo, input.text, input.ioparam, input.typmod, stored);
}

bool
model_principal_cast_told(const char *principal, ModelType *type, Datum *owner, bool *told)
{
	Datum		stored;

	*told = true;
	if (!model_type_input_safe(type, principal, owner))
		return false;
	if (type->type == type->base_type && type->typmod < 0)
		return true;

	/*
	 * what the column stores must still be that value: not rounded, not cut,
	 * allowed by the domain
	 */
	if (!stored_form(principal, type, &stored, told) || !model_type_equal(type, *owner, stored))
		return false;
	*owner = stored;
	return true;
}

bool
model_principal_cast(const char *principal, ModelType *type, Datum *owner)
{
	bool		told;

	return model_principal_cast_told(principal, type, owner, &told);
}

/*
 * A domain's checks say what may come in, and may have been changed since: what is there already is its base type's.
 */
bool
model_principal_held(const char *principal, ModelType *type, Datum *value)
{
	ModelType	stored = *type;

	stored.type = getBaseTypeAndTypmod(type->type, &stored.typmod);
	return model_principal_cast(principal, &stored, value);
}

bool
model_domain_refuses(const char *principal, ModelType *type)
{
	Datum		value;

	return type->type != type->base_type && !model_principal_cast(principal, type, &value) &&
		model_type_input_safe(type, principal, &value);
}
