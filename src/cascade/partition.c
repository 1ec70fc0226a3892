/*
 * partition.c
 *		Rows that leave or enter a registered table with a partition (SEMANTICS 3.5).
 *
 * Who leaves is deleted in that sense, but takes no link away: while guarded
 * lookups point to a row, it stays (RI refuses such a DETACH as well).
 *
 * Who enters is inserted: the rows go into a frame of their own, as if a row
 * trigger had told of each, which is flushed.  A partition of many rows is done in
 * slices, so that they need not all be in memory; but not where the table points
 * to itself and a row may have to wait for one that comes later.
 */
#include "relmeta.h"

#include "cascade/cascade.h"
#include "collect/watch.h"
#include "inherit/effect.h"
#include "cascade/leaving.h"
#include "cascade/flush.h"
#include "rows/scan.h"
#include "executor/spi.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* rows that are inserted together */
#define SLICE_ROWS 50000

/* ---- leaving ---- */

static bool
is_guarded(ModelRelationship *relationship)
{
	return !relationship->foreign_key && relationship->broken == NULL;
}

struct RowList *
cascade_partition_keys(Model *model, ModelTable *table, Oid relid)
{
	bool		wanted = !access_entries_empty(table);
	ListCell   *lc;

	foreach(lc, model_as_primary(table))
		wanted |= is_guarded(lfirst(lc));
	return wanted ? cascade_leaving_keys(model, table, relid) : NULL;
}

static void
check_left_behind(ModelRelationship *relationship, const char *partition, RowList *keys)
{
	char	   *related = get_rel_name(relationship->related->relid);

	if (!is_guarded(relationship) || !cascade_any_lookup(relationship) || !cascade_left_behind(relationship, keys))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
			 errmsg("removing partition \"%s\" violates relationship \"%s\" of table \"%s\"", partition,
					relationship->name, related),
			 errdetail("Rows of table \"%s\" point to rows of the partition by a lookup without a foreign key.",
					   related),
			 errhint("Delete or repoint those rows first.")));
}

void
cascade_partition_left(Model *model, ModelTable *table, const char *partition, struct RowList *keys, bool refuse)
{
	uint64		grants;
	ListCell   *lc;

	model_pin(model, CurrentMemoryContext);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	foreach(lc, model_as_primary(table))
	{
		if (refuse)
			check_left_behind(lfirst(lc), partition, keys);
	}
	grants = access_entries_empty(table) ? 0 :
		keys != NULL ? inherit_purge_keys(table, keys) : inherit_purge_missing(table);
	collect_rows_vanished(table);
	SPI_finish();
	if (grants > 0)
		ereport(NOTICE,
				(errmsg_plural("%llu direct grant on rows of partition \"%s\" is gone",
							   "%llu direct grants on rows of partition \"%s\" are gone",
							   (unsigned long) grants, (unsigned long long) grants, partition)));
}

/* ---- entering ---- */

typedef struct Entering
{
	MemoryContext cxt;			/* what a slice's query context is below */
	MemoryContext query;		/* of the slice at hand; NULL: none */
	Frame	   *frame;
	int64		rows;			/* in it */
	bool		at_once;		/* all rows are one slice */
} Entering;

/* Do rows of the table depend on each other? */
static bool
rows_depend(ModelTable *table)
{
	ListCell   *lc;

	foreach(lc, model_as_related(table))
	{
		ModelRelationship *relationship = lfirst(lc);

		if (relationship->primary == table &&
			(relationship->refuses_loops || behavior_cascades(relationship->behavior[ACTION_REPARENT])))
			return true;
	}
	return false;
}

static void
end_slice(Entering *entering)
{
	if (entering->query == NULL)
		return;
	cascade_flush(entering->frame);
	/* the frame goes with it */
	MemoryContextDelete(entering->query);
	entering->query = NULL;
	entering->rows = 0;
}

static void
enter_row(Relation rel, TupleTableSlot *slot, void *arg)
{
	Entering   *entering = arg;
	LeafChanges *leaf;

	if (entering->query == NULL)
	{
		entering->query = AllocSetContextCreate(entering->cxt, "relmeta attached rows", ALLOCSET_SMALL_SIZES);
		entering->frame = collect_frame(entering->query);
	}
	leaf = collect_leaf_of(entering->frame, rel);
	if (leaf->changes != NULL)
		collect_inserted(leaf, slot);
	if (++entering->rows == SLICE_ROWS && !entering->at_once)
		end_slice(entering);
}

/* A row that had a key of these before, and left, may have left something behind. */
static void
purge_left_over(Model *model, ModelTable *table, Oid relid)
{
	if (access_entries_empty(table))
		return;
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	(void) inherit_purge_keys(table, cascade_leaving_keys(model, table, relid));
	SPI_finish();
}

void
cascade_partition_entered(Model *model, ModelTable *table, Oid relid)
{
	Entering	entering = {.cxt = CurrentMemoryContext,.at_once = rows_depend(table)};

	model_pin(model, CurrentMemoryContext);
	purge_left_over(model, table, relid);
	if (!collect_inserts_matter(table))
		return;
	rows_scan_each(relid, enter_row, &entering);
	end_slice(&entering);
}
