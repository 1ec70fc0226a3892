/*
 * document.h
 *		Documents as they are read, and what import_metadata() says of them.
 *
 * A document is hostile: everything of it is checked where it is read, what is
 * refused is refused with its path ($.tables[3].columns), and nothing of it
 * becomes part of a statement but as a parameter, or quoted.
 *
 * MEMORY.  Nodes and rows live in the memory context of the call, and point into
 * the document.
 */
#ifndef RELMETA_SHOW_DOCUMENT_H
#define RELMETA_SHOW_DOCUMENT_H

#include "ddl/ddl.h"

#include "nodes/primnodes.h"
#include "utils/jsonb.h"

/* ---- document.c: a place in a document ---- */

typedef struct ShowNode
{
	const struct ShowNode *parent;	/* NULL: the document */
	const char *key;			/* of an object's member; NULL: an element */
	int			index;			/* of an array's element */
	JsonbValue	value;
} ShowNode;

extern ShowNode *show_document(Jsonb *document);

/* $.tables[3].name */
extern char *show_path(const ShowNode *node);

/* 22023, with the path of the node before the message */
pg_noreturn extern void show_refuse(const ShowNode *node, const char *format,...) pg_attribute_printf(2, 3);

/* A text of a document for a message: quoted, cut where it is long. */
extern char *show_quoted(const char *value);

/* Does it, and puts the node's path before the message of an error. */
extern void show_at(const ShowNode *node, void (*action) (void *), void *arg);

extern bool show_is_object(const ShowNode *node);
extern bool show_is_array(const ShowNode *node);
extern bool show_is_string(const ShowNode *node);
extern bool show_is_integer(const ShowNode *node);	/* of 32 bits */

/* A member; NULL when there is none, or node is NULL.  22023 when node is no object. */
extern ShowNode *show_member(const ShowNode *node, const char *key);

/* The same, or 22023. */
extern ShowNode *show_member_required(const ShowNode *node, const char *key);

/* ShowNode *: the elements of an array; NIL for NULL or null.  22023 when it is none. */
extern List *show_elements(const ShowNode *node);

/* The names of an object's members (char *). */
extern List *show_keys(const ShowNode *node);

/* 22023 for a member that is not among keys, which ends with NULL. */
extern void show_check_keys(const ShowNode *node, const char *const *keys);

/* Values; NULL, false or NIL for NULL and null.  22023 when it is something else. */
extern bool show_is_null(const ShowNode *node);
extern char *show_text(const ShowNode *node);
extern char *show_name(const ShowNode *node);	/* 1 to 63 bytes */
extern ModelKeyColumns *show_columns(const ShowNode *node); /* a key's, by such a
															 * name */
extern bool show_bool(const ShowNode *node);
extern List *show_texts(const ShowNode *node);

/* ---- call.c: calling relmeta's functions, as the caller ---- */

#define SHOW_ARGUMENTS 20

typedef struct ShowCall
{
	int			n;
	Oid			types[SHOW_ARGUMENTS];
	Datum		values[SHOW_ARGUMENTS];
	char		nulls[SHOW_ARGUMENTS];
	const char *search_path;	/* NULL: out of the way */
} ShowCall;

/* The next argument; NULL, or -1, for NULL. */
extern void show_argument_text(ShowCall *call, const char *value);
extern void show_argument_name(ShowCall *call, const char *value);
extern void show_argument_columns(ShowCall *call, ModelKeyColumns *columns);
extern void show_argument_bool(ShowCall *call, int value);
extern void show_argument_int(ShowCall *call, int value, bool isnull);
extern void show_argument_table(ShowCall *call, Oid relid);
extern void show_argument_procedure(ShowCall *call, Oid procedure);
extern void show_argument_tables(ShowCall *call, List *relids); /* NIL: NULL */
extern void show_argument_texts(ShowCall *call, List *values);	/* NIL: NULL */
extern void show_argument_names(ShowCall *call, List *values);

/*
 * SELECT relmeta.f($1, ...): its result as text, NULL for NULL.  search_path is
 * out of the way: what is called finds nothing that is not qualified.
 */
extern char *show_call(ShowCall *call, const char *sql);

/* ---- import_row.c ---- */

/* a row of import_metadata()'s result */
typedef struct ShowRow
{
	const char *action;
	char	   *object;
	char	   *detail;
} ShowRow;

typedef struct ShowImport
{
	ShowNode   *document;
	ShowNode   *name_map;		/* NULL: there is none */
	bool		create_tables;
	List	   *rows;			/* ShowRow * */
} ShowImport;

#define ROW_CREATED "created"
#define ROW_CHANGED "changed"
#define ROW_EXISTS "exists"
#define ROW_SKIPPED "skipped"
#define ROW_PROBLEM "problem"

/* Another row; more may be added to it as long as the import goes on. */
extern ShowRow *show_report(ShowImport *import, const char *action, const char *object, const char *format,...)
			pg_attribute_printf(4, 5);
extern void show_report_more(ShowRow *row, const char *format,...) pg_attribute_printf(2, 3);

/* The same of something that was there: the row says "changed" from now on. */
extern void show_report_change(ShowRow *row, const char *format,...) pg_attribute_printf(2, 3);

/* ---- import_name.c: tables by name ---- */

/* Where a table that is named by a text node is, or would be: by name_map, else as it is written. */
extern RangeVar *show_table_named(ShowImport *import, const ShowNode *node);

/* The same of a name that is not in name_map. */
extern RangeVar *show_table_parse(const ShowNode *node, const char *name);

/*
 * Its OID; InvalidOid when there is none, or none that the caller may see: one
 * in a schema that he may use, on which he has some right.
 */
extern Oid	show_table_find(const RangeVar *name);

/* Both; 42P01 when there is none. */
extern Oid	show_table_required(ShowImport *import, const ShowNode *node);

/* schema.table, quoted; the schema is the current one when it is not given (3F000 when there is none). */
extern char *show_table_qualified(const RangeVar *name);

/* Makes the schema of a table, or one of a search_path, if there is none. */
extern void show_schema_ensure(ShowImport *import, const char *schema);

/* What name_map has for a name, case ignored if asked for; NULL: nothing. */
extern ShowNode *show_name_mapped(ShowImport *import, const char *name, bool ignore_case);

/* ---- import_trust.c: whose code a document may name; 22023 for an ordinary role's that is not the caller's ---- */

extern void show_trust_type(const ShowNode *node, Oid type);

/* Of a column list, names as search_path has them now; waits: and as it will have them when tables have been made. */
extern void show_trust_attributes(const ShowNode *node, bool waits);

/* ---- the parts of a document of relmeta's own ---- */

typedef struct ShowTable
{
	ShowNode   *node;
	Oid			relid;			/* InvalidOid: an intersect table to be */
	bool		is_intersect;	/* it is made by its N:N relationship */
	bool		made;
	ShowRow    *row;
} ShowTable;

/* import_table.c: ShowTable *, tables made where they are missing; then registered; then controlled */
extern List *show_import_tables(ShowImport *import);
extern void show_import_registrations(ShowImport *import, List *tables, bool intersects);
extern void show_import_access_control(ShowImport *import, List *tables);

/* import_relationship.c */
extern void show_import_relationships(ShowImport *import);

/* import_mapping.c: the mappings of a relationship's element; single ones */
extern void show_import_mappings(const ShowNode *relationship, const char *name, ShowRow *row);
extern bool show_is_mapped(const char *relationship, const char *source, const char *target);
extern void show_map(const char *relationship, const char *source, const char *target);

/* how a list of related rows is shown on rows of a side: import_menu.c */
typedef struct ShowMenu
{
	int			side;			/* 1 or 2 */
	const char *display;
	char	   *label;			/* these may be NULL */
	char	   *group;
	bool		has_order;
	int			order;
} ShowMenu;

/* The menus of a relationship's element; a single one, whether it was shown otherwise. */
extern void show_import_menus(const ShowNode *relationship, const char *name, ShowRow *row);
extern bool show_set_menu(const char *relationship, const ShowMenu *menu);

/* import_intersect.c */
extern void show_import_intersects(ShowImport *import);

/* import_automation.c */
extern void show_import_automations(ShowImport *import);

/*
 * import_role.c: connection roles and matches; single ones.  Tables are Oid, NIL: all; the last tells whether the match
 * was made just now.
 */
extern void show_import_roles(ShowImport *import);
extern bool show_role_there(const char *name, List *tables, bool *same);
extern void show_create_role(const char *name, const char *category, List *tables, const char *description);
extern bool show_match_roles(const char *role1, const char *role2);

#endif							/* RELMETA_SHOW_DOCUMENT_H */
