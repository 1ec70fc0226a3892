/*
 * source_pair.c
 *		The pairs of team and member that the rows of a table say, whatever several
 *		sessions do to rows that say the same (SEMANTICS 2.1).
 *
 * A pair that a table says is one row of relmeta.team_member, besides those of other
 * tables.  Whoever adds a row that says it holds that FOR KEY SHARE until his
 * transaction ends, or has made it.  Whoever takes such a row away locks it FOR
 * UPDATE before he looks whether another one says so: by then all others who added
 * or took one away have ended, and are seen, for he looks with the latest snapshot.
 *
 * All that a statement takes away and adds is locked at once, in order of the pairs,
 * so that of two statements one waits for the other.
 */
#include "relmeta.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "model/internal.h"
#include "utils/builtins.h"

typedef struct Pair
{
	char	   *team;
	char	   *member;
} Pair;

/* each pair once, in order, as the statements take them */
typedef struct Pairs
{
	Datum		values[3];		/* teams, members, source */
	uint64		n;
} Pairs;

static int
by_pair(const void *a, const void *b)
{
	int			order = strcmp(((const Pair *) a)->team, ((const Pair *) b)->team);

	return order ? order : strcmp(((const Pair *) a)->member, ((const Pair *) b)->member);
}

static void
fill_pairs(Pairs *pairs, Oid source, List *teams, List *members)
{
	Pair	   *sorted = MemoryContextAllocHuge(CurrentMemoryContext, (list_length(teams) + 1) * sizeof(Pair));
	List	   *names[2] = {NIL, NIL};
	int			n = 0;
	ListCell   *tc;
	ListCell   *mc;

	forboth(tc, teams, mc, members)
	{
		sorted[n].team = lfirst(tc);
		sorted[n++].member = lfirst(mc);
	}
	qsort(sorted, n, sizeof(Pair), by_pair);
	for (int i = 0; i < n; i++)
	{
		if (i > 0 && by_pair(&sorted[i - 1], &sorted[i]) == 0)
			continue;
		names[0] = lappend(names[0], sorted[i].team);
		names[1] = lappend(names[1], sorted[i].member);
	}
	pairs->values[0] = model_text_array(names[0]);
	pairs->values[1] = model_text_array(names[1]);
	pairs->values[2] = ObjectIdGetDatum(source);
	pairs->n = list_length(names[0]);
}

/* ---- pairs that come ---- */

/*
 * Those of names that are no principals of that kind.
 *
 *	SELECT k.name FROM pg_catalog.unnest($1) AS k(name) WHERE NOT EXISTS (
 *		SELECT FROM relmeta.principal AS p WHERE p.principal = k.name AND p.kind = $2)
 */
static List *
not_of_kind(Datum names, bool is_team)
{
	Oid			types[2] = {TEXTARRAYOID, TEXTOID};
	Datum		values[2] = {names, CStringGetTextDatum(is_team ? "team" : "user")};

	return model_query(InvalidOid,
					   "SELECT k.name FROM pg_catalog.unnest($1) AS k(name) WHERE NOT EXISTS ("
					   "SELECT FROM relmeta.principal AS p"
					   " WHERE p.principal OPERATOR(pg_catalog.=) k.name"
					   " AND p.kind OPERATOR(pg_catalog.=) $2)",
					   2, types, values, 0);
}

static void
check_named(Source *source, Datum names, bool is_team)
{
	ListCell   *lc;

	foreach(lc, not_of_kind(names, is_team))
		model_source_check_named(source, lfirst(lc), is_team);
}

/* Until each is made by us, or held. */
static void
add_pairs(Pairs *pairs)
{
	uint64		held;

	for (;;)
	{
		/* what others end meanwhile is waited for with nothing made yet */
		held = model_statement_run(STATEMENT_HOLD_MEMBERS, pairs->values, NULL);
		if (held == pairs->n || held + model_statement_run(STATEMENT_ADD_MEMBERS, pairs->values, NULL) == pairs->n)
			return;
		CHECK_FOR_INTERRUPTS(); /* another session made one just now */
	}
}

/* Rows that say these pairs are there; teams and members are parallel. */
void
model_source_take_pairs(Source *source, List *teams, List *members)
{
	Pairs		pairs;

	fill_pairs(&pairs, source->relid, teams, members);
	check_named(source, pairs.values[0], true);
	check_named(source, pairs.values[1], false);
	/* one may have gone meanwhile, or while we waited for it */
	model_statement_run(STATEMENT_LOCK_PRINCIPALS, pairs.values, NULL);
	check_named(source, pairs.values[0], true);
	check_named(source, pairs.values[1], false);
	add_pairs(&pairs);
}

/* ---- pairs that go ---- */

/* The members of list at the places (from 1) that a query gave as text. */
static List *
chosen(List *list, List *places)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, places)
		result = lappend(result, list_nth(list, pg_strtoint32(lfirst(lc)) - 1));
	return result;
}

/* Those that no row of the table says now, by any pair of its columns. */
static void
take_unsaid(Oid relid, bool must_work, List **teams, List **members)
{
	ListCell   *lc;

	foreach(lc, model_sources(list_make1_oid(relid), must_work))
	{
		Source	   *other = lfirst(lc);
		List	   *places;

		if (!other->is_memberships || *teams == NIL)
			continue;
		places = model_source_places_gone(other, *teams, *members);
		*teams = chosen(*teams, places);
		*members = chosen(*members, places);
	}
}

/* Before any of these pairs of the table is ended, and before others are added by the same statement. */
void
model_source_lock_pairs(Source *source, List *teams, List *members)
{
	Pairs		pairs;

	fill_pairs(&pairs, source->relid, teams, members);
	model_statement_run(STATEMENT_LOCK_MEMBERS, pairs.values, NULL);
}

/* Ends those that no row of the table gives any more; they are locked. */
void
model_source_end_pairs(Source *source, List *teams, List *members)
{
	Pairs		pairs;

	take_unsaid(source->relid, true, &teams, &members);
	if (teams == NIL)
		return;
	fill_pairs(&pairs, source->relid, teams, members);
	model_statement_run(STATEMENT_REMOVE_MEMBERS, pairs.values, NULL);
}

/*
 * The same of all that the table has said, nothing being locked: first those are
 * found that may have to go.  Who locks a pair may wait for the table, which we
 * have locked.
 */
void
model_source_sweep_pairs(Source *source, List *teams, List *members)
{
	take_unsaid(source->relid, true, &teams, &members);
	if (teams == NIL)
		return;
	model_source_lock_pairs(source, teams, members);
	model_source_end_pairs(source, teams, members);
}

/* Those that no column of the table that is left says are as if made by hand from now on. */
void
model_source_release_pairs(Oid relid, List *teams, List *members)
{
	Pairs		pairs;

	take_unsaid(relid, false, &teams, &members);
	if (teams == NIL)
		return;
	fill_pairs(&pairs, relid, teams, members);
	model_statement_run(STATEMENT_KEEP_MEMBERS, pairs.values, NULL);
	model_statement_run(STATEMENT_REMOVE_MEMBERS, pairs.values, NULL);
}
