/*
 * key.c
 *		Which keys tables may have to take part, and the refusals of others: SEMANTICS 2.2, 2.4.
 *
 * How many columns a key can be in is model/'s to say (model_columns_of_index()).  That more are refused (0A000) is
 * said here; no other file above model/ asks.
 */
#include "ddl/ddl.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

/* The row of pg_index of its primary key, a copy; NULL.  Takes no lock: somebody else may have locked the table. */
static HeapTuple
primary_key_index(Oid relid)
{
	Relation	rel = table_open(IndexRelationId, AccessShareLock);
	ScanKeyData skey;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&skey, Anum_pg_index_indrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(rel, IndexIndrelidIndexId, true, NULL, 1, &skey);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		if (((Form_pg_index) GETSTRUCT(tuple))->indisprimary)
			break;
	}
	tuple = HeapTupleIsValid(tuple) ? heap_copytuple(tuple) : NULL;
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return tuple;
}

/* ---- of tables that are registered ---- */

/* A deferrable key cannot be referenced, and does not stop duplicates at once. */
ModelKeyColumns *
ddl_find_primary_key(Oid relid)
{
	HeapTuple	tuple = primary_key_index(relid);
	Form_pg_index index;

	if (tuple == NULL)
		return NULL;
	index = (Form_pg_index) GETSTRUCT(tuple);
	return index->indisvalid && index->indimmediate ? model_columns_of_index(index) : NULL;
}

bool
ddl_is_primary_key(Oid relid, ModelKeyColumns *columns)
{
	ModelKeyColumns *key = ddl_find_primary_key(relid);

	return key != NULL && model_columns_equal(key, columns);
}

bool
ddl_key_is_primary(ModelTable *table)
{
	return model_columns_exist(&table->key) && ddl_is_primary_key(table->relid, &table->key);
}

ModelKeyColumns *
ddl_primary_key(Oid relid)
{
	ModelKeyColumns *key = ddl_find_primary_key(relid);

	if (key == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("\"%s\" cannot be registered: it has no primary key of a single column that is not deferrable",
						relmeta_relation_name(relid)),
				 errhint("Use ALTER TABLE %s ADD PRIMARY KEY, with one column.", ddl_table_name(relid))));
	return key;
}

char *
ddl_primary_key_problem(Oid relid)
{
	return ddl_find_primary_key(relid) ? NULL : "it has no primary key of one column that is not deferrable";
}

/* ---- of participants in N:N relationships ---- */

/* What the primary key index says. */
static ModelKeyColumns *
key_of_index(Form_pg_index index, char **problem)
{
	ModelKeyColumns *key = model_columns_of_index(index);

	if (key == NULL)
		*problem = "its primary key has several columns";
	else if (!index->indimmediate)
		*problem = "its primary key is deferrable";
	return *problem == NULL ? key : NULL;
}

ModelKeyColumns *
ddl_participant_key(Oid relid, char **problem)
{
	HeapTuple	tuple = primary_key_index(relid);

	*problem = NULL;
	return tuple != NULL ? key_of_index((Form_pg_index) GETSTRUCT(tuple), problem) : NULL;
}

bool
ddl_check_participant_key(Oid relid)
{
	char	   *problem;

	if (ddl_participant_key(relid, &problem) != NULL)
		return true;
	if (problem)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("\"%s\" cannot take part in a many-to-many relationship: %s", get_rel_name(relid), problem),
				 errhint("It needs a primary key of one column that is not deferrable.")));
	return false;
}

/* ---- of what points to them ---- */

char *
ddl_foreign_key_too_wide(const char *name)
{
	return psprintf("foreign key \"%s\" has more than one column", name);
}
