/*
 * orphan.c
 *		Entries that nobody can account for: of rows, principals or relationships
 *		that are not there.  For verify() and repair().
 *
 * relmeta's own triggers leave none.  They come of changes that it did not see
 * (session_replication_role, disabled triggers, a restore in parts), and would
 * come to life with the next row of the same key, or principal of the same name.
 *
 * Entries are read as the extension's owner, the table, which is locked, as its
 * own, some keys at a time, with the latest snapshot.
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "model/key.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/portal.h"
#include "utils/snapmgr.h"

#define VALUES_AT_ONCE 10000

/* The values of one column of an entry table, those at hand. */
typedef struct Values
{
	ModelType  *type;
	int			n;
	Datum	   *values;
} Values;

/* Of these, only those that are not there. */
typedef void (*KeepOrphans) (ModelTable *table, Values *values);

/*
 * Those that no row has.
 *
 *	SELECT k.n FROM pg_catalog.unnest($1) WITH ORDINALITY AS k(key, n)
 *	WHERE NOT EXISTS (SELECT FROM s.t AS t WHERE t.id = k.key)
 */
static void
keep_missing_rows(ModelTable *table, Values *values)
{
	Oid			type = model_key_param(table, true);
	Datum		keys = model_key_array(table, values->values, values->n);
	MemoryContext cxt = CurrentMemoryContext;
	ActingAs	saved = relmeta_act_begin_on(table->relid, NoLock, ACT_RESTRICTED);
	char	   *sql = psprintf("SELECT k.n FROM pg_catalog.unnest($1) WITH ORDINALITY AS k(key, n)"
							   " WHERE NOT EXISTS (SELECT FROM %s AS t WHERE %s) ORDER BY 1",
							   table->sql_name, model_key_is(table, "t", "k.key"));
	int			result = SPI_execute_with_args(sql, 1, &type, &keys, NULL, true, 0);

	MemoryContextSwitchTo(cxt);
	relmeta_act_end(saved);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args returned %s", SPI_result_code_string(result));
	values->n = (int) SPI_processed;
	for (int i = 0; i < values->n; i++)
	{
		bool		isnull;
		int64		place = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull));

		values->values[i] = values->values[place - 1];
	}
	SPI_freetuptable(SPI_tuptable);
}

static void
keep_missing_principals(ModelTable *table, Values *values)
{
	int			n = 0;

	for (int i = 0; i < values->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (model_principal_named(model_principal(table), values->values[i]) == NULL)
			values->values[n++] = values->values[i];
	}
	values->n = n;
}

static void
keep_missing_relationships(ModelTable *table, Values *values)
{
	Model	   *model = model_current();
	int			n = 0;

	for (int i = 0; i < values->n; i++)
	{
		int			id = DatumGetInt32(values->values[i]);

		if (id != 0 && model_relationship_by_id(model, id) == NULL)
			values->values[n++] = values->values[i];
	}
	values->n = n;
}

/*
 * The statement of a cursor over the values of a column:
 *
 *	SELECT DISTINCT e.object FROM relmeta_access.t AS e
 */
static Portal
open_values(ModelTable *table, const char *column)
{
	ActingAs	saved = relmeta_act_begin(relmeta_extension_owner(), ACT_RESTRICTED);
	char	   *sql = psprintf("SELECT DISTINCT e.%s FROM %s AS e", column, table->entry_sql);
	SPIPlanPtr	plan = SPI_prepare(sql, 0, NULL);
	Portal		portal;

	if (plan == NULL)
		elog(ERROR, "SPI_prepare returned %s for %s", SPI_result_code_string(SPI_result), sql);
	portal = SPI_cursor_open(NULL, plan, NULL, NULL, true);
	relmeta_act_end(saved);
	return portal;
}

/* The next values; false when there are none any more. */
static bool
fetch_values(Portal portal, Values *values)
{
	MemoryContext cxt = CurrentMemoryContext;
	ActingAs	saved = relmeta_act_begin(relmeta_extension_owner(), ACT_RESTRICTED);

	SPI_cursor_fetch(portal, true, VALUES_AT_ONCE);
	MemoryContextSwitchTo(cxt);
	relmeta_act_end(saved);
	values->n = (int) SPI_processed;
	for (int i = 0; i < values->n; i++)
	{
		bool		isnull;

		values->values[i] = datumCopy(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull),
									  values->type->typbyval, values->type->typlen);
	}
	SPI_freetuptable(SPI_tuptable);
	return values->n > 0;
}

/*
 * DELETE FROM relmeta_access.t AS e USING pg_catalog.unnest($1) AS k(value) WHERE e.object = k.value
 */
static void
drop_values(ModelTable *table, const char *column, Values *values)
{
	MemoryContext cxt = CurrentMemoryContext;
	ModelType  *type = values->type;
	Datum		array = model_type_array(type, values->values, values->n);
	ActingAs	saved = relmeta_act_begin(relmeta_extension_owner(), ACT_RESTRICTED);
	char	   *sql = psprintf("DELETE FROM %s AS e USING pg_catalog.unnest($1) AS k(value) WHERE e.%s %s k.value%s",
							   table->entry_sql, column, type->sql_eq, type->sql_collate);
	int			result = SPI_execute_with_args(sql, 1, &type->array_type, &array, NULL, false, 0);

	MemoryContextSwitchTo(cxt);
	relmeta_act_end(saved);
	if (result != SPI_OK_DELETE)
		elog(ERROR, "SPI_execute_with_args returned %s", SPI_result_code_string(result));
}

/* One column's orphans: how many values, and the text of one; with drop, they go. */
static void
each_orphan(ModelTable *table, const char *column, ModelType *type, KeepOrphans keep, bool drop, Orphans *orphans)
{
	MemoryContext batch = AllocSetContextCreate(CurrentMemoryContext, "relmeta orphans", ALLOCSET_DEFAULT_SIZES);
	MemoryContext outer = CurrentMemoryContext;
	Portal		portal = open_values(table, column);
	Values		values = {.type = type};
	bool		more;

	do
	{
		MemoryContextReset(batch);
		MemoryContextSwitchTo(batch);
		values.values = palloc(VALUES_AT_ONCE * sizeof(Datum));
		more = fetch_values(portal, &values);
		if (more)
			keep(table, &values);
		if (values.n > 0 && orphans->count == 0)
			orphans->example = MemoryContextStrdup(outer, model_type_output(type, values.values[0]));
		if (values.n > 0 && drop)
			drop_values(table, column, &values);
		orphans->count += values.n;
	} while (more);
	MemoryContextSwitchTo(outer);
	SPI_cursor_close(portal);
	MemoryContextDelete(batch);
}

static void
all_orphans(ModelTable *table, bool drop, Orphans orphans[ORPHAN_KINDS])
{
	ModelType	number;
	MemoryContext caller = CurrentMemoryContext;

	memset(orphans, 0, ORPHAN_KINDS * sizeof(Orphans));
	if (access_entries_empty(table))
		return;
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	MemoryContextSwitchTo(caller);
	access_entries_hold(table);
	CommandCounterIncrement();
	PushActiveSnapshot(GetLatestSnapshot());
	model_type_fill(&number, INT4OID, -1, InvalidOid);
	each_orphan(table, "object", model_key_type(table), keep_missing_rows, drop, &orphans[ORPHAN_ROW]);
	each_orphan(table, "principal", model_principal(table), keep_missing_principals, drop, &orphans[ORPHAN_PRINCIPAL]);
	each_orphan(table, "relationship", &number, keep_missing_relationships, drop, &orphans[ORPHAN_RELATIONSHIP]);
	PopActiveSnapshot();
	SPI_finish();
}

void
access_orphans_find(ModelTable *table, Orphans orphans[ORPHAN_KINDS])
{
	all_orphans(table, false, orphans);
}

void
access_orphans_drop(ModelTable *table)
{
	Orphans		orphans[ORPHAN_KINDS];

	all_orphans(table, true, orphans);
}
