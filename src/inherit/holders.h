/*
 * holders.h
 *		What each principal holds on one row, before and after.
 *
 * The few principals of most rows are a list; those of a row that is shared with many are found by hashing too, so
 * that nothing is quadratic in the sharees of a row.
 *
 * MEMORY RULE.  Holders that are all zeros are empty.  Those that are added live in the memory context that is current
 * then, which is the same for all of a row.
 */
#ifndef INHERIT_HOLDERS_H
#define INHERIT_HOLDERS_H

#include "model/model.h"

typedef struct Holder
{
	struct Holder *next;		/* of the same row */
	Datum		principal;
	int32		before;
	int32		after;			/* what it holds or is to get, where only that
								 * matters */
	int32		part;			/* of the bits, a part that somebody wants to
								 * know: it says which */
	int			number;			/* 0, 1, ... in the order of coming */
} Holder;

typedef struct Holders
{
	Holder	   *first;			/* the last one that came */
	int			count;
	Holder	  **buckets;		/* open addressing; NULL: few, or of a type
								 * that cannot be hashed */
	uint32		nbuckets;
} Holders;

/* NULL when it is not among them. */
extern Holder *inherit_holder_find(Holders *holders, ModelType *type, Datum principal);

/* Added when it is not, with nothing before or after, and a copy of the principal. */
extern Holder *inherit_holder(Holders *holders, ModelType *type, Datum principal);

/* The same; the principal is not copied. */
extern Holder *inherit_holder_add(Holders *holders, ModelType *type, Datum principal);

#endif							/* INHERIT_HOLDERS_H */
