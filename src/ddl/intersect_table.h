/*
 * intersect_table.h
 *		What an intersect table is to DDL: its keys, its triggers.  SEMANTICS 2.4.
 */
#ifndef DDL_INTERSECT_TABLE_H
#define DDL_INTERSECT_TABLE_H

#include "ddl/ddl.h"

/* ---- intersect_table.c ---- */

/* a foreign key that points to keys */
typedef struct IntersectKey
{
	Oid			oid;
	ModelKeyColumns *columns;
	Oid			references;
	ModelKeyColumns *referenced;
	bool		names_rows;		/* referenced is that table's primary key */
	char		on_delete;		/* FKCONSTR_ACTION_* */
} IntersectKey;

/*
 * IntersectKey *, by column number; of two of the same columns that to a primary key comes first, then the one that
 * was made first
 */
extern List *ddl_intersect_foreign_keys(Oid relid);

/* The N:N relationship of which the column is one of the two keys (also: an attribute that joins the key); NULL. */
extern ModelIntersect *ddl_intersect_with_key(Oid relid, const char *column);
extern ModelIntersect *ddl_intersect_needing(Oid relid, const char *column);

/* What is wrong with the columns and keys that make it an intersect table, as a clause; NULL: nothing. */
extern char *ddl_intersect_keys_problem(ModelIntersect *intersect);

/* The side whose key leads no index; -1 when both do. */
extern int	ddl_intersect_index_missing(ModelIntersect *intersect);

/* ---- intersect_trigger.c: the triggers of link/ ---- */

/*
 * Makes missing triggers, drops superfluous ones.  Idempotent.  Needs the
 * intersect table's owner as current user.
 */
extern void ddl_intersect_triggers_sync(ModelIntersect *intersect);
extern void ddl_intersect_triggers_drop(Oid relid);

/* DdlTriggerProblem *, as ddl_triggers_problems() */
extern List *ddl_intersect_triggers_problems(ModelIntersect *intersect);

#endif							/* DDL_INTERSECT_TABLE_H */
