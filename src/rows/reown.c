/*
 * reown.c
 *		A few rows get another owner without a statement; see reown.h.
 *
 * An executor's start and end, and the events of triggers that look at a row once more, cost more than to change it.
 * Done here is what the executor does for UPDATE ... SET owner: constraints, the row, its index entries.  What it would
 * do besides is asked for first (may_change()): a table for which that matters, and a row for which it does, is left to
 * a statement.
 *
 * Rows are changed in the order of their keys, each as soon as it is held.  A row that others change meanwhile is
 * waited for, and looked at again, as EvalPlanQual does.
 */
#include "relmeta.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "commands/trigger.h"
#include "compat_table.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "rows/fetch.h"
#include "rows/reown.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

typedef struct Reowning
{
	Reown	   *reown;
	RelatedFetch *fetch;
	bool		guarded;		/* foreign keys' triggers stand there */
	EState	   *estate;
	ResultRelInfo *result;
	TupleTableSlot *after;
} Reowning;

/* ---- does it take a statement? ---- */

/* Has the table a native foreign key, or is it pointed to by one?  *plain: no key of its has the owner in it. */
static bool
has_foreign_keys(Relation rel, AttrNumber owner, bool *plain)
{
	bool		any = false;
	ListCell   *lc;

	for (int i = 0; rel->trigdesc != NULL && i < rel->trigdesc->numtriggers && !any; i++)
		any = rel->trigdesc->triggers[i].tgisinternal;
	if (!any)
		return false;
	foreach(lc, RelationGetFKeyList(rel))
	{
		ForeignKeyCacheInfo *key = lfirst(lc);

		for (int i = 0; i < key->nkeys; i++)
			*plain &= key->conkey[i] != owner;
	}
	return true;
}

/* May the owner's value be put into the row as it is, and by whom the table belongs to? */
static bool
may_change(Relation rel, ModelColumn *owner, bool *guarded)
{
	Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(rel), owner->attnum - 1);
	Bitmapset  *keys;
	bool		plain = true;

	/* a domain has checks, a modifier changes or refuses the value */
	if (attribute->atttypid != owner->type.base_type || attribute->atttypmod != -1 ||
		relmeta_has_generated_columns(RelationGetDescr(rel)))
		return false;
	/* RI asks about changes of keys; its rows are held otherwise, too */
	*guarded = has_foreign_keys(rel, owner->attnum, &plain);
	keys = RelationGetIndexAttrBitmap(rel, INDEX_ATTR_BITMAP_KEY);
	plain &= !bms_is_member(owner->attnum - FirstLowInvalidHeapAttributeNumber, keys);
	bms_free(keys);
	return plain && rows_changes_unseen(rel, ACL_UPDATE);
}

/*
 * RI looks at a row again that this transaction has inserted, whatever changes in it: the event of the INSERT finds a
 * version then that is not there any more (RI_FKey_fk_upd_check_required()).
 */
static bool
is_for_statement(Reowning *reowning)
{
	bool		isnull;
	Datum		xmin;

	if (!reowning->guarded)
		return false;
	xmin = slot_getsysattr(reowning->fetch->slot, MinTransactionIdAttributeNumber, &isnull);
	return TransactionIdIsCurrentTransactionId(DatumGetTransactionId(xmin));
}

/* ---- one row ---- */

/* Is the row in the slot, which points to that parent, to get the owner? */
static bool
follows(Reowning *reowning, int parent)
{
	Reown	   *reown = reowning->reown;
	ModelRelationship *relationship = reown->relationship;
	ModelTable *related = relationship->related;
	ModelType  *type = &related->owner.type;
	ModelBehavior behavior = relationship->behavior[ACTION_ASSIGN];
	TupleTableSlot *slot = reowning->fetch->slot;
	NullableDatum *former = rows_map_at(reown->parents, parent);
	bool		isnull;
	bool		state_null = true;
	Datum		state = (Datum) 0;
	Datum		owner = slot_getattr(slot, related->owner.attnum, &isnull);

	if (isnull ? reown->owner.isnull :
		!reown->owner.isnull && model_type_equal(type, owner, reown->owner.value))
		return false;
	if (behavior == BEHAVIOR_ACTIVE && related->state.name != NULL)
		state = slot_getattr(slot, related->state.attnum, &state_null);
	return rows_matches(behavior, rows_is_active(related, state, state_null),
						!isnull && !former->isnull && model_type_equal(type, owner, former->value));
}

/* The row in the slot gets the owner. */
static TM_Result
change_row(Reowning *reowning)
{
	Reown	   *reown = reowning->reown;
	TupleTableSlot *before = reowning->fetch->slot;
	TupleTableSlot *after = reowning->after;
	AttrNumber	owner = reown->relationship->related->owner.attnum;
	int			natts = before->tts_tupleDescriptor->natts;
	ItemPointerData tid = before->tts_tid;
	TM_Result	result;

	slot_getallattrs(before);
	ExecClearTuple(after);
	memcpy(after->tts_values, before->tts_values, natts * sizeof(Datum));
	memcpy(after->tts_isnull, before->tts_isnull, natts * sizeof(bool));
	after->tts_values[owner - 1] = reown->owner.value;
	after->tts_isnull[owner - 1] = reown->owner.isnull;
	for (int i = 0; i < natts; i++)
		after->tts_isnull[i] |= TupleDescAttr(after->tts_tupleDescriptor, i)->attisdropped;
	ExecStoreVirtualTuple(after);
	after->tts_tableOid = RelationGetRelid(reowning->fetch->rel);
	if (RelationGetDescr(reowning->fetch->rel)->constr != NULL)
		ExecConstraints(reowning->result, after, reowning->estate);
	result = relmeta_update_tuple(reowning->result, &tid, after, reowning->fetch->snapshot, reowning->estate);
	if (result == TM_Ok)
	{
		reown->rows++;
		reown->receive(before, after, reown->arg);
	}
	ResetPerTupleExprContext(reowning->estate);
	return result;
}

/* Holds the newest version of a row, which the slot has then; false when it is gone or points elsewhere. */
static bool
hold_row(Reowning *reowning, ItemPointerData tid, int parent, RowLock lock)
{
	RelatedFetch *fetch = reowning->fetch;
	bool		moved;

	return rows_lock_version(fetch->rel, fetch->snapshot, &tid, fetch->slot, lock, &moved) &&
		(!moved || rows_points_to(fetch, parent));
}

static void
reown_row(Reowning *reowning, Candidate *found)
{
	Reown	   *reown = reowning->reown;
	RelatedFetch *fetch = reowning->fetch;
	RowLock		lock = ROW_NO_KEY_UPDATE;

	if (!table_tuple_fetch_row_version(fetch->rel, &found->tid, fetch->snapshot, fetch->slot))
		elog(ERROR, "a row that was found is not there");
	if (follows(reowning, found->number))
	{
		if (is_for_statement(reowning))
		{
			reown->rest = true;
			return;
		}
		if (reown->lock == ROW_UNLOCKED)
		{
			TM_Result	result = change_row(reowning);

			if (result == TM_Ok || result == TM_SelfModified)
				return;
		}
		else
			lock = reown->lock;
	}
	else if (!reown->locks_others)
		return;

	/* what it is by now */
	if (!hold_row(reowning, found->tid, found->number, lock) || !follows(reowning, found->number))
		return;
	if (reown->lock != ROW_UNLOCKED && lock != reown->lock &&
		!hold_row(reowning, fetch->slot->tts_tid, found->number, reown->lock))
		return;
	if (change_row(reowning) != TM_Ok)
		elog(ERROR, "a row that is held was changed by others");
}

/* ---- all of them ---- */

static void
begin_changes(Reowning *reowning)
{
	Relation	rel = reowning->fetch->rel;

	reowning->estate = CreateExecutorState();
	reowning->result = makeNode(ResultRelInfo);
	InitResultRelInfo(reowning->result, rel, 0, NULL, 0);
	ExecOpenIndices(reowning->result, false);
	reowning->after = table_slot_create(rel, NULL);
}

static void
end_changes(Reowning *reowning)
{
	ExecDropSingleTupleTableSlot(reowning->after);
	ExecCloseIndices(reowning->result);
	FreeExecutorState(reowning->estate);
}

/* As the table's owner. */
static bool
reown_all(Reowning *reowning)
{
	RelatedFetch *fetch = reowning->fetch;

	/* as the executor does, whatever rows there are */
	CheckCmdReplicaIdentity(fetch->rel, CMD_UPDATE);
	if (!rows_related_find(fetch))
		return false;
	if (fetch->candidates.n == 0)
		return true;
	PushActiveSnapshot(fetch->snapshot);
	begin_changes(reowning);
	for (int i = 0; i < fetch->candidates.n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		reown_row(reowning, &fetch->candidates.rows[i]);
	}
	end_changes(reowning);
	PopActiveSnapshot();
	return true;
}

bool
rows_reown(Reown *reown, Relation rel)
{
	ModelRelationship *relationship = reown->relationship;
	RelatedFetch fetch = {relationship, reown->parents->keys, reown->lock,.rel = rel};
	Reowning	reowning = {reown, &fetch};
	MemoryContext cxt = CurrentMemoryContext;
	ActingAs	saved;
	volatile bool done = false;

	Assert(!IsolationUsesXactSnapshot());
	if (!may_change(rel, &relationship->related->owner, &reowning.guarded) || !rows_related_begin(&fetch))
		return false;
	saved = relmeta_act_begin(rel->rd_rel->relowner, ACT_CASCADE);
	PG_TRY();
	{
		done = reown_all(&reowning);
	}
	PG_CATCH();
	{
		rows_rethrow_without_values(RelationGetRelid(rel), saved.userid, cxt);
	}
	PG_END_TRY();
	relmeta_act_end(saved);
	rows_related_end(&fetch);
	return done;
}
