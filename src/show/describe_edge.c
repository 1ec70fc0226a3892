/*
 * describe_edge.c
 *		The relationships of a table, seen from its side.
 */
#include "show/describe.h"

#include "catalog/pg_type.h"
#include "ddl/ddl.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "model/key.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"

/* A table as the caller would write it, or what is left of it. */
static char *
table_name(Oid relid)
{
	return DatumGetCString(DirectFunctionCall1(regclassout, ObjectIdGetDatum(relid)));
}

/* What the columns do not say. */
static char *
notes(ModelRelationship *r)
{
	StringInfoData text;

	initStringInfo(&text);
	if (r->type_column.name)
		appendStringInfo(&text, ", %s = %s", r->type_column.sql_name, quote_literal_cstr(r->type_value));
	if (r->is_hierarchical)
		appendStringInfoString(&text, ", hierarchy");
	if (model_columns_not_null(&r->lookup))
		appendStringInfoString(&text, ", mandatory");
	if (!r->foreign_key)
		appendStringInfoString(&text, ", guarded by relmeta");
	if (r->broken)
		appendStringInfo(&text, ", broken: %s", r->broken);
	return text.len ? text.data + 2 : "";
}

static List *
relationships(List *list, bool as_primary, const char *heading)
{
	ShowGrid   *grid = show_grid(12);
	ListCell   *lc;

	show_grid_row(grid, "relationship", as_primary ? "related table" : "lookup",
				  as_primary ? "lookup" : "primary table", "preset", "assign", "reparent",
				  "share", "unshare", "delete", "merge", "rollup_view", "notes");
	foreach(lc, list)
	{
		ModelRelationship *r = lfirst(lc);
		const char *does[MODEL_ACTIONS];
		const char *lookup = model_columns_list(&r->lookup);

		for (int i = 0; i < MODEL_ACTIONS; i++)
			does[i] = model_behavior_name(r->behavior[i]);
		show_grid_row(grid, quote_identifier(r->name), as_primary ? table_name(r->related->relid) : lookup,
					  as_primary ? lookup : table_name(r->primary->relid), model_preset_of(r->behavior),
					  does[0], does[1], does[2], does[3], does[4], does[5], does[6], notes(r));
	}
	return show_grid_lines(grid, heading);
}

List *
show_describe_one_to_many(ModelTable *table)
{
	return relationships(model_as_primary(table), true, "One to many, rows that point to rows of this table:");
}

List *
show_describe_many_to_one(ModelTable *table)
{
	return relationships(model_as_related(table), false, "Many to one, what rows of this table point to:");
}

/* ---- N:N relationships ---- */

static char *
link_notes(ModelIntersect *link)
{
	StringInfoData text;

	initStringInfo(&text);
	if (!OidIsValid(link->relid))
		appendStringInfoString(&text, ", pending");
	if (link->is_adopted)
		appendStringInfoString(&text, ", adopted");
	if (link->is_symmetric)
		appendStringInfoString(&text, ", symmetric");
	if (!link->allow_self)
		appendStringInfoString(&text, ", no row with itself");
	if (link->allow_duplicates)
		appendStringInfoString(&text, ", duplicates allowed");
	if (link->broken)
		appendStringInfo(&text, ", broken: %s", link->broken);
	return text.len ? text.data + 2 : "";
}

List *
show_describe_many_to_many(Model *model, Oid relid)
{
	ShowGrid   *grid = show_grid(6);
	ListCell   *lc;

	show_grid_row(grid, "relationship", "side", "table 1", "table 2", "intersect table", "notes");
	foreach(lc, model_intersects(model))
	{
		ModelIntersect *link = lfirst(lc);
		char	   *side = link->table[0] == relid && link->table[1] == relid ? "both" : link->table[0] == relid ? "1" :
		link->table[1] == relid ? "2" : link->relid == relid ? "links" : NULL;
		char	   *columns = psprintf("(%s, %s)", model_columns_list(&link->column[0]),
									   model_columns_list(&link->column[1]));

		if (side == NULL || relid == InvalidOid)
			continue;
		show_grid_row(grid, quote_identifier(link->name), side,
					  OidIsValid(link->table[0]) ? table_name(link->table[0]) : "not there yet",
					  OidIsValid(link->table[1]) ? table_name(link->table[1]) : "not there yet",
					  psprintf("%s %s", OidIsValid(link->relid) ? table_name(link->relid) : "not there yet", columns),
					  link_notes(link));
	}
	return show_grid_lines(grid, "Many to many:");
}

List *
show_relationship_names(ModelTable *table)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, model_as_primary(table))
		names = lappend(names, ((ModelRelationship *) lfirst(lc))->name);
	foreach(lc, model_as_related(table))
		names = lappend(names, ((ModelRelationship *) lfirst(lc))->name);
	return names;
}
