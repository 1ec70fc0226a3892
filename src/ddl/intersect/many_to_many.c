/*
 * many_to_many.c
 *		create_many_to_many() and drop_relationship() of an N:N relationship:
 *		SEMANTICS 2.4.
 */
#include "ddl/intersect/intersect.h"
#include "ddl/lock.h"
#include "ddl/relationship.h"

#include "catalog/namespace.h"
#include "compat_role.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(relmeta_create_many_to_many);
PG_FUNCTION_INFO_V1(relmeta_drop_relationship);

/* pending relationships that may wait for one table: of one role, and of all */
#define MAX_WAITING_OF_ROLE 32
#define MAX_WAITING 256

/* arguments of create_many_to_many, in order */
enum
{
	ARG_TABLE1,
	ARG_TABLE2,
	ARG_NAME,
	ARG_INTERSECT_TABLE,
	ARG_COLUMN1,
	ARG_COLUMN2,
	ARG_ATTRIBUTES,
	ARG_UNIQUE_BY,
	ARG_SURROGATE_KEY,
	ARG_ALLOW_DUPLICATES,
	ARG_IS_SYMMETRIC,
	ARG_ALLOW_SELF,
	ARG_IF_NOT_EXISTS
};

/* ---- names ---- */

void
ddl_intersect_check_name(const char *name)
{
	if (name[0] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the name of a relationship must not be empty"),
				 errhint("Leave out the name to have one chosen.")));
	if (strlen(name) >= NAMEDATALEN)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the name of a relationship must not be longer than %d bytes", NAMEDATALEN - 1),
				 errhint("Leave out the name to have one chosen.")));
	ddl_lock_name(name);
	if (ddl_relationship_name_taken(name))
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("relationship \"%s\" already exists", name),
				 errhint("Give another name.")));
}

char *
ddl_intersect_default_name(const char *intersect_table)
{
	char	   *name = ddl_numbered_name(intersect_table, 0);

	for (int i = 1; !ddl_relationship_name_take(name); i++)
		name = ddl_numbered_name(intersect_table, i);
	return name;
}

/* A name that was chosen must be free; one that was not gets a number. */
static void
settle_table_name(Intersect *intersect)
{
	char	   *base = intersect->table;

	for (int i = 1; ddl_intersect_table_name_taken(intersect->schema, intersect->table); i++)
	{
		if (!intersect->numbered)
			ereport(ERROR,
					(errcode(ERRCODE_DUPLICATE_OBJECT),
					 errmsg("relation \"%s\" already exists", intersect->table),
					 errhint("To use an existing junction table, call relmeta.adopt_many_to_many().")));
		intersect->table = ddl_numbered_name(base, i);
	}
}

/* ---- what may be declared ---- */

static bool
same_table(const IntersectSide *a, const IntersectSide *b)
{
	return a->table && b->table && strcmp(a->table, b->table) == 0 && strcmp(a->schema, b->schema) == 0;
}

static bool
is_self(const Intersect *intersect)
{
	return same_table(&intersect->side[0], &intersect->side[1]);
}

static void
refuse_combination(const char *message, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
			 errmsg("%s", message),
			 errhint("%s", hint)));
}

static void
check_combination(const Intersect *intersect)
{
	if (intersect->is_symmetric && !is_self(intersect))
		refuse_combination("only a relationship of a table with itself can be symmetric",
						   "Name the same table twice, or leave out is_symmetric.");
	if (!intersect->allow_self && !is_self(intersect))
		refuse_combination("allow_self is about relationships of a table with itself",
						   "Name the same table twice, or leave out allow_self.");
	if (intersect->allow_duplicates && !intersect->surrogate_key)
		refuse_combination("duplicate links need a key of their own",
						   "Pass surrogate_key => true as well.");
	if (intersect->allow_duplicates && intersect->unique_by != NIL)
		refuse_combination("unique_by is of no use where duplicates are allowed",
						   "Leave out one of unique_by and allow_duplicates.");
}

/* how many of defs define column */
static int
definitions(List *defs, const char *column)
{
	int			n = 0;
	ListCell   *lc;

	foreach(lc, defs)
	{
		if (strcmp(lfirst_node(ColumnDef, lc)->colname, column) == 0)
			n++;
	}
	return n;
}

static void
refuse_duplicate(const char *column)
{
	ereport(ERROR,
			(errcode(ERRCODE_DUPLICATE_COLUMN),
			 errmsg("column \"%s\" specified more than once", column),
			 errhint("Name the attribute otherwise, or pass column1 and column2.")));
}

/* What CREATE TABLE would refuse too: a pending relationship's must not come to that. */
static void
check_attributes(const Intersect *intersect)
{
	List	   *defs = ddl_intersect_parse_attributes(intersect->attributes);
	List	   *others = list_concat(model_columns_names(intersect->side[0].column),
									 model_columns_names(intersect->side[1].column));
	ListCell   *lc;

	foreach(lc, defs)
	{
		if (definitions(defs, lfirst_node(ColumnDef, lc)->colname) > 1)
			refuse_duplicate(lfirst_node(ColumnDef, lc)->colname);
	}
	foreach(lc, intersect->unique_by)
	{
		if (!definitions(defs, lfirst(lc)))
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("unique_by names \"%s\", which is not among the attributes", (char *) lfirst(lc)),
					 errhint("Define it in attributes.")));
	}
	if (intersect->surrogate_key)
		others = lappend(others, "id");
	foreach(lc, others)
	{
		if (definitions(defs, lfirst(lc)) > 0)
			refuse_duplicate(lfirst(lc));
	}
}

/* ---- reading the arguments ---- */

/* Schemas as they were found, without temporary ones: those are nobody's later. */
static char *
current_search_path(void)
{
	StringInfoData buf;
	ListCell   *lc;

	initStringInfo(&buf);
	foreach(lc, fetch_search_path(false))
	{
		char	   *schema = get_namespace_name(lfirst_oid(lc));

		if (schema && !isAnyTempNamespace(lfirst_oid(lc)))
			appendStringInfo(&buf, "%s%s", buf.len > 0 ? ", " : "", quote_identifier(schema));
	}
	return buf.len > 0 ? buf.data : "\"\"";
}

static void
read_declaration(FunctionCallInfo fcinfo, Intersect *intersect)
{
	memset(intersect, 0, sizeof(Intersect));
	(void) relmeta_argument_text_required(fcinfo, ARG_TABLE1);
	(void) relmeta_argument_text_required(fcinfo, ARG_TABLE2);
	ddl_intersect_side_from_text(&intersect->side[0], PG_GETARG_TEXT_PP(ARG_TABLE1));
	ddl_intersect_side_from_text(&intersect->side[1], PG_GETARG_TEXT_PP(ARG_TABLE2));
	intersect->side[0].column = ddl_argument_columns(fcinfo, ARG_COLUMN1);
	intersect->side[1].column = ddl_argument_columns(fcinfo, ARG_COLUMN2);
	intersect->name = relmeta_argument_text(fcinfo, ARG_NAME);
	intersect->attributes = relmeta_argument_text(fcinfo, ARG_ATTRIBUTES);
	intersect->unique_by = relmeta_argument_names(fcinfo, ARG_UNIQUE_BY);
	intersect->surrogate_key = relmeta_argument_bool(fcinfo, ARG_SURROGATE_KEY);
	intersect->allow_duplicates = relmeta_argument_bool(fcinfo, ARG_ALLOW_DUPLICATES);
	intersect->is_symmetric = relmeta_argument_bool(fcinfo, ARG_IS_SYMMETRIC);
	intersect->allow_self = PG_ARGISNULL(ARG_ALLOW_SELF) || PG_GETARG_BOOL(ARG_ALLOW_SELF);
	ddl_intersect_default_names(intersect,
								PG_ARGISNULL(ARG_INTERSECT_TABLE) ? NULL : PG_GETARG_TEXT_PP(ARG_INTERSECT_TABLE));
	intersect->declarer = GetUserId();
}

/* ---- declaring ---- */

/* Is its intersect table neither a superuser's, nor the caller's, nor of the owner of one of the tables? */
static bool
is_strangers(ModelIntersect *present, const Oid *tables)
{
	Oid			owner = OidIsValid(present->relid) ? present->relowner : ddl_intersect_declarer(present->id);

	for (int i = 0; i < 2; i++)
		if (OidIsValid(tables[i]) && get_rel_name(tables[i]) != NULL && relmeta_relation_owner(tables[i]) == owner)
			return false;
	return OidIsValid(owner) && !superuser_arg(owner) && !compat_is_in_role(GetUserId(), owner);
}

void
ddl_intersect_check_meant(ModelIntersect *present, const Oid *tables)
{
	for (int i = 0; i < 2; i++)
		if (OidIsValid(present->table[i]) && OidIsValid(tables[i]) && present->table[i] != tables[i])
			ereport(ERROR,
					(errcode(ERRCODE_DUPLICATE_OBJECT),
					 errmsg("relationship \"%s\" is one of other tables", present->name),
					 errhint("Give another name, or call relmeta.drop_relationship(%s) first.",
							 quote_literal_cstr(present->name))));
	if (is_strangers(present, tables))
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("relationship \"%s\" was declared by another role", present->name),
				 errdetail("Its intersect table is neither yours, nor a superuser's, nor of the owner of one of the"
						   " tables."),
				 errhint("Give another name.")));
}

/*
 * What if_not_exists finds: the relationship of that name; without a name, one
 * of the same two tables (with that intersect table, when one was named).
 */
static ModelIntersect *
existing(const Intersect *intersect, const char *name)
{
	Model	   *model = ddl_model();
	ListCell   *lc;

	if (name)
		return model_intersect_by_name(model, name);
	foreach(lc, model_intersects(model))
	{
		ModelIntersect *other = lfirst(lc);

		if (OidIsValid(other->relid) && OidIsValid(intersect->side[0].relid) &&
			other->table[0] == intersect->side[0].relid && other->table[1] == intersect->side[1].relid &&
			(intersect->numbered ||
			 (strcmp(get_rel_name(other->relid), intersect->table) == 0 &&
			  strcmp(get_namespace_name(get_rel_namespace(other->relid)), intersect->schema) == 0)) &&
			!is_strangers(other, other->table))
			return other;
	}
	foreach(lc, ddl_intersects_pending())
	{
		Intersect  *other = lfirst(lc);

		if (same_table(&other->side[0], &intersect->side[0]) && same_table(&other->side[1], &intersect->side[1]) &&
			(intersect->numbered ||
			 (strcmp(other->table, intersect->table) == 0 && strcmp(other->schema, intersect->schema) == 0)))
		{
			ModelIntersect *found = model_intersect_by_name(model, other->name);

			if (found != NULL && !is_strangers(found, found->table))
				return found;
		}
	}
	return NULL;
}

/*
 * Whoever makes a table pays for what waits for it: not more than a role, and all
 * roles who could not make it themselves, can declare.
 */
static void
check_waiting(const IntersectSide *side, Oid declarer)
{
	Oid			schema = get_namespace_oid(side->schema, true);
	int64		all;
	int64		own;

	if (OidIsValid(side->relid))
		return;
	ddl_intersect_count_waiting(side->schema, side->table, declarer, &all, &own);
	if (own < MAX_WAITING_OF_ROLE &&
		(all < MAX_WAITING || (OidIsValid(schema) && relmeta_may_create_in(schema, declarer))))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("too many many-to-many relationships wait for table %s",
					quote_qualified_identifier(side->schema, side->table)),
			 errdetail("There are %lld, %lld of them declared by role %s.", (long long) all, (long long) own,
					   quote_identifier(GetUserNameFromId(declarer, false))),
			 errhint("Create the table first, or drop those that are not needed by relmeta.drop_relationship().")));
}

static void
declare(Intersect *intersect)
{
	Oid			relid = InvalidOid;

	check_combination(intersect);
	check_attributes(intersect);
	if (ddl_intersect_is_complete(intersect))
		relid = ddl_intersect_create_table(intersect);
	else
	{
		for (int i = 0; i < 2; i++)
			check_waiting(&intersect->side[i], intersect->declarer);
		intersect->search_path = current_search_path();
	}
	ddl_intersect_row_insert(intersect, relid, false);
	if (OidIsValid(relid))
	{
		ddl_intersect_triggers_sync(model_intersect_required(ddl_model(), intersect->name));
		ddl_judged_sync(ddl_judged_by_links(NIL, model_intersect_required(ddl_model(), intersect->name)));
	}
	else
		ddl_intersect_notice_pending(intersect);
}

Datum
relmeta_create_many_to_many(PG_FUNCTION_ARGS)
{
	Intersect	intersect;
	ModelIntersect *found;

	read_declaration(fcinfo, &intersect);
	if (intersect.name)
		ddl_lock_name(intersect.name);
	found = relmeta_argument_bool(fcinfo, ARG_IF_NOT_EXISTS) ? existing(&intersect, intersect.name) : NULL;
	if (found)
	{
		Oid			tables[2] = {intersect.side[0].relid, intersect.side[1].relid};

		ddl_intersect_check_meant(found, tables);
		ereport(NOTICE,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("many-to-many relationship \"%s\" already exists, skipping", found->name)));
		PG_RETURN_TEXT_P(cstring_to_text(found->name));
	}
	if (intersect.name)
		ddl_intersect_check_name(intersect.name);
	settle_table_name(&intersect);
	if (intersect.name == NULL)
		intersect.name = ddl_intersect_default_name(intersect.table);
	declare(&intersect);
	PG_RETURN_TEXT_P(cstring_to_text(intersect.name));
}

/* ---- dropping ---- */

void
ddl_intersect_check_owner(ModelIntersect *intersect)
{
	Oid			declarer;

	if (OidIsValid(intersect->relid))
	{
		/* when the table is gone (restored stale), there is nobody to ask */
		if (intersect->sql_name)
			ddl_check_owner(intersect->relid);
		else if (!has_privs_of_role(GetUserId(), relmeta_extension_owner()))
			aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, intersect->name);
		return;
	}
	declarer = ddl_intersect_declarer(intersect->id);
	if (OidIsValid(declarer) && !has_privs_of_role(GetUserId(), declarer) &&
		!has_privs_of_role(GetUserId(), relmeta_extension_owner()))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be the role that declared relationship \"%s\"", intersect->name),
				 errhint("It was declared by role %s.", quote_identifier(GetUserNameFromId(declarer, false)))));
}

static void
drop(ModelIntersect *intersect, bool drop_storage)
{
	char	   *name = intersect->name;
	List	   *judged;

	ddl_intersect_check_owner(intersect);
	if (!OidIsValid(intersect->relid) && ddl_intersect_pending_locked(intersect->id) == NULL)
	{
		/* completed, or dropped, while we waited */
		intersect = model_intersect_by_name(ddl_model(), name);
		if (intersect == NULL)
			(void) model_intersect_required(ddl_model(), name);
		ddl_intersect_check_owner(intersect);
	}
	judged = ddl_judged_by_links(NIL, intersect);
	ddl_intersect_delete(intersect->id);
	if (intersect->sql_name == NULL)
		return;
	if (drop_storage)
		ddl_run("DROP TABLE %s", intersect->sql_name);
	else
		ddl_intersect_triggers_drop(intersect->relid);
	ddl_judged_sync(judged);
}

/* Of either kind */
Datum
relmeta_drop_relationship(PG_FUNCTION_ARGS)
{
	char	   *name = relmeta_argument_text_required(fcinfo, 0);
	bool		drop_storage = relmeta_argument_bool(fcinfo, 1);
	ModelIntersect *intersect = model_intersect_by_name(ddl_model(), name);

	if (intersect != NULL)
		drop(intersect, drop_storage);
	else
		ddl_relationship_drop(name, drop_storage);
	PG_RETURN_VOID();
}
