/*
 * leaf.c
 *		Where a physical table keeps the columns of its registered table.
 *
 * A partition may have its columns at other places than its root; they are
 * found by name, once per model and physical table.
 */
#include "relmeta.h"

#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "model/internal.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/* the attnum of column in relid; InvalidAttrNumber when none is declared or it is missing */
static AttrNumber
column_of(Oid relid, ModelColumn *column)
{
	return column->name ? get_attnum(relid, column->name) : InvalidAttrNumber;
}

static void
leaf_fill(Model *model, ModelLeaf *leaf, ModelTable *table)
{
	int			n = list_length(model_as_related(table));
	int			i = 0;
	ListCell   *lc;

	leaf->table = table;
	leaf->key.only = column_of(leaf->relid, &table->key.only);
	leaf->owner = column_of(leaf->relid, &table->owner);
	leaf->state = column_of(leaf->relid, &table->state);
	leaf->lookups = MemoryContextAllocZero(model->cxt, (n + 1) * sizeof(*leaf->lookups));
	foreach(lc, model_as_related(table))
	{
		ModelRelationship *relationship = lfirst(lc);

		leaf->lookups[i].lookup.only = column_of(leaf->relid, &relationship->lookup.only);
		leaf->lookups[i].type_column = column_of(leaf->relid, &relationship->type_column);
		i++;
	}
}

static ModelLeaf *
leaf_enter(Model *model, ModelLeaf *leaf)
{
	ModelLeaf  *entry = hash_search(model->leaves, &leaf->relid, HASH_ENTER, NULL);

	*entry = *leaf;
	return entry;
}

/*
 * The registered table that relid is, or is a partition of at any level.  The
 * tables between are entered in the leaf map too: when one of them is detached
 * or attached, an invalidation of it alone must make the model stale.
 */
static ModelTable *
registered_root(Model *model, Oid relid)
{
	ModelTable *table = model_table(model, relid);
	List	   *ancestors;
	ListCell   *lc;

	if (table != NULL || !get_rel_relispartition(relid))
		return table != NULL && table->going ? NULL : table;

	ancestors = get_partition_ancestors(relid);
	foreach(lc, ancestors)
	{
		table = model_table(model, lfirst_oid(lc));
		if (table != NULL)
			break;
	}
	if (table != NULL && table->going)
		table = NULL;
	foreach(lc, ancestors)
	{
		ModelLeaf	between = {.relid = lfirst_oid(lc)};

		if (table != NULL && table->relid == between.relid)
			break;
		if (hash_search(model->leaves, &between.relid, HASH_FIND, NULL) != NULL)
			continue;
		if (table != NULL)
			leaf_fill(model, &between, table);
		leaf_enter(model, &between);
	}
	list_free(ancestors);
	return table;
}

ModelLeaf *
model_leaf(Model *model, Oid relid)
{
	ModelLeaf	leaf = {.relid = relid};
	ModelLeaf  *known = hash_search(model->leaves, &relid, HASH_FIND, NULL);
	ModelTable *table;

	if (likely(known != NULL))
		return known;

	table = registered_root(model, relid);
	if (table != NULL)
		leaf_fill(model, &leaf, table);
	return leaf_enter(model, &leaf);
}

static bool
same_columns(ModelLeaf *a, ModelLeaf *b)
{
	Size		lookups = list_length(model_as_related(a->table)) * sizeof(*a->lookups);

	return a->key.only == b->key.only && a->owner == b->owner && a->state == b->state &&
		memcmp(a->lookups, b->lookups, lookups) == 0;
}

/* Is what the leaf map has of the relation, if anything, as it was? */
bool
model_leaf_as_read(Model *model, Oid relid)
{
	ModelLeaf  *known = hash_search(model->leaves, &relid, HASH_FIND, NULL);
	ModelLeaf	leaf = {.relid = relid};
	bool		same;

	if (known == NULL)
		return true;
	if (get_rel_relkind(relid) == RELKIND_PARTITIONED_TABLE || registered_root(model, relid) != known->table)
		return false;
	if (known->table == NULL)
		return true;
	leaf_fill(model, &leaf, known->table);
	same = same_columns(known, &leaf);
	pfree(leaf.lookups);
	return same;
}

/* ---- what a statement that goes on goes by ---- */

static bool
column_fits(TupleDesc desc, AttrNumber attnum, ModelColumn *column)
{
	Form_pg_attribute att;

	if (column->name == NULL)
		return true;
	if (attnum < 1 || attnum > desc->natts)
		return false;
	att = TupleDescAttr(desc, attnum - 1);
	return !att->attisdropped && att->atttypid == column->type.type && strcmp(NameStr(att->attname), column->name) == 0;
}

bool
model_leaf_fits(ModelLeaf *leaf, Relation rel)
{
	TupleDesc	desc = RelationGetDescr(rel);
	ModelTable *table = leaf->table;
	int			i = 0;
	ListCell   *lc;

	if (!column_fits(desc, leaf->key.only, &table->key.only) || !column_fits(desc, leaf->owner, &table->owner) ||
		!column_fits(desc, leaf->state, &table->state))
		return false;
	foreach(lc, model_as_related(table))
	{
		ModelRelationship *relationship = lfirst(lc);

		if (relationship->broken == NULL &&
			(!column_fits(desc, leaf->lookups[i].lookup.only, &relationship->lookup.only) ||
			 !column_fits(desc, leaf->lookups[i].type_column, &relationship->type_column)))
			return false;
		i++;
	}
	return true;
}
