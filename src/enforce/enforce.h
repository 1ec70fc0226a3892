/*
 * enforce.h
 *		Access control on a running statement (SEMANTICS 2.5, ARCHITECTURE section 5).
 *
 * Policies decide which rows a statement finds; they call relmeta.owned() and
 * relmeta.shared() (access/policy.c).  What else SEMANTICS 2.5 asks stands here:
 *
 *	ExecutorStart (begin.c)		for whom the statement's tables are controlled; require_principal
 *	before that (conflict.c)	ON CONFLICT DO UPDATE: its conditions see no row that may not be written
 *	INSERT WITH CHECK (note.c)	relmeta.inserts(): the new row's owner; notes the row
 *	BEFORE ROW UPDATE, DELETE	judged again on the newest version with the newest entries; an
 *		(trigger.c)				UPDATE's new row is noted; of a link that is deleted: link.c
 *	SELECT USING as a check		relmeta.noted(): the statement's own new row may be seen by it
 *	AFTER ROW INSERT, UPDATE	judges owner and lookups as they are stored; fires before RI's triggers
 *	the statement's end			judges keys that its rows have got (taken.c, called by cascade/taken.c)
 *
 * WHOM IT CONCERNS.  Who is exempt from a table's policies is exempt here: what counts is as
 * whom the statement's privileges on the table are checked.  Cascades, and what foreign keys do,
 * are other executor runs, of the tables' owners; their AFTER ROW events are queued in the
 * caller's statement all the same, and told apart by their command id.
 *
 * MEMORY RULE.  What a statement has noted lives in its own context (access/statement.h) and is
 * never seen by another one.
 */
#ifndef RELMETA_ENFORCE_H
#define RELMETA_ENFORCE_H

#include "access/row_predicate.h"
#include "access/statement.h"

#include "access/htup.h"
#include "commands/trigger.h"
#include "executor/execdesc.h"
#include "storage/itemptr.h"
#include "utils/relcache.h"

/* A row as it is checked: key, owner, and each lookup as its relationship sees it. */
typedef struct EnforceImage
{
	Datum		key;
	Datum		owner;
	bool		owner_null;
	NullableDatum *lookups;		/* parallel to model_as_related(table); null
								 * also when the type column has another value */
} EnforceImage;

/*
 * What lookups are judged by: the rule is one (judge.c), but what the statement's own triggers ask, and what a function
 * asks of a row that it has written for a principal whose role is exempt, is known from different places.  A struct
 * of the caller's may begin with it.
 */
typedef struct EnforceJudge EnforceJudge;
struct EnforceJudge
{
	Statement  *statement;

	/* Do rights on the rows of a primary table decide? */
	bool		(*is_judged) (ModelTable *primary);

	/* Does the principal hold append_to on the row that a lookup points to? */
	bool		(*may_append_to) (EnforceJudge *judge, ModelRelationship *relationship, Datum lookup);

	/*
	 * What it holds on the row whose lookups change; asked once, and only
	 * when one does.
	 */
	int32		(*rights) (EnforceJudge *judge);

	/*
	 * The row is as it is in the table; else the primary row may be one that
	 * the same statement inserts later.
	 */
	bool		stored;
};

/* a row that an UPDATE takes from one partition to another */
typedef struct EnforceMove
{
	Datum		key;			/* the new one */
	EnforceImage before;
} EnforceMove;

/* what a statement does to one controlled table */
typedef struct EnforceTarget
{
	Oid			relid;			/* of the registered table */
	ModelTable *table;			/* of a model pinned to the statement */
	bool		applies;		/* the statement is not exempt */
	bool		inserts;		/* new rows of its own have been checked */

	/* the new row that is being checked */
	bool		noted;
	Datum		key;
	Datum		owner;
	bool		owner_null;
	MemoryContext cxt;			/* of these two */

	/* the row that a BEFORE UPDATE trigger has seen last */
	Oid			updated_leaf;
	ItemPointerData updated;
	List	   *moves;			/* EnforceMove * */
} EnforceTarget;

typedef struct EnforceState
{
	Statement  *statement;
	EState	   *estate;
	CommandId	cid;			/* what the statement itself writes */
	List	   *targets;		/* EnforceTarget * */
	List	   *links;			/* OIDs of the intersect tables, or
								 * partitions, that it changes and is not
								 * exempt of */
} EnforceState;

/* ---- begin.c ---- */
extern void enforce_init(void); /* from _PG_init */

/* What the statement does to the registered table that relid is, or is a partition of; NULL when it is exempt. */
extern EnforceTarget *enforce_target(MemoryContext cxt, Oid relid, EnforceState **state);

/* Is access to the table controlled for the current user?  For a role? */
extern bool enforce_controls(ModelTable *table);
extern bool enforce_controls_role(ModelTable *table, Oid roleid);

/* Does the statement whose context it is change links of the relation, and is it not exempt?  *statement: that one. */
extern bool enforce_changes_links(MemoryContext cxt, Oid relid, Statement **statement);

/* ---- trigger.c ---- */

/* 39P01 unless it is called at this time for one of events, 1 << TRIGGER_EVENT_... */
extern TriggerData *enforce_trigger_data(FunctionCallInfo fcinfo, TriggerEvent when, int events);

/* Has the statement itself written this version of the row, not a cascade of its? */
extern bool enforce_is_own(EnforceState *state, HeapTuple tuple);

/* ---- motion.c: keys that go while statements go on (access/motion.h) ---- */

/* Of a BEFORE UPDATE trigger of the query: is the row's key another one?  Then it is in motion; 55000 if it was. */
extern void enforce_moves_key(MemoryContext query, TriggerData *trigdata, bool judged);

/* Of a BEFORE DELETE trigger: so is the key of a row that goes, unless it goes to another partition. */
extern void enforce_leaves_key(MemoryContext query, TriggerData *trigdata);

/* A new row of the statement has this key: 55000 when another statement has given it to a row. */
extern void enforce_takes_key(EnforceState *state, ModelTable *table, Datum key);

/* ---- conflict.c ---- */
extern void enforce_guard_conflicts(QueryDesc *query, int eflags);

/* ---- image.c ---- */
extern void enforce_image(ModelTable *table, ModelLeaf *leaf, Relation rel, HeapTuple tuple, EnforceImage *image);

/* A copy in CurrentMemoryContext. */
extern void enforce_image_copy(ModelTable *table, EnforceImage *image, EnforceImage *copy);

/* The row that an UPDATE of the statement has taken to another partition under this key; NULL: there is none. */
extern EnforceMove *enforce_move_to(EnforceTarget *target, Datum key);

/* ---- note.c ---- */

/* This row is being made by the statement. */
extern void enforce_note(EnforceState *state, EnforceTarget *target, Datum key, bool owner_null, Datum owner);

/* ---- judge.c: 42501 for what the statement's principal may not do ---- */

/* The row as it is now may be written, or deleted: judged with the newest entries. */
extern void enforce_judge_row(EnforceState *state, EnforceTarget *target, EnforceImage *row, int32 right);

extern void enforce_judge_insert(EnforceState *state, EnforceTarget *target, EnforceImage *row);

/* stored: the row as it is in the table; else new values that BEFORE triggers may still change. */
extern void enforce_judge_update(EnforceState *state, EnforceTarget *target, EnforceImage *before,
								 EnforceImage *after, bool stored);

/* The lookups of a new row; without an owner it needs a primary row.  Parallel to model_as_related(table). */
extern void enforce_judge_new_lookups(EnforceJudge *judge, ModelTable *table, NullableDatum *lookups, bool owner_null);

/* Those that point somewhere else than before. */
extern void enforce_judge_lookups(EnforceJudge *judge, ModelTable *table, NullableDatum *before, NullableDatum *after);

/* A new row's owner, before it is stored. */
extern void enforce_judge_owner(Predicate *predicate, bool owner_null, Datum owner);

/*
 * ---- taken.c: a row of a primary table gets a key that rows of others point to, by an INSERT or another key ----
 *
 * They are not asked, and are below it from now on: it is judged as if they had been moved there.  (cascade/taken.c
 * finds them.)
 */

/*
 * May it matter to anybody which keys the rows of the table get: is it controlled, or a table below it, or the table at
 * the other end of its links?  Is it to be judged of the rows that the query with this context makes or changes?
 */
extern bool enforce_keys_matter(ModelTable *table);
extern bool enforce_judges_keys(MemoryContext query, ModelTable *table);

/* The statement; one as of now where no executor run has that context.  *cid: of what it writes itself, if known. */
extern Statement *enforce_statement(MemoryContext query, CommandId *cid);

/*
 * The row had this key when the statement began: its entries are still there.  What the principal holds on it; none
 * without principals that are left.
 */
extern int32 enforce_rights_before(Statement *statement, ModelTable *table, Datum key, bool owner_null, Datum owner);

/* A row of the related table whose primary row is another one now. */
extern void enforce_judge_left(Statement *statement, ModelRelationship *relationship, Datum key, bool owner_null,
							   Datum owner);

/*
 * link.c: is an end's table controlled, or was it, and is not registered any more, as policies say it that stand,
 * theirs or those of the links?  POLICY_ENDS: those of which the role is not exempt.  Both read pg_policy where an end
 * is not registered, the latter where it has row-level security.
 */
extern bool enforce_has_controlled_end(ModelIntersect *intersect);
extern int	enforce_asking_ends(ModelIntersect *intersect, Oid roleid);

/*
 * A link whose row at that end is another one now.  asking: those ends, for once for all links.  other: the key at the
 * other end, as the link has it.  former, taker: the rights on the row that the link was of, and on the new one.
 */
extern void enforce_judge_link_left(Statement *statement, ModelIntersect *intersect, int asking, int end, Datum other,
									bool was_there, int32 former, int32 taker);

/* ---- refuse.c: the errors, all 42501 ---- */
pg_noreturn extern void enforce_refuse_nobody(const char *table);
pg_noreturn extern void enforce_refuse_row(Statement *statement, ModelTable *table, int32 right);
pg_noreturn extern void enforce_refuse_cap(Statement *statement, ModelTable *table);
pg_noreturn extern void enforce_refuse_owner(Statement *statement, ModelTable *table);
pg_noreturn extern void enforce_refuse_ownerless(Statement *statement, ModelTable *table);
pg_noreturn extern void enforce_refuse_change(Statement *statement, ModelRelationship *relationship, int32 right);
pg_noreturn extern void enforce_refuse_left(Statement *statement, ModelRelationship *relationship, int32 right);
pg_noreturn extern void enforce_refuse_lookup(Statement *statement, ModelRelationship *relationship);

#endif							/* RELMETA_ENFORCE_H */
