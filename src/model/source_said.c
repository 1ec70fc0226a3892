/*
 * source_said.c
 *		What no row of a source says any more.
 */
#include "relmeta.h"

#include "catalog/pg_type.h"
#include "model/internal.h"
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
