/*
 * owner_scan.c
 *		Does somebody own rows of a table whose owner's code does not let a statement find out?
 *
 * A statement plans with what the table's owner hung on it: a function in an index is called, and may raise an error.
 * Where that is so the rows are read one by one, and nothing but the owner type's functions is called: nobody keeps a
 * principal from being dropped by what he hangs on a table of his (SEMANTICS 2.1).
 */
#include "relmeta.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "attempt.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "model/internal.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

typedef struct OwnerLook
{
	ModelTable *table;
	ArrayType  *owners;
	char	   *found;
} OwnerLook;

/*
 *	SELECT t.owner FROM s.t AS t WHERE t.owner = ANY ($1)
 */
static void
look_by_statement(void *arg)
{
	OwnerLook  *look = arg;
	ModelColumn *owner = &look->table->owner;
	Datum		value = PointerGetDatum(look->owners);

	look->found = model_query_first(look->table->relid,
									psprintf("SELECT t.%s FROM %s AS t WHERE t.%s%s %s ANY ($1)", owner->sql_name,
											 look->table->sql_name, owner->sql_name, owner->type.sql_collate,
											 owner->type.sql_eq), 1, &owner->type.array_type, &value);
}

/* Is it one of them? */
static bool
is_among(ModelType *type, Datum value, Datum *owners, int n)
{
	for (int i = 0; i < n; i++)
		if (model_type_equal(type, value, owners[i]))
			return true;
	return false;
}

/* The first row of a table or a partition, which is locked, that one of n owners has. */
static void
look_at_rows(OwnerLook *look, Oid relid, Snapshot snapshot, Datum *owners, int n)
{
	ModelType  *type = &look->table->owner.type;
	AttrNumber	attnum = get_attnum(relid, look->table->owner.name);
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "relmeta owner", ALLOCSET_SMALL_SIZES);
	Relation	rel = table_open(relid, NoLock);
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	TableScanDesc scan = table_beginscan(rel, snapshot, 0, NULL);

	while (look->found == NULL && table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		MemoryContext outer = MemoryContextSwitchTo(scratch);
		bool		isnull;
		Datum		value = slot_getattr(slot, attnum, &isnull);
		bool		found = !isnull && is_among(type, value, owners, n);

		MemoryContextSwitchTo(outer);
		if (found)
			look->found = model_type_output(type, value);
		MemoryContextReset(scratch);
		CHECK_FOR_INTERRUPTS();
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	table_close(rel, NoLock);
	MemoryContextDelete(scratch);
}

static void
look_by_scan(OwnerLook *look)
{
	ModelType  *type = &look->table->owner.type;
	Datum	   *owners;
	int			n;
	Snapshot	snapshot;
	ListCell   *lc;

	deconstruct_array(look->owners, type->base_type, type->typlen, type->typbyval, type->typalign, &owners, NULL, &n);
	CommandCounterIncrement();
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	foreach(lc, find_all_inheritors(look->table->relid, AccessShareLock, NULL))
	{
		if (look->found == NULL && get_rel_relkind(lfirst_oid(lc)) == RELKIND_RELATION)
			look_at_rows(look, lfirst_oid(lc), snapshot, owners, n);
	}
	UnregisterSnapshot(snapshot);
}

char *
model_owner_of_rows(ModelTable *table, ArrayType *owners)
{
	OwnerLook	look = {table, owners, NULL};

	if (relmeta_attempt_look(look_by_statement, &look) != NULL)
	{
		look.found = NULL;
		look_by_scan(&look);
	}
	return look.found;
}
