/*
 * as_read.c
 *		Does a relation still look as the model has it?
 *
 * The relation cache is told of much that says nothing of what the model reads: VACUUM, ANALYZE, CREATE INDEX, a new
 * trigger.  So a relation of which it was told is looked at, and the model is read again only when something of it
 * differs.  Everything that load.c, intersect.c and leaf.c take from pg_class and pg_attribute is compared here; what
 * they take from elsewhere has invalidations of its own, but for the foreign key of a lookup, which is looked up anew.
 */
#include "relmeta.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "model/internal.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

static bool
class_as_read(Oid relid, Oid relowner, bool is_partitioned, const char *sql_name)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Form_pg_class class;
	char	   *namespace;
	char	   *name;
	bool		same;

	if (!HeapTupleIsValid(tuple))
		return false;
	class = (Form_pg_class) GETSTRUCT(tuple);
	same = class->relowner == relowner && (class->relkind == RELKIND_PARTITIONED_TABLE) == is_partitioned;
	namespace = same ? get_namespace_name(class->relnamespace) : NULL;
	if (namespace != NULL)
	{
		name = quote_qualified_identifier(namespace, NameStr(class->relname));
		same = strcmp(name, sql_name) == 0;
		pfree(name);
		pfree(namespace);
	}
	ReleaseSysCache(tuple);
	return same && namespace != NULL;
}

static bool
table_as_read(ModelTable *table)
{
	ListCell   *lc;

	/* partitions come and go without a trace in what is compared */
	if (table->broken != NULL || table->going || table->is_partitioned ||
		!class_as_read(table->relid, table->relowner, false, table->sql_name) || !model_columns_as_read(table))
		return false;
	foreach(lc, table->related_in)
	{
		ModelRelationship *relationship = lfirst(lc);

		if (relationship->broken != NULL || relationship->going ||
			!model_column_as_read(table->relid, &relationship->lookup.only) ||
			!model_column_as_read(table->relid, &relationship->type_column))
			return false;
		relationship->deferrable = 0;
	}
	return true;
}

static bool
intersect_as_read(ModelIntersect *intersect)
{
	bool		is_partitioned = get_rel_relkind(intersect->relid) == RELKIND_PARTITIONED_TABLE;

	return intersect->broken == NULL &&
		class_as_read(intersect->relid, intersect->relowner, is_partitioned, intersect->sql_name) &&
		model_column_as_read(intersect->relid, &intersect->column[0].only) &&
		model_column_as_read(intersect->relid, &intersect->column[1].only);
}

bool
model_is_as_read(Model *model, Oid relid)
{
	TableEntry *entry = hash_search(model->tables, &relid, HASH_FIND, NULL);
	ModelIntersect *intersect = model_intersect_uses(model, relid) ? model_intersect_by_table(model, relid) : NULL;

	return (entry == NULL || entry->table == NULL || table_as_read(entry->table)) &&
		(intersect == NULL || intersect_as_read(intersect)) && model_leaf_as_read(model, relid);
}

/* ---- what a statement that goes on goes by ---- */

static bool
named_as_read(Oid relid, const char *sql_name)
{
	char	   *name = get_rel_name(relid);

	return name != NULL &&
		strcmp(quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)), name), sql_name) == 0;
}

static bool
column_has_type(Oid relid, ModelColumn *column)
{
	return column->name == NULL ||
		(get_attnum(relid, column->name) == column->attnum && get_atttype(relid, column->attnum) == column->type.type);
}

static bool
table_holds(ModelTable *table)
{
	ListCell   *lc;

	if (table->broken != NULL)
		return true;			/* nothing is read of it */
	if (!named_as_read(table->relid, table->sql_name) || !column_has_type(table->relid, &table->key.only) ||
		!column_has_type(table->relid, &table->owner) || !column_has_type(table->relid, &table->state))
		return false;
	foreach(lc, table->related_in)
	{
		ModelRelationship *relationship = lfirst(lc);

		if (relationship->broken == NULL &&
			(!column_has_type(table->relid, &relationship->lookup.only) ||
			 !column_has_type(table->relid, &relationship->type_column)))
			return false;
	}
	return true;
}

static bool
intersect_holds(ModelIntersect *intersect)
{
	return intersect->broken != NULL ||
		(named_as_read(intersect->relid, intersect->sql_name) &&
		 column_has_type(intersect->relid, &intersect->column[0].only) &&
		 column_has_type(intersect->relid, &intersect->column[1].only));
}

bool
model_holds(Model *model, Oid relid, char **sql_name)
{
	TableEntry *entry = hash_search(model->tables, &relid, HASH_FIND, NULL);
	ModelIntersect *intersect = model_intersect_uses(model, relid) ? model_intersect_by_table(model, relid) : NULL;

	if (intersect != NULL)
		*sql_name = intersect->sql_name;
	if (entry != NULL && entry->table != NULL)
		*sql_name = entry->table->sql_name;
	return (entry == NULL || entry->table == NULL || table_holds(entry->table)) &&
		(intersect == NULL || intersect_holds(intersect));
}

/* ---- of two models ---- */

static bool
same_type(ModelColumn *a, ModelColumn *b)
{
	return a->name == NULL || b->name == NULL || a->type.type == b->type.type;
}

bool
model_types_kept(ModelTable *table, ModelTable *now)
{
	ListCell   *lc;

	if (!same_type(&table->key.only, &now->key.only) || !same_type(&table->owner, &now->owner) ||
		!same_type(&table->state, &now->state))
		return false;
	foreach(lc, table->linked ? table->related_in : NIL)
	{
		ModelRelationship *was = lfirst(lc);
		ModelRelationship *is = model_relationship_by_id(now->model, was->id);

		if (is != NULL && was->broken == NULL && is->broken == NULL &&
			(!same_type(&was->lookup.only, &is->lookup.only) || !same_type(&was->type_column, &is->type_column)))
			return false;
	}
	return true;
}
