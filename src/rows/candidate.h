/*
 * candidate.h
 *		Rows that are to be locked: noted as a snapshot sees them, then put in the order of their keys.
 *
 * MEMORY RULE.  All of it is made in the memory context that is current at rows_candidates_begin(), and is in memory:
 * more than work_mem is too many, for a statement to sort.
 */
#ifndef ROWS_CANDIDATE_H
#define ROWS_CANDIDATE_H

#include "model/model.h"

#include "executor/tuptable.h"
#include "storage/itemptr.h"

typedef struct Candidate
{
	Datum		key;
	ItemPointerData tid;
	int			number;			/* of what it was found for */
} Candidate;

typedef struct Candidates
{
	MemoryContext cxt;
	ModelTable *table;
	Candidate  *rows;
	int			n;
	int			capacity;
} Candidates;

extern void rows_candidates_begin(Candidates *candidates, ModelTable *table);

/* Notes the row in the slot.  False: there are too many. */
extern bool rows_candidates_add(Candidates *candidates, TupleTableSlot *slot, int number);

/* Puts them in the order of keys. */
extern void rows_candidates_sort(Candidates *candidates);

#endif							/* ROWS_CANDIDATE_H */
