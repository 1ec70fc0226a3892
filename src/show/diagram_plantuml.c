/*
 * diagram_plantuml.c
 *		PlantUML: an entity per table; crow's feet, or multiplicities in quotes.
 *
 *	@startuml
 *	left to right direction
 *	hide circle
 *	entity "account" as account #white;line:555555 {
 *	  {field} * **id** : integer <<PK>>
 *	}
 *	account ||--o{ contact : account_contact: parental
 *	@enduml
 *
 * All but letters, digits and blanks is written by its number, since any sign may be
 * markup; <U+0022> is the only way to write a quote.
 */
#include "show/diagram.h"

#define CODE "<U+%04X>"

static void
put_text(StringInfo out, const char *string)
{
	show_diagram_escape(out, string, ".,:()=", CODE);
}

static void
put_column(StringInfo out, DiagramColumn *column)
{
	appendStringInfoString(out, "  {field} ");
	if (column->not_null)
		appendStringInfoString(out, "* ");
	show_diagram_escape(out, show_diagram_printable(column->name), "", CODE);
	appendStringInfoString(out, " : ");
	show_diagram_escape(out, column->type, "()[],", CODE);
	appendStringInfo(out, "%s%s%s\n", column->is_key ? " <<PK>>" : "", column->is_lookup ? " <<FK>>" : "",
					 column->is_unique && !column->is_key ? " <<unique>>" : "");
}

static void
put_table(StringInfo out, DiagramTable *table)
{
	const char *fill = show_diagram_fill(table);
	ListCell   *lc;

	appendStringInfoString(out, "entity \"");
	put_text(out, table->title);
	/* what stands in < > at the end would be a parameter of a generic class */
	if (out->data[out->len - 1] == '>')
		appendStringInfoChar(out, ' ');
	appendStringInfo(out, "\" as %s %s;line:%s {\n", table->alias, fill ? fill : "#FFFFFF",
					 show_diagram_frame(table) + 1);
	foreach(lc, table->columns)
	{
		DiagramColumn *column = lfirst(lc);

		if (column->is_drawn)
			put_column(out, column);
	}
	appendStringInfoString(out, "}\n");
}

static void
put_edge(StringInfo out, DiagramEdge *edge, DiagramNotation notation)
{
	DiagramEnd *from = &edge->end[0];
	DiagramEnd *to = &edge->end[1];
	const char *line = edge->is_multi_table ? ".." : "--";

	appendStringInfoString(out, from->table->alias);
	if (notation == NOTATION_CROWS_FOOT)
		appendStringInfo(out, " %s%s%s ", from->many ? (from->mandatory ? "}|" : "}o") :
						 (from->mandatory ? "||" : "|o"), line,
						 to->many ? (to->mandatory ? "|{" : "o{") : (to->mandatory ? "||" : "o|"));
	else if (notation == NOTATION_UML)
		appendStringInfo(out, " \"%s\" %s \"%s\" ", show_diagram_multiplicity(edge, 0), line,
						 show_diagram_multiplicity(edge, 1));
	else
		appendStringInfo(out, " \"%s\" %s \"%s\" ", show_diagram_min_max(edge, 0), line, show_diagram_min_max(edge, 1));
	appendStringInfo(out, "%s : ", to->table->alias);
	put_text(out, show_diagram_printable(show_diagram_label(edge)));
	appendStringInfoChar(out, '\n');
}

void
show_diagram_plantuml(StringInfo out, Diagram *diagram)
{
	ListCell   *lc;

	appendStringInfoString(out, "@startuml\nleft to right direction\nhide circle\nhide empty members\n");
	foreach(lc, diagram->tables)
		put_table(out, lfirst(lc));
	foreach(lc, diagram->edges)
		put_edge(out, lfirst(lc), diagram->request.notation);
	appendStringInfoString(out, "@enduml\n");
}
