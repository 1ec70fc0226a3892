/*
 * judged.h
 *		Tables of which it is judged which keys their rows get because something else is controlled; see judged.c.
 */
#ifndef RELMETA_DDL_JUDGED_H
#define RELMETA_DDL_JUDGED_H

#include "ddl/ddl.h"
#include "ddl/lock.h"

/* Oids: the tables above the registered table that relid is, or is a partition of, and at the ends of its links. */
extern List *ddl_judged_by(Oid relid);

/* Adds the tables at the ends of links. */
extern List *ddl_judged_by_links(List *tables, ModelIntersect *intersect);

/* Those of the former that are the caller's, and may need another trigger: to be locked with relid, in order. */
extern List *ddl_judged_own(Oid relid);

/* Their triggers are as they should be by now, or a WARNING says why those of another role's are not. */
extern void ddl_judged_sync(List *tables);

#endif							/* RELMETA_DDL_JUDGED_H */
