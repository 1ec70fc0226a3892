/*
 * follow.c
 *		Tells higher rooms what happens to tables and columns; see follow.h.
 */
#include "ddl/follow.h"

#include "utils/memutils.h"

static List *followers = NIL;	/* DdlFollower *, in TopMemoryContext */

void
ddl_add_follower(const DdlFollower *follower)
{
	MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);

	followers = lappend(followers, unconstify(DdlFollower *, follower));
	MemoryContextSwitchTo(old);
}

void
ddl_tell_column_renamed(Oid relid, const char *old_name, const char *new_name)
{
	ListCell   *lc;

	foreach(lc, followers)
	{
		const DdlFollower *follower = lfirst(lc);

		if (follower->column_renamed)
			follower->column_renamed(relid, old_name, new_name);
	}
}

void
ddl_tell_column_dropped(Oid relid, const char *column)
{
	ListCell   *lc;

	foreach(lc, followers)
	{
		const DdlFollower *follower = lfirst(lc);

		if (follower->column_dropped)
			follower->column_dropped(relid, column);
	}
}

void
ddl_tell_key_retyped(Oid relid, Oid from, Oid to)
{
	ListCell   *lc;

	foreach(lc, followers)
	{
		const DdlFollower *follower = lfirst(lc);

		if (follower->key_retyped)
			follower->key_retyped(relid, from, to);
	}
}

void
ddl_tell_key_renamed(Oid relid, const char *old_value, const char *new_value)
{
	ListCell   *lc;

	foreach(lc, followers)
	{
		const DdlFollower *follower = lfirst(lc);

		if (follower->key_renamed)
			follower->key_renamed(relid, old_value, new_value);
	}
}

void
ddl_tell_verify(Model *model, List **problems)
{
	ListCell   *lc;

	foreach(lc, followers)
	{
		const DdlFollower *follower = lfirst(lc);

		if (follower->verify)
			follower->verify(model, problems);
	}
}
