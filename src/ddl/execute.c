/*
 * execute.c
 *		Running statements: as the caller, as the extension's owner.
 *
 * MEMORY: results are in the caller's context; SPI is connected only within one call.
 */
#include "ddl/ddl.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "parser/parser.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

/*
 * Statements qualify what they can; IS DISTINCT FROM and casts in defaults
 * cannot, and must not find an operator of the user's.
 */
static int
search_path_pinned(void)
{
	int			level = NewGUCNestLevel();

	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	return level;
}

/* statements of ddl_run() and ddl_run_text() under way */
static int	running = 0;

bool
ddl_is_running(void)
{
	return running > 0;
}

static void
run_text(const char *sql)
{
	int			rc;

	running++;
	PG_TRY();
	{
		SPI_connect();
		rc = SPI_execute(sql, false, 0);
		if (rc < 0)
			elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(rc));
		SPI_finish();
	}
	PG_FINALLY();
	{
		running--;
	}
	PG_END_TRY();
}

void
ddl_run_text(const char *sql, const char *search_path)
{
	int			level = NewGUCNestLevel();

	if (search_path)
		(void) set_config_option("search_path", search_path, PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_SAVE, true, 0, false);
	run_text(sql);
	AtEOXact_GUC(true, level);
}

static char *format_sql(const char *format, va_list args) pg_attribute_printf(1, 0);

static char *
format_sql(const char *format, va_list args)
{
	StringInfoData sql;

	initStringInfo(&sql);
	for (;;)
	{
		va_list		copy;
		int			needed;

		va_copy(copy, args);
		needed = appendStringInfoVA(&sql, format, copy);
		va_end(copy);
		if (needed == 0)
			return sql.data;
		enlargeStringInfo(&sql, needed);
	}
}

/*
 * Without SECURITY_NOFORCE_RLS the check of a new foreign key would not see the
 * rows of a table that forces row-level security on its owner.
 */
static void
run_as(Oid userid, char *sql)
{
	int			level = search_path_pinned();
	ActingAs	saved = relmeta_act_begin(userid, userid == GetUserId() ? ACT_UNFORCED : ACT_RESTRICTED);

	run_text(sql);
	relmeta_act_end(saved);
	AtEOXact_GUC(true, level);
	pfree(sql);
}

void
ddl_run(const char *format,...)
{
	va_list		args;

	va_start(args, format);
	run_as(GetUserId(), format_sql(format, args));
	va_end(args);
}

void
ddl_run_on(Oid relid, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	run_as(OidIsValid(relid) ? relmeta_relation_owner(relid) : GetUserId(), format_sql(format, args));
	va_end(args);
}

uint64
ddl_catalog(const char *sql, int nargs, Oid *types, Datum *values, const char *nulls)
{
	ActingAs	saved;
	int			level;
	int			rc;
	uint64		processed;

	saved = relmeta_act_begin(relmeta_extension_owner(), ACT_RESTRICTED);
	level = search_path_pinned();

	SPI_connect();
	rc = SPI_execute_with_args(sql, nargs, types, values, nulls, false, 0);
	if (rc < 0)
		elog(ERROR, "SPI_execute_with_args failed: %s", SPI_result_code_string(rc));
	processed = SPI_processed;
	SPI_finish();

	AtEOXact_GUC(true, level);
	relmeta_act_end(saved);
	return processed;
}

/* SPI is connected. */
static void
query(ActingAs saved, const char *sql, int nargs, Oid *types, Datum *values)
{
	int			level = search_path_pinned();
	SPIPlanPtr	plan = SPI_prepare(sql, nargs, types);
	int			rc;

	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	rc = SPI_execute_snapshot(plan, values, NULL, GetLatestSnapshot(), InvalidSnapshot, true, false, 0);
	if (rc != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_snapshot failed: %s", SPI_result_code_string(rc));
	AtEOXact_GUC(true, level);
	relmeta_act_end(saved);
}

void
ddl_query_latest(const char *sql, int nargs, Oid *types, Datum *values)
{
	query(relmeta_act_begin(GetUserId(), ACT_UNFORCED), sql, nargs, types, values);
}

void
ddl_query_on(Oid relid, const char *sql, int nargs, Oid *types, Datum *values)
{
	query(relmeta_act_begin_on(relid, AccessShareLock, ACT_RESTRICTED), sql, nargs, types, values);
}

static bool
first_bool(void)
{
	bool		isnull;

	return DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
}

/* EXISTS stops at the first row, and tells the planner so. */
bool
ddl_rows_exist(const char *sql, int nargs, Oid *types, Datum *values)
{
	bool		found;

	SPI_connect();
	ddl_query_latest(psprintf("SELECT EXISTS (%s)", sql), nargs, types, values);
	found = first_bool();
	SPI_finish();
	return found;
}

bool
ddl_rows_exist_on(Oid relid, const char *sql)
{
	bool		found;

	SPI_connect();
	ddl_query_on(relid, psprintf("SELECT EXISTS (%s)", sql), 0, NULL, NULL);
	found = first_bool();
	SPI_finish();
	return found;
}

Model *
ddl_model(void)
{
	Model	   *model = model_current();

	model_pin(model, CurrentMemoryContext);
	return model;
}

char *
ddl_table_name(Oid relid)
{
	char	   *name = relmeta_relation_name(relid);

	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)), name);
}

char *
ddl_type_name(Oid type, int32 typmod)
{
	return format_type_extended(type, typmod, FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY);
}

char *
ddl_printed_literal(const char *value)
{
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfoChar(&buf, '\'');
	for (; *value != '\0'; value++)
	{
		if (SQL_STR_DOUBLE(*value, !standard_conforming_strings))
			appendStringInfoChar(&buf, *value);
		appendStringInfoChar(&buf, *value);
	}
	appendStringInfoChar(&buf, '\'');
	return buf.data;
}

char *
ddl_numbered_name(const char *base, int number)
{
	char	   *suffix = number > 0 ? psprintf("_%d", number) : "";
	int			room = NAMEDATALEN - 1 - strlen(suffix);

	return psprintf("%.*s%s", pg_mbcliplen(base, strlen(base), room), base, suffix);
}
