/*
 * connection_end.c
 *		One end of a connection: its row, and what the caller may do there.
 *
 * SEMANTICS 3.11, "who connects needs what associate needs": where the table is controlled, the right append on the
 * row, and to see a connection read on both ends (2.5); elsewhere the table's own privileges.  A session with
 * relmeta.principal set is judged by that principal's rights on controlled tables even if its role is exempt (2.1).
 */
#include "relmeta.h"

#include "access/motion.h"
#include "access/xact.h"
#include "model/key.h"
#include "rows/plan.h"
#include "rows/rows.h"
#include "enforce/enforce.h"
#include "feature/connection.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

void
feature_connection_check_table(ModelTable *table)
{
	if (!access_may_select(table))
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, relmeta_relation_name(table->relid));
}

static bool
may_write(Oid relid)
{
	return pg_class_aclmask(relid, GetUserId(), ACL_INSERT | ACL_UPDATE, ACLMASK_ANY) != 0 ||
		pg_attribute_aclcheck_all(relid, GetUserId(), ACL_INSERT | ACL_UPDATE, ACLMASK_ANY) == ACLCHECK_OK;
}

/* A hidden row and a missing one in the same words: see enforce/link.c. */
static void
refuse_append(ModelTable *table)
{
	Statement  *statement = access_statement_now();

	if (access_statement_principals(statement) == NIL)
		enforce_refuse_nobody(get_rel_name(table->relid));
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("principal \"%s\" does not hold the right append on the row of table \"%s\" that is to be"
					" connected",
					statement->principal, relmeta_relation_name(table->relid)),
			 errhint("There may be no such row, or none that it may read.")));
}

static void
refuse_missing(ModelTable *table)
{
	if (feature_is_judged(table))
		refuse_append(table);
	feature_refuse_missing(table);
}

void
feature_connection_check_end(ConnectionEnd *end, bool readable)
{
	ModelTable *table = end->table;

	CommandCounterIncrement();
	PushActiveSnapshot(GetLatestSnapshot());
	if (feature_is_judged(table))
	{
		if ((feature_rights_on(table, end->key) & RIGHT_APPEND) == 0)
			refuse_append(table);
		PopActiveSnapshot();
		access_motion_check(table, end->key);
		return;
	}
	readable = readable || feature_may_read(table, end->key);
	PopActiveSnapshot();
	if (!readable)
		refuse_missing(table);
	if (!may_write(table->relid))
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, relmeta_relation_name(table->relid));
}

/*
 *	SELECT FROM s.t AS t WHERE t.id = $1 FOR KEY SHARE OF t
 */
static void
build_seen(PlanText *built, void *subject, int variant)
{
	ModelTable *table = subject;

	built->nparams = 1;
	built->params[0] = model_key_param(table, false);
	appendStringInfo(&built->sql, "SELECT FROM %s AS t WHERE %s", table->sql_name, model_key_is(table, "t", "$1"));
	rows_append_lock(&built->sql, ROW_KEY_SHARE, "t");
}

/*
 * Under a transaction's snapshot the row is there when it is there in that, as for a foreign key of an ordinary table
 * (RI_FKey_check) and a lookup that relmeta guards; 40001 when it has got another key, or has gone, since.
 */
static bool
is_in_snapshot(ConnectionEnd *end)
{
	Oid			relid = end->table->relid;

	return !IsolationUsesXactSnapshot() ||
		rows_run(rows_plan(build_seen, PLAN_ONE, relid, relid, RowShareLock, end->table,
						   end->table->model), relid, &end->key, NULL, 0,
				 1) > 0;
}

/* SPI is connected. */
static void
lock_end(ConnectionEnd *end)
{
	DatumSet   *keys = rows_set_make(model_key_type(end->table));
	RowSet	   *rows;

	if (!is_in_snapshot(end))
		refuse_missing(end->table);
	rows_set_add(keys, end->key);
	rows = rows_get(end->table, keys, ROW_KEY_SHARE);
	if (rows->found[0] < 0)
		refuse_missing(end->table);
	end->key = rows->owners->keys->values[rows->found[0]];
}

/* What the caller may not connect he does not lock, either; what counts is looked at again when it is locked. */
void
feature_connection_lock_ends(ConnectionEnd *ends)
{
	int			first = ends[0].table->relid <= ends[1].table->relid ? 0 : 1;

	for (int i = 0; i < 2; i++)
		feature_connection_check_end(&ends[i], false);
	lock_end(&ends[first]);
	lock_end(&ends[1 - first]);
	for (int i = 0; i < 2; i++)
		feature_connection_check_end(&ends[i], false);
}
