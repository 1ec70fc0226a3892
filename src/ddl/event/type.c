/*
 * type.c
 *		ALTER TYPE: what it renames, values of an enum and attributes of a composite
 *		type, the catalog knows by name.
 *
 *	a value that is an active or the inactive state, a type value or a key	followed
 *	one that is a principal's name, in an owner column, in entries or in an
 *	application's own table of principals							55000
 *	an attribute that is a column of typed tables					followed
 *
 * A principal is one for all tables: it cannot follow one type.
 */
#include "ddl/event/event.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "ddl/follow.h"
#include "executor/spi.h"
#include "model/key.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/* ---- values that name principals ---- */

static void
refuse_principal(Oid type, Oid relid, const char *old_value, const char *new_value)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("cannot rename value \"%s\" of type %s: it is the name of a principal",
					old_value, format_type_be(type)),
			 errdetail("Table \"%s\" holds principals in that type.", get_rel_name(relid)),
			 errhint("Add the value %s, call relmeta.create_user(%s) and relmeta.reassign_owned(%s, %s).",
					 quote_literal_cstr(new_value), quote_literal_cstr(new_value),
					 quote_literal_cstr(old_value), quote_literal_cstr(new_value))));
}

/* A registered table that holds principals in the type, as owners or in its entries; InvalidOid. */
static Oid
table_of_principals(Oid type)
{
	ListCell   *lc;

	foreach(lc, model_tables(ddl_model()))
	{
		ModelTable *table = lfirst(lc);

		if ((table->owner.name && table->owner.type.base_type == type) ||
			(OidIsValid(table->entry_relid) && model_principal(table)->base_type == type))
			return table->relid;
	}
	return InvalidOid;
}

/* The columns that register_principals() and register_memberships() read. */
static const char *const source_columns_sql =
"SELECT a.attrelid, a.atttypid FROM relmeta.principal_source AS s JOIN pg_attribute AS a ON a.attrelid = s.relation"
" WHERE a.attname IN (s.team_column, s.member_column) OR (s.kind IS NOT NULL AND EXISTS"
"   (SELECT FROM pg_index AS i WHERE i.indrelid = s.relation AND i.indisprimary"
"      AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])))";

/* A table of principals, or of memberships, that names them in the type; InvalidOid. */
static Oid
source_of_principals(Oid type)
{
	Oid			found = InvalidOid;

	SPI_connect();
	ddl_query_latest(source_columns_sql, 0, NULL, NULL);
	for (uint64 i = 0; i < SPI_processed && !OidIsValid(found); i++)
	{
		HeapTuple	row = SPI_tuptable->vals[i];
		bool		isnull;

		if (getBaseType(DatumGetObjectId(SPI_getbinval(row, SPI_tuptable->tupdesc, 2, &isnull))) == type)
			found = DatumGetObjectId(SPI_getbinval(row, SPI_tuptable->tupdesc, 1, &isnull));
	}
	SPI_finish();
	return found;
}

/* ---- values that the catalog stores ---- */

static void
follow(const char *sql, Oid key_type, Datum key, const char *old_value, const char *new_value)
{
	Oid			types[] = {key_type, TEXTOID, TEXTOID};
	Datum		values[] = {key, CStringGetTextDatum(old_value), CStringGetTextDatum(new_value)};

	ddl_catalog(sql, 3, types, values, NULL);
}

static void
follow_states(Oid type, const char *old_value, const char *new_value)
{
	ListCell   *lc;

	foreach(lc, model_tables(ddl_model()))
	{
		ModelTable *table = lfirst(lc);

		if (table->state.name && table->state.type.base_type == type)
			follow("UPDATE relmeta.registered_table SET active_states = array_replace(active_states, $2, $3),"
				   "  inactive_state = CASE WHEN inactive_state = $2 THEN $3 ELSE inactive_state END"
				   " WHERE relation = $1 AND ($2 = ANY (active_states) OR inactive_state = $2)",
				   REGCLASSOID, ObjectIdGetDatum(table->relid), old_value, new_value);
	}
}

static void
follow_type_values(Oid type, const char *old_value, const char *new_value)
{
	ListCell   *lc;

	foreach(lc, model_relationships(ddl_model()))
	{
		ModelRelationship *r = lfirst(lc);

		if (r->type_column.name && r->type_column.type.base_type == type && strcmp(r->type_value, old_value) == 0)
			follow("UPDATE relmeta.relationship SET type_value = $3 WHERE relationship_id = $1 AND type_value = $2",
				   INT4OID, Int32GetDatum(r->id), old_value, new_value);
	}
}

/* Entries hold the value itself; higher rooms its text. */
static void
follow_keys(Oid type, const char *old_value, const char *new_value)
{
	ListCell   *lc;

	foreach(lc, model_tables(ddl_model()))
	{
		ModelTable *table = lfirst(lc);

		if (table->broken == NULL && model_key_type(table)->base_type == type)
			ddl_tell_key_renamed(table->relid, old_value, new_value);
	}
}

void
ddl_event_enum_value_renamed(Oid type, const char *old_value, const char *new_value)
{
	if (model_principal_exists(old_value))
	{
		Oid			relid = table_of_principals(type);

		if (!OidIsValid(relid))
			relid = source_of_principals(type);
		if (OidIsValid(relid))
			refuse_principal(type, relid, old_value, new_value);
	}
	follow_states(type, old_value, new_value);
	follow_type_values(type, old_value, new_value);
	follow_keys(type, old_value, new_value);
}

/* ---- attributes ---- */

/* class is the composite type's; with CASCADE its typed tables have renamed columns. */
void
ddl_event_attribute_renamed(Oid class, const char *old_name, const char *new_name)
{
	Oid			type = get_rel_type_id(class);
	Relation	rel = table_open(RelationRelationId, AccessShareLock);
	TableScanDesc scan = table_beginscan_catalog(rel, 0, NULL);
	HeapTuple	tuple;
	List	   *typed = NIL;
	ListCell   *lc;

	while (HeapTupleIsValid(tuple = heap_getnext(scan, ForwardScanDirection)))
	{
		Form_pg_class form = (Form_pg_class) GETSTRUCT(tuple);

		if (OidIsValid(type) && form->reloftype == type)
			typed = lappend_oid(typed, form->oid);
	}
	table_endscan(scan);
	table_close(rel, AccessShareLock);
	foreach(lc, typed)
		ddl_event_column_renamed(lfirst_oid(lc), old_name, new_name);
}
