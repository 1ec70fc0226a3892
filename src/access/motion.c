/*
 * motion.c
 *		Keys in motion; see motion.h.
 */
#include "relmeta.h"

#include "access/key_set.h"
#include "access/motion.h"
#include "access/xact.h"
#include "miscadmin.h"
#include "model/key.h"
#include "nodes/execnodes.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

/* so many keys are kept in a list, of a type that there is no set of */
#define KEYS_LISTED 1000

typedef struct MotionKeys
{
	bool		all;			/* there are too many to be kept: any key
								 * counts */
	KeySet	   *set;			/* NULL: there are none, or no set of the type */
	List	   *list;			/* Datum *: these, then */
} MotionKeys;

typedef struct Motion
{
	struct Motion *outer;		/* next older one */
	MemoryContext cxt;			/* its own */
	MemoryContext query;		/* the statement's */
	Oid			relid;			/* of the registered table */
	CommandId	cid;			/* whoever sees more than this sees what the
								 * statement has written */
	bool		outside;		/* by foreign keys' actions, whose triggers
								 * fire when the statement has ended once */
	bool		ended;			/* kept for cursors that have been opened
								 * inside: */
	CommandId	end;			/* whoever sees no more than this sees entries
								 * where they were */
	bool		writes;			/* it is the statement itself that writes */
	MotionKeys	left;			/* keys that rows had */
	MotionKeys	taken;			/* keys that they have */
} Motion;

Motion	   *access_motions = NULL;

static void
unlink_motion(Motion *motion)
{
	for (Motion **link = &access_motions; *link != NULL; link = &(*link)->outer)
	{
		if (*link == motion)
		{
			*link = motion->outer;
			access_statement_alone = access_motions != NULL;
			return;
		}
	}
}

/* The entries have followed, or there are none.  Who began to read in between goes on with what he found then. */
static void
end_motion(Motion *motion)
{
	motion->ended = true;
	motion->end = GetCurrentCommandId(false);
	if (access_statement_began_inside(motion->query))
		return;
	unlink_motion(motion);
	MemoryContextDelete(motion->cxt);
}

/* Of a query, outside or not; all: whatever it has. */
static void
end_motions(MemoryContext query, bool all)
{
	Motion	   *next;

	for (Motion *motion = access_motions; motion != NULL; motion = next)
	{
		next = motion->outer;
		if (motion->query == query && !motion->ended && (all || !motion->outside))
			end_motion(motion);
	}
}

static void
query_gone(void *arg)
{
	end_motions(arg, true);
}

static void
motion_xact_callback(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
	{
		access_motions = NULL;
		access_statement_alone = false;
	}
}

void
access_motion_init(void)
{
	RegisterXactCallback(motion_xact_callback, NULL);
}

/* CurrentMemoryContext is the motion's. */
static void
add_key(MotionKeys *keys, ModelTable *table, Datum key)
{
	ModelType  *type = model_key_type(table);

	if (keys->all)
		return;
	if (access_key_set_possible(type))
	{
		if (keys->set == NULL)
		{
			/* the keys ask their type as long as they are there */
			model_pin(table->model, CurrentMemoryContext);
			keys->set = access_key_set_make(type);
		}
		access_key_set_add(keys->set, key);
		keys->all = access_key_set_size(keys->set) > get_hash_memory_limit();
	}
	else
	{
		Datum	   *copy = palloc(sizeof(Datum));

		*copy = model_key_copy(table, key);
		keys->list = lappend(keys->list, copy);
		keys->all = list_length(keys->list) > KEYS_LISTED;
	}
}

static bool
has_key(MotionKeys *keys, ModelTable *table, Datum key)
{
	ListCell   *lc;

	if (keys->all || (keys->set != NULL && access_key_set_holds(keys->set, key)))
		return true;
	foreach(lc, keys->list)
		if (model_key_equal(table, *(Datum *) lfirst(lc), key))
		return true;
	return false;
}

static Motion *
motion_of(MemoryContext query, bool outside, ModelTable *table)
{
	MemoryContext cxt;
	MemoryContextCallback *gone;
	Motion	   *motion;

	for (motion = access_motions; motion != NULL; motion = motion->outer)
		if (motion->query == query && !motion->ended && motion->outside == outside && motion->relid == table->relid)
			return motion;
	cxt = AllocSetContextCreate(TopTransactionContext, "relmeta keys in motion", ALLOCSET_SMALL_SIZES);
	motion = MemoryContextAllocZero(cxt, sizeof(Motion));
	motion->cxt = cxt;
	motion->query = query;
	motion->outside = outside;
	motion->relid = table->relid;
	motion->cid = GetActiveSnapshot()->curcid;
	motion->outer = access_motions;
	access_motions = motion;
	access_statement_alone = true;
	gone = MemoryContextAllocZero(query, sizeof(MemoryContextCallback));
	gone->func = query_gone;
	gone->arg = query;
	MemoryContextRegisterResetCallback(query, gone);
	return motion;
}

void
access_motion_note(MemoryContext query, bool outside, ModelTable *table, Datum before, Datum *after)
{
	Motion	   *motion = motion_of(query, outside, table);
	MemoryContext old = MemoryContextSwitchTo(motion->cxt);

	add_key(&motion->left, table, before);
	if (after != NULL)
		add_key(&motion->taken, table, *after);
	MemoryContextSwitchTo(old);
}

void
access_motion_writes(MemoryContext query)
{
	for (Motion *motion = access_motions; motion != NULL; motion = motion->outer)
		if (motion->query == query && !motion->ended)
			motion->writes = true;
}

void
access_motion_followed(MemoryContext query)
{
	end_motions(query, false);
}

void
access_motion_written(MemoryContext query)
{
	for (Motion *motion = access_motions; motion != NULL; motion = motion->outer)
		if (motion->query == query)
			motion->writes = false;
}

static bool
has_left(Motion *motion, ModelTable *table, Datum key)
{
	return motion->relid == table->relid && has_key(&motion->left, table, key);
}

bool
access_motion_hides(ModelTable *table, Datum key)
{
	for (Motion *motion = access_motions; motion != NULL; motion = motion->outer)
	{
		CommandId	seen = GetActiveSnapshot()->curcid;

		if (seen > motion->cid && (!motion->ended || seen <= motion->end) && has_left(motion, table, key))
			return true;
	}
	return false;
}

bool
access_motion_first(MemoryContext query, Oid relid, CommandId *cid)
{
	bool		any = false;

	for (Motion *motion = access_motions; motion != NULL; motion = motion->outer)
	{
		if (motion->query == query || motion->ended || motion->relid != relid)
			continue;
		*cid = any ? Min(*cid, motion->cid) : motion->cid;
		any = true;
	}
	return any;
}

bool
access_motion_own(MemoryContext query, ModelTable *table, Datum key)
{
	for (Motion *motion = access_motions; motion != NULL; motion = motion->outer)
		if (motion->query == query && !motion->ended && motion->relid == table->relid &&
			has_key(&motion->taken, table, key))
			return true;
	return false;
}

bool
access_motion_given(Statement *statement, ModelTable *table, Datum key)
{
	for (Motion *motion = access_motions; motion != NULL; motion = motion->outer)
		if (motion->query != statement->query && !motion->ended && motion->relid == table->relid &&
			has_key(&motion->taken, table, key))
			return true;
	return false;
}

bool
access_motion_left_by_other(Statement *statement, ModelTable *table, Datum key)
{
	for (Motion *motion = access_motions; motion != NULL; motion = motion->outer)
		if (motion->query != statement->query && !motion->ended && has_left(motion, table, key))
			return true;
	return false;
}

void
access_motion_refuse(ModelTable *table)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("a key of table \"%s\" is being changed by a statement that goes on",
					relmeta_relation_name(table->relid)),
			 errdetail("What is held on a row follows its key when that statement ends."),
			 errhint("Change keys in a statement that calls no function which needs them.")));
}

void
access_motion_check(ModelTable *table, Datum key)
{
	for (Motion *motion = access_motions; motion != NULL; motion = motion->outer)
	{
		/* not what others call meanwhile, whose snapshots are newer */
		bool		own = motion->writes && GetActiveSnapshot()->curcid <= motion->cid;

		if (!own && !motion->ended && has_left(motion, table, key))
			access_motion_refuse(table);
	}
}
