/*
 * exempt.c
 *		What the functions of this room write for a session that acts as a principal and whose role is exempt from a
 *		table's policies.
 *
 * SEMANTICS 2.1: such a session is judged by that principal's rights in the functions of 2.7.  Their INSERT and UPDATE
 * are the caller's own, and what these take (2.5, "Access control") is not asked of an exempt role (enforce.h): it is
 * asked here, of the row as it is stored, by the same rule (enforce/judge.c).
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
	Datum		lookup;

	CommandCounterIncrement();
	PushActiveSnapshot(GetLatestSnapshot());
	lookup = access_read_lookup(relationship, key, isnull);
	PopActiveSnapshot();
	return lookup;
}

NullableDatum *
feature_lookups(ModelTable *table, Datum key)
{
	NullableDatum *lookups = palloc(Max(list_length(model_as_related(table)), 1) * sizeof(NullableDatum));
	ListCell   *lc;

	foreach(lc, model_as_related(table))
	{
		NullableDatum *lookup = &lookups[foreach_current_index(lc)];

		lookup->value = feature_lookup_of(lfirst(lc), key, &lookup->isnull);
	}
	return lookups;
}

/* ---- what an exempt role is judged by: rows as they are now ---- */

typedef struct ExemptJudge
{
	EnforceJudge judge;
	int32		rights;			/* on the row whose lookups change */
} ExemptJudge;

static bool
may_append_to(EnforceJudge *judge, ModelRelationship *relationship, Datum lookup)
{
	bool		may;

	PushActiveSnapshot(GetLatestSnapshot());
	may = (feature_rights_on(relationship->primary, lookup) & RIGHT_APPEND_TO) != 0;
	PopActiveSnapshot();
	return may;
}

static int32
rights_held(EnforceJudge *judge)
{
	return ((ExemptJudge *) judge)->rights;
}

void
feature_judge_made(ModelTable *table, Datum key)
{
	Statement  *statement = access_statement_now();
	ExemptJudge exempt = {{statement, feature_is_judged, may_append_to, rights_held, true}, 0};
	Datum		owner = (Datum) 0;
	bool		owner_null;
	bool		found;

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
	enforce_judge_new_lookups(&exempt.judge, table, feature_lookups(table, key), owner_null);
}

void
feature_judge_lookups(ModelTable *table, Datum key, NullableDatum *before, int32 rights)
{
	ExemptJudge exempt = {{access_statement_now(), feature_is_judged, may_append_to, rights_held, true}, rights};

	enforce_judge_lookups(&exempt.judge, table, before, feature_lookups(table, key));
}
