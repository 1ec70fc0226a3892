/*
 * dataverse_map.c
 *		Dataverse's attribute maps: what a new related row takes over.
 *
 * There they belong to two tables, here to a relationship: a map is one of each
 * relationship between the two.
 */
#include "show/dataverse.h"

#include "utils/builtins.h"

typedef struct MapStep
{
	Dataverse  *dataverse;
	ShowNode   *node;
	char	   *object;
} MapStep;

static char *
text_of(const ShowNode *node, const char *key)
{
	return show_text(show_member_required(node, key));
}

/* Names (char *) of the relationships from one to the other */
static List *
relationships_between(const DataverseTable *source, const DataverseTable *target)
{
	List	   *names = NIL;
	ListCell   *lc;

	if (!OidIsValid(source->relid) || !OidIsValid(target->relid))
		return NIL;
	foreach(lc, model_relationships(ddl_model()))
	{
		ModelRelationship *r = lfirst(lc);

		if (r->primary->relid == source->relid && r->related->relid == target->relid)
			names = lappend(names, r->name);
	}
	return names;
}

/* The column here, or a row that says that there is none */
static char *
column_here(MapStep *step, const DataverseTable *table, const char *attribute)
{
	char	   *column = show_dataverse_column(table->relid, attribute);

	if (column == NULL)
		(void) show_report(step->dataverse->import, ROW_SKIPPED, step->object, "table %s has no column %s",
						   ddl_table_name(table->relid), quote_identifier(attribute));
	return column;
}

static void
import_map(void *arg)
{
	MapStep    *step = arg;
	ShowImport *import = step->dataverse->import;
	DataverseTable *source = show_dataverse_table(step->dataverse, text_of(step->node, "Source"));
	DataverseTable *target = show_dataverse_table(step->dataverse, text_of(step->node, "Target"));
	List	   *names = relationships_between(source, target);
	char	   *from;
	char	   *to;
	char	   *mapped = "";
	ListCell   *lc;

	if (names == NIL)
	{
		(void) show_report(import, ROW_SKIPPED, step->object, "there is no relationship from %s to %s",
						   source->name, target->name);
		return;
	}
	from = column_here(step, source, text_of(step->node, "AttributeSource"));
	to = from ? column_here(step, target, text_of(step->node, "AttributeTarget")) : NULL;
	if (to == NULL)
		return;
	foreach(lc, names)
	{
		if (show_is_mapped(lfirst(lc), from, to))
			continue;
		show_map(lfirst(lc), from, to);
		mapped = psprintf("%s%s%s", mapped, mapped[0] ? ", " : "by ", quote_identifier(lfirst(lc)));
	}
	(void) show_report(import, mapped[0] ? ROW_CREATED : ROW_EXISTS, step->object, "%s", mapped);
}

/* lead.subject to opportunity.name */
static char *
object_of(const ShowNode *node)
{
	return psprintf("%s.%s to %s.%s", text_of(node, "Source"), text_of(node, "AttributeSource"),
					text_of(node, "Target"), text_of(node, "AttributeTarget"));
}

void
show_dataverse_maps(Dataverse *dataverse)
{
	ListCell   *lc;

	foreach(lc, dataverse->maps)
	{
		MapStep		step = {dataverse, lfirst(lc), object_of(lfirst(lc))};
		char	   *problem = show_dataverse_attempt(import_map, &step);

		if (problem)
			(void) show_report(dataverse->import, ROW_PROBLEM, step.object, "%s", problem);
	}
}
