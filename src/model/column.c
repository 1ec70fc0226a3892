/*
 * column.c
 *		Columns and their types as a model keeps them, filled from the catalog.
 */
#include "relmeta.h"

#include "access/htup_details.h"
#include "catalog/pg_attribute.h"
#include "model/internal.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

/*
 * Information about a type, looked up once per model.  The copy shares its
 * strings; its FmgrInfos are its own from then on.
 */
bool
model_load_type(Model *model, ModelType *dst, Oid typid, int32 typmod, Oid collation)
{
	ModelType  *type;
	int			i;

	for (i = 0; i < model->ntypes; i++)
	{
		type = model->types[i];
		if (type->type == typid && type->typmod == typmod && type->collation == collation)
		{
			*dst = *type;
			return true;
		}
	}

	type = palloc0(sizeof(ModelType));
	if (!model_type_fill_any(type, typid, typmod, collation))
		return false;
	if (model->ntypes == 0)
	{
		model->types = palloc(sizeof(ModelType *));
		model->type_hashes = palloc(2 * sizeof(uint32));
	}
	else
	{
		model->types = repalloc(model->types, (model->ntypes + 1) * sizeof(ModelType *));
		model->type_hashes = repalloc(model->type_hashes, 2 * (model->ntypes + 1) * sizeof(uint32));
	}
	model->types[model->ntypes] = type;
	model->type_hashes[2 * model->ntypes] = GetSysCacheHashValue1(TYPEOID, ObjectIdGetDatum(typid));
	model->type_hashes[2 * model->ntypes + 1] = GetSysCacheHashValue1(TYPEOID, ObjectIdGetDatum(type->base_type));
	model->ntypes++;
	model_note_type(model, type);
	*dst = *type;
	return true;
}

/*
 * Finds a column in the catalog of relid.  Returns NULL, or why it cannot be used;
 * name NULL declares that there is none.  Only the caller's own statements read its
 * values: their type may be anybody's.
 */
char *
model_load_own_column(Model *model, ModelColumn *column, Oid relid, char *name)
{
	HeapTuple	tuple;
	Form_pg_attribute att;
	char	   *problem = NULL;

	column->name = name;
	if (name == NULL)
		return NULL;
	column->sql_name = pstrdup(quote_identifier(name));

	tuple = SearchSysCacheAttName(relid, name);
	if (!HeapTupleIsValid(tuple))
	{
		char	   *now = model_going_column(relid, name, &column->going);

		tuple = now ? SearchSysCacheAttName(relid, now) : NULL;
		if (!HeapTupleIsValid(tuple))
			return psprintf("column \"%s\" does not exist", name);
		column->name = now;
		column->sql_name = pstrdup(quote_identifier(now));
	}
	att = (Form_pg_attribute) GETSTRUCT(tuple);
	column->attnum = att->attnum;
	column->not_null = att->attnotnull;
	if (!model_load_type(model, &column->type, att->atttypid, att->atttypmod, att->attcollation))
		problem = psprintf("column \"%s\" is of type %s, which cannot be compared",
						   name, format_type_be(att->atttypid));
	ReleaseSysCache(tuple);
	return problem;
}

/* The same for a column of which everybody reads values. */
char *
model_load_column(Model *model, ModelColumn *column, Oid relid, char *name)
{
	char	   *problem = model_load_own_column(model, column, relid, name);

	if (problem == NULL && name != NULL && column->type.distrust != NULL)
		problem = psprintf("column \"%s\" is of type %s, which cannot be used: %s", name,
						   format_type_be(column->type.type), column->type.distrust);
	return problem;
}

/* Is the column where it was, of the type that it had?  One without a name was none. */
bool
model_column_as_read(Oid relid, ModelColumn *column)
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

/* The same of a registered table's own columns. */
bool
model_columns_as_read(ModelTable *table)
{
	return model_column_as_read(table->relid, &table->key.only) && model_column_as_read(table->relid, &table->owner) &&
		model_column_as_read(table->relid, &table->state);
}
