/*
 * load_all.c
 *		Reads all that a model has not met, for who goes through everything.
 */
#include "relmeta.h"

#include "model/internal.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

static void
load_tables(Model *model, Snapshot snapshot)
{
	CatalogScan scan;
	HeapTuple	tuple;

	model_scan_begin(&scan, CATALOG_REGISTERED_TABLE, snapshot);
	while (HeapTupleIsValid(tuple = model_scan_next(&scan)))
	{
		Oid			relid = model_catalog_oid(tuple, scan.desc, "relation");
		TableEntry *entry = hash_search(model->tables, &relid, HASH_FIND, NULL);
		uint64		noticed = model_state.noticed;
		ModelTable *table;

		if (entry != NULL && entry->table != NULL)
			continue;
		table = model_load_row(model, tuple, scan.desc);
		if (noticed == model_state.noticed)
			model_enter_table(model, relid, table);
		else
			(void) model_load_table(model, relid, NULL);
	}
	model_scan_end(&scan);
}

static void
load_relationships(Model *model, Snapshot snapshot)
{
	List	   *again = NIL;
	List	   *found;
	CatalogScan scan;
	ListCell   *lc;

	model_scan_begin(&scan, CATALOG_RELATIONSHIP, snapshot);
	found = model_read_relationships(model, &scan, snapshot, NIL, &again);
	model_scan_end(&scan);
	model_hang_relationships(model, found);
	foreach(lc, again)
		(void) model_relationship_by_id(model, lfirst_int(lc));
}

static int
by_name(const ListCell *a, const ListCell *b)
{
	return strcmp(((ModelTable *) lfirst(a))->stable_name, ((ModelTable *) lfirst(b))->stable_name);
}

/* All that is known is all there is. */
static void
make_lists(Model *model)
{
	HASH_SEQ_STATUS seq;
	TableEntry *table;
	RelationshipEntry *relationship;
	List	   *tables = NIL;
	List	   *relationships = NIL;

	hash_seq_init(&seq, model->tables);
	while ((table = hash_seq_search(&seq)) != NULL)
	{
		if (table->table == NULL)
			continue;
		if (!table->table->linked)
			model_lists_are_whole(table->table);
		tables = lappend(tables, table->table);
	}
	hash_seq_init(&seq, model->relationships);
	while ((relationship = hash_seq_search(&seq)) != NULL)
		relationships = lappend(relationships, relationship->relationship);
	list_sort(tables, by_name);
	list_sort(relationships, model_by_relationship_id);
	model->table_list = tables;
	model->relationship_list = relationships;
}

void
model_load_all(Model *model)
{
	MemoryContext outer = MemoryContextSwitchTo(model->cxt);

	if (model_is_installed())
	{
		Snapshot	snapshot = model_catalog_snapshot();

		load_tables(model, snapshot);
		load_relationships(model, snapshot);
		UnregisterSnapshot(snapshot);
	}
	make_lists(model);
	model->read_all = true;
	MemoryContextSwitchTo(outer);
}
