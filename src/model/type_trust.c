/*
 * type_trust.c
 *		Which types keys, owners, states and lookups may have: those of which no
 *		function is an ordinary role's (ARCHITECTURE section 7).
 *
 * Values of these types are read, compared, hashed and printed by whoever comes
 * by: whoever changes a row, creates a principal or asks for access, the jobs'
 * worker, ANALYZE of an entry table.  Each of these calls a type's functions as
 * himself.
 *
 * Connections, automations and merges keep a key by its text.  Of a type that
 * prints names of objects (regclass) the objects' owners could exchange these, and
 * have what is kept of another row.  Enum values that are renamed are followed
 * (ddl/event), but not within another type.
 *
 * An enum may be anybody's: all functions of enums are PostgreSQL's own, and no
 * ALTER TYPE and no operator class of an ordinary role can give it others.  A
 * domain counts as its base type, in which its values are kept; but a range over a
 * domain reads its bounds by the domain's checks.
 */
#include "relmeta.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/pg_amop.h"
#include "catalog/pg_amproc.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_range.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "model/internal.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

/* What initdb made belongs to the bootstrap superuser, who stays one. */
static bool
is_built_in(Oid object)
{
	return object < FirstNormalObjectId;
}

/* InvalidOid: there is no such function */
static bool
function_is_trusted(Oid function)
{
	HeapTuple	tuple;
	Oid			owner;

	if (is_built_in(function))
		return true;
	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	if (!HeapTupleIsValid(tuple))
		return false;
	owner = ((Form_pg_proc) GETSTRUCT(tuple))->proowner;
	ReleaseSysCache(tuple);
	return superuser_arg(owner);
}

/* The first of the functions that is an ordinary role's, or InvalidOid. */
static Oid
first_untrusted(const Oid *functions, int n)
{
	for (int i = 0; i < n; i++)
		if (!function_is_trusted(functions[i]))
			return functions[i];
	return InvalidOid;
}

/* Of an operator: what computes it, what the planner asks about it. */
static Oid
untrusted_of_operator(Oid operator)
{
	HeapTuple	tuple;
	Form_pg_operator form;
	Oid			functions[3];

	if (is_built_in(operator))
		return InvalidOid;
	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(operator));
	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	form = (Form_pg_operator) GETSTRUCT(tuple);
	functions[0] = form->oprcode;
	functions[1] = form->oprrest;
	functions[2] = form->oprjoin;
	ReleaseSysCache(tuple);
	return first_untrusted(functions, 3);
}

/* The planner may put these in its place. */
static Oid
untrusted_of_operator_and_kin(Oid operator)
{
	Oid			kin[3] = {operator, get_commutator(operator), get_negator(operator)};
	Oid			found = InvalidOid;

	for (int i = 0; i < 3 && !OidIsValid(found); i++)
		found = untrusted_of_operator(kin[i]);
	return found;
}

/* Of an operator family: its operators and support functions for the type. */
static Oid
untrusted_of_family(Oid family, Oid type)
{
	CatCList   *operators;
	CatCList   *functions;
	Oid			found = InvalidOid;

	if (is_built_in(family) && is_built_in(type))
		return InvalidOid;
	operators = SearchSysCacheList1(AMOPSTRATEGY, ObjectIdGetDatum(family));
	for (int i = 0; i < operators->n_members && !OidIsValid(found); i++)
	{
		Form_pg_amop form = (Form_pg_amop) GETSTRUCT(&operators->members[i]->tuple);

		if (form->amoplefttype == type && form->amoprighttype == type)
			found = untrusted_of_operator_and_kin(form->amopopr);
	}
	ReleaseSysCacheList(operators);
	functions = SearchSysCacheList1(AMPROCNUM, ObjectIdGetDatum(family));
	for (int i = 0; i < functions->n_members && !OidIsValid(found); i++)
	{
		Form_pg_amproc form = (Form_pg_amproc) GETSTRUCT(&functions->members[i]->tuple);

		if (form->amproclefttype == type && form->amprocrighttype == type && !function_is_trusted(form->amproc))
			found = form->amproc;
	}
	ReleaseSysCacheList(functions);
	return found;
}

/* Of a type itself, and its default operator classes. */
static Oid
untrusted_of_type(Oid typid, Form_pg_type form)
{
	Oid			functions[] = {form->typinput, form->typoutput, form->typreceive, form->typsend,
		form->typmodin, form->typmodout, form->typanalyze, form->typsubscript,
	};
	TypeCacheEntry *entry = lookup_type_cache(typid, TYPECACHE_BTREE_OPFAMILY | TYPECACHE_HASH_OPFAMILY);
	Oid			found = first_untrusted(functions, lengthof(functions));

	if (!OidIsValid(found) && OidIsValid(entry->btree_opf))
		found = untrusted_of_family(entry->btree_opf, entry->btree_opintype);
	if (!OidIsValid(found) && OidIsValid(entry->hash_opf))
		found = untrusted_of_family(entry->hash_opf, entry->hash_opintype);
	return found;
}

/* Of a range over a type of elements. */
static Oid
untrusted_of_range(TypeCacheEntry *range)
{
	Oid			functions[] = {range->rng_cmp_proc_finfo.fn_oid, range->rng_canonical_finfo.fn_oid,
		range->rng_subdiff_finfo.fn_oid,
	};

	return first_untrusted(functions, lengthof(functions));
}

/* What the output function prints is looked up by OID, and depends on search_path besides. */
static bool
names_objects(Oid typid)
{
	HeapTuple	tuple;
	bool		is_reg;

	if (!is_built_in(typid))
		return false;
	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(typid));
	if (!HeapTupleIsValid(tuple))
		return false;
	is_reg = strncmp(NameStr(((Form_pg_type) GETSTRUCT(tuple))->typname), "reg", strlen("reg")) == 0;
	ReleaseSysCache(tuple);
	return is_reg;
}

static char *
distrust_function(Oid function)
{
	return psprintf("its function %s does not belong to a superuser", format_procedure(function));
}

/* The elements of a range, multirange or array. */
static char *
distrust_elements(Oid typid, Form_pg_type form)
{
	TypeCacheEntry *entry;
	Oid			element = InvalidOid;
	char	   *why;

	if (form->typtype == TYPTYPE_MULTIRANGE)
		element = get_multirange_range(typid);
	else if (form->typtype == TYPTYPE_RANGE)
	{
		Oid			function;

		entry = lookup_type_cache(typid, TYPECACHE_RANGE_INFO);
		function = untrusted_of_range(entry);
		if (OidIsValid(function))
			return distrust_function(function);
		element = entry->rngelemtype->type_id;
	}
	else
		element = get_element_type(typid);
	if (!OidIsValid(element))
		return NULL;
	if (type_is_enum(element))
		return psprintf("it is made of %s, whose values can be renamed", format_type_be(element));
	if (get_typtype(element) == TYPTYPE_DOMAIN || get_typtype(element) == TYPTYPE_COMPOSITE)
		return psprintf("it is made of %s, which has code of its own", format_type_be(element));
	why = model_type_distrust(element);
	return why != NULL ? psprintf("it is made of %s: %s", format_type_be(element), why) : NULL;
}

/*
 * Why values of the type, which is no domain, are none that everybody may read and compare, as
 * a clause; NULL when they are.
 */
char *
model_type_distrust(Oid typid)
{
	HeapTuple	tuple;
	Form_pg_type form;
	char	   *why = NULL;
	Oid			function;

	if (names_objects(typid))
		return pstrdup("it prints names of objects, which can be renamed");
	if (is_built_in(typid))
		return NULL;
	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(typid));
	if (!HeapTupleIsValid(tuple))
		return pstrdup("it does not exist");
	form = (Form_pg_type) GETSTRUCT(tuple);
	function = untrusted_of_type(typid, form);
	if (OidIsValid(function))
		why = distrust_function(function);
	else if (form->typtype != TYPTYPE_ENUM && !superuser_arg(form->typowner))
		why = pstrdup("it does not belong to a superuser");
	else
		why = distrust_elements(typid, form);
	ReleaseSysCache(tuple);
	return why;
}
