/*
 * effect.h
 *		What happens to entries: gains and losses, and how they go down.
 *
 * An Effects holds, per table, (object, principal, bits) that were gained or
 * lost on its rows and have not been passed on yet.  inherit_effects_run() passes them
 * down, a relationship and a level at a time, until nothing is left: first all
 * gains, then all losses, so that what a principal keeps by another ground is
 * seen when a loss is looked at.
 *
 * Users' tables are read by statements that run as their owners (rows.h), entries
 * are read and written without SQL (access/store.h): nothing of a user's ever
 * runs with the extension owner's rights.
 *
 * Who queues a gain or a loss holds the row FOR UPDATE where something may inherit
 * from it (rows.h); the levels below are locked here.
 *
 * MEMORY RULE.  What waits lives in effects->cxt until inherit_effects_end(), the
 * stores of entry tables too; what a step needs, in a context of its own,
 * CurrentMemoryContext.  SPI is connected while any of these functions runs.
 */
#ifndef INHERIT_EFFECT_H
#define INHERIT_EFFECT_H

#include "access/store.h"
#include "inherit/holders.h"
#include "model/since.h"
#include "rows/map.h"
#include "rows/rows.h"

/* by which cause gained bits go on (SEMANTICS 3.2) */
typedef enum GainKind
{
	GAIN_SHARE,
	GAIN_REPARENT
} GainKind;

/* which related entries a loss is taken from */
typedef enum LossKind
{
	LOSS_UNSHARE,				/* SEMANTICS 3.3: where unshare cascades and
								 * the row matches */
	LOSS_NET					/* SEMANTICS 3.4: every relationship,
								 * unfiltered */
} LossKind;

#define EFFECT_OBJECT 0
#define EFFECT_PRINCIPAL 1
#define EFFECT_BITS 2

/* A list of (object, principal, bits), and how much of it has been passed on. */
typedef struct EffectList
{
	RowList    *rows;			/* NULL: empty */
	int64		done;			/* rows before this one group.c has handed
								 * over */
	int			level;			/* of the rows up to level_end, and of those
								 * that have come since: see Effects.level */
	int			next_level;
	int64		level_end;
	int64		step;			/* as many rows up to level_end make a group */
	int64		alike;			/* so many rows, from the first on, are of one
								 * principal and the same bits */
	Datum		principal;		/* these are */
	int32		bits;
} EffectList;

/* Principals that were given something on rows of a table; see inherit_given_lock(). */
typedef struct Given
{
	DatumSet   *principals;
	int			locked;			/* how many are locked */
} Given;

typedef struct TableEffects
{
	Oid			relid;
	ModelTable *table;
	Store	   *entries;		/* NULL until it is wanted */
	Given		given;			/* new entries; no principals: nobody was */
	uint64		gained;			/* entries that were made or widened, so far */
	EffectList	gains[2];
	EffectList	maybe_lost[2];	/* as inherit_effects_maybe_lost() has them */
	EffectList	lost[2];		/* are held by no other ground */
	RowList    *changed;		/* object, principal: while counting, where a
								 * pair may come twice */
	uint64		changed_once;	/* while counting, pairs that cannot have come
								 * before */
} TableEffects;

/*
 * Told of each (row, principal) whose inherited rights shrink; is_left: it inherits something still.
 */
typedef void (*ShrunkReceiver) (ModelTable *table, Datum object, Datum principal, bool is_left, void *arg);

typedef struct Effects
{
	MemoryContext cxt;
	Model	   *model;			/* pinned to cxt */
	bool		counting;
	bool		both;			/* one pair may be changed in several ways */
	bool		owners;			/* it is about owners: rows that lose
								 * something are locked, too, see rows.h */
	ShrunkReceiver shrunk;		/* of whoever wants to know; NULL: nobody */
	void	   *shrunk_arg;
	int64		reduced;		/* entries that lost something below */
	int			level;			/* of the related rows that are being worked,
								 * for others to see (rows/act.h); 0: the rows
								 * that it began with */
	List	   *tables;			/* TableEffects * */
	Since		since;			/* the first entries were read */
} Effects;

/* ---- effect.c ---- */
extern Effects *inherit_effects_begin(bool counting);
extern void inherit_effects_end(Effects *effects);
extern TableEffects *inherit_effects_table(Effects *effects, Oid relid);

/* The table's entries, open; refresh it before reading what has been written or committed since. */
extern Store *inherit_effects_store(Effects *effects, ModelTable *table);

/*
 * A relationship as it is now that its related table is locked against declarations: whoever
 * changes what it does waits until all that it did is there.  NULL when it is gone.
 */
extern ModelRelationship *inherit_effects_relationship(Effects *effects, ModelRelationship *relationship);

/* The row is held FOR UPDATE where something inherits from it. */
extern void inherit_effects_gain(Effects *effects, ModelTable *table, GainKind kind, Datum object, Datum principal,
								 int32 bits);

/*
 * The principal held these bits by an entry that is gone, or by owning the row, and does not as its owner.  Only those
 * go down that it holds by no other entry when all gains are in.  The row is locked as for a gain.
 */
extern void inherit_effects_maybe_lost(Effects *effects, ModelTable *table, LossKind kind, Datum object,
									   Datum principal, int32 bits);

/* The principal holds these bits on the locked row by no ground any more: that is known. */
extern void inherit_effects_lost(Effects *effects, ModelTable *table, LossKind kind, Datum object, Datum principal,
								 int32 bits);

/* Tells effects->shrunk, if there is one. */
extern void inherit_effects_shrunk(Effects *effects, ModelTable *table, Datum object, Datum principal, bool is_left);

/* Pairs (row, principal) whose stored entries changed since inherit_effects_begin(true). */
extern uint64 inherit_effects_count(Effects *effects);

/*
 * An entry of the principal was made: inherit_effects_run() sees that it is not dropped before we commit, and
 * takes back what was given to one that is gone.
 */
extern void inherit_effects_given(Effects *effects, TableEffects *table, Datum principal);

/* Counts one changed pair. */
extern void inherit_effects_touch(Effects *effects, TableEffects *table, Datum object, Datum principal);

/* ---- group.c: what waits, by the row that it waits on ---- */

/* A stretch of a list, by row and principal: what waits is Holder.after. */
typedef struct PairGroup
{
	KeyMap	   *rows;			/* Holders; NULL: alike are what waits on each */
	Holders		alike;
	DatumSet   *objects;		/* those of rows */
	bool		one_principal;	/* all are of one: */
	Datum		principal;
} PairGroup;

static inline Holders *
inherit_group_holders(PairGroup *group, int object)
{
	return group->rows == NULL ? &group->alike : rows_map_at(group->rows, object);
}

/* A list that is being passed on, about work_mem of it at a time. */
typedef struct Grouping
{
	EffectList *list;
	ModelType  *principal;
	MemoryContext cxt;			/* of one group; current until the next one */
	MemoryContext caller;
	bool		alike;			/* rows on which the same waits may share it,
								 * and be as many as memory holds then */
} Grouping;

/* Does anything wait in the list?  Nothing does any more. */
extern bool inherit_group_waits(EffectList *list);
extern void inherit_group_drop(EffectList *list);

/*
 * alike: whoever gets the groups changes no Holder, and does not keep much of each row, nor give all to a statement.
 */
extern void inherit_group_begin(Grouping *grouping, EffectList *list, ModelType *principal, bool alike);

/*
 * The next group of what waits by now; NULL when nothing does: that ends it.  What was made since the last one is
 * freed.
 */
extern PairGroup *inherit_group_next(Grouping *grouping);

/* ---- entries.c: all entries of some rows ---- */

/* number: of the row in the set that was asked for */
typedef void (*EntryReceiver) (StoredEntry *entry, int number, void *arg);

/*
 * Hands over all entries on the rows with those keys, which are as the rows have them; the receiver may change
 * or delete them.  The store was refreshed.
 */
extern void inherit_entries_each(Store *store, DatumSet *objects, EntryReceiver receive, void *arg);

/*
 * Adds bits to an entry of one relationship and cause; may_exist: there may be one already.  Returns the bits that are
 * new in it; *made: it is new itself.
 */
extern int32 inherit_entry_add(Store *store, StoredEntry *entry, bool may_exist, bool *made);

/* ---- pass.c ---- */

/* Passes everything down until nothing is left. */
extern void inherit_effects_run(Effects *effects);

/*
 * Nobody drops the principals before we commit that were given something on rows of the table; whoever was dropped
 * meanwhile holds nothing; who has been made since then may be another: 40001.  Those that come later are locked by
 * another call.
 */
extern void inherit_given_lock(ModelTable *table, Given *given, const Since *since);

/* ---- forget.c ---- */

/* From _PG_init: a dropped principal holds nothing. */
extern void inherit_init(void);

/* Away with all that is stored of a principal on a table's rows. */
extern void inherit_forget(ModelTable *table, Datum principal);

/* ---- purge.c ---- */

/*
 * Away with the entries on the rows with those keys (first column), or on rows that are not there.  Returns how many
 * direct ones there were.
 */
extern uint64 inherit_purge_keys(ModelTable *table, RowList *keys);
extern uint64 inherit_purge_missing(ModelTable *table);

/* ---- settle.c: what rows hold through one relationship becomes what rules 2 and 4 give now ---- */

typedef struct Settled
{
	DatumSet   *changed;		/* keys of the rows whose entries changed */
	int64		examined;		/* entries that were there, or are to be */
	bool		missed;			/* a row is not there any more */
} Settled;

/*
 * Locks the rows with those keys and their primary rows, sets the rows' entries through the relationship, tells
 * effects->shrunk.  Nothing goes down: the rows below those that changed are the caller's to settle.  *settled is made
 * in CurrentMemoryContext.
 */
extern void inherit_settle(Effects *effects, ModelRelationship *relationship, DatumSet *keys, Settled *settled);

/* ---- gain.c, loss.c: one level of one relationship ---- */
extern bool inherit_gain_pass(Effects *effects, TableEffects *table, GainKind kind);
extern bool inherit_loss_pass(Effects *effects, TableEffects *table, LossKind kind);

/*
 * Adds bits to an entry of one relationship and cause on a row of table, which is not the principal's own;
 * may_exist: there may be such an entry already.  Bits that are new in it are counted and queued as a gain.
 * Returns them.
 */
extern int32 inherit_gain_entry(Effects *effects, TableEffects *table, Datum object, Datum principal,
								int relationship, char cause, int32 bits, bool may_exist);

/* Do principals of one table mean the same in the other?  Without it nothing is passed on. */
extern bool inherit_same_principals(ModelRelationship *relationship);

#endif							/* INHERIT_EFFECT_H */
