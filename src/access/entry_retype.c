/*
 * entry_retype.c
 *		Entry tables follow the types of the key and of principals.
 *
 * Keys are converted as the table's column was.  Principals go by their names:
 * each holds in the new type what it held in the old one; one that does not cast
 * can hold nothing there, and what it held goes (SEMANTICS 2.2), here and in all
 * tables below, which have the same type.
 *
 * The statements that write run as the extension's owner, and cast nothing:
 * a cast may be its type's owner's code.  They are given what to put in place of
 * what, in arrays.
 */
#include "relmeta.h"

#include "access/entry_table.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "model/key.h"
#include "parser/parse_coerce.h"
#include "storage/bufmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/* what to put in place of what */
typedef struct Replacement
{
	ModelType	from;			/* of the column as it is */
	ModelType  *to;
	bool		needed;
	Datum		old;			/* two arrays, parallel */
	Datum		new;
} Replacement;

char *
access_converted(const char *expression, Oid from, Oid to)
{
	Oid			function;
	bool		has_cast = find_coercion_pathway(getBaseType(to), getBaseType(from), COERCION_EXPLICIT,
												 &function) != COERCION_PATH_NONE;

	return psprintf("(%s)%s::%s", expression, has_cast ? "" : "::pg_catalog.text",
					format_type_extended(to, -1, FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY));
}

/* The type of a column, and whether it is another one, or has another collation. */
static void
compare_column(Oid relid, const char *column, ModelType *type, Replacement *replacement)
{
	HeapTuple	tuple = SearchSysCacheAttName(relid, column);
	Form_pg_attribute att;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "table %u has no column %s", relid, column);
	att = (Form_pg_attribute) GETSTRUCT(tuple);
	model_type_fill(&replacement->from, att->atttypid, -1, att->attcollation);
	replacement->to = type;
	replacement->needed = att->atttypid != type->base_type || att->attcollation != type->collation;
	ReleaseSysCache(tuple);
}

/* SELECT pg_catalog.array_agg(DISTINCT e.object) FROM relmeta_access.account AS e */
static Datum
distinct_values(Oid relid, const char *column)
{
	return access_run_array(relid, psprintf("SELECT pg_catalog.array_agg(DISTINCT e.%s) FROM %s AS e", column,
											access_name(get_rel_name(relid))), 0, InvalidOid, (Datum) 0);
}

static Datum
empty_array(ModelType *type)
{
	return PointerGetDatum(construct_empty_array(type->base_type));
}

/*
 *	SELECT pg_catalog.array_agg((k.key)::bigint ORDER BY k.number)		as the table's owner
 *	FROM pg_catalog.unnest($1) WITH ORDINALITY AS k(key, number)
 */
static void
replace_objects(ModelTable *table, Oid relid, Replacement *r)
{
	r->old = distinct_values(relid, "object");
	r->new = empty_array(r->to);
	if (r->old == (Datum) 0)
		r->old = empty_array(&r->from);
	else
		r->new = access_run_array(table->relid,
								  psprintf("SELECT pg_catalog.array_agg((%s)::%s ORDER BY k.number)"
										   " FROM pg_catalog.unnest($1) WITH ORDINALITY AS k(key, number)",
										   access_converted("k.key", r->from.type, r->to->type), r->to->sql_name),
								  1, r->from.array_type, r->old);
}

static void
tell_of_lost(ModelTable *table, ModelType *to, List *lost)
{
	StringInfoData names;
	ListCell   *lc;

	if (lost == NIL)
		return;
	initStringInfo(&names);
	foreach(lc, lost)
	{
		if (foreach_current_index(lc) == 10)
		{
			appendStringInfoString(&names, ", ...");
			break;
		}
		appendStringInfo(&names, "%s\"%s\"", names.len > 0 ? ", " : "", (char *) lfirst(lc));
	}
	ereport(NOTICE,
			(errmsg("what principals held on rows of table \"%s\" is dropped, since they are no values of type %s",
					relmeta_relation_name(table->relid), format_type_be(to->type)),
			 errdetail("They are %s.", names.data)));
}

/*
 * The principals that the values name; what names nobody goes, lest somebody who comes later gets it.  Of the same
 * type, needed only when there is one to go: so, or by a domain or a length.
 */
static void
replace_principals(ModelTable *table, Oid relid, Replacement *r)
{
	Datum		array = distinct_values(relid, "principal");
	Datum	   *values = NULL;
	int			n = 0;
	ArrayBuildState *old = initArrayResult(r->from.base_type, CurrentMemoryContext, false);
	ArrayBuildState *new = initArrayResult(r->to->base_type, CurrentMemoryContext, false);
	List	   *lost = NIL;

	if (array != (Datum) 0)
		deconstruct_array(DatumGetArrayTypeP(array), r->from.base_type, r->from.typlen, r->from.typbyval,
						  r->from.typalign, &values, NULL, &n);
	for (int i = 0; i < n; i++)
	{
		char	   *name = model_principal_named(&r->from, values[i]);
		Datum		value;

		CHECK_FOR_INTERRUPTS();
		if (name == NULL)
			r->needed = true;
		else if (model_principal_cast(name, r->to, &value))
		{
			old = accumArrayResult(old, values[i], false, r->from.base_type, CurrentMemoryContext);
			new = accumArrayResult(new, value, false, r->to->base_type, CurrentMemoryContext);
		}
		else
			lost = lappend(lost, name);
	}
	r->old = makeArrayResult(old, CurrentMemoryContext);
	r->new = makeArrayResult(new, CurrentMemoryContext);
	r->needed |= lost != NIL;
	tell_of_lost(table, r->to, lost);
}

/* ', ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) AS o(old, new)' */
static void
append_source(StringInfo sql, Replacement *r, const char *alias, int *nargs, Oid *types, Datum *values)
{
	if (!r->needed)
		return;
	appendStringInfo(sql, ", ROWS FROM (pg_catalog.unnest($%d), pg_catalog.unnest($%d)) AS %s(old, new)",
					 *nargs + 1, *nargs + 2, alias);
	types[*nargs] = r->from.array_type;
	values[(*nargs)++] = r->old;
	types[*nargs] = r->to->array_type;
	values[(*nargs)++] = r->new;
}

static void
append_condition(StringInfo sql, Replacement *r, const char *alias, const char *column)
{
	if (r->needed)
		appendStringInfo(sql, " AND e.%s %s %s.old%s AND %s.new IS NOT NULL", column, r->from.sql_eq, alias,
						 r->from.sql_collate, alias);
}

static char *
replaced(Replacement *r, const char *alias, const char *column)
{
	return r->needed ? psprintf("%s.new%s", alias, r->to->sql_collate) : psprintf("e.%s", column);
}

/*
 * Principals that differed may be one in the new type: their entries become one, granted by who did so last.
 *
 *	CREATE UNLOGGED TABLE relmeta_access.account_retype AS
 *	SELECT o.new AS object, p.new AS principal, e.relationship, e.cause, bit_or(e.mask) AS mask,
 *		(array_agg(e.granted_by ORDER BY e.granted_at DESC NULLS LAST))[1] AS granted_by,
 *		max(e.granted_at) AS granted_at
 *	FROM relmeta_access.account AS e, ROWS FROM (unnest($1), unnest($2)) AS o(old, new),
 *		ROWS FROM (unnest($3), unnest($4)) AS p(old, new)
 *	WHERE true AND e.object = o.old AND e.principal = p.old GROUP BY 1, 2, 3, 4
 */
static void
make_copy(Oid relid, const char *copy, Replacement *object, Replacement *principal)
{
	StringInfoData sql;
	int			nargs = 0;
	Oid			types[4];
	Datum		values[4];

	initStringInfo(&sql);
	appendStringInfo(&sql, "CREATE UNLOGGED TABLE %s AS SELECT %s AS object, %s AS principal, e.relationship, e.cause,"
					 " pg_catalog.bit_or(e.mask) AS mask,"
					 " (pg_catalog.array_agg(e.granted_by ORDER BY e.granted_at DESC NULLS LAST))[1] AS granted_by,"
					 " pg_catalog.max(e.granted_at) AS granted_at FROM %s AS e", copy, replaced(object, "o", "object"),
					 replaced(principal, "p", "principal"), access_name(get_rel_name(relid)));
	append_source(&sql, object, "o", &nargs, types, values);
	append_source(&sql, principal, "p", &nargs, types, values);
	appendStringInfoString(&sql, " WHERE true");
	append_condition(&sql, object, "o", "object");
	append_condition(&sql, principal, "p", "principal");
	appendStringInfoString(&sql, " GROUP BY 1, 2, 3, 4");
	access_run(sql.data, SPI_OK_UTILITY, nargs, types, values);
}

static bool
is_empty(Oid relid)
{
	Relation	rel = table_open(relid, AccessShareLock);
	bool		empty = RelationGetNumberOfBlocks(rel) == 0;

	table_close(rel, NoLock);
	return empty;
}

/*
 *	ALTER TABLE relmeta_access.account ALTER COLUMN object TYPE bigint USING NULL,
 *		ALTER COLUMN principal TYPE text USING NULL
 */
static void
alter_types(const char *name, ModelType *object, ModelType *principal)
{
	access_run(psprintf("ALTER TABLE %s ALTER COLUMN object TYPE %s%s USING NULL,"
						" ALTER COLUMN principal TYPE %s%s USING NULL", name, object->sql_name, object->sql_collate,
						principal->sql_name, principal->sql_collate), SPI_OK_UTILITY, 0, NULL, NULL);
	/* the model says what a principal is stored as */
	model_invalidate();
}

/*
 *	TRUNCATE relmeta_access.account;
 *	ALTER TABLE ...;
 *	INSERT INTO relmeta_access.account TABLE relmeta_access.account_retype;
 *	DROP TABLE relmeta_access.account_retype
 */
static void
refill(Oid relid, Replacement *object, Replacement *principal)
{
	char	   *name = access_name(get_rel_name(relid));
	char	   *copy = access_name(access_free_name(get_rel_name(relid), "_retype"));

	make_copy(relid, copy, object, principal);
	access_run(psprintf("TRUNCATE %s", name), SPI_OK_UTILITY, 0, NULL, NULL);
	alter_types(name, object->to, principal->to);
	access_run(psprintf("INSERT INTO %s TABLE %s", name, copy), SPI_OK_INSERT, 0, NULL, NULL);
	access_run(psprintf("DROP TABLE %s", copy), SPI_OK_UTILITY, 0, NULL, NULL);
}

void
access_entry_table_retype(ModelTable *table, Oid relid, ModelType *principal)
{
	Replacement o = {0};
	Replacement p = {0};

	compare_column(relid, "object", model_key_type(table), &o);
	compare_column(relid, "principal", principal, &p);
	if (is_empty(relid))
	{
		if (o.needed || p.needed)
			alter_types(access_name(get_rel_name(relid)), o.to, p.to);
		return;
	}
	if (o.needed)
		replace_objects(table, relid, &o);
	if (p.needed || principal->type != principal->base_type || principal->typmod >= 0)
		replace_principals(table, relid, &p);
	if (o.needed || p.needed)
		refill(relid, &o, &p);
}
