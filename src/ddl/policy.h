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
 *
 * An intersect table that is registered itself has the policies of its own access control and those of links, while
 * each is controlled: either sync makes them.
 */
extern void ddl_policies_sync(ModelTable *table, Oid relid);

/* Takes relmeta's policies from a relation, its own or those of links; row-level security stays as it is. */
extern void ddl_policies_drop(Oid relid, bool of_links);

/* The same for an intersect table, or a partition of it, and what is below: policies while an end is controlled. */
extern void ddl_link_policies_sync(ModelIntersect *intersect, Oid relid);

/*
 * The intersect tables of the N:N relationships of a table and its partitions, which came to be controlled or did not
 * any more: triggers and policies, those of tables that relmeta made as their owners; an adopted one of another owner
 * waits for his own call.  Then the triggers of the tables whose keys are judged for it (judged.h).
 */
extern void ddl_links_of_end_sync(Oid relid);

/* Is one of the ends' tables controlled, or what it is a partition of?  One that is lost is. */
extern bool ddl_link_is_controlled(ModelIntersect *intersect);

/*
 * Is the end's table not registered, though it has the policies of one that is controlled, or those of the links say
 * that it was?  A restore has lost that, or it was a partition that has been detached.
 */
extern bool ddl_link_end_is_lost(ModelIntersect *intersect, int side);

/*
 * Do policies that stand, and its triggers if these do, judge its links at the ends that are controlled as that is now,
 * whichever they were made for?  Without a lock.
 */
extern bool ddl_link_policies_stand(ModelIntersect *intersect);

/* Has the relation policies of relmeta's on its own rows?  And is its row-level security forced? */
extern bool ddl_policies_stand(Oid relid, bool *forced);

/* DdlPolicyProblem *: what is not as it should be, on the table and its partitions.  For verify(). */
extern List *ddl_policies_problems(ModelTable *table);
extern List *ddl_link_policies_problems(ModelIntersect *intersect);

#endif							/* RELMETA_DDL_POLICY_H */
