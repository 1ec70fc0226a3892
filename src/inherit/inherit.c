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
#include "utils/rel.h"
#include "utils/datum.h"
#include "utils/memutils.h"

/* The rows of one table that changed owner in the statement: net of all that happened to each. */
typedef struct Reassigned
{
	TableChanges *changes;
	ModelTable *table;
	DatumSet   *keys;
	int			own;			/* keys before this one the statement itself
								 * assigned */
	Datum	   *old_owner;		/* parallel to keys->values */
	bool	   *old_null;
	Datum	   *new_owner;
	bool	   *new_null;
} Reassigned;

static Reassigned *
net_assigns(TableChanges *changes, const FlushStep *step)
{
	Reassigned *net = palloc0(sizeof(Reassigned));
	RowList    *assigned = changes->assigned->rows;
	int64		from = collect_unseen_from(changes->assigned, step);
	ModelType  *owner = &changes->table->owner.type;
	int64		n = assigned->nrows - from;
	Datum		values[3];
	bool		nulls[3];

	net->changes = changes;
	net->table = changes->table;
	net->keys = rows_set_make(&changes->table->key.type);
	net->old_owner = MemoryContextAllocHuge(CurrentMemoryContext, n * sizeof(Datum));
	net->old_null = MemoryContextAllocHuge(CurrentMemoryContext, n * sizeof(bool));
	net->new_owner = MemoryContextAllocHuge(CurrentMemoryContext, n * sizeof(Datum));
	net->new_null = MemoryContextAllocHuge(CurrentMemoryContext, n * sizeof(bool));
	for (int64 row = from; row < assigned->nrows; row++)
	{
		int			known = net->keys->count;
		int			i;

		rows_list_get(assigned, row, values, nulls);
		i = rows_set_index(net->keys, values[ASSIGNED_KEY]);
		if (i == known)
		{
			net->old_null[i] = nulls[ASSIGNED_OLD];
			net->old_owner[i] = nulls[ASSIGNED_OLD] ? (Datum) 0 :
				datumCopy(values[ASSIGNED_OLD], owner->typbyval, owner->typlen);
		}
		net->new_null[i] = nulls[ASSIGNED_NEW];
		net->new_owner[i] = nulls[ASSIGNED_NEW] ? (Datum) 0 :
			datumCopy(values[ASSIGNED_NEW], owner->typbyval, owner->typlen);
		if (row < changes->assigned_own)
			net->own = net->keys->count;
	}
	return net;
}

/* Is it the same owner after all? */
static bool
unchanged(Reassigned *net, int i)
{
	if (net->old_null[i] || net->new_null[i])
		return net->old_null[i] && net->new_null[i];
	return model_type_equal(&net->table->owner.type, net->old_owner[i], net->new_owner[i]);
}

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
	RowList    *rows;			/* those that are linked */
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
	int			i = rows_set_find(net->keys, values[LINKED_KEY]);
	int			p = inherit_parents_index(parents, values[LINKED_LOOKUP]);
	int32		bits;

	if (i < 0 || p < 0 || net->old_null[i] || unchanged(net, i))
		return;
	if (!nulls[LINKED_OWNER] && model_type_equal(owner_type, values[LINKED_OWNER], net->old_owner[i]))
		return;
	/* rows_linked() has left out those that are not active */
	if (!rows_matches(inheriting->behavior, true,
					  !nulls[LINKED_OWNER] && inherit_parents_owned_by(parents, p, values[LINKED_OWNER])))
		return;
	bits = inherit_parents_held(parents, p, net->old_owner[i]);

	/*
	 * nobody takes these from the primary row while we give them on: rows at
	 * the bottom are not locked by an unshare
	 */
	if (bits != 0 && net->table->as_primary == NIL)
		bits = access_store_hold(inherit_effects_store(inheriting->effects, parents->table),
								 parents->rows->keys->values[p], net->old_owner[i]);
	if (inheriting->reparents && inherit_parents_owned_by(parents, p, net->old_owner[i]))
		bits |= RIGHTS_ALL;
	if (bits != 0 &&
		inherit_gain_entry(inheriting->effects, inheriting->related_effects, values[LINKED_KEY], net->old_owner[i],
						   inheriting->relationship->id,
						   inheriting->reparents ? CAUSE_REPARENT : CAUSE_SHARE, bits, true) != 0)
		inheriting->gained++;
}

/* The rows whose former owners may inherit: see the head of the file. */
static DatumSet *
may_inherit(Reassigned *net, ModelRelationship *relationship)
{
	DatumSet   *own;

	if (!access_entries_empty(relationship->primary) || net->changes->frame->others_flushed)
		return net->keys;
	own = rows_set_make(&net->table->key.type);
	for (int i = 0; i < net->own; i++)
		if (!net->old_null[i] && !unchanged(net, i))
			rows_set_add(own, net->keys->values[i]);
	return own;
}

/* One relationship in which the table is the related one; how many entries are new or wider. */
static uint64
former_owners_inherit(Effects *effects, Reassigned *net, ModelRelationship *relationship)
{
	Reinheriting inheriting = {effects, net, relationship};
	DatumSet   *keys;
	DatumSet   *found;
	Datum		values[3];
	bool		nulls[3];

	inheriting.reparents = behavior_cascades(relationship->behavior[ACTION_REPARENT]);
	inheriting.behavior = relationship->behavior[inheriting.reparents ? ACTION_REPARENT : ACTION_SHARE];
	inheriting.related_effects = inherit_effects_table(effects, net->table->relid);
	keys = may_inherit(net, relationship);
	if (keys->count == 0)
		return 0;
	inheriting.rows = rows_linked(relationship, keys, inheriting.behavior, &found);
	if (inheriting.rows->nrows == 0)
		return 0;
	inheriting.parents = inherit_parents_read(effects, relationship->primary,
											  rows_list_distinct(inheriting.rows, 0, inheriting.rows->nrows,
																 LINKED_LOOKUP), false);
	access_store_refresh(inherit_effects_store(effects, net->table));
	for (int64 row = 0; row < inheriting.rows->nrows; row++)
	{
		rows_list_get(inheriting.rows, row, values, nulls);
		former_owner_inherits(&inheriting, values, nulls);
	}
	return inheriting.gained;
}

/*
 * Rule 1 (i) for all tables, primary tables first.  What a row gains so may be
 * what a row below it re-inherits, in the same table too: until nothing is new.
 */
static void
all_former_owners_inherit(Effects *effects, List *nets)
{
	uint64		gained;
	ListCell   *lc;
	ListCell   *rc;

	do
	{
		gained = 0;
		foreach(lc, nets)
		{
			Reassigned *net = lfirst(lc);

			foreach(rc, net->table->as_related)
			{
				ModelRelationship *relationship = lfirst(rc);

				if ((behavior_cascades(relationship->behavior[ACTION_REPARENT]) ||
					 behavior_cascades(relationship->behavior[ACTION_SHARE])) && inherit_same_principals(relationship))
					gained += former_owners_inherit(effects, net, relationship);
			}
			inherit_effects_run(effects);
		}
	} while (gained > 0);
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
	rel = table_open(table->relid, AccessShareLock);
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

/* Who owns the rows by now, when that may not be whom the statement gave them to; else NULL. */
static RowSet *
owners_now(Reassigned *net)
{
	return net->changes->frame->others_flushed ? rows_get(net->table, net->keys, ROW_UNLOCKED) : NULL;
}

/*
 * Rule 1 (ii), the new owners: each gains ALL on the related rows that are not his already.  False when there is
 * nothing that anybody could gain.  A statement of a trigger may have assigned a row once more, and passed on what
 * that one gives.
 */
static bool
new_owners_gain(Effects *effects, Reassigned *net)
{
	RowSet	   *now = owners_now(net);
	bool		any = false;
	ListCell   *lc;

	foreach(lc, net->table->as_primary)
	{
		ModelRelationship *relationship = lfirst(lc);

		any |= behavior_cascades(relationship->behavior[ACTION_REPARENT]) &&
			!all_assigned(net->changes->frame, relationship);
	}
	for (int i = 0; any && i < net->keys->count; i++)
		if (!net->new_null[i] && !unchanged(net, i) &&
			(now == NULL || rows_owns(net->table, now, now->found[i], net->new_owner[i])))
			inherit_effects_gain(effects, net->table, GAIN_REPARENT, net->keys->values[i], net->new_owner[i],
								 RIGHTS_ALL);
	return any;
}

/* Rule 1 (ii), the former owners: what each does not hold any more goes down. */
static void
former_owners_lose(Effects *effects, Reassigned *net)
{
	RowSet	   *now = owners_now(net);
	bool		any = false;
	ListCell   *lc;

	foreach(lc, net->table->as_primary)
	{
		ModelRelationship *relationship = lfirst(lc);
		bool		inherits = behavior_cascades(relationship->behavior[ACTION_REPARENT]) ||
		behavior_cascades(relationship->behavior[ACTION_SHARE]);

		/* an empty entry table says nothing before the rows are locked */
		any |= !access_entries_empty(relationship->related) ||
			(inherits && !all_assigned(net->changes->frame, relationship));
	}
	for (int i = 0; any && i < net->keys->count; i++)
		if (!net->old_null[i] && !unchanged(net, i) &&
			(now == NULL || !rows_owns(net->table, now, now->found[i], net->old_owner[i])))
			inherit_effects_maybe_lost(effects, net->table, LOSS_NET, net->keys->values[i], net->old_owner[i],
									   RIGHTS_ALL);
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
	bool		gained = false;
	ListCell   *lc;

	foreach(lc, collect_tables_downwards(frame))
	{
		TableChanges *changes = lfirst(lc);
		Reassigned *net;

		if (!has_reassigned(changes, step))
			continue;
		net = net_assigns(changes, step);
		nets = lappend(nets, net);
		collect_mark_seen(changes->assigned, step);
	}
	if (nets == NIL)
		return false;

	effects = inherit_effects_begin(false);
	effects->owners = true;
	all_former_owners_inherit(effects, nets);
	foreach(lc, nets)
		gained |= new_owners_gain(effects, lfirst(lc));
	if (gained)
	{
		/*
		 * a row above has passed something on that a former owner re-inherits
		 * below it
		 */
		inherit_effects_run(effects);
		all_former_owners_inherit(effects, nets);
	}
	foreach(lc, nets)
		former_owners_lose(effects, lfirst(lc));
	inherit_effects_run(effects);
	inherit_effects_end(effects);
	return true;
}
