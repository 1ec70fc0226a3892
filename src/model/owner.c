/*
 * owner.c
 *		Owner columns hold principals in a type of their own: finding out whether
 *		owners are principals, and keeping those there, SEMANTICS 2.2.
 *
 * The text form of the owner is the principal's name: one probe of
 * relmeta.principal's index.  Or they differ (a uuid that was registered in
 * capitals, bigint '007', citext in another case): then the value that is
 * recorded with the principal tells, see named.c.
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "model/internal.h"
#include "model/key_share.h"
#include "model/since.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/*
 * A lock was granted on a principal's row: does it hold?  When not, whoever was there before us is gone by now, and
 * the row is to be looked for again.
 */
static bool
is_held(Relation rel, ItemPointer tid, Snapshot snapshot, LockTupleMode mode)
{
	TransactionId other;
	bool		newest;
	KeyShare	held = mode == LockTupleKeyShare ? model_key_share(rel, tid, snapshot, &other, &newest) :
	KEY_SHARE_HELD;

	if (held == KEY_SHARE_DISPUTED)
		XactLockTableWait(other, NULL, NULL, XLTW_None);
	return held == KEY_SHARE_HELD;
}

/* The transaction that made the version in the slot. */
static TransactionId
maker(TupleTableSlot *slot)
{
	return HeapTupleHeaderGetXmin(ExecFetchSlotHeapTuple(slot, false, NULL)->t_data);
}

/*
 * Locks the principal of that name, and gives who has made it; false when there is none.  The caller holds
 * RowShareLock on rel.  A row that changes under us is looked for again.
 */
static bool
lock_principal(Relation rel, Oid index, const char *name, LockTupleMode mode, TupleTableSlot *slot,
			   TransactionId *made_by)
{
	Datum		key = CStringGetTextDatum(name);
	AttrNumber	attnum = model_catalog_column(RelationGetDescr(rel), "principal");

	for (;;)
	{
		Snapshot	snapshot = RegisterSnapshot(GetCatalogSnapshot(RelationGetRelid(rel)));
		ScanKeyData skey;
		SysScanDesc scan;
		HeapTuple	tuple;
		ItemPointerData tid;
		TM_FailureData failure;
		TM_Result	result = TM_Ok;
		bool		held = false;

		CHECK_FOR_INTERRUPTS();
		ScanKeyInit(&skey, attnum, BTEqualStrategyNumber, F_TEXTEQ, key);
		scan = systable_beginscan(rel, index, OidIsValid(index), snapshot, 1, &skey);
		tuple = systable_getnext(scan);
		if (HeapTupleIsValid(tuple))
			tid = tuple->t_self;
		systable_endscan(scan);
		if (HeapTupleIsValid(tuple))
			result = table_tuple_lock(rel, &tid, snapshot, slot, GetCurrentCommandId(true), mode,
									  LockWaitBlock, TUPLE_LOCK_FLAG_LOCK_UPDATE_IN_PROGRESS, &failure);
		if (HeapTupleIsValid(tuple) && result == TM_Ok)
			*made_by = maker(slot);
		ExecClearTuple(slot);
		if (HeapTupleIsValid(tuple) && result == TM_Ok)
			held = is_held(rel, &tid, snapshot, mode);
		UnregisterSnapshot(snapshot);

		if (!HeapTupleIsValid(tuple) || result == TM_SelfModified)
			return false;
		if (held)
			return true;
		if (result != TM_Ok && result != TM_Updated && result != TM_Deleted)
			elog(ERROR, "unexpected result %d of locking a principal", (int) result);
	}
}

/*
 * The same by itself: LockTupleExclusive, to drop it, waits for everyone who has
 * made it an owner and not committed yet.
 */
bool
model_principal_lock(const char *principal, LockTupleMode mode)
{
	Relation	rel = table_open(model_catalog_relid(CATALOG_PRINCIPAL), RowShareLock);
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	TransactionId made_by;
	bool		found = lock_principal(rel, model_catalog_index("principal_pkey"), principal, mode, slot, &made_by);

	ExecDropSingleTupleTableSlot(slot);
	table_close(rel, NoLock);
	return found;
}

typedef struct OwnerName
{
	char	   *name;
	int			owner;			/* its index in the caller's array */
} OwnerName;

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const OwnerName *) a)->name, ((const OwnerName *) b)->name);
}

/*
 * 40001 for a principal that was made after the moment: what was read of one of that name may have been held by
 * another, who has been dropped.  What is right by now takes reading it again.
 */
static void
refuse_made_since(TransactionId made_by, const Since *since)
{
	if (since == NULL || TransactionIdIsCurrentTransactionId(made_by) || !XidInMVCCSnapshot(made_by, since->snapshot))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("could not serialize access due to a principal that has been made meanwhile"),
			 errdetail("Another one of its name may have been dropped, whose access was passed on."),
			 errhint("The transaction might succeed if retried.")));
}

/*
 * Locks the named principals in order of name; marks in found the owners that have one.  None was made after the
 * moment.
 */
static void
lock_names(Relation rel, OwnerName *names, int n, bool *found, const Since *since)
{
	TransactionId made_by;
	Oid			index = model_catalog_index("principal_pkey");
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	int			i;

	qsort(names, n, sizeof(OwnerName), by_name);
	for (i = 0; i < n; i++)
	{
		if (lock_principal(rel, index, names[i].name, LockTupleKeyShare, slot, &made_by))
		{
			refuse_made_since(made_by, since);
			found[names[i].owner] = true;
			model_note_held(names[i].name);
		}
	}
	ExecDropSingleTupleTableSlot(slot);
}

/* The second way, for the owners that the first did not find. */
static void
lock_spelled_otherwise(Relation rel, ModelType *type, Datum *owners, int n, bool *found, const Since *since)
{
	OwnerName  *names = NULL;
	int			nnames = 0;
	int			size = 0;

	if (model_type_spells_one_way(type))
		return;
	for (int i = 0; i < n; i++)
	{
		char	   *name = found[i] ? NULL : model_principal_named(type, owners[i]);

		if (name == NULL)
			continue;
		if (nnames == size)
		{
			size = Max(16, size * 2);
			names = names ? repalloc_huge(names, size * sizeof(OwnerName)) : palloc(size * sizeof(OwnerName));
		}
		names[nnames].name = name;
		names[nnames++].owner = i;
	}
	if (nnames > 0)
		lock_names(rel, names, nnames, found, since);
}

/* The third way: its row in a table of principals came a moment ago; see model_sources_adopt. */
static bool
lock_adopted(ModelType *type, Datum owner)
{
	ModelColumn column = {.type = *type};
	char	   *name = model_source_text(&column, owner);

	return model_sources_adopt(name) && model_principal_lock(name, LockTupleKeyShare);
}

static int
check_owners(ModelType *type, Datum *owners, int n, const Since *since)
{
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext, "relmeta owners check", ALLOCSET_DEFAULT_SIZES);
	MemoryContext outer = MemoryContextSwitchTo(cxt);
	Relation	rel = table_open(model_catalog_relid(CATALOG_PRINCIPAL), RowShareLock);
	OwnerName  *names = palloc_extended(Max(n, 1) * sizeof(OwnerName), MCXT_ALLOC_HUGE);
	bool	   *found = palloc0(Max(n, 1) * sizeof(bool));
	int			first = 0;
	int			i;

	for (i = 0; i < n; i++)
	{
		names[i].name = model_type_output(type, owners[i]);
		names[i].owner = i;
	}
	lock_names(rel, names, n, found, since);

	while (first < n && found[first])
		first++;
	if (first < n)
	{
		lock_spelled_otherwise(rel, type, owners, n, found, since);
		while (first < n && (found[first] || lock_adopted(type, owners[first])))
			first++;
	}

	/*
	 * the rows' locks last until the end of the transaction: so does the
	 * table's
	 */
	table_close(rel, NoLock);
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(cxt);
	return first < n ? first : -1;
}

/* Is it one owner, as every statement of one row has, whom this transaction holds already? */
static bool
is_held_owner(ModelType *type, Datum owner, const Since *since)
{
	char	   *name = model_type_output(type, owner);
	bool		is_held = model_is_held(name, since);

	pfree(name);
	return is_held;
}

int
model_owners_check(ModelType *type, Datum *owners, int n, const Since *since)
{
	if (n == 1 && is_held_owner(type, owners[0], since))
		return -1;
	return check_owners(type, owners, n, since);
}
