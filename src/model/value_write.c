/*
 * value_write.c
 *		Recording principals' values in the types of owner columns, so that no two
 *		principals are one owner (SEMANTICS 2.1).
 *
 * Whoever makes a principal looks for another that has its value, in every type:
 * one whose name is the canonical form, or one that is recorded with it.  The
 * index on recorded values keeps two sessions apart; who is named by the
 * canonical form is not recorded, so each of the two looks for the other once it
 * has made its own row.  A value that is another's already is refused while an
 * owner column is of the type, else recorded as an alias; and an owner column is
 * refused while its type has aliases.  Nobody locks anything for all that: each
 * leaves its mark first, then looks for the other's, committed or not.
 *
 *	an alias is made		its row of relmeta.principal_value, then the registered tables
 *	a column is registered	its row of relmeta.registered_table, then the aliases
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "model/internal.h"
#include "model/names.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

/* so many values are recorded one by one */
#define FEW_VALUES 4

/* a principal's value in a type */
typedef struct NewValue
{
	ValueType  *type;
	Datum		value;
	char	   *canonical;
	char	   *principal;
	bool		is_name;		/* the canonical form is the name: it is not
								 * recorded */
} NewValue;

/* NewValue *: of each principal in each type in which it has one */
static List *
values_of(List *principals, List *types)
{
	List	   *values = NIL;
	ListCell   *tc;
	ListCell   *pc;

	foreach(tc, types)
	{
		ValueType  *type = lfirst(tc);

		foreach(pc, principals)
		{
			Datum		value;
			NewValue   *new;

			CHECK_FOR_INTERRUPTS();
			if (!model_principal_cast(lfirst(pc), &type->type, &value))
				continue;
			new = palloc(sizeof(NewValue));
			new->type = type;
			new->value = value;
			new->canonical = model_value_canonical(type, &type->type, value);
			new->principal = lfirst(pc);
			new->is_name = type->same_text && strcmp(new->canonical, new->principal) == 0;
			values = lappend(values, new);
		}
	}
	return values;
}

/* Four arrays, as the statements take them. */
static void
fill_arrays(List *values, Datum *arrays)
{
	int			n = list_length(values);
	Datum	   *elems[4];
	ListCell   *lc;

	for (int i = 0; i < 4; i++)
		elems[i] = MemoryContextAllocHuge(CurrentMemoryContext, n * sizeof(Datum));
	foreach(lc, values)
	{
		NewValue   *value = lfirst(lc);
		int			i = foreach_current_index(lc);

		elems[0][i] = ObjectIdGetDatum(value->type->type.base_type);
		elems[1][i] = CStringGetTextDatum(value->type->collation_name);
		elems[2][i] = CStringGetTextDatum(value->canonical);
		elems[3][i] = CStringGetTextDatum(value->principal);
	}
	arrays[0] = PointerGetDatum(construct_array(elems[0], n, REGTYPEOID, sizeof(Oid), true, TYPALIGN_INT));
	for (int i = 1; i < 4; i++)
		arrays[i] = PointerGetDatum(construct_array(elems[i], n, TEXTOID, -1, false, TYPALIGN_INT));
}

static void
fill_scalars(NewValue *value, Datum *scalars)
{
	scalars[0] = ObjectIdGetDatum(value->type->type.base_type);
	scalars[1] = CStringGetTextDatum(value->type->collation_name);
	scalars[2] = CStringGetTextDatum(value->canonical);
	scalars[3] = CStringGetTextDatum(value->principal);
}

/* Whether all of them are recorded by this, as nobody else's. */
static bool
insert_values(List *values)
{
	uint64		inserted = 0;
	Datum		args[4];
	ListCell   *lc;

	if (list_length(values) > FEW_VALUES)
	{
		fill_arrays(values, args);
		inserted = model_statement_run(STATEMENT_ADD_VALUES, args, NULL);
	}
	else
		foreach(lc, values)
	{
		fill_scalars(lfirst(lc), args);
		inserted += model_statement_run(STATEMENT_ADD_VALUE, args, NULL);
	}
	return inserted == (uint64) list_length(values);
}

/* ---- values that are another's ---- */

/* Whether the name has a value in the column, whose type vt stands for. */
static bool
column_takes(ValueType *vt, Oid relid, const char *column, const char *name)
{
	HeapTuple	tuple = SearchSysCacheAttName(relid, column);
	Form_pg_attribute att;
	ModelType	type;
	Datum		value;
	bool		takes;

	if (!HeapTupleIsValid(tuple))
		return false;
	att = (Form_pg_attribute) GETSTRUCT(tuple);
	type.base_type = getBaseType(att->atttypid);
	type.collation = att->attcollation;
	takes = model_value_is_type(vt, &type) && model_type_fill_quietly(&type, type.base_type, -1, att->attcollation) &&
		model_principal_cast(name, &type, &value);
	ReleaseSysCache(tuple);
	return takes;
}

/*
 * Whether an owner column takes the name as a value of the type.  The
 * registrations are those of now, another's that is not committed included:
 * what its column is cannot be seen yet.
 */
static bool
is_owner_somewhere(ValueType *vt, const char *name)
{
	Relation	rel = table_open(model_catalog_relid(CATALOG_REGISTERED_TABLE), AccessShareLock);
	TupleDesc	desc = RelationGetDescr(rel);
	SnapshotData dirty;
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		found = false;

	InitDirtySnapshot(dirty);
	scan = systable_beginscan(rel, InvalidOid, false, &dirty, 0, NULL);
	while (!found && HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		char	   *column = model_catalog_text(tuple, desc, "owner_column");

		if (column != NULL)
			found = TransactionIdIsValid(dirty.xmin) ||
				column_takes(vt, model_catalog_oid(tuple, desc, "relation"), column, name);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return found;
}

void
model_alias_refuse(Oid type, const char *principal, const char *other)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNIQUE_VIOLATION),
			 errmsg("principals \"%s\" and \"%s\" would be one owner in columns of type %s",
					strcmp(other, principal) < 0 ? other : principal,
					strcmp(other, principal) < 0 ? principal : other, format_type_be(type)),
			 errdetail("Both names are one value of the type."),
			 errhint("Use one of them; let the other go by relmeta.reassign_owned() and relmeta.drop_principal().")));
}

/*
 * The value is the other's, too: 23505 while that matters, unless both are there
 * already; else an alias, made by one of two statements.
 */
static void
record_alias(NewValue *value, ModelStatement how, const char *other, bool tolerant)
{
	Datum		args[4];

	if (tolerant || !is_owner_somewhere(value->type, value->principal))
	{
		fill_scalars(value, args);
		model_statement_run(how, args, NULL);
		if (tolerant || !is_owner_somewhere(value->type, value->principal))
			return;
	}
	model_alias_refuse(value->type->type.base_type, value->principal, other);
}

/* Who has the value, this principal by its own name left out; NULL: nobody. */
static char *
holder(NewValue *value)
{
	char	   *found = NULL;

	if (value->type->same_text && !value->is_name)
		found = model_value_registered(value->canonical, true);
	return found ? found : model_value_recorded(value->type, value->canonical, true);
}

/* Records one value, whoever has it: nobody, this principal, one that is gone or has it no more, or another. */
static void
settle(NewValue *value, bool tolerant)
{
	Datum		args[5];

	fill_scalars(value, args);
	for (;;)
	{
		char	   *other = holder(value);

		if (other == NULL)
		{
			if (value->is_name || model_statement_run(STATEMENT_ADD_VALUE, args, NULL) > 0)
				return;
		}
		else if (strcmp(other, value->principal) == 0)
			return;
		else if (model_value_is_of(&value->type->type, value->value, other))
		{
			record_alias(value, STATEMENT_ADD_ALIAS, other, tolerant);
			return;
		}
		else
		{
			args[4] = CStringGetTextDatum(other);
			if (model_statement_run(STATEMENT_TAKE_VALUE, args, NULL) > 0)
				return;
		}
	}
}

/* Who is called as the value may have come while it was recorded, and not have seen it. */
static void
check_again(NewValue *value, bool tolerant)
{
	char	   *other = value->type->same_text && !value->is_name ?
	model_value_registered(value->canonical, true) : NULL;

	if (other != NULL)
		record_alias(value, STATEMENT_MAKE_ALIAS, other, tolerant);
}

static void
record_values(List *values, bool tolerant)
{
	List	   *new = NIL;
	ListCell   *lc;

	foreach(lc, values)
	{
		NewValue   *value = lfirst(lc);

		/* in types that have a form of their own, recording it tells */
		if (value->type->same_text && holder(value) != NULL)
			settle(value, tolerant);
		else if (!value->is_name)
			new = lappend(new, value);
	}
	if (new == NIL)
		return;
	if (!insert_values(new))
	{
		foreach(lc, new)
			settle(lfirst(lc), tolerant);
	}
	foreach(lc, new)
		check_again(lfirst(lc), tolerant);
}

void
model_values_record(List *principals, List *types, bool tolerant)
{
	MemoryContext cxt = AllocSetContextCreate(CurrentMemoryContext, "relmeta principal values",
											  ALLOCSET_DEFAULT_SIZES);
	MemoryContext outer = MemoryContextSwitchTo(cxt);

	record_values(values_of(principals, types), tolerant);
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(cxt);
}

void
model_values_add(List *principals)
{
	model_values_record(principals, model_value_types(true), false);
}

/* Scans the aliases of a type; without the index, all of its values. */
SysScanDesc
model_alias_scan(Relation rel, ValueType *vt, Snapshot snapshot)
{
	TupleDesc	desc = RelationGetDescr(rel);
	Oid			indexid = model_catalog_index("principal_value_alias_idx");
	ScanKeyData skey[2];

	ScanKeyInit(&skey[0], model_catalog_column(desc, "type"), BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(vt->type.base_type));
	ScanKeyInit(&skey[1], model_catalog_column(desc, "collation_name"), BTEqualStrategyNumber, F_TEXTEQ,
				CStringGetTextDatum(vt->collation_name));
	return systable_beginscan(rel, indexid, OidIsValid(indexid), snapshot, 2, skey);
}

static bool
has_aliases(ValueType *vt)
{
	Relation	rel = table_open(model_catalog_relid(CATALOG_PRINCIPAL_VALUE), AccessShareLock);
	SysScanDesc scan = model_alias_scan(rel, vt, NULL);
	bool		found = HeapTupleIsValid(systable_getnext(scan));

	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return found;
}

/* The values that may be recorded, of those of principals who go; whether there are aliases, which may stay alone. */
static List *
values_recorded(List *values, bool *aliases)
{
	ValueType  *known = NULL;
	bool		known_aliases = false;
	List	   *result = NIL;
	ListCell   *lc;

	*aliases = false;
	foreach(lc, values)
	{
		NewValue   *value = lfirst(lc);

		/* they come by type */
		if (value->type != known)
		{
			known = value->type;
			known_aliases = has_aliases(known);
			*aliases |= known_aliases;
		}
		if (!value->is_name || known_aliases || model_value_recorded(known, value->canonical, false) != NULL)
			result = lappend(result, value);
	}
	return result;
}

/* Where nobody has a value any more but aliases, one of them has it from now on. */
static void
promote_aliases(List *values, List *gone)
{
	List	   *left = NIL;
	Datum		args[4];
	ListCell   *lc;

	foreach(lc, values)
	{
		NewValue   *value = lfirst(lc);

		if (!value->type->same_text || value->is_name || model_name_is_among(gone, value->canonical) ||
			model_value_registered(value->canonical, false) == NULL)
			left = lappend(left, value);
	}
	if (left == NIL)
		return;
	fill_arrays(left, args);
	model_statement_run(STATEMENT_PROMOTE_ALIASES, args, NULL);
}

void
model_values_remove(List *principals)
{
	bool		aliases;
	List	   *values = values_recorded(values_of(principals, model_value_types(true)), &aliases);
	Datum		args[4];

	if (values == NIL)
		return;
	fill_arrays(values, args);
	model_statement_run(STATEMENT_REMOVE_VALUES, args, NULL);
	if (aliases)
		promote_aliases(values, principals);
}
