/*
 * rekey.c
 *		Entries follow their row's key (SEMANTICS 3.5).
 *
 * EXAMPLE.  Account 1 is ann's, who has shared it with bob.  Her UPDATE account SET id = 9 WHERE id = 1 has a table of
 * carl's follow (ON UPDATE CASCADE), and by a trigger there carl inserts an account 1 of his own, which he shares with
 * bob and dan:
 *
 *					before				when the statement ends		after
 *	account 1		ann's; bob: read	carl's; bob: read, write	carl's; bob: read, write
 *									 	dan: write					dan: write
 *	account 9		-					ann's						ann's; bob: read
 *
 * What was held at the key when the statement began is the row's that has left it.  What has changed there since then
 * is of the row that has the key now, if there is one; if not, it was given on the row, before it left.  So it is with
 * all of it in a table whose access is controlled: nothing is written at a key that a row has left (access/motion.h).
 */
#include "relmeta.h"

#include "inherit/effect.h"
#include "collect/collect.h"
#include "inherit/inherit.h"
#include "miscadmin.h"
#include "model/key.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

/* a row of an entry table, to be written under another key */
typedef struct Renamed
{
	ItemPointerData tid;
	Datum		values[ENTRY_COLUMNS];
	bool		nulls[ENTRY_COLUMNS];
} Renamed;

typedef struct Rekeying
{
	ModelTable *table;
	MemoryContext cxt;			/* of all of it */
	CommandId	cid;			/* of the statement */
	Store	   *store;
	Store	   *before;			/* the same when the statement began */
	Given		holders;
	RowList    *waiting;		/* columns of the store; NULL: none yet */
} Rekeying;

/* An empty list of rows of an entry table. */
static RowList *
make_waiting(Store *store)
{
	TupleDesc	desc = RelationGetDescr(store->rel);
	ModelType **types = palloc(ENTRY_COLUMNS * sizeof(ModelType *));

	for (int i = 0; i < ENTRY_COLUMNS; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		types[i] = palloc(sizeof(ModelType));
		model_type_fill(types[i], att->atttypid, att->atttypmod, att->attcollation);
	}
	return rows_list_make(ENTRY_COLUMNS, types);
}

/* A copy of the store's row, with another key. */
static Renamed *
renamed_row(Store *store, Datum key)
{
	TupleDesc	desc = RelationGetDescr(store->rel);
	Renamed    *renamed = palloc(sizeof(Renamed));

	slot_getallattrs(store->slot);
	renamed->tid = store->slot->tts_tid;
	for (int i = 0; i < ENTRY_COLUMNS; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		Datum		value = i == ENTRY_OBJECT - 1 ? key : store->slot->tts_values[i];

		renamed->nulls[i] = store->slot->tts_isnull[i];
		if (!renamed->nulls[i])
			renamed->values[i] = datumCopy(value, att->attbyval, att->attlen);
	}
	return renamed;
}

/* Renamed *: the rows at a key, with another one. */
static List *
rows_at(Store *store, Datum old_key, Datum new_key)
{
	List	   *rows = NIL;

	access_store_find(store, 1, &old_key);
	while (access_store_next(store))
		rows = lappend(rows, renamed_row(store, new_key));
	return rows;
}

/* The places of some rows, sorted. */
typedef struct Places
{
	int			n;
	ItemPointer tids;
} Places;

static int
compare_tids(const void *a, const void *b)
{
	return ItemPointerCompare((ItemPointer) a, (ItemPointer) b);
}

static Places
places_of(List *rows)
{
	Places		places = {0, palloc(Max(list_length(rows), 1) * sizeof(ItemPointerData))};
	ListCell   *lc;

	foreach(lc, rows)
		places.tids[places.n++] = ((Renamed *) lfirst(lc))->tid;
	qsort(places.tids, places.n, sizeof(ItemPointerData), compare_tids);
	return places;
}

static bool
is_among(Places *places, Renamed *row)
{
	return bsearch(&row->tid, places->tids, places->n, sizeof(ItemPointerData), compare_tids) != NULL;
}

static void
refresh(Rekeying *rekeying)
{
	access_store_refresh(rekeying->store);
	access_store_refresh(rekeying->before);
	rekeying->before->snapshot->curcid = rekeying->cid;
}

/*
 * Whoever holds something on the rows is not dropped before we commit: a drop would not find what is written under
 * another key meanwhile.  He is locked before his entries are touched, as a drop locks him first.
 */
static void
lock_holders(Rekeying *rekeying, RowList *rekeyed, int64 from, const Since *since)
{
	Store	   *store = rekeying->store;

	for (int64 row = from; row < rekeyed->nrows; row++)
	{
		Datum		keys[2];
		bool		nulls[2];

		rows_list_get(rekeyed, row, keys, nulls);
		access_store_find(store, 1, &keys[REKEYED_OLD]);
		while (access_store_next(store))
			rows_set_add(rekeying->holders.principals, slot_getattr(store->slot, ENTRY_PRINCIPAL, &nulls[0]));
	}
	inherit_given_lock(rekeying->table, &rekeying->holders, since);
	refresh(rekeying);
}

static void
wait_for_all(Rekeying *rekeying, Renamed *row)
{
	MemoryContext old = MemoryContextSwitchTo(rekeying->cxt);

	if (rekeying->waiting == NULL)
		rekeying->waiting = make_waiting(rekeying->store);
	MemoryContextSwitchTo(old);
	rows_set_add(rekeying->holders.principals, row->values[ENTRY_PRINCIPAL - 1]);
	rows_list_add(rekeying->waiting, row->values, row->nulls);
}

/* Does another row have the key now? */
static bool
has_row(ModelTable *table, Datum key)
{
	DatumSet   *keys = rows_set_make(model_key_type(table));

	rows_set_add(keys, key);
	return rows_get(table, keys, ROW_UNLOCKED)->found[0] >= 0;
}

/*
 * Takes a key's rows out of the store; false when somebody else has changed one.  *taken: those of the key that are
 * out.
 */
static bool
take_out(Rekeying *rekeying, Datum old_key, Datum new_key, List **taken)
{
	List	   *had = rows_at(rekeying->before, old_key, new_key);
	List	   *has = rows_at(rekeying->store, old_key, new_key);
	Places		had_places = places_of(had);
	Places		has_places = places_of(has);
	Places		taken_places = places_of(*taken);
	bool		changed = false;
	bool		done = true;
	ListCell   *lc;

	foreach(lc, had)
		changed |= !is_among(&has_places, lfirst(lc)) && !is_among(&taken_places, lfirst(lc));
	foreach(lc, has)
		changed |= !is_among(&had_places, lfirst(lc));
	changed = changed && !rekeying->table->access_control && has_row(rekeying->table, old_key);
	foreach(lc, has)
	{
		Renamed    *row = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		if (changed && !is_among(&had_places, row))
			continue;
		if (access_store_delete(rekeying->store, old_key, &row->tid))
		{
			*taken = lappend(*taken, row);
			wait_for_all(rekeying, row);
		}
		else
			done = false;
	}
	/* the row's, that the other row has lost or exchanged */
	foreach(lc, done && changed ? had : NIL)
		if (!is_among(&has_places, lfirst(lc)) && !is_among(&taken_places, lfirst(lc)))
		wait_for_all(rekeying, lfirst(lc));
	return done;
}

/*
 * Puts an entry back under its new key, where a function that the statement called may have given the principal
 * something by now; false when somebody else has changed that.
 */
static bool
put_back(Store *store, Datum *values, bool *nulls)
{
	StoredEntry entry;

	CHECK_FOR_INTERRUPTS();
	access_store_find(store, STORE_KEYS, values);
	if (access_store_next_entry(store, &entry))
		return access_store_set_mask(store, &entry, entry.mask | DatumGetInt32(values[ENTRY_MASK - 1]));
	access_store_insert(store, values, nulls);
	return true;
}

/* Takes out what is held on the rows from row from on of the list. */
static void
take_all_out(Rekeying *rekeying, RowList *rekeyed, int64 from)
{
	MemoryContext scratch = AllocSetContextCreate(rekeying->cxt, "relmeta re-keyed row", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(scratch);
	Datum		keys[2];
	bool		nulls[2];

	for (int64 row = from; row < rekeyed->nrows; row++)
	{
		List	   *taken = NIL;

		rows_list_get(rekeyed, row, keys, nulls);
		while (!take_out(rekeying, keys[REKEYED_OLD], keys[REKEYED_NEW], &taken))
			refresh(rekeying);
		MemoryContextReset(scratch);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(scratch);
}

static void
put_all_back(Rekeying *rekeying)
{
	Datum		values[ENTRY_COLUMNS];
	bool		nulls[ENTRY_COLUMNS];

	access_store_refresh(rekeying->store);
	for (int64 row = 0; rekeying->waiting != NULL && row < rekeying->waiting->nrows; row++)
	{
		rows_list_get(rekeying->waiting, row, values, nulls);
		while (!put_back(rekeying->store, values, nulls))
			access_store_refresh(rekeying->store);
	}
}

/*
 * All are taken out before any is put back: a statement may swap keys.
 */
void
inherit_rekey(TableChanges *changes, RowList *rekeyed, int64 from)
{
	ModelTable *table = changes->table;
	Rekeying	rekeying = {table, CurrentMemoryContext, changes->frame->cid, access_store_open(table),
	access_store_open(table), {rows_set_make(model_principal(table))}, NULL};
	Since		since = {0};

	model_since_begin(&since, rekeying.store->snapshot);
	lock_holders(&rekeying, rekeyed, from, &since);
	take_all_out(&rekeying, rekeyed, from);
	put_all_back(&rekeying);
	/* who has been given something since then */
	inherit_given_lock(table, &rekeying.holders, &since);
	model_since_end(&since);
	access_store_close(rekeying.before);
	access_store_close(rekeying.store);
}
