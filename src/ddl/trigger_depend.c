/*
 * trigger_depend.c
 *		As whom relmeta's triggers are made, and what they depend on.
 *
 * A condition makes its trigger depend on the columns that it names, so that
 * DROP COLUMN would ask for CASCADE because of a trigger that the user did not
 * make.  Depending on them automatically, the trigger goes with the column, and
 * the event trigger (event/drop.c) makes it anew for the columns that are left.
 */
#include "ddl/ddl.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_class.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

Oid
ddl_trigger_maker(Oid relid)
{
	Oid			owner = relmeta_relation_owner(relid);
	ListCell   *lc;

	foreach(lc, find_all_inheritors(relid, NoLock, NULL))
	{
		if (pg_class_aclcheck(lfirst_oid(lc), owner, ACL_TRIGGER) != ACLCHECK_OK)
			return InvalidOid;
	}
	return relid;
}

/*
 * As ALTER TRIGGER t ON s.t DEPENDS ON EXTENSION relmeta, which locks the
 * extension against everybody else who declares something.
 */
void
ddl_trigger_depend_on_extension(Oid relid, const char *name)
{
	ObjectAddress trigger;
	ObjectAddress extension;

	ObjectAddressSet(trigger, TriggerRelationId, get_trigger_oid(relid, name, false));
	ObjectAddressSet(extension, ExtensionRelationId, relmeta_extension_oid());
	/* nobody drops it before we commit */
	LockDatabaseObject(ExtensionRelationId, extension.objectId, 0, AccessShareLock);
	if (!list_member_oid(getAutoExtensionsOfObject(TriggerRelationId, trigger.objectId), extension.objectId))
		recordDependencyOn(&trigger, &extension, DEPENDENCY_AUTO_EXTENSION);
	CommandCounterIncrement();
}

static void
relax_dependencies(Oid trigger)
{
	Relation	rel = table_open(DependRelationId, RowExclusiveLock);
	ScanKeyData skey[2];
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&skey[0], Anum_pg_depend_classid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(TriggerRelationId));
	ScanKeyInit(&skey[1], Anum_pg_depend_objid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(trigger));
	scan = systable_beginscan(rel, DependDependerIndexId, true, NULL, 2, skey);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_depend form = (Form_pg_depend) GETSTRUCT(tuple);

		if (form->refclassid != RelationRelationId || form->refobjsubid == 0 || form->deptype != DEPENDENCY_NORMAL)
			continue;
		tuple = heap_copytuple(tuple);
		((Form_pg_depend) GETSTRUCT(tuple))->deptype = DEPENDENCY_AUTO;
		CatalogTupleUpdate(rel, &tuple->t_self, tuple);
	}
	systable_endscan(scan);
	table_close(rel, RowExclusiveLock);
}

static bool
is_ours(Form_pg_trigger form)
{
	return get_func_namespace(form->tgfoid) == relmeta_schema_oid();
}

/* Of one relation; clones too. */
void
ddl_triggers_relax(Oid relid)
{
	Relation	rel = table_open(TriggerRelationId, AccessShareLock);
	ScanKeyData skey;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&skey, Anum_pg_trigger_tgrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(rel, TriggerRelidNameIndexId, true, NULL, 1, &skey);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_trigger form = (Form_pg_trigger) GETSTRUCT(tuple);

		if (is_ours(form))
			relax_dependencies(form->oid);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
}

/*
 * The relation of a trigger that is relmeta's, or whose name was one's until
 * CREATE OR REPLACE TRIGGER in this transaction; else InvalidOid.  Of what was
 * replaced nothing tells but the dead version of its row: names are the users'.
 */
static Oid
relation_of_ours(Oid trigger, bool *is_ours_now)
{
	Relation	rel = table_open(TriggerRelationId, AccessShareLock);
	ScanKeyData skey;
	SysScanDesc scan;
	HeapTuple	tuple;
	Oid			relid = InvalidOid;

	*is_ours_now = false;
	ScanKeyInit(&skey, Anum_pg_trigger_oid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(trigger));
	scan = systable_beginscan(rel, TriggerOidIndexId, true, SnapshotAny, 1, &skey);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_trigger form = (Form_pg_trigger) GETSTRUCT(tuple);
		uint16		infomask = tuple->t_data->t_infomask;
		bool		was_replaced = !(infomask & HEAP_XMAX_INVALID) && !HEAP_XMAX_IS_LOCKED_ONLY(infomask) &&
		TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetUpdateXid(tuple->t_data));

		if (form->oid != trigger || !is_ours(form))
			continue;
		relid = form->tgrelid;
		*is_ours_now |= !was_replaced;
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return relid;
}

/*
 * CREATE TRIGGER asks for the privilege TRIGGER only.  Who holds that would put
 * a function of his own in the place of one that judges, or hang up one that
 * judges nothing, WHEN (false), before relmeta makes its own.
 */
static void
check_owns(Oid relid)
{
	if (!relmeta_owns_relation(relid, GetUserId()))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of table %s to create or replace a trigger of relmeta's", get_rel_name(relid)),
				 errhint("Choose another name for the trigger, and a function that is not relmeta's.")));
}

void
ddl_trigger_created(Oid trigger)
{
	bool		is_ours_now;
	Oid			relid = relation_of_ours(trigger, &is_ours_now);
	ListCell   *lc;

	if (!OidIsValid(relid))
		return;
	check_owns(relid);
	if (!is_ours_now || ddl_is_running())
		return;
	foreach(lc, find_all_inheritors(relid, NoLock, NULL))
		ddl_triggers_relax(lfirst_oid(lc));
}
