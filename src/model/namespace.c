/*
 * namespace.c
 *		The schemas of all that a model names: a rename of one makes it stale.
 */
#include "relmeta.h"

#include "access/htup_details.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "model/internal.h"
#include "utils/syscache.h"

void
model_note_namespace(Model *model, Oid namespace)
{
	uint32		hash;

	if (!OidIsValid(namespace))
		return;
	hash = GetSysCacheHashValue1(NAMESPACEOID, ObjectIdGetDatum(namespace));
	for (int i = 0; i < model->nnamespaces; i++)
		if (model->namespace_hashes[i] == hash)
			return;
	if (model->nnamespaces == model->namespaces_size)
	{
		model->namespaces_size = Max(8, 2 * model->namespaces_size);
		model->namespace_hashes = model->namespace_hashes == NULL ?
			MemoryContextAlloc(model->cxt, model->namespaces_size * sizeof(uint32)) :
			repalloc(model->namespace_hashes, model->namespaces_size * sizeof(uint32));
	}
	model->namespace_hashes[model->nnamespaces++] = hash;
}

static Oid
namespace_of(int cache, Oid object)
{
	HeapTuple	tuple = OidIsValid(object) ? SearchSysCache1(cache, ObjectIdGetDatum(object)) : NULL;
	Oid			namespace;

	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	namespace = cache == TYPEOID ? ((Form_pg_type) GETSTRUCT(tuple))->typnamespace :
		cache == OPEROID ? ((Form_pg_operator) GETSTRUCT(tuple))->oprnamespace :
		((Form_pg_collation) GETSTRUCT(tuple))->collnamespace;
	ReleaseSysCache(tuple);
	return namespace;
}

void
model_note_type(Model *model, ModelType *type)
{
	model_note_namespace(model, namespace_of(TYPEOID, type->type));
	model_note_namespace(model, namespace_of(TYPEOID, type->base_type));
	model_note_namespace(model, namespace_of(OPEROID, type->eqop));
	model_note_namespace(model, namespace_of(OPEROID, type->ltop));
	model_note_namespace(model, namespace_of(COLLOID, type->collation));
}
