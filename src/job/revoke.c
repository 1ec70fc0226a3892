/*
 * revoke.c
 *		One batch of revoking inherited access (SEMANTICS 3.10).
 */
#include "job/internal.h"

void
job_revoke_batch(Job *job, ModelRelationship *relationship, JobBatch *batch)
{
	batch->has_totals = true;
	batch->tables = job_count_tables(job_relationships_below(relationship));
	batch->done = true;
}
