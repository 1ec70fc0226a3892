/*
 * delete_related.c
 *		The rows that point to a few rows are deleted without a statement; see fetch.h.
 *
 * As reown.c does with an owner.  What a DELETE does besides, where no trigger is to be fired: nothing.
 */
#include "relmeta.h"

#include "access/tableam.h"
#include "access/xact.h"
#include "compat_table.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "model/key.h"
#include "rows/fetch.h"
#include "utils/acl.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/*
 * Deletes a row that was found, or what it is by now, with the key that it has by now; false when it is gone or points
 * elsewhere.
 */
static bool
delete_row(RelatedFetch *fetch, Candidate *found, Datum *key)
{
	TM_Result	result = relmeta_delete_tuple(fetch->rel, &found->tid, fetch->snapshot);
	bool		moved;

	*key = found->key;
	if (result == TM_Ok)
		return true;
	if (result == TM_SelfModified ||
		!rows_lock_version(fetch->rel, fetch->snapshot, &found->tid, fetch->slot, ROW_UPDATE, &moved) ||
		(moved && !rows_points_to(fetch, found->number)))
		return false;
	if (relmeta_delete_tuple(fetch->rel, &fetch->slot->tts_tid, fetch->snapshot) != TM_Ok)
		elog(ERROR, "a row that is held was changed by others");
	if (moved)
		*key = model_key_of_row(fetch->relationship->related, fetch->slot);
	return true;
}

bool
rows_delete_related(ModelRelationship *relationship, DatumSet *parents, Relation rel, DeletedReceiver receive,
					void *arg, uint64 *rows)
{
	RelatedFetch fetch = {relationship, parents, ROW_UPDATE,.rel = rel};
	ActingAs	saved;
	bool		done;

	Assert(!IsolationUsesXactSnapshot());
	if (!rows_changes_unseen(rel, ACL_DELETE) || !rows_related_begin(&fetch))
		return false;
	saved = relmeta_act_begin(rel->rd_rel->relowner, ACT_CASCADE);
	CheckCmdReplicaIdentity(rel, CMD_DELETE);
	done = rows_related_find(&fetch);
	for (int i = 0; done && i < fetch.candidates.n; i++)
	{
		Datum		key;

		CHECK_FOR_INTERRUPTS();
		if (!delete_row(&fetch, &fetch.candidates.rows[i], &key))
			continue;
		(*rows)++;
		receive(key, arg);
	}
	relmeta_act_end(saved);
	rows_related_end(&fetch);
	return done;
}
