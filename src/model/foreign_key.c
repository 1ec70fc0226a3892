/*
 * foreign_key.c
 *		What the model says of a lookup's foreign key.
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_constraint.h"
#include "model/key.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"

/* Are an end's columns, conkey or confkey, these? */
static bool
is_end(HeapTuple tuple, TupleDesc desc, int attribute, ModelKeyColumns *columns)
{
	bool		isnull;
	Datum		numbers = heap_getattr(tuple, attribute, desc, &isnull);

	return !isnull && model_columns_are_numbered(columns, numbers);
}

/* Is this the key from the lookup to the primary table's key?  One to another unique column says nothing of rows. */
static bool
is_lookup_key(HeapTuple tuple, TupleDesc desc, ModelRelationship *relationship)
{
	Form_pg_constraint form = (Form_pg_constraint) GETSTRUCT(tuple);

	return form->contype == CONSTRAINT_FOREIGN && form->confrelid == relationship->primary->relid &&
		is_end(tuple, desc, Anum_pg_constraint_conkey, &relationship->lookup) &&
		is_end(tuple, desc, Anum_pg_constraint_confkey, &relationship->primary->key);
}

/* Fills what is looked up of the lookup's keys; where it has several, each does what it says. */
static void
look_up_keys(ModelRelationship *relationship)
{
	Relation	rel;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	relationship->deferrable = relationship->left_by[false] = relationship->left_by[true] = 'y';
	rel = table_open(ConstraintRelationId, AccessShareLock);
	ScanKeyInit(&key, Anum_pg_constraint_conrelid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(relationship->related->relid));
	scan = systable_beginscan(rel, ConstraintRelidTypidNameIndexId, true, NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_constraint form = (Form_pg_constraint) GETSTRUCT(tuple);

		if (!is_lookup_key(tuple, RelationGetDescr(rel), relationship) || !compat_constraint_enforced(form))
			continue;
		if (!form->condeferrable)
			relationship->deferrable = 'n';
		if (form->confdeltype != FKCONSTR_ACTION_NOACTION)
			relationship->left_by[true] = 'n';
		if (form->confupdtype != FKCONSTR_ACTION_NOACTION)
			relationship->left_by[false] = 'n';
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
}

bool
model_relationship_deferrable(ModelRelationship *relationship)
{
	if (relationship->deferrable == 0 && relationship->foreign_key)
		look_up_keys(relationship);
	return relationship->deferrable == 'y';
}

bool
model_relationship_left(ModelRelationship *relationship, bool by_delete)
{
	if (relationship->deferrable == 0 && relationship->foreign_key)
		look_up_keys(relationship);
	return relationship->left_by[by_delete] == 'y';
}
