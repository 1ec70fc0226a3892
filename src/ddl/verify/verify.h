/*
 * verify.h
 *		What is wrong with what was declared: found by verify(), mended by repair().
 */
#ifndef DDL_VERIFY_H
#define DDL_VERIFY_H

#include "ddl/ddl.h"

/* how repair() mends a problem */
typedef enum VerifyMend
{
	MEND_BY_HAND,				/* it does not: data, or a decision */
	MEND_FORGET_TABLE,			/* subject: ModelTable, whose table is gone */
	MEND_FORGET_RELATIONSHIP,	/* subject: ModelRelationship, of which a
								 * table is gone */
	MEND_FORGET_INTERSECT,		/* subject: ModelIntersect, of which a table
								 * is gone */
	MEND_TABLE,					/* subject: ModelTable: triggers, entry table */
	MEND_ENTRIES,				/* subject: ModelTable: entries of what is not
								 * there */
	MEND_RELATIONSHIP,			/* subject: ModelRelationship: index, foreign
								 * key, type check */
	MEND_INTERSECT,				/* subject: ModelIntersect: triggers, indexes */
	MEND_ENABLE_TRIGGER,		/* subject: DdlTriggerProblem */
	MEND_PENDING,				/* subject: Intersect: its table can be made */
	MEND_CATALOG,				/* a trigger of relmeta's own tables; relid is
								 * the table */
	MEND_JOB,					/* subject: JobProblem */
	MEND_VALUES,				/* subject: ModelType of owner columns, in
								 * which principals' values are not recorded */
	MEND_SOURCE,				/* of relid, a table of principals or
								 * memberships: triggers, what its rows say */
	MEND_ROLE,					/* subject: name of a user whose role is gone */
	MEND_FOLLOWER				/* subject: VerifyFollowerMend; the owner of
								 * relid may */
} VerifyMend;

/* what a follower (follow.h) has found is mended by it */
typedef struct VerifyFollowerMend
{
	void		(*mend) (void *arg);
	void	   *arg;
} VerifyFollowerMend;

typedef struct VerifyProblem
{
	Oid			relid;
	char	   *object;			/* a relationship, trigger, column, index ... */
	char	   *problem;
	char	   *repair;			/* a statement */
	VerifyMend	mend;
	void	   *subject;
} VerifyProblem;

/* ---- verify.c ---- */

/* One look at a table, a relationship, ... (subject) of a model: adds what is wrong with it to *problems. */
typedef void (*VerifyLook) (Model *model, void *subject, List **problems);

/* All problems that the current user may know of: VerifyProblem *, what is gone first. */
extern List *ddl_verify_find(void);

/* Those of one table, its relationships and links. */
extern List *ddl_verify_find_table(Oid relid);

/* ---- look.c ---- */

/* For looks: adds a problem.  repair NULL: SELECT relmeta.repair(). */
extern void ddl_verify_add(List **problems, Oid relid, const char *object, const char *problem, const char *repair,
						   VerifyMend mend, void *subject);

/* The same for triggers (DdlTriggerProblem *) that are missing, superfluous or disabled: the last are enabled. */
extern void ddl_verify_add_triggers(List **problems, List *triggers, VerifyMend mend, void *subject);

/*
 * For the files of verify: takes a look, undisturbed by those who drop the subject meanwhile.  relid: InvalidOid, or
 * a relation without which there is nothing to look at.
 */
extern void ddl_verify_look(Model *model, VerifyLook look, void *subject, Oid relid, const char *object,
							List **problems);

/* Has the model been read again since? */
extern bool ddl_verify_model_changed(Model *model);

/* Whether the same problem is among them. */
extern bool ddl_verify_is_among(VerifyProblem *problem, List *problems);

/* ---- rows.c ---- */
extern void ddl_verify_rows(Model *model, void *subject, List **problems);

/* ---- trigger.c ---- */
extern void ddl_verify_unknown_tables(Model *model, void *subject, List **problems);

/* ---- partition.c ---- */
extern void ddl_verify_half_detached(Model *model, void *subject, List **problems);

/* ---- principal.c ---- */
extern void ddl_verify_principals(Model *model, void *subject, List **problems);
extern void ddl_mend_role(const char *user);

/* ---- source.c ---- */
extern void ddl_verify_sources(Model *model, List **problems);

/* ---- intersect.c ---- */
extern void ddl_verify_intersects(Model *model, List **problems);

/* ---- control.c ---- */
extern void ddl_verify_control(Model *model, void *subject, List **problems);
extern void ddl_verify_link_control(ModelIntersect *intersect, List **problems);

#endif							/* DDL_VERIFY_H */
