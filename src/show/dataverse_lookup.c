/*
 * dataverse_lookup.c
 *		Dataverse's 1:N definitions.
 */
#include "show/dataverse.h"

#include "catalog/pg_type.h"
#include "model/key.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* in the order of ModelAction */
static const char *const cascade_keys[MODEL_ACTIONS] = {
	"Assign", "Reparent", "Share", "Unshare", "Delete", "Merge", "RollupView"
};

static const struct
{
	const char *cascade;
	ModelBehavior behavior;
}			cascades[] = {
	{"NoCascade", BEHAVIOR_NONE},
	{"Cascade", BEHAVIOR_ALL},
	{"Active", BEHAVIOR_ACTIVE},
	{"UserOwned", BEHAVIOR_USER_OWNED},
	{"RemoveLink", BEHAVIOR_REMOVE_LINK},
	{"Restrict", BEHAVIOR_RESTRICT}
};

typedef struct LookupStep
{
	Dataverse  *dataverse;
	DataverseRelationship *r;
	ModelKeyColumns *lookup;	/* as it is named here */
	bool		is_multi_table;
	const char *behavior[MODEL_ACTIONS];	/* NULL: not said */
	char	   *name;			/* that it got */
} LookupStep;

/* ---- behaviors ---- */

/* SEMANTICS 3.15: a delete that does nothing leaves links to what is gone, which is refused here. */
static const char *
behavior_of(const ShowNode *node, ModelAction action)
{
	char	   *cascade = show_text(node);

	for (int i = 0; i < (int) lengthof(cascades); i++)
	{
		if (pg_strcasecmp(cascades[i].cascade, cascade) != 0)
			continue;
		if (action == ACTION_DELETE && cascades[i].behavior == BEHAVIOR_NONE)
			return model_behavior_name(BEHAVIOR_RESTRICT);
		return model_behavior_name(cascades[i].behavior);
	}
	show_refuse(node, "there is no such behavior as %s", show_quoted(cascade));
}

static void
read_behaviors(LookupStep *step)
{
	ShowNode   *configuration = show_member(step->r->node, "CascadeConfiguration");

	for (int i = 0; i < MODEL_ACTIONS; i++)
	{
		ShowNode   *cascade = show_is_null(configuration) ? NULL : show_member(configuration, cascade_keys[i]);

		step->behavior[i] = show_is_null(cascade) ? NULL : behavior_of(cascade, i);
	}
}

/* ---- the lookup ---- */

/* Do other definitions point by the same lookup to other tables? */
static bool
is_multi_table(Dataverse *dataverse, const DataverseRelationship *r)
{
	ListCell   *lc;

	foreach(lc, dataverse->relationships)
	{
		DataverseRelationship *other = lfirst(lc);

		if (!other->is_many_to_many && other->table[1] == r->table[1] && other->table[0] != r->table[0] &&
			strcmp(other->attribute[0], r->attribute[0]) == 0)
			return true;
	}
	return false;
}

/* A definition before this one that says the same lookup points to the same table */
static DataverseRelationship *
said_before(Dataverse *dataverse, const DataverseRelationship *r)
{
	ListCell   *lc;

	foreach(lc, dataverse->relationships)
	{
		DataverseRelationship *other = lfirst(lc);

		if (other == r)
			return NULL;
		if (!other->is_many_to_many && other->is_there && other->table[0] == r->table[0] &&
			other->table[1] == r->table[1] && strcmp(other->attribute[0], r->attribute[0]) == 0)
			return other;
	}
	return NULL;
}

static ModelRelationship *
find_present(LookupStep *step, bool any_target)
{
	ListCell   *lc;

	foreach(lc, model_relationships(ddl_model()))
	{
		ModelRelationship *present = lfirst(lc);

		if (present->related->relid == step->r->table[1]->relid &&
			model_columns_equal(step->lookup, &present->lookup) &&
			(any_target ? present->type_column.name != NULL :
			 present->primary->relid == step->r->table[0]->relid))
			return present;
	}
	return NULL;
}

/* ---- declaring ---- */

static void
add_behaviors(ShowCall *call, LookupStep *step)
{
	for (int i = 0; i < MODEL_ACTIONS; i++)
		show_argument_text(call, step->behavior[i]);
}

/*
 * A lookup to several tables: its first target makes it, the others are added.
 * What it was to several tables once stays one of several.
 */
static void
create_target(LookupStep *step)
{
	ShowCall	call = {0};

	show_argument_table(&call, step->r->table[1]->relid);
	show_argument_columns(&call, step->lookup);
	show_argument_table(&call, step->r->table[0]->relid);
	add_behaviors(&call, step);
	show_argument_text(&call, show_dataverse_name(step->r->name));
	if (find_present(step, true))
		step->name = show_call(&call, "SELECT relmeta.add_lookup_target($1, $2, $3, NULL, 'referential',"
							   " $4, $5, $6, $7, $8, $9, $10, false, $11)");
	else
		step->name = show_call(&call, "SELECT (relmeta.create_multi_table_lookup($1, $2, ARRAY[$3], NULL, NULL,"
							   " 'referential', $4, $5, $6, $7, $8, $9, $10, names => ARRAY[$11]))[1]");
}

static void
create_lookup(LookupStep *step)
{
	ShowNode   *is_hierarchical = show_member(step->r->node, "IsHierarchical");
	ShowCall	call = {0};

	show_argument_table(&call, step->r->table[0]->relid);
	show_argument_table(&call, step->r->table[1]->relid);
	show_argument_columns(&call, step->lookup);
	show_argument_text(&call, show_dataverse_name(step->r->name));
	add_behaviors(&call, step);
	show_argument_bool(&call, show_bool(is_hierarchical));
	step->name = show_call(&call, "SELECT relmeta.create_one_to_many($1, $2, $3, $4, 'referential',"
						   " $5, $6, $7, $8, $9, $10, $11, $12)");
}

static void
keep_original_name(const char *name, char *original)
{
	Oid			types[] = {TEXTOID, TEXTOID};
	Datum		values[] = {CStringGetTextDatum(name), CStringGetTextDatum(original)};

	if (strcmp(name, original) != 0)
		ddl_catalog("UPDATE relmeta.relationship SET original_name = $2 WHERE name OPERATOR(pg_catalog.=) $1",
					2, types, values, NULL);
}

static void
create(LookupStep *step)
{
	if (step->is_multi_table || find_present(step, true))
		create_target(step);
	else
		create_lookup(step);
	keep_original_name(step->name, step->r->name);
}

/* ---- one that there is ---- */

/* SELECT relmeta.update_relationship(name, assign, ...), of what differs */
static void
compare(LookupStep *step, ModelRelationship *present)
{
	ShowCall	call = {0};
	const char *action = ROW_EXISTS;
	char	   *changes = "";

	show_argument_text(&call, present->name);
	for (int i = 0; i < MODEL_ACTIONS; i++)
	{
		const char *was = model_behavior_name(present->behavior[i]);
		const char *wanted = step->behavior[i];

		if (wanted && strcmp(wanted, was) == 0)
			wanted = NULL;
		if (wanted)
			changes = psprintf("%s%s%s: %s, was %s", changes, changes[0] ? "; " : "", model_action_name(i), wanted,
							   was);
		show_argument_text(&call, wanted);
	}
	if (changes[0])
	{
		(void) show_call(&call, "SELECT relmeta.update_relationship($1, $2, $3, $4, $5, $6, $7, $8)");
		action = ROW_CHANGED;
	}
	if (show_dataverse_menu(step->r, present->name, 1))
	{
		changes = psprintf("%s%smenu", changes, changes[0] ? "; " : "");
		action = ROW_CHANGED;
	}
	if (changes[0] == '\0' && strcmp(present->name, step->r->name) != 0)
		changes = psprintf("as relationship %s", show_quoted(present->name));
	show_dataverse_report(step->dataverse, step->r, action, changes);
}

/* ---- a row ---- */

static char *
missing(const DataverseRelationship *r)
{
	for (int i = 0; i < 2; i++)
	{
		if (!OidIsValid(r->table[i]->relid))
			return r->table[i]->told ? r->table[i]->told : psprintf("table %s is not here", r->table[i]->name);
	}
	return NULL;
}

/* lead.customerid to account; as relationship "lead_customer_1" */
static char *
describe(LookupStep *step)
{
	char	   *what = psprintf("%s.%s to %s%s", ddl_table_name(step->r->table[1]->relid),
								model_columns_list(step->lookup), ddl_table_name(step->r->table[0]->relid),
								step->is_multi_table ? ", one of several tables" : "");

	if (strcmp(step->name, step->r->name) != 0)
		what = psprintf("%s; as relationship %s", what, show_quoted(step->name));
	return what;
}

static void
declare(LookupStep *step)
{
	ModelRelationship *present;
	char	   *column = show_dataverse_column(step->r->table[1]->relid, step->r->attribute[0]);

	step->lookup = model_columns_declare(column ? column : step->r->attribute[0]);
	step->is_multi_table = is_multi_table(step->dataverse, step->r);
	read_behaviors(step);
	present = find_present(step, false);
	if (present)
	{
		compare(step, present);
		return;
	}
	create(step);
	(void) show_dataverse_menu(step->r, step->name, 1);
	show_dataverse_report(step->dataverse, step->r, ROW_CREATED, describe(step));
}

void
show_dataverse_lookup(Dataverse *dataverse, DataverseRelationship *r)
{
	LookupStep	step = {.dataverse = dataverse,.r = r};
	DataverseRelationship *before = r->skip ? NULL : said_before(dataverse, r);

	if (r->skip)
		show_dataverse_report(dataverse, r, ROW_SKIPPED, r->skip);
	else if (missing(r))
		show_dataverse_report(dataverse, r, ROW_SKIPPED, missing(r));
	else if (before)
		show_dataverse_report(dataverse, r, ROW_SKIPPED, psprintf("it is the same lookup as %s", before->name));
	else
		declare(&step);
}
