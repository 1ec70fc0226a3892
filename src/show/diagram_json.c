/*
 * diagram_json.c
 *		The schema document of tbls (schema.json), which many tools read.
 *
 *	{"name": …, "tables": [{"name": "public.account", "type": "BASE TABLE", "columns": […], "constraints": […]}, …],
 *	 "relations": [{"table": …, "columns": […], "cardinality": "zero_or_more",
 *	   "parent_table": …, "parent_columns": […], "parent_cardinality": "exactly_one", "def": …, "virtual": false}, …],
 *	 "driver": {"name": "postgres"}}
 *
 * Tables are named with their schemas, as tbls does.  What is controlled or system is
 * a label of its table; a relation without a foreign key is virtual.
 */
#include "show/diagram.h"

#include "catalog/pg_class.h"
#include "commands/comment.h"
#include "commands/dbcommands.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/lsyscache.h"

/* "key": "text" */
static void
put_text(StringInfo out, const char *key, const char *value)
{
	escape_json(out, key);
	appendStringInfoString(out, ": ");
	escape_json(out, value);
}

static void
put_comment(StringInfo out, Oid relid, int attnum)
{
	char	   *comment = GetComment(relid, RelationRelationId, attnum);

	if (comment)
	{
		appendStringInfoString(out, ", ");
		put_text(out, "comment", comment);
	}
}

static char *
full_name(DiagramTable *table)
{
	return psprintf("%s.%s", table->schema, table->name);
}

/* ---- tables ---- */

static void
put_columns(StringInfo out, Diagram *diagram, DiagramTable *table)
{
	const char *separator = "";
	ListCell   *lc;

	appendStringInfoString(out, "\"columns\": [");
	foreach(lc, table->columns)
	{
		DiagramColumn *column = lfirst(lc);

		if (!column->is_drawn && !show_diagram_is_referenced(diagram, column))
			continue;
		appendStringInfo(out, "%s\n        {", separator);
		put_text(out, "name", column->name);
		appendStringInfoString(out, ", ");
		put_text(out, "type", column->type);
		appendStringInfo(out, ", \"nullable\": %s", column->not_null ? "false" : "true");
		put_comment(out, table->relid, column->attnum);
		appendStringInfoChar(out, '}');
		separator = ",";
	}
	appendStringInfoString(out, "]");
}

/* A constraint of these columns, if all are there. */
static void
put_constraint(StringInfo out, Diagram *diagram, DiagramTable *table, const char *type, List *attnums,
			   const char **separator)
{
	StringInfoData names;
	StringInfoData json;
	int			found = 0;
	ListCell   *lc;

	initStringInfo(&names);
	initStringInfo(&json);
	foreach(lc, table->columns)
	{
		DiagramColumn *column = lfirst(lc);

		if (!list_member_int(attnums, column->attnum) ||
			(!column->is_drawn && !show_diagram_is_referenced(diagram, column)))
			continue;
		appendStringInfo(&names, "%s%s", found ? ", " : "", quote_identifier(column->name));
		appendStringInfoString(&json, found ? ", " : "");
		escape_json(&json, column->name);
		found++;
	}
	if (found < list_length(attnums))
		return;
	appendStringInfo(out, "%s\n        {", *separator);
	put_text(out, "name", psprintf("%s (%s)", table->name, names.data));
	appendStringInfoString(out, ", ");
	put_text(out, "type", type);
	appendStringInfoString(out, ", ");
	put_text(out, "def", psprintf("%s (%s)", type, names.data));
	appendStringInfoString(out, ", ");
	put_text(out, "table", full_name(table));
	appendStringInfo(out, ", \"columns\": [%s]}", json.data);
	*separator = ",";
}

static void
put_constraints(StringInfo out, Diagram *diagram, DiagramTable *table)
{
	const char *separator = "";
	ListCell   *lc;

	appendStringInfoString(out, ",\n      \"constraints\": [");
	if (table->primary)
		put_constraint(out, diagram, table, "PRIMARY KEY", table->primary, &separator);
	foreach(lc, table->unique)
	{
		if (!equal(lfirst(lc), table->primary))
			put_constraint(out, diagram, table, "UNIQUE", lfirst(lc), &separator);
	}
	appendStringInfoString(out, "]");
}

static void
put_labels(StringInfo out, DiagramTable *table)
{
	const char *labels[3] = {table->is_controlled ? "controlled" : NULL, table->is_system ? "system" : NULL,
	table->is_intersect ? "intersect" : NULL};
	const char *separator = ",\n      \"labels\": [";

	for (int i = 0; i < (int) lengthof(labels); i++)
	{
		if (labels[i])
		{
			appendStringInfo(out, "%s{\"name\": \"%s\", \"virtual\": true}", separator, labels[i]);
			separator = ", ";
		}
	}
	if (separator[1] == ' ')
		appendStringInfoChar(out, ']');
}

static void
put_table(StringInfo out, Diagram *diagram, DiagramTable *table)
{
	appendStringInfoString(out, "    {");
	put_text(out, "name", full_name(table));
	appendStringInfoString(out, get_rel_relkind(table->relid) == RELKIND_PARTITIONED_TABLE ?
						   ", \"type\": \"PARTITIONED TABLE\"" : ", \"type\": \"BASE TABLE\"");
	put_comment(out, table->relid, 0);
	appendStringInfoString(out, ",\n      ");
	put_columns(out, diagram, table);
	put_constraints(out, diagram, table);
	put_labels(out, table);
	appendStringInfoChar(out, '}');
}

/* ---- relations ---- */

static const char *
cardinality(DiagramEnd *end)
{
	return end->many ? (end->mandatory ? "one_or_more" : "zero_or_more") :
		(end->mandatory ? "exactly_one" : "zero_or_one");
}

static void
put_edge(StringInfo out, DiagramEdge *edge)
{
	DiagramEnd *primary = &edge->end[0];
	DiagramEnd *related = &edge->end[1];

	appendStringInfoString(out, "    {");
	put_text(out, "table", full_name(related->table));
	appendStringInfoString(out, ", \"columns\": [");
	escape_json(out, related->column->name);
	appendStringInfo(out, "], \"cardinality\": \"%s\",\n      ", cardinality(related));
	put_text(out, "parent_table", full_name(primary->table));
	appendStringInfoString(out, ", \"parent_columns\": [");
	escape_json(out, primary->column->name);
	appendStringInfo(out, "], \"parent_cardinality\": \"%s\",\n      ", cardinality(primary));
	put_text(out, "def", show_diagram_label(edge));
	appendStringInfo(out, ", \"virtual\": %s}", edge->foreign_key ? "false" : "true");
}

void
show_diagram_json(StringInfo out, Diagram *diagram)
{
	const char *separator = "";
	ListCell   *lc;

	appendStringInfoString(out, "{");
	put_text(out, "name", get_database_name(MyDatabaseId));
	appendStringInfoString(out, ",\n  \"tables\": [");
	foreach(lc, diagram->tables)
	{
		appendStringInfo(out, "%s\n", separator);
		put_table(out, diagram, lfirst(lc));
		separator = ",";
	}
	appendStringInfoString(out, "],\n  \"relations\": [");
	separator = "";
	foreach(lc, diagram->edges)
	{
		DiagramEdge *edge = lfirst(lc);

		if (edge->end[0].column == NULL || edge->end[1].column == NULL)
			continue;
		appendStringInfo(out, "%s\n", separator);
		put_edge(out, edge);
		separator = ",";
	}
	appendStringInfoString(out, "],\n  \"driver\": {\"name\": \"postgres\"}}\n");
}
