/*
 * known.c
 *		What relmeta knows a table as, asked by the event triggers about every
 *		table that a statement touches: a few index probes with the latest
 *		snapshot, whatever the number of registrations, and without a model.
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "model/internal.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"

/* a column that names a table, and the index that it leads */
typedef struct KnownBy
{
	int			bit;
	ModelCatalog catalog;
	const char *column;
	const char *index;
} KnownBy;

static const KnownBy known_by[] = {
	{KNOWN_REGISTERED, CATALOG_REGISTERED_TABLE, "relation", "registered_table_pkey"},
	{KNOWN_RELATED, CATALOG_RELATIONSHIP, "related_table", "relationship_lookup_idx"},
	{KNOWN_RELATED, CATALOG_RELATIONSHIP, "primary_table", "relationship_primary_idx"},
	{KNOWN_INTERSECT, CATALOG_INTERSECT, "intersect_table", "intersect_relationship_intersect_table_key"},
	{KNOWN_PARTICIPANT, CATALOG_INTERSECT, "table1", "intersect_relationship_table1_idx"},
	{KNOWN_PARTICIPANT, CATALOG_INTERSECT, "table2", "intersect_relationship_table2_idx"},
	{KNOWN_SOURCE, CATALOG_PRINCIPAL_SOURCE, "relation", "principal_source_pkey"},
};

/* Whether a row has these values in these columns; without the index the table is scanned. */
static bool
row_exists(ModelCatalog catalog, const char *index, int n, const char *const *columns,
		   const RegProcedure *equal, const Datum *values)
{
	Oid			relid = model_catalog_relid(catalog);
	Oid			index_oid;
	Relation	rel;
	ScanKeyData skey[2];
	SysScanDesc scan;
	bool		found;

	if (!OidIsValid(relid))
		return false;			/* not installed, or older than this library */
	index_oid = model_catalog_index(index);
	rel = table_open(relid, AccessShareLock);
	for (int i = 0; i < n; i++)
		ScanKeyInit(&skey[i], model_catalog_column(RelationGetDescr(rel), columns[i]),
					BTEqualStrategyNumber, equal[i], values[i]);
	scan = systable_beginscan(rel, index_oid, OidIsValid(index_oid), NULL, n, skey);
	found = HeapTupleIsValid(systable_getnext(scan));
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return found;
}

/* of these bits */
static int
known_as(Oid relid, int bits)
{
	Datum		value = ObjectIdGetDatum(relid);
	RegProcedure equal = F_OIDEQ;
	int			known = 0;

	for (int i = 0; i < (int) lengthof(known_by); i++)
	{
		const KnownBy *by = &known_by[i];

		if ((known & by->bit) == 0 && (bits & by->bit) != 0 &&
			row_exists(by->catalog, by->index, 1, &by->column, &equal, &value))
			known |= by->bit;
	}
	return known;
}

int
model_known(Oid relid)
{
	return known_as(relid, ~0);
}

bool
model_is_participant(Oid relid)
{
	return known_as(relid, KNOWN_PARTICIPANT) != 0;
}

bool
model_pending_waits_for(const char *schema, const char *table)
{
	static const char *const columns[2][2] = {{"schema1", "table_name1"}, {"schema2", "table_name2"}};
	static const char *const indexes[2] = {
		"intersect_relationship_pending1_idx", "intersect_relationship_pending2_idx"
	};
	RegProcedure equal[2] = {F_NAMEEQ, F_NAMEEQ};
	NameData	names[2];
	Datum		values[2] = {NameGetDatum(&names[0]), NameGetDatum(&names[1])};

	namestrcpy(&names[0], schema);
	namestrcpy(&names[1], table ? table : "");
	for (int i = 0; i < 2; i++)
	{
		if (row_exists(CATALOG_INTERSECT, indexes[i], table ? 2 : 1, columns[i], equal, values))
			return true;
	}
	return false;
}
