/*
 * drop_column.c
 *		Columns and constraints that were dropped from tables that stay.
 *
 * What the statement itself names (original) is refused where relmeta needs it:
 * there is a call to be made first.  What goes with something else, a type, an
 * extension, a schema, a participant's key, goes whoever declared what stood on
 * it: the registration, relationships and entries go too, with a NOTICE.  A
 * type's owner shall be able to drop it, and who merely references a table
 * does not stop its owner from changing it.
 *
 *						named				with something else
 *	lookup, type		its relationships go too, and what was inherited through them
 *	owner, state		the registration does without it
 *						55000 if needed		and the relationships that need it go
 *	key, primary key	55000				the registration goes, and its relationships
 *	key of an intersect	0A000				the N:N goes
 *	column of an entry	-					the entries go
 */
#include "ddl/event/drop.h"
#include "ddl/follow.h"
#include "ddl/intersect/intersect.h"
#include "ddl/registration.h"

#include "access/access.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "model/source.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* a registration that loses columns; the row of relmeta.registered_table is written at once */
typedef struct Losing
{
	Registration old;
	Registration new;
	bool		named;			/* the statement names an owner or state
								 * column of it */
} Losing;

static bool
same_name(const char *a, const char *b)
{
	return a && strcmp(a, b) == 0;
}

static void
notice_gone(const char *what, const char *name)
{
	ereport(NOTICE,
			(errmsg("drop cascades to %s \"%s\"", what, name)));
}

/* What relmeta knows the table of a dropped column as; 0 when the table went too. */
static int
known_column(DroppedObject *object, Dropping *dropping)
{
	if (strcmp(object->type, "table column") != 0 || list_member_oid(dropping->gone, object->relid) ||
		get_rel_name(object->relid) == NULL)
		return 0;
	return model_known(object->relid);
}

/* ---- entry tables ---- */

/* The table whose entries are kept in relid; InvalidOid. */
static Oid
table_of_entries(Oid relid)
{
	Oid			types[] = {REGCLASSOID};
	Datum		values[] = {ObjectIdGetDatum(relid)};
	Oid			table = InvalidOid;
	bool		isnull;

	SPI_connect();
	ddl_query_latest("SELECT t.relation FROM relmeta.registered_table AS t"
					 " WHERE t.entry_table OPERATOR(pg_catalog.=) $1::pg_catalog.oid", 1, types, values);
	if (SPI_processed > 0)
		table = DatumGetObjectId(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	SPI_finish();
	return table;
}

/* An entry table without keys or principals is none: its table gets another one. */
static void
entries_lost(List *objects, Dropping *dropping)
{
	ListCell   *lc;

	foreach(lc, objects)
	{
		DroppedObject *object = lfirst(lc);
		Registration registration;
		Oid			relid;

		if (strcmp(object->type, "table column") != 0 || strcmp(linitial(object->names), RELMETA_ACCESS_SCHEMA) != 0 ||
			get_rel_name(object->relid) == NULL ||
			(get_attnum(object->relid, "object") != InvalidAttrNumber &&
			 get_attnum(object->relid, "principal") != InvalidAttrNumber))
			continue;
		relid = table_of_entries(object->relid);
		if (!OidIsValid(relid) || !ddl_registration_read(relid, &registration))
			continue;
		access_entry_table_drop(registration.entry_table);
		dropping->affected = list_append_unique_oid(dropping->affected, relid);
	}
}

/* ---- the registration ---- */

static void
refuse_registered(Oid relid, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("cannot drop %s of table \"%s\": it is registered", what, get_rel_name(relid)),
			 errhint("Call relmeta.unregister_table(%s) first.", quote_literal_cstr(ddl_table_name(relid)))));
}

/* As unregister_table() does it, relationships included. */
static void
registration_goes(Oid relid, Dropping *dropping)
{
	Registration registration;
	ActingAs	saved;
	ListCell   *lc;
	List	   *relationships = ddl_event_relationships_of(list_make1_oid(relid));

	foreach(lc, relationships)
		notice_gone("relationship", ((ModelRelationship *) lfirst(lc))->name);
	if (!ddl_registration_read(relid, &registration))
		return;
	notice_gone("the registration of table", get_rel_name(relid));
	ddl_event_forget_relationships(relationships, dropping);
	dropping->affected = list_delete_oid(dropping->affected, relid);
	ddl_registration_delete(relid);
	access_entry_table_drop(registration.entry_table);
	saved = relmeta_act_begin_on(relid, NoLock, ACT_RESTRICTED);
	ddl_triggers_drop(relid);
	relmeta_act_end(saved);
}

static void
take_column_away(Registration *registration, const char *column)
{
	if (same_name(registration->owner_column, column))
	{
		registration->owner_column = NULL;
		registration->default_owner = false;
	}
	if (same_name(registration->state_column, column))
	{
		registration->state_column = NULL;
		registration->active_states = NIL;
		registration->inactive_state = NULL;
	}
}

static Losing *
losing_of(List **losing, Registration *registration)
{
	Losing	   *result;
	ListCell   *lc;

	foreach(lc, *losing)
	{
		result = lfirst(lc);
		if (result->old.relid == registration->relid)
			return result;
	}
	result = palloc0(sizeof(Losing));
	result->old = *registration;
	result->new = *registration;
	*losing = lappend(*losing, result);
	return result;
}

/*
 * Losing *: registrations without their owner and state columns that went,
 * written already, so that the model can use the tables; adds those whose key
 * went to *keyless (Oid).
 */
static List *
take_columns_away(List *objects, Dropping *dropping, List **keyless)
{
	List	   *losing = NIL;
	ListCell   *lc;

	foreach(lc, objects)
	{
		DroppedObject *object = lfirst(lc);
		char	   *column = llast(object->names);
		Registration registration;
		Losing	   *l;

		if ((known_column(object, dropping) & KNOWN_REGISTERED) == 0 ||
			!ddl_registration_read(object->relid, &registration))
			continue;
		if (model_columns_have(registration.key, column))
		{
			if (object->original)
				refuse_registered(object->relid, "the key");
			*keyless = list_append_unique_oid(*keyless, object->relid);
		}
		if (!same_name(registration.owner_column, column) && !same_name(registration.state_column, column))
			continue;
		l = losing_of(&losing, &registration);
		l->named |= object->original;
		take_column_away(&l->new, column);
		ddl_registration_update(&l->new);
		dropping->affected = list_append_unique_oid(dropping->affected, object->relid);
	}
	return losing;
}

/* Of what went with something else: the relationships that need it go too. */
static void
needing_go(List *losing, Dropping *dropping)
{
	ListCell   *lc;

	foreach(lc, losing)
	{
		Losing	   *l = lfirst(lc);
		List	   *needing = l->named ? NIL : ddl_registration_needed_by(&l->old, &l->new);
		ListCell   *lc2;

		foreach(lc2, needing)
			notice_gone("relationship", ((ModelRelationship *) lfirst(lc2))->name);
		ddl_event_forget_relationships(needing, dropping);
	}
}

/*
 * What a statement names.  What went with something else goes, also of a controlled table, whose policies do
 * without the owner from now on: whoever owns a type is not stopped by tables of others.
 */
static void
refuse_needed(List *losing)
{
	ListCell   *lc;

	foreach(lc, losing)
	{
		Losing	   *l = lfirst(lc);

		if (l->named)
			ddl_registration_check_change(&l->old, &l->new);
	}
}

/* ---- relationships ---- */

/* those whose lookup or type column it was */
static List *
relationships_by_column(Oid relid, const char *column)
{
	List	   *found = NIL;
	ListCell   *lc;

	foreach(lc, model_relationships_of(ddl_model(), relid))
	{
		ModelRelationship *r = lfirst(lc);

		if (r->related->relid == relid &&
			(model_columns_have(&r->lookup, column) || same_name(r->type_column.name, column)))
			found = lappend(found, r);
	}
	return found;
}

static void
lookups_dropped(List *objects, Dropping *dropping)
{
	ListCell   *lc;

	foreach(lc, objects)
	{
		DroppedObject *object = lfirst(lc);

		if (known_column(object, dropping) & KNOWN_RELATED)
			ddl_event_forget_relationships(relationships_by_column(object->relid, llast(object->names)), dropping);
	}
}

/* ---- intersect tables ---- */

static void
refuse_intersect(ModelIntersect *intersect, const char *problem)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot drop a key of \"%s\": it is the intersect table of relationship \"%s\"",
					get_rel_name(intersect->relid), intersect->name),
			 errdetail("Without it, %s.", problem),
			 errhint("Call relmeta.drop_relationship(%s) first, which keeps the table.",
					 quote_literal_cstr(intersect->name))));
}

static void
check_intersect(Oid relid, bool original, Dropping *dropping)
{
	ModelIntersect *intersect = ddl_event_intersect(relid, true);
	char	   *problem;

	if (intersect == NULL || ddl_is_running())
		return;
	problem = ddl_intersect_keys_problem(intersect);
	if (problem == NULL)
		return;
	if (original)
		refuse_intersect(intersect, problem);
	notice_gone("many-to-many relationship", intersect->name);
	ddl_event_forget_intersect(intersect, dropping);
}

/* Of one table, what the statement names counts first. */
static void
intersect_columns_dropped(List *objects, Dropping *dropping, bool original)
{
	ListCell   *lc;

	foreach(lc, objects)
	{
		DroppedObject *object = lfirst(lc);

		if (object->original == original && (known_column(object, dropping) & KNOWN_INTERSECT))
			check_intersect(object->relid, original, dropping);
	}
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

	if (ddl_catalog("DELETE FROM relmeta.principal_source"
					" WHERE relation = $1 AND (team_column = $2 OR member_column = $2)", 2, types, values, NULL) > 0)
		model_source_forget_pairs(relid);
	if (ddl_find_primary_key(relid) != NULL)
		return;
	if (ddl_catalog("DELETE FROM relmeta.principal_source WHERE relation = $1 AND kind IS NOT NULL",
					1, types, values, NULL) > 0)
		ddl_catalog("UPDATE relmeta.principal SET source = NULL WHERE source = $1", 1, types, values, NULL);
}

static void
source_columns_dropped(List *objects, Dropping *dropping)
{
	ListCell   *lc;

	foreach(lc, objects)
	{
		DroppedObject *object = lfirst(lc);

		if (known_column(object, dropping) & KNOWN_SOURCE)
			source_column_dropped(object->relid, llast(object->names));
	}
}

/* ---- higher rooms ---- */

static void
tell_followers(List *objects, Dropping *dropping)
{
	ListCell   *lc;

	foreach(lc, objects)
	{
		DroppedObject *object = lfirst(lc);

		if (known_column(object, dropping) & (KNOWN_REGISTERED | KNOWN_PARTICIPANT))
			ddl_tell_column_dropped(object->relid, llast(object->names));
	}
}

/* ---- all of it ---- */

/*
 * The registrations first, so that what is inherited can be looked at; then
 * relationships, of all columns: an owner column may go together with the lookup
 * of the relationship that needs it.
 */
void
ddl_event_columns_dropped(List *objects, Dropping *dropping)
{
	List	   *keyless = NIL;
	List	   *losing;
	ListCell   *lc;

	entries_lost(objects, dropping);
	losing = take_columns_away(objects, dropping, &keyless);
	lookups_dropped(objects, dropping);
	foreach(lc, keyless)
		registration_goes(lfirst_oid(lc), dropping);
	needing_go(losing, dropping);
	refuse_needed(losing);
	intersect_columns_dropped(objects, dropping, true);
	intersect_columns_dropped(objects, dropping, false);
	source_columns_dropped(objects, dropping);
	tell_followers(objects, dropping);
}

/* A constraint of a table that stays; its columns may, too. */
void
ddl_event_constraint_dropped(Oid relid, bool original, Dropping *dropping)
{
	int			known;
	Registration registration;

	if (!OidIsValid(relid))
		return;
	known = model_known(relid);
	if (known & KNOWN_INTERSECT)
		check_intersect(relid, original, dropping);
	if ((known & KNOWN_REGISTERED) == 0 || ddl_is_running() || !ddl_registration_read(relid, &registration) ||
		ddl_is_primary_key(relid, registration.key))
		return;
	if (original)
		refuse_registered(relid, "the primary key");
	registration_goes(relid, dropping);
}
