/*
 * import.c
 *		import_metadata(): SEMANTICS 2.7, 3.15.
 *
 * All of it is one statement's, hence all or nothing; what is declared is declared
 * by the functions that one would call by hand, as the caller.  A dry run does the
 * same in a subtransaction that is rolled back.
 *
 * EXAMPLE.  import_metadata(export_metadata()) gives a row `exists` for each table and relationship, and changes
 * nothing; where a relationship was dropped meanwhile, its row is `created`.
 */
#include "attempt.h"
#include "show/dataverse.h"

#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(relmeta_import_metadata);

static const char *const document_keys[] = {
	"format", "version", "tables", "relationships", "many_to_many", "automations", "connection_roles",
	"connection_role_matches", NULL
};

static void
check_version(const ShowNode *document)
{
	ShowNode   *version = show_member_required(document, "version");

	if (version->value.type != jbvNumeric ||
		DatumGetInt32(DirectFunctionCall2(numeric_cmp, NumericGetDatum(version->value.val.numeric),
										  NumericGetDatum(int64_to_numeric(1)))) != 0)
		show_refuse(version, "only version 1 can be read");
}

static void
import_own(ShowImport *import)
{
	List	   *tables;

	check_version(import->document);
	show_check_keys(import->document, document_keys);
	tables = show_import_tables(import);
	show_import_registrations(import, tables, false);
	show_import_intersects(import);
	show_import_registrations(import, tables, true);
	show_import_relationships(import);
	show_import_access_control(import, tables);
	show_import_automations(import);
	show_import_roles(import);
}

static bool
is_own(const ShowNode *document)
{
	ShowNode   *format = show_is_object(document) ? show_member(document, "format") : NULL;

	return show_is_string(format) && strcmp(show_text(format), "relmeta") == 0;
}

static void
import_document(void *arg)
{
	ShowImport *import = arg;

	if (is_own(import->document))
		import_own(import);
	else
		show_dataverse_import(import);
}

static void
rehearse_document(void *import)
{
	import_document(import);
}

/* Leaves nothing; what fails, fails. */
static void
rehearse(ShowImport *import)
{
	ErrorData  *error = relmeta_attempt_look(rehearse_document, import);

	if (error)
		ReThrowError(error);
}

static void
read_arguments(FunctionCallInfo fcinfo, ShowImport *import)
{
	relmeta_argument_required(fcinfo, 0);
	import->document = show_document(PG_GETARG_JSONB_P(0));
	if (!PG_ARGISNULL(2))
	{
		import->name_map = show_document(PG_GETARG_JSONB_P(2));
		if (!show_is_object(import->name_map))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("name_map is an object: names in the document, and the tables here")));
	}
	import->create_tables = relmeta_argument_bool(fcinfo, 3);
}

static void
return_rows(FunctionCallInfo fcinfo, List *rows)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ListCell   *lc;

	foreach(lc, rows)
	{
		ShowRow    *row = lfirst(lc);
		Datum		values[] = {CStringGetTextDatum(row->action), CStringGetTextDatum(row->object),
		CStringGetTextDatum(row->detail)};
		bool		nulls[] = {false, false, row->detail[0] == '\0'};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
}

Datum
relmeta_import_metadata(PG_FUNCTION_ARGS)
{
	ShowImport	import = {0};

	relmeta_prevent_if_read_only(fcinfo);
	InitMaterializedSRF(fcinfo, 0);
	read_arguments(fcinfo, &import);
	if (relmeta_argument_bool(fcinfo, 1))
		rehearse(&import);
	else
		import_document(&import);
	return_rows(fcinfo, import.rows);
	return (Datum) 0;
}
