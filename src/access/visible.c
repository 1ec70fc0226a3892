/*
 * visible.c
 *		The keys of all rows on which the principals of a statement hold a right by
 *		entries: probed one by one, or gathered once (ARCHITECTURE section 5).
 *
 * A few rows are looked up in the entry table by its primary key.  When a statement
 * goes on asking, all keys of its principals are read by the index (principal, object),
 * which holds the mask too, and kept in a hash table: from then on a row costs a
 * look into that.  How many keys there are nobody knows beforehand, so gathering
 * may read a number of entries that grows with the probes made, and gives up
 * beyond that, or when the table would not fit hash_mem.
 *
 * MEMORY RULE.  Keys are gathered with the statement's snapshot into a context of the
 * statement's, and seen by no other statement.
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/row_predicate.h"
#include "access/skey.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/visibilitymap.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/nodeHash.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "storage/predicate.h"
#include "utils/array.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* probes before gathering is tried, and entries read in the time that a probe takes, about */
#define PROBES_FIRST	32
#define PROBE_COST		8

typedef struct VisibleKey
{
	Datum		key;
	uint32		hash;
	char		status;
} VisibleKey;

struct visible_hash;
static uint32 key_hash(struct visible_hash *tb, Datum key);
static bool key_equal(struct visible_hash *tb, Datum a, Datum b);

#define SH_PREFIX visible
#define SH_ELEMENT_TYPE VisibleKey
#define SH_KEY_TYPE Datum
#define SH_KEY key
#define SH_HASH_KEY(tb, key) key_hash(tb, key)
#define SH_EQUAL(tb, a, b) key_equal(tb, a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(tb, a) ((a)->hash)
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

typedef enum VisibleState
{
	VISIBLE_PROBED,
	VISIBLE_GATHERED,
	VISIBLE_TOO_MANY			/* or a type that does not hash */
} VisibleState;

typedef struct VisibleKeys
{
	int32		right;
	VisibleState state;
	int64		probes;
	int64		next_attempt;	/* when so many probes were made */
	ModelType  *type;
	bool		by_image;		/* equal only when the datums are */
	MemoryContext cxt;
	visible_hash *keys;
	Size		used;			/* of keys that are passed by reference */
} VisibleKeys;

/* ---- the hash table ---- */

static bool
equal_by_image(ModelType *type)
{
	switch (type->base_type)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case OIDOID:
		case BOOLOID:
		case CHAROID:
		case DATEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			return type->typbyval;
		default:
			return false;
	}
}

static uint32
key_hash(visible_hash *tb, Datum key)
{
	VisibleKeys *visible = tb->private_data;

	if (visible->by_image)
		return murmurhash32((uint32) key ^ (uint32) ((uint64) key >> 32));
	return DatumGetUInt32(FunctionCall1Coll(&visible->type->hash_finfo, visible->type->collation, key));
}

static bool
key_equal(visible_hash *tb, Datum a, Datum b)
{
	VisibleKeys *visible = tb->private_data;

	return visible->by_image ? a == b : model_type_equal(visible->type, a, b);
}

static bool
fits(VisibleKeys *visible)
{
	return visible->used + visible->keys->size * sizeof(VisibleKey) <= get_hash_memory_limit();
}

static void
add_key(VisibleKeys *visible, Datum key)
{
	MemoryContext old = MemoryContextSwitchTo(visible->cxt);
	bool		found;
	VisibleKey *entry = visible_insert(visible->keys, key, &found);

	if (!found && !visible->type->typbyval)
	{
		entry->key = datumCopy(key, false, visible->type->typlen);
		visible->used += GetMemoryChunkSpace(DatumGetPointer(entry->key));
	}
	MemoryContextSwitchTo(old);
}

static void
forget_keys(VisibleKeys *visible)
{
	if (visible->cxt)
		MemoryContextReset(visible->cxt);
	visible->keys = NULL;
	visible->used = 0;
}

static void
begin_keys(VisibleKeys *visible, MemoryContext parent)
{
	if (visible->cxt == NULL)
		visible->cxt = AllocSetContextCreate(parent, "relmeta visible keys", ALLOCSET_DEFAULT_SIZES);
	forget_keys(visible);
	visible->keys = visible_create(visible->cxt, 256, visible);
}

/* ---- reading entries by the index (principal, object) ---- */

/* That index, open; NULL when an administrator has dropped it. */
static Relation
open_principal_index(Relation rel)
{
	ListCell   *lc;

	foreach(lc, RelationGetIndexList(rel))
	{
		Relation	index = index_open(lfirst_oid(lc), AccessShareLock);
		Form_pg_index form = index->rd_index;

		if (form->indisvalid && form->indnatts == 3 && form->indnkeyatts == 2 &&
			form->indkey.values[0] == ENTRY_PRINCIPAL && form->indkey.values[1] == ENTRY_OBJECT &&
			form->indkey.values[2] == ENTRY_MASK && index->rd_indpred == NIL)
			return index;
		index_close(index, AccessShareLock);
	}
	return NULL;
}

/* Is the index's tuple that of a row that the snapshot sees?  As an index-only scan finds out. */
static bool
tuple_is_visible(IndexScanDesc scan, ItemPointer tid, Buffer *vmbuffer, TupleTableSlot *slot)
{
	if (VM_ALL_VISIBLE(scan->heapRelation, ItemPointerGetBlockNumber(tid), vmbuffer))
	{
		PredicateLockPage(scan->heapRelation, ItemPointerGetBlockNumber(tid), scan->xs_snapshot);
		return true;
	}
	return index_fetch_heap(scan, slot);
}

typedef bool (*KeyReceiver) (Datum key, void *arg);

/*
 * Hands over the keys of the entries of one principal that hold the right (0: of all its entries); false when the
 * receiver returned it, or more than *budget entries had to be read.
 */
static bool
each_key_of(IndexScanDesc scan, TupleTableSlot *slot, int32 right, int64 *budget, KeyReceiver receive, void *arg)
{
	Buffer		vmbuffer = InvalidBuffer;
	ItemPointer tid;
	bool		goes_on = true;

	while (goes_on && (tid = index_getnext_tid(scan, ForwardScanDirection)) != NULL)
	{
		Datum		values[3];
		bool		nulls[3];

		CHECK_FOR_INTERRUPTS();
		if (!tuple_is_visible(scan, tid, &vmbuffer, slot))
			continue;
		index_deform_tuple(scan->xs_itup, scan->xs_itupdesc, values, nulls);
		goes_on = (*budget)-- > 0;
		if (goes_on && (right == 0 || (DatumGetInt32(values[2]) & right) != 0))
			goes_on = receive(values[1], arg);
	}
	if (vmbuffer != InvalidBuffer)
		ReleaseBuffer(vmbuffer);
	ExecClearTuple(slot);
	return goes_on;
}

/* The same for all principals without the index. */
static bool
each_key_of_all(Predicate *predicate, Relation rel, int32 right, int64 *budget, KeyReceiver receive, void *arg)
{
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	TableScanDesc scan = relmeta_beginscan(rel, GetActiveSnapshot());
	bool		goes_on = true;

	while (goes_on && table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		bool		holds = false;

		CHECK_FOR_INTERRUPTS();
		slot_getsomeattrs(slot, ENTRY_MASK);
		goes_on = (*budget)-- > 0;
		for (int i = 0; !holds && i < predicate->nprincipals; i++)
			holds = model_type_equal(&predicate->table->principal, predicate->principals[i],
									 slot->tts_values[ENTRY_PRINCIPAL - 1]);
		if (goes_on && holds && (right == 0 || (DatumGetInt32(slot->tts_values[ENTRY_MASK - 1]) & right) != 0))
			goes_on = receive(slot->tts_values[ENTRY_OBJECT - 1], arg);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	return goes_on;
}

/* The same for all principals, with the active snapshot. */
static bool
each_key(Predicate *predicate, int32 right, int64 budget, KeyReceiver receive, void *arg)
{
	ModelTable *table = predicate->table;
	Relation	rel = access_entries_open(table, AccessShareLock);
	Relation	index = rel ? open_principal_index(rel) : NULL;
	bool		goes_on = true;

	if (rel != NULL && index == NULL)
		goes_on = each_key_of_all(predicate, rel, right, &budget, receive, arg);
	else if (index != NULL)
	{
		TupleTableSlot *slot = table_slot_create(rel, NULL);
		IndexScanDesc scan = relmeta_index_beginscan(rel, index, GetActiveSnapshot(), 1);

		scan->xs_want_itup = true;
		for (int i = 0; goes_on && i < predicate->nprincipals; i++)
		{
			ScanKeyData key;

			access_equality(&key, 1, &table->principal, index->rd_indcollation[0], predicate->principals[i]);
			index_rescan(scan, &key, 1, NULL, 0);
			goes_on = each_key_of(scan, slot, right, &budget, receive, arg);
		}
		index_endscan(scan);
		ExecDropSingleTupleTableSlot(slot);
		index_close(index, AccessShareLock);
	}
	if (rel != NULL)
		table_close(rel, AccessShareLock);
	return goes_on;
}

/* ---- gathering ---- */

static bool
take_key(Datum key, void *arg)
{
	VisibleKeys *visible = arg;

	add_key(visible, key);
	return fits(visible);
}

static VisibleKeys *
visible_keys(Predicate *predicate, int32 right)
{
	ModelType  *type = &predicate->table->key.type;
	VisibleKeys *visible;
	MemoryContext old;
	ListCell   *lc;

	foreach(lc, predicate->visible)
	{
		visible = lfirst(lc);
		if (visible->right == right)
			return visible;
	}
	old = MemoryContextSwitchTo(predicate->statement->query);
	visible = palloc0(sizeof(VisibleKeys));
	visible->right = right;
	visible->type = type;
	visible->by_image = equal_by_image(type);
	visible->state = predicate->kept && (visible->by_image || type->has_hash) ? VISIBLE_PROBED : VISIBLE_TOO_MANY;
	visible->next_attempt = PROBES_FIRST;
	predicate->visible = lappend(predicate->visible, visible);
	MemoryContextSwitchTo(old);
	return visible;
}

/* Reads all keys unless that takes much longer than the probes so far. */
static void
try_to_gather(Predicate *predicate, VisibleKeys *visible)
{
	begin_keys(visible, predicate->statement->query);
	if (each_key(predicate, visible->right, visible->probes * PROBE_COST, take_key, visible))
	{
		visible->state = VISIBLE_GATHERED;
		return;
	}
	if (!fits(visible))
		visible->state = VISIBLE_TOO_MANY;
	forget_keys(visible);
	visible->next_attempt = visible->probes * 2;
}

bool
access_visible(Predicate *predicate, int32 right, Datum key)
{
	VisibleKeys *visible;

	if (predicate->nprincipals == 0)
		return false;
	visible = visible_keys(predicate, right);
	if (visible->state == VISIBLE_PROBED && ++visible->probes > visible->next_attempt)
		try_to_gather(predicate, visible);
	if (visible->state == VISIBLE_GATHERED)
		return visible_lookup(visible->keys, key) != NULL;
	return (access_predicate_entries(predicate, key, GetActiveSnapshot()) & right) != 0;
}

/* ---- the planner's index path ---- */

typedef struct ArrayReceiver
{
	VisibleKeys *visible;
	ArrayBuildState *state;
	Oid			elemtype;
	bool		keeps;			/* the keys are kept, too */
} ArrayReceiver;

static bool
append_key(Datum key, void *arg)
{
	ArrayReceiver *receiver = arg;

	accumArrayResult(receiver->state, key, false, receiver->elemtype, CurrentMemoryContext);
	if (receiver->keeps)
	{
		add_key(receiver->visible, key);
		receiver->keeps = fits(receiver->visible);
		if (!receiver->keeps)
			forget_keys(receiver->visible);
	}
	return true;
}

Datum
access_visible_array(Predicate *predicate, int32 right, Oid elemtype)
{
	ArrayReceiver receiver = {0};

	receiver.elemtype = elemtype;
	receiver.state = initArrayResult(elemtype, CurrentMemoryContext, false);
	if (predicate->nprincipals > 0)
	{
		VisibleKeys *visible = visible_keys(predicate, right);

		receiver.visible = visible;
		receiver.keeps = visible->state == VISIBLE_PROBED;
		if (receiver.keeps)
			begin_keys(visible, predicate->statement->query);
		(void) each_key(predicate, right, PG_INT64_MAX, append_key, &receiver);
		if (receiver.keeps)
			visible->state = VISIBLE_GATHERED;
	}
	return makeArrayResult(receiver.state, CurrentMemoryContext);
}

static bool
count_key(Datum key, void *arg)
{
	(*(double *) arg)++;
	return true;
}

double
access_visible_estimate(Predicate *predicate, int limit)
{
	double		n = 0;

	if (predicate->nprincipals > 0 && !each_key(predicate, 0, limit, count_key, &n))
		return -1;
	return n;
}
