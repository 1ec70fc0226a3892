/*
 * drop.c
 *		What was dropped: metadata goes with it, or the drop is refused.
 *
 * A table, however it was dropped (with a schema, an extension, by DROP OWNED),
 * takes its registration, its relationships and its entries along.  Of a table
 * that stays, drop_column.c looks at columns and constraints; of one of
 * relmeta's triggers there is a warning.
 */
#include "ddl/event/drop.h"
#include "ddl/intersect/intersect.h"
#include "ddl/registration.h"
#include "ddl/relationship.h"

#include "access/access.h"
#include "catalog/namespace.h"
#include "job/job.h"
#include "model/source.h"
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
		ActingAs	saved;

		if (table == NULL || table->broken)
			continue;
		access_entry_table_sync(relid);
		saved = relmeta_act_begin_on(relid, NoLock, ACT_RESTRICTED);
		sync_registered(relid);
		relmeta_act_end(saved);
	}
}

/* ---- tables ---- */

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
forget_intersects(Dropping *dropping)
{
	List	   *gone = dropping->gone;
	ListCell   *lc;

	foreach(lc, model_intersects(ddl_model()))
	{
		ModelIntersect *intersect = lfirst(lc);

		if (list_member_oid(gone, intersect->relid) ||
			list_member_oid(gone, intersect->table[0]) || list_member_oid(gone, intersect->table[1]))
			ddl_event_forget_intersect(intersect, dropping);
	}
}

/* known: as what relmeta knew the tables that are gone */
static void
forget_tables(Dropping *dropping, int known)
{
	ListCell   *lc;

	if (known & KNOWN_RELATED)
		ddl_event_forget_relationships(ddl_event_relationships_of(dropping->gone), dropping);
	if (known & (KNOWN_INTERSECT | KNOWN_PARTICIPANT))
		forget_intersects(dropping);
	foreach(lc, dropping->gone)
	{
		if (known & KNOWN_REGISTERED)
			forget_registration(lfirst_oid(lc));
		if (known & KNOWN_SOURCE)
			model_source_dropped(lfirst_oid(lc));
	}
}

/* ---- indexes ---- */

/*
 * One that enable_access_control() made is not its any more, whoever makes another one of the name.  Who drops tables
 * drops no other table's index.
 */
static void
indexes_dropped(List *objects)
{
	ListCell   *lc;

	foreach(lc, objects)
	{
		DroppedObject *object = lfirst(lc);

		if (is_type(object, "table") && object->original)
			return;
	}
	foreach(lc, objects)
	{
		DroppedObject *object = lfirst(lc);
		Oid			schema = is_type(object, "index") ? get_namespace_oid(linitial(object->names), true) : InvalidOid;

		if (OidIsValid(schema))
			ddl_registration_index_dropped(schema, llast(object->names));
	}
}

/* ---- triggers ---- */

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

/* What the statement names first: it is refused before anything goes on its account. */
static void
constraints_dropped(List *objects, bool original, Dropping *dropping)
{
	ListCell   *lc;

	foreach(lc, objects)
	{
		DroppedObject *object = lfirst(lc);

		if (is_type(object, "table constraint") && object->original == original)
			ddl_event_constraint_dropped(table_of(object), original, dropping);
	}
}

void
ddl_event_objects_dropped(List *objects)
{
	Dropping	dropping = {NIL};
	int			known = 0;
	ListCell   *lc;

	foreach(lc, objects)
	{
		DroppedObject *object = lfirst(lc);
		int			bits = is_type(object, "table") ? model_known(object->relid) : 0;

		if (bits != 0)
			dropping.gone = lappend_oid(dropping.gone, object->relid);
		known |= bits;
	}
	if (dropping.gone != NIL)
		forget_tables(&dropping, known);
	ddl_event_partitions_dropped(objects);
	ddl_event_columns_dropped(objects, &dropping);
	constraints_dropped(objects, true, &dropping);
	constraints_dropped(objects, false, &dropping);
	indexes_dropped(objects);
	sync_tables(dropping.affected);
	ddl_judged_sync(dropping.judged);
	if (!ddl_is_running())
		triggers_dropped(objects);
}
