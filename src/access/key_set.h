/*
 * key_set.h
 *		A set of keys of one type.
 *
 * Keys of integer types are kept 64 to a word, since those of a table tend to lie close together: a million of
 * them take less than a megabyte.  Others are kept one by one.
 *
 * MEMORY RULE.  A set lives in the context that it was made in, copies what is passed by reference, and goes with
 * that context.
 */
#ifndef RELMETA_ACCESS_KEY_SET_H
#define RELMETA_ACCESS_KEY_SET_H

#include "model/model.h"

typedef struct KeySet KeySet;

/* Can there be a set of the type's values? */
extern bool access_key_set_possible(ModelType *type);

/* And is it one of integers? */
extern bool access_key_set_of_words(ModelType *type);

/* An empty one, in CurrentMemoryContext. */
extern KeySet *access_key_set_make(ModelType *type);

extern void access_key_set_add(KeySet *set, Datum key);
extern bool access_key_set_holds(KeySet *set, Datum key);

/* Its size in bytes, about. */
extern Size access_key_set_size(KeySet *set);

#endif							/* RELMETA_ACCESS_KEY_SET_H */
