/*
 * share.c
 *		share, modify_share, unshare and their many-row forms (SEMANTICS 2.5, 3.2, 3.3).
 *
 * Thin shells: read arguments, check the caller, set direct entries, run the effects.
 * The rows are locked first, in key order: two shares of one row wait for each
 * other, and children that are being attached are seen or wait.  So FOR UPDATE
 * where there may be any: who attaches a child holds FOR KEY SHARE.  A principal
 * that may not share a row may unshare itself: that locks the row only when there
 * is something to take, which then is gone.
 */
#include "relmeta.h"

#include "access/statement.h"
#include "attempt.h"
#include "inherit/grant.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "model/key.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(relmeta_share);
PG_FUNCTION_INFO_V1(relmeta_modify_share);
PG_FUNCTION_INFO_V1(relmeta_unshare);
PG_FUNCTION_INFO_V1(relmeta_share_many);
PG_FUNCTION_INFO_V1(relmeta_unshare_many);

typedef enum ShareVerb
{
	VERB_SHARE,					/* adds rights */
	VERB_MODIFY,				/* replaces them */
	VERB_UNSHARE				/* takes rights away */
} ShareVerb;

typedef struct ShareRequest
{
	ShareVerb	verb;
	ModelTable *table;
	DatumSet   *keys;
	List	   *principals;		/* char * */
	int32		rights;
} ShareRequest;

static ModelTable *
table_argument(FunctionCallInfo fcinfo)
{
	Model	   *model;

	relmeta_argument_required(fcinfo, 0);
	(void) model_table_required(model_current(), PG_GETARG_OID(0));
	/* what is declared of it stays as it is from here on */
	LockRelationOid(PG_GETARG_OID(0), RowExclusiveLock);
	model = model_current();
	model_pin(model, CurrentMemoryContext);
	return model_table_required(model, PG_GETARG_OID(0));
}

/* Rights argument; NULL means all where the verb takes rights away, else it is refused. */
static int32
rights_argument(FunctionCallInfo fcinfo, int argno, ShareVerb verb)
{
	if (PG_ARGISNULL(argno) && verb == VERB_UNSHARE)
		return ~0;
	relmeta_argument_required(fcinfo, argno);
	return access_rights_mask(PG_GETARG_ARRAYTYPE_P(argno));
}

/* A principal of the request, in the type in which the table names principals. */
typedef struct Sharee
{
	const char *name;
	Datum		principal;
	bool		refused;		/* by the type's domain: it gets nothing, and
								 * loses what it has */
} Sharee;

static int
by_name(const ListCell *a, const ListCell *b)
{
	return strcmp(((Sharee *) lfirst(a))->name, ((Sharee *) lfirst(b))->name);
}

/* Nobody drops a principal while it is being given something: its entries would stay. */
static void
lock_sharees(List *sharees)
{
	List	   *sorted = list_copy(sharees);
	ListCell   *lc;

	list_sort(sorted, by_name);
	foreach(lc, sorted)
	{
		const char *name = ((Sharee *) lfirst(lc))->name;

		if (!model_principal_lock(name, LockTupleKeyShare))
			model_principal_required(name);
	}
}

/* The principal's value; false when the table cannot name it, or not any more, and it is to be given something. */
static bool
fill_principal(Sharee *sharee, ModelType *type, ShareVerb verb)
{
	sharee->refused = !model_principal_cast(sharee->name, type, &sharee->principal);
	return !sharee->refused || (verb != VERB_SHARE && model_principal_held(sharee->name, type, &sharee->principal));
}

/*
 * The principals of the request, each once; 42704, 22023 for one that the table cannot name.
 */
static List *
sharees(ShareRequest *request)
{
	ModelType  *type = model_principal(request->table);
	List	   *list = NIL;
	Holders		known = {0};
	ListCell   *lc;

	foreach(lc, request->principals)
	{
		Sharee	   *sharee = palloc(sizeof(Sharee));

		sharee->name = model_principal_called(lfirst(lc), type);
		if (sharee->name == NULL || !fill_principal(sharee, type, request->verb))
			access_refuse_cast(request->table, lfirst(lc));
		if (inherit_holder_find(&known, type, sharee->principal) == NULL)
		{
			inherit_holder_add(&known, type, sharee->principal);
			list = lappend(list, sharee);
		}
		CHECK_FOR_INTERRUPTS();
	}
	return list;
}

/*
 * SEMANTICS 2.5: to share or unshare, the caller must own the table, bypass
 * row-level security, or hold share on the row; as a principal it gives only
 * rights that it holds.  A principal may always unshare itself: what it may use at present, that a session which
 * may only read (2.1) takes nothing away for good.
 */
static void
check_caller(ModelTable *table, GrantCaller *caller, int32 rights, const char *principal, int32 gained, int32 lost)
{
	if (caller->unlimited)
		return;
	if (gained == 0 && (lost & ~access_cap()) == 0 && caller->principal != NULL &&
		strcmp(caller->principal, principal) == 0)
		return;
	if ((rights & RIGHT_SHARE) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to share a row of table \"%s\"", relmeta_relation_name(table->relid)),
				 errhint("The current principal must hold the right share on the row.")));
	if ((gained & ~rights) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to give rights that you do not hold on the row of table \"%s\"",
						relmeta_relation_name(table->relid)),
				 errhint("Ask relmeta.principal_access() which rights you hold.")));
}

/* What the principal is to hold on the row directly, which holds had. */
static int32
asked_mask(const ShareRequest *request, int32 had)
{
	switch (request->verb)
	{
		case VERB_SHARE:
			return had | request->rights;
		case VERB_MODIFY:
			return request->rights;
		default:
			return had & ~request->rights;
	}
}

/*
 * One row and one principal.  The row's own owner needs no grant (22023); taking
 * one away that lies dormant is all right.
 */
static void
share_one(Granting *granting, ShareRequest *request, RowSet *rows, int i, GrantCaller *caller, int32 rights,
		  Sharee *sharee, const char *granted_by)
{
	DirectGrant grant;
	bool		owns = rows_owns(request->table, rows, i, sharee->principal);
	int32		mask;

	inherit_grant_read(granting, i, sharee->principal, &grant);
	mask = asked_mask(request, grant.had);
	if (sharee->refused && (mask & ~grant.had) != 0)
		access_refuse_cast(request->table, sharee->name);
	check_caller(request->table, caller, rights, sharee->name,
				 request->verb == VERB_SHARE ? request->rights : mask & ~grant.had, grant.had & ~mask);
	if (owns && (request->verb == VERB_SHARE || (mask & ~grant.had) != 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("principal \"%s\" owns the row", sharee->name),
				 errhint("An owner has every right already; share the row with somebody else.")));
	inherit_grant_set(granting, &grant, owns, mask, granted_by);
}

/* what is asked for of the caller himself */
typedef struct SelfRequest
{
	ShareRequest *request;
	RowSet	   *rows;
	Sharee	   *self;
	bool		nothing;		/* would change */
} SelfRequest;

static void
look_at_grants(void *arg)
{
	SelfRequest *of = arg;
	ShareRequest *request = of->request;
	Effects    *effects = inherit_effects_begin(false);
	Granting   *granting = inherit_grant_begin(effects, request->table, of->rows->owners->keys);

	of->nothing = true;
	for (int i = 0; of->nothing && i < of->rows->owners->keys->count; i++)
	{
		DirectGrant grant;

		CHECK_FOR_INTERRUPTS();
		inherit_grant_read(granting, i, of->self->principal, &grant);
		of->nothing = asked_mask(request, grant.had) == grant.had &&
			(request->verb != VERB_SHARE || !rows_owns(request->table, of->rows, i, of->self->principal));
	}
	inherit_effects_end(effects);
}

/*
 * Is it about nobody but the caller, and changes nothing?  Then no row is locked, and no table but to read it: whoever
 * may merely read rows could keep others from changing them, and his own rights from being taken, for as long as he
 * likes.
 */
static bool
changes_nothing(ShareRequest *request, List *principals, GrantCaller *caller)
{
	Sharee	   *self = principals != NIL ? linitial(principals) : NULL;
	SelfRequest of = {request,.self = self};
	ErrorData  *error;

	if (self != NULL && (list_length(principals) > 1 || caller->unlimited || caller->principal == NULL ||
						 strcmp(caller->principal, self->name) != 0 ||
						 (request->verb == VERB_SHARE && request->rights != 0)))
		return false;
	of.rows = inherit_grant_rows(request->table, request->keys, ROW_UNLOCKED);
	if (self == NULL)
		return true;
	/* the entries are locked as if they were to be changed */
	error = relmeta_attempt_look(look_at_grants, &of);
	if (error != NULL)
		ReThrowError(error);
	return of.nothing;
}

/* Does what is asked for; the number of pairs (row, principal) whose stored rights changed. */
static int64
share_rows(ShareRequest *request)
{
	List	   *principals;
	RowSet	   *rows;
	GrantCaller *caller;
	Effects    *effects;
	Granting   *granting;
	const char *granted_by;
	ListCell   *lc;
	int64		count;

	principals = sharees(request);
	caller = inherit_grant_caller(request->table);
	if (changes_nothing(request, principals, caller))
	{
		/* as table_argument() took it */
		UnlockRelationOid(request->table->relid, RowExclusiveLock);
		return 0;
	}
	lock_sharees(principals);

	/*
	 * before any row is locked, that two first shares wait for each other
	 * here alone
	 */
	if (request->verb != VERB_UNSHARE && request->rights != 0 && inherit_grant_may_be_first(request->table, caller))
		access_entry_table_ensure(request->table);
	rows = inherit_grant_rows(request->table, request->keys, rows_gain_lock(request->table));
	/* whoever was waited for may have taken a team away */
	caller = inherit_grant_caller(request->table);
	granted_by = caller->principal != NULL ? caller->principal : GetUserNameFromId(GetUserId(), false);
	effects = inherit_effects_begin(true);
	granting = inherit_grant_begin(effects, request->table, rows->owners->keys);

	/*
	 * a row may gain and lose; it may get its grant and inherit from another
	 * row of the call
	 */
	effects->both = request->verb == VERB_MODIFY ||
		(request->keys->count > 1 && model_as_related(request->table) != NIL);
	for (int i = 0; i < rows->owners->keys->count; i++)
	{
		int32		rights = inherit_grant_caller_rights(granting, caller, rows, i);

		CHECK_FOR_INTERRUPTS();
		foreach(lc, principals)
			share_one(granting, request, rows, i, caller, rights, lfirst(lc), granted_by);
	}
	inherit_effects_run(effects);
	count = (int64) inherit_effects_count(effects);
	inherit_effects_end(effects);
	return count;
}

static Datum
share_row(FunctionCallInfo fcinfo, ShareVerb verb)
{
	ShareRequest request = {0};
	Datum		key;
	int64		count;

	relmeta_prevent_if_read_only(fcinfo);
	request.verb = verb;
	request.table = table_argument(fcinfo);
	relmeta_argument_required(fcinfo, 1);
	relmeta_argument_required(fcinfo, 2);
	request.rights = rights_argument(fcinfo, 3, verb);
	key = model_key_argument(fcinfo, 1, request.table);
	request.principals = list_make1(text_to_cstring(PG_GETARG_TEXT_PP(2)));

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	request.keys = rows_set_make(model_key_type(request.table));
	rows_set_add(request.keys, key);
	count = share_rows(&request);
	SPI_finish();
	PG_RETURN_INT64(count);
}

static Datum
share_many(FunctionCallInfo fcinfo, ShareVerb verb)
{
	ShareRequest request = {0};
	List	   *keys;
	ListCell   *lc;
	int64		count;

	relmeta_prevent_if_read_only(fcinfo);
	request.verb = verb;
	request.table = table_argument(fcinfo);
	keys = relmeta_argument_texts_required(fcinfo, 1);
	request.principals = relmeta_argument_texts_required(fcinfo, 2);
	request.rights = rights_argument(fcinfo, 3, verb);

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	request.keys = rows_set_make(model_key_type(request.table));
	foreach(lc, keys)
		rows_set_add(request.keys, model_key_input(request.table, lfirst(lc)));
	count = share_rows(&request);
	SPI_finish();
	PG_RETURN_INT64(count);
}

static Datum
share(PG_FUNCTION_ARGS)
{
	return share_row(fcinfo, VERB_SHARE);
}

Datum
relmeta_share(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, share);
}

static Datum
modify_one(PG_FUNCTION_ARGS)
{
	return share_row(fcinfo, VERB_MODIFY);
}

Datum
relmeta_modify_share(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, modify_one);
}

static Datum
unshare_one(PG_FUNCTION_ARGS)
{
	return share_row(fcinfo, VERB_UNSHARE);
}

Datum
relmeta_unshare(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, unshare_one);
}

static Datum
share_all(PG_FUNCTION_ARGS)
{
	return share_many(fcinfo, VERB_SHARE);
}

Datum
relmeta_share_many(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, share_all);
}

static Datum
unshare_all(PG_FUNCTION_ARGS)
{
	return share_many(fcinfo, VERB_UNSHARE);
}

Datum
relmeta_unshare_many(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, unshare_all);
}
