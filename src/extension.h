/*
 * extension.h
 *		The extension itself: its schema, its owner; acting as another user.
 *
 * Below every room, and used by all of them.
 */
#ifndef RELMETA_EXTENSION_H
#define RELMETA_EXTENSION_H

#include "postgres.h"

#include "fmgr.h"

#define RELMETA_SCHEMA "relmeta"
#define RELMETA_ACCESS_SCHEMA "relmeta_access"

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

/*
 * The one way to act as somebody else, docs/security.md ("As whom things run").
 *
 * ACT_CASCADE: what follows from a statement of the caller's, as RI follows it:
 * as the owner of the table touched, whom FORCE ROW LEVEL SECURITY does not
 * hinder.  What is deferred is queued with what the caller's statement defers.
 *
 * ACT_RESTRICTED: what relmeta starts by itself.  The same, and nothing of it is
 * left to run later as somebody else: no deferred trigger, no cursor WITH HOLD,
 * no temporary table, no prepared statement.
 *
 * ACT_UNFORCED: userid is the caller himself, for DDL on tables of his own: only
 * FORCE ROW LEVEL SECURITY is out of the way.
 *
 * Parsing and planning run code, too (functions of immutable expressions are
 * called by the planner): they belong inside.  An error ends it with the
 * (sub)transaction.
 */
typedef enum ActAs
{
	ACT_CASCADE,
	ACT_RESTRICTED,
	ACT_UNFORCED
} ActAs;

typedef struct ActingAs
{
	Oid			userid;			/* who it was before */
	int			sec_context;
} ActingAs;

extern ActingAs relmeta_act_begin(Oid userid, ActAs how);
extern void relmeta_act_end(ActingAs saved);

#endif							/* RELMETA_EXTENSION_H */
