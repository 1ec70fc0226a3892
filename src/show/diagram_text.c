/*
 * diagram_text.c
 *		Names as the grammars of drawing tools take them.
 *
 * Whatever a grammar cannot take is quoted or escaped; where it takes neither, an
 * alias stands for the name, which is shown in its label.
 */
#include "show/diagram.h"

#include "mb/pg_wchar.h"

const char *const show_diagram_no_words[] = {NULL};
const char *const show_diagram_mermaid_words[] = {
	"acctitle", "accdescr", "class", "classdef", "default", "direction", "end", "erdiagram", "many", "one", "only",
	"optionally", "style", "subgraph", "title", "to", "u", "zero", NULL
};
const char *const show_diagram_mermaid_column_words[] = {"pk", "fk", "uk", NULL};
const char *const show_diagram_plantuml_words[] = {
	"abstract", "allowmixing", "annotation", "as", "bottom", "caption", "circle", "class", "dataclass", "diamond",
	"end", "entity", "enum", "exception", "footer", "header", "hide", "interface", "is", "json", "left", "legend",
	"link", "mainframe", "map", "metaclass", "namespace", "newpage", "note", "object", "of", "on", "package", "page",
	"protocol", "record", "remove", "restore", "right", "scale", "set", "show", "skinparam", "sprite", "state",
	"stereotype", "struct", "title", "to", "together", "top", NULL
};
const char *const show_diagram_d2_words[] = {
	"class", "classes", "constraint", "desc", "direction", "height", "icon", "label", "layers", "left", "link", "near",
	"null", "scenarios", "shape", "steps", "style", "tooltip", "top", "vars", "width", NULL
};

static bool
is_used(const char *name, bool folds_case, List *used)
{
	ListCell   *lc;

	foreach(lc, used)
	{
		if ((folds_case ? pg_strcasecmp(lfirst(lc), name) : strcmp(lfirst(lc), name)) == 0)
			return true;
	}
	return false;
}

static bool
is_keyword(const char *name, const char *const *keywords)
{
	for (; *keywords; keywords++)
		if (pg_strcasecmp(*keywords, name) == 0)
			return true;
	return false;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_word(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
}

char *
show_diagram_alias(const char *name, const char *const *keywords, List **used)
{
	StringInfoData alias;
	char	   *base;

	initStringInfo(&alias);
	if (!is_letter(name[0]))
		appendStringInfoString(&alias, "t_");
	for (const char *c = name; *c; c += pg_mblen(c))
		appendStringInfoChar(&alias, is_word(*c) ? *c : '_');
	if (is_keyword(alias.data, keywords))
		appendStringInfoChar(&alias, '_');
	base = alias.data;
	for (int n = 2; is_used(alias.data, true, *used); n++)
		alias.data = psprintf("%s_%d", base, n);
	*used = lappend(*used, alias.data);
	return alias.data;
}

char *
show_diagram_distinct(const char *name, bool folds_case, List **used)
{
	char	   *distinct = pstrdup(name);

	for (int n = 2; is_used(distinct, folds_case, *used); n++)
		distinct = psprintf("%s (%d)", name, n);
	*used = lappend(*used, distinct);
	return distinct;
}

/* Bytes of a control character, or of one that ends a line in Unicode; 0: it is another. */
static int
control_length(const char *c)
{
	const unsigned char *u = (const unsigned char *) c;

	if (u[0] < ' ' || u[0] == 0x7f)
		return 1;
	if (GetDatabaseEncoding() != PG_UTF8)
		return 0;
	/* U+0080 to U+009F; U+2028 and U+2029 */
	if (u[0] == 0xc2 && u[1] < 0xa0)
		return 2;
	return u[0] == 0xe2 && u[1] == 0x80 && (u[2] == 0xa8 || u[2] == 0xa9) ? 3 : 0;
}

char *
show_diagram_printable(const char *name)
{
	char	   *printable = palloc(strlen(name) + 1);
	char	   *to = printable;
	int			len;

	for (const char *c = name; *c; c += len)
	{
		len = control_length(c);
		if (len > 0)
			*to++ = ' ';
		else
		{
			len = pg_mblen(c);
			memcpy(to, c, len);
			to += len;
		}
	}
	*to = '\0';
	return printable;
}

void
show_diagram_escape(StringInfo out, const char *name, const char *keep, const char *format)
{
	for (const char *c = name; *c; c++)
	{
		bool		is_plain = *c == ' ' || IS_HIGHBIT_SET(*c) || (is_word(*c) && *c != '_');
		bool		is_doubled = c[1] == *c || (c > name && c[-1] == *c);

		if (is_plain || (!is_doubled && (*c == '_' || strchr(keep, *c))))
			appendStringInfoChar(out, *c);
		else
			appendStringInfo(out, format, (unsigned char) *c);
	}
}

void
show_diagram_quote(StringInfo out, const char *name, char quote, char escape, const char *special)
{
	appendStringInfoChar(out, quote);
	for (const char *c = name; *c; c++)
	{
		if (*c == quote || strchr(special, *c))
			appendStringInfoChar(out, escape);
		appendStringInfoChar(out, *c);
	}
	appendStringInfoChar(out, quote);
}

void
show_diagram_html(StringInfo out, const char *name)
{
	for (const char *c = name; *c; c++)
	{
		switch (*c)
		{
			case '&':
				appendStringInfoString(out, "&amp;");
				break;
			case '<':
				appendStringInfoString(out, "&lt;");
				break;
			case '>':
				appendStringInfoString(out, "&gt;");
				break;
			case '"':
				appendStringInfoString(out, "&quot;");
				break;
			case '\'':
				appendStringInfoString(out, "&#39;");
				break;
			case ']':

				/*
				 * Graphviz does not read a text of nothing but ], which may
				 * begin ]]>
				 */
				appendStringInfoString(out, "&#93;");
				break;
			default:
				appendStringInfoChar(out, *c);
		}
	}
}

/* ---- colours ---- */

const char *
show_diagram_fill(DiagramTable *table)
{
	return table->is_intersect ? DIAGRAM_INTERSECT_FILL : table->is_system ? DIAGRAM_SYSTEM_FILL : NULL;
}

const char *
show_diagram_frame(DiagramTable *table)
{
	return table->is_controlled ? DIAGRAM_CONTROLLED_FRAME : DIAGRAM_FRAME;
}
