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

/* Was the statement stopped, by its user, a timeout or recovery?  Not so by a lock that was not to be had in time. */
static bool
is_cancel(const ErrorData *error)
{
	return relmeta_is_interrupt(error) && error->sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE;
}

/*
 * Did the server, or relmeta, say that the transaction cannot go on with its snapshot?  A procedural language's errors
 * have its domain: such are raised by hand.  Only what keeps a snapshot for all of a transaction needs to be told: at
 * READ COMMITTED a statement goes on with what others have committed, and what failed in it failed by itself.
 *
 * A deadlock is none of these.  What the subtransaction had locked is let go of, and nothing is waited for any more.
 */
static bool
is_of_snapshot(const ErrorData *error)
{
	return error->sqlerrcode == ERRCODE_T_R_SERIALIZATION_FAILURE && error->domain != NULL &&
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

	if (error && (is_cancel(error) || (IsolationUsesXactSnapshot() && is_of_snapshot(error))))
		ReThrowError(error);
	return error;
}

ErrorData *
relmeta_attempt_look(void (*action) (void *), void *arg)
{
	ErrorData  *error = in_subtransaction(action, arg, false);

	/* below SERIALIZABLE what was looked at is not missed */
	if (error && (is_cancel(error) || (IsolationIsSerializable() && is_of_snapshot(error))))
		ReThrowError(error);
	return error;
}
