/*
 * drop.c
 *		Principals leave: not while they own rows, SEMANTICS 2.1.
 */
#include "relmeta.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "model/internal.h"
#include "model/names.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

model_principal_dropped_hook_type model_principal_dropped_hook = NULL;

static int
by_text(const ListCell *a, const ListCell *b)
{
	return strcmp(lfirst(a), lfirst(b));
}

/* Whether the value is that of another principal, who stays: two may be one owner, see verify(). */
static bool
stays(ModelType *type, Datum owner, List *principals)
{
	char	   *named = model_principal_named(type, owner);

	return named != NULL && !model_name_is_among(principals, named);
}

/* Those that can own rows of the table at all, but_who_stay excepted, as an array of the owner's type; NULL: none */
static ArrayType *
owners_array(ModelTable *table, List *principals, bool but_who_stay)
{
	ModelType  *type = &table->owner.type;
	Datum	   *owners = palloc(list_length(principals) * sizeof(Datum));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, principals)
	{
		if (model_principal_held(lfirst(lc), type, &owners[n]) && !(but_who_stay && stays(type, owners[n], principals)))
			n++;
	}
	if (n == 0)
		return NULL;
	return construct_array(owners, n, type->base_type, type->typlen, type->typbyval, type->typalign);
}

/* The principal whose value this owner is; it may be spelled otherwise. */
static char *
principal_of_owner(ModelType *type, const char *owner, List *principals)
{
	Datum		wanted = model_type_input(type, owner);
	Datum		value;
	ListCell   *lc;

	foreach(lc, principals)
	{
		if (model_principal_held(lfirst(lc), type, &value) && model_type_equal(type, value, wanted))
			return lfirst(lc);
	}
	elog(ERROR, "owner \"%s\" is none of the principals asked for", owner);
}

/* One of the principals that owns rows of the table; NULL when none owns any. */
static char *
owner_among(ModelTable *table, List *principals)
{
	ModelType  *type = &table->owner.type;
	char	   *owner = NULL;

	/* that somebody stays who has the same value is seldom, and asked second */
	for (int but_who_stay = false; but_who_stay <= true; but_who_stay++)
	{
		ArrayType  *owners = owners_array(table, principals, but_who_stay);

		if (owners == NULL)
			return NULL;
		owner = model_owner_of_rows(table, owners);
		if (owner == NULL)
			return NULL;
	}
	return principal_of_owner(type, owner, principals);
}

/*
 * 2BP01 if one of them owns a row of a registered table.  The principals are
 * locked, so that no row can come to them any more; what came before is seen:
 * the model and the rows are read as of now.
 */
static void
refuse_owners(List *principals)
{
	Model	   *model;
	ListCell   *lc;

	AcceptInvalidationMessages();
	model = model_current();
	model_pin(model, CurrentMemoryContext);
	foreach(lc, model_tables(model))
	{
		ModelTable *table = lfirst(lc);
		char	   *owner;

		/* one that is gone, or has lost the column, has no owners */
		if (table->broken || table->owner.name == NULL)
			continue;
		LockRelationOid(table->relid, AccessShareLock);
		if (!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(table->relid)))
			continue;
		owner = owner_among(table, principals);
		if (owner != NULL)
			ereport(ERROR,
					(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
					 errmsg("principal \"%s\" still owns rows", owner),
					 errdetail("It owns rows of table %s.", table->sql_name),
					 errhint("Call relmeta.reassign_owned(%s, new_owner) first.", quote_literal_cstr(owner))));

		/* none comes: there may be more tables than locks */
		UnlockRelationOid(table->relid, AccessShareLock);
	}
}

/*
 * Principals of these names are others from now on.  The roles that they had for the rows that have left the names go.
 * To who waits to pass something on to them they are as new as if they had been dropped and made again (owner.c).
 */
static void
renew(List *principals)
{
	Datum		names = model_text_array(principals);

	model_statement_run(STATEMENT_RENEW_PRINCIPALS, &names, NULL);
	model_statement_run(STATEMENT_REMOVE_ROLES, &names, NULL);
}

/*
 * Drops the principals (char *), their memberships that no table says (of one that a row says it is the row that ends
 * it: whoever comes under the name again is a member) and, by the hook, what
 * higher rooms keep of them.  2BP01 while one of them owns rows.  Those that are
 * among renewed as well are there again at once, as another's.  Returns false
 * when none of them was there.
 */
bool
model_principals_drop(List *principals, List *renewed)
{
	List	   *sorted = list_copy(principals);
	List	   *sorted_renewed = list_copy(renewed);
	List	   *locked = NIL;
	List	   *gone = NIL;
	int			next = 0;
	Datum		names;
	ListCell   *lc;

	list_sort(sorted, by_text);
	list_sort(sorted_renewed, by_text);
	foreach(lc, sorted)
	{
		bool		is_renewed = next < list_length(sorted_renewed) &&
		strcmp(lfirst(lc), list_nth(sorted_renewed, next)) == 0;

		next += is_renewed;
		if (!model_principal_lock(lfirst(lc), LockTupleExclusive))
			continue;
		locked = lappend(locked, lfirst(lc));
		if (!is_renewed)
			gone = lappend(gone, lfirst(lc));
	}
	if (locked == NIL)
		return false;
	refuse_owners(locked);

	if (model_principal_dropped_hook)
	{
		foreach(lc, locked)
			model_principal_dropped_hook(lfirst(lc));
	}
	if (renewed != NIL)
		renew(renewed);
	names = model_text_array(locked);
	model_statement_run(STATEMENT_REMOVE_MADE_MEMBERS, &names, NULL);
	if (gone == NIL)
		return true;
	model_values_remove(gone);
	names = model_text_array(gone);
	model_statement_run(STATEMENT_DROP_PRINCIPALS, &names, NULL);
	return true;
}
