/*
 * merge_grant.c
 *		What a merge gives: direct rights of the subordinate's sharees, and who may give them.
 */
#include "relmeta.h"

#include "feature/merge.h"
#include "miscadmin.h"
#include "model/key.h"
#include "utils/datum.h"

/* a direct grant on the subordinate */
typedef struct Sharee
{
	Datum		principal;
	int32		mask;
} Sharee;

typedef struct ShareeList
{
	ModelType  *type;
	List	   *sharees;		/* Sharee * */
} ShareeList;

void
feature_merge_check_rights(Merge *merge, RowSet *rows)
{
	ModelTable *table = merge->table;
	Effects    *effects;
	Granting   *granting;
	int32		rights;

	if (merge->caller->unlimited)
		return;
	effects = inherit_effects_begin(false);
	granting = inherit_grant_begin(effects, table, rows->owners->keys);
	merge->rights = inherit_grant_caller_rights(granting, merge->caller, rows, rows->found[0]);
	rights = merge->rights & inherit_grant_caller_rights(granting, merge->caller, rows, rows->found[1]);
	inherit_effects_end(effects);
	if ((rights & (RIGHT_WRITE | RIGHT_SHARE)) != (RIGHT_WRITE | RIGHT_SHARE))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to merge rows of table \"%s\"", relmeta_relation_name(table->relid)),
				 errdetail("What is related to the subordinate goes to whoever holds the master."),
				 errhint("The current principal must hold the rights write and share on both rows.")));
}

static void
take_direct(StoredEntry *entry, int number, void *arg)
{
	ShareeList *list = arg;
	Sharee	   *sharee;

	if (entry->cause != CAUSE_DIRECT)
		return;
	sharee = palloc(sizeof(Sharee));
	sharee->principal = datumCopy(entry->principal, list->type->typbyval, list->type->typlen);
	sharee->mask = entry->mask;
	list->sharees = lappend(list->sharees, sharee);
}

static void
check_gives(Merge *merge, int32 gained)
{
	if (!merge->caller->unlimited && (gained & ~merge->rights) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to give rights that you do not hold on the row of table \"%s\"",
						relmeta_relation_name(merge->table->relid)),
				 errdetail("Whoever the subordinate is shared with gets the same rights on the master."),
				 errhint("Ask relmeta.principal_access() which rights you hold.")));
}

/* m's owner needs nothing; s's owner gains nothing, by a grant that lies dormant either. */
void
feature_merge_grants(Merge *merge, RowSet *rows)
{
	ModelTable *table = merge->table;
	ShareeList	list = {model_principal(table), NIL};
	int			m = rows->found[0];
	int			s = rows->found[1];
	DatumSet   *subordinate = rows_set_make(model_key_type(table));
	Effects    *effects = inherit_effects_begin(false);
	Granting   *granting = inherit_grant_begin(effects, table, rows->owners->keys);
	ListCell   *lc;

	rows_set_add(subordinate, merge->subordinate);
	if (granting->entries != NULL)
		inherit_entries_each(granting->entries, subordinate, take_direct, &list);
	foreach(lc, list.sharees)
	{
		Sharee	   *sharee = lfirst(lc);
		DirectGrant grant;

		CHECK_FOR_INTERRUPTS();
		if (rows_owns(table, rows, m, sharee->principal) ||
			rows_owns(table, rows, s, sharee->principal))
			continue;
		inherit_grant_read(granting, m, sharee->principal, &grant);
		check_gives(merge, sharee->mask & ~grant.had);
		inherit_effects_given(effects, granting->table, sharee->principal);
		inherit_grant_set(granting, &grant, false, grant.had | sharee->mask, merge->actor);
	}
	inherit_effects_run(effects);
	inherit_effects_end(effects);
}
