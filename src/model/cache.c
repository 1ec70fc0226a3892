/*
 * cache.c
 *		The life of the model: begun at first use, shared by all of a backend's
 *		code, stale when something it was read from changes.
 *
 * invalidate.c tells it.  A stale model is not touched until the next
 * model_current(), which frees it, unless a memory context pins it: then the last
 * unpinning does.
 */
#include "relmeta.h"

#include "access/xact.h"
#include "model/as_read.h"
#include "model/internal.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

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

/* Replaces a stale model by one that knows nothing yet. */
static Model *
model_renew(void)
{
	Model	   *old = model_state.model;
	Model	   *fresh;

	Assert(IsTransactionState());

	model_state.model = NULL;
	if (old && old->pins == 0)
		model_free(old);
	AcceptInvalidationMessages();
	model_state.stale = false;
	model_state.ntouched = 0;
	fresh = model_begin(CurTransactionContext);
	model_note_namespace(fresh, relmeta_schema_oid());

	/* without catalog tables there is nothing whose change could be noticed */
	if (!model_is_installed() || !OidIsValid(model_catalog_relid(CATALOG_INTERSECT)))
		model_state.stale = true;
	MemoryContextSetParent(fresh->cxt, CacheMemoryContext);
	model_state.model = fresh;
	fresh->number = ++loads;
	return fresh;
}

/* Looks at what was touched.  Whatever is touched or goes stale meanwhile is seen. */
static bool
is_as_read(void)
{
	PG_TRY();
	{
		while (!model_state.stale && model_state.ntouched > 0)
		{
			Oid			relid = model_state.touched[--model_state.ntouched];

			if (!model_is_as_read(model_state.model, relid))
				model_state.stale = true;
		}
	}
	PG_CATCH();
	{
		model_state.stale = true;
		PG_RE_THROW();
	}
	PG_END_TRY();
	return !model_state.stale;
}

Model *
model_current(void)
{
	if (likely(!model_state.stale && model_state.model != NULL && model_state.ntouched == 0))
		return model_state.model;
	if (model_state.model != NULL && is_as_read())
		return model_state.model;
	return model_renew();
}

/* Called by invalidation callbacks, like the next three: frees nothing. */
void
model_touched(Oid relid)
{
	if (model_state.model == NULL || model_state.ntouched == (int) lengthof(model_state.touched))
	{
		model_state.stale = true;
		return;
	}
	for (int i = 0; i < model_state.ntouched; i++)
		if (model_state.touched[i] == relid)
			return;
	model_state.touched[model_state.ntouched++] = relid;
}

/* Whether the current model is read from a table. */
bool
model_is_read_from(Oid relid)
{
	Model	   *model = model_state.model;
	TableEntry *entry;

	if (model == NULL)
		return false;
	entry = hash_search(model->tables, &relid, HASH_FIND, NULL);
	return (entry != NULL && entry->table != NULL) || hash_search(model->leaves, &relid, HASH_FIND, NULL) != NULL ||
		model_intersect_uses(model, relid);
}

/* The same of the type with that hash value in the syscache; without a model, of any. */
bool
model_uses_type(uint32 hashvalue)
{
	int			i;

	if (model_state.model == NULL)
		return true;
	for (i = 0; i < 2 * model_state.model->ntypes; i++)
	{
		if (model_state.model->type_hashes[i] == hashvalue)
			return true;
	}
	return false;
}

/* The same of a schema. */
bool
model_uses_namespace(uint32 hashvalue)
{
	if (model_state.model == NULL)
		return true;
	for (int i = 0; i < model_state.model->nnamespaces; i++)
		if (model_state.model->namespace_hashes[i] == hashvalue)
			return true;
	return false;
}

static void
unpin(void *arg)
{
	Model	   *model = ((ModelPin *) arg)->model;

	Assert(model->pins > 0);
	if (--model->pins == 0 && model != model_state.model)
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

uint64
model_number(Model *model)
{
	return model->number;
}

static void
refuse_retyped(Oid relid)
{
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("columns of table \"%s\" have got another type, or it another name, while a statement went on",
					relmeta_relation_name(relid)),
			 errhint("Run the transaction again.")));
}

void
model_check_as_read(Model *model, Oid relid)
{
	char	   *sql_name = NULL;

	/* nothing was told of it since it was looked at */
	if (model == model_state.model && !model_state.stale && model_state.ntouched == 0)
		return;
	if (model_holds(model, relid, &sql_name))
		return;
	if (get_rel_name(relid) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation \"%s\" does not exist", sql_name)));
	refuse_retyped(relid);
}

void
model_check_types_kept(ModelTable *table, Model *now)
{
	ModelTable *is = table->model == now ? NULL : model_table(now, table->relid);

	if (is != NULL && is->broken == NULL && table->broken == NULL && !model_types_kept(table, is))
		refuse_retyped(table->relid);
}

void
model_check_leaf(ModelTable *table, ModelLeaf *leaf, Relation rel)
{
	if (likely(table->model == model_current()) || (leaf->table == table && model_leaf_fits(leaf, rel)))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("columns of table \"%s\" have got another type, place or name, or it another table to be a"
					" partition of, while a statement went on", RelationGetRelationName(rel)),
			 errhint("Run the transaction again.")));
}

uint64
model_loads(void)
{
	return loads;
}
