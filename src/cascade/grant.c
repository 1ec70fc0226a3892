/*
 * grant.c
 *		Direct grants: who may make them, and writing them; see grant.h.
 */
#include "relmeta.h"

#include "cascade/grant.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rls.h"
#include "utils/timestamp.h"

/* ---- rows ---- */

static void
refuse_missing(ModelTable *table)
{
	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND),
			 errmsg("table \"%s\" has no row with that key that you may read", get_rel_name(table->relid)),
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
	ModelType  *key = &table->key.type;
	Datum		array = cascade_datumset_array(keys, 0, keys->count);
	char	   *sql = psprintf("SELECT FROM pg_catalog.unnest($1) AS k(key) WHERE EXISTS"
							   " (SELECT FROM %s AS t WHERE t.%s %s k.key%s)", table->sql_name, table->key.sql_name,
							   key->sql_eq, key->sql_collate);
	MemoryContext cxt = CurrentMemoryContext;
	int			result = SPI_execute_with_args(sql, 1, &key->array_type, &array, NULL, false, 0);

	MemoryContextSwitchTo(cxt);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args returned %s", SPI_result_code_string(result));
	SPI_freetuptable(SPI_tuptable);
	return SPI_processed;
}

RowSet *
cascade_grant_rows(ModelTable *table, DatumSet *keys)
{
	RowSet	   *rows;

	/* nobody locks a row that he may not see */
	if (!access_may_select(table) ||
		(check_enable_rls(table->relid, InvalidOid, true) == RLS_ENABLED &&
		 visible_rows(table, keys) < (uint64) keys->count))
		refuse_missing(table);
	rows = cascade_rows_get(table, keys, ROW_UPDATE);
	for (int k = 0; k < keys->count; k++)
		if (rows->found[k] < 0)
			refuse_missing(table);
	return rows;
}

/* ---- the caller ---- */

GrantCaller *
cascade_grant_caller(ModelTable *table)
{
	GrantCaller *caller = palloc0(sizeof(GrantCaller));
	ListCell   *lc;

	caller->unlimited = access_is_unlimited(table);
	caller->principal = model_current_principal();
	if (caller->unlimited || caller->principal == NULL)
		return caller;
	foreach(lc, model_principal_and_teams(caller->principal))
	{
		Datum	   *name = palloc(sizeof(Datum));

		if (model_principal_cast(lfirst(lc), &table->principal, name))
			caller->names = lappend(caller->names, name);
	}
	return caller;
}

int32
cascade_grant_caller_rights(Granting *granting, GrantCaller *caller, RowSet *rows, int i)
{
	ModelTable *table = granting->table->table;
	int32		rights = 0;
	ListCell   *lc;

	foreach(lc, caller->names)
	{
		Datum		keys[2] = {rows->keys->values[i], *(Datum *) lfirst(lc)};
		StoredEntry entry;

		access_store_find(granting->entries, 2, keys);
		while (access_store_next_entry(granting->entries, &entry))
			rights |= entry.mask;
		if (cascade_rows_owns(table, rows, i, keys[1]))
			rights |= RIGHTS_ALL;
	}
	return rights;
}

/* ---- grants ---- */

/* Keeps a row of one of the two tables; which of the keys it is about is known. */
static void
read_ahead(Granting *granting, int which, int number, Datum principal, ItemPointer tid, int32 mask)
{
	ModelType  *type = &granting->table->table->principal;
	GrantRow   *row = palloc(sizeof(GrantRow));

	row->principal = datumCopy(principal, type->typbyval, type->typlen);
	row->tid = *tid;
	row->mask = mask;
	row->next = granting->ahead[which][number];
	granting->ahead[which][number] = row;
}

static void
read_entry_ahead(StoredEntry *entry, int number, void *arg)
{
	if (entry->cause == CAUSE_DIRECT)
		read_ahead(arg, 0, number, entry->principal, &entry->tid, entry->mask);
}

static void
read_grants_ahead(Granting *granting)
{
	Store	   *grants = granting->grants;
	bool		isnull;

	access_store_find_all(grants);
	while (access_store_next(grants))
	{
		int			number = cascade_datumset_find(granting->keys, slot_getattr(grants->slot, ENTRY_OBJECT, &isnull));

		if (number >= 0)
			read_ahead(granting, 1, number, slot_getattr(grants->slot, ENTRY_PRINCIPAL, &isnull),
					   &grants->slot->tts_tid, 0);
	}
}

Granting *
cascade_grant_begin(Effects *effects, ModelTable *table, DatumSet *keys)
{
	Granting   *granting = palloc0(sizeof(Granting));
	Size		size = Max(keys->count, 1) * sizeof(GrantRow *);

	granting->effects = effects;
	granting->table = cascade_effects_table(effects, table->relid);
	granting->keys = keys;
	granting->entries = cascade_effects_store(effects, table);
	granting->grants = access_store_open(table, true);
	access_store_refresh(granting->entries);
	if (keys->count > PLAN_FEW_ROWS && access_store_by_image(granting->entries) &&
		access_store_all_cheaper(granting->entries, keys->count) &&
		access_store_all_cheaper(granting->grants, keys->count))
	{
		for (int which = 0; which < 2; which++)
			granting->ahead[which] = MemoryContextAllocExtended(CurrentMemoryContext, size,
																MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
		cascade_entries_each(granting->entries, keys, read_entry_ahead, granting);
		read_grants_ahead(granting);
	}
	return granting;
}

void
cascade_grant_end(Granting *granting)
{
	access_store_close(granting->grants);
}

static GrantRow *
row_ahead(Granting *granting, int which, DirectGrant *grant)
{
	GrantRow   *row;

	for (row = granting->ahead[which][grant->row]; row != NULL; row = row->next)
		if (model_type_equal(&granting->table->table->principal, row->principal, grant->principal))
			break;
	return row;
}

/* The grant's entry; false when there is none. */
static bool
find_entry(Granting *granting, DirectGrant *grant, StoredEntry *entry)
{
	Datum		keys[4] = {granting->keys->values[grant->row], grant->principal, Int32GetDatum(0),
	CharGetDatum(CAUSE_DIRECT)};

	if (granting->ahead[0] != NULL)
	{
		GrantRow   *row = row_ahead(granting, 0, grant);

		if (row == NULL)
			return false;
		entry->tid = row->tid;
		entry->mask = row->mask;
		return true;
	}
	access_store_find(granting->entries, 4, keys);
	return access_store_next_entry(granting->entries, entry);
}

void
cascade_grant_read(Granting *granting, int row, Datum principal, DirectGrant *grant)
{
	memset(grant, 0, sizeof(DirectGrant));
	grant->row = row;
	grant->principal = principal;
	if (!find_entry(granting, grant, &grant->entry))
		return;
	grant->had = grant->entry.mask;
	/* what the scan has handed out is gone when it goes on */
	grant->entry.object = granting->keys->values[row];
	grant->entry.principal = principal;
	grant->entry.relationship = 0;
	grant->entry.cause = CAUSE_DIRECT;
}

/* The row that says who granted it; false when there is none. */
static bool
find_grant(Granting *granting, DirectGrant *grant, ItemPointer tid)
{
	Datum		keys[2] = {granting->keys->values[grant->row], grant->principal};

	if (granting->ahead[1] != NULL)
	{
		GrantRow   *row = row_ahead(granting, 1, grant);

		if (row != NULL)
			*tid = row->tid;
		return row != NULL;
	}
	access_store_find(granting->grants, 2, keys);
	if (!access_store_next(granting->grants))
		return false;
	*tid = granting->grants->slot->tts_tid;
	return true;
}

/* Who granted it and when: a row of the grant table, replaced when there is one; away with it when nothing is left. */
static void
record_grant(Granting *granting, DirectGrant *grant, bool nothing_left, const char *granted_by)
{
	Store	   *grants = granting->grants;
	Datum		values[STORE_MAX_COLUMNS] = {granting->keys->values[grant->row], grant->principal};
	bool		nulls[STORE_MAX_COLUMNS] = {false};
	ItemPointerData tid;
	bool		found = find_grant(granting, grant, &tid);

	if (nothing_left)
	{
		if (found)
			access_store_delete(grants, &tid);
		return;
	}
	nulls[GRANT_GRANTED_BY - 1] = granted_by == NULL;
	if (granted_by != NULL)
		values[GRANT_GRANTED_BY - 1] = CStringGetTextDatum(granted_by);
	values[GRANT_GRANTED_AT - 1] = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
	if (found)
		access_store_update(grants, &tid, values, nulls);
	else
		access_store_insert(grants, values, nulls);
}

void
cascade_grant_set(Granting *granting, DirectGrant *grant, bool owns, int32 mask, const char *granted_by)
{
	Effects    *effects = granting->effects;
	ModelTable *table = granting->table->table;
	int32		lost = grant->had & ~mask;
	Datum		key = granting->keys->values[grant->row];

	if (grant->had == mask)
		return;
	if (grant->had != 0)
		access_store_set_mask(granting->entries, &grant->entry, mask);
	else
		access_store_insert_entry(granting->entries, key, grant->principal, 0, CAUSE_DIRECT, mask);
	if (mask == 0 || (mask & ~grant->had) != 0)
		record_grant(granting, grant, mask == 0, granted_by);

	cascade_effects_touch(effects, granting->table, key, grant->principal);
	cascade_effects_gain(effects, table, GAIN_SHARE, key, grant->principal, mask & ~grant->had);
	cascade_effects_lost(effects, table, LOSS_UNSHARE, key, grant->principal,
						 owns ? lost & ~RIGHTS_ALL : lost);
}
