/*
 * key.c
 *		The columns in which a relation holds a key: by name, out of rows, to an index; see key.h.
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/skey.h"
#include "access/table.h"
#include "catalog/pg_am.h"
#include "model/key.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

/* ---- out of rows ---- */

bool
model_key_reader_set(ModelKeyReader *reader, Oid relid)
{
	if (reader->relid != relid)
	{
		reader->relid = relid;
		reader->attnums.only = get_attnum(relid, reader->columns->only.name);
	}
	return reader->attnums.only > 0;
}

Oid
model_key_reader_type(ModelKeyReader *reader)
{
	return get_atttype(reader->relid, reader->attnums.only);
}

bool
model_key_read(ModelKeyReader *reader, Relation rel, TupleTableSlot *slot, Datum *key)
{
	bool		isnull = true;

	if (model_key_reader_set(reader, RelationGetRelid(rel)))
		*key = slot_getattr(slot, reader->attnums.only, &isnull);
	return !isnull;
}

bool
model_key_read_tuple(ModelKeyReader *reader, Relation rel, HeapTuple tuple, Datum *key)
{
	bool		isnull = true;

	if (model_key_reader_set(reader, RelationGetRelid(rel)))
		*key = heap_getattr(tuple, reader->attnums.only, RelationGetDescr(rel), &isnull);
	return !isnull;
}

/* ---- columns of a relation ---- */

bool
model_columns_of_primary_key(ModelKeyColumns *columns, Oid relid, ModelType *type)
{
	Relation	rel = relmeta_relation_open(relid, AccessShareLock);
	Bitmapset  *key = RelationGetIndexAttrBitmap(rel, INDEX_ATTR_BITMAP_PRIMARY_KEY);
	ModelColumn *only = &columns->only;
	int			member;
	Oid			typid;
	int32		typmod;
	Oid			collation;

	table_close(rel, NoLock);
	if (!bms_get_singleton_member(key, &member))
		return false;
	memset(columns, 0, sizeof(ModelKeyColumns));
	only->attnum = member + FirstLowInvalidHeapAttributeNumber;
	only->name = get_attname(relid, only->attnum, false);
	only->sql_name = pstrdup(quote_identifier(only->name));
	only->not_null = true;
	if (type != NULL)
	{
		only->type = *type;
		only->type.sql_collate = "";	/* the column's own */
	}
	else
	{
		get_atttypetypmodcoll(relid, only->attnum, &typid, &typmod, &collation);
		model_type_fill_own(&only->type, typid, typmod, collation);
	}
	return true;
}

List *
model_columns_names(ModelKeyColumns *columns)
{
	return list_make1(columns->only.name);
}

char *
model_columns_text(ModelKeyColumns *columns)
{
	return columns->only.name;
}

bool
model_columns_have(ModelKeyColumns *columns, const char *name)
{
	return columns->only.name != NULL && strcmp(columns->only.name, name) == 0;
}

bool
model_columns_equal(ModelKeyColumns *a, ModelKeyColumns *b)
{
	return b->only.name != NULL && model_columns_have(a, b->only.name);
}

char *
model_columns_counterpart(ModelKeyColumns *columns, const char *name, ModelKeyColumns *others)
{
	Assert(model_columns_have(columns, name));
	return others->only.name;
}

bool
model_columns_granted(ModelKeyColumns *columns, Oid relid, Oid role, AclMode mode)
{
	return pg_attribute_aclcheck(relid, columns->only.attnum, role, mode) == ACLCHECK_OK;
}

/* ---- indexes ---- */

void
model_columns_scan(ModelKeyColumns *columns, ModelTable *by, Relation index, Datum key, ScanKey scankeys)
{
	ScanKeyEntryInitializeWithInfo(&scankeys[0], 0, 1, BTEqualStrategyNumber, InvalidOid, index->rd_indcollation[0],
								   &by->key.only.type.eq_finfo, key);
}

bool
model_columns_lead(ModelKeyColumns *columns, Form_pg_index index)
{
	return index->indkey.values[0] == columns->only.attnum;
}

bool
model_columns_searchable(ModelKeyColumns *columns, ModelTable *by, Relation index)
{
	ModelType  *type = &by->key.only.type;

	return index->rd_rel->relam == BTREE_AM_OID && index->rd_indcollation[0] == type->collation &&
		op_in_opfamily(type->eqop, index->rd_opfamily[0]);
}

bool
model_columns_in_index(ModelKeyColumns *columns, Form_pg_index index)
{
	for (int i = 0; i < index->indnkeyatts; i++)
		if (model_columns_have_attnum(columns, index->indkey.values[i]))
			return true;
	return false;
}

Relation
model_key_open_index(ModelTable *table, Relation rel)
{
	Relation	index;

	list_free(RelationGetIndexList(rel));
	if (!OidIsValid(rel->rd_pkindex))
		return NULL;
	index = index_open(rel->rd_pkindex, AccessShareLock);
	if (model_columns_searchable(&table->key, table, index))
		return index;
	index_close(index, AccessShareLock);
	return NULL;
}

/* The key is unique in all partitions, so that they are told apart by its columns alone. */
int
model_key_partition_values(ModelTable *table, PartitionKey by, Datum key, Datum *values)
{
	ModelType  *type = &table->key.only.type;
	bool		hashed = by->strategy == PARTITION_STRATEGY_HASH;
	TypeCacheEntry *entry = lookup_type_cache(type->base_type,
											  hashed ? TYPECACHE_HASH_OPFAMILY : TYPECACHE_BTREE_OPFAMILY);
	Oid			family = hashed ? entry->hash_opf : entry->btree_opf;

	if (by->partnatts != 1 || by->partattrs[0] == 0 || !OidIsValid(family) ||
		by->partopfamily[0] != family || by->partcollation[0] != type->collation)
		return 0;
	values[0] = key;
	return 1;
}
