/*
 * sort.c
 *		A list in the order of some of its columns, in bounded memory; see rowlist.h.
 */
#include "relmeta.h"

#include "access/tupdesc.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "rows/rowlist.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/tuplesort.h"

/* The list's columns, and the number of the row. */
static TupleDesc
sorted_desc(RowList *list)
{
	TupleDesc	desc = CreateTemplateTupleDesc(list->ncolumns + 1);

	for (int i = 0; i < list->ncolumns; i++)
		TupleDescInitEntry(desc, (AttrNumber) (i + 1), NULL, list->types[i]->base_type, -1, 0);
	TupleDescInitEntry(desc, (AttrNumber) (list->ncolumns + 1), NULL, model_type_int8()->base_type, -1, 0);
	relmeta_tupledesc_finalize(desc);
	return desc;
}

/* By those columns of the list, then by the number of the row. */
static Tuplesortstate *
begin_sort(RowList *list, TupleDesc desc, int nkeys, const int *columns)
{
	AttrNumber *attnums = palloc((nkeys + 1) * sizeof(AttrNumber));
	Oid		   *operators = palloc((nkeys + 1) * sizeof(Oid));
	Oid		   *collations = palloc((nkeys + 1) * sizeof(Oid));
	bool	   *nulls_first = palloc0((nkeys + 1) * sizeof(bool));

	for (int i = 0; i <= nkeys; i++)
	{
		int			column = i < nkeys ? columns[i] : list->ncolumns;
		ModelType  *type = i < nkeys ? list->types[column] : model_type_int8();

		attnums[i] = (AttrNumber) (column + 1);
		operators[i] = type->ltop;
		collations[i] = type->collation;
	}
	return tuplesort_begin_heap(desc, nkeys + 1, attnums, operators, collations, nulls_first, work_mem, NULL,
								TUPLESORT_NONE);
}

RowList *
rows_list_sorted(RowList *list, int64 from, int64 upto, int nkeys, const int *columns)
{
	TupleDesc	desc = sorted_desc(list);
	ModelType **types = palloc((list->ncolumns + 1) * sizeof(ModelType *));
	Tuplesortstate *sort = begin_sort(list, desc, nkeys, columns);
	TupleTableSlot *slot = MakeSingleTupleTableSlot(desc, &TTSOpsVirtual);
	TupleTableSlot *read = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
	RowList    *sorted;

	memcpy(types, list->types, list->ncolumns * sizeof(ModelType *));
	types[list->ncolumns] = model_type_int8();
	sorted = rows_list_make(list->ncolumns + 1, types);
	for (int64 row = from; row < upto; row++)
	{
		ExecClearTuple(slot);
		rows_list_get(list, row, slot->tts_values, slot->tts_isnull);
		slot->tts_values[list->ncolumns] = Int64GetDatum(row);
		slot->tts_isnull[list->ncolumns] = false;
		ExecStoreVirtualTuple(slot);
		tuplesort_puttupleslot(sort, slot);
	}
	tuplesort_performsort(sort);
	while (tuplesort_gettupleslot(sort, true, false, read, NULL))
	{
		CHECK_FOR_INTERRUPTS();
		slot_getallattrs(read);
		rows_list_add(sorted, read->tts_values, read->tts_isnull);
	}
	ExecDropSingleTupleTableSlot(read);
	ExecDropSingleTupleTableSlot(slot);
	tuplesort_end(sort);
	return sorted;
}

RowList *
rows_list_values(RowList *list, int64 from, int64 upto, int column)
{
	ModelType  *type = list->types[column];
	RowList    *distinct = rows_list_make(1, &type);
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "relmeta sort", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(scratch);
	RowList    *values = rows_list_make(1, &type);
	Datum	   *row_values = palloc(list->ncolumns * sizeof(Datum));
	bool	   *row_nulls = palloc(list->ncolumns * sizeof(bool));
	Datum		last = (Datum) 0;
	Datum		sorted_values[2];
	bool		sorted_nulls[2];

	for (int64 row = from; row < upto; row++)
	{
		rows_list_get(list, row, row_values, row_nulls);
		if (!row_nulls[column])
			rows_list_add(values, &row_values[column], &row_nulls[column]);
	}
	values = rows_list_sorted(values, 0, values->nrows, 1, COLUMNS(0));
	for (int64 row = 0; row < values->nrows; row++)
	{
		rows_list_get(values, row, sorted_values, sorted_nulls);
		if (row > 0 && model_type_equal(type, last, sorted_values[0]))
			continue;
		if (row > 0 && !type->typbyval)
			pfree(DatumGetPointer(last));
		last = datumCopy(sorted_values[0], type->typbyval, type->typlen);
		rows_list_add(distinct, sorted_values, sorted_nulls);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(scratch);
	return distinct;
}
