/*
 * feature.h
 *		What stands on top of the rooms: merge, rollup, hierarchies, automations ...
 *
 * Nothing below names this room.  It hangs on to the table of flush steps
 * (collect/step.h) for what goes with a row, and its catalog tables reference
 * relmeta.registered_table, so that what they say of a table goes with the
 * table's registration, whoever takes that away.
 *
 *	catalog.c		statements on its catalog tables
 *	key.c			keys as these have them
 *	reading.c		what the caller may read
 *	follow_rows.h	catalog tables follow the rows that they speak of
 *	merge.c			merge(): arguments, refusals, the order of the steps (SEMANTICS 3.6)
 *	merge_grant.c	direct rights of the subordinate's sharees
 *	merge_rows.c	related rows are repointed
 *	merge_links.c	links of N:N relationships move
 *	merge_content.c	the caller's UPDATE of the master
 *	merged.c		rows of relmeta.merge: kept, followed, read
 *	mapping.h		column mappings, and new related rows (SEMANTICS 3.12)
 *	hierarchy.c		walks along a self-referencing relationship
 *	connection.h	connections, and their roles (SEMANTICS 3.11)
 *	lists.c			the associated lists of a row (SEMANTICS 3.7)
 *	menu.c			how these are shown
 *	valid_table.c	which tables can take part in relationships
 *	rollup.c		related rows of a table, further down
 *	exempt.c		what an exempt role writes for a principal
 *	automation.h	procedures that are called after updates (SEMANTICS 3.9)
 *
 * Here stands what relmeta.c calls, and what the features know of each other.
 */
#ifndef RELMETA_FEATURE_H
#define RELMETA_FEATURE_H

#include "model/model.h"

/* From _PG_init: flush steps, hooks; each in its file. */
extern void feature_mapping_init(void);
extern void feature_connection_init(void);
extern void feature_merged_init(void);
extern void feature_automation_init(void);

/* ---- key.c ---- */

/*
 * Keys as text that depends on no setting: catalog tables keep them so.  Between _begin() and _end() the settings
 * that text depends on are pinned; feature_key_text() and the input of such a text belong there.
 */
extern int	feature_keys_begin(void);
extern void feature_keys_end(int level);
extern char *feature_key_text(ModelTable *table, Datum key);

/* The same for one key, by itself. */
extern char *feature_key_text_of(ModelTable *table, Datum key);

/* The registered table that argument 0 names, locked and in a model pinned to CurrentMemoryContext; 22004, 42704. */
extern ModelTable *feature_table_argument(FunctionCallInfo fcinfo, int lockmode);


/* ---- reading.c ---- */

/* May code that hangs on the table run as the caller, who has named another?  Is its owner that one's, or his like? */
extern bool feature_runs_as_caller(Oid relid, Oid named);

/* Do rights on rows decide what the caller may do with rows of the table?  Also where his role is exempt. */
extern bool feature_is_judged(ModelTable *table);

/* Do they although his role is exempt, so that no policy asks? */
extern bool feature_judges_exempt(ModelTable *table);

/* What the caller's principals hold on a row, by the active snapshot; 0 when there is none. */
extern int32 feature_rights_on(ModelTable *table, Datum key);

/* May the caller read the row, each of n rows?  As access_may_read() and access_readable(). */
extern bool feature_may_read(ModelTable *table, Datum key);
extern bool *feature_readable(ModelTable *table, Datum *keys, int n, bool named);

/*
 * The key as the row with that key has it, which the caller may read; P0002.  Reads with the active snapshot.
 */
extern Datum feature_row_required(ModelTable *table, Datum key);

/* P0002: there is no row with a key, or the caller may not read it. */
extern void feature_refuse_missing(ModelTable *table);

/* The key that such a text is of; false when the caller may not read that row, or it is no key's.  */
extern bool feature_text_readable(ModelTable *table, const char *text_form, Datum *key);

/* ---- exempt.c ---- */

/* The key that a row points to through a relationship, as it is now; NULL where its type column has another value. */
extern Datum feature_lookup_of(ModelRelationship *relationship, Datum key, bool *isnull);

/* 42501 for a new row that the principal could not have inserted, where only the session's role is exempt from that. */
extern void feature_judge_made(ModelTable *table, Datum key);

/* The same through each relationship of model_as_related() of its table, parallel to that. */
extern NullableDatum *feature_lookups(ModelTable *table, Datum key);

/* 42501 for lookups that the principal, who holds rights on the row, could not have changed from what they were. */
extern void feature_judge_lookups(ModelTable *table, Datum key, NullableDatum *before, int32 rights);

#endif							/* RELMETA_FEATURE_H */
