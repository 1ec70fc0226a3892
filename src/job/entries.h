/*
 * entries.h
 *		Entry tables as the jobs read and delete them: in physical order to find
 *		what is to be done, along the primary key to do it.
 *
 * A job deletes entries by the hundred thousand, and has to know of each
 * (row, principal) all that it holds: the primary key (object, principal,
 * relationship, cause) has that side by side.  So they are read and deleted here,
 * below the executor, at half its price.
 */
#ifndef JOB_ENTRIES_H
#define JOB_ENTRIES_H

#include "access/access.h"
#include "cascade/rowlist.h"
#include "storage/itemptr.h"
#include "utils/relcache.h"
#include "utils/snapshot.h"

/* an entry table that is open */
typedef struct Entries
{
	ModelTable *table;
	Relation	rel;
	Relation	index;			/* its primary key */
} Entries;

/* one entry of a (row, principal) */
typedef struct Entry
{
	ItemPointerData tid;
	int			relationship;
	char		cause;
	int32		mask;
	int32		left;			/* of mask, when the visitor has seen it; 0: the
								 * entry goes */
} Entry;

/* all entries of a (row, principal); valid while it is visited */
typedef struct EntryGroup
{
	int			row;			/* which of the rows that were asked for */
	Datum		object;
	Datum		principal;
	int			n;
	Entry	   *entries;
} EntryGroup;

typedef void (*EntryVisitor) (EntryGroup *group, void *arg);

/* Opens the entry table of a table that has one, with RowExclusiveLock, which stays. */
extern void job_entries_open(Entries *entries, ModelTable *table);
extern void job_entries_close(Entries *entries);

/* As the primary key orders them. */
extern int	job_entries_compare_keys(Entries *entries, Datum a, Datum b);
extern int	job_entries_compare_principals(Entries *entries, Datum a, Datum b);

/* A stretch of the table, in physical order. */
typedef struct Found
{
	int			n;				/* entries that are looked for */
	DatumSet   *objects;		/* of them */
	bool		at_end;			/* no further ones stand behind them */
} Found;

/*
 * Finds up to limit entries through a relationship for one of the causes, from a
 * place on, and moves the place behind the last of them.
 */
extern void job_entries_find(Entries *entries, int relationship, const char *causes, ItemPointer from, int limit,
							 Found *found);

/*
 * Visits every (row, principal) of rows with keys, which are distinct and in the
 * order of the primary key, as the snapshot sees them.
 */
extern void job_entries_visit(Entries *entries, Snapshot snapshot, int nkeys, const Datum *keys,
							  EntryVisitor visitor, void *arg);

/* What became of an entry that was to be deleted. */
typedef enum EntryGone
{
	ENTRY_DELETED,
	ENTRY_WAS_GONE,				/* somebody else has deleted it */
	ENTRY_CHANGED				/* somebody else has changed it: it is still
								 * there */
} EntryGone;

extern EntryGone job_entries_delete(Entries *entries, Snapshot snapshot, ItemPointer tid);

/* Does deleting have to go through the executor, because somebody put a trigger on the table? */
extern bool job_entries_have_triggers(Entries *entries);

#endif							/* JOB_ENTRIES_H */
