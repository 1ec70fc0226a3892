/*
 * verify.c
 *		verify(): whole-catalog checks, SEMANTICS 2.7.
 *
 * What needs a look at rows (orphans) is looked at only where the caller may
 * read both tables.  Other sessions change and drop tables meanwhile: each look
 * is for itself, and leaves no locks; what was found is looked at twice when the
 * model has changed.
 */
#include "ddl/follow.h"
#include "ddl/verify/verify.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_event_trigger.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "ddl/relationship.h"
#include "funcapi.h"
#include "job/job.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(relmeta_verify);

static bool
is_gone(Oid relid)
{
	return get_rel_name(relid) == NULL;
}

/* ---- what is gone, or cannot be used ---- */

/* A registered table that is broken is a problem of its own. */
static bool
is_reported(Model *model, ModelTable *table)
{
	return table->broken && model_table(model, table->relid) != NULL;
}

static void
verify_relationship_usable(Model *model, void *subject, List **problems)
{
	ModelRelationship *r = subject;
	char	   *drop = psprintf("SELECT relmeta.drop_relationship(%s)", quote_literal_cstr(r->name));

	if (is_gone(r->primary->relid) || is_gone(r->related->relid))
		ddl_verify_add(problems, r->related->relid, r->name, r->broken ? r->broken : "a table of it does not exist",
					   NULL, MEND_FORGET_RELATIONSHIP, r);
	else if (r->broken && !is_reported(model, r->primary) && !is_reported(model, r->related))
		ddl_verify_add(problems, r->related->relid, r->name, r->broken, drop, MEND_BY_HAND, r);
}

static void
verify_table_usable(Model *model, void *subject, List **problems)
{
	ModelTable *table = subject;
	char	   *problem;

	if (is_gone(table->relid))
	{
		ddl_verify_add(problems, table->relid, table->stable_name, table->broken ? table->broken : "it does not exist",
					   NULL, MEND_FORGET_TABLE, table);
		return;
	}
	if (table->broken)
		ddl_verify_add(problems, table->relid, table->stable_name, table->broken,
					   psprintf("SELECT relmeta.register_table(%s, ...)", quote_literal_cstr(table->sql_name)),
					   MEND_BY_HAND, table);
	problem = ddl_table_problem(table->relid);
	if (problem == NULL && !ddl_key_is_primary(table))
		problem = "its key column is not its primary key";
	if (problem && table->broken == NULL)
		ddl_verify_add(problems, table->relid, table->stable_name, problem,
					   psprintf("SELECT relmeta.unregister_table(%s)", quote_literal_cstr(table->sql_name)),
					   MEND_BY_HAND, table);
}

/* ---- triggers ---- */

static void
verify_table(Model *model, void *subject, List **problems)
{
	ModelTable *table = subject;

	if (table->broken)
		return;
	ddl_verify_add_triggers(problems, ddl_triggers_problems(table), MEND_TABLE, table);
	if (OidIsValid(table->entry_relid) ? is_gone(table->entry_relid) :
		(table->entries_lost || model_needs_entries(table)))
		ddl_verify_add(problems, table->relid, table->stable_name, "its entry table is missing", NULL,
					   MEND_TABLE, table);
}

/* ---- relationships ---- */

static bool
may_read(Oid relid)
{
	return pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) == ACLCHECK_OK &&
		relmeta_owns_relation(relid, GetUserId());
}

/* UPDATE s.contact AS r SET account_id = NULL WHERE <orphan> */
static char *
clear_orphans(const Declaration *d)
{
	const char *type_column = d->type_column ? quote_identifier(d->type_column) : NULL;

	return psprintf("UPDATE %s AS r SET %s%s%s%s WHERE %s", ddl_table_name(d->related),
					model_columns_set(d->lookup, NULL), type_column ? ", " : "", type_column ? type_column : "",
					type_column ? " = NULL" : "", ddl_lookup_is_orphan(d));
}

/* ALTER TABLE s.contact ALTER COLUMN account_id DROP NOT NULL */
static char *
allow_null(const Declaration *d)
{
	StringInfoData sql;
	ListCell   *lc;

	initStringInfo(&sql);
	appendStringInfo(&sql, "ALTER TABLE %s", ddl_table_name(d->related));
	foreach(lc, model_columns_names(d->lookup))
		appendStringInfo(&sql, "%s ALTER COLUMN %s DROP NOT NULL", foreach_current_index(lc) > 0 ? "," : "",
						 quote_identifier(lfirst(lc)));
	return sql.data;
}

static void
verify_lookup(ModelRelationship *r, const Declaration *d, List **problems)
{
	char	   *problem;
	char	   *repair;

	if (!ddl_lookup_has_index(d))
		ddl_verify_add(problems, d->related, model_columns_text(d->lookup),
					   psprintf("lookup of relationship \"%s\" has no index", r->name), NULL, MEND_RELATIONSHIP, r);
	if (d->foreign_key)
	{
		problem = ddl_foreign_key_problem(d, &repair);
		if (problem)
			ddl_verify_add(problems, d->related, r->name, problem, repair,
						   repair ? MEND_BY_HAND : MEND_RELATIONSHIP, r);
	}
	else if (may_read(d->related) && may_read(d->primary) && ddl_has_orphans(d))
		ddl_verify_add(problems, d->related, model_columns_text(d->lookup),
					   psprintf("rows point to rows of \"%s\" that do not exist", get_rel_name(d->primary)),
					   clear_orphans(d), MEND_BY_HAND, r);
	if (d->behavior[ACTION_DELETE] == BEHAVIOR_REMOVE_LINK && model_columns_not_null(&r->lookup))
		ddl_verify_add(problems, d->related, model_columns_text(d->lookup),
					   psprintf("relationship \"%s\" removes links, but the lookup is NOT NULL", r->name),
					   allow_null(d), MEND_BY_HAND, r);
}

static void
verify_relationship(Model *model, void *subject, List **problems)
{
	ModelRelationship *r = subject;
	Declaration d;

	if (r->broken || !ddl_key_is_primary(r->primary))
		return;
	ddl_declaration_from_model(&d, r);
	verify_lookup(r, &d, problems);
}

/* ---- foreign keys that are checked before relmeta's cascades: ARCHITECTURE §3 ---- */

/* Does relmeta's own trigger delete rows of the table? */
static bool
is_cascaded_by_relmeta(ModelTable *table)
{
	ListCell   *lc;

	foreach(lc, model_as_related(table))
	{
		ModelRelationship *r = lfirst(lc);

		if (r->broken == NULL && !r->foreign_key && r->behavior[ACTION_DELETE] == BEHAVIOR_ALL)
			return true;
	}
	return false;
}

/*
 * A NO ACTION key between two tables whose rows one cascade of relmeta's
 * deletes is checked at the end of each of its statements, too early.
 */
static void
verify_early_key(Model *model, Form_pg_constraint form, List **problems)
{
	ModelTable *table;
	ModelTable *other;

	if (form->contype != CONSTRAINT_FOREIGN || OidIsValid(form->conparentid) ||
		form->confdeltype != FKCONSTR_ACTION_NOACTION || form->condeferred)
		return;
	table = model_table(model, form->confrelid);
	other = model_table(model, form->conrelid);
	if (table == NULL || table->broken || other == NULL || other->broken ||
		!is_cascaded_by_relmeta(table) || !is_cascaded_by_relmeta(other))
		return;
	ddl_verify_add(problems, form->conrelid, NameStr(form->conname),
				   psprintf("foreign key to \"%s\" is checked before relmeta has deleted the rows of both tables",
							get_rel_name(table->relid)),
				   psprintf("ALTER TABLE %s ALTER CONSTRAINT %s DEFERRABLE INITIALLY DEFERRED",
							other->sql_name, quote_identifier(NameStr(form->conname))),
				   MEND_BY_HAND, NULL);
}

/* By table, then by name of the key. */
static void
verify_early_keys(Model *model, void *subject, List **problems)
{
	Relation	rel = table_open(ConstraintRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(rel, ConstraintRelidTypidNameIndexId, true, NULL, 0, NULL);
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		verify_early_key(model, (Form_pg_constraint) GETSTRUCT(tuple), problems);
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
}

/* ---- relmeta's own triggers ---- */

/* Whether the catalog tables' triggers are as the install script makes them: ENABLE ALWAYS. */
static void
verify_catalog_triggers(Model *model, void *subject, List **problems)
{
	Relation	rel = table_open(TriggerRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_trigger form = (Form_pg_trigger) GETSTRUCT(tuple);

		if (strcmp(NameStr(form->tgname), "relmeta_changed") != 0 || form->tgenabled == TRIGGER_FIRES_ALWAYS ||
			get_rel_namespace(form->tgrelid) != relmeta_schema_oid())
			continue;
		ddl_verify_add(problems, form->tgrelid, NameStr(form->tgname), "is not enabled always",
					   psprintf("ALTER TABLE %s ENABLE ALWAYS TRIGGER relmeta_changed", ddl_table_name(form->tgrelid)),
					   MEND_CATALOG, NULL);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
}

static void
verify_event_triggers(Model *model, void *subject, List **problems)
{
	Relation	rel = table_open(EventTriggerRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_event_trigger form = (Form_pg_event_trigger) GETSTRUCT(tuple);

		if (get_func_namespace(form->evtfoid) != relmeta_schema_oid() ||
			form->evtenabled == TRIGGER_FIRES_ON_ORIGIN || form->evtenabled == TRIGGER_FIRES_ALWAYS)
			continue;
		ddl_verify_add(problems, InvalidOid, NameStr(form->evtname), "event trigger is disabled",
					   psprintf("ALTER EVENT TRIGGER %s ENABLE", quote_identifier(NameStr(form->evtname))),
					   MEND_BY_HAND, NULL);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
}

/* ---- jobs ---- */

static void
verify_jobs(Model *model, void *subject, List **problems)
{
	ListCell   *lc;

	foreach(lc, job_problems())
	{
		JobProblem *p = lfirst(lc);

		ddl_verify_add(problems, InvalidOid, psprintf("job %lld", (long long) p->id), p->problem,
					   p->mend == JOB_BY_HAND ? p->call : NULL, p->mend == JOB_BY_HAND ? MEND_BY_HAND : MEND_JOB, p);
	}
}

/* ---- looking ---- */

static void
look_at_tables(Model *model, Oid only, VerifyLook look, List **problems)
{
	ListCell   *lc;

	foreach(lc, model_tables(model))
	{
		ModelTable *table = lfirst(lc);

		if (!OidIsValid(only) || table->relid == only)
			ddl_verify_look(model, look, table, table->relid, table->stable_name, problems);
	}
}

static void
look_at_relationships(Model *model, Oid only, VerifyLook look, List **problems)
{
	ListCell   *lc;

	foreach(lc, model_relationships(model))
	{
		ModelRelationship *r = lfirst(lc);

		if (!OidIsValid(only) || r->primary->relid == only || r->related->relid == only)
			ddl_verify_look(model, look, r, r->related->relid, r->name, problems);
	}
}

/* ---- all of it ---- */

static void
verify_higher_rooms(Model *model, void *subject, List **problems)
{
	ddl_tell_verify(model, problems);
}

/* All registered tables and 1:N relationships, or only a table and its own. */
static void
look_at_declared(Model *model, Oid only, List **problems)
{
	look_at_relationships(model, only, verify_relationship_usable, problems);
	look_at_tables(model, only, verify_table_usable, problems);
	look_at_tables(model, only, verify_table, problems);
	look_at_tables(model, only, ddl_verify_rows, problems);
	look_at_relationships(model, only, verify_relationship, problems);
	if (!OidIsValid(only))
		ddl_verify_look(model, verify_early_keys, NULL, InvalidOid, "foreign keys", problems);
	look_at_tables(model, only, ddl_verify_control, problems);
}

/* *changed: the model is another one in the end. */
static List *
find_once(bool *changed)
{
	Model	   *model = ddl_model();
	List	   *problems = NIL;

	look_at_declared(model, InvalidOid, &problems);
	ddl_verify_intersects(model, &problems);
	ddl_verify_look(model, ddl_verify_principals, NULL, InvalidOid, "principals", &problems);
	ddl_verify_sources(model, &problems);
	ddl_verify_look(model, ddl_verify_half_detached, NULL, InvalidOid, "partitions", &problems);
	ddl_verify_look(model, ddl_verify_unknown_tables, NULL, InvalidOid, "triggers", &problems);
	ddl_verify_look(model, verify_catalog_triggers, NULL, InvalidOid, "triggers of the catalog", &problems);
	ddl_verify_look(model, verify_event_triggers, NULL, InvalidOid, "event triggers", &problems);
	ddl_verify_look(model, verify_jobs, NULL, InvalidOid, "jobs", &problems);
	ddl_verify_look(model, verify_higher_rooms, NULL, InvalidOid, "what builds upon relationships", &problems);
	*changed = ddl_verify_model_changed(model);
	return problems;
}

List *
ddl_verify_find(void)
{
	bool		changed;
	List	   *before = find_once(&changed);
	List	   *problems = NIL;
	ListCell   *lc;

	if (before == NIL || !changed)
		return before;
	foreach(lc, find_once(&changed))
	{
		if (ddl_verify_is_among(lfirst(lc), before))
			problems = lappend(problems, lfirst(lc));
	}
	return problems;
}

/* Is the problem one of the table, or of an N:N relationship of it? */
static bool
is_about(Model *model, VerifyProblem *problem, Oid relid)
{
	ModelIntersect *link = model_intersect_by_name(model, problem->object);

	return problem->relid == relid || (link && (link->table[0] == relid || link->table[1] == relid));
}

List *
ddl_verify_find_table(Oid relid)
{
	Model	   *model = ddl_model();
	List	   *problems = NIL;
	List	   *others = NIL;
	ListCell   *lc;

	look_at_declared(model, relid, &problems);
	ddl_verify_look(model, verify_early_keys, NULL, InvalidOid, "foreign keys", &others);
	ddl_verify_intersects(model, &others);
	ddl_verify_look(model, verify_higher_rooms, NULL, InvalidOid, "what builds upon relationships", &others);
	foreach(lc, others)
	{
		if (is_about(model, lfirst(lc), relid))
			problems = lappend(problems, lfirst(lc));
	}
	return problems;
}

Datum
relmeta_verify(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, ddl_verify_find())
	{
		VerifyProblem *p = lfirst(lc);
		Datum		values[4];
		bool		nulls[4] = {!OidIsValid(p->relid)};

		values[0] = ObjectIdGetDatum(p->relid);
		values[1] = CStringGetTextDatum(p->object);
		values[2] = CStringGetTextDatum(p->problem);
		values[3] = CStringGetTextDatum(p->repair);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
