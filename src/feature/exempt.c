/*
 * exempt.c
 *		What the functions of this room write for a session that acts as a principal and whose role is exempt from a
 *		table's policies.
 *
 * SEMANTICS 2.1: such a session is judged by that principal's rights in the functions of 2.7.  Their INSERT and UPDATE
 * are the caller's own, and what these take (2.5, "Access control") is not asked of an exempt role (enforce.h): it is
 * asked here, of the row as it is stored.
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/xact.h"
#include "enforce/enforce.h"
#include "feature/feature.h"
#include "utils/snapmgr.h"

Datum
feature_lookup_of(ModelRelationship *relationship, Datum key, bool *isnull)
{
	ModelColumn *columns[2] = {&relationship->lookup, &relationship->type_column};
	bool		typed = relationship->type_column.name != NULL;
	ModelType  *type = &relationship->type_column.type;
	Datum		values[2] = {0};
	bool		nulls[2] = {true, true};

	CommandCounterIncrement();
	PushActiveSnapshot(GetLatestSnapshot());
	(void) access_read_columns(relationship->related, key, typed ? 2 : 1, columns, values, nulls);
	PopActiveSnapshot();
	*isnull = nulls[0] ||
		(typed && (nulls[1] || !model_type_equal(type, values[1], model_type_input(type, relationship->type_value))));
	return values[0];
}

/* Does the principal hold append_to on the row that a lookup points to, as that row is now? */
static bool
may_append_to(ModelRelationship *relationship, Datum lookup)
{
	bool		may;

	PushActiveSnapshot(GetLatestSnapshot());
	may = (feature_rights_on(relationship->primary, lookup) & RIGHT_APPEND_TO) != 0;
	PopActiveSnapshot();
	return may;
}

void
feature_judge_made(ModelTable *table, Datum key)
{
	Statement  *statement = access_statement_now();
	Datum		owner = (Datum) 0;
	bool		owner_null;
	bool		needs_primary;
	bool		found;
	ListCell   *lc;

	if (!feature_judges_exempt(table))
		return;
	CommandCounterIncrement();
	PushActiveSnapshot(GetLatestSnapshot());
	found = access_read_row(table, key, &owner, &owner_null);
	PopActiveSnapshot();
	/* a trigger of the table's may have taken it away again */
	if (!found)
		return;
	enforce_judge_owner(access_predicate(statement, table), owner_null, owner);
	needs_primary = owner_null;
	foreach(lc, table->as_related)
	{
		ModelRelationship *relationship = lfirst(lc);
		bool		is_judged = feature_is_judged(relationship->primary);
		bool		isnull;
		Datum		lookup = feature_lookup_of(relationship, key, &isnull);

		if (isnull || (!is_judged && !needs_primary))
			continue;
		if (may_append_to(relationship, lookup))
			needs_primary = false;
		else if (is_judged)
			enforce_refuse_lookup(statement, relationship);
	}
	if (needs_primary)
		enforce_refuse_ownerless(statement, table);
}

/* ---- lookups that an UPDATE changes ---- */

FeatureLookups *
feature_lookups(ModelTable *table, Datum key)
{
	FeatureLookups *lookups = palloc(sizeof(FeatureLookups));
	int			n = list_length(table->as_related);
	int			i = 0;
	ListCell   *lc;

	lookups->values = palloc(Max(n, 1) * sizeof(Datum));
	lookups->nulls = palloc(Max(n, 1) * sizeof(bool));
	foreach(lc, table->as_related)
	{
		lookups->values[i] = feature_lookup_of(lfirst(lc), key, &lookups->nulls[i]);
		i++;
	}
	return lookups;
}

void
feature_judge_lookups(ModelTable *table, Datum key, FeatureLookups *before, int32 rights)
{
	Statement  *statement = access_statement_now();
	FeatureLookups *after = feature_lookups(table, key);
	int			i = 0;
	ListCell   *lc;

	foreach(lc, table->as_related)
	{
		ModelRelationship *relationship = lfirst(lc);
		int			n = i++;

		if (before->nulls[n] == after->nulls[n] &&
			(after->nulls[n] || model_type_equal(&relationship->lookup.type, before->values[n], after->values[n])))
			continue;
		if (!after->nulls[n] && (rights & RIGHT_APPEND) == 0)
			enforce_refuse_change(statement, relationship, RIGHT_APPEND);
		if (!before->nulls[n] && relationship->behavior[ACTION_REPARENT] != BEHAVIOR_NONE &&
			(rights & RIGHT_SHARE) == 0)
			enforce_refuse_change(statement, relationship, RIGHT_SHARE);
		if (!after->nulls[n] && feature_is_judged(relationship->primary) &&
			!may_append_to(relationship, after->values[n]))
			enforce_refuse_lookup(statement, relationship);
	}
}
