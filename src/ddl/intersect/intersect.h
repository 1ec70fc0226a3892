/*
 * intersect.h
 *		The life of N:N relationships: declared, pending, made, altered, dropped.  SEMANTICS 2.4.
 *
 * A relationship is a row of relmeta.intersect_relationship.  While it is
 * pending, that row holds all that is needed to make the intersect table later:
 * names, the declarer and the search_path of the declaration.  Once the table
 * stands, the table itself is the description; the row keeps what cannot be
 * read from it.
 */
#ifndef DDL_INTERSECT_INTERSECT_H
#define DDL_INTERSECT_INTERSECT_H

#include "ddl/intersect_table.h"
#include "ddl/judged.h"

/* a participant */
typedef struct IntersectSide
{
	Oid			relid;			/* InvalidOid while there is no such table */
	char	   *schema;
	char	   *table;
	ModelKeyColumns *column;	/* of the intersect table, their names; NULL:
								 * to be chosen */
} IntersectSide;

/* a declaration; all strings unquoted */
typedef struct Intersect
{
	int			id;				/* 0 before the row is written */
	char	   *name;
	IntersectSide side[2];
	char	   *schema;			/* of the intersect table */
	char	   *table;
	bool		numbered;		/* its name was not chosen: it gets a number
								 * when it is taken */
	char	   *attributes;		/* column list, or NULL */
	List	   *unique_by;		/* char * */
	bool		surrogate_key;
	bool		allow_duplicates;
	bool		is_symmetric;
	bool		allow_self;
	Oid			declarer;
	char	   *search_path;	/* that attributes are read with */
	char	   *last_error;
} Intersect;

/* ---- declare.c: what create_many_to_many() was given ---- */

/* An existing table or, schema-qualified by current_schema(), a name; 42602, 3F000, 42501. */
extern void ddl_intersect_side_from_text(IntersectSide *side, text *name);

/* 0A000 when the table exists and can never take part. */
extern void ddl_intersect_check_participant(Oid relid);

/* Fills in default column names, and the default table name without number. */
extern void ddl_intersect_default_names(Intersect *intersect, text *intersect_table);

/* ---- attributes.c ---- */

/* ColumnDef * of a column list; 42601 when it is anything else. */
extern List *ddl_intersect_parse_attributes(const char *attributes);

/* The same, as the text of each (char *). */
extern List *ddl_intersect_attribute_texts(const char *attributes);

/* The column list without a column; NULL when none is left. */
extern char *ddl_intersect_attributes_without(const char *attributes, const char *column);

/* The attribute columns of an intersect table (char *): all but its two keys and its surrogate key. */
extern List *ddl_intersect_attribute_names(ModelIntersect *intersect);

/* ---- notice.c: a NOTICE of what a relationship that was just declared waits for ---- */
extern void ddl_intersect_notice_pending(Intersect *intersect);

/* ---- create.c ---- */

/* Whether both tables exist and have a key; 0A000 when one cannot take part. */
extern bool ddl_intersect_is_complete(Intersect *intersect);

/* Makes the intersect table as the current user; returns its OID. */
extern Oid	ddl_intersect_create_table(Intersect *intersect);

/* ---- row.c: rows of relmeta.intersect_relationship ---- */

/* A new row; relid is the intersect table, InvalidOid for a pending relationship. */
extern void ddl_intersect_row_insert(Intersect *intersect, Oid relid, bool is_adopted);
extern void ddl_intersect_row_completed(Intersect *intersect, Oid relid);
extern void ddl_intersect_row_failed(Intersect *intersect, const char *error);
extern void ddl_intersect_row_attributes(int id, const char *attributes);
extern void ddl_intersect_row_delete(int id);

/*
 * Pending relationships with the latest snapshot.  id: that one, locked FOR
 * UPDATE first, NULL when it is pending no more; _unlocked: unless somebody has
 * locked it, NULL and busy when it may be pending still.  table, schema, all: those that
 * a table (the tables of a schema) may complete, by id, not locked.
 */
extern Intersect *ddl_intersect_pending_locked(int id);
extern Intersect *ddl_intersect_pending_unlocked(int id, bool *busy);
extern List *ddl_intersect_pending_id(int id);
extern Oid	ddl_intersect_declarer(int id);
extern List *ddl_intersects_pending_table(Oid relid, const char *schema, const char *table);
extern List *ddl_intersects_pending_schema(const char *schema);
extern List *ddl_intersects_pending(void);

/* How many wait for a table of that name, and how many of them one role has declared. */
extern void ddl_intersect_count_waiting(const char *schema, const char *table, Oid declarer, int64 *all, int64 *own);

/* Whether a relation or a pending intersect table has the name. */
extern bool ddl_intersect_table_name_taken(const char *schema, const char *table);

/* ---- pending.c ---- */

/*
 * Makes the intersect tables of the pending relationships that wait for relid
 * (all of a schema; all), where that is possible now.  Failures are WARNINGs.
 * Returns the number made.
 */
extern int	ddl_intersect_complete_for_table(Oid relid);
extern int	ddl_intersect_complete_for_schema(Oid schema);
extern int	ddl_intersect_complete_all(void);

/* The same of one relationship; waits for those who are making one of its tables. */
extern int	ddl_intersect_complete(int id);

/* Why a pending relationship that could be made now was not; NULL when it merely waits. */
extern char *ddl_intersect_pending_problem(Intersect *intersect);

/* ---- again.c ---- */

/* Who changes or drops a pending relationship: whoever made its tables meanwhile has left it to him. */
extern void ddl_intersect_look_again(int id);

/* Deletes the row of a relationship that goes; if it is there at the end after all, it is looked at again. */
extern void ddl_intersect_delete(int id);

/* ---- many_to_many.c ---- */

/*
 * 42710 when a relationship is not the one that the caller means, who names these tables (InvalidOid: none yet): it is
 * one of others, or a stranger's, whose triggers run as whoever links rows by it.
 */
extern void ddl_intersect_check_meant(ModelIntersect *present, const Oid *tables);

/* 42710, 22023 for a name that was given; one to give. */
extern void ddl_intersect_check_name(const char *name);
extern char *ddl_intersect_default_name(const char *intersect_table);

/* 42501 unless the current user owns the intersect table, or declared it while it is pending. */
extern void ddl_intersect_check_owner(ModelIntersect *intersect);

#endif							/* DDL_INTERSECT_INTERSECT_H */
