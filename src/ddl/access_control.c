/*
 * access_control.c
 *		enable_access_control, disable_access_control: SEMANTICS 2.5.
 *
 * LOCKS.  The table and its partitions exclusively: nobody reads it while it becomes
 * controlled, and whoever waits reads it controlled.  Intersect tables of other roles', which may be held by
 * whomever these like, are waited for for a second in all; then their links stay as they are, with a WARNING.
 */
#include "ddl/intersect_table.h"
#include "ddl/judged.h"
#include "ddl/lock.h"
#include "ddl/policy.h"
#include "ddl/registration.h"

#include "access/access.h"
#include "catalog/namespace.h"
#include "catalog/pg_inherits.h"
#include "commands/defrem.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(relmeta_enable_access_control);
PG_FUNCTION_INFO_V1(relmeta_disable_access_control);
PG_FUNCTION_INFO_V1(relmeta_rights);

/* relmeta.rights(mask): right bits as SQL has them */
Datum
relmeta_rights(PG_FUNCTION_ARGS)
{
	PG_RETURN_ARRAYTYPE_P(access_rights_array(PG_GETARG_INT32(0)));
}

static void
lock_controlled(Oid relid, Registration *registration)
{
	ddl_check_owner(relid);
	ddl_lock_tables(lappend_oid(ddl_judged_own(relid), relid), list_make1_oid(relid));
	if (!ddl_registration_read(relid, registration))
		(void) model_table_required(ddl_model(), relid);
}

/* ---- the index on the owner column ---- */

/* CREATE INDEX ON s.t (owner_id), named as PostgreSQL would; its name */
static char *
make_owner_index(Oid relid, const char *column)
{
	char	   *name = ChooseRelationName(get_rel_name(relid), column, "idx", get_rel_namespace(relid), false);

	ddl_run("CREATE INDEX %s ON %s (%s)", quote_identifier(name), ddl_table_name(relid), quote_identifier(column));
	return name;
}

static void
drop_owner_index(Registration *registration)
{
	Oid			relid = registration->relid;
	Oid			index;

	if (registration->owner_index == NULL || registration->owner_column == NULL)
		return;
	index = get_relname_relid(registration->owner_index, get_rel_namespace(relid));
	/* events that fired no trigger may have made it another one */
	if (OidIsValid(index) && ddl_column_leads_index(relid, registration->owner_column, index))
		ddl_run("DROP INDEX %s", ddl_table_name(index));
	registration->owner_index = NULL;
}

/* ---- intersect tables ---- */

static void
sync_links_of(Oid relid)
{
	ModelIntersect *intersect = model_intersect_by_table(ddl_model(), relid);

	if (intersect != NULL)
		ddl_intersect_triggers_sync(intersect);
}

static bool
is_owned_by_caller(ModelIntersect *intersect)
{
	return relmeta_owns_relation(intersect->relid, GetUserId());
}

static bool
same_owner(Oid a, Oid b)
{
	return relmeta_relation_owner(a) == relmeta_relation_owner(b);
}

static void
sync_as_owner(Oid relid)
{
	ActingAs	saved = relmeta_act_begin_on(relid, NoLock, ACT_RESTRICTED);

	sync_links_of(relid);
	relmeta_act_end(saved);
}

/* ---- those of somebody else's ---- */

/*
 * An intersect table whose owner must not keep the table at its end from being controlled, nor those waiting who use
 * that: by a lock, or by what he hung on his own table.
 */
typedef struct Strange
{
	Oid			relid;
	char	   *name;			/* of the relationship */
	bool		controlled;		/* as it ought to be */
	bool		in_step;		/* and is */
	bool		judged;			/* or is, but policies name other ends */
	bool		enabled;		/* the table at its end is controlled */
	DdlPatience *patience;
} Strange;

/* Are its triggers, and if so, its policies, which are printed for that: this takes a lock on their table. */
static void
look_at(void *arg)
{
	Strange    *strange = arg;
	ModelIntersect *intersect = model_intersect_by_table(ddl_model(), strange->relid);

	strange->in_step = intersect == NULL || ddl_intersect_triggers_problems(intersect) == NIL;
	if (intersect == NULL || !strange->in_step)
		return;
	ddl_lock_briefly(strange->relid, AccessShareLock, strange->patience);
	intersect = model_intersect_by_table(ddl_model(), strange->relid);
	strange->in_step = intersect == NULL || ddl_link_policies_problems(intersect) == NIL;
}

static void
sync_strange(void *arg)
{
	Strange    *strange = arg;

	ddl_lock_briefly(strange->relid, AccessExclusiveLock, strange->patience);
	sync_as_owner(strange->relid);
}

static void
warn_of(Strange *strange, bool is_known, ErrorData *error)
{
	const char *reason = error->sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE ?
	"their table is locked by another transaction" : error->message;

	ereport(WARNING,
			(errcode(error->sqlerrcode),
			 !is_known ?
			 errmsg("it is not known whether links of many-to-many relationship \"%s\" are controlled: %s",
					strange->name, reason) :
			 !strange->controlled ?
			 errmsg("links of many-to-many relationship \"%s\" are still controlled: %s", strange->name, reason) :
			 strange->judged ?
			 errmsg("links of many-to-many relationship \"%s\" are controlled, but their policies do not say at which"
					" ends: %s", strange->name, reason) :
			 errmsg("links of many-to-many relationship \"%s\" are not controlled: %s", strange->name, reason),
			 errdetail("Its intersect table %s belongs to role %s.", ddl_table_name(strange->relid),
					   quote_identifier(GetUserNameFromId(relmeta_relation_owner(strange->relid), false))),
			 strange->enabled ?
			 errhint("Call relmeta.enable_access_control() of the table once more when that is mended.") :
			 errhint("Call relmeta.disable_access_control() of the table once more when that is mended.")));
}

/* An adopted table of somebody else's waits for his own call. */
static void
notice_adopted(Strange *strange)
{
	if (strange->controlled)
		ereport(NOTICE,
				(strange->judged ?
				 errmsg("links of many-to-many relationship \"%s\" are controlled, but their policies do not say at"
						" which ends", strange->name) :
				 errmsg("links of many-to-many relationship \"%s\" are not controlled", strange->name),
				 errhint("Its intersect table belongs to somebody else, who may call"
						 " relmeta.enable_access_control(%s).",
						 quote_literal_cstr(ddl_table_name(strange->relid)))));
	else
		ereport(NOTICE,
				(errmsg("links of many-to-many relationship \"%s\" still have what controlled them", strange->name),
				 errhint("Its intersect table belongs to somebody else, who may call relmeta.repair().")));
}

static bool
is_controlled(Oid relid)
{
	ModelTable *table = model_table(ddl_model(), relid);

	return table != NULL && table->access_control;
}

/* Of one at that end. */
static void
see_to_links(Oid relid, Oid end, DdlPatience *patience)
{
	ModelIntersect *intersect = model_intersect_by_table(ddl_model(), relid);
	Strange		strange = {.relid = relid,.patience = patience};
	bool		is_left;
	ErrorData  *error;

	if (intersect == NULL)
		return;
	is_left = intersect->is_adopted && !is_owned_by_caller(intersect);
	if (!is_left && same_owner(relid, end))
	{
		sync_as_owner(relid);
		return;
	}
	strange.name = pstrdup(intersect->name);
	strange.controlled = ddl_link_is_controlled(intersect);
	strange.judged = ddl_link_policies_stand(intersect) && ddl_intersect_triggers_problems(intersect) == NIL;
	strange.enabled = is_controlled(end);
	error = ddl_look_briefly(look_at, &strange, patience);
	if (error != NULL)
		warn_of(&strange, false, error);
	else if (!strange.in_step && is_left)
		notice_adopted(&strange);
	else if (!strange.in_step && (error = ddl_attempt_briefly(sync_strange, &strange, patience)) != NULL)
		warn_of(&strange, true, error);
}

void
ddl_links_of_end_sync(Oid relid)
{
	List	   *ends = find_all_inheritors(relid, NoLock, NULL);
	List	   *relids = NIL;
	List	   *judged = ddl_judged_by(relid);
	DdlPatience patience = {0};
	ListCell   *lc;

	foreach(lc, model_intersects(ddl_model()))
	{
		ModelIntersect *intersect = lfirst(lc);

		if (intersect->broken == NULL && OidIsValid(intersect->relid) &&
			(list_member_oid(ends, intersect->table[0]) || list_member_oid(ends, intersect->table[1])))
			relids = lappend_oid(relids, intersect->relid);
	}
	foreach(lc, relids)
		see_to_links(lfirst_oid(lc), relid, &patience);
	ddl_judged_sync(judged);
}

/* ---- enable ---- */

static void
apply(FunctionCallInfo fcinfo, Registration *registration)
{
	registration->access_control = true;
	if (!PG_ARGISNULL(1))
		registration->force_access_control = PG_GETARG_BOOL(1);
	if (!PG_ARGISNULL(2))
		registration->everyone = access_rights_mask(PG_GETARG_ARRAYTYPE_P(2));
}

/* Plans were made for the rights that everyone had, see access/policy_plan.c. */
static void
forget_plans(Oid relid)
{
	ListCell   *lc;

	foreach(lc, find_all_inheritors(relid, NoLock, NULL))
		CacheInvalidateRelcacheByRelid(lfirst_oid(lc));
}

static void
notice_exempt(Registration *registration, bool was_controlled)
{
	char	   *owner = GetUserNameFromId(model_table_required(ddl_model(), registration->relid)->relowner, true);

	if (registration->force_access_control || was_controlled || owner == NULL)
		return;
	ereport(NOTICE,
			(errmsg("role \"%s\", which owns table \"%s\", superusers and roles with BYPASSRLS are exempt from its"
					" access control", owner, get_rel_name(registration->relid)),
			 errhint("With force => true its owner is not.")));
}

static void
enable_table(FunctionCallInfo fcinfo, Oid relid)
{
	Registration registration;
	bool		was_controlled;

	lock_controlled(relid, &registration);
	was_controlled = registration.access_control;
	apply(fcinfo, &registration);
	if (registration.owner_column != NULL && !ddl_column_has_index(relid, registration.owner_column))
		registration.owner_index = make_owner_index(relid, registration.owner_column);
	ddl_registration_control(&registration);
	ddl_triggers_sync(model_table_required(ddl_model(), relid));
	ddl_links_of_end_sync(relid);
	forget_plans(relid);
	notice_exempt(&registration, was_controlled);
}

/* An adopted intersect table, by its owner. */
static void
sync_intersect(FunctionCallInfo fcinfo, Oid relid)
{
	ddl_check_owner(relid);
	ddl_lock_tables(list_make1_oid(relid), list_make1_oid(relid));
	if (!ddl_link_is_controlled(model_intersect_by_table(ddl_model(), relid)))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("neither end of the links in table \"%s\" is controlled", get_rel_name(relid)),
				 errhint("Call relmeta.enable_access_control() of the table at one end first.")));
	sync_links_of(relid);
}

Datum
relmeta_enable_access_control(PG_FUNCTION_ARGS)
{
	Oid			relid = relmeta_argument_table(fcinfo, 0);
	Model	   *model = ddl_model();

	if (model_table(model, relid) == NULL && model_intersect_by_table(model, relid) != NULL)
		sync_intersect(fcinfo, relid);
	else
		enable_table(fcinfo, relid);
	PG_RETURN_VOID();
}

/* ---- disable ---- */

Datum
relmeta_disable_access_control(PG_FUNCTION_ARGS)
{
	Oid			relid = relmeta_argument_table(fcinfo, 0);
	Registration registration;

	lock_controlled(relid, &registration);
	if (!registration.access_control)
	{
		/* those of somebody else's may be left, see sync_strange() */
		ddl_links_of_end_sync(relid);
		PG_RETURN_VOID();
	}
	drop_owner_index(&registration);
	registration.access_control = false;
	registration.force_access_control = false;
	registration.everyone = 0;
	ddl_registration_control(&registration);
	ddl_triggers_sync(model_table_required(ddl_model(), relid));
	ddl_links_of_end_sync(relid);
	forget_plans(relid);
	PG_RETURN_VOID();
}
