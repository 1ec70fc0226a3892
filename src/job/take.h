/*
 * take.h
 *		Taking inherited entries from rows, and below them what was inherited from
 *		these (SEMANTICS 3.10 (4)).
 *
 * What a principal no longer holds on a row by any ground is a loss of rule 4: it
 * is taken from the principal's entries on the related rows of every
 * relationship, whatever the behaviors, and goes on from there.  The cascades do
 * the same for a user's statement (cascade/loss.c); here it is done along the
 * entry tables' keys, and (row, principal) are counted as a job must count them.
 *
 * MEMORY RULE.  A Take lives in a context of its own until job_take_end(); what a
 * step needs, in one that is reset after it.  SPI is connected all the while.
 */
#ifndef JOB_TAKE_H
#define JOB_TAKE_H

#include "job/entries.h"
#include "job/shrunk.h"

/* what a table's rows have lost, and not passed on yet */
typedef struct TakeTable
{
	ModelTable *table;
	RowList    *lost;			/* object, principal, bits */
	int64		passed;			/* rows of lost that were passed on */
} TakeTable;

typedef struct Take
{
	MemoryContext cxt;
	Model	   *model;			/* pinned to cxt */
	Oid			owner;			/* of the extension */
	List	   *tables;			/* TakeTable * */
	JobShrunk  *shrunk;			/* NULL: nothing is counted */
	int64		examined;		/* entries that lost something */
} Take;

/* below: the relationships that the job concerns, its own first; NIL: nothing is counted. */
extern Take *job_take_begin(List *below);

/*
 * Takes from the rows with these keys, which may be in any order, their entries
 * through the relationship for the causes.  Returns the number of entries taken.
 */
extern int64 job_take_from(Take *take, ModelRelationship *relationship, const char *causes, DatumSet *objects);

/* Passes on what was lost until nothing is left to pass on. */
extern void job_take_below(Take *take);

extern void job_take_end(Take *take);

#endif							/* JOB_TAKE_H */
