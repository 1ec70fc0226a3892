/*
 * state_column.c
 *		Which states count as active: SEMANTICS 2.2.
 */
#include "ddl/ddl.h"
#include "ddl/registration.h"

#include "catalog/pg_attribute.h"
#include "catalog/pg_type.h"
#include "utils/lsyscache.h"

/* What goes without saying for a column of this type; NULL: nothing does. */
static char *
default_active(ModelType *type)
{
	switch (type->base_type)
	{
		case BOOLOID:
			return "true";
		case INT2OID:
		case INT4OID:
		case INT8OID:
			return "0";
		default:
			return NULL;
	}
}

static char *
default_inactive(ModelType *type)
{
	switch (type->base_type)
	{
		case BOOLOID:
			return "false";
		case INT2OID:
		case INT4OID:
		case INT8OID:
			return "1";
		default:
			return NULL;
	}
}

static bool
is_active(ModelType *type, List *active_states, const char *state)
{
	Datum		value = model_type_input(type, state);
	ListCell   *lc;

	foreach(lc, active_states)
	{
		if (model_type_equal(type, model_type_input(type, lfirst(lc)), value))
			return true;
	}
	return false;
}

/* 22P02 when one is not a value of the column's type */
static void
check_values(ModelType *type, List *states)
{
	ListCell   *lc;

	foreach(lc, states)
	{
		if (lfirst(lc) == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("active_states must not contain null"),
					 errhint("A row whose state is null is never active.")));
		(void) model_type_input(type, lfirst(lc));
	}
}

static void
fill_active(Registration *registration, ModelType *type)
{
	char	   *state = default_active(type);

	if (registration->active_states != NIL)
		return;
	if (state == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("active_states must be given for state column \"%s\"", registration->state_column),
				 errhint("Call relmeta.register_table() with active_states => '{...}',"
						 " the values of \"%s\" in which a row is active.", registration->state_column)));
	registration->active_states = list_make1(state);
}

/*
 * A generated column cannot be set, which only a merge would do.  PostgreSQL 18 has such as are stored nowhere, and
 * computed where a statement reads them: rows in hand have none.
 */
static bool
is_generated(Registration *registration)
{
	char		generated = get_attgenerated(registration->relid,
											 ddl_column_required(registration->relid, registration->state_column));

	if (generated != '\0' && generated != ATTRIBUTE_GENERATED_STORED)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("state column \"%s\" is a virtual generated column", registration->state_column),
				 errhint("Generate it STORED.")));
	return generated != '\0';
}

static void
fill_inactive(Registration *registration, ModelType *type)
{
	char	   *state = registration->inactive_state;

	if (is_generated(registration))
	{
		if (state != NULL)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("state column \"%s\" is a generated column, which a merge cannot set to \"%s\"",
							registration->state_column, state),
					 errhint("Give no inactive_state.")));
	}
	else if (state == NULL)
	{
		state = default_inactive(type);
		if (state && !is_active(type, registration->active_states, state))
			registration->inactive_state = state;
	}
	else if (is_active(type, registration->active_states, state))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("inactive_state \"%s\" is one of the active states", state)));
}

void
ddl_registration_check_states(Registration *registration)
{
	AttrNumber	attnum;
	Oid			typid;
	int32		typmod;
	Oid			collation;
	ModelType	type;

	if (registration->state_column == NULL)
	{
		if (registration->active_states != NIL || registration->inactive_state != NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("states are given for a table without state column"),
					 errhint("Call relmeta.register_table() with state_column => '...' too.")));
		return;
	}
	attnum = ddl_column_required(registration->relid, registration->state_column);
	get_atttypetypmodcoll(registration->relid, attnum, &typid, &typmod, &collation);
	model_type_fill(&type, typid, typmod, collation);
	check_values(&type, registration->active_states);
	fill_active(registration, &type);
	fill_inactive(registration, &type);
}
