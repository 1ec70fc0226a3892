/*
 * statement.h
 *		As whom a running statement is judged: its identity and cap, and what the
 *		predicate keeps for it (SEMANTICS 2.1: "a statement, a cursor too, has
 *		throughout the identity and cap of its start").
 *
 * Every executor run of a backend that has loaded the library is known from its
 * start: an ExecutorStart hook notes the setting relmeta.principal, the current
 * role and the cap.  A function that is called in it finds it by its memory
 * context: the FmgrInfos of a plan's expressions live in the run's own
 * (es_query_cxt) or below it.
 *
 * MEMORY RULE.  A Statement lives in the executor run's own context and takes itself
 * off the list when that goes, by ExecutorEnd or by an abort.  Whatever is kept for a
 * statement is kept there, read with that statement's snapshot, and never seen by
 * another one.
 */
#ifndef RELMETA_ACCESS_STATEMENT_H
#define RELMETA_ACCESS_STATEMENT_H

#include "model/model.h"

#include "executor/execdesc.h"
#include "lib/ilist.h"

/* no cap: all bits */
#define ACCESS_NO_CAP	(-1)

struct Predicate;

typedef struct Statement
{
	dlist_node	node;
	MemoryContextCallback gone;
	MemoryContext query;		/* es_query_cxt */
	Oid			roleid;
	const char *setting;		/* relmeta.principal, '' when unset */
	int32		cap;
	bool		changes;		/* it writes rows */
	bool		queues_outside; /* and leaves what its AFTER triggers do to
								 * the statement that it is run for: a foreign
								 * key's action */
	bool		alone;			/* without parallel workers */

	/* the row version that its BEFORE UPDATE trigger has seen last */
	Oid			updated_leaf;
	ItemPointerData updated;

	/* found when first asked for, then kept for the statement */
	bool		resolved;
	char	   *principal;		/* NULL: nobody */
	List	   *principals;		/* char *: the principal and its teams */
	List	   *latest;			/* those of them that it has not lost
								 * meanwhile, as of version; principals itself
								 * when there are all */
	uint64		version;		/* model_identity_version() */
	List	   *predicates;		/* struct Predicate *: row_predicate.c */
	void	   *notes;			/* enforce/note.c */
} Statement;

/* The executor run that a context belongs to; NULL when none is known. */
extern Statement *access_statement_of(MemoryContext cxt);

/* The same for a called function, which need not be called by an executor run. */
extern Statement *access_statement(FunctionCallInfo fcinfo);

/* Is there what workers do not know of, so that none are to be started? */
extern bool access_statement_alone;

/* Has another run begun since that of this context, which still goes on? */
extern bool access_statement_began_inside(MemoryContext query);

/* By whose end the AFTER triggers of the statement with that context have fired: itself mostly.  NULL: not known. */
extern Statement *access_statement_queueing(MemoryContext query);

/*
 * One that is not an executor run's, as of now, in CurrentMemoryContext: for functions that are called otherwise
 * (by an expression of PL/pgSQL that runs no plan, say).  Nothing may be kept in it between calls.
 */
extern Statement *access_statement_now(void);

/* Its principal and its teams, char *; NIL: nobody. */
extern List *access_statement_principals(Statement *statement);

/*
 * Those of them that are left, once what the statement has waited for has ended: without teams that the principal is no
 * member of any more, and NIL when the principal is gone.
 */
extern List *access_statement_latest(Statement *statement);

/* For SQL functions: the principal of the statement that called; NULL for nobody.  And its cap. */
extern char *access_statement_principal(FunctionCallInfo fcinfo);
extern int32 access_statement_cap(FunctionCallInfo fcinfo);

/*
 * Calls an SQL-callable function of relmeta's whose own queries are judged as the statement that called it, though the
 * session's settings have been changed since that began.
 */
extern Datum access_as_statement(FunctionCallInfo fcinfo, PGFunction function);

/* What the cap of the session is now. */
extern int32 access_cap(void);

/*
 * Is a context of a run that evaluates a row again, whose newest version the run has waited for (EvalPlanQual)?  Its
 * snapshot is older than that version.
 */
extern bool access_statement_rechecks(Statement *statement, MemoryContext cxt);

/* An executor run is about to begin: for higher rooms, which may exchange its plan. */
typedef void (*access_statement_plan_hook_type) (QueryDesc *query, int eflags);
extern access_statement_plan_hook_type access_statement_plan_hook;

/* What an executor run begins: for higher rooms.  May refuse it. */
typedef void (*access_statement_starts_hook_type) (Statement *statement, QueryDesc *query, int eflags);
extern access_statement_starts_hook_type access_statement_starts_hook;

/* cap.c */
extern char *access_cap_text(int32 mask);

extern void access_statement_init(void);	/* from _PG_init */
extern void access_cap_init(void);

#endif							/* RELMETA_ACCESS_STATEMENT_H */
