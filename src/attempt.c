/*
 * attempt.c
 *		Something that may fail without the statement that does it failing; see attempt.h.
 */
#include "attempt.h"

#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

bool
relmeta_is_interrupt(const ErrorData *error)
{
	return error->filename != NULL && error->funcname != NULL && strcmp(error->filename, "postgres.c") == 0 &&
		strncmp(error->funcname, "Process", strlen("Process")) == 0;
}

/* Was the statement canceled, by its user, a timeout or recovery? */
static bool
is_cancel(ErrorData *error)
{
	return ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_OPERATOR_INTERVENTION && relmeta_is_interrupt(error);
}

/* Did the server say that the transaction is to be run again?  A procedural language's errors have its domain. */
static bool
is_rollback(ErrorData *error)
{
	return ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_TRANSACTION_ROLLBACK && error->domain != NULL &&
		strcmp(error->domain, PG_TEXTDOMAIN("postgres")) == 0;
}

/* A subtransaction, as PL/pgSQL's exception blocks are; keep: what it does stays when it succeeds. */
static ErrorData *
in_subtransaction(void (*action) (void *), void *arg, bool keep)
{
	MemoryContext outer = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData  *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(outer);
	PG_TRY();
	{
		action(arg);
		if (keep)
			ReleaseCurrentSubTransaction();
		else
			RollbackAndReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(outer);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(outer);
	CurrentResourceOwner = owner;
	return error;
}

ErrorData *
relmeta_attempt(void (*action) (void *), void *arg)
{
	ErrorData  *error = in_subtransaction(action, arg, true);

	if (error && (is_cancel(error) || is_rollback(error)))
		ReThrowError(error);
	return error;
}

ErrorData *
relmeta_attempt_look(void (*action) (void *), void *arg)
{
	ErrorData  *error = in_subtransaction(action, arg, false);

	/*
	 * below SERIALIZABLE what was looked at is not missed, and code of others
	 * can have such errors at will
	 */
	if (error && (is_cancel(error) || (is_rollback(error) && IsolationIsSerializable() &&
									   error->sqlerrcode != ERRCODE_T_R_DEADLOCK_DETECTED)))
		ReThrowError(error);
	return error;
}
