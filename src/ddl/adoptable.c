/*
 * adoptable.c
 *		What of a schema no relationship knows yet: the view relmeta.adoptable,
 *		SEMANTICS 2.2.
 *
 * Each row's call can be executed as it stands, and all of them one after the
 * other: the rules of relationships are asked, with the calls before it taken
 * as made.  A call keeps what ON DELETE does where the rules allow that, and
 * else refuses the delete.
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
 * Junction-shaped: the unique key, not null, consists of two foreign keys of
 * one column each, and the table has no other.  No relationship knows it.
 */
static const char *const junctions_sql =
"SELECT t.oid FROM pg_class t"
" WHERE t.relkind IN ('r', 'p') AND NOT t.relispartition AND pg_has_role(t.relowner, 'USAGE')"
"   AND (SELECT count(*) FROM pg_constraint c WHERE c.conrelid = t.oid AND c.contype = 'f' AND c.conparentid = 0) = 2"
"   AND EXISTS ("
"     SELECT FROM pg_constraint a JOIN pg_constraint b ON b.conrelid = a.conrelid AND b.oid > a.oid"
"       JOIN pg_index i ON i.indrelid = a.conrelid"
"     WHERE a.conrelid = t.oid AND a.contype = 'f' AND b.contype = 'f'"
"       AND cardinality(a.conkey) = 1 AND cardinality(b.conkey) = 1 AND a.conkey <> b.conkey"
"       AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indnkeyatts = 2"
"       AND i.indkey[0] = ANY (a.conkey || b.conkey) AND i.indkey[1] = ANY (a.conkey || b.conkey)"
"       AND (SELECT bool_and(k.attnotnull) FROM pg_attribute k"
"            WHERE k.attrelid = t.oid AND k.attnum = ANY (a.conkey || b.conkey)))"
"   AND NOT EXISTS (SELECT FROM relmeta.relationship r WHERE r.related_table = t.oid)"
"   AND NOT EXISTS (SELECT FROM relmeta.intersect_relationship i WHERE i.intersect_table = t.oid)"
" ORDER BY t.oid::regclass::text";

static const char *const keys_sql =
"SELECT DISTINCT ON (c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text)"
"       c.confrelid, c.conrelid, a.attname, c.confkey[1], c.confdeltype"
" FROM pg_constraint c"
"   JOIN pg_class p ON p.oid = c.confrelid"
"   JOIN pg_class t ON t.oid = c.conrelid"
"   JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
" WHERE c.contype = 'f' AND c.conparentid = 0 AND cardinality(c.conkey) = 1 AND a.attgenerated = ''"
"   AND pg_has_role(p.relowner, 'USAGE') AND pg_has_role(t.relowner, 'USAGE')"
"   AND NOT EXISTS (SELECT FROM relmeta.relationship r WHERE r.primary_table = c.confrelid"
"                     AND r.related_table = c.conrelid AND r.lookup_column = a.attname)"
"   AND NOT EXISTS (SELECT FROM relmeta.intersect_relationship i WHERE i.intersect_table = c.conrelid"
"                     AND a.attname IN (i.column1, i.column2))"
" ORDER BY c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text, c.oid";

static void
add_row(ReturnSetInfo *result, const char *kind, Oid relation, const char *call)
{
	Datum		values[3];
	bool		nulls[3] = {false, false, false};

	values[0] = CStringGetTextDatum(kind);
	values[1] = ObjectIdGetDatum(relation);
	values[2] = CStringGetTextDatum(call);
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
	ddl_query_latest(junctions_sql, 0, NULL, NULL);
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
						 quote_literal_cstr(ddl_table_name(lfirst_oid(lc)))));
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

/* Both tables may take part, and the key points to the primary key. */
static bool
can_be_declared(const Declaration *d, AttrNumber referenced)
{
	AttrNumber	key;

	return ddl_table_problem(d->primary) == NULL && ddl_table_problem(d->related) == NULL &&
		ddl_has_primary_key(d->related, NULL) && ddl_has_primary_key(d->primary, &key) && key == referenced &&
		ddl_types_agree(get_atttype(d->primary, key),
						get_atttype(d->related, get_attnum(d->related, d->lookup)));
}

/* Declaration *, in order; those that the rules allow */
static List *
find_declarations(List *junctions)
{
	MemoryContext cxt = CurrentMemoryContext;
	Model	   *model = ddl_model();
	List	   *found = NIL;
	SPITupleTable *table;

	SPI_connect();
	ddl_query_latest(keys_sql, 0, NULL, NULL);
	table = SPI_tuptable;
	for (uint64 i = 0; i < table->numvals; i++)
	{
		HeapTuple	row = table->vals[i];
		TupleDesc	desc = table->tupdesc;
		MemoryContext spi = MemoryContextSwitchTo(cxt);
		Declaration *d = palloc0(sizeof(Declaration));
		AttrNumber	referenced;
		bool		isnull;

		d->primary = DatumGetObjectId(SPI_getbinval(row, desc, 1, &isnull));
		d->related = DatumGetObjectId(SPI_getbinval(row, desc, 2, &isnull));
		d->lookup = SPI_getvalue(row, desc, 3);
		d->name = d->lookup;
		d->foreign_key = true;
		referenced = DatumGetInt16(SPI_getbinval(row, desc, 4, &isnull));
		model_preset_behaviors("referential", d->behavior);
		d->behavior[ACTION_DELETE] = behavior_of(DatumGetChar(SPI_getbinval(row, desc, 5, &isnull)));
		if (!list_member_oid(junctions, d->related) && can_be_declared(d, referenced))
		{
			if (ddl_declaration_problem(model, d, found))
				d->behavior[ACTION_DELETE] = BEHAVIOR_RESTRICT;
			if (ddl_declaration_problem(model, d, found) == NULL)
				found = lappend(found, d);
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
						 quote_literal_cstr(d->lookup),
						 behavior_argument(d->behavior[ACTION_DELETE])));
	}
}

Datum
relmeta_find_adoptable(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	List	   *junctions;

	InitMaterializedSRF(fcinfo, 0);
	junctions = find_junctions();
	add_declarations(result, find_declarations(junctions));
	add_junctions(result, junctions);
	return (Datum) 0;
}
