/*
 * reassign.c
 *		relmeta.reassign_owned(): all rows of one principal go to another (SEMANTICS 2.1).
 *
 * One UPDATE per table, as the table's owner, each an assign of its own with its
 * cascades.  Whoever may execute the function may give away anybody's rows: he
 * names no table, so nothing of the tables' is left to run as him (ACT_RESTRICTED).
 */
#include "relmeta.h"

#include "cascade/cascade.h"
#include "cascade/deferred.h"
#include "collect/collect.h"
#include "rows/plan.h"
#include "executor/spi.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(relmeta_reassign_owned);

/* Runs a statement on the table, which is locked, as its owner. */
static void
run_as_owner(ModelTable *table, const char *sql, int nargs, Oid *types, Datum *values)
{
	ActingAs	saved = relmeta_act_begin_on(table->relid, NoLock, ACT_RESTRICTED);
	int			result = SPI_execute_with_args(sql, nargs, types, values, NULL, false, 0);

	relmeta_act_end(saved);
	if (result < 0)
		elog(ERROR, "SPI_execute_with_args returned %s for %s", SPI_result_code_string(result), sql);
}

static bool
owns_rows(ModelTable *table, Datum owner)
{
	ModelType  *type = &table->owner.type;

	return model_owner_of_rows(table, construct_array(&owner, 1, type->base_type, type->typlen, type->typbyval,
													  type->typalign)) != NULL;
}

/*
 * A trigger of a table may have changed another one, whose constraint is deferred: PostgreSQL refuses that in words
 * that help nobody.  Other errors of the table's owner's code do not say whose they are.
 */
pg_noreturn static void
explain_refusal(ErrorData *error, ModelTable *table)
{
	if (error->message_id != NULL &&
		strcmp(error->message_id, "cannot fire deferred trigger within security-restricted operation") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("cannot change owners in table \"%s\":"
						" what its triggers do would wait for deferred constraints",
						relmeta_relation_name(table->relid)),
				 errhint("Run SET CONSTRAINTS ALL IMMEDIATE first.")));
	error->context = psprintf("%s%swhile owners of rows of table %s are changed", error->context ? error->context : "",
							  error->context ? "\n" : "", table->sql_name);
	if (error->hint == NULL)
		error->hint = psprintf("Mend what is in the way, or call relmeta.unregister_table(%s).",
							   quote_literal_cstr(table->sql_name));
	ReThrowError(error);
}

/*
 *	UPDATE s.t AS t SET owner = $2 WHERE t.owner = $1
 */
static void
reassign_rows(ModelTable *table, Datum *values)
{
	ModelType  *type = &table->owner.type;
	Oid			types[2] = {type->base_type, type->base_type};
	MemoryContext cxt = CurrentMemoryContext;
	List	   *deferred = cascade_deferred_set_immediate(table);

	PG_TRY();
	{
		run_as_owner(table, psprintf("UPDATE %s AS t SET %s = $2 WHERE t.%s%s %s $1", table->sql_name,
									 table->owner.sql_name, table->owner.sql_name, type->sql_collate, type->sql_eq),
					 2, types, values);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(cxt);
		error = CopyErrorData();
		FlushErrorState();
		explain_refusal(error, table);
	}
	PG_END_TRY();
	cascade_deferred_again(deferred);
}

/* What the new owner cannot own, since it has no value of the table's owner type, must not stay unnoticed. */
static void
reassign_table(ModelTable *table, const char *old_owner, const char *new_owner)
{
	ModelType  *type = &table->owner.type;
	Datum		values[2];
	bool		can_own;

	if (!model_principal_held(old_owner, type, &values[0]))
		return;
	can_own = model_principal_cast(new_owner, type, &values[1]);
	if (can_own && model_type_equal(type, values[0], values[1]))
		return;
	LockRelationOid(table->relid, RowExclusiveLock);
	if (!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(table->relid)) || !owns_rows(table, values[0]))
	{
		/* there may be more tables than locks */
		UnlockRelationOid(table->relid, RowExclusiveLock);
		return;
	}
	if (can_own)
		reassign_rows(table, values);
	else
		ereport(WARNING,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("rows of table %s stay with principal \"%s\"", table->sql_name, old_owner),
				 errdetail("Principal \"%s\" is no value of the type of owner column \"%s\".",
						   new_owner, table->owner.name)));
}

Datum
relmeta_reassign_owned(PG_FUNCTION_ARGS)
{
	char	   *old_owner;
	char	   *new_owner;
	Model	   *model;
	uint64		before;
	ListCell   *lc;

	old_owner = relmeta_argument_text_required(fcinfo, 0);
	new_owner = relmeta_argument_text_required(fcinfo, 1);
	old_owner = model_principal_required(old_owner);
	new_owner = model_principal_required(new_owner);

	model = model_current();
	model_pin(model, CurrentMemoryContext);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	before = collect_rows_assigned();
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
	PG_RETURN_INT64((int64) (collect_rows_assigned() - before));
}
