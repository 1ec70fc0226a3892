/*
 * again.c
 *		Pending N:N relationships that this transaction changed or dropped: at its
 *		end they are looked at again.
 *
 * Whoever made a participant meanwhile did not wait, and left them alone
 * (pending.c).  He had the lock of ddl_lock_completion() when he did:
 * with that lock here, either his table is seen, or he sees our row.
 *
 * A relationship that was dropped is not there any more, unless the drop was
 * rolled back to a savepoint.  After a ROLLBACK nobody can look: verify()
 * reports what could be made, and repair(), or the next DDL on one of the two
 * tables, makes it.
 */
#include "ddl/intersect/intersect.h"

#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

/* ids, in TopTransactionContext; forgotten when the transaction ends */
static List *changed = NIL;

static void
look_again(void)
{
	List	   *ids = changed;
	ListCell   *lc;

	changed = NIL;
	PushActiveSnapshot(GetTransactionSnapshot());
	foreach(lc, ids)
		(void) ddl_intersect_complete(lfirst_int(lc));
	PopActiveSnapshot();
}

static void
at_end(XactEvent event, void *arg)
{
	if (changed == NIL)
		return;
	if (event == XACT_EVENT_PRE_COMMIT || event == XACT_EVENT_PRE_PREPARE)
		look_again();
	else
		changed = NIL;
}

void
ddl_intersect_look_again(int id)
{
	static bool registered = false;
	MemoryContext caller;

	if (!registered)
		RegisterXactCallback(at_end, NULL);
	registered = true;
	caller = MemoryContextSwitchTo(TopTransactionContext);
	changed = list_append_unique_int(changed, id);
	MemoryContextSwitchTo(caller);
}

void
ddl_intersect_delete(int id)
{
	ddl_intersect_row_delete(id);
	ddl_intersect_look_again(id);
}
