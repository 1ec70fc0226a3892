/*
 * column.c
 *		Lookup and type columns, and the index led by the lookup: SEMANTICS 2.3.
 */
#include "ddl/intersect_table.h"
#include "ddl/relationship.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/index.h"
#include "catalog/pg_am.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/* The same values in the same form: the cascades carry keys into lookups and back without conversion. */
bool
ddl_types_agree(ModelColumn *a, ModelColumn *b)
{
	Oid			x = getBaseType(a->type.type);
	Oid			y = getBaseType(b->type.type);

	return x == y || (IsBinaryCoercible(x, y) && IsBinaryCoercible(y, x));
}

/*
 * Do a key and what points to it call the same values equal?  Collations may differ where they tell all texts apart;
 * 'ACME' and 'acme' that are two keys, and one lookup, would be related to each other's rows.
 */
bool
ddl_collations_agree(ModelColumn *a, ModelColumn *b)
{
	Oid			collation[2] = {a->type.collation, b->type.collation};

	if (collation[0] == collation[1])
		return true;
	for (int i = 0; i < 2; i++)
		if (OidIsValid(collation[i]) && !get_collation_isdeterministic(collation[i]))
			return false;
	return true;
}

/* One of the lookup's columns, and that of the key which it holds. */
static void
check_column_type(const Declaration *d, ModelColumn *lookup, ModelColumn *key)
{
	if (!ddl_types_agree(key, lookup))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("lookup \"%s\" of table \"%s\" is of type %s, the key of table \"%s\" of type %s",
						lookup->name, get_rel_name(d->related), format_type_be(lookup->type.type),
						get_rel_name(d->primary), format_type_be(key->type.type)),
				 errhint("Use ALTER TABLE %s ALTER COLUMN %s TYPE %s.",
						 ddl_table_name(d->related), lookup->sql_name,
						 ddl_type_name(key->type.type, key->type.typmod))));
	if (!ddl_collations_agree(key, lookup))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("lookup \"%s\" of table \"%s\" calls other values equal than the key of table \"%s\"",
						lookup->name, get_rel_name(d->related), get_rel_name(d->primary)),
				 errdetail("Their collations differ, and one of them is nondeterministic."),
				 errhint("Use ALTER TABLE %s ALTER COLUMN %s TYPE %s%s.", ddl_table_name(d->related),
						 lookup->sql_name, ddl_type_name(key->type.type, key->type.typmod), key->type.sql_collate)));
}

void
ddl_check_lookup_type(const Declaration *d)
{
	ModelKeyColumns *key = ddl_primary_key(d->primary);
	ModelKeyColumns *lookup = model_columns_find(d->lookup, d->related);
	ModelColumn *keys[MODEL_KEY_COLUMNS];
	ModelColumn *lookups[MODEL_KEY_COLUMNS];
	int			n;

	if (lookup == NULL)
		return;
	model_columns_fill(key);
	model_columns_fill(lookup);
	n = model_columns_append(key, keys);
	(void) model_columns_append(lookup, lookups);
	for (int i = 0; i < n; i++)
		check_column_type(d, lookups[i], keys[i]);
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
	ModelKeyColumns *key = ddl_primary_key(d->primary);
	ModelColumn *columns[MODEL_KEY_COLUMNS];
	ModelType	type;
	ListCell   *lc;

	initStringInfo(&sql);
	model_columns_fill(key);
	(void) model_columns_append(key, columns);
	foreach(lc, model_columns_names(d->lookup))
		append_column(&sql, d, lfirst(lc), &columns[foreach_current_index(lc)]->type);
	if (d->type_column)
	{
		model_type_fill(&type, TEXTOID, -1, get_typcollation(TEXTOID));
		append_column(&sql, d, d->type_column, &type);
	}
	if (sql.len > 0)
		ddl_run_on(d->related, "ALTER TABLE %s%s", ddl_table_name(d->related), sql.data);
	foreach(lc, model_columns_names(d->lookup))
		ddl_check_settable(d->related, lfirst(lc));
	if (d->type_column)
		ddl_check_settable(d->related, d->type_column);
}

/* ---- index ---- */

/*
 * Whether an index serves `lookup = ANY($1)`: led by the columns, all rows, with
 * their own equality and collation.
 */
static bool
index_serves(Oid index_oid, ModelColumn **columns, int n)
{
	Relation	index = index_open(index_oid, AccessShareLock);
	bool		result;

	result = index->rd_index->indisvalid && index->rd_index->indnkeyatts >= n &&
		heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, NULL) &&
		(index->rd_rel->relam == BTREE_AM_OID || index->rd_rel->relam == HASH_AM_OID);
	for (int i = 0; result && i < n; i++)
		result = index->rd_index->indkey.values[i] == columns[i]->attnum &&
			op_in_opfamily(columns[i]->type.eqop, index->rd_opfamily[i]) &&
			index->rd_indcollation[i] == columns[i]->type.collation;
	index_close(index, NoLock);
	return result;
}

static bool
has_index(Oid relid, ModelColumn **columns, int n)
{
	Relation	rel = table_open(relid, AccessShareLock);
	bool		result = false;
	ListCell   *lc;

	foreach(lc, RelationGetIndexList(rel))
	{
		if (index_serves(lfirst_oid(lc), columns, n))
			result = true;
	}
	table_close(rel, NoLock);
	return result;
}

bool
ddl_column_has_index(Oid relid, const char *column)
{
	ModelColumn of = {.attnum = ddl_column_required(relid, column)};
	ModelColumn *columns[] = {&of};

	ddl_column_type(relid, column, &of.type);
	return has_index(relid, columns, 1);
}

bool
ddl_column_leads_index(Oid relid, const char *column, Oid index)
{
	ModelColumn of = {.attnum = ddl_column_required(relid, column)};
	ModelColumn *columns[] = {&of};

	ddl_column_type(relid, column, &of.type);
	return IndexGetRelation(index, true) == relid && index_serves(index, columns, 1);
}

bool
ddl_lookup_has_index(const Declaration *d)
{
	ModelKeyColumns *lookup = model_columns_find(d->lookup, d->related);
	ModelColumn *columns[MODEL_KEY_COLUMNS];

	if (lookup == NULL)
		return false;
	model_columns_fill(lookup);
	return has_index(d->related, columns, model_columns_append(lookup, columns));
}

/* CREATE INDEX ON s.related (primary_id, primary_type), named by PostgreSQL */
static void
ensure_index(const Declaration *d)
{
	if (ddl_lookup_has_index(d))
		return;
	ddl_run("CREATE INDEX ON %s (%s%s%s)", ddl_table_name(d->related), model_columns_list(d->lookup),
			d->type_column ? ", " : "", d->type_column ? quote_identifier(d->type_column) : "");
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
	ListCell   *lc;

	if (get_rel_name(d->related) == NULL)
		return;
	initStringInfo(&sql);
	foreach(lc, model_columns_names(d->lookup))
		append_drop(&sql, model, d->related, lfirst(lc));
	append_drop(&sql, model, d->related, d->type_column);
	if (sql.len > 0)
		ddl_run_on(d->related, "ALTER TABLE %s%s", ddl_table_name(d->related), sql.data);
}
