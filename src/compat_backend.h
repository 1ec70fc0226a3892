/*
 * compat_backend.h
 *		Version differences in what a backend is.
 */
#ifndef RELMETA_COMPAT_BACKEND_H
#define RELMETA_COMPAT_BACKEND_H

#include "postgres.h"

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

#endif							/* RELMETA_COMPAT_BACKEND_H */
