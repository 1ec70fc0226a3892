/*
 * intersect.c
 *		verify(): N:N relationships.
 */
#include "ddl/verify/verify.h"

#include "ddl/intersect/intersect.h"
#include "ddl/policy.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

static char *
drop_call(const char *name)
{
	return psprintf("SELECT relmeta.drop_relationship(%s)", quote_literal_cstr(name));
}

static bool
is_gone(Oid relid)
{
	return OidIsValid(relid) && get_rel_name(relid) == NULL;
}

/* Their table's registration is lost: links with it are nobody's until it is back. */
static void
verify_ends(ModelIntersect *intersect, List **problems)
{
	for (int i = 0; i < 2; i++)
		if (ddl_link_end_is_lost(intersect, i))
			ddl_verify_add(problems, intersect->relid, intersect->name,
						   psprintf("access to table \"%s\" was controlled, and it is not registered: links with it"
									" are shown to nobody", get_rel_name(intersect->table[i])),
						   psprintf("SELECT relmeta.register_table(%s)",
									quote_literal_cstr(ddl_table_name(ddl_partition_root(intersect->table[i])))),
						   MEND_BY_HAND, intersect);
}

static void
verify_one(Model *model, void *subject, List **problems)
{
	ModelIntersect *intersect = subject;
	char	   *problem;
	int			side;

	if (is_gone(intersect->relid) || is_gone(intersect->table[0]) || is_gone(intersect->table[1]))
	{
		ddl_verify_add(problems, intersect->relid, intersect->name,
					   intersect->broken ? intersect->broken : "a table of it does not exist",
					   NULL, MEND_FORGET_INTERSECT, intersect);
		return;
	}
	if (!OidIsValid(intersect->relid))
		return;
	problem = ddl_intersect_keys_problem(intersect);
	if (problem)
		ddl_verify_add(problems, intersect->relid, intersect->name, problem, drop_call(intersect->name),
					   MEND_BY_HAND, intersect);
	problem = ddl_inheritance_problem(intersect->relid);
	if (problem)
		ddl_verify_add(problems, intersect->relid, intersect->name, problem, drop_call(intersect->name),
					   MEND_BY_HAND, intersect);
	if (intersect->broken)
		return;
	ddl_verify_add_triggers(problems, ddl_intersect_triggers_problems(intersect), MEND_INTERSECT, intersect);
	ddl_verify_link_control(intersect, problems);
	verify_ends(intersect, problems);
	side = intersect->is_adopted ? -1 : ddl_intersect_index_missing(intersect);
	if (side >= 0)
		ddl_verify_add(problems, intersect->relid, model_columns_text(&intersect->column[side]),
					   "key column has no index", NULL, MEND_INTERSECT, intersect);
}

/* Relationships that merely wait for a table are no problem. */
static void
verify_pending(Model *model, void *subject, List **problems)
{
	Intersect  *pending = subject;
	char	   *problem = ddl_intersect_pending_problem(pending);

	if (problem)
		ddl_verify_add(problems, pending->side[0].relid, pending->name,
					   psprintf("is pending: %s", problem), NULL, MEND_PENDING, pending);
}

void
ddl_verify_intersects(Model *model, List **problems)
{
	ListCell   *lc;

	foreach(lc, model_intersects(model))
	{
		ModelIntersect *intersect = lfirst(lc);

		ddl_verify_look(model, verify_one, intersect, intersect->relid, intersect->name, problems);
	}
	foreach(lc, ddl_intersects_pending())
	{
		Intersect  *pending = lfirst(lc);

		ddl_verify_look(model, verify_pending, pending, InvalidOid, pending->name, problems);
	}
}
