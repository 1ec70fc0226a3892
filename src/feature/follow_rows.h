/*
 * follow_rows.h
 *		Catalog tables of this room whose rows hang on rows of users' tables, by the texts of their keys.
 *
 * A row of such a table goes with the row that one of its keys names, follows that key, gets its text in the new type
 * when alter_column_type() gives it one, and is a line of verify() when there is no row of that key.  The catalog table
 * says which of its columns are keys; all the rest is follow_rows.c.
 */
#ifndef RELMETA_FEATURE_FOLLOW_ROWS_H
#define RELMETA_FEATURE_FOLLOW_ROWS_H

#include "feature/feature.h"

/* a column with the texts of keys */
typedef struct FollowedKey
{
	const char *column;

	/*
	 * The rows g whose column is a key of table $1, as what follows "FROM
	 * catalog AS g": ' WHERE g.relation = $1'.
	 */
	const char *of_table;

	/*
	 * When the column is part of a unique key: all the others of the catalog
	 * table.  Rows are taken out and put back then, since a statement may
	 * swap keys.
	 */
	const char *others;
} FollowedKey;

#define FOLLOWED_KEYS 2

typedef struct FollowedCatalog
{
	const char *name;			/* "merges": what its rows are */
	const char *catalog;		/* "relmeta.merge" */
	bool		(*has) (ModelTable *table); /* any of the table?  Cheap. */
	FollowedKey keys[FOLLOWED_KEYS];	/* column NULL: there is no second */
} FollowedCatalog;

/* From _PG_init.  The description is the caller's, static. */
extern void feature_follow_rows(const FollowedCatalog *catalog);

#endif							/* RELMETA_FEATURE_FOLLOW_ROWS_H */
