/*
 * names.h
 *		Lists of names.
 */
#ifndef MODEL_NAMES_H
#define MODEL_NAMES_H

#include "postgres.h"

#include "nodes/pg_list.h"

/* Is the name among the names (char *)? */
static inline bool
model_name_is_among(List *names, const char *name)
{
	ListCell   *lc;

	foreach(lc, names)
	{
		if (strcmp(lfirst(lc), name) == 0)
			return true;
	}
	return false;
}

#endif							/* MODEL_NAMES_H */
