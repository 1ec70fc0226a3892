/*
 * hierarchy.h
 *		Walks along a self-referencing relationship, a level at a time.
 */
#ifndef RELMETA_FEATURE_HIERARCHY_H
#define RELMETA_FEATURE_HIERARCHY_H

#include "feature/feature.h"

#include "rows/rows.h"

/*
 * 23514 when the way up from a row meets itself, in a relationship whose rows may not stand below themselves: they were
 * made so behind relmeta's back.  sound: rows of which it is known that theirs does not; grows.  Reads with the active
 * snapshot; SPI is connected.
 */
extern void feature_hierarchy_refuse_loop(ModelRelationship *relationship, Datum key, DatumSet *sound);

/*
 * Does a row stand below another?  Reads the latest rows; ends where the way up meets itself (rows that were made
 * behind relmeta's back).  SPI is connected.
 */
extern bool feature_hierarchy_is_below(ModelRelationship *relationship, Datum key, Datum above);

#endif							/* RELMETA_FEATURE_HIERARCHY_H */
