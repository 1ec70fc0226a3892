/*
 * refuse.c
 *		What a refused statement is told: principal, right, table and relationship, and
 *		no key (SEMANTICS 2.5).  A hidden row and a missing one are told of in the same words.
 */
#include "relmeta.h"

#include "enforce/enforce.h"
#include "model/key.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

static const char *
right_name(int32 right)
{
	for (int i = 0; access_right_name(i) != NULL; i++)
		if (access_right_named(access_right_name(i)) == right)
			return access_right_name(i);
	return "?";
}

static const char *
table_name(ModelTable *table)
{
	char	   *name = get_rel_name(table->relid);

	return name ? name : table->stable_name;
}

void
enforce_refuse_nobody(const char *table)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("access to table \"%s\" is controlled, and there is no current principal", table),
			 errhint("Call relmeta.act_as(), or make a user of the role: relmeta.create_user(principal, role).")));
}

/* Without a principal that is what is wrong, whatever was asked. */
static const char *
principal_name(Statement *statement, ModelTable *table)
{
	if (access_statement_principals(statement) == NIL)
		enforce_refuse_nobody(table_name(table));
	return statement->principal;
}

static const char *
cap_hint(Statement *statement, int32 right)
{
	return (statement->cap & right) == 0 ? "The session's setting relmeta.rights does not include it." : NULL;
}

void
enforce_refuse_row(Statement *statement, ModelTable *table, int32 right)
{
	const char *principal = principal_name(statement, table);
	const char *hint = cap_hint(statement, right);

	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("principal \"%s\" does not hold the right %s on a row of table \"%s\"", principal,
					right_name(right), table_name(table)),
			 hint ? errhint("%s", hint) :
			 errhint("Its owner or who holds share on it can give it: relmeta.share().")));
}

void
enforce_refuse_cap(Statement *statement, ModelTable *table)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("principal \"%s\" may not insert rows into table \"%s\": the session's rights do not include"
					" create", principal_name(statement, table), table_name(table)),
			 errhint("Name create in the rights given to relmeta.act_as().")));
}

void
enforce_refuse_owner(Statement *statement, ModelTable *table)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("principal \"%s\" may not insert a row of another owner into table \"%s\"",
					principal_name(statement, table), table_name(table)),
			 errhint("Insert it as a row of its own or of one of its teams (column \"%s\"), then call"
					 " relmeta.assign().",
					 table->owner.name)));
}

void
enforce_refuse_ownerless(Statement *statement, ModelTable *table)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("principal \"%s\" may not insert a row without owner into table \"%s\"",
					principal_name(statement, table), table_name(table)),
			 errdetail("Such a row must be related to a primary row on which the principal holds the right append_to."),
			 table->owner.name != NULL ? errhint("Set column \"%s\", or a lookup.", table->owner.name) :
			 errhint("Set a lookup.")));
}

/* detail: a format of the relationship's name and its lookup */
pg_noreturn static void
refuse_related(Statement *statement, ModelRelationship *relationship, int32 right, const char *detail)
{
	const char *principal = principal_name(statement, relationship->related);
	const char *hint = cap_hint(statement, right);

	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("principal \"%s\" does not hold the right %s on a row of table \"%s\"", principal,
					right_name(right), table_name(relationship->related)),
			 errdetail(detail, relationship->name, model_columns_text(&relationship->lookup)),
			 hint ? errhint("%s", hint) :
			 errhint("Its owner or who holds share on it can give it: relmeta.share().")));
}

void
enforce_refuse_change(Statement *statement, ModelRelationship *relationship, int32 right)
{
	refuse_related(statement, relationship, right, "Relationship \"%s\": to change column \"%s\" needs it.");
}

void
enforce_refuse_left(Statement *statement, ModelRelationship *relationship, int32 right)
{
	refuse_related(statement, relationship, right,
				   "Relationship \"%s\": to give another row the key that column \"%s\" points to needs it.");
}

void
enforce_refuse_lookup(Statement *statement, ModelRelationship *relationship)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("principal \"%s\" does not hold the right append_to on the row of table \"%s\" that a row of"
					" table \"%s\" is to be related to",
					principal_name(statement, relationship->primary), table_name(relationship->primary),
					table_name(relationship->related)),
			 errdetail("Relationship \"%s\", column \"%s\".", relationship->name,
					   model_columns_text(&relationship->lookup)),
			 errhint("There may be no such row, or none that it may read.")));
}
