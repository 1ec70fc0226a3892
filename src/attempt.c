/*
 * attempt.c
 *		Something that may fail without the statement that does it failing; see attempt.h.
 */
#include "attempt.h"

#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

/* Errors that concern the whole transaction, or the server, are not what was attempted. */
static bool
is_foreign_error(int sqlerrcode)
{
	int			category = ERRCODE_TO_CATEGORY(sqlerrcode);

	return category == ERRCODE_TRANSACTION_ROLLBACK ||
		category == ERRCODE_OPERATOR_INTERVENTION ||
		category == ERRCODE_INSUFFICIENT_RESOURCES ||
		category == ERRCODE_SYSTEM_ERROR;
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

	if (error && is_foreign_error(error->sqlerrcode))
		ReThrowError(error);
	return error;
}

ErrorData *
relmeta_attempt_look(void (*action) (void *), void *arg)
{
	ErrorData  *error = in_subtransaction(action, arg, false);

	if (error && is_foreign_error(error->sqlerrcode) && error->sqlerrcode != ERRCODE_T_R_DEADLOCK_DETECTED)
		ReThrowError(error);
	return error;
}
