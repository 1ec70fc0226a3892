/*
 * assign_api.c
 *		relmeta.assign(): the caller's own UPDATE of the owner column (SEMANTICS 2.5), unless the row has
 *		that owner.
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/statement.h"
#include "cascade/cascade.h"
#include "collect/collect.h"
#include "model/key.h"
#include "rows/plan.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

PG_FUNCTION_INFO_V1(relmeta_assign);

/* What a call is about. */
typedef struct Assignment
{
	ModelTable *table;
	Datum		values[2];		/* the key, the new owner */
	char		nulls[2];
} Assignment;

/* Runs a statement as the caller with n of the two values as parameters; the number of rows.  SPI is connected. */
static uint64
run(Assignment *a, int n, const char *sql)
{
	Oid			types[2] = {model_key_param(a->table, false), a->table->owner.type.base_type};
	int			result = SPI_execute_with_args(sql, n, types, a->values, a->nulls, false, 0);

	if (result < 0)
		elog(ERROR, "SPI_execute_with_args returned %s for %s", SPI_result_code_string(result), sql);
	return SPI_processed;
}

static void
refuse_missing(ModelTable *table)
{
	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND),
			 errmsg("table \"%s\" has no row with that key that you may assign", relmeta_relation_name(table->relid)),
			 errhint("Look for the row with SELECT; row-level security may hide it.")));
}

static void
refuse_assign(ModelTable *table, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied to assign a row of table \"%s\"", relmeta_relation_name(table->relid)),
			 errhint("%s", hint)));
}

/* SEMANTICS 2.5: when relmeta.principal is set, that principal must hold assign on the row, too. */
static void
check_acting_principal(ModelTable *table, Datum key)
{
	bool		exists;
	int32		rights;

	if (relmeta_acting_as()[0] == '\0')
		return;
	rights = access_effective(table, key, model_principal_and_teams(model_current_principal()), &exists) & access_cap();
	if (!exists || !access_may_read(table, key))
		refuse_missing(table);
	if ((rights & RIGHT_ASSIGN) == 0)
		refuse_assign(table, "The current principal must own the row or hold the right assign on it.");
}

/* Has the row, which is locked, that owner already?  By its type's equality. */
static bool
has_owner(Assignment *a)
{
	ModelColumn *column = &a->table->owner;
	Datum		owner = (Datum) 0;
	bool		isnull = true;

	CommandCounterIncrement();
	PushActiveSnapshot(GetLatestSnapshot());
	(void) access_read_columns(a->table, a->values[0], 1, &column, &owner, &isnull);
	PopActiveSnapshot();
	if (isnull || a->nulls[1] == 'n')
		return isnull && a->nulls[1] == 'n';
	return model_type_equal(&column->type, owner, a->values[1]);
}

/*
 * What the caller may not UPDATE: a row that he may read (42501), or none that is there for him (P0002).
 *
 *	SELECT FROM s.t AS t WHERE t.id = $1
 */
static void
refuse_row(Assignment *a, const char *where)
{
	if (run(a, 1, psprintf("SELECT FROM %s AS t %s", a->table->sql_name, where)) > 0)
		refuse_assign(a->table, "The current principal must own the row or hold the rights write and assign on it.");
	refuse_missing(a->table);
}

/* A row that is left alone takes the privilege that its UPDATE would take. */
static void
check_privilege(ModelTable *table)
{
	if (pg_class_aclcheck(table->relid, GetUserId(), ACL_UPDATE) != ACLCHECK_OK &&
		pg_attribute_aclcheck(table->relid, table->owner.attnum, GetUserId(), ACL_UPDATE) != ACLCHECK_OK)
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, relmeta_relation_name(table->relid));
}

/*
 * The row gets the owner; one that has it already is left alone, so that no trigger fires and no automation is called
 * (SEMANTICS 3.8).  False when a trigger keeps it from being written.
 *
 *	SELECT FROM s.t AS t WHERE t.id = $1 FOR NO KEY UPDATE
 *	UPDATE s.t AS t SET owner = $2 WHERE t.id = $1
 */
static bool
assign_row(Assignment *a)
{
	ModelTable *table = a->table;
	char	   *where = psprintf("WHERE %s", model_key_is(table, "t", "$1"));
	char	   *lock = psprintf("SELECT FROM %s AS t %s FOR NO KEY UPDATE", table->sql_name, where);

	/* where another row has the key of one that was waited for, that is meant */
	if (run(a, 1, lock) == 0 && run(a, 1, lock) == 0)
		refuse_row(a, where);
	/* what it held may have gone with what was waited for */
	CommandCounterIncrement();
	PushActiveSnapshot(GetLatestSnapshot());
	check_acting_principal(table, a->values[0]);
	PopActiveSnapshot();
	if (has_owner(a))
	{
		check_privilege(table);
		return true;
	}
	return run(a, 2, psprintf("UPDATE %s AS t SET %s = $2 %s", table->sql_name, table->owner.sql_name, where)) > 0;
}

/*
 * The new owner as its principal is registered, however it was spelled; 22023 when it can own nothing here.  Who is no
 * principal is refused by the UPDATE (23503).
 */
static Datum
new_owner(const char *name, ModelTable *table)
{
	ModelType  *type = &table->owner.type;
	Datum		owner;
	char	   *principal = model_principal_cast(name, type, &owner) ? model_principal_named(type, owner) : NULL;

	if (principal == NULL)
		principal = model_principal_resolve(name);
	if (!model_principal_cast(principal ? principal : name, type, &owner))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("principal \"%s\" cannot be cast to type %s of owner column \"%s\"",
						name, format_type_with_typemod(type->type, type->typmod), table->owner.name),
				 errdetail("It cannot own rows of table %s.", table->sql_name)));
	return owner;
}

static Datum
assign(PG_FUNCTION_ARGS)
{
	Model	   *model = model_current();
	ModelTable *table;
	Assignment	a = {.nulls = {' ', ' '}};
	uint64		before;

	relmeta_argument_required(fcinfo, 0);
	relmeta_argument_required(fcinfo, 1);
	model_pin(model, CurrentMemoryContext);
	table = model_table_required(model, PG_GETARG_OID(0));
	if (table->owner.name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("rows of table \"%s\" cannot be assigned", relmeta_relation_name(table->relid)),
				 errdetail("The table is registered without an owner column."),
				 errhint("Call relmeta.register_table() with owner_column.")));
	a.table = table;
	a.values[0] = model_key_argument(fcinfo, 1, table);
	if (PG_ARGISNULL(2))
		a.nulls[1] = 'n';
	else
		a.values[1] = new_owner(text_to_cstring(PG_GETARG_TEXT_PP(2)), table);

	check_acting_principal(table, a.values[0]);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	before = collect_rows_assigned();
	if (!assign_row(&a))
		refuse_missing(table);
	SPI_finish();
	PG_RETURN_INT64((int64) (collect_rows_assigned() - before));
}

Datum
relmeta_assign(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, assign);
}
