/*
 * progress.c
 *		The slots of relmeta.progress; see progress.h.
 *
 * A slot per backend, by its number among the backends.  Its spinlock is held while it is copied, in or out.
 */
#include "rows/progress.h"

#include "compat_backend.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "storage/spin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#define NAME "relmeta progress"

typedef struct ProgressSlot
{
	slock_t		mutex;
	Oid			database;
	ProgressSeen shows;
} ProgressSlot;

static ProgressSlot *slots = NULL;	/* of all backends; NULL: not preloaded */
static ProgressSlot own;		/* used then */
static ProgressSlot *mine = NULL;	/* NULL: not looked for yet */

static shmem_request_hook_type prev_shmem_request_hook = NULL;
static shmem_startup_hook_type prev_shmem_startup_hook = NULL;

/* ---- where they are ---- */

static void
shmem_request(void)
{
	if (prev_shmem_request_hook)
		prev_shmem_request_hook();
	RequestAddinShmemSpace(mul_size(MaxBackends, sizeof(ProgressSlot)));
}

static void
shmem_startup(void)
{
	bool		found;

	if (prev_shmem_startup_hook)
		prev_shmem_startup_hook();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	slots = ShmemInitStruct(NAME, mul_size(MaxBackends, sizeof(ProgressSlot)), &found);
	if (!found)
	{
		memset(slots, 0, mul_size(MaxBackends, sizeof(ProgressSlot)));
		for (int i = 0; i < MaxBackends; i++)
			SpinLockInit(&slots[i].mutex);
	}
	LWLockRelease(AddinShmemInitLock);
}

void
rows_progress_init(void)
{
	SpinLockInit(&own.mutex);
	if (!process_shared_preload_libraries_in_progress)
		return;
	prev_shmem_request_hook = shmem_request_hook;
	shmem_request_hook = shmem_request;
	prev_shmem_startup_hook = shmem_startup_hook;
	shmem_startup_hook = shmem_startup;
}

/* ---- writing ---- */

static void
clear_at_exit(int code, Datum arg)
{
	SpinLockAcquire(&mine->mutex);
	mine->shows.has_job = mine->shows.has_act = false;
	SpinLockRelease(&mine->mutex);
}

static void
find_mine(void)
{
	int			number = compat_backend_number();

	mine = slots != NULL && number >= 0 && number < MaxBackends ? &slots[number] : &own;
	SpinLockAcquire(&mine->mutex);
	mine->database = MyDatabaseId;
	mine->shows.pid = MyProcPid;
	mine->shows.has_job = mine->shows.has_act = false;
	SpinLockRelease(&mine->mutex);
	on_shmem_exit(clear_at_exit, (Datum) 0);
}

void
rows_progress_act(const Progress *act)
{
	Oid			roleid;

	if (mine == NULL)
		find_mine();
	if (act == NULL && !mine->shows.has_act)
		return;
	roleid = GetSessionUserId();
	SpinLockAcquire(&mine->mutex);
	mine->shows.has_act = act != NULL;
	if (act != NULL)
	{
		mine->shows.roleid = roleid;
		mine->shows.act = *act;
	}
	SpinLockRelease(&mine->mutex);
}

void
rows_progress_job(const char *kind, const char *relationship)
{
	Progress	job = {.rows_total = PROGRESS_UNKNOWN,.started_at = GetCurrentTimestamp()};
	Oid			roleid = GetSessionUserId();

	if (mine == NULL)
		find_mine();
	namestrcpy(&job.relationship, relationship);
	strlcpy(job.action, kind, sizeof(job.action));
	SpinLockAcquire(&mine->mutex);
	mine->shows.has_job = true;
	mine->shows.roleid = roleid;
	mine->shows.job = job;
	SpinLockRelease(&mine->mutex);
}

void
rows_progress_job_rows(int64 done, int64 total)
{
	SpinLockAcquire(&mine->mutex);
	mine->shows.job.rows_done = done;
	mine->shows.job.rows_total = total;
	SpinLockRelease(&mine->mutex);
}

void
rows_progress_job_ends(void)
{
	if (mine == NULL)
		return;
	SpinLockAcquire(&mine->mutex);
	mine->shows.has_job = false;
	SpinLockRelease(&mine->mutex);
}

/* ---- reading ---- */

int
rows_progress_slots(void)
{
	return slots != NULL ? MaxBackends : 1;
}

bool
rows_progress_look(int number, ProgressSeen *seen)
{
	ProgressSlot *slot = slots != NULL ? &slots[number] : &own;
	Oid			database;

	SpinLockAcquire(&slot->mutex);
	database = slot->database;
	*seen = slot->shows;
	SpinLockRelease(&slot->mutex);
	return database == MyDatabaseId && (seen->has_job || seen->has_act);
}
