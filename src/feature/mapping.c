/*
 * mapping.c
 *		Declaring column mappings: map_column(), unmap_column(), generate_mappings(); and how they follow DDL.
 *		SEMANTICS 3.12.
 *
 * A mapping stands in relmeta.column_mapping by the names of its columns, goes with its relationship by a foreign
 * key, and is nobody's hot path: the model does not know of it.
 */
#include "relmeta.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_type.h"
#include "ddl/follow.h"
#include "ddl/verify/verify.h"
#include "executor/spi.h"
#include "feature/feature.h"
#include "feature/mapping.h"
#include "model/key.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(relmeta_map_column);
PG_FUNCTION_INFO_V1(relmeta_unmap_column);
PG_FUNCTION_INFO_V1(relmeta_generate_mappings);

/* ---- reading ---- */

static const char *const mappings_sql =
"SELECT m.source_column, m.target_column FROM relmeta.column_mapping AS m"
" WHERE m.relationship_id OPERATOR(pg_catalog.=) $1 ORDER BY m.target_column";

List *
feature_mappings(ModelRelationship *relationship)
{
	MemoryContext cxt = CurrentMemoryContext;
	Oid			types[] = {INT4OID};
	Datum		values[] = {Int32GetDatum(relationship->id)};
	List	   *mappings = NIL;

	SPI_connect();
	ddl_query_latest(mappings_sql, 1, types, values);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		MemoryContext spi = MemoryContextSwitchTo(cxt);
		FeatureMapping *mapping = palloc(sizeof(FeatureMapping));

		mapping->source = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);
		mapping->target = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2);
		mappings = lappend(mappings, mapping);
		MemoryContextSwitchTo(spi);
	}
	SPI_finish();
	return mappings;
}

/* ---- declaring ---- */

static void
check_owner_of_both(ModelRelationship *r)
{
	ddl_check_owner(r->primary->relid);
	ddl_check_owner(r->related->relid);
}

/*
 * The relationship that argument 0 names, of the caller's tables, which stays, with its columns, until the
 * end of the transaction.
 */
static ModelRelationship *
own_relationship(FunctionCallInfo fcinfo)
{
	char	   *name = relmeta_argument_text_required(fcinfo, 0);
	ModelRelationship *r = model_relationship_required(ddl_model(), name);
	int			id = r->id;

	model_relationship_check_usable(r);
	check_owner_of_both(r);
	LockRelationOid(Min(r->primary->relid, r->related->relid), RowExclusiveLock);
	LockRelationOid(Max(r->primary->relid, r->related->relid), RowExclusiveLock);
	r = model_relationship_required(ddl_model(), name);
	if (r->id != id)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("relationship \"%s\" was concurrently dropped and made again", name)));
	model_relationship_check_usable(r);
	check_owner_of_both(r);
	return r;
}

static bool
same_name(const char *a, const char *b)
{
	return a != NULL && strcmp(a, b) == 0;
}

static bool
is_lookup(ModelRelationship *r, const char *column)
{
	return model_columns_have(&r->lookup, column) || same_name(r->type_column.name, column);
}

/* One row of relmeta.column_mapping; returns how many rows the statement has changed. */
static uint64
run(const char *sql, ModelRelationship *r, const char *source, const char *target)
{
	Oid			types[] = {INT4OID, NAMEOID, NAMEOID};
	Datum		values[] = {
		Int32GetDatum(r->id),
		DirectFunctionCall1(namein, CStringGetDatum(source)),
		DirectFunctionCall1(namein, CStringGetDatum(target))
	};

	return ddl_catalog(sql, lengthof(types), types, values, NULL);
}

Datum
relmeta_map_column(PG_FUNCTION_ARGS)
{
	char	   *source = relmeta_argument_name_required(fcinfo, 1);
	char	   *target = relmeta_argument_name_required(fcinfo, 2);
	ModelRelationship *r = own_relationship(fcinfo);
	MappingProblem *problem = feature_mapping_problem(r, source, target);

	if (problem)
		ereport(ERROR,
				(errcode(problem->sqlstate),
				 errmsg("%s", problem->message),
				 errhint("Map columns of the same type, or one that is cast on assignment and is long enough.")));
	if (is_lookup(r, target))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("column \"%s\" is the lookup of relationship \"%s\" and cannot be mapped", target, r->name),
				 errhint("It points to the primary row anyway.")));
	run("INSERT INTO relmeta.column_mapping (relationship_id, source_column, target_column) VALUES ($1, $2, $3)"
		" ON CONFLICT (relationship_id, target_column) DO UPDATE SET source_column = excluded.source_column",
		r, source, target);
	PG_RETURN_VOID();
}

Datum
relmeta_unmap_column(PG_FUNCTION_ARGS)
{
	char	   *source = relmeta_argument_name_required(fcinfo, 1);
	char	   *target = relmeta_argument_name_required(fcinfo, 2);
	ModelRelationship *r = own_relationship(fcinfo);

	if (run("DELETE FROM relmeta.column_mapping"
			" WHERE relationship_id = $1 AND source_column = $2 AND target_column = $3", r, source, target) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("relationship \"%s\" does not map column \"%s\" to column \"%s\"", r->name, source, target),
				 errhint("View relmeta.mappings lists what is mapped.")));
	PG_RETURN_VOID();
}

/* Has the primary table a column of the same name and type? */
static bool
has_twin(ModelRelationship *r, Form_pg_attribute target)
{
	HeapTuple	tuple = SearchSysCacheAttName(r->primary->relid, NameStr(target->attname));
	Form_pg_attribute source;
	bool		result;

	if (!HeapTupleIsValid(tuple))
		return false;
	source = (Form_pg_attribute) GETSTRUCT(tuple);
	result = source->attnum > 0 && source->atttypid == target->atttypid && source->atttypmod == target->atttypmod;
	ReleaseSysCache(tuple);
	return result;
}

Datum
relmeta_generate_mappings(PG_FUNCTION_ARGS)
{
	ModelRelationship *r = own_relationship(fcinfo);
	Relation	rel = relmeta_relation_open(r->related->relid, AccessShareLock);
	TupleDesc	desc = RelationGetDescr(rel);
	int64		added = 0;

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute target = TupleDescAttr(desc, i);
		char	   *name = NameStr(target->attname);

		/* what a new row has of its own: its key, and what is computed */
		if (target->attisdropped || target->attgenerated || target->attidentity == ATTRIBUTE_IDENTITY_ALWAYS ||
			model_key_has_column(r->related, name) || is_lookup(r, name) || !has_twin(r, target))
			continue;
		added += run("INSERT INTO relmeta.column_mapping (relationship_id, source_column, target_column)"
					 " VALUES ($1, $2, $3) ON CONFLICT (relationship_id, target_column) DO NOTHING", r, name, name);
	}
	table_close(rel, NoLock);
	PG_RETURN_INT64(added);
}

/* ---- following DDL ---- */

/* The search_path of ddl_catalog() is pg_catalog. */
static void
run_for_column(const char *sql, Oid relid, const char *column, const char *new_name)
{
	Oid			types[] = {REGCLASSOID, NAMEOID, NAMEOID};
	Datum		values[] = {
		ObjectIdGetDatum(relid),
		DirectFunctionCall1(namein, CStringGetDatum(column)),
		DirectFunctionCall1(namein, CStringGetDatum(new_name ? new_name : ""))
	};

	(void) ddl_catalog(sql, new_name ? 3 : 2, types, values, NULL);
}

static void
column_renamed(Oid relid, const char *old_name, const char *new_name)
{
	run_for_column("UPDATE relmeta.column_mapping AS m SET source_column = $3 FROM relmeta.relationship AS r"
				   " WHERE r.relationship_id = m.relationship_id AND r.primary_table = $1 AND m.source_column = $2",
				   relid, old_name, new_name);
	run_for_column("UPDATE relmeta.column_mapping AS m SET target_column = $3 FROM relmeta.relationship AS r"
				   " WHERE r.relationship_id = m.relationship_id AND r.related_table = $1 AND m.target_column = $2",
				   relid, old_name, new_name);
}

static void
column_dropped(Oid relid, const char *column)
{
	run_for_column("DELETE FROM relmeta.column_mapping AS m USING relmeta.relationship AS r"
				   " WHERE r.relationship_id = m.relationship_id AND ((r.primary_table = $1 AND m.source_column = $2)"
				   " OR (r.related_table = $1 AND m.target_column = $2))", relid, column, NULL);
}

/* ---- verify ---- */

/* a mapping of a column that is not there any more */
typedef struct LostMapping
{
	ModelRelationship *relationship;
	FeatureMapping *mapping;
} LostMapping;

static void
forget_lost(void *arg)
{
	LostMapping *lost = arg;

	run("DELETE FROM relmeta.column_mapping"
		" WHERE relationship_id = $1 AND source_column = $2 AND target_column = $3", lost->relationship,
		lost->mapping->source, lost->mapping->target);
}

static void
verify_mapping(ModelRelationship *r, FeatureMapping *mapping, List **problems)
{
	MappingProblem *problem = feature_mapping_problem(r, mapping->source, mapping->target);
	VerifyFollowerMend *mend;
	LostMapping *lost;

	if (problem == NULL)
		return;
	if (problem->sqlstate != ERRCODE_UNDEFINED_COLUMN)
	{
		ddl_verify_add(problems, r->related->relid, r->name, problem->message,
					   psprintf("SELECT relmeta.unmap_column(%s, %s, %s)", quote_literal_cstr(r->name),
								quote_literal_cstr(mapping->source), quote_literal_cstr(mapping->target)),
					   MEND_BY_HAND, NULL);
		return;
	}
	lost = palloc(sizeof(LostMapping));
	lost->relationship = r;
	lost->mapping = mapping;
	mend = palloc(sizeof(VerifyFollowerMend));
	mend->mend = forget_lost;
	mend->arg = lost;
	ddl_verify_add(problems, r->related->relid, r->name,
				   psprintf("%s, but is mapped", problem->message), NULL, MEND_FOLLOWER, mend);
}

static void
verify(Model *model, List **problems)
{
	ListCell   *lc;

	foreach(lc, model_relationships(model))
	{
		ModelRelationship *r = lfirst(lc);
		ListCell   *lc2;

		if (r->broken)
			continue;
		foreach(lc2, feature_mappings(r))
			verify_mapping(r, lfirst(lc2), problems);
	}
}

static const DdlFollower follower = {.column_renamed = column_renamed,.column_dropped = column_dropped,
.verify = verify};

void
feature_mapping_init(void)
{
	ddl_add_follower(&follower);
}
