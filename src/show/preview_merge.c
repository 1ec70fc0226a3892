/*
 * preview_merge.c
 *		merge, on rows in memory, in the order of its steps: SEMANTICS 3.6.
 */
#include "show/preview.h"

#include "access/access.h"
#include "miscadmin.h"

/* Direct rights of the subordinate's sharees are added on the master; 42501 for what the caller does not hold. */
static void
give(Preview *preview, Merge *merge, int32 rights)
{
	PreviewRow *master = preview->master;
	bool		gained = false;
	ListCell   *lc;

	foreach(lc, show_preview_entries(preview->subordinate))
	{
		PreviewEntry *entry = lfirst(lc);
		int32		lacks;

		if (entry->cause != CAUSE_DIRECT || show_preview_same_owner(master->owner, entry->principal) ||
			show_preview_same_owner(preview->subordinate->owner, entry->principal))
			continue;
		lacks = entry->mask & ~show_preview_entry(master, entry->principal, 0, CAUSE_DIRECT)->mask;
		if ((lacks & ~rights) != 0)
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("permission denied to give rights that you do not hold on the row of table \"%s\"",
							relmeta_relation_name(merge->table->relid)),
					 errhint("Ask relmeta.principal_access() which rights you hold.")));
		gained |= lacks != 0;
		show_preview_gain(preview, master, entry->principal, 0, CAUSE_DIRECT, lacks);
	}
	if (gained)
		show_preview_count(preview, 0, NULL, merge->table->relid, "shared", 1);
	show_preview_settle(preview);
}

/* The subordinate's related rows become the master's, but those that a unique key keeps from it. */
static void
repoint(Preview *preview, Merge *merge, ModelRelationship *r)
{
	List	   *related = show_preview_related(preview, preview->subordinate, r, BEHAVIOR_ALL);
	int64		blocked = feature_merge_count_blocked(merge, r);
	int64		moved;
	ListCell   *lc;

	if (list_member_ptr(related, preview->master))
	{
		related = list_delete_ptr(related, preview->master);
		show_preview_count(preview, 0, r, r->related->relid, "link removed", 1);
		show_preview_relink(preview, preview->master, r, NULL);
	}
	moved = list_length(related) - blocked;
	if (blocked > 0)
		show_preview_count(preview, 1, r, r->related->relid, "blocked", blocked);
	if (moved > 0)
		show_preview_count(preview, 1, r, r->related->relid, "repointed", moved);
	preview->repointed = lappend(preview->repointed, r);
	foreach(lc, related)
	{
		CHECK_FOR_INTERRUPTS();
		show_preview_relink(preview, lfirst(lc), r, preview->master);
	}
}

/* What is no 1:N relationship's. */
static void
count_links(void *arg, const char *relationship, Oid relid, int64 rows, int64 dropped)
{
	Preview    *preview = arg;

	for (int i = 0; i < 2; i++)
	{
		PreviewCount *count = palloc0(sizeof(PreviewCount));

		count->depth = 1;
		count->link = relationship ? pstrdup(relationship) : NULL;
		count->relid = relid;
		count->effect = i == 0 ? "repointed" : "dropped";
		count->rows = i == 0 ? rows : dropped;
		if (count->rows > 0)
			preview->counts = lappend(preview->counts, count);
	}
}

void
show_preview_merge(Preview *preview, Merge *merge, int32 rights)
{
	ListCell   *lc;

	give(preview, merge, rights);
	foreach(lc, model_as_primary(merge->table))
	{
		ModelRelationship *r = lfirst(lc);

		if (r->going || r->behavior[ACTION_MERGE] != BEHAVIOR_ALL)
			continue;
		model_relationship_check_usable(r);
		repoint(preview, merge, r);
	}
	merge->report = count_links;
	merge->report_arg = preview;
	feature_merge_links(merge);
	feature_merge_parts(merge);
}
