/*
 * waiting.c
 *		Rows of this transaction that point to a key that no row has yet; see moves.h.
 *
 * Per relationship a list in the order of what happened: a row points to a missing
 * key, and: a row does not wait any more.  It is only appended to.  What an aborted
 * subtransaction has written in it does not count in the end: each row of the list
 * has the transaction's number.
 *
 * MEMORY RULE.  A list lives in a context of its own below TopTransactionContext,
 * to which its relationship, as it was when the list was made, is pinned.
 */
#include "relmeta.h"

#include "access/xact.h"
#include "inherit/moves.h"
#include "model/key.h"
#include "utils/memutils.h"

#define WAITING_KEY 0
#define WAITING_LOOKUP 1		/* null: it waits no more */
#define WAITING_XID 2
#define WAITING_COLUMNS 3

typedef struct WaitingList
{
	struct WaitingList *next;
	MemoryContext cxt;
	ModelRelationship *relationship;
	RowList    *rows;
} WaitingList;

static WaitingList *lists = NULL;

static bool
same_types(ModelRelationship *a, ModelRelationship *b)
{
	return model_key_param(a->related, false) == model_key_param(b->related, false) &&
		model_columns_param(&a->lookup, false) == model_columns_param(&b->lookup, false);
}

static WaitingList *
find_list(ModelRelationship *relationship)
{
	for (WaitingList *list = lists; list != NULL; list = list->next)
		if (list->relationship->id == relationship->id && same_types(list->relationship, relationship))
			return list;
	return NULL;
}

/* The relationship is the model's. */
static WaitingList *
make_list(Model *model, ModelRelationship *relationship)
{
	MemoryContext cxt = AllocSetContextCreate(TopTransactionContext, "relmeta waiting rows", ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(cxt);
	WaitingList *list = palloc0(sizeof(WaitingList));
	ModelType  *types[WAITING_COLUMNS];

	model_pin(model, cxt);
	list->cxt = cxt;
	list->relationship = relationship;
	types[WAITING_KEY] = model_key_type(relationship->related);
	types[WAITING_LOOKUP] = model_lookup_type(relationship);
	types[WAITING_XID] = model_type_int4();
	list->rows = rows_list_make(WAITING_COLUMNS, types);
	list->next = lists;
	lists = list;
	MemoryContextSwitchTo(old);
	return list;
}

static void
add(WaitingList *list, Datum key, Datum lookup, bool linked)
{
	Datum		values[WAITING_COLUMNS];
	bool		nulls[WAITING_COLUMNS] = {false, linked, false};

	values[WAITING_KEY] = key;
	values[WAITING_LOOKUP] = lookup;
	values[WAITING_XID] = TransactionIdGetDatum(GetCurrentTransactionId());
	rows_list_add(list->rows, values, nulls);
}

void
inherit_waiting_add(Model *model, ModelRelationship *relationship, Datum key, Datum lookup)
{
	WaitingList *list = find_list(relationship);

	if (list == NULL)
	{
		/* the caller's may be of an older picture */
		relationship = model_relationship_by_id(model, relationship->id);
		if (relationship == NULL || relationship->broken != NULL)
			return;
		list = make_list(model, relationship);
	}
	add(list, key, lookup, false);
}

void
inherit_waiting_linked(ModelRelationship *relationship, DatumSet *keys)
{
	WaitingList *list = find_list(relationship);

	for (int k = 0; list != NULL && k < keys->count; k++)
		add(list, keys->values[k], (Datum) 0, true);
}

bool
inherit_waiting_any(void)
{
	return lists != NULL;
}

/* Reads a row of the list; false when it was undone. */
static bool
read_row(WaitingList *list, int64 row, Datum *values, bool *nulls)
{
	rows_list_get(list->rows, row, values, nulls);
	return TransactionIdIsCurrentTransactionId(DatumGetTransactionId(values[WAITING_XID]));
}

/* The rows that were linked, and parallel to them the last row of the list that says so. */
static DatumSet *
read_linked(WaitingList *list, int64 **last)
{
	DatumSet   *linked = rows_set_make(model_key_type(list->relationship->related));
	Datum		values[WAITING_COLUMNS];
	bool		nulls[WAITING_COLUMNS];

	*last = MemoryContextAllocHuge(CurrentMemoryContext, list->rows->nrows * sizeof(int64));
	for (int64 row = 0; row < list->rows->nrows; row++)
		if (read_row(list, row, values, nulls) && nulls[WAITING_LOOKUP])
			(*last)[rows_set_index(linked, values[WAITING_KEY])] = row;
	return linked;
}

DatumSet *
inherit_waiting_rows(ModelRelationship *relationship, DatumSet **lookups)
{
	WaitingList *list = find_list(relationship);
	DatumSet   *linked;
	DatumSet   *keys;
	int64	   *last;
	Datum		values[WAITING_COLUMNS];
	bool		nulls[WAITING_COLUMNS];

	if (list == NULL)
		return NULL;
	linked = read_linked(list, &last);
	keys = rows_set_make(model_key_type(relationship->related));
	*lookups = rows_set_make(model_lookup_type(relationship));
	for (int64 row = 0; row < list->rows->nrows; row++)
	{
		int			i;

		if (!read_row(list, row, values, nulls) || nulls[WAITING_LOOKUP])
			continue;
		i = rows_set_find(linked, values[WAITING_KEY]);
		if (i >= 0 && last[i] > row)
			continue;
		rows_set_add(keys, values[WAITING_KEY]);
		rows_set_add(*lookups, values[WAITING_LOOKUP]);
	}
	return keys->count > 0 ? keys : NULL;
}

void
inherit_waiting_forget(void)
{
	while (lists != NULL)
	{
		WaitingList *list = lists;

		lists = list->next;
		MemoryContextDelete(list->cxt);
	}
}
