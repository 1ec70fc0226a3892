/*
 * hierarchy.h
 *		Walks along a self-referencing relationship, a level at a time.
 */
#ifndef RELMETA_FEATURE_HIERARCHY_H
#define RELMETA_FEATURE_HIERARCHY_H

#include "feature/feature.h"

#include "rows/rows.h"

/*
 * Does a row stand below another?  Reads the latest rows; ends where the way up meets itself (rows that were made
 * behind relmeta's back).  SPI is connected.
 */
extern bool feature_hierarchy_is_below(ModelRelationship *relationship, Datum key, Datum above);

#endif							/* RELMETA_FEATURE_HIERARCHY_H */
