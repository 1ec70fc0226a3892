/*
 * control.c
 *		verify() of controlled tables (SEMANTICS 2.5, last paragraph): policies that miss or differ,
 *		and what leads past them.
 */
#include "ddl/intersect/intersect.h"
#include "ddl/policy.h"
#include "ddl/verify/verify.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/reloptions.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_class.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_rewrite.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

static void
add_policy_problems(List *found, VerifyMend mend, void *subject, const char *by_owner, List **problems)
{
	ListCell   *lc;

	foreach(lc, found)
	{
		DdlPolicyProblem *p = lfirst(lc);

		if (!p->mends)
			ddl_verify_add(problems, p->relid, p->object, p->problem,
						   psprintf("DROP POLICY %s ON %s", quote_identifier(p->object), ddl_table_name(p->relid)),
						   MEND_BY_HAND, NULL);
		else
			ddl_verify_add(problems, p->relid, p->object, p->problem, by_owner, mend, subject);
	}
}

/* ---- views over a controlled table that read it as their owner ---- */

static void
verify_view(Oid view, List **problems)
{
	Relation	rel;
	char		kind = get_rel_relkind(view);

	if (kind == RELKIND_MATVIEW)
	{
		ddl_verify_add(problems, view, get_rel_name(view), "is a materialized view of rows of a controlled table",
					   psprintf("REVOKE ALL ON %s FROM PUBLIC", ddl_table_name(view)), MEND_BY_HAND, NULL);
		return;
	}
	if (kind != RELKIND_VIEW)
		return;
	rel = try_relation_open(view, AccessShareLock);
	if (rel == NULL)
		return;
	if (!RelationHasSecurityInvoker(rel))
		ddl_verify_add(problems, view, get_rel_name(view),
					   "is a view over a controlled table that is read as the view's owner",
					   psprintf("ALTER VIEW %s SET (security_invoker = true)", ddl_table_name(view)),
					   MEND_BY_HAND, NULL);
	table_close(rel, AccessShareLock);
}

static void
verify_views(Oid relid, List **problems)
{
	Relation	rel = table_open(DependRelationId, AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;
	List	   *views = NIL;
	ListCell   *lc;

	ScanKeyInit(&keys[0], Anum_pg_depend_refclassid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(RelationRelationId));
	ScanKeyInit(&keys[1], Anum_pg_depend_refobjid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(rel, DependReferenceIndexId, true, NULL, 2, keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_depend form = (Form_pg_depend) GETSTRUCT(tuple);

		if (form->classid == RewriteRelationId)
			views = list_append_unique_oid(views, ddl_relation_of_rule(form->objid));
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	foreach(lc, views)
		if (OidIsValid(lfirst_oid(lc)) && lfirst_oid(lc) != relid)
		verify_view(lfirst_oid(lc), problems);
}

/* ---- privileges that lead past policies ---- */

static void
verify_grant(Oid relid, AclItem * item, List **problems)
{
	AclMode		bad = ACLITEM_GET_PRIVS(*item) & (ACL_TRUNCATE | ACL_TRIGGER);
	char	   *role;
	const char *what;

	if (bad == 0 || (item->ai_grantee != ACL_ID_PUBLIC && superuser_arg(item->ai_grantee)))
		return;
	role = item->ai_grantee == ACL_ID_PUBLIC ? "public" : GetUserNameFromId(item->ai_grantee, true);
	what = bad == ACL_TRUNCATE ? "TRUNCATE" : bad == ACL_TRIGGER ? "TRIGGER" : "TRUNCATE, TRIGGER";
	ddl_verify_add(problems, relid, role ? role : "?", psprintf("holds %s on a controlled table", what),
				   psprintf("REVOKE %s ON %s FROM %s", what, ddl_table_name(relid),
							item->ai_grantee == ACL_ID_PUBLIC ? "PUBLIC" : quote_identifier(role ? role : "?")),
				   MEND_BY_HAND, NULL);
}

static void
verify_privileges(Oid relid, List **problems)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Oid			owner;
	bool		isnull;
	Datum		value;

	if (!HeapTupleIsValid(tuple))
		return;
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	value = SysCacheGetAttr(RELOID, tuple, Anum_pg_class_relacl, &isnull);
	if (!isnull)
	{
		Acl		   *acl = DatumGetAclPCopy(value);
		AclItem    *items = (AclItem *) ((char *) acl + ARR_OVERHEAD_NONULLS(1));

		for (int i = 0; i < ACL_NUM(acl); i++)
			if (items[i].ai_grantee != owner)
				verify_grant(relid, &items[i], problems);
	}
	ReleaseSysCache(tuple);
}

/* ---- all of it ---- */

void
ddl_verify_control(Model *model, void *subject, List **problems)
{
	ModelTable *table = subject;
	ListCell   *lc;

	if (table->broken != NULL || get_rel_name(table->relid) == NULL)
		return;
	add_policy_problems(ddl_policies_problems(table), MEND_TABLE, table, NULL, problems);
	if (!table->access_control)
		return;
	foreach(lc, find_all_inheritors(table->relid, NoLock, NULL))
	{
		verify_views(lfirst_oid(lc), problems);
		verify_privileges(lfirst_oid(lc), problems);
	}
}

void
ddl_verify_link_control(ModelIntersect *intersect, List **problems)
{
	char	   *call = psprintf("SELECT relmeta.enable_access_control(%s)",
								quote_literal_cstr(intersect->sql_name));

	add_policy_problems(ddl_link_policies_problems(intersect), MEND_INTERSECT, intersect,
						intersect->is_adopted && ddl_link_is_controlled(intersect) ? call : NULL, problems);
}
