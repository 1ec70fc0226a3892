/*
 * preview_action.c
 *		The actions, on rows in memory: SEMANTICS 3.1 to 3.5.
 */
#include "show/preview.h"

#include "access/access.h"
#include "inherit/effect.h"
#include "miscadmin.h"
#include "model/key.h"

void
show_preview_share(Preview *preview, PreviewRow *row, char *principal, int32 rights)
{
	PreviewEntry *direct = show_preview_entry(row, principal, 0, CAUSE_DIRECT);

	if ((rights & ~direct->mask) == 0)
		return;
	show_preview_gain(preview, row, principal, 0, CAUSE_DIRECT, rights);
	show_preview_count(preview, 0, NULL, row->table->relid, "shared", 1);
	show_preview_settle(preview);
}

void
show_preview_unshare(Preview *preview, PreviewRow *row, char *principal, int32 rights)
{
	PreviewEntry *direct = show_preview_entry(row, principal, 0, CAUSE_DIRECT);
	int32		lost = direct->mask & rights;

	if (lost == 0)
		return;
	direct->mask &= ~lost;
	show_preview_count(preview, 0, NULL, row->table->relid, "unshared", 1);
	show_preview_pass_loss(preview, row, principal, lost & ~show_preview_holds(row, principal), false);
	show_preview_settle(preview);
}

/* ---- assign ---- */

/* Owners first, over the whole cascade; PreviewRow *: those that have another one, primary rows before related ones. */
static List *
assign_owners(Preview *preview, PreviewRow *row, char *new_owner)
{
	List	   *assigned = list_make1(row);

	row->owner = new_owner;
	row->assigned = true;
	show_preview_count(preview, 0, NULL, row->table->relid, "reassigned", 1);
	for (int i = 0; i < list_length(assigned); i++)
	{
		PreviewRow *primary = list_nth(assigned, i);
		ListCell   *lc;
		ListCell   *lc2;

		CHECK_FOR_INTERRUPTS();
		foreach(lc, model_as_primary(primary->table))
		{
			ModelRelationship *r = lfirst(lc);
			ModelBehavior behavior = r->behavior[ACTION_ASSIGN];

			if (!behavior_cascades(behavior) || r->broken)
				continue;
			foreach(lc2, show_preview_related(preview, primary, r, behavior))
			{
				PreviewRow *related = lfirst(lc2);

				if (related->assigned || show_preview_same_owner(related->owner_was, new_owner) ||
					(related->owner_was == NULL && new_owner == NULL) ||
					!rows_matches(behavior, true, show_preview_same_owner(related->owner_was, primary->owner_was)))
					continue;
				related->owner = new_owner;
				related->assigned = true;
				show_preview_count(preview, related->depth, r, related->table->relid, "reassigned", 1);
				assigned = lappend(assigned, related);
			}
		}
	}
	return assigned;
}

/* SEMANTICS 3.1 (i): what the former owner gets back of a row from what it points to. */
static void
inherit_again(Preview *preview, PreviewRow *row)
{
	ListCell   *lc;
	ListCell   *lc2;

	foreach(lc, model_as_related(row->table))
	{
		ModelRelationship *r = lfirst(lc);
		bool		reparent = behavior_cascades(r->behavior[ACTION_REPARENT]);
		ModelBehavior behavior = r->behavior[reparent ? ACTION_REPARENT : ACTION_SHARE];
		PreviewRow *primary;
		int32		bits = 0;

		if (!behavior_cascades(behavior) || r->broken || !inherit_same_principals(r))
			continue;
		primary = show_preview_primary(preview, row, r, behavior);
		if (primary == NULL || !show_preview_matches(behavior, row, primary))
			continue;
		if (reparent)
			bits = show_preview_holds(primary, row->owner_was);
		else
			foreach(lc2, show_preview_entries(primary))
		{
			PreviewEntry *entry = lfirst(lc2);

			if (strcmp(entry->principal, row->owner_was) == 0)
				bits |= entry->mask;
		}
		if (bits)
			show_preview_gain(preview, row, row->owner_was, r->id, reparent ? CAUSE_REPARENT : CAUSE_SHARE, bits);
	}
}

void
show_preview_assign(Preview *preview, PreviewRow *row, char *new_owner)
{
	List	   *assigned;
	ListCell   *lc;

	if (show_preview_same_owner(row->owner, new_owner) || (row->owner == NULL && new_owner == NULL))
		return;
	assigned = assign_owners(preview, row, new_owner);
	foreach(lc, assigned)
	{
		PreviewRow *it = lfirst(lc);

		if (it->owner_was != NULL)
		{
			inherit_again(preview, it);
			show_preview_pass_loss(preview, it, it->owner_was,
								   RIGHTS_ALL & ~show_preview_holds(it, it->owner_was), true);
		}
		if (new_owner != NULL)
			show_preview_pass_gain(preview, it, new_owner, CAUSE_REPARENT, RIGHTS_ALL);
		show_preview_settle(preview);
	}
}

/* ---- reparent, delete ---- */

static bool
is_active(PreviewRow *row)
{
	ModelColumn *state = &row->table->state;
	Datum		value = (Datum) 0;
	bool		isnull = true;

	if (state->name != NULL && !access_read_columns(row->table, row->key, 1, &state, &value, &isnull))
		isnull = true;
	return rows_is_active(row->table, value, isnull);
}

/* Do both relationships go by one lookup?  The row points by one of them alone. */
static bool
one_lookup(Preview *preview, ModelRelationship *r, int other)
{
	ModelRelationship *o;

	if (r->id == other || r->type_column.name == NULL)
		return r->id == other;
	o = model_relationship_by_id(preview->model, other);
	return o != NULL && o->related == r->related && model_columns_equal(&o->lookup, &r->lookup);
}

/* Net of taking away all that was inherited through the lookup and giving what the new primary row gives. */
void
show_preview_relink(Preview *preview, PreviewRow *row, ModelRelationship *r, PreviewRow *primary)
{
	ModelBehavior behavior = r->behavior[ACTION_REPARENT];
	List	   *given = NIL;
	ListCell   *lc;

	/* all that came through the lookup goes, whatever the behaviors */
	foreach(lc, show_preview_entries(row))
	{
		PreviewEntry *entry = lfirst(lc);

		entry->before = entry->mask;
		if (one_lookup(preview, r, entry->relationship))
			entry->mask = 0;
	}
	if (primary != NULL && behavior_cascades(behavior) && inherit_same_principals(r) &&
		rows_matches(behavior, is_active(row), show_preview_same_owner(row->owner, primary->owner)))
	{
		if (primary->owner)
			given = lappend(given, primary->owner);
		foreach(lc, show_preview_entries(primary))
			given = lappend(given, ((PreviewEntry *) lfirst(lc))->principal);
	}

	/*
	 * each who has rights on the primary row gets these, but for the owner,
	 * who has all
	 */
	foreach(lc, given)
	{
		char	   *principal = lfirst(lc);

		if (!show_preview_same_owner(row->owner, principal))
			show_preview_entry(row, principal, r->id, CAUSE_REPARENT)->mask |= show_preview_holds(primary, principal);
	}

	/*
	 * what went and has come back, by whatever entry, is no change: only the
	 * net goes down
	 */
	foreach(lc, show_preview_entries(row))
	{
		char	   *principal = ((PreviewEntry *) lfirst(lc))->principal;
		int32		was = 0;
		int32		is = show_preview_holds(row, principal);
		ListCell   *lc2;

		if (show_preview_same_owner(row->owner, principal))
			continue;
		foreach(lc2, show_preview_entries(row))
		{
			PreviewEntry *entry = lfirst(lc2);

			if (strcmp(entry->principal, principal) == 0)
				was |= entry->before;
		}
		show_preview_pass_loss(preview, row, principal, was & ~is, true);
		show_preview_pass_gain(preview, row, principal, CAUSE_REPARENT, is & ~was);
	}
	show_preview_settle(preview);
}

/* SEMANTICS 3.8: a row may not come to be above itself. */
static void
check_loop(Preview *preview, PreviewRow *row, ModelRelationship *relationship, PreviewRow *primary)
{
	if (!relationship->refuses_loops)
		return;
	for (; primary != NULL; primary = show_preview_primary(preview, primary, relationship, BEHAVIOR_ALL))
	{
		CHECK_FOR_INTERRUPTS();
		if (primary == row)
			ereport(ERROR,
					(errcode(ERRCODE_CHECK_VIOLATION),
					 errmsg("a row of table \"%s\" would be above itself in relationship \"%s\"",
							relmeta_relation_name(row->table->relid), relationship->name),
					 errdetail("Column \"%s\" may not point at the row itself or at a row below it.",
							   model_columns_text(&relationship->lookup)),
					 errhint("Name another primary row.")));
	}
}

void
show_preview_reparent(Preview *preview, PreviewRow *row, ModelRelationship *relationship, PreviewRow *primary)
{
	PreviewRow *before = show_preview_primary(preview, row, relationship, BEHAVIOR_ALL);

	if (before == primary)
		return;
	check_loop(preview, row, relationship, primary);
	show_preview_count(preview, 0, relationship, row->table->relid, primary ? "repointed" : "link removed", 1);
	show_preview_relink(preview, row, relationship, primary);
}

/* A link that a delete removes, unless the row is deleted as well. */
typedef struct Unlinked
{
	PreviewRow *row;
	ModelRelationship *relationship;
} Unlinked;

static List *
unlink_later(List *unlinked, PreviewRow *row, ModelRelationship *relationship)
{
	Unlinked   *link = palloc(sizeof(Unlinked));

	link->row = row;
	link->relationship = relationship;
	return lappend(unlinked, link);
}

static void
remove_links(Preview *preview, List *unlinked)
{
	ListCell   *lc;

	foreach(lc, unlinked)
	{
		Unlinked   *link = lfirst(lc);

		if (link->row->deleted)
			continue;
		show_preview_count(preview, link->row->depth, link->relationship, link->row->table->relid, "link removed", 1);
		show_preview_relink(preview, link->row, link->relationship, NULL);
	}
}

void
show_preview_delete(Preview *preview, PreviewRow *row)
{
	List	   *deleted = list_make1(row);
	List	   *unlinked = NIL;
	ListCell   *lc;
	ListCell   *lc2;

	row->deleted = true;
	show_preview_count(preview, 0, NULL, row->table->relid, "deleted", 1);
	for (int i = 0; i < list_length(deleted); i++)
	{
		PreviewRow *primary = list_nth(deleted, i);

		CHECK_FOR_INTERRUPTS();
		foreach(lc, model_as_primary(primary->table))
		{
			ModelRelationship *r = lfirst(lc);
			ModelBehavior behavior = r->behavior[ACTION_DELETE];

			if (r->broken)
				continue;
			foreach(lc2, show_preview_related(preview, primary, r, BEHAVIOR_ALL))
			{
				PreviewRow *related = lfirst(lc2);

				if (related == row || (behavior == BEHAVIOR_ALL && related->deleted))
					continue;
				if (behavior == BEHAVIOR_REMOVE_LINK)
				{
					unlinked = unlink_later(unlinked, related, r);
					continue;
				}
				show_preview_count(preview, related->depth, r, related->table->relid,
								   behavior == BEHAVIOR_ALL ? "deleted" : "blocked", 1);
				if (behavior == BEHAVIOR_ALL)
				{
					related->deleted = true;
					deleted = lappend(deleted, related);
				}
			}
		}
	}
	remove_links(preview, unlinked);
}
