/*
 * import_name.c
 *		Tables that a document names: where they are here, or would be.
 *
 * A table that the caller may not see is answered as one that is not there:
 * import_metadata() tells nobody what exists in schemas that are closed to him.
 */
#include "show/document.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "commands/dbcommands.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "parser/scansup.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* ---- names ---- */

ShowNode *
show_name_mapped(ShowImport *import, const char *name, bool ignore_case)
{
	ShowNode   *exact;
	ListCell   *lc;

	if (import->name_map == NULL)
		return NULL;
	exact = show_member(import->name_map, name);
	if (exact || !ignore_case)
		return exact;
	foreach(lc, show_keys(import->name_map))
	{
		if (pg_strcasecmp(lfirst(lc), name) == 0)
			return show_member(import->name_map, lfirst(lc));
	}
	return NULL;
}

/* An identifier as SQL has it, unquoted, from *at on; NULL when there is none there. */
static char *
read_identifier(const char **at)
{
	StringInfoData name;
	const char *start = *at;
	const char *p = start;

	initStringInfo(&name);
	if (*p == '"')
	{
		for (p++; *p && (*p != '"' || p[1] == '"'); p++)
		{
			appendStringInfoChar(&name, *p);
			if (*p == '"')
				p++;
		}
		if (*p++ != '"')
			return NULL;
	}
	else
	{
		while (*p && *p != '.' && *p != '"' && !scanner_isspace(*p))
			p++;
		appendStringInfoString(&name, downcase_identifier(start, p - start, false, false));
	}
	*at = p;
	/* what is cut would be another name */
	return name.len > 0 && name.len < NAMEDATALEN ? name.data : NULL;
}

/* String nodes of a name, perhaps qualified */
static List *
split_name(const ShowNode *node, const char *name)
{
	List	   *names = NIL;
	const char *p = name;

	for (;;)
	{
		char	   *part = read_identifier(&p);

		if (part == NULL || list_length(names) == 3 || (*p != '.' && *p != '\0'))
			show_refuse(node, "%s is no name of a table", show_quoted(name));
		names = lappend(names, makeString(part));
		if (*p++ == '\0')
			return names;
	}
}

RangeVar *
show_table_parse(const ShowNode *node, const char *name)
{
	RangeVar   *table = makeRangeVarFromNameList(split_name(node, name));

	if (table->catalogname && strcmp(table->catalogname, get_database_name(MyDatabaseId)) != 0)
		show_refuse(node, "%s is a table of another database", show_quoted(name));
	return table;
}

RangeVar *
show_table_named(ShowImport *import, const ShowNode *node)
{
	char	   *name = show_text(node);
	ShowNode   *mapped;

	if (name == NULL)
		show_refuse(node, "a table is expected");
	mapped = show_name_mapped(import, name, false);
	if (mapped)
		return show_table_parse(mapped, show_text(mapped));
	return show_table_parse(node, name);
}

char *
show_table_qualified(const RangeVar *name)
{
	List	   *path;

	if (name->schemaname)
		return quote_qualified_identifier(name->schemaname, name->relname);
	path = fetch_search_path(false);
	if (path == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_SCHEMA),
				 errmsg("no schema has been selected to create table \"%s\" in", name->relname),
				 errhint("Name its schema, or set search_path.")));
	return quote_qualified_identifier(get_namespace_name(linitial_oid(path)), name->relname);
}

/* ---- what is there ---- */

static bool
may_see(Oid relid)
{
	AclMode		any = ACL_ALL_RIGHTS_RELATION;

	return relmeta_owns_relation(relid, GetUserId()) ||
		pg_class_aclmask(relid, GetUserId(), any, ACLMASK_ANY) != 0 ||
		pg_attribute_aclcheck_all(relid, GetUserId(), ACL_SELECT | ACL_INSERT | ACL_UPDATE | ACL_REFERENCES,
								  ACLMASK_ANY) == ACLCHECK_OK;
}

Oid
show_table_find(const RangeVar *name)
{
	Oid			schema;
	Oid			relid;

	if (name->schemaname == NULL)
		relid = RelnameGetRelid(name->relname);
	else
	{
		schema = get_namespace_oid(name->schemaname, true);
		if (!OidIsValid(schema) || !relmeta_may_use_schema(schema, GetUserId()))
			return InvalidOid;
		relid = get_relname_relid(name->relname, schema);
	}
	return OidIsValid(relid) && may_see(relid) ? relid : InvalidOid;
}

Oid
show_table_required(ShowImport *import, const ShowNode *node)
{
	RangeVar   *name = show_table_named(import, node);
	Oid			relid = show_table_find(name);

	if (!OidIsValid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("%s: relation \"%s\" does not exist", show_path(node), name->schemaname ?
						psprintf("%s.%s", name->schemaname, name->relname) : name->relname),
				 errhint("Create it, name the table meant in name_map, or pass create_tables => true.")));
	return relid;
}

void
show_schema_ensure(ShowImport *import, const char *schema)
{
	if (schema == NULL || OidIsValid(get_namespace_oid(schema, true)))
		return;
	ddl_run("CREATE SCHEMA %s", quote_identifier(schema));
	(void) show_report(import, ROW_CREATED, psprintf("schema %s", quote_identifier(schema)), "made for its tables");
}
