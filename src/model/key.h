/*
 * key.h
 *		A row's key: what the rooms above know of it.
 *
 * A key is handed around as one value, a Datum of model_key_type(): lists, sets and maps of rows/ hold it, entries
 * store it as their object, statements get it as one parameter, or many as an array.
 *
 * A relation holds a key in ModelKeyColumns: a registered table its own (table->key); a related table that of the row
 * which it points to (relationship->lookup: a lookup is a key of the primary table as the related table has it); an
 * intersect table one for each side (intersect->column).  Which columns they are is said here alone: by name, as SQL
 * text, out of tuples, to an index.  Nothing above asks how many.
 *
 * Only arguments, rows of the catalog and documents have one name for them (key_column, lookup_column, column1):
 * what reads or writes those asks model_columns_declare() and model_columns_declared().  That a primary key of several
 * columns is refused is said by ddl/key.c.
 */
#ifndef MODEL_KEY_H
#define MODEL_KEY_H

#include "model/model.h"

#include "access/htup_details.h"
#include "access/sysattr.h"
#include "catalog/pg_index.h"
#include "executor/tuptable.h"
#include "nodes/parsenodes.h"
#include "utils/datum.h"
#include "utils/partcache.h"
#include "utils/rel.h"

/* At most so many columns hold a key: for arrays of columns and of scan keys. */
#define MODEL_KEY_COLUMNS 1

/* ---- values ---- */

/* The type of the keys in some columns, of a table's keys, of what a lookup holds, as values. */
static inline ModelType *
model_columns_type(ModelKeyColumns *columns)
{
	return &columns->only.type;
}

static inline ModelType *
model_key_type(ModelTable *table)
{
	return model_columns_type(&table->key);
}

static inline ModelType *
model_lookup_type(ModelRelationship *relationship)
{
	return model_columns_type(&relationship->lookup);
}

static inline bool
model_key_equal(ModelTable *table, Datum a, Datum b)
{
	return model_type_equal(model_key_type(table), a, b);
}

/* A copy in CurrentMemoryContext. */
static inline Datum
model_key_copy(ModelTable *table, Datum key)
{
	return datumCopy(key, model_key_type(table)->typbyval, model_key_type(table)->typlen);
}

/* As text, by the session's settings; and back: an error for a text that is no key's. */
static inline char *
model_key_output(ModelTable *table, Datum key)
{
	return model_type_output(model_key_type(table), key);
}

static inline Datum
model_key_input(ModelTable *table, const char *key)
{
	return model_type_input(model_key_type(table), key);
}

/* Some as an array, for unnest(). */
static inline Datum
model_key_array(ModelTable *table, const Datum *keys, int n)
{
	return model_type_array(model_key_type(table), keys, n);
}

/* ---- out of tuples ---- */

static inline Datum
model_key_of_slot(ModelLeaf *leaf, TupleTableSlot *slot)
{
	bool		isnull;

	return slot_getattr(slot, leaf->key.only, &isnull);
}

static inline Datum
model_key_of_tuple(ModelLeaf *leaf, HeapTuple tuple, TupleDesc desc)
{
	bool		isnull;

	return heap_getattr(tuple, leaf->key.only, desc, &isnull);
}

/* Of lookup number i, as model_as_related() has them: does the relation have it, and what does a row hold? */
static inline bool
model_leaf_has_lookup(ModelLeaf *leaf, int i)
{
	return leaf->lookups[i].lookup.only != InvalidAttrNumber;
}

static inline Datum
model_lookup_of_slot(ModelLeaf *leaf, int i, TupleTableSlot *slot, bool *isnull)
{
	return slot_getattr(slot, leaf->lookups[i].lookup.only, isnull);
}

static inline Datum
model_lookup_of_tuple(ModelLeaf *leaf, int i, HeapTuple tuple, TupleDesc desc, bool *isnull)
{
	return heap_getattr(tuple, leaf->lookups[i].lookup.only, desc, isnull);
}

/* Is a column of them among those, numbered as Bitmapsets have them? */
static inline bool
model_attnums_are_in(ModelKeyAttnums attnums, Bitmapset *columns)
{
	return attnums.only != InvalidAttrNumber &&
		bms_is_member(attnums.only - FirstLowInvalidHeapAttributeNumber, columns);
}

/* Of a tuple of the relation that the columns are of, not of a partition. */
static inline Datum
model_columns_of_row(ModelKeyColumns *columns, TupleTableSlot *slot, bool *isnull)
{
	return slot_getattr(slot, columns->only.attnum, isnull);
}

static inline Datum
model_columns_of_tuple(ModelKeyColumns *columns, HeapTuple tuple, TupleDesc desc, bool *isnull)
{
	return heap_getattr(tuple, columns->only.attnum, desc, isnull);
}

static inline Datum
model_key_of_row(ModelTable *table, TupleTableSlot *slot)
{
	bool		isnull;

	return model_columns_of_row(&table->key, slot, &isnull);
}

/* Out of rows of any relation that has the columns by name: of a partition that is not one any more. */
typedef struct ModelKeyReader
{
	ModelKeyColumns *columns;
	Oid			relid;			/* of the relation read last */
	ModelKeyAttnums attnums;
} ModelKeyReader;

/* False when the relation has no such columns; its rows hold values of that type. */
extern bool model_key_reader_set(ModelKeyReader *reader, Oid relid);
extern Oid	model_key_reader_type(ModelKeyReader *reader);

/* False when the row has none. */
extern bool model_key_read(ModelKeyReader *reader, Relation rel, TupleTableSlot *slot, Datum *key);
extern bool model_key_read_tuple(ModelKeyReader *reader, Relation rel, HeapTuple tuple, Datum *key);

/*
 * For who reads a row's columns one by one: appends those of the key, returns how many; and what key the values are
 * that were read of them.
 */
static inline int
model_columns_append(ModelKeyColumns *columns, ModelColumn **list)
{
	list[0] = &columns->only;
	return 1;
}

static inline Datum
model_columns_value(ModelKeyColumns *columns, const Datum *values, const bool *nulls, bool *isnull)
{
	*isnull = nulls[0];
	return values[0];
}

/* The columns' numbers, and the values that they have for a key; returns how many. */
static inline int
model_columns_attnums(ModelKeyColumns *columns, int *attnums)
{
	attnums[0] = columns->only.attnum;
	return 1;
}

static inline int
model_columns_spread(ModelKeyColumns *columns, Datum key, Datum *values)
{
	values[0] = key;
	return 1;
}

/* ---- columns of a relation ---- */

/* Are there any?  Not in what is broken, or pending. */
static inline bool
model_columns_exist(ModelKeyColumns *columns)
{
	return columns->only.name != NULL;
}

/* Has every row a key in them? */
static inline bool
model_columns_not_null(ModelKeyColumns *columns)
{
	return columns->only.not_null;
}

/*
 * The primary key's of any table, registered or not, for statements of the caller's own; type: of what it is compared
 * with, NULL: its own.  False: it has none.
 */
extern bool model_columns_of_primary_key(ModelKeyColumns *columns, Oid relid, ModelType *type);

/* Names (char *); and as messages and pictures show them: "a" */
extern List *model_columns_names(ModelKeyColumns *columns);
extern char *model_columns_text(ModelKeyColumns *columns);

/* Is this one of them? */
extern bool model_columns_have(ModelKeyColumns *columns, const char *name);

static inline bool
model_columns_have_attnum(ModelKeyColumns *columns, AttrNumber attnum)
{
	return attnum == columns->only.attnum;
}

static inline bool
model_key_has_column(ModelTable *table, const char *name)
{
	return model_columns_have(&table->key, name);
}

/* Are two of one relation the same?  And which of others holds what one of these does, where both hold one key? */
extern bool model_columns_equal(ModelKeyColumns *a, ModelKeyColumns *b);
extern char *model_columns_counterpart(ModelKeyColumns *columns, const char *name, ModelKeyColumns *others);

/* 40001 unless the number is that of a column of the type in the relation, which is the table or a partition of it. */
extern void model_column_check(ModelTable *table, Relation rel, ModelColumn *column, AttrNumber attnum);

/* As model_table_check_columns(), of all that is read of a related row. */
extern void model_related_check_columns(ModelRelationship *relationship, Relation rel);

/* May a role do that to each of them, who has no privilege on the whole relation? */
extern bool model_columns_granted(ModelKeyColumns *columns, Oid relid, Oid role, AclMode mode);

/*
 * ---- as declarations name and find them (SEMANTICS 2.2 to 2.4); palloc'd ----
 *
 * What a declaration, a row of relmeta's catalog or a document calls a key's columns: one name.
 * model_columns_declare() makes columns of it, of which nothing else is known: the relation may not have them yet.
 */
extern ModelKeyColumns *model_columns_declare(const char *name);
extern char *model_columns_declared(ModelKeyColumns *columns);

/*
 * The columns of those names, of an index, of an int2[] (an end of a foreign key in pg_constraint), as the relation has
 * them now; of their types only which they are.  NULL: it lacks one, or no key can be in so many.
 */
extern ModelKeyColumns *model_columns_find(ModelKeyColumns *columns, Oid relid);
extern ModelKeyColumns *model_columns_of_index(Form_pg_index index);
extern ModelKeyColumns *model_columns_of_numbers(Oid relid, Datum numbers);

/* Are they those of an int2[], in its order? */
extern bool model_columns_are_numbered(ModelKeyColumns *columns, Datum numbers);

/* By their numbers in one relation, for sorting. */
extern int	model_columns_compare(ModelKeyColumns *a, ModelKeyColumns *b);

/* Are they the columns of an index from a place on? */
extern bool model_columns_at(ModelKeyColumns *columns, Form_pg_index index, int place);

/* What is to be known of the types of columns that were found: as model_type_fill() and its like. */
extern void model_columns_fill(ModelKeyColumns *found);
extern void model_columns_fill_own(ModelKeyColumns *found);
extern bool model_columns_fill_quietly(ModelKeyColumns *found);

/* ---- indexes ---- */

/* How many scan keys find the rows of a key in an index that the columns lead. */
static inline int
model_columns_count(ModelKeyColumns *columns)
{
	return 1;
}

/* Do they lead the index?  Are they all among what it is of? */
extern bool model_columns_lead(ModelKeyColumns *columns, Form_pg_index index);
extern bool model_columns_in_index(ModelKeyColumns *columns, Form_pg_index index);

/*
 * Can an index that they lead be searched by the equality of a table's keys, and by which scan keys?  A lookup may be
 * of another collation than the key.
 */
extern bool model_columns_searchable(ModelKeyColumns *columns, ModelTable *by, Relation index);
extern void model_columns_scan(ModelKeyColumns *columns, ModelTable *by, Relation index, Datum key, ScanKey scankeys);

/* The index of rel's primary key, open, if rows of the table, or of a partition, can be searched in it; else NULL. */
extern Relation model_key_open_index(ModelTable *table, Relation rel);

/*
 * The values of what a table is partitioned by, in rows with a key: how many.  0: it is partitioned by something else
 * than columns of the key, or not as their types compare.
 */
extern int	model_key_partition_values(ModelTable *table, PartitionKey by, Datum key, Datum *values);

/* ---- in SQL; the texts are palloc'd ---- */

/* The type of a parameter for a key, or for an array of keys: unnest() of that gives keys. */
static inline Oid
model_columns_param(ModelKeyColumns *columns, bool many)
{
	return many ? model_columns_type(columns)->array_type : model_columns_type(columns)->base_type;
}

static inline Oid
model_key_param(ModelTable *table, bool many)
{
	return model_columns_param(&table->key, many);
}

/* The key of a row, as one value: t.id; alias NULL: id */
extern char *model_columns_sql(ModelKeyColumns *columns, const char *alias);
extern char *model_key_sql(ModelTable *table, const char *alias);

/*
 * A row's key is this one, which is a parameter, or a key in SQL: t.id OPERATOR(pg_catalog.=) $1; one of an array of
 * keys: t.id OPERATOR(pg_catalog.=) ANY ($1).  By the columns' own equality.
 */
extern char *model_columns_are(ModelKeyColumns *columns, const char *alias, const char *key);
extern char *model_columns_are_any(ModelKeyColumns *columns, const char *alias, const char *keys);
extern char *model_key_is(ModelTable *table, const char *alias, const char *key);

/* A row has one: t.account_id IS NOT NULL */
extern char *model_columns_are_set(ModelKeyColumns *columns, const char *alias);

/* For SET: account_id = $1; key NULL: account_id = NULL */
extern char *model_columns_set(ModelKeyColumns *columns, const char *key);

/* For lists of columns: account_id; and of literals: 'account_id'; what goes into each, of a key in SQL: k.key */
extern char *model_columns_list(ModelKeyColumns *columns);
extern char *model_columns_literals(ModelKeyColumns *columns);
extern char *model_columns_values(ModelKeyColumns *columns, const char *key);

/* A row's key comes after this one, in their order: $1 OPERATOR(pg_catalog.<) t.id */
extern char *model_key_is_after(ModelTable *table, const char *alias, const char *key);

/* An entry's object is this one: e.object OPERATOR(pg_catalog.=) $1 */
extern char *model_object_is(ModelTable *table, const char *alias, const char *key);

/*
 * What a related row points to: c.account_id; whether that is this key, or one of an array, by the equality of the
 * primary table's keys: c.account_id OPERATOR(pg_catalog.=) $1, c.account_id OPERATOR(pg_catalog.=) ANY ($1)
 */
extern char *model_lookup_sql(ModelRelationship *relationship, const char *alias);
extern char *model_lookup_is(ModelRelationship *relationship, const char *alias, const char *key);
extern char *model_lookup_is_any(ModelRelationship *relationship, const char *alias, const char *keys);

#endif							/* MODEL_KEY_H */
