/*
 * left.c
 *		Jobs that are left behind: verify() reports them, repair() mends them.
 *
 * After a crash without the launcher, a lack of worker slots or a restore, a job
 * waits until somebody happens to start a worker.  One that waits for its turn or
 * its next attempt, or was queued a moment ago, is not left behind.
 */
#include "job/internal.h"

#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#define PATIENCE 10000			/* ms until a job that is ready counts as left
								 * behind */

static bool
is_obsolete(const Job *job)
{
	ModelRelationship *relationship = model_relationship_by_id(model_current(), job->relationship_id);

	return relationship == NULL || strcmp(relationship->name, job->relationship) != 0;
}

static JobProblem *
problem_make(const Job *job, JobMend mend, const char *call, char *problem)
{
	JobProblem *made = palloc0(sizeof(JobProblem));

	made->id = job->id;
	made->problem = problem;
	made->call = call != NULL ? pstrdup(call) : NULL;
	made->mend = mend;
	made->may_mend = mend == JOB_CANCEL || job_may_control(job, GetUserId());
	return made;
}

/* An open job that is not busy; somebody: workers are about, who look for more when they are done. */
static JobProblem *
problem_of_open(const Job *job, bool somebody)
{
	if (is_obsolete(job))
		return problem_make(job, JOB_CANCEL, NULL,
							psprintf("its relationship \"%s\" no longer exists", job->relationship));
	if (job->state == JOB_PAUSED || somebody)
		return NULL;
	return problem_make(job, job_workers > 0 ? JOB_START : JOB_BY_HAND, "CALL relmeta.run_jobs()",
						psprintf("is %s, but nobody works it", job_state_name(job->state)));
}

static JobProblem *
problem_of_failed(const Job *job)
{
	if (is_obsolete(job))
		return NULL;
	return problem_make(job, JOB_BY_HAND, psprintf("SELECT relmeta.resume_job(%lld)", (long long) job->id),
						psprintf("has failed; what it was to do along relationship \"%s\" is not done",
								 job->relationship));
}

List *
job_problems(void)
{
	List	   *problems = NIL;
	TimestampTz since = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), -PATIENCE);
	bool		somebody;
	ListCell   *cell;

	/* a standby works none, and cannot ask who does: that takes locks */
	if (RecoveryInProgress())
		return NIL;
	somebody = job_somebody_works();
	foreach(cell, job_unfinished(since))
	{
		Job		   *job = lfirst(cell);
		JobProblem *problem = NULL;

		if (job->state == JOB_FAILED)
			problem = problem_of_failed(job);
		else if (!job_is_busy(job))
			problem = problem_of_open(job, somebody);
		if (problem != NULL)
			problems = lappend(problems, problem);
	}
	return problems;
}

void
job_mend(const JobProblem *problem)
{
	Job		   *job = job_required(problem->id, true);

	if (job_state_is_final(job->state) || job_is_busy(job))
		return;
	if (problem->mend == JOB_START)
		job_launch_at_commit();
	else if (is_obsolete(job))
		job_cancel_obsolete(job->relationship_id);
}
