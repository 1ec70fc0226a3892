/*
 * reassigned.c
 *		The rows of a table that changed owner in a statement; see reassigned.h.
 */
#include "relmeta.h"

#include "inherit/reassigned.h"
#include "model/key.h"
#include "utils/datum.h"

/*
 * May a row stand in the list more than once?  A command assigns a row once, and a cascade none that has its owner
 * already.  So where the statement and its cascades know one owner, somebody else must have had a hand in it, and a
 * list of one row has no second.
 */
static bool
may_repeat(Frame *frame, int64 n)
{
	return n > 1 && (frame->many_owners || frame->others_flushed);
}

#define FOLDED_OWN 3
#define FOLDED_COLUMNS 4

/* A row of a folded list, kept while the sorted rows of its key are read. */
typedef struct Folded
{
	Datum		values[FOLDED_COLUMNS];
	bool		nulls[FOLDED_COLUMNS];
	bool		any;
} Folded;

static void
end_row(Folded *row, RowList *list)
{
	if (!row->any)
		return;
	rows_list_add(list, row->values, row->nulls);
	for (int i = 0; i < FOLDED_COLUMNS; i++)
		if (!row->nulls[i] && !list->types[i]->typbyval)
			pfree(DatumGetPointer(row->values[i]));
	memset(row, 0, sizeof(Folded));
}

static void
set_column(Folded *row, RowList *list, int column, Datum *values, bool *nulls)
{
	ModelType  *type = list->types[column];

	if (row->any && !row->nulls[column] && !type->typbyval)
		pfree(DatumGetPointer(row->values[column]));
	row->nulls[column] = nulls[column];
	row->values[column] = nulls[column] ? (Datum) 0 : datumCopy(values[column], type->typbyval, type->typlen);
}

/* Of rows [from, end) of the list, the first old owner and the last new owner of each key. */
static void
fold(Reassigned *net)
{
	RowList    *sorted = rows_list_sorted(net->rows, net->from, net->end, 1, COLUMNS(ASSIGNED_KEY));
	ModelType  *types[FOLDED_COLUMNS] = {sorted->types[0], sorted->types[1], sorted->types[2], model_type_bool()};
	RowList    *list = rows_list_make(FOLDED_COLUMNS, types);
	Folded		row = {0};
	Datum		values[4];
	bool		nulls[4];

	for (int64 i = 0; i < sorted->nrows; i++)
	{
		rows_list_get(sorted, i, values, nulls);
		if (row.any && !model_type_equal(types[ASSIGNED_KEY], row.values[ASSIGNED_KEY], values[ASSIGNED_KEY]))
			end_row(&row, list);
		if (!row.any)
			set_column(&row, list, ASSIGNED_OLD, values, nulls);
		set_column(&row, list, ASSIGNED_KEY, values, nulls);
		set_column(&row, list, ASSIGNED_NEW, values, nulls);
		row.values[FOLDED_OWN] = BoolGetDatum(DatumGetBool(row.values[FOLDED_OWN]) ||
											  DatumGetInt64(values[3]) < net->own);
		row.any = true;
	}
	end_row(&row, list);
	net->rows = list;
	net->folded = true;
	net->from = 0;
	net->own = net->end = list->nrows;
}

Reassigned *
inherit_reassigned(TableChanges *changes, const FlushStep *step)
{
	Reassigned *net = palloc0(sizeof(Reassigned));

	net->changes = changes;
	net->table = changes->table;
	net->rows = changes->assigned->rows;
	net->from = collect_unseen_from(changes->assigned, step);
	net->own = Max(net->from, changes->assigned_own);
	net->end = net->rows->nrows;
	if (may_repeat(changes->frame, net->end - net->from))
		fold(net);
	return net;
}

/* Is it the same owner after all? */
static bool
unchanged(ModelType *type, Owners *owners)
{
	if (owners->old_null || owners->new_null)
		return owners->old_null && owners->new_null;
	return model_type_equal(type, owners->old_owner, owners->new_owner);
}

KeyMap *
inherit_reassigned_read(Reassigned *net, int64 from, int64 upto, bool own)
{
	ModelType  *type = &net->table->owner.type;
	KeyMap	   *map = rows_map_make(model_key_type(net->table), sizeof(Owners));
	Datum		values[FOLDED_COLUMNS];
	bool		nulls[FOLDED_COLUMNS];

	for (int64 row = from; row < upto; row++)
	{
		Owners		owners;

		rows_list_get(net->rows, row, values, nulls);
		if (own && !(net->folded ? DatumGetBool(values[FOLDED_OWN]) : row < net->own))
			continue;
		owners.old_null = nulls[ASSIGNED_OLD];
		owners.old_owner = values[ASSIGNED_OLD];
		owners.new_null = nulls[ASSIGNED_NEW];
		owners.new_owner = values[ASSIGNED_NEW];
		if (unchanged(type, &owners))
			continue;
		if (!owners.old_null)
			owners.old_owner = datumCopy(owners.old_owner, type->typbyval, type->typlen);
		if (!owners.new_null)
			owners.new_owner = datumCopy(owners.new_owner, type->typbyval, type->typlen);
		*(Owners *) rows_map_enter(map, values[ASSIGNED_KEY], NULL) = owners;
	}
	return map;
}
