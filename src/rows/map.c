/*
 * map.c
 *		What is known of each of some rows, by their keys; see map.h.
 */
#include "relmeta.h"

#include "rows/map.h"
#include "utils/memutils.h"

KeyMap *
rows_map_make(ModelType *type, Size size)
{
	KeyMap	   *map = palloc0(sizeof(KeyMap));

	map->keys = rows_set_make(type);
	map->size = size;
	return map;
}

/* Makes room for as many payloads as the set of keys has room for keys. */
static void
grow(KeyMap *map)
{
	int			capacity = map->keys->capacity;
	Size		had = (Size) map->capacity * map->size;

	if (map->payloads == NULL)
		map->payloads = MemoryContextAllocHuge(map->keys->cxt, (Size) capacity * map->size);
	else
		map->payloads = repalloc_huge(map->payloads, (Size) capacity * map->size);
	memset(map->payloads + had, 0, (Size) capacity * map->size - had);
	map->capacity = capacity;
}

void *
rows_map_enter(KeyMap *map, Datum key, int *number)
{
	int			i = rows_set_index(map->keys, key);

	if (i >= map->capacity)
		grow(map);
	if (number != NULL)
		*number = i;
	return rows_map_at(map, i);
}

void *
rows_map_find(KeyMap *map, Datum key)
{
	int			i = rows_set_find(map->keys, key);

	return i < 0 ? NULL : rows_map_at(map, i);
}
