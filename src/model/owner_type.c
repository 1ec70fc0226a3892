/*
 * owner_type.c
 *		Which types an owner column may have: those in which a principal's name
 *		goes in and out without loss, SEMANTICS 2.1.
 *
 * Every principal is cast to each of these types when it is made, whoever makes
 * it.  So the same name must give the same value whoever casts it and when, and
 * nobody may have a say in it but superusers.
 */
#include "relmeta.h"

#include "access/htup_details.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "model/internal.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

/* Names that people and teams could have, and some types take for something else. */
static const char *const probes[] = {"bob", "Ann Smith", "yes", "7", "101x", "b101", "x1f"};

/*
 * Does the type take a name, and print another?  tsvector prints bob as 'bob', bytea as \x626f62, boolean yes as t; in
 * PostgreSQL 15 xid8 takes anything for a number.  Such a type would make somebody of strings that are nobody's name.
 */
static bool
prints_another(ModelType *type)
{
	Datum		value;

	for (int i = 0; i < (int) lengthof(probes); i++)
	{
		if (model_type_input_safe(type, probes[i], &value) && strcmp(model_type_output(type, value), probes[i]) != 0)
			return true;
	}
	return false;
}

/* float and bytea are immutable to PostgreSQL, but for extra_float_digits and bytea_output */
bool
model_type_text_varies(ModelType *type)
{
	if (type->base_type == FLOAT4OID || type->base_type == FLOAT8OID || type->base_type == BYTEAOID)
		return true;
	return !type_is_enum(type->base_type) && func_volatile(type->in_func) != PROVOLATILE_IMMUTABLE;
}

/* Why a name may come out of the type as another one; NULL when it does not. */
static const char *
loss(ModelType *type)
{
	switch (type->base_type)
	{
		case CHAROID:
		case NAMEOID:
			return "It cuts what is too long for it.";
		case BITOID:
			return "It cuts to its length, which is 1 unless it is given.";
		case FLOAT4OID:
		case FLOAT8OID:
			return "It rounds.";
		default:
			if (model_type_text_varies(type))
				return "What a text means in it depends on settings or on time.";
			if (prints_another(type))
				return "It takes names for something else.";
			return NULL;
	}
}

static bool
collation_is_superusers(Oid collation)
{
	HeapTuple	tuple = SearchSysCache1(COLLOID, ObjectIdGetDatum(collation));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for collation %u", collation);
	owner = ((Form_pg_collation) GETSTRUCT(tuple))->collowner;
	ReleaseSysCache(tuple);
	return superuser_arg(owner);
}

void
model_owner_type_check(ModelType *type)
{
	const char *why = loss(type);

	if (why != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("an owner column cannot be of type %s", format_type_be(type->type)),
				 errdetail("Principals are named by text. %s", why),
				 errhint("Use a type in which text goes in and out without loss, such as text, uuid or bigint.")));
	if (OidIsValid(type->collation) && !collation_is_superusers(type->collation))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("an owner column cannot have collation \"%s\"", get_collation_name(type->collation)),
				 errdetail("The collation does not belong to a superuser."),
				 errhint("Use a collation of the system's, or ask a superuser to own this one.")));
}
