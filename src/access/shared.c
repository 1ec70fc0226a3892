/*
 * shared.c
 *		With whom a row is shared, and what is shared with somebody (SEMANTICS 2.5).
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/motion.h"
#include "access/statement.h"
#include "attempt.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "model/key.h"
#include "model/names.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(relmeta_shared_principals);
PG_FUNCTION_INFO_V1(relmeta_shared_with);

/* Runs a read-only statement on a table as its owner, with the active snapshot. */
static void
run_on(Oid relid, const char *sql, int nargs, Oid *types, Datum *values)
{
	ActingAs	saved = relmeta_act_begin_on(relid, AccessShareLock, ACT_RESTRICTED);
	int			spi = SPI_execute_with_args(sql, nargs, types, values, NULL, true, 0);

	relmeta_act_end(saved);
	if (spi != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args returned %s", SPI_result_code_string(spi));
}

/* the two masks of a group of entries, direct and inherited */
#define SELECT_MASKS \
	"COALESCE(pg_catalog.bit_or(e.mask) FILTER" \
	" (WHERE e.cause OPERATOR(pg_catalog.=) 'd'::pg_catalog.\"char\"), 0)," \
	" COALESCE(pg_catalog.bit_or(e.mask) FILTER" \
	" (WHERE e.cause OPERATOR(pg_catalog.<>) 'd'::pg_catalog.\"char\"), 0)"

/*
 * Of a principal's entries on a row one at the most is direct, and says who granted it.
 *
 *	SELECT e.principal, <masks>, pg_catalog.max(e.granted_by), pg_catalog.max(e.granted_at)
 *	FROM relmeta_access.t AS e WHERE e.object = $1 GROUP BY e.principal ORDER BY e.principal
 */
static char *
shared_principals_sql(ModelTable *table)
{
	return psprintf("SELECT e.principal, " SELECT_MASKS ", pg_catalog.max(e.granted_by), pg_catalog.max(e.granted_at)"
					" FROM %s AS e WHERE %s GROUP BY e.principal ORDER BY e.principal",
					table->entry_sql, model_object_is(table, "e", "$1"));
}

static void
put_shared_principal(ModelTable *table, HeapTuple tuple, TupleDesc desc, List *own, bool all, ReturnSetInfo *result)
{
	Datum		values[6];
	bool		nulls[6] = {false};
	bool		isnull;
	const char *kind;
	Datum		principal = SPI_getbinval(tuple, desc, 1, &isnull);
	char	   *mine = access_principal_among(table, own, principal);
	char	   *name;

	if (mine == NULL && !all)
		return;
	name = mine != NULL ? mine : model_principal_named(model_principal(table), principal);
	kind = name != NULL ? model_principal_kind(name) : NULL;
	nulls[1] = kind == NULL;
	if (name == NULL)
		name = model_type_output(model_principal(table), principal);
	values[0] = CStringGetTextDatum(name);
	if (kind != NULL)
		values[1] = CStringGetTextDatum(kind);
	values[2] = PointerGetDatum(access_rights_array(DatumGetInt32(SPI_getbinval(tuple, desc, 2, &isnull))));
	values[3] = PointerGetDatum(access_rights_array(DatumGetInt32(SPI_getbinval(tuple, desc, 3, &isnull))));
	values[4] = SPI_getbinval(tuple, desc, 4, &nulls[4]);
	values[5] = SPI_getbinval(tuple, desc, 5, &nulls[5]);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* relmeta.shared_principals(relation, key) */
static Datum
shared_principals(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Model	   *model;
	ModelTable *table;
	Datum		key;
	Oid			type;
	List	   *own;
	bool		exists;
	bool		all;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return (Datum) 0;
	model = model_current();
	model_pin(model, CurrentMemoryContext);
	table = model_table_required(model, PG_GETARG_OID(0));
	key = model_key_argument(fcinfo, 1, table);
	if (!access_may_select(table))
		return (Datum) 0;
	own = access_statement_principals(access_statement(fcinfo));
	all = (access_effective(table, key, own, &exists) & access_statement_cap(fcinfo) & RIGHT_SHARE) != 0 ||
		access_is_unlimited(table);
	if (!exists || !access_entries_exist(table) || access_motion_hides(table, key) || !access_may_read(table, key))
		return (Datum) 0;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	access_entries_hold(table);
	type = model_key_param(table, false);
	run_on(table->entry_relid, shared_principals_sql(table), 1, &type, &key);
	for (uint64 i = 0; i < SPI_processed; i++)
		put_shared_principal(table, SPI_tuptable->vals[i], SPI_tuptable->tupdesc, own, all, result);
	SPI_finish();
	return (Datum) 0;
}

Datum
relmeta_shared_principals(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, shared_principals);
}

/* ---- shared_with ---- */

/* what one table's entries give to one principal */
typedef struct SharedRow
{
	int32		direct;
	int32		inherited;
	bool		hidden;
} SharedRow;

typedef struct SharedRows
{
	ModelTable *table;
	int			n;
	SharedRow  *rows;
	Datum	   *keys;			/* parallel to rows: statements get them as an
								 * array */
} SharedRows;

/*
 *	SELECT e.object, <masks> FROM relmeta_access.t AS e WHERE e.principal = $1 GROUP BY e.object ORDER BY e.object
 */
static SharedRows *
read_shared(ModelTable *table, Datum principal)
{
	SharedRows *rows = palloc0(sizeof(SharedRows));
	char	   *sql = psprintf("SELECT e.object, " SELECT_MASKS " FROM %s AS e WHERE e.principal %s $1%s"
							   " GROUP BY e.object ORDER BY e.object", table->entry_sql, model_principal(table)->sql_eq,
							   model_principal(table)->sql_collate);

	access_entries_hold(table);
	run_on(table->entry_relid, sql, 1, &model_principal(table)->base_type, &principal);
	rows->table = table;
	rows->n = (int) SPI_processed;
	rows->keys = palloc(Max(rows->n, 1) * sizeof(Datum));
	rows->rows = palloc0(Max(rows->n, 1) * sizeof(SharedRow));
	for (int i = 0; i < rows->n; i++)
	{
		bool		isnull;
		HeapTuple	tuple = SPI_tuptable->vals[i];
		TupleDesc	desc = SPI_tuptable->tupdesc;

		rows->keys[i] = model_key_copy(table, SPI_getbinval(tuple, desc, 1, &isnull));
		rows->rows[i].direct = DatumGetInt32(SPI_getbinval(tuple, desc, 2, &isnull));
		rows->rows[i].inherited = DatumGetInt32(SPI_getbinval(tuple, desc, 3, &isnull));
	}
	SPI_freetuptable(SPI_tuptable);
	return rows;
}

/*
 * A holder's entries on rows that it owns lie dormant, and what the principal that was asked for owns is not shared
 * with it, by whatever team: such rows are not listed.
 *
 *	SELECT k.number FROM s.t AS t, pg_catalog.unnest($1) WITH ORDINALITY AS k(key, number)
 *	WHERE t.id = k.key AND t.owner = $2
 */
static void
hide_owned(SharedRows *rows, const char *principal)
{
	ModelTable *table = rows->table;
	Oid			types[2] = {model_key_param(table, true), table->owner.type.base_type};
	Datum		values[2];
	char	   *sql;

	if (table->owner.name == NULL || !model_principal_cast(principal, &table->owner.type, &values[1]))
		return;
	sql = psprintf("SELECT k.number FROM %s AS t, pg_catalog.unnest($1) WITH ORDINALITY AS k(key, number)"
				   " WHERE %s AND t.%s %s $2%s", table->sql_name, model_key_is(table, "t", "k.key"),
				   table->owner.sql_name,
				   table->owner.type.sql_eq, table->owner.type.sql_collate);
	values[0] = model_key_array(table, rows->keys, rows->n);
	run_on(table->relid, sql, 2, types, values);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		bool		isnull;
		Datum		number = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull);

		rows->rows[DatumGetInt64(number) - 1].hidden = true;
	}
	SPI_freetuptable(SPI_tuptable);
}

/* Rows that the caller's policies hide stay hidden; false when they cannot be asked. */
static bool
hide_unreadable(SharedRows *rows, bool named)
{
	bool	   *readable = access_readable(rows->table, rows->keys, rows->n, named);

	for (int i = 0; i < rows->n && readable != NULL; i++)
		rows->rows[i].hidden |= !readable[i];
	return readable != NULL;
}

/* Who asks about another sees only rows on which he holds share. */
static void
hide_unshared(SharedRows *rows, List *own, int32 cap)
{
	for (int i = 0; i < rows->n; i++)
	{
		SharedRow  *row = &rows->rows[i];
		bool		exists;

		if (!row->hidden)
			row->hidden = (access_effective(rows->table, rows->keys[i], own, &exists) & cap & RIGHT_SHARE) == 0;
	}
}

/* cap: SEMANTICS 2.1, of what the current principal holds */
static void
put_shared(SharedRows *rows, const char *team, int32 cap, ReturnSetInfo *result)
{
	for (int i = 0; i < rows->n; i++)
	{
		SharedRow  *row = &rows->rows[i];
		Datum		values[5];
		bool		nulls[5] = {false};

		if (row->hidden || ((row->direct | row->inherited) & cap) == 0)
			continue;
		values[0] = ObjectIdGetDatum(rows->table->relid);
		values[1] = CStringGetTextDatum(model_key_output(rows->table, rows->keys[i]));
		values[2] = PointerGetDatum(access_rights_array(row->direct & cap));
		values[3] = PointerGetDatum(access_rights_array(row->inherited & cap));
		nulls[4] = team == NULL;
		if (team != NULL)
			values[4] = CStringGetTextDatum(team);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
}

/* Whose policies would run as the caller, who named no table: harmless.c. */
static void
tell_left_out(int tables)
{
	ereport(NOTICE,
			(errmsg_plural("rows of %d table with policies of its owner's are left out",
						   "rows of %d tables with policies of their owners' are left out", tables, tables),
			 errdetail("These policies would run as the current user."),
			 errhint("Call relmeta.shared_with(principal, relation) for a table whose owner you trust.")));
}

/* who is asked about, and by whom */
typedef struct Asked
{
	List	   *own;			/* char *: the caller's principals */
	List	   *holders;		/* char *: those asked about, teams included */
	bool		others;			/* they are not the caller's own */
	bool		one_table;		/* named by the caller */
	int32		cap;			/* of the answer */
	int32		callers_cap;
	ReturnSetInfo *result;
	ModelTable *table;			/* which is looked at */
	bool		left_out;		/* for its policies */
} Asked;

/*
 * shared_with()'s first argument, NULL: the caller.  With a table a name is one of its principals.  The cap of the
 * session holds for what is said of the caller himself.
 */
static void
read_asked(FunctionCallInfo fcinfo, Model *model, Asked *asked)
{
	char	   *name;

	memset(asked, 0, sizeof(Asked));
	asked->own = asked->holders = access_statement_principals(access_statement(fcinfo));
	asked->cap = asked->callers_cap = access_statement_cap(fcinfo);
	asked->one_table = !PG_ARGISNULL(1);
	if (PG_ARGISNULL(0))
	{
		if (asked->one_table)
			(void) model_table_required(model, PG_GETARG_OID(1));
		return;
	}
	name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	if (asked->one_table)
		name = access_named_principal(model_table_required(model, PG_GETARG_OID(1)), name);
	else
		name = model_principal_required(name);
	asked->others = !model_name_is_among(asked->own, name);
	asked->holders = model_principal_and_teams(name);
	if (asked->own == NIL || strcmp(name, linitial(asked->own)) != 0)
		asked->cap = ACCESS_NO_CAP;
}

/*
 * Of one table, whose locks the caller may give back.  Where its owner's policies would have to run its rows are left
 * out.
 */
static void
put_shared_of_table(void *arg)
{
	Asked	   *asked = arg;
	ModelTable *table = asked->table;
	ListCell   *lc;

	if (access_entries_empty(table))
		return;
	foreach(lc, asked->holders)
	{
		bool		is_team = lc != list_head(asked->holders);
		SharedRows *rows;
		Datum		principal;

		if (!model_principal_cast(lfirst(lc), model_principal(table), &principal))
			continue;
		rows = read_shared(table, principal);
		if (rows->n == 0)
			continue;
		/* an owner's entries lie dormant, and so do his team's for him */
		hide_owned(rows, lfirst(lc));
		if (is_team)
			hide_owned(rows, linitial(asked->holders));
		if (!hide_unreadable(rows, asked->one_table))
		{
			asked->left_out = true;
			return;
		}
		if (asked->others && !access_is_unlimited(table))
			hide_unshared(rows, asked->own, asked->callers_cap);
		put_shared(rows, is_team ? lfirst(lc) : NULL, asked->cap, asked->result);
	}
}

/*
 * What the code of a table's owner raises stops the answer about that table, where the caller has named it, and about
 * no other.
 */
static void
put_shared_if_possible(Asked *asked)
{
	ErrorData  *error;

	if (asked->one_table)
	{
		put_shared_of_table(asked);
		return;
	}
	error = relmeta_attempt_look(put_shared_of_table, asked);
	if (error != NULL)
		ereport(NOTICE,
				(errmsg("rows of table %s are left out: %s", asked->table->sql_name, error->message),
				 errhint("Call relmeta.shared_with(principal, relation) for a table by itself.")));
}

/* relmeta.shared_with(principal, relation) */
static Datum
shared_with(PG_FUNCTION_ARGS)
{
	Asked		asked;
	Model	   *model;
	int			left_out = 0;
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	/* entry tables that others have made are known */
	AcceptInvalidationMessages();
	model = model_current();
	model_pin(model, CurrentMemoryContext);
	read_asked(fcinfo, model, &asked);
	asked.result = (ReturnSetInfo *) fcinfo->resultinfo;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	foreach(lc, model_tables(model))
	{
		ModelTable *table = lfirst(lc);

		if ((asked.one_table && table->relid != PG_GETARG_OID(1)) || table->broken != NULL ||
			!access_may_select(table))
			continue;
		asked.table = table;
		asked.left_out = false;
		put_shared_if_possible(&asked);
		if (asked.left_out)
			left_out++;
	}
	SPI_finish();
	if (left_out > 0)
		tell_left_out(left_out);
	return (Datum) 0;
}

Datum
relmeta_shared_with(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, shared_with);
}
