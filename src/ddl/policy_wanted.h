/*
 * policy_wanted.h
 *		The policies that a relation is to have; ddl/policy.c only.
 */
#ifndef RELMETA_DDL_POLICY_WANTED_H
#define RELMETA_DDL_POLICY_WANTED_H

#include "ddl/policy.h"

/* Each of a command; those from POLICY_LINK on are restrictive. */
enum
{
	POLICY_SELECT,
	POLICY_INSERT,
	POLICY_UPDATE,
	POLICY_DELETE,
	POLICY_LINK,
	POLICIES = 2 * POLICY_LINK
};

/* a policy's two expressions, in parentheses as PostgreSQL prints them; NULL: none; both NULL: there is none */
typedef struct Policy
{
	char	   *using;
	char	   *check;
	bool		is_plain;		/* permissive or not as it should be, for this
								 * command and for PUBLIC */
	bool		is_kept;		/* what stands is, whatever it is: it cannot
								 * be told */
} Policy;

static inline bool
ddl_policy_is_wanted(const Policy *wanted, int kind)
{
	return wanted != NULL && (wanted[kind].using != NULL || wanted[kind].check != NULL);
}

/*
 * The policies that relid is to have, as a registered table, as an intersect table (NULL: it is none) or as both, or as
 * a partition of that:
 * those of its rows while its own access is controlled, and those of links while one of their ends is, restrictive when
 * it has both.  What was controlled, by policies that stand, and is not registered any more counts as controlled.
 * *wanted NULL: none.  False: it cannot be told, what stands stays.  Printing is pinned by the caller.
 */
extern bool ddl_policies_wanted(ModelTable *table, ModelIntersect *intersect, Oid relid, Policy **wanted);

#endif							/* RELMETA_DDL_POLICY_WANTED_H */
