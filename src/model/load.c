/*
 * load.c
 *		Reads registered tables into a model, each when it is first met.
 *
 * A table or column that is missing marks its table or relationship broken and
 * nothing else: the rest of the model stays usable.
 *
 * A model that is stale (whoever began with it has pinned it) still reads what it
 * has not met, as it is now.
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
#include "utils/fmgroids.h"
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
char *
model_load_class(ModelTable *table)
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
load_columns(Model *model, ModelTable *table, HeapTuple tuple, TupleDesc desc)
{
	Oid			relid = table->relid;
	bool		isnull;
	Datum		states;

	table->broken = model_load_column(model, &table->key.only, relid, model_catalog_text(tuple, desc, "key_column"));
	if (table->broken == NULL)
		table->broken = load_or_without(model, &table->owner, relid, model_catalog_text(tuple, desc, "owner_column"));
	if (table->broken == NULL)
		table->broken = load_or_without(model, &table->state, relid, model_catalog_text(tuple, desc, "state_column"));
	states = heap_getattr(tuple, model_catalog_column(desc, "active_states"), desc, &isnull);
	if (table->broken == NULL && table->state.name != NULL && !isnull)
		table->broken = read_states(table, states);
}

/* A table from its row, not entered yet.  Called in the model's memory context. */
ModelTable *
model_load_row(Model *model, HeapTuple tuple, TupleDesc desc)
{
	ModelTable *table = palloc0(sizeof(ModelTable));
	bool		isnull;

	table->model = model;
	table->relid = model_catalog_oid(tuple, desc, "relation");
	table->stable_name = model_catalog_text(tuple, desc, "name");
	table->is_system = model_catalog_bool(tuple, desc, "is_system");
	table->access_control = model_catalog_bool(tuple, desc, "access_control");
	table->force_access_control = model_catalog_bool(tuple, desc, "force_access_control");
	table->everyone = DatumGetInt32(heap_getattr(tuple, model_catalog_column(desc, "everyone"), desc, &isnull));
	table->default_owner = model_catalog_bool(tuple, desc, "default_owner");
	table->inactive_state = model_catalog_text(tuple, desc, "inactive_state");

	table->broken = model_load_class(table);
	table->going = table->broken != NULL && model_going_table(table->relid);
	if (table->broken == NULL)
	{
		load_columns(model, table, tuple, desc);
		table->going = table->key.only.going;
		model_load_entry_table(model, table, model_catalog_oid(tuple, desc, "entry_table"));
	}
	model_note_namespace(model, get_rel_namespace(table->relid));
	model_note_namespace(model, get_rel_namespace(table->entry_relid));
	return table;
}

/* table NULL: it is known not to be registered. */
void
model_enter_table(Model *model, Oid relid, ModelTable *table)
{
	TableEntry *entry = hash_search(model->tables, &relid, HASH_ENTER, NULL);

	entry->table = table;
}

static bool
scan_table(CatalogScan *scan, Oid relid, Snapshot snapshot, HeapTuple *tuple)
{
	model_scan_begin_by(scan, CATALOG_REGISTERED_TABLE, snapshot, "registered_table_pkey", "relation", F_OIDEQ,
						ObjectIdGetDatum(relid));
	*tuple = model_scan_next(scan);
	return HeapTupleIsValid(*tuple);
}

/*
 * Reads a table that is not known, or known not to have been registered, as the snapshot has it, NULL: as of now.  When
 * something is invalidated meanwhile, the snapshot may be too old for what else is read, and is left.
 */
ModelTable *
model_load_table(Model *model, Oid relid, Snapshot snapshot)
{
	MemoryContext outer = MemoryContextSwitchTo(model->cxt);
	ModelTable *table = NULL;
	Reading		reading = {0};

	while (model_is_installed() && model_reading(&reading))
	{
		CatalogScan scan;
		HeapTuple	tuple;

		if (scan_table(&scan, relid, reading.rounds == 1 ? snapshot : NULL, &tuple))
			table = model_load_row(model, tuple, scan.desc);
		else
			table = NULL;
		model_scan_end(&scan);
	}
	model_enter_table(model, relid, table);
	MemoryContextSwitchTo(outer);
	return table;
}

ModelTable *
model_table(Model *model, Oid relid)
{
	TableEntry *entry = hash_search(model->tables, &relid, HASH_FIND, NULL);

	return likely(entry != NULL) ? entry->table : model_load_table(model, relid, NULL);
}

/* Is it the column of that name, or of a name that this transaction has just given to it? */
static bool
is_named(Oid relid, ModelColumn *column, const char *name)
{
	bool		dropped;

	if (name == NULL || column->name == NULL)
		return name == NULL && column->name == NULL;
	if (strcmp(name, column->name) == 0)
		return true;
	name = model_going_column(relid, name, &dropped);
	return name != NULL && strcmp(name, column->name) == 0;
}

/* Are key, owner and state what the catalog says by now?  What is broken or going is not looked at. */
bool
model_table_as_registered(ModelTable *table)
{
	CatalogScan scan;
	HeapTuple	tuple;
	Oid			relid = table->relid;
	bool		same;

	if (!model_is_installed() || table->model == NULL || table->broken != NULL ||
		table->going || table->owner.going || table->state.going)
		return true;
	same = scan_table(&scan, relid, NULL, &tuple) &&
		is_named(relid, &table->key.only, model_catalog_text(tuple, scan.desc, "key_column")) &&
		is_named(relid, &table->owner, model_catalog_text(tuple, scan.desc, "owner_column")) &&
		is_named(relid, &table->state, model_catalog_text(tuple, scan.desc, "state_column"));
	model_scan_end(&scan);
	return same && model_columns_as_read(table);
}

/* ---- a new model ---- */

static HTAB *
make_hash(Model *model, const char *name, Size keysize, Size entrysize)
{
	HASHCTL		ctl = {0};

	ctl.keysize = keysize;
	ctl.entrysize = entrysize;
	ctl.hcxt = model->cxt;
	return hash_create(name, 32, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/* While the extension is not installed, or older than this library, nothing is registered. */
bool
model_is_installed(void)
{
	return OidIsValid(model_catalog_relid(CATALOG_REGISTERED_TABLE)) &&
		OidIsValid(model_catalog_relid(CATALOG_RELATIONSHIP));
}

/* An empty model, in a memory context below parent. */
Model *
model_begin(MemoryContext parent)
{
	MemoryContext cxt = AllocSetContextCreate(parent, "relmeta model", ALLOCSET_DEFAULT_SIZES);
	Model	   *model = MemoryContextAllocZero(cxt, sizeof(Model));

	model->cxt = cxt;
	model->tables = make_hash(model, "relmeta model tables", sizeof(Oid), sizeof(TableEntry));
	model->relationships = make_hash(model, "relmeta model relationships", sizeof(int), sizeof(RelationshipEntry));
	model->leaves = make_hash(model, "relmeta model leaves", sizeof(Oid), sizeof(ModelLeaf));
	return model;
}
