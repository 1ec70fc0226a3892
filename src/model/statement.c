/*
 * statement.c
 *		The statements that write relmeta's principals, and the one kind of query
 *		on users' rows that the model makes.
 *
 * Catalog statements run as the extension's owner, with kept plans: they are
 * fixed texts without any name of the user's.  Queries on a user's table run as
 * that table's owner, unhindered by row-level security.  Both are restricted
 * (ACT_RESTRICTED), and see all that was committed or done by this session until now, at every isolation
 * level: what is decided by the latest state must be done to the latest state.
 */
#include "relmeta.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "model/internal.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

#define MAX_ARGS 5

typedef struct Statement
{
	const char *sql;
	int			nargs;
	Oid			types[MAX_ARGS];
	SPIPlanPtr	plan;			/* kept from first use on */
} Statement;

static Statement statements[] = {
	[STATEMENT_CREATE_PRINCIPAL] = {
		"INSERT INTO relmeta.principal (principal, kind) VALUES ($1, $2) ON CONFLICT DO NOTHING",
		2, {TEXTOID, TEXTOID}
	},
	[STATEMENT_GIVE_ROLE] = {
		"INSERT INTO relmeta.principal_role (principal, role) VALUES ($1, $2) ON CONFLICT DO NOTHING",
		2, {TEXTOID, REGROLEOID}
	},

	/*
	 * at registration of a table, its keys: what an administrator made by
	 * hand is taken over, roles and all
	 */
	[STATEMENT_TAKE_PRINCIPALS] = {
		"INSERT INTO relmeta.principal AS p (principal, kind, source)"
		" SELECT DISTINCT k.name, $2, $3 FROM pg_catalog.unnest($1) AS k(name)"
		" ON CONFLICT (principal) DO UPDATE SET source = EXCLUDED.source"
		" WHERE p.kind OPERATOR(pg_catalog.=) EXCLUDED.kind"
		" AND NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid OPERATOR(pg_catalog.=) p.source)",
		3, {TEXTARRAYOID, TEXTOID, REGCLASSOID}
	},
	[STATEMENT_CREATE_PRINCIPALS] = {
		"INSERT INTO relmeta.principal (principal, kind, source)"
		" SELECT DISTINCT k.name, $2, $3 FROM pg_catalog.unnest($1) AS k(name) ON CONFLICT DO NOTHING",
		3, {TEXTARRAYOID, TEXTOID, REGCLASSOID}
	},

	/*
	 * nobody drops them before we commit; in order, so that two who do wait
	 * for each other
	 */
	[STATEMENT_LOCK_PRINCIPALS] = {
		"SELECT FROM relmeta.principal AS p WHERE p.principal OPERATOR(pg_catalog.=) ANY ($1)"
		" OR p.principal OPERATOR(pg_catalog.=) ANY ($2) ORDER BY p.principal FOR KEY SHARE",
		2, {TEXTARRAYOID, TEXTARRAYOID}
	},
	[STATEMENT_DROP_PRINCIPALS] = {
		"DELETE FROM relmeta.principal AS p WHERE p.principal OPERATOR(pg_catalog.=) ANY ($1)",
		1, {TEXTARRAYOID}
	},
	[STATEMENT_RENEW_PRINCIPALS] = {
		"UPDATE relmeta.principal AS p SET source = p.source WHERE p.principal OPERATOR(pg_catalog.=) ANY ($1)",
		1, {TEXTARRAYOID}
	},
	[STATEMENT_REMOVE_ROLES] = {
		"DELETE FROM relmeta.principal_role AS r WHERE r.principal OPERATOR(pg_catalog.=) ANY ($1)",
		1, {TEXTARRAYOID}
	},
	/* what a table says stays as long as a row of it says so */
	[STATEMENT_REMOVE_MADE_MEMBERS] = {
		"DELETE FROM relmeta.team_member AS m WHERE (m.team OPERATOR(pg_catalog.=) ANY ($1)"
		" OR m.member OPERATOR(pg_catalog.=) ANY ($1))"
		" AND NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid OPERATOR(pg_catalog.=) m.source)",
		1, {TEXTARRAYOID}
	},
	[STATEMENT_ADD_VALUE] = {
		"INSERT INTO relmeta.principal_value (type, collation_name, value, principal) VALUES ($1, $2, $3, $4)"
		" ON CONFLICT DO NOTHING",
		4, {REGTYPEOID, TEXTOID, TEXTOID, TEXTOID}
	},

	/* in order, so that two who do the same wait for each other */
	[STATEMENT_ADD_VALUES] = {
		"INSERT INTO relmeta.principal_value (type, collation_name, value, principal)"
		" SELECT k.type, k.collation_name, k.value, k.principal FROM ROWS FROM (pg_catalog.unnest($1),"
		" pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4))"
		" AS k(type, collation_name, value, principal)"
		" ORDER BY k.type, k.collation_name COLLATE \"C\", k.value COLLATE \"C\" ON CONFLICT DO NOTHING",
		4, {REGTYPEARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID}
	},
	[STATEMENT_TAKE_VALUE] = {
		"UPDATE relmeta.principal_value AS v SET principal = $4 WHERE v.type OPERATOR(pg_catalog.=) $1"
		" AND v.collation_name OPERATOR(pg_catalog.=) $2 AND v.value OPERATOR(pg_catalog.=) $3"
		" AND v.alias OPERATOR(pg_catalog.=) '' AND v.principal OPERATOR(pg_catalog.=) $5",
		5, {REGTYPEOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID}
	},
	[STATEMENT_ADD_ALIAS] = {
		"INSERT INTO relmeta.principal_value (type, collation_name, value, principal, alias)"
		" VALUES ($1, $2, $3, $4, $4) ON CONFLICT DO NOTHING",
		4, {REGTYPEOID, TEXTOID, TEXTOID, TEXTOID}
	},
	[STATEMENT_MAKE_ALIAS] = {
		"UPDATE relmeta.principal_value AS v SET alias = $4 WHERE v.type OPERATOR(pg_catalog.=) $1"
		" AND v.collation_name OPERATOR(pg_catalog.=) $2 AND v.value OPERATOR(pg_catalog.=) $3"
		" AND v.alias OPERATOR(pg_catalog.=) '' AND v.principal OPERATOR(pg_catalog.=) $4",
		4, {REGTYPEOID, TEXTOID, TEXTOID, TEXTOID}
	},
	[STATEMENT_REMOVE_VALUES] = {
		"DELETE FROM relmeta.principal_value AS v USING ROWS FROM (pg_catalog.unnest($1),"
		" pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4))"
		" AS k(type, collation_name, value, principal)"
		" WHERE v.type OPERATOR(pg_catalog.=) k.type AND v.collation_name OPERATOR(pg_catalog.=) k.collation_name"
		" AND v.value OPERATOR(pg_catalog.=) k.value AND v.principal OPERATOR(pg_catalog.=) k.principal",
		4, {REGTYPEARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID}
	},
	/* of those that are left with a value, one has it from now on */
	[STATEMENT_PROMOTE_ALIASES] = {
		"UPDATE relmeta.principal_value AS v SET alias = ''"
		" FROM (SELECT a.type, a.collation_name, a.value, pg_catalog.min(a.alias) AS alias"
		" FROM relmeta.principal_value AS a, ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2),"
		" pg_catalog.unnest($3)) AS k(type, collation_name, value)"
		" WHERE a.alias OPERATOR(pg_catalog.<>) '' AND a.type OPERATOR(pg_catalog.=) k.type"
		" AND a.collation_name OPERATOR(pg_catalog.=) k.collation_name AND a.value OPERATOR(pg_catalog.=) k.value"
		" GROUP BY 1, 2, 3) AS k"
		" WHERE v.type OPERATOR(pg_catalog.=) k.type AND v.collation_name OPERATOR(pg_catalog.=) k.collation_name"
		" AND v.value OPERATOR(pg_catalog.=) k.value AND v.alias OPERATOR(pg_catalog.=) k.alias"
		" AND NOT EXISTS (SELECT FROM relmeta.principal_value AS o WHERE o.type OPERATOR(pg_catalog.=) k.type"
		" AND o.collation_name OPERATOR(pg_catalog.=) k.collation_name AND o.value OPERATOR(pg_catalog.=) k.value"
		" AND o.alias OPERATOR(pg_catalog.=) '')",
		3, {REGTYPEARRAYOID, TEXTARRAYOID, TEXTARRAYOID}
	},
	[STATEMENT_ADD_VALUE_TYPE] = {
		"INSERT INTO relmeta.principal_type (type, collation_name) VALUES ($1, $2) ON CONFLICT DO NOTHING",
		2, {REGTYPEOID, TEXTOID}
	},
	/* the table is gone: its principals and memberships stand on their own */
	[STATEMENT_FORGET_SOURCE] = {
		"DELETE FROM relmeta.principal_source AS s WHERE s.relation OPERATOR(pg_catalog.=) $1",
		1, {REGCLASSOID}
	},
	[STATEMENT_FORGET_SOURCE_OF_PRINCIPALS] = {
		"UPDATE relmeta.principal AS p SET source = NULL WHERE p.source OPERATOR(pg_catalog.=) $1",
		1, {REGCLASSOID}
	},
	[STATEMENT_RENAME_SOURCE_COLUMN] = {
		"UPDATE relmeta.principal_source AS s SET"
		" team_column = CASE WHEN s.team_column OPERATOR(pg_catalog.=) $2 THEN $3 ELSE s.team_column END,"
		" member_column = CASE WHEN s.member_column OPERATOR(pg_catalog.=) $2 THEN $3 ELSE s.member_column END"
		" WHERE s.relation OPERATOR(pg_catalog.=) $1"
		" AND (s.team_column OPERATOR(pg_catalog.=) $2 OR s.member_column OPERATOR(pg_catalog.=) $2)",
		3, {REGCLASSOID, NAMEOID, NAMEOID}
	},
	[STATEMENT_ADD_MEMBER] = {
		"INSERT INTO relmeta.team_member (team, member, source) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
		3, {TEXTOID, TEXTOID, REGCLASSOID}
	},

	/*
	 * pairs of a table, each given once: made, in order; held, against who
	 * ends them; locked by who may end them, see source_pair.c
	 */
	[STATEMENT_ADD_MEMBERS] = {
		"INSERT INTO relmeta.team_member (team, member, source) SELECT k.team, k.member, $3"
		" FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS k(team, member)"
		" ORDER BY k.team COLLATE \"C\", k.member COLLATE \"C\" ON CONFLICT DO NOTHING",
		3, {TEXTARRAYOID, TEXTARRAYOID, REGCLASSOID}
	},
	[STATEMENT_HOLD_MEMBERS] = {
		"SELECT FROM relmeta.team_member AS m"
		" JOIN ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS k(team, member)"
		" ON m.team OPERATOR(pg_catalog.=) k.team AND m.member OPERATOR(pg_catalog.=) k.member"
		" WHERE m.source OPERATOR(pg_catalog.=) $3 ORDER BY m.team, m.member FOR KEY SHARE OF m",
		3, {TEXTARRAYOID, TEXTARRAYOID, REGCLASSOID}
	},
	[STATEMENT_LOCK_MEMBERS] = {
		"SELECT FROM relmeta.team_member AS m"
		" JOIN ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS k(team, member)"
		" ON m.team OPERATOR(pg_catalog.=) k.team AND m.member OPERATOR(pg_catalog.=) k.member"
		" WHERE m.source OPERATOR(pg_catalog.=) $3 ORDER BY m.team, m.member FOR UPDATE OF m",
		3, {TEXTARRAYOID, TEXTARRAYOID, REGCLASSOID}
	},

	/*
	 * made by hand, those that count; without their principals they would
	 * count for whoever comes
	 */
	[STATEMENT_KEEP_MEMBERS] = {
		"INSERT INTO relmeta.team_member (team, member) SELECT k.team, k.member"
		" FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS k(team, member)"
		" WHERE EXISTS (SELECT FROM relmeta.principal AS p WHERE p.principal OPERATOR(pg_catalog.=) k.team"
		" AND p.kind OPERATOR(pg_catalog.=) 'team')"
		" AND EXISTS (SELECT FROM relmeta.principal AS p WHERE p.principal OPERATOR(pg_catalog.=) k.member"
		" AND p.kind OPERATOR(pg_catalog.=) 'user')"
		" ORDER BY k.team COLLATE \"C\", k.member COLLATE \"C\" ON CONFLICT DO NOTHING",
		2, {TEXTARRAYOID, TEXTARRAYOID}
	},
	[STATEMENT_REMOVE_MEMBER] = {
		"DELETE FROM relmeta.team_member AS m WHERE m.team OPERATOR(pg_catalog.=) $1"
		" AND m.member OPERATOR(pg_catalog.=) $2"
		" AND NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid OPERATOR(pg_catalog.=) m.source)",
		2, {TEXTOID, TEXTOID}
	},
	[STATEMENT_REMOVE_MEMBERS] = {
		"DELETE FROM relmeta.team_member AS m"
		" USING ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS k(team, member)"
		" WHERE m.team OPERATOR(pg_catalog.=) k.team AND m.member OPERATOR(pg_catalog.=) k.member"
		" AND m.source OPERATOR(pg_catalog.=) $3",
		3, {TEXTARRAYOID, TEXTARRAYOID, REGCLASSOID}
	},
};

/*
 * Runs one of them and returns the number of rows.  nulls as for
 * SPI_execute_plan, NULL for none.
 */
uint64
model_statement_run(ModelStatement which, Datum *values, const char *nulls)
{
	Statement  *statement = &statements[which];
	ActingAs	saved;
	int			result;
	uint64		processed;

	saved = relmeta_act_begin(relmeta_extension_owner(), ACT_RESTRICTED);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (statement->plan == NULL)
	{
		SPIPlanPtr	plan = SPI_prepare(statement->sql, statement->nargs, statement->types);

		if (plan == NULL)
			elog(ERROR, "SPI_prepare returned %s for %s", SPI_result_code_string(SPI_result), statement->sql);
		SPI_keepplan(plan);
		statement->plan = plan;
	}
	CommandCounterIncrement();
	result = SPI_execute_snapshot(statement->plan, values, nulls, GetLatestSnapshot(), InvalidSnapshot,
								  false, true, 0);
	if (result < 0)
		elog(ERROR, "SPI_execute_snapshot returned %s for %s", SPI_result_code_string(result), statement->sql);
	CommandCounterIncrement();
	processed = SPI_processed;
	SPI_finish();
	relmeta_act_end(saved);
	return processed;
}

/*
 * The first column, as text (char *, in the caller's context), of the first
 * limit rows (0: all) that a query on a user's table relid gives, as its owner;
 * InvalidOid: on relmeta's own tables, as the extension's.
 */
List *
model_query(Oid relid, const char *sql, int nargs, Oid *types, Datum *values, long limit)
{
	MemoryContext outer = CurrentMemoryContext;
	ActingAs	saved;
	SPIPlanPtr	plan;
	int			result;
	List	   *rows = NIL;

	saved = OidIsValid(relid) ? relmeta_act_begin_on(relid, AccessShareLock, ACT_RESTRICTED) :
		relmeta_act_begin(relmeta_extension_owner(), ACT_RESTRICTED);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	plan = SPI_prepare(sql, nargs, types);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare returned %s for %s", SPI_result_code_string(SPI_result), sql);

	/* in a trigger: the rows of the statement that fired it */
	CommandCounterIncrement();
	result = SPI_execute_snapshot(plan, values, NULL, GetLatestSnapshot(), InvalidSnapshot, true, false, limit);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_snapshot returned %s for %s", SPI_result_code_string(result), sql);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		char	   *value = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);
		MemoryContext inner = MemoryContextSwitchTo(outer);

		rows = lappend(rows, pstrdup(value ? value : ""));
		MemoryContextSwitchTo(inner);
		if (value)
			pfree(value);
	}
	SPI_finish();
	relmeta_act_end(saved);
	return rows;
}

/* The first of them; NULL when there is none. */
char *
model_query_first(Oid relid, const char *sql, int nargs, Oid *types, Datum *values)
{
	List	   *rows = model_query(relid, sql, nargs, types, values, 1);

	return rows ? linitial(rows) : NULL;
}

/* char * to text[] */
Datum
model_text_array(List *texts)
{
	Datum	   *elems = palloc((list_length(texts) + 1) * sizeof(Datum));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, texts)
		elems[n++] = CStringGetTextDatum(lfirst(lc));
	return PointerGetDatum(construct_array(elems, n, TEXTOID, -1, false, TYPALIGN_INT));
}
