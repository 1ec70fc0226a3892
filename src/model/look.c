/*
 * look.c
 *		Finding a table or relationship in the model, and the complaint when it is not there or cannot be used.
 */
#include "relmeta.h"

#include "miscadmin.h"
#include "model/internal.h"
#include "model/key.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

List *
model_tables(Model *model)
{
	if (!model->read_all)
		model_load_all(model);
	return model->table_list;
}

List *
model_relationships(Model *model)
{
	if (!model->read_all)
		model_load_all(model);
	return model->relationship_list;
}

/* Appends the tables that this one gets access from, then itself.  There is no cycle across tables. */
static void
add_downwards(ModelTable *table, List **tables)
{
	ListCell   *lc;

	check_stack_depth();
	if (list_member_ptr(*tables, table))
		return;
	foreach(lc, model_as_related(table))
	{
		ModelRelationship *relationship = lfirst(lc);

		if (relationship->passes_access && relationship->primary != table)
			add_downwards(relationship->primary, tables);
	}
	*tables = lappend(*tables, table);
}

List *
model_tables_downwards(Model *model)
{
	List	   *tables = NIL;
	ListCell   *lc;

	foreach(lc, model_tables(model))
		add_downwards(lfirst(lc), &tables);
	return tables;
}

void
model_table_check_usable(ModelTable *table)
{
	if (table->broken)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the registration of table %s cannot be used: %s", table->sql_name, table->broken),
				 errhint("Call relmeta.verify() to see what is missing, relmeta.repair() to mend it.")));
}

void
model_relationship_check_usable(ModelRelationship *relationship)
{
	if (relationship->broken)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("relationship \"%s\" cannot be used: %s", relationship->name, relationship->broken),
				 errhint("Call relmeta.verify() to see what is missing, relmeta.repair() to mend it.")));
}

ModelTable *
model_table_required(Model *model, Oid relid)
{
	ModelTable *table = model_table(model, relid);

	if (table == NULL)
	{
		char	   *name = relmeta_relation_name(relid);
		char	   *qualified;

		qualified = quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)), name);
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("table \"%s\" is not registered", name),
				 errhint("Call relmeta.register_table(%s).", quote_literal_cstr(qualified))));
	}
	model_table_check_usable(table);
	return table;
}

ModelRelationship *
model_relationship_required(Model *model, const char *name)
{
	ModelRelationship *relationship = model_relationship_by_name(model, name);

	if (relationship == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("relationship \"%s\" does not exist", name),
				 errhint("The views relmeta.one_to_many and relmeta.many_to_many list the relationships.")));
	return relationship;
}

void
model_column_check(ModelTable *table, Relation rel, ModelColumn *column, AttrNumber attnum)
{
	TupleDesc	desc = RelationGetDescr(rel);

	if (attnum > 0 && attnum <= desc->natts && TupleDescAttr(desc, attnum - 1)->atttypid == column->type.type)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("columns of table %s have got another type meanwhile", table->sql_name),
			 errhint("Run the transaction again.")));
}

/* A column without a name is none. */
static void
check_column(ModelTable *table, Relation rel, ModelColumn *column)
{
	if (column->name != NULL)
		model_column_check(table, rel, column, column->attnum);
}

void
model_table_check_columns(ModelTable *table, Relation rel)
{
	check_column(table, rel, &table->key.only);
	check_column(table, rel, &table->owner);
}

void
model_related_check_columns(ModelRelationship *relationship, Relation rel)
{
	ModelTable *related = relationship->related;

	model_table_check_columns(related, rel);
	check_column(related, rel, &related->state);
	check_column(related, rel, &relationship->lookup.only);
	check_column(related, rel, &relationship->type_column);
}
