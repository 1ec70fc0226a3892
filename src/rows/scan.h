/*
 * scan.h
 *		All rows of a table or a partition, without a statement.
 */
#ifndef ROWS_SCAN_H
#define ROWS_SCAN_H

#include "relmeta.h"

#include "executor/tuptable.h"
#include "utils/relcache.h"

/* rel: the relation that has the row, relid or a partition of it; called in a memory context that is reset after it */
typedef void (*SlotReceiver) (Relation rel, TupleTableSlot *slot, void *arg);

/* Hands over all rows of relid and its partitions, the latest at every isolation level. */
extern void rows_scan_each(Oid relid, SlotReceiver receive, void *arg);

#endif							/* ROWS_SCAN_H */
