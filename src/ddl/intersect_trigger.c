/*
 * intersect_trigger.c
 *		The triggers of link/link.c and enforce/link.c on intersect tables.
 *
 * As elsewhere they are recognised by their function, never by their name; an
 * adopted junction table has the latter's only.
 */
#include "ddl/intersect_table.h"
#include "ddl/policy.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "nodes/value.h"
#include "parser/parse_func.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"

typedef struct LinkTrigger
{
	const char *name;			/* of the trigger, when that is free */
	const char *function;		/* in schema relmeta */
	const char *event;			/* as CREATE TRIGGER says it */
	int16		type;			/* the same, as pg_trigger.tgtype says it */
} LinkTrigger;

enum
{
	LINK_ORDER,
	LINK_UPDATED,
	LINK_JUDGED,
	LINK_STORED,
	LINK_TRIGGERS
};

#define BEFORE_ROW (TRIGGER_TYPE_ROW | TRIGGER_TYPE_BEFORE)

static const LinkTrigger link_triggers[LINK_TRIGGERS] = {
	[LINK_ORDER] = {"relmeta_link_order", "trigger_link_order", "BEFORE INSERT",
	BEFORE_ROW | TRIGGER_TYPE_INSERT},
	/* after an application's triggers: this one, and enforce/link.c */
	[LINK_UPDATED] = {"zz_relmeta_link_updated", "trigger_link_updated", "BEFORE UPDATE",
	BEFORE_ROW | TRIGGER_TYPE_UPDATE},
	[LINK_JUDGED] = {"zz_relmeta_judge_link", "trigger_judge_link", "BEFORE UPDATE OR DELETE",
	BEFORE_ROW | TRIGGER_TYPE_UPDATE | TRIGGER_TYPE_DELETE},
	[LINK_STORED] = {"Judge_relmeta_stored_link", "trigger_judge_stored_link", "AFTER INSERT OR UPDATE",
	TRIGGER_TYPE_ROW | TRIGGER_TYPE_AFTER | TRIGGER_TYPE_INSERT | TRIGGER_TYPE_UPDATE},
};

static bool
fires_always(HeapTuple trigger, TupleDesc desc)
{
	Bitmapset  *watched = NULL;

	return ddl_trigger_watches(trigger, desc, &watched) && watched == NULL;
}

/* the trigger of a kind that stands on the table; NULL when there is none */
static char *
standing(Oid relid, const LinkTrigger *kind, bool *is_disabled)
{
	Oid			function = LookupFuncName(list_make2(makeString(RELMETA_SCHEMA), makeString(pstrdup(kind->function))),
										  0, NULL, true);
	Relation	rel = table_open(TriggerRelationId, AccessShareLock);
	ScanKeyData skey;
	SysScanDesc scan;
	HeapTuple	tuple;
	char	   *name = NULL;

	ScanKeyInit(&skey, Anum_pg_trigger_tgrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(rel, TriggerRelidNameIndexId, true, NULL, 1, &skey);
	while (name == NULL && HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_trigger form = (Form_pg_trigger) GETSTRUCT(tuple);

		if (OidIsValid(function) && form->tgfoid == function && form->tgtype == kind->type &&
			fires_always(tuple, RelationGetDescr(rel)))
		{
			name = pstrdup(NameStr(form->tgname));
			*is_disabled = form->tgenabled == TRIGGER_DISABLED || form->tgenabled == TRIGGER_FIRES_ON_REPLICA;
		}
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return name;
}

static bool
is_wanted(ModelIntersect *intersect, int kind)
{
	/* whether the table's own access is controlled besides or not */
	if (kind == LINK_JUDGED || kind == LINK_STORED)
		return ddl_link_is_controlled(intersect);
	if (intersect->is_adopted)
		return false;
	return kind == LINK_ORDER ? intersect->is_symmetric : true;
}

/*
 * CREATE TRIGGER zz_relmeta_link_updated BEFORE UPDATE ON s.student_course FOR EACH ROW
 *   EXECUTE FUNCTION relmeta.trigger_link_updated('student_course');
 */
static void
make_trigger(ModelIntersect *intersect, int kind)
{
	const LinkTrigger *trigger = &link_triggers[kind];
	const char *name = ddl_trigger_free_name(trigger->name, intersect->relid);

	ddl_run_on(ddl_trigger_maker(intersect->relid),
			   "CREATE TRIGGER %s %s ON %s FOR EACH ROW EXECUTE FUNCTION relmeta.%s(%s)",
			   quote_identifier(name), trigger->event, intersect->sql_name, trigger->function,
			   quote_literal_cstr(intersect->name));
	ddl_trigger_depend_on_extension(intersect->relid, name);
}

void
ddl_intersect_triggers_sync(ModelIntersect *intersect)
{
	for (int i = 0; i < LINK_TRIGGERS; i++)
	{
		bool		is_disabled;
		char	   *name = standing(intersect->relid, &link_triggers[i], &is_disabled);

		if (name == NULL && is_wanted(intersect, i))
			make_trigger(intersect, i);
		else if (name != NULL && !is_wanted(intersect, i))
			ddl_run("DROP TRIGGER %s ON %s", quote_identifier(name), intersect->sql_name);
	}
	ddl_link_policies_sync(intersect, intersect->relid);
}

void
ddl_intersect_triggers_drop(Oid relid)
{
	ListCell   *lc;

	foreach(lc, find_all_inheritors(relid, AccessExclusiveLock, NULL))
		ddl_policies_drop(lfirst_oid(lc), true);
	for (int i = 0; i < LINK_TRIGGERS; i++)
	{
		bool		is_disabled;
		char	   *name = standing(relid, &link_triggers[i], &is_disabled);

		if (name)
			ddl_run("DROP TRIGGER %s ON %s", quote_identifier(name), ddl_table_name(relid));
	}
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

List *
ddl_intersect_triggers_problems(ModelIntersect *intersect)
{
	List	   *problems = NIL;

	for (int i = 0; i < LINK_TRIGGERS; i++)
	{
		bool		is_disabled = false;
		char	   *name = standing(intersect->relid, &link_triggers[i], &is_disabled);

		if (name == NULL && is_wanted(intersect, i))
			problems = lappend(problems, make_problem(intersect->relid, link_triggers[i].name, "is missing", false));
		else if (name != NULL && !is_wanted(intersect, i))
			problems = lappend(problems, make_problem(intersect->relid, name, "is superfluous", false));
		else if (name != NULL && is_disabled)
			problems = lappend(problems, make_problem(intersect->relid, name, "is disabled", true));
	}
	return problems;
}
