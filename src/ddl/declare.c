/*
 * declare.c
 *		Steps of a declaration that 1:N relationships and multi-table lookups share.
 */
#include "ddl/lock.h"
#include "ddl/relationship.h"

#include "access/access.h"
#include "cascade/cascade.h"
#include "collect/long_key.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

void
ddl_declare_behaviors(FunctionCallInfo fcinfo, int argno, Declaration *d)
{
	char	   *preset = relmeta_argument_text(fcinfo, argno);

	model_preset_behaviors(preset ? preset : "referential", d->behavior);
	ddl_argument_behaviors(fcinfo, argno + 1, d->behavior);
	d->delete_named = !PG_ARGISNULL(argno + 1 + ACTION_DELETE);
	if (behavior_cascades(d->behavior[ACTION_SHARE]) && PG_ARGISNULL(argno + 1 + ACTION_UNSHARE))
		d->behavior[ACTION_UNSHARE] = BEHAVIOR_ALL;
}

/* ---- locks ---- */

static bool
lookup_changes(const Declaration *d)
{
	return d->required || model_columns_find(d->lookup, d->related) == NULL;
}

List *
ddl_declare_exclusive(const Declaration *d)
{
	if (d->foreign_key && ddl_foreign_key_disagrees(d))
		return list_make2_oid(d->related, d->primary);
	if (d->type_column || lookup_changes(d))
		return list_make1_oid(d->related);
	return NIL;
}

void
ddl_declare_lock(List *tables, List *exclusive)
{
	ListCell   *lc;

	foreach(lc, tables)
		ddl_check_table(lfirst_oid(lc));
	foreach(lc, tables)
		(void) ddl_primary_key(lfirst_oid(lc));
	ddl_lock_tables(tables, exclusive);
	foreach(lc, tables)
		ddl_check_table(lfirst_oid(lc));
}

/* ---- before and after the storage ---- */

ModelRelationship *
ddl_declare_existing(const Declaration *d)
{
	ListCell   *lc;

	foreach(lc, model_relationships_of(ddl_model(), d->related))
	{
		ModelRelationship *r = lfirst(lc);

		if (r->primary->relid == d->primary && r->related->relid == d->related &&
			model_columns_equal(d->lookup, &r->lookup))
			return r;
	}
	return NULL;
}

/* 0A000 for a system column; a missing one will be made */
static void
check_column(Oid relid, const char *column)
{
	if (column && get_attnum(relid, column) != InvalidAttrNumber)
		(void) ddl_column_required(relid, column);
}

void
ddl_declare_begin(const Declaration *d)
{
	Model	   *model;
	ListCell   *lc;

	foreach(lc, model_columns_names(d->lookup))
		check_column(d->related, lfirst(lc));
	check_column(d->related, d->type_column);
	ddl_register_plain(d->primary);
	ddl_register_plain(d->related);
	ddl_lock_relationship(d->primary, d->related);
	model = ddl_model();
	(void) model_table_required(model, d->primary);
	(void) model_table_required(model, d->related);
	ddl_check_declaration(model, d);
	ddl_check_lookup_type(d);
}

void
ddl_declare_end(Declaration *d)
{
	ddl_declaration_insert(d);
	model_relationship_check_usable(model_relationship_required(ddl_model(), d->name));
	ddl_declare_take_effect(d->name);
	ddl_declare_notices(d, NULL);
}

void
ddl_declare_take_effect(const char *name)
{
	ModelRelationship *r = model_relationship_required(ddl_model(), name);

	access_entry_table_sync(r->related->relid);
	r = model_relationship_required(ddl_model(), name);
	ddl_triggers_sync(r->primary);
	if (r->related != r->primary)
		ddl_triggers_sync(r->related);
	if (r->refuses_loops)
		cascade_check_loops(r);
	if (r->passes_access)
		collect_check_keys(r->related);
}

/* ---- NOTICEs ---- */

static bool
begins(const Declaration *d, const ModelBehavior *old, ModelAction action)
{
	return behavior_cascades(d->behavior[action]) && (old == NULL || !behavior_cascades(old[action]));
}

static bool
ends(const Declaration *d, const ModelBehavior *old, ModelAction action)
{
	return old && behavior_cascades(old[action]) && !behavior_cascades(d->behavior[action]);
}

/* SELECT FROM s.related AS r WHERE r.lookup IS NOT NULL [AND r.type = 'account'::text] */
static bool
has_links(const Declaration *d)
{
	return ddl_rows_exist_on(d->related, psprintf("SELECT FROM %s AS r WHERE %s", ddl_table_name(d->related),
												  ddl_lookup_is_set(d, "r")));
}

static void
notice_half(const Declaration *d, ModelAction ended, ModelAction other)
{
	ereport(NOTICE,
			(errmsg("relationship \"%s\" no longer cascades %s, but still cascades %s",
					d->name, model_action_name(ended), model_action_name(other)),
			 errdetail("Related rows go on inheriting access by %s.", model_action_name(other)),
			 errhint("Call relmeta.update_relationship(%s, %s => 'none') to end that too.",
					 quote_literal_cstr(d->name), model_action_name(other))));
}

void
ddl_declare_notices(const Declaration *d, const ModelBehavior *old)
{
	if ((begins(d, old, ACTION_SHARE) || begins(d, old, ACTION_REPARENT)) && has_links(d))
		ereport(NOTICE,
				(errmsg("relationship \"%s\" grants nothing on the rows that are already linked", d->name),
				 errhint("Call relmeta.reset_inherited_access(%s) to have them inherit.",
						 quote_literal_cstr(d->name))));
	if (ends(d, old, ACTION_SHARE) && behavior_cascades(d->behavior[ACTION_REPARENT]))
		notice_half(d, ACTION_SHARE, ACTION_REPARENT);
	if (ends(d, old, ACTION_REPARENT) && behavior_cascades(d->behavior[ACTION_SHARE]))
		notice_half(d, ACTION_REPARENT, ACTION_SHARE);
}
