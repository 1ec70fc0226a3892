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
#include "model/source.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/portal.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#define ROWS_AT_ONCE 10000

/* Names in, for a source's principals or its pairs. */
typedef void (*TakeNames) (Source *source, List *names, List *members);

/* ---- names that come ---- */

/*
 * The first of the keys that is no principal of this source; NULL when all are.
 *
 *	SELECT k.name FROM pg_catalog.unnest($1) AS k(name) WHERE NOT EXISTS (
 *		SELECT FROM relmeta.principal AS p WHERE p.principal = k.name AND p.kind = $2 AND p.source = $3)
 */
static char *
first_not_taken(Datum *values)
{
	Oid			types[3] = {TEXTARRAYOID, TEXTOID, REGCLASSOID};

	return model_query_first(InvalidOid,
							 "SELECT k.name FROM pg_catalog.unnest($1) AS k(name) WHERE NOT EXISTS ("
							 "SELECT FROM relmeta.principal AS p"
							 " WHERE p.principal OPERATOR(pg_catalog.=) k.name"
							 " AND p.kind OPERATOR(pg_catalog.=) $2 AND p.source OPERATOR(pg_catalog.=) $3)",
							 3, types, values);
}

/*
 * Makes principals of keys.  By TAKE, for a registration, what was made by hand
 * becomes the table's; by CREATE, for rows that come later, that is refused:
 * whoever may insert rows of the application could become anybody.
 */
static void
make_principals(Source *source, List *keys, ModelStatement how)
{
	Datum		values[3];
	char	   *other;
	ListCell   *lc;

	foreach(lc, keys)
		model_principal_check_name(lfirst(lc));
	values[0] = model_text_array(keys);
	values[1] = CStringGetTextDatum(source->is_team ? "team" : "user");
	values[2] = ObjectIdGetDatum(source->relid);
	if (model_statement_run(how, values, NULL) == (uint64) list_length(keys))
	{
		model_values_add(keys);
		return;
	}

	/*
	 * some were there before: this source's own, or somebody else's, each
	 * seen to by itself
	 */
	while ((other = first_not_taken(values)) != NULL)
		model_source_came(source, other);
	model_values_add(keys);
}

static void
take_keys(Source *source, List *keys, List *unused)
{
	make_principals(source, keys, STATEMENT_TAKE_PRINCIPALS);
}

static void
create_keys(Source *source, List *keys, List *unused)
{
	make_principals(source, keys, STATEMENT_CREATE_PRINCIPALS);
}

/* Rows with these names came. */
void
model_source_names_came(Source *source, SourceChanges *changes)
{
	if (changes->came == NIL)
		return;
	if (source->is_memberships)
		model_source_take_pairs(source, changes->came, changes->members_came);
	else
		make_principals(source, changes->came, STATEMENT_CREATE_PRINCIPALS);
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
	ActingAs	saved;
	SPIPlanPtr	plan;
	Portal		portal;

	/*
	 * By a cursor, since the table may be of any size.  To plan and to read
	 * is the owner's business, and may call his code; what is done with the
	 * names is not.
	 */
	saved = relmeta_act_begin_on(source->relid, AccessShareLock, ACT_RESTRICTED);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	plan = SPI_prepare(sql, 0, NULL);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare returned %s for %s", SPI_result_code_string(SPI_result), sql);
	CommandCounterIncrement();
	PushActiveSnapshot(GetLatestSnapshot());
	portal = SPI_cursor_open(NULL, plan, NULL, NULL, true);
	PopActiveSnapshot();
	relmeta_act_end(saved);

	for (;;)
	{
		List	   *names = NIL;
		List	   *members = NIL;

		saved = relmeta_act_begin_on(source->relid, NoLock, ACT_RESTRICTED);
		SPI_cursor_fetch(portal, true, ROWS_AT_ONCE);
		relmeta_act_end(saved);
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

/* ---- names that go ---- */

/*
 * Those of names whose principals come from the source.
 *
 *	SELECT DISTINCT p.principal FROM relmeta.principal AS p WHERE p.principal = ANY ($1) AND p.source = $2
 */
static List *
own_principals(Source *source, List *names)
{
	Oid			types[2] = {TEXTARRAYOID, REGCLASSOID};
	Datum		values[2] = {model_text_array(names), ObjectIdGetDatum(source->relid)};

	return model_query(InvalidOid,
					   "SELECT p.principal FROM relmeta.principal AS p"
					   " WHERE p.principal OPERATOR(pg_catalog.=) ANY ($1)"
					   " AND p.source OPERATOR(pg_catalog.=) $2",
					   2, types, values, 0);
}

/*
 * Drops principals that no row stands for any more; 2BP01 while one owns rows.
 * With are_left, rows have left these names: one that another row has by now is
 * that one's from then on, and holds nothing of what it held.  So it is as if the
 * row had left before the other came (SEMANTICS 2.1), whichever was first.
 */
static void
keys_gone(Source *source, List *names, bool are_left)
{
	List	   *own = own_principals(source, names);
	bool	   *is_gone = palloc0(list_length(own) + 1);
	List	   *gone = NIL;
	List	   *taken = NIL;
	ListCell   *lc;

	foreach(lc, own ? model_source_places_gone(source, own, NIL) : NIL)
		is_gone[pg_strtoint32(lfirst(lc)) - 1] = true;
	foreach(lc, own)
	{
		if (is_gone[foreach_current_index(lc)])
			gone = lappend(gone, lfirst(lc));
		else if (are_left)
			taken = lappend(taken, lfirst(lc));
	}
	if (gone != NIL || taken != NIL)
		model_principals_drop(list_concat(gone, taken), taken);
}

/* Rows with these names went; pairs are locked. */
void
model_source_names_gone(Source *source, SourceChanges *changes)
{
	if (changes->gone == NIL)
		return;
	if (source->is_memberships)
		model_source_end_pairs(source, changes->gone, changes->members_gone);
	else
		keys_gone(source, changes->gone, true);
}

/* ---- all of it ---- */

/* What comes from the table by relmeta's catalog: names of its principals, or pairs. */
static void
known_names(Oid relid, bool is_memberships, SourceChanges *known)
{
	ModelCatalog catalog = is_memberships ? CATALOG_TEAM_MEMBER : CATALOG_PRINCIPAL;
	Relation	rel = table_open(model_catalog_relid(catalog), AccessShareLock);
	TupleDesc	desc = RelationGetDescr(rel);
	SysScanDesc scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		CHECK_FOR_INTERRUPTS();
		if (model_catalog_oid(tuple, desc, "source") != relid)
			continue;
		known->gone = lappend(known->gone, model_catalog_text(tuple, desc, is_memberships ? "team" : "principal"));
		if (is_memberships)
			known->members_gone = lappend(known->members_gone, model_catalog_text(tuple, desc, "member"));
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
}

/* Drops what no row stands for any more, whatever happened to the rows. */
void
model_source_sweep(Source *source)
{
	SourceChanges known = {NIL};

	known_names(source->relid, source->is_memberships, &known);
	if (source->is_memberships)
		model_source_sweep_pairs(source, known.gone, known.members_gone);
	else if (known.gone != NIL)
		keys_gone(source, known.gone, false);
}

/*
 * The caller has recorded relid as a source, made the triggers and keeps others
 * from changing the rows.
 */
void
model_source_fill(Oid relid, bool takes)
{
	ListCell   *lc;

	foreach(lc, model_sources(list_make1_oid(relid), true))
	{
		Source	   *source = lfirst(lc);

		each_row(source, source->is_memberships ? model_source_take_pairs : takes ? take_keys : create_keys);
		model_source_sweep(source);
	}
}

void
model_source_forget_pairs(Oid relid)
{
	SourceChanges known = {NIL};

	known_names(relid, true, &known);
	model_source_release_pairs(relid, known.gone, known.members_gone);
}

/* The table was dropped: its principals and memberships stay, as if made by hand. */
void
model_source_dropped(Oid relid)
{
	Datum		value = ObjectIdGetDatum(relid);

	if (model_statement_run(STATEMENT_FORGET_SOURCE, &value, NULL) == 0)
		return;
	model_statement_run(STATEMENT_FORGET_SOURCE_OF_PRINCIPALS, &value, NULL);
	model_source_forget_pairs(relid);
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
