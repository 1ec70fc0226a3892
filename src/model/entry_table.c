/*
 * entry_table.c
 *		The entry table that a registered table has, as a model keeps it.
 */
#include "relmeta.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "model/internal.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

/*
 * The table has this entry table.  False when it is gone, or a column of it with its type.  What is gone was dumped as
 * a number, which is somebody's table where that has been restored.
 */
bool
model_set_entry_table(ModelTable *table, Oid entry_relid)
{
	MemoryContext old;

	if (get_rel_relkind(entry_relid) != RELKIND_RELATION ||
		get_rel_namespace(entry_relid) != get_namespace_oid(RELMETA_ACCESS_SCHEMA, true) ||
		!SearchSysCacheExistsAttName(entry_relid, "object") ||
		!SearchSysCacheExistsAttName(entry_relid, "principal"))
		return false;
	/* the table lives as long as its model: so does its name */
	old = MemoryContextSwitchTo(GetMemoryChunkContext(table->stable_name));
	table->entry_sql = quote_qualified_identifier(get_namespace_name(get_rel_namespace(entry_relid)),
												  get_rel_name(entry_relid));
	MemoryContextSwitchTo(old);
	table->entry_relid = entry_relid;
	return true;
}

void
model_load_entry_table(Model *model, ModelTable *table, Oid entry_relid)
{
	ModelColumn principal = {0};

	if (!OidIsValid(entry_relid))
		return;
	if (!model_set_entry_table(table, entry_relid) ||
		model_load_column(model, &principal, entry_relid, pstrdup("principal")) != NULL)
	{
		table->entry_relid = InvalidOid;
		table->entries_lost = true;
		return;
	}

	/*
	 * what the owner column cannot hold, of its domain or length, holds
	 * nothing
	 */
	if (table->owner.name != NULL && table->owner.type.base_type == principal.type.base_type &&
		table->owner.type.collation == principal.type.collation)
		table->principal = table->owner.type;
	else
		table->principal = principal.type;
	table->knows_principal = true;
}
