/*
 * row.c
 *		Rows of relmeta.intersect_relationship, read and written for ddl/.
 *
 * Pending rows are read here, not in the model: what is in them matters only to
 * DDL, which must see what others committed while it waited for a lock.
 */
#include "ddl/intersect/intersect.h"

#include "access/htup_details.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

/* parameters of one statement, in order */
typedef struct Params
{
	int			n;
	Oid			types[24];
	Datum		values[24];
	char		nulls[24];
} Params;

static void
add(Params *params, Oid type, Datum value, bool isnull)
{
	params->types[params->n] = type;
	params->values[params->n] = value;
	params->nulls[params->n] = isnull ? 'n' : ' ';
	params->n++;
}

static void
add_text(Params *params, const char *value)
{
	add(params, TEXTOID, value ? CStringGetTextDatum(value) : (Datum) 0, value == NULL);
}

static void
add_relation(Params *params, Oid relid)
{
	add(params, REGCLASSOID, ObjectIdGetDatum(relid), !OidIsValid(relid));
}

static void
add_bool(Params *params, bool value)
{
	add(params, BOOLOID, BoolGetDatum(value), false);
}

static void
add_names(Params *params, List *names)
{
	Datum	   *elems = palloc((list_length(names) + 1) * sizeof(Datum));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, names)
	{
		Name		name = palloc0(NAMEDATALEN);

		namestrcpy(name, lfirst(lc));
		elems[n++] = NameGetDatum(name);
	}
	add(params, NAMEARRAYOID,
		PointerGetDatum(construct_array(elems, n, NAMEOID, NAMEDATALEN, false, TYPALIGN_CHAR)),
		names == NIL);
}

static void
run(const char *sql, Params *params)
{
	(void) ddl_catalog(sql, params->n, params->types, params->values, params->nulls);
}

/* ---- writing ---- */

void
ddl_intersect_row_insert(Intersect *intersect, Oid relid, bool is_adopted)
{
	Params		params = {0};
	bool		is_pending = !OidIsValid(relid);

	add_text(&params, intersect->name);
	for (int i = 0; i < 2; i++)
	{
		IntersectSide *side = &intersect->side[i];
		bool		is_missing = !OidIsValid(side->relid);

		add_relation(&params, side->relid);
		add_text(&params, model_columns_declared(side->column));
		add_text(&params, is_missing ? side->schema : NULL);
		add_text(&params, is_missing ? side->table : NULL);
	}
	add_relation(&params, relid);
	add_bool(&params, is_adopted);
	add_bool(&params, intersect->is_symmetric);
	add_bool(&params, intersect->allow_self);
	add_bool(&params, intersect->surrogate_key);
	add_bool(&params, intersect->allow_duplicates);
	add_names(&params, intersect->unique_by);
	add_text(&params, is_pending ? intersect->schema : NULL);
	add_text(&params, is_pending ? intersect->table : NULL);
	add(&params, BOOLOID, BoolGetDatum(intersect->numbered), !is_pending);
	add_text(&params, is_pending ? intersect->attributes : NULL);
	add(&params, REGROLEOID, ObjectIdGetDatum(intersect->declarer), !is_pending);
	add_text(&params, is_pending ? intersect->search_path : NULL);
	run("INSERT INTO relmeta.intersect_relationship"
		" (name, table1, column1, schema1, table_name1, table2, column2, schema2, table_name2,"
		"  intersect_table, is_adopted, is_symmetric, allow_self, surrogate_key, allow_duplicates, unique_by,"
		"  intersect_schema, intersect_name, numbered, attributes, declarer, search_path)"
		" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)",
		&params);
}

void
ddl_intersect_row_completed(Intersect *intersect, Oid relid)
{
	Params		params = {0};

	add(&params, INT4OID, Int32GetDatum(intersect->id), false);
	add_relation(&params, intersect->side[0].relid);
	add_relation(&params, intersect->side[1].relid);
	add_relation(&params, relid);
	run("UPDATE relmeta.intersect_relationship SET table1 = $2, table2 = $3, intersect_table = $4,"
		"  schema1 = NULL, table_name1 = NULL, schema2 = NULL, table_name2 = NULL, intersect_schema = NULL,"
		"  intersect_name = NULL, numbered = NULL, attributes = NULL, declarer = NULL, search_path = NULL,"
		"  last_error = NULL"
		" WHERE relationship_id OPERATOR(pg_catalog.=) $1",
		&params);
}

void
ddl_intersect_row_failed(Intersect *intersect, const char *error)
{
	Params		params = {0};

	add(&params, INT4OID, Int32GetDatum(intersect->id), false);
	add_text(&params, error);
	run("UPDATE relmeta.intersect_relationship SET last_error = $2"
		" WHERE relationship_id OPERATOR(pg_catalog.=) $1 AND last_error IS DISTINCT FROM $2",
		&params);
}

void
ddl_intersect_row_attributes(int id, const char *attributes)
{
	Params		params = {0};

	add(&params, INT4OID, Int32GetDatum(id), false);
	add_text(&params, attributes);
	run("UPDATE relmeta.intersect_relationship SET attributes = $2 WHERE relationship_id OPERATOR(pg_catalog.=) $1",
		&params);
}

void
ddl_intersect_row_delete(int id)
{
	Params		params = {0};

	add(&params, INT4OID, Int32GetDatum(id), false);
	run("DELETE FROM relmeta.intersect_relationship WHERE relationship_id OPERATOR(pg_catalog.=) $1", &params);
}

/* ---- reading ---- */

static char *
get_text(HeapTuple tuple, int column)
{
	return SPI_getvalue(tuple, SPI_tuptable->tupdesc, column);
}

static Oid
get_oid(HeapTuple tuple, int column)
{
	bool		isnull;
	Datum		value = SPI_getbinval(tuple, SPI_tuptable->tupdesc, column, &isnull);

	return isnull ? InvalidOid : DatumGetObjectId(value);
}

static bool
get_bool(HeapTuple tuple, int column)
{
	bool		isnull;
	Datum		value = SPI_getbinval(tuple, SPI_tuptable->tupdesc, column, &isnull);

	return !isnull && DatumGetBool(value);
}

static List *
get_names(HeapTuple tuple, int column)
{
	bool		isnull;
	Datum		value = SPI_getbinval(tuple, SPI_tuptable->tupdesc, column, &isnull);
	Datum	   *elems;
	bool	   *nulls;
	int			n;
	List	   *names = NIL;

	if (isnull)
		return NIL;
	deconstruct_array(DatumGetArrayTypeP(value), NAMEOID, NAMEDATALEN, false, TYPALIGN_CHAR, &elems, &nulls, &n);
	for (int i = 0; i < n; i++)
		names = lappend(names, pstrdup(NameStr(*DatumGetName(elems[i]))));
	return names;
}

/* A participant known by OID may have been renamed or moved since. */
static void
read_side(IntersectSide *side, HeapTuple tuple, int column)
{
	side->relid = get_oid(tuple, column);
	side->column = model_columns_declare(get_text(tuple, column + 1));
	side->schema = get_text(tuple, column + 2);
	side->table = get_text(tuple, column + 3);
	if (!OidIsValid(side->relid))
	{
		Oid			schema = GetSysCacheOid1(NAMESPACENAME, Anum_pg_namespace_oid, CStringGetDatum(side->schema));

		side->relid = OidIsValid(schema) ? get_relname_relid(side->table, schema) : InvalidOid;
	}
	else
	{
		side->table = get_rel_name(side->relid);
		side->schema = side->table ? get_namespace_name(get_rel_namespace(side->relid)) : NULL;
	}
}

/* all that PENDING_COLUMNS names, in that order */
static Intersect *
read_row(HeapTuple tuple)
{
	Intersect  *intersect = palloc0(sizeof(Intersect));
	bool		isnull;

	intersect->id = DatumGetInt32(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 1, &isnull));
	intersect->name = get_text(tuple, 2);
	read_side(&intersect->side[0], tuple, 3);
	read_side(&intersect->side[1], tuple, 7);
	intersect->is_symmetric = get_bool(tuple, 11);
	intersect->allow_self = get_bool(tuple, 12);
	intersect->surrogate_key = get_bool(tuple, 13);
	intersect->allow_duplicates = get_bool(tuple, 14);
	intersect->unique_by = get_names(tuple, 15);
	intersect->schema = get_text(tuple, 16);
	intersect->table = get_text(tuple, 17);
	intersect->numbered = get_bool(tuple, 18);
	intersect->attributes = get_text(tuple, 19);
	intersect->declarer = get_oid(tuple, 20);
	intersect->search_path = get_text(tuple, 21);
	intersect->last_error = get_text(tuple, 22);
	return intersect;
}

#define PENDING_SELECT \
	"SELECT relationship_id, name, table1, column1, schema1, table_name1, table2, column2, schema2, table_name2," \
	"  is_symmetric, allow_self, surrogate_key, allow_duplicates, unique_by," \
	"  intersect_schema, intersect_name, numbered, attributes, declarer, search_path, last_error" \
	" FROM relmeta.intersect_relationship WHERE intersect_table IS NULL"

/* The rows of a PENDING_SELECT, in the caller's memory context. */
static List *
read_rows(const char *sql, Params *params, bool lock)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext spi;
	List	   *rows = NIL;
	SPIPlanPtr	plan;
	int			rc;
	ActingAs	saved;

	saved = relmeta_act_begin(relmeta_extension_owner(), ACT_RESTRICTED);
	SPI_connect();
	plan = SPI_prepare(sql, params->n, params->types);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	rc = SPI_execute_snapshot(plan, params->values, params->nulls, GetLatestSnapshot(), InvalidSnapshot,
							  !lock, true, 0);
	if (rc != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_snapshot failed: %s", SPI_result_code_string(rc));
	if (lock)
		AcceptInvalidationMessages();	/* of those whom we waited for */
	spi = MemoryContextSwitchTo(caller);
	for (uint64 i = 0; i < SPI_processed; i++)
		rows = lappend(rows, read_row(SPI_tuptable->vals[i]));
	MemoryContextSwitchTo(spi);
	SPI_finish();
	relmeta_act_end(saved);
	return rows;
}

Intersect *
ddl_intersect_pending_locked(int id)
{
	Params		params = {0};
	List	   *rows;

	add(&params, INT4OID, Int32GetDatum(id), false);
	rows = read_rows(PENDING_SELECT " AND relationship_id OPERATOR(pg_catalog.=) $1 FOR UPDATE", &params, true);
	return rows == NIL ? NULL : linitial(rows);
}

Intersect *
ddl_intersect_pending_unlocked(int id, bool *busy)
{
	Params		params = {0};
	List	   *rows;

	add(&params, INT4OID, Int32GetDatum(id), false);
	rows = read_rows(PENDING_SELECT " AND relationship_id OPERATOR(pg_catalog.=) $1 FOR UPDATE SKIP LOCKED",
					 &params, true);
	*busy = rows == NIL && OidIsValid(ddl_intersect_declarer(id));
	return rows == NIL ? NULL : linitial(rows);
}

List *
ddl_intersect_pending_id(int id)
{
	Params		params = {0};

	add(&params, INT4OID, Int32GetDatum(id), false);
	return read_rows(PENDING_SELECT " AND relationship_id OPERATOR(pg_catalog.=) $1", &params, false);
}

/* InvalidOid when it is pending no more. */
Oid
ddl_intersect_declarer(int id)
{
	List	   *rows = ddl_intersect_pending_id(id);

	return rows == NIL ? InvalidOid : ((Intersect *) linitial(rows))->declarer;
}

List *
ddl_intersects_pending_table(Oid relid, const char *schema, const char *table)
{
	Params		params = {0};

	add_relation(&params, relid);
	add(&params, NAMEOID, DirectFunctionCall1(namein, CStringGetDatum(schema)), false);
	add(&params, NAMEOID, DirectFunctionCall1(namein, CStringGetDatum(table)), false);
	return read_rows(PENDING_SELECT
					 " AND (table1 OPERATOR(pg_catalog.=) $1 OR table2 OPERATOR(pg_catalog.=) $1"
					 "  OR (schema1 OPERATOR(pg_catalog.=) $2 AND table_name1 OPERATOR(pg_catalog.=) $3)"
					 "  OR (schema2 OPERATOR(pg_catalog.=) $2 AND table_name2 OPERATOR(pg_catalog.=) $3))"
					 " ORDER BY relationship_id",
					 &params, false);
}

List *
ddl_intersects_pending_schema(const char *schema)
{
	Params		params = {0};

	add(&params, NAMEOID, DirectFunctionCall1(namein, CStringGetDatum(schema)), false);
	return read_rows(PENDING_SELECT
					 " AND (schema1 OPERATOR(pg_catalog.=) $1 OR schema2 OPERATOR(pg_catalog.=) $1)"
					 " ORDER BY relationship_id",
					 &params, false);
}

List *
ddl_intersects_pending(void)
{
	Params		params = {0};

	return read_rows(PENDING_SELECT " ORDER BY relationship_id", &params, false);
}

/* How many pending relationships wait for a table of that name, and how many of them one role has declared. */
void
ddl_intersect_count_waiting(const char *schema, const char *table, Oid declarer, int64 *all, int64 *own)
{
	Oid			types[] = {NAMEOID, NAMEOID, OIDOID};
	Datum		values[] = {
		DirectFunctionCall1(namein, CStringGetDatum(schema)), DirectFunctionCall1(namein, CStringGetDatum(table)),
		ObjectIdGetDatum(declarer)
	};
	bool		isnull;

	SPI_connect();
	ddl_query_latest("SELECT count(*), count(*) FILTER (WHERE i.declarer = $3) FROM relmeta.intersect_relationship AS i"
					 " WHERE i.intersect_table IS NULL AND ((i.schema1 = $1 AND i.table_name1 = $2)"
					 "  OR (i.schema2 = $1 AND i.table_name2 = $2))", 3, types, values);
	*all = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	*own = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull));
	SPI_finish();
}

/* ---- names ---- */

bool
ddl_intersect_table_name_taken(const char *schema, const char *table)
{
	Oid			namespace = GetSysCacheOid1(NAMESPACENAME, Anum_pg_namespace_oid, CStringGetDatum(schema));
	ListCell   *lc;

	if (OidIsValid(namespace) &&
		(OidIsValid(get_relname_relid(table, namespace)) ||
		 SearchSysCacheExists2(TYPENAMENSP, CStringGetDatum(table), ObjectIdGetDatum(namespace))))
		return true;
	foreach(lc, ddl_intersects_pending())
	{
		Intersect  *pending = lfirst(lc);

		if (strcmp(pending->schema, schema) == 0 && strcmp(pending->table, table) == 0)
			return true;
	}
	return false;
}
