/*
 * follow.h
 *		What higher rooms keep about tables and columns, and want to be told of.
 *
 * Rows that belong to a registered table or a relationship need nothing of this: they refer to
 * relmeta.registered_table or relmeta.relationship, and go with what is forgotten there.
 */
#ifndef DDL_FOLLOW_H
#define DDL_FOLLOW_H

#include "ddl/ddl.h"

/* Each may be NULL.  They are called in the transaction of the change, as whoever makes it. */
typedef struct DdlFollower
{
	/*
	 * A column of a registered table or a participant of an N:N has another
	 * name; it is gone, and its table stays.
	 */
	void		(*column_renamed) (Oid relid, const char *old_name, const char *new_name);
	void		(*column_dropped) (Oid relid, const char *column);

	/*
	 * alter_column_type() has given the key of a registered table, which is
	 * locked, another type: what is kept by a key's text is to be kept by its
	 * new text.
	 */
	void		(*key_retyped) (Oid relid, Oid from, Oid to);

	/*
	 * A value of the enum that is the key of a registered table is called
	 * otherwise: so is the key of the row that has it.
	 */
	void		(*key_renamed) (Oid relid, const char *old_value, const char *new_value);

	/*
	 * Adds problems, by ddl_verify_add() with MEND_FOLLOWER and a
	 * VerifyFollowerMend, or MEND_BY_HAND.
	 */
	void		(*verify) (Model *model, List **problems);
} DdlFollower;

/* From _PG_init.  The follower is the caller's, static. */
extern void ddl_add_follower(const DdlFollower *follower);

/* For those who have something to tell. */
extern void ddl_tell_column_renamed(Oid relid, const char *old_name, const char *new_name);
extern void ddl_tell_column_dropped(Oid relid, const char *column);
extern void ddl_tell_key_retyped(Oid relid, Oid from, Oid to);
extern void ddl_tell_key_renamed(Oid relid, const char *old_value, const char *new_value);
extern void ddl_tell_verify(Model *model, List **problems);

#endif							/* DDL_FOLLOW_H */
