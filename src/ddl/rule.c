/*
 * rule.c
 *		What may be declared: the refusals of SEMANTICS 2.3.
 *
 * One function per rule, each returning the problem or NULL, so that the same
 * rules serve create, update, register_table and relmeta.adoptable.  The
 * caller holds the locks of lock.h.
 */
#include "ddl/intersect_table.h"
#include "ddl/relationship.h"

#include "access/htup_details.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

static RuleProblem *problem(int sqlstate, char *hint, const char *format,...) pg_attribute_printf(3, 4);

static RuleProblem *
problem(int sqlstate, char *hint, const char *format,...)
{
	RuleProblem *result = palloc(sizeof(RuleProblem));
	StringInfoData buf;
	int			needed;

	initStringInfo(&buf);
	do
	{
		va_list		args;

		va_start(args, format);
		needed = appendStringInfoVA(&buf, format, args);
		va_end(args);
		if (needed > 0)
			enlargeStringInfo(&buf, needed);
	} while (needed > 0);
	result->sqlstate = sqlstate;
	result->message = buf.data;
	result->hint = hint;
	return result;
}

static char *
allowed_behaviors(ModelAction action)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (int b = 0; b < MODEL_BEHAVIORS; b++)
	{
		if (model_behavior_allowed(action, b))
			appendStringInfo(&buf, "%s%s", buf.len > 0 ? ", " : "", model_behavior_name(b));
	}
	return buf.data;
}

static RuleProblem *
behavior_not_allowed(const Declaration *d)
{
	for (int action = 0; action < MODEL_ACTIONS; action++)
	{
		if (!model_behavior_allowed(action, d->behavior[action]))
			return problem(ERRCODE_INVALID_PARAMETER_VALUE,
						   psprintf("Allowed for %s: %s.", model_action_name(action), allowed_behaviors(action)),
						   "behavior \"%s\" is not allowed for action \"%s\"",
						   model_behavior_name(d->behavior[action]), model_action_name(action));
	}
	return NULL;
}

/* ---- hierarchies ---- */

static RuleProblem *
hierarchy_broken(Model *model, const Declaration *d)
{
	ListCell   *lc;

	if (!d->is_hierarchical)
		return NULL;
	if (d->primary != d->related)
		return problem(ERRCODE_INVALID_OBJECT_DEFINITION, NULL,
					   "a hierarchical relationship must be of table \"%s\" to itself", get_rel_name(d->related));
	foreach(lc, model_relationships_of(model, d->related))
	{
		ModelRelationship *r = lfirst(lc);

		if (r->id != d->id && r->is_hierarchical && r->related->relid == d->related)
			return problem(ERRCODE_INVALID_OBJECT_DEFINITION, NULL,
						   "table \"%s\" already has a hierarchical relationship, \"%s\"",
						   get_rel_name(d->related), r->name);
	}
	return NULL;
}

/* ---- owners ---- */

static ModelColumn *
owner_of(ModelTable *table)
{
	return table && table->owner.name ? &table->owner : NULL;
}

static char *
owner_hint(Oid relid)
{
	return psprintf("Call relmeta.register_table(%s, owner_column => '...').",
					quote_literal_cstr(ddl_table_name(relid)));
}

static RuleProblem *
behavior_needs_owner(ModelAction action, ModelBehavior behavior, Oid relid)
{
	return problem(ERRCODE_INVALID_OBJECT_DEFINITION, owner_hint(relid),
				   "behavior \"%s\" of action \"%s\" needs an owner column in table \"%s\"",
				   model_behavior_name(behavior), model_action_name(action), get_rel_name(relid));
}

static RuleProblem *
owner_missing(Model *model, const Declaration *d)
{
	ModelColumn *primary = owner_of(model_table(model, d->primary));
	ModelColumn *related = owner_of(model_table(model, d->related));

	for (int action = 0; action < MODEL_ACTIONS; action++)
	{
		ModelBehavior behavior = d->behavior[action];
		bool		both = behavior == BEHAVIOR_USER_OWNED ||
		(action == ACTION_ASSIGN && behavior_cascades(behavior));
		bool		inherits = (action == ACTION_REPARENT || action == ACTION_SHARE) && behavior_cascades(behavior);

		if ((both || inherits) && primary == NULL)
			return behavior_needs_owner(action, behavior, d->primary);
		if (both && related == NULL)
			return behavior_needs_owner(action, behavior, d->related);
	}
	return NULL;
}

/* rollup_view = user_owned compares them too */
static bool
owners_meet(const Declaration *d)
{
	return d->behavior[ACTION_ROLLUP_VIEW] == BEHAVIOR_USER_OWNED ||
		behavior_cascades(d->behavior[ACTION_ASSIGN]) || behavior_cascades(d->behavior[ACTION_REPARENT]) ||
		behavior_cascades(d->behavior[ACTION_SHARE]) || behavior_cascades(d->behavior[ACTION_UNSHARE]);
}

static RuleProblem *
owner_types_differ(Model *model, const Declaration *d)
{
	ModelColumn *primary = owner_of(model_table(model, d->primary));
	ModelColumn *related = owner_of(model_table(model, d->related));

	if (!owners_meet(d) || primary == NULL || related == NULL ||
		primary->type.base_type == related->type.base_type)
		return NULL;
	return problem(ERRCODE_INVALID_OBJECT_DEFINITION,
				   psprintf("Call relmeta.alter_column_type(%s, %s, %s).",
							quote_literal_cstr(ddl_table_name(d->related)), quote_literal_cstr(related->name),
							quote_literal_cstr(ddl_type_name(primary->type.base_type, -1))),
				   "the owners of tables \"%s\" and \"%s\" are of different types, %s and %s",
				   get_rel_name(d->primary), get_rel_name(d->related),
				   format_type_be(primary->type.type), format_type_be(related->type.type));
}

static bool
inherits_access(const ModelBehavior *behavior)
{
	return behavior_cascades(behavior[ACTION_SHARE]) || behavior_cascades(behavior[ACTION_REPARENT]);
}

/*
 * A table without owner keeps what its rows inherit in the owner type of the
 * primary tables, which must agree (they share a lookup, or one would give
 * access twice).
 */
static RuleProblem *
inherited_types_differ(Model *model, const Declaration *d)
{
	ModelColumn *primary = owner_of(model_table(model, d->primary));
	ListCell   *lc;

	if (primary == NULL || owner_of(model_table(model, d->related)) || !inherits_access(d->behavior))
		return NULL;
	foreach(lc, model_relationships_of(model, d->related))
	{
		ModelRelationship *r = lfirst(lc);
		ModelColumn *other = owner_of(r->primary);

		if (r->id != d->id && r->related->relid == d->related && inherits_access(r->behavior) &&
			other && other->type.base_type != primary->type.base_type)
			return problem(ERRCODE_INVALID_OBJECT_DEFINITION,
						   owner_hint(d->related),
						   "table \"%s\" has no owner and would inherit from owners of different types, %s and %s",
						   get_rel_name(d->related), format_type_be(other->type.type),
						   format_type_be(primary->type.type));
	}
	return NULL;
}

/* ---- the lookup ---- */

static bool
domain_refuses_null(Oid type)
{
	while (get_typtype(type) == TYPTYPE_DOMAIN)
	{
		HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
		Form_pg_type form = (Form_pg_type) GETSTRUCT(tuple);
		bool		not_null = form->typnotnull;

		type = form->typbasetype;
		ReleaseSysCache(tuple);
		if (not_null)
			return true;
	}
	return false;
}

static bool
column_refuses_null(Oid relid, const char *column)
{
	HeapTuple	tuple = column ? SearchSysCacheAttName(relid, column) : NULL;
	Form_pg_attribute form;
	bool		result;

	if (!HeapTupleIsValid(tuple))
		return false;
	form = (Form_pg_attribute) GETSTRUCT(tuple);
	result = form->attnotnull || domain_refuses_null(form->atttypid);
	ReleaseSysCache(tuple);
	return result;
}

/* A column of the lookup that allows no null, or will not; NULL: none. */
static const char *
refusing_null(const Declaration *d)
{
	List	   *columns = model_columns_names(d->lookup);
	ListCell   *lc;

	foreach(lc, columns)
		if (column_refuses_null(d->related, lfirst(lc)))
		return lfirst(lc);
	if (column_refuses_null(d->related, d->type_column))
		return d->type_column;
	return d->required ? linitial(columns) : NULL;
}

static RuleProblem *
link_cannot_be_removed(const Declaration *d)
{
	const char *column = refusing_null(d);

	if (d->behavior[ACTION_DELETE] != BEHAVIOR_REMOVE_LINK || column == NULL)
		return NULL;
	return problem(ERRCODE_INVALID_OBJECT_DEFINITION,
				   pstrdup("Choose delete => 'restrict' or delete => 'all', or allow NULL in the column."),
				   "behavior \"remove_link\" needs column \"%s\" of table \"%s\" to allow null",
				   column, get_rel_name(d->related));
}

/* One lookup column is that of one multi-table lookup, or of relationships without type column. */
static RuleProblem *
lookup_is_another(Model *model, const Declaration *d)
{
	ListCell   *lc;

	foreach(lc, model_relationships_of(model, d->related))
	{
		ModelRelationship *r = lfirst(lc);

		if (r->id == d->id || r->related->relid != d->related ||
			!model_columns_equal(d->lookup, &r->lookup))
			continue;
		if ((r->type_column.name == NULL) != (d->type_column == NULL) ||
			(d->type_column && strcmp(r->type_column.name, d->type_column) != 0))
			return problem(ERRCODE_INVALID_OBJECT_DEFINITION, NULL,
						   "column \"%s\" of table \"%s\" is already the lookup of relationship \"%s\"",
						   model_columns_text(d->lookup), get_rel_name(d->related), r->name);
		if (d->type_column && strcmp(r->type_value, d->type_value) == 0)
			return problem(ERRCODE_DUPLICATE_OBJECT, pstrdup("Give another type_value."),
						   "type value \"%s\" is already that of relationship \"%s\"", d->type_value, r->name);
	}
	return NULL;
}

/* A link has both ends, of two certain tables: its keys are not cleared, and point nowhere else. */
static RuleProblem *
lookup_is_link_end(const Declaration *d)
{
	ListCell   *lc;

	if (d->type_column == NULL)
		return NULL;
	foreach(lc, lappend(model_columns_names(d->lookup), d->type_column))
	{
		ModelIntersect *intersect = ddl_intersect_with_key(d->related, lfirst(lc));

		if (intersect != NULL)
			return problem(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
						   psprintf("Call relmeta.create_one_to_many(), or drop relationship %s first.",
									quote_literal_cstr(intersect->name)),
						   "column \"%s\" of table \"%s\" cannot be part of a multi-table lookup: it is a key of"
						   " many-to-many relationship \"%s\"", (char *) lfirst(lc), get_rel_name(d->related),
						   intersect->name);
	}
	return NULL;
}

/* ---- relationships by which access goes down ---- */

/*
 * What is declared and what is taken as declared (Declaration *: also), beside
 * d itself.
 */
typedef struct Passages
{
	Model	   *model;
	const Declaration *d;
	List	   *also;
} Passages;

/* It would give access twice.  One lookup points to one row, so that several targets of it do not. */
static bool
is_second(const Declaration *d, Oid related, ModelKeyColumns *lookup)
{
	return related == d->related && !model_columns_equal(d->lookup, lookup);
}

/* The name of a relationship by which the related table already gets access, or NULL. */
static const char *
other_passage(const Passages *passages)
{
	const Declaration *d = passages->d;
	ListCell   *lc;

	foreach(lc, model_relationships_of(passages->model, d->related))
	{
		ModelRelationship *r = lfirst(lc);

		if (r->id != d->id && r->passes_access && is_second(d, r->related->relid, &r->lookup))
			return r->name;
	}
	foreach(lc, passages->also)
	{
		Declaration *other = lfirst(lc);

		if (model_behaviors_pass_access(other->behavior) && is_second(d, other->related, other->lookup))
			return other->name;
	}
	return NULL;
}

static RuleProblem *
second_passage(const Passages *passages)
{
	const char *name = other_passage(passages);

	if (name == NULL)
		return NULL;
	return problem(ERRCODE_INVALID_OBJECT_DEFINITION,
				   psprintf("Let nothing but delete cascade (preset => 'referential', delete => 'all'),"
							" or change \"%s\" by relmeta.update_relationship().", name),
				   "table \"%s\" already gets access by another relationship, \"%s\"",
				   get_rel_name(passages->d->related), name);
}

/* The tables (OIDs) that relid passes access to directly. */
static List *
tables_below(const Passages *passages, Oid relid)
{
	List	   *below = NIL;
	ListCell   *lc;

	foreach(lc, model_relationships_of(passages->model, relid))
	{
		ModelRelationship *r = lfirst(lc);

		if (r->id != passages->d->id && r->passes_access && r->primary->relid == relid)
			below = list_append_unique_oid(below, r->related->relid);
	}
	foreach(lc, passages->also)
	{
		Declaration *other = lfirst(lc);

		if (other->primary == relid && model_behaviors_pass_access(other->behavior))
			below = list_append_unique_oid(below, other->related);
	}
	return below;
}

/* Whether goal is relid or below it. */
static bool
is_below(const Passages *passages, Oid relid, Oid goal)
{
	List	   *tables = list_make1_oid(relid);

	for (int i = 0; i < list_length(tables); i++)
	{
		if (list_nth_oid(tables, i) == goal)
			return true;
		tables = list_concat_unique_oid(tables, tables_below(passages, list_nth_oid(tables, i)));
	}
	return false;
}

static RuleProblem *
passage_cycle(const Passages *passages)
{
	const Declaration *d = passages->d;

	if (d->primary == d->related || !is_below(passages, d->related, d->primary))
		return NULL;
	return problem(ERRCODE_INVALID_OBJECT_DEFINITION,
				   pstrdup("Choose preset => 'referential' or 'referential_restrict'."),
				   "table \"%s\" already gets access from table \"%s\"",
				   get_rel_name(d->primary), get_rel_name(d->related));
}

static RuleProblem *
cannot_pass_access(Model *model, const Declaration *d, List *also)
{
	Passages	passages = {model, d, also};
	RuleProblem *found;

	if (!model_behaviors_pass_access(d->behavior))
		return NULL;
	found = second_passage(&passages);
	if (!found)
		found = passage_cycle(&passages);
	return found;
}

/* ---- system tables ---- */

static bool
is_system(ModelTable *table)
{
	return table && table->is_system;
}

static RuleProblem *
custom_to_system(Model *model, const Declaration *d)
{
	if (!model_behaviors_parental(d->behavior) ||
		is_system(model_table(model, d->primary)) || !is_system(model_table(model, d->related)))
		return NULL;
	return problem(ERRCODE_INVALID_OBJECT_DEFINITION,
				   pstrdup("Choose preset => 'referential' or 'referential_restrict'."),
				   "custom table \"%s\" cannot be the parent of system table \"%s\"",
				   get_rel_name(d->primary), get_rel_name(d->related));
}

RuleProblem *
ddl_declaration_problem(Model *model, const Declaration *d, List *also)
{
	RuleProblem *found = behavior_not_allowed(d);

	if (!found)
		found = hierarchy_broken(model, d);
	if (!found)
		found = lookup_is_another(model, d);
	if (!found)
		found = lookup_is_link_end(d);
	if (!found)
		found = link_cannot_be_removed(d);
	if (!found)
		found = owner_missing(model, d);
	if (!found)
		found = owner_types_differ(model, d);
	if (!found)
		found = inherited_types_differ(model, d);
	if (!found)
		found = custom_to_system(model, d);
	if (!found)
		found = cannot_pass_access(model, d, also);
	return found;
}

void
ddl_check_declaration(Model *model, const Declaration *d)
{
	RuleProblem *found = ddl_declaration_problem(model, d, NIL);

	if (found)
		ereport(ERROR,
				(errcode(found->sqlstate),
				 errmsg("%s", found->message),
				 found->hint ? errhint("%s", found->hint) : 0));
}
