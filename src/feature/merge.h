/*
 * merge.h
 *		A merge under way; the files of merge share it, and whoever takes part.
 *
 * MEMORY RULE.  All of it lives in the memory context of the call.  SPI is connected.
 */
#ifndef RELMETA_FEATURE_MERGE_H
#define RELMETA_FEATURE_MERGE_H

#include "feature/feature.h"

#include "inherit/grant.h"
#include "utils/jsonb.h"
#include "utils/rel.h"

typedef struct Merge
{
	ModelTable *table;
	Datum		master;			/* keys, as the rows have them */
	Datum		subordinate;
	GrantCaller *caller;
	const char *actor;			/* who merges: a principal, or a role */
	int32		rights;			/* of the caller on the master, unless he is
								 * unlimited */
	bool		preview;		/* counts alone: nothing is changed, no row
								 * locked */
	void		(*report) (void *arg, const char *relationship, Oid relid, int64 rows, int64 dropped);
	void	   *report_arg;
} Merge;

/*
 * What else belongs to a row and moves with it in a merge: connections.  Called when the rows are locked and N:N
 * links have moved; sets how many moved, and how many went (preview: would).
 */
typedef void (*MergePart) (Merge *merge, int64 *rows, int64 *dropped);

/* From _PG_init. */
extern void feature_add_merge_part(MergePart part);

/* ---- merge_step.c ---- */

/*
 * One row of the result: relationship NULL for what is no relationship's, relid the table of its rows.  Nothing when
 * both are 0.
 */
extern void feature_merge_report(Merge *merge, const char *relationship, Oid relid, int64 rows, int64 dropped);

/*
 * The bit of the variant of a plan that changes rows of relid, for feature_merge_run(): PLAN_CHANGES, or 0 where that
 * is a table of somebody's whom the caller has not named, as an N:N's may be.  What such a statement does is
 * restricted: no code of that one's is left to run as the caller when it has ended.
 */
extern int	feature_merge_changes(Merge *merge, Oid relid);

/*
 * Runs a statement with parameters subordinate and master for a relationship, as the owner of relid: the number
 * of rows.  A unique key that it meets there is 23505 naming the relationship.  columns (char *): which it changes, or
 * of the rows that it deletes.
 */
extern int64 feature_merge_run(Merge *merge, const char *relationship, SPIPlanPtr plan, Oid relid, List *columns);

/* ' AND (m.u = t.u)' by the column's own equality. */
extern void feature_merge_append_same(StringInfo sql, Relation rel, AttrNumber attnum, bool nulls_are_equal);

/* What is registered by feature_add_merge_part(). */
extern void feature_merge_parts(Merge *merge);

/* ---- merge.c ---- */

/* 55000 or 42501: what can be refused before the rows are looked at. */
extern void feature_merge_check_call(Merge *merge);

/* 55000: what is refused of two rows that are there; the latest are read. */
extern void feature_merge_check_rows(Merge *merge);

/* ---- merge_grant.c ---- */

/* 42501 unless the caller holds write and share on both rows, which are locked. */
extern void feature_merge_check_rights(Merge *merge, RowSet *rows);

/* The subordinate's direct grants are given on the master, too. */
extern void feature_merge_grants(Merge *merge, RowSet *rows);

/* ---- merge_rows.c, merge_links.c ---- */

/* Related rows of the subordinate become the master's; 23505 naming the relationship. */
extern void feature_merge_rows(Merge *merge);

/* Of the related rows of the subordinate those that a unique key keeps from being the master's. */
extern int64 feature_merge_count_blocked(Merge *merge, ModelRelationship *relationship);

extern void feature_merge_links(Merge *merge);

/* ---- merge_content.c ---- */

/* Whether the document can be set: 22023, 42703, 428C9; returns the columns that it names. */
extern List *feature_merge_check_content(ModelTable *table, Jsonb *content);
extern void feature_merge_content(Merge *merge, Jsonb *content, List *named, bool fill_empty);

/* The subordinate becomes inactive. */
extern void feature_merge_deactivate(Merge *merge);

/* ---- merged.c ---- */

/* Writes down that it happened. */
extern void feature_merge_record(Merge *merge);

#endif							/* RELMETA_FEATURE_MERGE_H */
