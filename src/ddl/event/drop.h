/*
 * drop.h
 *		What the files about dropped objects share; ddl/ only.
 */
#ifndef DDL_EVENT_DROP_H
#define DDL_EVENT_DROP_H

#include "ddl/event/event.h"

/* a statement that dropped something, and what follows from it */
typedef struct Dropping
{
	List	   *gone;			/* OIDs of the tables that went and that
								 * relmeta knew */
	List	   *affected;		/* OIDs of tables that stay, to be brought in
								 * line at the end */
	List	   *judged;			/* the same, of which only the keys may not be
								 * judged any more */
} Dropping;

/* ---- forget.c ---- */

/* ModelRelationship *: those that have one of the tables (Oid) as primary or related table. */
extern List *ddl_event_relationships_of(List *relids);

/*
 * Relationships (ModelRelationship *) go: takes what was inherited through them
 * and below, deletes their rows; the tables that stay are affected.
 */
extern void ddl_event_forget_relationships(List *relationships, Dropping *dropping);

/* An N:N relationship goes: its row, and relmeta's triggers on the intersect table, which stays. */
extern void ddl_event_forget_intersect(ModelIntersect *intersect, Dropping *dropping);

/* ---- drop_column.c ---- */
extern void ddl_event_columns_dropped(List *objects, Dropping *dropping);
extern void ddl_event_constraint_dropped(Oid relid, bool original, Dropping *dropping);

#endif							/* DDL_EVENT_DROP_H */
