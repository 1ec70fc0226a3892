/*
 * key.c
 *		A row's key, out of rows of any relation and as SQL text; see key.h.
 */
#include "relmeta.h"

#include "model/key.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"

bool
model_key_read(ModelKeyReader *reader, Relation rel, TupleTableSlot *slot, Datum *key)
{
	bool		isnull;

	if (reader->relid != RelationGetRelid(rel))
	{
		reader->relid = RelationGetRelid(rel);
		reader->attnum = get_attnum(reader->relid, reader->table->key.name);
	}
	*key = slot_getattr(slot, reader->attnum, &isnull);
	return !isnull;
}

bool
model_key_may_select(ModelTable *table, Oid role)
{
	return pg_attribute_aclcheck(table->relid, table->key.attnum, role, ACL_SELECT) == ACLCHECK_OK;
}

List *
model_key_columns(ModelTable *table)
{
	return list_make1(table->key.name);
}

bool
model_key_has_column(ModelTable *table, const char *name)
{
	return strcmp(table->key.name, name) == 0;
}

/* ---- in SQL ---- */

/* name: quoted */
static char *
column_sql(const char *alias, const char *name)
{
	return alias != NULL ? psprintf("%s.%s", alias, name) : pstrdup(name);
}

/* By the key's own equality. */
static char *
column_is(ModelTable *table, const char *alias, const char *name, const char *key)
{
	ModelType  *type = &table->key.type;

	return psprintf("%s.%s %s %s%s", alias, name, type->sql_eq, key, type->sql_collate);
}

char *
model_key_sql(ModelTable *table, const char *alias)
{
	return column_sql(alias, table->key.sql_name);
}

char *
model_key_is(ModelTable *table, const char *alias, const char *key)
{
	return column_is(table, alias, table->key.sql_name, key);
}

char *
model_key_is_after(ModelTable *table, const char *alias, const char *key)
{
	ModelType  *type = &table->key.type;

	return psprintf("%s %s %s.%s%s", key, type->sql_lt, alias, table->key.sql_name, type->sql_collate);
}

char *
model_object_is(ModelTable *table, const char *alias, const char *key)
{
	return column_is(table, alias, "object", key);
}

char *
model_lookup_sql(ModelRelationship *relationship, const char *alias)
{
	return column_sql(alias, relationship->lookup.sql_name);
}

char *
model_lookup_is(ModelRelationship *relationship, const char *alias, const char *key)
{
	return column_is(relationship->primary, alias, relationship->lookup.sql_name, key);
}

char *
model_lookup_is_any(ModelRelationship *relationship, const char *alias, const char *keys)
{
	ModelType  *type = &relationship->primary->key.type;

	return psprintf("%s.%s %s ANY (%s%s)", alias, relationship->lookup.sql_name, type->sql_eq, keys, type->sql_collate);
}
