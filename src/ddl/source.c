/*
 * source.c
 *		register_principals and register_memberships: an application's own tables
 *		of users, teams and memberships (SEMANTICS 2.1).
 *
 * What keeps them in step is in model/: source_trigger.c, source_set.c.
 */
#include "ddl/lock.h"

#include "catalog/namespace.h"
#include "catalog/partition.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "access/table.h"
#include "commands/trigger.h"
#include "model/source.h"
#include "nodes/value.h"
#include "parser/parse_func.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#define EVENTS_DML (TRIGGER_TYPE_INSERT | TRIGGER_TYPE_UPDATE | TRIGGER_TYPE_DELETE)

PG_FUNCTION_INFO_V1(relmeta_register_principals);
PG_FUNCTION_INFO_V1(relmeta_register_memberships);

#define ROW_TRIGGER (TRIGGER_TYPE_ROW | TRIGGER_TYPE_AFTER | EVENTS_DML)

static Oid
trigger_function(void)
{
	return LookupFuncName(list_make2(makeString(RELMETA_SCHEMA), makeString("trigger_source_changed")), 0, NULL, false);
}

/*
 * Whether a trigger of that tgtype with relmeta's function stands on the table and
 * fires; clones count.  Else the name of one that stands there disabled, or NULL.
 */
static bool
trigger_enabled(Oid relid, int16 type, char **disabled)
{
	Oid			function = trigger_function();
	Relation	rel = table_open(relid, AccessShareLock);
	bool		fires = false;

	*disabled = NULL;
	for (int i = 0; rel->trigdesc != NULL && i < rel->trigdesc->numtriggers; i++)
	{
		Trigger    *trigger = &rel->trigdesc->triggers[i];

		if (trigger->tgfoid != function || trigger->tgtype != type || trigger->tgqual != NULL ||
			trigger->tgnattr != 0 || OidIsValid(trigger->tgconstraint))
			continue;
		if (trigger->tgenabled == TRIGGER_FIRES_ON_ORIGIN || trigger->tgenabled == TRIGGER_FIRES_ALWAYS)
			fires = true;
		else
			*disabled = pstrdup(trigger->tgname);
	}
	table_close(rel, NoLock);
	return fires;
}

static const char *
free_trigger_name(Oid relid, const char *base)
{
	const char *name = base;

	for (int i = 1;; i++)
	{
		bool		is_free = true;
		ListCell   *lc;

		foreach(lc, find_all_inheritors(relid, NoLock, NULL))
			is_free = is_free && !OidIsValid(get_trigger_oid(lfirst_oid(lc), name, true));
		if (is_free)
			return name;
		name = ddl_numbered_name(base, i);
	}
}

/*
 * CREATE TRIGGER relmeta_source_row AFTER INSERT OR UPDATE OR DELETE ON s.t
 *   FOR EACH ROW EXECUTE FUNCTION relmeta.trigger_source_changed();
 */
static void
make_trigger(Oid relid, const char *base, int16 type, const char *event, const char *each)
{
	const char *name;
	char	   *disabled;

	if (trigger_enabled(relid, type, &disabled) || disabled != NULL)
		return;
	name = free_trigger_name(relid, base);
	ddl_run_on(ddl_trigger_maker(relid),
			   "CREATE TRIGGER %s %s ON %s FOR EACH %s EXECUTE FUNCTION relmeta.trigger_source_changed()",
			   quote_identifier(name), event, ddl_table_name(relid), each);
	ddl_trigger_depend_on_extension(relid, name);
}

/*
 * Makes the triggers that miss, on a source and on its partitions: PostgreSQL
 * clones row triggers there, statement triggers it does not.  Needs the table's
 * owner as current user; locks ShareRowExclusive.
 */
void
ddl_source_triggers_sync(Oid relid)
{
	ListCell   *lc;

	make_trigger(relid, "relmeta_source_row", ROW_TRIGGER,
				 "AFTER INSERT OR UPDATE OR DELETE", "ROW");
	foreach(lc, find_all_inheritors(relid, ShareRowExclusiveLock, NULL))
	{
		make_trigger(lfirst_oid(lc), "relmeta_source_ends", TRIGGER_TYPE_AFTER | EVENTS_DML,
					 "AFTER INSERT OR UPDATE OR DELETE", "STATEMENT");
		make_trigger(lfirst_oid(lc), "relmeta_source_truncate", TRIGGER_TYPE_AFTER | TRIGGER_TYPE_TRUNCATE,
					 "AFTER TRUNCATE", "STATEMENT");
	}
}

bool
ddl_source_row_trigger_stands(Oid relid)
{
	char	   *disabled;

	return trigger_enabled(relid, ROW_TRIGGER, &disabled) || disabled != NULL;
}

Oid
ddl_source_root(Oid relid)
{
	while ((model_known(relid) & KNOWN_SOURCE) == 0)
	{
		if (!get_rel_relispartition(relid))
			return InvalidOid;
		relid = get_partition_parent(relid, true);
	}
	return relid;
}

/* Names of the triggers of the table's own, which are not clones. */
static List *
own_triggers(Oid relid)
{
	Oid			function = trigger_function();
	Relation	rel = table_open(relid, AccessShareLock);
	List	   *names = NIL;

	for (int i = 0; rel->trigdesc != NULL && i < rel->trigdesc->numtriggers; i++)
	{
		Trigger    *trigger = &rel->trigdesc->triggers[i];

		if (trigger->tgfoid == function && !trigger->tgisclone)
			names = lappend(names, pstrdup(trigger->tgname));
	}
	table_close(rel, NoLock);
	return names;
}

/*
 * DROP TRIGGER relmeta_source_ends ON s.t
 */
void
ddl_source_triggers_drop(Oid relid)
{
	ListCell   *lc;
	ListCell   *lc2;

	foreach(lc, find_all_inheritors(relid, AccessExclusiveLock, NULL))
	{
		Oid			table = lfirst_oid(lc);

		foreach(lc2, OidIsValid(ddl_source_root(table)) ? NIL : own_triggers(table))
			ddl_run_on(table, "DROP TRIGGER %s ON %s", quote_identifier(lfirst(lc2)), ddl_table_name(table));
	}
}

void
ddl_source_mend(Oid relid)
{
	ddl_lock_tables(list_make1_oid(relid), NIL);
	ddl_source_triggers_sync(relid);
	model_source_fill(relid, false);
}

/* ---- what is wrong with them, for verify() ---- */

static DdlTriggerProblem *
trigger_problem(Oid relid, const char *trigger, const char *problem, bool is_disabled)
{
	DdlTriggerProblem *p = palloc0(sizeof(DdlTriggerProblem));

	p->relid = relid;
	p->trigger = pstrdup(trigger);
	p->problem = pstrdup(problem);
	p->is_disabled = is_disabled;
	return p;
}

/* One of a tgtype that misses on the relation, or is disabled. */
static void
look_at_trigger(Oid relid, int16 type, const char *base, List **problems)
{
	char	   *disabled = NULL;

	if (trigger_enabled(relid, type, &disabled))
		return;
	*problems = lappend(*problems, disabled ? trigger_problem(relid, disabled, "is disabled", true) :
						trigger_problem(relid, base, "is missing", false));
}

List *
ddl_source_trigger_problems(Oid relid)
{
	List	   *problems = NIL;
	ListCell   *lc;

	foreach(lc, find_all_inheritors(relid, AccessShareLock, NULL))
	{
		look_at_trigger(lfirst_oid(lc), ROW_TRIGGER, "relmeta_source_row", &problems);
		look_at_trigger(lfirst_oid(lc), TRIGGER_TYPE_AFTER | EVENTS_DML, "relmeta_source_ends", &problems);
		look_at_trigger(lfirst_oid(lc), TRIGGER_TYPE_AFTER | TRIGGER_TYPE_TRUNCATE, "relmeta_source_truncate",
						&problems);
	}
	return problems;
}

static Oid
relation_argument(FunctionCallInfo fcinfo, int nargs)
{
	for (int i = 0; i < nargs; i++)
		relmeta_argument_required(fcinfo, i);
	return PG_GETARG_OID(0);
}

/* Nobody changes its rows until we commit, so that none is missed between the triggers and the fill. */
static void
lock_source(Oid relid)
{
	ddl_check_table(relid);
	ddl_lock_tables(list_make1_oid(relid), NIL);
}

/* Records what is not recorded yet, and brings the rows in step. */
static void
record_source(Oid relid, const char *sql, int nargs, Oid *types, Datum *values)
{
	ddl_catalog(sql, nargs, types, values, NULL);
	ddl_source_triggers_sync(relid);
	model_source_fill(relid, true);
}

/* 42710 if the table's keys are registered as the other kind */
static void
check_kind(Oid relid, const char *kind)
{
	Oid			types[2] = {REGCLASSOID, TEXTOID};
	Datum		values[2] = {ObjectIdGetDatum(relid), CStringGetTextDatum(kind)};

	if (ddl_rows_exist("SELECT FROM relmeta.principal_source AS s WHERE s.relation OPERATOR(pg_catalog.=) $1"
					   " AND s.kind OPERATOR(pg_catalog.<>) $2", 2, types, values))
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("table \"%s\" is registered already, and its rows are not %ss", get_rel_name(relid), kind)));
}

Datum
relmeta_register_principals(PG_FUNCTION_ARGS)
{
	Oid			relid = relation_argument(fcinfo, 2);
	char	   *kind = text_to_cstring(PG_GETARG_TEXT_PP(1));
	Oid			types[2] = {REGCLASSOID, TEXTOID};
	Datum		values[2];

	if (strcmp(kind, "user") != 0 && strcmp(kind, "team") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown kind of principals \"%s\"", kind),
				 errhint("The kinds are \"user\" and \"team\".")));
	lock_source(relid);
	(void) ddl_primary_key(relid);
	check_kind(relid, kind);
	values[0] = ObjectIdGetDatum(relid);
	values[1] = CStringGetTextDatum(kind);
	record_source(relid,
				  "INSERT INTO relmeta.principal_source (relation, kind) VALUES ($1, $2) ON CONFLICT DO NOTHING",
				  2, types, values);
	PG_RETURN_VOID();
}

Datum
relmeta_register_memberships(PG_FUNCTION_ARGS)
{
	Oid			relid = relation_argument(fcinfo, 3);
	Oid			types[3] = {REGCLASSOID, NAMEOID, NAMEOID};
	Datum		values[3];

	lock_source(relid);
	ddl_column_required(relid, NameStr(*PG_GETARG_NAME(1)));
	ddl_column_required(relid, NameStr(*PG_GETARG_NAME(2)));
	values[0] = ObjectIdGetDatum(relid);
	values[1] = PG_GETARG_DATUM(1);
	values[2] = PG_GETARG_DATUM(2);
	record_source(relid,
				  "INSERT INTO relmeta.principal_source (relation, team_column, member_column) VALUES ($1, $2, $3)"
				  " ON CONFLICT DO NOTHING",
				  3, types, values);
	PG_RETURN_VOID();
}
