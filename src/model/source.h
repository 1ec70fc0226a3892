/*
 * source.h
 *		Applications' own tables of principals and memberships (SEMANTICS 2.1), for higher rooms.
 */
#ifndef RELMETA_MODEL_SOURCE_H
#define RELMETA_MODEL_SOURCE_H

#include "model/model.h"

/*
 * Brings principals, or memberships, and all rows of relid in step.  takes: what was made by hand becomes the table's,
 * for register_principals; else that is refused (42710).
 */
extern void model_source_fill(Oid relid, bool takes);

/* what such a table's rows say and what is recorded of them */
typedef enum SourceDrift
{
	DRIFT_PRINCIPAL,			/* principals that no row stands for */
	DRIFT_KEY,					/* rows that are no principals */
	DRIFT_MEMBERSHIP,			/* memberships that no row says */
	DRIFT_PAIR,					/* pairs in rows that are no memberships */
	DRIFT_NOBODY				/* memberships said, of a team or user that is
								 * none: they count for nothing */
} SourceDrift;

#define DRIFT_KINDS (DRIFT_NOBODY + 1)

typedef struct SourceCount
{
	int64		count;
	char	   *example;		/* '"name"', or '"member" in "team"'; NULL for
								 * none */
} SourceCount;

/* Counts them.  55000 or 0A000 when it has not got its columns any more. */
extern void model_source_drift(Oid relid, SourceCount *counts);

/* For the event triggers: a table that may be such a one was dropped, or a column of it renamed. */
extern void model_source_dropped(Oid relid);

/* relmeta.principal_source tells no more of some of its columns, or of any: what these said is as if made by hand. */
extern void model_source_forget_pairs(Oid relid);
extern void model_source_column_renamed(Oid relid, const char *old_name, const char *new_name);

#endif							/* RELMETA_MODEL_SOURCE_H */
