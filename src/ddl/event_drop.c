/*
 * event_drop.c
 *		What was dropped: metadata goes with it, or the drop is refused.
 *
 * A table, however it was dropped (with a schema, an extension, by DROP OWNED),
 * takes its registration, its relationships and its entries along.  Of a table
 * that stays:
 *
 *	a lookup or type column			its relationships go too, and what was inherited through them
 *	the owner or state column		the registration does without it; 55000 while a relationship needs it
 *	the key column, the primary key	55000: unregister_table() first
 *	a key column, a key of an
 *	intersect table					0A000: drop_relationship() first
 *	a trigger of relmeta's			a warning
 *
 * relmeta drops no storage here: the intersect table of a participant that was
 * dropped stays, without its foreign key.
 */
#include "ddl/event.h"
#include "ddl/intersect.h"
#include "ddl/registration.h"
#include "ddl/relationship.h"

#include "access/access.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "job/job.h"
#include "job/job.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

static bool
is_type(DroppedObject *object, const char *type)
{
	return strcmp(object->type, type) == 0;
}

/* The table that a dropped constraint or trigger stood on; InvalidOid when it went too. */
static Oid
table_of(DroppedObject *object)
{
	Oid			schema;

	if (list_length(object->names) < 3)
		return InvalidOid;
	schema = get_namespace_oid(linitial(object->names), true);
	return OidIsValid(schema) ? get_relname_relid(lsecond(object->names), schema) : InvalidOid;
}

/* ---- bringing in line what stays ---- */

static void
sync_registered(Oid relid)
{
	ModelTable *table = model_table(ddl_model(), relid);

	if (table && table->broken == NULL)
		ddl_triggers_sync(table);
}

/* The other side of relationships that went. */
static void
sync_tables(List *relids)
{
	ListCell   *lc;

	foreach(lc, relids)
	{
		Oid			relid = lfirst_oid(lc);
		ModelTable *table = get_rel_name(relid) ? model_table(ddl_model(), relid) : NULL;

		if (table == NULL || table->broken)
			continue;
		access_entry_table_sync(relid);
		ddl_event_as_owner(relid, sync_registered);
	}
}

/* The lookup whose CHECK no longer names all of its targets; set for sync_type_check(). */
static Declaration *type_check_of;

static void
sync_type_check(Oid relid)
{
	ddl_type_check_sync(relid, type_check_of->lookup, type_check_of->type_column, true);
}

/*
 * What was inherited through relationships that went goes too, and below it, as
 * by drop_relationship(): nobody could take it away any more.
 */
static void
revoke_inherited(List *relationships, List *gone)
{
	ListCell   *lc;

	foreach(lc, relationships)
	{
		ModelRelationship *r = lfirst(lc);
		ModelTable *related;

		if (list_member_oid(gone, r->related->relid) || get_rel_name(r->related->relid) == NULL)
			continue;
		related = model_table(ddl_model(), r->related->relid);
		if (related == NULL || related->broken != NULL)
			continue;
		LockRelationOid(related->relid, ShareRowExclusiveLock);
		job_revoke_now(r);
	}
}

/* Deletes the rows of relationships (ModelRelationship *); adds tables that stay to *affected. */
static void
forget_relationships(List *relationships, List *gone, List **affected)
{
	ListCell   *lc;

	foreach(lc, relationships)
	{
		ModelRelationship *r = lfirst(lc);

		if (r->related->broken == NULL && !list_member_oid(gone, r->related->relid))
			job_revoke_now(r);
		ddl_declaration_delete(r->id);
		if (!list_member_oid(gone, r->primary->relid))
			*affected = list_append_unique_oid(*affected, r->primary->relid);
		if (!list_member_oid(gone, r->related->relid))
			*affected = list_append_unique_oid(*affected, r->related->relid);
	}
	revoke_inherited(relationships, gone);
	foreach(lc, relationships)
	{
		ModelRelationship *r = lfirst(lc);
		Declaration d;

		ddl_declaration_from_model(&d, r);
		if (d.type_column == NULL || list_member_oid(gone, d.related) || get_rel_name(d.related) == NULL)
			continue;
		type_check_of = &d;
		ddl_event_as_owner(d.related, sync_type_check);
	}
}

/* ---- tables ---- */

static List *
relationships_of(List *relids)
{
	List	   *found = NIL;
	ListCell   *lc;

	foreach(lc, model_relationships(ddl_model()))
	{
		ModelRelationship *r = lfirst(lc);

		if (list_member_oid(relids, r->primary->relid) || list_member_oid(relids, r->related->relid))
			found = lappend(found, r);
	}
	return found;
}

static void
forget_registration(Oid relid)
{
	Registration registration;

	if (!ddl_registration_read(relid, &registration))
		return;
	ddl_registration_delete(relid);
	access_entry_table_drop(registration.entry_table);
}

static void
drop_intersect_triggers(Oid relid)
{
	ddl_intersect_triggers_drop(relid);
}

static void
forget_intersects(List *gone)
{
	ListCell   *lc;

	foreach(lc, model_intersects(ddl_model()))
	{
		ModelIntersect *intersect = lfirst(lc);

		if (!list_member_oid(gone, intersect->relid) &&
			!list_member_oid(gone, intersect->table[0]) && !list_member_oid(gone, intersect->table[1]))
			continue;
		ddl_intersect_row_delete(intersect->id);
		if (OidIsValid(intersect->relid) && !list_member_oid(gone, intersect->relid) && intersect->sql_name)
			ddl_event_as_owner(intersect->relid, drop_intersect_triggers);
	}
}

/* gone: all tables that the statement dropped and that relmeta knew, known: as what */
static void
forget_tables(List *gone, int known, List **affected)
{
	ListCell   *lc;

	if (known & KNOWN_RELATED)
		forget_relationships(relationships_of(gone), gone, affected);
	if (known & (KNOWN_INTERSECT | KNOWN_PARTICIPANT))
		forget_intersects(gone);
	foreach(lc, gone)
	{
		if (known & KNOWN_REGISTERED)
			forget_registration(lfirst_oid(lc));
		if (known & KNOWN_SOURCE)
			model_source_dropped(lfirst_oid(lc));
	}
}

/* ---- columns of registered tables ---- */

static void
refuse_registered(Oid relid, const char *what, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("cannot drop %s of table \"%s\": it is registered", what, get_rel_name(relid)),
			 errhint("%s", hint)));
}

static char *
unregister_hint(Oid relid)
{
	return psprintf("Call relmeta.unregister_table(%s) first.", quote_literal_cstr(ddl_table_name(relid)));
}

/* the relationships whose lookup or type column it was */
static List *
relationships_by_column(Oid relid, const char *column)
{
	List	   *found = NIL;
	ListCell   *lc;

	foreach(lc, model_relationships(ddl_model()))
	{
		ModelRelationship *r = lfirst(lc);

		if (r->related->relid == relid &&
			((r->lookup.name && strcmp(r->lookup.name, column) == 0) ||
			 (r->type_column.name && strcmp(r->type_column.name, column) == 0)))
			found = lappend(found, r);
	}
	return found;
}

static bool
same_name(const char *a, const char *b)
{
	return a && strcmp(a, b) == 0;
}

/* Owner and state column: the registration without it, as register_table() with '' makes it. */
static void
take_column_away(Registration *registration, const char *column)
{
	Registration without = *registration;

	if (same_name(registration->owner_column, column))
	{
		without.owner_column = NULL;
		without.default_owner = false;
	}
	else
	{
		without.state_column = NULL;
		without.active_states = NIL;
		without.inactive_state = NULL;
	}
	ddl_registration_check_change(registration, &without);
	ddl_registration_update(&without);
}

static void
registered_column_dropped(Oid relid, const char *column, List **affected)
{
	Registration registration;

	if (!ddl_registration_read(relid, &registration))
		return;
	if (same_name(registration.key_column, column))
		refuse_registered(relid, "the key", unregister_hint(relid));
	if (same_name(registration.owner_column, column) || same_name(registration.state_column, column))
	{
		take_column_away(&registration, column);
		*affected = list_append_unique_oid(*affected, relid);
	}
}

/* ---- columns and constraints of intersect tables ---- */

static void
check_intersect(Oid relid)
{
	ModelIntersect *intersect = ddl_event_intersect(relid, true);
	char	   *problem;

	if (intersect == NULL || ddl_is_running())
		return;
	problem = ddl_intersect_keys_problem(intersect);
	if (problem)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot drop a key of \"%s\": it is the intersect table of relationship \"%s\"",
						get_rel_name(relid), intersect->name),
				 errdetail("Without it, %s.", problem),
				 errhint("Call relmeta.drop_relationship(%s) first, which keeps the table.",
						 quote_literal_cstr(intersect->name))));
}

/* ---- columns of an application's own tables of principals ---- */

/*
 * Nothing is refused: there is no call that would undo register_principals().
 * What came from the table stays, as after a drop of all of it.
 */
static void
source_column_dropped(Oid relid, const char *column)
{
	Oid			types[] = {REGCLASSOID, NAMEOID};
	Datum		values[] = {ObjectIdGetDatum(relid), DirectFunctionCall1(namein, CStringGetDatum(column))};

	ddl_catalog("DELETE FROM relmeta.principal_source"
				" WHERE relation = $1 AND (team_column = $2 OR member_column = $2)", 2, types, values, NULL);
	ddl_catalog("UPDATE relmeta.team_member SET source = NULL WHERE source = $1 AND NOT EXISTS"
				" (SELECT FROM relmeta.principal_source AS s WHERE s.relation = $1 AND s.kind IS NULL)",
				1, types, values, NULL);
	if (ddl_has_primary_key(relid, NULL))
		return;
	if (ddl_catalog("DELETE FROM relmeta.principal_source WHERE relation = $1 AND kind IS NOT NULL",
					1, types, values, NULL) > 0)
		ddl_catalog("UPDATE relmeta.principal SET source = NULL WHERE source = $1", 1, types, values, NULL);
}

/* ---- columns ---- */

/* What relmeta knows the table of a dropped column as; 0 when the table went too. */
static int
known_column(DroppedObject *object, List *gone)
{
	if (!is_type(object, "table column") || list_member_oid(gone, object->relid) ||
		get_rel_name(object->relid) == NULL)
		return 0;
	return model_known(object->relid);
}

/*
 * Relationships first, of all columns: an owner column may go together with the
 * lookup of the relationship that needs it.
 */
static void
columns_dropped(List *objects, List *gone, List **affected)
{
	ListCell   *lc;

	foreach(lc, objects)
	{
		DroppedObject *object = lfirst(lc);

		if (known_column(object, gone) & KNOWN_RELATED)
			forget_relationships(relationships_by_column(object->relid, llast(object->names)), gone, affected);
	}
	foreach(lc, objects)
	{
		DroppedObject *object = lfirst(lc);
		int			known = known_column(object, gone);

		if (known & KNOWN_REGISTERED)
			registered_column_dropped(object->relid, llast(object->names), affected);
		if (known & KNOWN_INTERSECT)
			check_intersect(object->relid);
		if (known & KNOWN_SOURCE)
			source_column_dropped(object->relid, llast(object->names));
	}
}

/* ---- constraints and triggers ---- */

static void
constraint_dropped(Oid relid)
{
	int			known;
	Registration registration;

	if (!OidIsValid(relid))
		return;
	known = model_known(relid);
	if (known & KNOWN_INTERSECT)
		check_intersect(relid);
	if ((known & KNOWN_REGISTERED) && !ddl_is_running() && ddl_registration_read(relid, &registration) &&
		!ddl_is_primary_key(relid, registration.key_column))
		refuse_registered(relid, "the primary key", unregister_hint(relid));
}

static void
warn_missing(List *problems, const char *hint)
{
	ListCell   *lc;

	foreach(lc, problems)
	{
		DdlTriggerProblem *problem = lfirst(lc);

		if (problem->is_disabled)
			continue;
		ereport(WARNING,
				(errmsg("trigger \"%s\" of relmeta on table \"%s\" %s",
						problem->trigger, get_rel_name(problem->relid), problem->problem),
				 errdetail("What relmeta does when the table's rows change is not done."),
				 errhint("%s", hint)));
		return;
	}
}

/* Tables whose triggers went; a registered table for its partitions. */
static void
triggers_dropped(List *objects)
{
	List	   *tables = NIL;
	ListCell   *lc;

	foreach(lc, objects)
	{
		Oid			relid = is_type(lfirst(lc), "trigger") ? table_of(lfirst(lc)) : InvalidOid;
		Oid			root = OidIsValid(relid) ? ddl_event_registered_root(relid) : InvalidOid;

		if (OidIsValid(root))
			tables = list_append_unique_oid(tables, root);
		if (OidIsValid(relid) && (model_known(relid) & KNOWN_INTERSECT))
			tables = list_append_unique_oid(tables, relid);
	}
	foreach(lc, tables)
	{
		ModelTable *table = model_table(ddl_model(), lfirst_oid(lc));
		ModelIntersect *intersect = ddl_event_intersect(lfirst_oid(lc), false);

		if (table && table->broken == NULL)
			warn_missing(ddl_triggers_problems(table),
						 "Call relmeta.repair(), or relmeta.unregister_table() to have the table left alone.");
		if (intersect && intersect->broken == NULL)
			warn_missing(ddl_intersect_triggers_problems(intersect),
						 "Call relmeta.repair(), or relmeta.drop_relationship() to have the table left alone.");
	}
}

void
ddl_event_objects_dropped(List *objects)
{
	List	   *gone = NIL;
	List	   *affected = NIL;
	int			known = 0;
	ListCell   *lc;

	foreach(lc, objects)
	{
		DroppedObject *object = lfirst(lc);
		int			bits = is_type(object, "table") ? model_known(object->relid) : 0;

		if (bits != 0)
			gone = lappend_oid(gone, object->relid);
		known |= bits;
	}
	if (gone != NIL)
		forget_tables(gone, known, &affected);
	columns_dropped(objects, gone, &affected);
	foreach(lc, objects)
	{
		if (is_type(lfirst(lc), "table constraint"))
			constraint_dropped(table_of(lfirst(lc)));
	}
	sync_tables(affected);
	if (!ddl_is_running())
		triggers_dropped(objects);
}
