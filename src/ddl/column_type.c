/*
 * column_type.c
 *		alter_column_type: a key, owner or lookup together with the columns
 *		that must be of its type.  SEMANTICS 2.2.
 *
 * PostgreSQL retypes one column at a time and refuses one that a trigger
 * watches or that a foreign key joins to another type.  So: find the columns,
 * take away triggers, foreign keys and defaults, retype, put them back as they
 * were.  All in one transaction, under AccessExclusiveLock on every table.
 */
#include "ddl/column_type.h"
#include "ddl/follow.h"
#include "ddl/intersect_table.h"
#include "ddl/lock.h"
#include "ddl/registration.h"
#include "ddl/relationship.h"

#include "access/access.h"
#include "catalog/pg_type.h"
#include "collect/long_key.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "parser/parse_coerce.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(relmeta_alter_column_type);

/* a foreign key between two of them */
typedef struct DroppedKey
{
	Oid			relid;
	Oid			referenced;
	char	   *name;
	char	   *definition;		/* pg_get_constraintdef() */
	char	   *comment;
} DroppedKey;

/* ---- locks ---- */

static List *
tables_of(List *columns)
{
	List	   *tables = NIL;
	ListCell   *lc;

	foreach(lc, columns)
		tables = list_append_unique_oid(tables, ((Retyped *) lfirst(lc))->relid);
	return tables;
}

/* 42501, naming an N:N relationship of somebody else's that is in the way */
static void
check_owner(Oid relid)
{
	ModelIntersect *intersect = model_intersect_by_table(ddl_model(), relid);

	if (intersect && !relmeta_owns_relation(relid, GetUserId()))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of table %s", get_rel_name(relid)),
				 errdetail("It is the intersect table of many-to-many relationship \"%s\", whose keys have its type.",
						   intersect->name),
				 errhint("A primary key that is dropped with CASCADE takes such a relationship along.")));
	ddl_check_owner(relid);
}

/* The columns, with their tables locked: nobody relates these to others meanwhile. */
static List *
lock_columns(Oid relid, const char *column)
{
	List	   *tables = tables_of(ddl_joined_columns(relid, column));
	List	   *columns;
	ListCell   *lc;

	foreach(lc, tables)
		check_owner(lfirst_oid(lc));
	ddl_lock_tables(tables, tables);
	columns = ddl_joined_columns(relid, column);
	foreach(lc, tables_of(columns))
	{
		if (!list_member_oid(tables, lfirst_oid(lc)))
			ereport(ERROR,
					(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
					 errmsg("a relationship of table \"%s\" was made concurrently", get_rel_name(lfirst_oid(lc)))));
	}
	return columns;
}

/* ---- defaults ---- */

static char *
default_expression(Retyped *retyped)
{
	MemoryContext cxt = CurrentMemoryContext;
	Oid			types[] = {OIDOID, INT2OID};
	Datum		values[] = {ObjectIdGetDatum(retyped->relid), Int16GetDatum(retyped->attnum)};
	char	   *result = NULL;

	SPI_connect();
	ddl_query_latest("SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = $1 AND adnum = $2",
					 2, types, values);
	if (SPI_processed > 0)
		result = MemoryContextStrdup(cxt, SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1));
	SPI_finish();
	return result;
}

/* ALTER TABLE s.t ALTER COLUMN c DROP DEFAULT, where PostgreSQL would refuse to convert it */
static void
drop_default(Retyped *retyped, Oid type)
{
	Oid			old_type = get_atttype(retyped->relid, retyped->attnum);
	char	   *expression;

	if (get_attgenerated(retyped->relid, retyped->attnum))
		return;
	expression = default_expression(retyped);
	if (expression == NULL)
		return;
	if (ddl_registration_default_is_ours(retyped->relid, retyped->column))
		retyped->default_sql = ddl_registration_default_owner(type);
	else if (!can_coerce_type(1, &old_type, &type, COERCION_ASSIGNMENT))
		retyped->default_sql = access_converted(expression, old_type, type);
	if (retyped->default_sql)
		ddl_run("ALTER TABLE %s ALTER COLUMN %s DROP DEFAULT",
				ddl_table_name(retyped->relid), quote_identifier(retyped->column));
}

static void
set_default(Retyped *retyped)
{
	if (retyped->default_sql)
		ddl_run("ALTER TABLE %s ALTER COLUMN %s SET DEFAULT %s",
				ddl_table_name(retyped->relid), quote_identifier(retyped->column), retyped->default_sql);
}

/* ---- foreign keys ---- */

static const char *const keys_sql =
"SELECT c.conrelid, c.confrelid, c.conname, pg_get_constraintdef(c.oid), obj_description(c.oid, 'pg_constraint')"
" FROM pg_constraint c"
" WHERE c.contype = 'f' AND c.conparentid = 0 AND EXISTS ("
"   SELECT FROM unnest(c.conkey, c.confkey) AS k(referencing, referenced)"
"     JOIN unnest($1, $2) AS a(relid, attnum) ON a.relid = c.conrelid AND a.attnum = k.referencing"
"     JOIN unnest($1, $2) AS b(relid, attnum) ON b.relid = c.confrelid AND b.attnum = k.referenced)"
" ORDER BY c.oid";

static void
column_arrays(List *columns, Datum *values)
{
	int			n = list_length(columns);
	Datum	   *relids = palloc(sizeof(Datum) * n);
	Datum	   *attnums = palloc(sizeof(Datum) * n);
	ListCell   *lc;

	foreach(lc, columns)
	{
		relids[foreach_current_index(lc)] = ObjectIdGetDatum(((Retyped *) lfirst(lc))->relid);
		attnums[foreach_current_index(lc)] = Int16GetDatum(((Retyped *) lfirst(lc))->attnum);
	}
	values[0] = PointerGetDatum(construct_array(relids, n, OIDOID, sizeof(Oid), true, TYPALIGN_INT));
	values[1] = PointerGetDatum(construct_array(attnums, n, INT2OID, sizeof(int16), true, TYPALIGN_SHORT));
}

/* DroppedKey *: those between two of the columns, composite ones included */
static List *
keys_between(List *columns)
{
	MemoryContext cxt = CurrentMemoryContext;
	Oid			types[] = {OIDARRAYOID, INT2ARRAYOID};
	Datum		values[2];
	List	   *keys = NIL;
	SPITupleTable *table;

	column_arrays(columns, values);
	SPI_connect();
	ddl_query_latest(keys_sql, 2, types, values);
	table = SPI_tuptable;
	for (uint64 i = 0; i < table->numvals; i++)
	{
		HeapTuple	row = table->vals[i];
		TupleDesc	desc = table->tupdesc;
		MemoryContext spi = MemoryContextSwitchTo(cxt);
		DroppedKey *key = palloc(sizeof(DroppedKey));
		bool		isnull;

		key->relid = DatumGetObjectId(SPI_getbinval(row, desc, 1, &isnull));
		key->referenced = DatumGetObjectId(SPI_getbinval(row, desc, 2, &isnull));
		key->name = SPI_getvalue(row, desc, 3);
		key->definition = SPI_getvalue(row, desc, 4);
		key->comment = SPI_getvalue(row, desc, 5);
		keys = lappend(keys, key);
		MemoryContextSwitchTo(spi);
	}
	SPI_finish();
	return keys;
}

static void
drop_keys(List *keys)
{
	ListCell   *lc;

	foreach(lc, keys)
	{
		DroppedKey *key = lfirst(lc);

		ddl_run("ALTER TABLE %s DROP CONSTRAINT %s", ddl_table_name(key->relid), quote_identifier(key->name));
	}
}

static void
add_keys(List *keys)
{
	ListCell   *lc;

	foreach(lc, keys)
	{
		DroppedKey *key = lfirst(lc);
		char	   *table = ddl_table_name(key->relid);
		const char *name = quote_identifier(key->name);

		ddl_run_on(ddl_foreign_key_maker(key->relid, key->referenced), "ALTER TABLE %s ADD CONSTRAINT %s %s",
				   table, name, key->definition);
		if (key->comment)
			ddl_run("COMMENT ON CONSTRAINT %s ON %s IS %s", name, table, quote_literal_cstr(key->comment));
	}
}

/* ---- retyping ---- */

static bool
is_retyped_already(Retyped *retyped, Oid type)
{
	Oid			typid;
	int32		typmod;
	Oid			collation;

	get_atttypetypmodcoll(retyped->relid, retyped->attnum, &typid, &typmod, &collation);
	return typid == type && typmod == -1;
}

/* ' COLLATE x.y' where the column has one of its own and the new type can have one */
static char *
kept_collation(Retyped *retyped, Oid type)
{
	Oid			typid;
	int32		typmod;
	Oid			collation;
	ModelType	filled;

	get_atttypetypmodcoll(retyped->relid, retyped->attnum, &typid, &typmod, &collation);
	if (collation == get_typcollation(typid) || !OidIsValid(get_typcollation(type)))
		return "";
	model_type_fill(&filled, type, -1, collation);
	return filled.sql_collate;
}

/* ALTER TABLE s.t ALTER COLUMN a TYPE bigint USING (a)::bigint, ALTER COLUMN b TYPE bigint USING (b)::bigint */
static void
retype_table(Oid relid, List *columns, Oid type)
{
	StringInfoData sql;
	ListCell   *lc;

	initStringInfo(&sql);
	foreach(lc, columns)
	{
		Retyped    *retyped = lfirst(lc);
		const char *name = quote_identifier(retyped->column);

		if (retyped->relid != relid)
			continue;
		retyped->from = get_atttype(relid, retyped->attnum);
		appendStringInfo(&sql, "%s ALTER COLUMN %s TYPE %s%s USING %s", sql.len > 0 ? "," : "", name,
						 ddl_type_name(type, -1), kept_collation(retyped, type),
						 access_converted(name, retyped->from, type));
	}
	ddl_run_on(relid, "ALTER TABLE %s%s", ddl_table_name(relid), sql.data);
}

static void
unbuild(List *columns, Oid type)
{
	ListCell   *lc;

	foreach(lc, tables_of(columns))
	{
		ddl_triggers_drop(lfirst_oid(lc));
		if (model_intersect_by_table(ddl_model(), lfirst_oid(lc)))
			ddl_intersect_triggers_drop(lfirst_oid(lc));
	}
	foreach(lc, columns)
		drop_default(lfirst(lc), type);
}

/* An owner may be spelt another way in the new type: it must still be a principal. */
static void
check_owners_again(Retyped *retyped)
{
	Registration registration;

	if (!retyped->is_owner || !ddl_registration_read(retyped->relid, &registration))
		return;
	ddl_registration_check_owner_column(&registration);
	/* whoever makes a principal sees that something is going on here */
	ddl_registration_update(&registration);
	ddl_registration_enter_owner_type(&registration);
	ddl_registration_check_owners(&registration, false);
}

/* What higher rooms keep by the texts of keys. */
static void
tell_retyped_key(Retyped *retyped, Oid type)
{
	ModelTable *table = model_table(ddl_model(), retyped->relid);

	if (table && table->broken == NULL && model_columns_have_attnum(&table->key, retyped->attnum))
		ddl_tell_key_retyped(retyped->relid, retyped->from, type);
}

static void
rebuild_table(Oid relid)
{
	ModelIntersect *intersect = model_intersect_by_table(ddl_model(), relid);
	ModelTable *table = model_table(ddl_model(), relid);

	if (intersect)
		ddl_intersect_triggers_sync(intersect);
	if (table)
	{
		/* bytes are spelled twice as long in text */
		collect_check_keys(table);
		ddl_triggers_sync(table);
	}
}

static void
rebuild(List *columns, Oid type)
{
	ListCell   *lc;

	foreach(lc, columns)
	{
		set_default(lfirst(lc));
		check_owners_again(lfirst(lc));
	}
	foreach(lc, tables_of(columns))
	{
		if (model_table(ddl_model(), lfirst_oid(lc)))
			ddl_registration_sync_entries(lfirst_oid(lc));
	}
	foreach(lc, columns)
		tell_retyped_key(lfirst(lc), type);
	foreach(lc, tables_of(columns))
		rebuild_table(lfirst_oid(lc));
}

static void
retype_all(List *columns, List *keys, Oid type)
{
	ListCell   *lc;

	drop_keys(keys);
	foreach(lc, tables_of(columns))
		retype_table(lfirst_oid(lc), columns, type);
	add_keys(keys);
}

Datum
relmeta_alter_column_type(PG_FUNCTION_ARGS)
{
	Oid			relid = relmeta_argument_table(fcinfo, 0);
	char	   *column = relmeta_argument_name_required(fcinfo, 1);
	Oid			type = relmeta_argument_type(fcinfo, 2);
	ModelType	filled;
	List	   *columns;
	List	   *wanting = NIL;
	List	   *keys;
	ListCell   *lc;

	ddl_check_table(relid);
	model_type_fill(&filled, type, -1, get_typcollation(type));
	columns = lock_columns(relid, column);
	foreach(lc, columns)
	{
		if (((Retyped *) lfirst(lc))->is_owner)
			model_owner_type_check(&filled);
		if (!is_retyped_already(lfirst(lc), type))
			wanting = lappend(wanting, lfirst(lc));
	}
	if (wanting == NIL)
		PG_RETURN_VOID();

	keys = keys_between(columns);
	unbuild(wanting, type);
	retype_all(wanting, keys, type);
	rebuild(wanting, type);
	PG_RETURN_VOID();
}
