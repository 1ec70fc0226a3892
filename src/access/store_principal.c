/*
 * store_principal.c
 *		Does a principal hold anything in a table?  Where not, a share need look for no
 *		entry that is there already.
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/skey.h"
#include "access/store.h"
#include "catalog/pg_am.h"
#include "executor/tuptable.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/* dead index entries of a principal that are passed over before it counts as known */
#define KNOWN_LOOKS		32

/* A b-tree index that begins with column principal, open; NULL when somebody has dropped it. */
static Relation
open_principal_index(Store *store)
{
	List	   *indexes = RelationGetIndexList(store->rel);
	Relation	found = NULL;
	ListCell   *lc;

	foreach(lc, indexes)
	{
		Relation	index = index_open(lfirst_oid(lc), AccessShareLock);

		if (found == NULL && index->rd_rel->relam == BTREE_AM_OID && index->rd_index->indisvalid &&
			index->rd_index->indkey.values[0] == ENTRY_PRINCIPAL && RelationGetIndexPredicate(index) == NIL &&
			op_in_opfamily(model_principal(store->table)->eqop, index->rd_opfamily[0]))
			found = index;
		else
			index_close(index, AccessShareLock);
	}
	list_free(indexes);
	return found;
}

bool
access_store_principal_known(Store *store, Datum principal)
{
	Relation	index = open_principal_index(store);
	IndexScanDesc scan;
	ScanKeyData scankey;
	bool		known = false;

	if (index == NULL)
		return true;
	ScanKeyEntryInitializeWithInfo(&scankey, 0, 1, BTEqualStrategyNumber, InvalidOid, index->rd_indcollation[0],
								   &model_principal(store->table)->eq_finfo, principal);
	scan = relmeta_index_beginscan(store->rel, index, store->snapshot, 1);
	index_rescan(scan, &scankey, 1, NULL, 0);
	for (int looks = 0; !known; looks++)
	{
		if (index_getnext_tid(scan, ForwardScanDirection) == NULL)
			break;
		known = looks == KNOWN_LOOKS || index_fetch_heap(scan, store->slot);
	}
	index_endscan(scan);
	ExecClearTuple(store->slot);
	index_close(index, NoLock);
	return known;
}
