/*
 * preview_access.c
 *		Gains and losses of access, going down: SEMANTICS 3.2 to 3.4.
 *
 * What waits is worked off one by one, without recursion: a tree may be deep.
 */
#include "show/preview.h"

#include "access/access.h"
#include "inherit/effect.h"
#include "miscadmin.h"

/* what a principal has gained or lost on a row, and has still to go down */
typedef struct Change
{
	PreviewRow *row;
	const char *principal;
	int32		bits;
	bool		is_loss;
	char		cause;			/* of a gain */
	bool		net;			/* of a loss */
} Change;

static void
add_change(Preview *preview, PreviewRow *row, const char *principal, int32 bits, bool is_loss, char cause, bool net)
{
	Change	   *change;

	if (bits == 0)
		return;
	change = palloc(sizeof(Change));
	*change = (Change)
	{
		row, principal, bits, is_loss, cause, net
	};
	preview->changes = lappend(preview->changes, change);
}

void
show_preview_pass_gain(Preview *preview, PreviewRow *row, const char *principal, char cause, int32 bits)
{
	add_change(preview, row, principal, bits, false, cause, false);
}

void
show_preview_pass_loss(Preview *preview, PreviewRow *row, const char *principal, int32 bits, bool net)
{
	add_change(preview, row, principal, bits, true, 0, net);
}

void
show_preview_gain(Preview *preview, PreviewRow *row, const char *principal, int relationship, char cause, int32 bits)
{
	PreviewEntry *entry;
	int32		gained;

	if (show_preview_same_owner(row->owner, principal))
		return;
	entry = show_preview_entry(row, principal, relationship, cause);
	gained = bits & ~entry->mask;
	entry->mask |= bits;
	show_preview_pass_gain(preview, row, principal, cause, gained);
}

static void
gain_goes_on(Preview *preview, Change *change)
{
	ModelAction action = change->cause == CAUSE_REPARENT ? ACTION_REPARENT : ACTION_SHARE;
	char		cause = change->cause == CAUSE_REPARENT ? CAUSE_REPARENT : CAUSE_SHARE;
	ListCell   *lc;
	ListCell   *lc2;

	foreach(lc, model_as_primary(change->row->table))
	{
		ModelRelationship *r = lfirst(lc);

		if (!behavior_cascades(r->behavior[action]) || r->broken || !inherit_same_principals(r))
			continue;
		foreach(lc2, show_preview_related(preview, change->row, r, r->behavior[action]))
		{
			if (show_preview_matches(r->behavior[action], lfirst(lc2), change->row))
				show_preview_gain(preview, lfirst(lc2), change->principal, r->id, cause, change->bits);
		}
	}
}

/* Takes bits from the entries that a principal has on a row through a relationship; what it holds no more goes on. */
static void
take(Preview *preview, PreviewRow *row, ModelRelationship *r, Change *change)
{
	int32		taken = 0;
	ListCell   *lc;

	foreach(lc, show_preview_entries(row))
	{
		PreviewEntry *entry = lfirst(lc);

		if (entry->relationship != r->id || strcmp(entry->principal, change->principal) != 0)
			continue;
		taken |= entry->mask & change->bits;
		entry->mask &= ~change->bits;
	}
	show_preview_pass_loss(preview, row, change->principal, taken & ~show_preview_holds(row, change->principal),
						   change->net);
}

static void
loss_goes_on(Preview *preview, Change *change)
{
	ListCell   *lc;
	ListCell   *lc2;

	foreach(lc, model_as_primary(change->row->table))
	{
		ModelRelationship *r = lfirst(lc);
		ModelBehavior behavior = change->net ? BEHAVIOR_ALL : r->behavior[ACTION_UNSHARE];

		if (!behavior_cascades(behavior) || r->broken)
			continue;
		foreach(lc2, show_preview_related(preview, change->row, r, behavior))
		{
			if (show_preview_matches(behavior, lfirst(lc2), change->row))
				take(preview, lfirst(lc2), r, change);
		}
	}
}

void
show_preview_settle(Preview *preview)
{
	/* the list grows while it is read */
	for (int i = 0; i < list_length(preview->changes); i++)
	{
		Change	   *change = list_nth(preview->changes, i);

		CHECK_FOR_INTERRUPTS();
		if (change->is_loss)
			loss_goes_on(preview, change);
		else
			gain_goes_on(preview, change);
	}
	preview->changes = NIL;
}
