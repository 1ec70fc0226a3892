/*
 * share.c
 *		share, modify_share, unshare and their many-row forms (SEMANTICS 2.5, 3.2, 3.3).
 *
 * Thin shells: read arguments, check the caller, set direct entries, run the effects.
 * The rows are locked first, in key order: two shares of one row wait for each
 * other, and children that are being attached are seen or wait.
 */
#include "relmeta.h"

#include "cascade/grant.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

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

static void
require_argument(FunctionCallInfo fcinfo, int argno, const char *name)
{
	if (PG_ARGISNULL(argno))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be null", name)));
}

static ModelTable *
table_argument(FunctionCallInfo fcinfo)
{
	Model	   *model;
	ModelTable *table;

	require_argument(fcinfo, 0, "relation");
	model = model_current();
	model_pin(model, CurrentMemoryContext);
	table = model_table_required(model, PG_GETARG_OID(0));
	if (!OidIsValid(table->entry_relid))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"%s\" has no entry table", get_rel_name(table->relid)),
				 errhint("Call relmeta.repair().")));
	return table;
}

/* Rights argument; NULL means all where the verb takes rights away, else it is refused. */
static int32
rights_argument(FunctionCallInfo fcinfo, int argno, ShareVerb verb)
{
	if (PG_ARGISNULL(argno) && verb == VERB_UNSHARE)
		return ~0;
	require_argument(fcinfo, argno, "rights");
	return access_rights_mask(PG_GETARG_ARRAYTYPE_P(argno));
}

static List *
texts(ArrayType *array, const char *name)
{
	Datum	   *values;
	bool	   *nulls;
	int			n;
	List	   *list = NIL;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("%s must not contain null", name)));
		list = lappend(list, TextDatumGetCString(values[i]));
	}
	return list;
}

/*
 * The row's own owner needs no grant (22023); taking one away that lies dormant
 * is all right.
 */
static void
check_not_owner(ModelTable *table, DatumSet *keys, Datum principal, const char *name)
{
	RowList    *owners = cascade_rows_owners(table, keys);
	Datum		values[2];
	bool		nulls[2];

	for (int64 row = 0; row < owners->nrows; row++)
	{
		cascade_rowlist_get(owners, row, values, nulls);
		if (!nulls[1] && model_type_equal(&table->principal, values[1], principal))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("principal \"%s\" owns the row", name),
					 errhint("An owner has every right already; share the row with somebody else.")));
	}
}

/*
 * SEMANTICS 2.5: to share or unshare, the caller must own the table, bypass
 * row-level security, or hold share on the row; as a principal it gives only
 * rights that it holds.  A principal may always unshare itself.
 */
static void
check_caller(ModelTable *table, GrantCaller *caller, const char *principal, int32 gained)
{
	if (caller->unlimited)
		return;
	if (gained == 0 && caller->principal != NULL && strcmp(caller->principal, principal) == 0)
		return;
	if ((caller->rights & RIGHT_SHARE) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to share a row of table \"%s\"", get_rel_name(table->relid)),
				 errhint("The current principal must hold the right share on the row.")));
	if ((gained & ~caller->rights) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to give rights that you do not hold on the row of table \"%s\"",
						get_rel_name(table->relid)),
				 errhint("Ask relmeta.principal_access() which rights you hold.")));
}

static void
share_one(Effects *effects, ShareRequest *request, Datum key, GrantCaller *caller, const char *name)
{
	ModelTable *table = request->table;
	Datum		principal;
	int32		had;
	int32		mask;

	if (!model_principal_cast(name, &table->principal, &principal))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("principal \"%s\" is no value of type %s, in which table \"%s\" names principals", name,
						table->principal.sql_name, get_rel_name(table->relid))));
	had = cascade_grant_direct(table, key, principal);
	mask = request->verb == VERB_SHARE ? had | request->rights :
		request->verb == VERB_MODIFY ? request->rights : had & ~request->rights;
	if (request->verb == VERB_SHARE || (mask & ~had) != 0)
	{
		DatumSet   *one = cascade_datumset_make(&table->key.type);

		cascade_datumset_add(one, key);
		check_not_owner(table, one, principal, name);
	}
	check_caller(table, caller, name, request->verb == VERB_SHARE ? request->rights : mask & ~had);
	cascade_grant_set(effects, table, key, principal, had, mask,
					  caller->principal != NULL ? caller->principal : GetUserNameFromId(GetUserId(), false));
}

/* Does what is asked for; the number of pairs (row, principal) whose stored rights changed. */
static int64
share_rows(ShareRequest *request)
{
	Effects    *effects;
	ListCell   *lc;
	int64		count;

	foreach(lc, request->principals)
		model_principal_required(lfirst(lc));
	for (int i = 0; i < request->keys->count; i++)
		cascade_grant_check_row(request->table, request->keys->values[i]);
	cascade_rows_lock(request->table, request->keys);

	effects = cascade_effects_begin(true);
	/* a row may get its grant and inherit from another row of the call */
	effects->both = request->verb == VERB_MODIFY || request->keys->count > 1;
	for (int i = 0; i < request->keys->count; i++)
	{
		GrantCaller caller = cascade_grant_caller(request->table, request->keys->values[i]);

		CHECK_FOR_INTERRUPTS();
		foreach(lc, request->principals)
			share_one(effects, request, request->keys->values[i], &caller, lfirst(lc));
	}
	cascade_effects_run(effects);
	count = (int64) cascade_effects_count(effects);
	cascade_effects_end(effects);
	return count;
}

static Datum
share_row(FunctionCallInfo fcinfo, ShareVerb verb)
{
	ShareRequest request = {0};
	Datum		key;
	int64		count;

	request.verb = verb;
	request.table = table_argument(fcinfo);
	require_argument(fcinfo, 1, "key");
	require_argument(fcinfo, 2, "principal");
	request.rights = rights_argument(fcinfo, 3, verb);
	key = model_key_argument(fcinfo, 1, request.table);
	request.principals = list_make1(text_to_cstring(PG_GETARG_TEXT_PP(2)));

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	request.keys = cascade_datumset_make(&request.table->key.type);
	cascade_datumset_add(request.keys, key);
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

	request.verb = verb;
	request.table = table_argument(fcinfo);
	require_argument(fcinfo, 1, "keys");
	require_argument(fcinfo, 2, "principals");
	request.rights = rights_argument(fcinfo, 3, verb);
	keys = texts(PG_GETARG_ARRAYTYPE_P(1), "keys");
	request.principals = texts(PG_GETARG_ARRAYTYPE_P(2), "principals");

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	request.keys = cascade_datumset_make(&request.table->key.type);
	foreach(lc, keys)
		cascade_datumset_add(request.keys, model_type_input(&request.table->key.type, lfirst(lc)));
	count = share_rows(&request);
	SPI_finish();
	PG_RETURN_INT64(count);
}

Datum
relmeta_share(PG_FUNCTION_ARGS)
{
	return share_row(fcinfo, VERB_SHARE);
}

Datum
relmeta_modify_share(PG_FUNCTION_ARGS)
{
	return share_row(fcinfo, VERB_MODIFY);
}

Datum
relmeta_unshare(PG_FUNCTION_ARGS)
{
	return share_row(fcinfo, VERB_UNSHARE);
}

Datum
relmeta_share_many(PG_FUNCTION_ARGS)
{
	return share_many(fcinfo, VERB_SHARE);
}

Datum
relmeta_unshare_many(PG_FUNCTION_ARGS)
{
	return share_many(fcinfo, VERB_UNSHARE);
}
