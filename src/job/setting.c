/*
 * setting.c
 *		The settings of the job room.
 *
 * All are read where they take effect: job_workers by the session that queues a
 * job when it commits, the others by whoever works it.
 */
#include "job/internal.h"

#include "utils/guc.h"

int			job_batch_size = 50000;
int			job_workers = 2;
int			job_max_attempts = 5;
int			job_retry_delay = 1000;
int			job_lock_timeout = 5000;
int			job_naptime = 10000;
int			job_retention = 7 * 24 * 3600;

void
job_settings_init(void)
{
	DefineCustomIntVariable("relmeta.job_batch_size",
							"Number of access entries that a job examines in one transaction.",
							"What depends on these entries in the tables below is done in the same transaction.",
							&job_batch_size,
							50000, 1, 10000000,
							PGC_USERSET,
							0,
							NULL, NULL, NULL);
	DefineCustomIntVariable("relmeta.job_workers",
							"Number of background workers that may work on a database's jobs at a time.",
							"0 starts none; CALL relmeta.run_jobs() works the queue in a session.",
							&job_workers,
							2, 0, JOB_MAX_WORKERS,
							PGC_SUSET,
							0,
							NULL, NULL, NULL);
	DefineCustomIntVariable("relmeta.job_max_attempts",
							"Number of failures in a row after which a job is given up as failed.",
							NULL,
							&job_max_attempts,
							5, 1, 1000,
							PGC_SUSET,
							0,
							NULL, NULL, NULL);
	DefineCustomIntVariable("relmeta.job_retry_delay",
							"Time to wait before a job that failed is tried again.",
							"It doubles with each failure in a row, up to an hour.",
							&job_retry_delay,
							1000, 1, 3600000,
							PGC_SUSET,
							GUC_UNIT_MS,
							NULL, NULL, NULL);
	DefineCustomIntVariable("relmeta.job_lock_timeout",
							"Time that a worker waits for a lock before it puts the job off.",
							"For relmeta.job_retry_delay; that is no failure. 0 waits as long as it takes.",
							&job_lock_timeout,
							5000, 0, INT_MAX,
							PGC_SUSET,
							GUC_UNIT_MS,
							NULL, NULL, NULL);
	DefineCustomIntVariable("relmeta.job_naptime",
							"Time after which the launcher tries again what could not be started.",
							"A worker that found no free slot, and the jobs of prepared transactions.",
							&job_naptime,
							10000, 10, 3600000,
							PGC_SIGHUP,
							GUC_UNIT_MS,
							NULL, NULL, NULL);
	DefineCustomIntVariable("relmeta.job_retention",
							"Time after which a job that has ended is forgotten.",
							"-1 keeps all. A job that has failed is kept until a later one does the same.",
							&job_retention,
							7 * 24 * 3600, -1, INT_MAX,
							PGC_SUSET,
							GUC_UNIT_S,
							NULL, NULL, NULL);
}
