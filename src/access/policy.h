/*
 * policy.h
 *		The functions of policies: which of them an expression calls, with what.
 */
#ifndef RELMETA_ACCESS_POLICY_H
#define RELMETA_ACCESS_POLICY_H

#include "access/row_predicate.h"

/*
 * What a call of a policy's function keeps for its executor run, in fn_extra.  The first argument of each is a
 * table's stable name.
 */
typedef struct PolicyCall
{
	Predicate  *predicate;		/* NULL: no such table */
	bool		right_type;		/* the value is of the column's type */
} PolicyCall;

/*
 * The call's, found once for an executor run and else for each call; column is that which argument argno gives a
 * value of, NULL: none.
 */
extern PolicyCall *access_policy_call(FunctionCallInfo fcinfo, int argno,
									  ModelColumn *(*column) (ModelTable *table));

extern ModelColumn *access_policy_key(ModelTable *table);
extern ModelColumn *access_policy_owner(ModelTable *table);

#endif							/* RELMETA_ACCESS_POLICY_H */
