/*
 * take.h
 *		Finding inherited entries, and taking them together with what was inherited
 *		from them below (SEMANTICS 3.10 (4)).
 */
#ifndef JOB_TAKE_H
#define JOB_TAKE_H

#include "inherit/effect.h"

/* Rows with entries that are looked for. */
typedef struct Found
{
	int			n;				/* entries */
	DatumSet   *objects;		/* on which rows */
	DatumSet   *principals;		/* and whose they are */
	bool		at_end;			/* no further ones stand behind them */
} Found;

/*
 * Finds up to limit entries through a relationship for one of the causes, from a place on in physical order,
 * and moves the place behind the last of them.
 */
extern void job_find_entries(ModelRelationship *relationship, const char *causes, ItemPointer from, int limit,
							 Found *found);

/*
 * Takes from the rows with these keys their entries through the relationship for the causes; what a principal
 * then holds no more on a row is queued as a loss of rule 4.  Returns the number of entries taken.
 */
extern int64 job_take_entries(Effects *effects, ModelRelationship *relationship, const char *causes,
							  DatumSet *objects);

#endif							/* JOB_TAKE_H */
