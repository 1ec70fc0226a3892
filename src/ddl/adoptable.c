/*
 * adoptable.c
 *		What of a schema no relationship knows yet: the view relmeta.adoptable,
 *		SEMANTICS 2.2.
 *
 * Each row's call can be executed as it stands, and all of them one after the
 * other: the rules of relationships are asked, with the calls before it taken
 * as made.  A call keeps what ON DELETE does where the rules allow that, and
 * else refuses the delete.  What cannot be adopted has no call, and the reason.
 */
#include "ddl/relationship.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(relmeta_find_adoptable);

/*
 * Junction-shaped: the unique key, not null, consists of two foreign keys, and the table has none of other columns.  No
 * relationship knows it.  $1 here and below: how many columns hold a key.
 */
static const char *const junctions_sql =
"SELECT t.oid FROM pg_class t"
" WHERE t.relkind IN ('r', 'p') AND NOT t.relispartition AND pg_has_role(t.relowner, 'USAGE')"
"   AND (SELECT count(DISTINCT c.conkey) FROM pg_constraint c"
"        WHERE c.conrelid = t.oid AND c.contype = 'f' AND c.conparentid = 0) = 2"
"   AND EXISTS ("
"     SELECT FROM pg_constraint a JOIN pg_constraint b ON b.conrelid = a.conrelid AND b.oid > a.oid"
"       JOIN pg_index i ON i.indrelid = a.conrelid"
"     WHERE a.conrelid = t.oid AND a.contype = 'f' AND b.contype = 'f'"
"       AND cardinality(a.conkey) <= $1 AND cardinality(b.conkey) <= $1 AND a.conkey <> b.conkey"
"       AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL"
"       AND i.indnkeyatts = cardinality(a.conkey || b.conkey)"
"       AND (i.indkey::int2[])[0:i.indnkeyatts - 1] <@ (a.conkey || b.conkey)"
"       AND (SELECT bool_and(k.attnotnull) FROM pg_attribute k"
"            WHERE k.attrelid = t.oid AND k.attnum = ANY (a.conkey || b.conkey)))"
"   AND NOT EXISTS (SELECT FROM relmeta.relationship r WHERE r.related_table = t.oid)"
"   AND NOT EXISTS (SELECT FROM relmeta.intersect_relationship i WHERE i.intersect_table = t.oid)"
" ORDER BY t.oid::regclass::text";

/*
 * Tables that are meant as junctions, and are none: links without a key or with NULLs, or of three tables.  Whatever
 * has other columns and no key of its foreign keys is a table like others.
 */
#define FOREIGN_KEYS \
"pg_constraint c WHERE c.conrelid = t.oid AND c.contype = 'f' AND c.conparentid = 0 AND cardinality(c.conkey) <= $1"

static const char *const near_junctions_sql =
"SELECT j.oid, CASE WHEN j.unique_of > 2 THEN 'its key is of more than two foreign keys'"
"                   WHEN j.unique_of = 2 THEN 'its key columns may be null'"
"                   ELSE 'it has no primary key or unique index of its two foreign keys' END"
" FROM (SELECT t.oid, f.keys, f.columns,"
"         (SELECT max((SELECT count(DISTINCT c.conkey) FROM " FOREIGN_KEYS " AND c.conkey <@ u.columns))"
"          FROM pg_index i, LATERAL (SELECT (i.indkey::int2[])[0:i.indnkeyatts - 1] AS columns) u"
"          WHERE i.indrelid = t.oid AND i.indisunique AND u.columns <@ f.columns) AS unique_of"
"       FROM pg_class t, LATERAL (SELECT count(DISTINCT k.conkey) AS keys, array_agg(DISTINCT k.attnum) AS columns"
"         FROM (SELECT c.conkey, unnest(c.conkey) AS attnum FROM " FOREIGN_KEYS ") k) f"
"       WHERE t.relkind IN ('r', 'p') AND NOT t.relispartition AND pg_has_role(t.relowner, 'USAGE')"
"         AND t.relnamespace::regnamespace::text NOT IN ('relmeta', 'relmeta_access') AND f.keys >= 2) j"
" WHERE (j.unique_of >= 2 OR (j.keys = 2 AND cardinality(j.columns) ="
"          (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = j.oid AND a.attnum > 0 AND NOT a.attisdropped)))"
"   AND NOT EXISTS (SELECT FROM relmeta.relationship r WHERE r.related_table = j.oid)"
"   AND NOT EXISTS (SELECT FROM relmeta.intersect_relationship i WHERE i.intersect_table = j.oid)"
" ORDER BY j.oid::regclass::text";

/*
 * Several keys of the same columns to one table are one lookup: those to its primary key count, and of them that which
 * says most of a delete.
 */
static const char *const keys_sql =
"SELECT DISTINCT ON (c.conrelid::regclass::text, l.names, c.confrelid::regclass::text, c.conkey)"
"       c.confrelid, c.conrelid, c.conkey, c.confkey, c.confdeltype, c.conname, l.is_generated"
" FROM pg_constraint c"
"   JOIN pg_class p ON p.oid = c.confrelid"
"   JOIN pg_class t ON t.oid = c.conrelid,"
"   LATERAL (SELECT array_agg(a.attname ORDER BY k.n) AS names, bool_or(a.attgenerated <> '') AS is_generated"
"     FROM unnest(c.conkey) WITH ORDINALITY AS k(attnum, n)"
"     JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum) l"
" WHERE c.contype = 'f' AND c.conparentid = 0 AND NOT t.relispartition"
"   AND t.relnamespace::regnamespace::text NOT IN ('relmeta', 'relmeta_access')"
"   AND pg_has_role(p.relowner, 'USAGE') AND pg_has_role(t.relowner, 'USAGE')"
"   AND NOT EXISTS (SELECT FROM relmeta.intersect_relationship i WHERE i.intersect_table = c.conrelid"
"                     AND l.names <@ ARRAY[i.column1, i.column2])"
" ORDER BY c.conrelid::regclass::text, l.names, c.confrelid::regclass::text, c.conkey,"
"   NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.confrelid AND i.indisprimary"
"               AND i.indnatts = cardinality(c.confkey) AND i.indkey::int2[] <@ c.confkey),"
"   c.confdeltype = 'a', c.oid";

/* One of these three. */
static void
query(const char *sql)
{
	Oid			types[] = {INT4OID};
	Datum		values[] = {Int32GetDatum(MODEL_KEY_COLUMNS)};

	ddl_query_latest(sql, strstr(sql, "$1") ? 1 : 0, types, values);
}

/* call or problem is NULL */
static void
add_row(ReturnSetInfo *result, const char *kind, Oid relation, const char *call, const char *problem)
{
	Datum		values[4];
	bool		nulls[4] = {false, false, call == NULL, problem == NULL};

	values[0] = CStringGetTextDatum(kind);
	values[1] = ObjectIdGetDatum(relation);
	values[2] = call ? CStringGetTextDatum(call) : (Datum) 0;
	values[3] = problem ? CStringGetTextDatum(problem) : (Datum) 0;
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* ---- junction tables ---- */

/* OIDs */
static List *
find_junctions(void)
{
	MemoryContext cxt = CurrentMemoryContext;
	List	   *junctions = NIL;
	SPITupleTable *table;

	SPI_connect();
	query(junctions_sql);
	table = SPI_tuptable;
	for (uint64 i = 0; i < table->numvals; i++)
	{
		bool		isnull;
		Oid			relid = DatumGetObjectId(SPI_getbinval(table->vals[i], table->tupdesc, 1, &isnull));
		MemoryContext spi = MemoryContextSwitchTo(cxt);

		if (ddl_table_problem(relid) == NULL)
			junctions = lappend_oid(junctions, relid);
		MemoryContextSwitchTo(spi);
	}
	SPI_finish();
	return junctions;
}

/* SELECT relmeta.adopt_many_to_many('s.playlist_track') */
static void
add_junctions(ReturnSetInfo *result, List *junctions)
{
	ListCell   *lc;

	foreach(lc, junctions)
		add_row(result, "many_to_many", lfirst_oid(lc),
				psprintf("SELECT relmeta.adopt_many_to_many(%s)",
						 quote_literal_cstr(ddl_table_name(lfirst_oid(lc)))), NULL);
}

/* Those that look like junctions and cannot be adopted. */
static void
add_near_junctions(ReturnSetInfo *result, List *junctions)
{
	SPITupleTable *table;

	SPI_connect();
	query(near_junctions_sql);
	table = SPI_tuptable;
	for (uint64 i = 0; i < table->numvals; i++)
	{
		bool		isnull;
		Oid			relid = DatumGetObjectId(SPI_getbinval(table->vals[i], table->tupdesc, 1, &isnull));
		char	   *problem = ddl_table_problem(relid);

		if (!list_member_oid(junctions, relid))
			add_row(result, "many_to_many", relid, NULL,
					problem ? problem : SPI_getvalue(table->vals[i], table->tupdesc, 2));
	}
	SPI_finish();
}

/* ---- foreign keys ---- */

static ModelBehavior
behavior_of(char on_delete)
{
	switch (on_delete)
	{
		case FKCONSTR_ACTION_CASCADE:
			return BEHAVIOR_ALL;
		case FKCONSTR_ACTION_SETNULL:
			return BEHAVIOR_REMOVE_LINK;
		default:
			return BEHAVIOR_RESTRICT;
	}
}

/* a foreign key, as the query finds it */
typedef struct Candidate
{
	Declaration *d;				/* d->lookup NULL: no key can be in so many
								 * columns */
	ModelKeyColumns *referenced;
	char		on_delete;
	char	   *name;
	bool		is_generated;
} Candidate;

/* Why a table cannot take part; NULL: it can. */
static char *
table_problem(Oid relid)
{
	char	   *problem = ddl_table_problem(relid);

	if (problem == NULL)
		problem = ddl_primary_key_problem(relid);
	return problem ? psprintf("table \"%s\" cannot take part: %s", get_rel_name(relid), problem) : NULL;
}

/* Why what a foreign key's columns hold is no key of the primary table; NULL: it is. */
static char *
type_problem(Declaration *d, ModelKeyColumns *key)
{
	ModelColumn *keys[MODEL_KEY_COLUMNS];
	ModelColumn *lookups[MODEL_KEY_COLUMNS];
	int			n = model_columns_append(key, keys);

	(void) model_columns_append(d->lookup, lookups);
	for (int i = 0; i < n; i++)
	{
		if (!ddl_types_agree(keys[i], lookups[i]))
			return psprintf("column \"%s\" is of type %s, the key of \"%s\" of type %s", lookups[i]->name,
							format_type_be(lookups[i]->type.type), get_rel_name(d->primary),
							format_type_be(keys[i]->type.type));
		if (!ddl_collations_agree(keys[i], lookups[i]))
			return psprintf("column \"%s\" calls other values equal than the key of \"%s\"", lookups[i]->name,
							get_rel_name(d->primary));
	}
	return NULL;
}

/* Why a foreign key cannot be a relationship, before the rules are asked; NULL: nothing. */
static char *
candidate_problem(Candidate *c)
{
	Declaration *d = c->d;
	ModelKeyColumns *key;
	char	   *problem;

	if (d->lookup == NULL)
		return ddl_foreign_key_too_wide(c->name);
	problem = table_problem(d->primary);
	if (problem == NULL)
		problem = table_problem(d->related);
	if (problem != NULL)
		return problem;
	key = ddl_primary_key(d->primary);
	if (!model_columns_equal(key, c->referenced))
		return psprintf("foreign key \"%s\" references another column than the primary key of \"%s\"", c->name,
						get_rel_name(d->primary));
	if (c->is_generated)
		return psprintf("column \"%s\" is generated", model_columns_text(d->lookup));
	problem = type_problem(d, key);
	if (problem == NULL && c->on_delete == FKCONSTR_ACTION_SETDEFAULT)
		problem = psprintf("foreign key \"%s\" is ON DELETE SET DEFAULT, which is no behavior", c->name);
	return problem;
}

static Candidate *
read_candidate(HeapTuple row, TupleDesc desc)
{
	Candidate  *c = palloc0(sizeof(Candidate));
	Declaration *d = c->d = palloc0(sizeof(Declaration));
	bool		isnull;

	d->primary = DatumGetObjectId(SPI_getbinval(row, desc, 1, &isnull));
	d->related = DatumGetObjectId(SPI_getbinval(row, desc, 2, &isnull));
	d->lookup = model_columns_of_numbers(d->related, SPI_getbinval(row, desc, 3, &isnull));
	d->name = d->lookup ? model_columns_text(d->lookup) : NULL;
	d->foreign_key = true;
	c->referenced = model_columns_of_numbers(d->primary, SPI_getbinval(row, desc, 4, &isnull));
	c->on_delete = DatumGetChar(SPI_getbinval(row, desc, 5, &isnull));
	c->name = SPI_getvalue(row, desc, 6);
	c->is_generated = DatumGetBool(SPI_getbinval(row, desc, 7, &isnull));
	model_preset_behaviors("referential", d->behavior);
	d->behavior[ACTION_DELETE] = behavior_of(c->on_delete);
	return c;
}

/* What the rules say of it, given those found before; a delete that they do not allow is refused instead. */
static char *
rule_problem(Model *model, Declaration *d, List *found)
{
	RuleProblem *problem = ddl_declaration_problem(model, d, found);

	if (problem)
	{
		d->behavior[ACTION_DELETE] = BEHAVIOR_RESTRICT;
		problem = ddl_declaration_problem(model, d, found);
	}
	return problem ? problem->message : NULL;
}

/* Does a relationship know the foreign key, as the junction table whose it is or as its lookup? */
static bool
is_known(Declaration *d, List *junctions)
{
	return list_member_oid(junctions, d->related) || (d->lookup != NULL && ddl_declare_existing(d) != NULL);
}

/* Declaration *, in order; those that can be made.  The others are put out at once. */
static List *
find_declarations(ReturnSetInfo *result, List *junctions)
{
	MemoryContext cxt = CurrentMemoryContext;
	Model	   *model = ddl_model();
	List	   *found = NIL;
	SPITupleTable *table;

	SPI_connect();
	query(keys_sql);
	table = SPI_tuptable;
	for (uint64 i = 0; i < table->numvals; i++)
	{
		MemoryContext spi = MemoryContextSwitchTo(cxt);
		Candidate  *c = read_candidate(table->vals[i], table->tupdesc);
		char	   *problem;

		if (!is_known(c->d, junctions))
		{
			problem = candidate_problem(c);
			if (problem == NULL)
				problem = rule_problem(model, c->d, found);
			if (problem == NULL)
				found = lappend(found, c->d);
			else
				add_row(result, "one_to_many", c->d->related, NULL, problem);
		}
		MemoryContextSwitchTo(spi);
	}
	SPI_finish();
	return found;
}

/* what the call says of delete; remove_link goes without saying */
static const char *
behavior_argument(ModelBehavior behavior)
{
	switch (behavior)
	{
		case BEHAVIOR_ALL:
			return ", delete => 'all'";
		case BEHAVIOR_RESTRICT:
			return ", preset => 'referential_restrict'";
		default:
			return "";
	}
}

/* SELECT relmeta.create_one_to_many('s.artist', 's.album', 'artist_id', preset => 'referential_restrict') */
static void
add_declarations(ReturnSetInfo *result, List *declarations)
{
	ListCell   *lc;

	foreach(lc, declarations)
	{
		Declaration *d = lfirst(lc);

		add_row(result, "one_to_many", d->related,
				psprintf("SELECT relmeta.create_one_to_many(%s, %s, %s%s)",
						 quote_literal_cstr(ddl_table_name(d->primary)),
						 quote_literal_cstr(ddl_table_name(d->related)),
						 model_columns_literals(d->lookup),
						 behavior_argument(d->behavior[ACTION_DELETE])), NULL);
	}
}

Datum
relmeta_find_adoptable(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	List	   *junctions;

	InitMaterializedSRF(fcinfo, 0);
	junctions = find_junctions();
	add_declarations(result, find_declarations(result, junctions));
	add_junctions(result, junctions);
	add_near_junctions(result, junctions);
	return (Datum) 0;
}
