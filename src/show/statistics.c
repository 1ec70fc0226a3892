/*
 * statistics.c
 *		relmeta.statistics and reset_statistics(), SEMANTICS 2.7.
 *
 * Counted when an act ends (rows/act.h), whether its transaction commits or not.  In
 * shared memory where the library is preloaded: a hash table of fixed size, keyed by
 * database, name and action, whose lock is shared by those who count and exclusive for
 * those who add or remove; an entry has a spinlock of its own.  When it is full, those of
 * relationships that are gone make room, or else the least used of the last while, a
 * twentieth of all at a time: nobody keeps others out.  Else the table is this session's.
 */
#include "relmeta.h"
#include "show/statistics.h"

#include "ddl/ddl.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "rows/act.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "storage/spin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(relmeta_read_statistics);
PG_FUNCTION_INFO_V1(relmeta_reset_statistics);

#define NAME "relmeta statistics"

/* As pg_stat_statements has it: when room was made, what was used before counts less. */
#define USAGE_DECREASE 0.99
#define MAKE_ROOM_PERCENT 5

typedef struct CounterKey
{
	Oid			database;
	int32		action;
	NameData	relationship;	/* padded with zeros */
} CounterKey;

typedef struct Counter
{
	CounterKey	key;
	slock_t		mutex;
	int64		calls;
	double		usage;			/* calls, older ones less */
	int64		rows;
	double		total_time;		/* ms */
	TimestampTz last_used;
} Counter;

static int	entries_max = 8192; /* setting, of the shared table */
static HTAB *counters = NULL;
static LWLock *lock = NULL;		/* NULL: the table is this session's */

static shmem_request_hook_type prev_shmem_request_hook = NULL;
static shmem_startup_hook_type prev_shmem_startup_hook = NULL;

static void
lock_table(LWLockMode mode)
{
	if (lock != NULL)
		LWLockAcquire(lock, mode);
}

static void
unlock_table(void)
{
	if (lock != NULL)
		LWLockRelease(lock);
}

/* ---- making room ---- */

static bool
is_gone(const CounterKey *key, Model *model)
{
	return key->database == MyDatabaseId &&
		model_relationship_by_name(model, NameStr(key->relationship)) == NULL &&
		model_intersect_by_name(model, NameStr(key->relationship)) == NULL;
}

static int
by_usage(const void *a, const void *b)
{
	double		usage1 = (*(Counter *const *) a)->usage;
	double		usage2 = (*(Counter *const *) b)->usage;

	return (usage1 > usage2) - (usage1 < usage2);
}

/* The lock is held exclusively: nobody counts. */
static void
make_room(Model *model)
{
	long		wanted = Max(10, entries_max * MAKE_ROOM_PERCENT / 100);
	long		n = 0;
	Counter   **all = palloc(hash_get_num_entries(counters) * sizeof(Counter *));
	HASH_SEQ_STATUS each;
	Counter    *counter;

	hash_seq_init(&each, counters);
	while ((counter = hash_seq_search(&each)) != NULL)
	{
		if (is_gone(&counter->key, model))
		{
			hash_search(counters, &counter->key, HASH_REMOVE, NULL);
			wanted--;
			continue;
		}
		counter->usage *= USAGE_DECREASE;
		all[n++] = counter;
	}
	qsort(all, n, sizeof(Counter *), by_usage);
	for (long i = 0; i < n && i < wanted; i++)
		hash_search(counters, &all[i]->key, HASH_REMOVE, NULL);
	pfree(all);
}

/* ---- counting ---- */

static Counter *
find_counter(CounterKey *key)
{
	Counter    *counter;
	bool		found;
	Model	   *model;

	lock_table(LW_SHARED);
	counter = hash_search(counters, key, HASH_FIND, NULL);
	if (counter != NULL)
		return counter;
	unlock_table();

	model = model_current();
	lock_table(LW_EXCLUSIVE);
	if (lock != NULL && hash_get_num_entries(counters) >= entries_max && !hash_search(counters, key, HASH_FIND, NULL))
		make_room(model);
	counter = hash_search(counters, key, lock != NULL ? HASH_ENTER_NULL : HASH_ENTER, &found);
	if (counter == NULL)
		unlock_table();
	else if (!found)
	{
		SpinLockInit(&counter->mutex);
		counter->calls = 0;
		counter->usage = 0;
		counter->rows = 0;
		counter->total_time = 0;
	}
	return counter;
}

static void
count(const char *relationship, ModelAction action, uint64 rows, double ms)
{
	CounterKey	key;
	Counter    *counter;
	TimestampTz now = GetCurrentStatementStartTimestamp();

	if (counters == NULL)
		return;
	memset(&key, 0, sizeof(key));
	key.database = MyDatabaseId;
	key.action = action;
	strlcpy(NameStr(key.relationship), relationship, NAMEDATALEN);
	counter = find_counter(&key);
	if (counter == NULL)
		return;
	SpinLockAcquire(&counter->mutex);
	counter->calls++;
	counter->usage++;
	counter->rows += (int64) rows;
	counter->total_time += ms;
	counter->last_used = now;
	SpinLockRelease(&counter->mutex);
	unlock_table();
}

/* ---- where the table is ---- */

static void
shmem_request(void)
{
	if (prev_shmem_request_hook)
		prev_shmem_request_hook();
	RequestAddinShmemSpace(hash_estimate_size(entries_max, sizeof(Counter)));
	RequestNamedLWLockTranche(NAME, 1);
}

static void
shmem_startup(void)
{
	HASHCTL		info = {.keysize = sizeof(CounterKey),.entrysize = sizeof(Counter)};

	if (prev_shmem_startup_hook)
		prev_shmem_startup_hook();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	lock = &(GetNamedLWLockTranche(NAME))->lock;
	counters = ShmemInitHash(NAME, entries_max, entries_max, &info, HASH_ELEM | HASH_BLOBS);
	LWLockRelease(AddinShmemInitLock);
}

void
show_statistics_init(void)
{
	HASHCTL		info = {.keysize = sizeof(CounterKey),.entrysize = sizeof(Counter)};

	rows_acted_hook = count;
	if (!process_shared_preload_libraries_in_progress)
	{
		info.hcxt = TopMemoryContext;
		counters = hash_create(NAME, 64, &info, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
		return;
	}
	DefineCustomIntVariable("relmeta.statistics_max",
							"Relationships and actions that relmeta.statistics has room for.",
							"When it is full, the least used make room.",
							&entries_max,
							8192, 100, INT_MAX / 2,
							PGC_POSTMASTER,
							0,
							NULL, NULL, NULL);
	prev_shmem_request_hook = shmem_request_hook;
	shmem_request_hook = shmem_request;
	prev_shmem_startup_hook = shmem_startup_hook;
	shmem_startup_hook = shmem_startup;
}

/* ---- the SQL functions ---- */

Datum
relmeta_read_statistics(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	HASH_SEQ_STATUS all;
	Counter    *counter;
	bool		nulls[6] = {false};

	InitMaterializedSRF(fcinfo, 0);
	lock_table(LW_SHARED);
	hash_seq_init(&all, counters);
	while ((counter = hash_seq_search(&all)) != NULL)
	{
		Counter		copy;
		Datum		values[6];

		if (counter->key.database != MyDatabaseId)
			continue;
		SpinLockAcquire(&counter->mutex);
		copy = *counter;
		SpinLockRelease(&counter->mutex);
		values[0] = CStringGetTextDatum(NameStr(copy.key.relationship));
		values[1] = CStringGetTextDatum(model_action_name(copy.key.action));
		values[2] = Int64GetDatum(copy.calls);
		values[3] = Int64GetDatum(copy.rows);
		values[4] = Float8GetDatum(copy.total_time);
		values[5] = TimestampTzGetDatum(copy.last_used);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	unlock_table();
	return (Datum) 0;
}

/* One's own: 42501 unless the caller owns the tables of the relationship, or declared an N:N one. */
static void
check_owner(const char *name)
{
	Model	   *model = ddl_model();
	ModelIntersect *link = model_intersect_by_name(model, name);
	ModelRelationship *relationship;

	if (link != NULL && OidIsValid(link->relid))
	{
		ddl_check_owner(link->relid);
		return;
	}
	relationship = model_relationship_required(model, name);
	ddl_check_owner(relationship->primary->relid);
	ddl_check_owner(relationship->related->relid);
}

/* relmeta.reset_statistics(relationship) */
Datum
relmeta_reset_statistics(PG_FUNCTION_ARGS)
{
	char	   *name = relmeta_argument_text(fcinfo, 0);
	HASH_SEQ_STATUS all;
	Counter    *counter;

	if (name != NULL)
		check_owner(name);
	else if (!superuser())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("only a superuser resets the statistics of all relationships"),
				 errhint("Name one of your own: SELECT relmeta.reset_statistics('...').")));

	lock_table(LW_EXCLUSIVE);
	hash_seq_init(&all, counters);
	while ((counter = hash_seq_search(&all)) != NULL)
	{
		if (counter->key.database == MyDatabaseId &&
			(name == NULL || strcmp(NameStr(counter->key.relationship), name) == 0))
			hash_search(counters, &counter->key, HASH_REMOVE, NULL);
	}
	unlock_table();
	PG_RETURN_VOID();
}
