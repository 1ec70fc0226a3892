/*
 * relmeta.h
 *		Module-wide settings and identities.
 *
 * Everything here is owned by relmeta.c and is set once, in _PG_init.  Rooms
 * include this file first, then their own header and those of lower rooms:
 * feature, show -> ddl -> job -> cascade -> access -> model.
 */
#ifndef RELMETA_H
#define RELMETA_H

#include "postgres.h"

#include "fmgr.h"

#include "compat.h"

#define RELMETA_SCHEMA "relmeta"
#define RELMETA_ACCESS_SCHEMA "relmeta_access"

/* setting relmeta.principal; never NULL, empty when unset */
extern char *relmeta_principal;

/* OID of the extension, of its schema; InvalidOid while it is not installed */
extern Oid	relmeta_extension_oid(void);
extern Oid	relmeta_schema_oid(void);

/* OID of the role that owns the extension; errors when it is not installed */
extern Oid	relmeta_extension_owner(void);

/*
 * 25006 in a read-only transaction, hence on a standby: for SQL-callable
 * functions that lock or write rows without a statement, which would ask.
 */
extern void relmeta_prevent_if_read_only(FunctionCallInfo fcinfo);

#endif							/* RELMETA_H */
