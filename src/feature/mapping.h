/*
 * mapping.h
 *		Column mappings: what a new related row takes over from its primary row.  SEMANTICS 3.12.
 */
#ifndef FEATURE_MAPPING_H
#define FEATURE_MAPPING_H

#include "model/model.h"

/* a row of relmeta.column_mapping */
typedef struct FeatureMapping
{
	char	   *source;			/* column of the primary table */
	char	   *target;			/* column of the related table */
} FeatureMapping;

/* FeatureMapping *: those of a relationship, in the order of their targets' names.  Opens SPI. */
extern List *feature_mappings(ModelRelationship *relationship);

/* The error that both kinds of problems are: 42804, or 42703 for a column that is not there. */
typedef struct MappingProblem
{
	int			sqlstate;
	char	   *message;
} MappingProblem;

/* mapping_type.c: why values of source cannot become those of target; NULL: they can. */
extern MappingProblem *feature_mapping_problem(ModelRelationship *relationship, const char *source,
											   const char *target);

#endif							/* FEATURE_MAPPING_H */
