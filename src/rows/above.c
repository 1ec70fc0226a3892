/*
 * above.c
 *		Which row of a list is above which, in bounded memory; see rowlist.h.
 *
 * While the list is in memory, so is a table of its keys.  Of one that is in a file the keys, and apart from them what
 * points to keys, are sorted, on disk beyond work_mem, and read side by side: then only the result is in memory, 4
 * bytes of each row.
 */
#include "relmeta.h"

#include "rows/rowlist.h"
#include "utils/memutils.h"
#include "utils/sortsupport.h"

int *
rows_list_numbers(int64 n)
{
	return MemoryContextAllocExtended(CurrentMemoryContext, Max(n, 1) * sizeof(int), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

/* ---- by hashing ---- */

static void
hash_keys(RowList *list, int64 from, int64 upto, int key, int lookup, int *above)
{
	DatumSet   *keys = rows_set_make_equal(list->types[key]);
	int		   *number = rows_list_numbers(upto - from);	/* by that in keys */
	Datum	   *values = palloc(list->ncolumns * sizeof(Datum));
	bool	   *nulls = palloc(list->ncolumns * sizeof(bool));

	for (int64 row = from; row < upto; row++)
	{
		rows_list_get(list, row, values, nulls);
		number[rows_set_index(keys, values[key])] = (int) (row - from);
	}
	for (int64 row = from; row < upto; row++)
	{
		int			k;

		rows_list_get(list, row, values, nulls);
		k = nulls[lookup] ? -1 : rows_set_find(keys, values[lookup]);
		above[row - from] = k < 0 ? -1 : number[k];
	}
}

/* ---- by sorting ---- */

/* A column of the list in the order of type: value, and number of the row. */
static RowList *
sorted_column(RowList *list, int64 from, int64 upto, int column, ModelType *type)
{
	RowList    *values = rows_list_make(1, &type);
	Datum	   *row_values = palloc(list->ncolumns * sizeof(Datum));
	bool	   *row_nulls = palloc(list->ncolumns * sizeof(bool));

	for (int64 row = from; row < upto; row++)
	{
		rows_list_get(list, row, row_values, row_nulls);
		rows_list_add(values, &row_values[column], &row_nulls[column]);
	}
	return rows_list_sorted(values, 0, values->nrows, 1, COLUMNS(0));
}

/* A sorted column that is read from its beginning: the value at hand. */
typedef struct ColumnReader
{
	RowList    *rows;
	int64		at;
	Datum		values[2];
	bool		nulls[2];
} ColumnReader;

/* False at the end; NULLs are there. */
static bool
next_value(ColumnReader *reader)
{
	if (reader->at >= reader->rows->nrows)
		return false;
	rows_list_get(reader->rows, reader->at++, reader->values, reader->nulls);
	return !reader->nulls[0];
}

static void
merge_keys(RowList *list, int64 from, int64 upto, int key, int lookup, int *above)
{
	ModelType  *type = list->types[key];
	ColumnReader keys = {sorted_column(list, from, upto, key, type)};
	ColumnReader lookups = {sorted_column(list, from, upto, lookup, type)};
	bool		have_key = next_value(&keys);
	SortSupportData sort = {0};

	sort.ssup_cxt = CurrentMemoryContext;
	sort.ssup_collation = type->collation;
	PrepareSortSupportFromOrderingOp(type->ltop, &sort);
	for (int64 i = 0; i < upto - from; i++)
		above[i] = -1;
	while (have_key && next_value(&lookups))
	{
		int			order = -1;

		while (have_key && (order = ApplySortComparator(keys.values[0], false, lookups.values[0], false, &sort)) < 0)
			have_key = next_value(&keys);
		if (have_key && order == 0)
			above[DatumGetInt64(lookups.values[1])] = (int) DatumGetInt64(keys.values[1]);
	}
}

int *
rows_list_above(RowList *list, int64 from, int64 upto, int key, int lookup)
{
	ModelType  *type = list->types[key];
	int		   *above = rows_list_numbers(upto - from);
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "relmeta rows above", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(scratch);

	if (list->spill == NULL && (type->by_image || type->has_hash))
		hash_keys(list, from, upto, key, lookup, above);
	else
		merge_keys(list, from, upto, key, lookup, above);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(scratch);
	return above;
}
