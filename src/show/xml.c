/*
 * xml.c
 *		A small reader of XML.
 *
 * PostgreSQL has seen the document before, as a value of type xml: this reader
 * need not know all that is wrong with one, but must stand whatever comes.
 */
#include "show/xml.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"

typedef struct XmlReader
{
	const char *start;
	const char *at;
} XmlReader;

static void
refuse(XmlReader *reader, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("the XML document cannot be read: %s", what),
			 errdetail("It is at byte %zu.", (size_t) (reader->at - reader->start) + 1)));
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
skip_blanks(XmlReader *reader)
{
	while (is_blank(*reader->at))
		reader->at++;
}

static bool
looks_at(XmlReader *reader, const char *what)
{
	return strncmp(reader->at, what, strlen(what)) == 0;
}

/* Behind the next one of end */
static void
skip_behind(XmlReader *reader, const char *end)
{
	const char *found = strstr(reader->at, end);

	if (found == NULL)
		refuse(reader, "something is not closed");
	reader->at = found + strlen(end);
}

/* ---- names and values ---- */

static bool
is_name_character(char c)
{
	return IS_HIGHBIT_SET(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		c == '_' || c == '-' || c == '.' || c == ':';
}

static char *
read_name(XmlReader *reader)
{
	const char *start = reader->at;
	const char *name = start;

	while (is_name_character(*reader->at))
	{
		if (*reader->at++ == ':')
			name = reader->at;
	}
	if (reader->at == name)
		refuse(reader, "a name is expected");
	return pnstrdup(name, reader->at - name);
}

/* Behind "&#" */
static void
read_character(XmlReader *reader, StringInfo content)
{
	bool		is_hex = *reader->at == 'x';
	uint32		code = 0;
	unsigned char bytes[MAX_UNICODE_EQUIVALENT_STRING + 1];

	if (is_hex)
		reader->at++;
	if (!isxdigit((unsigned char) *reader->at))
		refuse(reader, "a character's number is expected");
	for (; *reader->at != ';'; reader->at++)
	{
		unsigned char c = *reader->at;
		int			digit;

		if (is_hex ? !isxdigit(c) : !isdigit(c))
			refuse(reader, "a character's number is expected");
		digit = isdigit(c) ? c - '0' : pg_tolower(c) - 'a' + 10;
		code = code * (is_hex ? 16 : 10) + digit;
		if (code > 0x10FFFF)
			refuse(reader, "there is no such character");
	}
	if (!is_valid_unicode_codepoint(code) || (code >= 0xD800 && code <= 0xDFFF))
		refuse(reader, "there is no such character");
	pg_unicode_to_server(code, bytes);
	appendStringInfoString(content, (char *) bytes);
	reader->at++;
}

/* At "&" */
static void
read_reference(XmlReader *reader, StringInfo content)
{
	static const char *const entities[][2] = {
		{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}, {"&quot;", "\""}, {"&apos;", "'"}
	};

	if (looks_at(reader, "&#"))
	{
		reader->at += 2;
		read_character(reader, content);
		return;
	}
	for (int i = 0; i < (int) lengthof(entities); i++)
	{
		if (looks_at(reader, entities[i][0]))
		{
			appendStringInfoString(content, entities[i][1]);
			reader->at += strlen(entities[i][0]);
			return;
		}
	}
	refuse(reader, "entities are not read");
}

static char *
read_value(XmlReader *reader)
{
	StringInfoData value;
	char		quote = *reader->at;

	if (quote != '"' && quote != '\'')
		refuse(reader, "a quoted value is expected");
	reader->at++;
	initStringInfo(&value);
	while (*reader->at != quote)
	{
		if (*reader->at == '\0' || *reader->at == '<')
			refuse(reader, "a value is not closed");
		if (*reader->at == '&')
			read_reference(reader, &value);
		else
			appendStringInfoChar(&value, *reader->at++);
	}
	reader->at++;
	return value.data;
}

/* ---- elements ---- */

static void read_content(XmlReader *reader, XmlElement *element);

/* Behind its name; true when it is an empty one, <so/>. */
static bool
read_attributes(XmlReader *reader, XmlElement *element)
{
	for (;;)
	{
		skip_blanks(reader);
		if (looks_at(reader, "/>"))
		{
			reader->at += 2;
			return true;
		}
		if (*reader->at == '>')
		{
			reader->at++;
			return false;
		}
		element->attributes = lappend(element->attributes, read_name(reader));
		skip_blanks(reader);
		if (*reader->at++ != '=')
			refuse(reader, "\"=\" is expected");
		skip_blanks(reader);
		element->attributes = lappend(element->attributes, read_value(reader));
	}
}

/* At "<" */
static XmlElement *
read_element(XmlReader *reader)
{
	XmlElement *element = palloc0(sizeof(XmlElement));
	char	   *name;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	reader->at++;
	element->name = read_name(reader);
	element->text = "";
	if (read_attributes(reader, element))
		return element;
	read_content(reader, element);
	if (!looks_at(reader, "</"))
		refuse(reader, "an element is not closed");
	reader->at += 2;
	name = read_name(reader);
	skip_blanks(reader);
	if (*reader->at != '>' || strcmp(name, element->name) != 0)
		refuse(reader, "another element is closed than was opened");
	reader->at++;
	return element;
}

static char *
trimmed(const char *string, int len)
{
	while (len > 0 && is_blank(*string))
		string++, len--;

	while (len > 0 && is_blank(string[len - 1]))
		len--;
	return pnstrdup(string, len);
}

/* At "<!", no comment */
static void
read_cdata(XmlReader *reader, StringInfo content)
{
	const char *start = reader->at + strlen("<![CDATA[");

	if (!looks_at(reader, "<![CDATA["))
		refuse(reader, "document types are not read");
	skip_behind(reader, "]]>");
	appendBinaryStringInfo(content, start, reader->at - strlen("]]>") - start);
}

/* Up to the end of the element, or of the document */
static void
read_content(XmlReader *reader, XmlElement *element)
{
	StringInfoData content;

	initStringInfo(&content);
	while (*reader->at && !looks_at(reader, "</"))
	{
		if (looks_at(reader, "<!--"))
			skip_behind(reader, "-->");
		else if (looks_at(reader, "<?"))
			skip_behind(reader, "?>");
		else if (looks_at(reader, "<!"))
			read_cdata(reader, &content);
		else if (*reader->at == '<')
			element->children = lappend(element->children, read_element(reader));
		else if (*reader->at == '&')
			read_reference(reader, &content);
		else
			appendStringInfoChar(&content, *reader->at++);
	}
	element->text = trimmed(content.data, content.len);
	pfree(content.data);
}

XmlElement *
show_xml_read(const char *xml)
{
	XmlReader	reader = {xml, xml};
	XmlElement *top = palloc0(sizeof(XmlElement));

	if (looks_at(&reader, "\xEF\xBB\xBF"))
		reader.at += 3;
	top->name = "";
	read_content(&reader, top);
	if (*reader.at)
		refuse(&reader, "an element is closed that was not opened");
	return top;
}

/* ---- looking ---- */

XmlElement *
show_xml_child(const XmlElement *element, const char *name)
{
	ListCell   *lc;

	foreach(lc, element ? element->children : NIL)
	{
		XmlElement *child = lfirst(lc);

		if (strcmp(child->name, name) == 0)
			return child;
	}
	return NULL;
}

char *
show_xml_child_text(const XmlElement *element, const char *name)
{
	XmlElement *child = show_xml_child(element, name);

	return child && child->text[0] ? child->text : NULL;
}

char *
show_xml_attribute(const XmlElement *element, const char *name)
{
	ListCell   *lc;

	foreach(lc, element->attributes)
	{
		if (foreach_current_index(lc) % 2 == 0 && strcmp(lfirst(lc), name) == 0)
			return list_nth(element->attributes, foreach_current_index(lc) + 1);
	}
	return NULL;
}
