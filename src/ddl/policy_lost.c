/*
 * policy_lost.c
 *		A table that is not registered, and has the policies of one that is controlled: a restore has lost what was
 *		declared.
 *
 * Whoever registers it does not open it: it is controlled from the start, and has the owner column that its policies
 * look at.
 */
#include "ddl/policy.h"
#include "ddl/registration.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_class.h"
#include "catalog/pg_policy.h"
#include "model/key.h"
#include "nodes/bitmapset.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/* Does it call one of the functions that judge the rows of a controlled table? */
static bool
judges_rows(Node *node, void *context)
{
	static const char *const functions[] = {"owned", "shared", "noted", "inserts"};
	char	   *name;

	if (node == NULL)
		return false;
	if (!IsA(node, FuncExpr) || get_func_namespace(((FuncExpr *) node)->funcid) != relmeta_schema_oid())
		return expression_tree_walker(node, judges_rows, context);
	name = get_func_name(((FuncExpr *) node)->funcid);
	for (int i = 0; name != NULL && i < (int) lengthof(functions); i++)
		if (strcmp(name, functions[i]) == 0)
			return true;
	return false;
}

/* Adds the columns that the condition looks at, by number, as pull_varattnos() has them. */
static bool
judges_rows_by(HeapTuple tuple, AttrNumber attnum, TupleDesc desc, Bitmapset **columns)
{
	bool		isnull;
	Datum		condition = heap_getattr(tuple, attnum, desc, &isnull);
	Node	   *node = isnull ? NULL : stringToNode(TextDatumGetCString(condition));

	if (!judges_rows(node, NULL))
		return false;
	pull_varattnos(node, 1, columns);
	return true;
}

/* Nothing is printed, which would take a lock: whose table it is stops nobody. */
static bool
policies_stand(Oid relid, Bitmapset **columns)
{
	Relation	catalog = table_open(PolicyRelationId, AccessShareLock);
	TupleDesc	desc = RelationGetDescr(catalog);
	bool		stand = false;
	ScanKeyData skey;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&skey, Anum_pg_policy_polrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(catalog, PolicyPolrelidPolnameIndexId, true, NULL, 1, &skey);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		if (strncmp(NameStr(((Form_pg_policy) GETSTRUCT(tuple))->polname), "relmeta_", strlen("relmeta_")) != 0)
			continue;
		stand |= judges_rows_by(tuple, Anum_pg_policy_polqual, desc, columns);
		stand |= judges_rows_by(tuple, Anum_pg_policy_polwithcheck, desc, columns);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return stand;
}

bool
ddl_policies_stand(Oid relid, bool *forced)
{
	Bitmapset  *columns = NULL;
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));

	*forced = HeapTupleIsValid(tuple) && ((Form_pg_class) GETSTRUCT(tuple))->relforcerowsecurity;
	if (HeapTupleIsValid(tuple))
		ReleaseSysCache(tuple);
	return policies_stand(relid, &columns);
}

/* The one besides those of the key; NULL: there is none. */
static char *
owner_looked_at(Oid relid, ModelKeyColumns *key)
{
	Bitmapset  *columns = NULL;
	char	   *owner = NULL;
	int			member = -1;

	(void) policies_stand(relid, &columns);
	while ((member = bms_next_member(columns, member)) >= 0)
	{
		AttrNumber	attnum = member + FirstLowInvalidHeapAttributeNumber;

		if (attnum > 0 && !model_columns_have_attnum(key, attnum))
			owner = get_attname(relid, attnum, true);
	}
	return owner;
}

void
ddl_registration_take_up_control(Registration *registration)
{
	Oid			relid = registration->relid;
	bool		forced;

	if (!ddl_policies_stand(relid, &forced))
		return;
	registration->access_control = true;
	registration->force_access_control = forced;
	registration->owner_column = owner_looked_at(relid, ddl_primary_key(relid));
	ereport(NOTICE,
			(errmsg("access to table \"%s\" is controlled from the start: it has the policies of a table that is",
					get_rel_name(relid)),
			 errdetail("What everyone may there is not known any more."),
			 errhint("Call relmeta.enable_access_control(%s, everyone => ...) to say that,"
					 " relmeta.disable_access_control() to open the table.",
					 quote_literal_cstr(ddl_table_name(relid)))));
}

void
ddl_registration_check_not_lost(Oid relid)
{
	bool		forced;

	if (ddl_policies_stand(relid, &forced))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"%s\" has the policies of a controlled table, and is not registered",
						get_rel_name(relid)),
				 errhint("Call relmeta.register_table(%s) first, which leaves it controlled.",
						 quote_literal_cstr(ddl_table_name(relid)))));
}
