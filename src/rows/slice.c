/*
 * slice.c
 *		A list gone through a stretch at a time, in bounded memory; see rowlist.h.
 */
#include "relmeta.h"

#include "miscadmin.h"
#include "rows/plan.h"
#include "rows/rowlist.h"
#include "utils/memutils.h"

/* so many slices, or more, are made so small that statements go by an index */
#define WHOLE_READS 4

/*
 * A statement for more rows than PLAN_INDEX_ROWS may read a table whole, or merge with a whole index of it, one in
 * which mostly at least the n rows are: done for each of many slices that is quadratic, until the planner sees that
 * it does not pay, for which it waits until some hundred rows are read for each that is wanted.
 */
int64
rows_slice_rows(RowList *list, int64 n)
{
	int64		rows = rows_list_batch_rows(list);

	return n / rows >= WHOLE_READS ? PLAN_INDEX_ROWS : rows;
}

void
rows_slice_begin(RowSlice *slice, RowList *list, int64 from, int64 end)
{
	slice->from = slice->upto = from;
	slice->end = end;
	slice->step = rows_slice_rows(list, end - from);
	slice->caller = CurrentMemoryContext;
	slice->cxt = AllocSetContextCreate(CurrentMemoryContext, "relmeta slice", ALLOCSET_DEFAULT_SIZES);
}

bool
rows_slice_next(RowSlice *slice)
{
	CHECK_FOR_INTERRUPTS();
	if (slice->upto >= slice->end)
	{
		rows_slice_end(slice);
		return false;
	}
	MemoryContextReset(slice->cxt);
	MemoryContextSwitchTo(slice->cxt);
	slice->from = slice->upto;
	slice->upto = Min(slice->from + slice->step, slice->end);
	return true;
}

void
rows_slice_end(RowSlice *slice)
{
	MemoryContextSwitchTo(slice->caller);
	MemoryContextDelete(slice->cxt);
}
