/*
 * merge.c
 *		merge(): one row takes another's place (SEMANTICS 3.6).
 *
 * Both rows are locked first, in the order of keys: a merge waits for whoever
 * attaches, shares, assigns or merges one of them, and all these wait for it.
 * What the caller changes is his own statement; what follows from it, in related
 * and intersect tables, acts as their owners, as a cascade does.
 *
 * EXAMPLE.  Accounts 4 and 5 are ann's and have contacts 40 and 50; merge and share are all.  She has shared account 5
 * with cat, read.  SELECT * FROM relmeta.merge('account', 4, 5), with account 4 for the master:
 *
 *					before								after
 *	account 4		-									cat: direct, read
 *	contact 40		-									cat: share, read
 *	account 5		active; cat: direct, read			inactive; cat: direct, read
 *	contact 50		of account 5; cat: share, read		of account 4; cat: share, read
 *
 * The result has a row for the relationship: 1 row, 0 dropped.
 */
#include "relmeta.h"

#include "access/motion.h"
#include "access/statement.h"
#include "inherit/grant.h"
#include "executor/spi.h"
#include "feature/hierarchy.h"
#include "feature/merge.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "model/key.h"
#include "storage/lockdefs.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(relmeta_merge);

/* arguments, in order */
enum
{
	ARG_RELATION,
	ARG_MASTER,
	ARG_SUBORDINATE,
	ARG_CONTENT,
	ARG_PARENTING,
	ARG_FILL
};

/* A row of merge(): arg is its ReturnSetInfo. */
static void
put_row(void *arg, const char *relationship, Oid relid, int64 rows, int64 dropped)
{
	ReturnSetInfo *result = arg;
	Datum		values[3] = {(Datum) 0, Int64GetDatum(rows), Int64GetDatum(dropped)};
	bool		nulls[3] = {relationship == NULL, false, false};

	if (relationship != NULL)
		values[0] = CStringGetTextDatum(relationship);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* ---- what is refused ---- */

static void
check_table(ModelTable *table)
{
	if (table->state.name != NULL && table->inactive_state != NULL)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("rows of table \"%s\" cannot be merged", relmeta_relation_name(table->relid)),
			 errdetail("The table is registered without a state column or without an inactive state."),
			 errhint("Call relmeta.register_table() with state_column and inactive_state.")));
}

static void
check_different(ModelTable *table, Datum master, Datum subordinate)
{
	if (model_key_equal(table, master, subordinate))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("a row of table \"%s\" cannot be merged with itself", relmeta_relation_name(table->relid)),
				 errhint("Call relmeta.merge(relation, master_key, subordinate_key) with two keys.")));
}

/* Table grants apply first (SEMANTICS 2.5): who may update no column of the table may not merge its rows. */
static void
check_privilege(ModelTable *table)
{
	if (pg_class_aclcheck(table->relid, GetUserId(), ACL_UPDATE) != ACLCHECK_OK &&
		pg_attribute_aclcheck_all(table->relid, GetUserId(), ACL_UPDATE, ACLMASK_ANY) != ACLCHECK_OK)
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, relmeta_relation_name(table->relid));
}

/* Columns of a locked row as they are now. */
static void
read_latest(ModelTable *table, Datum key, int n, ModelColumn **columns, Datum *values, bool *nulls)
{
	CommandCounterIncrement();
	PushActiveSnapshot(GetLatestSnapshot());
	if (!access_read_columns(table, key, n, columns, values, nulls))
		elog(ERROR, "row of table %s is gone, which was locked", table->sql_name);
	PopActiveSnapshot();
}

static void
check_active(ModelTable *table, Datum key, const char *which)
{
	ModelColumn *column = &table->state;
	Datum		state = (Datum) 0;
	bool		isnull;

	read_latest(table, key, 1, &column, &state, &isnull);
	if (rows_is_active(table, state, isnull))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("rows of table \"%s\" cannot be merged: the %s is not active",
					relmeta_relation_name(table->relid), which),
			 errhint("Set column \"%s\" of the row to an active state first.", column->name)));
}

/* The master must not stand below the subordinate where rows may not stand below themselves. */
static void
check_hierarchies(Merge *merge)
{
	ListCell   *lc;

	foreach(lc, model_as_related(merge->table))
	{
		ModelRelationship *relationship = lfirst(lc);

		if (relationship->refuses_loops &&
			feature_hierarchy_is_below(relationship, merge->master, merge->subordinate))
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("rows of table \"%s\" cannot be merged: the master is below the subordinate in "
							"relationship \"%s\"", relmeta_relation_name(merge->table->relid), relationship->name),
					 errhint("Merge them the other way round, or move the master first.")));
	}
}

void
feature_merge_check_call(Merge *merge)
{
	check_table(merge->table);
	check_different(merge->table, merge->master, merge->subordinate);
	check_privilege(merge->table);
}

void
feature_merge_check_rows(Merge *merge)
{
	check_active(merge->table, merge->master, "master");
	check_active(merge->table, merge->subordinate, "subordinate");
	check_hierarchies(merge);
}

static void
check_parents(Merge *merge)
{
	ListCell   *lc;

	foreach(lc, model_as_related(merge->table))
	{
		ModelRelationship *relationship = lfirst(lc);
		bool		nulls[2];
		Datum		values[2];

		if (!relationship->is_parental)
			continue;
		values[0] = feature_lookup_of(relationship, merge->master, &nulls[0]);
		values[1] = feature_lookup_of(relationship, merge->subordinate, &nulls[1]);
		if (nulls[0] != nulls[1] ||
			(!nulls[0] && !model_key_equal(relationship->primary, values[0], values[1])))
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("rows of table \"%s\" cannot be merged: they have different parents in relationship \"%s\"",
							relmeta_relation_name(merge->table->relid), relationship->name),
					 errhint("Give both the same \"%s\", or merge them without perform_parenting_checks.",
							 model_columns_text(&relationship->lookup))));
	}
}

/* ---- the merge ---- */

/* Where the role is exempt and acts for a principal, the rows are looked for as that principal (SEMANTICS 2.1). */
static void
check_readable(ModelTable *table, DatumSet *keys)
{
	for (int i = 0; i < keys->count; i++)
	{
		if (feature_judges_exempt(table) && !feature_may_read(table, keys->values[i]))
			feature_refuse_missing(table);
		access_motion_check(table, keys->values[i]);
	}
}

/* Locks both rows and sets the keys as they have them; P0002 for one that the caller may not read. */
static RowSet *
lock_rows(Merge *merge)
{
	ModelType  *type = model_key_type(merge->table);
	DatumSet   *keys = rows_set_make(type);
	RowSet	   *rows;

	rows_set_add(keys, merge->master);
	rows_set_add(keys, merge->subordinate);
	check_readable(merge->table, keys);
	rows = inherit_grant_rows(merge->table, keys, ROW_UPDATE);
	merge->master = rows->owners->keys->values[rows->found[0]];
	merge->subordinate = rows->owners->keys->values[rows->found[1]];
	return rows;
}

/* The steps of SEMANTICS 3.6, in their order. */
static Datum
merge_arguments(PG_FUNCTION_ARGS)
{
	Merge		merge = {0};
	Jsonb	   *content = PG_ARGISNULL(ARG_CONTENT) ? NULL : PG_GETARG_JSONB_P(ARG_CONTENT);
	List	   *named;
	RowSet	   *rows;

	relmeta_prevent_if_read_only(fcinfo);
	InitMaterializedSRF(fcinfo, 0);
	merge.report = put_row;
	merge.report_arg = fcinfo->resultinfo;
	merge.table = feature_table_argument(fcinfo, RowExclusiveLock);
	relmeta_argument_required(fcinfo, ARG_MASTER);
	relmeta_argument_required(fcinfo, ARG_SUBORDINATE);
	merge.master = model_key_argument(fcinfo, ARG_MASTER, merge.table);
	merge.subordinate = model_key_argument(fcinfo, ARG_SUBORDINATE, merge.table);
	feature_merge_check_call(&merge);
	named = feature_merge_check_content(merge.table, content);

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	rows = lock_rows(&merge);
	merge.caller = inherit_grant_caller(merge.table);
	merge.actor = merge.caller->principal != NULL ? merge.caller->principal : GetUserNameFromId(GetUserId(), false);
	feature_merge_check_rights(&merge, rows);
	feature_merge_check_rows(&merge);
	if (!PG_ARGISNULL(ARG_PARENTING) && PG_GETARG_BOOL(ARG_PARENTING))
		check_parents(&merge);

	feature_merge_grants(&merge, rows);
	feature_merge_rows(&merge);
	feature_merge_links(&merge);
	feature_merge_parts(&merge);
	feature_merge_content(&merge, content, named, !PG_ARGISNULL(ARG_FILL) && PG_GETARG_BOOL(ARG_FILL));
	feature_merge_deactivate(&merge);
	feature_merge_record(&merge);
	SPI_finish();
	return (Datum) 0;
}

Datum
relmeta_merge(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, merge_arguments);
}
