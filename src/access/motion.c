/*
 * motion.c
 *		Keys in motion; see motion.h.
 */
#include "relmeta.h"

#include "access/key_set.h"
#include "access/motion.h"
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
	MemoryContextCallback gone;
	MemoryContext query;		/* the statement's */
	Oid			relid;			/* of the registered table */
	CommandId	cid;			/* whoever sees more than this sees what the
								 * statement has written */
	bool		outside;		/* by foreign keys' actions, whose triggers
								 * fire when the statement has ended once */
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
			return;
		}
	}
}

static void
motion_gone(void *arg)
{
	unlink_motion(arg);
}

/* CurrentMemoryContext is the statement's, to the end of the next one. */
static void
add_key(MotionKeys *keys, ModelTable *table, Datum key)
{
	ModelType  *type = model_key_type(table);

	if (keys->all)
		return;
	if (access_key_set_possible(type))
	{
		if (keys->set == NULL)
			keys->set = access_key_set_make(type);
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
	Motion	   *motion;

	for (motion = access_motions; motion != NULL; motion = motion->outer)
		if (motion->query == query && motion->outside == outside && motion->relid == table->relid)
			return motion;
	motion = palloc0(sizeof(Motion));
	motion->query = query;
	motion->outside = outside;
	motion->relid = table->relid;
	motion->cid = GetActiveSnapshot()->curcid;
	/* the keys ask their type as long as they are there */
	model_pin(model_current(), query);
	motion->outer = access_motions;
	access_motions = motion;
	motion->gone.func = motion_gone;
	motion->gone.arg = motion;
	MemoryContextRegisterResetCallback(query, &motion->gone);
	return motion;
}

void
access_motion_note(MemoryContext query, bool outside, ModelTable *table, Datum before, Datum *after)
{
	MemoryContext old = MemoryContextSwitchTo(query);
	Motion	   *motion = motion_of(query, outside, table);

	add_key(&motion->left, table, before);
	if (after != NULL)
		add_key(&motion->taken, table, *after);
	MemoryContextSwitchTo(old);
}

void
access_motion_writes(MemoryContext query)
{
	for (Motion *motion = access_motions; motion != NULL; motion = motion->outer)
		if (motion->query == query)
			motion->writes = true;
}

/* The statement's context keeps them, and their callbacks, until it goes. */
void
access_motion_followed(MemoryContext query)
{
	Motion	   *next;

	for (Motion *motion = access_motions; motion != NULL; motion = next)
	{
		next = motion->outer;
		if (motion->query == query && !motion->outside)
			unlink_motion(motion);
	}
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
		if (GetActiveSnapshot()->curcid > motion->cid && has_left(motion, table, key))
			return true;
	return false;
}

bool
access_motion_first(MemoryContext query, Oid relid, CommandId *cid)
{
	bool		any = false;

	for (Motion *motion = access_motions; motion != NULL; motion = motion->outer)
	{
		if (motion->query == query || motion->relid != relid)
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
		if (motion->query == query && motion->relid == table->relid && has_key(&motion->taken, table, key))
			return true;
	return false;
}

bool
access_motion_given(Statement *statement, ModelTable *table, Datum key)
{
	for (Motion *motion = access_motions; motion != NULL; motion = motion->outer)
		if (motion->query != statement->query && motion->relid == table->relid &&
			has_key(&motion->taken, table, key))
			return true;
	return false;
}

bool
access_motion_left_by_other(Statement *statement, ModelTable *table, Datum key)
{
	for (Motion *motion = access_motions; motion != NULL; motion = motion->outer)
		if (motion->query != statement->query && has_left(motion, table, key))
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

		if (!own && has_left(motion, table, key))
			access_motion_refuse(table);
	}
}
