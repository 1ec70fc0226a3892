/*
 * source_said.c
 *		Whether the rows of a source say what is recorded of them.
 */
#include "relmeta.h"

#include "catalog/pg_type.h"
#include "model/internal.h"
#include "model/source.h"
#include "utils/array.h"
#include "utils/builtins.h"

/* The values of names in a column's type, as an array; NULL for one that is none. */
static Datum
typed_array(ModelColumn *column, List *names)
{
	ModelType  *type = &column->type;
	ArrayBuildState *state = initArrayResult(type->base_type, CurrentMemoryContext, false);
	ListCell   *lc;

	foreach(lc, names)
	{
		Datum		value = (Datum) 0;
		bool		isnull = !model_type_input_safe(type, lfirst(lc), &value);

		state = accumArrayResult(state, value, isnull, type->base_type, CurrentMemoryContext);
	}
	return makeArrayResult(state, CurrentMemoryContext);
}

/* t.id = k.key AND pg_catalog.format('%s', t.id) = k.name: for an index to find it, and its spelling to agree */
static void
append_match(StringInfo sql, ModelColumn *column, const char *value, const char *name)
{
	appendStringInfo(sql, "t.%s%s %s %s AND %s OPERATOR(pg_catalog.=) %s",
					 column->sql_name, column->type.sql_collate, column->type.sql_eq, value,
					 model_source_text_sql(column), name);
}

/*
 * Those of names (for memberships, pairs) that no row of the source says now:
 * their places.
 *
 *	SELECT k.n FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) WITH ORDINALITY AS k(name, value, n)
 *	WHERE NOT EXISTS (SELECT FROM s.users AS t WHERE t.id = k.value AND pg_catalog.format('%s', t.id) = k.name)
 *
 *	SELECT k.n FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2),
 *			pg_catalog.unnest($3), pg_catalog.unnest($4)) WITH ORDINALITY AS k(name, value, name2, value2, n)
 *	WHERE NOT EXISTS (SELECT FROM s.members AS t WHERE t.team = k.value AND ... AND t.member = k.value2 AND ...)
 */
List *
model_source_places_gone(Source *source, List *names, List *members)
{
	ModelColumn *column = source->is_memberships ? &source->team : &source->key;
	Oid			types[4] = {TEXTARRAYOID, column->type.array_type, TEXTARRAYOID, source->member.type.array_type};
	Datum		values[4];
	StringInfoData sql;

	initStringInfo(&sql);
	values[0] = model_text_array(names);
	values[1] = typed_array(column, names);
	appendStringInfoString(&sql, "SELECT k.n FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)");
	if (source->is_memberships)
	{
		values[2] = model_text_array(members);
		values[3] = typed_array(&source->member, members);
		appendStringInfoString(&sql, ", pg_catalog.unnest($3), pg_catalog.unnest($4)");
	}
	appendStringInfo(&sql, ") WITH ORDINALITY AS k(name, value%s, n) WHERE NOT EXISTS (SELECT FROM %s AS t WHERE ",
					 source->is_memberships ? ", name2, value2" : "", source->sql_name);
	append_match(&sql, column, "k.value", "k.name");
	if (source->is_memberships)
	{
		appendStringInfoString(&sql, " AND ");
		append_match(&sql, &source->member, "k.value2", "k.name2");
	}
	appendStringInfoChar(&sql, ')');
	return model_query(source->relid, sql.data, source->is_memberships ? 4 : 2, types, values, 0);
}

/* ---- all of it, for verify() and ALTER TABLE ---- */

/* The text of t.column, to be compared with relmeta's names. */
static char *
name_sql(ModelColumn *column)
{
	return psprintf("(%s COLLATE \"C\")", model_source_text_sql(column));
}

/* t.team = m.team AND t.member = m.member, as texts */
static char *
pair_sql(Source *source)
{
	return psprintf("m.team OPERATOR(pg_catalog.=) %s AND m.member OPERATOR(pg_catalog.=) %s",
					name_sql(&source->team), name_sql(&source->member));
}

/*
 * SELECT pg_catalog.concat(pg_catalog.count(*), ' ', pg_catalog.min(<example>)) FROM <from>, as the table's owner; adds
 * to what was counted.  $1 in it is the table.
 */
static void
count(SourceCount *counted, Oid relid, const char *example, const char *from)
{
	Oid			type = REGCLASSOID;
	Datum		value = ObjectIdGetDatum(relid);
	char	   *sql = psprintf("SELECT pg_catalog.concat(pg_catalog.count(*), ' ', pg_catalog.min(%s)) FROM %s",
							   example, from);
	char	   *result = model_query_first(relid, sql, 1, &type, &value);
	char	   *end;
	int64		n = strtoll(result, &end, 10);

	if (n > 0 && counted->count == 0)
		counted->example = end + 1;
	counted->count += n;
}

#define OF_PAIR(team, member) "pg_catalog.concat('\"', " member ", '\" in \"', " team ", '\"') COLLATE \"C\""

/*
 * Keys.
 *
 *	relmeta.principal AS p WHERE p.source = $1
 *		AND NOT EXISTS (SELECT FROM s.users AS t WHERE p.principal = (format('%s', t.id) COLLATE "C"))
 *	s.users AS t WHERE NOT EXISTS (SELECT FROM relmeta.principal AS p
 *		WHERE p.source = $1 AND p.principal = (format('%s', t.id) COLLATE "C"))
 */
static void
count_keys(Source *source, SourceCount *counts)
{
	char	   *key = name_sql(&source->key);

	count(&counts[DRIFT_PRINCIPAL], source->relid, "pg_catalog.concat('\"', p.principal, '\"') COLLATE \"C\"",
		  psprintf("relmeta.principal AS p WHERE p.source OPERATOR(pg_catalog.=) $1 AND NOT EXISTS"
				   " (SELECT FROM %s AS t WHERE p.principal OPERATOR(pg_catalog.=) %s)", source->sql_name, key));
	count(&counts[DRIFT_KEY], source->relid, psprintf("pg_catalog.concat('\"', %s, '\"') COLLATE \"C\"", key),
		  psprintf("%s AS t WHERE NOT EXISTS (SELECT FROM relmeta.principal AS p"
				   " WHERE p.source OPERATOR(pg_catalog.=) $1 AND p.principal OPERATOR(pg_catalog.=) %s)",
				   source->sql_name, key));
}

/*
 * Pairs in rows that are not recorded.
 *
 *	s.members AS t WHERE t.team IS NOT NULL AND t.member IS NOT NULL
 *		AND NOT EXISTS (SELECT FROM relmeta.team_member AS m
 *		WHERE m.source = $1 AND m.team = (format('%s', t.team) COLLATE "C") AND m.member = ...)
 */
static void
count_pairs(Source *source, SourceCount *counts)
{
	count(&counts[DRIFT_PAIR], source->relid, psprintf(OF_PAIR("%s", "%s"), name_sql(&source->member),
													   name_sql(&source->team)),
		  psprintf("%s AS t WHERE t.%s IS NOT NULL AND t.%s IS NOT NULL AND NOT EXISTS"
				   " (SELECT FROM relmeta.team_member AS m WHERE m.source OPERATOR(pg_catalog.=) $1 AND %s)",
				   source->sql_name, source->team.sql_name, source->member.sql_name, pair_sql(source)));
}

#define NAMES_ONE(column, kind) \
	"EXISTS (SELECT FROM relmeta.principal AS p WHERE p.principal OPERATOR(pg_catalog.=) m." column \
	" AND p.kind OPERATOR(pg_catalog.=) '" kind "')"

/*
 * Recorded pairs; unsaid: AND NOT EXISTS (SELECT FROM s.members AS t WHERE m.team = (format('%s', t.team) COLLATE "C")
 * AND m.member = ...), of each pair of columns.
 *
 *	relmeta.team_member AS m WHERE m.source = $1 <unsaid>
 *	relmeta.team_member AS m WHERE m.source = $1
 *		AND NOT (EXISTS (SELECT FROM relmeta.principal AS p WHERE p.principal = m.team AND p.kind = 'team') AND ...)
 */
static void
count_memberships(Oid relid, const char *unsaid, SourceCount *counts)
{
	static const char *const recorded = "relmeta.team_member AS m WHERE m.source OPERATOR(pg_catalog.=) $1";

	count(&counts[DRIFT_MEMBERSHIP], relid, OF_PAIR("m.team", "m.member"), psprintf("%s%s", recorded, unsaid));
	count(&counts[DRIFT_NOBODY], relid, OF_PAIR("m.team", "m.member"),
		  psprintf("%s AND NOT (" NAMES_ONE("team", "team") " AND " NAMES_ONE("member", "user") ")", recorded));
}

void
model_source_drift(Oid relid, SourceCount *counts)
{
	StringInfoData unsaid;
	bool		says_pairs = false;
	ListCell   *lc;

	initStringInfo(&unsaid);
	memset(counts, 0, DRIFT_KINDS * sizeof(SourceCount));
	foreach(lc, model_sources(list_make1_oid(relid), true))
	{
		Source	   *source = lfirst(lc);

		if (!source->is_memberships)
		{
			count_keys(source, counts);
			continue;
		}
		says_pairs = true;
		count_pairs(source, counts);
		appendStringInfo(&unsaid, " AND NOT EXISTS (SELECT FROM %s AS t WHERE %s)", source->sql_name, pair_sql(source));
	}
	if (says_pairs)
		count_memberships(relid, unsaid.data, counts);
}
