/*
 * import_relationship.c
 *		The 1:N relationships of a document.
 */
#include "show/document.h"

#include "catalog/pg_type.h"
#include "model/key.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

static const char *const relationship_keys[] = {
	"name", "original_name", "primary_table", "related_table", "lookup_column", "type_column", "type_value", "required",
	"foreign_key", "is_hierarchical", "preset", "behaviors", "mappings", "menus", NULL
};

/* what an element says */
typedef struct Wanted
{
	ShowNode   *node;
	Oid			primary;
	Oid			related;
	char	   *name;
	ModelKeyColumns *lookup;
	char	   *type_column;
	char	   *behavior[MODEL_ACTIONS];	/* NULL: not said */
} Wanted;

static void
read_behaviors(Wanted *wanted)
{
	ShowNode   *behaviors = show_member(wanted->node, "behaviors");
	const char *keys[MODEL_ACTIONS + 1] = {0};

	if (show_is_null(behaviors))
		return;
	for (int i = 0; i < MODEL_ACTIONS; i++)
		keys[i] = model_action_name(i);
	show_check_keys(behaviors, keys);
	for (int i = 0; i < MODEL_ACTIONS; i++)
		wanted->behavior[i] = show_text(show_member(behaviors, keys[i]));
}

static void
read_wanted(ShowImport *import, Wanted *wanted)
{
	ShowNode   *node = wanted->node;

	show_check_keys(node, relationship_keys);
	wanted->primary = show_table_required(import, show_member_required(node, "primary_table"));
	wanted->related = show_table_required(import, show_member_required(node, "related_table"));
	wanted->lookup = show_columns(show_member_required(node, "lookup_column"));
	wanted->type_column = show_name(show_member(node, "type_column"));
	wanted->name = show_name(show_member(node, "name"));
	read_behaviors(wanted);
}

/* ---- what is there ---- */

static ModelRelationship *
find_relationship(const Wanted *wanted)
{
	ListCell   *lc;

	foreach(lc, model_relationships(ddl_model()))
	{
		ModelRelationship *r = lfirst(lc);

		if (r->primary->relid == wanted->primary && r->related->relid == wanted->related &&
			model_columns_equal(wanted->lookup, &r->lookup))
			return r;
	}
	return NULL;
}

static bool
is_multi_table_lookup(const Wanted *wanted)
{
	ListCell   *lc;

	foreach(lc, model_relationships(ddl_model()))
	{
		ModelRelationship *r = lfirst(lc);

		if (r->related->relid == wanted->related && r->type_column.name &&
			model_columns_equal(wanted->lookup, &r->lookup))
			return true;
	}
	return false;
}

/* ---- one that there is ---- */

static void
refuse_difference(const Wanted *wanted, ModelRelationship *r, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_DUPLICATE_OBJECT),
			 errmsg("%s: relationship \"%s\" has another %s", show_path(wanted->node), r->name, what),
			 errhint("It cannot be changed: call relmeta.drop_relationship(%s) first.", quote_literal_cstr(r->name))));
}

static void
check_same(const Wanted *wanted, ModelRelationship *r)
{
	ShowNode   *foreign_key = show_member(wanted->node, "foreign_key");
	ShowNode   *is_hierarchical = show_member(wanted->node, "is_hierarchical");
	char	   *type_value = show_text(show_member(wanted->node, "type_value"));

	if ((wanted->type_column == NULL) != (r->type_column.name == NULL) ||
		(wanted->type_column && strcmp(wanted->type_column, r->type_column.name) != 0))
		refuse_difference(wanted, r, "type_column");
	if (type_value && r->type_value && strcmp(type_value, r->type_value) != 0)
		refuse_difference(wanted, r, "type_value");
	if (!show_is_null(foreign_key) && r->type_column.name == NULL && show_bool(foreign_key) != r->foreign_key)
		refuse_difference(wanted, r, "foreign_key");
	if (!show_is_null(is_hierarchical) && show_bool(is_hierarchical) != r->is_hierarchical)
		refuse_difference(wanted, r, "is_hierarchical");
}

/* SELECT relmeta.update_relationship(name, assign, ...), of what differs */
static ShowRow *
change_behaviors(ShowImport *import, const Wanted *wanted, ModelRelationship *r)
{
	ShowRow    *row = show_report(import, ROW_EXISTS, r->name, "%s", "");
	ShowCall	call = {0};
	bool		changes = false;

	if (wanted->name && strcmp(wanted->name, r->name) != 0)
		show_report_more(row, "the document calls it %s", show_quoted(wanted->name));
	show_argument_text(&call, r->name);
	for (int i = 0; i < MODEL_ACTIONS; i++)
	{
		char	   *behavior = wanted->behavior[i];

		if (behavior && strcmp(behavior, model_behavior_name(r->behavior[i])) == 0)
			behavior = NULL;
		show_argument_text(&call, behavior);
		if (behavior == NULL)
			continue;
		show_report_change(row, "%s: %s, was %s", model_action_name(i), show_quoted(behavior),
						   model_behavior_name(r->behavior[i]));
		changes = true;
	}
	if (changes)
		(void) show_call(&call, "SELECT relmeta.update_relationship($1, $2, $3, $4, $5, $6, $7, $8)");
	return row;
}

/* ---- one that there is not ---- */

static void
add_behaviors(ShowCall *call, const Wanted *wanted)
{
	ShowNode   *preset = show_member(wanted->node, "preset");

	show_argument_text(call, show_is_null(preset) ? "referential" : show_text(preset));
	for (int i = 0; i < MODEL_ACTIONS; i++)
		show_argument_text(call, wanted->behavior[i]);
}

static char *
create_lookup(const Wanted *wanted)
{
	ShowNode   *foreign_key = show_member(wanted->node, "foreign_key");
	ShowCall	call = {0};

	show_argument_table(&call, wanted->primary);
	show_argument_table(&call, wanted->related);
	show_argument_columns(&call, wanted->lookup);
	show_argument_text(&call, wanted->name);
	add_behaviors(&call, wanted);
	show_argument_bool(&call, show_bool(show_member(wanted->node, "is_hierarchical")));
	show_argument_bool(&call, show_bool(show_member(wanted->node, "required")));
	show_argument_bool(&call, show_is_null(foreign_key) || show_bool(foreign_key));
	return show_call(&call, "SELECT relmeta.create_one_to_many($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,"
					 " $13, $14, $15)");
}

static char *
create_target(const Wanted *wanted)
{
	char	   *type_value = show_text(show_member(wanted->node, "type_value"));
	ShowCall	call = {0};

	show_argument_table(&call, wanted->related);
	show_argument_columns(&call, wanted->lookup);
	show_argument_table(&call, wanted->primary);
	show_argument_text(&call, type_value);
	add_behaviors(&call, wanted);
	show_argument_text(&call, wanted->name);
	if (is_multi_table_lookup(wanted))
		return show_call(&call, "SELECT relmeta.add_lookup_target($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,"
						 " false, $13)");
	show_argument_name(&call, wanted->type_column);
	show_argument_bool(&call, show_bool(show_member(wanted->node, "required")));
	return show_call(&call, "SELECT (relmeta.create_multi_table_lookup($1, $2, ARRAY[$3], $14, ARRAY[$4], $5,"
					 " $6, $7, $8, $9, $10, $11, $12, $15, false, ARRAY[$13]))[1]");
}

/* Written by whoever has just declared it, hence owns its tables. */
static void
keep_original_name(const char *name, char *original)
{
	Oid			types[] = {TEXTOID, TEXTOID};
	Datum		values[] = {CStringGetTextDatum(name), CStringGetTextDatum(original)};

	ddl_catalog("UPDATE relmeta.relationship SET original_name = $2 WHERE name OPERATOR(pg_catalog.=) $1",
				2, types, values, NULL);
}

static ShowRow *
create_relationship(ShowImport *import, Wanted *wanted)
{
	char	   *original = show_text(show_member(wanted->node, "original_name"));

	wanted->name = wanted->type_column ? create_target(wanted) : create_lookup(wanted);
	if (original)
		keep_original_name(wanted->name, original);
	return show_report(import, ROW_CREATED, wanted->name, "%s of %s to %s", model_columns_list(wanted->lookup),
					   ddl_table_name(wanted->related), ddl_table_name(wanted->primary));
}

typedef struct RelationshipStep
{
	ShowImport *import;
	ShowNode   *node;
} RelationshipStep;

static void
import_relationship(void *arg)
{
	RelationshipStep *step = arg;
	Wanted		wanted = {.node = step->node};
	ModelRelationship *r;
	ShowRow    *row;

	read_wanted(step->import, &wanted);
	r = find_relationship(&wanted);
	if (r == NULL)
		row = create_relationship(step->import, &wanted);
	else
	{
		check_same(&wanted, r);
		row = change_behaviors(step->import, &wanted, r);
		wanted.name = r->name;
	}
	show_import_mappings(step->node, wanted.name, row);
	show_import_menus(step->node, wanted.name, row);
}

void
show_import_relationships(ShowImport *import)
{
	ListCell   *lc;

	foreach(lc, show_elements(show_member(import->document, "relationships")))
	{
		RelationshipStep step = {import, lfirst(lc)};

		show_at(step.node, import_relationship, &step);
	}
}
