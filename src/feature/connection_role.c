/*
 * connection_role.c
 *		Roles of connections: made, matched, and whether they fit (SEMANTICS 3.11).
 */
#include "relmeta.h"

#include "catalog/pg_type.h"
#include "ddl/ddl.h"
#include "executor/spi.h"
#include "feature/catalog.h"
#include "feature/connection.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(relmeta_create_connection_role);
PG_FUNCTION_INFO_V1(relmeta_match_connection_roles);

#define ROLE_NAME_MAX 1024		/* bytes */

/* ---- who may make one ---- */

/* Is EXECUTE on create_connection_role() granted to the caller, other than by PUBLIC? */
static bool
is_granted_execute(void)
{
	return superuser() ||
		ddl_rows_exist("SELECT FROM pg_catalog.pg_proc AS p, LATERAL pg_catalog.aclexplode("
					   "   coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) AS a"
					   " WHERE p.proname = 'create_connection_role' AND p.pronamespace ="
					   "   (SELECT n.oid FROM pg_catalog.pg_namespace AS n WHERE n.nspname = '" RELMETA_SCHEMA "')"
					   " AND a.grantee <> 0 AND a.privilege_type = 'EXECUTE'"
					   " AND pg_catalog.pg_has_role(a.grantee, 'USAGE')", 0, NULL, NULL);
}

/* 42501 unless the caller may make a role of these tables (Oid); all_tables: one without */
static void
check_may_make(List *tables, bool all_tables)
{
	ListCell   *lc;

	foreach(lc, tables)
		ddl_check_owner(lfirst_oid(lc));
	if ((all_tables || tables == NIL) && !is_granted_execute())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to make a connection role that is not of the caller's own tables"),
				 errhint("Name tables of your own, or be granted EXECUTE on relmeta.create_connection_role().")));
}

/* ---- create_connection_role ---- */

static char *
name_argument(FunctionCallInfo fcinfo, int argno)
{
	char	   *name = relmeta_argument_text_required(fcinfo, argno);

	if (name[0] == '\0' || strlen(name) > ROLE_NAME_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a connection role's name has 1 to %d bytes", ROLE_NAME_MAX)));
	return name;
}

/* Registered tables (Oid), each once */
static List *
tables_argument(FunctionCallInfo fcinfo)
{
	List	   *tables;
	ListCell   *lc;

	if (PG_ARGISNULL(2))
		return NIL;
	tables = relmeta_argument_tables(fcinfo, 2);
	if (tables == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a connection role needs at least one table"),
				 errhint("Pass tables => NULL for a role that may be used for all.")));
	list_sort(tables, list_oid_cmp);
	list_deduplicate_oid(tables);
	foreach(lc, tables)
	{
		/* who unregisters it waits, and takes the role's use of it along */
		ddl_check_owner(lfirst_oid(lc));
		LockRelationOid(lfirst_oid(lc), RowExclusiveLock);
		(void) model_table_required(ddl_model(), lfirst_oid(lc));
	}
	return tables;
}

static Datum
oid_array(List *oids)
{
	int			n = list_length(oids);
	Datum	   *elems = palloc(Max(n, 1) * sizeof(Datum));
	ListCell   *lc;

	foreach(lc, oids)
		elems[foreach_current_index(lc)] = ObjectIdGetDatum(lfirst_oid(lc));
	return PointerGetDatum(construct_array(elems, n, REGCLASSOID, sizeof(Oid), true, TYPALIGN_INT));
}

Datum
relmeta_create_connection_role(PG_FUNCTION_ARGS)
{
	char	   *name = name_argument(fcinfo, 0);
	List	   *tables = tables_argument(fcinfo);
	bool		all_tables = PG_ARGISNULL(2);
	Oid			types[] = {TEXTOID, TEXTOID, TEXTOID, BOOLOID, REGCLASSARRAYOID};
	Datum		values[] = {CStringGetTextDatum(name), PG_GETARG_DATUM(1), PG_GETARG_DATUM(3), BoolGetDatum(all_tables),
	oid_array(tables)};
	char		nulls[] = {' ', PG_ARGISNULL(1) ? 'n' : ' ', PG_ARGISNULL(3) ? 'n' : ' ', ' ', ' '};

	relmeta_prevent_if_read_only(fcinfo);
	check_may_make(tables, all_tables);
	if (feature_catalog_change("INSERT INTO relmeta.connection_role (name, category, description, all_tables)"
							   " VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING", 4, types, values, nulls) == 0)
	{
		if (!relmeta_argument_bool(fcinfo, 4))
			ereport(ERROR,
					(errcode(ERRCODE_DUPLICATE_OBJECT),
					 errmsg("connection role \"%s\" already exists", name),
					 errhint("Pass if_not_exists => true to leave it as it is.")));
		ereport(NOTICE,
				(errmsg("connection role \"%s\" already exists, skipping", name)));
		PG_RETURN_VOID();
	}
	feature_catalog_change("INSERT INTO relmeta.connection_role_table (role_id, relation)"
						   " SELECT r.role_id, t.t FROM relmeta.connection_role AS r, unnest($5) AS t(t)"
						   " WHERE r.name = $1", 5, types, values, nulls);
	PG_RETURN_VOID();
}

/* ---- reading ---- */

/* A role of relmeta.connection_role; false when there is none of the name.  Opens SPI. */
static bool
read_role(const char *name, int *id, bool *all_tables)
{
	Oid			type = TEXTOID;
	Datum		value = CStringGetTextDatum(name);
	bool		found;
	bool		isnull;

	SPI_connect();
	found = feature_catalog_read("SELECT role_id, all_tables FROM relmeta.connection_role WHERE name = $1", 1, &type,
								 &value, true) > 0;
	if (found)
	{
		*id = DatumGetInt32(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
		*all_tables = DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull));
	}
	SPI_finish();
	return found;
}

/* One text of a query, palloc'd; NULL when it gives none.  Opens SPI. */
static char *
read_text(const char *sql, int nargs, Oid *types, Datum *values)
{
	MemoryContext cxt = CurrentMemoryContext;
	char	   *result = NULL;

	SPI_connect();
	if (feature_catalog_read(sql, nargs, types, values, true) > 0)
	{
		result = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
		if (result)
			result = MemoryContextStrdup(cxt, result);
	}
	SPI_finish();
	return result;
}

/* The tables (Oid) of a role. */
static List *
tables_of(int id)
{
	MemoryContext cxt = CurrentMemoryContext;
	Oid			type = INT4OID;
	Datum		value = Int32GetDatum(id);
	List	   *tables = NIL;
	bool		isnull;

	SPI_connect();
	feature_catalog_read("SELECT relation FROM relmeta.connection_role_table WHERE role_id = $1",
						 1, &type, &value, true);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		MemoryContext spi = MemoryContextSwitchTo(cxt);

		tables = lappend_oid(tables, DatumGetObjectId(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1,
																	&isnull)));
		MemoryContextSwitchTo(spi);
	}
	SPI_finish();
	return tables;
}

/* ---- match_connection_roles ---- */

static int
role_to_match(const char *name)
{
	int			id;
	bool		all_tables;

	if (!read_role(name, &id, &all_tables))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("connection role \"%s\" does not exist", name),
				 errhint("Call relmeta.create_connection_role() first.")));
	check_may_make(tables_of(id), all_tables);
	return id;
}

Datum
relmeta_match_connection_roles(PG_FUNCTION_ARGS)
{
	int			a = role_to_match(relmeta_argument_text_required(fcinfo, 0));
	int			b = role_to_match(relmeta_argument_text_required(fcinfo, 1));
	Oid			types[] = {INT4OID, INT4OID};
	Datum		values[] = {Int32GetDatum(Min(a, b)), Int32GetDatum(Max(a, b))};

	relmeta_prevent_if_read_only(fcinfo);
	feature_catalog_change("INSERT INTO relmeta.connection_role_match (role1, role2) VALUES ($1, $2)"
						   " ON CONFLICT (role1, role2) DO NOTHING", 2, types, values, NULL);
	PG_RETURN_VOID();
}

/* ---- do they fit? ---- */

/* Roles, r, that rows of table $1 can have. */
#define ROLES_OF_TABLE \
	" FROM relmeta.connection_role AS r WHERE (r.all_tables OR EXISTS (SELECT FROM relmeta.connection_role_table AS t" \
	" WHERE t.role_id = r.role_id AND t.relation = $1))"

/* Matches of role $2, m, of which r is the other role. */
#define MATCHES_OF_ROLE \
	" FROM relmeta.connection_role_match AS m JOIN relmeta.connection_role AS r" \
	" ON r.role_id = CASE m.role1 WHEN $2 THEN m.role2 ELSE m.role1 END WHERE $2 IN (m.role1, m.role2)"

static void
refuse_role(const char *name, ModelTable *table)
{
	Oid			type = REGCLASSOID;
	Datum		value = ObjectIdGetDatum(table->relid);
	char	   *fit = read_text("SELECT string_agg(quote_literal(r.name), ', ' ORDER BY r.name)" ROLES_OF_TABLE,
								1, &type, &value);

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("rows of table \"%s\" cannot have the connection role \"%s\"",
					relmeta_relation_name(table->relid), name),
			 fit ? errhint("Roles that fit: %s.", fit) :
			 errhint("No role fits; call relmeta.create_connection_role().")));
}

ConnectionRole
feature_connection_role(const char *name, ModelTable *table)
{
	ConnectionRole role = {0, name};
	bool		all_tables;

	if (!read_role(name, &role.id, &all_tables) || (!all_tables && !list_member_oid(tables_of(role.id), table->relid)))
		refuse_role(name, table);
	return role;
}

ConnectionRole
feature_connection_role_named(int id)
{
	Oid			type = INT4OID;
	Datum		value = Int32GetDatum(id);
	ConnectionRole role = {id};

	role.name = read_text("SELECT name FROM relmeta.connection_role WHERE role_id = $1", 1, &type, &value);
	return role;
}

/* The names of the roles that the given one takes on the other side; NULL: any */
static char *
matches_of(ConnectionRole role)
{
	Oid			types[] = {INT4OID, INT4OID};
	Datum		values[] = {Int32GetDatum(role.id), Int32GetDatum(role.id)};

	return read_text("SELECT string_agg(quote_literal(r.name), ', ' ORDER BY m.match_id)" MATCHES_OF_ROLE
					 " AND $1 IS NOT NULL", 2, types, values);
}

static bool
are_matched(ConnectionRole a, ConnectionRole b)
{
	Oid			types[] = {INT4OID, INT4OID};
	Datum		values[] = {Int32GetDatum(Min(a.id, b.id)), Int32GetDatum(Max(a.id, b.id))};

	return read_text("SELECT 'yes' FROM relmeta.connection_role_match WHERE role1 = $1 AND role2 = $2", 2, types,
					 values) != NULL;
}

void
feature_connection_check_match(ConnectionRole a, ConnectionRole b)
{
	ConnectionRole roles[2] = {a, b};

	if (a.id == 0 || b.id == 0 || are_matched(a, b))
		return;
	for (int i = 0; i < 2; i++)
	{
		char	   *matches = matches_of(roles[i]);

		if (matches)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("connection role \"%s\" does not go with \"%s\"", roles[1 - i].name, roles[i].name),
					 errhint("Roles that fit: %s.", matches)));
	}
}

ConnectionRole
feature_connection_first_match(ConnectionRole given, ModelTable *table)
{
	Oid			types[] = {REGCLASSOID, INT4OID};
	Datum		values[] = {ObjectIdGetDatum(table->relid), Int32GetDatum(given.id)};
	ConnectionRole role = {0, NULL};
	bool		all_tables;

	role.name = read_text("SELECT r.name" MATCHES_OF_ROLE " AND (r.all_tables OR EXISTS (SELECT FROM"
						  " relmeta.connection_role_table AS t WHERE t.role_id = r.role_id AND t.relation = $1))"
						  " ORDER BY m.match_id LIMIT 1", 2, types, values);
	if (role.name != NULL && !read_role(role.name, &role.id, &all_tables))
		role.id = 0;
	return role;
}
