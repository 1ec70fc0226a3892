/*
 * going.c
 *		What this transaction has dropped or renamed, and relmeta's own event
 *		triggers have not been told yet.
 *
 * Event triggers fire in order of name, and somebody else's may come before
 * relmeta's and change rows of registered tables.  Then the catalog speaks of a
 * table or a column that is not there; unlike what a restore has left behind,
 * it is no fault, and about to be put right.  The old versions of the rows of
 * pg_class and pg_attribute tell the one from the other: they are dead by this
 * transaction's own hand.
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "model/internal.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

/* Was this version of a row updated or deleted by us? */
static bool
ended_here(HeapTuple tuple)
{
	return (tuple->t_data->t_infomask & HEAP_XMAX_INVALID) == 0 &&
		!HEAP_XMAX_IS_LOCKED_ONLY(tuple->t_data->t_infomask) &&
		TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetUpdateXid(tuple->t_data));
}

bool
model_going_table(Oid relid)
{
	Relation	rel = table_open(RelationRelationId, AccessShareLock);
	ScanKeyData skey;
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		going = false;

	ScanKeyInit(&skey, Anum_pg_class_oid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(rel, ClassOidIndexId, true, SnapshotAny, 1, &skey);
	while (!going && HeapTupleIsValid(tuple = systable_getnext(scan)))
		going = ended_here(tuple);
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return going;
}

/* The number that a column of this name had when this transaction began. */
static AttrNumber
former_column(Oid relid, const char *name)
{
	Relation	rel = table_open(AttributeRelationId, AccessShareLock);
	AttrNumber	attnum = InvalidAttrNumber;
	ScanKeyData skey;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&skey, Anum_pg_attribute_attrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(rel, AttributeRelidNumIndexId, true, SnapshotAny, 1, &skey);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_attribute att = (Form_pg_attribute) GETSTRUCT(tuple);

		if (!att->attisdropped && strcmp(NameStr(att->attname), name) == 0 && ended_here(tuple))
			attnum = att->attnum;
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return attnum;
}

char *
model_going_column(Oid relid, const char *name, bool *dropped)
{
	AttrNumber	attnum = former_column(relid, name);
	HeapTuple	tuple;
	char	   *now = NULL;

	*dropped = attnum != InvalidAttrNumber;
	if (attnum == InvalidAttrNumber)
		return NULL;
	tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relid), Int16GetDatum(attnum));
	if (!HeapTupleIsValid(tuple))
		return NULL;
	*dropped = ((Form_pg_attribute) GETSTRUCT(tuple))->attisdropped;
	if (!*dropped)
		now = pstrdup(NameStr(((Form_pg_attribute) GETSTRUCT(tuple))->attname));
	ReleaseSysCache(tuple);
	return now;
}
