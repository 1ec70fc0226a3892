/*
 * table_check.c
 *		Who and what may take part: SEMANTICS 2.2.
 */
#include "ddl/ddl.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/catalog.h"
#include "catalog/namespace.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_rewrite.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/* pg_class.relhasrules may be stale, so look at the rules themselves */
static bool
has_rules(Oid relid)
{
	Relation	rel = table_open(RewriteRelationId, AccessShareLock);
	ScanKeyData skey;
	SysScanDesc scan;
	bool		found;

	ScanKeyInit(&skey, Anum_pg_rewrite_ev_class, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(rel, RewriteRelRulenameIndexId, true, NULL, 1, &skey);
	found = HeapTupleIsValid(systable_getnext(scan));
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return found;
}

static char *
kind_problem(char relkind)
{
	switch (relkind)
	{
		case RELKIND_RELATION:
		case RELKIND_PARTITIONED_TABLE:
			return NULL;
		case RELKIND_VIEW:
			return "it is a view";
		case RELKIND_MATVIEW:
			return "it is a materialized view";
		case RELKIND_FOREIGN_TABLE:
			return "it is a foreign table";
		default:
			return "it is not a table";
	}
}

static char *
persistence_problem(char relpersistence)
{
	if (relpersistence == RELPERSISTENCE_TEMP)
		return "it is a temporary table";
	if (relpersistence == RELPERSISTENCE_UNLOGGED)
		return "it is an unlogged table";
	return NULL;
}

/* statement triggers and row locks are wanted on every partition */
static char *
partitions_problem(Oid relid)
{
	ListCell   *lc;

	foreach(lc, find_all_inheritors(relid, NoLock, NULL))
	{
		Oid			partition = lfirst_oid(lc);

		if (get_rel_relkind(partition) == RELKIND_FOREIGN_TABLE)
			return "a partition of it is a foreign table";
		if (get_rel_persistence(partition) == RELPERSISTENCE_UNLOGGED)
			return "a partition of it is an unlogged table";
	}
	return NULL;
}

static bool
is_system_table(Oid relid, Oid namespace)
{
	return relid < FirstNormalObjectId ||
		IsCatalogNamespace(namespace) || IsToastNamespace(namespace);
}

static bool
is_relmeta_table(Oid namespace)
{
	return namespace == relmeta_schema_oid() ||
		namespace == get_namespace_oid(RELMETA_ACCESS_SCHEMA, true);
}

/* what a look at pg_class alone tells; the caller needs no right for that */
static char *
class_problem(Form_pg_class class)
{
	char	   *problem = kind_problem(class->relkind);

	if (problem == NULL)
		problem = persistence_problem(class->relpersistence);
	if (problem == NULL && is_system_table(class->oid, class->relnamespace))
		problem = "it is a system table";
	if (problem == NULL && is_relmeta_table(class->relnamespace))
		problem = "it is one of relmeta's own tables";
	return problem;
}

char *
ddl_table_kind_problem(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	char	   *problem;

	if (!HeapTupleIsValid(tuple))
		return "it does not exist";
	problem = class_problem((Form_pg_class) GETSTRUCT(tuple));
	ReleaseSysCache(tuple);
	return problem;
}

char *
ddl_inheritance_problem(Oid relid)
{
	if (get_rel_relispartition(relid))
		return "it is a partition";
	if (has_superclass(relid))
		return "it inherits from another table";
	if (get_rel_relkind(relid) != RELKIND_PARTITIONED_TABLE && find_inheritance_children(relid, NoLock) != NIL)
		return "other tables inherit from it";
	return NULL;
}

static char *
structure_problem(Form_pg_class class)
{
	char	   *problem = ddl_inheritance_problem(class->oid);

	if (problem == NULL && class->relkind == RELKIND_PARTITIONED_TABLE)
		problem = partitions_problem(class->oid);
	if (problem == NULL && has_rules(class->oid))
		problem = "it has rules";
	return problem;
}

char *
ddl_table_problem(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	char	   *problem;

	if (!HeapTupleIsValid(tuple))
		return "it does not exist";
	problem = class_problem((Form_pg_class) GETSTRUCT(tuple));
	if (problem == NULL)
		problem = structure_problem((Form_pg_class) GETSTRUCT(tuple));
	ReleaseSysCache(tuple);
	return problem;
}

Oid
ddl_partition_root(Oid relid)
{
	while (get_rel_relispartition(relid))
		relid = get_partition_parent(relid, true);
	return relid;
}

static void
refuse(Oid relid, const char *problem)
{
	bool		is_partition = get_rel_relispartition(relid);

	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("\"%s\" cannot be registered: %s", relmeta_relation_name(relid), problem),
			 is_partition ? errhint("Call relmeta.register_table() for the partitioned table \"%s\".",
									relmeta_relation_name(ddl_partition_root(relid))) : 0));
}

void
ddl_check_owner(Oid relid)
{
	char	   *name = relmeta_relation_name(relid);

	if (!relmeta_owns_relation(relid, GetUserId()))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of table %s", name),
				 errhint("Ask the owner of table %s to make this call.", ddl_table_name(relid))));
}

/* Kind before owner: a view cannot take part whoever asks.  Structure after: that is the owner's to know. */
void
ddl_check_table(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Form_pg_class class;
	char	   *problem;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	class = (Form_pg_class) GETSTRUCT(tuple);
	problem = class_problem(class);
	if (problem)
		refuse(relid, problem);
	ddl_check_owner(relid);
	problem = structure_problem(class);
	if (problem)
		refuse(relid, problem);
	ReleaseSysCache(tuple);
}

AttrNumber
ddl_column_required(Oid relid, const char *column)
{
	AttrNumber	attnum = get_attnum(relid, column);

	if (attnum == InvalidAttrNumber)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" of relation \"%s\" does not exist", column, relmeta_relation_name(relid))));
	if (attnum < 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("column \"%s\" of relation \"%s\" is a system column", column, relmeta_relation_name(relid))));
	return attnum;
}

void
ddl_column_type(Oid relid, const char *column, ModelType *type)
{
	Oid			typid;
	int32		typmod;
	Oid			collation;

	get_atttypetypmodcoll(relid, ddl_column_required(relid, column), &typid, &typmod, &collation);
	model_type_fill(type, typid, typmod, collation);
}

void
ddl_check_settable(Oid relid, const char *column)
{
	if (get_attgenerated(relid, ddl_column_required(relid, column)))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("column \"%s\" of relation \"%s\" is a generated column", column, relmeta_relation_name(relid)),
				 errhint("Cascades set it: name a column that can be set.")));
}

Oid
ddl_relation_of_rule(Oid rule)
{
	Relation	rel = table_open(RewriteRelationId, AccessShareLock);
	ScanKeyData skey;
	SysScanDesc scan;
	HeapTuple	tuple;
	Oid			relid = InvalidOid;

	ScanKeyInit(&skey, Anum_pg_rewrite_oid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(rule));
	scan = systable_beginscan(rel, RewriteOidIndexId, true, NULL, 1, &skey);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
		relid = ((Form_pg_rewrite) GETSTRUCT(tuple))->ev_class;
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return relid;
}
