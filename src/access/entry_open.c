/*
 * entry_open.c
 *		Opening an entry table, and looking whether there is one and anything in it; see access.h.
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/table.h"
#include "model/key.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"

Relation
access_entries_open(ModelTable *table, LOCKMODE lockmode)
{
	Relation	rel = OidIsValid(table->entry_relid) ? try_table_open(table->entry_relid, lockmode) : NULL;
	TupleDesc	desc;

	if (rel == NULL)
		return NULL;
	desc = RelationGetDescr(rel);
	if (TupleDescAttr(desc, ENTRY_OBJECT - 1)->atttypid != model_key_param(table, false) ||
		TupleDescAttr(desc, ENTRY_PRINCIPAL - 1)->atttypid != model_principal(table)->base_type)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("key or owner of table %s have got another type meanwhile", table->sql_name),
				 errhint("Run the transaction again.")));
	return rel;
}

void
access_entries_hold(ModelTable *table)
{
	Relation	rel = access_entries_open(table, AccessShareLock);

	if (rel != NULL)
		table_close(rel, NoLock);
}

bool
access_entries_exist(ModelTable *table)
{
	return OidIsValid(table->entry_relid) || model_look_for_entries(table);
}

/* closing: what becomes of the lock where it is empty */
static bool
look_whether_empty(ModelTable *table, LOCKMODE closing)
{
	Relation	rel;
	bool		empty;

	if (!OidIsValid(table->entry_relid))
		return true;

	/*
	 * another session may have dropped the table, and committed while we
	 * waited for the lock; or a savepoint that had made it was rolled back,
	 * and perhaps another one made
	 */
	rel = try_table_open(table->entry_relid, AccessShareLock);
	if (rel == NULL && model_look_for_entries(table))
		rel = try_table_open(table->entry_relid, AccessShareLock);
	if (rel == NULL)
		return true;
	empty = RelationGetNumberOfBlocks(rel) == 0;
	table_close(rel, empty ? closing : NoLock);
	return empty;
}

bool
access_entries_empty(ModelTable *table)
{
	return look_whether_empty(table, NoLock);
}

bool
access_entries_empty_unlocked(ModelTable *table)
{
	return look_whether_empty(table, AccessShareLock);
}
