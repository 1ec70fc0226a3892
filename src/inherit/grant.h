/*
 * grant.h
 *		Direct grants: who may make them, and writing them (SEMANTICS 2.5).
 */
#ifndef INHERIT_GRANT_H
#define INHERIT_GRANT_H

#include "inherit/effect.h"

/* The direct entries on one row, read ahead. */
typedef struct RowGrants
{
	Holders		holders;		/* before: the mask */
	ItemPointerData *tids;		/* by Holder.number */
	int			capacity;
} RowGrants;

/* Direct grants on rows of one table that are being changed. */
typedef struct Granting
{
	Effects    *effects;
	TableEffects *table;
	DatumSet   *keys;			/* the rows', as they have them */
	Store	   *entries;		/* of effects; NULL: nothing was ever granted */
	KeyMap	   *ahead;			/* RowGrants; NULL: each is looked up */
} Granting;

extern Granting *inherit_grant_begin(Effects *effects, ModelTable *table, DatumSet *keys);

/* What a principal holds on a row directly. */
typedef struct DirectGrant
{
	int32		had;
	StoredEntry entry;			/* its place, when it had something */
} DirectGrant;

extern void inherit_grant_read(Granting *granting, int row, Datum principal, DirectGrant *grant);

/*
 * Sets what it holds directly to mask (0: nothing), and queues the difference: gains as shares, losses
 * as unshares.  The row is locked; owns: the principal owns it; granted_by is recorded for gained bits.
 */
extern void inherit_grant_set(Granting *granting, DirectGrant *grant, bool owns, int32 mask, const char *granted_by);

/* The caller of a function of SEMANTICS 2.5. */
typedef struct GrantCaller
{
	bool		unlimited;		/* owns the table or bypasses row-level
								 * security, and acts for no principal */
	char	   *principal;		/* NULL: nobody */
	List	   *names;			/* Datum *: it and its teams, as the table
								 * names them */
} GrantCaller;

/* As of now: asked again when rows have been locked. */
extern GrantCaller *inherit_grant_caller(ModelTable *table);

/* A principal and its teams as the table names them, Datum *: those that are values of its principals' type. */
extern List *inherit_grant_names(ModelTable *table, const char *principal);

/*
 * May the caller make the first grant in a table?  Where there is no entry table there is no owner column either: a
 * principal holds no more than everyone does.
 */
extern bool inherit_grant_may_be_first(ModelTable *table, GrantCaller *caller);

/* What the caller's principal and its teams hold on row number i. */
extern int32 inherit_grant_caller_rights(Granting *granting, GrantCaller *caller, RowSet *rows, int i);

/*
 * The rows with those keys, locked.  Each must be there, and the caller must be able to read it: P0002.
 */
extern RowSet *inherit_grant_rows(ModelTable *table, DatumSet *keys, RowLock lock);

#endif							/* INHERIT_GRANT_H */
