/*
 * pass.c
 *		The loop that passes gains and losses of access down; see effect.h.
 */
#include "relmeta.h"

#include "inherit/effect.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* One step of the loop, in a memory context of its own: a chain may have many levels. */
static bool
step(Effects *effects, TableEffects *table, bool gains)
{
	MemoryContext scratch = AllocSetContextCreate(effects->cxt, "relmeta effects step", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(scratch);
	bool		progress;

	CHECK_FOR_INTERRUPTS();
	if (gains)
	{
		progress = inherit_gain_pass(effects, table, GAIN_SHARE);
		progress |= inherit_gain_pass(effects, table, GAIN_REPARENT);
	}
	else
	{
		progress = inherit_loss_pass(effects, table, LOSS_UNSHARE);
		progress |= inherit_loss_pass(effects, table, LOSS_NET);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(scratch);
	return progress;
}

/* What was gained is stored: an entry table that looks empty is. */
static void
store_gains(Effects *effects)
{
	ListCell   *lc;

	foreach(lc, effects->tables)
	{
		TableEffects *table = lfirst(lc);

		if (table->entries != NULL)
			access_store_refresh(table->entries);
	}
}

void
inherit_given_lock(ModelTable *table, Given *given, const Since *since)
{
	DatumSet   *principals = given->principals;

	while (principals != NULL && given->locked < principals->count)
	{
		int			gone = model_owners_check(principals->type, principals->values + given->locked,
											  principals->count - given->locked, since);

		if (gone < 0)
			given->locked = principals->count;
		else
		{
			given->locked += gone + 1;
			inherit_forget(table, principals->values[given->locked - 1]);
		}
	}
}

void
inherit_effects_run(Effects *effects)
{
	bool		gains = true;
	bool		progress;
	ListCell   *lc;

	for (;;)
	{
		progress = false;
		/* the list grows while it is walked: by index */
		for (int i = 0; i < list_length(effects->tables); i++)
			progress |= step(effects, list_nth(effects->tables, i), gains);
		if (progress)
			continue;
		if (!gains)
			break;
		/* losses give rise to no gains */
		gains = false;
		store_gains(effects);
	}
	effects->level = 0;
	foreach(lc, effects->tables)
	{
		TableEffects *table = lfirst(lc);

		inherit_given_lock(table->table, &table->given, &effects->since);
	}
}
