/*
 * key_set.c
 *		A set of keys of one type; see key_set.h.
 */
#include "relmeta.h"

#include "access/key_set.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "utils/datum.h"
#include "utils/memutils.h"

/* the keys 64 * block to 64 * block + 63 of an integer type */
typedef struct KeyWord
{
	uint64		block;
	uint64		bits;
	char		status;
} KeyWord;

#define SH_PREFIX words
#define SH_ELEMENT_TYPE KeyWord
#define SH_KEY_TYPE uint64
#define SH_KEY block
#define SH_HASH_KEY(tb, key) murmurhash32((uint32) (key) ^ (uint32) ((key) >> 32))
#define SH_EQUAL(tb, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

typedef struct KeyValue
{
	Datum		key;
	uint32		hash;
	char		status;
} KeyValue;

struct values_hash;
static uint32 value_hash(struct values_hash *tb, Datum key);
static bool value_equal(struct values_hash *tb, Datum a, Datum b);

#define SH_PREFIX values
#define SH_ELEMENT_TYPE KeyValue
#define SH_KEY_TYPE Datum
#define SH_KEY key
#define SH_HASH_KEY(tb, key) value_hash(tb, key)
#define SH_EQUAL(tb, a, b) value_equal(tb, a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(tb, a) ((a)->hash)
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

struct KeySet
{
	ModelType  *type;
	MemoryContext cxt;
	words_hash *words;			/* of integers: this one, */
	values_hash *values;		/* else this */
	Size		copies;			/* of keys that are passed by reference */

	/* the word that was looked at last */
	bool		known;
	uint64		block;
	uint64		bits;
};

/* Equal only when the datums are, and near each other when these are. */
static bool
is_integer(ModelType *type)
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
value_hash(values_hash *tb, Datum key)
{
	ModelType  *type = ((KeySet *) tb->private_data)->type;

	return DatumGetUInt32(FunctionCall1Coll(&type->hash_finfo, type->collation, key));
}

static bool
value_equal(values_hash *tb, Datum a, Datum b)
{
	return model_type_equal(((KeySet *) tb->private_data)->type, a, b);
}

bool
access_key_set_possible(ModelType *type)
{
	return is_integer(type) || type->has_hash;
}

bool
access_key_set_of_words(ModelType *type)
{
	return is_integer(type);
}

KeySet *
access_key_set_make(ModelType *type)
{
	KeySet	   *set = palloc0(sizeof(KeySet));

	set->type = type;
	set->cxt = CurrentMemoryContext;
	if (is_integer(type))
		set->words = words_create(set->cxt, 64, set);
	else
		set->values = values_create(set->cxt, 256, set);
	return set;
}

void
access_key_set_add(KeySet *set, Datum key)
{
	MemoryContext old = MemoryContextSwitchTo(set->cxt);
	bool		found;

	if (set->words != NULL)
	{
		KeyWord    *word = words_insert(set->words, (uint64) key >> 6, &found);

		if (!found)
			word->bits = 0;
		word->bits |= UINT64CONST(1) << (key & 63);
		set->known = false;
	}
	else
	{
		KeyValue   *value = values_insert(set->values, key, &found);

		if (!found && !set->type->typbyval)
		{
			value->key = datumCopy(key, false, set->type->typlen);
			set->copies += GetMemoryChunkSpace(DatumGetPointer(value->key));
		}
	}
	MemoryContextSwitchTo(old);
}

bool
access_key_set_holds(KeySet *set, Datum key)
{
	uint64		block = (uint64) key >> 6;
	KeyWord    *word;

	if (set->words == NULL)
		return values_lookup(set->values, key) != NULL;
	if (!set->known || set->block != block)
	{
		word = words_lookup(set->words, block);
		set->known = true;
		set->block = block;
		set->bits = word != NULL ? word->bits : 0;
	}
	return (set->bits & (UINT64CONST(1) << (key & 63))) != 0;
}

Size
access_key_set_size(KeySet *set)
{
	return set->words != NULL ? set->words->size * sizeof(KeyWord) :
		set->copies + set->values->size * sizeof(KeyValue);
}
