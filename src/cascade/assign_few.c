/*
 * assign_few.c
 *		An assign of a row or few, or of so many that the related table is read whole, carried down a relationship
 *		without a statement; see assign_few.h.
 *
 * Where the related table's triggers do nothing but tell of the rows, those are changed by rows/reown.c and noted here,
 * and the flush goes on with them at once: no statement's end will come (flush.c).
 *
 * Rows that give something are held FOR UPDATE before their related rows are looked at (rows.h).  A row that is changed
 * here is held so before it is changed: the version that others see keeps that, as the one of a row whose key changes,
 * and its new version is nobody's to be locked yet.  So the next level need not lock it once more.
 */
#include "relmeta.h"

#include "access/table.h"
#include "access/xact.h"
#include "cascade/assign_few.h"
#include "model/key.h"
#include "rows/reown.h"
#include "utils/rel.h"

static void
note_row(TupleTableSlot *before, TupleTableSlot *after, void *leaf)
{
	collect_updated(leaf, before, after);
}

/* The keys in rows [row, end) of the list, with their former owners; false when one is there twice. */
static bool
read_parents(Reown *reown, RowList *assigned, int64 row, int64 end)
{
	Datum		values[3];
	bool		nulls[3];

	reown->parents = rows_map_make(model_key_type(reown->relationship->primary), sizeof(NullableDatum));
	for (int n = 0; row + n < end; n++)
	{
		ModelType  *type = assigned->types[ASSIGNED_OLD];
		NullableDatum *former;
		int			number;

		rows_list_get(assigned, row + n, values, nulls);
		former = rows_map_enter(reown->parents, values[ASSIGNED_KEY], &number);
		if (number < n)
			return false;
		former->isnull = nulls[ASSIGNED_OLD];
		former->value = nulls[ASSIGNED_OLD] ? (Datum) 0 :
			datumCopy(values[ASSIGNED_OLD], type->typbyval, type->typlen);
	}
	return true;
}

static int64
rows_assigned(TableChanges *changes)
{
	return changes->assigned == NULL ? 0 : changes->assigned->rows->nrows;
}

/* Rows of the list from this one on are held. */
static void
note_held(TableChanges *changes, int64 from)
{
	if (changes->held_upto != from)
		changes->held_from = from;
	changes->held_upto = rows_assigned(changes);
}

bool
cascade_assign_holds(TableChanges *changes, int64 from, int64 upto)
{
	return from >= changes->held_from && upto <= changes->held_upto;
}

bool
cascade_assign_few(Frame *frame, ModelRelationship *relationship, RowList *assigned, int64 row, int64 end, bool others,
				   uint64 *rows)
{
	ModelTable *related = relationship->related;
	Reown		reown = {relationship,.locks_others = others};
	LeafChanges *leaf;
	Relation	rel;
	bool		done;

	if (frame->many_owners || IsolationUsesXactSnapshot() || related->is_partitioned ||
		frame->owner_type->base_type != related->owner.type.base_type || !read_parents(&reown, assigned, row, end))
		return false;
	rel = relmeta_relation_open(related->relid, NoLock);
	leaf = collect_leaf_of(frame, rel);
	done = leaf->changes != NULL && collect_needs_no_trigger(rel, CMD_UPDATE);
	if (done)
	{
		int64		before = rows_assigned(leaf->changes);

		reown.owner.value = frame->one_owner;
		reown.owner.isnull = frame->one_owner_null;
		reown.lock = rows_passes_on(related) ? ROW_UPDATE : ROW_UNLOCKED;
		reown.receive = note_row;
		reown.arg = leaf;
		done = rows_reown(&reown, rel) && !reown.rest;
		*rows += reown.rows;
		if (reown.lock == ROW_UPDATE)
			note_held(leaf->changes, before);
	}
	table_close(rel, NoLock);
	return done;
}
