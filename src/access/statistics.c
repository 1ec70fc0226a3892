/*
 * statistics.c
 *		How many rows of a table have one of some values, by what ANALYZE has found.
 *
 * Nothing of pg_statistic is compared by an operator that a query named.  What is told says how to go on, and never who
 * may see what: it may be out of date.
 */
#include "relmeta.h"

#include "access/htup_details.h"
#include "access/row_predicate.h"
#include "catalog/pg_class.h"
#include "catalog/pg_statistic.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"
#include "utils/syscache.h"

double
access_column_fraction(Oid relid, AttrNumber attnum, ModelType *type, Datum *values, int n, double rows)
{
	HeapTuple	tuple = SearchSysCache3(STATRELATTINH, ObjectIdGetDatum(relid), Int16GetDatum(attnum),
										BoolGetDatum(get_rel_relkind(relid) == RELKIND_PARTITIONED_TABLE));
	AttStatsSlot slot;
	double		ndistinct = DEFAULT_NUM_DISTINCT;
	double		common = 0;
	double		fraction = 0;
	int			found = 0;
	int			ncommon = 0;

	if (!HeapTupleIsValid(tuple))
		return Min(n / DEFAULT_NUM_DISTINCT, 1);
	ndistinct = ((Form_pg_statistic) GETSTRUCT(tuple))->stadistinct;
	common = ((Form_pg_statistic) GETSTRUCT(tuple))->stanullfrac;
	if (ndistinct < 0)
		ndistinct = -ndistinct * rows;
	if (get_attstatsslot(&slot, tuple, STATISTIC_KIND_MCV, InvalidOid, ATTSTATSSLOT_VALUES | ATTSTATSSLOT_NUMBERS))
	{
		ncommon = slot.nvalues;
		for (int i = 0; i < slot.nvalues && i < slot.nnumbers; i++)
		{
			common += slot.numbers[i];
			for (int j = 0; j < n; j++)
			{
				if (model_type_equal(type, slot.values[i], values[j]))
				{
					fraction += slot.numbers[i];
					found++;
					break;
				}
			}
		}
		free_attstatsslot(&slot);
	}
	ReleaseSysCache(tuple);
	fraction += (n - found) * Max(1 - common, 0) / Max(ndistinct - ncommon, 1);
	return Min(Max(fraction, 0), 1);
}

static double
rows_of(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	double		rows;

	if (!HeapTupleIsValid(tuple))
		return 1;
	rows = ((Form_pg_class) GETSTRUCT(tuple))->reltuples;
	ReleaseSysCache(tuple);
	return Max(rows, 1);
}

double
access_entries_expected(Predicate *predicate)
{
	Oid			relid = predicate->table->entry_relid;
	double		entries = rows_of(relid);

	return entries * access_column_fraction(relid, ENTRY_PRINCIPAL, model_principal(predicate->table),
											predicate->principals, predicate->nprincipals, entries);
}
