/*
 * leaving.h
 *		Rows that leave a registered table all at once, told by no row trigger:
 *		by TRUNCATE, or with a partition that is detached or dropped (SEMANTICS 3.5).
 *
 * Their keys are read while they are there; once they have left, what was held
 * on them goes and lookups without a foreign key are looked at: none may still
 * point to one of the keys.  The lock that the statement holds on their relation
 * keeps others from pointing there meanwhile (they lock the primary row).
 *
 * MEMORY RULE.  Results are made in CurrentMemoryContext and go to disk beyond
 * work_mem; the model that they are read by is pinned to it.  SPI is connected.
 */
#ifndef CASCADE_LEAVING_H
#define CASCADE_LEAVING_H

#include "rows/rowlist.h"

/* The keys of all rows of relid, which is locked: the table, or what is or was a partition of it. */
extern RowList *cascade_leaving_keys(Model *model, ModelTable *table, Oid relid);

/* Has a row of the related table any lookup of the relationship at all? */
extern bool cascade_any_lookup(ModelRelationship *relationship);

/*
 * Do lookups of the relationship still point to rows that have left, of which the keys are given?  NULL: nobody has
 * read them; then lookups count that point nowhere, as they may have done before.
 */
extern bool cascade_left_behind(ModelRelationship *relationship, RowList *keys);

#endif							/* CASCADE_LEAVING_H */
