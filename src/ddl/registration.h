/*
 * registration.h
 *		A registration as it is being made or changed; ddl/ only.
 */
#ifndef RELMETA_DDL_REGISTRATION_H
#define RELMETA_DDL_REGISTRATION_H

#include "ddl/ddl.h"

/* a row of relmeta.registered_table; strings are palloc'd by whoever fills it */
typedef struct Registration
{
	Oid			relid;
	char	   *name;			/* stable: tgargs[0] of the triggers */
	ModelKeyColumns *key;		/* their names */
	char	   *owner_column;	/* NULL: organization-owned */
	char	   *state_column;	/* NULL: all rows are active */
	List	   *active_states;	/* char * */
	char	   *inactive_state;
	bool		is_system;
	bool		default_owner;
	bool		access_control; /* read only, as what follows */
	bool		force_access_control;
	int32		everyone;
	char	   *owner_index;	/* made by enable_access_control(): its name,
								 * in the table's schema */
	Oid			entry_table;
} Registration;

/* ---- registration.c: the row ---- */

/* False when relid is not registered. */
extern bool ddl_registration_read(Oid relid, Registration *registration);
extern void ddl_registration_insert(const Registration *registration);
extern void ddl_registration_update(const Registration *registration);
extern void ddl_registration_delete(Oid relid);

/* Writes access_control and the three that follow it. */
extern void ddl_registration_control(const Registration *registration);

/* No index of that name in the schema was made by enable_access_control() any more. */
extern void ddl_registration_index_dropped(Oid schema, const char *index);

/* A name for a table's first registration: schema.table, or with a number when that is taken. */
extern char *ddl_registration_new_name(Oid relid);

/* ---- owner_column.c ---- */

/*
 * Whether the owner column can be one: its type can be compared, it can be
 * set, it is not the key.
 */
extern void ddl_registration_check_owner_column(const Registration *registration);

/* After it was registered: no two principals are one owner in its type, now and from here on; else 23505. */
extern void ddl_registration_enter_owner_type(const Registration *registration);

/*
 * 23503 when a row is owned by who is no principal; with create, makes such
 * owners users.  The table is locked against writers.
 */
extern void ddl_registration_check_owners(const Registration *registration, bool create);

/* 42501 unless the current user may call relmeta.create_user() */
extern void ddl_registration_check_may_create(void);

/* Brings the owner column's default in line, from the old (or NULL) to the new (or NULL) registration. */
extern void ddl_registration_sync_default(const Registration *from, const Registration *to);

/* Whether the column's default is the current principal. */
extern bool ddl_registration_default_is_ours(Oid relid, const char *column);

/* The expression: who inserts, as a value of an owner column of the type. */
extern char *ddl_registration_default_owner(Oid type);

/* ---- table.c ---- */

/* 55000 when a relationship, or access control, needs a column that is taken away. */
extern void ddl_registration_check_change(const Registration *old, const Registration *new);

/* ModelRelationship *: those relationships. */
extern List *ddl_registration_needed_by(const Registration *old, const Registration *new);

/* Brings the table's entry table in line, and those of tables below that store the same principals. */
extern void ddl_registration_sync_entries(Oid relid);

/* ---- policy_lost.c ---- */

/* Was the table controlled, and is not registered any more?  And is its row-level security forced? */
extern bool ddl_registration_is_lost(Oid relid, bool *forced);

/* Such a table, which is to be registered: controlled, and its owner column, as its policies say; a NOTICE then. */
extern void ddl_registration_take_up_control(Registration *registration);

/* 55000 when that would take up something. */
extern void ddl_registration_check_not_lost(Oid relid);

/* ---- state_column.c ---- */

/* Fills in the states that follow from the column's type, and checks those given: 22023, 22P02. */
extern void ddl_registration_check_states(Registration *registration);

#endif							/* RELMETA_DDL_REGISTRATION_H */
