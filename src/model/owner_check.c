/*
 * owner_check.c
 *		Owners that are no principals, whoever let them in, and such as a domain refuses by now: for verify().
 */
#include "relmeta.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "model/internal.h"
#include "utils/memutils.h"
#include "utils/portal.h"
#include "utils/snapmgr.h"

#define OWNERS_AT_ONCE 1000

/* SELECT DISTINCT t.owner FROM s.t AS t WHERE t.owner IS NOT NULL, with the latest snapshot */
static Portal
open_owners(ModelTable *table)
{
	ActingAs	saved = relmeta_act_begin_on(table->relid, NoLock, ACT_RESTRICTED);
	char	   *sql = psprintf("SELECT DISTINCT t.%s FROM %s AS t WHERE t.%s IS NOT NULL", table->owner.sql_name,
							   table->sql_name, table->owner.sql_name);
	SPIPlanPtr	plan = SPI_prepare(sql, 0, NULL);
	Portal		portal;

	if (plan == NULL)
		elog(ERROR, "SPI_prepare returned %s for %s", SPI_result_code_string(SPI_result), sql);
	CommandCounterIncrement();
	PushActiveSnapshot(GetLatestSnapshot());
	portal = SPI_cursor_open(NULL, plan, NULL, NULL, true);
	PopActiveSnapshot();
	relmeta_act_end(saved);
	return portal;
}

/* The next owners, in SPI_tuptable; false when there are none any more. */
static bool
fetch_owners(ModelTable *table, Portal portal)
{
	ActingAs	saved = relmeta_act_begin_on(table->relid, NoLock, ACT_RESTRICTED);

	SPI_cursor_fetch(portal, true, OWNERS_AT_ONCE);
	relmeta_act_end(saved);
	return SPI_processed > 0;
}

typedef bool (*OwnerIs) (ModelType *type, Datum owner, const char *principal);

/* How many owners of rows are such, and one of them.  principal is the one that the owner's value means, or NULL. */
static int64
count_owners(ModelTable *table, OwnerIs is_such, char **example)
{
	ModelType  *type = &table->owner.type;
	MemoryContext outer = CurrentMemoryContext;
	MemoryContext batch = AllocSetContextCreate(outer, "relmeta owners of rows", ALLOCSET_DEFAULT_SIZES);
	int64		count = 0;
	Portal		portal;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	portal = open_owners(table);
	while (fetch_owners(table, portal))
	{
		SPITupleTable *owners = SPI_tuptable;
		uint64		n = SPI_processed;

		MemoryContextSwitchTo(batch);
		for (uint64 i = 0; i < n; i++)
		{
			bool		isnull;
			Datum		owner = SPI_getbinval(owners->vals[i], owners->tupdesc, 1, &isnull);
			char	   *principal = model_principal_named(type, owner);

			CHECK_FOR_INTERRUPTS();
			if (is_such(type, owner, principal) && count++ == 0)
				*example = MemoryContextStrdup(outer, principal ? principal : model_type_output(type, owner));
		}
		SPI_freetuptable(owners);
		MemoryContextReset(batch);
	}
	SPI_cursor_close(portal);
	SPI_finish();
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(batch);
	return count;
}

static bool
is_unknown(ModelType *type, Datum owner, const char *principal)
{
	return principal == NULL;
}

int64
model_owners_unknown(ModelTable *table, char **example)
{
	return count_owners(table, is_unknown, example);
}

static bool
is_refused(ModelType *type, Datum owner, const char *principal)
{
	Datum		value;

	return principal != NULL && !model_principal_cast(principal, type, &value);
}

int64
model_owners_refused(ModelTable *table, char **example)
{
	return table->owner.type.type == table->owner.type.base_type ? 0 : count_owners(table, is_refused, example);
}
