/*
 * principal_row.c
 *		Which principals there are: the rows of relmeta.principal, of their roles and
 *		of teams, as of now (SEMANTICS 2.1).
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "model/internal.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/rel.h"

/*
 * Calls take_row for the rows of a catalog in which column equals key, with the
 * latest snapshot, until it returns false.  The locks are kept until the
 * transaction ends: this is asked again and again, and they cost a fifth of it.
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
	/* a lock that is held already does not */
	AcceptInvalidationMessages();
	indexid = model_catalog_index(index);
	if (OidIsValid(indexid))
		LockRelationOid(indexid, AccessShareLock);
	ScanKeyInit(&skey, model_catalog_column(RelationGetDescr(rel), column), BTEqualStrategyNumber, equality, key);
	scan = systable_beginscan(rel, indexid, OidIsValid(indexid), NULL, 1, &skey);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		if (!take_row(tuple, RelationGetDescr(rel), arg))
			break;
	}
	systable_endscan(scan);
	table_close(rel, NoLock);
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

/* A team that several tables say is read several times; one that is gone, or is a user now, may still be said. */
List *
model_teams_of(const char *member)
{
	PrincipalRow row;
	List	   *read = NIL;
	List	   *teams = NIL;
	ListCell   *lc;

	if (!model_principal_read(member, &row) || row.is_team)
		return NIL;
	read_rows(CATALOG_TEAM_MEMBER, "team_member_member_idx", "member", F_TEXTEQ, CStringGetTextDatum(member),
			  take_team, &read);
	list_sort(read, by_text);
	foreach(lc, read)
	{
		char	   *team = lfirst(lc);

		if ((teams == NIL || strcmp(llast(teams), team) != 0) && model_principal_read(team, &row) && row.is_team)
			teams = lappend(teams, team);
	}
	return teams;
}

/* An empty setting means that nobody is set, so nobody can be named so. */
void
model_principal_check_name(const char *principal)
{
	if (principal[0] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the name of a principal must not be empty")));
	model_principal_check_length(principal);
}

/* Longer ones would not fit into an index, nor into a message. */
void
model_principal_check_length(const char *principal)
{
	if (strlen(principal) > PRINCIPAL_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the name of a principal must not be longer than %d bytes", PRINCIPAL_MAX)));
}
