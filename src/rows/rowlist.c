/*
 * rowlist.c
 *		Lists of small rows that row triggers collect; see rowlist.h.
 */
#include "relmeta.h"

#include "access/tupdesc.h"
#include "access/htup_details.h"
#include "executor/spi.h"
#include "rows/plan.h"
#include "rows/rowlist.h"
#include "rows/temp_file.h"
#include "commands/tablespace.h"
#include "executor/executor.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/datum.h"
#include "utils/memutils.h"

/* what a list that is in a file keeps in memory, about */
#define SPILL_KB 64

static void rowlist_spill(RowList *list);
static void rowlist_end(void *arg);
static void put_row(RowList *list, const Datum *values, const bool *nulls);

RowList *
rows_list_make(int ncolumns, ModelType **types)
{
	RowList    *list = palloc0(sizeof(RowList));

	list->cxt = CurrentMemoryContext;
	list->ncolumns = ncolumns;
	list->types = palloc(ncolumns * sizeof(ModelType *));
	for (int i = 0; i < ncolumns; i++)
		list->types[i] = types[i];
	return list;
}

/* Is a value of variable length byte by byte that of the row before, of which one copy does?  (0: that was null) */
static inline bool
is_same(ModelType *type, Datum value, Datum before)
{
	const char *a = DatumGetPointer(value);
	const char *b = DatumGetPointer(before);

	return type->typlen == -1 && b != NULL && VARSIZE_ANY(a) == VARSIZE_ANY(b) && memcmp(a, b, VARSIZE_ANY(a)) == 0;
}

/* Makes room for more rows; false when the list, which would outgrow work_mem, is to go to disk as a whole. */
static bool
grow(RowList *list)
{
	int64		capacity = list->capacity == 0 ? 4 : list->capacity * 2;
	Size		row_bytes = list->ncolumns * (sizeof(Datum) + sizeof(bool));

	if (capacity * row_bytes + list->bytes > (Size) work_mem * 1024 && list->capacity > 4)
		return false;
	if (list->capacity == 0)
	{
		list->values = palloc(capacity * list->ncolumns * sizeof(Datum));
		list->nulls = palloc(capacity * list->ncolumns * sizeof(bool));
	}
	else
	{
		list->values = repalloc_huge(list->values, capacity * list->ncolumns * sizeof(Datum));
		list->nulls = repalloc_huge(list->nulls, capacity * list->ncolumns * sizeof(bool));
	}
	list->capacity = capacity;
	return true;
}

void
rows_list_add(RowList *list, const Datum *values, const bool *nulls)
{
	MemoryContext old;
	Datum	   *to;

	if (list->spill != NULL)
	{
		put_row(list, values, nulls);
		return;
	}

	old = MemoryContextSwitchTo(list->cxt);
	if (list->nrows == list->capacity && !grow(list))
	{
		rowlist_spill(list);
		MemoryContextSwitchTo(old);
		rows_list_add(list, values, nulls);
		return;
	}

	to = list->values + list->nrows * list->ncolumns;
	for (int i = 0; i < list->ncolumns; i++)
	{
		bool		isnull = nulls[i];

		list->nulls[list->nrows * list->ncolumns + i] = isnull;
		if (isnull)
			to[i] = (Datum) 0;
		else if (list->types[i]->typbyval)
			to[i] = values[i];
		else if (list->nrows > 0 && is_same(list->types[i], values[i], to[i - list->ncolumns]))
			to[i] = to[i - list->ncolumns];
		else
		{
			to[i] = datumCopy(values[i], false, list->types[i]->typlen);
			list->bytes += GetMemoryChunkSpace(DatumGetPointer(to[i]));
		}
	}
	MemoryContextSwitchTo(old);
	list->nrows++;
}

/* A statement may be undone whose row went to the file in part, and the list live on. */
static void
refuse_torn(RowList *list)
{
	if (list->torn)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_RESOURCES),
				 errmsg("rows that the transaction has changed could not be written to a temporary file"),
				 errhint("Run the transaction again, with a higher temp_file_limit or work_mem.")));
}

/* Adds a row to a list that is in a file. */
static void
put_row(RowList *list, const Datum *values, const bool *nulls)
{
	MemoryContext old;

	refuse_torn(list);
	old = MemoryContextSwitchTo(list->cxt);
	list->torn = true;
	tuplestore_putvalues(list->spill, list->desc, (Datum *) values, (bool *) nulls);
	list->torn = false;
	MemoryContextSwitchTo(old);
	list->nrows++;
}

static void
end_spill(void *spill)
{
	tuplestore_end(spill);
}

/* Away with the store, and with one that could not be filled. */
static void
close_spill(RowList *list)
{
	Tuplestorestate *store = list->filling;
	MemoryContext cxt = list->spill_cxt;

	list->spill = list->filling = NULL;
	list->spill_cxt = NULL;
	if (store != NULL)
		rows_temp_file_close(end_spill, store);
	if (cxt != NULL)
		MemoryContextDelete(cxt);
}

static void
rowlist_end(void *arg)
{
	close_spill(arg);
}

/* What is made once of a list that goes to disk.  CurrentMemoryContext is the list's. */
static void
begin_spill(RowList *list)
{
	MemoryContextCallback *callback = palloc0(sizeof(MemoryContextCallback));

	list->desc = CreateTemplateTupleDesc(list->ncolumns);
	for (int i = 0; i < list->ncolumns; i++)
		TupleDescInitEntry(list->desc, (AttrNumber) (i + 1), NULL, list->types[i]->base_type, -1, 0);
	relmeta_tupledesc_finalize(list->desc);
	list->slot = MakeSingleTupleTableSlot(list->desc, &TTSOpsMinimalTuple);
	callback->func = rowlist_end;
	callback->arg = list;
	MemoryContextRegisterResetCallback(list->cxt, callback);
}

/* Frees the rows in memory, which are in the store as well. */
static void
free_rows(RowList *list)
{
	for (int i = 0; i < list->ncolumns; i++)
	{
		if (list->types[i]->typbyval)
			continue;
		for (int64 row = 0; row < list->nrows; row++)
		{
			Datum	   *value = list->values + row * list->ncolumns + i;

			/* the last of those that share it */
			if (!list->nulls[row * list->ncolumns + i] && (row == list->nrows - 1 || value[list->ncolumns] != value[0]))
				pfree(DatumGetPointer(*value));
		}
	}
	pfree(list->values);
	pfree(list->nulls);
	list->values = NULL;
	list->nulls = NULL;
}

/*
 * Moves the rows into a tuplestore, all or none: a list may outlive a subtransaction in which the file could not grow.
 * CurrentMemoryContext is the list's.
 */
static void
rowlist_spill(RowList *list)
{
	MemoryContext old;

	if (list->slot == NULL)
		begin_spill(list);
	close_spill(list);

	/*
	 * The store gets a context that is not a child of the list's: in
	 * PostgreSQL 18 it has contexts of its own, and these would be gone
	 * before the list's callback ends the store.
	 */
	list->spill_cxt = AllocSetContextCreate(TopMemoryContext, "relmeta spilled rows", ALLOCSET_SMALL_SIZES);

	/*
	 * interXact: the file must not be registered with the resource owner of a
	 * subtransaction that ends before the frame does; the callback closes it.
	 * The rows have had their work_mem: one that the store filled, too, would
	 * stay its own, empty, until the list's end.
	 */
	PrepareTempTablespaces();
	old = MemoryContextSwitchTo(list->spill_cxt);
	list->filling = tuplestore_begin_heap(true, true, SPILL_KB);
	tuplestore_set_eflags(list->filling, EXEC_FLAG_REWIND | EXEC_FLAG_BACKWARD);
	MemoryContextSwitchTo(old);
	for (int64 row = 0; row < list->nrows; row++)
		tuplestore_putvalues(list->filling, list->desc,
							 list->values + row * list->ncolumns, list->nulls + row * list->ncolumns);
	list->spill = list->filling;
	list->position = 0;
	free_rows(list);
}

void
rows_list_get(RowList *list, int64 row, Datum *values, bool *nulls)
{
	MemoryContext old;

	CHECK_FOR_INTERRUPTS();
	if (list->spill == NULL)
	{
		memcpy(values, list->values + row * list->ncolumns, list->ncolumns * sizeof(Datum));
		memcpy(nulls, list->nulls + row * list->ncolumns, list->ncolumns * sizeof(bool));
		return;
	}
	refuse_torn(list);

	/*
	 * a slice that is gone through twice begins nearer to its end than to the
	 * list's beginning
	 */
	if (row < list->position && row > list->position / 2)
	{
		if (!tuplestore_skiptuples(list->spill, list->position - row, false))
			elog(ERROR, "row " INT64_FORMAT " is not in the list", row);
		list->position = row;
	}
	else if (row < list->position)
	{
		tuplestore_rescan(list->spill);
		list->position = 0;
	}
	if (row > list->position)
	{
		if (!tuplestore_skiptuples(list->spill, row - list->position, true))
			elog(ERROR, "row " INT64_FORMAT " is not in the list", row);
		list->position = row;
	}

	/*
	 * the slot keeps and frees what is read from the file: it must not
	 * outlive the tuple's context
	 */
	old = MemoryContextSwitchTo(list->cxt);
	if (!tuplestore_gettupleslot(list->spill, true, false, list->slot))
		elog(ERROR, "row " INT64_FORMAT " is not in the list", row);
	MemoryContextSwitchTo(old);
	list->position++;
	slot_getallattrs(list->slot);
	memcpy(values, list->slot->tts_values, list->ncolumns * sizeof(Datum));
	memcpy(nulls, list->slot->tts_isnull, list->ncolumns * sizeof(bool));
}

void
rows_list_arrays(RowList *list, int64 from, int64 upto, int narrays, const int *columns, Datum *arrays)
{
	int			n = (int) (upto - from);
	Datum	  **values;
	bool	  **nulls;
	Datum	   *row_values;
	bool	   *row_nulls;
	MemoryContext scratch;
	MemoryContext old;

	scratch = AllocSetContextCreate(CurrentMemoryContext, "relmeta arrays", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(scratch);
	values = palloc(narrays * sizeof(Datum *));
	nulls = palloc(narrays * sizeof(bool *));
	row_values = palloc(list->ncolumns * sizeof(Datum));
	row_nulls = palloc(list->ncolumns * sizeof(bool));
	for (int a = 0; a < narrays; a++)
	{
		values[a] = MemoryContextAllocHuge(scratch, Max(n, 1) * sizeof(Datum));
		nulls[a] = MemoryContextAllocHuge(scratch, Max(n, 1) * sizeof(bool));
	}
	for (int i = 0; i < n; i++)
	{
		rows_list_get(list, from + i, row_values, row_nulls);
		for (int a = 0; a < narrays; a++)
		{
			ModelType  *type = list->types[columns[a]];
			bool		isnull = row_nulls[columns[a]];

			nulls[a][i] = isnull;
			/* a value of the tuplestore lasts only until the next row is read */
			values[a][i] = isnull ? (Datum) 0 :
				list->spill != NULL ? datumCopy(row_values[columns[a]], type->typbyval, type->typlen) :
				row_values[columns[a]];
		}
	}
	MemoryContextSwitchTo(old);
	for (int a = 0; a < narrays; a++)
	{
		ModelType  *type = list->types[columns[a]];
		int			lower = 1;

		arrays[a] = PointerGetDatum(construct_md_array(values[a], nulls[a], 1, &n, &lower,
													   type->base_type, type->typlen,
													   type->typbyval, type->typalign));
	}
	MemoryContextDelete(scratch);
}

int64
rows_list_batch_rows(RowList *list)
{
	Size		row_bytes = list->ncolumns * sizeof(Datum);

	if (list->nrows > 0 && list->spill == NULL)
		row_bytes += list->bytes / list->nrows;
	else
		row_bytes += list->ncolumns * 16;
	return Min(100000, Max(PLAN_INDEX_ROWS, (int64) ((Size) work_mem * 1024 / row_bytes)));
}

DatumSet *
rows_list_distinct(RowList *list, int64 from, int64 upto, int column)
{
	DatumSet   *set = rows_set_make(list->types[column]);
	Datum	   *values = palloc(list->ncolumns * sizeof(Datum));
	bool	   *nulls = palloc(list->ncolumns * sizeof(bool));

	for (int64 row = from; row < upto; row++)
	{
		rows_list_get(list, row, values, nulls);
		if (!nulls[column])
			rows_set_add(set, values[column]);
	}
	return set;
}

void
rows_list_take_result(RowList *list)
{
	SPITupleTable *tuptable = SPI_tuptable;
	uint64		processed = SPI_processed;
	Datum	   *values = palloc(list->ncolumns * sizeof(Datum));
	bool	   *nulls = palloc(list->ncolumns * sizeof(bool));

	for (uint64 i = 0; i < processed; i++)
	{
		heap_deform_tuple(tuptable->vals[i], tuptable->tupdesc, values, nulls);
		rows_list_add(list, values, nulls);
	}
	SPI_freetuptable(tuptable);
	pfree(values);
	pfree(nulls);
}
