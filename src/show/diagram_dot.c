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

#define RIGHT 0					/* of the primary end's column an edge starts */
#define LEFT 1					/* of the related end's it arrives */

/*
 * Does the edge end at columns?  A crow's foot does; what is written beside an end
 * needs room instead, as loops do, and an N:N has no column.
 */
static bool
is_at_columns(DiagramEdge *edge, DiagramNotation notation)
{
	return notation == NOTATION_CROWS_FOOT && !edge->is_link && edge->end[0].table != edge->end[1].table;
}

/*
 * Edges that meet at one column from one side would be drawn upon each other: each
 * is given a place there.
 */
static void
place_ends(Diagram *diagram)
{
	ListCell   *lc;

	foreach(lc, diagram->edges)
	{
		DiagramEdge *edge = lfirst(lc);

		if (!is_at_columns(edge, diagram->request.notation))
			continue;
		for (int side = 0; side < 2; side++)
		{
			if (edge->end[side].column)
				edge->end[side].place = ++edge->end[side].column->meeting[side];
		}
	}
}

/* Is there a column of the table at whose side several edges meet? */
static bool
is_met(DiagramTable *table, int side)
{
	ListCell   *lc;

	foreach(lc, table->columns)
	{
		if (((DiagramColumn *) lfirst(lc))->meeting[side] > 1)
			return true;
	}
	return false;
}

/* A port of its own for the end in that place; an empty cell where the column has none. */
static void
put_place(StringInfo out, DiagramTable *table, DiagramColumn *column, int side, int place)
{
	if (!is_met(table, side) || (place > 1 && place > column->meeting[side]))
		return;
	appendStringInfoString(out, "<TD");
	if (column->meeting[side] > 1)
		appendStringInfo(out, " PORT=\"%c%d_%d\" HEIGHT=\"13\"", side == RIGHT ? 't' : 'c', column->attnum, place);
	appendStringInfoString(out, " WIDTH=\"1\" CELLPADDING=\"0\"></TD>");
}

/*
 * <TR><TD PORT="c2_1"></TD><TD PORT="c2" ROWSPAN="2">account_id</TD><TD PORT="t2" ROWSPAN="2">integer</TD></TR>
 * <TR><TD PORT="c2_2"></TD></TR>
 */
static void
put_column(StringInfo out, DiagramTable *table, DiagramColumn *column)
{
	const char *open = column->is_key ? "<U>" : "";
	const char *close = column->is_key ? "</U>" : "";
	int			rows = Max(Max(column->meeting[RIGHT], column->meeting[LEFT]), 1);
	char	   *span = rows > 1 ? psprintf(" ROWSPAN=\"%d\"", rows) : "";

	appendStringInfoString(out, "<TR>");
	put_place(out, table, column, LEFT, 1);
	appendStringInfo(out, "<TD PORT=\"c%d\"%s ALIGN=\"LEFT\">%s", column->attnum, span, open);
	show_diagram_html(out, show_diagram_printable(column->name));
	appendStringInfo(out, "%s</TD><TD PORT=\"t%d\"%s ALIGN=\"LEFT\"><FONT COLOR=\"#666666\">", close, column->attnum,
					 span);
	show_diagram_html(out, show_diagram_printable(column->type));
	appendStringInfo(out, "%s%s</FONT></TD>", column->not_null && !column->is_key ? " *" : "",
					 column->is_unique && !column->is_key ? " unique" : "");
	put_place(out, table, column, RIGHT, 1);
	appendStringInfoString(out, "</TR>");
	for (int place = 2; place <= rows; place++)
	{
		appendStringInfoString(out, "<TR>");
		put_place(out, table, column, LEFT, place);
		put_place(out, table, column, RIGHT, place);
		appendStringInfoString(out, "</TR>");
	}
}

static void
put_table(StringInfo out, DiagramTable *table)
{
	const char *fill = show_diagram_fill(table);
	ListCell   *lc;

	appendStringInfo(out, "\t\"%s\" [label=<<TABLE BORDER=\"1\" CELLBORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"3\""
					 " COLOR=\"%s\" BGCOLOR=\"#FFFFFF\"><TR><TD COLSPAN=\"%d\" BGCOLOR=\"%s\"><B>",
					 table->alias, show_diagram_frame(table), 2 + is_met(table, LEFT) + is_met(table, RIGHT),
					 fill ? fill : table->is_controlled ? "#dce9f7" : "#f4f4f4");
	show_diagram_html(out, table->title);
	appendStringInfoString(out, "</B></TD></TR>");
	foreach(lc, table->columns)
	{
		DiagramColumn *column = lfirst(lc);

		if (column->is_drawn)
			put_column(out, table, column);
	}
	appendStringInfoString(out, "</TABLE>>];\n");
}

static void
put_end(StringInfo out, DiagramEnd *end, int side)
{
	DiagramColumn *column = end->place > 0 ? end->column : NULL;

	appendStringInfo(out, "\"%s\"", end->table->alias);
	if (column == NULL || !column->is_drawn)
		return;
	appendStringInfo(out, ":\"%c%d", side == RIGHT ? 't' : 'c', column->attnum);
	if (column->meeting[side] > 1)
		appendStringInfo(out, "_%d", end->place);
	appendStringInfoString(out, side == RIGHT ? "\":e" : "\":w");
}

static const char *
arrow(DiagramEnd *end)
{
	return end->many ? (end->mandatory ? "crowtee" : "crowodot") : (end->mandatory ? "teetee" : "teeodot");
}

static void
put_edge(StringInfo out, DiagramEdge *edge, DiagramNotation notation)
{
	appendStringInfoChar(out, '\t');
	put_end(out, &edge->end[0], RIGHT);
	appendStringInfoString(out, " -> ");
	put_end(out, &edge->end[1], LEFT);
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
	/* beside a loop's end, and not on its line */
	if (notation != NOTATION_CROWS_FOOT && edge->end[0].table == edge->end[1].table)
		appendStringInfoString(out, ", labelangle=-50, labeldistance=2.2");
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
	place_ends(diagram);
	foreach(lc, diagram->tables)
		put_table(out, lfirst(lc));
	foreach(lc, diagram->edges)
		put_edge(out, lfirst(lc), notation);
	appendStringInfoString(out, "}\n");
}
