/*
 * match.c
 *		The one matching rule of a relationship, as SQL and in C; see match.h.
 */
#include "relmeta.h"

#include "model/key.h"
#include "rows/match.h"
#include "utils/builtins.h"

bool
rows_is_active(ModelTable *table, Datum state, bool isnull)
{
	if (table->state.name == NULL)
		return true;
	for (int i = 0; !isnull && i < table->nactive; i++)
	{
		if (model_type_equal(&table->state.type, state, table->active_states[i]))
			return true;
	}
	return false;
}

void
rows_plan_append_type(StringInfo sql, ModelRelationship *relationship, const char *alias)
{
	ModelType  *type = &relationship->type_column.type;

	if (relationship->type_column.name == NULL)
		return;
	appendStringInfo(sql, " AND %s.%s %s %s::%s%s", alias, relationship->type_column.sql_name, type->sql_eq,
					 quote_literal_cstr(relationship->type_value), type->sql_name, type->sql_collate);
}

const char *
rows_plan_from_keys(ModelRelationship *relationship, bool many, const char *intro)
{
	return many && !model_key_type(relationship->primary)->has_hash ?
		psprintf("%spg_catalog.unnest($1) AS k(key)", intro) : "";
}

void
rows_plan_append_points_to(StringInfo sql, ModelRelationship *relationship, bool many)
{
	ModelTable *primary = relationship->primary;

	if (!many || !model_key_type(primary)->has_hash)
		appendStringInfo(sql, " WHERE %s", model_lookup_is(relationship, "c", many ? "k.key" : "$1"));
	else
		appendStringInfo(sql, " WHERE %s", model_lookup_is_any(relationship, "c", "$1"));
	rows_plan_append_type(sql, relationship, "c");
}

void
rows_plan_append_active(StringInfo sql, ModelTable *table, const char *alias)
{
	ModelType  *type = &table->state.type;

	if (table->state.name == NULL)
		return;
	appendStringInfoString(sql, " AND (false");
	for (int i = 0; i < table->nactive; i++)
		appendStringInfo(sql, " OR %s.%s %s %s::%s%s", alias, table->state.sql_name, type->sql_eq,
						 quote_literal_cstr(table->active_texts[i]), type->sql_name, type->sql_collate);
	appendStringInfoChar(sql, ')');
}

void
rows_plan_append_behavior(StringInfo sql, ModelRelationship *relationship, ModelBehavior behavior, const char *alias,
						  const char *primary_owner)
{
	ModelTable *related = relationship->related;

	if (behavior == BEHAVIOR_ACTIVE)
		rows_plan_append_active(sql, related, alias);
	if (behavior == BEHAVIOR_USER_OWNED)
		appendStringInfo(sql, " AND %s.%s %s %s%s", alias, related->owner.sql_name, related->owner.type.sql_eq,
						 primary_owner, related->owner.type.sql_collate);
}
