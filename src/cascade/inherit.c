/*
 * inherit.c
 *		Access after an assign (SEMANTICS 3.1, "then inheritance").
 */
#include "relmeta.h"

#include "cascade/inherit.h"
#include "utils/datum.h"
#include "utils/memutils.h"

/* The rows of one table that changed owner in the statement: net of all that happened to each. */
typedef struct Reassigned
{
	ModelTable *table;
	DatumSet   *keys;
	Datum	   *old_owner;		/* parallel to keys->values */
	bool	   *old_null;
	Datum	   *new_owner;
	bool	   *new_null;
} Reassigned;

static Reassigned *
net_assigns(TableChanges *changes)
{
	Reassigned *net = palloc0(sizeof(Reassigned));
	RowList    *assigned = changes->assigned;
	ModelType  *owner = &changes->table->owner.type;
	int64		n = assigned->nrows - changes->assigned_inherited;
	Datum		values[3];
	bool		nulls[3];

	net->table = changes->table;
	net->keys = cascade_datumset_make(&changes->table->key.type);
	net->old_owner = MemoryContextAllocHuge(CurrentMemoryContext, n * sizeof(Datum));
	net->old_null = MemoryContextAllocHuge(CurrentMemoryContext, n * sizeof(bool));
	net->new_owner = MemoryContextAllocHuge(CurrentMemoryContext, n * sizeof(Datum));
	net->new_null = MemoryContextAllocHuge(CurrentMemoryContext, n * sizeof(bool));
	for (int64 row = changes->assigned_inherited; row < assigned->nrows; row++)
	{
		int			known = net->keys->count;
		int			i;

		cascade_rowlist_get(assigned, row, values, nulls);
		i = cascade_datumset_index(net->keys, values[ASSIGNED_KEY]);
		if (i == known)
		{
			net->old_null[i] = nulls[ASSIGNED_OLD];
			net->old_owner[i] = nulls[ASSIGNED_OLD] ? (Datum) 0 :
				datumCopy(values[ASSIGNED_OLD], owner->typbyval, owner->typlen);
		}
		net->new_null[i] = nulls[ASSIGNED_NEW];
		net->new_owner[i] = nulls[ASSIGNED_NEW] ? (Datum) 0 :
			datumCopy(values[ASSIGNED_NEW], owner->typbyval, owner->typlen);
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

/*
 * Rule 1 (i), one relationship in which the table is the related one: the
 * former owner U gains eff(p, U) by a reparent entry where reparent is not none, else, where
 * share cascades, U's entries' bits by a share entry.  Returns how many entries
 * are new or wider.
 */
static uint64
former_owners_inherit(Effects *effects, Reassigned *net, ModelRelationship *relationship)
{
	bool		reparents = behavior_cascades(relationship->behavior[ACTION_REPARENT]);
	ModelBehavior behavior = relationship->behavior[reparents ? ACTION_REPARENT : ACTION_SHARE];
	ModelType  *owner_type = &net->table->owner.type;
	RowList    *rows;
	RowList    *pairs = cascade_effects_pairs(net->table);
	Parents    *parents;
	Datum		values[3];
	bool		nulls[3];

	if (!reparents && access_entries_empty(relationship->primary))
		return 0;
	rows = cascade_rows_moved(relationship, net->keys, behavior);
	if (rows->nrows == 0)
		return 0;
	parents = cascade_parents_read(relationship->primary, cascade_effects_distinct(rows, 0, rows->nrows,
																				   MOVED_ROW_LOOKUP));

	for (int64 row = 0; row < rows->nrows; row++)
	{
		int			i;
		int			p;
		int32		bits;

		cascade_rowlist_get(rows, row, values, nulls);
		i = cascade_datumset_find(net->keys, values[MOVED_ROW_KEY]);
		p = cascade_parents_index(parents, values[MOVED_ROW_LOOKUP]);
		if (i < 0 || p < 0 || net->old_null[i] || unchanged(net, i))
			continue;
		if (!nulls[MOVED_ROW_OWNER] && model_type_equal(owner_type, values[MOVED_ROW_OWNER], net->old_owner[i]))
			continue;
		if (behavior == BEHAVIOR_USER_OWNED &&
			(nulls[MOVED_ROW_OWNER] || parents->owner_null[p] ||
			 !model_type_equal(owner_type, values[MOVED_ROW_OWNER], parents->owner[p])))
			continue;
		bits = cascade_parents_held(parents, p, net->old_owner[i]);
		if (reparents && !parents->owner_null[p] &&
			model_type_equal(owner_type, parents->owner[p], net->old_owner[i]))
			bits |= RIGHTS_ALL;
		if (bits != 0)
		{
			Datum		pair[3] = {values[MOVED_ROW_KEY], net->old_owner[i], Int32GetDatum(bits)};
			bool		pair_nulls[3] = {false, false, false};

			cascade_rowlist_add(pairs, pair, pair_nulls);
		}
	}
	return cascade_gain_store(effects, net->table, pairs, relationship->id, reparents ? CAUSE_REPARENT : CAUSE_SHARE,
							  true);
}

/*
 * Rule 1 (ii): what the former owner held by owning the row, and the new one
 * holds now, goes down to the related rows.
 */
static void
owners_give(Effects *effects, Reassigned *net)
{
	bool		gives = false;
	bool		takes = false;
	ListCell   *lc;

	foreach(lc, net->table->as_primary)
	{
		ModelRelationship *relationship = lfirst(lc);

		gives |= behavior_cascades(relationship->behavior[ACTION_REPARENT]);
		takes |= !access_entries_empty(relationship->related);
	}
	for (int i = 0; i < net->keys->count && (gives || takes); i++)
	{
		if (unchanged(net, i))
			continue;
		if (takes && !net->old_null[i])
			cascade_effects_loss(effects, net->table, LOSS_NET, net->keys->values[i], net->old_owner[i], RIGHTS_ALL);
		if (gives && !net->new_null[i])
			cascade_effects_gain(effects, net->table, GAIN_REPARENT, net->keys->values[i], net->new_owner[i],
								 RIGHTS_ALL);
	}
}

static bool
has_reassigned(TableChanges *changes)
{
	return changes->want_access && changes->assigned != NULL &&
		changes->assigned_inherited < changes->assigned->nrows && OidIsValid(changes->table->entry_relid);
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

				if (behavior_cascades(relationship->behavior[ACTION_REPARENT]) ||
					behavior_cascades(relationship->behavior[ACTION_SHARE]))
					gained += former_owners_inherit(effects, net, relationship);
			}
			cascade_effects_run(effects);
		}
	} while (gained > 0);
}

void
cascade_inherit(Frame *frame)
{
	Effects    *effects;
	List	   *nets = NIL;
	ListCell   *lc;

	foreach(lc, cascade_tables_downwards(frame))
	{
		TableChanges *changes = lfirst(lc);
		Reassigned *net;

		if (!has_reassigned(changes))
			continue;
		net = net_assigns(changes);
		nets = lappend(nets, net);
		changes->assigned_inherited = changes->assigned->nrows;
		if (cascade_rows_give(net->table))
			cascade_rows_lock(net->table, net->keys);
	}
	if (nets == NIL)
		return;

	effects = cascade_effects_begin(false);
	all_former_owners_inherit(effects, nets);
	foreach(lc, nets)
		owners_give(effects, lfirst(lc));
	cascade_effects_run(effects);
	cascade_effects_end(effects);
}
