/*
 * inherit.h
 *		What a row inherits from its primary row: eff(p, P), and who owns p.
 *
 * Shared by rule 1 (inherit.c) and rule 4 (reparent.c).  Everything is made in
 * CurrentMemoryContext; SPI is connected.
 */
#ifndef CASCADE_INHERIT_H
#define CASCADE_INHERIT_H

#include "cascade/effect.h"
#include "cascade/queue.h"

/* what one principal holds by entries on a primary row */
typedef struct Held
{
	struct Held *next;
	Datum		principal;
	int32		bits;
} Held;

/* primary rows, by the image of the key that points to them */
typedef struct Parents
{
	ModelTable *table;
	DatumSet   *keys;
	bool	   *found;			/* parallel to keys->values, as all below */
	Datum	   *owner;
	bool	   *owner_null;
	Held	  **held;
} Parents;

/* Reads the primary rows with those keys: their owners, and what is held on them. */
extern Parents *cascade_parents_read(ModelTable *table, DatumSet *keys);

/* The index of a key; -1 when it was not asked for. */
extern int	cascade_parents_index(Parents *parents, Datum key);

/* Bits of one principal's entries on parent number i. */
extern int32 cascade_parents_held(Parents *parents, int i, Datum principal);

#define MOVED_ROW_KEY 0
#define MOVED_ROW_OWNER 1
#define MOVED_ROW_LOOKUP 2

/*
 * Rows of a relationship's related table as they are now: key, owner, lookup; those without a lookup,
 * and for behavior active those that are not, are left out.
 */
extern RowList *cascade_rows_moved(ModelRelationship *relationship, DatumSet *keys, ModelBehavior behavior);

/*
 * Who holds what by entries on the rows with those keys, but for what is in before (NULL: nothing):
 * object, principal, bits.
 */
extern RowList *cascade_rows_held(ModelTable *table, DatumSet *keys, RowList *before);

#endif							/* CASCADE_INHERIT_H */
