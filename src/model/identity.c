/*
 * identity.c
 *		Who asks and who exists: the current principal and its teams, SEMANTICS 2.1.
 *
 * A principal's identity (its teams, its values in the types of owner columns)
 * and a role's principal are kept across statements, read with the latest
 * snapshot, in one memory context.  It is thrown away, at the next use, after a
 * change of relmeta.principal, relmeta.team_member or of what the model is read
 * from (cache.c's callbacks call model_identity_forget).
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "model/internal.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

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

/* the last role asked for, and the user whose role it is (NULL: nobody's) */
static Oid	known_role = InvalidOid;
static char *known_role_principal;

/* Called by invalidation callbacks: frees nothing. */
void
model_identity_forget(void)
{
	identities_stale = true;
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
 * Calls take_row for the rows of a catalog in which column equals key, with the
 * latest snapshot, until it returns false.
 */
static void
read_rows(ModelCatalog catalog, const char *index, const char *column, Oid equality, Datum key,
		  bool (*take_row) (HeapTuple, TupleDesc, void *), void *arg)
{
	Oid			relid = model_catalog_relid(catalog);
	Relation	rel;
	Oid			indexid;
	ScanKeyData skey;
	SysScanDesc scan;
	HeapTuple	tuple;

	if (!OidIsValid(relid))
		return;
	rel = table_open(relid, AccessShareLock);
	indexid = model_catalog_index(index);
	ScanKeyInit(&skey, model_catalog_column(RelationGetDescr(rel), column), BTEqualStrategyNumber, equality, key);
	scan = systable_beginscan(rel, indexid, OidIsValid(indexid), NULL, 1, &skey);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		if (!take_row(tuple, RelationGetDescr(rel), arg))
			break;
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
}

static bool
take_principal(HeapTuple tuple, TupleDesc desc, void *arg)
{
	PrincipalRow *row = arg;

	row->is_team = strcmp(model_catalog_text(tuple, desc, "kind"), "team") == 0;
	row->source = model_catalog_oid(tuple, desc, "source");
	row->exists = true;
	return false;
}

/* The row of that name, as of now; false when there is none. */
bool
model_principal_read(const char *principal, PrincipalRow *row)
{
	memset(row, 0, sizeof(PrincipalRow));
	read_rows(CATALOG_PRINCIPAL, "principal_pkey", "principal", F_TEXTEQ, CStringGetTextDatum(principal),
			  take_principal, row);
	return row->exists;
}

static bool
take_name(HeapTuple tuple, TupleDesc desc, void *arg)
{
	*(char **) arg = model_catalog_text(tuple, desc, "principal");
	return false;
}

/* The user whose role it is, palloc'd; NULL when it is nobody's. */
char *
model_user_of_role(Oid roleid)
{
	char	   *user = NULL;

	read_rows(CATALOG_PRINCIPAL_ROLE, "principal_role_role_key", "role", F_OIDEQ, ObjectIdGetDatum(roleid),
			  take_name, &user);
	return user;
}

static bool
take_role(HeapTuple tuple, TupleDesc desc, void *arg)
{
	*(Oid *) arg = model_catalog_oid(tuple, desc, "role");
	return false;
}

Oid
model_role_of_user(const char *principal)
{
	Oid			role = InvalidOid;

	read_rows(CATALOG_PRINCIPAL_ROLE, "principal_role_pkey", "principal", F_TEXTEQ, CStringGetTextDatum(principal),
			  take_role, &role);
	return role;
}

static bool
take_team(HeapTuple tuple, TupleDesc desc, void *arg)
{
	List	  **teams = arg;

	*teams = lappend(*teams, model_catalog_text(tuple, desc, "team"));
	return true;
}

static int
by_text(const ListCell *a, const ListCell *b)
{
	return strcmp(lfirst(a), lfirst(b));
}

static List *
teams_of(const char *member)
{
	List	   *teams = NIL;

	read_rows(CATALOG_TEAM_MEMBER, "team_member_member_idx", "member", F_TEXTEQ, CStringGetTextDatum(member),
			  take_team, &teams);
	list_sort(teams, by_text);
	return teams;
}

bool
model_principal_exists(const char *principal)
{
	PrincipalRow row;

	return model_principal_read(principal, &row);
}

const char *
model_principal_kind(const char *principal)
{
	PrincipalRow row;

	return model_principal_read(principal, &row) ? row.is_team ? "team" : "user" : NULL;
}

char *
model_principal_required(const char *name)
{
	char	   *principal;

	model_principal_check_length(name);
	principal = model_principal_resolve(name);
	if (principal == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("principal \"%s\" does not exist", name),
				 errhint("Call relmeta.create_user(%s) or relmeta.create_team(%s).",
						 quote_literal_cstr(name), quote_literal_cstr(name))));
	return principal;
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
		teams = teams_of(principal);

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
	casts = model_principal_cast(principal, type, owner);

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
	return model_principal_of(relmeta_principal, GetUserId());
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
