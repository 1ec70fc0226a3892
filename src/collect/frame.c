/*
 * frame.c
 *		Frames: found, made, marked, forgotten; see collect.h.
 *
 * The frames form a stack, newest first.  Subtransaction abort drops those
 * that began in it; a commit hands them to the parent.  At the end of the
 * transaction none may hold rows: someone disabled a trigger then.
 *
 * What a statement leaves to a later one of its transaction is kept here, and
 * nowhere else: frames, the loss of rows, the count of assigned rows.  A static
 * variable elsewhere keeps what holds in the whole session (plans, the model,
 * OIDs), and has an invalidation; or it is put back by the function that set it,
 * by PG_FINALLY(); or its file has callbacks of its own for the end of a
 * transaction and of a subtransaction, as those of what is read ahead of a commit
 * (the model, identities) and of what waits for one (workers to be launched).
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/statement.h"
#include "access/xact.h"
#include "model/as_read.h"
#include "rows/act.h"
#include "rows/plan.h"
#include "collect/collect.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/memutils.h"

static Frame *frames = NULL;	/* newest first */

static uint64 flushes = 0;		/* of this session */

/* where a query ended before its rows were flushed; of several the outermost */
static SubTransactionId lost_subid = InvalidSubTransactionId;

/* rows whose owner changed, by subtransaction: those of an aborted one do not count */
typedef struct AssignedCount
{
	SubTransactionId subid;
	uint64		rows;
	struct AssignedCount *outer;
} AssignedCount;

static AssignedCount *assigned = NULL;	/* innermost first; in
										 * TopTransactionContext */

static void frame_query_gone(void *arg);
static void frames_xact_callback(XactEvent event, void *arg);
static void frames_subxact_callback(SubXactEvent event, SubTransactionId subid,
									SubTransactionId parent, void *arg);

void
collect_init(void)
{
	RegisterXactCallback(frames_xact_callback, NULL);
	RegisterSubXactCallback(frames_subxact_callback, NULL);
}

Frame *
collect_frame_existing(MemoryContext query)
{
	for (Frame *frame = frames; frame != NULL; frame = frame->outer)
		if (frame->query == query)
			return frame;
	return NULL;
}

/*
 * Who runs a query.  Its first event may come from a foreign key's action, and PostgreSQL 18 calls us as the owner of
 * the table then: the executor run is asked, when it is known.  It is not when this event has loaded the library: then
 * it is for whoever the session is for, outside of functions.
 */
static Oid
role_of(MemoryContext query)
{
	Statement  *statement = access_statement_of(query);

	if (statement != NULL && statement->query == query)
		return statement->roleid;
	return COMPAT_TRIGGERS_AS_QUEUED ? GetOuterUserId() : GetUserId();
}

Frame *
collect_frame(MemoryContext query)
{
	Frame	   *frame = collect_frame_existing(query);
	MemoryContext cxt;
	MemoryContextCallback *callback;

	if (frame != NULL)
		return frame;

	/*
	 * below TopTransactionContext: it must not die inside a callback of its
	 * own parent
	 */
	cxt = AllocSetContextCreate(TopTransactionContext, "relmeta frame", ALLOCSET_SMALL_SIZES);
	frame = MemoryContextAllocZero(cxt, sizeof(Frame));
	frame->query = query;
	frame->cxt = cxt;
	frame->subid = GetCurrentSubTransactionId();
	frame->lasting = strcmp(query->name, "ExecutorState") == 0;
	frame->cid = GetCurrentCommandId(false);
	frame->flushes = flushes;
	frame->roleid = role_of(query);
	frame->outer = frames;
	frames = frame;

	callback = MemoryContextAllocZero(query, sizeof(MemoryContextCallback));
	callback->func = frame_query_gone;
	callback->arg = query;
	MemoryContextRegisterResetCallback(query, callback);
	return frame;
}

/* Does a frame's statement cascade? */
static bool
anyone_cascades(void)
{
	for (Frame *frame = frames; frame != NULL; frame = frame->outer)
		if (frame->cascading)
			return true;
	return false;
}

bool
collect_older_model(void)
{
	Model	   *current = model_current();

	for (Frame *frame = frames; frame != NULL; frame = frame->outer)
		if (frame->model != NULL && frame->model != current)
			return true;
	return false;
}

void
collect_frame_end(Frame *frame)
{
	Frame	  **link;

	for (link = &frames; *link != NULL; link = &(*link)->outer)
	{
		if (*link == frame)
		{
			*link = frame->outer;
			break;
		}
	}
	if (frame->cascading && !anyone_cascades())
		rows_act_cascade_ends();
	MemoryContextDelete(frame->cxt);
}

/*
 * A query's memory context is going away.  After an error the frame may hold
 * rows, and the abort drops it; otherwise a flush never came.
 */
static void
frame_query_gone(void *arg)
{
	Frame	   *frame = collect_frame_existing((MemoryContext) arg);

	if (frame == NULL)
		return;
	/* a subtransaction's number is higher than those of what it is in */
	if ((frame->dirty || frame->truncated != NIL) &&
		(lost_subid == InvalidSubTransactionId || frame->subid < lost_subid))
		lost_subid = frame->subid;
	collect_frame_end(frame);
}

Truncated *
collect_truncated(Oid relid)
{
	ListCell   *lc;

	for (Frame *frame = frames; frame != NULL; frame = frame->outer)
	{
		foreach(lc, frame->truncated)
		{
			Truncated  *truncated = lfirst(lc);

			if (truncated->relid == relid)
			{
				frame->truncated = foreach_delete_current(frame->truncated, lc);
				return truncated;
			}
		}
	}
	return NULL;
}

void
collect_mark(Frame *frame, Oid relid, CmdType command)
{
	for (int i = 0; i < frame->nmarks; i++)
	{
		if (frame->marks[i].relid == relid)
		{
			frame->marks[i].commands |= 1 << command;
			return;
		}
	}
	if (frame->nmarks == frame->marks_capacity)
	{
		int			capacity = frame->marks_capacity == 0 ? 4 : frame->marks_capacity * 2;

		if (frame->marks == NULL)
			frame->marks = MemoryContextAlloc(frame->cxt, capacity * sizeof(Mark));
		else
			frame->marks = repalloc(frame->marks, capacity * sizeof(Mark));
		frame->marks_capacity = capacity;
	}
	frame->marks[frame->nmarks].relid = relid;
	frame->marks[frame->nmarks].commands = 1 << command;
	frame->nmarks++;
}

static Reached *
find_reached(Frame *frame, Oid relid)
{
	for (int i = 0; i < frame->nreached; i++)
		if (frame->reached[i].relid == relid)
			return &frame->reached[i];
	return NULL;
}

int
collect_level(Frame *frame, Oid relid)
{
	Reached    *reached = find_reached(frame, relid);

	return reached == NULL ? 0 : reached->level;
}

void
collect_reached(Frame *frame, Oid relid, int level)
{
	Reached    *reached = find_reached(frame, relid);

	if (reached == NULL)
	{
		if (frame->nreached == frame->reached_capacity)
		{
			int			capacity = Max(4, 2 * frame->reached_capacity);

			if (frame->reached == NULL)
				frame->reached = MemoryContextAlloc(frame->cxt, capacity * sizeof(Reached));
			else
				frame->reached = repalloc(frame->reached, capacity * sizeof(Reached));
			frame->reached_capacity = capacity;
		}
		reached = &frame->reached[frame->nreached++];
		reached->relid = relid;
		reached->level = level;
	}
	reached->level = Max(reached->level, level);
}

void
collect_begins(Frame *frame, Oid relid, CmdType command)
{
	MemoryContext old = MemoryContextSwitchTo(frame->cxt);

	collect_mark(frame, relid, command);
	if (command == CMD_UPDATE)
		frame->updates = list_append_unique_oid(frame->updates, relid);
	MemoryContextSwitchTo(old);
}

void
collect_unmark(Frame *frame, Oid relid, CmdType command)
{
	for (int i = 0; i < frame->nmarks; i++)
	{
		if (frame->marks[i].relid != relid)
			continue;
		frame->marks[i].commands &= ~(1 << command);
		if (frame->marks[i].commands == 0)
			frame->marks[i] = frame->marks[--frame->nmarks];
		return;
	}
}

ModelRelationship *
collect_relationship_locked(Frame *frame, ModelRelationship *relationship, Oid relid, int lockmode)
{
	Model	   *model;
	ListCell   *lc;

	LockRelationOid(relid, lockmode);
	model = model_current();
	if (model != frame->model)
	{
		/* what the frame has of the older picture stays, pinned to it as well */
		model_pin(model, frame->cxt);
		foreach(lc, frame->tables)
			model_check_types_kept(((TableChanges *) lfirst(lc))->table, model);
		frame->model = model;
	}
	relationship = model_relationship_by_id(model, relationship->id);
	if (relationship != NULL)
		model_relationship_check_usable(relationship);
	return relationship;
}

/*
 * check_flushed
 *		SEMANTICS 3.0: all effects happen in the statement that causes them.
 *		Rows that nobody flushed are an error, never a silent loss.
 */
static void
check_flushed(void)
{
	bool		lost = lost_subid != InvalidSubTransactionId;

	for (Frame *frame = frames; frame != NULL; frame = frame->outer)
		lost = lost || frame->dirty;
	if (!lost)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("changes of registered tables were not cascaded"),
			 errdetail("A statement trigger of relmeta did not fire: it is disabled or was dropped."),
			 errhint("Call relmeta.repair() and run the transaction again.")));
}

void
collect_count_assigned(void)
{
	SubTransactionId subid = GetCurrentSubTransactionId();

	if (assigned == NULL || assigned->subid != subid)
	{
		AssignedCount *count = MemoryContextAllocZero(TopTransactionContext, sizeof(AssignedCount));

		count->subid = subid;
		count->outer = assigned;
		assigned = count;
	}
	assigned->rows++;
}

uint64
collect_count_flush(void)
{
	return ++flushes;
}

uint64
collect_rows_assigned(void)
{
	uint64		rows = 0;

	for (AssignedCount *count = assigned; count != NULL; count = count->outer)
		rows += count->rows;
	return rows;
}

/* A subtransaction's count becomes its parent's, or is added to it. */
static void
assigned_subcommit(SubTransactionId subid, SubTransactionId parent)
{
	AssignedCount *count = assigned;

	if (count == NULL || count->subid != subid)
		return;
	count->subid = parent;
	if (count->outer == NULL || count->outer->subid != parent)
		return;
	count->outer->rows += count->rows;
	assigned = count->outer;
	pfree(count);
}

static void
assigned_subabort(SubTransactionId subid)
{
	while (assigned != NULL && assigned->subid >= subid)
	{
		AssignedCount *count = assigned;

		assigned = count->outer;
		pfree(count);
	}
}

static void
forget_all(void)
{
	assigned = NULL;
	while (frames != NULL)
		collect_frame_end(frames);
	lost_subid = InvalidSubTransactionId;
}

static void
frames_xact_callback(XactEvent event, void *arg)
{
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
		case XACT_EVENT_PARALLEL_PRE_COMMIT:
		case XACT_EVENT_PRE_PREPARE:
			check_flushed();
			forget_all();
			rows_plans_at_xact_end();
			break;
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PARALLEL_ABORT:
			forget_all();
			rows_plans_at_xact_end();
			break;
		default:
			break;
	}
}

static void
frames_subxact_callback(SubXactEvent event, SubTransactionId subid, SubTransactionId parent, void *arg)
{
	Frame	   *frame;
	Frame	   *next;

	if (event == SUBXACT_EVENT_COMMIT_SUB)
	{
		for (frame = frames; frame != NULL; frame = frame->outer)
			if (frame->subid == subid)
				frame->subid = parent;
		if (lost_subid == subid)
			lost_subid = parent;
		assigned_subcommit(subid, parent);
	}
	else if (event == SUBXACT_EVENT_ABORT_SUB)
	{
		for (frame = frames; frame != NULL; frame = next)
		{
			next = frame->outer;
			if (frame->subid == subid)
				collect_frame_end(frame);
		}
		if (lost_subid == subid)
			lost_subid = InvalidSubTransactionId;
		assigned_subabort(subid);
	}
}
