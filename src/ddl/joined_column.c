/*
 * joined_column.c
 *		The columns that must be of one type: SEMANTICS 2.2.
 *
 * A key and the lookups to it, the keys of all targets of a multi-table lookup,
 * the columns of intersect tables; an owner and those that a cascading
 * relationship joins to it.
 */
#include "ddl/column_type.h"
#include "ddl/intersect_table.h"

#include "utils/builtins.h"
#include "utils/lsyscache.h"

static bool
named(ModelColumn *column, const char *name)
{
	return column->name && strcmp(column->name, name) == 0;
}

/* Does a relationship want both owners to be of one type? */
static bool
joins_owners(ModelRelationship *r)
{
	return r->primary->owner.name && r->related->owner.name &&
		(r->behavior[ACTION_ROLLUP_VIEW] == BEHAVIOR_USER_OWNED ||
		 behavior_cascades(r->behavior[ACTION_ASSIGN]) || behavior_cascades(r->behavior[ACTION_REPARENT]) ||
		 behavior_cascades(r->behavior[ACTION_SHARE]) || behavior_cascades(r->behavior[ACTION_UNSHARE]));
}

static List *
add_named(List *columns, Oid relid, char *column, bool is_owner)
{
	Retyped    *retyped;
	ListCell   *lc;

	foreach(lc, columns)
	{
		retyped = lfirst(lc);
		if (retyped->relid == relid && strcmp(retyped->column, column) == 0)
			return columns;
	}
	retyped = palloc0(sizeof(Retyped));
	retyped->relid = relid;
	retyped->column = column;
	retyped->attnum = ddl_column_required(relid, column);
	retyped->is_owner = is_owner;
	return lappend(columns, retyped);
}

static List *
add_column(List *columns, ModelTable *table, char *column)
{
	model_table_check_usable(table);
	return add_named(columns, table->relid, column, named(&table->owner, column));
}

/* The columns of intersect tables that hold what a column of the table's key does. */
static List *
add_intersects(List *columns, Model *model, Oid relid, const char *column)
{
	ListCell   *lc;

	foreach(lc, model_intersects(model))
	{
		ModelIntersect *intersect = lfirst(lc);

		for (int side = 0; side < 2; side++)
		{
			ModelKeyColumns *link = &intersect->column[side];
			ModelKeyColumns key;

			if (OidIsValid(intersect->relid) && intersect->table[side] == relid &&
				model_columns_of_primary_key(&key, relid, model_columns_type(link)) && model_columns_have(&key, column))
				columns = add_named(columns, intersect->relid, model_columns_counterpart(&key, column, link), false);
		}
	}
	return columns;
}

static bool
inherits_access(ModelRelationship *r)
{
	return behavior_cascades(r->behavior[ACTION_SHARE]) || behavior_cascades(r->behavior[ACTION_REPARENT]);
}

/* A table without owner that inherits from several must find their owners of one type. */
static List *
add_owners_through(List *columns, ModelTable *related)
{
	ListCell   *lc;

	foreach(lc, model_as_related(related))
	{
		ModelRelationship *r = lfirst(lc);

		if (inherits_access(r) && r->primary->owner.name)
			columns = add_column(columns, r->primary, r->primary->owner.name);
	}
	return columns;
}

/* The columns that one column takes along directly. */
static List *
add_joined(List *columns, Model *model, ModelTable *table, const char *column)
{
	ListCell   *lc;

	if (model_key_has_column(table, column))
		columns = add_intersects(columns, model, table->relid, column);

	foreach(lc, model_as_primary(table))
	{
		ModelRelationship *r = lfirst(lc);

		if (model_key_has_column(table, column))
			columns = add_column(columns, r->related, model_columns_counterpart(&table->key, column, &r->lookup));
		if (named(&table->owner, column) && joins_owners(r))
			columns = add_column(columns, r->related, r->related->owner.name);
		if (named(&table->owner, column) && r->related->owner.name == NULL && inherits_access(r))
			columns = add_owners_through(columns, r->related);
	}
	foreach(lc, model_as_related(table))
	{
		ModelRelationship *r = lfirst(lc);

		if (model_columns_have(&r->lookup, column))
			columns = add_column(columns, r->primary, model_columns_counterpart(&r->lookup, column, &r->primary->key));
		if (named(&table->owner, column) && joins_owners(r))
			columns = add_column(columns, r->primary, r->primary->owner.name);
	}
	return columns;
}

static void
check_role(ModelTable *table, const char *column)
{
	ListCell   *lc;

	if (model_key_has_column(table, column) || named(&table->owner, column))
		return;
	foreach(lc, model_as_related(table))
		if (model_columns_have(&((ModelRelationship *) lfirst(lc))->lookup, column))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("column \"%s\" of table \"%s\" is neither key nor owner nor lookup",
					column, get_rel_name(table->relid)),
			 errhint("Use ALTER TABLE %s ALTER COLUMN %s TYPE ...", table->sql_name, quote_identifier(column))));
}

/* A table need not be registered to take part in N:N relationships: its key alone, and the columns of those. */
static List *
participant_columns(Model *model, Oid relid, const char *column)
{
	List	   *columns = add_intersects(NIL, model, relid, column);

	if (columns != NIL)
		columns = add_named(columns, relid, pstrdup(column), false);
	return columns;
}

/* A key of an intersect table follows the key that it points to. */
static void
follow_link(Oid *relid, const char **column)
{
	ModelIntersect *intersect = ddl_intersect_with_key(*relid, *column);
	ModelKeyColumns key;
	int			side;

	if (intersect == NULL)
		return;
	side = model_columns_have(&intersect->column[0], *column) ? 0 : 1;
	*relid = intersect->table[side];
	(void) ddl_primary_key(*relid);
	if (model_columns_of_primary_key(&key, *relid, model_columns_type(&intersect->column[side])))
		*column = model_columns_counterpart(&intersect->column[side], *column, &key);
}

/* The column and all that follow from it, until nothing new follows. */
List *
ddl_joined_columns(Oid relid, const char *column)
{
	Model	   *model = ddl_model();
	ModelTable *table;
	List	   *columns = NIL;

	(void) ddl_column_required(relid, column);
	follow_link(&relid, &column);
	table = model_table(model, relid);
	if (table == NULL)
		columns = participant_columns(model, relid, column);
	if (columns != NIL)
		return columns;
	table = model_table_required(model, relid);
	check_role(table, column);
	columns = add_column(NIL, table, pstrdup(column));
	for (int i = 0; i < list_length(columns); i++)
	{
		Retyped    *retyped = list_nth(columns, i);

		/*
		 * an intersect table need not be registered, and joins nothing else
		 * then
		 */
		table = model_table(model, retyped->relid);
		if (table)
			columns = add_joined(columns, model, table, retyped->column);
	}
	return columns;
}
