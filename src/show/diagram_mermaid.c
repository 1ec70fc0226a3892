/*
 * diagram_mermaid.c
 *		Mermaid's erDiagram, as forges render it in Markdown.
 *
 *	erDiagram
 *	    account {
 *	        integer id PK
 *	        text owner "the owner"
 *	    }
 *	    t_1st["1st"] {
 *	    }
 *	    account ||--o{ t_1st : "account_1st: parental"
 *
 * A line of a multi-table lookup is dotted.
 */
#include "show/diagram.h"

/*
 * A text within double quotes, where Mermaid decodes #number; alone.  Its lexer and its pre-processor look for some
 * words anywhere in a line: those are broken by such a number, too.
 */
static void
put_text(StringInfo out, const char *name)
{
	static const char *const words[] = {"direction", "style", "classdef"};

	appendStringInfoChar(out, '"');
	for (const char *c = name; *c; c++)
	{
		char		one[2] = {*c, '\0'};
		bool		is_special = false;

		for (int i = 0; i < (int) lengthof(words); i++)
			is_special = is_special || pg_strncasecmp(c, words[i], strlen(words[i])) == 0;
		/* a line of underscores would be emphasis */
		if (is_special || (*c == '_' && (c == name || c[1] == '\0')))
			appendStringInfo(out, "#%d;", (unsigned char) *c);
		else
			show_diagram_escape(out, one, ".,:()=-", "#%d;");
	}
	appendStringInfoChar(out, '"');
}

/* A type: one word, without what a comma stands in. */
static void
put_type(StringInfo out, const char *type)
{
	bool		is_simple = strchr(type, ',') == NULL;
	bool		within = false;

	if (strspn(type, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == 0)
		appendStringInfoString(out, "t_");
	for (const char *c = type; *c; c++)
	{
		within = within || *c == '(';
		if (is_simple || !within)
			appendStringInfoChar(out, (unsigned char) *c < 0x80 && (isalnum((unsigned char) *c) ||
																	strchr("()[]", *c)) ? *c : '_');
		within = within && *c != ')';
	}
	/* "direction TB" is a statement of its own, wherever it stands */
	if (pg_strcasecmp(type, "direction") == 0)
		appendStringInfoChar(out, '_');
}

static void
put_column(StringInfo out, DiagramColumn *column)
{
	List	   *used = NIL;
	char	   *name = show_diagram_alias(column->name, show_diagram_mermaid_column_words, &used);
	const char *keys[3] = {column->is_key ? "PK" : NULL, column->is_lookup ? "FK" : NULL,
	column->is_unique && !column->is_key ? "UK" : NULL};
	const char *separator = " ";

	appendStringInfoString(out, "        ");
	put_type(out, column->type);
	appendStringInfo(out, " %s", name);
	for (int i = 0; i < (int) lengthof(keys); i++)
	{
		if (keys[i])
		{
			appendStringInfo(out, "%s%s", separator, keys[i]);
			separator = ", ";
		}
	}
	if (strcmp(name, column->name) != 0)
	{
		appendStringInfoChar(out, ' ');
		put_text(out, show_diagram_printable(column->name));
	}
	appendStringInfoChar(out, '\n');
}

static void
put_table(StringInfo out, DiagramTable *table)
{
	ListCell   *lc;

	appendStringInfo(out, "    %s", table->alias);
	if (strcmp(table->alias, table->title) != 0)
	{
		appendStringInfoChar(out, '[');
		put_text(out, table->title);
		appendStringInfoChar(out, ']');
	}
	appendStringInfoString(out, " {\n");
	foreach(lc, table->columns)
	{
		DiagramColumn *column = lfirst(lc);

		if (column->is_drawn)
			put_column(out, column);
	}
	appendStringInfoString(out, "    }\n");
}

static void
put_edge(StringInfo out, DiagramEdge *edge)
{
	DiagramEnd *from = &edge->end[0];
	DiagramEnd *to = &edge->end[1];

	appendStringInfo(out, "    %s %s%s%s %s : ", from->table->alias,
					 from->many ? (from->mandatory ? "}|" : "}o") : (from->mandatory ? "||" : "|o"),
					 edge->is_multi_table ? ".." : "--",
					 to->many ? (to->mandatory ? "|{" : "o{") : (to->mandatory ? "||" : "o|"), to->table->alias);
	put_text(out, show_diagram_printable(show_diagram_label(edge)));
	appendStringInfoChar(out, '\n');
}

/* The tables of a colour: classDef name fill:…,stroke:…, and class a,b name */
static void
put_class(StringInfo out, List *tables, const char *name, const char *fill, const char *frame)
{
	StringInfoData of;
	ListCell   *lc;

	initStringInfo(&of);
	foreach(lc, tables)
	{
		DiagramTable *table = lfirst(lc);
		const char *its_fill = show_diagram_fill(table);

		if (strcmp(show_diagram_frame(table), frame) == 0 &&
			(fill ? its_fill && strcmp(fill, its_fill) == 0 : its_fill == NULL))
			appendStringInfo(&of, "%s%s", of.len ? "," : "", table->alias);
	}
	if (of.len == 0)
		return;
	appendStringInfo(out, "    classDef %s %s%s%sstroke:%s,stroke-width:2px\n", name, fill ? "fill:" : "",
					 fill ? fill : "", fill ? "," : "", frame);
	appendStringInfo(out, "    class %s %s\n", of.data, name);
}

void
show_diagram_mermaid(StringInfo out, Diagram *diagram)
{
	ListCell   *lc;

	appendStringInfoString(out, "erDiagram\n");
	foreach(lc, diagram->tables)
		put_table(out, lfirst(lc));
	foreach(lc, diagram->edges)
		put_edge(out, lfirst(lc));
	put_class(out, diagram->tables, "controlled", NULL, DIAGRAM_CONTROLLED_FRAME);
	put_class(out, diagram->tables, "system", DIAGRAM_SYSTEM_FILL, DIAGRAM_FRAME);
	put_class(out, diagram->tables, "controlledSystem", DIAGRAM_SYSTEM_FILL, DIAGRAM_CONTROLLED_FRAME);
	put_class(out, diagram->tables, "intersect", DIAGRAM_INTERSECT_FILL, DIAGRAM_FRAME);
	put_class(out, diagram->tables, "controlledIntersect", DIAGRAM_INTERSECT_FILL, DIAGRAM_CONTROLLED_FRAME);
}
