/*
 * key_file.c
 *		A set of keys that goes to files beyond work_mem; see key_file.h.
 */
#include "relmeta.h"

#include "commands/tablespace.h"
#include "miscadmin.h"
#include "rows/key_file.h"
#include "rows/temp_file.h"
#include "storage/buffile.h"
#include "utils/datum.h"
#include "utils/memutils.h"

/* A stretch of a run ends with the entry that makes it so long. */
#define STRETCH_BYTES BLCKSZ

/* log2(n) of them hold any set */
#define MAX_RUNS 64

/* in a run, before each key, which takes MAXALIGN(size) bytes: of a key passed by value, the Datum */
typedef struct KeyEntry
{
	uint32		hash;
	uint32		size;
} KeyEntry;

StaticAssertDecl(sizeof(KeyEntry) == MAXALIGN(sizeof(KeyEntry)), "keys are aligned in a stretch");

typedef struct Stretch
{
	uint32		hash;			/* of its first entry */
	int			fileno;			/* where it begins */
	off_t		offset;
	Size		bytes;
} Stretch;

typedef struct Run
{
	BufFile    *file;
	int64		nkeys;
	Stretch    *stretches;
	int64		nstretches;
	int64		capacity;
} Run;

struct KeyFile
{
	MemoryContext cxt;
	ModelType  *type;
	MemoryContext recent_cxt;	/* reset when its keys are written */
	DatumSet   *recent;
	Run			runs[MAX_RUNS];
	int			nruns;

	/* for one stretch, or one entry while runs are merged */
	char	   *buffer;
	Size		buffer_bytes;
};

static void
close_file(void *file)
{
	BufFileClose(file);
}

/* Once: also if that fails. */
static void
close_run(Run *run)
{
	BufFile    *file = run->file;

	run->file = NULL;
	if (file != NULL)
		rows_temp_file_close(close_file, file);
}

static void
close_runs(void *arg)
{
	KeyFile    *set = arg;

	while (set->nruns > 0)
		close_run(&set->runs[--set->nruns]);
}

static void
make_recent(KeyFile *set)
{
	MemoryContext old = MemoryContextSwitchTo(set->recent_cxt);

	set->recent = rows_set_make_equal(set->type);
	MemoryContextSwitchTo(old);
}

KeyFile *
rows_key_file_make(ModelType *type)
{
	KeyFile    *set = palloc0(sizeof(KeyFile));
	MemoryContextCallback *callback = palloc0(sizeof(MemoryContextCallback));

	set->cxt = CurrentMemoryContext;
	set->type = type;
	set->recent_cxt = AllocSetContextCreate(set->cxt, "relmeta recent keys", ALLOCSET_DEFAULT_SIZES);
	make_recent(set);
	callback->func = close_runs;
	callback->arg = set;
	MemoryContextRegisterResetCallback(set->cxt, callback);
	return set;
}

/* ---- a run is written ---- */

/* Files are not the subtransaction's that is on, which may end before the set does: close_runs() closes them. */
static Run *
begin_run(KeyFile *set)
{
	Run		   *run = &set->runs[set->nruns];

	if (set->nruns == MAX_RUNS)
		elog(ERROR, "too many runs of keys");
	memset(run, 0, sizeof(Run));
	PrepareTempTablespaces();
	run->file = BufFileCreateTemp(true);
	set->nruns++;
	return run;
}

/* The entry begins a stretch if the last one is long enough. */
static void
count_entry(Run *run, KeyEntry *entry)
{
	Stretch    *last = run->nstretches == 0 ? NULL : &run->stretches[run->nstretches - 1];

	if (last == NULL || last->bytes >= STRETCH_BYTES)
	{
		if (run->nstretches == run->capacity)
		{
			run->capacity = run->capacity == 0 ? 8 : run->capacity * 2;
			run->stretches = run->stretches == NULL ? palloc(run->capacity * sizeof(Stretch)) :
				repalloc_huge(run->stretches, run->capacity * sizeof(Stretch));
		}
		last = &run->stretches[run->nstretches++];
		last->hash = entry->hash;
		BufFileTell(run->file, &last->fileno, &last->offset);
		last->bytes = 0;
	}
	last->bytes += sizeof(KeyEntry) + MAXALIGN(entry->size);
	run->nkeys++;
}

static void
write_entry(Run *run, KeyEntry *entry, void *key)
{
	static char padding[MAXIMUM_ALIGNOF] = {0};

	count_entry(run, entry);
	BufFileWrite(run->file, entry, sizeof(KeyEntry));
	BufFileWrite(run->file, key, entry->size);
	BufFileWrite(run->file, padding, MAXALIGN(entry->size) - entry->size);
}

static int
compare_hashed(const void *a, const void *b)
{
	uint32		left = (uint32) (*(const uint64 *) a >> 32);
	uint32		right = (uint32) (*(const uint64 *) b >> 32);

	return left < right ? -1 : left > right;
}

/* The keys in memory become a run. */
static void
write_recent(KeyFile *set)
{
	DatumSet   *recent = set->recent;
	Run		   *run = begin_run(set);
	uint64	   *order = MemoryContextAllocHuge(set->recent_cxt, recent->count * sizeof(uint64));

	for (int i = 0; i < recent->count; i++)
		order[i] = (uint64) recent->hashes[i] << 32 | (uint32) i;
	qsort(order, recent->count, sizeof(uint64), compare_hashed);
	for (int i = 0; i < recent->count; i++)
	{
		Datum		key = recent->values[(uint32) order[i]];
		KeyEntry	entry;

		entry.hash = (uint32) (order[i] >> 32);
		entry.size = set->type->typbyval ? sizeof(Datum) : (uint32) datumGetSize(key, false, set->type->typlen);
		write_entry(run, &entry, set->type->typbyval ? (void *) &key : DatumGetPointer(key));
	}
	MemoryContextReset(set->recent_cxt);
	make_recent(set);
}

/* ---- runs are merged ---- */

static void
read_exactly(BufFile *file, void *to, Size bytes)
{
	if (BufFileRead(file, to, bytes) != bytes)
		elog(ERROR, "a run of keys ends too early");
}

static void
make_room(KeyFile *set, Size bytes)
{
	if (set->buffer_bytes >= bytes)
		return;
	if (set->buffer != NULL)
		pfree(set->buffer);
	set->buffer_bytes = 0;
	set->buffer = MemoryContextAllocHuge(set->cxt, bytes);
	set->buffer_bytes = bytes;
}

/* Copies an entry whose head has been read, and reads the next one's. */
static void
pass_entry(KeyFile *set, Run *from, int64 *left, KeyEntry *entry, Run *to)
{
	make_room(set, MAXALIGN(entry->size));
	read_exactly(from->file, set->buffer, MAXALIGN(entry->size));
	write_entry(to, entry, set->buffer);
	if (--*left > 0)
		read_exactly(from->file, entry, sizeof(KeyEntry));
}

/* The last two runs become one. */
static void
merge_last(KeyFile *set)
{
	int			first = set->nruns - 2;
	Run		   *merged = begin_run(set);
	Run		   *from[2] = {&set->runs[first], &set->runs[first + 1]};
	KeyEntry	entries[2];
	int64		left[2];

	for (int i = 0; i < 2; i++)
	{
		left[i] = from[i]->nkeys;
		if (BufFileSeek(from[i]->file, 0, 0, SEEK_SET) != 0)
			elog(ERROR, "could not rewind a run of keys");
		read_exactly(from[i]->file, &entries[i], sizeof(KeyEntry));
	}
	while (left[0] > 0 || left[1] > 0)
	{
		int			i = left[0] == 0 || (left[1] > 0 && entries[1].hash < entries[0].hash);

		CHECK_FOR_INTERRUPTS();
		pass_entry(set, from[i], &left[i], &entries[i], merged);
	}
	for (int i = 0; i < 2; i++)
	{
		close_run(from[i]);
		pfree(from[i]->stretches);
	}
	set->runs[first] = *merged;
	set->nruns = first + 1;
}

void
rows_key_file_add(KeyFile *set, Datum key)
{
	MemoryContext old;

	rows_set_add(set->recent, key);
	if (MemoryContextMemAllocated(set->recent_cxt, false) < (Size) work_mem * 1024)
		return;
	old = MemoryContextSwitchTo(set->cxt);
	write_recent(set);
	while (set->nruns > 1 && set->runs[set->nruns - 1].nkeys >= set->runs[set->nruns - 2].nkeys)
		merge_last(set);
	MemoryContextSwitchTo(old);
}

/* ---- keys are found ---- */

/* The last stretch that begins before the hash, or the first: entries of the hash begin in it or with the next. */
static int64
find_stretch(Run *run, uint32 hash)
{
	int64		low = 0;
	int64		high = run->nstretches;

	while (high - low > 1)
	{
		int64		middle = (low + high) / 2;

		if (run->stretches[middle].hash < hash)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* The stretch's entries, in the buffer. */
static char *
read_stretch(KeyFile *set, Run *run, Stretch *stretch)
{
	make_room(set, stretch->bytes);
	if (BufFileSeek(run->file, stretch->fileno, stretch->offset, SEEK_SET) != 0)
		elog(ERROR, "could not seek in a run of keys");
	read_exactly(run->file, set->buffer, stretch->bytes);
	return set->buffer;
}

/* As the DatumSet takes them for one. */
static bool
is_same(KeyFile *set, Datum a, Datum b)
{
	ModelType  *type = set->type;

	return set->recent->by_equality ? model_type_equal(type, a, b) : datum_image_eq(a, b, type->typbyval, type->typlen);
}

static bool
run_holds(KeyFile *set, Run *run, uint32 hash, Datum key)
{
	for (int64 i = find_stretch(run, hash); i < run->nstretches && run->stretches[i].hash <= hash; i++)
	{
		char	   *at = read_stretch(set, run, &run->stretches[i]);
		char	   *end = at + run->stretches[i].bytes;

		while (at < end && ((KeyEntry *) at)->hash <= hash)
		{
			KeyEntry   *entry = (KeyEntry *) at;
			char	   *value = at + sizeof(KeyEntry);

			if (entry->hash == hash &&
				is_same(set, set->type->typbyval ? *(Datum *) value : PointerGetDatum(value), key))
				return true;
			at = value + MAXALIGN(entry->size);
		}
	}
	return false;
}

bool
rows_key_file_holds(KeyFile *set, Datum key)
{
	uint32		hash;

	if (rows_set_find(set->recent, key) >= 0)
		return true;
	hash = set->nruns > 0 ? rows_set_hash(set->recent, key) : 0;
	for (int i = 0; i < set->nruns; i++)
		if (run_holds(set, &set->runs[i], hash, key))
			return true;
	return false;
}
