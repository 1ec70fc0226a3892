/*
 * source.c
 *		Sources: an application's own tables of users, teams and memberships
 *		(register_principals, register_memberships; SEMANTICS 2.1).
 *
 * A principal, or a membership, that comes from a table bears it as source, and
 * is there as long as a row with that key, or pair, is.  Names are the text
 * forms of the keys.  Everything here is asked for by name, is idempotent, and looks
 * at the rows as they are now; so the order in which a statement's rows are
 * treated does not matter.
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "model/internal.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/* The single column of the primary key; NULL when there is none any more. */
static char *
key_column(Oid relid)
{
	Relation	rel = table_open(relid, AccessShareLock);
	Oid			indexid;
	HeapTuple	tuple;
	char	   *name = NULL;

	list_free(RelationGetIndexList(rel));
	indexid = rel->rd_pkindex;
	table_close(rel, NoLock);
	if (!OidIsValid(indexid))
		return NULL;
	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(indexid));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for index %u", indexid);
	if (((Form_pg_index) GETSTRUCT(tuple))->indnkeyatts == 1)
		name = get_attname(relid, ((Form_pg_index) GETSTRUCT(tuple))->indkey.values[0], true);
	ReleaseSysCache(tuple);
	return name;
}

/* Whether the column, found in the catalog, can be used; else, if it must, an error. */
static bool
fill_column(Source *source, ModelColumn *column, char *name, bool must_work)
{
	HeapTuple	tuple = name ? SearchSysCacheAttName(source->relid, name) : NULL;
	Form_pg_attribute att;
	bool		usable;

	if (!HeapTupleIsValid(tuple))
	{
		if (must_work)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 name ? errmsg("table %s has no column \"%s\" any more, which names principals",
								   source->sql_name, name) :
					 errmsg("table %s has no primary key of one column any more, which names principals",
							source->sql_name),
					 errhint("Call relmeta.verify() to see what is missing.")));
		return false;
	}
	att = (Form_pg_attribute) GETSTRUCT(tuple);
	column->name = name;
	column->sql_name = pstrdup(quote_identifier(name));
	column->attnum = att->attnum;
	column->not_null = att->attnotnull;
	usable = model_type_fill_quietly(&column->type, att->atttypid, att->atttypmod, att->attcollation);
	if (!usable && must_work)
		model_type_fill(&column->type, att->atttypid, att->atttypmod, att->attcollation);
	if (usable && model_type_text_varies(&column->type))
		usable = false;
	if (!usable && must_work)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("column \"%s\" of table %s cannot name principals: it is of type %s", name, source->sql_name,
						format_type_be(att->atttypid)),
				 errdetail("Principals are named by text, which depends on settings here."),
				 errhint("Use a type whose text is always the same, such as text, uuid or bigint.")));
	ReleaseSysCache(tuple);
	return usable;
}

static bool
fill_columns(Source *source, bool must_work)
{
	if (!source->is_memberships)
		return fill_column(source, &source->key, key_column(source->relid), must_work);
	return fill_column(source, &source->team, source->team.name, must_work) &&
		fill_column(source, &source->member, source->member.name, must_work);
}

/* NULL when the table is gone */
static Source *
source_from_tuple(HeapTuple tuple, TupleDesc desc)
{
	Source	   *source = palloc0(sizeof(Source));
	char	   *kind = model_catalog_text(tuple, desc, "kind");
	HeapTuple	class_tuple;
	Form_pg_class class;

	source->relid = model_catalog_oid(tuple, desc, "relation");
	source->is_memberships = kind == NULL;
	source->is_team = kind != NULL && strcmp(kind, "team") == 0;
	class_tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(source->relid));
	if (!HeapTupleIsValid(class_tuple))
		return NULL;
	class = (Form_pg_class) GETSTRUCT(class_tuple);
	source->sql_name = quote_qualified_identifier(get_namespace_name(class->relnamespace), NameStr(class->relname));
	ReleaseSysCache(class_tuple);
	source->team.name = model_catalog_text(tuple, desc, "team_column");
	source->member.name = model_catalog_text(tuple, desc, "member_column");
	return source;
}

/*
 * The sources that one of relids is, principals before memberships; all sources
 * for NIL.  One that lacks its columns is left out, or, if it must work, an
 * error.  All in the current memory context.
 */
List *
model_sources(List *relids, bool must_work)
{
	List	   *principals = NIL;
	List	   *memberships = NIL;
	List	   *found = NIL;
	Oid			catalog = model_catalog_relid(CATALOG_PRINCIPAL_SOURCE);
	Relation	rel;
	SysScanDesc scan;
	HeapTuple	tuple;
	ListCell   *lc;

	if (!OidIsValid(catalog))
		return NIL;
	rel = table_open(catalog, AccessShareLock);
	scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Oid			relid = model_catalog_oid(tuple, RelationGetDescr(rel), "relation");
		Source	   *source = NULL;

		if (relids == NIL || list_member_oid(relids, relid))
			source = source_from_tuple(tuple, RelationGetDescr(rel));
		if (source != NULL)
			found = lappend(found, source);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);

	foreach(lc, found)
	{
		Source	   *source = lfirst(lc);

		if (!fill_columns(source, must_work))
			continue;
		if (source->is_memberships)
			memberships = lappend(memberships, source);
		else
			principals = lappend(principals, source);
	}
	return list_concat(principals, memberships);
}

/* The name that a value gives.  The spaces that pad a char(n) are no part of it. */
char *
model_source_text(ModelColumn *column, Datum value)
{
	char	   *printed = model_type_output(&column->type, value);

	if (column->type.base_type == BPCHAROID)
	{
		size_t		len = strlen(printed);

		while (len > 0 && printed[len - 1] == ' ')
			printed[--len] = '\0';
	}
	return printed;
}

/* The same in SQL, for the table's alias t: format() uses the type's output function, as a cast need not. */
char *
model_source_text_sql(ModelColumn *column)
{
	return psprintf(column->type.base_type == BPCHAROID ?
					"pg_catalog.rtrim(pg_catalog.format('%%s', t.%s))" : "pg_catalog.format('%%s', t.%s)",
					column->sql_name);
}

/* ' t.column = $n AND text of t.column = $m', for an index to find it and its spelling to agree */
static char *
condition_sql(ModelColumn *column, int n, int m)
{
	return psprintf("t.%s%s %s $%d AND %s OPERATOR(pg_catalog.=) $%d",
					column->sql_name, column->type.sql_collate, column->type.sql_eq, n,
					model_source_text_sql(column), m);
}

/*
 * Whether a row has that key, now.
 *
 *	SELECT 'found' FROM s.users AS t WHERE t.id = $1 AND pg_catalog.format('%s', t.id) = $2
 */
static bool
has_key(Source *source, const char *key)
{
	Oid			types[2] = {source->key.type.base_type, TEXTOID};
	Datum		values[2];

	if (!model_type_input_safe(&source->key.type, key, &values[0]))
		return false;
	values[1] = CStringGetTextDatum(key);
	return model_query_first(source->relid,
							 psprintf("SELECT 'found' FROM %s AS t WHERE %s", source->sql_name,
									  condition_sql(&source->key, 1, 2)),
							 2, types, values) != NULL;
}

/* Whether a row has that pair, now; the statement is alike. */
static bool
has_pair(Source *source, const char *team, const char *member)
{
	Oid			types[4] = {source->team.type.base_type, TEXTOID, source->member.type.base_type, TEXTOID};
	Datum		values[4];

	if (!model_type_input_safe(&source->team.type, team, &values[0]) ||
		!model_type_input_safe(&source->member.type, member, &values[2]))
		return false;
	values[1] = CStringGetTextDatum(team);
	values[3] = CStringGetTextDatum(member);
	return model_query_first(source->relid,
							 psprintf("SELECT 'found' FROM %s AS t WHERE %s AND %s", source->sql_name,
									  condition_sql(&source->team, 1, 2), condition_sql(&source->member, 3, 4)),
							 4, types, values) != NULL;
}

static void
refuse_namesake(Source *source, const char *principal, PrincipalRow *row)
{
	char	   *table = OidIsValid(row->source) ? get_rel_name(row->source) : NULL;

	ereport(ERROR,
			(errcode(ERRCODE_DUPLICATE_OBJECT),
			 errmsg("principal \"%s\" of table %s already exists", principal, source->sql_name),
			 row->is_team != source->is_team ?
			 errdetail("It is a %s; users and teams share one namespace.", row->is_team ? "team" : "user") :
			 table ? errdetail("It comes from table \"%s\".", table) :
			 errdetail("It was not made from a row of the table."),
			 errhint("Use another key, or let the one there go by relmeta.drop_principal(%s).",
					 quote_literal_cstr(principal))));
}

/* 42710 unless what is there is the source's own, or was of a table that is gone */
static void
check_namesake(Source *source, const char *principal, PrincipalRow *row)
{
	bool		is_orphan = OidIsValid(row->source) &&
	!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(row->source));

	if (row->is_team != source->is_team || (row->source != source->relid && !is_orphan))
		refuse_namesake(source, principal, row);
}

/*
 * A row with that key came: makes the principal unless it is there.  One that
 * was made otherwise is not taken for the row's: whoever may insert rows of the
 * application could become anybody.
 */
void
model_source_came(Source *source, const char *principal)
{
	PrincipalRow row;
	Datum		values[4];

	model_principal_check_name(principal);
	values[0] = CStringGetTextDatum(principal);
	values[1] = CStringGetTextDatum(source->is_team ? "team" : "user");
	values[2] = (Datum) 0;
	values[3] = ObjectIdGetDatum(source->relid);
	for (;;)
	{
		if (model_principal_read(principal, &row))
		{
			Datum		take[3] = {0, values[1], values[3]};

			check_namesake(source, principal, &row);
			if (row.source != source->relid)
			{
				take[0] = model_text_array(list_make1(unconstify(char *, principal)));
				model_statement_run(STATEMENT_TAKE_PRINCIPALS, take, NULL);
			}
			return;
		}
		if (model_statement_run(STATEMENT_CREATE_PRINCIPAL, values, "  n ") > 0)
		{
			model_values_add(list_make1(unconstify(char *, principal)));
			return;
		}
		CHECK_FOR_INTERRUPTS(); /* another session made it just now */
	}
}

/*
 * Makes a principal whose row has come in the same statement, or transaction,
 * but has not been noted yet: a foreign key's ON UPDATE CASCADE comes before the
 * trigger on the row it follows.
 */
bool
model_sources_adopt(const char *principal)
{
	ListCell   *lc;

	foreach(lc, model_sources(NIL, false))
	{
		Source	   *source = lfirst(lc);

		if (!source->is_memberships && has_key(source, principal))
		{
			model_source_came(source, principal);
			return true;
		}
	}
	return false;
}

/* The table, in SQL, of which this principal is a row; NULL when it stands alone. */
char *
model_principal_table(const char *principal)
{
	PrincipalRow row;
	ListCell   *lc;

	if (!model_principal_read(principal, &row) || !OidIsValid(row.source))
		return NULL;
	foreach(lc, model_sources(list_make1_oid(row.source), false))
	{
		Source	   *source = lfirst(lc);

		if (!source->is_memberships && has_key(source, principal))
			return source->sql_name;
	}
	return NULL;
}

/* The table, in SQL, that says that member is one of team; NULL when none does. */
char *
model_membership_table(const char *team, const char *member)
{
	ListCell   *lc;

	foreach(lc, model_sources(NIL, false))
	{
		Source	   *source = lfirst(lc);

		if (source->is_memberships && has_pair(source, team, member))
			return source->sql_name;
	}
	return NULL;
}

/* A user or team that a memberships table names must be one. */
void
model_source_check_named(Source *source, const char *name, bool is_team)
{
	PrincipalRow row;

	if (!model_principal_read(name, &row) && !(model_sources_adopt(name) && model_principal_read(name, &row)))
		ereport(ERROR,
				(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
				 errmsg("table %s names \"%s\", which is not a principal", source->sql_name, name),
				 errhint("Call relmeta.%s(%s) first.", is_team ? "create_team" : "create_user",
						 quote_literal_cstr(name))));
	if (row.is_team != is_team)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("table %s names \"%s\" as a %s", source->sql_name, name, is_team ? "team" : "member"),
				 errdetail("It is a %s; the members of a team are users.", row.is_team ? "team" : "user")));
}
