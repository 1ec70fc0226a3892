/*
 * owner.c
 *		Owner columns hold principals in a type of their own: finding out whether an
 *		owner is a principal, and which, SEMANTICS 2.2.  See owner_cast.c.
 *
 * Two ways to find an owner's principal.  The text form of the owner is the
 * principal's name: one probe of relmeta.principal's index.  Or they differ (a
 * uuid that was registered in capitals, bigint '007', citext in another case):
 * then the type's own equality decides, over a sorted array of the principals'
 * values in that type, the *spellings*.  It is made when the first way failed
 * and kept until relmeta.principal changes.
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "model/internal.h"
#include "model/key_share.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/typcache.h"

typedef struct Spelling
{
	Datum		value;
	char	   *name;
} Spelling;

/* the principals by their value in one type */
typedef struct Spellings
{
	Oid			type;
	Oid			collation;
	FmgrInfo	cmp_finfo;
	ModelType	model_type;
	int			n;
	Spelling   *entries;		/* ordered by value */
} Spellings;

static MemoryContext spellings_cxt = NULL;
static List *spellings_list = NIL;	/* Spellings * */
static bool spellings_stale = true;

/* Called by invalidation callbacks: frees nothing. */
void
model_spellings_forget(void)
{
	spellings_stale = true;
}

static int
by_value(const void *a, const void *b, void *arg)
{
	Spellings  *spellings = arg;

	return DatumGetInt32(FunctionCall2Coll(&spellings->cmp_finfo, spellings->collation,
										   ((const Spelling *) a)->value, ((const Spelling *) b)->value));
}

/* Whether equal values of the type always have the same text form. */
static bool
equal_means_same_text(ModelType *type)
{
	switch (type->base_type)
	{
		case BOOLOID:
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case OIDOID:
		case UUIDOID:
		case NAMEOID:
			return true;
		case TEXTOID:
		case VARCHAROID:
			return !OidIsValid(type->collation) || get_collation_isdeterministic(type->collation);
		default:
			return type_is_enum(type->base_type);
	}
}

/* Whether the text form of a value is the only name that a principal of that value can have. */
static bool
spelt_one_way(ModelType *type)
{
	return (type->base_type == TEXTOID || type->base_type == VARCHAROID) && equal_means_same_text(type);
}

/*
 * Reads all principals' values in a type, leaving out those that the first way
 * finds: where equal values have the same text, those whose text is their name.
 */
static Spellings *
spellings_read(ModelType *type)
{
	Spellings  *spellings = palloc0(sizeof(Spellings));
	bool		same_text = equal_means_same_text(type);
	Relation	rel = table_open(model_catalog_relid(CATALOG_PRINCIPAL), AccessShareLock);
	MemoryContext row_cxt = AllocSetContextCreate(CurrentMemoryContext, "relmeta principal", ALLOCSET_SMALL_SIZES);
	int			size = 64;
	SysScanDesc scan;
	HeapTuple	tuple;

	spellings->type = type->base_type;
	spellings->collation = type->collation;
	model_type_fill(&spellings->model_type, type->base_type, -1, type->collation);
	fmgr_info(lookup_type_cache(type->base_type, TYPECACHE_CMP_PROC)->cmp_proc, &spellings->cmp_finfo);
	spellings->entries = palloc(size * sizeof(Spelling));

	scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		MemoryContext outer = MemoryContextSwitchTo(row_cxt);
		char	   *name = model_catalog_text(tuple, RelationGetDescr(rel), "principal");
		Datum		value;
		bool		wanted;

		CHECK_FOR_INTERRUPTS();
		wanted = model_principal_cast(name, &spellings->model_type, &value) &&
			!(same_text && strcmp(model_type_output(&spellings->model_type, value), name) == 0);
		MemoryContextSwitchTo(outer);
		if (wanted)
		{
			if (spellings->n == size)
			{
				size *= 2;
				spellings->entries = repalloc_huge(spellings->entries, size * sizeof(Spelling));
			}
			spellings->entries[spellings->n].value = datumCopy(value, type->typbyval, type->typlen);
			spellings->entries[spellings->n].name = pstrdup(name);
			spellings->n++;
		}
		MemoryContextReset(row_cxt);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	MemoryContextDelete(row_cxt);
	qsort_arg(spellings->entries, spellings->n, sizeof(Spelling), by_value, spellings);
	return spellings;
}

/* The spellings of a type, read anew when relmeta.principal changed since. */
static Spellings *
spellings_of(ModelType *type)
{
	Spellings  *spellings;
	MemoryContext cxt;
	MemoryContext outer;
	ListCell   *lc;

	/* another session's principal, committed by now, must be found */
	AcceptInvalidationMessages();
	if (spellings_stale)
	{
		if (spellings_cxt != NULL)
			MemoryContextDelete(spellings_cxt);
		spellings_cxt = NULL;
		spellings_list = NIL;
		spellings_cxt = AllocSetContextCreate(CacheMemoryContext, "relmeta owner spellings", ALLOCSET_DEFAULT_SIZES);
		spellings_stale = false;
	}
	foreach(lc, spellings_list)
	{
		spellings = lfirst(lc);
		if (spellings->type == type->base_type && spellings->collation == type->collation)
			return spellings;
	}

	cxt = AllocSetContextCreate(CurrentMemoryContext, "relmeta spellings", ALLOCSET_DEFAULT_SIZES);
	outer = MemoryContextSwitchTo(cxt);
	spellings = spellings_read(type);
	MemoryContextSetParent(cxt, spellings_cxt);
	MemoryContextSwitchTo(spellings_cxt);
	spellings_list = lappend(spellings_list, spellings);
	MemoryContextSwitchTo(outer);
	return spellings;
}

/* The index of the first spelling equal to value, or -1; the equal ones follow it. */
static int
spelling_find(Spellings *spellings, Datum value)
{
	Spelling	wanted = {.value = value};
	int			low = 0;
	int			high = spellings->n;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (by_value(&spellings->entries[middle], &wanted, spellings) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < spellings->n && by_value(&spellings->entries[low], &wanted, spellings) == 0)
		return low;
	return -1;
}

/*
 * A lock was granted on a principal's row: does it hold?  When not, whoever was there before us is gone by now, and
 * the row is to be looked for again.
 */
static bool
is_held(Relation rel, ItemPointer tid, Snapshot snapshot, LockTupleMode mode)
{
	TransactionId other;
	KeyShare	held = mode == LockTupleKeyShare ? model_key_share(rel, tid, snapshot, &other) : KEY_SHARE_HELD;

	if (held == KEY_SHARE_DISPUTED)
		XactLockTableWait(other, NULL, NULL, XLTW_None);
	return held == KEY_SHARE_HELD;
}

/*
 * Locks the principal of that name; false when there is none.  The caller holds
 * RowShareLock on rel.  A row that changes under us is looked for again.
 */
static bool
lock_principal(Relation rel, Oid index, const char *name, LockTupleMode mode, TupleTableSlot *slot)
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
	bool		found = lock_principal(rel, model_catalog_index("principal_pkey"), principal, mode, slot);

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

/* Locks the named principals in order of name; marks in found the owners that have one. */
static void
lock_names(Relation rel, OwnerName *names, int n, bool *found)
{
	Oid			index = model_catalog_index("principal_pkey");
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	int			i;

	qsort(names, n, sizeof(OwnerName), by_name);
	for (i = 0; i < n; i++)
	{
		if (lock_principal(rel, index, names[i].name, LockTupleKeyShare, slot))
			found[names[i].owner] = true;
	}
	ExecDropSingleTupleTableSlot(slot);
}

/* The second way, for the owners that the first did not find. */
static void
lock_spellings(Relation rel, ModelType *type, Datum *owners, int n, bool *found)
{
	Spellings  *spellings;
	OwnerName  *names = NULL;
	int			nnames = 0;
	int			size = 0;
	int			i;

	if (spelt_one_way(type))
		return;
	spellings = spellings_of(type);
	if (spellings->n == 0)
		return;
	for (i = 0; i < n; i++)
	{
		int			first = found[i] ? -1 : spelling_find(spellings, owners[i]);
		Spelling	wanted = {.value = owners[i]};
		int			s;

		for (s = first; s >= 0 && s < spellings->n; s++)
		{
			if (by_value(&spellings->entries[s], &wanted, spellings) != 0)
				break;
			if (nnames == size)
			{
				size = Max(16, size * 2);
				names = names ? repalloc_huge(names, size * sizeof(OwnerName)) : palloc(size * sizeof(OwnerName));
			}
			names[nnames].name = pstrdup(spellings->entries[s].name);
			names[nnames++].owner = i;
		}
	}
	if (nnames > 0)
		lock_names(rel, names, nnames, found);
}

/* The third way: its row in a table of principals came a moment ago; see model_sources_adopt. */
static bool
lock_adopted(ModelType *type, Datum owner)
{
	ModelColumn column = {.type = *type};
	char	   *name = model_source_text(&column, owner);

	return model_sources_adopt(name) && model_principal_lock(name, LockTupleKeyShare);
}

int
model_owners_check(ModelType *type, Datum *owners, int n)
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
	lock_names(rel, names, n, found);

	while (first < n && found[first])
		first++;
	if (first < n)
	{
		lock_spellings(rel, type, owners, n, found);
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

List *
model_principals_named(ModelType *type, Datum value)
{
	char	   *text = model_type_output(type, value);
	List	   *names = model_principal_exists(text) ? list_make1(text) : NIL;
	Spelling	wanted = {.value = value};
	Spellings  *spellings;
	int			first;

	if (spelt_one_way(type))
		return names;
	spellings = spellings_of(type);
	first = spelling_find(spellings, value);
	for (int i = first; i >= 0 && i < spellings->n; i++)
	{
		if (by_value(&spellings->entries[i], &wanted, spellings) != 0)
			break;
		if (strcmp(spellings->entries[i].name, text) != 0)
			names = lappend(names, pstrdup(spellings->entries[i].name));
	}
	return names;
}

/* The name of the principal that a value of an owner column names; NULL when it names none. */
char *
model_principal_named(ModelType *type, Datum value, const char **kind)
{
	char	   *name = model_type_output(type, value);
	PrincipalRow row;

	if (!model_principal_read(name, &row) && !spelt_one_way(type))
	{
		Spellings  *spellings = spellings_of(type);
		int			i = spelling_find(spellings, value);

		if (i < 0)
			return NULL;
		name = pstrdup(spellings->entries[i].name);
		(void) model_principal_read(name, &row);
	}
	if (!row.exists)
		return NULL;
	*kind = row.is_team ? "team" : "user";
	return name;
}
