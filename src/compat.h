/*
 * compat.h
 *		Every difference between PostgreSQL 15 and 19 that relmeta meets, as
 *		static inline functions; the rest of src/ tests no version number.
 */
#ifndef RELMETA_COMPAT_H
#define RELMETA_COMPAT_H

#include "postgres.h"

#if PG_VERSION_NUM < 150000
#error "relmeta needs PostgreSQL 15 or later"
#endif

#include "access/genam.h"
#include "access/tableam.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "nodes/parsenodes.h"
#include "utils/acl.h"

/* 18 says before a declaration that its function does not return, by C11's word. */
#if PG_VERSION_NUM < 180000
#define pg_noreturn pg_attribute_noreturn()
#endif

/* 16 (afbfc02983f) made one ownership check for every kind of object. */
static inline bool
relmeta_owns_relation(Oid relid, Oid roleid)
{
#if PG_VERSION_NUM >= 160000
	return object_ownercheck(RelationRelationId, relid, roleid);
#else
	return pg_class_ownercheck(relid, roleid);
#endif
}

static inline bool
relmeta_owns_schema(Oid schema, Oid roleid)
{
#if PG_VERSION_NUM >= 160000
	return object_ownercheck(NamespaceRelationId, schema, roleid);
#else
	return pg_namespace_ownercheck(schema, roleid);
#endif
}

/* The same for privileges on functions. */
static inline bool
relmeta_may_execute(Oid function, Oid roleid)
{
#if PG_VERSION_NUM >= 160000
	return object_aclcheck(ProcedureRelationId, function, roleid, ACL_EXECUTE) == ACLCHECK_OK;
#else
	return pg_proc_aclcheck(function, roleid, ACL_EXECUTE) == ACLCHECK_OK;
#endif
}

/* The same for privileges on schemas. */
static inline bool
relmeta_may_use_schema(Oid schema, Oid roleid)
{
#if PG_VERSION_NUM >= 160000
	return object_aclcheck(NamespaceRelationId, schema, roleid, ACL_USAGE) == ACLCHECK_OK;
#else
	return pg_namespace_aclcheck(schema, roleid, ACL_USAGE) == ACLCHECK_OK;
#endif
}

static inline bool
relmeta_may_create_in(Oid schema, Oid roleid)
{
#if PG_VERSION_NUM >= 160000
	return object_aclcheck(NamespaceRelationId, schema, roleid, ACL_CREATE) == ACLCHECK_OK;
#else
	return pg_namespace_aclcheck(schema, roleid, ACL_CREATE) == ACLCHECK_OK;
#endif
}

/* 18 (eec0040c4bc) has foreign keys that are not enforced. */
static inline bool
compat_constraint_enforced(Form_pg_constraint constraint)
{
#if PG_VERSION_NUM >= 180000
	return constraint->conenforced;
#else
	return true;
#endif
}

/* 18 (0fbceae841c) counts index scans, 19 takes flags. */
static inline IndexScanDesc
relmeta_index_beginscan(Relation heap, Relation index, Snapshot snapshot, int nkeys)
{
#if PG_VERSION_NUM >= 190000
	return index_beginscan(heap, index, snapshot, NULL, nkeys, 0, 0);
#elif PG_VERSION_NUM >= 180000
	return index_beginscan(heap, index, snapshot, NULL, nkeys, 0);
#else
	return index_beginscan(heap, index, snapshot, nkeys, 0);
#endif
}

/* 19 wants to be told when a descriptor has all its entries. */
static inline void
relmeta_tupledesc_finalize(TupleDesc desc)
{
#if PG_VERSION_NUM >= 190000
	TupleDescFinalize(desc);
#endif
}

/* 19 takes flags. */
static inline TableScanDesc
relmeta_beginscan(Relation rel, Snapshot snapshot)
{
#if PG_VERSION_NUM >= 190000
	return table_beginscan(rel, snapshot, 0, NULL, SO_NONE);
#else
	return table_beginscan(rel, snapshot, 0, NULL);
#endif
}

/* The same. */
static inline TableScanDesc
relmeta_beginscan_tidrange(Relation rel, Snapshot snapshot, ItemPointer from, ItemPointer upto)
{
#if PG_VERSION_NUM >= 190000
	return table_beginscan_tidrange(rel, snapshot, from, upto, SO_NONE);
#else
	return table_beginscan_tidrange(rel, snapshot, from, upto);
#endif
}

/*
 * What a subcommand of ALTER TABLE does.  Until 15 some subtypes were replaced
 * by others while the statement ran, to say that the command recurses; 16 has a
 * field for that.
 */
static inline AlterTableType
relmeta_alter_subtype(AlterTableCmd *cmd)
{
#if PG_VERSION_NUM < 160000
	if (cmd->subtype == AT_AddColumnRecurse)
		return AT_AddColumn;
	if (cmd->subtype == AT_DropColumnRecurse)
		return AT_DropColumn;
#endif
	return cmd->subtype;
}

/* Does it give a column's rows other values? */
static inline bool
relmeta_alter_sets_values(AlterTableCmd *cmd)
{
#if PG_VERSION_NUM >= 170000
	if (cmd->subtype == AT_SetExpression)
		return true;
#endif
	return cmd->subtype == AT_AlterColumnType;
}

/* 18 calls an AFTER trigger as the role that queued its event, not as the one that ends the query. */
#define COMPAT_TRIGGERS_AS_QUEUED (PG_VERSION_NUM >= 180000)

#endif							/* RELMETA_COMPAT_H */
