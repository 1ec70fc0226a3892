/*
 * reset.h
 *		What reset.c and reset_pass.c share: a reset that is under way.
 */
#ifndef JOB_RESET_H
#define JOB_RESET_H

#include "inherit/effect.h"
#include "job/shrunk.h"

/* rows to be done again */
typedef struct Again
{
	MemoryContext cxt;			/* all of it */
	ModelRelationship *relationship;
	DatumSet   *keys;
} Again;

/* Transactions that had not ended at some time: those in xids, and all from upper on. */
typedef struct Running
{
	TransactionId upper;
	int			n;
	TransactionId *xids;
} Running;

/* one go through all rows; see reset_pass.c */
typedef struct Pass
{
	int			number;			/* 0: does all rows */
	Running		since;			/* else the rows that these have made */
	Running		begun;			/* when it began */
	bool		missed;			/* it may have missed rows: another one
								 * follows */
} Pass;

/* one batch; it lives in cxt, SPI is connected */
typedef struct Reset
{
	MemoryContext cxt;
	List	   *order;			/* ModelRelationship *: the relationships
								 * below, see reset.c */
	Pass		pass;
	int			position;		/* in order: where the job is */
	List	   *again;			/* Again * */
	int64		rows_examined;
	int64		rows_done;		/* of the first pass, */
	int64		rows;			/* of so many, in each relationship */
	Effects    *effects;
	JobShrunk  *shrunk;
} Reset;

/* ---- reset_pass.c ---- */

/* The first pass. */
extern void job_pass_begin(Pass *pass);

/* The one after it; false: none is needed. */
extern bool job_pass_next(Pass *pass);

/* As the cursor has it; false when it cannot be read. */
extern bool job_pass_read(Pass *pass, const char *written);
extern char *job_pass_write(const Pass *pass);

/* Up to limit keys of a table's rows after a key (NULL: from the first on) that the pass does, in order. */
extern DatumSet *job_pass_keys(Pass *pass, ModelTable *table, const Datum *after, int limit);

/* How many rows there are for a pass to go through. */
extern int64 job_pass_rows(ModelTable *table);

#endif							/* JOB_RESET_H */
