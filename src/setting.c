/*
 * setting.c
 *		Settings that a connection string has tried to set before the library was loaded (SEMANTICS 2.1).
 *
 * PostgreSQL keeps a value of a setting that it does not know yet for whoever will define it, and throws it away then
 * if whoever set it was not allowed to.  A connection's options come before what ALTER ROLE ... SET and ALTER
 * DATABASE ... SET say, and outrank it: of relmeta.rights = '{read}', set for a role by a superuser, nothing would be
 * left once the role's connection string has named another value.  What a connection was not allowed to set is
 * therefore looked for there again; where nothing is said there, or it cannot be looked for, the strictest value
 * holds: no right, no statement without principal.
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/pg_db_role_setting.h"
#include "catalog/pg_type.h"
#include "compat_statement.h"
#include "miscadmin.h"
#include "setting.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc_tables.h"
#include "utils/rel.h"

typedef struct Guarded
{
	const char *name;
	const char *strictest;		/* NULL: the role's own principal, as without
								 * a setting */
	bool		is_asked;		/* by the connection */
} Guarded;

static Guarded guarded[] = {
	{"relmeta.principal", NULL},
	{"relmeta.rights", "{}"},
	{"relmeta.require_principal", "error"},
};

static bool
is_of_connection(const char *name)
{
	struct config_generic *record = compat_guc_record(name);

	return record != NULL && record->reset_source == PGC_S_CLIENT;
}

/* What a row of pg_db_role_setting says of the setting; NULL: nothing. */
static char *
said_in(HeapTuple tuple, TupleDesc desc, const char *name)
{
	size_t		length = strlen(name);
	bool		isnull;
	Datum		config = heap_getattr(tuple, Anum_pg_db_role_setting_setconfig, desc, &isnull);
	Datum	   *settings;
	int			n;

	if (isnull)
		return NULL;
	deconstruct_array(DatumGetArrayTypeP(config), TEXTOID, -1, false, TYPALIGN_INT, &settings, NULL, &n);
	for (int i = 0; i < n; i++)
	{
		char	   *setting = TextDatumGetCString(settings[i]);

		if (pg_strncasecmp(setting, name, length) == 0 && setting[length] == '=')
			return setting + length + 1;
	}
	return NULL;
}

static char *
said_for(Oid databaseid, Oid roleid, const char *name)
{
	Relation	rel = table_open(DbRoleSettingRelationId, AccessShareLock);
	ScanKeyData skey[2];
	SysScanDesc scan;
	HeapTuple	tuple;
	char	   *result = NULL;

	ScanKeyInit(&skey[0], Anum_pg_db_role_setting_setdatabase, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(databaseid));
	ScanKeyInit(&skey[1], Anum_pg_db_role_setting_setrole, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(roleid));
	scan = systable_beginscan(rel, DbRoleSettingDatidRolidIndexId, true, NULL, 2, skey);
	if (HeapTupleIsValid(tuple = systable_getnext(scan)))
		result = said_in(tuple, RelationGetDescr(rel), name);
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return result;
}

/* As process_settings() of the server goes through them: the role's in this database outrank all others. */
static char *
said(const char *name)
{
	Oid			roleid = GetAuthenticatedUserId();
	char	   *result = NULL;

	if (!IsTransactionState())
		return NULL;
	if (result == NULL)
		result = said_for(MyDatabaseId, roleid, name);
	if (result == NULL)
		result = said_for(InvalidOid, roleid, name);
	if (result == NULL)
		result = said_for(MyDatabaseId, InvalidOid, name);
	if (result == NULL)
		result = said_for(InvalidOid, InvalidOid, name);
	return result;
}

/* Before the settings are defined: which of them does the connection name? */
void
relmeta_settings_before(void)
{
	for (int i = 0; i < (int) lengthof(guarded); i++)
		guarded[i].is_asked = is_of_connection(guarded[i].name);
}

/*
 * Afterwards: those that it was not allowed to set.
 *
 * The value is one for RESET, too; a SET of the session's that PostgreSQL has taken over outranks it.
 */
void
relmeta_settings_after(void)
{
	for (int i = 0; i < (int) lengthof(guarded); i++)
	{
		const char *value;

		if (!guarded[i].is_asked || is_of_connection(guarded[i].name))
			continue;
		value = said(guarded[i].name);
		if (value == NULL)
			value = guarded[i].strictest;
		if (value != NULL)
			(void) set_config_option(guarded[i].name, value, PGC_SUSET, PGC_S_DATABASE_USER, GUC_ACTION_SET, true,
									 WARNING, false);
	}
}
