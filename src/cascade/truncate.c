/*
 * truncate.c
 *		TRUNCATE of registered tables or of partitions of them (SEMANTICS 3.5).
 *
 * All BEFORE triggers of the statement come before the first table is emptied,
 * the AFTER triggers when all are.  The first take away what was held on the rows
 * and, where it may be asked for, keep their keys; the second look whether
 * lookups still point to one of them.  So tables that point to each other go
 * together, and a statement that is refused is so by what it leaves.
 */
#include "relmeta.h"

#include "access/table.h"
#include "cascade/cascade.h"
#include "inherit/effect.h"
#include "cascade/leaving.h"
#include "cascade/flush.h"
#include "catalog/partition.h"
#include "executor/spi.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* ---- before ---- */

/*
 * A partitioned table comes before its partitions, all in one command: they then
 * need nothing of their own.
 */
static bool
is_covered(Frame *frame, Relation rel)
{
	ListCell   *lc;
	ListCell   *tc;

	if (frame->truncated == NIL || !rel->rd_rel->relispartition)
		return false;
	foreach(lc, get_partition_ancestors(RelationGetRelid(rel)))
	{
		foreach(tc, frame->truncated)
			if (((Truncated *) lfirst(tc))->relid == lfirst_oid(lc))
			return true;
	}
	return false;
}

/* A table that points to itself goes as a whole. */
static bool
is_guarded(ModelRelationship *relationship, Oid relid)
{
	return !relationship->foreign_key && relationship->broken == NULL &&
		!(relationship->related == relationship->primary && relid == relationship->primary->relid);
}

/*
 * Is the table to be emptied as well, as far as its lock can tell?  Then mostly
 * nothing will be left of it that points anywhere.
 */
static bool
may_go_too(ModelTable *table)
{
	Relation	rel = table_open(table->relid, AccessShareLock);
	bool		locked = CheckRelationLockedByMe(rel, AccessExclusiveLock, false);

	table_close(rel, AccessShareLock);
	return locked;
}

/* May it be asked which rows there were?  held: something is held on rows of the table. */
static bool
keys_are_wanted(ModelTable *table, Oid relid, bool held)
{
	ListCell   *lc;

	if (relid != table->relid && held)
		return true;
	foreach(lc, model_as_primary(table))
	{
		ModelRelationship *relationship = lfirst(lc);

		if (is_guarded(relationship, relid) && !may_go_too(relationship->related) &&
			cascade_any_lookup(relationship))
			return true;
	}
	return false;
}

/*
 *	TRUNCATE relmeta_access.t
 *
 * as the extension's owner: the whole table goes, and all that was held on it.
 */
static void
truncate_entries(ModelTable *table)
{
	ActingAs	saved;
	int			result;

	saved = relmeta_act_begin(relmeta_extension_owner(), ACT_RESTRICTED);
	result = SPI_execute(psprintf("TRUNCATE %s", table->entry_sql), false, 0);
	relmeta_act_end(saved);
	if (result != SPI_OK_UTILITY)
		elog(ERROR, "SPI_execute returned %s", SPI_result_code_string(result));
}

void
cascade_truncate_starts(Frame *frame, Relation rel)
{
	Oid			relid = RelationGetRelid(rel);
	Model	   *model = model_current();
	ModelTable *table;
	Truncated  *truncated;
	MemoryContext old;
	bool		held;

	model_pin(model, CurrentMemoryContext);
	table = model_leaf(model, relid)->table;
	if (table == NULL || is_covered(frame, rel))
		return;
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	model_table_check_usable(table);
	old = MemoryContextSwitchTo(frame->cxt);
	truncated = palloc0(sizeof(Truncated));
	truncated->relid = relid;
	held = access_entries_exist(table) && !access_entries_empty(table);
	if (keys_are_wanted(table, relid, held))
		truncated->keys = cascade_leaving_keys(model, table, relid);
	frame->truncated = lappend(frame->truncated, truncated);
	MemoryContextSwitchTo(old);

	if (held && relid == table->relid)
		truncate_entries(table);
	else if (held)
		(void) inherit_purge_keys(table, truncated->keys);
	SPI_finish();
}

/* ---- after ---- */

static void
check_left_behind(ModelRelationship *relationship, Oid relid, RowList *keys)
{
	ModelTable *related = relationship->related;

	if (!is_guarded(relationship, relid) || !cascade_any_lookup(relationship) ||
		!cascade_left_behind(relationship, keys))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot truncate table \"%s\": rows of table \"%s\" point to it", relmeta_relation_name(relid),
					relmeta_relation_name(related->relid)),
			 errdetail("Relationship \"%s\" has no foreign key.", relationship->name),
			 errhint("Truncate table \"%s\" in the same statement, or use DELETE.",
					 relmeta_relation_name(related->relid))));
}

void
cascade_truncate_ends(Relation rel)
{
	Oid			relid = RelationGetRelid(rel);
	Truncated  *truncated = collect_truncated(relid);
	Model	   *model;
	ModelTable *table;
	ListCell   *lc;

	if (truncated == NULL)
		return;
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	model = model_current();
	model_pin(model, CurrentMemoryContext);
	table = model_leaf(model, relid)->table;
	if (table != NULL)
	{
		foreach(lc, model_as_primary(table))
			check_left_behind(lfirst(lc), relid, truncated->keys);
		collect_rows_vanished(table);
	}
	SPI_finish();
}
