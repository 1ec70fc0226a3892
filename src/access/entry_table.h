/*
 * entry_table.h
 *		What the files of entry tables share; access/ only.
 *
 * All of it is called as the extension's owner, with SPI connected.
 */
#ifndef ACCESS_ENTRY_TABLE_H
#define ACCESS_ENTRY_TABLE_H

#include "access/access.h"

/* ---- entry_sql.c ---- */

/* Runs one statement, which must end as expected. */
extern void access_run(const char *sql, int expected, int nargs, Oid *types, Datum *values);

/* The one array that a statement gives, run as the owner of relid and copied; 0 when it is null. */
extern Datum access_run_array(Oid relid, const char *sql, int nargs, Oid type, Datum argument);

/* A name in relmeta_access that is free, from a table's own; nobody else takes it before we commit. */
extern char *access_free_name(const char *base, const char *suffix);

/* relmeta_access.name, quoted */
extern char *access_name(const char *name);

/* base and tail, as much of base as fits a name */
extern char *access_clipped_name(const char *base, const char *tail);

/* ---- entry_make.c ---- */

/* Makes an entry table, and writes down that it is the table's.  model_lock_entries() was called: there is none. */
extern void access_entry_table_make(ModelTable *table, ModelType *principal);

/* ---- take_up.c ---- */

/*
 * Takes up the direct entries that a dropped extension has left behind, of a table that has no entry table; false when
 * there is none that is provably the table's.
 */
extern bool access_entry_table_take_up(ModelTable *table);

/* ---- entry_retype.c ---- */

/* Gives an entry table the key's present type and the given one of principals. */
extern void access_entry_table_retype(ModelTable *table, Oid relid, ModelType *principal);

#endif							/* ACCESS_ENTRY_TABLE_H */
