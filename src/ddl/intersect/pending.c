/*
 * pending.c
 *		Completing pending N:N relationships: SEMANTICS 2.4, ARCHITECTURE §4.
 *
 * LOCKS.  Who makes a participant takes a lock of this purpose alone
 * (ddl_lock_completion) before he looks at the other one: of two sessions that
 * make one participant each, the second waits here and then sees the table of
 * the first.  Locks are taken in order of id.
 *
 * Nobody waits for anybody else.  A row that somebody is changing or dropping is
 * left to him: he looks again at his end (again.c).  A stranger's
 * declaration does not hold up the owner of a table that grants the stranger
 * nothing.  The table is made with a short lock_timeout: its name, its schema and
 * the other participant may be locked by whoever owns them.
 *
 * FAILURES are WARNINGs, of which a statement gets a few, and last_error.
 *
 * WHO RUNS WHAT.  The table is made as the declarer, whoever's statement
 * completes the relationship, in a subtransaction: a failure is a WARNING and
 * the relationship's last_error, never an error of that statement.
 */
#include "ddl/intersect/intersect.h"
#include "ddl/lock.h"

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
	return ddl_participant_key(side->relid, &problem) != NULL || problem != NULL;
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
	ModelKeyColumns *key;

	if (!OidIsValid(side->relid) ||
		!SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(intersect->declarer)))
		return false;
	key = ddl_participant_key(side->relid, &problem);
	return key != NULL &&
		(pg_class_aclcheck(side->relid, intersect->declarer, ACL_REFERENCES) == ACLCHECK_OK ||
		 model_columns_granted(key, side->relid, intersect->declarer, ACL_REFERENCES));
}

/* 42501 before anything is locked */
static void
check_rights(Intersect *intersect)
{
	for (int i = 0; i < 2; i++)
	{
		if (!may_reference(intersect, &intersect->side[i]))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("permission denied for table %s", intersect->side[i].table)));
	}
	if (!relmeta_may_create_in(get_namespace_oid(intersect->schema, false), intersect->declarer))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for schema %s", intersect->schema)));
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
	(void) ddl_intersect_is_complete(intersect);
	check_rights(intersect);
	number_table_name(intersect);

	saved = relmeta_act_begin(intersect->declarer, ACT_RESTRICTED);
	relid = ddl_intersect_create_table(intersect);
	relmeta_act_end(saved);

	ddl_intersect_row_completed(intersect, relid);

	saved = relmeta_act_begin(intersect->declarer, ACT_RESTRICTED);
	ddl_intersect_triggers_sync(model_intersect_required(ddl_model(), intersect->name));
	ddl_judged_sync(ddl_judged_by_links(NIL, model_intersect_required(ddl_model(), intersect->name)));
	relmeta_act_end(saved);
	return relid;
}

/* ---- one statement's ---- */

/* how many WARNINGs it gets */
#define MAX_WARNINGS 5

typedef struct Completion
{
	int			made;
	int			failed;
	DdlPatience patience;
	Intersect  *current;
} Completion;

static void
begin(Completion *completion)
{
	memset(completion, 0, sizeof(Completion));
}

/* The number of tables that were made. */
static int
end(Completion *completion)
{
	if (completion->failed > MAX_WARNINGS)
		ereport(WARNING,
				(errmsg_plural("%d more many-to-many relationship stays pending",
							   "%d more many-to-many relationships stay pending",
							   completion->failed - MAX_WARNINGS, completion->failed - MAX_WARNINGS),
				 errhint("See relmeta.many_to_many.last_error.")));
	return completion->made;
}

static void
report_failure(Completion *completion, Intersect *intersect, ErrorData *error)
{
	char	   *declarer = GetUserNameFromId(intersect->declarer, true);

	if (error->sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE)
		error->message = "what it needs is locked by another transaction";
	ddl_intersect_row_failed(intersect, error->message);
	if (++completion->failed > MAX_WARNINGS)
		return;
	ereport(WARNING,
			(errcode(error->sqlerrcode),
			 errmsg("many-to-many relationship \"%s\" stays pending: %s", intersect->name, error->message),
			 errdetail("Its intersect table %s is created as role %s.",
					   quote_qualified_identifier(intersect->schema, intersect->table),
					   quote_identifier(declarer ? declarer : "?")),
			 errhint("Call relmeta.repair() when that is mended.")));
}

static void
report_busy(Completion *completion, Intersect *intersect)
{
	if (++completion->failed > MAX_WARNINGS)
		return;
	ereport(WARNING,
			(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
			 errmsg("many-to-many relationship \"%s\" stays pending: another transaction is changing or dropping it",
					intersect->name),
			 errhint("Its intersect table is created when that commits; call relmeta.repair() when it rolls back.")));
}

/*
 * creating_extension is cleared: the table is the declarer's, not a member of
 * the extension whose script happens to complete the relationship.
 */
static void
attempt(void *arg)
{
	Completion *completion = arg;
	bool		saved_creating_extension = creating_extension;

	creating_extension = false;
	PG_TRY();
	{
		create_as_declarer(completion->current);
	}
	PG_FINALLY();
	{
		creating_extension = saved_creating_extension;
	}
	PG_END_TRY();
}

static void
create_in_subtransaction(Completion *completion, Intersect *intersect)
{
	ErrorData  *error;

	completion->current = intersect;
	error = ddl_attempt_briefly(attempt, completion, &completion->patience);
	if (error)
		report_failure(completion, intersect, error);
	else
		completion->made++;
}

/*
 * One relationship, of which side is known to be there now (NULL: look at both).
 */
static void
complete(Completion *completion, Intersect *candidate, IntersectSide *side)
{
	Intersect  *intersect;
	bool		busy;

	if (side && !side_is_ready(side))
		return;
	/* see LOCKS; when nothing is missing but a right, try, to say so */
	if (side && !is_ready(candidate) && !may_reference(candidate, side))
		return;

	ddl_lock_completion(candidate->id);
	intersect = ddl_intersect_pending_unlocked(candidate->id, &busy);
	if (intersect == NULL)
	{
		/* somebody else made it, dropped it, or is about to */
		if (busy && is_ready(candidate))
			report_busy(completion, candidate);
		return;
	}
	if (is_ready(intersect))
		create_in_subtransaction(completion, intersect);
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
	Completion	completion;
	ListCell   *lc;

	if (table == NULL)
		return 0;
	begin(&completion);
	foreach(lc, ddl_intersects_pending_table(relid, get_namespace_name(get_rel_namespace(relid)), table))
		complete(&completion, lfirst(lc), side_of(lfirst(lc), relid));
	return end(&completion);
}

static int
complete_ready(List *candidates)
{
	Completion	completion;
	ListCell   *lc;

	begin(&completion);
	foreach(lc, candidates)
	{
		if (is_ready(lfirst(lc)))
			complete(&completion, lfirst(lc), NULL);
	}
	return end(&completion);
}

int
ddl_intersect_complete_for_schema(Oid schema)
{
	char	   *name = get_namespace_name(schema);

	return name ? complete_ready(ddl_intersects_pending_schema(name)) : 0;
}

int
ddl_intersect_complete_all(void)
{
	return complete_ready(ddl_intersects_pending());
}

int
ddl_intersect_complete(int id)
{
	List	   *pending = ddl_intersect_pending_id(id);

	if (pending == NIL)
		return 0;
	ddl_lock_completion(id);	/* of those who make a participant now, too */
	return complete_ready(ddl_intersect_pending_id(id));
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
			(void) ddl_participant_key(side->relid, &problem);
		if (problem)
			return psprintf("\"%s\" cannot take part: %s", side->table ? side->table : "?", problem);
	}
	if (is_ready(intersect))
		return intersect->last_error ? intersect->last_error : "the intersect table has not been created";
	return NULL;
}
