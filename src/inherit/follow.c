/*
 * follow.c
 *		Rows that follow their primary row's key (SEMANTICS 3.5): their lookup changes,
 *		but they are not reparented; see inherit.h.
 */
#include "relmeta.h"

#include "inherit/inherit.h"
#include "model/key.h"
#include "utils/datum.h"
#include "utils/memutils.h"

void
inherit_rekeyed_read(Rekeyed *rekeyed, Frame *frame, ModelTable *primary)
{
	TableChanges *changes = collect_table(frame, primary->relid);
	ModelType  *key = model_key_type(primary);
	Datum		keys[2];
	bool		nulls[2];

	memset(rekeyed, 0, sizeof(Rekeyed));
	rekeyed->key = key;
	if (changes == NULL || changes->rekeyed == NULL)
		return;
	rekeyed->rows = changes->rekeyed->rows;
	rekeyed->old_keys = rows_map_make(key, sizeof(Datum));
	for (int64 row = 0; row < rekeyed->rows->nrows; row++)
	{
		rows_list_get(rekeyed->rows, row, keys, nulls);
		*(Datum *) rows_map_enter(rekeyed->old_keys, keys[REKEYED_NEW], NULL) =
			datumCopy(keys[REKEYED_OLD], key->typbyval, key->typlen);
	}
}

bool
inherit_follows_key(Rekeyed *rekeyed, Datum *values, bool *nulls)
{
	Datum		keys[2];
	bool		key_nulls[2];
	Datum	   *old_key;

	if (rekeyed->rows == NULL || nulls[MOVED_OLD] || nulls[MOVED_NEW])
		return false;
	old_key = rows_map_find(rekeyed->old_keys, values[MOVED_NEW]);
	if (old_key != NULL && model_type_equal(rekeyed->key, *old_key, values[MOVED_OLD]))
		return true;

	/*
	 * a value that is equal is the same, and each new key is there: looked
	 * up, and not found
	 */
	if (rekeyed->key->by_image && rekeyed->old_keys->keys->count == rekeyed->rows->nrows)
		return false;
	for (int64 row = 0; row < rekeyed->rows->nrows; row++)
	{
		rows_list_get(rekeyed->rows, row, keys, key_nulls);
		if (model_type_equal(rekeyed->key, keys[REKEYED_OLD], values[MOVED_OLD]) &&
			model_type_equal(rekeyed->key, keys[REKEYED_NEW], values[MOVED_NEW]))
			return true;
	}
	return false;
}
