/*
 * readable.c
 *		What the caller may read: rows that he may not are as good as missing.
 *
 * Policies decide on rows, and they run as the caller, in a statement of our own,
 * as if he had selected from the table that he names; of others see harmless.c.
 * A policy may itself ask has_access() about rows of its table: while the
 * table's policies are being asked for a role, its rows count as readable for
 * that role, or they would ask one another without end.
 */
#include "relmeta.h"

#include "access/row_predicate.h"
#include "access/table.h"
#include "attempt.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "model/key.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "rewrite/rowsecurity.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"

/* a table whose policies are being asked; on the C stack */
typedef struct Asked
{
	Oid			relid;
	Oid			userid;
	struct Asked *outer;
} Asked;

static Asked *asked = NULL;

/* policies of a table that the caller has not named are being evaluated: nor does he name what they ask about */
static bool unnamed = false;

bool
access_may_select(ModelTable *table)
{
	return relmeta_may_use_schema(get_rel_namespace(table->relid), GetUserId()) &&
		(pg_class_aclcheck(table->relid, GetUserId(), ACL_SELECT) == ACLCHECK_OK ||
		 model_columns_granted(&table->key, table->relid, GetUserId(), ACL_SELECT));
}

bool
access_may_lock(Oid relid)
{
	AclMode		any = ACL_SELECT | ACL_INSERT | ACL_UPDATE | ACL_DELETE | ACL_TRUNCATE | ACL_REFERENCES | ACL_TRIGGER;
	AclMode		of_columns = ACL_SELECT | ACL_INSERT | ACL_UPDATE | ACL_REFERENCES;

	return relmeta_may_use_schema(get_rel_namespace(relid), GetUserId()) &&
		(pg_class_aclmask(relid, GetUserId(), any, ACLMASK_ANY) != 0 ||
		 pg_attribute_aclcheck_all(relid, GetUserId(), of_columns, ACLMASK_ANY) == ACLCHECK_OK);
}

void
access_look(ModelTable *table, void (*look) (void *), void *arg)
{
	ErrorData  *error;

	if (access_may_select(table))
	{
		look(arg);
		return;
	}
	error = relmeta_attempt_look(look, arg);
	if (error != NULL)
		ReThrowError(error);
}

/* Do the table's policies decide which rows the caller reads? */
static bool
policies_decide(ModelTable *table)
{
	if (check_enable_rls(table->relid, InvalidOid, true) != RLS_ENABLED)
		return false;
	for (Asked *outer = asked; outer != NULL; outer = outer->outer)
		if (outer->relid == table->relid && outer->userid == GetUserId())
			return false;
	return true;
}

/* Runs a query on the table as the caller; SPI is connected, the result in SPI_tuptable. */
static void
ask(ModelTable *table, const char *sql, Oid type, Datum value, long limit)
{
	Asked		self = {table->relid, GetUserId(), asked};
	int			spi;

	PG_TRY();
	{
		asked = &self;
		spi = SPI_execute_with_args(sql, 1, &type, &value, NULL, true, limit);
	}
	PG_FINALLY();
	{
		asked = self.outer;
	}
	PG_END_TRY();
	if (spi != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args returned %s", SPI_result_code_string(spi));
}

/*
 * Are relmeta's own policies all that the table has?  Then what they say is known without running them.
 */
static bool
has_own_policies_only(ModelTable *table)
{
	Relation	rel;
	List	   *policies;
	ListCell   *lc;
	bool		own = false;

	if (!table->access_control)
		return false;
	rel = try_table_open(table->relid, AccessShareLock);
	if (rel == NULL)
		return false;
	policies = rel->rd_rsdesc ? rel->rd_rsdesc->policies : NIL;
	own = list_length(policies) == 4;
	foreach(lc, policies)
		own &= strncmp(((RowSecurityPolicy *) lfirst(lc))->policy_name, "relmeta_", strlen("relmeta_")) == 0;
	table_close(rel, AccessShareLock);
	return own;
}

/* What relmeta's SELECT policy says of a row, by the one predicate. */
static bool
predicate_allows(ModelTable *table, Datum key)
{
	Statement  *statement = access_statement_now();
	Datum		owner = (Datum) 0;
	bool		owner_null;

	return access_read_row(table, key, &owner, &owner_null) &&
		(access_predicate_rights(access_predicate(statement, table), key, owner_null, owner,
								 GetActiveSnapshot()) & RIGHT_READ) != 0;
}

/* May a query on the table run as the caller? Whose owner has his privileges anyway gains nothing by it. */
static bool
may_ask(ModelTable *table, bool named)
{
	return (named && !unnamed) || has_privs_of_role(relmeta_relation_owner(table->relid), GetUserId());
}

/* The same without such a query; false when it cannot be told. */
static bool
tell(ModelTable *table, Datum *keys, int n, bool *readable)
{
	Asked		self = {table->relid, GetUserId(), asked};
	bool		was_unnamed = unnamed;
	bool		known;

	PG_TRY();
	{
		asked = &self;
		unnamed = true;
		known = access_harmless_policies(table, keys, n, readable);
	}
	PG_FINALLY();
	{
		asked = self.outer;
		unnamed = was_unnamed;
	}
	PG_END_TRY();
	return known;
}

/* SELECT FROM s.t AS t WHERE t.id = $1 */
bool
access_policies_let_read(ModelTable *table, Datum key)
{
	bool		found;

	if (!policies_decide(table))
		return true;
	if (has_own_policies_only(table))
		return predicate_allows(table, key);
	if (!may_ask(table, true))
	{
		found = false;
		(void) tell(table, &key, 1, &found);
		return found;
	}
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	ask(table, psprintf("SELECT FROM %s AS t WHERE %s", table->sql_name, model_key_is(table, "t", "$1")),
		model_key_param(table, false), key, 1);
	found = SPI_processed > 0;
	SPI_finish();
	return found;
}

bool
access_may_read(ModelTable *table, Datum key)
{
	return access_may_select(table) && access_policies_let_read(table, key);
}

/* Where relmeta's policies alone decide it is known from the rights, by the one predicate. */
bool
access_policies_let_read_held(ModelTable *table, Datum key, int32 rights)
{
	if (!policies_decide(table))
		return true;
	return has_own_policies_only(table) ? (rights & RIGHT_READ) != 0 : access_policies_let_read(table, key);
}

/*
 *	SELECT k.number FROM s.t AS t, pg_catalog.unnest($1) WITH ORDINALITY AS k(key, number) WHERE t.id = k.key
 */
bool *
access_readable(ModelTable *table, Datum *keys, int n, bool named)
{
	bool	   *readable = palloc0(Max(n, 1) * sizeof(bool));

	if (n == 0 || !access_may_select(table))
		return readable;
	if (!policies_decide(table))
	{
		memset(readable, true, n * sizeof(bool));
		return readable;
	}
	if (!may_ask(table, named) && has_own_policies_only(table))
	{
		for (int i = 0; i < n; i++)
			readable[i] = predicate_allows(table, keys[i]);
		return readable;
	}
	if (!may_ask(table, named))
		return tell(table, keys, n, readable) ? readable : NULL;
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	ask(table, psprintf("SELECT k.number FROM %s AS t, pg_catalog.unnest($1) WITH ORDINALITY AS k(key, number)"
						" WHERE %s", table->sql_name, model_key_is(table, "t", "k.key")),
		model_key_param(table, true), model_key_array(table, keys, n), 0);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		bool		isnull;

		readable[DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull)) - 1] = true;
	}
	SPI_finish();
	return readable;
}

bool
access_is_unlimited(ModelTable *table)
{
	return relmeta_acting_as()[0] == '\0' &&
		(relmeta_owns_relation(table->relid, GetUserId()) || has_bypassrls_privilege(GetUserId()));
}
