/*
 * lock.h
 *		What a declaration locks, to the end of its transaction; see lock.c.
 *
 * Users' tables come first, then what rules look at, then names.  What is
 * checked is read after the locks, with the latest snapshot.
 */
#ifndef RELMETA_DDL_LOCK_H
#define RELMETA_DDL_LOCK_H

#include "ddl/ddl.h"

#include "datatype/timestamp.h"

/*
 * Locks the tables (Oid) and their partitions ShareRowExclusive, those in
 * exclusive AccessExclusive: ask at first for the strongest lock that will be
 * needed, so that two sessions do not wait for each other's upgrade.  42P01 and
 * 42501 for what happened while waiting.
 */
extern void ddl_lock_tables(List *relids, List *exclusive);

/*
 * What the rules look at for a registration, for a relationship (SEMANTICS 2.3)
 * stays as it is: nobody registers or relates those tables otherwise.
 */
extern void ddl_lock_registration(Oid relid);
extern void ddl_lock_relationship(Oid primary, Oid related);

/* A name that was given: waits for who is taking it. */
extern void ddl_lock_name(const char *name);

/* One to be chosen: false, at once, when somebody is taking it. */
extern bool ddl_lock_name_if_free(const char *name);

/* Whoever makes the intersect table of a pending N:N, or may be about to; waits only for others of those. */
extern void ddl_lock_completion(int id);

/*
 * How long a call waits, in all, for what others have locked: a second from its first attempt on, then for a
 * millisecond each.  {0} to begin with.
 */
typedef struct DdlPatience
{
	TimestampTz until;
} DdlPatience;

/* relmeta_attempt() and relmeta_attempt_look() of what somebody else's locks may keep waiting. */
extern ErrorData *ddl_attempt_briefly(void (*action) (void *), void *arg, DdlPatience *patience);
extern ErrorData *ddl_look_briefly(void (*action) (void *), void *arg, DdlPatience *patience);

/* In such an action: locks the table and its partitions, one after the other, as long as patience lasts. */
extern void ddl_lock_briefly(Oid relid, LOCKMODE lockmode, const DdlPatience *patience);

#endif							/* RELMETA_DDL_LOCK_H */
