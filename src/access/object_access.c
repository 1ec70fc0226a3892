/*
 * object_access.c
 *		Entries as rows: what view relmeta.principal_object_access shows (SEMANTICS 2.5).
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/statement.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(relmeta_object_access);

/*
 * No casts to text: whoever owns a type may make one, and it would run as the
 * extension's owner.
 *
 *	SELECT e.object, e.principal,
 *		COALESCE(pg_catalog.bit_or(e.mask) FILTER (WHERE e.cause = 'd'), 0),
 *		COALESCE(pg_catalog.bit_or(e.mask) FILTER (WHERE e.cause <> 'd'), 0)
 *	FROM relmeta_access.t AS e [WHERE e.principal = ANY ($1)] GROUP BY e.object, e.principal
 */
static void
build_entries(StringInfo sql, ModelTable *table, bool all)
{
	ModelType  *principal = &table->principal;

	appendStringInfo(sql, "SELECT e.object, e.principal,"
					 " COALESCE(pg_catalog.bit_or(e.mask) FILTER"
					 " (WHERE e.cause OPERATOR(pg_catalog.=) 'd'::pg_catalog.\"char\"), 0),"
					 " COALESCE(pg_catalog.bit_or(e.mask) FILTER"
					 " (WHERE e.cause OPERATOR(pg_catalog.<>) 'd'::pg_catalog.\"char\"), 0) FROM %s AS e",
					 table->entry_sql);
	if (!all)
		appendStringInfo(sql, " WHERE e.principal %s ANY ($1%s)", principal->sql_eq, principal->sql_collate);
	appendStringInfoString(sql, " GROUP BY e.object, e.principal");
}

/* The principals of a list that are values of the table's principal type. */
static Datum
principals_array(ModelTable *table, List *principals)
{
	ModelType  *type = &table->principal;
	ArrayBuildState *state = initArrayResult(type->base_type, CurrentMemoryContext, false);
	ListCell   *lc;

	foreach(lc, principals)
	{
		Datum		value;

		if (model_principal_value(lfirst(lc), type, &value))
			state = accumArrayResult(state, value, false, type->base_type, CurrentMemoryContext);
	}
	return makeArrayResult(state, CurrentMemoryContext);
}

/* the name of an entry's principal, by hash of its text form */
typedef struct PrincipalName
{
	uint64		hash[2];
	char	   *name;
} PrincipalName;

static HTAB *
names_make(void)
{
	HASHCTL		ctl = {0};

	ctl.keysize = sizeof(((PrincipalName *) NULL)->hash);
	ctl.entrysize = sizeof(PrincipalName);
	ctl.hcxt = CurrentMemoryContext;
	return hash_create("relmeta principal names", 64, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/*
 * Its name as it was registered, which may be spelt otherwise than the type
 * does; the type's text where no principal has it.
 */
static char *
principal_name(HTAB *names, ModelTable *table, List *principals, Datum value)
{
	char	   *text = model_type_output(&table->principal, value);
	PrincipalName *entry;
	uint64		hash[2];
	bool		found;

	for (int i = 0; i < 2; i++)
		hash[i] = hash_bytes_extended((unsigned char *) text, (int) strlen(text), i);
	entry = hash_search(names, hash, HASH_ENTER, &found);
	if (found)
	{
		pfree(text);
		return entry->name;
	}
	entry->name = access_principal_among(table, principals, value);
	if (entry->name == NULL)
		entry->name = model_principal_named(&table->principal, value);
	if (entry->name == NULL)
		entry->name = text;

	return entry->name;
}

/* A table's entries: all of them, or those of the principals. */
static void
put_entries(ModelTable *table, List *principals, bool all, ReturnSetInfo *result)
{
	StringInfoData sql;
	Datum		array = all ? (Datum) 0 : principals_array(table, principals);
	Oid			type = table->principal.array_type;
	ActingAs	saved;
	int			spi;
	HTAB	   *names = names_make();

	initStringInfo(&sql);
	build_entries(&sql, table, all);
	saved = relmeta_act_begin_on(table->entry_relid, NoLock, ACT_RESTRICTED);
	spi = SPI_execute_with_args(sql.data, all ? 0 : 1, &type, &array, NULL, true, 0);
	relmeta_act_end(saved);
	if (spi != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args returned %s", SPI_result_code_string(spi));

	for (uint64 i = 0; i < SPI_processed; i++)
	{
		Datum		values[5];
		bool		nulls[5] = {false};

		for (int column = 1; column < 5; column++)
			values[column] = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, column, &nulls[column]);
		values[0] = ObjectIdGetDatum(table->relid);
		values[1] = CStringGetTextDatum(model_type_output(&table->key.type, values[1]));
		values[2] = CStringGetTextDatum(principal_name(names, table, principals, values[2]));
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	hash_destroy(names);
	SPI_freetuptable(SPI_tuptable);
}

/*
 * relmeta.object_access(relation)
 *
 * A table's entries for whom the caller is: one's own principals', where one may read the table; all for the table's
 * owner and those who bypass row-level security, unless they act for a principal.  One table at a time, so that a
 * condition of the view's reader on the table is one on relmeta's catalog, and no other table is read.
 *
 * Policies are not asked: they are everybody's code, who share a row with the
 * caller, and would run as him, who named no table.
 */
Datum
relmeta_object_access(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Model	   *model;
	ModelTable *table;
	List	   *principals;
	bool		all;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	principals = access_statement_principals(access_statement(fcinfo));

	/* entry tables that others have made are known */
	AcceptInvalidationMessages();
	model = model_current();
	table = model_table(model, PG_GETARG_OID(0));
	if (table == NULL || table->broken != NULL || !OidIsValid(table->entry_relid))
		return (Datum) 0;
	model_pin(model, CurrentMemoryContext);
	all = access_is_unlimited(table);
	if (access_entries_empty(table) || (!all && (principals == NIL || !access_may_select(table))))
		return (Datum) 0;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	access_entries_hold(table);
	put_entries(table, principals, all, result);
	SPI_finish();
	return (Datum) 0;
}
