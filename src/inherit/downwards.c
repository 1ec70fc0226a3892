/*
 * downwards.c
 *		Rows of one table that point to each other, in an order in which each comes after the one above it.
 *
 * 12 bytes of each row are in memory together; the rows themselves are sorted by their depth, on disk beyond work_mem,
 * so that they are read one after the other.
 */
#include "relmeta.h"

#include "inherit/inherit.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#define DEPTH_COLUMN (LINKED_LOOKUP + 1)

/* For each row the number of the one above it, if that is among them, else -1.  True: each comes after it already. */
static bool
read_above(RowList *rows, DatumSet *keys, int *above)
{
	bool		in_order = true;
	Datum		values[DEPTH_COLUMN];
	bool		nulls[DEPTH_COLUMN];

	for (int64 row = 0; row < rows->nrows; row++)
	{
		rows_list_get(rows, row, values, nulls);
		above[row] = rows_set_find(keys, values[LINKED_LOOKUP]);
		in_order = in_order && above[row] < row;
	}
	return in_order;
}

/*
 * How many rows are above each, with itself.  Each walk up ends where an earlier one has passed, so all of them
 * together pass each row once.  (A loop, which a relationship that is not hierarchical may have, is entered anywhere.)
 */
static void
find_depths(int n, const int *above, int *depth, int *path)
{
	for (int i = 0; i < n; i++)
	{
		int			at = i;
		int			k = 0;
		int			d;

		CHECK_FOR_INTERRUPTS();
		for (; depth[at] == 0; at = above[at])
		{
			depth[at] = -1;
			path[k++] = at;
			if (above[at] < 0)
				break;
		}
		d = Max(depth[at], 0);
		while (k > 0)
			depth[path[--k]] = ++d;
	}
}

static int *
numbers(int64 n)
{
	return MemoryContextAllocExtended(CurrentMemoryContext, n * sizeof(int), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

RowList *
inherit_downwards(RowList *rows, DatumSet *keys)
{
	ModelType  *types[DEPTH_COLUMN + 1] = {rows->types[0], rows->types[1], rows->types[2], model_type_int4()};
	int		   *above = numbers(rows->nrows);
	int		   *depth;
	RowList    *with_depth;
	Datum		values[DEPTH_COLUMN + 1];
	bool		nulls[DEPTH_COLUMN + 1];

	if (read_above(rows, keys, above))
		return rows;
	depth = numbers(rows->nrows);
	find_depths((int) rows->nrows, above, depth, numbers(rows->nrows));
	with_depth = rows_list_make(DEPTH_COLUMN + 1, types);
	for (int64 row = 0; row < rows->nrows; row++)
	{
		rows_list_get(rows, row, values, nulls);
		values[DEPTH_COLUMN] = Int32GetDatum(depth[row]);
		nulls[DEPTH_COLUMN] = false;
		rows_list_add(with_depth, values, nulls);
	}
	return rows_list_sorted(with_depth, 0, with_depth->nrows, 1, COLUMNS(DEPTH_COLUMN));
}
