/*
 * diagram_scope.c
 *		Which tables and relationships are drawn.
 *
 * Tables that the caller may not know of are as if they were not there, with all
 * that points to them; so is what is broken, which verify() reports.
 */
#include "model/key.h"
#include "show/diagram.h"

#include "catalog/pg_class.h"
#include "ddl/ddl.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"

typedef struct Scope
{
	Model	   *model;
	DiagramRequest *request;
	List	   *links;			/* ModelIntersect *, that may be drawn */
	List	   *relids;			/* the drawn ones */
	List	   *tables;			/* DiagramTable * */
} Scope;

bool
show_may_see(Oid relid)
{
	const AclMode any = ACL_SELECT | ACL_INSERT | ACL_UPDATE | ACL_REFERENCES;

	return relmeta_owns_relation(relid, GetUserId()) ||
		pg_class_aclcheck(relid, GetUserId(), any | ACL_DELETE | ACL_TRUNCATE | ACL_TRIGGER) == ACLCHECK_OK ||
		pg_attribute_aclcheck_all(relid, GetUserId(), any, ACLMASK_ANY) == ACLCHECK_OK;
}

static bool
is_there(Oid relid)
{
	return OidIsValid(relid) && get_rel_relkind(relid) != '\0' && show_may_see(relid);
}

/* ---- N:N relationships ---- */

/* A format that says columns cannot say what has none yet. */
static bool
link_is_drawn(Scope *scope, ModelIntersect *link)
{
	if (link->broken || !is_there(link->table[0]) || !is_there(link->table[1]))
		return false;
	return OidIsValid(link->relid) ? is_there(link->relid) || scope->request->links == LINKS_ANY :
		scope->request->links == LINKS_ANY;
}

/* Is there another edge between the same columns, so that DBML cannot say it? */
static bool
has_rival(Scope *scope, ModelIntersect *link)
{
	ListCell   *lc;

	foreach(lc, scope->links)
	{
		ModelIntersect *other = lfirst(lc);

		if (other != link &&
			((other->table[0] == link->table[0] && other->table[1] == link->table[1]) ||
			 (other->table[0] == link->table[1] && other->table[1] == link->table[0])))
			return true;
	}
	foreach(lc, model_relationships(scope->model))
	{
		ModelRelationship *r = lfirst(lc);

		/* related rows that have their primary row's key */
		if (r->broken == NULL && model_columns_equal(&r->related->key, &r->lookup) &&
			((r->primary->relid == link->table[0] && r->related->relid == link->table[1]) ||
			 (r->primary->relid == link->table[1] && r->related->relid == link->table[0])))
			return true;
	}
	return false;
}

static bool
is_drawn_with_intersect(Scope *scope, ModelIntersect *link)
{
	DiagramRequest *request = scope->request;

	if (!OidIsValid(link->relid) || !is_there(link->relid))
		return false;
	return request->intersects || request->links == LINKS_NEVER || list_member_oid(request->tables, link->relid) ||
		(request->links == LINKS_ONE_PER_PAIR && (link->table[0] == link->table[1] || has_rival(scope, link)));
}

/* ---- the tables ---- */

static bool
relationship_is_drawn(ModelRelationship *r)
{
	return r->broken == NULL && !r->going && is_there(r->primary->relid) && is_there(r->related->relid);
}

/* Tables that are one relationship away from those in scope. */
static List *
neighbours(Scope *scope)
{
	List	   *next = list_copy(scope->relids);
	ListCell   *lc;

	foreach(lc, model_relationships(scope->model))
	{
		ModelRelationship *r = lfirst(lc);

		if (!relationship_is_drawn(r))
			continue;
		if (list_member_oid(scope->relids, r->primary->relid))
			next = list_append_unique_oid(next, r->related->relid);
		if (list_member_oid(scope->relids, r->related->relid))
			next = list_append_unique_oid(next, r->primary->relid);
	}
	foreach(lc, scope->links)
	{
		ModelIntersect *link = lfirst(lc);
		bool		is_near = list_member_oid(scope->relids, link->table[0]) ||
		list_member_oid(scope->relids, link->table[1]) || list_member_oid(scope->relids, link->relid);

		if (is_near)
			next = list_append_unique_oid(list_append_unique_oid(next, link->table[0]), link->table[1]);
	}
	return next;
}

static void
choose_tables(Scope *scope)
{
	ListCell   *lc;

	if (!scope->request->all_tables)
	{
		foreach(lc, scope->request->tables)
			scope->relids = list_append_unique_oid(scope->relids, lfirst_oid(lc));
		for (int i = 0; i < scope->request->depth; i++)
		{
			int			before = list_length(scope->relids);

			scope->relids = neighbours(scope);
			if (list_length(scope->relids) == before)
				break;
		}
		return;
	}
	foreach(lc, model_tables(scope->model))
	{
		ModelTable *table = lfirst(lc);

		if (!table->going && is_there(table->relid))
			scope->relids = list_append_unique_oid(scope->relids, table->relid);
	}
	foreach(lc, scope->links)
	{
		ModelIntersect *link = lfirst(lc);

		scope->relids = list_append_unique_oid(scope->relids, link->table[0]);
		scope->relids = list_append_unique_oid(scope->relids, link->table[1]);
	}
}

static DiagramTable *
table_in_scope(Scope *scope, Oid relid)
{
	ListCell   *lc;

	foreach(lc, scope->tables)
	{
		DiagramTable *table = lfirst(lc);

		if (table->relid == relid)
			return table;
	}
	return NULL;
}

static int
by_name(const ListCell *a, const ListCell *b)
{
	DiagramTable *ta = lfirst(a);
	DiagramTable *tb = lfirst(b);
	int			order = strcmp(ta->name, tb->name);

	return order ? order : strcmp(ta->schema, tb->schema);
}

static void
read_tables(Scope *scope)
{
	ListCell   *lc;

	foreach(lc, scope->links)
	{
		ModelIntersect *link = lfirst(lc);

		if (is_drawn_with_intersect(scope, link) && list_member_oid(scope->relids, link->table[0]) &&
			list_member_oid(scope->relids, link->table[1]))
			scope->relids = list_append_unique_oid(scope->relids, link->relid);
	}
	foreach(lc, scope->relids)
	{
		DiagramTable *table = show_diagram_table(scope->model, lfirst_oid(lc), scope->request->columns);

		if (table)
			scope->tables = lappend(scope->tables, table);
	}
	list_sort(scope->tables, by_name);
	show_diagram_name(scope->tables, scope->request);
}

/* ---- the edges ---- */

static int
by_edge_name(const ListCell *a, const ListCell *b)
{
	DiagramEdge *ea = lfirst(a);
	DiagramEdge *eb = lfirst(b);
	int			order = strcmp(ea->name, eb->name);

	return order ? order : strcmp(ea->end[1].column ? ea->end[1].column->name : "",
								  eb->end[1].column ? eb->end[1].column->name : "");
}

static List *
link_edges(Scope *scope)
{
	List	   *edges = NIL;
	ListCell   *lc;

	foreach(lc, scope->links)
	{
		ModelIntersect *link = lfirst(lc);
		DiagramTable *table1 = table_in_scope(scope, link->table[0]);
		DiagramTable *table2 = table_in_scope(scope, link->table[1]);
		DiagramTable *intersect = table_in_scope(scope, link->relid);

		if (is_drawn_with_intersect(scope, link))
		{
			if (intersect && table1)
				edges = lappend(edges, show_diagram_link_end(table1, intersect, link, 0));
			if (intersect && table2)
				edges = lappend(edges, show_diagram_link_end(table2, intersect, link, 1));
		}
		else if (table1 && table2)
			edges = lappend(edges, show_diagram_link(table1, table2, link));
	}
	return edges;
}

Diagram *
show_diagram_collect(DiagramRequest *request)
{
	Diagram    *diagram = palloc0(sizeof(Diagram));
	Scope		scope = {ddl_model(), request};
	ListCell   *lc;

	diagram->request = *request;
	foreach(lc, model_intersects(scope.model))
	{
		if (link_is_drawn(&scope, lfirst(lc)))
			scope.links = lappend(scope.links, lfirst(lc));
	}
	choose_tables(&scope);
	read_tables(&scope);
	diagram->tables = scope.tables;
	foreach(lc, model_relationships(scope.model))
	{
		ModelRelationship *r = lfirst(lc);
		DiagramTable *primary = table_in_scope(&scope, r->primary->relid);
		DiagramTable *related = table_in_scope(&scope, r->related->relid);

		if (primary && related && relationship_is_drawn(r))
			diagram->edges = lappend(diagram->edges, show_diagram_edge(primary, related, r, request->behaviors));
	}
	diagram->edges = list_concat(diagram->edges, link_edges(&scope));
	list_sort(diagram->edges, by_edge_name);
	return diagram;
}
