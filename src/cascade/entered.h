/*
 * entered.h
 *		The rows that a statement has assigned, where its cascades may come to one twice (SEMANTICS 3.1).
 *
 * To the first owner that is given to a row it belongs: it is not entered again.  What counts are the statement's own
 * rows and those of its cascades, for which the cascade's UPDATE asks relmeta.assign_entered() row by row.
 *
 * MEMORY RULE.  A table's rows that cascades have assigned are a list, in a file beyond work_mem.  A row that this
 * transaction has not changed is in none: so a set of the keys is made only when a cascade meets a row that it has, in
 * memory where they are integers, 64 to a word (access/key_set.h), else and beyond work_mem in files (rows/key_file.h).
 * All of it lives as long as the frame.
 */
#ifndef CASCADE_ENTERED_H
#define CASCADE_ENTERED_H

#include "collect/collect.h"
#include "rows/plan.h"

/* how the UPDATE of an assign cascade runs */
#define ASSIGN_RUN (RUN_NEW_ROWS | RUN_CROSSCHECK | RUN_CHANGES)

/*
 * Runs an UPDATE of rows of the table, whose RETURNING gives their keys, and enters these; returns how many.  While it
 * runs relmeta.assign_entered() answers for the table.
 */
extern uint64 cascade_enter(TableChanges *changes, SPIPlanPtr plan, Datum *values, const char *nulls);

#endif							/* CASCADE_ENTERED_H */
