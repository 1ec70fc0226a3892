/*
 * entry_make.c
 *		Making an entry table; see entry_table.h.
 *
 * Two sessions may make one at the same time; see entry_sql.c.  Only for the schema one waits for the other, once in
 * the life of a database.
 */
#include "relmeta.h"

#include "access/entry_table.h"
#include "access/htup_details.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_namespace.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "model/key.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

static void
run(const char *sql)
{
	access_run(sql, SPI_OK_UTILITY, 0, NULL, NULL);
}

/*
 * What ALTER DEFAULT PRIVILEGES of the extension's owner has given to others on an object that was made just now, whose
 * tuple is in the cache: REVOKE ALL ON TABLE relmeta_access.account FROM somebody
 */
static void
keep_for_owner(int cache, Oid object, AttrNumber acl_column, AttrNumber owner_column, const char *name)
{
	HeapTuple	tuple;
	Datum		datum;
	bool		isnull;
	Oid			owner;
	Oid		   *grantees;
	int			n = 0;

	CommandCounterIncrement();
	tuple = SearchSysCache1(cache, ObjectIdGetDatum(object));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for object %u", object);
	owner = DatumGetObjectId(SysCacheGetAttr(cache, tuple, owner_column, &isnull));
	datum = SysCacheGetAttr(cache, tuple, acl_column, &isnull);
	if (!isnull)
		n = aclmembers(DatumGetAclPCopy(datum), &grantees);
	ReleaseSysCache(tuple);
	if (!isnull)
		run(psprintf("REVOKE ALL ON %s FROM PUBLIC CASCADE", name));
	for (int i = 0; i < n; i++)
		if (grantees[i] != owner)
			run(psprintf("REVOKE ALL ON %s FROM %s CASCADE", name,
						 quote_identifier(GetUserNameFromId(grantees[i], false))));
}

/* ---- the schema ---- */

/* 55000 when somebody else owns it: he could drop or replace the entries. */
static void
check_schema(Oid schema)
{
	HeapTuple	tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(schema));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for schema %u", schema);
	owner = ((Form_pg_namespace) GETSTRUCT(tuple))->nspowner;
	ReleaseSysCache(tuple);
	if (owner != relmeta_extension_owner())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("schema \"%s\" does not belong to the owner of extension relmeta", RELMETA_ACCESS_SCHEMA),
				 errhint("Drop it, or give it another name.")));
}

/* Schema relmeta_access, made with the first entry table. */
static Oid
ensure_schema(void)
{
	Oid			schema = get_namespace_oid(RELMETA_ACCESS_SCHEMA, true);

	if (!OidIsValid(schema))
	{
		LockDatabaseObject(ExtensionRelationId, relmeta_extension_oid(), 0, ShareUpdateExclusiveLock);
		schema = get_namespace_oid(RELMETA_ACCESS_SCHEMA, true);
	}
	if (OidIsValid(schema))
	{
		check_schema(schema);
		return schema;
	}
	run("CREATE SCHEMA " RELMETA_ACCESS_SCHEMA);
	run("COMMENT ON SCHEMA " RELMETA_ACCESS_SCHEMA " IS 'relmeta''s entries: who holds what on which row'");
	schema = get_namespace_oid(RELMETA_ACCESS_SCHEMA, false);
	keep_for_owner(NAMESPACEOID, schema, Anum_pg_namespace_nspacl, Anum_pg_namespace_nspowner,
				   "SCHEMA " RELMETA_ACCESS_SCHEMA);
	/* he dumps the database */
	run("GRANT USAGE ON SCHEMA " RELMETA_ACCESS_SCHEMA " TO pg_database_owner");
	return schema;
}

/* The name of an index of an entry table: no other table's has it, since either has a name of its own in it. */
static char *
index_name(const char *name, const char *suffix, Oid relid)
{
	if (strlen(name) + strlen(suffix) < NAMEDATALEN &&
		!OidIsValid(get_relname_relid(psprintf("%s%s", name, suffix), get_namespace_oid(RELMETA_ACCESS_SCHEMA, false))))
		return psprintf("%s%s", name, suffix);
	return access_clipped_name(name, psprintf("_%u%s", relid, suffix));
}

/* ---- the table ---- */

/* AUTO: it goes with the table. */
static void
depend_on(Oid relid, Oid table)
{
	ObjectAddress depender;
	ObjectAddress referenced;

	ObjectAddressSet(depender, RelationRelationId, relid);
	ObjectAddressSet(referenced, RelationRelationId, table);
	recordDependencyOn(&depender, &referenced, DEPENDENCY_AUTO);
}

static char *
column_type(ModelType *type)
{
	return psprintf("%s%s", type->sql_name, type->sql_collate);
}

/*
 *	CREATE TABLE relmeta_access.account (object int, principal text, relationship int, cause "char", mask int,
 *		granted_by text, granted_at timestamptz,
 *		CONSTRAINT account_pkey PRIMARY KEY (object, principal, relationship, cause));
 *	CREATE INDEX account_principal_object_mask_idx ON relmeta_access.account (principal, object) INCLUDE (mask);
 *	GRANT SELECT ON relmeta_access.account TO pg_database_owner;
 */
static Oid
create_table(ModelTable *table, ModelType *principal)
{
	Oid			schema = ensure_schema();
	char	   *name = access_free_name(get_rel_name(table->relid), "");
	Oid			made;

	run(psprintf("CREATE TABLE %s (object %s NOT NULL, principal %s NOT NULL,"
				 " relationship pg_catalog.int4 NOT NULL, cause pg_catalog.\"char\" NOT NULL,"
				 " mask pg_catalog.int4 NOT NULL, granted_by pg_catalog.text, granted_at pg_catalog.timestamptz,"
				 " CONSTRAINT %s PRIMARY KEY (object, principal, relationship, cause))",
				 access_name(name), column_type(model_key_type(table)), column_type(principal),
				 quote_identifier(index_name(name, "_pkey", table->relid))));
	run(psprintf("CREATE INDEX %s ON %s (principal, object) INCLUDE (mask)",
				 quote_identifier(index_name(name, "_principal_object_mask_idx", table->relid)), access_name(name)));
	made = get_relname_relid(name, schema);
	keep_for_owner(RELOID, made, Anum_pg_class_relacl, Anum_pg_class_relowner, access_name(name));
	run(psprintf("GRANT SELECT ON %s TO pg_database_owner", access_name(name)));
	depend_on(made, table->relid);
	return made;
}

static void
set_option(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

/*
 * Where and how is the database's to say, not the setting of whoever shares
 * first; and the table is no member of an extension whose script happens to.
 */
void
access_entry_table_make(ModelTable *table, ModelType *principal)
{
	bool		saved_creating_extension = creating_extension;
	int			level = NewGUCNestLevel();
	Oid			made;

	set_option("search_path", "pg_catalog, pg_temp");
	set_option("default_tablespace", "");
	set_option("default_table_access_method", "heap");
	creating_extension = false;
	PG_TRY();
	{
		made = create_table(table, principal);
	}
	PG_FINALLY();
	{
		creating_extension = saved_creating_extension;
	}
	PG_END_TRY();
	AtEOXact_GUC(true, level);
	model_set_entries(table, made);
}
