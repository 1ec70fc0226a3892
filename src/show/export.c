/*
 * export.c
 *		export_metadata(): the model as a document.  SEMANTICS 2.7, 3.15.
 *
 * Two exports of the same model are equal: names are qualified (search_path is
 * out of the way), lists are in order of name as bytes, and nothing of the
 * document depends on numbers, on column positions or on who asks.  What cannot
 * be used (restored stale) is left out; verify() reports it.
 *
 * The document describes columns as far as the model stands on them, so that
 * import_metadata(create_tables => true) can make the tables.
 */
#include "ddl/ddl.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/jsonb.h"

PG_FUNCTION_INFO_V1(relmeta_export_metadata);

/*
 * Throughout, $1 is true for the whole model, else $2 (oid[]) are the tables asked for.
 *
 * What a document is about: registered tables and the ends of N:N relationships.
 */
#define TABLES_SQL \
"tables AS (SELECT c.oid, c.oid::regclass::text AS name, r.relation IS NOT NULL AS registered, r.owner_column," \
"    r.state_column, r.active_states, r.inactive_state, r.is_system, r.default_owner, r.access_control," \
"    r.force_access_control, r.everyone," \
"    coalesce(r.key_column, (SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid" \
"       AND a.attnum = i.indkey[0] WHERE i.indrelid = c.oid AND i.indisprimary AND i.indnkeyatts = 1)) AS key_column" \
"  FROM pg_class c LEFT JOIN relmeta.registered_table r ON r.relation = c.oid" \
"  WHERE (r.relation IS NOT NULL OR EXISTS (SELECT FROM relmeta.intersect_relationship i" \
"       WHERE c.oid IN (i.table1, i.table2)))" \
"    AND ($1 OR c.oid = ANY ($2)))"

#define RELATIONSHIPS_SQL \
"links AS (SELECT r.*, a.attnotnull FROM relmeta.relationship r" \
"    JOIN tables p ON p.oid = r.primary_table JOIN tables c ON c.oid = r.related_table" \
"    JOIN pg_attribute a ON a.attrelid = r.related_table AND a.attname = r.lookup_column AND NOT a.attisdropped)"

/* The columns that a table's part in the model stands on. */
#define USED_SQL \
"used AS (SELECT t.oid, u.name FROM tables t," \
"    LATERAL (VALUES (t.key_column), (t.owner_column), (t.state_column)) AS u (name)" \
"  UNION SELECT related_table, lookup_column FROM links" \
"  UNION SELECT related_table, type_column FROM links" \
"  UNION SELECT primary_table, source_column FROM links JOIN relmeta.column_mapping USING (relationship_id)" \
"  UNION SELECT related_table, target_column FROM links JOIN relmeta.column_mapping USING (relationship_id))"

/*
 * A default is told where it is a constant, or one of two ways to make keys; everything else is code, which a
 * document does not carry.
 */
#define COLUMNS_SQL \
"columns AS (SELECT u.oid, jsonb_agg(jsonb_build_object(" \
"      'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)," \
"      'collation', CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END," \
"      'not_null', a.attnotnull," \
"      'unique', EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique AND i.indisvalid" \
"         AND i.indpred IS NULL AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum AND NOT i.indisprimary)," \
"      'generated', CASE WHEN a.attidentity = 'a' THEN 'always'" \
"         WHEN a.attidentity = 'd' OR e.expr LIKE 'nextval(%' THEN 'by_default'" \
"         WHEN e.expr = 'gen_random_uuid()' THEN 'uuid' END," \
"      'default', CASE WHEN a.attgenerated <> '' THEN NULL" \
"         WHEN e.expr ~ '^(true|false|-?[0-9]+(\\.[0-9]+)?)$' THEN e.expr" \
"         WHEN e.expr ~ '^''([^''\\\\]|'''')*''::[^()'']+(\\([0-9,]+\\))?$'" \
"         THEN replace(substring(e.expr from '^''(.*)''::'), '''''', '''') END)" \
"    ORDER BY a.attname COLLATE \"C\") AS list" \
"  FROM used u JOIN pg_attribute a ON a.attrelid = u.oid AND a.attname = u.name AND NOT a.attisdropped" \
"    JOIN pg_type t ON t.oid = a.atttypid" \
"    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum" \
"    LEFT JOIN LATERAL (SELECT pg_get_expr(d.adbin, d.adrelid)) AS e (expr) ON true" \
"  GROUP BY u.oid)"

#define TABLE_LIST_SQL \
"(SELECT coalesce(jsonb_agg(jsonb_build_object(" \
"      'name', t.name, 'registered', t.registered, 'columns', coalesce(c.list, '[]'), 'key_column', t.key_column)" \
"    || CASE WHEN t.registered THEN jsonb_build_object(" \
"      'owner_column', t.owner_column, 'default_owner', t.default_owner, 'state_column', t.state_column," \
"      'active_states', to_jsonb(t.active_states), 'inactive_state', t.inactive_state, 'is_system', t.is_system," \
"      'access_control', CASE WHEN t.access_control THEN jsonb_build_object(" \
"         'force', t.force_access_control, 'everyone', to_jsonb(relmeta.rights(t.everyone))) END)" \
"      ELSE '{}' END" \
"    ORDER BY t.name COLLATE \"C\"), '[]')" \
"  FROM tables t LEFT JOIN columns c ON c.oid = t.oid)"

/* What says no more than nothing is left out. */
#define MENUS_SQL(name) \
"      'menus', (SELECT coalesce(jsonb_agg(jsonb_build_object('side', m.side, 'display', m.display, 'label', m.label," \
"            'menu_group', m.menu_group, 'menu_order', m.menu_order) ORDER BY m.side), '[]')" \
"         FROM relmeta.menus m WHERE m.relationship = " name \
"           AND (m.display <> 'collection_name' OR num_nonnulls(m.label, m.menu_group, m.menu_order) > 0))"

#define RELATIONSHIP_LIST_SQL \
"(SELECT coalesce(jsonb_agg(jsonb_build_object(" \
"      'name', l.name, 'original_name', l.original_name," \
"      'primary_table', l.primary_table::regclass::text, 'related_table', l.related_table::regclass::text," \
"      'lookup_column', l.lookup_column, 'type_column', l.type_column, 'type_value', l.type_value," \
"      'required', l.attnotnull, 'foreign_key', l.foreign_key, 'is_hierarchical', l.is_hierarchical," \
"      'behaviors', jsonb_build_object('assign', l.assign, 'reparent', l.reparent, 'share', l.share," \
"         'unshare', l.unshare, 'delete', l.delete, 'merge', l.merge, 'rollup_view', l.rollup_view)," \
"      'mappings', (SELECT coalesce(jsonb_agg(jsonb_build_object('source_column', m.source_column," \
"            'target_column', m.target_column) ORDER BY m.target_column COLLATE \"C\"), '[]')" \
"         FROM relmeta.column_mapping m WHERE m.relationship_id = l.relationship_id)," \
MENUS_SQL("l.name") ")" \
"    ORDER BY l.name COLLATE \"C\"), '[]')" \
"  FROM links l)"

/* An end that does not exist yet is as it was named; attributes of a pending relationship are as they were given. */
#define INTERSECT_LIST_SQL \
"(SELECT coalesce(jsonb_agg(jsonb_build_object(" \
"      'name', i.name, 'original_name', i.original_name," \
"      'table1', coalesce(i.table1::regclass::text, format('%I.%I', i.schema1, i.table_name1))," \
"      'column1', i.column1," \
"      'table2', coalesce(i.table2::regclass::text, format('%I.%I', i.schema2, i.table_name2))," \
"      'column2', i.column2," \
"      'intersect_table', coalesce(i.intersect_table::regclass::text," \
"         format('%I.%I', i.intersect_schema, i.intersect_name))," \
"      'attributes', regexp_replace(v.attributes, 'DEFAULT nextval\\(''[^'']*''::regclass\\)'," \
"         'GENERATED BY DEFAULT AS IDENTITY', 'g')," \
"      'unique_by', to_jsonb(i.unique_by), 'surrogate_key', i.surrogate_key," \
"      'allow_duplicates', i.allow_duplicates, 'is_symmetric', i.is_symmetric, 'allow_self', i.allow_self," \
"      'is_adopted', i.is_adopted, 'is_pending', i.intersect_table IS NULL, 'search_path', i.search_path," \
MENUS_SQL("i.name") ")" \
"    ORDER BY i.name COLLATE \"C\"), '[]')" \
"  FROM relmeta.intersect_relationship i JOIN relmeta.many_to_many v ON v.name = i.name" \
"    LEFT JOIN tables a ON a.oid = i.table1 LEFT JOIN tables b ON b.oid = i.table2" \
"  WHERE CASE WHEN $1 THEN i.intersect_table IS NULL OR i.intersect_table IN (SELECT oid FROM pg_class)" \
"    ELSE (a.oid IS NOT NULL OR i.table1 IS NULL) AND (b.oid IS NOT NULL OR i.table2 IS NULL)" \
"      AND (a.oid IS NOT NULL OR b.oid IS NOT NULL) END)"

/* A procedure by name: its arguments are always the same. */
#define AUTOMATION_LIST_SQL \
"(SELECT coalesce(jsonb_agg(jsonb_build_object('name', a.name, 'table', t.name," \
"      'procedure', format('%I.%I(regclass,text)', a.procedure_schema, a.procedure_name))" \
"    ORDER BY a.name COLLATE \"C\"), '[]')" \
"  FROM relmeta.automation a JOIN tables t ON t.oid = a.relation)"

/*
 * Connection roles: of some tables, those that are of no others.  One whose last table was taken away is of no use.
 */
#define ROLES_SQL \
"roles AS (SELECT r.*, u.tables FROM relmeta.connection_role r," \
"    LATERAL (SELECT array_agg(t.relation::oid) AS oids," \
"        jsonb_agg(t.relation::regclass::text ORDER BY t.relation::regclass::text COLLATE \"C\") AS tables" \
"      FROM relmeta.connection_role_table t WHERE t.role_id = r.role_id) AS u" \
"  WHERE CASE WHEN $1 THEN r.all_tables OR u.oids IS NOT NULL ELSE NOT r.all_tables AND u.oids <@ $2 END)"

#define ROLE_LIST_SQL \
"(SELECT coalesce(jsonb_agg(jsonb_build_object('name', r.name, 'category', r.category, 'description', r.description," \
"      'tables', r.tables) ORDER BY r.name COLLATE \"C\"), '[]') FROM roles r)"

/* In the order of their making: the first is what connect() fills in.  Neither role is the first of the two. */
#define MATCH_LIST_SQL \
"(SELECT coalesce(jsonb_agg(jsonb_build_object('role1', least(a.name, b.name), 'role2', greatest(a.name, b.name))" \
"    ORDER BY m.match_id), '[]')" \
"  FROM relmeta.connection_role_match m JOIN roles a ON a.role_id = m.role1 JOIN roles b ON b.role_id = m.role2)"

static const char *const export_sql =
"WITH " TABLES_SQL ", " RELATIONSHIPS_SQL ", " USED_SQL ", " COLUMNS_SQL ", " ROLES_SQL
" SELECT jsonb_build_object('format', 'relmeta', 'version', 1,"
" 'tables', " TABLE_LIST_SQL ","
" 'relationships', " RELATIONSHIP_LIST_SQL ","
" 'many_to_many', " INTERSECT_LIST_SQL ","
" 'automations', " AUTOMATION_LIST_SQL ","
" 'connection_roles', " ROLE_LIST_SQL ","
" 'connection_role_matches', " MATCH_LIST_SQL ")";

/* 42P01, 42704 */
static void
check_tables(List *tables)
{
	ListCell   *lc;

	foreach(lc, tables)
	{
		Oid			relid = lfirst_oid(lc);

		(void) relmeta_relation_owner(relid);
		if ((model_known(relid) & (KNOWN_REGISTERED | KNOWN_PARTICIPANT)) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_OBJECT),
					 errmsg("table \"%s\" is not registered", relmeta_relation_name(relid)),
					 errhint("Call relmeta.register_table(%s) first.", quote_literal_cstr(ddl_table_name(relid)))));
	}
}

static Datum
oid_array(List *oids)
{
	Datum	   *elems = palloc(sizeof(Datum) * Max(list_length(oids), 1));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, oids)
		elems[n++] = ObjectIdGetDatum(lfirst_oid(lc));
	return PointerGetDatum(construct_array(elems, n, OIDOID, sizeof(Oid), true, TYPALIGN_INT));
}

/*
 * The statement is long, and without statistics of the catalogs looks costly:
 * compiling it took ten times as long as running it.
 */
static int
without_jit(void)
{
	int			level = NewGUCNestLevel();

	(void) set_config_option("jit", "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	return level;
}

Datum
relmeta_export_metadata(PG_FUNCTION_ARGS)
{
	MemoryContext cxt = CurrentMemoryContext;
	Oid			types[] = {BOOLOID, OIDARRAYOID};
	List	   *tables = PG_ARGISNULL(0) ? NIL : relmeta_argument_tables(fcinfo, 0);
	Datum		values[] = {BoolGetDatum(PG_ARGISNULL(0)), oid_array(tables)};
	MemoryContext spi;
	Datum		document;
	bool		isnull;
	int			level;

	check_tables(tables);
	level = without_jit();
	SPI_connect();
	ddl_query_latest(export_sql, 2, types, values);
	document = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	spi = MemoryContextSwitchTo(cxt);
	document = PointerGetDatum(PG_DETOAST_DATUM_COPY(document));
	MemoryContextSwitchTo(spi);
	SPI_finish();
	AtEOXact_GUC(true, level);
	PG_RETURN_DATUM(document);
}
