/*
 * reassigned.h
 *		The rows of a table that changed owner in a statement, net of all that happened to each (SEMANTICS 3.1).
 *
 * MEMORY RULE.  A Reassigned lives in the memory context that it was made in, and is gone through in slices of bounded
 * memory; what is read of one lives in that of the slice.
 */
#ifndef INHERIT_REASSIGNED_H
#define INHERIT_REASSIGNED_H

#include "collect/collect.h"
#include "rows/map.h"

typedef struct Reassigned
{
	TableChanges *changes;
	ModelTable *table;
	RowList    *rows;			/* ASSIGNED_*, and when it is folded, a flag:
								 * the statement itself assigned the row. Each
								 * key once in [from, end) */
	bool		folded;
	int64		from;
	int64		own;			/* no row from this one on is such a row */
	int64		end;
} Reassigned;

/* Whom a row belonged to, and belongs to. */
typedef struct Owners
{
	Datum		old_owner;
	Datum		new_owner;
	bool		old_null;
	bool		new_null;
} Owners;

extern Reassigned *inherit_reassigned(TableChanges *changes, const FlushStep *step);

/*
 * Of rows [from, upto), or those of them that the statement itself assigned, the ones that have another owner indeed:
 * key -> Owners.
 */
extern KeyMap *inherit_reassigned_read(Reassigned *net, int64 from, int64 upto, bool own);

#endif							/* INHERIT_REASSIGNED_H */
