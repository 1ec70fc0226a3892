/*
 * inherit.c
 *		Access after an assign (SEMANTICS 3.1, "then inheritance").
 *
 * EXAMPLE.  Account 1 and contact 10 are ann's, contact 11 is bob's; assign is none, reparent is all.
 * UPDATE account SET owner_id = 'bob' WHERE id = 1:
 *
 *					before						after
 *	account 1		ann's						bob's
 *	contact 10		ann's						ann's; bob: reparent, all
 *	contact 11		bob's; ann: reparent, all	bob's
 *
 * (i) Ann has lost all rights on the account; had it a primary row itself, on which she holds something, she would
 * inherit from that.  (ii) What she no longer holds on the account is taken from her inherited entries on its
 * contacts, whatever their behaviors; and bob, the new owner, gains all rights on the contacts that are not his own.
 *
 * The rows are locked already (assign.c).  Most assigns need none of it, and find
 * that out without reading a row:
 *
 * * A row that a cascade has assigned belongs to the owner of its primary row, so
 *   its former owner does not own that; while nobody holds entries on primary rows,
 *   only rows that the statement itself assigned can have something to re-inherit.
 * * Where assign cascades to all related rows and the statement knows one owner, the
 *   related rows are his already: there is nothing that he gains on them.
 */
#include "relmeta.h"

#include "access/table.h"
#include "inherit/inherit.h"
#include "inherit/reassigned.h"
#include "utils/rel.h"
#include "utils/datum.h"
#include "utils/memutils.h"

/* ---- (i) the former owner re-inherits ---- */

/* How the former owners of a table's rows inherit through one relationship. */
typedef struct Reinheriting
{
	Effects    *effects;
	Reassigned *net;
	ModelRelationship *relationship;
	bool		reparents;
	ModelBehavior behavior;
	TableEffects *related_effects;
	bool		looked;			/* before: */
	uint64		seen;			/* TableEffects.gained of the primary table
								 * then */
	KeyMap	   *assigned;		/* key -> Owners */
	Parents    *parents;
	uint64		gained;
} Reinheriting;

/*
 * The former owner U of a row gains eff(p, U) by a reparent entry where reparent is not
 * none, else, where share cascades, U's entries' bits by a share entry.
 */
static void
former_owner_inherits(Reinheriting *inheriting, Datum *values, bool *nulls)
{
	Reassigned *net = inheriting->net;
	Parents    *parents = inheriting->parents;
	ModelType  *owner_type = &net->table->owner.type;
	Owners	   *owners = rows_map_find(inheriting->assigned, values[LINKED_KEY]);
	int			p = inherit_parents_index(parents, values[LINKED_LOOKUP]);
	int32		bits;

	if (owners == NULL || p < 0 || owners->old_null)
		return;
	if (!nulls[LINKED_OWNER] && model_type_equal(owner_type, values[LINKED_OWNER], owners->old_owner))
		return;
	/* rows_linked() has left out those that are not active */
	if (!rows_matches(inheriting->behavior, true,
					  !nulls[LINKED_OWNER] && inherit_parents_owned_by(parents, p, values[LINKED_OWNER])))
		return;
	bits = inherit_parents_held(parents, p, owners->old_owner);

	/*
	 * nobody takes these from the primary row while we give them on: rows at
	 * the bottom are not locked by an unshare
	 */
	if (bits != 0 && model_as_primary(net->table) == NIL)
		bits = access_store_hold(inherit_effects_store(inheriting->effects, parents->table),
								 parents->rows->owners->keys->values[p], owners->old_owner);
	if (inheriting->reparents && inherit_parents_owned_by(parents, p, owners->old_owner))
		bits |= RIGHTS_ALL;
	if (bits != 0 &&
		inherit_gain_entry(inheriting->effects, inheriting->related_effects, values[LINKED_KEY], owners->old_owner,
						   inheriting->relationship->id,
						   inheriting->reparents ? CAUSE_REPARENT : CAUSE_SHARE, bits, true) != 0)
		inheriting->gained++;
}

/* The former owners of the rows in inheriting->assigned. */
static void
slice_inherits(Reinheriting *inheriting)
{
	ModelRelationship *relationship = inheriting->relationship;
	DatumSet   *found;
	RowList    *rows;
	Datum		values[3];
	bool		nulls[3];

	if (inheriting->assigned->keys->count == 0)
		return;
	rows = rows_linked(relationship, inheriting->assigned->keys, inheriting->behavior, NULL, &found);
	if (rows->nrows == 0)
		return;
	inheriting->parents = inherit_parents_read(inheriting->effects, relationship->primary,
											   rows_list_distinct(rows, 0, rows->nrows, LINKED_LOOKUP), false, NULL);
	access_store_refresh(inherit_effects_store(inheriting->effects, inheriting->net->table));
	for (int64 row = 0; row < rows->nrows; row++)
	{
		rows_list_get(rows, row, values, nulls);
		former_owner_inherits(inheriting, values, nulls);
	}
}

/* What a table's former owners may inherit by, of each table in turn. */
static List *
reinheriting_begin(Effects *effects, List *nets)
{
	List	   *all = NIL;
	ListCell   *lc;
	ListCell   *rc;

	foreach(lc, nets)
	{
		Reassigned *net = lfirst(lc);

		foreach(rc, model_as_related(net->table))
		{
			ModelRelationship *relationship = lfirst(rc);
			bool		reparents = behavior_cascades(relationship->behavior[ACTION_REPARENT]);
			Reinheriting *inheriting;

			if (!(reparents || behavior_cascades(relationship->behavior[ACTION_SHARE])) ||
				!inherit_same_principals(relationship))
				continue;
			inheriting = palloc0(sizeof(Reinheriting));
			inheriting->effects = effects;
			inheriting->net = net;
			inheriting->relationship = relationship;
			inheriting->reparents = reparents;
			inheriting->behavior = relationship->behavior[reparents ? ACTION_REPARENT : ACTION_SHARE];
			inheriting->related_effects = inherit_effects_table(effects, net->table->relid);
			all = lappend(all, inheriting);
		}
	}
	return all;
}

/*
 * One relationship in which the table is the related one; returns whether an entry is new or wider.  Which rows' former
 * owners may inherit: see the head of the file.
 */
static bool
former_owners_inherit(Reinheriting *inheriting)
{
	Reassigned *net = inheriting->net;
	bool		own = access_entries_empty(inheriting->relationship->primary) && !net->changes->frame->others_flushed;
	RowSlice	slice;

	inheriting->gained = 0;
	rows_slice_begin(&slice, net->rows, net->from, own ? net->own : net->end);
	while (rows_slice_next(&slice))
	{
		inheriting->assigned = inherit_reassigned_read(net, slice.from, slice.upto, own);
		slice_inherits(inheriting);
	}
	return inheriting->gained > 0;
}

/*
 * Rule 1 (i) for all tables, primary tables first.  What a row gains so may be what a row below it re-inherits, in the
 * same table too: until nothing is new.  Nobody inherits more than before from rows on which nobody has gained since.
 */
static void
all_former_owners_inherit(Effects *effects, List *all)
{
	bool		gained;
	ListCell   *lc;

	do
	{
		gained = false;
		foreach(lc, all)
		{
			Reinheriting *inheriting = lfirst(lc);
			ListCell   *next = lnext(all, lc);
			uint64		above = inherit_effects_table(effects, inheriting->relationship->primary->relid)->gained;

			if (!inheriting->looked || inheriting->seen != above)
				gained |= former_owners_inherit(inheriting);
			inheriting->looked = true;
			inheriting->seen = above;
			if (next == NULL || ((Reinheriting *) lfirst(next))->net != inheriting->net)
				inherit_effects_run(effects);
		}
	} while (gained);
}

/* ---- (ii) what the row gives ---- */

/* May a BEFORE trigger of the user's keep a row from being assigned? */
static bool
may_skip_rows(ModelTable *table)
{
	Relation	rel;
	bool		may;

	if (table->is_partitioned)
		return true;
	rel = relmeta_relation_open(table->relid, AccessShareLock);
	may = rel->trigdesc != NULL && rel->trigdesc->trig_update_before_row;
	table_close(rel, NoLock);
	return may;
}

/*
 * Has the cascade made the statement's one new owner the owner of all related rows?
 * Then it has locked them, too.
 */
static bool
all_assigned(Frame *frame, ModelRelationship *relationship)
{
	TableChanges *related = collect_table(frame, relationship->related->relid);

	return relationship->behavior[ACTION_ASSIGN] == BEHAVIOR_ALL && !frame->many_owners && !frame->others_flushed &&
		(related == NULL || related->assigned_own == 0) && !may_skip_rows(relationship->related);
}

/* Queues what a slice of rows means. */
typedef void (*SliceQueue) (Effects *effects, Reassigned *net, KeyMap *assigned, RowSet *now);

/*
 * All slices of a table's rows.  now: who owns the rows by now, when that may not be whom the statement gave them to;
 * else NULL.  A statement of a trigger may have assigned a row once more, and passed on what that one gives.
 */
static void
queue_slices(Effects *effects, Reassigned *net, SliceQueue queue)
{
	RowSlice	slice;

	rows_slice_begin(&slice, net->rows, net->from, net->end);
	while (rows_slice_next(&slice))
	{
		KeyMap	   *assigned = inherit_reassigned_read(net, slice.from, slice.upto, false);

		queue(effects, net, assigned,
			  net->changes->frame->others_flushed ? rows_get(net->table, assigned->keys, ROW_UNLOCKED) : NULL);
	}
}

static void
queue_gains(Effects *effects, Reassigned *net, KeyMap *assigned, RowSet *now)
{
	for (int i = 0; i < assigned->keys->count; i++)
	{
		Owners	   *owners = rows_map_at(assigned, i);

		if (!owners->new_null && (now == NULL || rows_owns(net->table, now, now->found[i], owners->new_owner)))
			inherit_effects_gain(effects, net->table, GAIN_REPARENT, assigned->keys->values[i], owners->new_owner,
								 RIGHTS_ALL);
	}
}

static void
queue_losses(Effects *effects, Reassigned *net, KeyMap *assigned, RowSet *now)
{
	for (int i = 0; i < assigned->keys->count; i++)
	{
		Owners	   *owners = rows_map_at(assigned, i);

		if (!owners->old_null && (now == NULL || !rows_owns(net->table, now, now->found[i], owners->old_owner)))
			inherit_effects_maybe_lost(effects, net->table, LOSS_NET, assigned->keys->values[i], owners->old_owner,
									   RIGHTS_ALL);
	}
}

/*
 * Rule 1 (ii), the new owners: each gains ALL on the related rows that are not his already.  False when there is
 * nothing that anybody could gain.
 */
static bool
new_owners_gain(Effects *effects, Reassigned *net)
{
	bool		any = false;
	ListCell   *lc;

	foreach(lc, model_as_primary(net->table))
	{
		ModelRelationship *relationship = lfirst(lc);

		any |= behavior_cascades(relationship->behavior[ACTION_REPARENT]) &&
			!all_assigned(net->changes->frame, relationship);
	}
	if (any)
		queue_slices(effects, net, queue_gains);
	return any;
}

/* Rule 1 (ii), the former owners: what each does not hold any more goes down. */
static void
former_owners_lose(Effects *effects, Reassigned *net)
{
	bool		any = false;
	ListCell   *lc;

	foreach(lc, model_as_primary(net->table))
	{
		ModelRelationship *relationship = lfirst(lc);
		bool		inherits = behavior_cascades(relationship->behavior[ACTION_REPARENT]) ||
		behavior_cascades(relationship->behavior[ACTION_SHARE]);

		/* an empty entry table says nothing before the rows are locked */
		any |= !access_entries_empty(relationship->related) ||
			(inherits && !all_assigned(net->changes->frame, relationship));
	}
	if (any)
		queue_slices(effects, net, queue_losses);
}

/* ---- a statement ---- */

static bool
has_reassigned(TableChanges *changes, const FlushStep *step)
{
	return changes->want_access && collect_unseen(changes->assigned, step) && OidIsValid(changes->table->entry_relid);
}

/* SEMANTICS 3.1, "then inheritance", for all rows that a statement and its cascades have assigned; see inherit.h. */
bool
inherit_assigned(Frame *frame, const FlushStep *step)
{
	Effects    *effects;
	List	   *nets = NIL;
	List	   *inheriting;
	bool		gained = false;
	ListCell   *lc;

	foreach(lc, collect_tables_downwards(frame))
	{
		TableChanges *changes = lfirst(lc);
		Reassigned *net;

		if (!has_reassigned(changes, step))
			continue;
		net = inherit_reassigned(changes, step);
		nets = lappend(nets, net);
		collect_mark_seen(changes->assigned, step);
	}
	if (nets == NIL)
		return false;

	effects = inherit_effects_begin(false);
	effects->owners = true;
	inheriting = reinheriting_begin(effects, nets);
	all_former_owners_inherit(effects, inheriting);
	foreach(lc, nets)
		gained |= new_owners_gain(effects, lfirst(lc));
	if (gained)
	{
		/*
		 * a row above has passed something on that a former owner re-inherits
		 * below it
		 */
		inherit_effects_run(effects);
		all_former_owners_inherit(effects, inheriting);
	}
	foreach(lc, nets)
		former_owners_lose(effects, lfirst(lc));
	inherit_effects_run(effects);
	inherit_effects_end(effects);
	return true;
}
