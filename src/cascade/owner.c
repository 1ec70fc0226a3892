/*
 * owner.c
 *		An owner must be a principal (SEMANTICS 2.2), whoever sets it.
 */
#include "relmeta.h"

#include "cascade/cascade.h"
#include "cascade/flush.h"

/* 23503 unless all of them are principals, who stay until we commit. */
static void
check(ModelType *type, Datum *owners, int n)
{
	int			bad = model_owners_check(type, owners, n, NULL);

	if (bad >= 0)
		ereport(ERROR,
				(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
				 errmsg("owner \"%s\" is not a principal", model_type_output(type, owners[bad])),
				 errhint("Call relmeta.create_user() or relmeta.create_team() first.")));
}

void
cascade_check_owners(Frame *frame)
{
	collect_new_owners(frame, check);
}
