/*
 * gain.c
 *		Gains of access, one level down (SEMANTICS 3.2).
 */
#include "relmeta.h"

#include "cascade/effect.h"
#include "utils/datum.h"
#include "utils/memutils.h"

bool
cascade_same_principals(ModelRelationship *relationship)
{
	return OidIsValid(relationship->primary->entry_relid) && OidIsValid(relationship->related->entry_relid) &&
		relationship->primary->principal.base_type == relationship->related->principal.base_type;
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

	foreach(lc, table->as_primary)
		if (behavior_cascades(((ModelRelationship *) lfirst(lc))->behavior[action_of(kind)]))
		return true;
	return false;
}

int32
cascade_gain_entry(Effects *effects, TableEffects *table, Datum object, Datum principal, int relationship,
				   char cause, int32 bits, bool known)
{
	Store	   *store = cascade_effects_store(effects, table->table);
	GainKind	kind = cause == CAUSE_REPARENT ? GAIN_REPARENT : GAIN_SHARE;
	StoredEntry entry = {.object = object,.principal = principal,.relationship = relationship,.cause = cause,
	.mask = bits};
	bool		made;
	int32		gained = cascade_entry_add(store, &entry, known, &made);

	if (made)
		cascade_effects_given(effects, table, principal);
	if (gained != 0)
	{
		cascade_effects_touch(effects, table, object, principal);
		if (gains_go_on(table->table, kind))
			cascade_effects_gain(effects, table->table, kind, object, principal, gained);
	}
	return gained;
}

/* Gains that are being passed on through one relationship. */
typedef struct Passing
{
	Effects    *effects;
	ModelRelationship *relationship;
	TableEffects *theirs;		/* of the related table */
	GainKind	kind;
	PairGroup  *group;
	RelatedRow *rows;			/* that are locked and wait */
	int			nrows;
	MemoryContext cxt;			/* of what they point to */
} Passing;

/* related rows that are given something together */
#define ROWS_AT_ONCE 1000

/*
 * One related row gains what its primary row has gained.  A gain never makes
 * or widens an entry for the row's own owner and does not pass through that row.
 */
static void
pass_to_row(Passing *passing, RelatedRow *row, bool known)
{
	ModelTable *table = passing->theirs->table;

	for (Pair *pair = passing->group->pairs[row->parent]; pair != NULL; pair = pair->next)
	{
		if (!row->owner_null && model_type_equal(&table->principal, row->owner, pair->principal))
			continue;
		cascade_gain_entry(passing->effects, passing->theirs, row->key, pair->principal, passing->relationship->id,
						   passing->kind == GAIN_SHARE ? CAUSE_SHARE : CAUSE_REPARENT, pair->bits, known);
	}
}

/* The rows that wait gain it.  Entries are read after the rows were locked: whoever was waited for may have made some. */
static void
pass_to_rows(Passing *passing)
{
	ModelTable *table = passing->theirs->table;
	Store	   *store = cascade_effects_store(passing->effects, table);
	bool		known;

	if (passing->nrows == 0)
		return;
	access_store_refresh(store);
	known = !access_entries_empty(table) &&
		(!passing->group->one_principal || access_store_principal_known(store, passing->group->principal));
	for (int i = 0; i < passing->nrows; i++)
		pass_to_row(passing, &passing->rows[i], known);
	passing->nrows = 0;
	MemoryContextReset(passing->cxt);
}

static void
take_row(RelatedRow *row, void *arg)
{
	Passing    *passing = arg;
	ModelTable *table = passing->theirs->table;
	MemoryContext old = MemoryContextSwitchTo(passing->cxt);
	RelatedRow *taken = &passing->rows[passing->nrows++];

	*taken = *row;
	taken->key = datumCopy(row->key, table->key.type.typbyval, table->key.type.typlen);
	if (!row->owner_null)
		taken->owner = datumCopy(row->owner, table->principal.typbyval, table->principal.typlen);
	MemoryContextSwitchTo(old);
	if (passing->nrows == ROWS_AT_ONCE)
		pass_to_rows(passing);
}

static void
pass_gains(Effects *effects, ModelRelationship *relationship, GainKind kind, PairGroup *group)
{
	Passing		passing = {effects, relationship, cascade_effects_table(effects, relationship->related->relid),
	kind, group};

	passing.rows = palloc(ROWS_AT_ONCE * sizeof(RelatedRow));
	passing.cxt = AllocSetContextCreate(CurrentMemoryContext, "relmeta related rows", ALLOCSET_SMALL_SIZES);
	cascade_rows_each_related(relationship, group->objects, relationship->behavior[action_of(kind)],
							  cascade_rows_gain_lock(relationship->related), take_row, &passing);
	pass_to_rows(&passing);
	MemoryContextDelete(passing.cxt);
	pfree(passing.rows);
}

/*
 * cascade_gain_pass
 *		Passes a table's waiting gains by one cause to the related rows.  False
 *		when there were none.
 */
bool
cascade_gain_pass(Effects *effects, TableEffects *table, GainKind kind)
{
	bool		go_on = gains_go_on(table->table, kind);
	EffectList *waiting = &table->gains[kind];
	PairGroup  *group;
	ListCell   *lc;

	if (waiting->rows == NULL || waiting->done == waiting->rows->nrows)
		return false;
	if (!go_on)
		waiting->done = waiting->rows->nrows;
	while ((group = cascade_group_next(waiting, &table->table->principal)) != NULL)
	{
		foreach(lc, table->table->as_primary)
		{
			ModelRelationship *relationship = lfirst(lc);

			if (!behavior_cascades(relationship->behavior[action_of(kind)]))
				continue;
			relationship = cascade_effects_relationship(effects, relationship);
			if (relationship != NULL && behavior_cascades(relationship->behavior[action_of(kind)]) &&
				cascade_same_principals(relationship))
				pass_gains(effects, relationship, kind, group);
		}
	}
	return true;
}
