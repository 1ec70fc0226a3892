/*
 * row_predicate.h
 *		What the principals of one running statement hold on the rows of one table:
 *		behind the policies' functions and the checks of room enforce.
 *
 * MEMORY RULE.  A Predicate lives in its statement's context and is thrown away with
 * it; the keys that it may have gathered are those of one snapshot, the statement's.
 */
#ifndef RELMETA_ACCESS_ROW_PREDICATE_H
#define RELMETA_ACCESS_ROW_PREDICATE_H

#include "access/access.h"
#include "access/statement.h"

#include "utils/snapshot.h"

struct VisibleKeys;
struct EntryScan;

typedef struct Predicate
{
	Statement  *statement;
	ModelTable *table;			/* of a model pinned to the statement */
	List	   *names;			/* char *: the principals; NIL: nobody */
	bool		kept;			/* by the statement, so that keys may be
								 * gathered */
	int			nowners;		/* the principals as owners: */
	Datum	   *owners;			/* of the owner column's type */
	int			nprincipals;	/* and as entries have them */
	Datum	   *principals;
	List	   *visible;		/* struct VisibleKeys *, by right */
	struct EntryScan *probing;	/* by which rows are looked up one by one */
	bool		unscannable;	/* there is no such scan */

	struct Predicate *latest;	/* of access_predicate_latest(), by the
								 * statement's list of that name */

	/* called before the statement's executor run ends: closes what is open */
	void		(*end) (struct Predicate *predicate);
} Predicate;

/* For a registered table; made when the statement has none yet. */
extern Predicate *access_predicate(Statement *statement, ModelTable *table);

/* The same for a registered table or a partition of one, whose policy names it; NULL when it is none. */
extern Predicate *access_predicate_on(Statement *statement, Oid relid);

/*
 * The same of those principals that are left (access_statement_latest()), for whatever is judged with the newest
 * entries.  Good until the next call.
 */
extern Predicate *access_predicate_latest(Predicate *predicate);

/* Is one of the principals the owner?  Of the owner column's type. */
extern bool access_predicate_owns(Predicate *predicate, Datum owner);

/* Bits of the entries of the principals on a row, by that snapshot. */
extern int32 access_predicate_entries(Predicate *predicate, Datum key, Snapshot snapshot);

/* All rights on a row, ownership, everyone's and the cap included. */
extern int32 access_predicate_rights(Predicate *predicate, Datum key, bool owner_null, Datum owner,
									 Snapshot snapshot);

/* ---- visible.c: the keys of all rows on which the principals hold a right by entries ---- */

/* Does one of the entries on the row hold the right?  With the active snapshot; probes, or gathers all keys. */
extern bool access_visible(Predicate *predicate, int32 right, Datum key);

/* All such keys, as an array of element type elemtype, which the key's type is or is stored as. */
extern Datum access_visible_array(Predicate *predicate, int32 right, Oid elemtype);

/* How many entries the principals have, for the planner; -1 when there are more than limit. */
extern double access_visible_estimate(Predicate *predicate, int limit);

/* ---- statistics.c ---- */

/* Which part of a relation's rows, of which it has so many, has one of n values in a column; by the type's equality. */
extern double access_column_fraction(Oid relid, AttrNumber attnum, ModelType *type, Datum *values, int n, double rows);

/* How many entries the principals have, as far as ANALYZE has found them. */
extern double access_entries_expected(Predicate *predicate);

#endif							/* RELMETA_ACCESS_ROW_PREDICATE_H */
