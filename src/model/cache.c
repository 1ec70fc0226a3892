/*
 * cache.c
 *		The life of the model: read at first use, shared by all of a backend's
 *		code, stale when something it was read from changes.
 *
 * invalidate.c tells it.  A stale model is not touched until the next
 * model_current(), which frees it, unless a memory context pins it: then the last
 * unpinning does.
 */
#include "relmeta.h"

#include "access/xact.h"
#include "model/internal.h"
#include "utils/inval.h"
#include "utils/memutils.h"

/* a model that changes while it is read is read again, this often */
#define MODEL_LOAD_ATTEMPTS 3

static Model *current = NULL;
static bool stale = true;

/*
 * Relations that the current model is read from and that may look otherwise by now; more than fit here make it stale.
 */
static Oid	touched[64];
static int	ntouched = 0;

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
		ntouched = 0;
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

/* Looks at what was touched.  Whatever is touched or goes stale meanwhile is seen. */
static bool
is_as_read(void)
{
	PG_TRY();
	{
		while (!stale && ntouched > 0)
		{
			Oid			relid = touched[--ntouched];

			if (!model_is_as_read(current, relid))
				stale = true;
		}
	}
	PG_CATCH();
	{
		stale = true;
		PG_RE_THROW();
	}
	PG_END_TRY();
	return !stale;
}

Model *
model_current(void)
{
	if (likely(!stale && current != NULL && ntouched == 0))
		return current;
	if (current != NULL && is_as_read())
		return current;
	return model_reload();
}

/* Called by invalidation callbacks, like the next four: frees nothing. */
void
model_forget(void)
{
	stale = true;
}

void
model_touched(Oid relid)
{
	if (loading || current == NULL || ntouched == (int) lengthof(touched))
	{
		stale = true;
		return;
	}
	for (int i = 0; i < ntouched; i++)
		if (touched[i] == relid)
			return;
	touched[ntouched++] = relid;
}

/* Whether the current model is read from a table; a model that is being read may be from any. */
bool
model_is_read_from(Oid relid)
{
	return loading ||
		(current != NULL &&
		 (hash_search(current->tables, &relid, HASH_FIND, NULL) != NULL ||
		  hash_search(current->leaves, &relid, HASH_FIND, NULL) != NULL ||
		  model_intersect_uses(current, relid)));
}

/* The same of the type with that hash value in the syscache; without a model, of any. */
bool
model_uses_type(uint32 hashvalue)
{
	int			i;

	if (loading || current == NULL)
		return true;
	for (i = 0; i < 2 * current->ntypes; i++)
	{
		if (current->type_hashes[i] == hashvalue)
			return true;
	}
	return false;
}

/* The same of a schema. */
bool
model_uses_namespace(uint32 hashvalue)
{
	if (loading || current == NULL)
		return true;
	for (int i = 0; i < current->nnamespaces; i++)
		if (current->namespace_hashes[i] == hashvalue)
			return true;
	return false;
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

uint64
model_loads(void)
{
	return loads;
}
