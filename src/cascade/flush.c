/*
 * flush.c
 *		What a statement's end does: the steps, in order.
 *
 * SEMANTICS 3.0: a statement's own changes all happen first, then its effects,
 * once, net of the whole statement.  The statements run here queue their events
 * in the outer query (fire_triggers = false), whose AFTER STATEMENT triggers
 * come back here: a cascade of any depth is iteration, one level per flush.
 */
#include "relmeta.h"

#include "cascade/cascade.h"
#include "cascade/queue.h"
#include "executor/spi.h"

static uint64 flushes = 0;

uint64
cascade_flushes(void)
{
	return flushes;
}

/* What the checks have read they do not read again. */
static void
changes_checked(TableChanges *changes)
{
	for (int i = 0; i < changes->nlookups; i++)
		if (changes->moved[i] != NULL)
			changes->moved_done[i] = changes->moved[i]->nrows;
	if (changes->rekeyed != NULL)
		changes->rekeyed_done = changes->rekeyed->nrows;
	if (changes->respelled != NULL)
		changes->respelled_done = changes->respelled->nrows;
	if (changes->deleted != NULL)
		changes->deleted_done = changes->deleted->nrows;
}

/* Whatever no cascade of ours can have assigned, the statement has. */
static void
assigned_by_statement(TableChanges *changes)
{
	if (changes->assigned != NULL && !list_member_oid(changes->frame->assigned_into, changes->relid))
		changes->assigned_own = changes->assigned->nrows;
}

void
cascade_flush(Frame *frame)
{
	ListCell   *lc;

	frame->others_flushed |= frame->flushes != flushes;
	frame->flushes = ++flushes;
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");

	foreach(lc, frame->tables)
		cascade_row_left(lfirst(lc));
	frame->dirty = false;

	/* refusals first: nothing of a refused statement is worth doing */
	cascade_check_owners(frame);
	foreach(lc, frame->tables)
	{
		cascade_check_rekeyed(lfirst(lc));
		cascade_check_moved_loops(lfirst(lc));
		cascade_check_lookups(lfirst(lc));
		cascade_delete_restrict(lfirst(lc));
	}

	foreach(lc, frame->tables)
		assigned_by_statement(lfirst(lc));
	frame->assigning = true;
	foreach(lc, frame->tables)
	{
		cascade_purge(lfirst(lc));
		cascade_delete(lfirst(lc));
	}
	foreach(lc, frame->tables)
		cascade_assign(lfirst(lc));
	foreach(lc, frame->tables)
		changes_checked(lfirst(lc));

	/*
	 * SEMANTICS 3.0: access goes on once the assigns are through: the flush
	 * that finds nothing to wait for
	 */
	frame->access_waits = frame->nmarks > 0;
	if (!frame->access_waits)
	{
		cascade_reparent(frame, cascade_inherit(frame));
	}
	SPI_finish();
}
