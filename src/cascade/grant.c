/*
 * grant.c
 *		Direct grants: who may make them, and writing them; see grant.h.
 */
#include "relmeta.h"

#include "cascade/grant.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
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

Granting *
cascade_grant_begin(Effects *effects, ModelTable *table)
{
	Granting   *granting = palloc(sizeof(Granting));

	granting->effects = effects;
	granting->table = cascade_effects_table(effects, table->relid);
	granting->entries = cascade_effects_store(effects, table);
	granting->grants = access_store_open(table, true);
	access_store_refresh(granting->entries);
	return granting;
}

void
cascade_grant_end(Granting *granting)
{
	access_store_close(granting->grants);
}

void
cascade_grant_read(Granting *granting, Datum key, Datum principal, DirectGrant *grant)
{
	Datum		keys[2] = {key, principal};
	StoredEntry entry;

	memset(grant, 0, sizeof(DirectGrant));
	grant->key = key;
	grant->principal = principal;
	access_store_find(granting->entries, 2, keys);
	while (access_store_next_entry(granting->entries, &entry))
	{
		if (entry.cause != CAUSE_DIRECT)
			continue;
		grant->had = entry.mask;
		grant->entry = entry;
		/* its values are gone when the scan goes on */
		grant->entry.object = key;
		grant->entry.principal = principal;
	}
}

/* Who granted it and when: a row of the grant table, replaced when there is one; away with it when nothing is left. */
static void
record_grant(Store *grants, DirectGrant *grant, bool nothing_left, const char *granted_by)
{
	Datum		values[STORE_MAX_COLUMNS] = {grant->key, grant->principal};
	bool		nulls[STORE_MAX_COLUMNS] = {false};
	bool		found;

	access_store_find(grants, 2, values);
	found = access_store_next(grants);
	if (nothing_left)
	{
		if (found)
			access_store_delete(grants, &grants->slot->tts_tid);
		return;
	}
	nulls[GRANT_GRANTED_BY - 1] = granted_by == NULL;
	if (granted_by != NULL)
		values[GRANT_GRANTED_BY - 1] = CStringGetTextDatum(granted_by);
	values[GRANT_GRANTED_AT - 1] = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
	if (found)
		access_store_update(grants, &grants->slot->tts_tid, values, nulls);
	else
		access_store_insert(grants, values, nulls);
}

void
cascade_grant_set(Granting *granting, DirectGrant *grant, bool owns, int32 mask, const char *granted_by)
{
	Effects    *effects = granting->effects;
	ModelTable *table = granting->table->table;
	int32		lost = grant->had & ~mask;

	if (grant->had == mask)
		return;
	if (grant->had != 0)
		access_store_set_mask(granting->entries, &grant->entry, mask);
	else
		access_store_insert_entry(granting->entries, grant->key, grant->principal, 0, CAUSE_DIRECT, mask);
	if (mask == 0 || (mask & ~grant->had) != 0)
		record_grant(granting->grants, grant, mask == 0, granted_by);

	cascade_effects_touch(effects, granting->table, grant->key, grant->principal);
	cascade_effects_gain(effects, table, GAIN_SHARE, grant->key, grant->principal, mask & ~grant->had);
	cascade_effects_lost(effects, table, LOSS_UNSHARE, grant->key, grant->principal,
						 owns ? lost & ~RIGHTS_ALL : lost);
}
