/*
 * diagram_chen.c
 *		Chen's notation for Graphviz: boxes, diamonds between them, columns in ellipses.
 *
 *	graph relmeta {
 *		"account" [shape=box, …];
 *		"account.1" [shape=ellipse, label=<<U>id</U>>];  "account" -- "account.1";
 *		"1" [shape=diamond, label=<…>];
 *		"account" -- "1" [label=<…1…>];  "1" -- "contact" [label=<…N…>, color="black:invis:black"];
 *	}
 *
 * 1, N, M say how many there are, on a ground that the line does not show through;
 * a double line, that each row takes part.  An intersect table is an associative
 * entity: a box in a box.
 */
#include "show/diagram.h"

#define GROUND "<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"1\" BGCOLOR=\"#FFFFFF\">"

static void
put_column(StringInfo out, DiagramTable *table, DiagramColumn *column)
{
	appendStringInfo(out, "\t\"%s.%d\" [shape=ellipse, label=<%s", table->alias, column->attnum,
					 column->is_key ? "<U>" : "");
	show_diagram_html(out, show_diagram_printable(column->name));
	appendStringInfo(out, "%s>, fontsize=9, width=0.3, height=0.25];\n\t\"%s\" -- \"%s.%d\" [color=\"#999999\"];\n",
					 column->is_key ? "</U>" : "", table->alias, table->alias, column->attnum);
}

static void
put_table(StringInfo out, DiagramTable *table)
{
	const char *fill = show_diagram_fill(table);
	ListCell   *lc;

	appendStringInfo(out, "\t\"%s\" [shape=box, style=filled, fillcolor=\"%s\", color=\"%s\"%s, label=<<B>",
					 table->alias, fill ? fill : table->is_controlled ? "#dce9f7" : "#FFFFFF",
					 show_diagram_frame(table), table->is_intersect ? ", peripheries=2" : "");
	show_diagram_html(out, table->title);
	appendStringInfoString(out, "</B>>];\n");
	foreach(lc, table->columns)
	{
		DiagramColumn *column = lfirst(lc);

		if (column->is_drawn)
			put_column(out, table, column);
	}
}

/* The line from an end's table to the diamond. */
static void
put_line(StringInfo out, DiagramEdge *edge, int number, int end)
{
	DiagramEnd *it = &edge->end[end];

	appendStringInfo(out, "\t\"%s\" -- \"%d\" [label=<" GROUND "<TR><TD>%s</TD></TR></TABLE>>%s%s];\n",
					 it->table->alias, number,
					 !it->many ? "1" : edge->is_link && end == 0 ? "M" : "N",
					 edge->end[1 - end].mandatory ? ", color=\"black:invis:black\"" : "",
					 edge->is_multi_table ? ", style=dashed" : "");
}

static void
put_edge(StringInfo out, DiagramEdge *edge, int number)
{
	appendStringInfo(out, "\t\"%d\" [shape=diamond, label=<", number);
	show_diagram_html(out, show_diagram_printable(edge->name));
	if (edge->note)
	{
		appendStringInfoString(out, "<BR/><I>");
		show_diagram_html(out, show_diagram_printable(edge->note));
		appendStringInfoString(out, "</I>");
	}
	if (edge->behaviors)
		appendStringInfo(out, "<BR/>%s", edge->behaviors);
	appendStringInfoString(out, ">, fontsize=9];\n");
	put_line(out, edge, number, 0);
	put_line(out, edge, number, 1);
}

void
show_diagram_chen(StringInfo out, Diagram *diagram)
{
	int			number = 0;
	ListCell   *lc;

	appendStringInfoString(out, "graph relmeta {\n\tgraph [layout=neato, overlap=false, splines=true, sep=\"+8\"];\n"
						   "\tnode [fontname=\"Helvetica\", fontsize=11];\n"
						   "\tedge [fontname=\"Helvetica\", fontsize=10, len=1.4];\n");
	foreach(lc, diagram->tables)
		put_table(out, lfirst(lc));
	foreach(lc, diagram->edges)
		put_edge(out, lfirst(lc), ++number);
	appendStringInfoString(out, "}\n");
}
