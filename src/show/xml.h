/*
 * xml.h
 *		A small reader of XML, for documents of which one wants a few elements.
 *
 * It reads elements, attributes, text, CDATA and character references, skips
 * comments and processing instructions, and refuses the rest: no document type,
 * hence no entities but the five that XML has, nothing external, nothing that
 * expands.  Prefixes of names are dropped.
 *
 * MEMORY.  The tree is in the current memory context.
 */
#ifndef RELMETA_SHOW_XML_H
#define RELMETA_SHOW_XML_H

#include "postgres.h"

#include "nodes/pg_list.h"

typedef struct XmlElement
{
	char	   *name;
	List	   *attributes;		/* char *: name, value, name, value */
	List	   *children;		/* XmlElement * */
	char	   *text;			/* its own, without that of its children;
								 * blanks at the ends dropped */
} XmlElement;

/* The elements at the top, as children of one without name; 22023 for what is not well-formed, or not read. */
extern XmlElement *show_xml_read(const char *xml);

/* The first child of a name; NULL when there is none, or element is NULL. */
extern XmlElement *show_xml_child(const XmlElement *element, const char *name);

/* The text of that child; NULL when there is none. */
extern char *show_xml_child_text(const XmlElement *element, const char *name);

/* NULL when there is none */
extern char *show_xml_attribute(const XmlElement *element, const char *name);

#endif							/* RELMETA_SHOW_XML_H */
