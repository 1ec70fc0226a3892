/*
 * gain.c
 *		Gains of access, one level down (SEMANTICS 3.2).
 *
 * EXAMPLE.  Account 1, its contact 10 and the contact's task 100 are ann's, contact 11 is bob's; share is all.
 * SELECT relmeta.share('account', 1, 'bob', '{read,write}'):
 *
 *					before		after
 *	account 1		-			bob: direct, read and write
 *	contact 10		-			bob: share, read and write
 *	contact 11		bob's		bob's
 *	task 100		-			bob: share, read and write
 *
 * Bob is given three entries, by a gain of read and write that goes down two levels.  On his own contact he gains
 * nothing, and nothing goes through it.  Had he held read on the contact by a share entry before, only write would
 * have been new there, and only write would have gone on to the task.
 */
#include "relmeta.h"

#include "inherit/effect.h"
#include "rows/act.h"

/* For so few rows it is cheaper to look for each one's entry than whether the principal holds anything in the table. */
#define FEW_ROWS 8

bool
inherit_same_principals(ModelRelationship *relationship)
{
	return OidIsValid(relationship->primary->entry_relid) && OidIsValid(relationship->related->entry_relid) &&
		model_principal(relationship->primary)->base_type == model_principal(relationship->related)->base_type;
}

static ModelAction
action_of(GainKind kind)
{
	return kind == GAIN_SHARE ? ACTION_SHARE : ACTION_REPARENT;
}

/* Does a gain by this cause go further down from the table's rows? */
static bool
gains_go_on(ModelTable *table, GainKind kind)
{
	ListCell   *lc;

	foreach(lc, model_as_primary(table))
		if (behavior_cascades(((ModelRelationship *) lfirst(lc))->behavior[action_of(kind)]))
		return true;
	return false;
}

/* go_on: it goes further down. */
static int32
gain_entry(Effects *effects, TableEffects *table, StoredEntry *entry, bool may_exist, bool go_on)
{
	bool		made;
	int32		gained = inherit_entry_add(table->entries, entry, may_exist, &made);

	if (made)
		inherit_effects_given(effects, table, entry->principal);
	if (gained == 0)
		return 0;
	table->gained++;
	inherit_effects_touch(effects, table, entry->object, entry->principal);
	if (go_on)
		inherit_effects_gain(effects, table->table, entry->cause == CAUSE_REPARENT ? GAIN_REPARENT : GAIN_SHARE,
							 entry->object, entry->principal, gained);
	return gained;
}

int32
inherit_gain_entry(Effects *effects, TableEffects *table, Datum object, Datum principal, int relationship,
				   char cause, int32 bits, bool may_exist)
{
	StoredEntry entry = {.object = object,.principal = principal,.relationship = relationship,.cause = cause,
	.mask = bits};

	(void) inherit_effects_store(effects, table->table);
	return gain_entry(effects, table, &entry, may_exist,
					  gains_go_on(table->table, cause == CAUSE_REPARENT ? GAIN_REPARENT : GAIN_SHARE));
}

/* Gains that are being passed on through one relationship. */
typedef struct Passing
{
	Effects    *effects;
	ModelRelationship *relationship;
	TableEffects *related_effects;	/* of the related table */
	char		cause;
	PairGroup  *group;
	bool		may_exist;		/* there may be entries already */
	bool		go_on;			/* what is gained goes further down */
} Passing;

/*
 * One related row gains what its primary row has gained.  A gain never makes
 * or widens an entry for the row's own owner and does not pass through that row.
 */
static void
pass_to_row(Passing *passing, Datum *values, bool *nulls)
{
	ModelType  *type = model_principal(passing->related_effects->table);

	for (Holder *pair = inherit_group_holders(passing->group, DatumGetInt32(values[CHILD_PARENT]))->first; pair != NULL;
		 pair = pair->next)
	{
		StoredEntry entry = {.object = values[CHILD_KEY],.principal = pair->principal,
		.relationship = passing->relationship->id,.cause = passing->cause,.mask = pair->after};

		if (nulls[CHILD_OWNER] || !model_type_equal(type, values[CHILD_OWNER], pair->principal))
			(void) gain_entry(passing->effects, passing->related_effects, &entry, passing->may_exist, passing->go_on);
	}
}

/* Returns the number of related rows that match. */
static uint64
pass_gains(Effects *effects, ModelRelationship *relationship, GainKind kind, PairGroup *group)
{
	ModelTable *table = relationship->related;
	Passing		passing = {effects, relationship, inherit_effects_table(effects, table->relid),
	kind == GAIN_SHARE ? CAUSE_SHARE : CAUSE_REPARENT, group};
	RowList    *rows = rows_related(relationship, group->objects, relationship->behavior[action_of(kind)],
									rows_gain_lock(table), NULL);
	Store	   *store;
	Datum		values[CHILD_COLUMNS];
	bool		nulls[CHILD_COLUMNS];

	if (rows->nrows == 0)
		return 0;
	store = inherit_effects_store(effects, table);

	/*
	 * entries are read after all rows are locked: whoever was waited for may
	 * have made some
	 */
	access_store_refresh(store);
	passing.may_exist = !access_entries_empty(table) &&
		(!group->one_principal || rows->nrows <= FEW_ROWS || access_store_principal_known(store, group->principal));
	passing.go_on = gains_go_on(passing.related_effects->table, kind);
	for (int64 row = 0; row < rows->nrows; row++)
	{
		if (row % ACT_SLICE == 0)
			rows_act_rows(row, rows->nrows);
		rows_list_get(rows, row, values, nulls);
		pass_to_row(&passing, values, nulls);
	}
	rows_act_rows(rows->nrows, rows->nrows);
	return rows->nrows;
}

/*
 * inherit_gain_pass
 *		SEMANTICS 3.2: passes a table's waiting gains by one cause to the related
 *		rows.  False when there were none.
 */
bool
inherit_gain_pass(Effects *effects, TableEffects *table, GainKind kind)
{
	bool		go_on = gains_go_on(table->table, kind);
	EffectList *waiting = &table->gains[kind];
	Grouping	grouping;
	PairGroup  *group;
	ListCell   *lc;

	if (!inherit_group_waits(waiting))
		return false;
	if (!go_on)
		inherit_group_drop(waiting);
	inherit_group_begin(&grouping, waiting, model_principal(table->table), false);
	while ((group = inherit_group_next(&grouping)) != NULL)
	{
		effects->level = waiting->level + 1;
		foreach(lc, model_as_primary(table->table))
		{
			ModelRelationship *relationship = lfirst(lc);

			if (!behavior_cascades(relationship->behavior[action_of(kind)]))
				continue;
			relationship = inherit_effects_relationship(effects, relationship);
			if (relationship != NULL && behavior_cascades(relationship->behavior[action_of(kind)]) &&
				inherit_same_principals(relationship))
			{
				rows_act_begin(action_of(kind), relationship->name, effects->level, false);
				rows_act_end(pass_gains(effects, relationship, kind, group));
			}
		}
	}
	return true;
}
