/*
 * map.h
 *		What is known of each of some rows, by their keys.
 *
 * A map keeps one payload of a fixed size for each key, in the order in which the keys came.  Keys are told apart by
 * image, as in a DatumSet.
 *
 * MEMORY RULE.  A map lives in the memory context that it was made in.  A payload stays where it is until another key
 * is entered.
 */
#ifndef ROWS_MAP_H
#define ROWS_MAP_H

#include "rows/rowlist.h"

typedef struct KeyMap
{
	DatumSet   *keys;
	Size		size;			/* of a payload */
	char	   *payloads;		/* parallel to keys->values */
	int			capacity;
} KeyMap;

extern KeyMap *rows_map_make(ModelType *type, Size size);

/* The payload of a key, zeros when the key is new; in *number, if that is wanted, which one it is. */
extern void *rows_map_enter(KeyMap *map, Datum key, int *number);

/* NULL when the key is not there. */
extern void *rows_map_find(KeyMap *map, Datum key);

static inline void *
rows_map_at(KeyMap *map, int number)
{
	return map->payloads + (Size) number * map->size;
}

#endif							/* ROWS_MAP_H */
