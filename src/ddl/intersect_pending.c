/*
 * intersect_pending.c
 *		Completing pending N:N relationships: SEMANTICS 2.4, ARCHITECTURE §4.
 *
 * LOCKS.  The row is locked FOR UPDATE before the participants are looked at:
 * of two sessions that make one participant each, the second waits here and
 * then sees the table of the first.  Rows are locked in order of id.  Nobody
 * waits for a relationship whose declarer could not make the table anyway: a
 * stranger's declaration must not hold up the owner of a table that grants the
 * stranger nothing.
 *
 * WHO RUNS WHAT.  The table is made as the declarer, whoever's statement
 * completes the relationship, in a subtransaction: a failure is a WARNING and
 * the relationship's last_error, never an error of that statement.
 */
#include "ddl/intersect.h"

#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

static bool
side_is_ready(IntersectSide *side)
{
	char	   *problem;

	if (!OidIsValid(side->relid) || get_rel_name(side->relid) == NULL)
		return false;
	if (ddl_table_kind_problem(side->relid) != NULL)
		return true;			/* it will not get better: try, to say so */
	return ddl_intersect_participant_key(side->relid, &problem) != NULL || problem != NULL;
}

/* Whether both tables are there, with a primary key of any shape: nothing is left to wait for. */
static bool
is_ready(Intersect *intersect)
{
	return side_is_ready(&intersect->side[0]) && side_is_ready(&intersect->side[1]);
}

/*
 * Whether the declarer may reference a table that is there.  Column privileges
 * are enough for a foreign key.
 */
static bool
may_reference(Intersect *intersect, IntersectSide *side)
{
	char	   *problem;
	char	   *key;

	if (!OidIsValid(side->relid) ||
		!SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(intersect->declarer)))
		return false;
	key = ddl_intersect_participant_key(side->relid, &problem);
	return key != NULL &&
		(pg_class_aclcheck(side->relid, intersect->declarer, ACL_REFERENCES) == ACLCHECK_OK ||
		 pg_attribute_aclcheck(side->relid, get_attnum(side->relid, key), intersect->declarer,
							   ACL_REFERENCES) == ACLCHECK_OK);
}

/* The name was free when the relationship was declared; it may not be any more. */
static void
number_table_name(Intersect *intersect)
{
	char	   *base = intersect->table;
	Oid			schema = get_namespace_oid(intersect->schema, false);

	for (int i = 1; intersect->numbered &&
		 (OidIsValid(get_relname_relid(intersect->table, schema)) ||
		  SearchSysCacheExists2(TYPENAMENSP, CStringGetDatum(intersect->table), ObjectIdGetDatum(schema))); i++)
		intersect->table = ddl_numbered_name(base, i);
}

/* As the declarer, with nothing of the statement that completes the relationship around it. */
static Oid
create_as_declarer(Intersect *intersect)
{
	Oid			relid;
	ActingAs	saved;

	if (!SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(intersect->declarer)))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("the role that declared the relationship does not exist any more")));
	number_table_name(intersect);
	(void) ddl_intersect_is_complete(intersect);

	saved = relmeta_act_begin(intersect->declarer, ACT_RESTRICTED);
	relid = ddl_intersect_create_table(intersect);
	relmeta_act_end(saved);

	ddl_intersect_row_completed(intersect, relid);

	saved = relmeta_act_begin(intersect->declarer, ACT_RESTRICTED);
	ddl_intersect_triggers_sync(model_intersect_required(ddl_model(), intersect->name));
	relmeta_act_end(saved);
	return relid;
}

static void
report_failure(Intersect *intersect, ErrorData *error)
{
	ddl_intersect_row_failed(intersect, error->message);
	ereport(WARNING,
			(errcode(error->sqlerrcode),
			 errmsg("many-to-many relationship \"%s\" stays pending: %s", intersect->name, error->message),
			 errdetail("Its intersect table %s is created as role %s.",
					   quote_qualified_identifier(intersect->schema, intersect->table),
					   quote_identifier(GetUserNameFromId(intersect->declarer, true) ?
										GetUserNameFromId(intersect->declarer, true) : "?")),
			 errhint("Call relmeta.repair() when that is mended.")));
}

/*
 * creating_extension is cleared: the table is the declarer's, not a member of
 * the extension whose script happens to complete the relationship.
 */
static void
attempt(void *arg)
{
	bool		saved_creating_extension = creating_extension;

	creating_extension = false;
	PG_TRY();
	{
		create_as_declarer(arg);
	}
	PG_FINALLY();
	{
		creating_extension = saved_creating_extension;
	}
	PG_END_TRY();
}

static bool
create_in_subtransaction(Intersect *intersect)
{
	ErrorData  *error = ddl_attempt(attempt, intersect);

	if (error)
		report_failure(intersect, error);
	return error == NULL;
}

/*
 * One relationship, of which side is known to be there now (NULL: look at both).
 */
static bool
complete(Intersect *candidate, IntersectSide *side)
{
	Intersect  *intersect;

	if (side && !side_is_ready(side))
		return false;
	/* see LOCKS; when nothing is missing but a right, try, to say so */
	if (side && !is_ready(candidate) && !may_reference(candidate, side))
		return false;

	intersect = ddl_intersect_pending_locked(candidate->id);
	if (intersect == NULL)
		return false;			/* somebody else made it, or dropped it */
	if (!is_ready(intersect))
		return false;
	return create_in_subtransaction(intersect);
}

static IntersectSide *
side_of(Intersect *intersect, Oid relid)
{
	return intersect->side[0].relid == relid ? &intersect->side[0] : &intersect->side[1];
}

int
ddl_intersect_complete_for_table(Oid relid)
{
	char	   *table = get_rel_name(relid);
	int			made = 0;
	ListCell   *lc;

	if (table == NULL)
		return 0;
	foreach(lc, ddl_intersects_pending_table(relid, get_namespace_name(get_rel_namespace(relid)), table))
		made += complete(lfirst(lc), side_of(lfirst(lc), relid));
	return made;
}

int
ddl_intersect_complete_for_schema(Oid schema)
{
	char	   *name = get_namespace_name(schema);
	int			made = 0;
	ListCell   *lc;

	if (name == NULL)
		return 0;
	foreach(lc, ddl_intersects_pending_schema(name))
	{
		if (is_ready(lfirst(lc)))
			made += complete(lfirst(lc), NULL);
	}
	return made;
}

int
ddl_intersect_complete_all(void)
{
	int			made = 0;
	ListCell   *lc;

	foreach(lc, ddl_intersects_pending())
	{
		if (is_ready(lfirst(lc)))
			made += complete(lfirst(lc), NULL);
	}
	return made;
}

/* For verify(): to wait for a table that nobody has made yet is no problem. */
char *
ddl_intersect_pending_problem(Intersect *intersect)
{
	for (int i = 0; i < 2; i++)
	{
		IntersectSide *side = &intersect->side[i];
		char	   *problem;

		if (!OidIsValid(side->relid))
			continue;
		problem = ddl_table_kind_problem(side->relid);
		if (problem == NULL)
			(void) ddl_intersect_participant_key(side->relid, &problem);
		if (problem)
			return psprintf("\"%s\" cannot take part: %s", side->table ? side->table : "?", problem);
	}
	if (is_ready(intersect))
		return intersect->last_error ? intersect->last_error : "the intersect table has not been created";
	return NULL;
}
