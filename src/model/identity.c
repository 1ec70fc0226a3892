/*
 * identity.c
 *		Who asks and who exists: the current principal and its teams, SEMANTICS 2.1.
 *
 * A principal's identity (its teams, its values in the types of owner columns)
 * and a role's principal are kept across statements, read with the latest
 * snapshot, in one memory context.  It is thrown away, at the next use, after a
 * change of relmeta.principal, relmeta.team_member or of what the model is read
 * from (invalidate.c's callbacks call model_identity_forget).
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "model/internal.h"
#include "utils/datum.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* more identities than this are not kept: they start anew */
#define IDENTITIES_MAX 4096

/* what a principal is in a type of owner columns */
typedef struct KnownValue
{
	Oid			type;
	int32		typmod;
	bool		casts;
	Datum		value;
} KnownValue;

typedef struct Identity
{
	const char *name;			/* hash key: as it was asked for */
	uint32		hash;
	char		status;
	const char *principal;		/* as it is registered; NULL: nobody */
	List	   *teams;			/* char *, in order of name */
	List	   *values;			/* KnownValue * of the name, in the types
								 * asked for */
} Identity;

#define SH_PREFIX identity
#define SH_ELEMENT_TYPE Identity
#define SH_KEY_TYPE const char *
#define SH_KEY name
#define SH_HASH_KEY(tb, key) hash_bytes((const unsigned char *) (key), strlen(key))
#define SH_EQUAL(tb, a, b) (strcmp(a, b) == 0)
#define SH_STORE_HASH
#define SH_GET_HASH(tb, a) ((a)->hash)
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

static MemoryContext identity_cxt = NULL;
static identity_hash *identities;
static bool identities_stale = true;
static uint64 forgotten = 0;

/* the last role asked for, and the user whose role it is (NULL: nobody's) */
static Oid	known_role = InvalidOid;
static char *known_role_principal;

/* Called by invalidation callbacks: frees nothing. */
void
model_identity_forget(void)
{
	identities_stale = true;
	forgotten++;
}

uint64
model_identity_version(void)
{
	AcceptInvalidationMessages();
	return forgotten;
}

/*
 * A transaction that holds its locks already accepts no invalidations by itself,
 * and would not notice that a membership has ended.
 */
static void
identities_prepare(void)
{
	AcceptInvalidationMessages();
	if (!identities_stale && identities->members < IDENTITIES_MAX)
		return;
	if (identity_cxt == NULL)
		identity_cxt = AllocSetContextCreate(CacheMemoryContext, "relmeta identities", ALLOCSET_DEFAULT_SIZES);
	identities_stale = true;
	MemoryContextReset(identity_cxt);
	identities = identity_create(identity_cxt, 16, NULL);
	known_role = InvalidOid;
	known_role_principal = NULL;
	identities_stale = false;
}

/*
 * Reads what is not known yet.  Anything that arrives while it is read leaves
 * the cache stale, so that the next call reads again; the result is good for now.
 */
static Identity *
identity_of(const char *name)
{
	Identity   *identity;
	char	   *principal;
	bool		found;
	List	   *teams = NIL;
	MemoryContext outer;

	identities_prepare();
	identity = identity_lookup(identities, name);
	if (identity != NULL)
		return identity;

	principal = model_principal_resolve(name);
	if (principal != NULL)
		teams = model_teams_of(principal);

	outer = MemoryContextSwitchTo(identity_cxt);
	identity = identity_insert(identities, pstrdup(name), &found);
	if (!found)
	{
		ListCell   *lc;

		identity->principal = principal ? pstrdup(principal) : NULL;
		identity->teams = NIL;
		identity->values = NIL;
		foreach(lc, teams)
			identity->teams = lappend(identity->teams, pstrdup(lfirst(lc)));
	}
	MemoryContextSwitchTo(outer);
	return identity;
}

/*
 * A cast may call a domain's checks, and these what they like: nothing of the
 * cache is held on to meanwhile.
 */
bool
model_principal_value(const char *principal, ModelType *type, Datum *owner)
{
	Identity   *identity = identity_of(principal);
	KnownValue *known;
	MemoryContext outer;
	bool		casts;
	bool		told;
	ListCell   *lc;

	foreach(lc, identity->values)
	{
		known = lfirst(lc);
		if (known->type == type->type && known->typmod == type->typmod)
		{
			*owner = known->value;
			return known->casts;
		}
	}
	casts = model_principal_cast_told(principal, type, owner, &told);
	if (!told)
		return false;

	identity = identity_of(principal);
	outer = MemoryContextSwitchTo(identity_cxt);
	known = palloc0(sizeof(KnownValue));
	known->type = type->type;
	known->typmod = type->typmod;
	known->casts = casts;
	if (casts)
		known->value = datumCopy(*owner, type->typbyval, type->typlen);
	identity->values = lappend(identity->values, known);
	MemoryContextSwitchTo(outer);
	return casts;
}

/* The user whose role is roleid, in the identity cache; NULL when it is nobody's. */
static const char *
principal_of_role(Oid roleid)
{
	char	   *user;

	identities_prepare();
	if (known_role == roleid)
		return known_role_principal;
	user = model_user_of_role(roleid);
	known_role_principal = user ? MemoryContextStrdup(identity_cxt, user) : NULL;
	known_role = roleid;
	return known_role_principal;
}

char *
model_principal_of(const char *setting, Oid roleid)
{
	const char *principal;

	if (setting != NULL && setting[0] != '\0')
		principal = identity_of(setting)->principal;
	else
		principal = principal_of_role(roleid);
	return principal ? pstrdup(principal) : NULL;
}

char *
model_current_principal(void)
{
	return model_principal_of(relmeta_acting_as(), GetUserId());
}

List *
model_principal_and_teams(const char *principal)
{
	List	   *names;
	ListCell   *lc;

	if (principal == NULL)
		return NIL;
	names = list_make1(pstrdup(principal));
	foreach(lc, identity_of(principal)->teams)
		names = lappend(names, pstrdup(lfirst(lc)));
	return names;
}
