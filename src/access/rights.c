/*
 * rights.c
 *		Rights as SQL has them (relmeta.access_right) and as entries store them (bits).
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

/* in the order of the enum */
static const struct
{
	const char *name;
	int32		bit;
}			rights[] = {
	{"read", RIGHT_READ},
	{"write", RIGHT_WRITE},
	{"append", RIGHT_APPEND},
	{"append_to", RIGHT_APPEND_TO},
	{"create", RIGHT_CREATE},
	{"delete", RIGHT_DELETE},
	{"share", RIGHT_SHARE},
	{"assign", RIGHT_ASSIGN},
};

const char *
access_right_name(int i)
{
	return i < (int) lengthof(rights) ? rights[i].name : NULL;
}

int32
access_right_named(const char *name)
{
	for (int i = 0; i < (int) lengthof(rights); i++)
		if (strcmp(name, rights[i].name) == 0)
			return rights[i].bit;
	return 0;
}

static Oid
right_type(void)
{
	return GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum("access_right"),
						   ObjectIdGetDatum(relmeta_schema_oid()));
}

int32
access_right_bit(Oid right)
{
	HeapTuple	tuple = SearchSysCache1(ENUMOID, ObjectIdGetDatum(right));
	int32		bit;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for enum value %u", right);
	bit = access_right_named(NameStr(((Form_pg_enum) GETSTRUCT(tuple))->enumlabel));
	ReleaseSysCache(tuple);
	return bit;
}

int32
access_rights_mask(ArrayType *array)
{
	Datum	   *values;
	bool	   *nulls;
	int			n;
	int32		mask = 0;

	deconstruct_array(array, ARR_ELEMTYPE(array), sizeof(Oid), true, TYPALIGN_INT, &values, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("rights must not contain null"),
					 errhint("Name rights, for example '{read,write}'.")));
		mask |= access_right_bit(DatumGetObjectId(values[i]));
	}
	return mask;
}

ArrayType *
access_rights_array(int32 mask)
{
	Oid			type = right_type();
	Datum		values[lengthof(rights)];
	int			n = 0;

	for (int i = 0; i < (int) lengthof(rights); i++)
	{
		if ((mask & rights[i].bit) == 0)
			continue;
		values[n++] = ObjectIdGetDatum(GetSysCacheOid2(ENUMTYPOIDNAME, Anum_pg_enum_oid, ObjectIdGetDatum(type),
													   CStringGetDatum(rights[i].name)));
	}
	return construct_array(values, n, type, sizeof(Oid), true, TYPALIGN_INT);
}
