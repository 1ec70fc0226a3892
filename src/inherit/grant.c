/*
 * grant.c
 *		Direct grants: who may make them, and writing them; see grant.h.
 */
#include "relmeta.h"

#include "access/statement.h"
#include "inherit/grant.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "model/key.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/rls.h"

/* ---- rows ---- */

static void
refuse_missing(ModelTable *table)
{
	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND),
			 errmsg("table \"%s\" has no row with that key that you may read", relmeta_relation_name(table->relid)),
			 errhint("Look for the row with SELECT; row-level security may hide it.")));
}

/*
 * Of the rows with those keys, how many the caller's policies let him read:
 *
 *	SELECT FROM pg_catalog.unnest($1) AS k(key) WHERE EXISTS (SELECT FROM s.t AS t WHERE t.id = k.key)
 */
static uint64
visible_rows(ModelTable *table, DatumSet *keys)
{
	Oid			type = model_key_param(table, true);
	Datum		array = rows_set_array(keys, 0, keys->count);
	char	   *sql = psprintf("SELECT FROM pg_catalog.unnest($1) AS k(key) WHERE EXISTS"
							   " (SELECT FROM %s AS t WHERE %s)", table->sql_name, model_key_is(table, "t", "k.key"));
	MemoryContext cxt = CurrentMemoryContext;
	int			result = SPI_execute_with_args(sql, 1, &type, &array, NULL, false, 0);

	MemoryContextSwitchTo(cxt);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args returned %s", SPI_result_code_string(result));
	SPI_freetuptable(SPI_tuptable);
	return SPI_processed;
}

RowSet *
inherit_grant_rows(ModelTable *table, DatumSet *keys, RowLock lock)
{
	RowSet	   *rows;

	/* nobody locks a row that he may not see */
	if (!access_may_select(table) ||
		(check_enable_rls(table->relid, InvalidOid, true) == RLS_ENABLED &&
		 visible_rows(table, keys) < (uint64) keys->count))
		refuse_missing(table);
	rows = rows_get(table, keys, lock);
	for (int k = 0; k < keys->count; k++)
		if (rows->found[k] < 0)
			refuse_missing(table);
	return rows;
}

/* ---- the caller ---- */

List *
inherit_grant_names(ModelTable *table, const char *principal)
{
	ModelType  *type = model_principal(table);
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, model_principal_and_teams(principal))
	{
		Datum	   *name = palloc(sizeof(Datum));

		if (!model_principal_value(lfirst(lc), type, name))
			continue;
		*name = datumCopy(*name, type->typbyval, type->typlen);
		names = lappend(names, name);
	}
	return names;
}

GrantCaller *
inherit_grant_caller(ModelTable *table)
{
	GrantCaller *caller = palloc0(sizeof(GrantCaller));

	caller->unlimited = access_is_unlimited(table);
	caller->principal = model_current_principal();
	if (!caller->unlimited && caller->principal != NULL)
		caller->names = inherit_grant_names(table, caller->principal);
	return caller;
}

bool
inherit_grant_may_be_first(ModelTable *table, GrantCaller *caller)
{
	return caller->unlimited || (caller->principal != NULL && (table->everyone & access_cap() & RIGHT_SHARE) != 0);
}

int32
inherit_grant_caller_rights(Granting *granting, GrantCaller *caller, RowSet *rows, int i)
{
	ModelTable *table = granting->table->table;
	int32		rights = 0;
	ListCell   *lc;

	foreach(lc, granting->entries != NULL ? caller->names : NIL)
	{
		Datum		keys[2] = {rows->owners->keys->values[i], *(Datum *) lfirst(lc)};
		StoredEntry entry;

		access_store_find(granting->entries, 2, keys);
		while (access_store_next_entry(granting->entries, &entry))
			rights |= entry.mask;
		if (rows_owns(table, rows, i, keys[1]))
			rights |= RIGHTS_ALL;
	}
	if (caller->principal != NULL)
		rights |= table->everyone;
	return rights & access_cap();
}

/* ---- grants ---- */

/* Keeps a direct entry of one of the keys. */
static void
read_ahead(StoredEntry *entry, int number, void *arg)
{
	Granting   *granting = arg;
	RowGrants  *grants;
	Holder	   *holder;

	if (entry->cause != CAUSE_DIRECT)
		return;
	grants = rows_map_enter(granting->ahead, granting->keys->values[number], NULL);
	holder = inherit_holder(&grants->holders, model_principal(granting->table->table), entry->principal);
	if (holder->number >= grants->capacity)
	{
		Size		size = (grants->capacity = 2 * grants->capacity + 4) * sizeof(ItemPointerData);

		grants->tids = grants->tids == NULL ? palloc(size) : repalloc_huge(grants->tids, size);
	}
	holder->before = entry->mask;
	grants->tids[holder->number] = entry->tid;
}

Granting *
inherit_grant_begin(Effects *effects, ModelTable *table, DatumSet *keys)
{
	Granting   *granting = palloc0(sizeof(Granting));

	granting->effects = effects;
	granting->table = inherit_effects_table(effects, table->relid);
	granting->keys = keys;
	if (!access_entries_exist(granting->table->table))
		return granting;
	granting->entries = inherit_effects_store(effects, granting->table->table);
	access_store_refresh(granting->entries);
	if (keys->count > PLAN_FEW_ROWS && access_store_by_image(granting->entries) &&
		access_store_all_cheaper(granting->entries, keys->count))
	{
		granting->ahead = rows_map_make(keys->type, sizeof(RowGrants));
		inherit_entries_each(granting->entries, keys, read_ahead, granting);
	}
	return granting;
}

/* Takes the grant's entry, its place and mask, from what was read ahead. */
static void
take_entry(Granting *granting, StoredEntry *entry)
{
	RowGrants  *grants = rows_map_find(granting->ahead, entry->object);
	Holder	   *holder;

	if (grants == NULL)
		return;
	holder = inherit_holder_find(&grants->holders, model_principal(granting->table->table), entry->principal);
	if (holder == NULL)
		return;
	entry->tid = grants->tids[holder->number];
	entry->mask = holder->before;
}

/* Finds it among the entries. */
static void
find_entry(Granting *granting, StoredEntry *entry)
{
	Datum		keys[STORE_KEYS] = {entry->object, entry->principal, Int32GetDatum(0), CharGetDatum(CAUSE_DIRECT)};
	StoredEntry found;

	access_store_find(granting->entries, STORE_KEYS, keys);
	if (!access_store_next_entry(granting->entries, &found))
		return;
	entry->tid = found.tid;
	entry->mask = found.mask;
}

void
inherit_grant_read(Granting *granting, int row, Datum principal, DirectGrant *grant)
{
	memset(grant, 0, sizeof(DirectGrant));
	grant->entry.object = granting->keys->values[row];
	grant->entry.principal = principal;
	grant->entry.cause = CAUSE_DIRECT;
	if (granting->ahead != NULL)
		take_entry(granting, &grant->entry);
	else if (granting->entries != NULL)
		find_entry(granting, &grant->entry);
	grant->had = grant->entry.mask;
}

void
inherit_grant_set(Granting *granting, DirectGrant *grant, bool owns, int32 mask, const char *granted_by)
{
	Effects    *effects = granting->effects;
	ModelTable *table = granting->table->table;
	int32		gained = mask & ~grant->had;
	int32		lost = grant->had & ~mask;
	Datum		key = grant->entry.object;
	Datum		principal = grant->entry.principal;

	if (grant->had == mask)
		return;
	if (gained != 0)
		access_store_grant(granting->entries, &grant->entry, mask, granted_by);
	else
		access_store_set_mask(granting->entries, &grant->entry, mask);

	inherit_effects_touch(effects, granting->table, key, principal);
	inherit_effects_gain(effects, table, GAIN_SHARE, key, principal, gained);
	inherit_effects_maybe_lost(effects, table, LOSS_UNSHARE, key, principal, owns ? lost & ~RIGHTS_ALL : lost);
}
