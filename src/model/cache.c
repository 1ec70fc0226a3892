/*
 * cache.c
 *		The life of the model: read at first use, shared by all of a backend's
 *		code, stale when something it was read from changes.
 *
 * INVALIDATION RULE.  The current model goes stale when the relation cache is
 * told that one of these changed: a catalog table it is read from (its beacon,
 * see catalog.c), a registered table, a physical table of the leaf map; or the
 * syscache, that a schema, operator, operator class, collation or one of the
 * types in use did; and when a (sub)transaction aborts that had seen such a
 * change.  A stale model is not touched until the next model_current(), which
 * frees it, unless a memory context pins it: then the last unpinning does.
 */
#include "relmeta.h"

#include "access/xact.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "model/internal.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

/* a model that changes while it is read is read again, this often */
#define MODEL_LOAD_ATTEMPTS 3

static Model *current = NULL;
static bool stale = true;

/* a relevant change was seen in this transaction: an abort may undo it */
static bool changed_in_transaction = false;

static bool loading = false;
static uint64 loads = 0;

typedef struct ModelPin
{
	MemoryContextCallback callback;
	Model	   *model;
} ModelPin;

static void
model_free(Model *model)
{
	MemoryContextDelete(model->cxt);
}

static void
become_stale(void)
{
	stale = true;
	changed_in_transaction = true;
	/* what principals are in the types of owner columns */
	model_identity_forget();
}

/*
 * Reads until no invalidation arrived meanwhile; after some attempts (a server
 * that discards all caches all the time) the model is used, but stays stale.
 */
static Model *
load_steadily(void)
{
	int			attempt;

	for (attempt = 1;; attempt++)
	{
		Model	   *model;

		stale = false;
		model = model_load(CurTransactionContext);
		loads++;
		if (!stale || attempt == MODEL_LOAD_ATTEMPTS)
			return model;
		model_free(model);
	}
}

/* Replaces a stale model. */
static Model *
model_reload(void)
{
	Model	   *old = current;
	Model	   *fresh;

	Assert(IsTransactionState() && !loading);

	current = NULL;
	if (old && old->pins == 0)
		model_free(old);

	AcceptInvalidationMessages();
	loading = true;
	PG_TRY();
	{
		fresh = load_steadily();
	}
	PG_CATCH();
	{
		loading = false;
		stale = true;
		PG_RE_THROW();
	}
	PG_END_TRY();
	loading = false;

	/* without catalog tables there is nothing whose change could be noticed */
	if (!OidIsValid(model_catalog_relid(CATALOG_REGISTERED_TABLE)))
		stale = true;

	MemoryContextSetParent(fresh->cxt, CacheMemoryContext);
	current = fresh;
	return current;
}

Model *
model_current(void)
{
	if (likely(!stale && current != NULL))
		return current;
	return model_reload();
}

static void
unpin(void *arg)
{
	Model	   *model = ((ModelPin *) arg)->model;

	Assert(model->pins > 0);
	if (--model->pins == 0 && model != current)
		model_free(model);
}

void
model_pin(Model *model, MemoryContext cxt)
{
	ModelPin   *pin = MemoryContextAlloc(cxt, sizeof(ModelPin));

	pin->model = model;
	pin->callback.func = unpin;
	pin->callback.arg = pin;
	MemoryContextRegisterResetCallback(cxt, &pin->callback);
	model->pins++;
}

ModelTable *
model_table(Model *model, Oid relid)
{
	return hash_search(model->tables, &relid, HASH_FIND, NULL);
}

ModelTable *
model_table_by_stable_name(Model *model, const char *name)
{
	int			low = 0;
	int			high = list_length(model->table_list) - 1;

	while (low <= high)
	{
		int			middle = (low + high) / 2;
		ModelTable *table = list_nth(model->table_list, middle);
		int			cmp = strcmp(table->stable_name, name);

		if (cmp == 0)
			return table;
		if (cmp < 0)
			low = middle + 1;
		else
			high = middle - 1;
	}
	return NULL;
}

ModelRelationship *
model_relationship_by_id(Model *model, int id)
{
	int			low = 0;
	int			high = list_length(model->relationship_list) - 1;

	while (low <= high)
	{
		int			middle = (low + high) / 2;
		ModelRelationship *relationship = list_nth(model->relationship_list, middle);

		if (relationship->id == id)
			return relationship;
		if (relationship->id < id)
			low = middle + 1;
		else
			high = middle - 1;
	}
	return NULL;
}

ModelRelationship *
model_relationship_by_name(Model *model, const char *name)
{
	int			low = 0;
	int			high = list_length(model->relationship_list) - 1;

	while (low <= high)
	{
		int			middle = (low + high) / 2;
		int			cmp = strcmp(model->by_name[middle]->name, name);

		if (cmp == 0)
			return model->by_name[middle];
		if (cmp < 0)
			low = middle + 1;
		else
			high = middle - 1;
	}
	return NULL;
}

/* Appends the tables that this one gets access from, then itself.  There is no cycle across tables. */
static void
add_downwards(ModelTable *table, List **tables)
{
	ListCell   *lc;

	check_stack_depth();
	if (list_member_ptr(*tables, table))
		return;
	foreach(lc, table->as_related)
	{
		ModelRelationship *relationship = lfirst(lc);

		if (relationship->passes_access && relationship->primary != table)
			add_downwards(relationship->primary, tables);
	}
	*tables = lappend(*tables, table);
}

List *
model_tables_downwards(Model *model)
{
	List	   *tables = NIL;
	ListCell   *lc;

	foreach(lc, model->table_list)
		add_downwards(lfirst(lc), &tables);
	return tables;
}

List *
model_tables(Model *model)
{
	return model->table_list;
}

List *
model_relationships(Model *model)
{
	return model->relationship_list;
}

uint64
model_loads(void)
{
	return loads;
}

void
model_invalidate(void)
{
	model_catalog_changed(CATALOG_REGISTERED_TABLE);
}

/* Relcache callback.  Must neither fail nor read a catalog. */
static void
relation_changed(Datum arg, Oid relid)
{
	if (!OidIsValid(relid) ||
		loading ||
		model_catalog_is(CATALOG_REGISTERED_TABLE, relid) ||
		model_catalog_is(CATALOG_RELATIONSHIP, relid) ||
		model_catalog_is(CATALOG_INTERSECT, relid) ||
		(current != NULL &&
		 (hash_search(current->tables, &relid, HASH_FIND, NULL) != NULL ||
		  hash_search(current->leaves, &relid, HASH_FIND, NULL) != NULL ||
		  model_intersect_uses(current, relid))))
		become_stale();

	if (!OidIsValid(relid) ||
		model_catalog_is(CATALOG_PRINCIPAL, relid) ||
		model_catalog_is(CATALOG_PRINCIPAL_ROLE, relid) ||
		model_catalog_is(CATALOG_PRINCIPAL_TYPE, relid) ||
		model_catalog_is(CATALOG_TEAM_MEMBER, relid))
	{
		model_identity_forget();
		changed_in_transaction = true;
	}

	model_catalog_forget(relid);
}

/*
 * Syscache callback.  Types are told apart, because every CREATE TABLE makes
 * one; schemas and the others change rarely enough.
 */
static void
definition_changed(Datum arg, int cacheid, uint32 hashvalue)
{
	int			i;

	model_value_types_forget();
	if (cacheid != TYPEOID || hashvalue == 0 || loading || current == NULL)
	{
		become_stale();
		return;
	}
	for (i = 0; i < 2 * current->ntypes; i++)
	{
		if (current->type_hashes[i] == hashvalue)
		{
			become_stale();
			return;
		}
	}
}

static void
at_transaction(XactEvent event, void *arg)
{
	switch (event)
	{
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PARALLEL_ABORT:
			if (changed_in_transaction)
			{
				stale = true;
				model_identity_forget();
			}
			changed_in_transaction = false;
			break;
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_PARALLEL_COMMIT:
		case XACT_EVENT_PREPARE:
			changed_in_transaction = false;
			break;
		default:
			break;
	}
}

static void
at_subtransaction(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB && changed_in_transaction)
	{
		stale = true;
		model_identity_forget();
	}
}

void
model_cache_init(void)
{
	CacheRegisterRelcacheCallback(relation_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(TYPEOID, definition_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(NAMESPACEOID, definition_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(OPEROID, definition_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(CLAOID, definition_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(COLLOID, definition_changed, (Datum) 0);
	RegisterXactCallback(at_transaction, NULL);
	RegisterSubXactCallback(at_subtransaction, NULL);
}
