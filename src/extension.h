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
#include "storage/lockdefs.h"
#include "utils/relcache.h"

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
 * ACT_CASCADE: a change of rows that follows from a statement of the caller's, as
 * RI makes it: as the owner of the table, whom FORCE ROW LEVEL SECURITY does not
 * hinder.  What is deferred waits with what the caller's statement defers.
 *
 * ACT_RESTRICTED: all else.  The same in a security-restricted operation, and
 * nothing of it is left to run, or to be in force, when it has ended: no deferred
 * trigger, no cursor WITH HOLD, no temporary table, no prepared statement, no
 * setting.
 *
 * ACT_UNFORCED: userid is the caller himself, for DDL on tables of his own: only
 * FORCE ROW LEVEL SECURITY is out of the way.
 *
 * debug_print_plan and its like are off as somebody else, unless a superuser calls.
 *
 * Parsing and planning run code, too (the planner calls functions of immutable
 * expressions): they belong inside.  Ends are in reverse order of beginnings; an
 * error ends it with the (sub)transaction.
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
	int			guc_level;		/* of settings made meanwhile; 0: none */
	bool		keeps_settings; /* those that others made there stay */
} ActingAs;

extern ActingAs relmeta_act_begin(Oid userid, ActAs how);
extern void relmeta_act_end(ActingAs saved);

/*
 * Is this done as a table's owner, in a restricted operation, a cascade or a foreign key's action?  Code of his may be
 * called there, and acts for nobody but himself: relmeta_acting_as(), which is the setting relmeta.principal, is empty.
 */
extern bool relmeta_acts_as_owner(void);
extern const char *relmeta_acting_as(void);

/*
 * In an AFTER trigger, as the one who runs the query.  What a statement brings about is for him: his name stands in it,
 * he is judged, and automations of his own UPDATE run as he (SEMANTICS 3.9).  From PostgreSQL 18 such a trigger is
 * called as the role that queued its event, for those of a cascade the owner of the table.
 */
extern ActingAs relmeta_act_in_trigger(Oid userid);

/*
 * The same as the owner that a table has now, who stays its owner as long as it
 * is locked: in lockmode here, or NoLock when it is locked already.  42P01 when
 * the table is gone.
 */
extern ActingAs relmeta_act_begin_on(Oid relid, LOCKMODE lockmode, ActAs how);

/*
 * What may have been dropped by somebody else, as long as nothing locks it; 42P01 when it is gone.  The name is for
 * messages: get_rel_name() gives NULL then, which is neither to be printed nor to be quoted.  open() opens as
 * table_open() does, which calls it an internal error.
 */
extern Oid	relmeta_relation_owner(Oid relid);
extern char *relmeta_relation_name(Oid relid);
extern Relation relmeta_relation_open(Oid relid, LOCKMODE lockmode);

#endif							/* RELMETA_EXTENSION_H */
