/*
 * import_intersect.c
 *		The N:N relationships of a document.
 */
#include "show/document.h"

#include "catalog/pg_type.h"
#include "ddl/intersect/intersect.h"
#include "lib/stringinfo.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/varlena.h"

static const char *const intersect_keys[] = {
	"name", "original_name", "table1", "column1", "table2", "column2", "intersect_table", "attributes", "unique_by",
	"surrogate_key", "allow_duplicates", "is_symmetric", "allow_self", "is_adopted", "is_pending", "search_path",
	"menus", NULL
};

typedef struct IntersectStep
{
	ShowImport *import;
	ShowNode   *node;
} IntersectStep;

/* Before they are made: what they name is a superuser's or the caller's, where the document's search_path finds it. */
static void
check_attributes(const ShowNode *node, bool waits)
{
	char	   *search_path = show_text(show_member(node, "search_path"));
	int			level = NewGUCNestLevel();

	(void) set_config_option("search_path", search_path ? search_path : "pg_catalog, pg_temp", PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	show_trust_attributes(show_member(node, "attributes"), waits);
	AtEOXact_GUC(true, level);
}

/* ---- one that there is ---- */

static void
refuse_other(const ShowNode *node, ModelIntersect *present)
{
	ereport(ERROR,
			(errcode(ERRCODE_DUPLICATE_OBJECT),
			 errmsg("%s: relationship \"%s\" is one of other tables", show_path(node), present->name),
			 errhint("Call relmeta.drop_relationship(%s) first, or give another name.",
					 quote_literal_cstr(present->name))));
}

/* While it is pending, its ends are names. */
static void
check_same(IntersectStep *step, ModelIntersect *present)
{
	static const char *const keys[] = {"table1", "table2"};
	Oid			tables[2];

	for (int i = 0; i < 2; i++)
	{
		ShowNode   *table = show_member_required(step->node, keys[i]);

		tables[i] = show_table_find(show_table_named(step->import, table));
		if (OidIsValid(present->table[i]) && tables[i] != present->table[i])
			refuse_other(step->node, present);
	}
	ddl_intersect_check_meant(present, tables);
}

/* Of a column list, the columns that the intersect table does not have; NULL: none */
static char *
missing_attributes(const char *attributes, ModelIntersect *present)
{
	List	   *defs = ddl_intersect_parse_attributes(attributes);
	List	   *texts = ddl_intersect_attribute_texts(attributes);
	StringInfoData buf;
	ListCell   *lc;

	initStringInfo(&buf);
	foreach(lc, defs)
	{
		if (get_attnum(present->relid, lfirst_node(ColumnDef, lc)->colname) == InvalidAttrNumber)
			appendStringInfo(&buf, "%s%s", buf.len > 0 ? ", " : "",
							 (char *) list_nth(texts, foreach_current_index(lc)));
	}
	return buf.len > 0 ? buf.data : NULL;
}

static void
compare(IntersectStep *step, ModelIntersect *present)
{
	ShowRow    *row = show_report(step->import, ROW_EXISTS, present->name, "%s", "");
	char	   *attributes = show_text(show_member(step->node, "attributes"));
	char	   *missing = NULL;
	ShowCall	call = {.search_path = show_text(show_member(step->node, "search_path"))};

	check_same(step, present);
	if (attributes && present->sql_name)
		missing = missing_attributes(attributes, present);
	if (missing)
	{
		check_attributes(step->node, false);
		show_argument_text(&call, present->name);
		show_argument_text(&call, missing);
		(void) show_call(&call, "SELECT relmeta.alter_many_to_many($1, $2)");
		show_report_change(row, "attributes are added: %s", missing);
	}
	show_import_menus(step->node, present->name, row);
}

/* ---- one that there is not ---- */

/* The schemas that a declaration of its time was made in */
static void
ensure_schemas(ShowImport *import, const ShowNode *node, const RangeVar *intersect)
{
	ShowNode   *search_path = show_member(node, "search_path");
	List	   *schemas = NIL;
	ListCell   *lc;

	if (!import->create_tables)
		return;
	show_schema_ensure(import, intersect->schemaname);
	if (show_is_null(search_path))
		return;
	if (!SplitIdentifierString(show_text(search_path), ',', &schemas))
		show_refuse(search_path, "a list of schemas is expected");
	foreach(lc, schemas)
	{
		if (((char *) lfirst(lc))[0] != '\0')
			show_schema_ensure(import, lfirst(lc));
	}
}

static char *
qualified_name(ShowImport *import, const ShowNode *node, const char *key)
{
	return show_table_qualified(show_table_named(import, show_member_required(node, key)));
}

static void
fill_side(IntersectSide *side, ShowImport *import, const ShowNode *node, const char *table, const char *column)
{
	side->relid = show_table_required(import, show_member_required(node, table));
	side->schema = get_namespace_name(get_rel_namespace(side->relid));
	side->table = get_rel_name(side->relid);
	side->column = show_columns(show_member_required(node, column));
}

/* A junction table of the application's, as far as the document describes it. */
static void
make_junction(IntersectStep *step, const RangeVar *name)
{
	Intersect	intersect = {.allow_self = true};

	check_attributes(step->node, false);
	fill_side(&intersect.side[0], step->import, step->node, "table1", "column1");
	fill_side(&intersect.side[1], step->import, step->node, "table2", "column2");
	intersect.schema = name->schemaname ? name->schemaname : intersect.side[0].schema;
	intersect.table = name->relname;
	intersect.attributes = show_text(show_member(step->node, "attributes"));
	intersect.search_path = "pg_catalog, pg_temp";
	(void) ddl_intersect_create_table(&intersect);
}

static char *
adopt(IntersectStep *step)
{
	ShowNode   *table = show_member_required(step->node, "intersect_table");
	RangeVar   *name = show_table_named(step->import, table);
	ShowCall	call = {0};

	if (!OidIsValid(show_table_find(name)) && step->import->create_tables)
	{
		ensure_schemas(step->import, step->node, name);
		make_junction(step, name);
	}
	show_argument_table(&call, show_table_required(step->import, table));
	show_argument_text(&call, show_name(show_member(step->node, "name")));
	return show_call(&call, "SELECT relmeta.adopt_many_to_many($1, $2)");
}

/* Will the relationship be pending? */
static bool
waits(ShowImport *import, const ShowNode *node)
{
	static const char *const keys[] = {"table1", "table2"};

	for (int i = 0; i < 2; i++)
	{
		Oid			relid = show_table_find(show_table_named(import, show_member_required(node, keys[i])));
		char	   *problem;

		if (!OidIsValid(relid) || ddl_participant_key(relid, &problem) == NULL)
			return true;
	}
	return false;
}

static char *
create(IntersectStep *step)
{
	ShowNode   *node = step->node;
	ShowNode   *intersect = show_member(node, "intersect_table");
	ShowNode   *allow_self = show_member(node, "allow_self");
	ShowCall	call = {.search_path = show_text(show_member(node, "search_path"))};

	check_attributes(node, waits(step->import, node));
	show_argument_text(&call, qualified_name(step->import, node, "table1"));
	show_argument_text(&call, qualified_name(step->import, node, "table2"));
	show_argument_text(&call, show_name(show_member(node, "name")));
	if (show_is_null(intersect))
		show_argument_text(&call, NULL);
	else
	{
		ensure_schemas(step->import, node, show_table_named(step->import, intersect));
		show_argument_text(&call, qualified_name(step->import, node, "intersect_table"));
	}
	show_argument_columns(&call, show_columns(show_member(node, "column1")));
	show_argument_columns(&call, show_columns(show_member(node, "column2")));
	show_argument_text(&call, show_text(show_member(node, "attributes")));
	show_argument_names(&call, show_texts(show_member(node, "unique_by")));
	show_argument_bool(&call, show_bool(show_member(node, "surrogate_key")));
	show_argument_bool(&call, show_bool(show_member(node, "allow_duplicates")));
	show_argument_bool(&call, show_bool(show_member(node, "is_symmetric")));
	show_argument_bool(&call, show_is_null(allow_self) || show_bool(allow_self));
	return show_call(&call, "SELECT relmeta.create_many_to_many($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)");
}

/*
 * An intersect table that stands without its relationship, as after a restore
 * that lost what was declared: it is taken up if it is as the document says.
 */
static char *
take_up(IntersectStep *step, Oid relid)
{
	ShowNode   *node = step->node;
	ShowNode   *allow_self = show_member(node, "allow_self");
	Intersect	intersect = {0};
	ModelIntersect *present;
	char	   *problem;

	ddl_check_owner(relid);
	LockRelationOid(relid, ShareRowExclusiveLock);
	fill_side(&intersect.side[0], step->import, node, "table1", "column1");
	fill_side(&intersect.side[1], step->import, node, "table2", "column2");
	intersect.unique_by = show_texts(show_member(node, "unique_by"));
	intersect.surrogate_key = show_bool(show_member(node, "surrogate_key"));
	intersect.allow_duplicates = show_bool(show_member(node, "allow_duplicates"));
	intersect.is_symmetric = show_bool(show_member(node, "is_symmetric"));
	intersect.allow_self = show_is_null(allow_self) || show_bool(allow_self);
	intersect.name = show_name(show_member_required(node, "name"));
	ddl_intersect_check_name(intersect.name);
	ddl_intersect_row_insert(&intersect, relid, false);
	present = model_intersect_by_name(ddl_model(), intersect.name);
	problem = ddl_intersect_keys_problem(present);
	if (problem)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("relation \"%s\" already exists, and is not the intersect table that is described: %s",
						relmeta_relation_name(relid), problem),
				 errhint("To use an existing junction table, say is_adopted.")));
	ddl_intersect_triggers_sync(present);
	ddl_judged_sync(ddl_judged_by_links(NIL, model_intersect_required(ddl_model(), intersect.name)));
	return intersect.name;
}

static char *
create_or_take_up(IntersectStep *step)
{
	ShowNode   *intersect = show_member(step->node, "intersect_table");
	Oid			relid = InvalidOid;

	if (!show_is_null(intersect) && !show_is_null(show_member(step->node, "name")))
		relid = show_table_find(show_table_named(step->import, intersect));
	if (OidIsValid(relid) && model_intersect_by_table(ddl_model(), relid) == NULL)
		return take_up(step, relid);
	return create(step);
}

/* Written by whoever has just declared it. */
static void
keep_original_name(const char *name, char *original)
{
	Oid			types[] = {TEXTOID, TEXTOID};
	Datum		values[] = {CStringGetTextDatum(name), CStringGetTextDatum(original)};

	ddl_catalog("UPDATE relmeta.intersect_relationship SET original_name = $2 WHERE name OPERATOR(pg_catalog.=) $1",
				2, types, values, NULL);
}

static void
import_intersect(void *arg)
{
	IntersectStep *step = arg;
	ShowNode   *node = step->node;
	ModelIntersect *present = NULL;
	ShowRow    *row;
	char	   *name;
	char	   *original;

	show_check_keys(node, intersect_keys);
	name = show_name(show_member(node, "name"));
	if (name)
		present = model_intersect_by_name(ddl_model(), name);
	if (present)
	{
		compare(step, present);
		return;
	}
	name = show_bool(show_member(node, "is_adopted")) ? adopt(step) : create_or_take_up(step);
	original = show_text(show_member(node, "original_name"));
	if (original)
		keep_original_name(name, original);
	present = model_intersect_by_name(ddl_model(), name);
	row = show_report(step->import, ROW_CREATED, name, "%s", present && present->sql_name ?
					  psprintf("by intersect table %s", present->sql_name) : "waits for its tables");
	show_import_menus(node, name, row);
}

/* ---- all of them ---- */

/* An end may be the intersect table of another one: that one comes first. */
static bool
is_ready(ShowImport *import, const ShowNode *node)
{
	return OidIsValid(show_table_find(show_table_named(import, show_member_required(node, "table1")))) &&
		OidIsValid(show_table_find(show_table_named(import, show_member_required(node, "table2"))));
}

void
show_import_intersects(ShowImport *import)
{
	List	   *waiting = show_elements(show_member(import->document, "many_to_many"));
	bool		progress = true;
	ListCell   *lc;

	while (waiting != NIL)
	{
		List	   *left = NIL;
		bool		last_round = !progress;

		progress = false;
		foreach(lc, waiting)
		{
			IntersectStep step = {import, lfirst(lc)};

			if (!last_round && !is_ready(import, step.node))
			{
				left = lappend(left, step.node);
				continue;
			}
			show_at(step.node, import_intersect, &step);
			progress = true;
		}
		waiting = left;
	}
}
