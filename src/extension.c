/*
 * extension.c
 *		The extension itself: its schema, its owner; acting as another user.
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_namespace.h"
#include "commands/extension.h"
#include "compat.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

char	   *relmeta_principal = NULL;

Oid
relmeta_extension_oid(void)
{
	return get_extension_oid("relmeta", true);
}

Oid
relmeta_schema_oid(void)
{
	return get_namespace_oid(RELMETA_SCHEMA, true);
}

Oid
relmeta_extension_owner(void)
{
	Relation	rel = table_open(ExtensionRelationId, AccessShareLock);
	ScanKeyData skey;
	SysScanDesc scan;
	HeapTuple	tuple;
	Oid			owner = InvalidOid;

	ScanKeyInit(&skey, Anum_pg_extension_extname, BTEqualStrategyNumber, F_NAMEEQ, CStringGetDatum("relmeta"));
	scan = systable_beginscan(rel, ExtensionNameIndexId, true, NULL, 1, &skey);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
		owner = ((Form_pg_extension) GETSTRUCT(tuple))->extowner;
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	if (!OidIsValid(owner))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("extension \"relmeta\" is not installed in this database"),
				 errhint("Run CREATE EXTENSION relmeta.")));
	return owner;
}

void
relmeta_prevent_if_read_only(FunctionCallInfo fcinfo)
{
	if (XactReadOnly)
		PreventCommandIfReadOnly(psprintf("%s.%s()", RELMETA_SCHEMA, get_func_name(fcinfo->flinfo->fn_oid)));
}

PG_FUNCTION_INFO_V1(relmeta_check_schema);

/*
 * Called once, by the install script.  CREATE EXTENSION takes a schema of that
 * name that is there already, and whoever owns it could add to what stands in
 * it, or drop it.  A restored dump may have given it to another superuser.
 */
Datum
relmeta_check_schema(PG_FUNCTION_ARGS)
{
	HeapTuple	tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(relmeta_schema_oid()));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for schema %s", RELMETA_SCHEMA);
	owner = ((Form_pg_namespace) GETSTRUCT(tuple))->nspowner;
	ReleaseSysCache(tuple);
	if (owner != GetUserId() && !superuser_arg(owner))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("schema \"%s\" belongs to role \"%s\"", RELMETA_SCHEMA, GetUserNameFromId(owner, true)),
				 errhint("Drop it, or give it another name.")));
	PG_RETURN_VOID();
}

/*
 * A printed plan has the values of its parameters in it, and goes to the client where client_min_messages says so: the
 * keys of rows that the caller may not read (SEMANTICS 2.5).
 */
static bool
is_printed(Oid caller)
{
	return (Debug_print_plan || Debug_print_rewritten || Debug_print_parse) && !superuser_arg(caller);
}

static void
print_nothing(void)
{
	static const char *const settings[] = {"debug_print_plan", "debug_print_rewritten", "debug_print_parse"};

	for (int i = 0; i < (int) lengthof(settings); i++)
		(void) set_config_option(settings[i], "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

ActingAs
relmeta_act_begin(Oid userid, ActAs how)
{
	ActingAs	saved = {0};
	int			context;
	bool		silent;

	GetUserIdAndSecContext(&saved.userid, &saved.sec_context);
	context = saved.sec_context | SECURITY_NOFORCE_RLS;
	Assert(how != ACT_UNFORCED || userid == saved.userid);
	silent = userid != saved.userid && is_printed(saved.userid);
	saved.keeps_settings = how != ACT_RESTRICTED;
	if (how != ACT_UNFORCED)
		context |= SECURITY_LOCAL_USERID_CHANGE;
	if (how == ACT_RESTRICTED)
		context |= SECURITY_RESTRICTED_OPERATION;
	if (how == ACT_RESTRICTED || silent)
		saved.guc_level = NewGUCNestLevel();
	if (silent)
		print_nothing();
	SetUserIdAndSecContext(userid, context);
	return saved;
}

bool
relmeta_acts_as_owner(void)
{
	Oid			userid;
	int			sec_context;

	GetUserIdAndSecContext(&userid, &sec_context);
	return (sec_context & (SECURITY_RESTRICTED_OPERATION | SECURITY_NOFORCE_RLS)) != 0;
}

const char *
relmeta_acting_as(void)
{
	return relmeta_acts_as_owner() ? "" : relmeta_principal;
}

ActingAs
relmeta_act_in_trigger(Oid userid)
{
	ActingAs	saved = {0};

	GetUserIdAndSecContext(&saved.userid, &saved.sec_context);
	if (COMPAT_TRIGGERS_AS_QUEUED && saved.userid != userid)
		SetUserIdAndSecContext(userid, saved.sec_context | SECURITY_LOCAL_USERID_CHANGE);
	return saved;
}

void
relmeta_act_end(ActingAs saved)
{
	if (saved.guc_level > 0)
		AtEOXact_GUC(saved.keeps_settings, saved.guc_level);
	SetUserIdAndSecContext(saved.userid, saved.sec_context);
}

pg_noreturn static void
refuse_gone(Oid relid)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_TABLE),
			 errmsg("relation with OID %u does not exist", relid)));
}

Oid
relmeta_relation_owner(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		refuse_gone(relid);
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

char *
relmeta_relation_name(Oid relid)
{
	char	   *name = get_rel_name(relid);

	if (name == NULL)
		refuse_gone(relid);
	return name;
}

Relation
relmeta_relation_open(Oid relid, LOCKMODE lockmode)
{
	Relation	rel = try_relation_open(relid, lockmode);

	if (rel == NULL)
		refuse_gone(relid);
	return rel;
}

ActingAs
relmeta_act_begin_on(Oid relid, LOCKMODE lockmode, ActAs how)
{
	if (lockmode != NoLock)
		LockRelationOid(relid, lockmode);
	return relmeta_act_begin(relmeta_relation_owner(relid), how);
}
