/*
 * fetch_related.c
 *		The rows that point to some rows, without a statement: to a few by an index led by the lookup, to many out of
 *		the whole table.
 *
 * As fetch.c for rows by their keys: an executor's start and end cost more than some rows, and a hierarchy of many
 * levels has few on each; of many rows each costs an executor more than its lock.  Nobody's code runs but the types'
 * own functions, as the table's owner, restricted.
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/store.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_index.h"
#include "miscadmin.h"
#include "model/key.h"
#include "rows/fetch.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

/* Is it an index of all rows, led by the lookup, that may be searched by the snapshot? */
static bool
leads(Oid indexrelid, ModelKeyColumns *lookup)
{
	HeapTuple	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(indexrelid));
	Form_pg_index form;
	bool		leads;

	if (!HeapTupleIsValid(tuple))
		return false;
	form = (Form_pg_index) GETSTRUCT(tuple);
	leads = form->indisvalid && !form->indcheckxmin && model_columns_lead(lookup, form) &&
		heap_attisnull(tuple, Anum_pg_index_indpred, NULL);
	ReleaseSysCache(tuple);
	return leads;
}

static Relation
open_index(Relation rel, ModelRelationship *relationship)
{
	List	   *indexes = RelationGetIndexList(rel);
	Relation	found = NULL;
	ListCell   *lc;

	foreach(lc, indexes)
	{
		Relation	index;

		if (!leads(lfirst_oid(lc), &relationship->lookup))
			continue;
		index = index_open(lfirst_oid(lc), AccessShareLock);
		if (model_columns_searchable(&relationship->lookup, relationship->primary, index))
		{
			found = index;
			break;
		}
		index_close(index, AccessShareLock);
	}
	list_free(indexes);
	return found;
}

/* Does the row in the slot point to a row of the primary table, by its type column? */
static bool
has_type(RelatedFetch *fetching)
{
	ModelColumn *type_column = &fetching->relationship->type_column;
	Datum		value;
	bool		isnull;

	if (type_column->name == NULL)
		return true;
	value = slot_getattr(fetching->slot, type_column->attnum, &isnull);
	return !isnull && model_type_equal(&type_column->type, value, fetching->type_value);
}

bool
rows_points_to(RelatedFetch *fetching, int parent)
{
	ModelRelationship *relationship = fetching->relationship;
	bool		isnull;
	Datum		value = model_columns_of_row(&relationship->lookup, fetching->slot, &isnull);

	return !isnull && model_key_equal(relationship->primary, value, fetching->parents->values[parent]) &&
		has_type(fetching);
}

/* Hands the row in the slot over as build_related()'s statement would: key, owner, number from 1, is it active? */
static void
hand_over(RelatedFetch *fetching, int parent)
{
	ModelTable *related = fetching->relationship->related;
	TupleTableSlot *slot = fetching->slot;
	Datum		values[4] = {0};
	bool		nulls[4] = {false, true, false, false};
	Datum		state = (Datum) 0;
	bool		state_null = true;
	MemoryContext old = MemoryContextSwitchTo(fetching->scratch);

	values[0] = model_key_of_row(related, slot);
	if (related->owner.name != NULL)
		values[1] = slot_getattr(slot, related->owner.attnum, &nulls[1]);
	values[2] = Int64GetDatum((int64) parent + 1);
	if (fetching->active && related->state.name != NULL)
		state = slot_getattr(slot, related->state.attnum, &state_null);
	values[3] = BoolGetDatum(!fetching->active || rows_is_active(related, state, state_null));
	fetching->receive(values, nulls, fetching->arg);
	MemoryContextSwitchTo(old);
	MemoryContextReset(fetching->scratch);
}

/* A row in the slot that points to a parent as the snapshot sees it.  False: there are too many. */
static bool
found(RelatedFetch *fetching, int parent)
{
	if (fetching->receive == NULL || fetching->lock != ROW_UNLOCKED)
		return rows_candidates_add(&fetching->candidates, fetching->slot, parent);
	hand_over(fetching, parent);
	return true;
}

/* All rows that point to one parent.  False: there are too many. */
static bool
fetch_parent(RelatedFetch *fetching, IndexScanDesc scan, int parent)
{
	ModelRelationship *relationship = fetching->relationship;
	ModelKeyColumns *lookup = &relationship->lookup;
	ScanKeyData scankeys[MODEL_KEY_COLUMNS];

	model_columns_scan(lookup, relationship->primary, fetching->index, fetching->parents->values[parent], scankeys);
	index_rescan(scan, scankeys, model_columns_count(lookup), NULL, 0);
	while (index_getnext_slot(scan, ForwardScanDirection, fetching->slot))
	{
		CHECK_FOR_INTERRUPTS();
		if (rows_points_to(fetching, parent) && !found(fetching, parent))
			return false;
	}
	return true;
}

/* Locks what was noted, and hands over what points where it did. */
static void
lock_candidates(RelatedFetch *fetching)
{
	for (int i = 0; i < fetching->candidates.n; i++)
	{
		Candidate  *candidate = &fetching->candidates.rows[i];
		bool		moved;

		CHECK_FOR_INTERRUPTS();
		if (rows_lock_version(fetching->rel, fetching->snapshot, &candidate->tid, fetching->slot, fetching->lock,
							  &moved) &&
			(!moved || rows_points_to(fetching, candidate->number)))
			hand_over(fetching, candidate->number);
	}
}

/* Looks for each parent.  False: there are too many rows. */
static bool
fetch_by_index(RelatedFetch *fetching)
{
	IndexScanDesc scan = relmeta_index_beginscan(fetching->rel, fetching->index, fetching->snapshot,
												 model_columns_count(&fetching->relationship->lookup));
	bool		all = true;

	for (int parent = 0; parent < fetching->parents->count && all; parent++)
		all = fetch_parent(fetching, scan, parent);
	index_endscan(scan);
	return all;
}

/* The same, out of all rows of the table. */
static bool
fetch_from_all(RelatedFetch *fetching)
{
	TableScanDesc scan = relmeta_beginscan(fetching->rel, fetching->snapshot);
	ModelKeyColumns *lookup = &fetching->relationship->lookup;
	bool		all = true;

	while (all && table_scan_getnextslot(scan, ForwardScanDirection, fetching->slot))
	{
		bool		isnull;
		Datum		value = model_columns_of_row(lookup, fetching->slot, &isnull);
		int			parent = isnull ? -1 : rows_set_find(fetching->parents, value);

		CHECK_FOR_INTERRUPTS();
		if (parent >= 0 && has_type(fetching))
			all = found(fetching, parent);
	}
	table_endscan(scan);
	return all;
}

/* Are there so many that reading the whole table is cheaper?  They are told apart by their images then. */
static bool
reads_all(RelatedFetch *fetching)
{
	return fetching->parents->type->by_image && model_lookup_type(fetching->relationship)->by_image &&
		access_all_cheaper(fetching->rel, fetching->parents->count);
}

bool
rows_related_begin(RelatedFetch *fetching)
{
	ModelRelationship *relationship = fetching->relationship;
	ModelType  *key = model_key_type(relationship->primary);
	ModelType  *lookup = model_lookup_type(relationship);
	bool		few = fetching->parents->count <= PLAN_FEW_ROWS;

	if (relationship->related->is_partitioned || lookup->base_type != key->base_type)
		return false;
	model_related_check_columns(relationship, fetching->rel);
	if (few)
		fetching->index = open_index(fetching->rel, relationship);
	if (fetching->index == NULL && (few || !reads_all(fetching)))
		return false;
	if (relationship->type_column.name != NULL)
		fetching->type_value = model_type_input(&relationship->type_column.type, relationship->type_value);
	CommandCounterIncrement();
	fetching->snapshot = RegisterSnapshot(fetching->snapshot != NULL ? fetching->snapshot : GetLatestSnapshot());
	fetching->slot = table_slot_create(fetching->rel, NULL);
	rows_candidates_begin(&fetching->candidates, relationship->related);
	return true;
}

bool
rows_related_find(RelatedFetch *fetching)
{
	bool		all = fetching->index != NULL ? fetch_by_index(fetching) : fetch_from_all(fetching);

	if (all)
		rows_candidates_sort(&fetching->candidates);
	return all;
}

void
rows_related_end(RelatedFetch *fetching)
{
	ExecDropSingleTupleTableSlot(fetching->slot);
	UnregisterSnapshot(fetching->snapshot);
	if (fetching->index != NULL)
		index_close(fetching->index, NoLock);
}

bool
rows_fetch_related(ModelRelationship *relationship, DatumSet *parents, ModelBehavior behavior, RowLock lock,
				   Snapshot snapshot, RowReceiver receive, void *arg)
{
	RelatedFetch fetching = {relationship, parents, lock, behavior == BEHAVIOR_ACTIVE,.snapshot = snapshot,
	.receive = receive,.arg = arg};
	bool		done = false;

	Assert(lock != ROW_ATTACHED);
	if (lock != ROW_UNLOCKED)
		PreventCommandIfReadOnly("a row lock");
	fetching.rel = relmeta_relation_open(relationship->related->relid,
										 lock == ROW_UNLOCKED ? AccessShareLock : RowShareLock);
	if (rows_related_begin(&fetching))
	{
		ActingAs	saved = relmeta_act_begin(fetching.rel->rd_rel->relowner, ACT_RESTRICTED);

		fetching.scratch = AllocSetContextCreate(CurrentMemoryContext, "relmeta row", ALLOCSET_SMALL_SIZES);
		done = rows_related_find(&fetching);
		if (done)
			lock_candidates(&fetching);
		relmeta_act_end(saved);
		MemoryContextDelete(fetching.scratch);
		rows_related_end(&fetching);
	}
	table_close(fetching.rel, NoLock);
	return done;
}
