/*
 * key.h
 *		Lists of keys as texts, as the room's catalog tables keep them.
 */
#ifndef RELMETA_FEATURE_KEY_H
#define RELMETA_FEATURE_KEY_H

#include "feature/feature.h"

#include "rows/rowlist.h"
#include "utils/array.h"

/* A column of rows [from, upto) of a list of keys as an array of texts. */
extern Datum feature_keys_array(ModelTable *table, RowList *rows, int64 from, int64 upto, int column);

/*
 * Of the texts that a query on the catalog gives for a table, $1, those that are the key of no row; NULL: none.  SPI is
 * connected.
 */
extern ArrayType *feature_keys_missing(ModelTable *table, const char *sql);

/*
 * For verify(): the table has rows (has) of the kind called name, and some of them name keys of no row (missing),
 * which mend forgets, given the table's OID.  Connects SPI itself.
 */
extern void feature_keys_verify(ModelTable *table, bool (*has) (ModelTable *table),
								ArrayType *(*missing) (ModelTable *table), const char *name, void (*mend) (void *arg),
								List **problems);

/*
 * The table's key has another type: so have the keys in a column of the rows g of a catalog table that where, which
 * follows "FROM ... AS g", finds for the relation $1.
 */
extern void feature_keys_retype(const char *catalog, const char *column, const char *where, Oid relid, Oid from,
								Oid to);

#endif							/* RELMETA_FEATURE_KEY_H */
