/*
 * feature.h
 *		What is built on relationships: each feature hangs on to the rooms below, which know none of it.
 *
 *	mapping.h		column mappings, and new related rows (SEMANTICS 3.12)
 *
 * Here stands what relmeta.c calls, and what the features know of each other.
 */
#ifndef RELMETA_FEATURE_H
#define RELMETA_FEATURE_H

#include "model/model.h"

/* From _PG_init. */
extern void feature_mapping_init(void);

#endif							/* RELMETA_FEATURE_H */
