/*
 * trigger.c
 *		The triggers of cascade/cascade.h on users' tables.
 *
 * What should stand on a relation is compared with what does stand there;
 * the differences are a list of steps, which ddl_triggers_sync() takes and
 * ddl_triggers_problems() reports.
 *
 * A trigger is recognised by its function and tgargs[0], never by its name:
 * users rename triggers, and may have had one of that name before.
 */
#include "collect/watch.h"
#include "ddl/ddl.h"
#include "ddl/policy.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "cascade/cascade.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "lib/stringinfo.h"
#include "nodes/bitmapset.h"
#include "nodes/value.h"
#include "optimizer/optimizer.h"
#include "parser/parse_func.h"
#include "rewrite/prs2lock.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

/* one kind of trigger, as cascade/cascade.h lists them */
typedef struct TriggerKind
{
	const char *name;			/* of the trigger, when that is free */
	const char *function;		/* in schema relmeta */
	const char *event;			/* as CREATE TRIGGER says it */
	int16		type;			/* the same, as pg_trigger.tgtype says it */
} TriggerKind;

enum
{
	STATEMENT_STARTS,
	STATEMENT_ENDS,
	TRUNCATE_STARTS,
	TRUNCATE_ENDS,
	ROW_INSERT,
	ROW_UPDATE,
	ROW_DELETE,
	JUDGE_UPDATE,
	JUDGE_DELETE,
	JUDGE_INSERTED,
	JUDGE_UPDATED,
	TRIGGER_KINDS
};

#define EVENTS_DML (TRIGGER_TYPE_INSERT | TRIGGER_TYPE_UPDATE | TRIGGER_TYPE_DELETE)

static const TriggerKind trigger_kinds[TRIGGER_KINDS] = {
	[STATEMENT_STARTS] = {"relmeta_statement_starts", "trigger_statement_starts",
		"BEFORE INSERT OR UPDATE OR DELETE",
	TRIGGER_TYPE_BEFORE | EVENTS_DML},
	[STATEMENT_ENDS] = {"relmeta_statement_ends", "trigger_statement_ends",
		"AFTER INSERT OR UPDATE OR DELETE",
	TRIGGER_TYPE_AFTER | EVENTS_DML},
	[TRUNCATE_STARTS] = {"relmeta_truncate_starts", "trigger_truncate_starts",
		"BEFORE TRUNCATE",
	TRIGGER_TYPE_BEFORE | TRIGGER_TYPE_TRUNCATE},
	[TRUNCATE_ENDS] = {"relmeta_truncate_ends", "trigger_truncate_ends",
		"AFTER TRUNCATE",
	TRIGGER_TYPE_AFTER | TRIGGER_TYPE_TRUNCATE},
	[ROW_INSERT] = {"relmeta_row_insert", "trigger_row_changed",
		"AFTER INSERT",
	TRIGGER_TYPE_ROW | TRIGGER_TYPE_AFTER | TRIGGER_TYPE_INSERT},
	[ROW_UPDATE] = {"relmeta_row_update", "trigger_row_changed",
		"AFTER UPDATE",
	TRIGGER_TYPE_ROW | TRIGGER_TYPE_AFTER | TRIGGER_TYPE_UPDATE},
	[ROW_DELETE] = {"relmeta_row_delete", "trigger_row_changed",
		"AFTER DELETE",
	TRIGGER_TYPE_ROW | TRIGGER_TYPE_AFTER | TRIGGER_TYPE_DELETE},

	/*
	 * enforce/: the first two after an application's triggers, the others
	 * before those of foreign keys, RI_ConstraintTrigger_...
	 */
	[JUDGE_UPDATE] = {"zz_relmeta_judge_update", "trigger_judge_update",
		"BEFORE UPDATE",
	TRIGGER_TYPE_ROW | TRIGGER_TYPE_BEFORE | TRIGGER_TYPE_UPDATE},
	[JUDGE_DELETE] = {"zz_relmeta_judge_delete", "trigger_judge_delete",
		"BEFORE DELETE",
	TRIGGER_TYPE_ROW | TRIGGER_TYPE_BEFORE | TRIGGER_TYPE_DELETE},
	[JUDGE_INSERTED] = {"Judge_relmeta_inserted", "trigger_judge_stored",
		"AFTER INSERT",
	TRIGGER_TYPE_ROW | TRIGGER_TYPE_AFTER | TRIGGER_TYPE_INSERT},
	[JUDGE_UPDATED] = {"Judge_relmeta_updated", "trigger_judge_stored",
		"AFTER UPDATE",
	TRIGGER_TYPE_ROW | TRIGGER_TYPE_AFTER | TRIGGER_TYPE_UPDATE},
};

/* a trigger of relmeta's that stands on a relation; read from pg_trigger */
typedef struct Standing
{
	char	   *name;
	Oid			function;
	int16		type;
	char	   *argument;		/* tgargs[0], NULL without arguments */
	bool		is_clone;		/* made by PostgreSQL from the root's; never
								 * touched */
	bool		is_disabled;
	bool		is_other;		/* fires at other times than relmeta's would */
	Bitmapset  *watched;		/* attnums in the WHEN condition, offset as
								 * pull_varattnos does */
	bool		is_wanted;		/* set while comparing */
} Standing;

/* a difference; kind is NULL when the standing trigger is superfluous, standing when it is missing */
typedef struct Step
{
	const TriggerKind *kind;
	Standing   *standing;
	List	   *columns;		/* to watch; NIL: no WHEN condition */
} Step;

static Oid
trigger_function(const char *name)
{
	return LookupFuncName(list_make2(makeString(RELMETA_SCHEMA), makeString(pstrdup(name))), 0, NULL, true);
}

static bool
is_ours(Oid function)
{
	for (int i = 0; i < TRIGGER_KINDS; i++)
	{
		if (OidIsValid(function) && function == trigger_function(trigger_kinds[i].function))
			return true;
	}
	return false;
}

static Standing *
standing_from_tuple(HeapTuple tuple, TupleDesc desc)
{
	Form_pg_trigger form = (Form_pg_trigger) GETSTRUCT(tuple);
	Standing   *standing = palloc0(sizeof(Standing));
	Datum		value;
	bool		isnull;

	standing->name = pstrdup(NameStr(form->tgname));
	standing->function = form->tgfoid;
	standing->type = form->tgtype;
	standing->is_clone = OidIsValid(form->tgparentid);
	standing->is_disabled = form->tgenabled == TRIGGER_DISABLED || form->tgenabled == TRIGGER_FIRES_ON_REPLICA;
	value = fastgetattr(tuple, Anum_pg_trigger_tgargs, desc, &isnull);
	if (!isnull && form->tgnargs > 0)
		standing->argument = pstrdup(VARDATA_ANY(DatumGetByteaPP(value)));
	standing->is_other = !ddl_trigger_watches(tuple, desc, &standing->watched);
	return standing;
}

/* relmeta's triggers on one relation, clones included */
static List *
standing_triggers(Oid relid)
{
	Relation	rel = table_open(TriggerRelationId, AccessShareLock);
	ScanKeyData skey;
	SysScanDesc scan;
	HeapTuple	tuple;
	List	   *result = NIL;

	ScanKeyInit(&skey, Anum_pg_trigger_tgrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(rel, TriggerRelidNameIndexId, true, NULL, 1, &skey);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		if (is_ours(((Form_pg_trigger) GETSTRUCT(tuple))->tgfoid))
			result = lappend(result, standing_from_tuple(tuple, RelationGetDescr(rel)));
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return result;
}

/* ---- what should stand ---- */

/*
 * The columns to watch, each once (targets of a multi-table lookup share
 * theirs), without those that are gone.
 */
static List *
watched_columns(ModelTable *table)
{
	List	   *columns = NIL;
	ListCell   *lc;

	foreach(lc, collect_watched_columns(table))
	{
		char	   *column = lfirst(lc);
		bool		is_new = column && get_attnum(table->relid, column) > 0;
		ListCell   *lc2;

		foreach(lc2, columns)
		{
			if (is_new && strcmp(lfirst(lc2), column) == 0)
				is_new = false;
		}
		if (is_new)
			columns = lappend(columns, column);
	}
	return columns;
}

static bool
kind_is_wanted(ModelTable *table, int kind, bool is_root)
{
	if (!is_root && TRIGGER_FOR_ROW(trigger_kinds[kind].type))
		return false;			/* PostgreSQL clones the root's */
	switch (kind)
	{
		case ROW_INSERT:
			return collect_wants_insert(table);
		case ROW_UPDATE:
			return watched_columns(table) != NIL || collect_watches_all(table);
		case ROW_DELETE:
			return collect_wants_delete(table);
		case JUDGE_UPDATE:
		case JUDGE_DELETE:
		case JUDGE_INSERTED:
		case JUDGE_UPDATED:
			return table->access_control;
		default:
			return true;
	}
}

static Bitmapset *
column_set(Oid relid, List *columns)
{
	Bitmapset  *set = NULL;
	ListCell   *lc;

	foreach(lc, columns)
		set = bms_add_member(set, get_attnum(relid, lfirst(lc)) - FirstLowInvalidHeapAttributeNumber);
	return set;
}

static Standing *
find_standing(List *standing, ModelTable *table, const TriggerKind *kind)
{
	Oid			function = trigger_function(kind->function);
	ListCell   *lc;

	foreach(lc, standing)
	{
		Standing   *s = lfirst(lc);

		if (!s->is_clone && !s->is_other && !s->is_wanted && s->function == function && s->type == kind->type &&
			s->argument && strcmp(s->argument, table->stable_name) == 0)
			return s;
	}
	return NULL;
}

static Step *
make_step(const TriggerKind *kind, Standing *standing, List *columns)
{
	Step	   *step = palloc(sizeof(Step));

	step->kind = kind;
	step->standing = standing;
	step->columns = columns;
	return step;
}

/* The differences on one relation: removals first, so that their names are free. */
static List *
differences(ModelTable *table, Oid relid, List *standing)
{
	bool		is_root = relid == table->relid;
	List	   *makes = NIL;
	List	   *drops = NIL;
	ListCell   *lc;

	for (int i = 0; i < TRIGGER_KINDS; i++)
	{
		const TriggerKind *kind = &trigger_kinds[i];
		List	   *columns = (i == ROW_UPDATE && !collect_watches_all(table)) || i == JUDGE_UPDATED ?
		watched_columns(table) : NIL;
		Standing   *found;

		if (!kind_is_wanted(table, i, is_root))
			continue;
		found = find_standing(standing, table, kind);
		if (found)
			found->is_wanted = true;
		if (found == NULL || !bms_equal(found->watched, column_set(relid, columns)))
			makes = lappend(makes, make_step(kind, found, columns));
	}
	foreach(lc, standing)
	{
		Standing   *s = lfirst(lc);

		if (!s->is_wanted && !s->is_clone)
			drops = lappend(drops, make_step(NULL, s, NIL));
	}
	return list_concat(drops, makes);
}

/* ---- making them so ---- */

static bool
name_is_free(const char *name, Oid relid)
{
	ListCell   *lc;

	foreach(lc, find_all_inheritors(relid, NoLock, NULL))
	{
		if (OidIsValid(get_trigger_oid(lfirst_oid(lc), name, true)))
			return false;
	}
	return true;
}

const char *
ddl_trigger_free_name(const char *base, Oid relid)
{
	const char *name = base;

	for (int i = 1; !name_is_free(name, relid); i++)
		name = ddl_numbered_name(base, i);
	return name;
}

/*
 * CREATE OR REPLACE TRIGGER relmeta_row_update AFTER UPDATE ON s.t FOR EACH ROW
 *   WHEN (OLD.x IS DISTINCT FROM NEW.x) EXECUTE FUNCTION relmeta.trigger_row_changed('s.t');
 *
 * Replacing takes ShareRowExclusiveLock only, keeps pending events valid,
 * enables the trigger, and forgets that it depends on the extension.
 */
static void
make_trigger(ModelTable *table, Oid relid, Step *step)
{
	const TriggerKind *kind = step->kind;
	const char *name = step->standing ? step->standing->name : ddl_trigger_free_name(kind->name, relid);

	ddl_run_on(ddl_trigger_maker(relid),
			   "CREATE OR REPLACE TRIGGER %s %s ON %s FOR EACH %s%s EXECUTE FUNCTION relmeta.%s(%s)",
			   quote_identifier(name), kind->event, ddl_table_name(relid),
			   TRIGGER_FOR_ROW(kind->type) ? "ROW" : "STATEMENT",
			   ddl_trigger_when(table, relid, step->columns),
			   kind->function, quote_literal_cstr(table->stable_name));
	ddl_trigger_depend_on_extension(relid, name);
}

static void
drop_trigger(Oid relid, Standing *standing)
{
	ddl_run("DROP TRIGGER %s ON %s", quote_identifier(standing->name), ddl_table_name(relid));
}

static void
sync_relation(ModelTable *table, Oid relid)
{
	ListCell   *lc;

	foreach(lc, differences(table, relid, standing_triggers(relid)))
	{
		Step	   *step = lfirst(lc);

		if (step->kind)
			make_trigger(table, relid, step);
		else
			drop_trigger(relid, step->standing);
	}
}

void
ddl_triggers_sync(ModelTable *table)
{
	ddl_triggers_sync_partition(table, table->relid);
}

void
ddl_triggers_sync_partition(ModelTable *table, Oid relid)
{
	ListCell   *lc;

	foreach(lc, find_all_inheritors(relid, ShareRowExclusiveLock, NULL))
	{
		sync_relation(table, lfirst_oid(lc));
		ddl_triggers_relax(lfirst_oid(lc));
		ddl_policies_sync(table, lfirst_oid(lc));
	}
}

void
ddl_triggers_drop(Oid relid)
{
	ListCell   *lc;

	foreach(lc, find_all_inheritors(relid, AccessExclusiveLock, NULL))
	{
		ListCell   *lc2;

		ddl_policies_drop(lfirst_oid(lc), false);
		foreach(lc2, standing_triggers(lfirst_oid(lc)))
		{
			Standing   *standing = lfirst(lc2);

			if (!standing->is_clone)
				drop_trigger(lfirst_oid(lc), standing);
		}
	}
}

bool
ddl_triggers_stand(Oid relid)
{
	return standing_triggers(relid) != NIL;
}

bool
ddl_triggers_in_step(ModelTable *table)
{
	return differences(table, table->relid, standing_triggers(table->relid)) == NIL;
}

/* ---- verify() ---- */

static DdlTriggerProblem *
make_problem(Oid relid, const char *trigger, char *problem, bool is_disabled)
{
	DdlTriggerProblem *result = palloc(sizeof(DdlTriggerProblem));

	result->relid = relid;
	result->trigger = pstrdup(trigger);
	result->problem = problem;
	result->is_disabled = is_disabled;
	return result;
}

static DdlTriggerProblem *
step_problem(Oid relid, Step *step)
{
	if (step->kind == NULL)
		return make_problem(relid, step->standing->name, "is superfluous", false);
	if (step->standing == NULL)
		return make_problem(relid, step->kind->name, "is missing", false);
	return make_problem(relid, step->standing->name, "watches other columns", false);
}

List *
ddl_triggers_problems(ModelTable *table)
{
	List	   *problems = NIL;
	ListCell   *lc;

	foreach(lc, find_all_inheritors(table->relid, AccessShareLock, NULL))
	{
		Oid			relid = lfirst_oid(lc);
		List	   *standing = standing_triggers(relid);
		ListCell   *lc2;

		foreach(lc2, differences(table, relid, standing))
			problems = lappend(problems, step_problem(relid, lfirst(lc2)));
		foreach(lc2, standing)
		{
			Standing   *s = lfirst(lc2);

			if (s->is_disabled)
				problems = lappend(problems, make_problem(relid, s->name, "is disabled", true));
		}
	}
	return problems;
}
