/*
 * owner_column.c
 *		The column that says who owns a row: SEMANTICS 2.2.
 */
#include "ddl/registration.h"

#include "access/table.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/value.h"
#include "parser/parse_func.h"
#include "rewrite/rewriteHandler.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* how many distinct owners are checked at a time */
#define OWNERS_AT_A_TIME 1000

void
ddl_registration_check_owner_column(const Registration *registration)
{
	ModelType	type;

	if (registration->owner_column == NULL)
	{
		if (registration->default_owner)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("default_owner is asked for a table without owner column"),
					 errhint("Call relmeta.register_table() with owner_column => '...' too.")));
		return;
	}
	ddl_column_type(registration->relid, registration->owner_column, &type);
	model_owner_type_check(&type);
	ddl_check_settable(registration->relid, registration->owner_column);
	if (model_columns_have(registration->key, registration->owner_column))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
				 errmsg("the key \"%s\" of table \"%s\" cannot be its owner column",
						registration->owner_column, get_rel_name(registration->relid))));
	/* merge() would give rows to the principal called as the inactive state */
	if (registration->state_column != NULL && strcmp(registration->state_column, registration->owner_column) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
				 errmsg("column \"%s\" of table \"%s\" cannot be its owner column and its state column",
						registration->owner_column, get_rel_name(registration->relid)),
				 errhint("Name two columns; '' takes one away that is registered.")));
}

void
ddl_registration_enter_owner_type(const Registration *registration)
{
	ModelType	type;

	if (registration->owner_column == NULL)
		return;
	ddl_column_type(registration->relid, registration->owner_column, &type);
	model_owner_type_enter(&type);
}

/* ---- existing owners ---- */

/* There is one function of each of these names. */
static Oid
relmeta_function(const char *name)
{
	Oid			any = InvalidOid;	/* not looked at, but not to be NULL */

	return LookupFuncName(list_make2(makeString(RELMETA_SCHEMA), makeString(pstrdup(name))), -1, &any, false);
}

void
ddl_registration_check_may_create(void)
{
	if (!relmeta_may_execute(relmeta_function("create_user"), GetUserId()))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to create principals"),
				 errhint("Ask for GRANT EXECUTE ON FUNCTION relmeta.create_user TO %s.",
						 quote_identifier(GetUserNameFromId(GetUserId(), false)))));
}

static void
create_principal(const char *principal)
{
	Oid			types[] = {TEXTOID};
	Datum		values[] = {CStringGetTextDatum(principal)};

	SPI_connect();
	SPI_execute_with_args("SELECT relmeta.create_user($1)", 1, types, values, NULL, false, 0);
	SPI_finish();
}

static void
unknown_owner(const Registration *registration, const char *owner)
{
	ereport(ERROR,
			(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
			 errmsg("owner \"%s\" in table \"%s\" is not a principal", owner, get_rel_name(registration->relid)),
			 errhint("Call relmeta.create_user(%s) first,"
					 " or relmeta.register_table() with create_principals => true.",
					 quote_literal_cstr(owner))));
}

/* Goes on behind each one that is missing, so that none is looked at twice. */
static void
check_batch(const Registration *registration, ModelType *type, Datum *owners, int n, bool create)
{
	int			missing;

	while ((missing = model_owners_check(type, owners, n, NULL)) >= 0)
	{
		char	   *owner = model_type_output(type, owners[missing]);

		if (!create)
			unknown_owner(registration, owner);
		create_principal(owner);
		owners += missing + 1;
		n -= missing + 1;
	}
}

/*
 * SELECT DISTINCT o FROM s.t WHERE o IS NOT NULL, as the table's owner, with the latest snapshot:
 * writers are locked out, and an owner that was committed after a repeatable
 * read transaction began counts as well.
 */
static Portal
open_owners(const Registration *registration)
{
	const char *owner = quote_identifier(registration->owner_column);
	ActingAs	saved;
	SPIPlanPtr	plan;
	Portal		portal;

	saved = relmeta_act_begin_on(registration->relid, AccessShareLock, ACT_RESTRICTED);
	plan = SPI_prepare(psprintf("SELECT DISTINCT %s FROM %s WHERE %s IS NOT NULL",
								owner, ddl_table_name(registration->relid), owner), 0, NULL);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	PushActiveSnapshot(GetLatestSnapshot());
	portal = SPI_cursor_open(NULL, plan, NULL, NULL, true);
	PopActiveSnapshot();
	relmeta_act_end(saved);
	return portal;
}

void
ddl_registration_check_owners(const Registration *registration, bool create)
{
	ModelType	type;
	Portal		portal;
	Datum	   *owners = palloc(sizeof(Datum) * OWNERS_AT_A_TIME);

	ddl_column_type(registration->relid, registration->owner_column, &type);
	SPI_connect();
	portal = open_owners(registration);
	for (;;)
	{
		ActingAs	saved;
		SPITupleTable *table;
		uint64		n;

		saved = relmeta_act_begin_on(registration->relid, NoLock, ACT_RESTRICTED);
		SPI_cursor_fetch(portal, true, OWNERS_AT_A_TIME);
		relmeta_act_end(saved);
		table = SPI_tuptable;
		n = SPI_processed;
		if (n == 0)
			break;
		for (uint64 i = 0; i < n; i++)
		{
			bool		isnull;

			owners[i] = SPI_getbinval(table->vals[i], table->tupdesc, 1, &isnull);
		}
		check_batch(registration, &type, owners, (int) n, create);
		SPI_freetuptable(table);
	}
	SPI_cursor_close(portal);
	SPI_finish();
	pfree(owners);
}

/* ---- default_owner ---- */

static bool
calls_function(Node *node, void *function)
{
	if (node == NULL)
		return false;
	if (IsA(node, FuncExpr) && ((FuncExpr *) node)->funcid == *(Oid *) function)
		return true;
	return expression_tree_walker(node, calls_function, function);
}

bool
ddl_registration_default_is_ours(Oid relid, const char *column)
{
	Oid			function = relmeta_function("current_principal");
	Relation	rel = table_open(relid, AccessShareLock);
	AttrNumber	attnum = get_attnum(relid, column);
	bool		result = false;

	if (attnum != InvalidAttrNumber && TupleDescAttr(RelationGetDescr(rel), attnum - 1)->atthasdef)
		result = calls_function(build_column_default(rel, attnum), &function);
	table_close(rel, NoLock);
	return result;
}

/*
 * The cast has no length, nor a domain's: it would cut a name that is too long,
 * and what is left may be another principal's.  Storing it refuses it.
 */
char *
ddl_registration_default_owner(Oid type)
{
	return psprintf("relmeta.current_principal()::%s", ddl_type_name(getBaseType(type), -1));
}

/*
 * ALTER TABLE s.t ALTER COLUMN o SET DEFAULT relmeta.current_principal()::uuid
 * ALTER TABLE s.t ALTER COLUMN o DROP DEFAULT
 */
void
ddl_registration_sync_default(const Registration *from, const Registration *to)
{
	const char *old = from && from->default_owner ? from->owner_column : NULL;
	const char *new = to && to->default_owner ? to->owner_column : NULL;

	if (old && (new == NULL || strcmp(old, new) != 0) && ddl_registration_default_is_ours(from->relid, old))
		ddl_run("ALTER TABLE %s ALTER COLUMN %s DROP DEFAULT",
				ddl_table_name(from->relid), quote_identifier(old));
	if (new && !ddl_registration_default_is_ours(to->relid, new))
		ddl_run("ALTER TABLE %s ALTER COLUMN %s SET DEFAULT %s", ddl_table_name(to->relid), quote_identifier(new),
				ddl_registration_default_owner(get_atttype(to->relid, get_attnum(to->relid, new))));
}
