/*
 * set.c
 *		Sets of distinct values; see rowlist.h.
 */
#include "relmeta.h"

#include "common/hashfn.h"
#include "rows/rowlist.h"
#include "utils/datum.h"
#include "utils/memutils.h"

DatumSet *
rows_set_make(ModelType *type)
{
	DatumSet   *set = palloc0(sizeof(DatumSet));

	set->cxt = CurrentMemoryContext;
	set->type = type;
	return set;
}

DatumSet *
rows_set_make_equal(ModelType *type)
{
	DatumSet   *set = rows_set_make(type);

	set->by_equality = !type->by_image && type->has_hash;
	return set;
}

static void
datumset_rehash(DatumSet *set)
{
	set->capacity = set->capacity == 0 ? 8 : set->capacity * 2;
	set->nbuckets = set->capacity * 2;
	if (set->values == NULL)
	{
		set->values = MemoryContextAllocHuge(set->cxt, set->capacity * sizeof(Datum));
		set->hashes = MemoryContextAllocHuge(set->cxt, set->capacity * sizeof(uint32));
	}
	else
	{
		set->values = repalloc_huge(set->values, set->capacity * sizeof(Datum));
		set->hashes = repalloc_huge(set->hashes, set->capacity * sizeof(uint32));
		pfree(set->buckets);
	}
	set->buckets = MemoryContextAllocExtended(set->cxt, set->nbuckets * sizeof(int), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (int i = 0; i < set->count; i++)
	{
		uint32		bucket = set->hashes[i] & (set->nbuckets - 1);

		while (set->buckets[bucket] != 0)
			bucket = (bucket + 1) & (set->nbuckets - 1);
		set->buckets[bucket] = i + 1;
	}
}

void
rows_set_reserve(DatumSet *set, int64 n)
{
	MemoryContext old = MemoryContextSwitchTo(set->cxt);

	Assert(set->capacity == 0);
	for (set->capacity = 4; 2 * (int64) set->capacity < n && set->capacity < PG_INT32_MAX / 8;)
		set->capacity *= 2;
	datumset_rehash(set);
	MemoryContextSwitchTo(old);
}

bool
rows_set_add(DatumSet *set, Datum value)
{
	int			count = set->count;

	rows_set_index(set, value);
	return set->count > count;
}

/*
 * Keys that were given out one after the other mostly come so, too: sixteen of them are neighbours, on one line of a
 * processor's cache, where each would be on another of a set that is larger than the cache.  Which of the sixteen is
 * first is as good as random: values of one stride are spread as any.
 */
static inline uint32
hash_neighbours(uint64 value)
{
	uint64		block = value >> 4;

	return murmurhash32((uint32) block ^ murmurhash32((uint32) (block >> 32))) ^ (uint32) (value & 15);
}

static inline uint32
hash_value(DatumSet *set, Datum value)
{
	ModelType  *type = set->type;

	if (set->by_equality)
		return DatumGetUInt32(FunctionCall1Coll(&type->hash_finfo, type->collation, value));
	return type->typbyval ? hash_neighbours((uint64) value) : datum_image_hash(value, false, type->typlen);
}

uint32
rows_set_hash(DatumSet *set, Datum value)
{
	return hash_value(set, value);
}

/* Is value number i of the set that one? */
static inline bool
is_value(DatumSet *set, int i, Datum value, uint32 hash)
{
	ModelType  *type = set->type;

	if (set->by_equality)
		return set->hashes[i] == hash && model_type_equal(type, set->values[i], value);
	return type->typbyval ? set->values[i] == value :
		set->hashes[i] == hash && datum_image_eq(set->values[i], value, false, type->typlen);
}

static int
find_hashed(DatumSet *set, Datum value, uint32 hash)
{
	if (set->nbuckets == 0)
		return -1;
	for (uint32 bucket = hash & (set->nbuckets - 1); set->buckets[bucket] != 0;
		 bucket = (bucket + 1) & (set->nbuckets - 1))
	{
		int			i = set->buckets[bucket] - 1;

		if (is_value(set, i, value, hash))
			return i;
	}
	return -1;
}

int
rows_set_find(DatumSet *set, Datum value)
{
	return find_hashed(set, value, hash_value(set, value));
}

int
rows_set_index(DatumSet *set, Datum value)
{
	ModelType  *type = set->type;
	uint32		hash = hash_value(set, value);
	uint32		bucket;
	MemoryContext old;
	int			found = find_hashed(set, value, hash);

	if (found >= 0)
		return found;

	old = MemoryContextSwitchTo(set->cxt);
	if (set->count == set->capacity)
		datumset_rehash(set);
	for (bucket = hash & (set->nbuckets - 1); set->buckets[bucket] != 0;)
		bucket = (bucket + 1) & (set->nbuckets - 1);
	set->values[set->count] = datumCopy(value, type->typbyval, type->typlen);
	set->hashes[set->count] = hash;
	set->buckets[bucket] = ++set->count;
	MemoryContextSwitchTo(old);
	return set->count - 1;
}

Datum
rows_set_array(DatumSet *set, int from, int upto)
{
	return model_type_array(set->type, set->values + from, upto - from);
}
