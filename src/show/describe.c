/*
 * describe.c
 *		relmeta.describe(): what \d is for a table, for its model (SEMANTICS 2.7).
 */
#include "show/describe.h"

#include "access/access.h"
#include "catalog/pg_type.h"
#include "ddl/verify/verify.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "model/key.h"
#include "show/diagram.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(relmeta_describe);

static void
put_line(ReturnSetInfo *result, const char *line)
{
	Datum		value = CStringGetTextDatum(line);
	bool		isnull = false;

	tuplestore_putvalues(result->setResult, result->setDesc, &value, &isnull);
}

/* A section, if there is one. */
static void
put_lines(ReturnSetInfo *result, List *lines)
{
	ListCell   *lc;

	foreach(lc, lines)
		put_line(result, lfirst(lc));
}

/* ---- the table itself ---- */

/* name type */
static char *
column(const ModelColumn *column)
{
	return psprintf("%s %s", quote_identifier(column->name), format_type_with_typemod(column->type.type,
																					  column->type.typmod));
}

static char *
key(ModelTable *table)
{
	ModelColumn *columns[MODEL_KEY_COLUMNS];
	int			n = model_columns_append(&table->key, columns);
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < n; i++)
		appendStringInfo(&list, "%s%s", i > 0 ? ", " : "", column(columns[i]));
	return list.data;
}

/* 'a', 'b' */
static char *
literals(char **texts, int n)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < n; i++)
		appendStringInfo(&list, "%s%s", i > 0 ? ", " : "", quote_literal_cstr(texts[i]));
	return list.data;
}

/* read, write */
static char *
rights(int32 mask)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; access_right_name(i); i++)
	{
		if (access_right_named(access_right_name(i)) & mask)
			appendStringInfo(&list, "%s%s", list.len ? ", " : "", access_right_name(i));
	}
	return list.data;
}

static void
put_access_control(ReturnSetInfo *result, ModelTable *table)
{
	const char *everyone = table->everyone ? psprintf("; everyone: %s", rights(table->everyone)) : "";

	if (!table->access_control)
		put_line(result, "Access control:  off");
	else
		put_line(result, psprintf("Access control:  on, %s%s", table->force_access_control ? "for its owner, too" :
								  "its owner and those who bypass row security are exempt", everyone));
}

static void
put_table(ReturnSetInfo *result, ModelTable *table)
{
	if (table->broken)
	{
		put_line(result, psprintf("Cannot be used:  %s", table->broken));
		return;
	}
	put_line(result, psprintf("Key:             %s", key(table)));
	put_line(result, table->owner.name ? psprintf("Owner:           %s%s", column(&table->owner), table->default_owner ?
												  ", by default the current principal" : "") :
			 "Owner:           none, its rows belong to the organization");
	if (table->state.name)
		put_line(result, psprintf("State:           %s, active: %s%s%s", column(&table->state),
								  literals(table->active_texts, table->nactive),
								  table->inactive_state ? ", inactive: " : "",
								  table->inactive_state ? quote_literal_cstr(table->inactive_state) : ""));
	else
		put_line(result, "State:           none, all its rows are active");
	put_access_control(result, table);
}

/* ---- jobs and problems ---- */

static const char *const jobs_sql =
"SELECT pg_catalog.format('    %s  %s of %s, %s: %s entries examined, %s rows revoked%s', job_id, kind,"
"         pg_catalog.quote_ident(relationship), state, rows_examined, rows_revoked,"
"         COALESCE('; ' OPERATOR(pg_catalog.||) last_error, ''))"
" FROM relmeta.jobs"
" WHERE relationship OPERATOR(pg_catalog.=) ANY ($1)"
"   AND state OPERATOR(pg_catalog.=) ANY (ARRAY['ready', 'running', 'paused', 'canceling', 'failed'])"
" ORDER BY job_id";

/* Of the table's relationships, those that have not ended or have failed. */
static List *
job_lines(ModelTable *table)
{
	MemoryContext cxt = CurrentMemoryContext;
	List	   *lines = NIL;
	Oid			type = TEXTARRAYOID;
	Datum		names = model_text_array(show_relationship_names(table));

	SPI_connect();
	ddl_query_latest(jobs_sql, 1, &type, &names);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		char	   *line = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);
		MemoryContext spi = MemoryContextSwitchTo(cxt);

		if (lines == NIL)
			lines = list_make1("Jobs:");
		lines = lappend(lines, pstrdup(line));
		MemoryContextSwitchTo(spi);
	}
	SPI_finish();
	return lines;
}

static List *
problem_lines(Oid relid)
{
	List	   *lines = NIL;
	ListCell   *lc;

	foreach(lc, ddl_verify_find_table(relid))
	{
		VerifyProblem *p = lfirst(lc);

		if (lines == NIL)
			lines = list_make1("Problems, and what mends them:");
		lines = lappend(lines, psprintf("    %s: %s", p->object, p->problem));
		lines = lappend(lines, psprintf("        %s", p->repair));
	}
	return lines;
}

/* relmeta.describe(relation) */
Datum
relmeta_describe(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Oid			relid = relmeta_argument_table(fcinfo, 0);
	Model	   *model = ddl_model();
	ModelTable *table = model_table(model, relid);

	if (!show_may_see(relid))
		aclcheck_error(ACLCHECK_NO_PRIV, get_relkind_objtype(get_rel_relkind(relid)), relmeta_relation_name(relid));
	if (table == NULL && (model_known(relid) & (KNOWN_INTERSECT | KNOWN_PARTICIPANT)) == 0)
		(void) model_table_required(model, relid);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);

	put_line(result, psprintf("%s \"%s.%s\"", table == NULL ? "Table, not registered," : table->is_system ?
							  "System table" : "Table", get_namespace_name(get_rel_namespace(relid)),
							  get_rel_name(relid)));
	if (table)
	{
		put_table(result, table);
		put_lines(result, show_describe_one_to_many(table));
		put_lines(result, show_describe_many_to_one(table));
	}
	put_lines(result, show_describe_many_to_many(model, relid));
	if (table)
	{
		put_lines(result, show_describe_mappings(table));
		put_lines(result, show_describe_menus(relid));
		put_lines(result, show_describe_automations(relid));
		put_lines(result, show_describe_roles(relid));
		put_lines(result, job_lines(table));
	}
	put_lines(result, problem_lines(relid));
	return (Datum) 0;
}
