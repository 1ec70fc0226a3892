/*
 * entry_table.c
 *		Entry tables come, change their types, go; see access.h.
 *
 * What makes or changes one runs as the extension's owner, whoever declares or shares: the tables are
 * his.  An AUTO dependency on the user's table lets them go with it, and proves
 * whose entries they are when the extension was dropped and made again.
 */
#include "relmeta.h"

#include "access/entry_table.h"
#include "catalog/dependency.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "storage/bufmgr.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/*
 * In what the principals of an entry table are to be stored: where nothing asks for another type, what there is stays
 * while it is that of a primary table, since it may have come from there; else text.
 */
static ModelType *
principal_type(ModelTable *table, ModelType *fallback)
{
	ModelType  *type = model_principal_type(table);
	ListCell   *lc;

	if (type != NULL)
		return type;
	foreach(lc, model_as_related(table))
	{
		ModelRelationship *relationship = lfirst(lc);

		if (relationship->broken == NULL && relationship->primary->owner.name != NULL &&
			relationship->primary->owner.type.base_type == model_principal(table)->base_type)
			return &relationship->primary->owner.type;
	}
	model_type_fill(fallback, TEXTOID, -1, get_typcollation(TEXTOID));
	return fallback;
}

/* Has it been taken up? */
static bool
sync_table(ModelTable *table)
{
	bool		exists = model_lock_entries(table);
	bool		taken_up = !exists && access_entry_table_take_up(table);
	ModelType	fallback;

	if (exists || taken_up)
		access_entry_table_retype(table, table->entry_relid, principal_type(table, &fallback));
	else if (model_needs_entries(table))
		access_entry_table_make(table, principal_type(table, &fallback));
	else if (table->entries_lost || OidIsValid(table->entry_relid))
		model_set_entries(table, InvalidOid);
	return taken_up;
}

/*
 * What has been taken up may be of rows that were deleted while the extension was away, and of principals, all of whom
 * went with it: whoever gets such a key or name next must not hold anything because of it.
 */
void
access_entry_table_sync(Oid relid)
{
	ActingAs	saved = relmeta_act_begin(relmeta_extension_owner(), ACT_RESTRICTED);
	Model	   *model;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	model = model_current();
	model_pin(model, CurrentMemoryContext);
	if (sync_table(model_table_required(model, relid)))
	{
		model = model_current();
		model_pin(model, CurrentMemoryContext);
		access_orphans_drop(model_table_required(model, relid));
	}
	SPI_finish();
	relmeta_act_end(saved);
}

void
access_entry_table_ensure(ModelTable *table)
{
	ActingAs	saved;

	if (OidIsValid(table->entry_relid) && SearchSysCacheExists1(RELOID, ObjectIdGetDatum(table->entry_relid)))
		return;
	if (model_lock_entries(table))
		return;
	saved = relmeta_act_begin(relmeta_extension_owner(), ACT_RESTRICTED);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	access_entry_table_make(table, model_principal(table));
	SPI_finish();
	relmeta_act_end(saved);
}

void
access_entry_table_drop(Oid entry_relid)
{
	ObjectAddress address;

	if (!OidIsValid(entry_relid) || get_rel_name(entry_relid) == NULL)
		return;
	ObjectAddressSet(address, RelationRelationId, entry_relid);
	performDeletion(&address, DROP_RESTRICT, PERFORM_DELETION_INTERNAL);
}
