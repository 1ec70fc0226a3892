/*
 * policy_lost.c
 *		A table that was controlled, and is not registered any more: a restore has lost what was declared, and it has
 *		its policies still; or it was a partition, and has been detached: it has its row-level security still, and what
 *		is said by the policies of links with it.
 *
 * Whoever registers it does not open it: it is controlled from the start, and has the owner column that its policies
 * look at.
 */
#include "ddl/policy.h"
#include "ddl/registration.h"

#include "access/htup_details.h"
#include "access/policy.h"
#include "access/sysattr.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "model/key.h"
#include "nodes/bitmapset.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

static bool
row_security_is_on(Oid relid, bool *forced)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	bool		on = false;

	*forced = false;
	if (!HeapTupleIsValid(tuple))
		return false;
	on = ((Form_pg_class) GETSTRUCT(tuple))->relrowsecurity;
	*forced = ((Form_pg_class) GETSTRUCT(tuple))->relforcerowsecurity;
	ReleaseSysCache(tuple);
	return on;
}

bool
ddl_policies_stand(Oid relid, bool *forced)
{
	(void) row_security_is_on(relid, forced);
	return access_policies_say(relid).of_rows;
}

bool
ddl_link_end_is_lost(ModelIntersect *intersect, int side)
{
	Oid			end = intersect->table[side];

	return OidIsValid(end) && model_intersect_end(ddl_model(), intersect, side) == NULL &&
		(access_policies_say(end).of_rows || (access_policies_say(intersect->relid).ends & POLICY_END1 << side) != 0);
}

bool
ddl_link_policies_stand(ModelIntersect *intersect)
{
	ListCell   *lc;
	bool		forced;

	foreach(lc, find_all_inheritors(intersect->relid, NoLock, NULL))
		if (!row_security_is_on(lfirst_oid(lc), &forced) || !access_policies_say(lfirst_oid(lc)).all_links)
		return false;
	return true;
}

/* Is it, or a partition of it, a lost end, whose rows are hidden as well? */
static bool
is_hidden_end(Oid relid, bool *forced)
{
	List	   *ends;
	ListCell   *lc;

	if (!row_security_is_on(relid, forced))
		return false;
	ends = find_all_inheritors(relid, NoLock, NULL);
	foreach(lc, model_intersects(ddl_model()))
	{
		ModelIntersect *intersect = lfirst(lc);

		for (int i = 0; i < 2; i++)
			if (list_member_oid(ends, intersect->table[i]) && ddl_link_end_is_lost(intersect, i))
				return true;
	}
	return false;
}

bool
ddl_registration_is_lost(Oid relid, bool *forced)
{
	return ddl_policies_stand(relid, forced) ||
		(model_table(ddl_model(), relid) == NULL && is_hidden_end(relid, forced));
}

/* The one besides those of the key; NULL: there is none. */
static char *
owner_looked_at(Oid relid, ModelKeyColumns *key)
{
	Bitmapset  *columns = access_policies_say(relid).columns;
	char	   *owner = NULL;
	int			member = -1;

	while ((member = bms_next_member(columns, member)) >= 0)
	{
		AttrNumber	attnum = member + FirstLowInvalidHeapAttributeNumber;

		if (attnum > 0 && !model_columns_have_attnum(key, attnum))
			owner = get_attname(relid, attnum, true);
	}
	return owner;
}

void
ddl_registration_take_up_control(Registration *registration)
{
	Oid			relid = registration->relid;
	bool		forced;

	if (!ddl_registration_is_lost(relid, &forced))
		return;
	registration->access_control = true;
	registration->force_access_control = forced;
	registration->owner_column = owner_looked_at(relid, ddl_primary_key(relid));
	ereport(NOTICE,
			(access_policies_say(relid).of_rows ?
			 errmsg("access to table \"%s\" is controlled from the start: it has the policies of a table that is",
					get_rel_name(relid)) :
			 errmsg("access to table \"%s\" is controlled from the start: it was controlled when links with it were"
					" made", get_rel_name(relid)),
			 errdetail("What everyone may there is not known any more."),
			 errhint("Call relmeta.enable_access_control(%s, everyone => ...) to say that,"
					 " relmeta.disable_access_control() to open the table.",
					 quote_literal_cstr(ddl_table_name(relid)))));
}

void
ddl_registration_check_not_lost(Oid relid)
{
	bool		forced;

	if (ddl_registration_is_lost(relid, &forced))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"%s\" was controlled, and is not registered", get_rel_name(relid)),
				 errhint("Call relmeta.register_table(%s) first, which leaves it controlled.",
						 quote_literal_cstr(ddl_table_name(relid)))));
}
