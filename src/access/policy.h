/*
 * policy.h
 *		The functions of policies: which of them an expression calls, with what.
 */
#ifndef RELMETA_ACCESS_POLICY_H
#define RELMETA_ACCESS_POLICY_H

#include "access/row_predicate.h"

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

/*
 * For room enforce: the statement does not hold the right on a row of the table.  lost: it did when it began, and the
 * row is what it has waited for; refused where the statement changes rows of the table.  Else refused.
 */
typedef void (*access_policy_refuse_hook_type) (Statement *statement, ModelTable *table, int32 right, bool lost);
extern access_policy_refuse_hook_type access_policy_refuse_hook;

#endif							/* RELMETA_ACCESS_POLICY_H */
