/*
 * take_rows.h
 *		What take.c and take_rows.c share: rows of one table, from which entries
 *		through one relationship are taken.
 */
#ifndef JOB_TAKE_ROWS_H
#define JOB_TAKE_ROWS_H

#include "job/take.h"

/* losses on rows of a table, by row */
typedef struct Losses
{
	DatumSet   *objects;
	int		   *start;			/* of each object in what follows, and the end */
	Datum	   *principals;		/* of an object with many, in order */
	int32	   *bits;
} Losses;

typedef struct TakeRow
{
	Datum		key;
	int			parent;			/* index in Losses.objects */
	bool		wanted;			/* there is something to take */
	bool		is_owned;
	Datum		owner;
} TakeRow;

/* an entry that goes */
typedef struct Doomed
{
	ItemPointerData tid;
	int			row;
} Doomed;

/* one relationship, rows of its related table, and what is to be taken from them */
typedef struct TakeStep
{
	Take	   *take;
	TakeTable  *table;			/* the related table */
	ModelRelationship *relationship;
	const char *causes;
	Losses	   *losses;			/* NULL: whole entries */
	Entries		entries;
	bool		gives;			/* somebody inherits from the rows */
	bool		counting;
	int			nrows;
	TakeRow    *rows;			/* in the order of the keys */
	Doomed	   *doomed;
	int			ndoomed;
	int			doomed_room;
	Datum	   *narrowed;		/* tid: entries that stay with less */
	Datum	   *masks;			/* theirs from now on */
	int			nnarrowed;
	int			narrowed_room;
} TakeStep;

/*
 * Are values of this type found by hashing, and equal only when they look the
 * same?  Then column = ANY (array) is the cheapest way to look for many, and a
 * value that was found is the one that was asked for.
 */
extern bool job_type_is_plain(ModelType *type);

/* Can a loss on rows of the primary table be passed on through the relationship? */
extern bool job_take_passes_on(ModelRelationship *relationship);

/*
 * Takes from rows (in any order) what the step says, and adds what their
 * principals then hold no more to table->lost.  Returns the number of entries
 * that are gone.  The step is zeroed but for take, table, relationship, causes,
 * losses, rows, nrows.  Uses CurrentMemoryContext.
 */
extern int64 job_take_rows(TakeStep *step);

#endif							/* JOB_TAKE_ROWS_H */
