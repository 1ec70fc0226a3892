/*
 * catalog.h
 *		The room's catalog tables: statements on them, as the extension's owner.
 *
 * Who may read or write what of them is the caller's matter.  Names in the statements are qualified.
 */
#ifndef RELMETA_FEATURE_CATALOG_H
#define RELMETA_FEATURE_CATALOG_H

#include "relmeta.h"

/*
 * Does a catalog table have a row whose column relation, the first of that index, is relid?  By the latest snapshot,
 * and kept until the table changes: it has the trigger of relmeta's other catalog tables, relmeta_changed.  table is a
 * literal: its name, without the schema, which is relmeta.  Accepts invalidations: the caller has pinned its model.
 */
extern bool feature_catalog_mentions(const char *table, const char *index, Oid relid);

/*
 * Changes a catalog table; sees the latest rows at every isolation level.  Returns the number of rows.  Connects SPI
 * itself.
 */
extern uint64 feature_catalog_change(const char *sql, int nargs, Oid *types, Datum *values, const char *nulls);

/*
 * Reads one: with the active snapshot, or the latest.  SPI is connected; the result is in SPI_tuptable, and
 * CurrentMemoryContext stays.
 */
extern uint64 feature_catalog_read(const char *sql, int nargs, Oid *types, Datum *values, bool latest);

#endif							/* RELMETA_FEATURE_CATALOG_H */
