/*
 * value_check.c
 *		Are principals' values recorded, and no two of them one owner?  Of those
 *		that nobody made here: they came with a restore, by hand, or a type reads
 *		more texts than it did.  For verify().
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/table.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "model/internal.h"
#include "utils/memutils.h"
#include "utils/rel.h"

typedef struct Holder
{
	const char *canonical;		/* hash key */
	char		status;
	char	   *principal;
} Holder;

#define SH_PREFIX holder
#define SH_ELEMENT_TYPE Holder
#define SH_KEY_TYPE const char *
#define SH_KEY canonical
#define SH_HASH_KEY(tb, key) hash_bytes((const unsigned char *) (key), strlen(key))
#define SH_EQUAL(tb, a, b) (strcmp(a, b) == 0)
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

static void
add_problem(List **problems, ModelType *type, char *principal, char *other)
{
	ModelAlias *alias = palloc(sizeof(ModelAlias));

	alias->type = type;
	alias->principal = principal;
	alias->other = other;
	*problems = lappend(*problems, alias);
}

/* Who is called as the type spells the value is to stay, or who is recorded with it. */
static void
add_alias(List **problems, ModelType *type, ValueType *vt, Datum value, Holder *first, char *second)
{
	char	   *spelled = model_type_output(type, value);
	char	   *recorded = model_value_recorded(vt, first->canonical, false);

	if (strcmp(second, spelled) == 0 ||
		(strcmp(first->principal, spelled) != 0 && recorded != NULL && strcmp(second, recorded) == 0))
	{
		add_problem(problems, type, first->principal, second);
		first->principal = second;
	}
	else
		add_problem(problems, type, second, first->principal);
}

/* All principals in one type. */
static void
check_type(List **problems, ModelType *type)
{
	ValueType  *vt = model_value_type(type);
	Relation	rel = table_open(model_catalog_relid(CATALOG_PRINCIPAL), AccessShareLock);
	SysScanDesc scan = systable_beginscan(rel, InvalidOid, false, NULL, 0, NULL);
	holder_hash *holders = holder_create(CurrentMemoryContext, 256, NULL);
	bool		recorded = true;
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		char	   *name = model_catalog_text(tuple, RelationGetDescr(rel), "principal");
		char	   *canonical;
		Holder	   *holder;
		Datum		value;
		bool		found;

		CHECK_FOR_INTERRUPTS();
		if (!model_principal_held(name, type, &value))
			continue;
		canonical = model_value_canonical(vt, type, value);
		holder = holder_insert(holders, canonical, &found);
		if (found)
			add_alias(problems, type, vt, value, holder, name);
		else
			holder->principal = name;
		if (recorded && !(vt->same_text && strcmp(canonical, name) == 0))
			recorded = model_value_recorded(vt, canonical, false) != NULL ||
				(vt->same_text && model_value_registered(canonical, false) != NULL);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	if (!recorded)
		add_problem(problems, type, NULL, NULL);
}

/* Whether it is there already: two principals may be one owner in several types. */
static bool
is_known(List *problems, ModelAlias *alias)
{
	ListCell   *lc;

	foreach(lc, problems)
	{
		ModelAlias *known = lfirst(lc);

		if (known->principal == NULL || alias->principal == NULL)
		{
			if (known->principal == alias->principal && known->type->base_type == alias->type->base_type)
				return true;
		}
		else if ((strcmp(known->principal, alias->principal) == 0 && strcmp(known->other, alias->other) == 0) ||
				 (strcmp(known->principal, alias->other) == 0 && strcmp(known->other, alias->principal) == 0))
			return true;
	}
	return false;
}

List *
model_owner_type_problems(void)
{
	List	   *problems = NIL;
	ListCell   *lc;

	foreach(lc, model_owner_types())
	{
		List	   *found = NIL;
		ListCell   *fc;

		check_type(&found, lfirst(lc));
		foreach(fc, found)
		{
			if (!is_known(problems, lfirst(fc)))
				problems = lappend(problems, lfirst(fc));
		}
	}
	return problems;
}
