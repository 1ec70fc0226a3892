/*
 * policy.h
 *		The functions of policies: which of them an expression calls, with what.
 */
#ifndef RELMETA_ACCESS_POLICY_H
#define RELMETA_ACCESS_POLICY_H

#include "access/row_predicate.h"
#include "nodes/bitmapset.h"

/*
 * Besides a right, in policies of links: which ends are controlled, END2 being twice END1.  Where such a table is not
 * registered any more nobody can tell what is held on it, and nothing is.
 */
#define POLICY_END1		(1 << 8)
#define POLICY_ENDS		(POLICY_END1 | POLICY_END1 << 1)

/*
 * Besides a right, in calls that enforce/conflict.c puts into a plan: judge with the newest entries; refuse the row.
 */
#define POLICY_LATEST	(1 << 29)
#define POLICY_REFUSE	(1 << 30)

/* what relmeta's policies of a relation say, by their names relmeta's */
typedef struct PolicySaid
{
	bool		of_rows;		/* there are some that judge its own rows, */
	Bitmapset  *columns;		/* by these, as pull_varattnos() has them */
	int			ends;			/* POLICY_ENDS: those of links, which ends are
								 * controlled */
	bool		all_links;		/* each command has one that judges its links,
								 * and nothing else */
} PolicySaid;

/* policy_said.c.  Nothing is printed, which would take a lock: whose table it is stops nobody. */
extern PolicySaid access_policies_say(Oid relid);

/*
 * For room enforce: the statement does not hold the right on a row of the table.  lost: it did when it began, and the
 * row is what it has waited for; refused where the statement changes rows of the table.  Else refused.
 */
typedef void (*access_policy_refuse_hook_type) (Statement *statement, ModelTable *table, int32 right, bool lost);
extern access_policy_refuse_hook_type access_policy_refuse_hook;

#endif							/* RELMETA_ACCESS_POLICY_H */
