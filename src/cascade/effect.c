/*
 * effect.c
 *		Gains and losses of access, and the loop that passes them down; see effect.h.
 */
#include "relmeta.h"

#include "cascade/effect.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/datum.h"
#include "utils/memutils.h"

Effects *
cascade_effects_begin(bool counting)
{
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext, "relmeta effects", ALLOCSET_DEFAULT_SIZES);
	Effects    *effects = MemoryContextAllocZero(cxt, sizeof(Effects));

	effects->cxt = cxt;
	effects->counting = counting;
	effects->model = model_current();
	model_pin(effects->model, cxt);
	return effects;
}

void
cascade_effects_end(Effects *effects)
{
	ListCell   *lc;

	foreach(lc, effects->tables)
	{
		TableEffects *table = lfirst(lc);

		if (table->entries != NULL)
			access_store_close(table->entries);
	}
	MemoryContextDelete(effects->cxt);
}

TableEffects *
cascade_effects_table(Effects *effects, Oid relid)
{
	ListCell   *lc;
	TableEffects *table;
	MemoryContext old;

	foreach(lc, effects->tables)
	{
		table = lfirst(lc);
		if (table->relid == relid)
			return table;
	}
	old = MemoryContextSwitchTo(effects->cxt);
	table = palloc0(sizeof(TableEffects));
	table->relid = relid;
	table->table = model_table_required(effects->model, relid);
	effects->tables = lappend(effects->tables, table);
	MemoryContextSwitchTo(old);
	return table;
}

Store *
cascade_effects_store(Effects *effects, ModelTable *table)
{
	TableEffects *theirs = cascade_effects_table(effects, table->relid);

	if (theirs->entries == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(effects->cxt);

		theirs->entries = access_store_open(table);
		MemoryContextSwitchTo(old);
	}
	return theirs->entries;
}

ModelRelationship *
cascade_effects_relationship(Effects *effects, ModelRelationship *relationship)
{
	Model	   *model;

	LockRelationOid(relationship->related->relid, RowExclusiveLock);
	model = model_current();
	if (model != effects->model)
	{
		/* what there is of the older picture stays, pinned as well */
		model_pin(model, effects->cxt);
		effects->model = model;
	}
	relationship = model_relationship_by_id(model, relationship->id);
	return relationship == NULL || relationship->broken != NULL ? NULL : relationship;
}

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
		progress = cascade_gain_pass(effects, table, GAIN_SHARE);
		progress |= cascade_gain_pass(effects, table, GAIN_REPARENT);
	}
	else
	{
		progress = cascade_loss_pass(effects, table, LOSS_UNSHARE);
		progress |= cascade_loss_pass(effects, table, LOSS_NET);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(scratch);
	return progress;
}

static void
add_change(Effects *effects, ModelTable *table, EffectList *list, Datum object, Datum principal, int32 bits)
{
	Datum		values[3] = {object, principal, Int32GetDatum(bits)};
	bool		nulls[3] = {false, false, false};

	if (bits == 0)
		return;
	if (list->rows == NULL)
	{
		ModelType  *types[3] = {&table->key.type, &table->principal, model_type_int4()};
		MemoryContext old = MemoryContextSwitchTo(effects->cxt);

		list->rows = cascade_rowlist_make(3, types);
		MemoryContextSwitchTo(old);
	}
	cascade_rowlist_add(list->rows, values, nulls);
}

void
cascade_effects_gain(Effects *effects, ModelTable *table, GainKind kind, Datum object, Datum principal, int32 bits)
{
	add_change(effects, table, &cascade_effects_table(effects, table->relid)->gains[kind], object, principal, bits);
}

void
cascade_effects_gone(Effects *effects, ModelTable *table, LossKind kind, Datum object, Datum principal, int32 bits)
{
	add_change(effects, table, &cascade_effects_table(effects, table->relid)->gone[kind], object, principal, bits);
}

void
cascade_effects_shrunk(Effects *effects, ModelTable *table, Datum object, Datum principal, bool is_left)
{
	if (effects->shrunk != NULL)
		effects->shrunk(table, object, principal, is_left, effects->shrunk_arg);
}

void
cascade_effects_lost(Effects *effects, ModelTable *table, LossKind kind, Datum object, Datum principal, int32 bits)
{
	add_change(effects, table, &cascade_effects_table(effects, table->relid)->lost[kind], object, principal, bits);
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
cascade_effects_given(Effects *effects, TableEffects *table, Datum principal)
{
	DatumSet   *set = table->principals;
	ModelType  *type = &table->table->principal;

	/* mostly the same as the last one */
	if (set != NULL && datum_image_eq(set->values[set->count - 1], principal, type->typbyval, type->typlen))
		return;
	if (set == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(effects->cxt);

		table->principals = cascade_datumset_make(type);
		MemoryContextSwitchTo(old);
	}
	cascade_datumset_add(table->principals, principal);
}

void
cascade_effects_lock_principals(ModelTable *table, DatumSet *principals, int *done)
{
	while (*done < principals->count)
	{
		int			gone = model_owners_check(principals->type, principals->values + *done, principals->count - *done);

		if (gone < 0)
			*done = principals->count;
		else
		{
			*done += gone + 1;
			cascade_forget(table, principals->values[*done - 1]);
		}
	}
}

void
cascade_effects_run(Effects *effects)
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
	foreach(lc, effects->tables)
	{
		TableEffects *table = lfirst(lc);

		if (table->principals != NULL)
			cascade_effects_lock_principals(table->table, table->principals, &table->principals_done);
	}
}

void
cascade_effects_take(RowList *list)
{
	SPITupleTable *tuptable = SPI_tuptable;
	uint64		processed = SPI_processed;
	Datum	   *values = palloc(list->ncolumns * sizeof(Datum));
	bool	   *nulls = palloc(list->ncolumns * sizeof(bool));

	for (uint64 i = 0; i < processed; i++)
	{
		heap_deform_tuple(tuptable->vals[i], tuptable->tupdesc, values, nulls);
		cascade_rowlist_add(list, values, nulls);
	}
	SPI_freetuptable(tuptable);
	pfree(values);
	pfree(nulls);
}

/* While counting: may a pair of the table be changed more than once? */
static bool
overlap(Effects *effects, ModelTable *table)
{
	return effects->both || list_length(table->as_related) > 1;
}

void
cascade_effects_touch(Effects *effects, TableEffects *table, Datum object, Datum principal)
{
	Datum		values[2] = {object, principal};
	bool		nulls[2] = {false, false};

	if (!effects->counting)
		return;
	if (!overlap(effects, table->table))
	{
		table->changed_once++;
		return;
	}
	if (table->changed == NULL)
	{
		ModelType  *types[2] = {&table->table->key.type, &table->table->principal};
		MemoryContext old = MemoryContextSwitchTo(effects->cxt);

		table->changed = cascade_rowlist_make(2, types);
		MemoryContextSwitchTo(old);
	}
	cascade_rowlist_add(table->changed, values, nulls);
}

/*
 *	SELECT pg_catalog.count(*) FROM (SELECT DISTINCT p.object, p.principal
 *		FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS p(object, principal)) AS d
 */
static void
build_count(PlanText *built, void *subject, int variant)
{
	ModelTable *table = subject;

	built->nparams = 2;
	built->params[0] = table->key.type.array_type;
	built->params[1] = table->principal.array_type;

	appendStringInfoString(&built->sql, "SELECT pg_catalog.count(*) FROM (SELECT DISTINCT p.object, p.principal"
						   " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2))"
						   " AS p(object, principal)) AS d");
}

uint64
cascade_effects_count(Effects *effects)
{
	uint64		count = 0;
	ListCell   *lc;

	foreach(lc, effects->tables)
	{
		TableEffects *table = lfirst(lc);

		count += table->changed_once;
		if (table->changed != NULL && table->changed->nrows == 1)
			count++;
		else if (table->changed != NULL)
		{
			Datum		arrays[2];
			bool		isnull;
			SPIPlanPtr	plan = cascade_plan(build_count, PLAN_MANY, (int) table->relid, table->table->entry_relid,
											AccessShareLock, table->table);

			cascade_rowlist_arrays(table->changed, 0, table->changed->nrows, 2, COLUMNS(0, 1), arrays);
			cascade_run(plan, table->table->entry_relid, arrays, NULL, RUN_FIRE_TRIGGERS, 0);
			count += DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
			SPI_freetuptable(SPI_tuptable);
		}
	}
	return count;
}

DatumSet *
cascade_effects_distinct(RowList *list, int64 from, int64 upto, int column)
{
	DatumSet   *set = cascade_datumset_make(list->types[column]);
	Datum	   *values = palloc(list->ncolumns * sizeof(Datum));
	bool	   *nulls = palloc(list->ncolumns * sizeof(bool));

	for (int64 row = from; row < upto; row++)
	{
		cascade_rowlist_get(list, row, values, nulls);
		if (!nulls[column])
			cascade_datumset_add(set, values[column]);
	}
	return set;
}

Datum
cascade_effects_set_array(DatumSet *set)
{
	return cascade_datumset_array(set, 0, set->count);
}
