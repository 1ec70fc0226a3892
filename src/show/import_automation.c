/*
 * import_automation.c
 *		The automations of a document: their procedures must be there.  SEMANTICS 3.9.
 */
#include "show/document.h"

#include "parser/scansup.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/regproc.h"

static const char *const automation_keys[] = {"name", "table", "procedure", NULL};

typedef struct AutomationStep
{
	ShowImport *import;
	ShowNode   *node;
	char	   *name;
	Oid			relid;
	Oid			procedure;
} AutomationStep;

/*
 * Where the arguments begin that a text ends with; NULL: it is a name alone.  A name
 * in double quotes may have parentheses too.
 */
static const char *
arguments_of(const char *procedure)
{
	bool		quoted = false;

	for (const char *p = procedure; *p; p++)
	{
		if (*p == '"')
			quoted = !quoted;
		else if (*p == '(' && !quoted)
			return p;
	}
	return NULL;
}

/* (regclass,text), as an export says it?  Those are PostgreSQL's types, whatever stands first in search_path. */
static bool
are_usual(const char *arguments)
{
	const char *usual = "(regclass,text)";

	for (; *arguments; arguments++)
		if (!scanner_isspace(*arguments) && *arguments != *usual++)
			return false;
	return *usual == '\0';
}

/* s.remind(regclass,text), or just s.remind; 42883 */
static Oid
procedure_of(const ShowNode *node)
{
	char	   *procedure = show_text(node);
	const char *arguments = arguments_of(procedure);
	int			name = arguments ? arguments - procedure : (int) strlen(procedure);

	if (arguments == NULL || are_usual(arguments))
		procedure = psprintf("%.*s(pg_catalog.regclass,pg_catalog.text)", name, procedure);
	return DatumGetObjectId(DirectFunctionCall1(regprocedurein, CStringGetDatum(procedure)));
}

/* Is there one of the name?  It is the same then, or refused. */
static bool
is_there(AutomationStep *step)
{
	ShowCall	call = {0};
	char	   *same;

	show_argument_text(&call, step->name);
	show_argument_table(&call, step->relid);
	show_argument_procedure(&call, step->procedure);
	same = show_call(&call, "SELECT relation = $2 AND to_regprocedure(format('%I.%I(regclass,text)', procedure_schema,"
					 " procedure_name)) IS NOT DISTINCT FROM $3 FROM relmeta.automation WHERE name = $1");
	if (same && strcmp(same, "t") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("automation %s is one of another table or procedure", show_quoted(step->name)),
				 errhint("Call relmeta.drop_automation(%s) first.", quote_literal_cstr(step->name))));
	return same != NULL;
}

static void
import_automation(void *arg)
{
	AutomationStep *step = arg;
	ShowCall	call = {0};

	show_check_keys(step->node, automation_keys);
	step->name = show_text(show_member_required(step->node, "name"));
	step->relid = show_table_required(step->import, show_member_required(step->node, "table"));
	step->procedure = procedure_of(show_member_required(step->node, "procedure"));
	if (is_there(step))
	{
		(void) show_report(step->import, ROW_EXISTS, step->name, "%s", "");
		return;
	}
	show_argument_text(&call, step->name);
	show_argument_table(&call, step->relid);
	show_argument_procedure(&call, step->procedure);
	(void) show_call(&call, "SELECT relmeta.create_automation($1, $2, $3)");
	(void) show_report(step->import, ROW_CREATED, step->name, "%s of table %s",
					   format_procedure_qualified(step->procedure), ddl_table_name(step->relid));
}

void
show_import_automations(ShowImport *import)
{
	ListCell   *lc;

	foreach(lc, show_elements(show_member(import->document, "automations")))
	{
		AutomationStep step = {.import = import,.node = lfirst(lc)};

		show_at(step.node, import_automation, &step);
	}
}
