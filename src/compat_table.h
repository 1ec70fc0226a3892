/*
 * compat_table.h
 *		What differs between PostgreSQL 15 and 19 in writing a table's rows and
 *		running a plan; apart from compat.h because it needs the executor.
 */
#ifndef RELMETA_COMPAT_TABLE_H
#define RELMETA_COMPAT_TABLE_H

#include "compat.h"

#include "access/nbtree.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "executor/executor.h"
#include "utils/snapmgr.h"

/* Inserts a row's index entries. 16 (19d8e2308bc) tells those apart that only summarize, 19 takes flags. */
static inline void
relmeta_insert_index_tuples(ResultRelInfo *result, TupleTableSlot *slot, EState *estate)
{
#if PG_VERSION_NUM >= 190000
	list_free(ExecInsertIndexTuples(result, estate, 0, slot, NIL, NULL));
#elif PG_VERSION_NUM >= 160000
	list_free(ExecInsertIndexTuples(result, slot, estate, false, false, NULL, NIL, false));
#else
	list_free(ExecInsertIndexTuples(result, slot, estate, false, false, NULL, NIL));
#endif
}

/* Updates a row and its index entries. */
static inline TM_Result
relmeta_update_tuple(ResultRelInfo *result, ItemPointer tid, TupleTableSlot *slot, Snapshot snapshot, EState *estate)
{
	TM_FailureData failure;
	LockTupleMode lockmode;
	TM_Result	done;
#if PG_VERSION_NUM >= 190000
	TU_UpdateIndexes update;

	done = table_tuple_update(result->ri_RelationDesc, tid, slot, GetCurrentCommandId(true), 0, snapshot,
							  InvalidSnapshot, true, &failure, &lockmode, &update);
	if (done == TM_Ok && update != TU_None)
		list_free(ExecInsertIndexTuples(result, estate,
										EIIT_IS_UPDATE | (update == TU_Summarizing ? EIIT_ONLY_SUMMARIZING : 0),
										slot, NIL, NULL));
#elif PG_VERSION_NUM >= 160000
	TU_UpdateIndexes update;

	done = table_tuple_update(result->ri_RelationDesc, tid, slot, GetCurrentCommandId(true), snapshot,
							  InvalidSnapshot, true, &failure, &lockmode, &update);
	if (done == TM_Ok && update != TU_None)
		list_free(ExecInsertIndexTuples(result, slot, estate, true, false, NULL, NIL, update == TU_Summarizing));
#else
	bool		update;

	done = table_tuple_update(result->ri_RelationDesc, tid, slot, GetCurrentCommandId(true), snapshot,
							  InvalidSnapshot, true, &failure, &lockmode, &update);
	if (done == TM_Ok && update)
		list_free(ExecInsertIndexTuples(result, slot, estate, true, false, NULL, NIL));
#endif
	return done;
}

/* Are there columns that others are computed from?  18 (83ea6c54025) has some that are not stored. */
static inline bool
relmeta_has_generated_columns(TupleDesc desc)
{
#if PG_VERSION_NUM >= 180000
	return desc->constr != NULL && (desc->constr->has_generated_stored || desc->constr->has_generated_virtual);
#else
	return desc->constr != NULL && desc->constr->has_generated_stored;
#endif
}

/* Deletes a row. 19 takes flags. */
static inline TM_Result
relmeta_delete_tuple(Relation rel, ItemPointer tid, Snapshot snapshot)
{
	TM_FailureData failure;

#if PG_VERSION_NUM >= 190000
	return table_tuple_delete(rel, tid, GetCurrentCommandId(true), 0, snapshot, InvalidSnapshot, true, &failure);
#else
	return table_tuple_delete(rel, tid, GetCurrentCommandId(true), snapshot, InvalidSnapshot, true, &failure, false);
#endif
}

/* The last leaf page of a B-tree index, locked for reading. 17 (f691f5b80a8) has no old snapshots. */
static inline Buffer
relmeta_btree_last_leaf(Relation index)
{
#if PG_VERSION_NUM >= 170000
	return _bt_get_endpoint(index, 0, true);
#else
	return _bt_get_endpoint(index, 0, true, NULL);
#endif
}

/* 18 (3eea7a0c97e) runs a plan once. */
static inline void
relmeta_executor_run(QueryDesc *query)
{
#if PG_VERSION_NUM >= 180000
	ExecutorRun(query, ForwardScanDirection, 0);
#else
	ExecutorRun(query, ForwardScanDirection, 0, true);
#endif
}

#endif							/* RELMETA_COMPAT_TABLE_H */
