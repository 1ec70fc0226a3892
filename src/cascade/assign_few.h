/*
 * assign_few.h
 *		An assign of a row or few, or of so many that the related table is read whole, carried down a relationship
 *		without a statement.
 */
#ifndef CASCADE_ASSIGN_FEW_H
#define CASCADE_ASSIGN_FEW_H

#include "collect/collect.h"

/*
 * Carries the assigns in rows [row, end) of a list down.  others: related rows that are left alone are to stay as they
 * are.  Adds to *rows how many were assigned; false: there may be more, and a statement is to assign them.
 */
extern bool cascade_assign_few(Frame *frame, ModelRelationship *relationship, RowList *assigned, int64 row, int64 end,
							   bool others, uint64 *rows);

/* Are the rows whose assigns are in rows [from, upto) of the table's list held already? */
extern bool cascade_assign_holds(TableChanges *changes, int64 from, int64 upto);

#endif							/* CASCADE_ASSIGN_FEW_H */
