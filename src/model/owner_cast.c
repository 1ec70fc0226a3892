/*
 * owner_cast.c
 *		A principal's name in the type of an owner column, SEMANTICS 2.2.
 */
#include "relmeta.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "compat_input.h"
#include "model/model.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
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

/* Errors that concern the whole transaction, or the server, are not the domain's. */
static bool
is_foreign_error(int sqlerrcode)
{
	int			category = ERRCODE_TO_CATEGORY(sqlerrcode);

	return category == ERRCODE_TRANSACTION_ROLLBACK ||
		category == ERRCODE_OPERATOR_INTERVENTION ||
		category == ERRCODE_INSUFFICIENT_RESOURCES ||
		category == ERRCODE_SYSTEM_ERROR;
}

/* A check that fails, with whatever error, refuses the value: it must not stop whoever goes through all tables. */
static bool
domain_input(ModelType *type, FmgrInfo *finfo, char *text, Oid ioparam, Datum *stored)
{
	MemoryContext cxt = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData  *volatile error = NULL;
	volatile bool ok = false;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(cxt);
	PG_TRY();
	{
		ok = compat_input_safe(type->type, finfo, text, ioparam, type->typmod, stored);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(cxt);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(cxt);
	CurrentResourceOwner = owner;
	if (error != NULL && is_foreign_error(error->sqlerrcode))
		ReThrowError(error);
	return error == NULL && ok;
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
	Oid			ioparam;
	FmgrInfo	finfo;
	bool		as_owner = type->type != type->base_type;
	ActingAs	saved = {0};
	bool		ok;

	getTypeInputInfo(type->type, &in_func, &ioparam);
	fmgr_info(in_func, &finfo);
	if (as_owner)
		saved = relmeta_act_begin(type_owner(type->type), ACT_RESTRICTED);
	if (as_owner && !IsInParallelMode())
		ok = domain_input(type, &finfo, unconstify(char *, principal), ioparam, stored);
	else
		ok = compat_input_safe(type->type, &finfo, unconstify(char *, principal), ioparam, type->typmod, stored);
	if (as_owner)
		relmeta_act_end(saved);
	return ok;
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
