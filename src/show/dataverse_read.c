/*
 * dataverse_read.c
 *		What a document of Dataverse's holds.
 */
#include "show/dataverse.h"

#include "utils/builtins.h"
#include "utils/formatting.h"

static char *
in_lower_case(const char *name)
{
	return asc_tolower(name, strlen(name));
}

DataverseTable *
show_dataverse_table(Dataverse *dataverse, const char *name)
{
	char	   *wanted = in_lower_case(name);
	DataverseTable *table;
	ListCell   *lc;

	foreach(lc, dataverse->tables)
	{
		table = lfirst(lc);
		if (strcmp(table->name, wanted) == 0)
			return table;
	}
	table = palloc0(sizeof(DataverseTable));
	table->name = wanted;
	dataverse->tables = lappend(dataverse->tables, table);
	return table;
}

/* A name that must be there */
static char *
name_of(const ShowNode *node, const char *key)
{
	ShowNode   *member = show_member_required(node, key);
	char	   *name = show_text(member);

	if (name[0] == '\0' || strlen(name) > 1000)
		show_refuse(member, "%s is no name", show_quoted(name));
	return name;
}

static char *
optional_name(const ShowNode *node, const char *key)
{
	char	   *name = show_text(show_member(node, key));

	return name && name[0] ? in_lower_case(name) : NULL;
}

static void
read_lookup(Dataverse *dataverse, DataverseRelationship *r)
{
	r->table[0] = show_dataverse_table(dataverse, name_of(r->node, "ReferencedEntity"));
	r->table[1] = show_dataverse_table(dataverse, name_of(r->node, "ReferencingEntity"));
	r->attribute[0] = in_lower_case(name_of(r->node, "ReferencingAttribute"));
	if (r->table[0]->key == NULL)
		r->table[0]->key = optional_name(r->node, "ReferencedAttribute");
}

static void
read_link(Dataverse *dataverse, DataverseRelationship *r)
{
	r->is_many_to_many = true;
	r->table[0] = show_dataverse_table(dataverse, name_of(r->node, "Entity1LogicalName"));
	r->table[1] = show_dataverse_table(dataverse, name_of(r->node, "Entity2LogicalName"));
	r->attribute[0] = optional_name(r->node, "Entity1IntersectAttribute");
	r->attribute[1] = optional_name(r->node, "Entity2IntersectAttribute");
	r->intersect = in_lower_case(name_of(r->node, "IntersectEntityName"));
}

static void
read_relationship(Dataverse *dataverse, ShowNode *node)
{
	DataverseRelationship *r = palloc0(sizeof(DataverseRelationship));

	r->node = node;
	r->name = name_of(node, "SchemaName");
	if (show_member(node, "Entity1LogicalName"))
		read_link(dataverse, r);
	else
		read_lookup(dataverse, r);
	dataverse->relationships = lappend(dataverse->relationships, r);
}

static void
read_entity(Dataverse *dataverse, ShowNode *node)
{
	DataverseTable *table = show_dataverse_table(dataverse, name_of(node, "LogicalName"));

	if (table->entity == NULL)
		table->entity = node;
	dataverse->entities = lappend(dataverse->entities, node);
}

/* Its tables are looked for, but not made: it does not describe them. */
static void
read_map(Dataverse *dataverse, ShowNode *node)
{
	(void) show_dataverse_table(dataverse, name_of(node, "Source"));
	(void) show_dataverse_table(dataverse, name_of(node, "Target"));
	(void) name_of(node, "AttributeSource");
	(void) name_of(node, "AttributeTarget");
	dataverse->maps = lappend(dataverse->maps, node);
}

static void
read_role(Dataverse *dataverse, ShowNode *node)
{
	ListCell   *lc;

	(void) name_of(node, "Name");
	foreach(lc, show_texts(show_member(node, "Tables")))
		show_dataverse_table(dataverse, lfirst(lc))->has_roles = true;
	dataverse->roles = lappend(dataverse->roles, node);
}

/* ---- a document ---- */

static const char *const document_keys[] = {
	"format", "version", "@odata.context", "@odata.nextLink", "@odata.count", "value", "EntityDefinitions",
	"EntityMaps", "ConnectionRoles", "ConnectionRoleAssociations", NULL
};

/* A relationship, or an entity as the Web API has it */
static bool
is_definition(const ShowNode *node)
{
	return show_member(node, "ReferencingEntity") || show_member(node, "Entity1LogicalName") ||
		show_member(node, "LogicalName") || show_member(node, "SchemaName");
}

static void
read_definition(Dataverse *dataverse, ShowNode *node)
{
	if (show_is_object(node) && show_member(node, "LogicalName"))
		read_entity(dataverse, node);
	else
		read_relationship(dataverse, node);
}

static void
read_document(Dataverse *dataverse, const ShowNode *node)
{
	ListCell   *lc;

	show_check_keys(node, document_keys);
	foreach(lc, show_elements(show_member(node, "EntityDefinitions")))
		read_entity(dataverse, lfirst(lc));
	foreach(lc, show_elements(show_member(node, "value")))
		read_definition(dataverse, lfirst(lc));
	foreach(lc, show_elements(show_member(node, "EntityMaps")))
		read_map(dataverse, lfirst(lc));
	foreach(lc, show_elements(show_member(node, "ConnectionRoles")))
		read_role(dataverse, lfirst(lc));
	dataverse->matches = list_concat(dataverse->matches,
									 show_elements(show_member(node, "ConnectionRoleAssociations")));
}

static bool
is_document(const ShowNode *node)
{
	return show_member(node, "value") || show_member(node, "EntityDefinitions") || show_member(node, "EntityMaps") ||
		show_member(node, "ConnectionRoles");
}

void
show_dataverse_read(Dataverse *dataverse, const ShowNode *node)
{
	ListCell   *lc;

	if (show_is_array(node))
	{
		foreach(lc, show_elements(node))
		{
			ShowNode   *element = lfirst(lc);

			if (show_is_array(element))
				show_refuse(element, "an object is expected");
			show_dataverse_read(dataverse, element);
		}
	}
	else if (show_is_object(node) && is_definition(node))
		read_definition(dataverse, unconstify(ShowNode *, node));
	else if (show_is_object(node) && is_document(node))
		read_document(dataverse, node);
	else
		show_refuse(node, "it is neither a document of relmeta's (\"format\": \"relmeta\") nor one of Dataverse's");
}
