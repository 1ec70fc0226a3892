/*
 * watch.h
 *		Which row triggers a registered table needs, and what they watch.
 */
#ifndef COLLECT_WATCH_H
#define COLLECT_WATCH_H

#include "model/model.h"

#include "nodes/bitmapset.h"

extern bool collect_wants_insert(ModelTable *table);
extern bool collect_wants_delete(ModelTable *table);

/* Does it matter that a row is inserted, other than as one that moves between partitions? */
extern bool collect_inserts_matter(ModelTable *table);

/* Must the AFTER UPDATE trigger see every UPDATE? */
extern bool collect_watches_all(ModelTable *table);

/* Columns (char *) whose change the AFTER UPDATE trigger must see: key, owner, lookups, type columns. */
extern List *collect_watched_columns(ModelTable *table);

/* Is one of them among the columns, a set as the executor has it? */
extern bool collect_watches_one_of(ModelLeaf *leaf, Bitmapset *columns);

#endif							/* COLLECT_WATCH_H */
