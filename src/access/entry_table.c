/*
 * entry_table.c
 *		Making, retyping and dropping entry tables; see access.h.
 *
 * All of it runs as the extension's owner, whoever declares: the tables are
 * his.  An AUTO dependency on the user's table lets them go with it, and proves
 * whose entries they are when the extension was dropped and made again.
 */
#include "relmeta.h"

#include "access/entry_table.h"
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "storage/lock.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

static void
run(const char *sql, int expected)
{
	access_run(sql, expected, 0, NULL, NULL);
}

/*
 * Schema relmeta_access, made at the first registration.  One that somebody
 * else owns is refused: its owner could drop or replace the entries.
 */
static void
ensure_schema(Oid owner)
{
	Oid			schema = get_namespace_oid(RELMETA_ACCESS_SCHEMA, true);
	HeapTuple	tuple;
	Oid			schema_owner;

	if (!OidIsValid(schema))
	{
		run("CREATE SCHEMA " RELMETA_ACCESS_SCHEMA, SPI_OK_UTILITY);
		run("COMMENT ON SCHEMA " RELMETA_ACCESS_SCHEMA " IS 'relmeta''s entries: who holds what on which row'",
			SPI_OK_UTILITY);
		return;
	}
	tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(schema));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for schema %u", schema);
	schema_owner = ((Form_pg_namespace) GETSTRUCT(tuple))->nspowner;
	ReleaseSysCache(tuple);
	if (schema_owner != owner)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("schema \"%s\" does not belong to the owner of extension relmeta", RELMETA_ACCESS_SCHEMA),
				 errhint("Drop it, or give it another name.")));
}

/*
 * The type of column principal: the owner column's; of a table without one that
 * of the primary tables that it inherits from, else text.
 */
static ModelType *
principal_type(ModelTable *table, ModelType *fallback)
{
	ListCell   *lc;

	if (table->owner.name != NULL)
		return &table->owner.type;
	foreach(lc, table->as_related)
	{
		ModelRelationship *relationship = lfirst(lc);

		if (relationship->primary == table || relationship->broken != NULL ||
			(!behavior_cascades(relationship->behavior[ACTION_SHARE]) &&
			 !behavior_cascades(relationship->behavior[ACTION_REPARENT])))
			continue;
		if (relationship->primary->owner.name != NULL)
			return &relationship->primary->owner.type;
		if (OidIsValid(relationship->primary->entry_relid))
			return &relationship->primary->principal;
	}
	model_type_fill(fallback, TEXTOID, -1, get_typcollation(TEXTOID));
	return fallback;
}

static char *
column_type(ModelType *type)
{
	return psprintf("%s%s", type->sql_name, type->sql_collate);
}

/* Whether nobody else is about to make a table of the name: never waits, who comes second takes another one. */
static bool
name_is_taken_by_us(const char *name)
{
	LOCKTAG		tag;

	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, NamespaceRelationId,
					   hash_bytes((const unsigned char *) name, strlen(name)), 1);
	return LockAcquire(&tag, ExclusiveLock, false, true) != LOCKACQUIRE_NOT_AVAIL;
}

/* A name in relmeta_access that is free, from the table's own. */
char *
access_free_name(const char *base, const char *suffix)
{
	Oid			schema = get_namespace_oid(RELMETA_ACCESS_SCHEMA, false);

	for (int number = 0;; number++)
	{
		char	   *tail = number == 0 ? pstrdup(suffix) : psprintf("_%d%s", number, suffix);
		int			room = NAMEDATALEN - 1 - (int) strlen(tail);
		char	   *name = psprintf("%.*s%s", pg_mbcliplen(base, (int) strlen(base), room), base, tail);

		if (OidIsValid(get_relname_relid(name, schema)) || !name_is_taken_by_us(name))
			continue;
		AcceptInvalidationMessages();	/* of whoever had it until now */
		if (!OidIsValid(get_relname_relid(name, schema)))
			return name;
	}
}

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

/*
 * Whether it may be one of relmeta's: somebody else's table, a partition
 * perhaps, could depend on relid as well, and have triggers.
 */
static bool
is_of_owner(Oid relid, Oid owner)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Form_pg_class class;
	bool		result;

	if (!HeapTupleIsValid(tuple))
		return false;
	class = (Form_pg_class) GETSTRUCT(tuple);
	result = class->relkind == RELKIND_RELATION && !class->relispartition && class->relowner == owner;
	ReleaseSysCache(tuple);
	return result;
}

static bool
has_entry_columns(Oid relid)
{
	static const char *const names[ENTRY_COLUMNS] =
	{"object", "principal", "relationship", "cause", "mask", "granted_by", "granted_at"};

	for (int i = 0; i < ENTRY_COLUMNS; i++)
		if (get_attnum(relid, names[i]) != i + 1)
			return false;
	return true;
}

/*
 * The table of relmeta_access that depends on relid: left behind by a dropped
 * extension.  InvalidOid when there is none.
 */
static Oid
left_behind(Oid relid, Oid owner)
{
	Oid			schema = get_namespace_oid(RELMETA_ACCESS_SCHEMA, true);
	Relation	depend = table_open(DependRelationId, AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;
	Oid			found = InvalidOid;

	ScanKeyInit(&keys[0], Anum_pg_depend_refclassid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(RelationRelationId));
	ScanKeyInit(&keys[1], Anum_pg_depend_refobjid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(depend, DependReferenceIndexId, true, NULL, 2, keys);
	while (!OidIsValid(found) && HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_depend form = (Form_pg_depend) GETSTRUCT(tuple);

		if (form->classid == RelationRelationId && form->objsubid == 0 && form->refobjsubid == 0 &&
			form->deptype == DEPENDENCY_AUTO && OidIsValid(schema) &&
			get_rel_namespace(form->objid) == schema && is_of_owner(form->objid, owner) &&
			has_entry_columns(form->objid))
			found = form->objid;
	}
	systable_endscan(scan);
	table_close(depend, AccessShareLock);
	return found;
}

char *
access_name(const char *name)
{
	return quote_qualified_identifier(RELMETA_ACCESS_SCHEMA, name);
}

/*
 *	CREATE TABLE relmeta_access.account (object int, principal text, relationship int, cause "char",
 *		mask int, granted_by text, granted_at timestamptz, PRIMARY KEY (object, principal, relationship, cause));
 *	CREATE INDEX ON relmeta_access.account (principal, object) INCLUDE (mask);
 */
static Oid
make_entry_table(ModelTable *table, ModelType *principal)
{
	char	   *name = access_free_name(get_rel_name(table->relid), "");
	Oid			made;

	run(psprintf("CREATE TABLE %s (object %s NOT NULL, principal %s NOT NULL,"
				 " relationship pg_catalog.int4 NOT NULL, cause pg_catalog.\"char\" NOT NULL,"
				 " mask pg_catalog.int4 NOT NULL, granted_by pg_catalog.text, granted_at pg_catalog.timestamptz,"
				 " PRIMARY KEY (object, principal, relationship, cause))",
				 access_name(name), column_type(&table->key.type), column_type(principal)), SPI_OK_UTILITY);
	run(psprintf("CREATE INDEX ON %s (principal, object) INCLUDE (mask)", access_name(name)), SPI_OK_UTILITY);
	made = get_relname_relid(name, get_namespace_oid(RELMETA_ACCESS_SCHEMA, false));
	depend_on(made, table->relid);
	return made;
}

/*
 * Direct entries of a table left behind stay; what was inherited came through
 * relationships that are gone.
 */
static void
take_up(Oid entry_relid)
{
	run(psprintf("DELETE FROM %s WHERE cause OPERATOR(pg_catalog.<>) 'd'",
				 access_name(get_rel_name(entry_relid))), SPI_OK_DELETE);
}

/*
 * Rows that were deleted while the extension was away took no entries along; whoever
 * gets such a key next must not be shared because of them.
 *
 *	SELECT pg_catalog.array_agg(DISTINCT e.object) FROM relmeta_access.account AS e
 *	SELECT pg_catalog.array_agg(k.key) FROM pg_catalog.unnest($1) AS k(key)		as the table's owner
 *		WHERE NOT EXISTS (SELECT FROM s.account AS t WHERE t.id = k.key)
 *	DELETE FROM relmeta_access.account AS e USING pg_catalog.unnest($1) AS k(key) WHERE e.object = k.key
 */
static void
forget_missing_rows(ModelTable *table, Oid relid)
{
	ModelType  *type = &table->key.type;
	char	   *entries = access_name(get_rel_name(relid));
	Datum		keys;
	int			result;

	keys = access_run_array(relid,
							psprintf("SELECT pg_catalog.array_agg(DISTINCT e.object) FROM %s AS e", entries),
							0, InvalidOid, (Datum) 0);
	if (keys == (Datum) 0)
		return;
	keys = access_run_array(table->relid,
							psprintf("SELECT pg_catalog.array_agg(k.key) FROM pg_catalog.unnest($1) AS k(key)"
									 " WHERE NOT EXISTS (SELECT FROM %s AS t WHERE t.%s %s k.key%s)",
									 table->sql_name, table->key.sql_name, type->sql_eq, type->sql_collate),
							1, type->array_type, keys);
	if (keys == (Datum) 0)
		return;
	result = SPI_execute_with_args(psprintf("DELETE FROM %s AS e USING pg_catalog.unnest($1) AS k(key)"
											" WHERE e.object %s k.key%s", entries, type->sql_eq, type->sql_collate),
								   1, &type->array_type, &keys, NULL, false, 0);
	if (result != SPI_OK_DELETE)
		elog(ERROR, "SPI_execute_with_args returned %s", SPI_result_code_string(result));
}

static void
remember(Oid relid, Oid entry_relid)
{
	Oid			types[2] = {REGCLASSOID, REGCLASSOID};
	Datum		values[2] = {ObjectIdGetDatum(relid), ObjectIdGetDatum(entry_relid)};
	int			result;

	result = SPI_execute_with_args("UPDATE relmeta.registered_table SET entry_table = $2"
								   " WHERE relation OPERATOR(pg_catalog.=) $1", 2, types, values, NULL, false, 0);
	if (result != SPI_OK_UPDATE)
		elog(ERROR, "SPI_execute_with_args returned %s", SPI_result_code_string(result));
}

void
access_entry_table_sync(Oid relid)
{
	Oid			owner = relmeta_extension_owner();
	ActingAs	saved;
	Model	   *model;
	ModelTable *table;
	ModelType	fallback;
	ModelType  *principal;
	Oid			entry_relid;
	bool		taken_up = false;

	saved = relmeta_act_begin(owner, ACT_RESTRICTED);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");

	model = model_current();
	model_pin(model, CurrentMemoryContext);
	table = model_table_required(model, relid);
	principal = principal_type(table, &fallback);
	entry_relid = table->entry_relid;

	if (!OidIsValid(entry_relid))
	{
		ensure_schema(owner);
		entry_relid = left_behind(relid, owner);
		taken_up = OidIsValid(entry_relid);
		if (taken_up)
			take_up(entry_relid);
		else
			entry_relid = make_entry_table(table, principal);
		remember(relid, entry_relid);
	}
	access_entry_table_retype(table, entry_relid, principal);
	if (taken_up)
		forget_missing_rows(table, entry_relid);

	SPI_finish();
	relmeta_act_end(saved);
}

void
access_entry_table_drop(Oid entry_relid)
{
	ObjectAddress address;

	if (!OidIsValid(entry_relid) || get_rel_name(entry_relid) == NULL)
		return;
	ObjectAddressSet(address, RelationRelationId, entry_relid);
	performDeletion(&address, DROP_RESTRICT, PERFORM_DELETION_INTERNAL);
}

Relation
access_entries_open(ModelTable *table, LOCKMODE lockmode)
{
	Relation	rel = try_table_open(table->entry_relid, lockmode);
	TupleDesc	desc;

	if (rel == NULL)
		return NULL;
	desc = RelationGetDescr(rel);
	if (TupleDescAttr(desc, ENTRY_OBJECT - 1)->atttypid != table->key.type.base_type ||
		TupleDescAttr(desc, ENTRY_PRINCIPAL - 1)->atttypid != table->principal.base_type)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("key or owner of table %s have got another type meanwhile", table->sql_name),
				 errhint("Run the transaction again.")));
	return rel;
}

void
access_entries_hold(ModelTable *table)
{
	Relation	rel = access_entries_open(table, AccessShareLock);

	if (rel != NULL)
		table_close(rel, NoLock);
}

bool
access_entries_empty(ModelTable *table)
{
	Relation	rel;
	bool		empty;

	if (!OidIsValid(table->entry_relid))
		return true;

	/*
	 * another session may have dropped the table, and committed while we
	 * waited for the lock
	 */
	rel = try_table_open(table->entry_relid, AccessShareLock);
	if (rel == NULL)
		return true;
	empty = RelationGetNumberOfBlocks(rel) == 0;
	table_close(rel, NoLock);
	return empty;
}
