/*
 * candidate.c
 *		Rows that are to be locked, in the order of their keys; see candidate.h.
 */
#include "relmeta.h"

#include "miscadmin.h"
#include "model/key.h"
#include "rows/candidate.h"
#include "utils/memutils.h"
#include "utils/sortsupport.h"

/* so many are not too many, whatever work_mem is */
#define FEW_CANDIDATES 1000

void
rows_candidates_begin(Candidates *candidates, ModelTable *table)
{
	candidates->cxt = CurrentMemoryContext;
	candidates->table = table;
	candidates->n = 0;
	candidates->capacity = 32;
	candidates->rows = palloc(candidates->capacity * sizeof(Candidate));
}

bool
rows_candidates_add(Candidates *candidates, TupleTableSlot *slot, int number)
{
	Candidate  *candidate;
	MemoryContext old;

	if (candidates->n == candidates->capacity)
	{
		Size		size = 2 * (Size) candidates->capacity * sizeof(Candidate);

		if (candidates->n >= FEW_CANDIDATES && size > (Size) work_mem * 1024)
			return false;
		candidates->rows = repalloc_huge(candidates->rows, size);
		candidates->capacity *= 2;
	}
	candidate = &candidates->rows[candidates->n++];
	old = MemoryContextSwitchTo(candidates->cxt);
	candidate->key = model_key_copy(candidates->table, model_key_of_row(candidates->table, slot));
	MemoryContextSwitchTo(old);
	candidate->tid = slot->tts_tid;
	candidate->number = number;
	return true;
}

static int
compare_keys(const void *a, const void *b, void *sort)
{
	return ApplySortComparator(((const Candidate *) a)->key, false, ((const Candidate *) b)->key, false, sort);
}

void
rows_candidates_sort(Candidates *candidates)
{
	ModelType  *key = model_key_type(candidates->table);
	SortSupportData sort = {0};

	if (candidates->n < 2)
		return;
	sort.ssup_cxt = CurrentMemoryContext;
	sort.ssup_collation = key->collation;
	PrepareSortSupportFromOrderingOp(key->ltop, &sort);
	qsort_arg(candidates->rows, candidates->n, sizeof(Candidate), compare_keys, &sort);
}
