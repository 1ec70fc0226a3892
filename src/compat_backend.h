/*
 * compat_backend.h
 *		Version differences in what a backend is.
 */
#ifndef RELMETA_COMPAT_BACKEND_H
#define RELMETA_COMPAT_BACKEND_H

#include "postgres.h"

#include "access/xact.h"
#if PG_VERSION_NUM >= 170000
#include "storage/procnumber.h"
#else
#include "storage/backendid.h"
#endif

/* This backend's number, from 0 to MaxBackends - 1; 17 (024c5211177) counts from 0 as well. */
static inline int
compat_backend_number(void)
{
#if PG_VERSION_NUM >= 170000
	return MyProcNumber;
#else
	return MyBackendId - 1;
#endif
}

/* 17 (0075d78947e) lets internal subtransactions begin while a query runs in parallel, in its workers, too. */
static inline bool
compat_may_begin_subtransaction(void)
{
#if PG_VERSION_NUM >= 170000
	return true;
#else
	return !IsInParallelMode();
#endif
}

#define COMPAT_WORKERS_HAVE_SUBTRANSACTIONS (PG_VERSION_NUM >= 170000)

#endif							/* RELMETA_COMPAT_BACKEND_H */
