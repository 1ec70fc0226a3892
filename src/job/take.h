/*
 * take.h
 *		Taking bits from inherited entries of a table, and what depends on them
 *		below (SEMANTICS 3.4, 3.10 (4)).
 *
 * WHO RUNS WHAT.  A user's table is read and locked as its owner, so that
 * nothing he attached to it (an index expression, a policy) runs with more
 * rights than his own; an entry table is written as the extension's owner.  No
 * statement touches both: keys travel between them as arrays.
 *
 * LOCKS.  Whoever changes what a row gives to rows below it has locked that row
 * (FOR UPDATE, in key order, a table before those below it), and reads entries
 * only then.  The statements of a batch are READ COMMITTED, each with a new
 * snapshot.
 *
 * MEMORY.  A Taking lives in the memory context in which it was made and with
 * the SPI connection that was open then; so do the plans that it keeps.
 */
#ifndef JOB_TAKE_H
#define JOB_TAKE_H

#include "executor/spi.h"
#include "model/model.h"

/* columns of equal length, as SQL arrays; what they hold depends on their maker */
typedef struct Arrays
{
	int			n;
	Datum		column[4];
} Arrays;

/* bits that principals no longer hold on rows of a table */
typedef struct Losses
{
	MemoryContext cxt;			/* of the arrays */
	ModelTable *table;
	Arrays		rows;			/* object, principal, bits */
} Losses;

typedef struct Taking
{
	MemoryContext cxt;
	Oid			extension_owner;
	List	   *plans;			/* TakePlan * */
	List	   *queue;			/* Losses *: still to be carried down */
	int64		rows_examined;	/* rows of entry tables */
	int64		rows_shrunk;	/* (row, principal) whose inherited rights shrank */
} Taking;

/* what is kept a plan of; each statement is shown above its builder */
typedef enum TakeOp
{
	TAKE_LOCK_ROWS,				/* subject: ModelTable */
	TAKE_CHILDREN,				/* subject, here and below: ModelRelationship */
	TAKE_AFFECTED,
	TAKE_LOCK_CHILDREN,
	TAKE_FROM_CHILDREN,
	TAKE_FROM_ROWS,
	REVOKE_TOTALS,				/* revoke.c */
	REVOKE_DELETE
} TakeOp;

typedef struct TakeText
{
	StringInfoData sql;
	int			nparams;
	Oid			params[8];
} TakeText;

typedef void (*TakeBuilder) (TakeText *text, void *subject);

extern void job_take_begin(Taking *taking);

/*
 * Runs a statement as userid; one plan of it is kept for few and one for many
 * rows.  The result is in SPI_tuptable, to be freed by the caller.
 */
extern void job_take_run(Taking *taking, TakeOp op, void *subject, TakeBuilder builder,
						 Oid userid, int rows, Datum *values, const char *nulls);

/* The first columns of the result as arrays of these types, in the current memory context; frees SPI_tuptable. */
extern Arrays job_take_result(int ncolumns, ModelType *const *types);

/* Whether rows of the table give anything to rows below, or may have given it in the past. */
extern bool job_table_gives(const ModelTable *table);

/* Locks rows of a table in key order.  objects: an array of keys; the result: keys and owners. */
extern Arrays job_take_lock(Taking *taking, ModelTable *table, Arrays objects);

/*
 * Takes all bits that rows (object, principal) have through the relationship for
 * the causes, an array of "char".  locked is what job_take_lock() gave for the
 * objects.  What is no longer held there is queued.
 */
extern void job_take_from_rows(Taking *taking, ModelRelationship *relationship, Datum causes,
							   Arrays rows, Arrays locked);

/* Carries what is queued down, until nothing is lost any more. */
extern void job_take_below(Taking *taking);

/*
 * The causes 's' and 'r', or those of them whose behavior along the relationship
 * is none: as an array of "char", and as letters (room for three).
 */
extern Datum job_causes(const ModelRelationship *relationship, bool only_none, char *letters);

#endif							/* JOB_TAKE_H */
