/*
 * ddl.h
 *		What declarations make: columns, indexes, keys, triggers.
 *
 * WHO RUNS WHAT.  The caller owns the users' tables (checked here, 42501), perhaps as
 * a superuser or a member of the owner.  What only changes definitions runs as the
 * caller: ddl_run().  What looks at rows, evaluates what hangs on them or rewrites
 * them runs as the table's owner, restricted unless that is the caller: ddl_run_on(),
 * ddl_query_on().  All of it with search_path out of the way.  Writes to relmeta's
 * catalog tables run as the extension's owner: ddl_catalog().
 *
 * LOCKS.  See lock.h.
 *
 * MEMORY.  Everything is allocated in the caller's memory context, and the model is
 * pinned to it (ddl_model), because each of these functions accepts
 * invalidations.
 */
#ifndef RELMETA_DDL_H
#define RELMETA_DDL_H

#include "model/key.h"

#include "access/htup.h"
#include "nodes/pg_list.h"
#include "utils/relcache.h"

/* ---- execute.c: running statements ---- */

/* One statement as the current user; every name in it must be qualified and quoted. */
extern void ddl_run(const char *format,...) pg_attribute_printf(1, 2);

/* The same as the owner of relid, restricted unless that is the current user; InvalidOid: as ddl_run(). */
extern void ddl_run_on(Oid relid, const char *format,...) pg_attribute_printf(2, 3);

/*
 * One statement that holds a user's text: names in that are found by the given
 * search_path, NULL: by the current one.
 */
extern void ddl_run_text(const char *sql, const char *search_path);

/* Whether a statement of these two is under way: the event triggers let it pass. */
extern bool ddl_is_running(void);

/* One statement on relmeta's catalog as the extension's owner; returns the rows processed. */
extern uint64 ddl_catalog(const char *sql, int nargs, Oid *types, Datum *values, const char *nulls);

/*
 * A query about PostgreSQL's or relmeta's catalog, as the current user, with the
 * latest snapshot (whatever the isolation level: what is locked is looked at as
 * it is now).  SPI is connected; the result is in SPI_tuptable.
 */
extern void ddl_query_latest(const char *sql, int nargs, Oid *types, Datum *values);

/* The same about rows of a user's table, as its owner, restricted, unhindered by row-level security. */
extern void ddl_query_on(Oid relid, const char *sql, int nargs, Oid *types, Datum *values);

/* Whether such a query returns any row.  Connects SPI itself. */
extern bool ddl_rows_exist(const char *sql, int nargs, Oid *types, Datum *values);
extern bool ddl_rows_exist_on(Oid relid, const char *sql);

/* model_current(), pinned to CurrentMemoryContext */
extern Model *ddl_model(void);

/* schema.table, quoted */
extern char *ddl_table_name(Oid relid);

/* type name for generated SQL: qualified, with its modifier when typmod >= 0 */
extern char *ddl_type_name(Oid type, int32 typmod);

/* A text as pg_get_expr() prints it under the session's settings: never E'', whatever is in it. */
extern char *ddl_printed_literal(const char *value);

/* base, or base_1, base_2 ...: at most 63 bytes, never within a character */
extern char *ddl_numbered_name(const char *base, int number);

/* ---- argument.c: what declaring functions are given, beside ../argument.h ---- */

/* The name of a key's columns. */
extern ModelKeyColumns *ddl_argument_columns(FunctionCallInfo fcinfo, int argno);	/* NULL for NULL */
extern ModelKeyColumns *ddl_argument_columns_required(FunctionCallInfo fcinfo, int argno);

/* the seven actions, from argno on: overrides what is given */
extern void ddl_argument_behaviors(FunctionCallInfo fcinfo, int argno, ModelBehavior *behavior);

/* ---- table_check.c: who and what may take part, SEMANTICS 2.2 ---- */

/* 42P01, 0A000, 42501: an existing table of a kind relmeta takes, owned by the current user */
extern void ddl_check_table(Oid relid);

/* Why a table cannot take part, as a sentence fragment ("it is a view"), or NULL.  Takes no lock. */
extern char *ddl_table_problem(Oid relid);

/* The part of it that is about what it inherits from, and what inherits from it. */
extern char *ddl_inheritance_problem(Oid relid);

/* The same for what pg_class alone tells: what no table can be that relmeta knows in any part. */
extern char *ddl_table_kind_problem(Oid relid);

/* The topmost table that relid is a partition of, if only until its DETACH is finalized; relid when it is none. */
extern Oid	ddl_partition_root(Oid relid);

/* The table or view that a rule is on; InvalidOid when there is no such rule. */
extern Oid	ddl_relation_of_rule(Oid rule);

/* 42P01; 42501 unless the current user owns it */
extern void ddl_check_owner(Oid relid);

/* A user column's number; 42703 when it does not exist. */
extern AttrNumber ddl_column_required(Oid relid, const char *column);

/* Its type, as model_type_fill() has it. */
extern void ddl_column_type(Oid relid, const char *column, ModelType *type);

/* Is an index that serves its equality led by the column? */
extern bool ddl_column_has_index(Oid relid, const char *column);	/* column.c */

/* Is this relation such a one? */
extern bool ddl_column_leads_index(Oid relid, const char *column, Oid index);

/* 0A000 when relmeta could not set it: a generated column */
extern void ddl_check_settable(Oid relid, const char *column);

/* ---- key.c: the keys of tables that take part; without locks: somebody else may have locked the table ---- */

/* The primary key of a table that can be registered; 0A000 when it has none that does. */
extern ModelKeyColumns *ddl_primary_key(Oid relid);

/* NULL instead; and why it has none, as a clause: NULL when it has one. */
extern ModelKeyColumns *ddl_find_primary_key(Oid relid);
extern char *ddl_primary_key_problem(Oid relid);

/* Is it in these columns?  And is it where a registered table's key is declared to be? */
extern bool ddl_is_primary_key(Oid relid, ModelKeyColumns *columns);
extern bool ddl_key_is_primary(ModelTable *table);

/*
 * The key of a table that takes part in an N:N relationship: NULL, with *problem NULL, while it has no primary key;
 * NULL, with *problem set, when the one it has does not do, which _check_ refuses (0A000).  False: it has none.
 */
extern ModelKeyColumns *ddl_participant_key(Oid relid, char **problem);
extern bool ddl_check_participant_key(Oid relid);

/* A foreign key of more columns than a key is in. */
extern char *ddl_foreign_key_too_wide(const char *name);

/* ---- table.c ---- */

/* Registers a table without owner and state unless it is registered; it was checked and locked. */
extern void ddl_register_plain(Oid relid);

/* ---- relationship_row.c ---- */

/* Whether a relationship, 1:N or N:N, has the name; one that was given is locked. */
extern bool ddl_relationship_name_taken(const char *name);

/* Takes a name that was not given, if it is free; never waits. */
extern bool ddl_relationship_name_take(const char *name);

/* ---- trigger.c: the triggers of cascade/cascade.h ---- */

/*
 * Makes missing triggers, drops superfluous ones and remakes those that watch
 * the wrong columns, on the table and on its partitions.  Idempotent.  Needs
 * the table's owner as current user.  Locks ShareRowExclusive, or
 * AccessExclusive where one must go.
 */
extern void ddl_triggers_sync(ModelTable *table);

/* The same for one of its partitions, and those below, alone. */
extern void ddl_triggers_sync_partition(ModelTable *table, Oid relid);

/* Drops relmeta's triggers from a table and its partitions, whether it is still registered or not. */
extern void ddl_triggers_drop(Oid relid);

/* ' WHEN (…)': one of the columns differs from itself before; '' without columns.  trigger_when.c */
extern char *ddl_trigger_when(ModelTable *table, Oid relid, List *columns);

/*
 * Is a trigger, a row of pg_trigger, one that fires whenever one of the columns changes, always without columns?  Else
 * it has another condition, or UPDATE OF, or can be put off: relmeta's functions on it do not do what they are for.
 * Adds the columns to *watched, offset as pull_varattnos does.
 */
extern bool ddl_trigger_watches(HeapTuple tuple, TupleDesc desc, Bitmapset **watched);

/* ---- trigger_depend.c: columns that relmeta's triggers watch can be dropped without CASCADE ---- */

/*
 * As whose owner ddl_run_on() makes a trigger, since CREATE TRIGGER on a partitioned table calls what its
 * partition key calls: the table's, if he may put triggers on all of its partitions, else InvalidOid (the caller).
 */
extern Oid	ddl_trigger_maker(Oid relid);

/* A trigger of relmeta's goes with the extension. */
extern void ddl_trigger_depend_on_extension(Oid relid, const char *name);

/* After relmeta's triggers were made on a relation, or cloned to it; idempotent. */
extern void ddl_triggers_relax(Oid relid);

/* After a trigger was made by somebody, a restore perhaps: it may be one of relmeta's. */
extern void ddl_trigger_created(Oid trigger);

/* A trigger name that is free on the table and its partitions. */
extern const char *ddl_trigger_free_name(const char *base, Oid relid);

typedef struct DdlTriggerProblem
{
	Oid			relid;			/* the table or partition */
	char	   *trigger;		/* its name, or that of the trigger function
								 * when it is missing */
	char	   *problem;		/* "is missing", "is disabled", "watches other
								 * columns", "is superfluous" */
	bool		is_disabled;	/* else ddl_triggers_sync() mends it */
} DdlTriggerProblem;

/* DdlTriggerProblem *: what ddl_triggers_sync() would mend, and disabled triggers.  For verify(). */
extern List *ddl_triggers_problems(ModelTable *table);

/* Do any of relmeta's triggers stand on the relation itself?  On the table, those that should?  Without a lock. */
extern bool ddl_triggers_stand(Oid relid);
extern bool ddl_triggers_in_step(ModelTable *table);

/* ---- source.c ---- */

/* The table given to register_principals or register_memberships that relid is, or is a partition of; InvalidOid. */
extern Oid	ddl_source_root(Oid relid);

/*
 * Makes the triggers that miss on a table given to register_principals or
 * register_memberships, and on its partitions.  Needs the table's owner as current user.
 */
extern void ddl_source_triggers_sync(Oid relid);

/* Drops them on what was a partition of such a table, and is part of none: as its owner, and those of its parts. */
extern void ddl_source_triggers_drop(Oid relid);

/* Does the trigger for each row stand on the table, as on every such table, but on no partition that has left one? */
extern bool ddl_source_row_trigger_stands(Oid relid);

/* DdlTriggerProblem *: which of them miss, or are disabled. */
extern List *ddl_source_trigger_problems(Oid relid);

/* Puts triggers, principals and memberships in step with the rows.  The caller owns the table. */
extern void ddl_source_mend(Oid relid);

#endif							/* RELMETA_DDL_H */
