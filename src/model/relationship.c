/*
 * relationship.c
 *		Reads relationships into a model: those of a table when they are first
 *		gone through, one that is asked for by its number or name.
 *
 * A relationship hangs on both of its tables.  A table's lists, once they are
 * whole, stay as they are: one that is found later, while the other table's lists
 * are read, was declared since, and is not of this model's picture.  Such a model
 * is stale; whoever began with it goes on without.  He must not go on where the
 * tables of a relationship that he had not met are declared otherwise by now than
 * he knows them: 40001.
 */
#include "relmeta.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "model/internal.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/*
 * The table that a relationship names.  One that is not registered (a restored
 * catalog may lack rows) gets a broken table of its own, which nothing else
 * finds, so that no reader meets a null pointer.
 */
static ModelTable *
table_of_relationship(Model *model, Oid relid, Snapshot snapshot)
{
	ModelTable *table = model_table(model, relid);

	if (table == NULL)
		table = model_load_table(model, relid, snapshot);
	if (table == NULL)
	{
		table = palloc0(sizeof(ModelTable));
		table->relid = relid;
		table->linked = table->knows_principal = true;
		table->stable_name = psprintf("%u", relid);
		table->broken = model_load_class(table);
		table->going = table->broken != NULL && model_going_table(relid);
		if (table->broken == NULL)
			table->broken = pstrdup("it is not registered");
	}
	return table;
}

static int
relationship_id(HeapTuple tuple, TupleDesc desc)
{
	bool		isnull;

	return DatumGetInt32(heap_getattr(tuple, model_catalog_column(desc, "relationship_id"), desc, &isnull));
}

static void
read_behaviors(ModelRelationship *relationship, HeapTuple tuple, TupleDesc desc)
{
	for (int i = 0; i < MODEL_ACTIONS; i++)
		relationship->behavior[i] =
			model_behavior_from_oid(model_catalog_oid(tuple, desc, model_action_name((ModelAction) i)));
	relationship->is_parental = model_behaviors_parental(relationship->behavior);
	relationship->passes_access = model_behaviors_pass_access(relationship->behavior);
	relationship->refuses_loops = relationship->primary == relationship->related &&
		(relationship->is_parental || relationship->is_hierarchical);
}

/* Whoever reads a broken one finds the name at least. */
static void
name_column(ModelColumn *column, char *name)
{
	if (column->name != NULL || name == NULL)
		return;
	column->name = name;
	column->sql_name = pstrdup(quote_identifier(name));
}

static void
read_columns(Model *model, ModelRelationship *relationship, char *lookup, char *type_column)
{
	ModelTable *primary = relationship->primary;
	ModelTable *related = relationship->related;

	if (primary->broken)
		relationship->broken = psprintf("primary table %s: %s", primary->sql_name, primary->broken);
	else if (related->broken)
		relationship->broken = psprintf("related table %s: %s", related->sql_name, related->broken);
	else
	{
		relationship->broken = model_load_column(model, &relationship->lookup.only, related->relid, lookup);
		if (relationship->broken == NULL)
			relationship->broken = model_load_column(model, &relationship->type_column, related->relid, type_column);
	}
	relationship->going = primary->going || related->going || primary->owner.going || related->owner.going ||
		relationship->lookup.only.going || relationship->type_column.going;
	name_column(&relationship->lookup.only, lookup);
	name_column(&relationship->type_column, type_column);
}

static ModelRelationship *
read_relationship(Model *model, HeapTuple tuple, TupleDesc desc, Snapshot snapshot)
{
	ModelRelationship *relationship = palloc0(sizeof(ModelRelationship));

	relationship->id = relationship_id(tuple, desc);
	relationship->name = model_catalog_text(tuple, desc, "name");
	relationship->primary = table_of_relationship(model, model_catalog_oid(tuple, desc, "primary_table"), snapshot);
	relationship->related = table_of_relationship(model, model_catalog_oid(tuple, desc, "related_table"), snapshot);
	relationship->type_value = model_catalog_text(tuple, desc, "type_value");
	relationship->is_hierarchical = model_catalog_bool(tuple, desc, "is_hierarchical");
	relationship->foreign_key = model_catalog_bool(tuple, desc, "foreign_key");
	read_behaviors(relationship, tuple, desc);
	read_columns(model, relationship, model_catalog_text(tuple, desc, "lookup_column"),
				 model_catalog_text(tuple, desc, "type_column"));
	return relationship;
}

static ModelRelationship *
known_relationship(Model *model, int id)
{
	RelationshipEntry *entry = hash_search(model->relationships, &id, HASH_FIND, NULL);

	return entry != NULL ? entry->relationship : NULL;
}

static bool
is_self(HeapTuple tuple, TupleDesc desc)
{
	return model_catalog_oid(tuple, desc, "primary_table") == model_catalog_oid(tuple, desc, "related_table");
}

static bool
is_among(List *relationships, int id)
{
	ListCell   *lc;

	foreach(lc, relationships)
	{
		if (((ModelRelationship *) lfirst(lc))->id == id)
			return true;
	}
	return false;
}

/*
 * Appends to found those of a scan's relationships that the model does not know; with again, the numbers of those that
 * something was invalidated of meanwhile go there.  Called in the model's memory context.
 */
List *
model_read_relationships(Model *model, CatalogScan *scan, Snapshot snapshot, List *found, List **again)
{
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = model_scan_next(scan)))
	{
		int			id = relationship_id(tuple, scan->desc);
		uint64		noticed = model_state.noticed;
		ModelRelationship *relationship;

		if (known_relationship(model, id) != NULL || (is_self(tuple, scan->desc) && is_among(found, id)))
			continue;
		relationship = read_relationship(model, tuple, scan->desc, snapshot);
		if (again != NULL && noticed != model_state.noticed)
			*again = lappend_int(*again, id);
		else
			found = lappend(found, relationship);
	}
	return found;
}

/* See the head of this file. */
static void
check_table(ModelTable *table)
{
	if (!model_table_as_registered(table))
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("table %s has been registered otherwise meanwhile", table->sql_name),
				 errhint("Run the transaction again.")));
}

static void
check_picture(Model *model, List *found)
{
	ListCell   *lc;

	if (model_is_up_to_date(model))
		return;
	foreach(lc, found)
	{
		ModelRelationship *relationship = lfirst(lc);

		if (relationship->going)
			continue;
		check_table(relationship->primary);
		check_table(relationship->related);
	}
}

/* Enters what was read and hangs it on its tables. */
void
model_hang_relationships(Model *model, List *found)
{
	ListCell   *lc;

	check_picture(model, found);
	foreach(lc, found)
	{
		ModelRelationship *relationship = lfirst(lc);
		ModelTable *primary = relationship->primary;
		ModelTable *related = relationship->related;
		RelationshipEntry *entry;

		if ((primary->model != NULL && primary->linked) || (related->model != NULL && related->linked))
			continue;
		entry = hash_search(model->relationships, &relationship->id, HASH_ENTER, NULL);
		entry->relationship = relationship;
		if (relationship->going)
			continue;
		primary->primary_in = lappend(primary->primary_in, relationship);
		related->related_in = lappend(related->related_in, relationship);
	}
}

int
model_by_relationship_id(const ListCell *a, const ListCell *b)
{
	int			x = ((ModelRelationship *) lfirst(a))->id;
	int			y = ((ModelRelationship *) lfirst(b))->id;

	return x < y ? -1 : x > y;
}

void
model_lists_are_whole(ModelTable *table)
{
	list_sort(table->primary_in, model_by_relationship_id);
	list_sort(table->related_in, model_by_relationship_id);
	table->linked = true;
}

/* The two ends of a relationship, and the indexes that find it by them. */
static const struct
{
	const char *column;
	const char *index;
}			ends[] = {
	{"related_table", "relationship_lookup_idx"},
	{"primary_table", "relationship_primary_idx"},
};

void
model_link_table(ModelTable *table)
{
	Model	   *model = table->model;
	MemoryContext outer = MemoryContextSwitchTo(model->cxt);
	List	   *found = NIL;
	Reading		reading = {0};

	while (model_is_installed() && model_reading(&reading))
	{
		Snapshot	snapshot = model_catalog_snapshot();

		found = NIL;
		for (int i = 0; i < (int) lengthof(ends); i++)
		{
			CatalogScan scan;

			model_scan_begin_by(&scan, CATALOG_RELATIONSHIP, snapshot, ends[i].index, ends[i].column, F_OIDEQ,
								ObjectIdGetDatum(table->relid));
			found = model_read_relationships(model, &scan, snapshot, found, NULL);
			model_scan_end(&scan);
		}
		UnregisterSnapshot(snapshot);
	}
	model_hang_relationships(model, found);
	model_lists_are_whole(table);
	MemoryContextSwitchTo(outer);
}

/* ---- by number or name ---- */

/* The number of the one that a scan finds, 0: none. */
static int
read_one(Model *model, const char *index, const char *column, RegProcedure equal, Datum value, List **found)
{
	int			id = 0;
	Snapshot	snapshot = model_catalog_snapshot();
	CatalogScan scan;
	HeapTuple	tuple;

	model_scan_begin_by(&scan, CATALOG_RELATIONSHIP, snapshot, index, column, equal, value);
	tuple = model_scan_next(&scan);
	if (HeapTupleIsValid(tuple))
	{
		id = relationship_id(tuple, scan.desc);
		if (known_relationship(model, id) == NULL)
			*found = list_make1(read_relationship(model, tuple, scan.desc, snapshot));
	}
	model_scan_end(&scan);
	UnregisterSnapshot(snapshot);
	return id;
}

static ModelRelationship *
load_one(Model *model, const char *index, const char *column, RegProcedure equal, Datum value)
{
	MemoryContext outer = MemoryContextSwitchTo(model->cxt);
	Reading		reading = {0};
	List	   *found = NIL;
	int			id = 0;

	while (model_is_installed() && model_reading(&reading))
	{
		found = NIL;
		id = read_one(model, index, column, equal, value, &found);
	}
	model_hang_relationships(model, found);
	MemoryContextSwitchTo(outer);
	return known_relationship(model, id);
}

ModelRelationship *
model_relationship_by_id(Model *model, int id)
{
	ModelRelationship *known = known_relationship(model, id);

	return known != NULL ? known :
		load_one(model, "relationship_pkey", "relationship_id", F_INT4EQ, Int32GetDatum(id));
}

ModelRelationship *
model_relationship_by_name(Model *model, const char *name)
{
	return load_one(model, "relationship_name_key", "name", F_TEXTEQ, CStringGetTextDatum(name));
}

/* ---- all of a table ---- */

List *
model_relationships_of(Model *model, Oid relid)
{
	List	   *ids = NIL;
	List	   *relationships = NIL;
	int			last = 0;
	ListCell   *lc;

	for (int i = 0; model_is_installed() && i < (int) lengthof(ends); i++)
	{
		CatalogScan scan;
		HeapTuple	tuple;

		model_scan_begin_by(&scan, CATALOG_RELATIONSHIP, NULL, ends[i].index, ends[i].column, F_OIDEQ,
							ObjectIdGetDatum(relid));
		while (HeapTupleIsValid(tuple = model_scan_next(&scan)))
			ids = lappend_int(ids, relationship_id(tuple, scan.desc));
		model_scan_end(&scan);
	}
	list_sort(ids, list_int_cmp);
	foreach(lc, ids)
	{
		ModelRelationship *relationship;

		if (lfirst_int(lc) == last)
			continue;			/* of the table to itself */
		last = lfirst_int(lc);
		relationship = model_relationship_by_id(model, last);
		if (relationship != NULL)
			relationships = lappend(relationships, relationship);
	}
	return relationships;
}
