/*
 * lock.c
 *		Session locks that say who works what.
 *
 * They are object locks (LOCKTAG_OBJECT), which no SQL function can take, unlike
 * advisory locks:
 *
 *	a job				(relmeta.job, job id)
 *	a relationship		(relmeta.relationship, its id, 1): its jobs go one after the other
 *	a requester			(relmeta.job, a hash of its name, 65534), shared: somebody works a job of his
 *	a worker's place	(relmeta.job, its number, 65535): how many workers a database has; 0: the spare one
 *	who waits for rows	(relmeta.job, 0, 65533): see worker.c
 *
 * A session lock outlives transactions that commit, and subtransactions.  It ends
 * with the process, which is what makes it a proof of life; whoever lives on must give
 * it back.  It also ends when a whole transaction is rolled back, as by a commit that
 * fails: then it must be taken anew (run.c).
 */
#include "job/internal.h"

#include "catalog/pg_database.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"

#define PLACE_SUBID 65535
#define REQUESTER_SUBID 65534
#define WATCH_SUBID 65533
#define SPARE_PLACE 0
#define RELATIONSHIP_SUBID 1

static Oid
catalog_relid(const char *name)
{
	Oid			relid = get_relname_relid(name, relmeta_schema_oid());

	if (!OidIsValid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation \"%s.%s\" does not exist", RELMETA_SCHEMA, name)));
	return relid;
}

static void
job_tag(LOCKTAG *tag, int64 id)
{
	SET_LOCKTAG_OBJECT(*tag, MyDatabaseId, catalog_relid("job"), (uint32) id, (uint16) (id >> 32));
}

static void
relationship_tag(LOCKTAG *tag, int relationship_id)
{
	SET_LOCKTAG_OBJECT(*tag, MyDatabaseId, catalog_relid("relationship"), relationship_id, RELATIONSHIP_SUBID);
}

static void
requester_tag(LOCKTAG *tag, const char *requester)
{
	SET_LOCKTAG_OBJECT(*tag, MyDatabaseId, catalog_relid("job"),
					   hash_bytes((const unsigned char *) requester, strlen(requester)), REQUESTER_SUBID);
}

static bool
try_lock(const LOCKTAG *tag)
{
	LockAcquireResult result = LockAcquire(tag, ExclusiveLock, true, true);

	/* a second hold of our own would be as good as none */
	if (result == LOCKACQUIRE_ALREADY_HELD)
		LockRelease(tag, ExclusiveLock, true);
	return result == LOCKACQUIRE_OK;
}

bool
job_lock(Job *job)
{
	job_tag(&job->lock, job->id);
	relationship_tag(&job->relationship_lock, job->relationship_id);
	requester_tag(&job->requester_lock, job->requested_by);
	/* waits for no more than a look */
	(void) LockAcquire(&job->requester_lock, RowExclusiveLock, true, false);
	if (try_lock(&job->lock))
	{
		if (try_lock(&job->relationship_lock))
		{
			job->locked = true;
			return true;
		}
		LockRelease(&job->lock, ExclusiveLock, true);
	}
	LockRelease(&job->requester_lock, RowExclusiveLock, true);
	return false;
}

void
job_unlock(Job *job)
{
	if (!job->locked)
		return;
	job->locked = false;
	LockRelease(&job->relationship_lock, ExclusiveLock, true);
	LockRelease(&job->lock, ExclusiveLock, true);
	LockRelease(&job->requester_lock, RowExclusiveLock, true);
}

bool
job_is_busy(const Job *job)
{
	LOCKTAG		tag;

	job_tag(&tag, job->id);
	if (!try_lock(&tag))
		return true;
	LockRelease(&tag, ExclusiveLock, true);
	return false;
}

bool
job_requester_is_served(const Job *job)
{
	LOCKTAG		tag;

	requester_tag(&tag, job->requested_by);
	if (LockAcquire(&tag, ShareLock, true, true) == LOCKACQUIRE_NOT_AVAIL)
		return true;
	LockRelease(&tag, ShareLock, true);
	return false;
}

/*
 * ShareLock: those who wait do not keep each other from the claim that they make
 * next.  One by one, each would find the lock with the one behind him, and wait
 * again, for ever.
 */
static void
wait_for_lock(const LOCKTAG *tag)
{
	LockAcquire(tag, ShareLock, false, false);
	LockRelease(tag, ShareLock, false);
}

void
job_wait_until_idle(const Job *job)
{
	LOCKTAG		tag;

	job_tag(&tag, job->id);
	wait_for_lock(&tag);
	relationship_tag(&tag, job->relationship_id);
	wait_for_lock(&tag);
}

void
job_watch_tag(LOCKTAG *tag, Oid database, Oid catalog)
{
	SET_LOCKTAG_OBJECT(*tag, database, catalog, 0, WATCH_SUBID);
}

bool
job_place_take(int max_workers, LOCKTAG *place, bool *is_spare)
{
	Oid			relid = catalog_relid("job");

	*is_spare = false;
	for (int number = 1; number <= max_workers; number++)
	{
		SET_LOCKTAG_OBJECT(*place, MyDatabaseId, relid, number, PLACE_SUBID);
		if (try_lock(place))
			return true;
	}
	*is_spare = true;
	SET_LOCKTAG_OBJECT(*place, MyDatabaseId, relid, SPARE_PLACE, PLACE_SUBID);
	return try_lock(place);
}

void
job_place_leave(const LOCKTAG *place)
{
	LockRelease(place, ExclusiveLock, true);
}

bool
job_somebody_works(void)
{
	Oid			relid = catalog_relid("job");

	for (int number = SPARE_PLACE; number <= JOB_MAX_WORKERS; number++)
	{
		LOCKTAG		place;

		SET_LOCKTAG_OBJECT(place, MyDatabaseId, relid, number, PLACE_SUBID);
		if (!try_lock(&place))
			return true;
		LockRelease(&place, ExclusiveLock, true);
	}
	return false;
}

bool
job_database_is_wanted(void)
{
	LOCKTAG		tag;

	/*
	 * What a starting session takes and then lets go.  DROP DATABASE, ALTER
	 * DATABASE and CREATE DATABASE ... TEMPLATE hold what conflicts with it
	 * while they wait, up to five seconds, for other sessions to leave.
	 */
	SET_LOCKTAG_OBJECT(tag, InvalidOid, DatabaseRelationId, MyDatabaseId, 0);
	if (LockAcquire(&tag, RowExclusiveLock, true, true) == LOCKACQUIRE_NOT_AVAIL)
		return true;
	LockRelease(&tag, RowExclusiveLock, true);
	return false;
}
