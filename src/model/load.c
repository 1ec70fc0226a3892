/*
 * load.c
 *		Reads the catalog into a new model.
 *
 * A table or column that is missing marks its table or relationship broken and
 * nothing else: the rest of the model stays usable.
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "model/internal.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

/* The active states of a table, from their text to the state column's type. */
static char *
read_states(ModelTable *table, Datum array)
{
	Datum	   *elems;
	bool	   *nulls;
	int			n;
	int			i;

	deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT, &elems, &nulls, &n);
	table->active_states = palloc(n * sizeof(Datum));
	table->active_texts = palloc(n * sizeof(char *));
	for (i = 0; i < n; i++)
	{
		char	   *state;

		if (nulls[i])
			continue;
		state = TextDatumGetCString(elems[i]);
		if (!model_type_input_safe(&table->state.type, state, &table->active_states[table->nactive]))
			return psprintf("active state \"%s\" is not a value of type %s",
							state, format_type_be(table->state.type.type));
		table->active_texts[table->nactive++] = state;
	}
	return NULL;
}

/* What pg_class says; NULL, or why the table cannot be used. */
static char *
read_class(ModelTable *table)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table->relid));
	Form_pg_class class;

	if (!HeapTupleIsValid(tuple))
	{
		table->sql_name = pstrdup(quote_identifier(table->stable_name));
		return psprintf("relation with OID %u does not exist", table->relid);
	}
	class = (Form_pg_class) GETSTRUCT(tuple);
	table->relowner = class->relowner;
	table->is_partitioned = class->relkind == RELKIND_PARTITIONED_TABLE;
	table->sql_name = quote_qualified_identifier(get_namespace_name(class->relnamespace),
												 NameStr(class->relname));
	ReleaseSysCache(tuple);
	return NULL;
}

/* An owner or state column that this transaction is dropping: the registration does without it. */
static char *
load_or_without(Model *model, ModelColumn *column, Oid relid, char *name)
{
	char	   *problem = model_load_column(model, column, relid, name);

	if (!column->going)
		return problem;
	memset(column, 0, sizeof(ModelColumn));
	column->going = true;
	return NULL;
}

static void
read_table(Model *model, HeapTuple tuple, TupleDesc desc)
{
	Oid			relid = model_catalog_oid(tuple, desc, "relation");
	ModelTable *table = hash_search(model->tables, &relid, HASH_ENTER, NULL);
	char	   *owner = model_catalog_text(tuple, desc, "owner_column");
	char	   *state = model_catalog_text(tuple, desc, "state_column");
	bool		isnull;
	Datum		states;

	memset((char *) table + sizeof(Oid), 0, sizeof(ModelTable) - sizeof(Oid));
	table->stable_name = model_catalog_text(tuple, desc, "name");
	table->is_system = model_catalog_bool(tuple, desc, "is_system");
	table->access_control = model_catalog_bool(tuple, desc, "access_control");
	table->force_access_control = model_catalog_bool(tuple, desc, "force_access_control");
	table->everyone = DatumGetInt32(heap_getattr(tuple, model_catalog_column(desc, "everyone"), desc, &isnull));
	table->default_owner = model_catalog_bool(tuple, desc, "default_owner");
	table->inactive_state = model_catalog_text(tuple, desc, "inactive_state");

	table->broken = read_class(table);
	table->going = table->broken != NULL && model_going_table(relid);
	if (table->broken == NULL)
		table->broken = model_load_column(model, &table->key, relid, model_catalog_text(tuple, desc, "key_column"));
	if (table->broken == NULL)
		table->broken = load_or_without(model, &table->owner, relid, owner);
	if (table->broken == NULL)
		table->broken = load_or_without(model, &table->state, relid, state);
	table->going |= table->key.going;
	states = heap_getattr(tuple, model_catalog_column(desc, "active_states"), desc, &isnull);
	if (table->broken == NULL && table->state.name != NULL && !isnull)
		table->broken = read_states(table, states);

	if (SearchSysCacheExists1(RELOID, ObjectIdGetDatum(relid)))
		model_load_entry_table(model, table, model_catalog_oid(tuple, desc, "entry_table"));

	model->table_list = lappend(model->table_list, table);
}

/*
 * The table that a relationship names.  One that is not registered (a restored
 * catalog may lack rows) gets a broken table of its own, which nothing else
 * finds, so that no reader meets a null pointer.
 */
static ModelTable *
table_of_relationship(Model *model, Oid relid)
{
	ModelTable *table = model_table(model, relid);

	if (table == NULL)
	{
		table = palloc0(sizeof(ModelTable));
		table->relid = relid;
		table->stable_name = psprintf("%u", relid);
		table->broken = read_class(table);
		table->going = table->broken != NULL && model_going_table(relid);
		if (table->broken == NULL)
			table->broken = pstrdup("it is not registered");
	}
	return table;
}

static void
read_relationship(Model *model, HeapTuple tuple, TupleDesc desc)
{
	ModelRelationship *relationship = palloc0(sizeof(ModelRelationship));
	bool		isnull;
	char	   *lookup = model_catalog_text(tuple, desc, "lookup_column");
	char	   *type_column = model_catalog_text(tuple, desc, "type_column");
	int			i;

	relationship->id = DatumGetInt32(heap_getattr(tuple, model_catalog_column(desc, "relationship_id"), desc, &isnull));
	relationship->name = model_catalog_text(tuple, desc, "name");
	relationship->primary = table_of_relationship(model, model_catalog_oid(tuple, desc, "primary_table"));
	relationship->related = table_of_relationship(model, model_catalog_oid(tuple, desc, "related_table"));
	relationship->type_value = model_catalog_text(tuple, desc, "type_value");
	relationship->is_hierarchical = model_catalog_bool(tuple, desc, "is_hierarchical");
	relationship->foreign_key = model_catalog_bool(tuple, desc, "foreign_key");
	for (i = 0; i < MODEL_ACTIONS; i++)
		relationship->behavior[i] =
			model_behavior_from_oid(model_catalog_oid(tuple, desc, model_action_name((ModelAction) i)));
	relationship->is_parental = model_behaviors_parental(relationship->behavior);
	relationship->passes_access = model_behaviors_pass_access(relationship->behavior);
	relationship->refuses_loops = relationship->primary == relationship->related &&
		(relationship->is_parental || relationship->is_hierarchical);

	if (relationship->primary->broken)
		relationship->broken = psprintf("primary table %s: %s",
										relationship->primary->sql_name, relationship->primary->broken);
	else if (relationship->related->broken)
		relationship->broken = psprintf("related table %s: %s",
										relationship->related->sql_name, relationship->related->broken);
	else
	{
		relationship->broken = model_load_column(model, &relationship->lookup, relationship->related->relid, lookup);
		if (relationship->broken == NULL)
			relationship->broken = model_load_column(model, &relationship->type_column,
													 relationship->related->relid, type_column);
	}
	relationship->going = relationship->primary->going || relationship->related->going ||
		relationship->primary->owner.going || relationship->related->owner.going ||
		relationship->lookup.going || relationship->type_column.going;
	/* whoever reads a broken one finds the names at least */
	if (relationship->lookup.name == NULL)
	{
		relationship->lookup.name = lookup;
		relationship->lookup.sql_name = pstrdup(quote_identifier(lookup));
	}
	if (relationship->type_column.name == NULL && type_column != NULL)
	{
		relationship->type_column.name = type_column;
		relationship->type_column.sql_name = pstrdup(quote_identifier(type_column));
	}
	model->relationship_list = lappend(model->relationship_list, relationship);
}

static int
by_table_name(const ListCell *a, const ListCell *b)
{
	return strcmp(((ModelTable *) lfirst(a))->stable_name, ((ModelTable *) lfirst(b))->stable_name);
}

static int
by_relationship_id(const ListCell *a, const ListCell *b)
{
	int			x = ((ModelRelationship *) lfirst(a))->id;
	int			y = ((ModelRelationship *) lfirst(b))->id;

	return x < y ? -1 : x > y;
}

static int
by_relationship_name(const void *a, const void *b)
{
	return strcmp((*(ModelRelationship *const *) a)->name, (*(ModelRelationship *const *) b)->name);
}

/* Orders the lists and hangs each relationship on its two tables, unless it is going. */
static void
link_model(Model *model)
{
	ListCell   *lc;
	int			n = 0;

	list_sort(model->table_list, by_table_name);
	foreach(lc, model->table_list)
		((ModelTable *) lfirst(lc))->tag = n++;

	list_sort(model->relationship_list, by_relationship_id);
	model->by_name = palloc((list_length(model->relationship_list) + 1) * sizeof(ModelRelationship *));
	n = 0;
	foreach(lc, model->relationship_list)
	{
		ModelRelationship *relationship = lfirst(lc);

		model->by_name[n++] = relationship;
		if (relationship->going)
			continue;
		relationship->primary->as_primary = lappend(relationship->primary->as_primary, relationship);
		relationship->related->as_related = lappend(relationship->related->as_related, relationship);
	}
	qsort(model->by_name, n, sizeof(ModelRelationship *), by_relationship_name);
	foreach(lc, model->table_list)
		model_load_principal_type(model, lfirst(lc));
	model_note_namespaces(model);
}

static HTAB *
make_hash(Model *model, const char *name, Size entrysize)
{
	HASHCTL		ctl = {0};

	ctl.keysize = sizeof(Oid);
	ctl.entrysize = entrysize;
	ctl.hcxt = model->cxt;
	return hash_create(name, 64, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/*
 * A new model in a memory context below parent; an empty one while the
 * extension is not installed.  A catalog snapshot is always the latest one and,
 * unlike GetLatestSnapshot(), is to be had in a parallel worker and does not
 * start the snapshot of a repeatable read transaction.
 */
Model *
model_load(MemoryContext parent)
{
	MemoryContext cxt = AllocSetContextCreate(parent, "relmeta model", ALLOCSET_DEFAULT_SIZES);
	MemoryContext outer = MemoryContextSwitchTo(cxt);
	Model	   *model = palloc0(sizeof(Model));
	Oid			catalog = model_catalog_relid(CATALOG_REGISTERED_TABLE);

	model->cxt = cxt;
	model->tables = make_hash(model, "relmeta model tables", sizeof(ModelTable));
	model->leaves = make_hash(model, "relmeta model leaves", sizeof(ModelLeaf));

	if (OidIsValid(catalog) && OidIsValid(model_catalog_relid(CATALOG_RELATIONSHIP)))
	{
		Snapshot	snapshot = RegisterSnapshot(GetCatalogSnapshot(catalog));

		model_load_rows(model, CATALOG_REGISTERED_TABLE, snapshot, read_table);
		model_load_rows(model, CATALOG_RELATIONSHIP, snapshot, read_relationship);
		model_load_intersects(model, snapshot);
		UnregisterSnapshot(snapshot);
	}
	link_model(model);
	MemoryContextSwitchTo(outer);
	return model;
}
