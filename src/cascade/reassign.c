/*
 * reassign.c
 *		relmeta.reassign_owned(): all rows of one principal go to another (SEMANTICS 2.1).
 *
 * One UPDATE per table, as the table's owner, each an assign of its own with its
 * cascades.  Whoever may execute the function may give away anybody's rows.
 */
#include "relmeta.h"

#include "cascade/cascade.h"
#include "cascade/plan.h"
#include "executor/spi.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(relmeta_reassign_owned);

/* Runs a statement on the table as its owner; the number of rows. */
static uint64
run_as_owner(ModelTable *table, const char *sql, int nargs, Oid *types, Datum *values, bool read_only, long limit)
{
	ActingAs	saved = relmeta_act_begin(table->relowner, ACT_CASCADE);
	int			result = SPI_execute_with_args(sql, nargs, types, values, NULL, read_only, limit);

	relmeta_act_end(saved);
	if (result < 0)
		elog(ERROR, "SPI_execute_with_args returned %s for %s", SPI_result_code_string(result), sql);
	return SPI_processed;
}

/*
 * The new owner has no value of the table's owner type: nothing can be done, but
 * what stays must not stay unnoticed.
 *
 *	SELECT FROM s.t AS t WHERE t.owner = $1
 */
static void
warn_of_rest(ModelTable *table, Datum *values, const char *old_owner, const char *new_owner)
{
	ModelType  *type = &table->owner.type;
	char	   *sql = psprintf("SELECT FROM %s AS t WHERE t.%s%s %s $1", table->sql_name, table->owner.sql_name,
							   type->sql_collate, type->sql_eq);

	if (run_as_owner(table, sql, 1, &type->base_type, values, false, 1) > 0)
		ereport(WARNING,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("rows of table %s stay with principal \"%s\"", table->sql_name, old_owner),
				 errdetail("Principal \"%s\" is no value of the type of owner column \"%s\".",
						   new_owner, table->owner.name)));
}

/*
 *	UPDATE s.t AS t SET owner = $2 WHERE t.owner = $1
 */
static void
reassign_table(ModelTable *table, const char *old_owner, const char *new_owner)
{
	ModelType  *type = &table->owner.type;
	Oid			types[2] = {type->base_type, type->base_type};
	Datum		values[2];

	if (!model_principal_cast(old_owner, type, &values[0]))
		return;
	if (!model_principal_cast(new_owner, type, &values[1]))
		warn_of_rest(table, values, old_owner, new_owner);
	else if (!model_type_equal(type, values[0], values[1]))
		run_as_owner(table,
					 psprintf("UPDATE %s AS t SET %s = $2 WHERE t.%s%s %s $1", table->sql_name,
							  table->owner.sql_name, table->owner.sql_name, type->sql_collate, type->sql_eq),
					 2, types, values, false, 0);
}

Datum
relmeta_reassign_owned(PG_FUNCTION_ARGS)
{
	char	   *old_owner;
	char	   *new_owner;
	Model	   *model;
	uint64		before;
	ListCell   *lc;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("old_owner and new_owner must not be null"),
				 errhint("Call relmeta.reassign_owned(old_owner, new_owner).")));
	old_owner = text_to_cstring(PG_GETARG_TEXT_PP(0));
	new_owner = text_to_cstring(PG_GETARG_TEXT_PP(1));
	old_owner = model_principal_required(old_owner);
	new_owner = model_principal_required(new_owner);

	model = model_current();
	model_pin(model, CurrentMemoryContext);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	before = cascade_rows_assigned();
	foreach(lc, model_tables_downwards(model))
	{
		ModelTable *table = lfirst(lc);

		if (!OidIsValid(table->relowner))
			continue;			/* the table is gone, and the rows with it */
		if (table->broken)
			ereport(WARNING,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("rows of table %s are not reassigned: %s", table->sql_name, table->broken),
					 errhint("Call relmeta.verify() to see what is missing, relmeta.repair() to mend it.")));
		else if (table->owner.name != NULL)
			reassign_table(table, old_owner, new_owner);
	}
	SPI_finish();
	PG_RETURN_INT64((int64) (cascade_rows_assigned() - before));
}
