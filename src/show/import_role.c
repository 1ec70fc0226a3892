/*
 * import_role.c
 *		Connection roles and which go together: SEMANTICS 3.11.
 *
 * Matches come in the order in which they were made: the first is the one that
 * connect() fills in.
 */
#include "show/document.h"

#include "utils/builtins.h"

static const char *const role_keys[] = {"name", "category", "description", "tables", NULL};
static const char *const match_keys[] = {"role1", "role2", NULL};

typedef struct RoleStep
{
	ShowImport *import;
	ShowNode   *node;
} RoleStep;

/* Whether there is a role of the name; *same: is it of these tables (Oid)? */
bool
show_role_there(const char *name, List *tables, bool *same)
{
	ShowCall	call = {0};
	char	   *result;

	show_argument_text(&call, name);
	show_argument_tables(&call, tables);
	result = show_call(&call, "SELECT (SELECT array_agg(t::oid ORDER BY t::oid) FROM unnest(tables) AS t)"
					   " IS NOT DISTINCT FROM (SELECT array_agg(t::oid ORDER BY t::oid) FROM unnest($2) AS t)"
					   " FROM relmeta.connection_roles WHERE name = $1");
	*same = result && strcmp(result, "t") == 0;
	return result != NULL;
}

void
show_create_role(const char *name, const char *category, List *tables, const char *description)
{
	ShowCall	call = {0};

	show_argument_text(&call, name);
	show_argument_text(&call, category);
	show_argument_tables(&call, tables);
	show_argument_text(&call, description);
	(void) show_call(&call, "SELECT relmeta.create_connection_role($1, $2, $3, $4)");
}

bool
show_match_roles(const char *role1, const char *role2)
{
	ShowCall	call = {0};
	char	   *there;

	show_argument_text(&call, role1);
	show_argument_text(&call, role2);
	there = show_call(&call, "SELECT $2 = ANY (matches) FROM relmeta.connection_roles WHERE name = $1");
	if (there && strcmp(there, "t") == 0)
		return false;
	(void) show_call(&call, "SELECT relmeta.match_connection_roles($1, $2)");
	return true;
}

static void
import_role(void *arg)
{
	RoleStep   *step = arg;
	List	   *tables = NIL;
	bool		same;
	char	   *name;
	ListCell   *lc;

	show_check_keys(step->node, role_keys);
	name = show_text(show_member_required(step->node, "name"));
	foreach(lc, show_elements(show_member(step->node, "tables")))
		tables = lappend_oid(tables, show_table_required(step->import, lfirst(lc)));
	if (!show_role_there(name, tables, &same))
	{
		show_create_role(name, show_text(show_member(step->node, "category")), tables,
						 show_text(show_member(step->node, "description")));
		(void) show_report(step->import, ROW_CREATED, name, "connection role");
	}
	else if (same)
		(void) show_report(step->import, ROW_EXISTS, name, "connection role");
	else
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("connection role %s is one of other tables", show_quoted(name)),
				 errhint("Give it another name.")));
}

static void
import_match(void *arg)
{
	RoleStep   *step = arg;
	char	   *role1;
	char	   *role2;
	bool		made;

	show_check_keys(step->node, match_keys);
	role1 = show_text(show_member_required(step->node, "role1"));
	role2 = show_text(show_member_required(step->node, "role2"));
	made = show_match_roles(role1, role2);
	(void) show_report(step->import, made ? ROW_CREATED : ROW_EXISTS, psprintf("%s with %s", role1, role2),
					   "connection roles that go together");
}

void
show_import_roles(ShowImport *import)
{
	ListCell   *lc;

	foreach(lc, show_elements(show_member(import->document, "connection_roles")))
	{
		RoleStep	step = {import, lfirst(lc)};

		show_at(step.node, import_role, &step);
	}
	foreach(lc, show_elements(show_member(import->document, "connection_role_matches")))
	{
		RoleStep	step = {import, lfirst(lc)};

		show_at(step.node, import_match, &step);
	}
}
