/*
 * diagram_dbml.c
 *		DBML, as dbdiagram.io reads it.
 *
 *	Table "account" {
 *	  "id" "integer" [pk, not null]
 *	}
 *	// account_contact: parental
 *	Ref "account_contact": "contact"."account_id" > "account"."id" [delete: cascade]
 *
 * Its references name columns: those are there whatever was asked for.  Whether an end
 * is mandatory it takes from the lookup's not null.
 */
#include "show/diagram.h"

static void
put_name(StringInfo out, const char *name)
{
	show_diagram_quote(out, name, '"', '\\', "\\");
}

static void
put_table_name(StringInfo out, DiagramTable *table)
{
	if (table->is_qualified)
	{
		put_name(out, show_diagram_printable(table->schema));
		appendStringInfoChar(out, '.');
	}
	put_name(out, show_diagram_printable(table->name));
}

static void
put_column(StringInfo out, DiagramColumn *column)
{
	const char *unique;

	appendStringInfoString(out, "  ");
	put_name(out, column->label);
	appendStringInfoChar(out, ' ');
	put_name(out, show_diagram_printable(column->type));
	unique = column->is_key && column->is_unique ? "pk" : column->is_unique ? "unique" : "";
	if (*unique || column->not_null)
		appendStringInfo(out, " [%s%s%s]", unique, *unique && column->not_null ? ", " : "",
						 column->not_null ? "not null" : "");
	appendStringInfoChar(out, '\n');
}

/* A primary key of several columns, of an intersect table. */
static void
put_key(StringInfo out, DiagramTable *table)
{
	const char *separator = "  indexes {\n    (";
	ListCell   *lc;

	foreach(lc, table->columns)
	{
		DiagramColumn *column = lfirst(lc);

		if (column->is_key)
		{
			appendStringInfoString(out, separator);
			put_name(out, column->label);
			separator = ", ";
		}
	}
	appendStringInfoString(out, ") [pk]\n  }\n");
}

static void
put_table(StringInfo out, Diagram *diagram, DiagramTable *table)
{
	const char *fill = table->is_controlled ? DIAGRAM_CONTROLLED_FRAME : table->is_intersect ? "#b8860b" :
	table->is_system ? "#777777" : NULL;
	ListCell   *lc;

	appendStringInfoString(out, "Table ");
	put_table_name(out, table);
	if (fill)
		appendStringInfo(out, " [headercolor: %s]", fill);
	appendStringInfoString(out, " {\n");
	foreach(lc, table->columns)
	{
		DiagramColumn *column = lfirst(lc);

		/* a table without columns is an error */
		if (column->is_drawn || column->is_key || show_diagram_is_referenced(diagram, column))
			put_column(out, column);
	}
	if (list_length(table->primary) > 1)
		put_key(out, table);
	appendStringInfoString(out, "}\n");
}

static void
put_end(StringInfo out, DiagramEnd *end)
{
	put_table_name(out, end->table);
	appendStringInfoChar(out, '.');
	put_name(out, end->column->label);
}

static void
put_edge(StringInfo out, DiagramEdge *edge)
{
	if (edge->end[0].column == NULL || edge->end[1].column == NULL)
		return;
	appendStringInfo(out, "// %s\nRef ", show_diagram_printable(show_diagram_label(edge)));
	put_name(out, show_diagram_printable(edge->name));
	appendStringInfoString(out, ": ");
	put_end(out, &edge->end[1]);
	appendStringInfoString(out, edge->is_link ? " <> " : edge->end[1].many ? " > " : " - ");
	put_end(out, &edge->end[0]);
	if (!edge->is_link)
		appendStringInfo(out, " [delete: %s]", edge->on_delete == BEHAVIOR_ALL ? "cascade" :
						 edge->on_delete == BEHAVIOR_REMOVE_LINK ? "set null" : "restrict");
	appendStringInfoChar(out, '\n');
}

void
show_diagram_dbml(StringInfo out, Diagram *diagram)
{
	ListCell   *lc;

	foreach(lc, diagram->tables)
		put_table(out, diagram, lfirst(lc));
	foreach(lc, diagram->edges)
		put_edge(out, lfirst(lc));
}
