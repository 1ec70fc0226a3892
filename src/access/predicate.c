/*
 * predicate.c
 *		What a principal holds on a row: the one predicate behind has_access,
 *		principal_access and explain_access.
 *
 * Rows and entries are read with the active snapshot by index scans of our own,
 * so that no statement is planned or run: an ordinary table's row by its
 * primary key, entries by theirs.  Nothing is kept between calls.
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/genam.h"
#include "access/skey.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_am.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"

static void
equality(ScanKey key, AttrNumber column, ModelType *type, Oid collation, Datum value)
{
	ScanKeyEntryInitializeWithInfo(key, 0, column, BTEqualStrategyNumber, InvalidOid, collation, &type->eq_finfo,
								   value);
}

/* The primary key's index, open, if the type's own equality can scan it; else NULL. */
static Relation
open_key_index(Relation rel, ModelType *type)
{
	Relation	index;

	list_free(RelationGetIndexList(rel));
	if (!OidIsValid(rel->rd_pkindex))
		return NULL;
	index = index_open(rel->rd_pkindex, AccessShareLock);
	if (index->rd_rel->relam == BTREE_AM_OID && op_in_opfamily(type->eqop, index->rd_opfamily[0]))
		return index;
	index_close(index, AccessShareLock);
	return NULL;
}

/* SELECT t.owner FROM s.t AS t WHERE t.id = $1, as the table's owner: for tables without such an index */
static bool
read_row_by_query(ModelTable *table, Datum key, Datum *owner, bool *owner_null)
{
	Oid			type = table->key.type.base_type;
	MemoryContext caller = CurrentMemoryContext;
	char	   *sql = psprintf("SELECT %s%s FROM %s AS t WHERE t.%s %s $1%s", table->owner.name ? "t." : "NULL",
							   table->owner.name ? table->owner.sql_name : "", table->sql_name,
							   table->key.sql_name, table->key.type.sql_eq, table->key.type.sql_collate);
	Oid			save_userid;
	int			save_sec_context;
	int			spi;
	bool		found;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	GetUserIdAndSecContext(&save_userid, &save_sec_context);
	SetUserIdAndSecContext(table->relowner,
						   save_sec_context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_NOFORCE_RLS);
	spi = SPI_execute_with_args(sql, 1, &type, &key, NULL, true, 1);
	SetUserIdAndSecContext(save_userid, save_sec_context);
	if (spi != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args returned %s", SPI_result_code_string(spi));
	found = SPI_processed > 0;
	if (found)
	{
		Datum		value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, owner_null);

		if (table->owner.name != NULL && !*owner_null)
		{
			MemoryContext old = MemoryContextSwitchTo(caller);

			*owner = datumCopy(value, table->owner.type.typbyval, table->owner.type.typlen);
			MemoryContextSwitchTo(old);
		}
	}
	SPI_finish();
	return found;
}

bool
access_read_row(ModelTable *table, Datum key, Datum *owner, bool *owner_null)
{
	Relation	rel;
	Relation	index;
	ScanKeyData scankey;
	IndexScanDesc scan;
	TupleTableSlot *slot;
	bool		found;

	*owner_null = true;
	if (table->is_partitioned)
		return read_row_by_query(table, key, owner, owner_null);
	rel = table_open(table->relid, AccessShareLock);
	index = open_key_index(rel, &table->key.type);
	if (index == NULL)
	{
		table_close(rel, AccessShareLock);
		return read_row_by_query(table, key, owner, owner_null);
	}

	slot = table_slot_create(rel, NULL);
	equality(&scankey, 1, &table->key.type, index->rd_indcollation[0], key);
	scan = relmeta_index_beginscan(rel, index, GetActiveSnapshot(), 1);
	index_rescan(scan, &scankey, 1, NULL, 0);
	found = index_getnext_slot(scan, ForwardScanDirection, slot);
	if (found && table->owner.name != NULL)
	{
		Datum		value = slot_getattr(slot, table->owner.attnum, owner_null);

		if (!*owner_null)
			*owner = datumCopy(value, table->owner.type.typbyval, table->owner.type.typlen);
	}
	index_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	index_close(index, AccessShareLock);
	table_close(rel, AccessShareLock);
	return found;
}

void
access_read_entries(ModelTable *table, Datum key, List *principals, int32 *direct, int32 *inherited)
{
	Relation	rel;
	Relation	index;
	IndexScanDesc scan;
	TupleTableSlot *slot;
	ListCell   *lc;

	*direct = *inherited = 0;
	if (!OidIsValid(table->entry_relid) || principals == NIL)
		return;
	rel = table_open(table->entry_relid, AccessShareLock);
	index = open_key_index(rel, &table->key.type);
	if (index == NULL)
		elog(ERROR, "entry table %u has no usable primary key", table->entry_relid);
	slot = table_slot_create(rel, NULL);
	scan = relmeta_index_beginscan(rel, index, GetActiveSnapshot(), 2);
	foreach(lc, principals)
	{
		ScanKeyData scankeys[2];
		Datum		principal;

		if (!model_principal_cast(lfirst(lc), &table->principal, &principal))
			continue;
		equality(&scankeys[0], 1, &table->key.type, index->rd_indcollation[0], key);
		equality(&scankeys[1], 2, &table->principal, index->rd_indcollation[1], principal);
		index_rescan(scan, scankeys, 2, NULL, 0);
		while (index_getnext_slot(scan, ForwardScanDirection, slot))
		{
			bool		isnull;
			char		cause = DatumGetChar(slot_getattr(slot, ENTRY_CAUSE, &isnull));
			int32		mask = DatumGetInt32(slot_getattr(slot, ENTRY_MASK, &isnull));

			if (cause == CAUSE_DIRECT)
				*direct |= mask;
			else
				*inherited |= mask;
		}
	}
	index_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	index_close(index, AccessShareLock);
	table_close(rel, AccessShareLock);
}

int32
access_effective(ModelTable *table, Datum key, List *principals, bool *exists)
{
	Datum		owner = (Datum) 0;
	bool		owner_null;
	int32		direct;
	int32		inherited;
	ListCell   *lc;

	*exists = access_read_row(table, key, &owner, &owner_null);
	if (!*exists)
		return 0;
	access_read_entries(table, key, principals, &direct, &inherited);
	if (!owner_null)
	{
		foreach(lc, principals)
		{
			Datum		principal;

			if (model_principal_cast(lfirst(lc), &table->owner.type, &principal) &&
				model_type_equal(&table->owner.type, owner, principal))
				return direct | inherited | RIGHTS_ALL;
		}
	}
	return direct | inherited;
}

/* SELECT FROM s.t AS t WHERE t.id = $1, as the caller, whose policies decide */
static bool
visible_to_caller(ModelTable *table, Datum key)
{
	Oid			type = table->key.type.base_type;
	char	   *sql = psprintf("SELECT FROM %s AS t WHERE t.%s %s $1%s", table->sql_name, table->key.sql_name,
							   table->key.type.sql_eq, table->key.type.sql_collate);
	bool		found;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	found = SPI_execute_with_args(sql, 1, &type, &key, NULL, true, 1) == SPI_OK_SELECT && SPI_processed > 0;
	SPI_finish();
	return found;
}

bool
access_may_read(ModelTable *table, Datum key)
{
	if (!access_may_select(table))
		return false;
	return check_enable_rls(table->relid, InvalidOid, true) != RLS_ENABLED || visible_to_caller(table, key);
}

bool
access_is_unlimited(ModelTable *table)
{
	return relmeta_principal[0] == '\0' &&
		(relmeta_owns_relation(table->relid, GetUserId()) || has_bypassrls_privilege(GetUserId()));
}
