/*
 * value.c
 *		Principals' values in the types of owner columns, SEMANTICS 2.1.
 *
 * A value has a canonical form, which is the same for equal values.  It is its
 * text where the type always prints equal values alike: a principal of that name
 * has the value.  Of any other principal, and in other types, the value is
 * recorded in relmeta.principal_value.  So an owner's principal is found by one
 * or two probes (named.c), and two principals cannot become one owner; see value_write.c.
 *
 * The types are base types; a collation that takes different texts for equal
 * makes a type of its own, and bigint stands for the smaller integers.  bigint
 * and uuid always count; others once an owner column was of them, when they are
 * recorded in relmeta.principal_type.  Types that spell a value in one way, as
 * text does, need no rows: there the value is the name.
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "model/internal.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/typcache.h"
#include "utils/varlena.h"

/* a value's text that is longer is not stored itself: it would not fit an index */
#define CANONICAL_MAX 256

/*
 * The types met so far, ValueType *; thrown away at the next use after a type,
 * collation, operator or schema changed (invalidate.c's callbacks).
 */
static MemoryContext value_types_cxt = NULL;
static List *value_types = NIL;
static bool value_types_stale = true;

/* Called by invalidation callbacks: frees nothing. */
void
model_value_types_forget(void)
{
	value_types_stale = true;
}

/* Whether equal values of the type always have the same text form, whatever the settings. */
static bool
equal_means_same_text(Oid base_type, Oid collation)
{
	switch (base_type)
	{
		case BOOLOID:
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case OIDOID:
		case UUIDOID:
			return true;
		case TEXTOID:
		case VARCHAROID:
			return !OidIsValid(collation) || get_collation_isdeterministic(collation);
		default:
			return type_is_enum(base_type);
	}
}

bool
model_type_spells_one_way(ModelType *type)
{
	return (type->base_type == TEXTOID || type->base_type == VARCHAROID || type_is_enum(type->base_type)) &&
		equal_means_same_text(type->base_type, type->collation);
}

/* ---- the types ---- */

/* those that always count */
static const Oid always[] = {INT8OID, UUIDOID};

/* The type that stands for a base type here. */
static Oid
family(Oid base_type)
{
	return base_type == INT2OID || base_type == INT4OID ? INT8OID : base_type;
}

/*
 * The collation as far as it decides what is equal: one that takes different
 * texts for equal, else the type's own.
 */
static Oid
deciding_collation(Oid base_type, Oid collation)
{
	if (!OidIsValid(collation) || get_collation_isdeterministic(collation))
		return get_typcollation(base_type);
	return collation;
}

/* As relmeta.principal_type names it: quoted, schema-qualified; '' for the type's own. */
static char *
collation_name(Oid base_type, Oid collation)
{
	HeapTuple	tuple;
	Form_pg_collation form;
	char	   *name;

	if (collation == get_typcollation(base_type))
		return "";
	tuple = SearchSysCache1(COLLOID, ObjectIdGetDatum(collation));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for collation %u", collation);
	form = (Form_pg_collation) GETSTRUCT(tuple);
	name = quote_qualified_identifier(get_namespace_name(form->collnamespace), NameStr(form->collname));
	ReleaseSysCache(tuple);
	return name;
}

/* False when the type or collation is gone, or cannot be used. */
static bool
fill(ValueType *vt, Oid type, const char *collation)
{
	Oid			collation_oid;
	TypeCacheEntry *entry;

	if (!SearchSysCacheExists1(TYPEOID, ObjectIdGetDatum(type)))
		return false;
	collation_oid = collation[0] == '\0' ? get_typcollation(type) :
		get_collation_oid(textToQualifiedNameList(cstring_to_text(collation)), true);
	if ((collation[0] != '\0' && !OidIsValid(collation_oid)) ||
		!model_type_fill_quietly(&vt->type, type, -1, collation_oid))
		return false;
	vt->collation_name = pstrdup(collation);
	vt->same_text = equal_means_same_text(type, collation_oid);
	entry = lookup_type_cache(type, TYPECACHE_HASH_EXTENDED_PROC);
	vt->has_hash = OidIsValid(entry->hash_extended_proc);
	if (vt->has_hash)
		fmgr_info(entry->hash_extended_proc, &vt->hash_finfo);
	return true;
}

static void
prepare_types(void)
{
	if (!value_types_stale)
		return;
	if (value_types_cxt == NULL)
		value_types_cxt = AllocSetContextCreate(CacheMemoryContext, "relmeta value types", ALLOCSET_SMALL_SIZES);
	MemoryContextReset(value_types_cxt);
	value_types = NIL;
	value_types_stale = false;
}

/* NULL when it is gone.  Good until the next prepare_types() that finds the list stale. */
static ValueType *
find_type(Oid type, const char *collation)
{
	MemoryContext outer;
	ValueType  *vt;
	ListCell   *lc;

	foreach(lc, value_types)
	{
		vt = lfirst(lc);
		if (vt->type.base_type == type && strcmp(vt->collation_name, collation) == 0)
			return vt;
	}
	outer = MemoryContextSwitchTo(value_types_cxt);
	vt = palloc0(sizeof(ValueType));
	if (fill(vt, type, collation))
		value_types = lappend(value_types, vt);
	else
		vt = NULL;
	MemoryContextSwitchTo(outer);
	return vt;
}

bool
model_value_always_counts(ValueType *vt)
{
	for (int i = 0; i < (int) lengthof(always); i++)
		if (vt->type.base_type == always[i])
			return true;
	return false;
}

bool
model_value_is_type(ValueType *vt, ModelType *type)
{
	Oid			collation = deciding_collation(type->base_type, type->collation);

	return vt->type.base_type == family(type->base_type) &&
		strcmp(vt->collation_name, collation_name(type->base_type, collation)) == 0;
}

ValueType *
model_value_type(ModelType *type)
{
	Oid			collation = deciding_collation(type->base_type, type->collation);

	prepare_types();
	return find_type(family(type->base_type), collation_name(type->base_type, collation));
}

List *
model_value_types(bool uncommitted)
{
	Oid			relid = model_catalog_relid(CATALOG_PRINCIPAL_TYPE);
	List	   *found = NIL;
	Relation	rel;
	SnapshotData dirty;
	SysScanDesc scan;
	HeapTuple	tuple;

	if (!OidIsValid(relid))
		return NIL;				/* not installed, or older than this library */
	prepare_types();
	for (int i = 0; i < (int) lengthof(always); i++)
		found = lappend(found, find_type(always[i], ""));
	rel = table_open(relid, AccessShareLock);
	InitDirtySnapshot(dirty);
	scan = systable_beginscan(rel, InvalidOid, false, uncommitted ? &dirty : NULL, 0, NULL);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		TupleDesc	desc = RelationGetDescr(rel);
		ValueType  *vt = find_type(model_catalog_oid(tuple, desc, "type"),
								   model_catalog_text(tuple, desc, "collation_name"));

		if (vt != NULL)
			found = list_append_unique_ptr(found, vt);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return found;
}

/* ---- values ---- */

/*
 * The same for equal values and, but for a chance of one in 2^64, for no others:
 * the text where equal values have one, else the type's own hash.  The value is
 * of a column's type, which vt stands for.
 */
char *
model_value_canonical(ValueType *vt, ModelType *type, Datum value)
{
	char	   *text;
	size_t		len;

	if (!vt->same_text && vt->has_hash)
		return psprintf("%016llx", (unsigned long long)
						DatumGetUInt64(FunctionCall2Coll(&vt->hash_finfo, vt->type.collation, value,
														 UInt64GetDatum(0))));
	text = model_type_output(type, value);

	len = strlen(text);
	if (len > CANONICAL_MAX)
		return psprintf("#%016llx", (unsigned long long)
						hash_bytes_extended((unsigned char *) text, (int) len, 0));
	return text;
}

/*
 * A column of the row, if any, that an index finds.  As of now; or, with wait,
 * once it is certain whether there is one: who inserts or deletes it has ended.
 */
static char *
probe(ModelCatalog catalog, const char *index, int nkeys, const char *const *columns, Datum *keys,
	  RegProcedure *equal, const char *wanted, bool wait)
{
	Relation	rel = table_open(model_catalog_relid(catalog), AccessShareLock);
	TupleDesc	desc = RelationGetDescr(rel);
	Oid			indexid = model_catalog_index(index);
	TransactionId other;
	char	   *found;

	do
	{
		ScanKeyData skey[4];
		SnapshotData dirty;
		SysScanDesc scan;
		HeapTuple	tuple;

		CHECK_FOR_INTERRUPTS();
		InitDirtySnapshot(dirty);
		for (int i = 0; i < nkeys; i++)
			ScanKeyInit(&skey[i], model_catalog_column(desc, columns[i]), BTEqualStrategyNumber, equal[i], keys[i]);
		scan = systable_beginscan(rel, indexid, OidIsValid(indexid), wait ? &dirty : NULL, nkeys, skey);
		tuple = systable_getnext(scan);
		found = HeapTupleIsValid(tuple) ? model_catalog_text(tuple, desc, wanted) : NULL;
		other = InvalidTransactionId;
		if (found != NULL && wait)
			other = TransactionIdIsValid(dirty.xmin) ? dirty.xmin : dirty.xmax;
		systable_endscan(scan);
		if (TransactionIdIsValid(other))
			XactLockTableWait(other, NULL, NULL, XLTW_None);
	} while (TransactionIdIsValid(other));
	table_close(rel, AccessShareLock);
	return found;
}

char *
model_value_recorded(ValueType *vt, const char *canonical, bool wait)
{
	static const char *const columns[] = {"type", "collation_name", "value", "alias"};
	RegProcedure equal[] = {F_OIDEQ, F_TEXTEQ, F_TEXTEQ, F_TEXTEQ};
	Datum		keys[4];

	keys[0] = ObjectIdGetDatum(vt->type.base_type);
	keys[1] = CStringGetTextDatum(vt->collation_name);
	keys[2] = CStringGetTextDatum(canonical);
	keys[3] = CStringGetTextDatum("");
	return probe(CATALOG_PRINCIPAL_VALUE, "principal_value_pkey", 4, columns, keys, equal, "principal", wait);
}

char *
model_value_registered(const char *name, bool wait)
{
	static const char *const columns[] = {"principal"};
	RegProcedure equal[] = {F_TEXTEQ};
	Datum		keys[1] = {CStringGetTextDatum(name)};

	return probe(CATALOG_PRINCIPAL, "principal_pkey", 1, columns, keys, equal, "principal", wait);
}
