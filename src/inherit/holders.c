/*
 * holders.c
 *		What each principal holds on one row; see holders.h.
 */
#include "relmeta.h"

#include "inherit/holders.h"
#include "utils/datum.h"
#include "utils/memutils.h"

/* so many are looked through one by one */
#define HOLDERS_LISTED	8

/* Where the principal stands among the buckets, or would. */
static Holder **
bucket_of(Holders *holders, ModelType *type, Datum principal)
{
	uint32		hash = DatumGetUInt32(FunctionCall1Coll(&type->hash_finfo, type->collation, principal));
	uint32		i = hash & (holders->nbuckets - 1);

	while (holders->buckets[i] != NULL && !model_type_equal(type, holders->buckets[i]->principal, principal))
		i = (i + 1) & (holders->nbuckets - 1);
	return &holders->buckets[i];
}

/* Makes twice as many buckets as there may be holders until the next time. */
static void
rehash(Holders *holders, ModelType *type)
{
	if (holders->buckets != NULL)
		pfree(holders->buckets);
	holders->nbuckets = holders->nbuckets == 0 ? 4 * HOLDERS_LISTED : 2 * holders->nbuckets;
	holders->buckets = MemoryContextAllocExtended(CurrentMemoryContext, holders->nbuckets * sizeof(Holder *),
												  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (Holder *holder = holders->first; holder != NULL; holder = holder->next)
		*bucket_of(holders, type, holder->principal) = holder;
}

Holder *
inherit_holder_find(Holders *holders, ModelType *type, Datum principal)
{
	if (holders->buckets != NULL)
		return *bucket_of(holders, type, principal);
	for (Holder *holder = holders->first; holder != NULL; holder = holder->next)
		if (model_type_equal(type, holder->principal, principal))
			return holder;
	return NULL;
}

Holder *
inherit_holder_add(Holders *holders, ModelType *type, Datum principal)
{
	Holder	   *holder = palloc0(sizeof(Holder));

	holder->principal = principal;
	holder->number = holders->count++;
	holder->next = holders->first;
	holders->first = holder;
	if (type->has_hash && holders->count > HOLDERS_LISTED && (uint32) holders->count > holders->nbuckets / 2)
		rehash(holders, type);
	else if (holders->buckets != NULL)
		*bucket_of(holders, type, principal) = holder;
	return holder;
}

Holder *
inherit_holder(Holders *holders, ModelType *type, Datum principal)
{
	Holder	   *holder = inherit_holder_find(holders, type, principal);

	if (holder != NULL)
		return holder;
	return inherit_holder_add(holders, type, datumCopy(principal, type->typbyval, type->typlen));
}
