/*
 * version.h
 *		Versions of rows that point to keys, or have them, in a snapshot, each followed to what it has become: which
 *		row it is, whatever has happened to its key.
 *
 * MEMORY: results are in the current context.
 */
#ifndef ROWS_VERSION_H
#define ROWS_VERSION_H

#include "rows/plan.h"
#include "rows/rows.h"

#include "storage/itemptr.h"
#include "utils/hsearch.h"

/* where a version lies */
typedef struct VersionPlace
{
	Oid			relid;
	ItemPointerData tid;
} VersionPlace;

typedef struct RowVersion
{
	VersionPlace place;
	Datum		key;			/* of a link: the other end's */
	bool		owner_null;
	Datum		owner;
	int			n;				/* of the key that it points to, or has */
} RowVersion;

/* What is read, by a plan of one array of keys that begins as rows_versions_append() says. */
typedef struct VersionKind
{
	PlanBuilder builder;
	int			variant;
	int			id;
	Oid			relid;
	void	   *subject;
	ModelType  *key;
	ModelType  *owner;			/* NULL: it has none */
	bool		is_partitioned;
	Model	   *model;			/* that subject is of */
} VersionKind;

/*
 *	SELECT c.tableoid, c.ctid, KEY, OWNER, k.n FROM TABLE AS c, pg_catalog.unnest($1) WITH ORDINALITY AS k(key, n) WHERE
 */
extern void rows_versions_append(PlanText *built, Oid param, const char *key, const char *owner, const char *table);

/* RowVersion *, as the snapshot sees them; NULL: now. */
extern List *rows_versions(VersionKind *kind, DatumSet *keys, Snapshot snapshot);

/* Where they lie, for rows_version_stays(). */
extern HTAB *rows_version_places(List *versions);

/*
 * Does the row still point to the same key, or have it?  places: who does now.  Of a partitioned table one that is gone
 * (DELETE, or a move to another partition) stays.
 */
extern bool rows_version_stays(VersionKind *kind, RowVersion *version, HTAB *places);

#endif							/* ROWS_VERSION_H */
