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

/* All problems that the current user may know of: VerifyProblem *, what is gone first. */
extern List *ddl_verify_find(void);

/* For the files of verify: adds one to *problems.  repair NULL: SELECT relmeta.repair(). */
extern void ddl_verify_add(List **problems, Oid relid, const char *object, const char *problem, const char *repair,
						   VerifyMend mend, void *subject);

/* ---- verify_rows.c ---- */
extern void ddl_verify_rows(ModelTable *table, List **problems);

/* ---- verify_trigger.c ---- */
extern void ddl_verify_unknown_tables(List **problems);

/* ---- verify_principal.c ---- */
extern void ddl_verify_principals(List **problems);
extern void ddl_mend_role(const char *user);

/* ---- verify_intersect.c ---- */
extern void ddl_verify_intersects(Model *model, List **problems);

/* ---- verify_control.c ---- */
extern void ddl_verify_control(ModelTable *table, List **problems);
extern void ddl_verify_link_control(ModelIntersect *intersect, List **problems);

#endif							/* DDL_VERIFY_H */
