/*
 * assign_api.c
 *		relmeta.assign(): the caller's own UPDATE of the owner column (SEMANTICS 2.5).
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/statement.h"
#include "cascade/cascade.h"
#include "collect/collect.h"
#include "rows/plan.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(relmeta_assign);

/* UPDATE s.t SET owner = $2 WHERE id = $1, as the caller; the number of rows */
static uint64
assign_row(ModelTable *table, Datum key, Datum owner, bool owner_null)
{
	StringInfoData sql;
	Oid			types[2] = {table->key.type.base_type, table->owner.type.base_type};
	Datum		values[2] = {key, owner};
	char		nulls[2] = {' ', owner_null ? 'n' : ' '};
	int			result;

	initStringInfo(&sql);
	appendStringInfo(&sql, "UPDATE %s AS t SET %s = $2 WHERE t.%s %s $1%s", table->sql_name, table->owner.sql_name,
					 table->key.sql_name, table->key.type.sql_eq, table->key.type.sql_collate);
	result = SPI_execute_with_args(sql.data, 2, types, values, nulls, false, 0);
	if (result != SPI_OK_UPDATE)
		elog(ERROR, "SPI_execute_with_args returned %s", SPI_result_code_string(result));
	return SPI_processed;
}

static void
refuse_missing(ModelTable *table)
{
	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND),
			 errmsg("table \"%s\" has no row with that key that you may assign", get_rel_name(table->relid)),
			 errhint("Look for the row with SELECT; row-level security may hide it.")));
}

/* SEMANTICS 2.5: when relmeta.principal is set, that principal must hold assign on the row, too. */
static void
check_acting_principal(ModelTable *table, Datum key)
{
	bool		exists;
	int32		rights;

	if (relmeta_principal[0] == '\0')
		return;
	rights = access_effective(table, key, model_principal_and_teams(model_current_principal()), &exists) & access_cap();
	if (!exists || !access_may_read(table, key))
		refuse_missing(table);
	if ((rights & RIGHT_ASSIGN) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to assign a row of table \"%s\"", get_rel_name(table->relid)),
				 errhint("The current principal must own the row or hold the right assign on it.")));
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
	Datum		key;
	Datum		owner = (Datum) 0;
	uint64		before;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("relation and key must not be null"),
				 errhint("Call relmeta.assign(relation, key, new_owner).")));
	model_pin(model, CurrentMemoryContext);
	table = model_table_required(model, PG_GETARG_OID(0));
	if (table->owner.name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("rows of table \"%s\" cannot be assigned", get_rel_name(table->relid)),
				 errdetail("The table is registered without an owner column."),
				 errhint("Call relmeta.register_table() with owner_column.")));
	key = model_key_argument(fcinfo, 1, table);
	if (!PG_ARGISNULL(2))
		owner = new_owner(text_to_cstring(PG_GETARG_TEXT_PP(2)), table);

	check_acting_principal(table, key);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	before = collect_rows_assigned();
	if (assign_row(table, key, owner, PG_ARGISNULL(2)) == 0)
		refuse_missing(table);
	SPI_finish();
	PG_RETURN_INT64((int64) (collect_rows_assigned() - before));
}

Datum
relmeta_assign(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, assign);
}
