/*
 * reown.h
 *		A few rows get another owner without a statement: what an assign of a row or few means for the rows that point
 *		to it.
 */
#ifndef ROWS_REOWN_H
#define ROWS_REOWN_H

#include "rows/map.h"
#include "rows/rows.h"

#include "executor/tuptable.h"

/* A row has got the owner: as it was, and as it is stored. */
typedef void (*ReownReceiver) (TupleTableSlot *before, TupleTableSlot *after, void *arg);

typedef struct Reown
{
	ModelRelationship *relationship;
	KeyMap	   *parents;		/* a few primary rows -> NullableDatum, their
								 * owners before, for behavior user_owned */
	NullableDatum owner;		/* the new one, of the type of owners */
	RowLock		lock;			/* that the rows are held in before they are
								 * changed: ROW_UPDATE, or ROW_UNLOCKED where
								 * the change itself is enough */
	bool		locks_others;	/* rows that stay as they are, are held FOR NO
								 * KEY UPDATE, and are what they are after
								 * that */
	ReownReceiver receive;
	void	   *arg;
	uint64		rows;			/* how many have got the owner */
	bool		rest;			/* there may be more, for a statement */
} Reown;

/*
 * Gives the related rows that point to a parent, and match the relationship's behavior of assigns, the new owner,
 * unless it is theirs: what assign.c's statement would do, with its errors.  rel is the related table, which the caller
 * has locked RowExclusiveLock, and whose triggers need not be fired.  False, with nothing done, where it takes a
 * statement.
 *
 * READ COMMITTED only.
 */
extern bool rows_reown(Reown *reown, Relation rel);

#endif							/* ROWS_REOWN_H */
