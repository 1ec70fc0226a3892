/*
 * store_index.c
 *		The index entries of rows that are inserted together.
 *
 * One index after the other, not one row after the other as ExecInsertIndexTuples() does: the pages and the code of an
 * index are at hand for all of the rows.
 *
 * Rows mostly come in the order of keys, behind all that there is: each entry goes to an index's last page.  In a tree
 * of three levels and more nbtree keeps that page in mind (RelationGetTargetBlock()) and looks there before it goes
 * down from the root.  It does so in a lower tree, too, when it is told which page that is.  That is a hint and no
 * more: before nbtree uses it, it makes sure, under its lock on the page, that it is the last leaf, that the entry
 * belongs there and fits.
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/nbtree.h"
#include "access/store.h"
#include "catalog/index.h"
#include "catalog/pg_am.h"
#include "compat_table.h"
#include "executor/executor.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"

/* for so many rows a last page is looked for */
#define HINT_ROWS		8

/* so often in vain, one after the other */
#define HINT_TRIES		2

/* Has it an entry for each row, made of columns alone, and is it told at once when one is not unique? */
static bool
is_plain(Relation index, IndexInfo *info)
{
	return index != NULL && info->ii_ReadyForInserts && info->ii_Predicate == NIL && info->ii_Expressions == NIL &&
		info->ii_ExclusionOps == NULL && index->rd_index->indimmediate;
}

/* Tells nbtree which page is the last; a root that is a leaf it finds by itself. */
static void
hint_last_page(Relation index)
{
	Buffer		buffer = relmeta_btree_last_leaf(index);
	bool		is_root;

	if (!BufferIsValid(buffer))
		return;
	is_root = P_ISROOT(BTPageGetOpaque(BufferGetPage(buffer)));
	if (!is_root)
		RelationSetTargetBlock(index, BufferGetBlockNumber(buffer));
	UnlockReleaseBuffer(buffer);
}

static bool
has_hint(Relation index)
{
	return RelationGetTargetBlock(index) != InvalidBlockNumber;
}

static void
insert_into(Store *store, TupleTableSlot **slots, int n, Relation index, IndexInfo *info)
{
	Datum		values[INDEX_MAX_KEYS];
	bool		nulls[INDEX_MAX_KEYS];
	int			tries = n >= HINT_ROWS && index->rd_rel->relam == BTREE_AM_OID ? HINT_TRIES : 0;

	for (int i = 0; i < n; i++)
	{
		bool		hinted = tries > 0 && !has_hint(index);

		if (hinted)
			hint_last_page(index);
		FormIndexDatum(info, slots[i], store->estate, values, nulls);
		(void) index_insert(index, values, nulls, &slots[i]->tts_tid, store->rel,
							index->rd_index->indisunique ? UNIQUE_CHECK_YES : UNIQUE_CHECK_NO, false, info);
		ResetPerTupleExprContext(store->estate);
		if (has_hint(index))
			tries = Max(tries, HINT_TRIES);
		else if (hinted)
			tries--;
	}
}

void
access_store_insert_index(Store *store, TupleTableSlot **slots, int n)
{
	ResultRelInfo *result = store->result;
	bool		plain = true;

	for (int i = 0; plain && i < result->ri_NumIndices; i++)
		plain = is_plain(result->ri_IndexRelationDescs[i], result->ri_IndexRelationInfo[i]);
	for (int i = 0; plain && i < result->ri_NumIndices; i++)
		insert_into(store, slots, n, result->ri_IndexRelationDescs[i], result->ri_IndexRelationInfo[i]);
	for (int i = 0; !plain && i < n; i++)
	{
		relmeta_insert_index_tuples(result, slots[i], store->estate);
		ResetPerTupleExprContext(store->estate);
	}
}
