/*
 * reparent.c
 *		Access after a lookup changes (SEMANTICS 3.4).
 *
 * All rows of the statement together: first every entry that came through a
 * changed lookup goes, then what the new primary rows give comes, then the net
 * change of each row goes down.
 */
#include "relmeta.h"

#include "cascade/inherit.h"
#include "storage/lockdefs.h"
#include "utils/datum.h"

/* the moves of one table that wait */
typedef struct TableMoves
{
	TableChanges *changes;
	DatumSet   *updated;		/* rows whose lookup was changed; an inserted
								 * row has no entries yet */
	DatumSet   *fresh;			/* inserted rows that have inherited something */
	RowList    *before;			/* who held what on the updated rows, by
								 * entries */
} TableMoves;

/* The moves of a table, made when there are none yet. */
static TableMoves *
table_moves(Frame *frame, ModelTable *table, List **all)
{
	TableMoves *moves;
	ListCell   *lc;

	foreach(lc, *all)
	{
		moves = lfirst(lc);
		if (moves->changes->relid == table->relid)
			return moves;
	}
	moves = palloc0(sizeof(TableMoves));
	moves->changes = cascade_table_changes_make(frame, table);
	moves->updated = cascade_datumset_make(&table->key.type);
	moves->fresh = cascade_datumset_make(&table->key.type);
	*all = lappend(*all, moves);
	return moves;
}

/*
 *	DELETE FROM relmeta_access.t AS e USING pg_catalog.unnest($1) AS k(key)
 *	WHERE e.object = k.key AND e.relationship = 7
 */
static void
build_unlink(PlanText *text, void *subject, int variant)
{
	ModelRelationship *relationship = subject;
	ModelTable *related = relationship->related;
	ModelType  *key = &related->key.type;

	text	  ->nparams = 1;
	text	  ->params[0] = key->array_type;

	appendStringInfo(&text->sql, "DELETE FROM %s AS e USING pg_catalog.unnest($1) AS k(key)"
					 " WHERE e.object %s k.key%s AND e.relationship" SQL_EQ "%d", related->entry_sql,
					 key->sql_eq, key->sql_collate, relationship->id);
}

/*
 * A related row that follows its primary row's key (ON UPDATE CASCADE) is not
 * reparented: its lookup went from the old key to the new one.
 */
static bool
follows_key(Frame *frame, ModelRelationship *relationship, Datum *values, bool *nulls)
{
	TableChanges *primary = cascade_table_changes(frame, relationship->primary->relid);
	ModelType  *key = &relationship->primary->key.type;
	Datum		keys[2];
	bool		key_nulls[2];

	if (primary == NULL || primary->rekeyed == NULL || nulls[MOVED_OLD] || nulls[MOVED_NEW])
		return false;
	for (int64 row = 0; row < primary->rekeyed->nrows; row++)
	{
		cascade_rowlist_get(primary->rekeyed, row, keys, key_nulls);
		if (model_type_equal(key, keys[REKEYED_OLD], values[MOVED_OLD]) &&
			model_type_equal(key, keys[REKEYED_NEW], values[MOVED_NEW]))
			return true;
	}
	return false;
}

/* Keys of the rows whose lookup no. i was changed by an UPDATE. */
static DatumSet *
updated_keys(TableChanges *changes, int i)
{
	ModelRelationship *relationship = list_nth(changes->table->as_related, i);
	DatumSet   *keys = cascade_datumset_make(&changes->table->key.type);
	Datum		values[MOVED_COLUMNS];
	bool		nulls[MOVED_COLUMNS];

	for (int64 row = changes->moved_inherited[i]; changes->moved[i] != NULL && row < changes->moved[i]->nrows; row++)
	{
		cascade_rowlist_get(changes->moved[i], row, values, nulls);
		if (nulls[MOVED_INSERTED] && !follows_key(changes->frame, relationship, values, nulls))
			cascade_datumset_add(keys, values[MOVED_KEY]);
	}
	return keys;
}

/* First half: what the updated rows held, and away with what came through the changed lookups. */
static void
unlink_rows(TableMoves *moves)
{
	TableChanges *changes = moves->changes;
	ModelTable *table = changes->table;
	DatumSet  **keys = palloc0(changes->nlookups * sizeof(DatumSet *) + 1);

	for (int i = 0; i < changes->nlookups; i++)
	{
		keys[i] = updated_keys(changes, i);
		for (int k = 0; k < keys[i]->count; k++)
			cascade_datumset_add(moves->updated, keys[i]->values[k]);
	}
	if (moves->updated->count == 0)
		return;
	if (cascade_rows_give(table))
		cascade_rows_lock(table, moves->updated);
	if (access_entries_empty(table))
		return;

	moves->before = cascade_rows_held(table, moves->updated, NULL);
	for (int i = 0; i < changes->nlookups; i++)
	{
		ModelRelationship *relationship = list_nth(table->as_related, i);
		SPIPlanPtr	plan;
		Datum		array;

		if (keys[i]->count == 0)
			continue;
		plan = cascade_plan(PLAN_UNLINK, keys[i]->count <= PLAN_FEW_ROWS ? PLAN_FEW : PLAN_MANY, relationship->id,
							table->entry_relid, RowExclusiveLock, build_unlink, relationship);
		array = cascade_effects_set_array(keys[i]);
		cascade_run(plan, relmeta_extension_owner(), &array, NULL, RUN_FIRE_TRIGGERS | RUN_NEW_ROWS, 0);
	}
}

/*
 * Keys of the rows that may inherit through lookup no. i: all updated ones; of
 * the inserted ones those whose primary row somebody else owns, or on whose
 * primary row somebody holds entries.  (The owner of an inserted row is taken
 * from the event: if a trigger has changed it since, that assign has seen to
 * what the primary row's owner inherits.)
 */
static DatumSet *
candidates(TableChanges *changes, int i, ModelRelationship *relationship)
{
	RowList    *moved = changes->moved[i];
	DatumSet   *keys = cascade_datumset_make(&changes->table->key.type);
	ModelTable *primary = relationship->primary;
	Parents    *parents;
	Datum		values[MOVED_COLUMNS];
	bool		nulls[MOVED_COLUMNS];

	parents = cascade_parents_read(primary, cascade_effects_distinct(moved, changes->moved_inherited[i], moved->nrows,
																	 MOVED_NEW));
	for (int64 row = changes->moved_inherited[i]; row < moved->nrows; row++)
	{
		int			p;
		bool		others;

		cascade_rowlist_get(moved, row, values, nulls);
		if (nulls[MOVED_NEW] ||
			(nulls[MOVED_INSERTED] && follows_key(changes->frame, relationship, values, nulls)))
			continue;
		p = cascade_parents_index(parents, values[MOVED_NEW]);
		others = !parents->owner_null[p] &&
			(nulls[MOVED_OWNER] || changes->table->owner.name == NULL ||
			 !model_type_equal(&primary->owner.type, parents->owner[p], values[MOVED_OWNER]));
		if (others || parents->held[p] != NULL || nulls[MOVED_INSERTED])
			cascade_datumset_add(keys, values[MOVED_KEY]);
	}
	return keys;
}

/* One row that is being linked, and what it needs. */
typedef struct Linking
{
	TableMoves *moves;
	ModelRelationship *relationship;
	RowList    *rows;
	DatumSet   *keys;			/* of rows, in their order */
	bool	   *linked;
	Parents    *parents;
	RowList    *pairs;
} Linking;

/*
 * A pair for the row; if rows of the same statement are linked below it, they
 * inherit from it with that pair.
 */
static void
add_pair(Linking *linking, Datum object, Datum principal, int32 bits)
{
	Datum		values[3] = {object, principal, Int32GetDatum(bits)};
	bool		nulls[3] = {false, false, false};
	ModelType  *type = &linking->parents->table->principal;
	int			p = -1;
	Held	   *held;

	cascade_rowlist_add(linking->pairs, values, nulls);
	cascade_datumset_add(linking->moves->fresh, object);
	if (linking->relationship->primary == linking->relationship->related)
		p = cascade_parents_index(linking->parents, object);
	if (p < 0)
		return;
	for (held = linking->parents->held[p]; held != NULL; held = held->next)
		if (model_type_equal(type, held->principal, principal))
			break;
	if (held == NULL)
	{
		held = palloc0(sizeof(Held));
		held->principal = datumCopy(principal, type->typbyval, type->typlen);
		held->next = linking->parents->held[p];
		linking->parents->held[p] = held;
	}
	held->bits |= bits;
}

/* Rule 4: each P with eff(b, P) <> 0 that is not the row's owner gets a reparent entry with eff(b, P). */
static void
link_row(Linking *linking, int64 row)
{
	Parents    *parents = linking->parents;
	ModelType  *principal = &parents->table->principal;
	bool		owner_done = false;
	int			p;
	Datum		values[3];
	bool		nulls[3];

	linking->linked[row] = true;
	cascade_rowlist_get(linking->rows, row, values, nulls);
	p = cascade_parents_index(parents, values[MOVED_ROW_LOOKUP]);
	if (linking->relationship->behavior[ACTION_REPARENT] == BEHAVIOR_USER_OWNED &&
		(nulls[MOVED_ROW_OWNER] || parents->owner_null[p] ||
		 !model_type_equal(principal, values[MOVED_ROW_OWNER], parents->owner[p])))
		return;
	for (Held *held = parents->held[p]; held != NULL; held = held->next)
	{
		bool		owns = !parents->owner_null[p] &&
		model_type_equal(principal, held->principal, parents->owner[p]);

		owner_done |= owns;
		if (nulls[MOVED_ROW_OWNER] || !model_type_equal(principal, held->principal, values[MOVED_ROW_OWNER]))
			add_pair(linking, values[MOVED_ROW_KEY], held->principal, held->bits | (owns ? RIGHTS_ALL : 0));
	}
	if (!owner_done && !parents->owner_null[p] &&
		(nulls[MOVED_ROW_OWNER] || !model_type_equal(principal, parents->owner[p], values[MOVED_ROW_OWNER])))
		add_pair(linking, values[MOVED_ROW_KEY], parents->owner[p], RIGHTS_ALL);
}

/* The number of the row that a row points to, if that one is being linked too and waits; else -1. */
static int64
waiting_parent(Linking *linking, int64 row)
{
	Datum		values[3];
	bool		nulls[3];
	int			parent;

	cascade_rowlist_get(linking->rows, row, values, nulls);
	parent = cascade_datumset_find(linking->keys, values[MOVED_ROW_LOOKUP]);
	return parent >= 0 && !linking->linked[parent] ? parent : -1;
}

/* Links a row after the rows above it that the statement links too (which form no loop: loop.c has looked). */
static void
link_downwards(Linking *linking, int64 row, int64 *above)
{
	int64		n = 0;

	while (!linking->linked[row])
	{
		int64		parent = waiting_parent(linking, row);

		if (parent >= 0 && n < linking->rows->nrows)
		{
			above[n++] = row;
			row = parent;
			continue;
		}
		link_row(linking, row);
		if (n > 0)
			row = above[--n];
	}
}

static void
link_rows(Effects *effects, TableMoves *moves, ModelRelationship *relationship, DatumSet *keys)
{
	ModelTable *table = moves->changes->table;
	RowList    *rows = cascade_rows_moved(relationship, keys, relationship->behavior[ACTION_REPARENT]);
	bool		itself = relationship->primary == relationship->related;
	Linking		linking = {.moves = moves,.relationship = relationship,.rows = rows};
	int64	   *above = NULL;

	if (rows->nrows == 0)
		return;
	linking.parents = cascade_parents_read(relationship->primary, cascade_effects_distinct(rows, 0, rows->nrows,
																						   MOVED_ROW_LOOKUP));
	linking.pairs = cascade_effects_pairs(table);
	linking.linked = MemoryContextAllocExtended(CurrentMemoryContext, rows->nrows * sizeof(bool),
												MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	if (itself)
	{
		linking.keys = cascade_effects_distinct(rows, 0, rows->nrows, MOVED_ROW_KEY);
		above = MemoryContextAllocHuge(CurrentMemoryContext, rows->nrows * sizeof(int64));
	}
	for (int64 row = 0; row < rows->nrows; row++)
	{
		if (itself)
			link_downwards(&linking, row, above);
		else
			link_row(&linking, row);
	}
	cascade_gain_store(effects, table, linking.pairs, relationship->id, CAUSE_REPARENT, false);
}

/*
 * Rows that pointed to a primary row before it was inserted (deferred keys)
 * inherit from it as if they were linked then.
 */
static void
link_waiting(Effects *effects, Frame *frame, TableChanges *arrived, List **all)
{
	DatumSet   *parents = cascade_effects_distinct(arrived->arrived, arrived->arrived_done, arrived->arrived->nrows, 0);
	ListCell   *lc;

	arrived->arrived_done = arrived->arrived->nrows;
	foreach(lc, arrived->table->as_primary)
	{
		ModelRelationship *relationship = lfirst(lc);
		RowList    *children;

		if (!behavior_cascades(relationship->behavior[ACTION_REPARENT]) ||
			!model_relationship_deferrable(relationship))
			continue;
		children = cascade_rows_related(relationship, parents, BEHAVIOR_ALL);
		if (children->nrows > 0)
			link_rows(effects, table_moves(frame, relationship->related, all), relationship,
					  cascade_effects_distinct(children, 0, children->nrows, CHILD_KEY));
	}
}

/* Links the rows whose lookups changed, through the relationships from other tables or to the table itself. */
static void
link_lookups(Effects *effects, TableChanges *changes, TableMoves *moves, bool itself)
{
	for (int i = 0; i < changes->nlookups; i++)
	{
		ModelRelationship *relationship = list_nth(changes->table->as_related, i);

		if ((relationship->primary == relationship->related) != itself || changes->moved[i] == NULL ||
			changes->moved_inherited[i] == changes->moved[i]->nrows)
			continue;
		if (behavior_cascades(relationship->behavior[ACTION_REPARENT]))
			link_rows(effects, moves, relationship, candidates(changes, i, relationship));
		changes->moved_inherited[i] = changes->moved[i]->nrows;
	}
}

/* Second half: the net change of each row goes down. */
static void
pass_net(Effects *effects, TableMoves *moves)
{
	ModelTable *table = moves->changes->table;
	RowList    *gained;
	Datum		values[3];
	bool		nulls[3];

	for (int64 row = 0; moves->before != NULL && row < moves->before->nrows; row++)
	{
		cascade_rowlist_get(moves->before, row, values, nulls);
		cascade_effects_loss(effects, table, LOSS_NET, values[EFFECT_OBJECT], values[EFFECT_PRINCIPAL],
							 DatumGetInt32(values[EFFECT_BITS]));
	}
	if (moves->fresh->count == 0)
		return;
	gained = cascade_rows_held(table, moves->fresh, moves->before);
	for (int64 row = 0; row < gained->nrows; row++)
	{
		cascade_rowlist_get(gained, row, values, nulls);
		cascade_effects_gain(effects, table, GAIN_REPARENT, values[EFFECT_OBJECT], values[EFFECT_PRINCIPAL],
							 DatumGetInt32(values[EFFECT_BITS]));
	}
}

static bool
has_moves(TableChanges *changes)
{
	if (!OidIsValid(changes->table->entry_relid))
		return false;
	for (int i = 0; i < changes->nlookups; i++)
		if (changes->moved[i] != NULL && changes->moved_inherited[i] < changes->moved[i]->nrows)
			return true;
	return changes->arrived != NULL && changes->arrived_done < changes->arrived->nrows;
}

void
cascade_reparent(Frame *frame)
{
	List	   *tables = NIL;
	List	   *all = NIL;
	Effects    *effects;
	ListCell   *lc;

	foreach(lc, cascade_tables_downwards(frame))
		if (has_moves(lfirst(lc)))
		tables = lappend(tables, lfirst(lc));
	if (tables == NIL)
		return;

	effects = cascade_effects_begin(false);
	foreach(lc, tables)
		unlink_rows(table_moves(frame, ((TableChanges *) lfirst(lc))->table, &all));
	foreach(lc, tables)
	{
		TableChanges *changes = lfirst(lc);

		/*
		 * what comes from other tables first, then what rows of this table
		 * give each other
		 */
		link_lookups(effects, changes, table_moves(frame, changes->table, &all), false);
		link_lookups(effects, changes, table_moves(frame, changes->table, &all), true);
		if (changes->arrived != NULL && changes->arrived_done < changes->arrived->nrows)
			link_waiting(effects, frame, changes, &all);
	}
	foreach(lc, all)
		pass_net(effects, lfirst(lc));
	cascade_effects_run(effects);
	cascade_effects_end(effects);
}
