/*
 * key_file.h
 *		A set of keys that goes to files beyond work_mem.
 *
 * What is new is a DatumSet.  When that has filled work_mem its keys are written in the order of their hashes, as a
 * run; a run that is no smaller than the one before is merged with it, so that there are few, and a key is written as
 * often as the set can be halved.  To find a key one stretch of each run is read, of some 8 kB.
 *
 * MEMORY RULE.  A set lives in the context that it was made in and is freed with it, its files too.  It takes work_mem,
 * and 32 bytes for each stretch.
 */
#ifndef ROWS_KEY_FILE_H
#define ROWS_KEY_FILE_H

#include "rows/rowlist.h"

typedef struct KeyFile KeyFile;

/* An empty one, in CurrentMemoryContext; of values that are the same as in rows_set_make_equal(). */
extern KeyFile *rows_key_file_make(ModelType *type);

/* Adds a copy of the key.  May be interrupted. */
extern void rows_key_file_add(KeyFile *file, Datum key);

extern bool rows_key_file_holds(KeyFile *file, Datum key);

#endif							/* ROWS_KEY_FILE_H */
