/*
 * leaf.c
 *		The partition that holds a key, found as PostgreSQL routes a new row there, without a
 *		statement.
 *
 * A primary key holds the columns that its table is partitioned by, at every level.  Bounds are compared by the
 * functions of an operator class: only where it is that of the type, whose functions are trusted (model/type_trust.c),
 * since whoever asks runs them.
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

/* The partition's number in the descriptor; -1: there is none. */
static int
route(PartitionKey key, PartitionBoundInfo bounds, Datum *values, int n)
{
	bool		nulls[PARTITION_MAX_KEYS] = {false};
	bool		equal = false;
	int			offset;
	int			result = -1;

	switch (key->strategy)
	{
		case PARTITION_STRATEGY_HASH:
			result = bounds->indexes[compute_partition_hash_value(n, key->partsupfunc, key->partcollation, values,
																  nulls) % bounds->nindexes];
			break;
		case PARTITION_STRATEGY_LIST:
			offset = partition_list_bsearch(key->partsupfunc, key->partcollation, bounds, values[0], &equal);
			if (offset >= 0 && equal)
				result = bounds->indexes[offset];
			break;
		default:
			offset = partition_range_datum_bsearch(key->partsupfunc, key->partcollation, bounds, n, values, &equal);
			result = bounds->indexes[offset + 1];
			break;
	}
	return result >= 0 ? result : bounds->default_index;
}

/* The levels above stay locked until the transaction ends, so that what has been found is not detached meanwhile. */
bool
access_open_leaf(ModelTable *table, Relation root, Datum key, LOCKMODE closing, Relation *leaf)
{
	Relation	rel = root;

	*leaf = NULL;
	while (rel != NULL && rel->rd_rel->relkind == RELKIND_PARTITIONED_TABLE)
	{
		Relation	next = NULL;
		Datum		values[PARTITION_MAX_KEYS];
		int			n = model_key_partition_values(table, RelationGetPartitionKey(rel), key, values);

		/* to read the bounds is to sort them, by the same functions */
		if (n > 0)
		{
			PartitionDesc desc = RelationGetPartitionDesc(rel, true);
			int			number = desc->nparts > 0 ?
			route(RelationGetPartitionKey(rel), desc->boundinfo, values, n) : -1;

			if (number >= 0)
				next = try_table_open(desc->oids[number], AccessShareLock);
		}
		if (rel != root)
			table_close(rel, closing);
		if (n == 0)
			return false;
		rel = next;
	}
	*leaf = rel;
	return true;
}
