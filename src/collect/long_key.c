/*
 * long_key.c
 *		Keys that an entry has no room for; see long_key.h.
 *
 * An entry's index holds the row's key, the principal and the relationship together, in at most 2,704 bytes.  A
 * principal has up to 1,024, the rest less than 60.  The index compresses what is long, as the row's own primary key
 * does, by a method and a level of the session; so keys are measured as they are.
 */
#include "relmeta.h"

#include "access/detoast.h"
#include "collect/long_key.h"
#include "model/key.h"
#include "rows/scan.h"
#include "utils/builtins.h"

#define KEY_MAX 1600

/* The relationship by which rows of the table may inherit access; NULL: none. */
static ModelRelationship *
inherits_by(ModelTable *table)
{
	ListCell   *lc;

	foreach(lc, model_as_related(table))
		if (((ModelRelationship *) lfirst(lc))->passes_access)
		return lfirst(lc);
	return NULL;
}

void
collect_check_key(ModelTable *table, Datum key)
{
	Size		size;
	ModelRelationship *relationship;

	if (model_key_type(table)->typlen != -1)
		return;
	size = toast_raw_datum_size(key) - VARHDRSZ;
	if (size <= KEY_MAX)
		return;
	relationship = inherits_by(table);
	if (relationship != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("key of table %s is too long: column \"%s\" has %zu bytes, and may have %d", table->sql_name,
						model_columns_text(&table->key), size, KEY_MAX),
				 errdetail("Rows of the table inherit access, which is kept with their keys, by relationship \"%s\".",
						   relationship->name),
				 errhint("Use shorter keys: varchar(200), say, or a CHECK of the column's octet_length.")));
}

typedef struct LongKeys
{
	ModelTable *table;
	ModelKeyReader reader;
} LongKeys;

static void
check_row(Relation rel, TupleTableSlot *slot, void *arg)
{
	LongKeys   *check = arg;
	Datum		key;

	if (model_key_read(&check->reader, rel, slot, &key))
		collect_check_key(check->table, key);
}

void
collect_check_keys(ModelTable *table)
{
	ModelType  *type = model_key_type(table);
	int32		declared = type->typlen == -1 ? type_maximum_size(type->base_type, type->typmod) : 0;
	LongKeys	check = {table, {&table->key}};

	/* mostly nothing can be too long */
	if (type->typlen == -1 && (declared < 0 || declared > KEY_MAX + VARHDRSZ) && inherits_by(table) != NULL)
		rows_scan_each(table->relid, check_row, &check);
}
