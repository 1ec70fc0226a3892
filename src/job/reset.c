/*
 * reset.c
 *		One batch of resetting inherited access (SEMANTICS 2.6).
 */
#include "job/internal.h"

void
job_reset_batch(Job *job, ModelRelationship *relationship, JobBatch *batch)
{
	batch->has_totals = true;
	batch->tables = job_count_tables(job_relationships_below(relationship));
	batch->done = true;
}
