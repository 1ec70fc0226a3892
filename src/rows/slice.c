/*
 * slice.c
 *		A list gone through a stretch at a time, in bounded memory; see rowlist.h.
 */
#include "relmeta.h"

#include "miscadmin.h"
#include "rows/rowlist.h"
#include "utils/memutils.h"

void
rows_slice_begin(RowSlice *slice, RowList *list, int64 from, int64 end)
{
	slice->from = slice->upto = from;
	slice->end = end;
	slice->step = rows_list_batch_rows(list);
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
