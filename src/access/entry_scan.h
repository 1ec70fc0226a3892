/*
 * entry_scan.h
 *		The entries of the principals of a statement, by the index (principal, object) INCLUDE (mask) of an
 *		entry table: of one row, or of all.
 *
 * MEMORY RULE.  A scan stays open as long as its statement runs, or until it is closed, and holds the resources of the
 * owner that was current when it was opened.  An abort takes both away without closing it.
 */
#ifndef RELMETA_ACCESS_ENTRY_SCAN_H
#define RELMETA_ACCESS_ENTRY_SCAN_H

#include "access/row_predicate.h"

typedef struct EntryScan EntryScan;

/*
 * In CurrentMemoryContext, for single rows or for all; NULL when there is no entry table, or no such index (an
 * administrator has dropped it).
 */
extern EntryScan *access_entry_scan_open(Predicate *predicate, Snapshot snapshot, bool all);
extern void access_entry_scan_close(EntryScan *scan);

/* Does one of the principals hold the right on the row? Of a scan for single rows. */
extern bool access_entry_scan_holds(EntryScan *scan, int32 right, Datum key);

/*
 * The next key on which one of them holds the right (0: any), each principal's in order; valid until the next call.
 * False at the end, and after *budget entries have been read.  Of a scan for all.
 */
extern bool access_entry_scan_next(EntryScan *scan, int32 right, int64 *budget, Datum *key);

/* Has the end been reached? */
extern bool access_entry_scan_ended(EntryScan *scan);

#endif							/* RELMETA_ACCESS_ENTRY_SCAN_H */
