/*
 * reading.c
 *		What the caller may read, for the functions of this room.
 *
 * Row-level security decides, as it applies to the role.  A session with relmeta.principal set is judged by that
 * principal's rights on controlled tables also where its role is exempt, since it owns the table, say (SEMANTICS 2.1).
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/motion.h"
#include "access/statement.h"
#include "enforce/enforce.h"
#include "feature/feature.h"
#include "miscadmin.h"
#include "model/key.h"
#include "utils/acl.h"
#include "utils/snapmgr.h"

bool
feature_runs_as_caller(Oid relid, Oid named)
{
	Oid			owner = relmeta_relation_owner(relid);

	return owner == relmeta_relation_owner(named) || has_privs_of_role(owner, GetUserId());
}

bool
feature_is_judged(ModelTable *table)
{
	return enforce_controls(table) || feature_judges_exempt(table);
}

bool
feature_judges_exempt(ModelTable *table)
{
	return table->access_control && relmeta_acting_as()[0] != '\0' && !enforce_controls(table);
}

int32
feature_rights_on(ModelTable *table, Datum key)
{
	Datum		owner = (Datum) 0;
	bool		owner_null;

	if (!access_read_row(table, key, &owner, &owner_null))
		return 0;
	return access_predicate_rights(access_predicate(access_statement_now(), table), key, owner_null, owner,
								   GetActiveSnapshot());
}

bool
feature_may_read(ModelTable *table, Datum key)
{
	if (access_motion_any() && access_motion_hides(table, key))
		return false;
	return access_may_read(table, key) &&
		(!feature_judges_exempt(table) || (feature_rights_on(table, key) & RIGHT_READ) != 0);
}

bool *
feature_readable(ModelTable *table, Datum *keys, int n, bool named)
{
	bool	   *readable = access_readable(table, keys, n, named);

	for (int i = 0; i < n && readable != NULL && access_motion_any(); i++)
		readable[i] &= !access_motion_hides(table, keys[i]);
	if (readable == NULL || !feature_judges_exempt(table))
		return readable;
	for (int i = 0; i < n; i++)
		readable[i] &= (feature_rights_on(table, keys[i]) & RIGHT_READ) != 0;
	return readable;
}

void
feature_refuse_missing(ModelTable *table)
{
	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND),
			 errmsg("table \"%s\" has no row with that key that you may read", relmeta_relation_name(table->relid)),
			 errhint("Look for the row with SELECT; row-level security may hide it.")));
}

Datum
feature_row_required(ModelTable *table, Datum key)
{
	Datum		stored;

	if (!access_read_key(table, key, &stored))
		feature_refuse_missing(table);
	/* catalogs that name the key follow the row that has left it */
	access_motion_check(table, stored);
	if (!feature_may_read(table, stored))
		feature_refuse_missing(table);
	return stored;
}

bool
feature_text_readable(ModelTable *table, const char *text_form, Datum *key)
{
	int			level = feature_keys_begin();
	bool		valid = model_type_input_safe(model_key_type(table), text_form, key);

	feature_keys_end(level);
	return valid && feature_may_read(table, *key);
}
