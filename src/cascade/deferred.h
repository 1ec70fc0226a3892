/*
 * deferred.h
 *		Deferred constraints, when relmeta changes rows by itself (ARCHITECTURE section 7).
 *
 * Such a change runs in a security-restricted operation, in which PostgreSQL lets
 * nothing wait for the end of the transaction.  So the constraints that the change
 * concerns, and only these, are immediate for so long.
 */
#ifndef CASCADE_DEFERRED_H
#define CASCADE_DEFERRED_H

#include "model/model.h"

/*
 * Before owners of the table's rows are changed, and by cascade those of rows below:
 * the constraints and constraint triggers that an owner's change concerns and that are deferred now
 * become immediate.  55000 when something waits for one of them already.  Returns what
 * cascade_deferred_again() needs; an error puts everything back by itself.
 */
extern List *cascade_deferred_set_immediate(ModelTable *table);

/* The same of a table alone, whose columns (char *) are changed, or of which rows are deleted. */
extern List *cascade_deferred_set_columns_immediate(Oid relid, List *columns);

extern void cascade_deferred_again(List *constraints);

#endif							/* CASCADE_DEFERRED_H */
