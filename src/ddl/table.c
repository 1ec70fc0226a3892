/*
 * table.c
 *		register_table, unregister_table: SEMANTICS 2.2.
 */
#include "ddl/lock.h"
#include "ddl/policy.h"
#include "ddl/registration.h"
#include "ddl/relationship.h"

#include "access/access.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(relmeta_register_table);
PG_FUNCTION_INFO_V1(relmeta_unregister_table);

/* what register_table() was given; NULL keeps what is registered */
typedef struct Request
{
	Oid			relid;
	char	   *owner_column;	/* '' takes it away; so below */
	char	   *state_column;
	bool		has_active_states;
	List	   *active_states;
	char	   *inactive_state;
	bool		has_is_system;
	bool		is_system;
	bool		create_principals;
	bool		has_default_owner;
	bool		default_owner;
} Request;

static void
read_request(FunctionCallInfo fcinfo, Request *request)
{
	request->relid = relmeta_argument_table(fcinfo, 0);
	request->owner_column = relmeta_argument_name(fcinfo, 1);
	request->state_column = relmeta_argument_name(fcinfo, 2);
	request->has_active_states = !PG_ARGISNULL(3);
	request->active_states = relmeta_argument_texts(fcinfo, 3);
	request->inactive_state = relmeta_argument_text(fcinfo, 4);
	request->has_is_system = !PG_ARGISNULL(5);
	request->is_system = relmeta_argument_bool(fcinfo, 5);
	request->create_principals = relmeta_argument_bool(fcinfo, 6);
	request->has_default_owner = !PG_ARGISNULL(7);
	request->default_owner = relmeta_argument_bool(fcinfo, 7);
	if (request->has_active_states && request->active_states == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("active_states must name at least one state")));
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* ---- the registration asked for ---- */

static void
apply_column(char **column, char *request)
{
	if (request)
		*column = request[0] ? request : NULL;
}

/* States belong to their column: another one starts without. */
static void
apply_states(Registration *new, const Request *request)
{
	char	   *old_column = new->state_column;

	apply_column(&new->state_column, request->state_column);
	if (!same_text(old_column, new->state_column))
	{
		new->active_states = NIL;
		new->inactive_state = NULL;
	}
	if (request->has_active_states)
		new->active_states = request->active_states;
	if (request->inactive_state)
		new->inactive_state = request->inactive_state;
	ddl_registration_check_states(new);
}

static void
apply_request(Registration *new, const Request *request)
{
	new->key = ddl_primary_key(new->relid);
	apply_column(&new->owner_column, request->owner_column);
	apply_states(new, request);
	if (request->has_is_system)
		new->is_system = request->is_system;
	if (request->has_default_owner)
		new->default_owner = request->default_owner;
	else if (new->owner_column == NULL)
		new->default_owner = false;
	ddl_registration_check_owner_column(new);
}

/* ---- what relationships need of it ---- */

static bool
has_behavior(ModelRelationship *r, ModelBehavior behavior)
{
	for (int action = 0; action < MODEL_ACTIONS; action++)
	{
		if (r->behavior[action] == behavior)
			return true;
	}
	return false;
}

static bool
needs_owner(ModelRelationship *r, Oid relid)
{
	if (has_behavior(r, BEHAVIOR_USER_OWNED) || behavior_cascades(r->behavior[ACTION_ASSIGN]))
		return true;
	return r->primary->relid == relid &&
		(behavior_cascades(r->behavior[ACTION_REPARENT]) || behavior_cascades(r->behavior[ACTION_SHARE]));
}

static void
refuse_needed(const char *column, const char *needed_by)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("column \"%s\" cannot be taken away: relationship \"%s\" needs it", column, needed_by),
			 errhint("Change the relationship by relmeta.update_relationship() first.")));
}

/* The column that is taken away though the relationship needs it; NULL when it needs none. */
static char *
needed_column(ModelRelationship *r, const Registration *old, const Registration *new)
{
	bool		owner_goes = old->owner_column && new->owner_column == NULL;
	bool		state_goes = old->state_column && new->state_column == NULL;
	bool		is_related = r->related->relid == old->relid;

	if (owner_goes && (is_related || r->primary->relid == old->relid) && needs_owner(r, old->relid))
		return old->owner_column;
	if (state_goes && is_related && has_behavior(r, BEHAVIOR_ACTIVE))
		return old->state_column;
	return NULL;
}

List *
ddl_registration_needed_by(const Registration *old, const Registration *new)
{
	List	   *needing = NIL;
	ListCell   *lc;

	foreach(lc, model_relationships_of(ddl_model(), old->relid))
	{
		if (needed_column(lfirst(lc), old, new))
			needing = lappend(needing, lfirst(lc));
	}
	return needing;
}

static void
check_taken_away(const Registration *old, const Registration *new)
{
	List	   *needing = ddl_registration_needed_by(old, new);

	if (needing != NIL)
		refuse_needed(needed_column(linitial(needing), old, new), ((ModelRelationship *) linitial(needing))->name);
}

/* The policies of a controlled table are of its key and owner columns. */
static void
check_not_controlled(const Registration *old, const Registration *new)
{
	if (old->access_control &&
		(!same_text(old->owner_column, new->owner_column) || !model_columns_equal(old->key, new->key)))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the owner column of table \"%s\" cannot change while its access is controlled",
						get_rel_name(old->relid)),
				 errhint("Call relmeta.disable_access_control(%s) first.",
						 quote_literal_cstr(ddl_table_name(old->relid)))));
}

void
ddl_registration_check_change(const Registration *old, const Registration *new)
{
	check_taken_away(old, new);
	check_not_controlled(old, new);
}

/* Its relationships, judged by what is registered now. */
static void
check_relationships(Oid relid)
{
	Model	   *model = ddl_model();
	ListCell   *lc;

	foreach(lc, model_relationships_of(model, relid))
	{
		ModelRelationship *r = lfirst(lc);
		Declaration d;

		if (r->broken)
			continue;
		ddl_declaration_from_model(&d, r);
		ddl_check_declaration(model, &d);
	}
}

/* ---- register_table ---- */

static void
lock_table(Oid relid, bool exclusive)
{
	ddl_check_table(relid);
	(void) ddl_primary_key(relid);
	ddl_lock_tables(list_make1_oid(relid), exclusive ? list_make1_oid(relid) : NIL);
	ddl_check_table(relid);
	ddl_lock_registration(relid);
}

static void
register_new(const Registration *registration)
{
	model_columns_fill(registration->key);	/* for its errors */
	ddl_registration_insert(registration);
	if (registration->access_control)
		ddl_registration_control(registration);
}

static void
register_again(const Registration *old, const Registration *new)
{
	ddl_registration_check_change(old, new);
	ddl_registration_update(new);
	check_relationships(new->relid);
}

/* Tables below that have no owner store the principals of this one in their entries. */
void
ddl_registration_sync_entries(Oid relid)
{
	ListCell   *lc;

	access_entry_table_sync(relid);
	foreach(lc, model_as_primary(model_table_required(ddl_model(), relid)))
	{
		ModelRelationship *r = lfirst(lc);

		if (r->broken == NULL && r->related->relid != relid)
			access_entry_table_sync(r->related->relid);
	}
}

Datum
relmeta_register_table(PG_FUNCTION_ARGS)
{
	Request		request;
	Registration old;
	Registration new;
	bool		is_registered;
	bool		forced;

	read_request(fcinfo, &request);
	lock_table(request.relid, request.has_default_owner || request.owner_column ||
			   ddl_registration_is_lost(request.relid, &forced));
	if (request.create_principals)
		ddl_registration_check_may_create();

	is_registered = ddl_registration_read(request.relid, &old);
	new = old;
	if (!is_registered)
	{
		new.name = ddl_registration_new_name(request.relid);
		ddl_registration_take_up_control(&new);
	}
	apply_request(&new, &request);
	if (is_registered)
		register_again(&old, &new);
	else
		register_new(&new);

	ddl_registration_enter_owner_type(&new);
	if (new.owner_column && (request.create_principals || !same_text(old.owner_column, new.owner_column)))
		ddl_registration_check_owners(&new, request.create_principals);
	ddl_registration_sync_default(&old, &new);
	ddl_registration_sync_entries(request.relid);
	ddl_triggers_sync(model_table_required(ddl_model(), request.relid));
	PG_RETURN_VOID();
}

void
ddl_register_plain(Oid relid)
{
	Registration registration;

	if (ddl_registration_read(relid, &registration))
		return;
	ddl_registration_check_not_lost(relid);
	registration.name = ddl_registration_new_name(relid);
	registration.key = ddl_primary_key(relid);
	register_new(&registration);
	access_entry_table_sync(relid);
}

/* ---- unregister_table ---- */

static void
check_unused(Oid relid)
{
	List	   *relationships = model_relationships_of(ddl_model(), relid);
	char	   *name;

	if (relationships == NIL)
		return;
	name = ((ModelRelationship *) linitial(relationships))->name;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("table \"%s\" cannot be unregistered: relationship \"%s\" uses it",
					get_rel_name(relid), name),
			 errhint("Call relmeta.drop_relationship(%s) first.", quote_literal_cstr(name))));
}

static void
check_open(const Registration *registration)
{
	if (registration->access_control)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"%s\" cannot be unregistered: its access is controlled",
						get_rel_name(registration->relid)),
				 errhint("Call relmeta.disable_access_control(%s) first.",
						 quote_literal_cstr(ddl_table_name(registration->relid)))));
}

Datum
relmeta_unregister_table(PG_FUNCTION_ARGS)
{
	Oid			relid = relmeta_argument_table(fcinfo, 0);
	Registration registration;

	ddl_check_owner(relid);
	ddl_lock_tables(list_make1_oid(relid), list_make1_oid(relid));
	if (!ddl_registration_read(relid, &registration))
		(void) model_table_required(ddl_model(), relid);
	check_unused(relid);
	check_open(&registration);

	ddl_triggers_drop(relid);
	ddl_registration_sync_default(&registration, NULL);
	ddl_registration_delete(relid);
	access_entry_table_drop(registration.entry_table);
	PG_RETURN_VOID();
}
