/*
 * plan.h
 *		Kept SPI plans of the statements that the cascades run.
 */
#ifndef ROWS_PLAN_H
#define ROWS_PLAN_H

#include "model/model.h"
#include "rows/match.h"

#include "executor/spi.h"

/* variants of a statement; a builder may use further bits from PLAN_VARIANT_OWN on */
#define PLAN_ONE			0	/* scalar parameters: one row */
#define PLAN_MANY			1	/* array parameters, planned for the arrays at
								 * hand */
#define PLAN_FEW			2	/* array parameters, so short that one plan
								 * does for all */
#define PLAN_ARRAYS			(PLAN_MANY | PLAN_FEW)
#define PLAN_AS_CALLER		4	/* the caller's own statement, not one on
								 * behalf of the table's owner */
#define PLAN_CHANGES		8	/* it changes rows: planned and run as RI's
								 * statements are, else restricted */
#define PLAN_ANY_PATH		16	/* for one row, too, the planner chooses: see
								 * goes_by_index() */
#define PLAN_VARIANT_OWN	32

#define PLAN_MAX_PARAMS 8

/* up to this many rows are found without a statement, where there is another way */
#define PLAN_FEW_ROWS 32

/*
 * Up to this many rows, PLAN_FEW.  A level of a hierarchy may be as wide as that, and so may be a slice while work_mem
 * is small: to read the whole table for each would be quadratic, and to look so many up takes no longer than to read a
 * table of 10,000 rows.
 */
#define PLAN_INDEX_ROWS 1000

/* the size class of n rows */
#define PLAN_SIZE(n) ((n) == 1 ? PLAN_ONE : PLAN_ARRAY_SIZE(n))

/* of a statement that always takes arrays */
#define PLAN_ARRAY_SIZE(n) ((n) <= PLAN_INDEX_ROWS ? PLAN_FEW : PLAN_MANY)

/*
 * Operators on right bits: always qualified, since a statement is planned under
 * the caller's search_path and run with another's rights.
 */
#define SQL_AND " OPERATOR(pg_catalog.&) "
#define SQL_OR " OPERATOR(pg_catalog.|) "
#define SQL_NOT " OPERATOR(pg_catalog.~) "
#define SQL_EQ " OPERATOR(pg_catalog.=) "
#define SQL_NE " OPERATOR(pg_catalog.<>) "

typedef struct PlanText
{
	StringInfoData sql;
	int			nparams;
	Oid			params[PLAN_MAX_PARAMS];
} PlanText;

typedef void (*PlanBuilder) (PlanText *built, void *subject, int variant);

/*
 * The kept plan of a statement, identified by (builder, variant, id): id is the
 * relationship's id, or a table's OID, as the builder's subject is one or the
 * other.  Locks relid in lockmode first, so that
 * what the plan says of it stays true, then builds and plans anew if the plan
 * is missing, no longer valid, or was made of another model than subject's, and
 * that gives another text, as the owner of relid, who will run it
 * (PLAN_AS_CALLER: as the caller).  40001 where relid is not as model says any
 * more: values of its keys in hand are not what the plan reads and is given.
 * SPI must be connected.  Unlike it, these functions leave CurrentMemoryContext
 * as it was.
 */
extern SPIPlanPtr rows_plan(PlanBuilder builder, int variant, int id, Oid relid, int lockmode, void *subject,
							Model *model);

/* At the end of a transaction no plan runs any more: frees those that were given up. */
extern void rows_plans_at_xact_end(void);

#define RUN_FIRE_TRIGGERS	1	/* outside an immediate AFTER trigger: fire
								 * triggers ourselves */
#define RUN_NEW_ROWS		2	/* see rows that came after the transaction's
								 * snapshot, as RI does */
#define RUN_CROSSCHECK		4	/* and fail with 40001 rather than change one
								 * of them */
#define RUN_CHANGES			8	/* it changes rows: as RI's statements do,
								 * what is deferred waits.  Without it the
								 * statement reads or locks, and is restricted
								 * (ACT_RESTRICTED) */

/*
 * Runs a plan as the owner of the table relid, which it touches and rows_plan() has
 * locked, and returns the number of rows.  Nulls are as for SPI_execute_plan.
 */
extern uint64 rows_run(SPIPlanPtr plan, Oid relid, Datum *values, const char *nulls, int flags, long limit);

/*
 * Runs a plan that reads or locks as the owner of the table relid, at every isolation level with the latest
 * snapshot, or a later one of the caller's (NULL: none), and hands each row over as it comes: values and nulls
 * are valid until receive() returns, which runs in a memory context that is reset after it.  Returns the number of
 * rows.
 */
typedef void (*RowReceiver) (Datum *values, bool *nulls, void *arg);
extern uint64 rows_run_each(SPIPlanPtr plan, Oid relid, Datum *values, Snapshot snapshot, RowReceiver receive,
							void *arg);

/* The same as rows_run, read only, with a snapshot of the caller's. */
extern uint64 rows_run_snapshot(SPIPlanPtr plan, Oid relid, Datum *values, const char *nulls,
								Snapshot snapshot, long limit);

/*
 * In PG_CATCH(), of what is done to rows of the table for a caller: a check or a unique key that we have met shows
 * values of the row in its DETAIL.  Whoever caused it may not see that row (SEMANTICS 2.5, "Access control"): only the
 * server's log has them then.  Does not return.
 */
extern void rows_rethrow_without_values(Oid relid, Oid caller, MemoryContext cxt);

#endif							/* ROWS_PLAN_H */
