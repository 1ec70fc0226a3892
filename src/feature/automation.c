/*
 * automation.c
 *		Automations are declared and dropped by the owners of tables (SEMANTICS 3.9).
 *
 * A procedure is kept by its name: its OID is another after a restore.  Whose it is is looked at when it is declared
 * and before each call.
 */
#include "relmeta.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "ddl/ddl.h"
#include "ddl/lock.h"
#include "executor/spi.h"
#include "feature/automation.h"
#include "feature/catalog.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(relmeta_create_automation);
PG_FUNCTION_INFO_V1(relmeta_drop_automation);

/* arguments of create_automation, in order */
enum
{
	ARG_NAME,
	ARG_RELATION,
	ARG_PROCEDURE,
	ARG_IF_NOT_EXISTS
};

/* ---- the catalog ---- */

Automation *
feature_automation_named(const char *name)
{
	Oid			type = TEXTOID;
	Datum		value = CStringGetTextDatum(name);
	MemoryContext cxt = CurrentMemoryContext;
	Automation *automation = NULL;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (feature_catalog_read("SELECT a.automation_id, a.relation::pg_catalog.oid, a.procedure_schema, a.procedure_name"
							 " FROM relmeta.automation AS a WHERE a.name = $1", 1, &type, &value, true) == 1)
	{
		HeapTuple	tuple = SPI_tuptable->vals[0];
		TupleDesc	desc = SPI_tuptable->tupdesc;
		bool		isnull;

		automation = MemoryContextAlloc(cxt, sizeof(Automation));
		automation->id = DatumGetInt32(SPI_getbinval(tuple, desc, 1, &isnull));
		automation->name = MemoryContextStrdup(cxt, name);
		automation->relid = DatumGetObjectId(SPI_getbinval(tuple, desc, 2, &isnull));
		automation->schema = MemoryContextStrdup(cxt, SPI_getvalue(tuple, desc, 3));
		automation->procedure = MemoryContextStrdup(cxt, SPI_getvalue(tuple, desc, 4));
	}
	SPI_finish();
	return automation;
}

void
feature_automation_refuse_missing(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("automation \"%s\" does not exist", name),
			 errhint("See relmeta.automation, or call relmeta.create_automation().")));
}

Automation *
feature_automation_argument(FunctionCallInfo fcinfo)
{
	char	   *name = relmeta_argument_text_required(fcinfo, ARG_NAME);
	Automation *automation = feature_automation_named(name);

	if (automation == NULL)
		feature_automation_refuse_missing(name);
	return automation;
}

bool
feature_has_automations(ModelTable *table)
{
	return feature_catalog_mentions("automation", "automation_relation_idx", table->relid);
}

/* ---- the procedure ---- */

/* Does a procedure belong to the owner that a table has now, or to a superuser? */
static bool
may_be_called(Oid procedure, Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(procedure));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", procedure);
	owner = ((Form_pg_proc) GETSTRUCT(tuple))->proowner;
	ReleaseSysCache(tuple);
	return owner == relmeta_relation_owner(relid) || superuser_arg(owner);
}

/* 42501 for one that may not be called. */
static void
check_owner(Oid procedure, Oid relid, const char *name)
{
	if (may_be_called(procedure, relid))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("procedure of automation \"%s\" belongs neither to the owner of table \"%s\" nor to a superuser",
					name, relmeta_relation_name(relid)),
			 errhint("Give the procedure to the table's owner, or call relmeta.drop_automation(%s).",
					 quote_literal_cstr(name))));
}

/* InvalidOid when it is gone. */
static Oid
procedure_of(Automation *automation)
{
	static const Oid types[2] = {REGCLASSOID, TEXTOID};
	Oid			schema = get_namespace_oid(automation->schema, true);

	if (!OidIsValid(schema))
		return InvalidOid;
	return GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum(automation->procedure),
						   PointerGetDatum(buildoidvector(types, 2)), ObjectIdGetDatum(schema));
}

char *
feature_automation_problem(Automation *automation)
{
	Oid			procedure = procedure_of(automation);

	if (!OidIsValid(procedure))
		return psprintf("its procedure %s(regclass, text) does not exist",
						quote_qualified_identifier(automation->schema, automation->procedure));
	return may_be_called(procedure, automation->relid) ? NULL :
		"its procedure belongs neither to the table's owner nor to a superuser";
}

Oid
feature_automation_procedure(Automation *automation, bool *is_procedure)
{
	Oid			procedure = procedure_of(automation);

	if (!OidIsValid(procedure))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("procedure %s(regclass, text) of automation \"%s\" does not exist",
						quote_qualified_identifier(automation->schema, automation->procedure), automation->name),
				 errhint("Make it again, or call relmeta.drop_automation(%s).",
						 quote_literal_cstr(automation->name))));
	check_owner(procedure, automation->relid, automation->name);
	*is_procedure = get_func_prokind(procedure) == PROKIND_PROCEDURE;
	return procedure;
}

char *
feature_actor(void)
{
	Oid			userid;
	int			sec_context;
	char	   *principal;

	GetUserIdAndSecContext(&userid, &sec_context);
	/* as a table's owner: for somebody who reassigns, say */
	if ((sec_context & SECURITY_NOFORCE_RLS) != 0)
		userid = GetOuterUserId();
	principal = model_principal_of(relmeta_principal, userid);
	return principal != NULL ? principal : GetUserNameFromId(userid, false);
}

/* ---- create, drop ---- */

static void
check_procedure(Oid procedure)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(procedure));
	Form_pg_proc form;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("procedure with OID %u does not exist", procedure)));
	form = (Form_pg_proc) GETSTRUCT(tuple);
	if ((form->prokind != PROKIND_FUNCTION && form->prokind != PROKIND_PROCEDURE) ||
		form->pronargs != 2 || form->proargtypes.values[0] != REGCLASSOID || form->proargtypes.values[1] != TEXTOID)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" cannot be the procedure of an automation", NameStr(form->proname)),
				 errhint("It takes the arguments (relation regclass, key text).")));
	ReleaseSysCache(tuple);
}

static void
check_name(const char *name)
{
	if (name[0] == '\0' || strlen(name) >= NAMEDATALEN)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the name of an automation has 1 to %d bytes", NAMEDATALEN - 1),
				 errhint("Choose another name.")));
}

/* Rows of the table are seen by the trigger from here on, or no longer. */
static void
sync_triggers(Oid relid)
{
	CommandCounterIncrement();
	ddl_triggers_sync(model_table_required(ddl_model(), relid));
}

static void
insert_automation(const char *name, Oid relid, Oid procedure)
{
	Oid			types[4] = {TEXTOID, REGCLASSOID, NAMEOID, NAMEOID};
	Datum		values[4];

	values[0] = CStringGetTextDatum(name);
	values[1] = ObjectIdGetDatum(relid);
	values[2] = DirectFunctionCall1(namein, CStringGetDatum(get_namespace_name(get_func_namespace(procedure))));
	values[3] = DirectFunctionCall1(namein, CStringGetDatum(get_func_name(procedure)));
	feature_catalog_change("INSERT INTO relmeta.automation (name, relation, procedure_schema, procedure_name)"
						   " VALUES ($1, $2, $3, $4)", 4, types, values, NULL);
}

Datum
relmeta_create_automation(PG_FUNCTION_ARGS)
{
	char	   *name = relmeta_argument_text_required(fcinfo, ARG_NAME);
	Oid			relid = relmeta_argument_table(fcinfo, ARG_RELATION);
	Oid			procedure;
	Automation *existing;

	relmeta_argument_required(fcinfo, ARG_PROCEDURE);
	procedure = PG_GETARG_OID(ARG_PROCEDURE);
	check_name(name);
	(void) model_table_required(ddl_model(), relid);
	ddl_check_owner(relid);
	check_procedure(procedure);
	ddl_lock_tables(list_make1_oid(relid), NIL);
	(void) model_table_required(ddl_model(), relid);
	ddl_check_owner(relid);
	check_owner(procedure, relid, name);
	existing = feature_automation_named(name);
	if (existing != NULL)
	{
		/* of another table's it is not the one that is meant */
		if (existing->relid == relid && !PG_ARGISNULL(ARG_IF_NOT_EXISTS) && PG_GETARG_BOOL(ARG_IF_NOT_EXISTS))
			PG_RETURN_VOID();
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("automation \"%s\" already exists", name),
				 errhint("Choose another name, or call relmeta.drop_automation(%s) first.", quote_literal_cstr(name))));
	}
	insert_automation(name, relid, procedure);
	sync_triggers(relid);
	PG_RETURN_VOID();
}

Datum
relmeta_drop_automation(PG_FUNCTION_ARGS)
{
	Automation *automation = feature_automation_argument(fcinfo);
	Oid			type = INT4OID;
	Datum		id = Int32GetDatum(automation->id);

	ddl_check_owner(automation->relid);
	ddl_lock_tables(list_make1_oid(automation->relid), NIL);
	ddl_check_owner(automation->relid);
	feature_catalog_change("DELETE FROM relmeta.automation WHERE automation_id = $1", 1, &type, &id, NULL);
	sync_triggers(automation->relid);
	PG_RETURN_VOID();
}
