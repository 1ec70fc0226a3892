/*
 * policy.c
 *		The policies of controlled tables, their partitions and intersect tables
 *		(SEMANTICS 2.5, "Access control").
 *
 * A policy is relmeta's when it bears one of the names below and calls a function of
 * relmeta's; it is as it should be when its expressions, as PostgreSQL prints them, are those that
 * would be made.
 *
 *	CREATE POLICY relmeta_select ON s.t FOR SELECT USING (relmeta.owned('s.t'::text, 1, owner_id)
 *		OR relmeta.shared('s.t'::text, 1, id) OR relmeta.noted('s.t'::text, id, owner_id))
 *	CREATE POLICY relmeta_insert ON s.t FOR INSERT WITH CHECK (relmeta.inserts('s.t'::text, id, owner_id))
 *	CREATE POLICY relmeta_update ON s.t FOR UPDATE USING (relmeta.owned('s.t'::text, 2, owner_id)
 *		OR relmeta.shared('s.t'::text, 2, id)) WITH CHECK (... OR relmeta.noted('s.t'::text, id, owner_id))
 *	CREATE POLICY relmeta_delete ON s.t FOR DELETE USING (relmeta.owned('s.t'::text, 65536, owner_id)
 *		OR relmeta.shared('s.t'::text, 65536, id))
 */
#include "ddl/policy.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_class.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

enum
{
	POLICY_SELECT,
	POLICY_INSERT,
	POLICY_UPDATE,
	POLICY_DELETE,
	POLICIES
};

static const struct
{
	const char *name;
	const char *command;
}			kinds[POLICIES] = {
	[POLICY_SELECT] = {"relmeta_select", "SELECT"},
	[POLICY_INSERT] = {"relmeta_insert", "INSERT"},
	[POLICY_UPDATE] = {"relmeta_update", "UPDATE"},
	[POLICY_DELETE] = {"relmeta_delete", "DELETE"},
};

/* a policy's two expressions, in parentheses as PostgreSQL prints them; NULL: none */
typedef struct Policy
{
	char	   *using;
	char	   *check;
	bool		is_plain;		/* permissive, for this command and for PUBLIC */
} Policy;

/* ---- what should stand ---- */

static char *
row_arguments(ModelTable *table)
{
	char	   *key = model_key_sql(table, NULL);

	return table->owner.name ? psprintf("%s, %s", key, quote_identifier(table->owner.name)) : key;
}

/* relmeta.owned('s.t'::text, 2, owner_id) OR relmeta.shared('s.t'::text, 2, id) [OR more] */
static char *
holds(ModelTable *table, int32 right, const char *more)
{
	char	   *name = ddl_printed_literal(table->stable_name);
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfoChar(&buf, '(');
	if (table->owner.name)
		appendStringInfo(&buf, "relmeta.owned(%s::text, %d, %s) OR ", name, right,
						 quote_identifier(table->owner.name));
	appendStringInfo(&buf, "relmeta.shared(%s::text, %d, %s)", name, right, model_key_sql(table, NULL));
	if (more)
		appendStringInfo(&buf, " OR %s", more);
	appendStringInfoChar(&buf, ')');
	if (!table->owner.name && !more)
	{
		/* one call is printed without parentheses */
		buf.data[buf.len - 1] = '\0';
		return buf.data + 1;
	}
	return buf.data;
}

static void
table_policies(ModelTable *table, Policy *wanted)
{
	char	   *name = ddl_printed_literal(table->stable_name);
	char	   *arguments = row_arguments(table);
	char	   *noted = psprintf("relmeta.noted(%s::text, %s)", name, arguments);

	wanted[POLICY_SELECT].using = holds(table, RIGHT_READ, noted);
	wanted[POLICY_INSERT].check = psprintf("relmeta.inserts(%s::text, %s)", name, arguments);
	wanted[POLICY_UPDATE].using = holds(table, RIGHT_WRITE, NULL);
	wanted[POLICY_UPDATE].check = holds(table, RIGHT_WRITE, noted);
	wanted[POLICY_DELETE].using = holds(table, RIGHT_DELETE, NULL);
}

/*
 *	... ON s.student_course FOR SELECT USING (relmeta.link_shown('student_course'::text, 1, student_id, course_id))
 *	... FOR INSERT WITH CHECK (relmeta.link_judged('student_course'::text, 4, student_id, course_id)), and so on
 */
static void
link_policies(ModelIntersect *intersect, Policy *wanted)
{
	char	   *name = ddl_printed_literal(intersect->name);
	char	   *columns = psprintf("%s, %s", model_columns_sql(&intersect->column[0], NULL),
								   model_columns_sql(&intersect->column[1], NULL));
	char	   *shown = psprintf("relmeta.link_shown(%s::text, %d, %s)", name, RIGHT_APPEND, columns);
	char	   *judged = psprintf("relmeta.link_judged(%s::text, %d, %s)", name, RIGHT_APPEND, columns);

	wanted[POLICY_SELECT].using = psprintf("relmeta.link_shown(%s::text, %d, %s)", name, RIGHT_READ, columns);
	wanted[POLICY_INSERT].check = judged;
	wanted[POLICY_UPDATE].using = shown;
	wanted[POLICY_UPDATE].check = judged;
	wanted[POLICY_DELETE].using = shown;
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

static const char commands[POLICIES] = {
	[POLICY_SELECT] = ACL_SELECT_CHR,
	[POLICY_INSERT] = ACL_INSERT_CHR,
	[POLICY_UPDATE] = ACL_UPDATE_CHR,
	[POLICY_DELETE] = ACL_DELETE_CHR,
};

/* Of one of those names, and does it call a function of relmeta's? */
static bool
is_ours(int kind, Policy *policy)
{
	return kind >= 0 && ((policy->using && strstr(policy->using, "relmeta.")) ||
						 (policy->check && strstr(policy->check, "relmeta.")));
}

static void
read_policy(HeapTuple tuple, TupleDesc desc, Oid relid, Policy *policy)
{
	policy->using = expression_text(tuple, desc, Anum_pg_policy_polqual, relid);
	policy->check = expression_text(tuple, desc, Anum_pg_policy_polwithcheck, relid);
	policy->is_plain = ((Form_pg_policy) GETSTRUCT(tuple))->polpermissive && is_for_public(tuple, desc);
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

		read_policy(tuple, desc, relid, &policy);
		if (!is_ours(kind, &policy))
		{
			*others = true;
			if (form->polpermissive)
				*permissive = lappend(*permissive, pstrdup(NameStr(form->polname)));
			continue;
		}
		exists[kind] = true;
		policy.is_plain &= form->polcmd == commands[kind];
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
	ddl_run("CREATE POLICY %s ON %s FOR %s%s%s%s%s%s%s", kinds[kind].name, ddl_table_name(relid), kinds[kind].command,
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
		any |= exists[i];
		if (exists[i] && (wanted == NULL || !is_as_wanted(&wanted[i], &standing[i])))
		{
			drop_policy(relid, i);
			exists[i] = false;
		}
		if (wanted != NULL && !exists[i])
			make_policy(relid, i, &wanted[i]);
	}
	if (any || wanted != NULL)
		sync_row_security(relid, wanted != NULL, force, others);
	AtEOXact_GUC(true, level);
}

bool
ddl_link_is_controlled(ModelIntersect *intersect)
{
	Model	   *model = ddl_model();

	for (int i = 0; i < 2; i++)
	{
		ModelTable *table = model_intersect_end(model, intersect, i);

		if (table != NULL && table->access_control)
			return true;
	}
	return false;
}

/*
 * The policies that a relation is to have, as a registered table, as an intersect table (NULL: it is none) or as both:
 * those of its rows while its own access is controlled, else those of links while one of their ends is.  *wanted NULL:
 * none.  False: it cannot be told, what stands stays.
 */
static bool
wanted_policies(ModelTable *table, ModelIntersect *intersect, Policy **wanted)
{
	int			level = print_pinned();
	bool		known = true;

	*wanted = palloc0(POLICIES * sizeof(Policy));
	if (table != NULL && table->access_control)
		table_policies(table, *wanted);
	else if (intersect != NULL && intersect->broken != NULL)
		known = false;
	else if (intersect != NULL && ddl_link_is_controlled(intersect))
		link_policies(intersect, *wanted);
	else
		*wanted = NULL;
	AtEOXact_GUC(true, level);
	return known;
}

void
ddl_policies_sync(ModelTable *table, Oid relid)
{
	Policy	   *wanted;

	if (wanted_policies(table, model_intersect_by_table(ddl_model(), table->relid), &wanted))
		sync_relation(relid, wanted, table->force_access_control);
}

void
ddl_link_policies_sync(ModelIntersect *intersect, Oid relid)
{
	ModelTable *table = model_table(ddl_model(), intersect->relid);
	Policy	   *wanted;
	ListCell   *lc;

	if (!wanted_policies(table, intersect, &wanted))
		return;
	foreach(lc, find_all_inheritors(relid, ShareRowExclusiveLock, NULL))
		sync_relation(lfirst_oid(lc), wanted, table != NULL && table->force_access_control);
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
		if (wanted == NULL && exists[i])
			add_problem(problems, relid, kinds[i].name, "policy is superfluous", true);
		else if (wanted != NULL && !exists[i])
			add_problem(problems, relid, kinds[i].name, "policy is missing", true);
		else if (wanted != NULL && !is_as_wanted(&wanted[i], &standing[i]))
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
	Policy	   *wanted;
	List	   *problems = NIL;
	ListCell   *lc;

	if (!wanted_policies(table, model_intersect_by_table(ddl_model(), table->relid), &wanted))
		return NIL;
	/* nothing is locked: whoever looks stops nobody who drops */
	foreach(lc, find_all_inheritors(table->relid, NoLock, NULL))
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

	if ((table != NULL && table->broken == NULL) || !wanted_policies(table, intersect, &wanted))
		return NIL;
	foreach(lc, find_all_inheritors(intersect->relid, NoLock, NULL))
		relation_problems(lfirst_oid(lc), wanted, false, &problems);
	return problems;
}
