/*
 * attempt.c
 *		Something that may fail without the statement that does it failing; see attempt.h.
 */
#include "attempt.h"

#include "access/xact.h"
#include "compat_backend.h"
#include "executor/spi.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"

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

/* Are we back where SPI was connected in that memory context, and that snapshot was active? */
static bool
is_back(MemoryContext level, Snapshot snapshot)
{
	void	   *chunk = SPI_palloc(1);
	bool		back = GetMemoryChunkContext(chunk) == level &&
	(ActiveSnapshotSet() ? GetActiveSnapshot() : NULL) == snapshot;

	pfree(chunk);
	return back;
}

static void
release(ResourceOwner owner)
{
	ResourceOwnerRelease(owner, RESOURCE_RELEASE_BEFORE_LOCKS, false, false);
	ResourceOwnerRelease(owner, RESOURCE_RELEASE_LOCKS, false, false);
	ResourceOwnerRelease(owner, RESOURCE_RELEASE_AFTER_LOCKS, false, false);
	ResourceOwnerDelete(owner);
}

/*
 * Where no subtransaction can begin: what was acquired is given back by a resource owner of its own.  Code that SQL or
 * a procedural language runs leaves more when it fails, levels of SPI, snapshots and portals, which the end of the
 * transaction alone takes away: then the error goes on.
 */
static ErrorData *
in_resource_owner(void (*action) (void *), void *arg)
{
	MemoryContext outer = CurrentMemoryContext;
	MemoryContext level = AllocSetContextCreate(outer, "relmeta attempt", ALLOCSET_SMALL_SIZES);
	ResourceOwner owner = CurrentResourceOwner;
	ResourceOwner inner = ResourceOwnerCreate(owner, "relmeta attempt");
	Snapshot	snapshot = ActiveSnapshotSet() ? GetActiveSnapshot() : NULL;
	ErrorData  *volatile error = NULL;

	MemoryContextSwitchTo(level);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	MemoryContextSwitchTo(outer);
	CurrentResourceOwner = inner;
	PG_TRY();
	{
		action(arg);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(outer);
		CurrentResourceOwner = owner;
		if (!is_back(level, snapshot))
			PG_RE_THROW();
		error = CopyErrorData();
		FlushErrorState();
	}
	PG_END_TRY();
	CurrentResourceOwner = owner;
	release(inner);
	SPI_finish();
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(level);
	return error;
}

static ErrorData *
attempt(void (*action) (void *), void *arg, bool keep)
{
	return compat_may_begin_subtransaction() ? in_subtransaction(action, arg, keep) : in_resource_owner(action, arg);
}

ErrorData *
relmeta_attempt(void (*action) (void *), void *arg)
{
	ErrorData  *error = attempt(action, arg, true);

	if (error && (is_cancel(error) || (IsolationUsesXactSnapshot() && is_of_snapshot(error))))
		ReThrowError(error);
	return error;
}

ErrorData *
relmeta_attempt_look(void (*action) (void *), void *arg)
{
	ErrorData  *error = attempt(action, arg, false);

	/* below SERIALIZABLE what was looked at is not missed */
	if (error && (is_cancel(error) || (IsolationIsSerializable() && is_of_snapshot(error))))
		ReThrowError(error);
	return error;
}
