/*
 * merged.h
 *		Merges of rows that are not there, for verify() and repair().
 */
#ifndef RELMETA_FEATURE_MERGED_H
#define RELMETA_FEATURE_MERGED_H

#include "model/model.h"

/* How many rows that merges of the table name are not there; forget: these merges go.  SPI is connected. */
extern int64 feature_merged_missing(ModelTable *table, bool forget);

#endif							/* RELMETA_FEATURE_MERGED_H */
