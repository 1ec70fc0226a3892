/*
 * policy.h
 *		The functions of policies: which of them an expression calls, with what.
 */
#ifndef RELMETA_ACCESS_POLICY_H
#define RELMETA_ACCESS_POLICY_H

#include "access/row_predicate.h"

/*
 * Besides a right, in calls that enforce/conflict.c puts into a plan: judge with the newest entries; refuse the row.
 */
#define POLICY_LATEST	(1 << 29)
#define POLICY_REFUSE	(1 << 30)

/*
 * What a call of a policy's function keeps for its executor run, in fn_extra.  The first argument of each is a
 * table's stable name.
 */
typedef struct PolicyCall
{
	Predicate  *predicate;		/* NULL: no such table */
	bool		right_type;		/* the value is of the type that it should be */
	bool		rechecks;		/* access_statement_rechecks() */
} PolicyCall;

/*
 * The call's, found once for an executor run and else for each call; type says what argument argno is to be of, NULL:
 * nothing is given.
 */
extern PolicyCall *access_policy_call(FunctionCallInfo fcinfo, int argno, ModelType *(*type) (ModelTable *table));

/*
 * For room enforce: the statement does not hold the right on a row of the table.  lost: it did when it began, and the
 * row is what it has waited for; refused where the statement changes rows of the table.  Else refused.
 */
typedef void (*access_policy_refuse_hook_type) (Statement *statement, ModelTable *table, int32 right, bool lost);
extern access_policy_refuse_hook_type access_policy_refuse_hook;

/* A key; an owner, NULL: the table has none. */
extern ModelType *access_policy_key(ModelTable *table);
extern ModelType *access_policy_owner(ModelTable *table);

#endif							/* RELMETA_ACCESS_POLICY_H */
