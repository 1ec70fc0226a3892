/*
 * dataverse_xml.c
 *		dataverse_to_json(): Dataverse's own files, for import_metadata().
 *
 * Read are the files of an unpacked solution (SolutionPackager, PAC CLI:
 * Relationships.xml and the files under Other/Relationships, EntityMaps.xml,
 * ConnectionRoles.xml, Entity.xml), a solution's customizations.xml, which has
 * them all in one, and the SDK's metadata as a DataContract serializes it.  What
 * comes out has the shape of the Web API's definitions:
 *
 *	{"format": "dataverse", "value": [relationships], "EntityDefinitions": [...],
 *	 "EntityMaps": [...], "ConnectionRoles": [...], "ConnectionRoleAssociations": [...]}
 *
 * Other parts of these files (forms, views, web resources) are passed over.  A
 * relationship that is only named, as in the index Relationships.xml, is none.
 */
#include "show/xml.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/formatting.h"
#include "utils/json.h"

PG_FUNCTION_INFO_V1(relmeta_dataverse_to_json);

typedef struct Output
{
	StringInfoData relationships;
	StringInfoData entities;
	StringInfoData maps;
	StringInfoData roles;
	StringInfoData matches;
} Output;

/* ---- writing ---- */

static void
begin(StringInfo json)
{
	appendStringInfoString(json, json->len > 0 ? ", {" : "{");
}

/* "key": "value", unless there is none */
static void
add(StringInfo json, const char *key, const char *value)
{
	if (value == NULL)
		return;
	if (json->data[json->len - 1] != '{')
		appendStringInfoString(json, ", ");
	escape_json(json, key);
	appendStringInfoString(json, ": ");
	escape_json(json, value);
}

static void
add_literal(StringInfo json, const char *key, const char *literal)
{
	if (json->data[json->len - 1] != '{')
		appendStringInfoString(json, ", ");
	escape_json(json, key);
	appendStringInfo(json, ": %s", literal);
}

static bool
is_true(const char *value)
{
	return value && (strcmp(value, "1") == 0 || pg_strcasecmp(value, "true") == 0);
}

static char *
in_lower_case(const char *name)
{
	return name ? asc_tolower(name, strlen(name)) : NULL;
}

/* ---- relationships ---- */

/* in files: the element, and the property in CascadeConfiguration */
static const char *const cascades[][2] = {
	{"CascadeAssign", "Assign"}, {"CascadeReparent", "Reparent"}, {"CascadeShare", "Share"},
	{"CascadeUnshare", "Unshare"}, {"CascadeDelete", "Delete"}, {"CascadeMerge", "Merge"},
	{"CascadeRollupView", "RollupView"}
};

/*
 * A side's entry in the menu of the table that lists the related rows: where, how
 * and under which label.
 */
static void
add_menu(StringInfo json, const char *key, const XmlElement *role)
{
	XmlElement *label = show_xml_child(show_xml_child(role, "CustomLabels"), "CustomLabel");
	char	   *order = show_xml_child_text(role, "NavPaneOrder");
	StringInfoData menu;

	if (show_xml_child_text(role, "NavPaneDisplayOption") == NULL)
		return;
	initStringInfo(&menu);
	begin(&menu);
	add(&menu, "Behavior", show_xml_child_text(role, "NavPaneDisplayOption"));
	add(&menu, "Group", show_xml_child_text(role, "NavPaneArea"));
	if (order && strspn(order, "0123456789") == strlen(order) && strlen(order) < 10)
		add_literal(&menu, "Order", psprintf("%d", atoi(order)));
	if (label && show_xml_attribute(label, "description") && show_xml_attribute(label, "description")[0])
		add(&menu, "Label", show_xml_attribute(label, "description"));
	appendStringInfoChar(&menu, '}');
	add_literal(json, key, menu.data);
}

/* The role of a relationship whose child says so, by number */
static XmlElement *
role_of(const XmlElement *relationship, const char *by, const char *number)
{
	XmlElement *roles = show_xml_child(relationship, "EntityRelationshipRoles");
	ListCell   *lc;

	foreach(lc, roles ? roles->children : NIL)
	{
		char	   *is = show_xml_child_text(lfirst(lc), by);

		if (is && strcmp(is, number) == 0)
			return lfirst(lc);
	}
	return NULL;
}

static void
put_lookup(StringInfo json, const XmlElement *r)
{
	StringInfoData configuration;

	add(json, "ReferencedEntity", in_lower_case(show_xml_child_text(r, "ReferencedEntityName")));
	add(json, "ReferencingEntity", in_lower_case(show_xml_child_text(r, "ReferencingEntityName")));
	add(json, "ReferencingAttribute", in_lower_case(show_xml_child_text(r, "ReferencingAttributeName")));
	add_literal(json, "IsHierarchical", is_true(show_xml_child_text(r, "IsHierarchical")) ? "true" : "false");
	initStringInfo(&configuration);
	begin(&configuration);
	for (int i = 0; i < (int) lengthof(cascades); i++)
		add(&configuration, cascades[i][1], show_xml_child_text(r, cascades[i][0]));
	appendStringInfoChar(&configuration, '}');
	add_literal(json, "CascadeConfiguration", configuration.data);
	add_menu(json, "AssociatedMenuConfiguration", role_of(r, "RelationshipRoleType", "1"));
}

static void
put_link(StringInfo json, const XmlElement *r)
{
	add(json, "Entity1LogicalName", in_lower_case(show_xml_child_text(r, "FirstEntityName")));
	add(json, "Entity2LogicalName", in_lower_case(show_xml_child_text(r, "SecondEntityName")));
	add(json, "IntersectEntityName", in_lower_case(show_xml_child_text(r, "IntersectEntityName")));
	add_menu(json, "Entity1AssociatedMenuConfiguration", role_of(r, "AssociationRoleOrdinal", "1"));
	add_menu(json, "Entity2AssociatedMenuConfiguration", role_of(r, "AssociationRoleOrdinal", "2"));
}

static void
put_relationship(Output *output, const XmlElement *r)
{
	char	   *type = show_xml_child_text(r, "EntityRelationshipType");

	if (type == NULL)
		return;
	begin(&output->relationships);
	add(&output->relationships, "SchemaName", show_xml_attribute(r, "Name"));
	if (strcmp(type, "ManyToMany") == 0)
		put_link(&output->relationships, r);
	else
		put_lookup(&output->relationships, r);
	appendStringInfoChar(&output->relationships, '}');
}

/* The SDK's: elements are called as the Web API's properties. */
static void
put_sdk_relationship(Output *output, const XmlElement *r)
{
	static const char *const keys[] = {
		"SchemaName", "ReferencedEntity", "ReferencedAttribute", "ReferencingEntity", "ReferencingAttribute",
		"Entity1LogicalName", "Entity1IntersectAttribute", "Entity2LogicalName", "Entity2IntersectAttribute",
		"IntersectEntityName"
	};
	XmlElement *configuration = show_xml_child(r, "CascadeConfiguration");
	StringInfo	json = &output->relationships;

	begin(json);
	for (int i = 0; i < (int) lengthof(keys); i++)
		add(json, keys[i], show_xml_child_text(r, keys[i]));
	add_literal(json, "IsHierarchical", is_true(show_xml_child_text(r, "IsHierarchical")) ? "true" : "false");
	if (configuration)
	{
		StringInfoData sub;

		initStringInfo(&sub);
		begin(&sub);
		for (int i = 0; i < (int) lengthof(cascades); i++)
			add(&sub, cascades[i][1], show_xml_child_text(configuration, cascades[i][1]));
		appendStringInfoChar(&sub, '}');
		add_literal(json, "CascadeConfiguration", sub.data);
	}
	appendStringInfoChar(json, '}');
}

/* ---- entities ---- */

static void
put_entity(Output *output, const XmlElement *element)
{
	XmlElement *entity = show_xml_child(show_xml_child(element, "EntityInfo"), "entity");
	XmlElement *attributes = show_xml_child(entity, "attributes");
	char	   *entity_name = entity ? in_lower_case(show_xml_attribute(entity, "Name")) : NULL;
	StringInfo	json = &output->entities;
	const char *key = NULL;
	ListCell   *lc;

	if (entity_name == NULL)
		return;
	begin(json);
	add(json, "LogicalName", entity_name);
	add(json, "OwnershipType", show_xml_child_text(entity, "OwnershipTypeMask"));
	appendStringInfoString(json, ", \"Attributes\": [");
	foreach(lc, attributes ? attributes->children : NIL)
	{
		XmlElement *attribute = lfirst(lc);
		char	   *name = show_xml_child_text(attribute, "LogicalName");
		char	   *type = show_xml_child_text(attribute, "Type");

		if (name == NULL)
			name = show_xml_child_text(attribute, "Name");
		name = in_lower_case(name);
		if (name == NULL || type == NULL)
			continue;
		if (json->data[json->len - 1] == '}')
			appendStringInfoString(json, ", ");
		appendStringInfoChar(json, '{');
		add(json, "LogicalName", name);
		add(json, "AttributeType", type);
		appendStringInfoChar(json, '}');
		if (strcmp(type, "primarykey") == 0)
			key = name;
	}
	appendStringInfoChar(json, ']');
	add(json, "PrimaryIdAttribute", key);
	appendStringInfoChar(json, '}');
}

/* ---- maps and roles ---- */

static void
put_map(Output *output, const XmlElement *map)
{
	XmlElement *attributes = show_xml_child(map, "AttributeMaps");
	ListCell   *lc;

	foreach(lc, attributes ? attributes->children : NIL)
	{
		begin(&output->maps);
		add(&output->maps, "Source", in_lower_case(show_xml_child_text(map, "EntitySource")));
		add(&output->maps, "Target", in_lower_case(show_xml_child_text(map, "EntityTarget")));
		add(&output->maps, "AttributeSource", in_lower_case(show_xml_child_text(lfirst(lc), "AttributeSource")));
		add(&output->maps, "AttributeTarget", in_lower_case(show_xml_child_text(lfirst(lc), "AttributeTarget")));
		appendStringInfoChar(&output->maps, '}');
	}
}

static void
put_role(Output *output, const XmlElement *role)
{
	XmlElement *codes = show_xml_child(role, "ConnectionRoleObjectTypeCodes");
	StringInfo	json = &output->roles;
	bool		first = true;
	ListCell   *lc;

	if (show_xml_child_text(role, "name") == NULL)
		return;
	begin(json);
	add(json, "Name", show_xml_child_text(role, "name"));
	add(json, "Id", show_xml_child_text(role, "connectionroleid"));
	add(json, "Category", show_xml_child_text(role, "category"));
	add(json, "Description", show_xml_child_text(role, "description"));
	appendStringInfoString(json, ", \"Tables\": [");
	foreach(lc, codes ? codes->children : NIL)
	{
		char	   *table = show_xml_child_text(lfirst(lc), "associatedobjecttypecode");

		if (table == NULL)
			continue;
		if (!first)
			appendStringInfoString(json, ", ");
		escape_json(json, in_lower_case(table));
		first = false;
	}
	appendStringInfoString(json, "]}");
}

static void
put_match(Output *output, const XmlElement *match)
{
	begin(&output->matches);
	add(&output->matches, "Role1", show_xml_child_text(match, "connectionroleid"));
	add(&output->matches, "Role2", show_xml_child_text(match, "associatedconnectionroleid"));
	appendStringInfoChar(&output->matches, '}');
}

/* ---- the files ---- */

static const struct
{
	const char *name;
	void		(*put) (Output *output, const XmlElement *element);
}			definitions[] = {
	{"EntityRelationship", put_relationship},
	{"OneToManyRelationshipMetadata", put_sdk_relationship},
	{"ManyToManyRelationshipMetadata", put_sdk_relationship},
	{"Entity", put_entity},
	{"EntityMap", put_map},
	{"ConnectionRole", put_role},
	{"ConnectionRoleAssociation", put_match}
};

/* what holds definitions, or such holders */
static const char *const holders[] = {
	"", "ImportExportXml", "EntityRelationships", "Entities", "EntityMaps", "ConnectionRoles",
	"ConnectionRoleAssociations", "EntityMetadata", "OneToManyRelationships", "ManyToOneRelationships",
	"ManyToManyRelationships"
};

/* Whether the element is any of these */
static bool
put(Output *output, const XmlElement *element)
{
	ListCell   *lc;

	for (int i = 0; i < (int) lengthof(definitions); i++)
	{
		if (strcmp(element->name, definitions[i].name) == 0)
		{
			definitions[i].put(output, element);
			return true;
		}
	}
	for (int i = 0; i < (int) lengthof(holders); i++)
	{
		if (strcmp(element->name, holders[i]) != 0)
			continue;
		foreach(lc, element->children)
			(void) put(output, lfirst(lc));
		return true;
	}
	return false;
}

static void
put_document(Output *output, const XmlElement *top)
{
	bool		any = false;
	ListCell   *lc;

	foreach(lc, top->children)
		any |= put(output, lfirst(lc));
	if (!any)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the XML document is none of Dataverse's"),
				 errhint("Relationships, entities, entity maps, connection roles and customizations.xml are read.")));
}

Datum
relmeta_dataverse_to_json(PG_FUNCTION_ARGS)
{
	Output		output;
	StringInfoData json;

	initStringInfo(&output.relationships);
	initStringInfo(&output.entities);
	initStringInfo(&output.maps);
	initStringInfo(&output.roles);
	initStringInfo(&output.matches);
	put_document(&output, show_xml_read(text_to_cstring((text *) PG_GETARG_VARLENA_PP(0))));
	initStringInfo(&json);
	appendStringInfo(&json, "{\"format\": \"dataverse\", \"value\": [%s], \"EntityDefinitions\": [%s],"
					 " \"EntityMaps\": [%s], \"ConnectionRoles\": [%s], \"ConnectionRoleAssociations\": [%s]}",
					 output.relationships.data, output.entities.data, output.maps.data, output.roles.data,
					 output.matches.data);
	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data)));
}
