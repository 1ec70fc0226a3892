/*
 * key.h
 *		A row's key: what the rooms above know of it.
 *
 * A key is handed around as one value, a Datum of model_key_type(): lists, sets and maps of rows/ hold it, entries
 * store it as their object, statements get it as one parameter, or many as an array.  Which columns of the table it is
 * made of is said here alone: as SQL text, and out of tuples.  Nothing above asks how many they are.
 *
 * A lookup is a key of the primary table as the related table has it.
 */
#ifndef MODEL_KEY_H
#define MODEL_KEY_H

#include "model/model.h"

#include "access/htup_details.h"
#include "access/sysattr.h"
#include "executor/tuptable.h"
#include "utils/datum.h"
#include "utils/rel.h"

/* ---- values ---- */

/* The type of a table's keys as values. */
static inline ModelType *
model_key_type(ModelTable *table)
{
	return &table->key.type;
}

static inline bool
model_key_equal(ModelTable *table, Datum a, Datum b)
{
	return model_type_equal(&table->key.type, a, b);
}

/* A copy in CurrentMemoryContext. */
static inline Datum
model_key_copy(ModelTable *table, Datum key)
{
	return datumCopy(key, table->key.type.typbyval, table->key.type.typlen);
}

/* As text, by the session's settings; and back: an error for a text that is no key's. */
static inline char *
model_key_output(ModelTable *table, Datum key)
{
	return model_type_output(&table->key.type, key);
}

static inline Datum
model_key_input(ModelTable *table, const char *key)
{
	return model_type_input(&table->key.type, key);
}

/* Some as an array, for unnest(). */
static inline Datum
model_key_array(ModelTable *table, const Datum *keys, int n)
{
	return model_type_array(&table->key.type, keys, n);
}

/* ---- out of tuples ---- */

static inline Datum
model_key_of_slot(ModelLeaf *leaf, TupleTableSlot *slot)
{
	bool		isnull;

	return slot_getattr(slot, leaf->key, &isnull);
}

static inline Datum
model_key_of_tuple(ModelLeaf *leaf, HeapTuple tuple, TupleDesc desc)
{
	bool		isnull;

	return heap_getattr(tuple, leaf->key, desc, &isnull);
}

/* Is a column of it among those, numbered as Bitmapsets have them? */
static inline bool
model_key_is_in(ModelLeaf *leaf, Bitmapset *columns)
{
	return bms_is_member(leaf->key - FirstLowInvalidHeapAttributeNumber, columns);
}

/* Of a tuple of the registered table itself, not of a partition. */
static inline Datum
model_key_of_row(ModelTable *table, TupleTableSlot *slot)
{
	bool		isnull;

	return slot_getattr(slot, table->key.attnum, &isnull);
}

/* Out of rows of any relation that has the columns of the table by name: of a partition that is not one any more. */
typedef struct ModelKeyReader
{
	ModelTable *table;
	Oid			relid;			/* of the relation read last */
	AttrNumber	attnum;
} ModelKeyReader;

/* False when the row has none. */
extern bool model_key_read(ModelKeyReader *reader, Relation rel, TupleTableSlot *slot, Datum *key);

/* May a role read it, who has no privilege on the whole table? */
extern bool model_key_may_select(ModelTable *table, Oid role);

/* Names (char *) of the columns; is this one of them? */
extern List *model_key_columns(ModelTable *table);
extern bool model_key_has_column(ModelTable *table, const char *name);

/* ---- in SQL; the texts are palloc'd ---- */

/* The type of a parameter for a key, or for an array of keys: unnest() of that gives keys. */
static inline Oid
model_key_param(ModelTable *table, bool many)
{
	return many ? table->key.type.array_type : table->key.type.base_type;
}

/* The key of a row: t.id; alias NULL: id */
extern char *model_key_sql(ModelTable *table, const char *alias);

/* A row's key is this one, which is a parameter, or a key in SQL: t.id OPERATOR(pg_catalog.=) $1 */
extern char *model_key_is(ModelTable *table, const char *alias, const char *key);

/* A row's key comes after this one, in their order: $1 OPERATOR(pg_catalog.<) t.id */
extern char *model_key_is_after(ModelTable *table, const char *alias, const char *key);

/* An entry's object is this one: e.object OPERATOR(pg_catalog.=) $1 */
extern char *model_object_is(ModelTable *table, const char *alias, const char *key);

/* What a related row points to: c.account_id; whether that is this key: c.account_id OPERATOR(pg_catalog.=) $1 */
extern char *model_lookup_sql(ModelRelationship *relationship, const char *alias);
extern char *model_lookup_is(ModelRelationship *relationship, const char *alias, const char *key);

/* Whether it is one of an array of keys: c.account_id OPERATOR(pg_catalog.=) ANY ($1) */
extern char *model_lookup_is_any(ModelRelationship *relationship, const char *alias, const char *keys);

#endif							/* MODEL_KEY_H */
