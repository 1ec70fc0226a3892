/*
 * motion.h
 *		Keys in motion: what a statement that goes on has taken from rows of a controlled table.
 *
 * Entries follow a row's key at the end of the statement that changes it (inherit/rekey.c).  Until then the entries at
 * the key that the row has left are still that row's, and another row may have the key already: by the same statement,
 * or by one that a function calls meanwhile.  Who asks then, asks about the other row, and would write on the first.
 * So it is with the entries of a row that is deleted, which go at the end, and a new row with its key.
 *
 * EXAMPLE.  Document 2 is bob's, who has shared it with carl; document 3 is ann's, who lets bob write.  This is what
 * bob's UPDATE document SET id = CASE id WHEN 2 THEN 9 WHEN 3 THEN 2 ELSE called(id) END finds when it calls:
 *
 *					row				entries at the key		what they say of the row that has it
 *	9				bob's			-						not yet
 *	2				ann's			carl: direct			nothing: they are 9's
 *	3				-				bob: direct				nothing: they are 2's
 *
 * So in statements inside that one the entries at 2 and 3 do not count, nobody writes entries there, and nobody
 * gives 2, 3 or 9 to a row or takes it from one (55000).
 *
 * MEMORY RULE.  A motion ends when the entries follow, or with its statement's context; it is kept to the end of the
 * transaction for cursors that were opened inside the statement.  Keys are kept as in key_set.h, or in a list; when
 * there are more than fit hash_mem, all keys of the table count as left, or taken.
 */
#ifndef RELMETA_ACCESS_MOTION_H
#define RELMETA_ACCESS_MOTION_H

#include "access/statement.h"

/* the newest one of this session; NULL mostly */
struct Motion;
extern struct Motion *access_motions;

extern void access_motion_init(void);	/* from _PG_init */

#define access_motion_any() (access_motions != NULL)

/*
 * A row leaves its key, by a statement whose active snapshot is the caller's, and whose entries follow, or go, at the
 * end of the one with this context: itself, or what a foreign key's action is run for (outside).  after: the row's new
 * key; NULL: it is deleted.
 */
extern void access_motion_note(MemoryContext query, bool outside, ModelTable *table, Datum before, Datum *after);

/*
 * The end of the statement with that context begins, and it writes itself what is held; its entries have followed, but
 * for those outside; and its end has ended.
 */
extern void access_motion_writes(MemoryContext query);
extern void access_motion_followed(MemoryContext query);
extern void access_motion_written(MemoryContext query);

/*
 * Has a statement that goes on taken the key from a row, and does the active snapshot see it, so that the row that it
 * finds with this key is not the one whose entries are there?  That of the statement itself does not.
 */
extern bool access_motion_hides(ModelTable *table, Datum key);

/* The first command of another query that has taken keys from the table's rows; false: there is none. */
extern bool access_motion_first(MemoryContext query, Oid relid, CommandId *cid);

/* Has the statement whose end is here, or in what it is run for, given the key to a row?  Has another one? */
extern bool access_motion_own(MemoryContext query, ModelTable *table, Datum key);
extern bool access_motion_given(Statement *statement, ModelTable *table, Datum key);

/* Has another statement than this one taken it? */
extern bool access_motion_left_by_other(Statement *statement, ModelTable *table, Datum key);

/* 55000 when entries at the key are another row's: called before anything is written about the row that has it. */
extern void access_motion_check(ModelTable *table, Datum key);
pg_noreturn extern void access_motion_refuse(ModelTable *table);

#endif							/* RELMETA_ACCESS_MOTION_H */
