/*
 * collect.h
 *		What the triggers of a statement have collected: frames and changes.
 *
 * A frame belongs to one executing query (SEMANTICS 3.0, "one statement"): the
 * query whose end fires the AFTER triggers.  It is found by that query's memory
 * context, which is the parent of the context in which a trigger is called.
 * Statements nested in functions and triggers are other queries with frames of
 * their own; the cascades that relmeta runs with fire_triggers = false queue
 * their events in the outer query and so stay in its frame.
 *
 * A frame lasts as long as its query: foreign-key actions queue more events
 * after a flush, which still belong to the same statement.  (COPY calls us in a
 * context that outlives it; its frame ends with the flush.)
 *
 * A frame also keeps marks: (relation, command) pairs whose AFTER STATEMENT
 * trigger has still to come, set by BEFORE STATEMENT triggers and by relmeta's
 * own cascades.  Only the flush that finds no mark left acts: so a statement
 * that changes several tables (WITH ... UPDATE) is flushed once, as a whole.
 *
 * MEMORY RULE.  All of a frame lives in frame->cxt.  It dies with its query's
 * memory context, or when the subtransaction that it began in aborts.
 */
#ifndef COLLECT_COLLECT_H
#define COLLECT_COLLECT_H

#include "collect/step.h"
#include "rows/rows.h"

#include "commands/trigger.h"
#include "utils/snapshot.h"

/* One row's watched columns; the lookups parallel to model_as_related(table). */
typedef struct RowImage
{
	Datum		key;
	Datum		owner;
	bool		owner_null;
	NullableDatum *lookups;		/* as this relationship sees it: null unless
								 * the type column has its value */
} RowImage;

/* an AFTER STATEMENT trigger that is still to come */
typedef struct Mark
{
	Oid			relid;			/* the physical table named in the statement */
	uint32		commands;		/* 1 << CmdType */
} Mark;

/* Columns of the row lists below */
#define ASSIGNED_KEY 0
#define ASSIGNED_OLD 1
#define ASSIGNED_NEW 2
#define DELETED_KEY 0
#define REKEYED_OLD 0
#define REKEYED_NEW 1
#define INSERTED_KEY 0
#define MOVED_KEY 0
#define MOVED_OLD 1				/* lookup before; NULL: none, or an INSERT */
#define MOVED_NEW 2				/* lookup after */
#define MOVED_INSERTED 3		/* not null: the row was inserted */
#define MOVED_OWNER 4			/* of the row, as the statement left it */
#define MOVED_COLUMNS 5
#define UPDATED_KEY 0
#define UPDATED_CASCADE 1		/* not null: by a cascade of ours or of a
								 * foreign key, not by the statement itself */

struct OwnerSet;				/* of change.c */
struct Entered;

/* one lookup of a table: what is worth collecting, and what changed */
typedef struct LookupChanges
{
	bool		want_moved;		/* on UPDATE */
	bool		want_inserted;	/* on INSERT */
	Datum		type_value;		/* what its type column holds for it */
	ChangeList *moved;			/* a list that steps read; NULL: nothing yet */
} LookupChanges;

/* what changed in one registered table, partitions together */
typedef struct TableChanges
{
	struct Frame *frame;
	Oid			relid;			/* of the registered table */
	ModelTable *table;			/* in frame->model */
	int			nlookups;		/* length of model_as_related(table) */

	/* what is worth collecting, from the model */
	bool		want_assigned;
	bool		want_own_assigned;	/* only the statement's own: a cascade
									 * must leave them alone */
	bool		want_deleted;	/* false: until looked_at; see late */
	bool		want_rekeyed;
	bool		want_respelled;
	bool		want_updated;
	bool		own_updates;	/* it is among those that the query UPDATEs */
	bool		want_arrived;
	bool		want_inserted;	/* rights decide which keys may be taken
								 * (enforce/taken.c) */
	bool		want_left;		/* deleted: for the entries too, see
								 * inherit/arrive.c */
	bool		want_access;	/* assigned, moved: for the entries too */
	LookupChanges *lookups;		/* parallel to model_as_related(table) */

	/*
	 * Nothing was held in the table when it was looked at, by a command whose
	 * rows were locked then.  Those that a cascade deletes later were not,
	 * and may have been shared first.
	 */
	CommandId	looked_at;
	bool		late;			/* there were such rows */

	struct OwnerSet *owners;	/* shared by the frame's tables whose owners
								 * have the same type */
	Datum		last_owner;		/* the owner seen last: mostly the next row
								 * has the same */
	bool		have_last_owner;

	/* the lists that steps read (step.h); NULL: nothing yet */
	ChangeList *assigned;		/* key, old owner, new owner */
	int64		assigned_own;	/* rows before this one the statement itself
								 * assigned: collect_assigned_own() */
	int64		held_from;		/* rows of assigned, from this one up to */
	int64		held_upto;		/* that one, are held FOR UPDATE: they were
								 * before they were changed */
	bool		saw_delete;
	ChangeList *deleted;		/* key */
	ChangeList *rekeyed;		/* old key, new key */
	ChangeList *respelled;		/* the same of keys that are equal */
	ChangeList *updated;		/* key, by a cascade */
	ChangeList *arrived;		/* keys of inserted rows that others may have
								 * pointed to before (deferred keys) */

	ChangeList *inserted;		/* keys of inserted rows */
	ChangeList *taken;			/* keys that rows have got while others still
								 * point to them, whose former row had them;
								 * noted where that was judged */

	struct Entered *entered;	/* of cascade/entered.c; NULL: not asked for */

	RowImage   *before;			/* scratch for the row being collected */
	RowImage   *after;

	/*
	 * a row that has left one partition and whose INSERT into another has not
	 * come yet
	 */
	RowImage   *leaving;
	MemoryContext leaving_cxt;	/* its values */
	bool		is_leaving;
} TableChanges;

/* one physical table that the frame's triggers have come from */
typedef struct LeafChanges
{
	Oid			relid;
	ModelLeaf  *leaf;			/* in frame->model */
	TableChanges *changes;		/* NULL: not registered (any more) */
} LeafChanges;

/* How many levels of a cascade lead to a table's rows. */
typedef struct Reached
{
	Oid			relid;			/* of the registered table */
	int			level;			/* the deepest so far */
} Reached;

/* a registered table or a partition that a TRUNCATE empties */
typedef struct Truncated
{
	Oid			relid;
	RowList    *keys;			/* of its rows; NULL: not asked for */
} Truncated;

typedef struct Frame
{
	struct Frame *outer;		/* next older frame */
	MemoryContext query;		/* the query's memory context */
	MemoryContext cxt;
	SubTransactionId subid;
	Model	   *model;			/* pinned to cxt; NULL until a row comes */
	Oid			roleid;			/* who runs the query */

	Mark	   *marks;
	int			nmarks;
	int			marks_capacity;

	Reached    *reached;
	int			nreached;
	int			reached_capacity;

	List	   *trimmed;		/* OIDs of tables that the query deletes from
								 * without a row trigger (trim.c) */
	List	   *updates;		/* OIDs of tables that the query itself
								 * UPDATEs: foreign keys' actions are other
								 * queries, whose rows come here */

	List	   *truncated;		/* Truncated *: what this TRUNCATE empties, of
								 * which the BEFORE trigger has come and the
								 * AFTER trigger has not */

	List	   *leaves;			/* LeafChanges *, the first few */
	HTAB	   *leaf_hash;		/* all, when there are more; else NULL */
	List	   *owner_sets;		/* struct OwnerSet * */
	List	   *tables;			/* TableChanges *, in the order in which they
								 * came */
	LeafChanges *last_leaf;

	/* new owners of the statement and its cascades: one, or several? */
	bool		have_owner;
	bool		many_owners;
	ModelType  *owner_type;
	Datum		one_owner;
	bool		one_owner_null;

	CommandId	cid;			/* of the statement: what it changed itself is
								 * older than cid + 1 */

	/* before the first cascade of a delete: what restrict looks at */
	bool		deleting;
	CommandId	delete_cid;

	List	   *pointed_to;		/* PointedTo *, of the flush that goes on */

	bool		cascading;		/* the statement's own changes are in; the
								 * rest are cascades */
	List	   *assigned_into;	/* OIDs: see collect_assigned_into() */
	bool		access_waits;	/* assigns and moves whose access has not been
								 * passed on */
	bool		lasting;		/* the query's context dies with the query,
								 * and the frame with it */
	bool		dirty;			/* holds rows that have not been flushed */
	bool		late;			/* so does one of its tables */

	/*
	 * another statement, of a trigger or a function, was flushed while this
	 * one ran: rows are no longer only what this one has made of them
	 */
	bool		others_flushed;
	uint64		flushes;		/* collect_flushes() when it was looked at */
} Frame;

/* Primary rows that lookups of the statement point to, held FOR KEY SHARE, and as they are since then. */
typedef struct PointedTo
{
	Oid			relid;			/* of the registered table */
	DatumSet   *keys;
	RowSet	   *rows;
} PointedTo;

/* The frame of a query, made when there is none. */
extern Frame *collect_frame(MemoryContext query);

/* NULL when the query has none. */
extern Frame *collect_frame_existing(MemoryContext query);

/*
 * Does a query that runs have an older picture of what is registered than the current one?  A statement inside it is
 * then to be collected by the one, whatever the other says.
 */
extern bool collect_older_model(void);

/* Forgets a frame and frees all it holds. */
extern void collect_frame_end(Frame *frame);

/*
 * Takes a relation out of the statement that truncates it, NULL when none does.  AFTER triggers of TRUNCATE are called
 * in another context than the BEFORE triggers; but no relation is truncated by two statements at a time.
 */
extern Truncated *collect_truncated(Oid relid);

extern void collect_mark(Frame *frame, Oid relid, CmdType command);

/*
 * Rows of a table that lookups point to: noted for this flush, where they were made in the frame's context and are
 * what counts (RowSet.changing), and found again by their keys; NULL when they were not.
 */
extern void collect_note_pointed_to(Frame *frame, ModelTable *table, DatumSet *keys, RowSet *rows);
extern RowSet *collect_pointed_to(Frame *frame, ModelTable *table, DatumSet *keys);

/* The level that the table's changes have reached, 0: the statement's own; and that a cascade reaches with it. */
extern int	collect_level(Frame *frame, Oid relid);
extern void collect_reached(Frame *frame, Oid relid, int level);

/* collect_mark(), of the frame's own query. */
extern void collect_begins(Frame *frame, Oid relid, CmdType command);
extern void collect_unmark(Frame *frame, Oid relid, CmdType command);

/* ---- table_changes.c ---- */

/* What the frame keeps of the physical table relid; ->changes is NULL when it does not belong to a registered table. */
extern LeafChanges *collect_leaf(Frame *frame, Oid relid);

/* The same of an open relation of which rows are to be read: 40001 when it is not what the frame's picture says. */
extern LeafChanges *collect_leaf_of(Frame *frame, Relation rel);

/* The changes of a registered table; NULL or, _make, made when there are none. */
extern TableChanges *collect_table(Frame *frame, Oid relid);
extern TableChanges *collect_table_make(Frame *frame, ModelTable *table);

/* An assign cascades to rows of a registered table.  Whatever none can have assigned by now, the statement has. */
extern void collect_assigned_into(Frame *frame, Oid relid);
extern void collect_assigned_own(Frame *frame);

/* Does anything hang on rows of the table: entries, guarded lookups, what a step follows? */
extern bool collect_deletes_matter(ModelTable *table);

/* ---- trim.c ---- */

extern void collect_trim_init(void);

/*
 * At the end of a DELETE of relid, of the query: may rows have gone without their row trigger?  Then it is looked at
 * whether anything is held in the table by now: in the query's frame, made for it when there is none, which is
 * returned.
 */
extern Frame *collect_trimmed(Frame *frame, MemoryContext query, Oid relid);

/*
 * Do the triggers that UPDATEs or DELETEs of rel fire do nothing for a cascade of ours but collect its rows, which its
 * maker can do as well?  Of an UPDATE foreign keys' own triggers are not looked at.
 */
extern bool collect_needs_no_trigger(Relation rel, CmdType command);

/* The frame's TableChanges, primary tables before related ones where the relationships have an order. */
extern List *collect_tables_downwards(Frame *frame);

/*
 * A relationship as it is now that relid, one of its tables, is locked: another
 * session's DDL may have been waited for.  NULL when it is gone.
 */
extern ModelRelationship *collect_relationship_locked(Frame *frame, ModelRelationship *relationship,
													  Oid relid, int lockmode);

/* One row more for collect_rows_assigned(). */
extern void collect_count_assigned(void);

/* ---- change.c: one row's change, sorted into the lists ---- */

extern void collect_row(Frame *frame, LeafChanges *leaf, TriggerData *trigdata);

/* A row has this key now that others point to since before: they go with it (inherit/arrive.c). */
extern void collect_taken(TableChanges *changes, Datum key);

/* A row that is there now, and that no trigger has told of. */
extern void collect_inserted(LeafChanges *leaf, TupleTableSlot *slot);

/* A row that a cascade has deleted without its trigger, and one that it has updated. */
extern void collect_deleted(LeafChanges *leaf, Datum key);
extern void collect_updated(LeafChanges *leaf, TupleTableSlot *before, TupleTableSlot *after);

/* A row that left a partition and did not arrive in another (a BEFORE trigger's doing) was deleted. */
extern void collect_row_left(TableChanges *changes);

/* Hands the distinct new owners over that have come since the last time, those of a type together. */
extern void collect_new_owners(Frame *frame, void (*check) (ModelType *type, Datum *owners, int n));

/* ---- frame.c, for the whole session ---- */

/* From _PG_init: transaction callbacks. */
extern void collect_init(void);

/* Rows whose owner changed in this transaction, so far; callers subtract. */
extern uint64 collect_rows_assigned(void);

/* A flush begins; returns how many there were in this session, with it. */
extern uint64 collect_count_flush(void);

#endif							/* COLLECT_COLLECT_H */
