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
#include "catalog/pg_collation.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "model/internal.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

/* Is the column where it was, of the type that it had?  One without a name was none. */
static bool
column_as_read(Oid relid, ModelColumn *column)
{
	HeapTuple	tuple;
	Form_pg_attribute att;
	bool		same;

	if (column->going)
		return false;
	if (column->name == NULL)
		return true;
	tuple = SearchSysCacheAttName(relid, column->name);
	if (!HeapTupleIsValid(tuple))
		return false;
	att = (Form_pg_attribute) GETSTRUCT(tuple);
	same = att->attnum == column->attnum && att->attnotnull == column->not_null &&
		att->atttypid == column->type.type && att->atttypmod == column->type.typmod &&
		att->attcollation == column->type.collation;
	ReleaseSysCache(tuple);
	return same;
}

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
		!class_as_read(table->relid, table->relowner, false, table->sql_name) ||
		!column_as_read(table->relid, &table->key) || !column_as_read(table->relid, &table->owner) ||
		!column_as_read(table->relid, &table->state))
		return false;
	foreach(lc, table->as_related)
	{
		ModelRelationship *relationship = lfirst(lc);

		if (relationship->broken != NULL || relationship->going ||
			!column_as_read(table->relid, &relationship->lookup) ||
			!column_as_read(table->relid, &relationship->type_column))
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
		column_as_read(intersect->relid, &intersect->column[0]) &&
		column_as_read(intersect->relid, &intersect->column[1]);
}

bool
model_is_as_read(Model *model, Oid relid)
{
	ModelTable *table = hash_search(model->tables, &relid, HASH_FIND, NULL);
	ModelIntersect *intersect = model_intersect_by_table(model, relid);

	return (table == NULL || table_as_read(table)) && (intersect == NULL || intersect_as_read(intersect)) &&
		model_leaf_as_read(model, relid);
}

/* ---- schemas ---- */

static void
add_namespace(Model *model, Oid namespace)
{
	uint32		hash;

	if (!OidIsValid(namespace))
		return;
	hash = GetSysCacheHashValue1(NAMESPACEOID, ObjectIdGetDatum(namespace));
	for (int i = 0; i < model->nnamespaces; i++)
		if (model->namespace_hashes[i] == hash)
			return;
	if (model->nnamespaces == model->namespaces_size)
	{
		model->namespaces_size = Max(8, 2 * model->namespaces_size);
		model->namespace_hashes = model->namespace_hashes == NULL ?
			MemoryContextAlloc(model->cxt, model->namespaces_size * sizeof(uint32)) :
			repalloc(model->namespace_hashes, model->namespaces_size * sizeof(uint32));
	}
	model->namespace_hashes[model->nnamespaces++] = hash;
}

static Oid
namespace_of(int cache, Oid object)
{
	HeapTuple	tuple = OidIsValid(object) ? SearchSysCache1(cache, ObjectIdGetDatum(object)) : NULL;
	Oid			namespace;

	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	namespace = cache == TYPEOID ? ((Form_pg_type) GETSTRUCT(tuple))->typnamespace :
		cache == OPEROID ? ((Form_pg_operator) GETSTRUCT(tuple))->oprnamespace :
		((Form_pg_collation) GETSTRUCT(tuple))->collnamespace;
	ReleaseSysCache(tuple);
	return namespace;
}

void
model_note_namespaces(Model *model)
{
	ListCell   *lc;

	add_namespace(model, relmeta_schema_oid());
	foreach(lc, model->table_list)
	{
		ModelTable *table = lfirst(lc);

		add_namespace(model, get_rel_namespace(table->relid));
		add_namespace(model, get_rel_namespace(table->entry_relid));
	}
	foreach(lc, model->intersect_list)
		add_namespace(model, get_rel_namespace(((ModelIntersect *) lfirst(lc))->relid));
	for (int i = 0; i < model->ntypes; i++)
	{
		ModelType  *type = model->types[i];

		add_namespace(model, namespace_of(TYPEOID, type->type));
		add_namespace(model, namespace_of(TYPEOID, type->base_type));
		add_namespace(model, namespace_of(OPEROID, type->eqop));
		add_namespace(model, namespace_of(OPEROID, type->ltop));
		add_namespace(model, namespace_of(COLLOID, type->collation));
	}
}
