/*
 * compat.h
 *		Every difference between PostgreSQL 15 and 19 that relmeta meets, as
 *		static inline functions; the rest of src/ tests no version number.
 */
#ifndef RELMETA_COMPAT_H
#define RELMETA_COMPAT_H

#include "postgres.h"

#if PG_VERSION_NUM < 150000
#error "relmeta needs PostgreSQL 15 or later"
#endif

#endif							/* RELMETA_COMPAT_H */
