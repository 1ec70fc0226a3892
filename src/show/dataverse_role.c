/*
 * dataverse_role.c
 *		Dataverse's connection roles, and which go together.
 */
#include "show/dataverse.h"

#include "utils/builtins.h"

typedef struct RoleStep
{
	Dataverse  *dataverse;
	ShowNode   *node;
	char	   *object;
} RoleStep;

/* A category is a number in files. */
static char *
category_of(const ShowNode *role)
{
	static const char *const categories[][2] = {
		{"1", "Business"}, {"2", "Family"}, {"3", "Social"}, {"4", "Sales"}, {"5", "Other"}, {"1000", "Stakeholder"},
		{"1001", "Sales Team"}, {"1002", "Service"}
	};
	char	   *category = show_text(show_member(role, "Category"));

	for (int i = 0; category && i < (int) lengthof(categories); i++)
	{
		if (strcmp(category, categories[i][0]) == 0)
			return pstrdup(categories[i][1]);
	}
	return category;
}

/* Those of its tables that are here (Oid), and how many it has. */
static List *
tables_of(Dataverse *dataverse, const ShowNode *role, int *all)
{
	List	   *names = show_texts(show_member(role, "Tables"));
	List	   *tables = NIL;
	ListCell   *lc;

	*all = list_length(names);
	foreach(lc, names)
	{
		DataverseTable *table = show_dataverse_table(dataverse, lfirst(lc));

		if (OidIsValid(table->relid))
			tables = list_append_unique_oid(tables, table->relid);
	}
	return tables;
}

static void
import_role(void *arg)
{
	RoleStep   *step = arg;
	ShowImport *import = step->dataverse->import;
	int			all;
	List	   *tables = tables_of(step->dataverse, step->node, &all);
	bool		same;

	if (tables == NIL && all > 0)
		(void) show_report(import, ROW_SKIPPED, step->object, "none of its tables is here");
	else if (show_role_there(step->object, tables, &same))
		(void) show_report(import, ROW_EXISTS, step->object, "connection role%s",
						   same ? "" : ", its tables are others");
	else
	{
		show_create_role(step->object, category_of(step->node), tables,
						 show_text(show_member(step->node, "Description")));
		(void) show_report(import, ROW_CREATED, step->object, "connection role of %d of %d tables",
						   list_length(tables), all);
	}
}

/* The name of a role of the document by its id; NULL */
static char *
role_named(Dataverse *dataverse, const char *id)
{
	ListCell   *lc;

	foreach(lc, dataverse->roles)
	{
		char	   *other = show_text(show_member(lfirst(lc), "Id"));

		if (other && strcmp(other, id) == 0)
			return show_text(show_member(lfirst(lc), "Name"));
	}
	return NULL;
}

static void
import_match(void *arg)
{
	RoleStep   *step = arg;
	ShowImport *import = step->dataverse->import;
	char	   *role1 = role_named(step->dataverse, show_text(show_member_required(step->node, "Role1")));
	char	   *role2 = role_named(step->dataverse, show_text(show_member_required(step->node, "Role2")));
	bool		same;

	if (role1 && role2)
		step->object = psprintf("%s with %s", role1, role2);
	if (role1 == NULL || role2 == NULL)
		(void) show_report(import, ROW_SKIPPED, step->object, "a role of it is not in the document");
	else if (!show_role_there(role1, NIL, &same) || !show_role_there(role2, NIL, &same))
		(void) show_report(import, ROW_SKIPPED, step->object, "a role of it is not here");
	else
		(void) show_report(import, show_match_roles(role1, role2) ? ROW_CREATED : ROW_EXISTS, step->object,
						   "connection roles that go together");
}

static void
attempt(RoleStep *step, void (*action) (void *))
{
	char	   *problem = show_dataverse_attempt(action, step);

	if (problem)
		(void) show_report(step->dataverse->import, ROW_PROBLEM, step->object, "%s", problem);
}

void
show_dataverse_roles(Dataverse *dataverse)
{
	ListCell   *lc;

	foreach(lc, dataverse->roles)
	{
		RoleStep	step = {dataverse, lfirst(lc), show_text(show_member_required(lfirst(lc), "Name"))};

		attempt(&step, import_role);
	}
	foreach(lc, dataverse->matches)
	{
		RoleStep	step = {dataverse, lfirst(lc)};

		step.object = psprintf("%s with %s", show_text(show_member_required(step.node, "Role1")),
							   show_text(show_member_required(step.node, "Role2")));
		attempt(&step, import_match);
	}
}
