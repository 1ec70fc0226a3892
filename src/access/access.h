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
 *
 * primary key (object, principal, relationship, cause), index (principal, object)
 * including mask.  Beside it the grant table (object, principal, granted_by,
 * granted_at) says who made a direct entry.  Both belong to the extension's
 * owner, are granted to nobody, and are written by the cascade room alone.
 */
#ifndef RELMETA_ACCESS_H
#define RELMETA_ACCESS_H

#include "model/model.h"

#define CAUSE_DIRECT	'd'
#define CAUSE_SHARE		's'
#define CAUSE_REPARENT	'r'

/* ---- entry_table.c ---- */

/*
 * Makes the entry and grant tables of a registered table that has none, takes
 * up those that a dropped extension left behind, or retypes existing ones after
 * the key's, the owner's or a relationship's change.  Any caller: acts as the
 * extension's owner.  The caller holds ShareRowExclusiveLock on relid and
 * reads the model again afterwards.
 */
extern void access_entry_table_sync(Oid relid);

/* Drops both; for unregister_table and a dropped table. */
extern void access_entry_table_drop(Oid entry_relid, Oid grant_relid);

/* Does the table hold no entry at all?  Looks at its size alone: O(1), no lock on rows. */
extern bool access_entries_empty(ModelTable *table);

/* Has the current user the SELECT privilege on the table, so that row-level security decides on rows? */
extern bool access_may_select(ModelTable *table);

/* ---- rights.c ---- */

/* Bits of an array of relmeta.access_right (22004 for a null element), of one right; and back. */
extern int32 access_rights_mask(ArrayType *array);
extern int32 access_right_bit(Oid right);
extern ArrayType *access_rights_array(int32 mask);

#endif							/* RELMETA_ACCESS_H */
