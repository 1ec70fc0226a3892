/*
 * owner.c
 *		An owner must be a principal (SEMANTICS 2.2), whoever sets it.
 */
#include "relmeta.h"

#include "cascade/cascade.h"
#include "cascade/flush.h"

void
cascade_check_owners(Frame *frame)
{
	ListCell   *lc;

	foreach(lc, frame->owner_sets)
	{
		OwnerSet   *owners = lfirst(lc);
		DatumSet   *set = owners->set;
		int			bad;

		if (owners->checked == set->count)
			continue;
		bad = model_owners_check(set->type, set->values + owners->checked, set->count - owners->checked);
		if (bad >= 0)
			ereport(ERROR,
					(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
					 errmsg("owner \"%s\" is not a principal",
							model_type_output(set->type, set->values[owners->checked + bad])),
					 errhint("Call relmeta.create_user() or relmeta.create_team() first.")));
		owners->checked = set->count;
	}
}
