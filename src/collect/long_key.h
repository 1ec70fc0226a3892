/*
 * long_key.h
 *		Keys that an entry has no room for.
 */
#ifndef COLLECT_LONG_KEY_H
#define COLLECT_LONG_KEY_H

#include "model/model.h"

/*
 * 54000 when the key is too long for an entry, and the row may inherit one: nothing else of the row, or of those above
 * it, could be shared or assigned then.
 */
extern void collect_check_key(ModelTable *table, Datum key);

/* The same of all rows of the table.  The caller holds a lock that keeps others from writing. */
extern void collect_check_keys(ModelTable *table);

#endif							/* COLLECT_LONG_KEY_H */
