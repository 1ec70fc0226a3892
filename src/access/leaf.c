/*
 * leaf.c
 *		The partition that holds a key, found as PostgreSQL routes a new row there, without a
 *		statement.
 *
 * The primary key of a partitioned table is one column (SEMANTICS 2.2), so its partition key is that column, at
 * every level.  Bounds are compared by the functions of an operator class: only where it is that of the type, whose
 * functions are trusted (model/type_trust.c), since whoever asks runs them.
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/relation.h"
#include "access/table.h"
#include "model/key.h"
#include "partitioning/partbounds.h"
#include "partitioning/partdesc.h"
#include "utils/partcache.h"
#include "utils/rel.h"
#include "utils/typcache.h"

/* Is it partitioned by the key's column alone, as its type compares? */
static bool
is_by_key(ModelTable *table, PartitionKey key)
{
	ModelType  *type = model_key_type(table);
	bool		hashed = key->strategy == PARTITION_STRATEGY_HASH;
	TypeCacheEntry *entry = lookup_type_cache(type->base_type,
											  hashed ? TYPECACHE_HASH_OPFAMILY : TYPECACHE_BTREE_OPFAMILY);
	Oid			family = hashed ? entry->hash_opf : entry->btree_opf;

	return key->partnatts == 1 && key->partattrs[0] != 0 && OidIsValid(family) &&
		key->partopfamily[0] == family && key->partcollation[0] == type->collation;
}

/* The partition's number in the descriptor; -1: there is none. */
static int
route(PartitionKey key, PartitionBoundInfo bounds, Datum value)
{
	bool		isnull = false;
	bool		equal = false;
	int			offset;
	int			result = -1;

	switch (key->strategy)
	{
		case PARTITION_STRATEGY_HASH:
			result = bounds->indexes[compute_partition_hash_value(1, key->partsupfunc, key->partcollation, &value,
																  &isnull) % bounds->nindexes];
			break;
		case PARTITION_STRATEGY_LIST:
			offset = partition_list_bsearch(key->partsupfunc, key->partcollation, bounds, value, &equal);
			if (offset >= 0 && equal)
				result = bounds->indexes[offset];
			break;
		default:
			offset = partition_range_datum_bsearch(key->partsupfunc, key->partcollation, bounds, 1, &value, &equal);
			result = bounds->indexes[offset + 1];
			break;
	}
	return result >= 0 ? result : bounds->default_index;
}

/* The levels above stay locked until the transaction ends, so that what has been found is not detached meanwhile. */
bool
access_open_leaf(ModelTable *table, Relation root, Datum key, Relation *leaf)
{
	Relation	rel = root;

	*leaf = NULL;
	while (rel != NULL && rel->rd_rel->relkind == RELKIND_PARTITIONED_TABLE)
	{
		Relation	next = NULL;
		bool		by_key = is_by_key(table, RelationGetPartitionKey(rel));

		/* to read the bounds is to sort them, by the same functions */
		if (by_key)
		{
			PartitionDesc desc = RelationGetPartitionDesc(rel, true);
			int			number = desc->nparts > 0 ? route(RelationGetPartitionKey(rel), desc->boundinfo, key) : -1;

			if (number >= 0)
				next = try_table_open(desc->oids[number], AccessShareLock);
		}
		if (rel != root)
			table_close(rel, NoLock);
		if (!by_key)
			return false;
		rel = next;
	}
	*leaf = rel;
	return true;
}
