/*
 * visible.c
 *		The keys of all rows on which the principals of a statement hold a right by
 *		entries: probed one by one, or gathered meanwhile (ARCHITECTURE section 5).
 *
 * A few rows are looked up by the index (principal, object) of the entry table, which
 * holds the mask too.  A statement that goes on asking reads, besides, a few more of all
 * its principals' entries with each probe, into a set: once all of them are in it a row
 * costs a look into that, and what is in it earlier needs no probe.  So nobody pays more than twice
 * for not knowing beforehand how many rows will be asked about, or how many keys there are.  A
 * set that would not fit hash_mem grows no further.
 *
 * EXAMPLE.  Somebody holds entries on a million rows.  He reads the table in the order of
 * its keys: sixteen rows are probed, the next ones are in the set already, and more of it is
 * read before he comes there.  He reads 25,000 rows here and there: few of them are in what
 * has been read of the set, so that it is not read on until he has asked about so many
 * (125,000) that the probes have cost as much as all of it, by ANALYZE's count.
 *
 * MEMORY RULE.  Keys are gathered with the statement's snapshot into a context of the
 * statement's, and seen by no other statement.  Scans stay open until its executor run ends.
 */
#include "relmeta.h"

#include "access/entry_scan.h"
#include "access/key_set.h"
#include "access/row_predicate.h"
#include "miscadmin.h"
#include "model/key.h"
#include "utils/array.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

/* how many rows are asked about before more is read, and entries read in the time that a probe takes, about */
#define ASKED_BETWEEN	16
#define PROBE_COST		8

/* so many are asked about before it matters how many entries there may be */
#define ASKED_FIRST		64

typedef struct VisibleKeys
{
	int32		right;
	bool		complete;		/* all keys are in the set */
	bool		full;			/* no more go into it, or a type that none is
								 * made of */
	int64		asked;			/* rows */
	int			hits;			/* of the last ASKED_BETWEEN, in the set */
	int64		read;			/* entries, of how many? */
	double		expected;
	MemoryContext cxt;			/* of the set */
	KeySet	   *keys;
	EntryScan  *gathering;
} VisibleKeys;

static VisibleKeys *
visible_keys(Predicate *predicate, int32 right)
{
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
	visible->full = !predicate->kept || !access_key_set_possible(model_key_type(predicate->table));
	predicate->visible = lappend(predicate->visible, visible);
	MemoryContextSwitchTo(old);
	return visible;
}

static void
end_gathering(VisibleKeys *visible)
{
	if (visible->gathering != NULL)
		access_entry_scan_close(visible->gathering);
	visible->gathering = NULL;
}

/* The statement's executor run ends. */
static void
close_scans(Predicate *predicate)
{
	ListCell   *lc;

	foreach(lc, predicate->visible)
		end_gathering(lfirst(lc));
	if (predicate->probing != NULL)
		access_entry_scan_close(predicate->probing);
	predicate->probing = NULL;
}

/* One more key in the set, if it may still grow. */
static void
take(Predicate *predicate, VisibleKeys *visible, Datum key)
{
	MemoryContext old;

	if (visible->full)
		return;
	if (visible->keys == NULL)
	{
		visible->cxt = AllocSetContextCreate(predicate->statement->query, "relmeta visible keys",
											 ALLOCSET_DEFAULT_SIZES);
		old = MemoryContextSwitchTo(visible->cxt);
		visible->keys = access_key_set_make(model_key_type(predicate->table));
		MemoryContextSwitchTo(old);
	}
	access_key_set_add(visible->keys, key);
	visible->full = access_key_set_size(visible->keys) > get_hash_memory_limit();
}

static void
begin_gathering(Predicate *predicate, VisibleKeys *visible)
{
	MemoryContext old = MemoryContextSwitchTo(predicate->statement->query);

	predicate->end = close_scans;
	visible->gathering = access_entry_scan_open(predicate, GetActiveSnapshot(), true);
	visible->full = visible->gathering == NULL;
	MemoryContextSwitchTo(old);
}

/* Reads that many entries more into the set. */
static void
gather(Predicate *predicate, VisibleKeys *visible, int64 budget)
{
	Datum		key;

	if (visible->gathering == NULL)
		begin_gathering(predicate, visible);
	while (!visible->full && access_entry_scan_next(visible->gathering, visible->right, &budget, &key))
		take(predicate, visible, key);
	visible->complete = !visible->full && access_entry_scan_ended(visible->gathering);
	if (visible->complete || visible->full)
		end_gathering(visible);
}

/* Reads on if that pays: what has been read is of use, or the probes have cost as much as reading all of it does. */
static void
go_on(Predicate *predicate, VisibleKeys *visible)
{
	int64		worth = visible->asked * PROBE_COST;
	bool		of_use = visible->hits >= ASKED_BETWEEN / 2;

	visible->hits = 0;
	if (visible->asked == ASKED_FIRST)
		visible->expected = access_entries_expected(predicate);
	if (worth < visible->expected && !of_use)
		return;
	if (worth < visible->expected)
		worth = Min(worth, visible->read + ASKED_BETWEEN * PROBE_COST);
	gather(predicate, visible, worth - visible->read);
	visible->read = worth;
}

static bool
probe(Predicate *predicate, int32 right, Datum key)
{
	MemoryContext old;

	if (predicate->kept && predicate->probing == NULL && !predicate->unscannable)
	{
		old = MemoryContextSwitchTo(predicate->statement->query);
		predicate->end = close_scans;
		predicate->probing = access_entry_scan_open(predicate, GetActiveSnapshot(), false);
		predicate->unscannable = predicate->probing == NULL;
		MemoryContextSwitchTo(old);
	}
	return predicate->probing != NULL ? access_entry_scan_holds(predicate->probing, right, key) :
		(access_predicate_entries(predicate, key, GetActiveSnapshot()) & right) != 0;
}

bool
access_visible(Predicate *predicate, int32 right, Datum key)
{
	VisibleKeys *visible;

	if (predicate->nprincipals == 0)
		return false;
	visible = visible_keys(predicate, right);
	if (!visible->complete && !visible->full && ++visible->asked % ASKED_BETWEEN == 0)
		go_on(predicate, visible);
	if (visible->keys != NULL && access_key_set_holds(visible->keys, key))
	{
		visible->hits += !visible->complete;
		return true;
	}
	return !visible->complete && probe(predicate, right, key);
}

/* ---- the planner's index path ---- */

Datum
access_visible_array(Predicate *predicate, int32 right, Oid elemtype)
{
	ArrayBuildState *state = initArrayResult(elemtype, CurrentMemoryContext, false);
	EntryScan  *scan = predicate->nprincipals > 0 ? access_entry_scan_open(predicate, GetActiveSnapshot(), true) :
	NULL;
	VisibleKeys *visible = visible_keys(predicate, right);
	int64		budget = PG_INT64_MAX;
	Datum		key;

	while (scan != NULL && access_entry_scan_next(scan, right, &budget, &key))
	{
		accumArrayResult(state, key, false, elemtype, CurrentMemoryContext);
		/* the function is asked again about the rows that are found so */
		if (!visible->complete)
			take(predicate, visible, key);
	}
	visible->complete |= scan != NULL && !visible->full;
	if (visible->complete)
		end_gathering(visible);
	if (scan != NULL)
		access_entry_scan_close(scan);
	return makeArrayResult(state, CurrentMemoryContext);
}

double
access_visible_estimate(Predicate *predicate, int limit)
{
	EntryScan  *scan = predicate->nprincipals > 0 ? access_entry_scan_open(predicate, GetActiveSnapshot(), true) :
	NULL;
	int64		budget = limit;
	double		n = 0;
	Datum		key;

	if (scan == NULL)
		return predicate->nprincipals > 0 ? -1 : 0;
	while (access_entry_scan_next(scan, 0, &budget, &key))
		n++;
	if (!access_entry_scan_ended(scan))
		n = -1;
	access_entry_scan_close(scan);
	return n;
}
