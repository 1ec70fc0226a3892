/*
 * key_declared.c
 *		The columns that declarations name, or find, to hold a key; see key.h.
 */
#include "relmeta.h"

#include "access/htup_details.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_type.h"
#include "model/key.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

/* ---- by name ---- */

ModelKeyColumns *
model_columns_declare(const char *name)
{
	ModelKeyColumns *columns = palloc0(sizeof(ModelKeyColumns));

	columns->only.name = pstrdup(name);
	columns->only.sql_name = pstrdup(quote_identifier(name));
	return columns;
}

char *
model_columns_declared(ModelKeyColumns *columns)
{
	return columns->only.name;
}

static void
fill_column(ModelColumn *column, Form_pg_attribute att)
{
	memset(column, 0, sizeof(ModelColumn));
	column->name = pstrdup(NameStr(att->attname));
	column->sql_name = pstrdup(quote_identifier(column->name));
	column->attnum = att->attnum;
	column->not_null = att->attnotnull;
	column->type.type = att->atttypid;
	column->type.typmod = att->atttypmod;
	column->type.collation = att->attcollation;
}

/* Releases the tuple; NULL when there is none. */
static ModelKeyColumns *
found_column(HeapTuple tuple)
{
	ModelKeyColumns *found;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	found = palloc(sizeof(ModelKeyColumns));
	fill_column(&found->only, (Form_pg_attribute) GETSTRUCT(tuple));
	ReleaseSysCache(tuple);
	return found;
}

ModelKeyColumns *
model_columns_find(ModelKeyColumns *columns, Oid relid)
{
	return found_column(SearchSysCacheAttName(relid, columns->only.name));
}

/* ---- by number ---- */

ModelKeyColumns *
model_columns_of_index(Form_pg_index index)
{
	if (index->indnkeyatts > MODEL_KEY_COLUMNS)
		return NULL;
	return found_column(SearchSysCacheAttNum(index->indrelid, index->indkey.values[0]));
}

static int
read_numbers(Datum numbers, Datum **elems)
{
	int			n;

	deconstruct_array(DatumGetArrayTypeP(numbers), INT2OID, sizeof(int16), true, TYPALIGN_SHORT, elems, NULL, &n);
	return n;
}

ModelKeyColumns *
model_columns_of_numbers(Oid relid, Datum numbers)
{
	Datum	   *elems;

	if (read_numbers(numbers, &elems) > MODEL_KEY_COLUMNS)
		return NULL;
	return found_column(SearchSysCacheAttNum(relid, DatumGetInt16(elems[0])));
}

bool
model_columns_are_numbered(ModelKeyColumns *columns, Datum numbers)
{
	Datum	   *elems;

	return read_numbers(numbers, &elems) == model_columns_count(columns) &&
		DatumGetInt16(elems[0]) == columns->only.attnum;
}

int
model_columns_compare(ModelKeyColumns *a, ModelKeyColumns *b)
{
	return a->only.attnum < b->only.attnum ? -1 : a->only.attnum > b->only.attnum;
}

bool
model_columns_at(ModelKeyColumns *columns, Form_pg_index index, int place)
{
	return place < index->indnkeyatts && index->indkey.values[place] == columns->only.attnum;
}

/* ---- their types ---- */

void
model_columns_fill(ModelKeyColumns *found)
{
	ModelType  *type = &found->only.type;

	model_type_fill(type, type->type, type->typmod, type->collation);
}

void
model_columns_fill_own(ModelKeyColumns *found)
{
	ModelType  *type = &found->only.type;

	model_type_fill_own(type, type->type, type->typmod, type->collation);
}

bool
model_columns_fill_quietly(ModelKeyColumns *found)
{
	ModelType  *type = &found->only.type;

	return model_type_fill_quietly(type, type->type, type->typmod, type->collation);
}
