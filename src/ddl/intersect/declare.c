/*
 * declare.c
 *		The parts of a declaration: participants, which may not exist yet, and the
 *		names that follow from theirs.  SEMANTICS 2.4.
 */
#include "ddl/intersect/intersect.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "commands/dbcommands.h"
#include "commands/defrem.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

/* ---- participants ---- */

/* An SQL name, perhaps qualified, as a regclass is written. */
static RangeVar *
parse_name(text *name)
{
	RangeVar   *relation = makeRangeVarFromNameList(textToQualifiedNameList(name));

	if (relation->catalogname && strcmp(relation->catalogname, get_database_name(MyDatabaseId)) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("a table of another database cannot be named: %s", text_to_cstring(name)),
				 errhint("Name a table of this database.")));
	return relation;
}

/* Where a table that does not exist would be created: SEMANTICS 2.4. */
static char *
creation_schema(const char *table)
{
	List	   *path = fetch_search_path(false);

	if (path == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_SCHEMA),
				 errmsg("table \"%s\" does not exist, and no schema has been selected to create it in", table),
				 errhint("Name its schema too.")));
	return get_namespace_name(linitial_oid(path));
}

/*
 * Keeps a participant from being dropped before the relationship that names it
 * is committed.  Only for those who may reference it: nobody else shall be able
 * to hold up its owner.
 */
static void
lock_participant(Oid relid, const char *table)
{
	if (pg_class_aclcheck(relid, GetUserId(), ACL_REFERENCES) != ACLCHECK_OK &&
		pg_attribute_aclcheck_all(relid, GetUserId(), ACL_REFERENCES, ACLMASK_ANY) != ACLCHECK_OK)
		return;
	LockRelationOid(relid, AccessShareLock);
	if (!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(relid)))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation \"%s\" was dropped meanwhile", table)));
}

void
ddl_intersect_side_from_text(IntersectSide *side, text *name)
{
	RangeVar   *relation = parse_name(name);

	side->table = relation->relname;
	if (relation->schemaname == NULL)
	{
		side->relid = RelnameGetRelid(relation->relname);
		side->schema = OidIsValid(side->relid) ?
			get_namespace_name(get_rel_namespace(side->relid)) : creation_schema(relation->relname);
	}
	else
	{
		Oid			schema = LookupExplicitNamespace(relation->schemaname, true);

		if (strcmp(relation->schemaname, "pg_temp") == 0 || (OidIsValid(schema) && isAnyTempNamespace(schema)))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("\"%s\" cannot take part in a many-to-many relationship: it is a temporary table",
							relation->relname),
					 errhint("Name a permanent table.")));
		side->relid = OidIsValid(schema) ? get_relname_relid(relation->relname, schema) : InvalidOid;
		side->schema = relation->schemaname;
	}
	if (OidIsValid(side->relid))
		lock_participant(side->relid, side->table);
}

void
ddl_intersect_check_participant(Oid relid)
{
	char	   *problem = ddl_table_kind_problem(relid);

	if (problem)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("\"%s\" cannot take part in a many-to-many relationship: %s", get_rel_name(relid), problem),
				 errhint("Name a permanent table.")));
}

/* ---- names ---- */

/*
 * <table>_id, and related_<table>_id for the second table where both would be
 * the same: a self relationship, namesakes of two schemas, names that become
 * the same when they are clipped.
 */
static void
default_columns(Intersect *intersect)
{
	IntersectSide *side = intersect->side;

	if (side[0].column == NULL)
		side[0].column = model_columns_declare(makeObjectName(side[0].table, NULL, "id"));
	if (side[1].column == NULL)
	{
		side[1].column = model_columns_declare(makeObjectName(side[1].table, NULL, "id"));
		if (model_columns_equal(side[0].column, side[1].column))
			side[1].column = model_columns_declare(makeObjectName("related", side[1].table, "id"));
	}
	if (model_columns_equal(side[0].column, side[1].column))
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_COLUMN),
				 errmsg("both columns would be named \"%s\"", model_columns_text(side[0].column)),
				 errhint("Pass column1 and column2.")));
}

void
ddl_intersect_default_names(Intersect *intersect, text *intersect_table)
{
	if (intersect_table)
	{
		RangeVar   *relation = parse_name(intersect_table);
		List	   *path = fetch_search_path(false);

		/*
		 * an unqualified name is one in current_schema(); where there is
		 * none, in the first table's schema
		 */
		intersect->table = relation->relname;
		if (relation->schemaname)
			intersect->schema = relation->schemaname;
		else
			intersect->schema = path ? get_namespace_name(linitial_oid(path)) : intersect->side[0].schema;
	}
	else
	{
		intersect->schema = intersect->side[0].schema;
		intersect->table = makeObjectName(intersect->side[0].table, intersect->side[1].table, NULL);
		intersect->numbered = true;
	}
	default_columns(intersect);
}
