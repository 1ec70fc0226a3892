/*
 * column.c
 *		Lookup and type columns, and the index led by the lookup: SEMANTICS 2.3.
 */
#include "ddl/intersect_table.h"
#include "ddl/relationship.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_am.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

/* distinct lookups that are looked for at a time */
#define KEYS_AT_A_TIME 10000

static void
column_type(Oid relid, const char *column, ModelType *type)
{
	Oid			typid;
	int32		typmod;
	Oid			collation;

	get_atttypetypmodcoll(relid, ddl_column_required(relid, column), &typid, &typmod, &collation);
	model_type_fill(type, typid, typmod, collation);
}

/* The same values in the same form: the cascades carry keys into lookups and back without conversion. */
bool
ddl_types_agree(Oid a, Oid b)
{
	a = getBaseType(a);
	b = getBaseType(b);
	return a == b || (IsBinaryCoercible(a, b) && IsBinaryCoercible(b, a));
}

/*
 * Do a key and what points to it call the same values equal?  Collations may differ where they tell all texts apart;
 * 'ACME' and 'acme' that are two keys, and one lookup, would be related to each other's rows.
 */
bool
ddl_collations_agree(Oid primary, AttrNumber key, Oid related, AttrNumber lookup)
{
	Oid			typid;
	int32		typmod;
	Oid			collation[2];

	get_atttypetypmodcoll(primary, key, &typid, &typmod, &collation[0]);
	get_atttypetypmodcoll(related, lookup, &typid, &typmod, &collation[1]);
	if (collation[0] == collation[1])
		return true;
	for (int i = 0; i < 2; i++)
		if (OidIsValid(collation[i]) && !get_collation_isdeterministic(collation[i]))
			return false;
	return true;
}

static void
check_lookup_collation(const Declaration *d, const char *key, ModelType *key_type)
{
	if (ddl_collations_agree(d->primary, get_attnum(d->primary, key), d->related, get_attnum(d->related, d->lookup)))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("lookup \"%s\" of table \"%s\" calls other values equal than the key of table \"%s\"",
					d->lookup, get_rel_name(d->related), get_rel_name(d->primary)),
			 errdetail("Their collations differ, and one of them is nondeterministic."),
			 errhint("Use ALTER TABLE %s ALTER COLUMN %s TYPE %s%s.", ddl_table_name(d->related),
					 quote_identifier(d->lookup), ddl_type_name(key_type->type, key_type->typmod),
					 key_type->sql_collate)));
}

void
ddl_check_lookup_type(const Declaration *d)
{
	char	   *key = ddl_primary_key(d->primary);
	ModelType	key_type;
	ModelType	lookup_type;

	if (get_attnum(d->related, d->lookup) == InvalidAttrNumber)
		return;
	column_type(d->primary, key, &key_type);
	column_type(d->related, d->lookup, &lookup_type);
	if (!ddl_types_agree(key_type.type, lookup_type.type))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("lookup \"%s\" of table \"%s\" is of type %s, the key of table \"%s\" of type %s",
						d->lookup, get_rel_name(d->related), format_type_be(lookup_type.type),
						get_rel_name(d->primary), format_type_be(key_type.type)),
				 errhint("Use ALTER TABLE %s ALTER COLUMN %s TYPE %s.",
						 ddl_table_name(d->related), quote_identifier(d->lookup),
						 ddl_type_name(key_type.type, key_type.typmod))));
	check_lookup_collation(d, key, &key_type);
}

/* ---- columns ---- */

/* ', ADD COLUMN c text COLLATE x.y NOT NULL' or ', ALTER COLUMN c SET NOT NULL', as far as wanted */
static void
append_column(StringInfo sql, const Declaration *d, const char *column, ModelType *type)
{
	const char *name = quote_identifier(column);

	if (get_attnum(d->related, column) == InvalidAttrNumber)
		appendStringInfo(sql, "%s ADD COLUMN %s %s%s%s", sql->len > 0 ? "," : "", name,
						 ddl_type_name(type->type, type->typmod), type->sql_collate,
						 d->required ? " NOT NULL" : "");
	else if (d->required)
		appendStringInfo(sql, "%s ALTER COLUMN %s SET NOT NULL", sql->len > 0 ? "," : "", name);
}

/* ALTER TABLE s.related ADD COLUMN primary_id bigint NOT NULL, ADD COLUMN primary_type text NOT NULL */
static void
ensure_columns(const Declaration *d)
{
	StringInfoData sql;
	ModelType	type;

	initStringInfo(&sql);
	column_type(d->primary, ddl_primary_key(d->primary), &type);
	append_column(&sql, d, d->lookup, &type);
	if (d->type_column)
	{
		model_type_fill(&type, TEXTOID, -1, get_typcollation(TEXTOID));
		append_column(&sql, d, d->type_column, &type);
	}
	if (sql.len > 0)
		ddl_run_on(d->related, "ALTER TABLE %s%s", ddl_table_name(d->related), sql.data);
	ddl_check_settable(d->related, d->lookup);
	if (d->type_column)
		ddl_check_settable(d->related, d->type_column);
}

/* ---- index ---- */

/*
 * Whether an index serves `lookup = ANY($1)`: led by the column, all rows, with
 * the column's own equality and collation.
 */
static bool
index_serves(Oid index_oid, AttrNumber lookup, ModelType *type)
{
	Relation	index = index_open(index_oid, AccessShareLock);
	bool		result;

	result = index->rd_index->indisvalid &&
		index->rd_index->indkey.values[0] == lookup &&
		heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, NULL) &&
		(index->rd_rel->relam == BTREE_AM_OID || index->rd_rel->relam == HASH_AM_OID) &&
		op_in_opfamily(type->eqop, index->rd_opfamily[0]) &&
		index->rd_indcollation[0] == type->collation;
	index_close(index, NoLock);
	return result;
}

static bool
has_index(Oid relid, const char *lookup)
{
	Relation	rel = table_open(relid, AccessShareLock);
	AttrNumber	attnum = get_attnum(relid, lookup);
	ModelType	type;
	bool		result = false;
	ListCell   *lc;

	column_type(relid, lookup, &type);
	foreach(lc, RelationGetIndexList(rel))
	{
		if (index_serves(lfirst_oid(lc), attnum, &type))
			result = true;
	}
	table_close(rel, NoLock);
	return result;
}

/* CREATE INDEX ON s.related (primary_id, primary_type), named by PostgreSQL */
static void
ensure_index(const Declaration *d)
{
	if (has_index(d->related, d->lookup))
		return;
	ddl_run("CREATE INDEX ON %s (%s%s%s)", ddl_table_name(d->related), quote_identifier(d->lookup),
			d->type_column ? ", " : "", d->type_column ? quote_identifier(d->type_column) : "");
}

bool
ddl_column_has_index(Oid relid, const char *column)
{
	return has_index(relid, column);
}

bool
ddl_lookup_has_index(const Declaration *d)
{
	return has_index(d->related, d->lookup);
}

void
ddl_lookup_ensure(const Declaration *d)
{
	ensure_columns(d);
	ensure_index(d);
}

/* ---- dropping ---- */

static bool
is_lookup(Model *model, Oid relid, const char *column)
{
	ListCell   *lc;

	foreach(lc, model_relationships_of(model, relid))
	{
		ModelRelationship *r = lfirst(lc);

		if (r->related->relid == relid &&
			(model_columns_have(&r->lookup, column) ||
			 (r->type_column.name && strcmp(r->type_column.name, column) == 0)))
			return true;
	}
	return false;
}

static bool
names_column(ModelColumn *registered, const char *column)
{
	return registered->name && strcmp(registered->name, column) == 0;
}

static void
refuse_registered(Model *model, Oid relid, const char *column)
{
	ModelTable *table = model_table(model, relid);

	if (table &&
		(model_key_has_column(table, column) || names_column(&table->owner, column) ||
		 names_column(&table->state, column)))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("column \"%s\" of table \"%s\" cannot be dropped: its registration needs it",
						column, get_rel_name(relid)),
				 errhint("Call relmeta.drop_relationship() without drop_storage.")));
}

/* Links would lose an end, and the N:N relationship with them. */
static void
refuse_intersect_key(Oid relid, const char *column)
{
	ModelIntersect *intersect = ddl_intersect_needing(relid, column);

	if (intersect)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("column \"%s\" of table \"%s\" cannot be dropped: it is a key of many-to-many relationship"
						" \"%s\"",
						column, get_rel_name(relid), intersect->name),
				 errhint("Call relmeta.drop_relationship() without drop_storage, or drop relationship %s first.",
						 quote_literal_cstr(intersect->name))));
}

/* register_memberships() was given it; nothing could say so any more. */
static void
refuse_source_column(Oid relid, const char *column)
{
	Oid			types[] = {REGCLASSOID, NAMEOID};
	Datum		values[] = {ObjectIdGetDatum(relid), DirectFunctionCall1(namein, CStringGetDatum(column))};

	if (ddl_rows_exist("SELECT FROM relmeta.principal_source AS s"
					   " WHERE s.relation = $1 AND (s.team_column = $2 OR s.member_column = $2)", 2, types, values))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("column \"%s\" of table \"%s\" cannot be dropped: memberships are read from it",
						column, get_rel_name(relid)),
				 errhint("Call relmeta.drop_relationship() without drop_storage.")));
}

/* ', DROP COLUMN c' */
static void
append_drop(StringInfo sql, Model *model, Oid relid, const char *column)
{
	if (column == NULL || get_attnum(relid, column) == InvalidAttrNumber)
		return;
	refuse_intersect_key(relid, column);
	if (is_lookup(model, relid, column))
		return;
	refuse_registered(model, relid, column);
	refuse_source_column(relid, column);
	appendStringInfo(sql, "%s DROP COLUMN %s", sql->len > 0 ? "," : "", quote_identifier(column));
}

/* ALTER TABLE s.related DROP COLUMN lookup, DROP COLUMN type; the row of the relationship is gone by now */
void
ddl_lookup_drop(const Declaration *d)
{
	Model	   *model = ddl_model();
	StringInfoData sql;

	if (get_rel_name(d->related) == NULL)
		return;
	initStringInfo(&sql);
	append_drop(&sql, model, d->related, d->lookup);
	append_drop(&sql, model, d->related, d->type_column);
	if (sql.len > 0)
		ddl_run_on(d->related, "ALTER TABLE %s%s", ddl_table_name(d->related), sql.data);
}

/* ---- rows ---- */

char *
ddl_lookup_is_set(const Declaration *d, const char *alias)
{
	ModelType	type;

	if (d->type_column == NULL)
		return psprintf("%s.%s IS NOT NULL", alias, quote_identifier(d->lookup));
	column_type(d->related, d->type_column, &type);
	return psprintf("%s.%s IS NOT NULL AND %s.%s %s %s::%s", alias, quote_identifier(d->lookup),
					alias, quote_identifier(d->type_column), type.sql_eq,
					quote_literal_cstr(d->type_value), type.sql_name);
}

/*
 * r.lookup IS NOT NULL [AND r.type = 'account'::text]
 *   AND NOT EXISTS (SELECT FROM s.primary AS p WHERE p.id = r.lookup)
 */
char *
ddl_lookup_is_orphan(const Declaration *d)
{
	char	   *key = ddl_primary_key(d->primary);
	ModelType	type;

	column_type(d->primary, key, &type);
	return psprintf("%s AND NOT EXISTS (SELECT FROM %s AS p WHERE p.%s %s r.%s%s)",
					ddl_lookup_is_set(d, "r"), ddl_table_name(d->primary), quote_identifier(key), type.sql_eq,
					quote_identifier(d->lookup), type.sql_collate);
}

/* as the related table's owner: SELECT DISTINCT r.lookup::bigint FROM s.related AS r WHERE r.lookup IS NOT NULL */
static Portal
open_lookups(const Declaration *d, ModelType *type)
{
	ActingAs	saved = relmeta_act_begin_on(d->related, AccessShareLock, ACT_RESTRICTED);
	SPIPlanPtr	plan = SPI_prepare(psprintf("SELECT DISTINCT r.%s::%s FROM %s AS r WHERE %s",
											quote_identifier(d->lookup), type->sql_name,
											ddl_table_name(d->related), ddl_lookup_is_set(d, "r")), 0, NULL);
	Portal		portal;

	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	portal = SPI_cursor_open(NULL, plan, NULL, NULL, true);
	relmeta_act_end(saved);
	return portal;
}

/*
 * as the primary table's owner: is one of the keys that were fetched missing?
 *
 *	SELECT EXISTS (SELECT FROM pg_catalog.unnest($1) AS k(key)
 *		WHERE NOT EXISTS (SELECT FROM s.primary AS p WHERE p.id = k.key))
 */
static bool
key_is_missing(const Declaration *d, const char *key, ModelType *type)
{
	Datum	   *keys = palloc(sizeof(Datum) * (SPI_processed + 1));
	Datum		array;
	bool		isnull;
	ActingAs	saved;
	int			result;

	for (uint64 i = 0; i < SPI_processed; i++)
		keys[i] = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull);
	array = model_type_array(type, keys, (int) SPI_processed);
	saved = relmeta_act_begin_on(d->primary, AccessShareLock, ACT_RESTRICTED);
	result = SPI_execute_with_args(psprintf("SELECT EXISTS (SELECT FROM pg_catalog.unnest($1) AS k(key)"
											" WHERE NOT EXISTS (SELECT FROM %s AS p WHERE p.%s %s k.key%s))",
											ddl_table_name(d->primary), quote_identifier(key), type->sql_eq,
											type->sql_collate),
								   1, &type->array_type, &array, NULL, true, 0);
	relmeta_act_end(saved);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args failed: %s", SPI_result_code_string(result));
	return DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
}

/*
 * Tables of two owners: neither may be able to read the other's, and code of neither runs as the other.  Both
 * queries see the same rows.
 */
static bool
has_orphans_of_another(const Declaration *d)
{
	char	   *key = ddl_primary_key(d->primary);
	ModelType	type;
	Portal		portal;
	bool		found = false;

	column_type(d->primary, key, &type);
	SPI_connect();
	PushActiveSnapshot(GetLatestSnapshot());
	portal = open_lookups(d, &type);
	while (!found)
	{
		ActingAs	saved = relmeta_act_begin_on(d->related, NoLock, ACT_RESTRICTED);

		SPI_cursor_fetch(portal, true, KEYS_AT_A_TIME);
		relmeta_act_end(saved);
		if (SPI_processed == 0)
			break;
		found = key_is_missing(d, key, &type);
	}
	SPI_cursor_close(portal);
	PopActiveSnapshot();
	SPI_finish();
	return found;
}

/* SELECT FROM s.related AS r WHERE ... */
bool
ddl_has_orphans(const Declaration *d)
{
	if (relmeta_relation_owner(d->related) != relmeta_relation_owner(d->primary))
		return has_orphans_of_another(d);
	return ddl_rows_exist_on(d->related, psprintf("SELECT FROM %s AS r WHERE %s", ddl_table_name(d->related),
												  ddl_lookup_is_orphan(d)));
}

void
ddl_check_orphans(const Declaration *d)
{
	if (ddl_has_orphans(d))
		ereport(ERROR,
				(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
				 errmsg("column \"%s\" of table \"%s\" points to rows that are not in table \"%s\"",
						d->lookup, get_rel_name(d->related), get_rel_name(d->primary)),
				 errhint("Correct or clear the lookup of those rows first.")));
}
