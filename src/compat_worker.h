/*
 * compat_worker.h
 *		compat.h's part for background workers.
 */
#ifndef RELMETA_COMPAT_WORKER_H
#define RELMETA_COMPAT_WORKER_H

#include "postgres.h"

#include "postmaster/bgworker.h"
#include "replication/logicalworker.h"
#include "replication/origin.h"
#include "utils/guc.h"

/*
 * Connects a background worker to a database as a role.  A role that cannot log
 * in is let in from 17 on (492217301e8); before, the worker runs as the bootstrap
 * superuser and must take the role on itself.
 */
static inline void
compat_connect_worker(Oid database, Oid role, bool can_login)
{
#ifdef BGWORKER_BYPASS_ROLELOGINCHECK
	BackgroundWorkerInitializeConnectionByOid(database, role, BGWORKER_BYPASS_ROLELOGINCHECK);
#else
	BackgroundWorkerInitializeConnectionByOid(database, can_login ? role : InvalidOid, 0);
#endif
}

/* 17 (51efe38cb92) has a timeout for transactions; for the rest of this process there is none. */
static inline void
compat_disable_transaction_timeout(void)
{
#if PG_VERSION_NUM >= 170000
	SetConfigOption("transaction_timeout", "0", PGC_SUSET, PGC_S_OVERRIDE);
#endif
}

/* Whether this process applies changes that another server made: core's workers, or an extension's. */
static inline bool
compat_is_applying_changes(void)
{
#if PG_VERSION_NUM >= 190000
	/* 8f1e2dfe033 */
	return IsLogicalWorker() || replorigin_xact_state.origin != InvalidReplOriginId;
#else
	return IsLogicalWorker() || replorigin_session_origin != InvalidRepOriginId;
#endif
}

#endif							/* RELMETA_COMPAT_WORKER_H */
