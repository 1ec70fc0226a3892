/*
 * store_insert.c
 *		Entries that wait to be inserted together.
 *
 * Of those that come one after the other most differ in their object alone: where that is passed by value, an entry's
 * tuple is a copy of an earlier one's, with the object put in.
 */
#include "relmeta.h"

#include "access/htup_details.h"
#include "access/motion.h"
#include "access/store.h"
#include "access/tableam.h"
#include "access/tupmacs.h"
#include "access/xact.h"
#include "executor/executor.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "model/key.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* entries that are inserted together, at the most */
#define PENDING_MAX		500

/* tuples that are kept to be copied, mostly of so many principals; with few rows that come together it does not pay */
#define PATTERNS		4
#define FIRST_ROWS		4

/* A tuple, and copies of the values that it was made of, but for the object's. */
typedef struct Pattern
{
	HeapTuple	tuple;			/* NULL: none yet */
	Datum		values[ENTRY_COLUMNS];
	bool		nulls[ENTRY_COLUMNS];
} Pattern;

typedef struct Pending
{
	TupleTableSlot *slots[PENDING_MAX]; /* NULL: not made yet */
	int			n;
	bool		copies;			/* tuples may be copied */
	Pattern		patterns[PATTERNS];
	int			next_pattern;
	BulkInsertState bulk;
} Pending;

void
access_store_begin_to_write(Store *store)
{
	PreventCommandIfReadOnly("a change of access");
	PreventCommandIfParallelMode("a change of access");
	store->written = true;
}

void
access_store_prepare(Store *store)
{
	MemoryContext old;

	access_store_begin_to_write(store);
	if (store->estate != NULL)
		return;
	old = MemoryContextSwitchTo(store->cxt);
	store->estate = CreateExecutorState();
	store->result = makeNode(ResultRelInfo);
	InitResultRelInfo(store->result, store->rel, 0, NULL, 0);
	ExecOpenIndices(store->result, false);
	store->pending = palloc0(sizeof(Pending));
	store->pending->copies = model_key_type(store->table)->typbyval &&
		table_slot_callbacks(store->rel) == &TTSOpsBufferHeapTuple;
	MemoryContextSwitchTo(old);
}

TupleTableSlot *
access_store_slot(Store *store, int i)
{
	Pending    *pending = store->pending;

	if (pending->slots[i] == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(store->cxt);

		pending->slots[i] = pending->copies ?
			MakeSingleTupleTableSlot(RelationGetDescr(store->rel), &TTSOpsHeapTuple) :
			table_slot_create(store->rel, NULL);
		MemoryContextSwitchTo(old);
	}
	return pending->slots[i];
}

void
access_store_insert_pending(Store *store)
{
	Pending    *pending = store->pending;
	MemoryContext old;

	if (pending == NULL || pending->n == 0)
		return;
	if (pending->bulk == NULL && pending->n > 1)
	{
		old = MemoryContextSwitchTo(store->cxt);
		pending->bulk = GetBulkInsertState();
		MemoryContextSwitchTo(old);
	}

	/*
	 * the context is only for what the access method and the indexes need in
	 * between
	 */
	old = MemoryContextSwitchTo(GetPerTupleMemoryContext(store->estate));
	table_multi_insert(store->rel, pending->slots, pending->n, GetCurrentCommandId(true), 0, pending->bulk);
	access_store_insert_index(store, pending->slots, pending->n);
	MemoryContextSwitchTo(old);
	for (int i = 0; i < pending->n; i++)
		ExecClearTuple(pending->slots[i]);
	pending->n = 0;
	CHECK_FOR_INTERRUPTS();
}

void
access_store_end_inserts(Store *store)
{
	Pending    *pending = store->pending;

	if (store->estate == NULL)
		return;
	for (int i = 0; i < PENDING_MAX && pending->slots[i] != NULL; i++)
		ExecDropSingleTupleTableSlot(pending->slots[i]);
	if (pending->bulk != NULL)
		FreeBulkInsertState(pending->bulk);
	ExecCloseIndices(store->result);
	FreeExecutorState(store->estate);
}

/* ---- tuples ---- */

/* Are the values, of the column of number i, the same byte by byte? */
static bool
is_same(TupleDesc desc, int i, Datum a, Datum b)
{
	Form_pg_attribute attribute = TupleDescAttr(desc, i);
	Size		size;

	if (attribute->attbyval)
		return a == b;
	size = datumGetSize(a, false, attribute->attlen);
	return size == datumGetSize(b, false, attribute->attlen) &&
		memcmp(DatumGetPointer(a), DatumGetPointer(b), size) == 0;
}

/* Does the tuple differ from one with these values in the object alone? */
static bool
is_like(TupleDesc desc, Pattern *pattern, const Datum *values, const bool *nulls)
{
	if (pattern->tuple == NULL || memcmp(pattern->nulls, nulls, sizeof(pattern->nulls)) != 0)
		return false;
	for (int i = ENTRY_OBJECT; i < ENTRY_COLUMNS; i++)
		if (!nulls[i] && !is_same(desc, i, pattern->values[i], values[i]))
			return false;
	return true;
}

void
access_store_fill_slot(TupleTableSlot *slot, const Datum *values, const bool *nulls)
{
	memcpy(slot->tts_values, values, ENTRY_COLUMNS * sizeof(Datum));
	memcpy(slot->tts_isnull, nulls, ENTRY_COLUMNS * sizeof(bool));
	/* columns that were dropped */
	memset(slot->tts_isnull + ENTRY_COLUMNS, true, slot->tts_tupleDescriptor->natts - ENTRY_COLUMNS);
	ExecStoreVirtualTuple(slot);
	ExecMaterializeSlot(slot);
}

/* Makes the pattern a copy of the tuple in a slot, which has these values. */
static void
keep_pattern(Store *store, Pattern *pattern, TupleTableSlot *slot, const Datum *values, const bool *nulls)
{
	MemoryContext old = MemoryContextSwitchTo(store->cxt);
	TupleDesc	desc = RelationGetDescr(store->rel);

	for (int i = ENTRY_OBJECT; i < ENTRY_COLUMNS; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);

		if (pattern->tuple != NULL && !pattern->nulls[i] && !attribute->attbyval)
			pfree(DatumGetPointer(pattern->values[i]));
		if (!nulls[i])
			pattern->values[i] = datumCopy(values[i], attribute->attbyval, attribute->attlen);
	}
	if (pattern->tuple != NULL)
		heap_freetuple(pattern->tuple);
	pattern->tuple = ExecCopySlotHeapTuple(slot);
	memcpy(pattern->nulls, nulls, sizeof(pattern->nulls));
	MemoryContextSwitchTo(old);
}

/* Makes the slot a copy of a pattern with this object: the first column, which is never NULL. */
static void
copy_pattern(Store *store, TupleTableSlot *slot, Pattern *pattern, Datum object)
{
	MemoryContext old = MemoryContextSwitchTo(store->cxt);
	HeapTuple	tuple = heap_copytuple(pattern->tuple);

	MemoryContextSwitchTo(old);
	store_att_byval((char *) tuple->t_data + tuple->t_data->t_hoff, object,
					TupleDescAttr(RelationGetDescr(store->rel), ENTRY_OBJECT - 1)->attlen);
	ExecStoreHeapTuple(tuple, slot, true);
}

/* Makes the slot a row with these values, by a pattern where there is one. */
static void
make_row(Store *store, TupleTableSlot *slot, const Datum *values, const bool *nulls)
{
	Pending    *pending = store->pending;
	Pattern    *pattern;

	for (int i = 0; i < PATTERNS && pending->n >= FIRST_ROWS; i++)
	{
		if (is_like(RelationGetDescr(store->rel), &pending->patterns[i], values, nulls))
		{
			copy_pattern(store, slot, &pending->patterns[i], values[ENTRY_OBJECT - 1]);
			return;
		}
	}
	access_store_fill_slot(slot, values, nulls);
	if (!pending->copies || pending->n < FIRST_ROWS)
		return;
	pattern = &pending->patterns[pending->next_pattern];
	pending->next_pattern = (pending->next_pattern + 1) % PATTERNS;
	keep_pattern(store, pattern, slot, values, nulls);
}

void
access_store_insert(Store *store, const Datum *values, const bool *nulls)
{
	access_motion_check(store->table, values[ENTRY_OBJECT - 1]);
	if (store->by_statement)
	{
		access_statement_insert(store, values, nulls);
		return;
	}
	access_store_prepare(store);
	make_row(store, access_store_slot(store, store->pending->n), values, nulls);
	if (++store->pending->n == PENDING_MAX)
		access_store_insert_pending(store);
}
