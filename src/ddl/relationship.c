/*
 * relationship.c
 *		create_one_to_many, update_relationship, drop_relationship: SEMANTICS 2.3.
 */
#include "ddl/intersect_table.h"
#include "ddl/lock.h"
#include "ddl/relationship.h"

#include "access/access.h"
#include "job/job.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(relmeta_create_one_to_many);
PG_FUNCTION_INFO_V1(relmeta_update_relationship);

/* ---- create_one_to_many ---- */

static void
read_declaration(FunctionCallInfo fcinfo, Declaration *d)
{
	memset(d, 0, sizeof(Declaration));
	d->primary = relmeta_argument_table(fcinfo, 0);
	d->related = relmeta_argument_table(fcinfo, 1);
	d->lookup = ddl_argument_columns_required(fcinfo, 2);
	d->name = relmeta_argument_text(fcinfo, 3);
	ddl_declare_behaviors(fcinfo, 4, d);
	d->is_hierarchical = relmeta_argument_bool(fcinfo, 12);
	d->required = relmeta_argument_bool(fcinfo, 13);
	d->foreign_key = PG_ARGISNULL(14) || PG_GETARG_BOOL(14);
}

static void
refuse_existing(ModelRelationship *r)
{
	ereport(ERROR,
			(errcode(ERRCODE_DUPLICATE_OBJECT),
			 errmsg("column \"%s\" of table \"%s\" is already the lookup of relationship \"%s\"",
					model_columns_text(&r->lookup), get_rel_name(r->related->relid), r->name),
			 errhint("Call relmeta.update_relationship(%s, ...) to change its behaviors.",
					 quote_literal_cstr(r->name))));
}

/* A key there is would still act on its own, before relmeta's triggers do. */
static void
refuse_foreign_key(const Declaration *d)
{
	List	   *names = ddl_foreign_key_names(d);

	if (names != NIL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
				 errmsg("foreign key \"%s\" of table \"%s\" already guards lookup \"%s\"",
						(char *) linitial(names), get_rel_name(d->related), model_columns_text(d->lookup)),
				 errhint("Call with foreign_key => true to adopt it, or drop the constraint first.")));
}

static void
make_storage(const Declaration *d)
{
	ddl_lookup_ensure(d);
	if (d->foreign_key)
		ddl_foreign_key_ensure(d);
	else
	{
		refuse_foreign_key(d);
		ddl_check_orphans(d);
	}
}

Datum
relmeta_create_one_to_many(PG_FUNCTION_ARGS)
{
	Declaration d;
	bool		if_not_exists = relmeta_argument_bool(fcinfo, 15);
	ModelRelationship *existing;

	read_declaration(fcinfo, &d);
	ddl_check_table(d.primary);
	ddl_check_table(d.related);
	ddl_declare_lock(list_make2_oid(d.primary, d.related), ddl_declare_exclusive(&d));

	existing = ddl_declare_existing(&d);
	if (existing && !if_not_exists)
		refuse_existing(existing);
	if (existing)
	{
		ereport(NOTICE,
				(errmsg("relationship \"%s\" already exists, skipping", existing->name)));
		PG_RETURN_TEXT_P(cstring_to_text(existing->name));
	}

	ddl_declare_begin(&d);
	ddl_declaration_name(&d);
	make_storage(&d);
	ddl_declare_end(&d);
	PG_RETURN_TEXT_P(cstring_to_text(d.name));
}

/* ---- update_relationship ---- */

static void
refuse_many_to_many(const char *name)
{
	if (model_intersect_by_name(ddl_model(), name))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("relationship \"%s\" is a many-to-many relationship and has no behaviors", name),
				 errhint("Call relmeta.alter_many_to_many() to change its attributes.")));
}

/* The relationship, with its tables and what its rules look at locked. */
static ModelRelationship *
lock_relationship(const char *name, bool exclusive)
{
	ModelRelationship *r = model_relationship_required(ddl_model(), name);
	List	   *tables = list_make2_oid(r->primary->relid, r->related->relid);

	ddl_check_owner(r->primary->relid);
	ddl_check_owner(r->related->relid);
	ddl_lock_tables(tables, exclusive ? tables : NIL);
	ddl_lock_relationship(r->primary->relid, r->related->relid);

	/* it may have been dropped, and another made of its name, while we waited */
	r = model_relationship_required(ddl_model(), name);
	if (!list_member_oid(tables, r->primary->relid) || !list_member_oid(tables, r->related->relid))
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("relationship \"%s\" was concurrently dropped and made again", name)));
	return r;
}

/* SEMANTICS 2.3: when it turns share on and unshare is not given, unshare is all. */
static void
change_behaviors(FunctionCallInfo fcinfo, int argno, Declaration *d)
{
	bool		shared = behavior_cascades(d->behavior[ACTION_SHARE]);

	ddl_argument_behaviors(fcinfo, argno, d->behavior);
	if (!shared && behavior_cascades(d->behavior[ACTION_SHARE]) && PG_ARGISNULL(argno + ACTION_UNSHARE))
		d->behavior[ACTION_UNSHARE] = BEHAVIOR_ALL;
}

static bool
delete_changes(FunctionCallInfo fcinfo, int argno)
{
	return !PG_ARGISNULL(argno + ACTION_DELETE);
}

/* SEMANTICS 3.10: what was inherited by an action that no longer cascades stays until a job revokes it. */
static bool
ends_inheritance(const ModelBehavior *old, const ModelBehavior *new)
{
	return (behavior_cascades(old[ACTION_SHARE]) && !behavior_cascades(new[ACTION_SHARE])) ||
		(behavior_cascades(old[ACTION_REPARENT]) && !behavior_cascades(new[ACTION_REPARENT]));
}

Datum
relmeta_update_relationship(PG_FUNCTION_ARGS)
{
	char	   *name = relmeta_argument_text_required(fcinfo, 0);
	bool		revoke_inherited = PG_ARGISNULL(8) || PG_GETARG_BOOL(8);
	ModelRelationship *r;
	Declaration d;

	refuse_many_to_many(name);
	r = lock_relationship(name, delete_changes(fcinfo, 1));
	model_relationship_check_usable(r);
	ddl_declaration_from_model(&d, r);
	change_behaviors(fcinfo, 1, &d);
	ddl_check_declaration(ddl_model(), &d);
	if (d.foreign_key && delete_changes(fcinfo, 1))
		ddl_foreign_key_ensure(&d);
	ddl_declaration_update(&d);
	ddl_declare_take_effect(name);
	ddl_declare_notices(&d, r->behavior);
	if (revoke_inherited && ends_inheritance(r->behavior, d.behavior))
		PG_RETURN_INT64(job_enqueue(JOB_REVOKE, d.id, d.name));
	PG_RETURN_NULL();
}

/* ---- drop_relationship ---- */

static List *
existing_tables(ModelRelationship *r)
{
	List	   *tables = NIL;

	if (get_rel_name(r->primary->relid))
		tables = lappend_oid(tables, r->primary->relid);
	if (get_rel_name(r->related->relid))
		tables = list_append_unique_oid(tables, r->related->relid);
	return tables;
}

/* A relationship whose tables are both gone (restored stale) is nobody's but the extension's owner's. */
static void
check_may_drop(ModelRelationship *r)
{
	List	   *tables = existing_tables(r);
	ListCell   *lc;

	foreach(lc, tables)
		ddl_check_owner(lfirst_oid(lc));
	if (tables == NIL && !has_privs_of_role(GetUserId(), relmeta_extension_owner()))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of extension relmeta to drop relationship \"%s\", whose tables are gone",
						r->name)));
}

static ModelRelationship *
lock_for_drop(const char *name)
{
	ModelRelationship *r = model_relationship_required(ddl_model(), name);

	check_may_drop(r);
	ddl_lock_tables(existing_tables(r), existing_tables(r));
	r = model_relationship_required(ddl_model(), name);
	check_may_drop(r);
	return r;
}

/* Triggers watch what is left of the declarations. */
static void
sync_table(Oid relid)
{
	ModelTable *table = model_table(ddl_model(), relid);

	if (table == NULL || table->broken)
		return;
	access_entry_table_sync(relid);
	ddl_triggers_sync(table);
}

void
ddl_relationship_drop(const char *name, bool drop_storage)
{
	ModelRelationship *r = lock_for_drop(name);
	Declaration d;

	ddl_declaration_from_model(&d, r);
	if (r->broken == NULL)
		job_revoke_now(r);
	ddl_declaration_delete(d.id);
	sync_table(d.primary);
	if (d.related != d.primary)
		sync_table(d.related);
	if (d.type_column && get_rel_name(d.related))
		ddl_type_check_sync(&d, true);
	if (drop_storage)
		ddl_lookup_drop(&d);
}
