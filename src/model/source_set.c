/*
 * source_set.c
 *		A whole source at once: its rows' keys at registration, and what no row
 *		stands for any more.
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "model/internal.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/portal.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#define ROWS_AT_ONCE 10000

/* Names in, for a source's principals or its pairs. */
typedef void (*TakeNames) (Source *source, List *names, List *members);

/*
 * 42710 if one of the keys is not a principal of this source now, which it is
 * unless somebody else has the name.
 *
 *	SELECT k.name FROM pg_catalog.unnest($1) AS k(name) WHERE NOT EXISTS (
 *		SELECT FROM relmeta.principal AS p WHERE p.principal = k.name AND p.source = $2)
 */
static void
check_taken(Source *source, Datum names)
{
	Oid			types[2] = {TEXTARRAYOID, REGCLASSOID};
	Datum		values[2] = {names, ObjectIdGetDatum(source->relid)};
	char	   *other = model_query_first(relmeta_extension_owner(),
										  "SELECT k.name FROM pg_catalog.unnest($1) AS k(name) WHERE NOT EXISTS ("
										  "SELECT FROM relmeta.principal AS p"
										  " WHERE p.principal OPERATOR(pg_catalog.=) k.name"
										  " AND p.source OPERATOR(pg_catalog.=) $2)",
										  2, types, values);

	if (other != NULL)
		model_source_came(source, other);	/* complains, as for a single row */
}

static void
take_keys(Source *source, List *keys, List *unused)
{
	Datum		values[3];

	values[0] = model_text_array(keys);
	values[1] = CStringGetTextDatum(source->is_team ? "team" : "user");
	values[2] = ObjectIdGetDatum(source->relid);
	model_statement_run(STATEMENT_TAKE_PRINCIPALS, values, NULL);
	check_taken(source, values[0]);
}

/*
 * The first of names that is no principal of that kind; NULL when all are.
 *
 *	SELECT k.name FROM pg_catalog.unnest($1) AS k(name) WHERE NOT EXISTS (
 *		SELECT FROM relmeta.principal AS p WHERE p.principal = k.name AND p.kind = $2)
 */
static char *
first_not_of_kind(Datum names, bool is_team)
{
	Oid			types[2] = {TEXTARRAYOID, TEXTOID};
	Datum		values[2] = {names, CStringGetTextDatum(is_team ? "team" : "user")};

	return model_query_first(relmeta_extension_owner(),
							 "SELECT k.name FROM pg_catalog.unnest($1) AS k(name) WHERE NOT EXISTS ("
							 "SELECT FROM relmeta.principal AS p"
							 " WHERE p.principal OPERATOR(pg_catalog.=) k.name"
							 " AND p.kind OPERATOR(pg_catalog.=) $2)",
							 2, types, values);
}

static void
take_pairs(Source *source, List *teams, List *members)
{
	Datum		values[3];
	char	   *wrong;

	values[0] = model_text_array(teams);
	values[1] = model_text_array(members);
	values[2] = ObjectIdGetDatum(source->relid);
	wrong = first_not_of_kind(values[0], true);
	if (wrong != NULL)
		model_source_check_named(source, wrong, true);
	wrong = first_not_of_kind(values[1], false);
	if (wrong != NULL)
		model_source_check_named(source, wrong, false);
	model_statement_run(STATEMENT_ADD_MEMBERS, values, NULL);
}

/*
 * Hands the names in a source's rows over, some at a time.  As its owner, with
 * what is committed now.
 *
 *	SELECT t.id FROM s.users AS t
 *	SELECT t.team, t.member FROM s.members AS t WHERE t.team IS NOT NULL AND t.member IS NOT NULL
 */
static void
each_row(Source *source, TakeNames take)
{
	ModelColumn *first = source->is_memberships ? &source->team : &source->key;
	char	   *sql = source->is_memberships ?
		psprintf("SELECT t.%s, t.%s FROM %s AS t WHERE t.%s IS NOT NULL AND t.%s IS NOT NULL",
				 source->team.sql_name, source->member.sql_name, source->sql_name,
				 source->team.sql_name, source->member.sql_name) :
		psprintf("SELECT t.%s FROM %s AS t", source->key.sql_name, source->sql_name);
	MemoryContext outer = CurrentMemoryContext;
	MemoryContext batch = AllocSetContextCreate(outer, "relmeta source rows", ALLOCSET_DEFAULT_SIZES);
	Oid			saved_user;
	int			saved_context;
	SPIPlanPtr	plan;
	Portal		portal;

	GetUserIdAndSecContext(&saved_user, &saved_context);
	SetUserIdAndSecContext(source->relowner, saved_context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_NOFORCE_RLS);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	plan = SPI_prepare(sql, 0, NULL);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare returned %s for %s", SPI_result_code_string(SPI_result), sql);
	CommandCounterIncrement();
	PushActiveSnapshot(GetLatestSnapshot());
	portal = SPI_cursor_open(NULL, plan, NULL, NULL, true);
	PopActiveSnapshot();
	SetUserIdAndSecContext(saved_user, saved_context);

	for (;;)
	{
		List	   *names = NIL;
		List	   *members = NIL;

		SetUserIdAndSecContext(source->relowner,
							   saved_context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_NOFORCE_RLS);
		SPI_cursor_fetch(portal, true, ROWS_AT_ONCE);
		SetUserIdAndSecContext(saved_user, saved_context);
		if (SPI_processed == 0)
			break;
		MemoryContextSwitchTo(batch);
		for (uint64 i = 0; i < SPI_processed; i++)
		{
			bool		isnull;
			HeapTuple	row = SPI_tuptable->vals[i];

			names = lappend(names, model_source_text(first, SPI_getbinval(row, SPI_tuptable->tupdesc, 1, &isnull)));
			if (source->is_memberships)
				members = lappend(members, model_source_text(&source->member,
															 SPI_getbinval(row, SPI_tuptable->tupdesc, 2, &isnull)));
		}
		SPI_freetuptable(SPI_tuptable);
		take(source, names, members);
		MemoryContextReset(batch);
	}
	SPI_cursor_close(portal);
	SPI_finish();
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(batch);
}

/* What comes from the source by relmeta's catalog: names of its principals, or pairs. */
static void
known_names(Source *source, List **names, List **members)
{
	ModelCatalog catalog = source->is_memberships ? CATALOG_TEAM_MEMBER : CATALOG_PRINCIPAL;
	Relation	rel = table_open(model_catalog_relid(catalog), AccessShareLock);
	TupleDesc	desc = RelationGetDescr(rel);
	SysScanDesc scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		CHECK_FOR_INTERRUPTS();
		if (model_catalog_oid(tuple, desc, "source") != source->relid)
			continue;
		*names = lappend(*names, model_catalog_text(tuple, desc, source->is_memberships ? "team" : "principal"));
		if (source->is_memberships)
			*members = lappend(*members, model_catalog_text(tuple, desc, "member"));
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
}

/*
 * Drops the principals whose row is gone; 2BP01 if one of them owns rows.
 *
 *	SELECT k.name FROM pg_catalog.unnest($1) AS k(name)
 *	WHERE NOT EXISTS (SELECT FROM s.users AS t WHERE pg_catalog.format('%s', t.id) = k.name)
 */
static void
sweep_principals(Source *source)
{
	List	   *names = NIL;
	List	   *unused = NIL;
	List	   *gone;
	Oid			types[1] = {TEXTARRAYOID};
	Datum		values[1];

	known_names(source, &names, &unused);
	values[0] = model_text_array(names);
	gone = model_query(source->relowner,
					   psprintf("SELECT k.name FROM pg_catalog.unnest($1) AS k(name) WHERE NOT EXISTS ("
								"SELECT FROM %s AS t WHERE %s OPERATOR(pg_catalog.=) k.name)",
								source->sql_name, model_source_text_sql(&source->key)),
					   1, types, values, 0);
	if (gone != NIL)
		model_principals_drop(gone);
}

/*
 * Removes the memberships whose row is gone; n is their place in both arrays.
 *
 *	SELECT k.n FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) WITH ORDINALITY AS k(team, member, n)
 *	WHERE NOT EXISTS (SELECT FROM s.members AS t
 *		WHERE pg_catalog.format('%s', t.team) = k.team AND pg_catalog.format('%s', t.member) = k.member)
 */
static void
sweep_memberships(Source *source)
{
	List	   *teams = NIL;
	List	   *members = NIL;
	List	   *teams_gone = NIL;
	List	   *members_gone = NIL;
	StringInfoData sql;
	Oid			types[2] = {TEXTARRAYOID, TEXTARRAYOID};
	Datum		values[3];
	ListCell   *lc;

	known_names(source, &teams, &members);
	values[0] = model_text_array(teams);
	values[1] = model_text_array(members);
	values[2] = ObjectIdGetDatum(source->relid);
	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT k.n FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2))"
						   " WITH ORDINALITY AS k(team, member, n) WHERE true");
	foreach(lc, model_sources(list_make1_oid(source->relid), true))
	{
		Source	   *other = lfirst(lc);

		/* the table may give pairs by several pairs of columns */
		if (other->is_memberships)
			appendStringInfo(&sql, " AND NOT EXISTS (SELECT FROM %s AS t WHERE %s OPERATOR(pg_catalog.=) k.team"
							 " AND %s OPERATOR(pg_catalog.=) k.member)", source->sql_name,
							 model_source_text_sql(&other->team), model_source_text_sql(&other->member));
	}
	foreach(lc, model_query(source->relowner, sql.data, 2, types, values, 0))
	{
		int			n = atoi(lfirst(lc)) - 1;

		teams_gone = lappend(teams_gone, list_nth(teams, n));
		members_gone = lappend(members_gone, list_nth(members, n));
	}
	if (teams_gone == NIL)
		return;
	values[0] = model_text_array(teams_gone);
	values[1] = model_text_array(members_gone);
	model_statement_run(STATEMENT_REMOVE_MEMBERS, values, NULL);
}

void
model_source_sweep(Source *source)
{
	if (source->is_memberships)
		sweep_memberships(source);
	else
		sweep_principals(source);
}

/*
 * Brings principals, or memberships, and the rows of relid in step.  The caller
 * has recorded it as a source, made the triggers and keeps others from changing
 * the rows.
 */
void
model_source_fill(Oid relid)
{
	ListCell   *lc;

	foreach(lc, model_sources(list_make1_oid(relid), true))
	{
		Source	   *source = lfirst(lc);

		each_row(source, source->is_memberships ? take_pairs : take_keys);
		model_source_sweep(source);
	}
}

/* The table was dropped: its principals and memberships stay, as if made by hand. */
void
model_source_dropped(Oid relid)
{
	Datum		value = ObjectIdGetDatum(relid);

	if (model_statement_run(STATEMENT_FORGET_SOURCE, &value, NULL) == 0)
		return;
	model_statement_run(STATEMENT_FORGET_SOURCE_OF_PRINCIPALS, &value, NULL);
	model_statement_run(STATEMENT_FORGET_SOURCE_OF_MEMBERS, &value, NULL);
}

/* A column of the table was renamed: a memberships table is followed. */
void
model_source_column_renamed(Oid relid, const char *old_name, const char *new_name)
{
	NameData	old;
	NameData	new;
	Datum		values[3];

	namestrcpy(&old, old_name);
	namestrcpy(&new, new_name);
	values[0] = ObjectIdGetDatum(relid);
	values[1] = NameGetDatum(&old);
	values[2] = NameGetDatum(&new);
	model_statement_run(STATEMENT_RENAME_SOURCE_COLUMN, values, NULL);
}

/* Whether the table was given to register_principals or register_memberships. */
bool
model_is_source(Oid relid)
{
	Oid			types[1] = {REGCLASSOID};
	Datum		value = ObjectIdGetDatum(relid);

	return model_query_first(relmeta_extension_owner(),
							 "SELECT 'found' FROM relmeta.principal_source AS s"
							 " WHERE s.relation OPERATOR(pg_catalog.=) $1",
							 1, types, &value) != NULL;
}
