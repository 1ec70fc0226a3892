/*
 * preview.h
 *		preview(): what an action would change, worked out on a copy of the rows concerned (SEMANTICS 3.13).
 *
 *	preview.c			the SQL function: arguments, who may, the result
 *	preview_row.c		rows and entries, read once and changed in memory alone
 *	preview_access.c	gains and losses, going down (rules 2 to 4)
 *	preview_action.c	the actions
 *	preview_merge.c		merge
 *
 * Rows are found by the engine's own statements (rows/rows.h), unlocked: nothing is
 * written and nothing fires.  Owners and principals are texts as their type writes them.
 *
 * MEMORY.  All of it lives in the memory context of the call.  SPI is connected.
 */
#ifndef SHOW_PREVIEW_H
#define SHOW_PREVIEW_H

#include "feature/merge.h"

typedef struct PreviewEntry
{
	char	   *principal;
	int			relationship;	/* 0: direct */
	char		cause;
	int32		was;			/* bits, stored now */
	int32		mask;			/* and then */
	int32		before;			/* mask before the last change of a lookup */
} PreviewEntry;

typedef struct PreviewRow
{
	ModelTable *table;
	Datum		key;
	char	   *key_text;
	char	   *owner_was;		/* NULL: none */
	char	   *owner;			/* after the action */
	int			depth;
	bool		assigned;
	bool		deleted;
	bool		entries_read;
	List	   *entries;		/* PreviewEntry * */
} PreviewRow;

typedef struct PreviewCount
{
	int			depth;
	ModelRelationship *relationship;	/* NULL: of the row itself, or of what
										 * is no 1:N relationship's */
	const char *link;			/* an N:N relationship; NULL: none */
	Oid			relid;			/* InvalidOid: connections */
	const char *effect;
	int64		rows;
} PreviewCount;

#define PREVIEW_BUCKETS 16384

typedef struct Preview
{
	Model	   *model;
	ModelAction action;
	List	   *buckets[PREVIEW_BUCKETS];	/* PreviewRow *, by their keys */
	List	   *rows;			/* in the order in which they were found */
	List	   *changes;		/* of access, waiting: preview_access.c */
	List	   *counts;			/* PreviewCount * */

	/*
	 * of a merge: through these relationships the subordinate's rows are the
	 * master's
	 */
	PreviewRow *master;
	PreviewRow *subordinate;
	List	   *repointed;		/* ModelRelationship * */
} Preview;

/* ---- preview_row.c ---- */

/* The row, entered when it is not known; owner as it is stored. */
extern PreviewRow *show_preview_row(Preview *preview, ModelTable *table, Datum key, Datum owner, bool owner_null,
									int depth);

/* PreviewRow *: the rows that point to this one; active ones alone, if behavior is that. */
extern List *show_preview_related(Preview *preview, PreviewRow *row, ModelRelationship *relationship,
								  ModelBehavior behavior);

/* What the row points to, if there is such a row, and it matches behavior none, all or active; else NULL. */
extern PreviewRow *show_preview_primary(Preview *preview, PreviewRow *row, ModelRelationship *relationship,
										ModelBehavior behavior);

/* PreviewEntry *: all entries on the row. */
extern List *show_preview_entries(PreviewRow *row);

/* The one of that kind, made when there is none. */
extern PreviewEntry *show_preview_entry(PreviewRow *row, const char *principal, int relationship, char cause);

/* What a principal holds on the row, its teams apart: SEMANTICS 3, eff(). */
extern int32 show_preview_holds(PreviewRow *row, const char *principal);

/* Is it one owner, and not null? */
extern bool show_preview_same_owner(const char *a, const char *b);

/*
 * Does a row match that show_preview_related() has given, or the row that show_preview_primary() was asked of: all but
 * the owners has been seen to, and these are those after the action.
 */
extern bool show_preview_matches(ModelBehavior behavior, PreviewRow *related, PreviewRow *primary);

extern void show_preview_count(Preview *preview, int depth, ModelRelationship *relationship, Oid relid,
							   const char *effect, int64 rows);

/* ---- preview_access.c ---- */

/* It gains bits, by an entry of this cause (a direct one is a share); what is new in the entry goes on. */
extern void show_preview_gain(Preview *preview, PreviewRow *row, const char *principal, int relationship, char cause,
							  int32 bits);

/* What it has gained, without an entry, goes on: an owner's. */
extern void show_preview_pass_gain(Preview *preview, PreviewRow *row, const char *principal, char cause, int32 bits);

/* It has lost bits; net: SEMANTICS 3.4, else 3.3. */
extern void show_preview_pass_loss(Preview *preview, PreviewRow *row, const char *principal, int32 bits, bool net);

/* All that waits goes down. */
extern void show_preview_settle(Preview *preview);

/* ---- preview_action.c ---- */
extern void show_preview_assign(Preview *preview, PreviewRow *row, char *new_owner);
extern void show_preview_share(Preview *preview, PreviewRow *row, char *principal, int32 rights);
extern void show_preview_unshare(Preview *preview, PreviewRow *row, char *principal, int32 rights);
extern void show_preview_reparent(Preview *preview, PreviewRow *row, ModelRelationship *relationship,
								  PreviewRow *primary);
extern void show_preview_delete(Preview *preview, PreviewRow *row);

/* The row's lookup becomes primary (NULL: none): what it inherits. */
extern void show_preview_relink(Preview *preview, PreviewRow *row, ModelRelationship *relationship,
								PreviewRow *primary);

/* ---- preview_merge.c ---- */

/* The merge's keys are the rows'; rights: what the caller may give, ~0 when he is unlimited. */
extern void show_preview_merge(Preview *preview, Merge *merge, int32 rights);

#endif							/* SHOW_PREVIEW_H */
