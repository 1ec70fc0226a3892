/*
 * flush.c
 *		What a statement's end does: the built-in steps, in order (step.h).
 *
 * SEMANTICS 3.0: a statement's own changes all happen first, then its effects,
 * once, net of the whole statement.  The statements run here queue their events
 * in the outer query (fire_triggers = false), whose AFTER STATEMENT triggers
 * come back here; what is changed without a statement is flushed here again: a
 * cascade of any depth is iteration, one level per flush.
 *
 * EXAMPLE.  Account 1 and its contacts 10 and 11 are ann's; assign and reparent are all.
 * WITH c AS (UPDATE contact SET owner_id = 'cat' WHERE id = 10) UPDATE account SET owner_id = 'bob' WHERE id = 1:
 *
 *					before						after
 *	account 1		ann's						bob's
 *	contact 10		ann's						cat's; bob: reparent, all
 *	contact 11		ann's						bob's
 *
 * Both changes are the statement's own and come first, in whatever order.  Then, once, their effects: contact 11
 * follows the account; contact 10 has its owner by the statement itself and is left alone, and bob inherits there.
 */
#include "relmeta.h"

#include "access/motion.h"
#include "cascade/cascade.h"
#include "cascade/flush.h"
#include "executor/spi.h"
#include "inherit/inherit.h"
#include "miscadmin.h"
#include "rows/act.h"

static void pass_access(Frame *frame);

/* whose cursors inherit.c and reparent.c use */
static FlushStep access_step = {"access", FLUSH_ACCESS, CHANGE_NONE,.act_frame = pass_access};

static void
pass_access(Frame *frame)
{
	inherit_moved(frame, &access_step, inherit_assigned(frame, &access_step));
}

/* In the order in which they run within their phase. */
static FlushStep built_in[] = {
	{"owners", FLUSH_REFUSE, CHANGE_NONE,.act_frame = cascade_check_owners},
	{"keys", FLUSH_REFUSE, CHANGE_REKEYED,.act = cascade_check_rekeyed},
	{"loops", FLUSH_REFUSE, CHANGE_MOVED,.act = cascade_check_moved_loop},
	{"loops by keys", FLUSH_REFUSE, CHANGE_REKEYED,.wants = cascade_rekeyed_loops,.act = cascade_check_rekeyed_loop},
	{"lookups", FLUSH_REFUSE, CHANGE_MOVED,.act = cascade_check_lookup},
	{"keys taken", FLUSH_REFUSE, CHANGE_REKEYED,.act = cascade_judge_rekeyed},
	{"keys taken by new rows", FLUSH_REFUSE, CHANGE_INSERTED,.act = cascade_judge_inserted},
	{"restrict", FLUSH_REFUSE, CHANGE_DELETED,.act = cascade_delete_restrict},
	{"entries of deleted rows", FLUSH_FOLLOW, CHANGE_DELETED,.act = inherit_purge_deleted},
	{"entries of rows deleted late", FLUSH_FOLLOW, CHANGE_NONE,.act_frame = inherit_purge_late},
	{"entries of re-keyed rows", FLUSH_FOLLOW, CHANGE_REKEYED,.act = inherit_purge_rekeyed},
	{"entries of respelled keys", FLUSH_FOLLOW, CHANGE_RESPELLED,.act = inherit_purge_respelled},
	{"delete", FLUSH_CASCADE, CHANGE_DELETED,.act = cascade_delete},
	{"assign", FLUSH_CASCADE, CHANGE_ASSIGNED,.act = cascade_assign}
};

void
cascade_flush_init(void)
{
	for (int i = 0; i < (int) lengthof(built_in); i++)
		collect_add_step(&built_in[i]);
	collect_add_step(&access_step);
}

/* What the frame has collected by now: its effects, but for access. */
static void
flush_changes(Frame *frame)
{
	ListCell   *lc;

	CHECK_FOR_INTERRUPTS();
	foreach(lc, frame->tables)
		collect_row_left(lfirst(lc));
	frame->dirty = false;
	frame->pointed_to = NIL;
	access_motion_writes(frame->query);

	collect_run_phase(frame, FLUSH_REFUSE);
	collect_assigned_own(frame);
	frame->cascading = true;
	rows_act_cascade_begins();
	collect_run_phase(frame, FLUSH_FOLLOW);
	access_motion_followed(frame->query);
	collect_run_phase(frame, FLUSH_CASCADE);
	collect_run_phase(frame, FLUSH_ASSIGNED);
}

void
cascade_flush(Frame *frame)
{
	uint64		flush;

	flush = collect_count_flush();
	frame->others_flushed |= frame->flushes != flush - 1;
	frame->flushes = flush;
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");

	/*
	 * rows that were changed without a statement have no other flush
	 * (assign_few.c)
	 */
	do
		flush_changes(frame);
	while ((frame->dirty || frame->late) && frame->nmarks == 0);

	/*
	 * SEMANTICS 3.0: access goes on once the assigns are through: the flush
	 * that finds nothing to wait for
	 */
	frame->access_waits = frame->nmarks > 0;
	if (!frame->access_waits)
	{
		collect_run_phase(frame, FLUSH_ACCESS);
		collect_run_phase(frame, FLUSH_DONE);
	}
	SPI_finish();
	access_motion_written(frame->query);
}
