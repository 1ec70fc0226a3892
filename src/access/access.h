/*
 * access.h
 *		Who holds what on which row: the entry tables, and reading them.
 *
 * A registered table's entry table stands in schema relmeta_access:
 *
 *	object		the row's key, in the key's type
 *	principal	in the owner column's type
 *	relationship the relationship that it came through, 0 for a direct entry
 *	cause		'd' direct, 's' share, 'r' reparent
 *	mask		right bits
 *	granted_by	of a direct entry: the principal or role that gave it last,
 *	granted_at	and when; else null
 *
 * primary key (object, principal, relationship, cause), index (principal, object)
 * including mask.  It belongs to the extension's owner, is granted to nobody, and
 * is written by the rooms above alone, through access/store.h.
 */
#ifndef RELMETA_ACCESS_H
#define RELMETA_ACCESS_H

#include "model/model.h"

#include "access/skey.h"
#include "storage/lockdefs.h"

#define CAUSE_DIRECT	'd'
#define CAUSE_SHARE		's'
#define CAUSE_REPARENT	'r'

/* columns of an entry table */
#define ENTRY_OBJECT		1
#define ENTRY_PRINCIPAL		2
#define ENTRY_RELATIONSHIP	3
#define ENTRY_CAUSE			4
#define ENTRY_MASK			5
#define ENTRY_GRANTED_BY	6
#define ENTRY_GRANTED_AT	7
#define ENTRY_COLUMNS		7

/* ---- entry_table.c, entry_retype.c ---- */

/*
 * Makes the entry table of a registered table that needs one and has none, takes up
 * the one that a dropped extension left behind, or retypes the existing one after
 * the key's, the owner's or a relationship's change.  Any caller: acts as the
 * extension's owner.  The caller holds ShareRowExclusiveLock on relid and
 * reads the model again afterwards.
 */
extern void access_entry_table_sync(Oid relid);

/*
 * Makes the entry table of a table that has none: its first share.  Any caller who may share a row of it; he holds
 * RowExclusiveLock on it, which keeps declarations out, and has read the model since.
 */
extern void access_entry_table_ensure(ModelTable *table);

/*
 * expression::type in SQL, by way of text where there is no cast: how
 * alter_column_type converts a column, and entries follow.
 */
extern char *access_converted(const char *expression, Oid from, Oid to);

/* Drops it, if it is there; for unregister_table and a dropped table. */
extern void access_entry_table_drop(Oid entry_relid);

/*
 * Opens the entry table, which stays as it is from then on: 40001 when somebody has given it other types since
 * the model was read, NULL when he has dropped it, or there is none.  _hold only locks and checks it, AccessShareLock.
 */
extern Relation access_entries_open(ModelTable *table, LOCKMODE lockmode);
extern void access_entries_hold(ModelTable *table);

/*
 * Has the table an entry table by now?  One counts that another session has made since the model was read: to be asked
 * by whoever has locked or removed rows, and must not miss what was given on them before.
 */
extern bool access_entries_exist(ModelTable *table);

/* Does the table hold no entry at all?  Looks at its size alone: O(1), no lock on rows. */
extern bool access_entries_empty(ModelTable *table);

/* The same for who asks of all tables: the lock of one that is empty is given back. */
extern bool access_entries_empty_unlocked(ModelTable *table);

/* ---- predicate.c: all with the active snapshot ---- */

/* column = value, by the type's own equality */
extern void access_equality(ScanKey key, AttrNumber column, ModelType *type, Oid collation, Datum value);

/*
 * leaf.c: the partition that would hold the key, open; NULL: there is none.  Of a table that is not partitioned it is
 * the table itself.  False when only a statement can tell.  closing: NoLock, or the levels between are left unlocked.
 */
extern bool access_open_leaf(ModelTable *table, Relation root, Datum key, LOCKMODE closing, Relation *leaf);

/* The primary key's index of an open entry table, open. */
extern Relation access_entries_key_index(ModelTable *table, Relation entries);

/* Is there a row with that key?  Its owner, copied.  Reads whatever the caller may. */
extern bool access_read_row(ModelTable *table, Datum key, Datum *owner, bool *owner_null);

/* The same, and the table is left unlocked. */
extern bool access_read_row_unheld(ModelTable *table, Datum key, Datum *owner, bool *owner_null);

/* The same for any n columns of the table. */
extern bool access_read_columns(ModelTable *table, Datum key, int n, ModelColumn **columns, Datum *values,
								bool *nulls);

/* The same for its key, as the row spells it; it equals the one given. */
extern bool access_read_key(ModelTable *table, Datum key, Datum *stored);

/* The key that a related row points to; null, too, when there is no such row, or its type column has another value. */
extern Datum access_read_lookup(ModelRelationship *relationship, Datum key, bool *isnull);

/*
 * Has command cid of this transaction inserted the row, as it is seen?  Not one that it has updated; a row that an
 * UPDATE took to another partition counts as inserted there.
 */
extern bool access_made_by(ModelTable *table, Datum key, CommandId cid);

/* One entry of a principal on a row. */
typedef struct AccessEntry
{
	int			relationship;
	char		cause;
	int32		mask;
} AccessEntry;

/* A principal's entries on a row: AccessEntry *. */
extern List *access_entry_list(ModelTable *table, Datum key, const char *principal);

/* The one of the principals that an entry's principal is, by its type's equality; NULL when it is none of them. */
extern char *access_principal_among(ModelTable *table, List *principals, Datum principal);

/*
 * All rights of the principals on a row, ownership and everyone's included.  What the current one may do is that
 * & access_cap().
 */
extern int32 access_effective(ModelTable *table, Datum key, List *principals, bool *exists);

/* ---- readable.c ---- */

/* May the current user SELECT from the table, so that row-level security decides on rows? */
extern bool access_may_select(ModelTable *table);

/* Has the current user any privilege by which PostgreSQL would lock the relation for him? */
extern bool access_may_lock(Oid relid);

/*
 * Calls look, which reads the table and what belongs to it, and runs nobody's code.  The locks that it takes are kept
 * only where the caller may select from the table: its owner is not to wait for anybody else.
 */
extern void access_look(ModelTable *table, void (*look) (void *), void *arg);

/*
 * May the current user read the row, and each of n rows: SELECT privilege, and
 * row-level security as it applies to him?  Not asked whether they exist where
 * no policy decides.  The caller has named the table: its policies run as him.
 * Unless named only harmless ones do, and NULL is returned when there are others.
 */
extern bool access_may_read(ModelTable *table, Datum key);

extern bool *access_readable(ModelTable *table, Datum *keys, int n, bool named);

/*
 * access_may_read() of who may SELECT; _held: about a row that is there, on which the current principal and its teams
 * hold these rights, as capped.
 */
extern bool access_policies_let_read(ModelTable *table, Datum key);
extern bool access_policies_let_read_held(ModelTable *table, Datum key, int32 rights);

/* Owns the table or bypasses row-level security, and acts for no principal: sees all of its access. */
extern bool access_is_unlimited(ModelTable *table);

/* ---- harmless.c ---- */

/*
 * Sets readable for those of n rows that the policies let the current user read; false when that would run
 * others' code.
 */
extern bool access_harmless_policies(ModelTable *table, Datum *keys, int n, bool *readable);

/* ---- has_access.c ---- */

/*
 * The principals (char *) to judge when asked about one: it and its teams; asked NULL: the current
 * one and its teams, NIL when there is none.  42704 for an unknown one, 42501 when it is not for the
 * caller to ask (SEMANTICS 2.5, "about principals other than the caller's own"), 22023 when
 * none of them can hold anything in the table.  *cap: what their rights are capped by, which is nothing for others
 * (SEMANTICS 2.1).
 */
extern List *access_asked_principals(FunctionCallInfo fcinfo, ModelTable *table, Datum key, const char *asked,
									 int32 *cap);

/*
 * The principal that a call about a table names, as it is registered.  42704 when there is none; 22023 when it can hold
 * nothing in the table, neither itself nor by a team (SEMANTICS 2.2); _refuse is that error.
 */
extern char *access_named_principal(ModelTable *table, const char *name);
extern void access_refuse_cast(ModelTable *table, const char *name);

/* ---- orphan.c ---- */

/* what entries name that is not there */
enum
{
	ORPHAN_ROW,
	ORPHAN_PRINCIPAL,
	ORPHAN_RELATIONSHIP,
	ORPHAN_KINDS
};

typedef struct Orphans
{
	int64		count;			/* of different rows, principals,
								 * relationships */
	char	   *example;		/* one of them as text; NULL without */
} Orphans;

/* Reads all entries of the table, which is locked.  _drop: they go; the caller keeps others from sharing its rows. */
extern void access_orphans_find(ModelTable *table, Orphans orphans[ORPHAN_KINDS]);
extern void access_orphans_drop(ModelTable *table);

/* ---- rights.c ---- */

/* Bits of an array of relmeta.access_right (22004 for a null element), of one right; and back. */
extern int32 access_rights_mask(ArrayType *array);
extern int32 access_right_bit(Oid right);

/* Rights by name: the bit, 0 for an unknown one; the names in order, NULL behind the last. */
extern int32 access_right_named(const char *name);
extern const char *access_right_name(int i);
extern ArrayType *access_rights_array(int32 mask);

#endif							/* RELMETA_ACCESS_H */
