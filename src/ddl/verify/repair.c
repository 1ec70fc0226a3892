/*
 * repair.c
 *		repair(): mends what verify() finds, where that is safe: nothing of a
 *		user's is dropped, no row is changed.
 *
 * It mends the caller's own tables (a superuser: all), each problem in a
 * subtransaction; what could not be mended is a WARNING.
 */
#include "ddl/verify/verify.h"

#include "access/access.h"
#include "attempt.h"
#include "catalog/pg_inherits.h"
#include "ddl/intersect/intersect.h"
#include "ddl/lock.h"
#include "ddl/registration.h"
#include "ddl/relationship.h"
#include "job/job.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(relmeta_repair);

static void
forget_table(ModelTable *table)
{
	Registration registration;

	if (!ddl_registration_read(table->relid, &registration))
		return;
	ddl_registration_delete(table->relid);
	access_entry_table_drop(registration.entry_table);
}

/* The model may have been read anew since the problem was found: names and OIDs are all that is kept of it. */
static void
mend_table(Oid relid)
{
	ModelTable *table;

	ddl_lock_tables(list_make1_oid(relid), NIL);
	table = model_table_required(ddl_model(), relid);
	access_entry_table_sync(relid);
	ddl_triggers_sync(table);
}

/* Nobody shares rows of the table, or makes any, until we commit. */
static void
mend_entries(Oid relid)
{
	Model	   *model;

	LockRelationOid(relid, ShareRowExclusiveLock);
	model = ddl_model();
	model_pin(model, CurrentMemoryContext);
	access_orphans_drop(model_table_required(model, relid));
}

static void
mend_relationship(ModelRelationship *r)
{
	Declaration d;

	ddl_declaration_from_model(&d, r);
	ddl_lock_tables(list_make1_oid(d.related), NIL);
	ddl_lookup_ensure(&d);
	if (d.foreign_key)
		ddl_foreign_key_ensure(&d);
}

/* CREATE INDEX ON s.student_course (course_id, student_id) */
static void
mend_intersect(ModelIntersect *intersect)
{
	int			side;

	ddl_lock_tables(list_make1_oid(intersect->relid), NIL);
	ddl_intersect_triggers_sync(intersect);
	while (!intersect->is_adopted && (side = ddl_intersect_index_missing(intersect)) >= 0)
		ddl_run("CREATE INDEX ON %s (%s, %s)", intersect->sql_name, model_columns_list(&intersect->column[side]),
				model_columns_list(&intersect->column[1 - side]));
}

static void
enable_trigger(DdlTriggerProblem *t)
{
	ddl_run("ALTER TABLE %s ENABLE TRIGGER %s", ddl_table_name(t->relid), quote_identifier(t->trigger));
}

static void
mend(void *arg)
{
	VerifyProblem *p = arg;

	switch (p->mend)
	{
		case MEND_FORGET_TABLE:
			forget_table(p->subject);
			break;
		case MEND_FORGET_RELATIONSHIP:
			ddl_declaration_delete(((ModelRelationship *) p->subject)->id);
			break;
		case MEND_FORGET_INTERSECT:
			ddl_intersect_delete(((ModelIntersect *) p->subject)->id);
			break;
		case MEND_TABLE:
			mend_table(((ModelTable *) p->subject)->relid);
			break;
		case MEND_ENTRIES:
			mend_entries(((ModelTable *) p->subject)->relid);
			break;
		case MEND_RELATIONSHIP:
			mend_relationship(p->subject);
			break;
		case MEND_INTERSECT:
			mend_intersect(p->subject);
			break;
		case MEND_ENABLE_TRIGGER:
			enable_trigger(p->subject);
			break;
		case MEND_CATALOG:
			ddl_run("ALTER TABLE %s ENABLE ALWAYS TRIGGER relmeta_changed", ddl_table_name(p->relid));
			break;
		case MEND_JOB:
			job_mend(p->subject);
			break;
		case MEND_VALUES:
			model_owner_type_mend(p->subject);
			break;
		case MEND_SOURCE:
			ddl_source_mend(p->relid);
			break;
		case MEND_ROLE:
			ddl_mend_role(p->subject);
			break;
		case MEND_FOLLOWER:
			((VerifyFollowerMend *) p->subject)->mend(((VerifyFollowerMend *) p->subject)->arg);
			break;
		case MEND_PENDING:
		case MEND_BY_HAND:
			break;
	}
}

/* What is gone belongs to nobody; a pending relationship's table is made as its declarer, whoever asks. */
static bool
may_mend(VerifyProblem *p)
{
	switch (p->mend)
	{
		case MEND_BY_HAND:
		case MEND_PENDING:
			return false;
		case MEND_FORGET_TABLE:
		case MEND_FORGET_RELATIONSHIP:
		case MEND_FORGET_INTERSECT:
		case MEND_VALUES:
		case MEND_ROLE:
			return true;
		case MEND_JOB:
			return ((JobProblem *) p->subject)->may_mend;
		default:
			return relmeta_owns_relation(p->relid, GetUserId());
	}
}

/* Not of what another session has dropped or mended meanwhile. */
static void
warn(VerifyProblem *p, ErrorData *error)
{
	ereport(WARNING,
			(errcode(error->sqlerrcode),
			 errmsg("could not mend \"%s\" (%s): %s", p->object, p->problem, error->message),
			 errhint("Mend what is in the way, then call relmeta.repair() again.")));
}

/* Locks nothing: of all tables that would stop whoever drops several. */
static void
relax_table(void *relid)
{
	ListCell   *lc;

	foreach(lc, find_all_inheritors(*(Oid *) relid, NoLock, NULL))
		ddl_triggers_relax(lfirst_oid(lc));
}

/* pg_upgrade makes triggers unseen by the event triggers: see trigger_depend.c. */
static void
relax_triggers(void)
{
	ListCell   *lc;

	foreach(lc, model_tables(ddl_model()))
	{
		ModelTable *table = lfirst(lc);

		/* an error: another session drops it */
		if (table->broken == NULL && relmeta_owns_relation(table->relid, GetUserId()))
			(void) relmeta_attempt(relax_table, &table->relid);
	}
}

/* Tries to mend all that may be mended; the errors (or NULL) are parallel to the problems. */
static List *
mend_all(List *problems)
{
	List	   *errors = NIL;
	ListCell   *lc;

	foreach(lc, problems)
		errors = lappend(errors, may_mend(lfirst(lc)) ? relmeta_attempt(mend, lfirst(lc)) : NULL);
	return errors;
}

/*
 * Mended is what is not found any more; of a job, what went without an error: its worker starts with the
 * commit, and that it is still there until then tells nothing.
 */
static int64
count_mended(List *before, List *errors, List *after)
{
	int64		mended = 0;
	ListCell   *lc,
			   *lc2;

	forboth(lc, before, lc2, errors)
	{
		VerifyProblem *p = lfirst(lc);
		ErrorData  *error = lfirst(lc2);

		if (p->mend == MEND_JOB ? may_mend(p) && error == NULL :
			p->mend != MEND_PENDING && p->mend != MEND_BY_HAND && !ddl_verify_is_among(p, after))
			mended++;
		else if (error)
			warn(p, error);
	}
	return mended;
}

Datum
relmeta_repair(PG_FUNCTION_ARGS)
{
	List	   *before = ddl_verify_find();
	int64		mended = ddl_intersect_complete_all();
	List	   *errors = mend_all(before);

	relax_triggers();
	if (before != NIL)
		mended += count_mended(before, errors, ddl_verify_find());
	PG_RETURN_INT64(mended);
}
