/*
 * table_changes.c
 *		What a frame keeps of each table and partition, and which of it is worth
 *		collecting; see collect.h.
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/xact.h"
#include "collect/collect.h"
#include "enforce/enforce.h"
#include "model/as_read.h"
#include "model/key.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* so many partitions are looked for one by one, more by hashing */
#define LEAVES_LISTED 8

/* an element of frame->leaf_hash */
typedef struct HashedLeaf
{
	Oid			relid;
	LeafChanges *leaf;
} HashedLeaf;

static LeafChanges *
find_leaf(Frame *frame, Oid relid)
{
	HashedLeaf *hashed;
	ListCell   *lc;

	if (frame->leaf_hash != NULL)
	{
		hashed = hash_search(frame->leaf_hash, &relid, HASH_FIND, NULL);
		return hashed == NULL ? NULL : hashed->leaf;
	}
	foreach(lc, frame->leaves)
	{
		LeafChanges *leaf = lfirst(lc);

		if (leaf->relid == relid)
			return leaf;
	}
	return NULL;
}

static void
hash_leaf(Frame *frame, LeafChanges *leaf)
{
	HashedLeaf *hashed = hash_search(frame->leaf_hash, &leaf->relid, HASH_ENTER, NULL);

	hashed->leaf = leaf;
}

/* CurrentMemoryContext is the frame's. */
static void
add_leaf(Frame *frame, LeafChanges *leaf)
{
	ListCell   *lc;
	HASHCTL		ctl = {.keysize = sizeof(Oid),.entrysize = sizeof(HashedLeaf),.hcxt = frame->cxt};

	if (frame->leaf_hash != NULL)
	{
		hash_leaf(frame, leaf);
		return;
	}
	frame->leaves = lappend(frame->leaves, leaf);
	if (list_length(frame->leaves) <= LEAVES_LISTED)
		return;
	frame->leaf_hash = hash_create("relmeta leaves", 128, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	foreach(lc, frame->leaves)
		hash_leaf(frame, lfirst(lc));
}

LeafChanges *
collect_leaf(Frame *frame, Oid relid)
{
	LeafChanges *leaf;
	MemoryContext old;

	if (frame->last_leaf != NULL && frame->last_leaf->relid == relid)
		return frame->last_leaf;
	leaf = find_leaf(frame, relid);
	if (leaf != NULL)
	{
		frame->last_leaf = leaf;
		return leaf;
	}

	if (frame->model == NULL)
	{
		frame->model = model_current();
		model_pin(frame->model, frame->cxt);
	}
	old = MemoryContextSwitchTo(frame->cxt);
	leaf = palloc0(sizeof(LeafChanges));
	leaf->relid = relid;
	leaf->leaf = model_leaf(frame->model, relid);
	if (leaf->leaf->table != NULL)
	{
		model_table_check_usable(leaf->leaf->table);
		leaf->changes = collect_table_make(frame, leaf->leaf->table);

		/*
		 * what the frame has of the table may be of an older picture than its
		 * newest
		 */
		leaf->leaf = model_leaf(leaf->changes->table->model, relid);
	}
	add_leaf(frame, leaf);
	MemoryContextSwitchTo(old);
	frame->last_leaf = leaf;
	return leaf;
}

LeafChanges *
collect_leaf_of(Frame *frame, Relation rel)
{
	LeafChanges *leaf = collect_leaf(frame, RelationGetRelid(rel));

	if (leaf->changes != NULL)
		model_check_leaf(leaf->changes->table, leaf->leaf, rel);
	return leaf;
}

TableChanges *
collect_table(Frame *frame, Oid relid)
{
	ListCell   *lc;

	foreach(lc, frame->tables)
	{
		TableChanges *changes = lfirst(lc);

		if (changes->relid == relid)
			return changes;
	}
	return NULL;
}

static bool
holds_entries(ModelTable *table)
{
	return access_entries_exist(table) && !access_entries_empty(table);
}

/* Do rows of a native key that are left behind when their primary row's key goes have something to lose, or to get? */
static bool
leaves_access(ModelRelationship *relationship, bool by_delete)
{
	return relationship->foreign_key && relationship->broken == NULL &&
		(behavior_cascades(relationship->behavior[ACTION_REPARENT]) ||
		 behavior_cascades(relationship->behavior[ACTION_SHARE]) || !access_entries_empty(relationship->related)) &&
		model_relationship_left(relationship, by_delete);
}

bool
collect_deletes_matter(ModelTable *table)
{
	ListCell   *lc;

	foreach(lc, model_as_primary(table))
		if (!((ModelRelationship *) lfirst(lc))->foreign_key || leaves_access(lfirst(lc), true))
		return true;
	return holds_entries(table) || collect_step_wants(table, CHANGE_DELETED);
}

/* What to collect of a table's changes for the sake of what points to its rows by a relationship. */
static void
decide_below(TableChanges *changes, ModelRelationship *relationship)
{
	bool		reparents = behavior_cascades(relationship->behavior[ACTION_REPARENT]);

	if (behavior_cascades(relationship->behavior[ACTION_ASSIGN]))
		changes->want_assigned = true;
	if (reparents || !access_entries_empty(relationship->related))
		changes->want_access = true;
	if (!relationship->foreign_key)
		changes->want_deleted = changes->want_rekeyed = true;
	if (leaves_access(relationship, true))
		changes->want_deleted = changes->want_left = true;
	if (reparents || leaves_access(relationship, false))
		changes->want_rekeyed = true;
	if (reparents && model_relationship_deferrable(relationship))
		changes->want_arrived = true;
}

/*
 * What to collect of a table's changes: only what a later step of the flush
 * reads.  Access matters where something is inherited, or may have been and
 * not been revoked: there are entries.
 */
static void
changes_decide(TableChanges *changes)
{
	ModelTable *table = changes->table;
	bool		have_entries = holds_entries(table);
	bool		controlled = table->access_control;
	bool		judged = enforce_judges_keys(changes->frame->query, table);
	ListCell   *lc;
	int			i = 0;

	changes->looked_at = GetCurrentCommandId(false);
	changes->want_deleted = have_entries || collect_step_wants(table, CHANGE_DELETED);
	changes->want_rekeyed = have_entries || collect_step_wants(table, CHANGE_REKEYED);
	changes->want_respelled = !model_key_type(table)->by_image &&
		(have_entries || collect_step_wants(table, CHANGE_RESPELLED));
	changes->want_updated = collect_step_wants(table, CHANGE_UPDATED);
	foreach(lc, model_as_primary(table))
	{
		decide_below(changes, lfirst(lc));
		controlled |= ((ModelRelationship *) lfirst(lc))->related->access_control;
	}
	changes->want_rekeyed |= controlled || judged;
	changes->want_inserted = judged;
	foreach(lc, model_as_related(table))
	{
		ModelRelationship *relationship = lfirst(lc);
		bool		inherits = behavior_cascades(relationship->behavior[ACTION_REPARENT]) ||
		behavior_cascades(relationship->behavior[ACTION_SHARE]);
		bool		checked = !relationship->foreign_key || relationship->refuses_loops;

		if (behavior_cascades(relationship->behavior[ACTION_ASSIGN]))
			changes->want_own_assigned = true;
		if (inherits)
			changes->want_access = true;
		changes->lookups[i].want_moved = checked || inherits || have_entries;
		changes->lookups[i].want_inserted = checked || inherits;
		if (changes->lookups[i].want_moved)
			model_relationship_check_usable(relationship);	/* a broken one has no
															 * lookup to read */
		if (relationship->type_column.name != NULL)
			changes->lookups[i].type_value = model_type_input(&relationship->type_column.type,
															  relationship->type_value);
		i++;
	}
	if (changes->want_access || collect_step_wants(table, CHANGE_ASSIGNED))
		changes->want_assigned = true;
}

static RowImage *
make_image(TableChanges *changes)
{
	RowImage   *image = palloc0(sizeof(RowImage));

	image->lookups = palloc0(changes->nlookups * sizeof(NullableDatum) + 1);
	return image;
}

TableChanges *
collect_table_make(Frame *frame, ModelTable *table)
{
	TableChanges *changes = collect_table(frame, table->relid);
	MemoryContext old;

	if (changes != NULL)
		return changes;
	old = MemoryContextSwitchTo(frame->cxt);
	changes = palloc0(sizeof(TableChanges));
	changes->frame = frame;
	changes->relid = table->relid;
	changes->table = table;
	changes->nlookups = list_length(model_as_related(table));
	changes->lookups = palloc0(changes->nlookups * sizeof(LookupChanges) + 1);
	changes->before = make_image(changes);
	changes->after = make_image(changes);
	changes->leaving = make_image(changes);
	changes_decide(changes);
	frame->tables = lappend(frame->tables, changes);
	MemoryContextSwitchTo(old);
	return changes;
}

void
collect_assigned_into(Frame *frame, Oid relid)
{
	MemoryContext old = MemoryContextSwitchTo(frame->cxt);

	frame->assigned_into = list_append_unique_oid(frame->assigned_into, relid);
	MemoryContextSwitchTo(old);
}

void
collect_assigned_own(Frame *frame)
{
	ListCell   *lc;

	foreach(lc, frame->tables)
	{
		TableChanges *changes = lfirst(lc);

		if (changes->assigned != NULL && !list_member_oid(frame->assigned_into, changes->relid))
			changes->assigned_own = changes->assigned->rows->nrows;
	}
}

/*
 * Appends the tables that this one gets access from, then itself.  Such
 * relationships form no cycle across tables; done is for tables that point to
 * themselves.
 */
static void
add_downwards(Frame *frame, ModelTable *table, List **done, List **tables)
{
	TableChanges *changes;
	ListCell   *lc;

	if (list_member_oid(*done, table->relid))
		return;
	*done = lappend_oid(*done, table->relid);
	foreach(lc, model_as_related(table))
	{
		ModelRelationship *relationship = lfirst(lc);

		if (relationship->passes_access)
			add_downwards(frame, relationship->primary, done, tables);
	}
	changes = collect_table(frame, table->relid);
	if (changes != NULL)
		*tables = lappend(*tables, changes);
}

List *
collect_tables_downwards(Frame *frame)
{
	List	   *done = NIL;
	List	   *tables = NIL;
	ListCell   *lc;

	if (list_length(frame->tables) == 1)
		return frame->tables;
	foreach(lc, frame->tables)
		add_downwards(frame, ((TableChanges *) lfirst(lc))->table, &done, &tables);
	return tables;
}
