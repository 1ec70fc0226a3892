/*
 * key_sql.c
 *		The columns in which a relation holds a key, as SQL text; see key.h.
 */
#include "relmeta.h"

#include "model/key.h"
#include "utils/builtins.h"

/* name: quoted */
static char *
column_sql(const char *alias, const char *name)
{
	return alias != NULL ? psprintf("%s.%s", alias, name) : pstrdup(name);
}

/* By the equality of a type. */
static char *
column_is(ModelType *type, const char *alias, const char *name, const char *key)
{
	return psprintf("%s.%s %s %s%s", alias, name, type->sql_eq, key, type->sql_collate);
}

static char *
column_is_any(ModelType *type, const char *alias, const char *name, const char *keys)
{
	return psprintf("%s.%s %s ANY (%s%s)", alias, name, type->sql_eq, keys, type->sql_collate);
}

/* ---- of any relation ---- */

char *
model_columns_sql(ModelKeyColumns *columns, const char *alias)
{
	return column_sql(alias, columns->only.sql_name);
}

char *
model_columns_are(ModelKeyColumns *columns, const char *alias, const char *key)
{
	return column_is(&columns->only.type, alias, columns->only.sql_name, key);
}

char *
model_columns_are_any(ModelKeyColumns *columns, const char *alias, const char *keys)
{
	return column_is_any(&columns->only.type, alias, columns->only.sql_name, keys);
}

char *
model_columns_are_set(ModelKeyColumns *columns, const char *alias)
{
	return psprintf("%s.%s IS NOT NULL", alias, columns->only.sql_name);
}

char *
model_columns_set(ModelKeyColumns *columns, const char *key)
{
	return psprintf("%s = %s", columns->only.sql_name, key != NULL ? key : "NULL");
}

char *
model_columns_list(ModelKeyColumns *columns)
{
	return pstrdup(quote_identifier(columns->only.name));
}

char *
model_columns_literals(ModelKeyColumns *columns)
{
	return quote_literal_cstr(columns->only.name);
}

char *
model_columns_values(ModelKeyColumns *columns, const char *key)
{
	return pstrdup(key);
}

/* ---- a table's key ---- */

char *
model_key_sql(ModelTable *table, const char *alias)
{
	return model_columns_sql(&table->key, alias);
}

char *
model_key_is(ModelTable *table, const char *alias, const char *key)
{
	return model_columns_are(&table->key, alias, key);
}

char *
model_key_is_after(ModelTable *table, const char *alias, const char *key)
{
	ModelType  *type = &table->key.only.type;

	return psprintf("%s %s %s.%s%s", key, type->sql_lt, alias, table->key.only.sql_name, type->sql_collate);
}

char *
model_object_is(ModelTable *table, const char *alias, const char *key)
{
	return column_is(&table->key.only.type, alias, "object", key);
}

/* ---- a lookup ---- */

char *
model_lookup_sql(ModelRelationship *relationship, const char *alias)
{
	return model_columns_sql(&relationship->lookup, alias);
}

char *
model_lookup_is(ModelRelationship *relationship, const char *alias, const char *key)
{
	return column_is(&relationship->primary->key.only.type, alias, relationship->lookup.only.sql_name, key);
}

char *
model_lookup_is_any(ModelRelationship *relationship, const char *alias, const char *keys)
{
	return column_is_any(&relationship->primary->key.only.type, alias, relationship->lookup.only.sql_name, keys);
}
