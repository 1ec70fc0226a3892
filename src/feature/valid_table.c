/*
 * valid_table.c
 *		Which tables can take part in relationships: can_be_referenced() and its siblings.  SEMANTICS 2.7.
 *
 * can_… is about the table, and says of anybody's what pg_class and pg_index tell everyone; valid_… lists those that
 * the caller may name in a declaration.
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "ddl/ddl.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(relmeta_can_be_referenced);
PG_FUNCTION_INFO_V1(relmeta_can_be_referencing);
PG_FUNCTION_INFO_V1(relmeta_can_many_to_many);
PG_FUNCTION_INFO_V1(relmeta_valid_referenced_tables);
PG_FUNCTION_INFO_V1(relmeta_valid_referencing_tables);
PG_FUNCTION_INFO_V1(relmeta_valid_many_to_many_tables);

/* ---- can it? ---- */

/* Has it a key that can be one, of a type that keys can have? */
static bool
has_key(Oid relid)
{
	ModelKeyColumns *key = ddl_find_primary_key(relid);

	return key != NULL && model_columns_fill_quietly(key);
}

/* The structure of an intersect table that relmeta made is the relationship's (SEMANTICS 2.4). */
static bool
is_intersect(Oid relid)
{
	ModelIntersect *intersect = NULL;

	if (model_known(relid) & KNOWN_INTERSECT)
		intersect = model_intersect_by_table(ddl_model(), relid);
	return intersect != NULL && !intersect->is_adopted;
}

static bool
can_be_referenced(Oid relid)
{
	return ddl_table_problem(relid) == NULL && has_key(relid);
}

static bool
can_be_referencing(Oid relid)
{
	return can_be_referenced(relid) && !is_intersect(relid);
}

static bool
can_many_to_many(Oid relid)
{
	return ddl_table_kind_problem(relid) == NULL && has_key(relid) && !is_intersect(relid);
}

Datum
relmeta_can_be_referenced(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(can_be_referenced(relmeta_argument_table(fcinfo, 0)));
}

Datum
relmeta_can_be_referencing(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(can_be_referencing(relmeta_argument_table(fcinfo, 0)));
}

Datum
relmeta_can_many_to_many(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(can_many_to_many(relmeta_argument_table(fcinfo, 0)));
}

/* ---- which can? ---- */

static bool
is_own(Oid relid)
{
	return relmeta_owns_relation(relid, GetUserId());
}

static bool
may_reference(Oid relid)
{
	return pg_class_aclcheck(relid, GetUserId(), ACL_REFERENCES) == ACLCHECK_OK &&
		relmeta_may_use_schema(get_rel_namespace(relid), GetUserId());
}

static Datum
list_tables(FunctionCallInfo fcinfo, bool (*may) (Oid relid), bool (*can) (Oid relid))
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Relation	rel = table_open(RelationRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	List	   *relids = NIL;
	HeapTuple	tuple;
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_class class = (Form_pg_class) GETSTRUCT(tuple);

		if (class->relkind == RELKIND_RELATION || class->relkind == RELKIND_PARTITIONED_TABLE)
			relids = lappend_oid(relids, class->oid);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	list_sort(relids, list_oid_cmp);
	foreach(lc, relids)
	{
		Datum		relid = ObjectIdGetDatum(lfirst_oid(lc));
		bool		isnull = false;

		if (may(lfirst_oid(lc)) && can(lfirst_oid(lc)))
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, &relid, &isnull);
	}
	return (Datum) 0;
}

Datum
relmeta_valid_referenced_tables(PG_FUNCTION_ARGS)
{
	return list_tables(fcinfo, is_own, can_be_referenced);
}

Datum
relmeta_valid_referencing_tables(PG_FUNCTION_ARGS)
{
	return list_tables(fcinfo, is_own, can_be_referencing);
}

Datum
relmeta_valid_many_to_many_tables(PG_FUNCTION_ARGS)
{
	return list_tables(fcinfo, may_reference, can_many_to_many);
}
