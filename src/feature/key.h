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
 * The texts that a query on the catalog gives for a table, $1, and the texts of the same keys in the type that the
 * table's key has got; false: there are none.  Between feature_keys_begin() and _end(); SPI is connected.
 */
extern bool feature_keys_converted(ModelTable *table, const char *sql, Oid from, Oid to, Datum *old, Datum *new);

#endif							/* RELMETA_FEATURE_KEY_H */
