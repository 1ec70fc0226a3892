/*
 * rowlist.h
 *		Lists of small rows (keys, owners, lookups) that row triggers collect.
 *
 * A list keeps its rows in memory until they take more than work_mem, then in
 * a tuplestore.  It is append-only; readers go through it with a cursor, or
 * take a stretch of one column as an SQL array.
 *
 * MEMORY RULE.  A list lives in the memory context that it was made in and is
 * freed with it (its temporary file too).  Values handed out by the cursor are
 * valid until the next step of the same list.
 */
#ifndef ROWS_ROWLIST_H
#define ROWS_ROWLIST_H

#include "model/model.h"

#include "utils/datum.h"
#include "utils/tuplestore.h"

typedef struct RowList
{
	MemoryContext cxt;
	int			ncolumns;
	ModelType **types;
	int64		nrows;
	/* while in memory; as tuples are formed of them */
	Datum	   *values;			/* nrows * ncolumns */
	bool	   *nulls;
	int64		capacity;		/* rows */
	Size		bytes;			/* of by-reference values */
	/* once spilled */
	Tuplestorestate *spill;
	Tuplestorestate *filling;	/* the same, or while spill is NULL one that
								 * has not got all rows */
	MemoryContext spill_cxt;	/* the store's; of its own, see
								 * rowlist_spill() */
	bool		torn;			/* a row is in it in part */
	TupleDesc	desc;
	TupleTableSlot *slot;
	int64		position;		/* row that the tuplestore's read pointer
								 * stands before */
} RowList;

/* Column numbers for rows_list_arrays() (a macro, since pgindent does not read compound literals). */
#define COLUMNS(...) ((const int[]) {__VA_ARGS__})

/* Makes an empty list in CurrentMemoryContext; the types must live as long as the list. */
extern RowList *rows_list_make(int ncolumns, ModelType **types);

/* Appends a row; by-reference values are copied. */
extern void rows_list_add(RowList *list, const Datum *values, const bool *nulls);

/* Reads row number row (0-based) into values and nulls; cheapest in ascending order.  May be interrupted. */
extern void rows_list_get(RowList *list, int64 row, Datum *values, bool *nulls);

/* Of values that were read just now, a copy of one in CurrentMemoryContext, for whoever has the list read meanwhile. */
static inline Datum
rows_list_copy(RowList *list, int column, const Datum *values, const bool *nulls)
{
	return nulls[column] ? (Datum) 0 :
		datumCopy(values[column], list->types[column]->typbyval, list->types[column]->typlen);
}

/*
 * Makes one SQL array per wanted column of rows [from, upto); columns[i] is the column of
 * arrays[i].  The arrays are palloc'd in CurrentMemoryContext.
 */
extern void rows_list_arrays(RowList *list, int64 from, int64 upto, int narrays, const int *columns,
							 Datum *arrays);

/* Appends SPI's result rows; columns parallel to the list's.  Frees the result. */
extern void rows_list_take_result(RowList *list);

/* How many rows of this list make a batch of about work_mem. */
extern int64 rows_list_batch_rows(RowList *list);

/*
 * sort.c: rows [from, upto) in the order of the columns, and where these are equal in that of the list, in which each
 * row has one column more: its number (int8).  At the end NULLs.
 */
extern RowList *rows_list_sorted(RowList *list, int64 from, int64 upto, int nkeys, const int *columns);

/* Also sort.c: the distinct values of a column of rows [from, upto), but for NULL, in their order. */
extern RowList *rows_list_values(RowList *list, int64 from, int64 upto, int column);

/* ---- above.c: rows that point to each other ---- */

/*
 * For each of rows [from, upto) the number, counted from the first of them, of the one whose column key equals its
 * column lookup, of several the last; -1: there is none.  Values are compared by the type of key.
 */
extern int *rows_list_above(RowList *list, int64 from, int64 upto, int key, int lookup);

/* So many numbers, 0 each, one for each row of a list. */
extern int *rows_list_numbers(int64 n);

/* ---- slice.c ---- */

/*
 * A stretch of a list that is being gone through, about work_mem of it at a time: rows [from, upto).  What is made
 * while a slice is worked on is freed before the next one:
 *
 *	rows_slice_begin(&slice, list, from, end);
 *	while (rows_slice_next(&slice))
 *		...
 *
 * Whoever leaves the loop early calls rows_slice_end().
 */
typedef struct RowSlice
{
	int64		from;
	int64		upto;
	int64		end;
	int64		step;
	MemoryContext cxt;			/* current while a slice is worked on */
	MemoryContext caller;
} RowSlice;

/* How many rows make a slice of n rows of the list. */
extern int64 rows_slice_rows(RowList *list, int64 n);

extern void rows_slice_begin(RowSlice *slice, RowList *list, int64 from, int64 end);
extern bool rows_slice_next(RowSlice *slice);
extern void rows_slice_end(RowSlice *slice);

/* ---- set.c ---- */

/*
 * A set of distinct values (by image, so that values equal but written
 * differently stay apart) in the order in which they came.
 */
typedef struct DatumSet
{
	MemoryContext cxt;
	ModelType  *type;
	bool		by_equality;	/* not by image */
	int			count;
	int			capacity;
	Datum	   *values;			/* apart, since statements get them as an
								 * array */
	uint32	   *hashes;
	int		   *buckets;		/* open addressing: index into values + 1 */
	uint32		nbuckets;
} DatumSet;

extern DatumSet *rows_set_make(ModelType *type);

/* One in which values that are equal are the same, however they are written; of a type that can be hashed. */
extern DatumSet *rows_set_make_equal(ModelType *type);

/* Makes room for so many values in an empty set. */
extern void rows_set_reserve(DatumSet *set, int64 n);

/* Adds a copy of value; false when it was there. */
extern bool rows_set_add(DatumSet *set, Datum value);

/* Index of value, added when it was not there. */
extern int	rows_set_index(DatumSet *set, Datum value);

/*
 * Values [from, upto) as an SQL array.  (construct_array() puts detoasted copies in place of the values
 * that it is given: it never gets the set's own.)
 */
extern Datum rows_set_array(DatumSet *set, int from, int upto);

/* Index of value, -1 when it is not there. */
extern int	rows_set_find(DatumSet *set, Datum value);

/* The hash that a set keeps of a value. */
extern uint32 rows_set_hash(DatumSet *set, Datum value);

/* ---- rowlist.c: distinct values of a column of rows [from, upto), but for NULL. ---- */
extern DatumSet *rows_list_distinct(RowList *list, int64 from, int64 upto, int column);

#endif							/* ROWS_ROWLIST_H */
