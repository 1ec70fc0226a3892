/*
 * relationship_row.c
 *		Rows of relmeta.relationship, and the names they get.
 */
#include "ddl/lock.h"
#include "ddl/relationship.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* ---- names ---- */

bool
ddl_relationship_name_taken(const char *name)
{
	Oid			types[] = {TEXTOID};
	Datum		values[] = {CStringGetTextDatum(name)};

	return ddl_rows_exist("SELECT FROM relmeta.relationship WHERE name OPERATOR(pg_catalog.=) $1"
						  " UNION ALL SELECT FROM relmeta.intersect_relationship WHERE name OPERATOR(pg_catalog.=) $1",
						  1, types, values);
}

bool
ddl_relationship_name_take(const char *name)
{
	return !ddl_relationship_name_taken(name) && ddl_lock_name_if_free(name) && !ddl_relationship_name_taken(name);
}

static void
check_given_name(const char *name)
{
	if (name[0] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the name of a relationship must not be empty")));
	if (strlen(name) >= NAMEDATALEN)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the name of a relationship must not be longer than %d bytes", NAMEDATALEN - 1)));
	ddl_lock_name(name);
	if (ddl_relationship_name_taken(name))
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("relationship \"%s\" already exists", name),
				 errhint("Give another name.")));
}

/* <primary>_<related>, then <primary>_<related>_<lookup>, then with a number */
static char *
default_name(const Declaration *d)
{
	char	   *base = psprintf("%s_%s", get_rel_name(d->primary), get_rel_name(d->related));
	char	   *name = ddl_numbered_name(base, 0);

	if (ddl_relationship_name_take(name))
		return name;
	base = psprintf("%s_%s", base, model_columns_text(d->lookup));
	name = ddl_numbered_name(base, 0);
	for (int i = 1; !ddl_relationship_name_take(name); i++)
		name = ddl_numbered_name(base, i);
	return name;
}

void
ddl_declaration_name(Declaration *d)
{
	if (d->name)
		check_given_name(d->name);
	else
		d->name = default_name(d);
}

/* ---- rows ---- */

static Datum
name_datum(const char *value)
{
	return DirectFunctionCall1(namein, CStringGetDatum(value));
}

#define FIXED_COLUMNS 8

void
ddl_declaration_insert(Declaration *d)
{
	Oid			types[FIXED_COLUMNS + MODEL_ACTIONS] = {
		TEXTOID, REGCLASSOID, REGCLASSOID, NAMEOID, NAMEOID, TEXTOID, BOOLOID, BOOLOID
	};
	Datum		values[FIXED_COLUMNS + MODEL_ACTIONS] = {0};
	char		nulls[FIXED_COLUMNS + MODEL_ACTIONS];

	memset(nulls, ' ', sizeof(nulls));
	values[0] = CStringGetTextDatum(d->name);
	values[1] = ObjectIdGetDatum(d->primary);
	values[2] = ObjectIdGetDatum(d->related);
	values[3] = name_datum(model_columns_declared(d->lookup));
	if (d->type_column)
	{
		values[4] = name_datum(d->type_column);
		values[5] = CStringGetTextDatum(d->type_value);
	}
	else
		nulls[4] = nulls[5] = 'n';
	values[6] = BoolGetDatum(d->is_hierarchical);
	values[7] = BoolGetDatum(d->foreign_key);
	for (int i = 0; i < MODEL_ACTIONS; i++)
	{
		types[FIXED_COLUMNS + i] = TEXTOID;
		values[FIXED_COLUMNS + i] = CStringGetTextDatum(model_behavior_name(d->behavior[i]));
	}
	ddl_catalog("INSERT INTO relmeta.relationship (name, primary_table, related_table, lookup_column,"
				" type_column, type_value, is_hierarchical, foreign_key,"
				" assign, reparent, share, unshare, delete, merge, rollup_view)"
				" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::relmeta.behavior, $10::relmeta.behavior,"
				" $11::relmeta.behavior, $12::relmeta.behavior, $13::relmeta.behavior,"
				" $14::relmeta.behavior, $15::relmeta.behavior)",
				lengthof(types), types, values, nulls);
	d->id = model_relationship_required(model_current(), d->name)->id;
}

void
ddl_declaration_update(const Declaration *d)
{
	Oid			types[1 + MODEL_ACTIONS] = {INT4OID};
	Datum		values[1 + MODEL_ACTIONS] = {Int32GetDatum(d->id)};

	for (int i = 0; i < MODEL_ACTIONS; i++)
	{
		types[1 + i] = TEXTOID;
		values[1 + i] = CStringGetTextDatum(model_behavior_name(d->behavior[i]));
	}
	ddl_catalog("UPDATE relmeta.relationship SET assign = $2::relmeta.behavior, reparent = $3::relmeta.behavior,"
				" share = $4::relmeta.behavior, unshare = $5::relmeta.behavior, delete = $6::relmeta.behavior,"
				" merge = $7::relmeta.behavior, rollup_view = $8::relmeta.behavior"
				" WHERE relationship_id OPERATOR(pg_catalog.=) $1",
				lengthof(types), types, values, NULL);
}

void
ddl_declaration_delete(int id)
{
	Oid			types[] = {INT4OID};
	Datum		values[] = {Int32GetDatum(id)};

	ddl_catalog("DELETE FROM relmeta.relationship WHERE relationship_id OPERATOR(pg_catalog.=) $1",
				1, types, values, NULL);
}

void
ddl_declaration_from_model(Declaration *d, ModelRelationship *r)
{
	memset(d, 0, sizeof(Declaration));
	d->id = r->id;
	d->name = r->name;
	d->primary = r->primary->relid;
	d->related = r->related->relid;
	d->lookup = &r->lookup;
	d->type_column = r->type_column.name;
	d->type_value = r->type_value;
	memcpy(d->behavior, r->behavior, sizeof(d->behavior));
	d->delete_named = true;
	d->is_hierarchical = r->is_hierarchical;
	d->foreign_key = r->foreign_key;
}
