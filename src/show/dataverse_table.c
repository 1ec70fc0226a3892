/*
 * dataverse_table.c
 *		The tables of Dataverse's definitions: found here, made, registered.
 *
 * A table that is made has a uuid for its key, as there; an owner in text, which
 * takes a principal of any name; and, where its entity is described, the columns
 * that the entity has.  Lookups are left to their relationships.
 */
#include "show/dataverse.h"

#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#define OWNER_COLUMN "ownerid"
#define STATE_COLUMN "statecode"

/* ---- finding ---- */

/*
 * The first of a name in the schemas of search_path, case ignored.
 */
static const char *const find_sql =
"SELECT c.oid FROM unnest($2) WITH ORDINALITY AS s (oid, n) JOIN pg_class c ON c.relnamespace = s.oid"
" WHERE lower(c.relname) = $1 AND c.relkind IN ('r', 'p')"
" ORDER BY s.n, c.relname <> $1, c.relname LIMIT 1";

static Datum
search_path_array(void)
{
	List	   *path = fetch_search_path(true);
	Datum	   *elems = palloc(sizeof(Datum) * Max(list_length(path), 1));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, path)
		elems[n++] = ObjectIdGetDatum(lfirst_oid(lc));
	return PointerGetDatum(construct_array(elems, n, OIDOID, sizeof(Oid), true, TYPALIGN_INT));
}

static char *
find_ignoring_case(const char *name)
{
	MemoryContext cxt = CurrentMemoryContext;
	Oid			types[] = {TEXTOID, OIDARRAYOID};
	Datum		values[] = {CStringGetTextDatum(name), search_path_array()};
	Oid			relid = InvalidOid;
	bool		isnull;

	SPI_connect();
	ddl_query_latest(find_sql, 2, types, values);
	if (SPI_processed > 0)
		relid = DatumGetObjectId(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	SPI_finish();
	MemoryContextSwitchTo(cxt);
	return OidIsValid(relid) ? ddl_table_name(relid) : NULL;
}

/* Where it is, or would be */
static RangeVar *
place(Dataverse *dataverse, DataverseTable *table)
{
	ShowNode   *mapped = show_name_mapped(dataverse->import, table->name, true);
	char	   *found;

	if (mapped)
		return show_table_parse(mapped, show_text(mapped));
	found = find_ignoring_case(table->name);
	return show_table_parse(dataverse->import->document, found ? found : quote_identifier(table->name));
}

char *
show_dataverse_column(Oid relid, const char *name)
{
	Relation	rel;
	char	   *found = NULL;

	if (get_attnum(relid, name) > 0)
		return pstrdup(name);
	rel = relmeta_relation_open(relid, AccessShareLock);
	for (int i = 0; i < RelationGetNumberOfAttributes(rel) && found == NULL; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(rel), i);

		if (!attribute->attisdropped && pg_strcasecmp(NameStr(attribute->attname), name) == 0)
			found = pstrdup(NameStr(attribute->attname));
	}
	table_close(rel, NoLock);
	return found;
}

/* ---- making ---- */

/* The type of an attribute; NULL: it is no column of the table */
static const char *
column_type(const ShowNode *attribute)
{
	static const char *const types[][2] = {
		{"nvarchar", "text"}, {"ntext", "text"}, {"memo", "text"}, {"string", "text"},
		{"int", "integer"}, {"integer", "integer"}, {"bigint", "bigint"}, {"decimal", "numeric"}, {"money", "numeric"},
		{"float", "double precision"}, {"double", "double precision"}, {"bit", "boolean"}, {"boolean", "boolean"},
		{"datetime", "timestamp with time zone"}, {"picklist", "integer"}, {"state", "integer"}, {"status", "integer"},
		{"multiselectpicklist", "integer[]"}, {"uniqueidentifier", "uuid"}, {"primarykey", "uuid"}, {"owner", "text"},
		{"image", "bytea"}, {"file", "bytea"}, {"timestamp", "bigint"}
	};
	char	   *name = show_text(show_member(attribute, "AttributeType"));

	for (int i = 0; name && i < (int) lengthof(types); i++)
	{
		if (pg_strcasecmp(types[i][0], name) == 0)
			return types[i][1];
	}
	return NULL;
}

/* Lookups of other kinds than those of relationships are columns, too: who made a row, say. */
static bool
is_lookup(const ShowNode *attribute)
{
	char	   *name = show_text(show_member(attribute, "AttributeType"));

	return name && (pg_strcasecmp(name, "lookup") == 0 || pg_strcasecmp(name, "customer") == 0);
}

/* The column is made by the relationship that it is the lookup of. */
static bool
is_declared_lookup(Dataverse *dataverse, DataverseTable *table, const char *column)
{
	ListCell   *lc;

	foreach(lc, dataverse->relationships)
	{
		DataverseRelationship *r = lfirst(lc);

		if (!r->is_many_to_many && r->skip == NULL && r->table[1] == table &&
			strcmp(r->attribute[0], column) == 0 &&
			(OidIsValid(r->table[0]->relid) || dataverse->import->create_tables))
			return true;
	}
	return false;
}

static char *
key_of(DataverseTable *table)
{
	char	   *key = table->entity ? show_text(show_member(table->entity, "PrimaryIdAttribute")) : NULL;

	if (key == NULL)
		key = table->key;
	return key ? key : psprintf("%sid", table->name);
}

/* ", msnfp_name text": a column of an entity that is described */
static void
append_attribute(StringInfo sql, const ShowNode *attribute, const char *key)
{
	char	   *name = show_name(show_member_required(attribute, "LogicalName"));
	const char *type = is_lookup(attribute) ? "uuid" : column_type(attribute);

	if (type == NULL || strcmp(name, key) == 0 || strcmp(name, OWNER_COLUMN) == 0)
		return;
	appendStringInfo(sql, ", %s %s%s", quote_identifier(name), type,
					 strcmp(name, STATE_COLUMN) == 0 ? " NOT NULL DEFAULT 0" : "");
}

static bool
has_attribute(const ShowNode *entity, const char *name)
{
	ListCell   *lc;

	foreach(lc, entity ? show_elements(show_member(entity, "Attributes")) : NIL)
	{
		if (strcmp(show_text(show_member_required(lfirst(lc), "LogicalName")), name) == 0)
			return true;
	}
	return false;
}

/*
 * CREATE TABLE s.lead (leadid uuid DEFAULT pg_catalog.gen_random_uuid() PRIMARY KEY, ownerid text, subject text)
 */
static void
make_table(Dataverse *dataverse, DataverseTable *table, const RangeVar *name)
{
	StringInfoData sql;
	char	   *key = key_of(table);
	ListCell   *lc;

	show_schema_ensure(dataverse->import, name->schemaname);
	initStringInfo(&sql);
	appendStringInfo(&sql, "CREATE TABLE %s (%s uuid DEFAULT pg_catalog.gen_random_uuid() PRIMARY KEY",
					 show_table_qualified(name), quote_identifier(key));
	if (table->needs_owner || has_attribute(table->entity, OWNER_COLUMN))
		appendStringInfo(&sql, ", %s text", OWNER_COLUMN);
	foreach(lc, table->entity ? show_elements(show_member(table->entity, "Attributes")) : NIL)
	{
		ShowNode   *attribute = lfirst(lc);
		char	   *column = show_text(show_member_required(attribute, "LogicalName"));

		if (!is_declared_lookup(dataverse, table, column))
			append_attribute(&sql, attribute, key);
	}
	appendStringInfoChar(&sql, ')');
	ddl_run("%s", sql.data);
	table->relid = show_table_find(name);
}

typedef struct TableStep
{
	Dataverse  *dataverse;
	DataverseTable *table;
} TableStep;

static void
find_or_make(void *arg)
{
	TableStep  *step = arg;
	DataverseTable *table = step->table;
	RangeVar   *name = place(step->dataverse, table);

	table->relid = show_table_find(name);
	if (OidIsValid(table->relid) || !step->dataverse->import->create_tables ||
		!(table->is_wanted || table->entity))
		return;
	make_table(step->dataverse, table, name);
	table->told = psprintf("table %s is made", ddl_table_name(table->relid));
}

/* ---- registering ---- */

/* SELECT relmeta.register_table(lead, 'ownerid', 'statecode') */
static void
register_table(void *arg)
{
	TableStep  *step = arg;
	DataverseTable *table = step->table;
	char	   *owner = show_dataverse_column(table->relid, OWNER_COLUMN);
	char	   *state = show_dataverse_column(table->relid, STATE_COLUMN);
	ShowCall	call = {0};

	show_argument_table(&call, table->relid);
	show_argument_name(&call, owner);
	show_argument_name(&call, state);
	(void) show_call(&call, "SELECT relmeta.register_table($1, $2, $3)");
	table->told = psprintf("%s%s%s%s%s", table->told ? table->told : psprintf("table %s is registered",
																			  ddl_table_name(table->relid)),
						   owner ? ", owner " : "", owner ? owner : "", state ? ", state " : "", state ? state : "");
}

/* What is registered already stays as it is. */
static void
ensure_registered(TableStep *step)
{
	DataverseTable *table = step->table;
	char	   *problem;

	if (!OidIsValid(table->relid) || !(table->is_wanted || table->has_roles || table->entity) ||
		model_table(ddl_model(), table->relid) != NULL)
		return;
	problem = show_dataverse_attempt(register_table, step);
	if (problem)
		table->told = psprintf("table %s cannot be registered: %s", ddl_table_name(table->relid), problem);
}

/* Something that goes down a relationship needs an owner at both ends. */
static void
look_for_owners(Dataverse *dataverse)
{
	static const char *const actions[] = {"Assign", "Reparent", "Share", "Unshare"};
	ListCell   *lc;

	foreach(lc, dataverse->relationships)
	{
		DataverseRelationship *r = lfirst(lc);
		ShowNode   *cascades = r->is_many_to_many ? NULL : show_member(r->node, "CascadeConfiguration");

		if (!r->is_many_to_many && strcmp(r->attribute[0], OWNER_COLUMN) == 0)
			r->table[1]->needs_owner = true;
		for (int i = 0; cascades && r->skip == NULL && i < (int) lengthof(actions); i++)
		{
			char	   *behavior = show_text(show_member(cascades, actions[i]));

			if (behavior && pg_strcasecmp(behavior, "NoCascade") != 0)
				r->table[0]->needs_owner = r->table[1]->needs_owner = true;
		}
	}
}

void
show_dataverse_tables(Dataverse *dataverse)
{
	ListCell   *lc;

	look_for_owners(dataverse);
	foreach(lc, dataverse->tables)
	{
		TableStep	step = {dataverse, lfirst(lc)};
		char	   *problem = show_dataverse_attempt(find_or_make, &step);

		if (problem)
		{
			step.table->relid = InvalidOid;
			step.table->told = problem;
		}
	}
	foreach(lc, dataverse->tables)
	{
		TableStep	step = {dataverse, lfirst(lc)};

		ensure_registered(&step);
	}
}
