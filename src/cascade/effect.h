/*
 * effect.h
 *		What happens to entries: gains and losses, and how they go down.
 *
 * An Effects holds, per table, (object, principal, bits) that were gained or
 * lost on its rows and have not been passed on yet.  cascade_effects_run() passes them
 * down, a relationship and a level at a time, until nothing is left: first all
 * gains, then all losses, so that what a principal keeps by another ground is
 * seen when a loss is looked at.
 *
 * Users' tables are read as their owners, entries are written as the
 * extension's owner, in separate statements with arrays between them: planning
 * a statement may run functions of a table's owner (index predicates, checks),
 * which must never happen with the extension owner's rights.
 *
 * MEMORY RULE.  What waits lives in effects->cxt until cascade_effects_end(); what a step
 * needs, in a context of its own, CurrentMemoryContext.
 * SPI is connected while any of these functions runs.
 */
#ifndef CASCADE_EFFECT_H
#define CASCADE_EFFECT_H

#include "access/access.h"
#include "cascade/plan.h"
#include "cascade/rowlist.h"

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

typedef struct TableEffects
{
	Oid			relid;
	ModelTable *table;
	RowList    *gains[2];		/* object, principal, bits */
	int64		gains_done[2];
	RowList    *losses[2];
	int64		losses_done[2];
	RowList    *changed;		/* object, principal: while counting, where a
								 * pair may come twice */
	uint64		changed_once;	/* while counting, pairs that cannot have come
								 * before */
} TableEffects;

typedef struct Effects
{
	MemoryContext cxt;
	Model	   *model;			/* pinned to cxt */
	bool		counting;
	bool		both;			/* one pair may be changed in several ways */
	List	   *tables;			/* TableEffects * */
} Effects;

/* ---- effect.c ---- */
extern Effects *cascade_effects_begin(bool counting);
extern void cascade_effects_end(Effects *effects);
extern TableEffects *cascade_effects_table(Effects *effects, Oid relid);

extern void cascade_effects_gain(Effects *effects, ModelTable *table, GainKind kind, Datum object, Datum principal,
								 int32 bits);
extern void cascade_effects_loss(Effects *effects, ModelTable *table, LossKind kind, Datum object, Datum principal,
								 int32 bits);

/* Passes everything down until nothing is left. */
extern void cascade_effects_run(Effects *effects);

/* Pairs (row, principal) whose stored entries changed since cascade_effects_begin(true). */
extern uint64 cascade_effects_count(Effects *effects);

/* The type of right bits. */
extern ModelType *cascade_effects_bits_type(void);

/* An empty (object, principal, bits) list for a table, in effects->cxt. */
extern RowList *cascade_effects_list(Effects *effects, ModelTable *table);

/* The same in CurrentMemoryContext. */
extern RowList *cascade_effects_pairs(ModelTable *table);

/*
 * Appends SPI's result rows to list; columns parallel to the list's.  Frees the result.
 */
extern void cascade_effects_take(RowList *list);

/* Counts one changed pair. */
extern void cascade_effects_touch(Effects *effects, ModelTable *table, Datum object, Datum principal);

/* Counts a result of changed pairs (object, principal first); see effects->counting. */
extern void cascade_effects_changed(Effects *effects, TableEffects *table, RowList *pairs, int64 from);

/* While counting: may a pair of the table be changed more than once? */
extern bool cascade_effects_overlap(Effects *effects, ModelTable *table);

/* Distinct values of a column of rows [from, upto). */
extern DatumSet *cascade_effects_distinct(RowList *list, int64 from, int64 upto, int column);
extern Datum cascade_effects_set_array(DatumSet *set);

/* ---- rows.c: reading and locking users' rows, as their owners ---- */

#define CHILD_KEY 0
#define CHILD_OWNER 1
#define CHILD_PARENT 2

/*
 * The rows of a relationship's related table that point to the keys of parents
 * and match behavior: key, owner (null without one), key pointed to.
 */
extern RowList *cascade_rows_related(ModelRelationship *relationship, DatumSet *parents, ModelBehavior behavior);

/* The owner of each key that has a row: key, owner. */
extern RowList *cascade_rows_owners(ModelTable *table, DatumSet *keys);

/* Locks rows FOR UPDATE, in key order: whoever changes what a row gives does so first. */
extern void cascade_rows_lock(ModelTable *table, DatumSet *keys);

/* Does anything inherit from the table's rows? */
extern bool cascade_rows_give(ModelTable *table);

/* ---- purge.c ---- */

/* Away with the entries and grants of the rows with those keys (first column). */
extern void cascade_purge_keys(ModelTable *table, RowList *keys);

/* ---- gain.c, loss.c: one level of one relationship ---- */
extern bool cascade_gain_pass(Effects *effects, TableEffects *table, GainKind kind);
extern bool cascade_loss_pass(Effects *effects, TableEffects *table, LossKind kind);

/*
 * Adds bits to entries of one relationship and cause on rows of table; pairs
 * (object, principal, bits) are distinct.  With go_on, bits that are new in an
 * entry are queued as gains if anything passes them on.  Returns the number of
 * entries that are new or wider.
 */
extern uint64 cascade_gain_store(Effects *effects, ModelTable *table, RowList *pairs, int relationship, char cause,
								 bool go_on);

#endif							/* CASCADE_EFFECT_H */
