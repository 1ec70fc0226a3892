/*
 * dataverse.h
 *		Dataverse's own definitions.  SEMANTICS 2.7, 3.15.
 *
 * A document of Dataverse's is a list of definitions in the shape of its Web API:
 * 1:N and N:N relationships, and, from dataverse_to_json(), entities, attribute
 * maps and connection roles.  Several documents, as of a folder's files, are one:
 * what a lookup points to may be told in several files.
 *
 * Each definition gives one row, and each is attempted by itself.
 */
#ifndef RELMETA_SHOW_DATAVERSE_H
#define RELMETA_SHOW_DATAVERSE_H

#include "show/document.h"

/* a table that definitions name */
typedef struct DataverseTable
{
	char	   *name;			/* in lower case */
	Oid			relid;			/* InvalidOid: it is not here */
	ShowNode   *entity;			/* its definition; NULL: it is only named */
	char	   *key;			/* as definitions name it; NULL: not said */
	bool		needs_owner;	/* something cascades from it or to it */
	bool		has_roles;		/* a connection role names it */
	bool		is_wanted;		/* something that is not skipped names it */
	char	   *told;			/* what was done with it, for the next row
								 * that uses it; NULL: nothing, or told */
} DataverseTable;

/* a 1:N or N:N definition */
typedef struct DataverseRelationship
{
	ShowNode   *node;
	char	   *name;
	bool		is_many_to_many;
	DataverseTable *table[2];	/* referenced, referencing; or the two ends */
	char	   *attribute[2];	/* [0] the lookup; or columns of the intersect
								 * table, NULL: not said */
	char	   *intersect;		/* of an N:N; in lower case */
	char	   *skip;			/* why it is not even attempted; NULL */
	bool		is_there;		/* since or before it was imported */
} DataverseRelationship;

/* all that a document says */
typedef struct Dataverse
{
	ShowImport *import;
	List	   *tables;			/* DataverseTable * */
	List	   *relationships;	/* DataverseRelationship * */
	List	   *entities;		/* ShowNode * */
	List	   *maps;			/* ShowNode * */
	List	   *roles;			/* ShowNode * */
	List	   *matches;		/* ShowNode * */
} Dataverse;

/* ---- dataverse.c ---- */

/* 22023 when it is no document of Dataverse's; else rows for each definition. */
extern void show_dataverse_import(ShowImport *import);

/* ---- dataverse_row.c ---- */

/* A row, with what was done with its tables. */
extern void show_dataverse_report(Dataverse *dataverse, DataverseRelationship *relationship, const char *action,
								  const char *detail);

/* A name that is free: the given one, or, where it is too long or taken, cut, with a number. */
extern char *show_dataverse_name(const char *name);

/* Attempts it; the detail of a "problem", or NULL when it was done. */
extern char *show_dataverse_attempt(void (*action) (void *), void *arg);

/* ---- dataverse_read.c ---- */

/* Everything that is in the document, or in its parts when it is an array. */
extern void show_dataverse_read(Dataverse *dataverse, const ShowNode *node);

/* A table by name, case ignored; it is entered when it is new. */
extern DataverseTable *show_dataverse_table(Dataverse *dataverse, const char *name);

/* ---- dataverse_skip.c: what is left out by rule ---- */
extern void show_dataverse_skip(Dataverse *dataverse);

/* ---- dataverse_table.c ---- */

/* Finds the tables here, makes those that are missing if asked for, registers them. */
extern void show_dataverse_tables(Dataverse *dataverse);

/* A column by name, case ignored; as it is named here, NULL: there is none. */
extern char *show_dataverse_column(Oid relid, const char *name);

/* ---- dataverse_lookup.c, dataverse_link.c: each a row; an error is a problem of the definition's ---- */
extern void show_dataverse_lookup(Dataverse *dataverse, DataverseRelationship *relationship);
extern void show_dataverse_link(Dataverse *dataverse, DataverseRelationship *relationship);

/* ---- dataverse_menu.c: whether a side was shown otherwise; nothing where the definition says nothing ---- */
extern bool show_dataverse_menu(DataverseRelationship *relationship, const char *name, int side);

/* ---- dataverse_role.c: a row for each role and match ---- */
extern void show_dataverse_roles(Dataverse *dataverse);

/* ---- dataverse_map.c: a row for each attribute ---- */
extern void show_dataverse_maps(Dataverse *dataverse);

#endif							/* RELMETA_SHOW_DATAVERSE_H */
