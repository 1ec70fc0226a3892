/*
 * lock.c
 *		What a declaration locks, to the end of its transaction.
 *
 *	the users' tables		ShareRowExclusive or AccessExclusive, in order of OID
 *	tables that rules look at	(relmeta.registered_table, table's OID)
 *	a relationship's name	(relmeta.relationship, hash of the name, 2)
 *	an N:N that is pending	(relmeta.intersect_relationship, its id): see intersect/pending.c
 *
 * The last three are object locks (LOCKTAG_OBJECT), which no SQL function can
 * take.  There is no lock for all declarations: whoever declares something on
 * his own tables, and does not commit, stops nobody who declares, drops or
 * renames what has nothing to do with them.
 */
#include "ddl/lock.h"
#include "attempt.h"

#include "catalog/pg_inherits.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#define NAME_SUBID 2

/* ---- users' tables ---- */

/* Partitions too: a statement on one of them takes no lock on the root that would stop it. */
void
ddl_lock_tables(List *relids, List *exclusive)
{
	List	   *sorted = list_copy(relids);
	ListCell   *lc;

	list_sort(sorted, list_oid_cmp);
	list_deduplicate_oid(sorted);
	foreach(lc, sorted)
	{
		Oid			relid = lfirst_oid(lc);
		LOCKMODE	mode = list_member_oid(exclusive, relid) ? AccessExclusiveLock : ShareRowExclusiveLock;

		LockRelationOid(relid, mode);
		ddl_check_owner(relid); /* it may have been dropped or given away
								 * while we waited */
		list_free(find_all_inheritors(relid, mode, NULL));
	}
	list_free(sorted);
}

/* ---- tables that rules look at ---- */

static Oid
catalog_relid(const char *name)
{
	return get_relname_relid(name, relmeta_schema_oid());
}

/*
 * The tables that a relationship joins a table to, and itself: their owner types and what is system must agree.
 */
static List *
joined_tables(Model *model, Oid relid)
{
	List	   *tables = list_make1_oid(relid);
	ListCell   *lc;

	foreach(lc, model_relationships_of(model, relid))
	{
		ModelRelationship *r = lfirst(lc);

		tables = list_append_unique_oid(tables, r->primary->relid);
		tables = list_append_unique_oid(tables, r->related->relid);
	}
	return tables;
}

/*
 * The two, and all tables that the related one passes access to, or to which that goes on.  Two
 * declarations that would close a cycle together have one of them in common.
 */
static List *
tables_below(Model *model, Oid primary, Oid related)
{
	List	   *tables = list_make1_oid(related);
	ListCell   *lc;

	for (int i = 0; i < list_length(tables); i++)
	{
		Oid			relid = list_nth_oid(tables, i);

		foreach(lc, model_relationships_of(model, relid))
		{
			ModelRelationship *r = lfirst(lc);

			if (r->passes_access && r->primary->relid == relid)
				tables = list_append_unique_oid(tables, r->related->relid);
		}
	}
	return list_append_unique_oid(tables, primary);
}

/* Locks those of wanted that are not locked yet, in order; false when none was left. */
static bool
lock_more(List *wanted, List **locked)
{
	bool		any = false;
	ListCell   *lc;

	list_sort(wanted, list_oid_cmp);
	foreach(lc, wanted)
	{
		if (list_member_oid(*locked, lfirst_oid(lc)))
			continue;
		LockDatabaseObject(catalog_relid("registered_table"), lfirst_oid(lc), 0, ExclusiveLock);
		*locked = lappend_oid(*locked, lfirst_oid(lc));
		any = true;
	}
	return any;
}

/* While we wait others may join further tables. */
void
ddl_lock_registration(Oid relid)
{
	List	   *locked = NIL;

	while (lock_more(joined_tables(ddl_model(), relid), &locked))
		;
}

void
ddl_lock_relationship(Oid primary, Oid related)
{
	List	   *locked = NIL;

	while (lock_more(tables_below(ddl_model(), primary, related), &locked))
		;
}

/* ---- names ---- */

static void
name_tag(LOCKTAG *tag, const char *name)
{
	uint32		hash = hash_bytes((const unsigned char *) name, strlen(name));

	SET_LOCKTAG_OBJECT(*tag, MyDatabaseId, catalog_relid("relationship"), hash, NAME_SUBID);
}

void
ddl_lock_name(const char *name)
{
	LOCKTAG		tag;

	name_tag(&tag, name);
	(void) LockAcquire(&tag, ExclusiveLock, false, false);
	AcceptInvalidationMessages();
}

/*
 * Does a transaction hold the lock that still goes on?  One that has ended lets go of its locks one after another, and
 * whoever waited for a table of its may be here before the name is let go of: a name must not depend on that.
 */
static bool
held_by_running(const LOCKTAG *tag)
{
	int			holders;

	(void) GetLockConflicts(tag, ExclusiveLock, &holders);
	return holders > 0;
}

bool
ddl_lock_name_if_free(const char *name)
{
	LOCKTAG		tag;

	name_tag(&tag, name);
	if (LockAcquire(&tag, ExclusiveLock, false, true) == LOCKACQUIRE_NOT_AVAIL)
	{
		if (held_by_running(&tag))
			return false;
		(void) LockAcquire(&tag, ExclusiveLock, false, false);
	}
	AcceptInvalidationMessages();
	return true;
}

/* ---- N:N relationships that are pending ---- */

void
ddl_lock_completion(int id)
{
	LockDatabaseObject(catalog_relid("intersect_relationship"), id, 0, ExclusiveLock);
}

/* ---- what others own ---- */

#define BRIEF 1000				/* ms */

typedef struct Brief
{
	void		(*action) (void *);
	void	   *arg;
	DdlPatience *patience;
} Brief;

static int
rest_of(const DdlPatience *patience)
{
	return (int) Max(1, TimestampDifferenceMilliseconds(GetCurrentTimestamp(), patience->until));
}

/* until the end of the subtransaction */
static void
limit_lock_waits(int timeout)
{
	char		value[16];

	if (LockTimeout > 0 && LockTimeout <= timeout)
		return;
	snprintf(value, sizeof(value), "%dms", timeout);
	(void) set_config_option("lock_timeout", value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

static void
act_briefly(void *arg)
{
	Brief	   *brief = arg;
	int			level = NewGUCNestLevel();

	if (brief->patience->until == 0)
		brief->patience->until = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), BRIEF);
	limit_lock_waits(rest_of(brief->patience));
	brief->action(brief->arg);
	AtEOXact_GUC(true, level);
}

ErrorData *
ddl_attempt_briefly(void (*action) (void *), void *arg, DdlPatience *patience)
{
	Brief		brief = {action, arg, patience};

	return relmeta_attempt(act_briefly, &brief);
}

ErrorData *
ddl_look_briefly(void (*action) (void *), void *arg, DdlPatience *patience)
{
	Brief		brief = {action, arg, patience};

	return relmeta_attempt_look(act_briefly, &brief);
}

/* A new partition is locked by whatever is done to it. */
void
ddl_lock_briefly(Oid relid, LOCKMODE lockmode, const DdlPatience *patience)
{
	ListCell   *lc;

	foreach(lc, find_all_inheritors(relid, NoLock, NULL))
	{
		limit_lock_waits(rest_of(patience));
		LockRelationOid(lfirst_oid(lc), lockmode);
	}
	limit_lock_waits(rest_of(patience));
}
