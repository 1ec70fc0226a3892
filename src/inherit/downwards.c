/*
 * downwards.c
 *		Rows of one table that point to each other, in an order in which each comes after the one above it.
 *
 * 8 bytes of each row are in memory together; the rows themselves are sorted by their depth, on disk beyond work_mem,
 * so that they are read one after the other.
 */
#include "relmeta.h"

#include "inherit/inherit.h"
#include "miscadmin.h"

#define DEPTH_COLUMN (LINKED_LOOKUP + 1)

/*
 * How many rows are above each, with itself.  Each walk up ends where an earlier one has passed, so all of them
 * together pass each row once, and what a walk has passed once more.  (A loop, which nothing but a disabled trigger can
 * have left, is entered anywhere.)
 */
static int *
find_depths(int n, const int *above)
{
	int		   *depth = rows_list_numbers(n);

	for (int i = 0; i < n; i++)
	{
		int			at = i;
		int			passed = 0;
		int			d;

		CHECK_FOR_INTERRUPTS();
		for (; at >= 0 && depth[at] == 0; at = above[at])
		{
			depth[at] = -1;
			passed++;
		}
		d = passed + (at < 0 ? 0 : Max(depth[at], 0));
		for (at = i; passed > 0; at = above[at], passed--)
			depth[at] = d--;
	}
	return depth;
}

static bool
in_order(int64 n, const int *above)
{
	for (int64 i = 0; i < n; i++)
		if (above[i] >= i)
			return false;
	return true;
}

RowList *
inherit_downwards(RowList *rows)
{
	ModelType  *types[DEPTH_COLUMN + 1] = {rows->types[0], rows->types[1], rows->types[2], model_type_int4()};
	int		   *above = rows_list_above(rows, 0, rows->nrows, LINKED_KEY, LINKED_LOOKUP);
	int		   *depth;
	RowList    *with_depth;
	Datum		values[DEPTH_COLUMN + 1];
	bool		nulls[DEPTH_COLUMN + 1];

	if (in_order(rows->nrows, above))
	{
		pfree(above);
		return rows;
	}
	depth = find_depths((int) rows->nrows, above);
	pfree(above);
	with_depth = rows_list_make(DEPTH_COLUMN + 1, types);
	for (int64 row = 0; row < rows->nrows; row++)
	{
		rows_list_get(rows, row, values, nulls);
		values[DEPTH_COLUMN] = Int32GetDatum(depth[row]);
		nulls[DEPTH_COLUMN] = false;
		rows_list_add(with_depth, values, nulls);
	}
	pfree(depth);
	return rows_list_sorted(with_depth, 0, with_depth->nrows, 1, COLUMNS(DEPTH_COLUMN));
}
