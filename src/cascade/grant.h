/*
 * grant.h
 *		Direct grants: who may make them, and writing them.
 */
#ifndef CASCADE_GRANT_H
#define CASCADE_GRANT_H

#include "cascade/effect.h"

/* The caller of a function of SEMANTICS 2.5, on one row. */
typedef struct GrantCaller
{
	bool		unlimited;		/* owns the table or bypasses row-level
								 * security, and acts for no principal */
	char	   *principal;		/* NULL: nobody */
	int32		rights;			/* what the principal and its teams hold on
								 * the row */
} GrantCaller;

/*
 * The row with that key must be there and the caller must be able to read it: P0002.
 * Reads as the caller.
 */
extern void cascade_grant_check_row(ModelTable *table, Datum key);

/* Who calls, judged by SEMANTICS 2.5; the row is locked. */
extern GrantCaller cascade_grant_caller(ModelTable *table, Datum key);

/* What a principal holds on a row directly. */
extern int32 cascade_grant_direct(ModelTable *table, Datum key, Datum principal);

/*
 * Sets what it holds directly to mask (0: nothing) and queues the difference:
 * gains as shares, losses as unshares.  granted_by is recorded for gained bits.
 */
extern void cascade_grant_set(Effects *effects, ModelTable *table, Datum key, Datum principal, int32 had, int32 mask,
							  const char *granted_by);

#endif							/* CASCADE_GRANT_H */
