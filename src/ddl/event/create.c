/*
 * create.c
 *		Tables that came, or came under another name: pending N:N relationships get
 *		their intersect table.
 */
#include "ddl/event/event.h"
#include "ddl/intersect/intersect.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_inherits.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

void
ddl_event_table_named(Oid relid)
{
	char	   *table = get_rel_name(relid);

	if (table == NULL)
		return;					/* the same statement dropped it again */
	if (model_pending_waits_for(get_namespace_name(get_rel_namespace(relid)), table) ||
		(model_known(relid) & KNOWN_PARTICIPANT))
		(void) ddl_intersect_complete_for_table(relid);
}

void
ddl_event_schema_named(Oid schema)
{
	char	   *name = get_namespace_name(schema);

	if (name && model_pending_waits_for(name, NULL))
		(void) ddl_intersect_complete_for_schema(schema);
}

/* ---- rules and inheritance: what a registered table must not have ---- */

void
ddl_event_rule_created(Oid rule)
{
	Oid			relid = ddl_relation_of_rule(rule);

	if (OidIsValid(ddl_event_registered_root(relid)))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("table \"%s\" cannot have rules: it is registered", get_rel_name(relid)),
				 errdetail("A rule changes statements behind the back of relmeta's triggers."),
				 errhint("Use a trigger, or call relmeta.unregister_table() first.")));
	if (OidIsValid(ddl_source_root(relid)))
		ddl_event_refuse_source(relid, "have rules");
}

static void
refuse_parent(Oid child, Oid parent)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("table \"%s\" cannot inherit from \"%s\", which is registered",
					get_rel_name(child), get_rel_name(parent)),
			 errdetail("Rows of the child would be seen in the parent without its key and its triggers."),
			 errhint("Use a partitioned table, or call relmeta.unregister_table(%s) first.",
					 quote_literal_cstr(ddl_table_name(parent)))));
}

static void
refuse_intersect_parent(Oid child, Oid parent)
{
	ModelIntersect *intersect = model_intersect_by_table(ddl_model(), parent);

	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("table \"%s\" cannot inherit from \"%s\", which is an intersect table",
					get_rel_name(child), get_rel_name(parent)),
			 errdetail("Links in the child would be seen in the parent without its keys, triggers and policies."),
			 intersect == NULL ? 0 :
			 errhint("Use a partitioned table, or call relmeta.drop_relationship(%s) first.",
					 quote_literal_cstr(intersect->name))));
}

void
ddl_event_check_parents(Oid relid)
{
	Relation	rel = table_open(InheritsRelationId, AccessShareLock);
	ScanKeyData skey;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&skey, Anum_pg_inherits_inhrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(rel, InheritsRelidSeqnoIndexId, true, NULL, 1, &skey);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Oid			parent = ((Form_pg_inherits) GETSTRUCT(tuple))->inhparent;

		if (model_known(parent) & KNOWN_REGISTERED)
			refuse_parent(relid, parent);
		if (model_known(parent) & KNOWN_INTERSECT)
			refuse_intersect_parent(relid, parent);
		if (model_known(parent) & KNOWN_SOURCE)
			ddl_event_refuse_source(parent, "have children that inherit from it");
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
}

void
ddl_event_table_created(Oid relid)
{
	if (get_rel_name(relid) == NULL)
		return;
	if (get_rel_relispartition(relid))
		ddl_event_partition_came(relid);
	else if (has_superclass(relid))
		ddl_event_check_parents(relid);
	ddl_event_table_named(relid);
}
