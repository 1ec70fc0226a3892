/*
 * link.h
 *		Links of N:N relationships: what the files of cascade/ share about them.
 *		SEMANTICS 2.4.
 *
 * The statements of these files run as the caller, with the caller's
 * privileges on the intersect table and under its policies.
 */
#ifndef LINK_LINK_H
#define LINK_LINK_H

#include "rows/plan.h"
#include "storage/lockdefs.h"

/* The relationship that argument 0 names, in a model pinned to CurrentMemoryContext; 42704, 55000, 22004. */
extern ModelIntersect *link_relationship_argument(FunctionCallInfo fcinfo);

/* The key that an argument gives for a side (0 or 1); 22004 for NULL, 22P02. */
extern Datum link_key_argument(FunctionCallInfo fcinfo, int argno, ModelIntersect *intersect, int side);

/*
 * The same for an argument that may be an array: then an array Datum of the
 * key's type.  *variant: PLAN_ONE, PLAN_FEW or PLAN_MANY.
 */
extern Datum link_keys_argument(FunctionCallInfo fcinfo, int argno, ModelIntersect *intersect, int side,
								int *variant);

/* A required array of text as one of keys. */
extern Datum link_key_texts_argument(FunctionCallInfo fcinfo, int argno, ModelIntersect *intersect, int side, int *n);

/* Argument side: 0 or 1 for 1 or 2; 22023. */
extern int	link_side_argument(FunctionCallInfo fcinfo, int argno);

/* Puts the keys of a symmetric link in the order in which it is stored. */
extern void link_put_in_order(ModelIntersect *intersect, Datum *keys);

/* The same, of any two keys: whether b comes before a. */
extern bool link_is_out_of_order(ModelIntersect *intersect, Datum a, Datum b);

/*
 * The attributes that a jsonb argument names (char *), in column order; NIL for
 * NULL.  22023 when it is no object, 42703 when a name is not an attribute's.
 * *variant gets a bit for each; 0 when there are too many columns for that.
 */
extern List *link_attributes_argument(FunctionCallInfo fcinfo, int argno, ModelIntersect *intersect,
									  bool with_surrogate, int *variant);

/* A statement on links: what a PlanBuilder is told. */
typedef struct LinkStatement
{
	ModelIntersect *intersect;
	int			side;			/* 0 or 1: side of the key that is given */
	List	   *attributes;		/* given ones */
	bool		if_not_exists;
	bool		no_plan;		/* the attributes given cannot tell one kept
								 * plan from another */
} LinkStatement;

/* Bits of a plan's variant beside PLAN_MANY. */
#define LINK_SIDE_2			(PLAN_VARIANT_OWN)
#define LINK_IF_NOT_EXISTS	(PLAN_VARIANT_OWN << 1)
#define LINK_ATTRIBUTE		(PLAN_VARIANT_OWN << 2) /* of the first attribute;
													 * the next the next bit */
#define LINK_MAX_ATTRIBUTES	23

/* The plan of a statement, kept where it can be.  SPI is connected. */
extern SPIPlanPtr link_plan(PlanBuilder builder, int variant, LinkStatement *statement,
							LOCKMODE lockmode);

/* Runs a plan as the caller; an error about the links gets a hint. */
extern uint64 link_run(SPIPlanPtr plan, Datum *values, bool read_only, long limit);

/*
 * Links of this intersect table may be given other keys until the next call, InvalidOid: none's; returns what it was
 * before.  For a statement of relmeta's own, which puts it back by PG_FINALLY().
 */
extern Oid	link_keys_move(Oid relid);

/* The parameter types of a plan's text, one after another. */
extern int	link_add_param(PlanText *built, Oid type);

#endif							/* LINK_LINK_H */
