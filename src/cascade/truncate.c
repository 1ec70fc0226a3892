/*
 * truncate.c
 *		TRUNCATE of a registered table or of one of its partitions (SEMANTICS 3.5).
 */
#include "relmeta.h"

#include "cascade/cascade.h"
#include "cascade/effect.h"
#include "cascade/queue.h"
#include "catalog/partition.h"
#include "executor/spi.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/* A quoted name. */
static char *
relation_name(Oid relid)
{
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)), get_rel_name(relid));
}

/*
 * The table itself: any row that points to it will do, its rows all go.
 *
 *	SELECT 1 FROM s.related AS c WHERE c.lookup IS NOT NULL [AND c.type = 'account']
 *
 * A partition: rows that point into it, from outside when the table points to itself.
 *
 *	... AND EXISTS (SELECT FROM s.partition AS p WHERE p.id = c.lookup)
 *		[AND NOT EXISTS (SELECT FROM s.partition AS o WHERE o.id = c.id)]
 */
static char *
points_to(ModelRelationship *relationship, Oid relid)
{
	ModelTable *primary = relationship->primary;
	ModelType  *key = &primary->key.type;
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT 1 FROM %s AS c WHERE c.%s IS NOT NULL", relationship->related->sql_name,
					 relationship->lookup.sql_name);
	cascade_plan_append_type(&sql, relationship, "c");
	if (relid != primary->relid)
	{
		char	   *partition = relation_name(relid);

		appendStringInfo(&sql, " AND EXISTS (SELECT FROM %s AS p WHERE p.%s %s c.%s%s)", partition,
						 primary->key.sql_name, key->sql_eq, relationship->lookup.sql_name, key->sql_collate);
		if (relationship->related == primary)
			appendStringInfo(&sql, " AND NOT EXISTS (SELECT FROM %s AS o WHERE o.%s %s c.%s%s)", partition,
							 primary->key.sql_name, key->sql_eq, primary->key.sql_name, key->sql_collate);
	}
	return sql.data;
}

static void
refuse_truncate(ModelRelationship *relationship, Oid relid)
{
	SPIPlanPtr	plan;
	uint64		found;

	LockRelationOid(relationship->related->relid, AccessShareLock);
	plan = cascade_plan_once(points_to(relationship, relid), relationship->related->relowner);
	found = cascade_run(plan, relationship->related->relowner, NULL, NULL, RUN_NEW_ROWS | RUN_FIRE_TRIGGERS, 1);
	SPI_freeplan(plan);
	if (found == 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot truncate table \"%s\": rows of table \"%s\" point to it", get_rel_name(relid),
					get_rel_name(relationship->related->relid)),
			 errdetail("Relationship \"%s\" has no foreign key.", relationship->name),
			 errhint("Truncate table \"%s\" first, or use DELETE.", get_rel_name(relationship->related->relid))));
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

	if (access_entries_empty(table))
		return;
	saved = relmeta_act_begin(relmeta_extension_owner(), ACT_CASCADE);
	result = SPI_execute(psprintf("TRUNCATE %s", table->entry_sql), false, 0);
	relmeta_act_end(saved);
	if (result != SPI_OK_UTILITY)
		elog(ERROR, "SPI_execute returned %s", SPI_result_code_string(result));
}

/*
 * A partition goes, and what was held on its rows.
 *
 *	SELECT p.id FROM s.partition AS p
 */
static void
purge_partition(ModelTable *table, Oid relid)
{
	ModelType  *types[1] = {&table->key.type};
	RowList    *keys = cascade_rowlist_make(1, types);
	ActingAs	saved;
	int			result;
	char	   *sql;

	if (access_entries_empty(table))
		return;
	sql = psprintf("SELECT p.%s FROM %s AS p", table->key.sql_name, relation_name(relid));
	saved = relmeta_act_begin(table->relowner, ACT_CASCADE);
	result = SPI_execute(sql, false, 0);
	relmeta_act_end(saved);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute returned %s", SPI_result_code_string(result));
	cascade_effects_take(keys);
	cascade_purge_keys(table, keys);
}

/*
 * A partitioned table comes before its partitions, all in one command: they then
 * need no check of their own.
 */
static bool
is_covered(Frame *frame, Relation rel)
{
	ListCell   *lc;

	if (frame->truncated == NIL || !rel->rd_rel->relispartition)
		return false;
	foreach(lc, get_partition_ancestors(RelationGetRelid(rel)))
		if (list_member_oid(frame->truncated, lfirst_oid(lc)))
		return true;
	return false;
}

void
cascade_truncate(Frame *frame, Relation rel)
{
	Oid			relid = RelationGetRelid(rel);
	Model	   *model = model_current();
	ModelTable *table = model_leaf(model, relid)->table;
	MemoryContext old;
	ListCell   *lc;

	if (table == NULL || is_covered(frame, rel))
		return;
	old = MemoryContextSwitchTo(frame->cxt);
	frame->truncated = lappend_oid(frame->truncated, relid);
	MemoryContextSwitchTo(old);

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	model_pin(model, CurrentMemoryContext);
	model_table_check_usable(table);
	foreach(lc, table->as_primary)
	{
		ModelRelationship *relationship = lfirst(lc);

		if (relationship->foreign_key || (relationship->related == table && relid == table->relid))
			continue;
		refuse_truncate(relationship, relid);
	}
	if (relid == table->relid)
		truncate_entries(table);
	else
		purge_partition(table, relid);
	SPI_finish();
}
