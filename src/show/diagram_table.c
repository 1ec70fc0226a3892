/*
 * diagram_table.c
 *		A drawn table: its columns, what is unique in it, what it is called.
 *
 * Keys and lookups stand in relmeta's views for all to see; of the other columns
 * only those are drawn on which the caller has a privilege.
 */
#include "show/diagram.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "catalog/pg_index.h"
#include "ddl/ddl.h"
#include "miscadmin.h"
#include "model/key.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/syscache.h"

DiagramColumn *
show_diagram_column(DiagramTable *table, const char *name)
{
	ListCell   *lc;

	foreach(lc, table->columns)
	{
		DiagramColumn *column = lfirst(lc);

		if (strcmp(column->name, name) == 0)
			return column;
	}
	return NULL;
}

DiagramColumn *
show_diagram_key(DiagramTable *table, ModelKeyColumns *key)
{
	DiagramColumn *column = NULL;
	ListCell   *lc;

	foreach(lc, model_columns_names(key))
	{
		column = show_diagram_column(table, lfirst(lc));
		if (column != NULL)
			break;
	}
	return column;
}

/* ---- unique indexes ---- */

/* Its columns, when it says of all rows that they differ in them; else NIL. */
static List *
unique_columns(Oid index, bool *is_primary)
{
	HeapTuple	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
	Form_pg_index form;
	List	   *columns = NIL;

	if (!HeapTupleIsValid(tuple))
		return NIL;
	form = (Form_pg_index) GETSTRUCT(tuple);
	if (form->indisunique && form->indisvalid && heap_attisnull(tuple, Anum_pg_index_indpred, NULL))
	{
		for (int i = 0; i < form->indnkeyatts; i++)
			columns = lappend_int(columns, form->indkey.values[i]);
		*is_primary = form->indisprimary;
	}
	ReleaseSysCache(tuple);
	return columns;
}

static void
read_unique(DiagramTable *table, Relation rel)
{
	ListCell   *lc;

	foreach(lc, RelationGetIndexList(rel))
	{
		bool		is_primary = false;
		List	   *columns = unique_columns(lfirst_oid(lc), &is_primary);

		if (is_primary)
			table->primary = columns;
		if (columns != NIL)
			table->unique = lappend(table->unique, columns);
	}
}

bool
show_diagram_unique(DiagramTable *table, DiagramColumn *column, DiagramColumn *other)
{
	ListCell   *lc;

	foreach(lc, table->unique)
	{
		List	   *columns = lfirst(lc);

		if (list_member_int(columns, column->attnum) &&
			(list_length(columns) == 1 ||
			 (other && list_length(columns) == 2 && list_member_int(columns, other->attnum))))
			return true;
	}
	return false;
}

/* ---- columns ---- */

static bool
is_lookup(ModelTable *table, const char *name)
{
	ListCell   *lc;

	foreach(lc, model_as_related(table))
	{
		ModelRelationship *r = lfirst(lc);

		if (model_columns_have(&r->lookup, name) || (r->type_column.name && strcmp(r->type_column.name, name) == 0))
			return true;
	}
	return false;
}

static bool
may_see_column(Oid relid, AttrNumber attnum)
{
	const AclMode any = ACL_SELECT | ACL_INSERT | ACL_UPDATE | ACL_REFERENCES;

	return relmeta_owns_relation(relid, GetUserId()) ||
		pg_class_aclcheck(relid, GetUserId(), any) == ACLCHECK_OK ||
		pg_attribute_aclcheck(relid, attnum, GetUserId(), any) == ACLCHECK_OK;
}

static void
add_column(DiagramTable *table, Form_pg_attribute att, ModelTable *registered, ModelIntersect *link,
		   DiagramColumns columns)
{
	DiagramColumn *column = palloc0(sizeof(DiagramColumn));
	char	   *name = NameStr(att->attname);
	bool		is_known;

	column->is_key = list_member_int(table->primary, att->attnum);
	column->is_lookup = (registered && is_lookup(registered, name)) ||
		(link && (model_columns_have(&link->column[0], name) || model_columns_have(&link->column[1], name)));
	is_known = column->is_key || column->is_lookup;
	if (!is_known && !may_see_column(table->relid, att->attnum))
		return;
	column->name = pstrdup(name);
	column->type = format_type_with_typemod(att->atttypid, att->atttypmod);
	column->attnum = att->attnum;
	column->not_null = att->attnotnull;
	column->is_unique = show_diagram_unique(table, column, NULL);
	/* attributes of links are what an intersect table is drawn for */
	column->is_drawn = columns == COLUMNS_ALL || (columns == COLUMNS_KEYS && (is_known || link));
	table->columns = lappend(table->columns, column);
}

DiagramTable *
show_diagram_table(Model *model, Oid relid, DiagramColumns columns)
{
	DiagramTable *table = palloc0(sizeof(DiagramTable));
	ModelTable *registered = model_table(model, relid);
	ModelIntersect *link = model_intersect_by_table(model, relid);
	Relation	rel = try_relation_open(relid, AccessShareLock);

	if (rel == NULL)
		return NULL;
	table->relid = relid;
	table->schema = get_namespace_name(RelationGetNamespace(rel));
	table->name = pstrdup(RelationGetRelationName(rel));
	table->is_system = registered && registered->is_system;
	table->is_controlled = registered && registered->access_control;
	table->is_intersect = link != NULL;
	if (registered && registered->broken)
		registered = NULL;
	read_unique(table, rel);
	for (int i = 0; i < RelationGetNumberOfAttributes(rel); i++)
	{
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), i);

		if (!att->attisdropped)
			add_column(table, att, registered, link, columns);
	}
	relation_close(rel, AccessShareLock);
	return table;
}

/* ---- names ---- */

static void
name_columns(DiagramTable *table, bool folds_case)
{
	List	   *used = NIL;
	ListCell   *lc;

	foreach(lc, table->columns)
	{
		DiagramColumn *column = lfirst(lc);

		column->label = show_diagram_distinct(show_diagram_printable(column->name), folds_case, &used);
	}
}

void
show_diagram_name(List *tables, DiagramRequest *request)
{
	List	   *used = NIL;
	DiagramTable *before = NULL;
	ListCell   *lc;

	/* they are in order of name */
	foreach(lc, tables)
	{
		DiagramTable *table = lfirst(lc);

		if (before && strcmp(before->name, table->name) == 0)
			before->is_qualified = table->is_qualified = true;
		before = table;
	}
	foreach(lc, tables)
	{
		DiagramTable *table = lfirst(lc);

		table->title = show_diagram_printable(table->is_qualified ? psprintf("%s.%s", table->schema, table->name) :
											  table->name);
		table->alias = show_diagram_alias(table->title, request->keywords, &used);
		name_columns(table, request->folds_case);
	}
}
