/*
 * policy.c
 *		The policies of controlled tables, their partitions and intersect tables
 *		(SEMANTICS 2.5, "Access control").
 *
 * A policy is relmeta's when it bears one of the names below and calls a function of
 * relmeta's; it is as it should be when its expressions, as PostgreSQL prints them, are those that
 * would be made.
 */
#include "ddl/policy_wanted.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_class.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_type.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

static const struct
{
	const char *name;
	const char *command;
	char		polcmd;
}			kinds[POLICIES] = {
	[POLICY_SELECT] = {"relmeta_select", "SELECT", ACL_SELECT_CHR},
	[POLICY_INSERT] = {"relmeta_insert", "INSERT", ACL_INSERT_CHR},
	[POLICY_UPDATE] = {"relmeta_update", "UPDATE", ACL_UPDATE_CHR},
	[POLICY_DELETE] = {"relmeta_delete", "DELETE", ACL_DELETE_CHR},
	[POLICY_LINK + POLICY_SELECT] = {"relmeta_link_select", "SELECT", ACL_SELECT_CHR},
	[POLICY_LINK + POLICY_INSERT] = {"relmeta_link_insert", "INSERT", ACL_INSERT_CHR},
	[POLICY_LINK + POLICY_UPDATE] = {"relmeta_link_update", "UPDATE", ACL_UPDATE_CHR},
	[POLICY_LINK + POLICY_DELETE] = {"relmeta_link_delete", "DELETE", ACL_DELETE_CHR},
};

static bool
is_restrictive(int kind)
{
	return kind >= POLICY_LINK;
}

/* ---- what does stand ---- */

static int
kind_named(const char *name)
{
	for (int i = 0; i < POLICIES; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return i;
	return -1;
}

static char *
expression_text(HeapTuple tuple, TupleDesc desc, AttrNumber attnum, Oid relid)
{
	bool		isnull;
	Datum		expression = heap_getattr(tuple, attnum, desc, &isnull);

	if (isnull)
		return NULL;
	return text_to_cstring(DatumGetTextPP(DirectFunctionCall2(pg_get_expr, expression, ObjectIdGetDatum(relid))));
}

static bool
is_for_public(HeapTuple tuple, TupleDesc desc)
{
	bool		isnull;
	Datum		roles = heap_getattr(tuple, Anum_pg_policy_polroles, desc, &isnull);
	Datum	   *values;
	int			n;

	if (isnull)
		return false;
	deconstruct_array(DatumGetArrayTypeP(roles), OIDOID, sizeof(Oid), true, TYPALIGN_INT, &values, NULL, &n);
	return n == 1 && DatumGetObjectId(values[0]) == ACL_ID_PUBLIC;
}

/* Of one of those names, and does it call a function of relmeta's? */
static bool
is_ours(int kind, Policy *policy)
{
	return kind >= 0 && ((policy->using && strstr(policy->using, "relmeta.")) ||
						 (policy->check && strstr(policy->check, "relmeta.")));
}

static void
read_policy(HeapTuple tuple, TupleDesc desc, Oid relid, int kind, Policy *policy)
{
	Form_pg_policy form = (Form_pg_policy) GETSTRUCT(tuple);

	policy->using = expression_text(tuple, desc, Anum_pg_policy_polqual, relid);
	policy->check = expression_text(tuple, desc, Anum_pg_policy_polwithcheck, relid);
	policy->is_plain = kind >= 0 && form->polpermissive == !is_restrictive(kind) &&
		form->polcmd == kinds[kind].polcmd && is_for_public(tuple, desc);
}

/* relmeta's policies on a relation; *others: are there any besides (char *: those that are permissive)? */
static void
standing_policies(Oid relid, Policy *standing, bool *exists, List **permissive, bool *others)
{
	Relation	catalog = table_open(PolicyRelationId, AccessShareLock);
	TupleDesc	desc = RelationGetDescr(catalog);
	ScanKeyData skey;
	SysScanDesc scan;
	HeapTuple	tuple;

	memset(standing, 0, POLICIES * sizeof(Policy));
	memset(exists, 0, POLICIES * sizeof(bool));
	*permissive = NIL;
	*others = false;
	ScanKeyInit(&skey, Anum_pg_policy_polrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(catalog, PolicyPolrelidPolnameIndexId, true, NULL, 1, &skey);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_policy form = (Form_pg_policy) GETSTRUCT(tuple);
		int			kind = kind_named(NameStr(form->polname));
		Policy		policy;

		read_policy(tuple, desc, relid, kind, &policy);
		if (!is_ours(kind, &policy))
		{
			*others = true;
			if (form->polpermissive)
				*permissive = lappend(*permissive, pstrdup(NameStr(form->polname)));
			continue;
		}
		exists[kind] = true;
		standing[kind] = policy;
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
}

static bool
same_expression(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool
is_as_wanted(Policy *wanted, Policy *standing)
{
	return standing->is_plain && same_expression(wanted->using, standing->using) &&
		same_expression(wanted->check, standing->check);
}

/* ---- making them so ---- */

static void
make_policy(Oid relid, int kind, Policy *policy)
{
	ddl_run("CREATE POLICY %s ON %s%s FOR %s%s%s%s%s%s%s", kinds[kind].name, ddl_table_name(relid),
			is_restrictive(kind) ? " AS RESTRICTIVE" : "", kinds[kind].command,
			policy->using ? " USING (" : "", policy->using ? policy->using : "", policy->using ? ")" : "",
			policy->check ? " WITH CHECK (" : "", policy->check ? policy->check : "", policy->check ? ")" : "");
}

static void
drop_policy(Oid relid, int kind)
{
	ddl_run("DROP POLICY %s ON %s", kinds[kind].name, ddl_table_name(relid));
}

/* names in printed expressions are qualified unless search_path finds them, and quoted where they need it */
static int
print_pinned(void)
{
	static const char *const settings[][2] = {
		{"search_path", "pg_catalog, pg_temp"},
		{"quote_all_identifiers", "off"},
	};
	int			level = NewGUCNestLevel();

	for (int i = 0; i < (int) lengthof(settings); i++)
		(void) set_config_option(settings[i][0], settings[i][1], PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true,
								 0, false);
	return level;
}

static void
row_security_state(Oid relid, bool *enabled, bool *forced)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));

	*enabled = *forced = false;
	if (!HeapTupleIsValid(tuple))
		return;
	*enabled = ((Form_pg_class) GETSTRUCT(tuple))->relrowsecurity;
	*forced = ((Form_pg_class) GETSTRUCT(tuple))->relforcerowsecurity;
	ReleaseSysCache(tuple);
}

/*
 * ALTER TABLE s.t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY
 */
static void
sync_row_security(Oid relid, bool wanted, bool force, bool others)
{
	bool		enabled;
	bool		forced;

	row_security_state(relid, &enabled, &forced);
	/* with policies of somebody else's it is not for us to take away */
	if (wanted != enabled && (wanted || !others))
		ddl_run("ALTER TABLE %s %s ROW LEVEL SECURITY", ddl_table_name(relid), wanted ? "ENABLE" : "DISABLE");
	if ((wanted && force) != forced && (wanted || !others))
		ddl_run("ALTER TABLE %s %s ROW LEVEL SECURITY", ddl_table_name(relid), wanted && force ? "FORCE" : "NO FORCE");
}

/* wanted NULL: none */
static void
sync_relation(Oid relid, Policy *wanted, bool force)
{
	Policy		standing[POLICIES];
	bool		exists[POLICIES];
	List	   *permissive;
	bool		others;
	bool		any = false;
	int			level = print_pinned();

	standing_policies(relid, standing, exists, &permissive, &others);
	for (int i = 0; i < POLICIES; i++)
	{
		bool		is_wanted = ddl_policy_is_wanted(wanted, i);

		any |= exists[i];
		if (wanted != NULL && wanted[i].is_kept)
			continue;
		if (exists[i] && !(is_wanted && is_as_wanted(&wanted[i], &standing[i])))
		{
			drop_policy(relid, i);
			exists[i] = false;
		}
		if (is_wanted && !exists[i])
			make_policy(relid, i, &wanted[i]);
	}
	if (any || wanted != NULL)
		sync_row_security(relid, wanted != NULL, force, others);
	AtEOXact_GUC(true, level);
}

static bool
policies_wanted(ModelTable *table, ModelIntersect *intersect, Oid relid, Policy **wanted)
{
	int			level = print_pinned();
	bool		known = ddl_policies_wanted(table, intersect, relid, wanted);

	AtEOXact_GUC(true, level);
	return known;
}

void
ddl_policies_sync(ModelTable *table, Oid relid)
{
	Policy	   *wanted;

	if (policies_wanted(table, model_intersect_by_table(ddl_model(), table->relid), relid, &wanted))
		sync_relation(relid, wanted, table->force_access_control);
}

void
ddl_link_policies_sync(ModelIntersect *intersect, Oid relid)
{
	ModelTable *table = model_table(ddl_model(), intersect->relid);
	bool		force = table != NULL && table->force_access_control;
	bool		forced;
	Policy	   *wanted;
	ListCell   *lc;

	if (table == NULL && ddl_policies_stand(relid, &forced))
		force = forced;
	foreach(lc, find_all_inheritors(relid, ShareRowExclusiveLock, NULL))
		if (policies_wanted(table, intersect, lfirst_oid(lc), &wanted))
		sync_relation(lfirst_oid(lc), wanted, force);
}

static bool
is_of_links(Policy *policy)
{
	static const char prefix[] = "relmeta.link_";

	return (policy->using && strncmp(policy->using, prefix, strlen(prefix)) == 0) ||
		(policy->check && strncmp(policy->check, prefix, strlen(prefix)) == 0);
}

void
ddl_policies_drop(Oid relid, bool of_links)
{
	Policy		standing[POLICIES];
	bool		exists[POLICIES];
	List	   *permissive;
	bool		others;
	int			level = print_pinned();

	standing_policies(relid, standing, exists, &permissive, &others);
	for (int i = 0; i < POLICIES; i++)
		if (exists[i] && is_of_links(&standing[i]) == of_links)
			drop_policy(relid, i);
	AtEOXact_GUC(true, level);
}

/* ---- verify() ---- */

static void
add_problem(List **problems, Oid relid, const char *object, char *problem, bool mends)
{
	DdlPolicyProblem *result = palloc(sizeof(DdlPolicyProblem));

	result->relid = relid;
	result->object = pstrdup(object);
	result->problem = problem;
	result->mends = mends;
	*problems = lappend(*problems, result);
}

static void
relation_problems(Oid relid, Policy *wanted, bool force, List **problems)
{
	Policy		standing[POLICIES];
	bool		exists[POLICIES];
	List	   *permissive;
	bool		others;
	bool		enabled;
	bool		forced;
	ListCell   *lc;
	int			level = print_pinned();

	standing_policies(relid, standing, exists, &permissive, &others);
	row_security_state(relid, &enabled, &forced);
	for (int i = 0; i < POLICIES; i++)
	{
		bool		is_wanted = ddl_policy_is_wanted(wanted, i);

		if (wanted != NULL && wanted[i].is_kept)
			continue;
		if (!is_wanted && exists[i])
			add_problem(problems, relid, kinds[i].name, "policy is superfluous", true);
		else if (is_wanted && !exists[i])
			add_problem(problems, relid, kinds[i].name, "policy is missing", true);
		else if (is_wanted && !is_as_wanted(&wanted[i], &standing[i]))
			add_problem(problems, relid, kinds[i].name, "policy is not as relmeta makes it", true);
	}
	if (wanted != NULL)
	{
		if (!enabled)
			add_problem(problems, relid, get_rel_name(relid), "its row-level security is off", true);
		if (force && !forced)
			add_problem(problems, relid, get_rel_name(relid), "its row-level security is not forced", true);
		foreach(lc, permissive)
			add_problem(problems, relid, lfirst(lc), "a permissive policy of somebody else's opens rows", false);
	}
	AtEOXact_GUC(true, level);
}

List *
ddl_policies_problems(ModelTable *table)
{
	ModelIntersect *intersect = model_intersect_by_table(ddl_model(), table->relid);
	Policy	   *wanted;
	List	   *problems = NIL;
	ListCell   *lc;

	/* nothing is locked: whoever looks stops nobody who drops */
	foreach(lc, find_all_inheritors(table->relid, NoLock, NULL))
		if (policies_wanted(table, intersect, lfirst_oid(lc), &wanted))
		relation_problems(lfirst_oid(lc), wanted, table->force_access_control, &problems);
	return problems;
}

/* Of one that is registered itself, ddl_policies_problems() tells. */
List *
ddl_link_policies_problems(ModelIntersect *intersect)
{
	ModelTable *table = model_table(ddl_model(), intersect->relid);
	Policy	   *wanted;
	List	   *problems = NIL;
	ListCell   *lc;

	if (table != NULL && table->broken == NULL)
		return NIL;
	foreach(lc, find_all_inheritors(intersect->relid, NoLock, NULL))
		if (policies_wanted(table, intersect, lfirst_oid(lc), &wanted))
		relation_problems(lfirst_oid(lc), wanted, false, &problems);
	return problems;
}
