/*
 * policy.h
 *		Policies on controlled tables; ddl/ only.
 */
#ifndef RELMETA_DDL_POLICY_H
#define RELMETA_DDL_POLICY_H

#include "ddl/ddl.h"

typedef struct DdlPolicyProblem
{
	Oid			relid;			/* the table or partition */
	char	   *object;			/* the policy's name, or the table's */
	char	   *problem;
	bool		mends;			/* ddl_policies_sync() mends it */
} DdlPolicyProblem;

/*
 * Row-level security and relmeta's policies of one relation, a registered table or a partition of it, as its
 * registration asks: made, remade or taken away.  Needs its owner as current user.  Idempotent.
 */
extern void ddl_policies_sync(ModelTable *table, Oid relid);

/* Takes relmeta's policies from a relation; row-level security stays as it is. */
extern void ddl_policies_drop(Oid relid);

/* The same for the intersect table of an N:N relationship: policies while one of its ends is controlled. */
extern void ddl_link_policies_sync(ModelIntersect *intersect);

/* Is one of the ends' tables controlled? */
extern bool ddl_link_is_controlled(ModelIntersect *intersect);

/* DdlPolicyProblem *: what is not as it should be, on the table and its partitions.  For verify(). */
extern List *ddl_policies_problems(ModelTable *table);
extern List *ddl_link_policies_problems(ModelIntersect *intersect);

#endif							/* RELMETA_DDL_POLICY_H */
