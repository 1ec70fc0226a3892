/*
 * compat_input.h
 *		compat.h's part for reading text that may be no value of a type, which
 *		PostgreSQL 16 (ccff2d20ed9) can do without an error.
 */
#ifndef RELMETA_COMPAT_INPUT_H
#define RELMETA_COMPAT_INPUT_H

#include "postgres.h"

#include "access/parallel.h"
#include "access/transam.h"
#include "access/xact.h"
#include "fmgr.h"
#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#else
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#endif
#include "utils/memutils.h"
#include "utils/resowner.h"

#if PG_VERSION_NUM < 160000

/* Whether text is an integer from min to max, as int8in reads it. */
static inline bool
compat_is_integer(const char *input, int64 min, int64 max)
{
	char	   *end;
	long long	number;

	errno = 0;
	number = strtoll(input, &end, 10);
	if (end == input || errno != 0 || number < min || number > max)
		return false;
	while (isspace((unsigned char) *end))
		end++;
	return *end == '\0';
}

/* Whether text is a uuid, as uuid_in reads it. */
static inline bool
compat_is_uuid(const char *input)
{
	bool		braces = *input == '{';
	int			i;

	if (braces)
		input++;

	for (i = 0; i < 16; i++)
	{
		if (!isxdigit((unsigned char) input[0]) || !isxdigit((unsigned char) input[1]))
			return false;
		input += 2;

		if (*input == '-' && i % 2 == 1 && i < 15)
			input++;
	}
	if (braces && *input++ != '}')
		return false;
	return *input == '\0';
}

/*
 * Whether text is a value of one of the usual types, found without calling the
 * input function, whose failure is expensive: 1 yes, 0 no, -1 it must be called.
 */
static inline int
compat_input_verdict(Oid type, FmgrInfo *finfo, const char *input, int32 typmod)
{
	bool		parsed;

	switch (type)
	{
		case INT2OID:
			return compat_is_integer(input, PG_INT16_MIN, PG_INT16_MAX);
		case INT4OID:
			return compat_is_integer(input, PG_INT32_MIN, PG_INT32_MAX);
		case INT8OID:
			return compat_is_integer(input, PG_INT64_MIN, PG_INT64_MAX);
		case UUIDOID:
			return compat_is_uuid(input);
		case BOOLOID:
			/* boolin ignores spaces around: leave those to it */
			return parse_bool(input, &parsed) ? 1 : -1;
		default:
			break;
	}
	/* citext, and others made alike, have the same functions */
	if (finfo->fn_addr == textin || finfo->fn_addr == namein ||
		(typmod < 0 && (finfo->fn_addr == varcharin || finfo->fn_addr == bpcharin)))
		return 1;
	if (type_is_enum(type) &&
		(strlen(input) >= NAMEDATALEN ||
		 !SearchSysCacheExists2(ENUMTYPOIDNAME, ObjectIdGetDatum(type), CStringGetDatum(input))))
		return 0;
	return -1;
}

#endif

/* The input function itself.  False, or an error: text is no value. */
static inline bool
compat_input_call(FmgrInfo *finfo, char *input, Oid ioparam, int32 typmod, Datum *value)
{
#if PG_VERSION_NUM >= 160000
	ErrorSaveContext escontext = {T_ErrorSaveContext};

	return InputFunctionCallSafe(finfo, input, ioparam, typmod, (Node *) &escontext, value);
#else
	*value = InputFunctionCall(finfo, input, ioparam, typmod);
	return true;
#endif
}

/*
 * Does an error of an input function say that text is no value?  They have many SQLSTATEs: 22P02, 23514 of a domain,
 * 42601 of tsquery and ltree, XX000 of some extensions.  Not when the statement was canceled or the server is unwell.
 */
static inline bool
compat_input_refuses(int sqlerrcode)
{
	switch (ERRCODE_TO_CATEGORY(sqlerrcode))
	{
		case ERRCODE_OPERATOR_INTERVENTION:
		case ERRCODE_INSUFFICIENT_RESOURCES:
		case ERRCODE_SYSTEM_ERROR:
		case ERRCODE_TRANSACTION_ROLLBACK:
			return false;
		default:
			return sqlerrcode != ERRCODE_DATA_CORRUPTED && sqlerrcode != ERRCODE_INDEX_CORRUPTED;
	}
}

/* Gives back what a failed input function may have left in its resource owner. */
static inline void
compat_release_resources(ResourceOwner owner)
{
	ResourceOwnerRelease(owner, RESOURCE_RELEASE_BEFORE_LOCKS, false, false);
	ResourceOwnerRelease(owner, RESOURCE_RELEASE_LOCKS, false, false);
	ResourceOwnerRelease(owner, RESOURCE_RELEASE_AFTER_LOCKS, false, false);
	ResourceOwnerDelete(owner);
}

/*
 * An input function that fails, in a parallel worker, which cannot have
 * subtransactions: its resources are released by a resource owner of its own.
 */
static inline bool
compat_input_in_parallel(FmgrInfo *finfo, char *input, Oid ioparam, int32 typmod, Datum *value)
{
	MemoryContext cxt = CurrentMemoryContext;
	ResourceOwner outer = CurrentResourceOwner;
	ResourceOwner inner = ResourceOwnerCreate(outer, "relmeta type input");
	volatile bool ok = true;

	CurrentResourceOwner = inner;
	PG_TRY();
	{
		ok = compat_input_call(finfo, input, ioparam, typmod, value);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(cxt);
		CurrentResourceOwner = outer;
		if (!compat_input_refuses(geterrcode()))
		{
			compat_release_resources(inner);
			PG_RE_THROW();
		}
		FlushErrorState();
		ok = false;
	}
	PG_END_TRY();
	CurrentResourceOwner = outer;
	compat_release_resources(inner);
	return ok;
}

/* The same elsewhere: a subtransaction, as PL/pgSQL's EXCEPTION does. */
static inline bool
compat_input_in_subtransaction(FmgrInfo *finfo, char *input, Oid ioparam, int32 typmod, Datum *value)
{
	MemoryContext cxt = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData  *volatile error = NULL;
	volatile bool ok = false;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(cxt);
	PG_TRY();
	{
		ok = compat_input_call(finfo, input, ioparam, typmod, value);
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
	if (error == NULL)
		return ok;
	/* after the subtransaction, which nobody else would end */
	if (!compat_input_refuses(error->sqlerrcode))
		ReThrowError(error);
	FreeErrorData(error);
	return false;
}

/*
 * Calls a type's input function; false instead of an error when text is no
 * value of the type.
 */
static inline bool
compat_input_safe(Oid type, FmgrInfo *finfo, char *input, Oid ioparam, int32 typmod, Datum *value)
{
#if PG_VERSION_NUM >= 160000
	/*
	 * the server's own functions, unlike some of extensions, tell what is no
	 * value without an error
	 */
	if (finfo->fn_oid < FirstNormalObjectId)
		return compat_input_call(finfo, input, ioparam, typmod, value);
#else
	int			verdict = compat_input_verdict(type, finfo, input, typmod);

	if (verdict == 0)
		return false;
	if (verdict == 1)
	{
		*value = InputFunctionCall(finfo, input, ioparam, typmod);
		return true;
	}
#endif
	if (IsInParallelMode())
		return compat_input_in_parallel(finfo, input, ioparam, typmod, value);
	return compat_input_in_subtransaction(finfo, input, ioparam, typmod, value);
}

#endif							/* RELMETA_COMPAT_INPUT_H */
