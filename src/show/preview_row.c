/*
 * preview_row.c
 *		Rows and entries as they are now, kept to be changed in memory.
 */
#include "model/key.h"
#include "show/preview.h"

#include "access/access.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "rows/rows.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

PreviewRow *
show_preview_row(Preview *preview, ModelTable *table, Datum key, Datum owner, bool owner_null, int depth)
{
	char	   *text = model_key_output(table, key);
	List	  **bucket = &preview->buckets[string_hash(text, strlen(text) + 1) % PREVIEW_BUCKETS];
	PreviewRow *row;
	ListCell   *lc;

	foreach(lc, *bucket)
	{
		row = lfirst(lc);
		if (row->table == table && strcmp(row->key_text, text) == 0)
			return row;
	}
	row = palloc0(sizeof(PreviewRow));
	row->table = table;
	row->key = model_key_copy(table, key);
	row->key_text = text;

	row->owner_was = row->owner = owner_null ? NULL : model_type_output(&table->owner.type, owner);
	row->depth = depth;
	*bucket = lappend(*bucket, row);
	preview->rows = lappend(preview->rows, row);
	return row;
}

static DatumSet *
one_key(ModelType *type, Datum key)
{
	DatumSet   *set = rows_set_make(type);

	(void) rows_set_add(set, key);
	return set;
}

static ModelBehavior
filter_of(ModelBehavior behavior)
{
	return behavior == BEHAVIOR_ACTIVE ? BEHAVIOR_ACTIVE : BEHAVIOR_ALL;
}

static List *
stored_related(Preview *preview, PreviewRow *row, ModelRelationship *relationship, ModelBehavior behavior)
{
	RowList    *found = rows_related(relationship, one_key(model_key_type(row->table), row->key), filter_of(behavior),
									 ROW_UNLOCKED, GetActiveSnapshot());
	List	   *related = NIL;
	Datum		values[3];
	bool		nulls[3];

	for (int64 i = 0; i < found->nrows; i++)
	{
		rows_list_get(found, i, values, nulls);
		related = lappend(related, show_preview_row(preview, relationship->related, values[CHILD_KEY],
													values[CHILD_OWNER],
													nulls[CHILD_OWNER] || relationship->related->owner.name == NULL,
													row->depth + 1));
	}
	return related;
}

List *
show_preview_related(Preview *preview, PreviewRow *row, ModelRelationship *relationship, ModelBehavior behavior)
{
	List	   *moved;

	if (!list_member_ptr(preview->repointed, relationship) ||
		(row != preview->master && row != preview->subordinate))
		return stored_related(preview, row, relationship, behavior);
	if (row == preview->subordinate)
		return NIL;
	moved = stored_related(preview, preview->subordinate, relationship, behavior);
	return list_concat(list_delete_ptr(moved, preview->master),
					   stored_related(preview, preview->master, relationship, behavior));
}

PreviewRow *
show_preview_primary(Preview *preview, PreviewRow *row, ModelRelationship *relationship, ModelBehavior behavior)
{
	DatumSet   *found;
	RowList    *linked = rows_linked(relationship, one_key(model_key_type(row->table), row->key), filter_of(behavior),
									 GetActiveSnapshot(), &found);
	RowList    *owners;
	Datum		values[3];
	bool		nulls[3];

	if (linked->nrows == 0)
		return NULL;
	rows_list_get(linked, 0, values, nulls);
	owners = rows_owners(relationship->primary, one_key(model_key_type(relationship->primary), values[LINKED_LOOKUP]),
						 GetActiveSnapshot());
	if (owners->nrows == 0)
		return NULL;
	rows_list_get(owners, 0, values, nulls);
	return show_preview_row(preview, relationship->primary, values[0], values[1],
							nulls[1] || relationship->primary->owner.name == NULL, Max(row->depth - 1, 0));
}

/* ---- entries ---- */

static void
add_entry(PreviewRow *row, HeapTuple tuple, TupleDesc desc)
{
	PreviewEntry *entry = palloc(sizeof(PreviewEntry));
	bool		isnull;

	entry->principal = model_type_output(model_principal(row->table), SPI_getbinval(tuple, desc, 1, &isnull));
	entry->relationship = DatumGetInt32(SPI_getbinval(tuple, desc, 2, &isnull));
	entry->cause = DatumGetChar(SPI_getbinval(tuple, desc, 3, &isnull));
	entry->before = 0;
	entry->was = entry->mask = DatumGetInt32(SPI_getbinval(tuple, desc, 4, &isnull));
	row->entries = lappend(row->entries, entry);
}

/* SELECT e.principal, e.relationship, e.cause, e.mask FROM relmeta_access.t AS e WHERE e.object = $1 */
List *
show_preview_entries(PreviewRow *row)
{
	ModelTable *table = row->table;
	MemoryContext cxt = GetMemoryChunkContext(row);
	ActingAs	saved;
	Oid			type = model_key_param(table, false);
	char	   *sql;

	if (row->entries_read)
		return row->entries;
	row->entries_read = true;
	if (!access_entries_exist(table) || access_entries_empty(table))
		return NIL;
	access_entries_hold(table);
	sql = psprintf("SELECT e.principal, e.relationship, e.cause, e.mask FROM %s AS e WHERE %s",
				   table->entry_sql, model_object_is(table, "e", "$1"));
	saved = relmeta_act_begin_on(table->entry_relid, AccessShareLock, ACT_RESTRICTED);
	if (SPI_execute_with_args(sql, 1, &type, &row->key, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args failed for %s", sql);
	relmeta_act_end(saved);
	MemoryContextSwitchTo(cxt);
	for (uint64 i = 0; i < SPI_processed; i++)
		add_entry(row, SPI_tuptable->vals[i], SPI_tuptable->tupdesc);
	SPI_freetuptable(SPI_tuptable);
	return row->entries;
}

PreviewEntry *
show_preview_entry(PreviewRow *row, const char *principal, int relationship, char cause)
{
	PreviewEntry *entry;
	ListCell   *lc;

	foreach(lc, show_preview_entries(row))
	{
		entry = lfirst(lc);
		if (entry->relationship == relationship && entry->cause == cause && strcmp(entry->principal, principal) == 0)
			return entry;
	}
	entry = palloc0(sizeof(PreviewEntry));
	entry->principal = pstrdup(principal);
	entry->relationship = relationship;
	entry->cause = cause;
	row->entries = lappend(row->entries, entry);
	return entry;
}

int32
show_preview_holds(PreviewRow *row, const char *principal)
{
	int32		mask = 0;
	ListCell   *lc;

	if (show_preview_same_owner(row->owner, principal))
		return RIGHTS_ALL;
	foreach(lc, show_preview_entries(row))
	{
		PreviewEntry *entry = lfirst(lc);

		if (strcmp(entry->principal, principal) == 0)
			mask |= entry->mask;
	}
	return mask;
}

bool
show_preview_same_owner(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

bool
show_preview_matches(ModelBehavior behavior, PreviewRow *related, PreviewRow *primary)
{
	return rows_matches(behavior, true, show_preview_same_owner(related->owner, primary->owner));
}

void
show_preview_count(Preview *preview, int depth, ModelRelationship *relationship, Oid relid, const char *effect,
				   int64 rows)
{
	PreviewCount *count;
	ListCell   *lc;

	foreach(lc, preview->counts)
	{
		count = lfirst(lc);
		if (count->depth == depth && count->relationship == relationship && count->relid == relid &&
			strcmp(count->effect, effect) == 0)
		{
			count->rows += rows;
			return;
		}
	}
	count = palloc(sizeof(PreviewCount));
	*count = (PreviewCount)
	{
		depth, relationship, NULL, relid, effect, rows
	};
	preview->counts = lappend(preview->counts, count);
}
