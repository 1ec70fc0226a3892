/*
 * policy_said.c
 *		What relmeta's policies that a relation has say, where its registration may be lost, or may not be what they
 *		were made for.
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/policy.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

static const char *const of_rows[] = {"owned", "shared", "noted", "inserts"};
static const char *const of_links[] = {"link_shown", "link_judged"};

static bool
is_one_of(const char *name, const char *const *names, int n)
{
	for (int i = 0; name != NULL && i < n; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Finds the functions that judge the rows of a controlled table, and those that judge links; context: PolicySaid */
static bool
listen(Node *node, void *context)
{
	PolicySaid *said = context;
	FuncExpr   *call = (FuncExpr *) node;
	Const	   *right;
	char	   *name;

	if (node == NULL)
		return false;
	if (!IsA(node, FuncExpr) || get_func_namespace(call->funcid) != relmeta_schema_oid())
		return expression_tree_walker(node, listen, context);
	name = get_func_name(call->funcid);
	said->of_rows |= is_one_of(name, of_rows, lengthof(of_rows));
	if (!is_one_of(name, of_links, lengthof(of_links)))
		return false;
	right = lsecond(call->args);
	if (IsA(right, Const) && right->consttype == INT4OID && !right->constisnull)
		said->ends |= DatumGetInt32(right->constvalue) & POLICY_ENDS;
	return false;
}

/* Nothing but a call that judges the links of that relation? */
static bool
is_of_links(Node *node, Oid relid)
{
	FuncExpr   *call = (FuncExpr *) node;
	Const	   *table;

	if (node == NULL || !IsA(node, FuncExpr) || get_func_namespace(call->funcid) != relmeta_schema_oid() ||
		!is_one_of(get_func_name(call->funcid), of_links, lengthof(of_links)))
		return false;
	table = linitial(call->args);
	return IsA(table, Const) && !table->constisnull && DatumGetObjectId(table->constvalue) == relid;
}

static int
command_bit(char command)
{
	static const char commands[] = {ACL_SELECT_CHR, ACL_INSERT_CHR, ACL_UPDATE_CHR, ACL_DELETE_CHR, '\0'};
	const char *place = strchr(commands, command);

	return place != NULL ? 1 << (place - commands) : 0;
}

static void
listen_to(HeapTuple tuple, AttrNumber attnum, TupleDesc desc, PolicySaid *said, int *commands)
{
	bool		isnull;
	Datum		condition = heap_getattr(tuple, attnum, desc, &isnull);
	Node	   *node = isnull ? NULL : stringToNode(TextDatumGetCString(condition));
	PolicySaid	this = {false};

	if (is_of_links(node, ((Form_pg_policy) GETSTRUCT(tuple))->polrelid))
		*commands |= command_bit(((Form_pg_policy) GETSTRUCT(tuple))->polcmd);
	(void) listen(node, &this);
	said->ends |= this.ends;
	if (!this.of_rows)
		return;
	said->of_rows = true;
	pull_varattnos(node, 1, &said->columns);
}

/* Nothing is printed, which would take a lock: whose table it is stops nobody. */
PolicySaid
access_policies_say(Oid relid)
{
	Relation	catalog = table_open(PolicyRelationId, AccessShareLock);
	TupleDesc	desc = RelationGetDescr(catalog);
	PolicySaid	said = {false};
	ScanKeyData skey;
	SysScanDesc scan;
	HeapTuple	tuple;
	int			commands = 0;

	ScanKeyInit(&skey, Anum_pg_policy_polrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(catalog, PolicyPolrelidPolnameIndexId, true, NULL, 1, &skey);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		if (strncmp(NameStr(((Form_pg_policy) GETSTRUCT(tuple))->polname), "relmeta_", strlen("relmeta_")) != 0)
			continue;
		listen_to(tuple, Anum_pg_policy_polqual, desc, &said, &commands);
		listen_to(tuple, Anum_pg_policy_polwithcheck, desc, &said, &commands);
	}
	said.all_links = commands == 0xF;
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return said;
}
