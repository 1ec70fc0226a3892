/*
 * trigger.c
 *		The two event triggers: what a statement did, told to those who care.
 *
 * PostgreSQL's two functions are called directly rather than by a query: every
 * DDL statement of the database passes here, whoever runs it.
 */
#include "ddl/event/event.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_type.h"
#include "commands/event_trigger.h"
#include "executor/executor.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "tcop/deparse_utility.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(relmeta_event_ddl_command_start);
PG_FUNCTION_INFO_V1(relmeta_event_ddl_command_end);
PG_FUNCTION_INFO_V1(relmeta_event_sql_drop);

/* ---- reading what happened ---- */

typedef void (*RowReader) (TupleTableSlot *slot, void *context);

/* Calls a set-returning function of no arguments, and read_row for each row. */
static void
read_rows(Oid function, RowReader read_row, void *context)
{
	LOCAL_FCINFO(fcinfo, 0);
	FmgrInfo	flinfo;
	ReturnSetInfo rsinfo = {.type = T_ReturnSetInfo};
	TupleTableSlot *slot;

	fmgr_info(function, &flinfo);
	rsinfo.econtext = CreateStandaloneExprContext();
	rsinfo.allowedModes = SFRM_Materialize;
	rsinfo.returnMode = SFRM_Materialize;
	InitFunctionCallInfoData(*fcinfo, &flinfo, 0, InvalidOid, NULL, (Node *) &rsinfo);
	(void) FunctionCallInvoke(fcinfo);

	slot = MakeSingleTupleTableSlot(rsinfo.setDesc, &TTSOpsMinimalTuple);
	while (tuplestore_gettupleslot(rsinfo.setResult, true, true, slot))
		read_row(slot, context);
	ExecDropSingleTupleTableSlot(slot);
	tuplestore_end(rsinfo.setResult);
	FreeExprContext(rsinfo.econtext, true);
}

/* column numbers of pg_event_trigger_ddl_commands() */
#define COMMANDS_COMMAND 9

static void
read_command(TupleTableSlot *slot, void *context)
{
	List	  **commands = context;
	bool		isnull;
	Datum		command = slot_getattr(slot, COMMANDS_COMMAND, &isnull);

	if (!isnull)
		*commands = lappend(*commands, DatumGetPointer(command));
}

/* column numbers of pg_event_trigger_dropped_objects() */
#define DROPPED_CLASSID			1
#define DROPPED_OBJID			2
#define DROPPED_ORIGINAL		4
#define DROPPED_IS_TEMPORARY	6
#define DROPPED_OBJECT_TYPE		7
#define DROPPED_ADDRESS_NAMES	11

static List *
names_of(Datum array)
{
	Datum	   *elems;
	bool	   *nulls;
	int			n;
	List	   *names = NIL;

	deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT, &elems, &nulls, &n);
	for (int i = 0; i < n; i++)
		names = lappend(names, nulls[i] ? pstrdup("") : TextDatumGetCString(elems[i]));
	return names;
}

static bool
may_matter(const char *type)
{
	return strcmp(type, "table") == 0 || strcmp(type, "table column") == 0 ||
		strcmp(type, "table constraint") == 0 || strcmp(type, "trigger") == 0 || strcmp(type, "index") == 0;
}

static void
read_dropped(TupleTableSlot *slot, void *context)
{
	List	  **objects = context;
	DroppedObject *object;
	bool		isnull;
	char	   *type = TextDatumGetCString(slot_getattr(slot, DROPPED_OBJECT_TYPE, &isnull));
	Datum		names;

	if (!may_matter(type) || DatumGetBool(slot_getattr(slot, DROPPED_IS_TEMPORARY, &isnull)))
		return;
	names = slot_getattr(slot, DROPPED_ADDRESS_NAMES, &isnull);
	if (isnull)
		return;
	object = palloc0(sizeof(DroppedObject));
	object->type = type;
	object->original = DatumGetBool(slot_getattr(slot, DROPPED_ORIGINAL, &isnull));
	object->names = names_of(names);
	if (DatumGetObjectId(slot_getattr(slot, DROPPED_CLASSID, &isnull)) == RelationRelationId)
		object->relid = DatumGetObjectId(slot_getattr(slot, DROPPED_OBJID, &isnull));
	*objects = lappend(*objects, object);
}

/* ---- telling it ---- */

static bool
is_index(ObjectAddress address)
{
	char		kind = address.classId == RelationRelationId ? get_rel_relkind(address.objectId) : '\0';

	return kind == RELKIND_INDEX || kind == RELKIND_PARTITIONED_INDEX;
}

/*
 * ALTER VIEW, ALTER INDEX and others rename tables and columns of tables too,
 * so it is the object that counts, not what the statement calls it.
 */
static void
tell_renamed(RenameStmt * stmt, ObjectAddress address)
{
	if (stmt->renameType == OBJECT_SCHEMA)
		ddl_event_schema_named(address.objectId);
	else if (stmt->renameType == OBJECT_ATTRIBUTE)
		ddl_event_attribute_renamed(address.objectId, stmt->subname, stmt->newname);
	else if (stmt->renameType == OBJECT_COLUMN && address.classId == RelationRelationId)
		ddl_event_column_renamed(address.objectId, stmt->subname, stmt->newname);
	else if (is_index(address))
		ddl_event_index_renamed(address.objectId, stmt->relation->relname, stmt->newname);
	else if (address.classId == RelationRelationId && address.objectSubId == 0)
		ddl_event_table_named(address.objectId);
}

static void
tell_simple(CollectedCommand * command)
{
	ObjectAddress address = command->d.simple.address;

	switch (nodeTag(command->parsetree))
	{
		case T_CreateStmt:
		case T_CreateForeignTableStmt:
		case T_CreateTableAsStmt:
			ddl_event_table_created(address.objectId);
			break;
		case T_RenameStmt:
			tell_renamed((RenameStmt *) command->parsetree, address);
			break;
		case T_AlterEnumStmt:
			if (((AlterEnumStmt *) command->parsetree)->oldVal)
				ddl_event_enum_value_renamed(address.objectId, ((AlterEnumStmt *) command->parsetree)->oldVal,
											 ((AlterEnumStmt *) command->parsetree)->newVal);
			break;
		case T_AlterObjectSchemaStmt:
			if (address.classId == RelationRelationId)
				ddl_event_table_named(address.objectId);
			break;
		case T_CreateTrigStmt:
			ddl_trigger_created(address.objectId);
			break;
		case T_RuleStmt:
			if (address.classId == RewriteRelationId)
				ddl_event_rule_created(address.objectId);
			break;
		default:
			break;
	}
}

static void
tell(CollectedCommand * command)
{
	if (command->type == SCT_AlterTable)
		ddl_event_table_altered(command->d.alterTable.objectId, command->d.alterTable.subcmds);
	else if (command->type == SCT_Simple && OidIsValid(command->d.simple.address.objectId))
		tell_simple(command);
}

/*
 * pg_upgrade makes tables and their dependents one by one, in an empty catalog;
 * during CREATE EXTENSION relmeta, ALTER EXTENSION relmeta UPDATE and DROP
 * EXTENSION relmeta there may be no catalog at all.
 */
static bool
is_idle(FunctionCallInfo fcinfo, const char *function)
{
	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_EVENT_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"relmeta.%s\" was not called by its event trigger", function)));
	return IsBinaryUpgrade || !OidIsValid(relmeta_schema_oid()) || !OidIsValid(relmeta_extension_oid());
}

/*
 * ON ddl_command_start, of ALTER TABLE and DROP TABLE
 */
Datum
relmeta_event_ddl_command_start(PG_FUNCTION_ARGS)
{
	Node	   *parsetree;

	if (is_idle(fcinfo, "event_ddl_command_start"))
		PG_RETURN_NULL();
	parsetree = ((EventTriggerData *) fcinfo->context)->parsetree;
	if (ddl_is_running())
		PG_RETURN_NULL();
	if (IsA(parsetree, AlterTableStmt))
		ddl_event_alter_table_starts((AlterTableStmt *) parsetree);
	if (IsA(parsetree, DropStmt))
		ddl_event_drop_starts((DropStmt *) parsetree);
	PG_RETURN_NULL();
}

/*
 * ON ddl_command_end
 */
Datum
relmeta_event_ddl_command_end(PG_FUNCTION_ARGS)
{
	List	   *commands = NIL;
	ListCell   *lc;

	if (is_idle(fcinfo, "event_ddl_command_end"))
		PG_RETURN_NULL();
	read_rows(F_PG_EVENT_TRIGGER_DDL_COMMANDS, read_command, &commands);
	foreach(lc, commands)
		tell(lfirst(lc));
	PG_RETURN_NULL();
}

/*
 * ON sql_drop; comes before ddl_command_end, when all of the statement is done.
 */
Datum
relmeta_event_sql_drop(PG_FUNCTION_ARGS)
{
	List	   *objects = NIL;

	if (is_idle(fcinfo, "event_sql_drop"))
		PG_RETURN_NULL();
	read_rows(F_PG_EVENT_TRIGGER_DROPPED_OBJECTS, read_dropped, &objects);
	if (objects != NIL)
		ddl_event_objects_dropped(objects);
	PG_RETURN_NULL();
}
