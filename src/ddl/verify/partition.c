/*
 * partition.c
 *		verify()'s part about partitions that are half detached.
 *
 * DETACH PARTITION ... CONCURRENTLY of what relmeta knows is refused.  It may have been begun before that was so, or
 * while the event triggers were disabled: the rows are seen in the table no more, and what they say, or is held on
 * them, is there.
 */
#include "ddl/verify/verify.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/partition.h"
#include "catalog/pg_inherits.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

static bool
is_of_known_table(Oid relid)
{
	for (;;)
	{
		if (model_known(relid) & (KNOWN_REGISTERED | KNOWN_SOURCE))
			return true;
		if (!get_rel_relispartition(relid))
			return false;
		relid = get_partition_parent(relid, true);
	}
}

void
ddl_verify_half_detached(Model *model, void *subject, List **problems)
{
	Relation	rel = table_open(InheritsRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(rel, InheritsRelidSeqnoIndexId, true, NULL, 0, NULL);
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_inherits form = (Form_pg_inherits) GETSTRUCT(tuple);

		if (!form->inhdetachpending || get_rel_name(form->inhrelid) == NULL ||
			get_rel_name(form->inhparent) == NULL || !is_of_known_table(form->inhparent))
			continue;
		ddl_verify_add(problems, form->inhrelid, get_rel_name(form->inhrelid),
					   psprintf("is half detached from \"%s\": its rows have left, and what they say or is held on them"
								" has not", get_rel_name(form->inhparent)),
					   psprintf("ALTER TABLE %s DETACH PARTITION %s FINALIZE", ddl_table_name(form->inhparent),
								ddl_table_name(form->inhrelid)),
					   MEND_BY_HAND, NULL);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
}
