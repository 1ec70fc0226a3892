/*
 * diagram_d2.c
 *		D2: an sql_table per table.
 *
 *	account: 'account' {
 *	  shape: sql_table
 *	  'id': 'integer' {constraint: primary_key}
 *	}
 *	account.'id' <-> contact.'account_id': 'account_contact: parental' {
 *	  source-arrowhead.shape: cf-one-required
 *	  target-arrowhead.shape: cf-many
 *	}
 *
 * Names in single quotes are taken as they are: no substitution, no keyword.
 */
#include "show/diagram.h"

static void
put_text(StringInfo out, const char *string)
{
	show_diagram_quote(out, string, '\'', '\'', "");
}

static void
put_column(StringInfo out, DiagramColumn *column)
{
	const char *constraints[3] = {column->is_key ? "primary_key" : NULL, column->is_lookup ? "foreign_key" : NULL,
	column->is_unique && !column->is_key ? "unique" : NULL};
	const char *separator = " {constraint: [";

	appendStringInfoString(out, "  ");
	put_text(out, column->label);
	appendStringInfoString(out, ": ");
	put_text(out, show_diagram_printable(column->type));
	for (int i = 0; i < (int) lengthof(constraints); i++)
	{
		if (constraints[i])
		{
			appendStringInfo(out, "%s%s", separator, constraints[i]);
			separator = "; ";
		}
	}
	appendStringInfoString(out, *separator == ';' ? "]}\n" : "\n");
}

static void
put_table(StringInfo out, DiagramTable *table)
{
	const char *fill = show_diagram_fill(table);
	ListCell   *lc;

	appendStringInfo(out, "%s: ", table->alias);
	put_text(out, table->title);
	appendStringInfoString(out, " {\n  shape: sql_table\n");
	/* of an sql_table, fill is the header's ground */
	if (fill)
		appendStringInfo(out, "  style.fill: \"%s\"\n  style.font-color: \"%s\"\n", fill, show_diagram_frame(table));
	else if (table->is_controlled)
		appendStringInfo(out, "  style.fill: \"%s\"\n", show_diagram_frame(table));
	foreach(lc, table->columns)
	{
		DiagramColumn *column = lfirst(lc);

		if (column->is_drawn)
			put_column(out, column);
	}
	appendStringInfoString(out, "}\n");
}

static void
put_end(StringInfo out, DiagramEnd *end)
{
	appendStringInfoString(out, end->table->alias);
	if (end->column && end->column->is_drawn)
	{
		appendStringInfoChar(out, '.');
		put_text(out, end->column->label);
	}
}

static const char *
arrow(DiagramEnd *end)
{
	return end->many ? (end->mandatory ? "cf-many-required" : "cf-many") :
		(end->mandatory ? "cf-one-required" : "cf-one");
}

static void
put_edge(StringInfo out, DiagramEdge *edge)
{
	put_end(out, &edge->end[0]);
	appendStringInfoString(out, " <-> ");
	put_end(out, &edge->end[1]);
	appendStringInfoString(out, ": ");
	put_text(out, show_diagram_printable(show_diagram_label(edge)));
	appendStringInfo(out, " {\n  source-arrowhead.shape: %s\n  target-arrowhead.shape: %s\n%s}\n",
					 arrow(&edge->end[0]), arrow(&edge->end[1]),
					 edge->is_multi_table ? "  style.stroke-dash: 4\n" : "");
}

void
show_diagram_d2(StringInfo out, Diagram *diagram)
{
	ListCell   *lc;

	foreach(lc, diagram->tables)
		put_table(out, lfirst(lc));
	foreach(lc, diagram->edges)
		put_edge(out, lfirst(lc));
}
