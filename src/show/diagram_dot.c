/*
 * diagram_dot.c
 *		Graphviz: tables as HTML-like labels; crow's feet, or what stands beside the ends.
 *
 *	digraph relmeta {
 *		"account" [label=<<TABLE …><TR><TD PORT="c1" …>id</TD>…</TABLE>>];
 *		"account":"t1":e -> "contact":"c2":w [label="…", arrowtail=teetee, arrowhead=crowodot];
 *	}
 *
 * Aliases are quoted: node, edge and graph are words of the language.
 */
#include "show/diagram.h"

#define FONT "fontname=\"Helvetica\""

static void
put_column(StringInfo out, DiagramColumn *column)
{
	const char *open = column->is_key ? "<U>" : "";
	const char *close = column->is_key ? "</U>" : "";

	appendStringInfo(out, "<TR><TD PORT=\"c%d\" ALIGN=\"LEFT\">%s", column->attnum, open);
	show_diagram_html(out, show_diagram_printable(column->name));
	appendStringInfo(out, "%s</TD><TD PORT=\"t%d\" ALIGN=\"LEFT\"><FONT COLOR=\"#666666\">", close, column->attnum);
	show_diagram_html(out, show_diagram_printable(column->type));
	appendStringInfo(out, "%s%s</FONT></TD></TR>", column->not_null && !column->is_key ? " *" : "",
					 column->is_unique && !column->is_key ? " unique" : "");
}

static void
put_table(StringInfo out, DiagramTable *table)
{
	const char *fill = show_diagram_fill(table);
	ListCell   *lc;

	appendStringInfo(out, "\t\"%s\" [label=<<TABLE BORDER=\"1\" CELLBORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"3\""
					 " COLOR=\"%s\" BGCOLOR=\"#FFFFFF\"><TR><TD COLSPAN=\"2\" BGCOLOR=\"%s\"><B>",
					 table->alias, show_diagram_frame(table),
					 fill ? fill : table->is_controlled ? "#dce9f7" : "#f4f4f4");
	show_diagram_html(out, table->title);
	appendStringInfoString(out, "</B></TD></TR>");
	foreach(lc, table->columns)
	{
		DiagramColumn *column = lfirst(lc);

		if (column->is_drawn)
			put_column(out, column);
	}
	appendStringInfoString(out, "</TABLE>>];\n");
}

static void
put_end(StringInfo out, DiagramEnd *end, bool at_column, bool right)
{
	appendStringInfo(out, "\"%s\"", end->table->alias);
	if (!at_column)
		return;
	if (end->column && end->column->is_drawn)
		appendStringInfo(out, ":\"%c%d\"", right ? 't' : 'c', end->column->attnum);
	appendStringInfoString(out, right ? ":e" : ":w");
}

static const char *
arrow(DiagramEnd *end)
{
	return end->many ? (end->mandatory ? "crowtee" : "crowodot") : (end->mandatory ? "teetee" : "teeodot");
}

static void
put_edge(StringInfo out, DiagramEdge *edge, DiagramNotation notation)
{
	/*
	 * a crow's foot stands at its column; what is written beside an end needs
	 * room instead, loops do, too
	 */
	bool		at_column = notation == NOTATION_CROWS_FOOT && !edge->is_link &&
	edge->end[0].table != edge->end[1].table;

	appendStringInfoChar(out, '\t');
	put_end(out, &edge->end[0], at_column, true);
	appendStringInfoString(out, " -> ");
	put_end(out, &edge->end[1], at_column, false);
	appendStringInfoString(out, " [label=<");
	show_diagram_html(out, show_diagram_printable(edge->name));
	if (edge->note)
	{
		appendStringInfoString(out, "<BR/><I>");
		show_diagram_html(out, show_diagram_printable(edge->note));
		appendStringInfoString(out, "</I>");
	}
	if (edge->behaviors)
		appendStringInfo(out, "<BR/><FONT COLOR=\"#666666\">%s</FONT>", edge->behaviors);
	appendStringInfoString(out, ">");
	if (notation == NOTATION_CROWS_FOOT)
		appendStringInfo(out, ", arrowtail=%s, arrowhead=%s", arrow(&edge->end[0]), arrow(&edge->end[1]));
	else if (notation == NOTATION_UML)
		appendStringInfo(out, ", taillabel=\"%s\", headlabel=\"%s\"", show_diagram_multiplicity(edge, 0),
						 show_diagram_multiplicity(edge, 1));
	else
		appendStringInfo(out, ", taillabel=\"%s\", headlabel=\"%s\"", show_diagram_min_max(edge, 0),
						 show_diagram_min_max(edge, 1));
	appendStringInfo(out, "%s];\n", edge->is_multi_table ? ", style=dashed" : "");
}

void
show_diagram_dot(StringInfo out, Diagram *diagram)
{
	DiagramNotation notation = diagram->request.notation;
	ListCell   *lc;

	if (notation == NOTATION_CHEN)
	{
		show_diagram_chen(out, diagram);
		return;
	}
	appendStringInfo(out, "digraph relmeta {\n\tgraph [rankdir=LR, ranksep=1.2, nodesep=0.5];\n"
					 "\tnode [shape=plain, " FONT ", fontsize=11];\n"
					 "\tedge [%s, " FONT ", fontsize=9, labeldistance=1.8];\n",
					 notation == NOTATION_CROWS_FOOT ? "dir=both" : "dir=none");
	foreach(lc, diagram->tables)
		put_table(out, lfirst(lc));
	foreach(lc, diagram->edges)
		put_edge(out, lfirst(lc), notation);
	appendStringInfoString(out, "}\n");
}
