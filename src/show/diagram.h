/*
 * diagram.h
 *		er_diagram: the declared model as text that a drawing tool reads (SEMANTICS 2.7, 3.14).
 *
 *	diagram.c			the SQL function; the table of formats
 *	diagram_scope.c		which tables, links and relationships are drawn
 *	diagram_table.c		a table's columns, and what is unique in it
 *	diagram_edge.c		a relationship's ends, and what is written on it
 *	diagram_text.c		names and aliases as grammars take them
 *	diagram_mermaid.c … a format each: walks a Diagram, knows no catalog
 *
 * MEMORY.  All of a Diagram is made in CurrentMemoryContext, to which the model is
 * pinned (ddl_model()).
 */
#ifndef SHOW_DIAGRAM_H
#define SHOW_DIAGRAM_H

#include "model/model.h"

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

typedef enum DiagramNotation
{
	NOTATION_CROWS_FOOT,
	NOTATION_CHEN,
	NOTATION_UML,
	NOTATION_MIN_MAX
} DiagramNotation;

typedef enum DiagramColumns
{
	COLUMNS_NONE,
	COLUMNS_KEYS,
	COLUMNS_ALL
} DiagramColumns;

typedef struct DiagramColumn
{
	char	   *name;			/* the true one */
	char	   *label;			/* the same without control characters,
								 * different from the others' in the table */
	char	   *type;
	AttrNumber	attnum;
	bool		is_key;
	bool		is_lookup;		/* or an intersect table's key */
	bool		is_unique;
	bool		not_null;
	bool		is_drawn;		/* as the argument columns says */
	int			meeting[2];		/* edges that end at it: from its right, from
								 * its left; counted by diagram_dot.c */
} DiagramColumn;

typedef struct DiagramTable
{
	Oid			relid;
	char	   *schema;
	char	   *name;
	char	   *title;			/* the name; with its schema when another
								 * drawn table has the same */
	char	   *alias;			/* of letters, digits and _, no keyword of the
								 * format, unique whatever the case */
	bool		is_qualified;	/* the title has its schema */
	bool		is_system;
	bool		is_controlled;
	bool		is_intersect;
	List	   *columns;		/* DiagramColumn *, all that may be drawn */
	List	   *primary;		/* attribute numbers of the primary key */
	List	   *unique;			/* List * of attribute numbers each */
} DiagramTable;

/* How many rows of this end's table there are for a row of the other's. */
typedef struct DiagramEnd
{
	DiagramTable *table;
	DiagramColumn *column;		/* NULL: none is known */
	bool		mandatory;		/* at least one */
	bool		many;
	int			place;			/* among those that meet at the column: 1 … */
} DiagramEnd;

typedef struct DiagramEdge
{
	char	   *name;			/* of the relationship */
	char	   *note;			/* what it is besides; NULL */
	char	   *behaviors;		/* NULL: not wanted */
	DiagramEnd	end[2];			/* primary, related; or the two of an N:N */
	bool		is_link;		/* an N:N drawn as one edge */
	bool		is_multi_table;
	bool		foreign_key;	/* a native one */
	ModelBehavior on_delete;
} DiagramEdge;

/* what a format makes of N:N relationships */
typedef enum DiagramLinks
{
	LINKS_ANY,
	LINKS_ONE_PER_PAIR,			/* one of two different tables */
	LINKS_NEVER					/* always through the intersect table */
} DiagramLinks;

typedef struct DiagramRequest
{
	DiagramNotation notation;
	DiagramColumns columns;
	bool		behaviors;
	bool		intersects;
	DiagramLinks links;
	const char *const *keywords;	/* that an alias must not be; NULL ends */
	bool		folds_case;		/* columns differ by more than case */
	bool		all_tables;
	List	   *tables;			/* OIDs, unless all_tables */
	int			depth;			/* relationships away from tables */
} DiagramRequest;

typedef struct Diagram
{
	DiagramRequest request;
	List	   *tables;			/* DiagramTable *, in order of schema and name */
	List	   *edges;			/* DiagramEdge *, in order of name */
} Diagram;

typedef void (*DiagramWriter) (StringInfo out, Diagram *diagram);

/* ---- diagram_scope.c ---- */
extern Diagram *show_diagram_collect(DiagramRequest *request);

/* May the current user know of the table: owns it, or has a privilege on it or a column? */
extern bool show_may_see(Oid relid);

/* ---- diagram_table.c ---- */

/* NULL when there is no such table any more. */
extern DiagramTable *show_diagram_table(Model *model, Oid relid, DiagramColumns columns);
extern DiagramColumn *show_diagram_column(DiagramTable *table, const char *name);

/* Where a line to a key begins or ends: the first of its columns that is drawn. */
extern DiagramColumn *show_diagram_key(DiagramTable *table, ModelKeyColumns *key);

/* Is a row determined by the column, or by it and the other (NULL: none)? */
extern bool show_diagram_unique(DiagramTable *table, DiagramColumn *column, DiagramColumn *other);

/* Titles, aliases and labels of columns, once all tables are there. */
extern void show_diagram_name(List *tables, DiagramRequest *request);

/* ---- diagram_edge.c ---- */
extern DiagramEdge *show_diagram_edge(DiagramTable *primary, DiagramTable *related, ModelRelationship *r,
									  bool behaviors);
extern DiagramEdge *show_diagram_link(DiagramTable *table1, DiagramTable *table2, ModelIntersect *link);
extern DiagramEdge *show_diagram_link_end(DiagramTable *table, DiagramTable *intersect, ModelIntersect *link, int side);

/* Does an edge name the column, so that it must be there whatever was asked for? */
extern bool show_diagram_is_referenced(Diagram *diagram, DiagramColumn *column);

/* Name, note and behaviors on one line. */
extern char *show_diagram_label(DiagramEdge *edge);

/* How often a row of that end takes part, SEMANTICS 3.14: "(0,N)". */
extern const char *show_diagram_min_max(DiagramEdge *edge, int end);

/* How many rows of that end's table there are: "0..*". */
extern const char *show_diagram_multiplicity(DiagramEdge *edge, int end);

/* ---- diagram_text.c ---- */

/* Of letters, digits and _, beginning with a letter; none of keywords; not among used, to which it is added. */
extern char *show_diagram_alias(const char *name, const char *const *keywords, List **used);

/* The same text, or text (2) ...; not among used, to which it is added. */
extern char *show_diagram_distinct(const char *name, bool folds_case, List **used);

/* For a grammar without a way to write control characters. */
extern char *show_diagram_printable(const char *name);

/*
 * Each character that is not a letter, a digit, a blank, beyond ASCII, _ or one of keep: by format, which takes its
 * number; so are these if there are two in a row, which are often markup.
 */
extern void show_diagram_escape(StringInfo out, const char *name, const char *keep, const char *format);

/* Within quotes, a quote and each of special after the escape character. */
extern void show_diagram_quote(StringInfo out, const char *name, char quote, char escape, const char *special);

/* HTML's five characters, and ]. */
extern void show_diagram_html(StringInfo out, const char *name);

/* ---- the formats, and what words mean something to them; whatever the case ---- */
extern const char *const show_diagram_mermaid_words[];
extern const char *const show_diagram_mermaid_column_words[];
extern const char *const show_diagram_plantuml_words[];
extern const char *const show_diagram_d2_words[];
extern const char *const show_diagram_no_words[];

extern void show_diagram_mermaid(StringInfo out, Diagram *diagram);
extern void show_diagram_plantuml(StringInfo out, Diagram *diagram);
extern void show_diagram_dot(StringInfo out, Diagram *diagram);
extern void show_diagram_chen(StringInfo out, Diagram *diagram);
extern void show_diagram_dbml(StringInfo out, Diagram *diagram);
extern void show_diagram_d2(StringInfo out, Diagram *diagram);
extern void show_diagram_json(StringInfo out, Diagram *diagram);

/* Colours, the same in all formats: what fills a table, NULL: nothing; what frames it. */
extern const char *show_diagram_fill(DiagramTable *table);
extern const char *show_diagram_frame(DiagramTable *table);

#define DIAGRAM_SYSTEM_FILL "#e4e4e4"
#define DIAGRAM_INTERSECT_FILL "#fff4d6"
#define DIAGRAM_CONTROLLED_FRAME "#1f5fa8"
#define DIAGRAM_FRAME "#555555"

#endif							/* SHOW_DIAGRAM_H */
