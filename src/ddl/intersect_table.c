/*
 * intersect_table.c
 *		Whether an intersect table is what its relationship says: SEMANTICS 2.4.
 */
#include "ddl/intersect_table.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "nodes/parsenodes.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/* ---- foreign keys ---- */

/* Of one end of a constraint; NULL: no key can be in so many columns. */
static ModelKeyColumns *
columns_of(Oid relid, HeapTuple tuple, TupleDesc desc, AttrNumber attribute)
{
	bool		isnull;
	Datum		numbers = fastgetattr(tuple, attribute, desc, &isnull);

	if (isnull)
		elog(ERROR, "null column list in foreign key");
	return model_columns_of_numbers(relid, numbers);
}

static bool
is_primary_key(Oid relid, ModelKeyColumns *columns)
{
	char	   *problem;
	ModelKeyColumns *key = ddl_participant_key(relid, &problem);

	return key != NULL && model_columns_equal(key, columns);
}

/* A key to a partitioned table has a row for each of its partitions besides: those have a parent. */
static IntersectKey *
foreign_key(HeapTuple tuple, TupleDesc desc)
{
	Form_pg_constraint form = (Form_pg_constraint) GETSTRUCT(tuple);
	IntersectKey *key;

	if (form->contype != CONSTRAINT_FOREIGN || OidIsValid(form->conparentid))
		return NULL;
	key = palloc(sizeof(IntersectKey));
	key->columns = columns_of(form->conrelid, tuple, desc, Anum_pg_constraint_conkey);
	key->referenced = columns_of(form->confrelid, tuple, desc, Anum_pg_constraint_confkey);
	key->references = form->confrelid;
	key->oid = form->oid;
	key->on_delete = form->confdeltype;
	if (key->columns == NULL || key->referenced == NULL)
		return NULL;
	key->names_rows = is_primary_key(key->references, key->referenced);
	return key;
}

static int
by_column(const ListCell *a, const ListCell *b)
{
	IntersectKey *x = lfirst(a);
	IntersectKey *y = lfirst(b);
	int			order = model_columns_compare(x->columns, y->columns);

	if (order != 0)
		return order;
	if (x->names_rows != y->names_rows)
		return x->names_rows ? -1 : 1;
	return x->oid < y->oid ? -1 : x->oid > y->oid;
}

List *
ddl_intersect_foreign_keys(Oid relid)
{
	Relation	rel = table_open(ConstraintRelationId, AccessShareLock);
	ScanKeyData skey;
	SysScanDesc scan;
	HeapTuple	tuple;
	List	   *keys = NIL;

	ScanKeyInit(&skey, Anum_pg_constraint_conrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(rel, ConstraintRelidTypidNameIndexId, true, NULL, 1, &skey);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		IntersectKey *key = foreign_key(tuple, RelationGetDescr(rel));

		if (key)
			keys = lappend(keys, key);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	list_sort(keys, by_column);
	return keys;
}

/*
 * The foreign key of one side to its table's key, whatever other keys the column has, one that deletes links if there
 * is such a one; NULL when there is none.
 */
static IntersectKey *
foreign_key_of(List *keys, ModelIntersect *intersect, int side)
{
	IntersectKey *found = NULL;
	ListCell   *lc;

	foreach(lc, keys)
	{
		IntersectKey *key = lfirst(lc);

		if (model_columns_equal(&intersect->column[side], key->columns) &&
			key->references == intersect->table[side] && key->names_rows &&
			(found == NULL || key->on_delete == FKCONSTR_ACTION_CASCADE))
			found = key;
	}
	return found;
}

static bool
is_named(const char *a, const char *b)
{
	return a && strcmp(a, b) == 0;
}

ModelIntersect *
ddl_intersect_with_key(Oid relid, const char *column)
{
	ModelIntersect *intersect = model_intersect_by_table(ddl_model(), relid);

	return intersect && (model_columns_have(&intersect->column[0], column) ||
						 model_columns_have(&intersect->column[1], column)) ? intersect : NULL;
}

ModelIntersect *
ddl_intersect_needing(Oid relid, const char *column)
{
	ModelIntersect *intersect = model_intersect_by_table(ddl_model(), relid);
	ListCell   *lc;

	if (intersect == NULL || ddl_intersect_with_key(relid, column))
		return intersect;
	foreach(lc, intersect->unique_by)
	{
		if (is_named(lfirst(lc), column))
			return intersect;
	}
	return NULL;
}

/* ---- indexes ---- */

/* Whether the first n key columns of an index are these, in any order. */
static bool
covers(Form_pg_index index, const int *columns, int n)
{
	for (int i = 0; i < n; i++)
	{
		bool		found = false;

		for (int j = 0; j < n && j < index->indnkeyatts; j++)
			found = found || index->indkey.values[j] == columns[i];
		if (!found)
			return false;
	}
	return true;
}

/* Whether there is a valid index led by the columns; unique: one that consists of them and stops a second row. */
static bool
has_index(Oid relid, const int *columns, int n, bool unique)
{
	Relation	rel = table_open(relid, AccessShareLock);
	bool		found = false;
	ListCell   *lc;

	foreach(lc, RelationGetIndexList(rel))
	{
		HeapTuple	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(lfirst_oid(lc)));
		Form_pg_index index;

		if (!HeapTupleIsValid(tuple))
			elog(ERROR, "cache lookup failed for index %u", lfirst_oid(lc));
		index = (Form_pg_index) GETSTRUCT(tuple);
		if (index->indisvalid && heap_attisnull(tuple, Anum_pg_index_indpred, NULL) &&
			covers(index, columns, n) &&
			(!unique || (index->indisunique && index->indimmediate && index->indnkeyatts == n)))
			found = true;
		ReleaseSysCache(tuple);
	}
	table_close(rel, AccessShareLock);
	return found;
}

static bool
has_pair_key(ModelIntersect *intersect)
{
	int		   *columns = palloc((2 * MODEL_KEY_COLUMNS + list_length(intersect->unique_by)) * sizeof(int));
	int			n = 0;
	ListCell   *lc;

	for (int side = 0; side < 2; side++)
		n += model_columns_attnums(&intersect->column[side], columns + n);
	foreach(lc, intersect->unique_by)
		columns[n++] = get_attnum(intersect->relid, lfirst(lc));
	return has_index(intersect->relid, columns, n, true);
}

static bool
has_surrogate_key(ModelIntersect *intersect)
{
	int			id = get_attnum(intersect->relid, "id");

	return has_index(intersect->relid, &id, 1, true);
}

/* ---- checks ---- */

static bool
are_keys(ModelIntersect *intersect, Datum *columns, int n)
{
	for (int i = 0; i < n; i++)
		if (!model_columns_have_attnum(&intersect->column[0], DatumGetInt16(columns[i])) &&
			!model_columns_have_attnum(&intersect->column[1], DatumGetInt16(columns[i])))
			return false;
	return true;
}

/* Whether a CHECK constraint speaks of the two keys and nothing else. */
static bool
has_pair_check(ModelIntersect *intersect)
{
	Relation	rel = table_open(ConstraintRelationId, AccessShareLock);
	ScanKeyData skey;
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		found = false;

	ScanKeyInit(&skey, Anum_pg_constraint_conrelid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(intersect->relid));
	scan = systable_beginscan(rel, ConstraintRelidTypidNameIndexId, true, NULL, 1, &skey);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Datum	   *columns;
		int			n;
		bool		isnull;
		Datum		conkey = fastgetattr(tuple, Anum_pg_constraint_conkey, RelationGetDescr(rel), &isnull);

		if (isnull || ((Form_pg_constraint) GETSTRUCT(tuple))->contype != CONSTRAINT_CHECK)
			continue;
		deconstruct_array(DatumGetArrayTypeP(conkey), INT2OID, sizeof(int16), true, TYPALIGN_SHORT,
						  &columns, NULL, &n);
		found |= n == model_columns_count(&intersect->column[0]) + model_columns_count(&intersect->column[1]) &&
			are_keys(intersect, columns, n);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return found;
}

/* ---- all of it ---- */

char *
ddl_intersect_keys_problem(ModelIntersect *intersect)
{
	List	   *keys;

	if (intersect->broken)
		return intersect->broken;
	keys = ddl_intersect_foreign_keys(intersect->relid);
	for (int i = 0; i < 2; i++)
	{
		IntersectKey *key = foreign_key_of(keys, intersect, i);

		if (key == NULL)
			return psprintf("column \"%s\" does not reference the key of table \"%s\"",
							model_columns_text(&intersect->column[i]),
							get_rel_name(intersect->table[i]) ? get_rel_name(intersect->table[i]) : "?");
		if (!intersect->is_adopted && key->on_delete != FKCONSTR_ACTION_CASCADE)
			return psprintf("links are not deleted with rows of table \"%s\"", get_rel_name(intersect->table[i]));
		if (!intersect->is_adopted && !model_columns_not_null(&intersect->column[i]))
			return psprintf("column \"%s\" may be null", model_columns_text(&intersect->column[i]));
	}
	if (intersect->is_adopted)
		return NULL;
	if (intersect->surrogate_key && !has_surrogate_key(intersect))
		return pstrdup("links have no key of their own");
	if (!intersect->allow_duplicates && !has_pair_key(intersect))
		return pstrdup("nothing stops a pair from being linked twice");
	if ((intersect->is_symmetric || !intersect->allow_self) && !has_pair_check(intersect))
		return pstrdup("nothing checks the order of a pair, or that its ends differ");
	return NULL;
}

int
ddl_intersect_index_missing(ModelIntersect *intersect)
{
	for (int side = 0; side < 2; side++)
	{
		int			columns[MODEL_KEY_COLUMNS];
		int			n = model_columns_attnums(&intersect->column[side], columns);

		if (!has_index(intersect->relid, columns, n, false))
			return side;
	}
	return -1;
}
