/*
 * request.c
 *		What the launcher is asked for: any process may, one request per database.
 *
 * SHARED MEMORY.  JobRequests, under its spinlock.  The latch is the launcher's,
 * or NULL while it does not run.
 */
#include "job/request.h"

#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "storage/spin.h"
#include "utils/timestamp.h"

typedef struct JobRequests
{
	slock_t		mutex;
	Latch	   *latch;
	bool		overflowed;		/* then all databases are looked into */
	int			n;
	JobRequest	request[MAX_REQUESTS];
} JobRequests;

static JobRequests *requests = NULL;	/* NULL: not preloaded */
static shmem_request_hook_type prev_shmem_request_hook = NULL;
static shmem_startup_hook_type prev_shmem_startup_hook = NULL;

bool
job_requests_are_kept(void)
{
	return requests != NULL;
}

bool
job_request_add(Oid database, int delay, const JobLaunch *launch)
{
	TimestampTz due;
	Latch	   *latch;
	int			i;

	if (requests == NULL)
		return false;
	due = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), delay);

	SpinLockAcquire(&requests->mutex);
	for (i = 0; i < requests->n && requests->request[i].database != database; i++)
		;
	if (i == MAX_REQUESTS)
		requests->overflowed = true;
	else
	{
		JobRequest *request = &requests->request[i];

		if (i == requests->n)
		{
			memset(request, 0, sizeof(JobRequest));
			request->database = database;
			request->due = due;
			requests->n++;
		}
		request->due = Min(request->due, due);
		if (launch != NULL)
			request->launch = *launch;
	}
	latch = requests->latch;
	SpinLockRelease(&requests->mutex);

	if (latch != NULL)
		SetLatch(latch);
	return true;
}

bool
job_launcher_ask(Oid database, int delay)
{
	return job_request_add(database, delay, NULL);
}

static void
shmem_request(void)
{
	if (prev_shmem_request_hook)
		prev_shmem_request_hook();
	RequestAddinShmemSpace(sizeof(JobRequests));
}

static void
shmem_startup(void)
{
	bool		found;

	if (prev_shmem_startup_hook)
		prev_shmem_startup_hook();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	requests = ShmemInitStruct("relmeta jobs", sizeof(JobRequests), &found);
	if (!found)
	{
		memset(requests, 0, sizeof(JobRequests));
		SpinLockInit(&requests->mutex);
	}
	LWLockRelease(AddinShmemInitLock);
}

static void
forget_latch(int code, Datum arg)
{
	SpinLockAcquire(&requests->mutex);
	requests->latch = NULL;
	SpinLockRelease(&requests->mutex);
}

int
job_requests_due(JobRequest *due, long *rest, bool *all)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz next = DT_NOEND;
	int			ndue = 0;
	int			kept = 0;

	SpinLockAcquire(&requests->mutex);
	for (int i = 0; i < requests->n; i++)
	{
		JobRequest	request = requests->request[i];

		if (request.due <= now)
			due[ndue++] = request;
		else
		{
			next = Min(next, request.due);
			requests->request[kept++] = request;
		}
	}
	requests->n = kept;
	*all = requests->overflowed;
	requests->overflowed = false;
	SpinLockRelease(&requests->mutex);

	*rest = (next == DT_NOEND) ? -1 : Max(1, TimestampDifferenceMilliseconds(now, next));
	return ndue;
}

void
job_requests_attend(void)
{
	on_shmem_exit(forget_latch, (Datum) 0);
	SpinLockAcquire(&requests->mutex);
	requests->latch = MyLatch;
	SpinLockRelease(&requests->mutex);
}

void
job_requests_init(void)
{
	prev_shmem_request_hook = shmem_request_hook;
	shmem_request_hook = shmem_request;
	prev_shmem_startup_hook = shmem_startup_hook;
	shmem_startup_hook = shmem_startup;
}
