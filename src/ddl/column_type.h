/*
 * column_type.h
 *		What the files of alter_column_type() share; ddl/ only.
 */
#ifndef RELMETA_DDL_COLUMN_TYPE_H
#define RELMETA_DDL_COLUMN_TYPE_H

#include "ddl/ddl.h"

/* a column to retype */
typedef struct Retyped
{
	Oid			relid;
	AttrNumber	attnum;
	char	   *column;
	bool		is_owner;
	Oid			from;			/* its type before; set when it is retyped */
	char	   *default_sql;	/* to be set again, in SQL; NULL: PostgreSQL
								 * converts it, or there is none */
} Retyped;

/* ---- joined_column.c ---- */

/*
 * Retyped *: a key, owner or lookup and all columns that must be of its type.
 * 42703, 42704, 22023 when it is none of these.
 */
extern List *ddl_joined_columns(Oid relid, const char *column);

#endif							/* RELMETA_DDL_COLUMN_TYPE_H */
