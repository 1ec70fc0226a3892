/*
 * partition.c
 *		Partitions that come, and that leave: attached, detached, dropped
 *		(SEMANTICS 3.5, ARCHITECTURE section 4).
 *
 * Whatever is done to rows is done as their tables' owners, restricted.  Where
 * relmeta's triggers do not stand on a partition, as while a dump is restored with
 * --clean, nobody guards lookups to its rows.
 *
 * A partition that DROP TABLE names is looked at before it is dropped: the keys of
 * its rows wait for the sql_drop event in "dropping".  They live in the memory
 * context of the subtransaction and go with it; whatever drops the partition
 * otherwise is judged by what is left of its table.
 */
#include "ddl/event/event.h"
#include "ddl/intersect/intersect.h"
#include "ddl/policy.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "cascade/cascade.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "miscadmin.h"
#include "model/source.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* a partition that DROP TABLE names */
typedef struct Leaving
{
	struct Leaving *next;
	MemoryContext cxt;
	Oid			relid;
	bool		guarded;		/* relmeta's triggers stand on it */
	struct RowList *keys;		/* of its rows; NULL: not asked for */
} Leaving;

static Leaving *dropping = NULL;

/* The registered table, when it can be used. */
static ModelTable *
usable_table(Model *model, Oid root)
{
	ModelTable *table = OidIsValid(root) ? model_table(model, root) : NULL;

	return table == NULL || table->broken ? NULL : table;
}

/* Tables that principals or memberships come from, among a partition's ancestors. */
static void
sync_sources(List *relids)
{
	ListCell   *lc;

	foreach(lc, relids)
	{
		if ((model_known(lfirst_oid(lc)) & KNOWN_SOURCE) == 0)
			continue;
		LockRelationOid(lfirst_oid(lc), ShareRowExclusiveLock);
		model_source_fill(lfirst_oid(lc), false);
	}
}

static List *
with_ancestors(Oid relid)
{
	return get_rel_relispartition(relid) ? lcons_oid(relid, get_partition_ancestors(relid)) : list_make1_oid(relid);
}

/* ---- that come ---- */

static char *
partition_problem(Oid relid)
{
	ListCell   *lc;

	if (model_known(relid) & KNOWN_REGISTERED)
		return "it is registered itself";
	foreach(lc, find_all_inheritors(relid, NoLock, NULL))
	{
		if (get_rel_relkind(lfirst_oid(lc)) == RELKIND_FOREIGN_TABLE)
			return "it is a foreign table";
		if (get_rel_persistence(lfirst_oid(lc)) == RELPERSISTENCE_UNLOGGED)
			return "it is an unlogged table";
	}
	return NULL;
}

/* The N:N relationship whose intersect table is partitioned so; NULL when there is none. */
static ModelIntersect *
intersect_of_root(List *ancestors)
{
	if (ancestors == NIL || (model_known(llast_oid(ancestors)) & KNOWN_INTERSECT) == 0)
		return NULL;
	return model_intersect_by_table(ddl_model(), llast_oid(ancestors));
}

void
ddl_event_partition_came(Oid relid)
{
	List	   *ancestors = get_partition_ancestors(relid);
	Oid			root = ancestors == NIL ? InvalidOid : ddl_event_registered_root(linitial_oid(ancestors));
	ActingAs	saved;

	if (OidIsValid(root))
	{
		char	   *problem = partition_problem(relid);

		if (problem)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("\"%s\" cannot be a partition of \"%s\", which is registered: %s",
							get_rel_name(relid), get_rel_name(root), problem),
					 errhint("Use an ordinary table, or call relmeta.unregister_table() first.")));
		saved = relmeta_act_begin_on(relid, NoLock, ACT_RESTRICTED);
		ddl_triggers_sync_partition(model_table_required(ddl_model(), root), relid);
		relmeta_act_end(saved);
	}
	else if (intersect_of_root(ancestors) != NULL)
	{
		saved = relmeta_act_begin_on(relid, NoLock, ACT_RESTRICTED);
		ddl_link_policies_sync(intersect_of_root(ancestors), relid);
		relmeta_act_end(saved);
	}
	if (OidIsValid(ddl_source_root(relid)))
	{
		ddl_event_check_source_partition(relid);
		saved = relmeta_act_begin_on(relid, NoLock, ACT_RESTRICTED);
		ddl_source_triggers_sync(relid);
		relmeta_act_end(saved);
	}
}

void
ddl_event_partition_attached(Oid relid)
{
	Model	   *model;
	ModelTable *table;
	ActingAs	saved;

	if (!OidIsValid(relid) || !get_rel_relispartition(relid) || get_rel_relkind(relid) == RELKIND_INDEX ||
		get_rel_relkind(relid) == RELKIND_PARTITIONED_INDEX)
		return;					/* an index may be attached too */
	ddl_event_partition_came(relid);
	sync_sources(get_partition_ancestors(relid));
	model = ddl_model();
	table = usable_table(model, ddl_event_registered_root(relid));
	if (table == NULL)
		return;
	saved = relmeta_act_begin(GetUserId(), ACT_RESTRICTED);
	cascade_partition_entered(model, table, relid);
	relmeta_act_end(saved);

	/*
	 * it may be the end of links already, also of those that were controlled
	 * when it was detached
	 */
	ddl_links_of_end_sync(relid);
}

/* ---- that are detached ---- */

void
ddl_event_detach_starts(Oid relid, PartitionCmd * cmd)
{
	Oid			root;
	Oid			source;

	if (!cmd->concurrent || !OidIsValid(relid) || !relmeta_owns_relation(relid, GetUserId()))
		return;
	root = ddl_event_registered_root(relid);
	source = OidIsValid(root) ? InvalidOid : ddl_source_root(relid);
	if (!OidIsValid(root) && !OidIsValid(source))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot detach a partition of \"%s\" concurrently: it is registered",
					get_rel_name(OidIsValid(root) ? root : source)),
			 OidIsValid(root) ?
			 errdetail("What is held on the rows goes with them, and lookups to them are checked, in one"
					   " transaction.") :
			 errdetail("The principals and memberships that its rows say go with them, in one transaction."),
			 errhint("Use ALTER TABLE ... DETACH PARTITION without CONCURRENTLY.")));
}

static void
rows_left(Oid root, const char *partition, struct RowList *keys, bool refuse)
{
	Model	   *model = ddl_model();
	ModelTable *table = usable_table(model, root);
	ActingAs	saved;

	if (table == NULL)
		return;
	saved = relmeta_act_begin(GetUserId(), ACT_RESTRICTED);
	cascade_partition_left(model, table, partition, keys, refuse);
	relmeta_act_end(saved);
}

/*
 * A partition is one no more: its clones went, the statement triggers are left.
 * already: its rows had left before, by the first half of a concurrent DETACH
 * (somebody has disabled our event trigger); what points to them points nowhere.
 */
void
ddl_event_partition_detached(Oid parent, Oid relid, bool already)
{
	Oid			root = ddl_event_registered_root(parent);
	Model	   *model = ddl_model();
	ModelTable *table = usable_table(model, root);
	bool		links;
	ActingAs	saved;

	if (!OidIsValid(relid) || get_rel_name(relid) == NULL)
		return;
	sync_sources(with_ancestors(parent));
	if (OidIsValid(ddl_source_root(parent)))
		ddl_source_triggers_drop(relid);
	if (table != NULL)
		rows_left(root, get_rel_name(relid), cascade_partition_keys(model, table, relid),
				  !already && ddl_triggers_stand(relid));
	links = intersect_of_root(with_ancestors(parent)) != NULL;
	if ((!OidIsValid(root) && !links) || (model_known(relid) & KNOWN_REGISTERED) != 0)
		return;
	saved = relmeta_act_begin_on(relid, NoLock, ACT_RESTRICTED);
	if (links)
		ddl_intersect_triggers_drop(relid);
	if (OidIsValid(root))
		ddl_triggers_drop(relid);
	relmeta_act_end(saved);
	if (OidIsValid(root))
		ddl_links_of_end_sync(relid);
}

/* ---- that are dropped by name ---- */

static void
forget_leaving(void *arg)
{
	Leaving   **link = &dropping;

	while (*link != NULL && *link != arg)
		link = &(*link)->next;
	if (*link != NULL)
		*link = (*link)->next;
}

static Leaving *
find_leaving(Oid relid)
{
	Leaving    *leaving = dropping;

	while (leaving != NULL && leaving->relid != relid)
		leaving = leaving->next;
	return leaving;
}

/* Keeps the keys of its rows until it is dropped. */
static void
keep_leaving(Model *model, ModelTable *table, Oid relid)
{
	MemoryContext cxt = AllocSetContextCreate(CurTransactionContext, "relmeta dropped partition",
											  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(cxt);
	Leaving    *leaving = palloc0(sizeof(Leaving));
	MemoryContextCallback *callback = palloc0(sizeof(MemoryContextCallback));

	leaving->cxt = cxt;
	leaving->relid = relid;
	leaving->guarded = ddl_triggers_stand(relid);
	leaving->keys = cascade_partition_keys(model, table, relid);
	callback->func = forget_leaving;
	callback->arg = leaving;
	MemoryContextRegisterResetCallback(cxt, callback);
	leaving->next = dropping;
	dropping = leaving;
	MemoryContextSwitchTo(old);
}

/* Whoever may not is told so by PostgreSQL. */
static bool
may_drop(Oid relid)
{
	return relmeta_owns_relation(relid, GetUserId()) ||
		relmeta_owns_schema(get_rel_namespace(relid), GetUserId());
}

/*
 * The locks that DROP TABLE will take, in its order: the parent's first.  False
 * when it is not a partition of that parent any more once they are there.
 */
static bool
lock_partition(Oid relid)
{
	Oid			parent = get_partition_parent(relid, true);

	LockRelationOid(parent, AccessExclusiveLock);
	LockRelationOid(relid, AccessExclusiveLock);
	return get_rel_name(relid) != NULL && get_rel_relispartition(relid) && get_partition_parent(relid, true) == parent;
}

static void
drop_starts(Oid relid, List *named)
{
	Oid			root = ddl_event_registered_root(relid);
	Model	   *model;
	ModelTable *table;

	/* all of it may go */
	if (!OidIsValid(root) || root == relid || list_member_oid(named, root) ||
		!may_drop(relid) || !lock_partition(relid))
		return;
	model = ddl_model();
	table = usable_table(model, root);
	if (table != NULL && find_leaving(relid) == NULL)
		keep_leaving(model, table, relid);
}

void
ddl_event_drop_starts(DropStmt * stmt)
{
	List	   *named = NIL;
	ListCell   *lc;

	if (stmt->removeType != OBJECT_TABLE)
		return;
	foreach(lc, stmt->objects)
	{
		Oid			relid = RangeVarGetRelid(makeRangeVarFromNameList(lfirst(lc)), NoLock, true);

		if (OidIsValid(relid))
			named = lappend_oid(named, relid);
	}
	foreach(lc, named)
	{
		if (get_rel_relispartition(lfirst_oid(lc)))
			drop_starts(lfirst_oid(lc), named);
	}
}

/* ---- that have been dropped, by whatever ---- */

/*
 * The row that a relation had in a catalog when this command dropped it: the last
 * of those that our transaction has deleted.  No snapshot sees it any more that we
 * could take.  NULL: none; a copy.
 */
static HeapTuple
dropped_row(Oid catalog, Oid index, AttrNumber attnum, Oid relid)
{
	Relation	rel = table_open(catalog, AccessShareLock);
	ScanKeyData skey;
	SysScanDesc scan;
	HeapTuple	tuple;
	HeapTuple	last = NULL;
	CommandId	last_cmax = 0;

	ScanKeyInit(&skey, attnum, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(rel, index, true, SnapshotAny, 1, &skey);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		HeapTupleHeader header = tuple->t_data;
		CommandId	cmax;

		if ((header->t_infomask & HEAP_XMAX_INVALID) != 0 || HEAP_XMAX_IS_LOCKED_ONLY(header->t_infomask) ||
			!TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetUpdateXid(header)))
			continue;
		cmax = HeapTupleHeaderGetCmax(header);
		if (last != NULL && cmax < last_cmax)
			continue;
		last = heap_copytuple(tuple);
		last_cmax = cmax;
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return last;
}

/*
 * What a table that has just been dropped was a partition of; InvalidOid: nothing.
 * *pending: it was being detached already.
 */
static Oid
dropped_parent(Oid relid, bool *pending)
{
	HeapTuple	class = dropped_row(RelationRelationId, ClassOidIndexId, Anum_pg_class_oid, relid);
	HeapTuple	inherits;

	if (class == NULL || !((Form_pg_class) GETSTRUCT(class))->relispartition)
		return InvalidOid;
	inherits = dropped_row(InheritsRelationId, InheritsRelidSeqnoIndexId, Anum_pg_inherits_inhrelid, relid);
	if (inherits == NULL)
		return InvalidOid;
	*pending = ((Form_pg_inherits) GETSTRUCT(inherits))->inhdetachpending;
	return ((Form_pg_inherits) GETSTRUCT(inherits))->inhparent;
}

/* A partition whose parent stays; *judged: tables that have been looked at as a whole. */
static void
partition_dropped(DroppedObject *object, Oid parent, bool pending, List **judged)
{
	Oid			root = ddl_event_registered_root(parent);
	Leaving    *leaving = find_leaving(object->relid);

	sync_sources(with_ancestors(parent));
	if (leaving != NULL)
	{
		if (leaving->keys != NULL)
			rows_left(root, lsecond(object->names), leaving->keys, leaving->guarded);
		MemoryContextDelete(leaving->cxt);
	}
	else if (OidIsValid(root) && !list_member_oid(*judged, root))
	{
		*judged = lappend_oid(*judged, root);
		rows_left(root, lsecond(object->names), NULL, !pending);
	}
}

void
ddl_event_partitions_dropped(List *objects)
{
	List	   *judged = NIL;
	ListCell   *lc;

	foreach(lc, objects)
	{
		DroppedObject *object = lfirst(lc);
		bool		pending = false;
		Oid			parent;

		if (strcmp(object->type, "table") != 0)
			continue;
		parent = dropped_parent(object->relid, &pending);
		if (OidIsValid(parent) && get_rel_name(parent) != NULL)
			partition_dropped(object, parent, pending, &judged);
	}
}
