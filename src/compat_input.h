/*
 * compat_input.h
 *		compat.h's part for reading text that may be no value of a type, which
 *		PostgreSQL 16 (ccff2d20ed9) can do without an error.
 */
#ifndef RELMETA_COMPAT_INPUT_H
#define RELMETA_COMPAT_INPUT_H

#include "postgres.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "attempt.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#endif
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

/*
 * The same verdict as compat_input_verdict()'s, of an enum: a value that is not committed may be unsafe to use, an
 * error at all versions.
 */
static inline int
compat_enum_verdict(Oid type, const char *input)
{
	HeapTuple	tuple = NULL;
	bool		committed;

	if (strlen(input) < NAMEDATALEN)
		tuple = SearchSysCache2(ENUMTYPOIDNAME, ObjectIdGetDatum(type), CStringGetDatum(input));
	if (!HeapTupleIsValid(tuple))
		return 0;
	committed = HeapTupleHeaderXminCommitted(tuple->t_data);
	ReleaseSysCache(tuple);
	return committed ? 1 : -1;
}

#if PG_VERSION_NUM >= 160000

/*
 * Whether the input function tells without an error what is no value: 1 it does, 0 text is none, -1 it may fail.
 *
 * The server's own do, also where an extension's type has one of them (citext: textin), unlike some of extensions; but
 * not those that call others: a domain's checks, the function of what a range or an array is of.
 */
static inline int
compat_input_verdict(Oid type, FmgrInfo *finfo, const char *input, int32 typmod)
{
	PGFunction	own[] = {textin, namein, varcharin, bpcharin};
	PGFunction	calling[] = {domain_in, array_in, range_in, multirange_in, record_in};

	if (finfo->fn_addr == enum_in)
		return compat_enum_verdict(type, input);
	for (int i = 0; i < (int) lengthof(own); i++)
		if (finfo->fn_addr == own[i])
			return 1;
	for (int i = 0; i < (int) lengthof(calling); i++)
		if (finfo->fn_addr == calling[i])
			return -1;
	return finfo->fn_oid < FirstNormalObjectId ? 1 : -1;
}

#else

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
	return finfo->fn_addr == enum_in ? compat_enum_verdict(type, input) : -1;
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
 * 42601 of tsquery and ltree, XX000 of some extensions.  Not when the statement was canceled, a lock
 * could not be had, or the server is unwell.
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
			return sqlerrcode != ERRCODE_DATA_CORRUPTED && sqlerrcode != ERRCODE_INDEX_CORRUPTED &&
				sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE;
	}
}

typedef struct CompatInput
{
	FmgrInfo   *finfo;
	char	   *input;
	Oid			ioparam;
	int32		typmod;
	Datum	   *value;
	bool		ok;
} CompatInput;

static inline void
compat_input_attempt(void *arg)
{
	CompatInput *call = (CompatInput *) arg;

	call->ok = compat_input_call(call->finfo, call->input, call->ioparam, call->typmod, call->value);
}

/*
 * Calls a type's input function; false instead of an error when text is no
 * value of the type.
 */
static inline bool
compat_input_safe(Oid type, FmgrInfo *finfo, char *input, Oid ioparam, int32 typmod, Datum *value)
{
	CompatInput call = {finfo, input, ioparam, typmod, value};
	int			verdict = compat_input_verdict(type, finfo, input, typmod);
	ErrorData  *error;

	if (verdict == 0)
		return false;
	if (verdict == 1)
		return compat_input_call(finfo, input, ioparam, typmod, value);
	error = relmeta_attempt(compat_input_attempt, &call);
	if (error == NULL)
		return call.ok;
	if (!compat_input_refuses(error->sqlerrcode))
		ReThrowError(error);
	FreeErrorData(error);
	return false;
}

#endif							/* RELMETA_COMPAT_INPUT_H */
