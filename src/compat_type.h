/*
 * compat_type.h
 *		compat.h's part for reading the name of a type.
 */
#ifndef RELMETA_COMPAT_TYPE_H
#define RELMETA_COMPAT_TYPE_H

#include "compat.h"

#include "parser/parse_type.h"

/* A type as SQL names it, with its modifier; 42704, 42601. 16 (858e776c84f) has soft errors. */
static inline void
compat_parse_type(const char *name, Oid *type, int32 *typmod)
{
#if PG_VERSION_NUM >= 160000
	(void) parseTypeString(name, type, typmod, NULL);
#else
	parseTypeString(name, type, typmod, false);
#endif
}

#endif							/* RELMETA_COMPAT_TYPE_H */
