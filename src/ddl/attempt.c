/*
 * attempt.c
 *		Something that may fail without the statement that does it failing.
 */
#include "ddl/ddl.h"

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

/* A subtransaction, as PL/pgSQL's exception blocks are. */
ErrorData *
ddl_attempt(void (*action) (void *), void *arg)
{
	MemoryContext outer = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData  *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(outer);
	PG_TRY();
	{
		action(arg);
		ReleaseCurrentSubTransaction();
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

	if (error && is_foreign_error(error->sqlerrcode))
		ReThrowError(error);
	return error;
}
