/*
 * type.c
 *		Types of keys, owners and states: how they compare, read and print.
 *
 * Equality is that of the type's default btree operator class, named with its
 * schema and never looked up by search_path: in a citext column `pg_catalog.=`
 * finds nothing, and an operator of the user's may find anything.
 */
#include "relmeta.h"

#include "access/htup_details.h"
#include "access/nbtree.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "compat_input.h"
#include "model/internal.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

/* OPERATOR(schema.name), in SQL */
static char *
operator_name(Oid operator)
{
	HeapTuple	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(operator));
	Form_pg_operator form;
	char	   *name;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for operator %u", operator);
	form = (Form_pg_operator) GETSTRUCT(tuple);
	name = psprintf("OPERATOR(%s.%s)", quote_identifier(get_namespace_name(form->oprnamespace)),
					NameStr(form->oprname));
	ReleaseSysCache(tuple);
	return name;
}

/* ' COLLATE schema.name', in SQL; '' for none or the type's own */
static char *
collate_clause(Oid typid, Oid collation)
{
	HeapTuple	tuple;
	Form_pg_collation form;
	char	   *clause;

	if (!OidIsValid(collation) || collation == get_typcollation(typid))
		return pstrdup("");
	tuple = SearchSysCache1(COLLOID, ObjectIdGetDatum(collation));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for collation %u", collation);
	form = (Form_pg_collation) GETSTRUCT(tuple);
	clause = psprintf(" COLLATE %s", quote_qualified_identifier(get_namespace_name(form->collnamespace),
																NameStr(form->collname)));
	ReleaseSysCache(tuple);
	return clause;
}

/* Values travel to statements in arrays, and come out of unnest() as one column each. */
static bool
fits_an_array(Oid base)
{
	return OidIsValid(get_array_type(base)) && get_typtype(base) != TYPTYPE_COMPOSITE &&
		get_typtype(base) != TYPTYPE_PSEUDO;
}

/* PostgreSQL finds no operator for a domain over an enum: anyenum does not take one. */
static bool
is_domain_over_enum(Oid typid, Oid base)
{
	return typid != base && get_typtype(base) == TYPTYPE_ENUM;
}

/*
 * As the B-tree operator class says, which only a superuser makes.  That of bpchar does not count trailing blanks,
 * which columns pad and entries do not.
 */
static bool
is_equal_by_image(TypeCacheEntry *entry, Oid base, Oid collation)
{
	Oid			proc = get_opfamily_proc(entry->btree_opf, entry->btree_opintype, entry->btree_opintype,
										 BTEQUALIMAGE_PROC);

	if (!OidIsValid(proc) || base == BPCHAROID || OidIsValid(collation) != OidIsValid(get_typcollation(base)))
		return false;
	return DatumGetBool(OidFunctionCall1Coll(proc, collation, ObjectIdGetDatum(entry->btree_opintype)));
}

/*
 * Fills *type, type->distrust included; false, with *type undefined, when its values cannot be
 * compared.  Strings and function caches are allocated in the current memory
 * context and must live as long as *type.
 */
bool
model_type_fill_any(ModelType *type, Oid typid, int32 typmod, Oid collation)
{
	Oid			base = getBaseType(typid);
	TypeCacheEntry *entry;
	Oid			out_func;
	bool		is_varlena;

	entry = lookup_type_cache(base, TYPECACHE_BTREE_OPFAMILY | TYPECACHE_EQ_OPR | TYPECACHE_LT_OPR |
							  TYPECACHE_HASH_PROC);
	if (!OidIsValid(entry->btree_opf) || !OidIsValid(entry->eq_opr) || !OidIsValid(entry->lt_opr) ||
		!fits_an_array(base) || is_domain_over_enum(typid, base))
		return false;

	memset(type, 0, sizeof(ModelType));
	type->type = typid;
	type->typmod = typmod;
	type->collation = collation;
	type->base_type = base;
	type->array_type = get_array_type(base);
	type->eqop = entry->eq_opr;
	type->ltop = entry->lt_opr;
	fmgr_info(get_opcode(type->eqop), &type->eq_finfo);
	type->has_hash = OidIsValid(entry->hash_proc);
	if (type->has_hash)
		fmgr_info(entry->hash_proc, &type->hash_finfo);
	get_typlenbyvalalign(base, &type->typlen, &type->typbyval, &type->typalign);
	getTypeOutputInfo(base, &out_func, &is_varlena);
	fmgr_info(out_func, &type->out_finfo);
	getTypeInputInfo(base, &type->in_func, &type->in_ioparam);
	fmgr_info(type->in_func, &type->in_finfo);

	/*
	 * not format_type_be_qualified(): "character" would be character(1) when
	 * it is read again
	 */
	type->sql_name = format_type_extended(base, -1, FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY);
	type->sql_eq = operator_name(type->eqop);
	type->sql_lt = operator_name(type->ltop);
	type->sql_collate = collate_clause(base, collation);
	type->distrust = model_type_distrust(base);
	type->by_image = type->distrust == NULL && is_equal_by_image(entry, base, collation);
	return true;
}

/* As model_type_fill, but false, with *type undefined, when the type cannot be used. */
bool
model_type_fill_quietly(ModelType *type, Oid typid, int32 typmod, Oid collation)
{
	return model_type_fill_any(type, typid, typmod, collation) && type->distrust == NULL;
}

void
model_type_fill(ModelType *type, Oid typid, int32 typmod, Oid collation)
{
	model_type_fill_own(type, typid, typmod, collation);
	if (type->distrust != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("type %s cannot be that of a key, owner or state: %s", format_type_be(typid), type->distrust),
				 errdetail("Others read, compare and print its values."),
				 errhint("Use a type of PostgreSQL's or of an extension, an enum, or a domain over one of them.")));
}

void
model_type_fill_own(ModelType *type, Oid typid, int32 typmod, Oid collation)
{
	if (!model_type_fill_any(type, typid, typmod, collation))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 is_domain_over_enum(typid, getBaseType(typid)) ?
				 errmsg("type %s is a domain over an enum, which PostgreSQL cannot compare", format_type_be(typid)) :
				 fits_an_array(getBaseType(typid)) ?
				 errmsg("type %s has no default btree operator class", format_type_be(typid)) :
				 errmsg("type %s is an array, a composite type or none that a column can have", format_type_be(typid)),
				 errhint("Keys, owners and states need a type that can be compared, such as bigint, uuid or text.")));
}

void
model_type_append_equal(StringInfo sql, Oid typid, const char *a, const char *b)
{
	Oid			base = getBaseType(typid);
	TypeCacheEntry *entry = lookup_type_cache(base, TYPECACHE_BTREE_OPFAMILY | TYPECACHE_EQ_OPR);

	if (OidIsValid(entry->btree_opf) && OidIsValid(entry->eq_opr) && !is_domain_over_enum(typid, base))
		appendStringInfo(sql, "%s %s %s", a, operator_name(entry->eq_opr), b);
	else
		appendStringInfo(sql, "pg_catalog.to_jsonb(%s) OPERATOR(pg_catalog.=) pg_catalog.to_jsonb(%s)", a, b);
}

/* Is it a value of variable length that is there as it is, not compressed or elsewhere? */
static inline bool
is_plain(Datum value)
{
	return !VARATT_IS_EXTERNAL(DatumGetPointer(value)) && !VARATT_IS_COMPRESSED(DatumGetPointer(value));
}

bool
model_type_equal(ModelType *type, Datum a, Datum b)
{
	/* mostly there is no need to ask the type */
	if (type->by_image && type->typbyval)
		return a == b;
	if (type->by_image && type->typlen == -1 && is_plain(a) && is_plain(b))
		return VARSIZE_ANY_EXHDR(DatumGetPointer(a)) == VARSIZE_ANY_EXHDR(DatumGetPointer(b)) &&
			memcmp(VARDATA_ANY(DatumGetPointer(a)), VARDATA_ANY(DatumGetPointer(b)),
				   VARSIZE_ANY_EXHDR(DatumGetPointer(a))) == 0;
	return DatumGetBool(FunctionCall2Coll(&type->eq_finfo, type->collation, a, b));
}

char *
model_type_output(ModelType *type, Datum value)
{
	return OutputFunctionCall(&type->out_finfo, value);
}

/* construct_array() puts detoasted copies in place of what it is given: not the caller's */
Datum
model_type_array(ModelType *type, const Datum *values, int n)
{
	Datum	   *copy = MemoryContextAllocHuge(CurrentMemoryContext, Max(n, 1) * sizeof(Datum));
	ArrayType  *array;

	memcpy(copy, values, n * sizeof(Datum));
	array = construct_array(copy, n, type->base_type, type->typlen, type->typbyval, type->typalign);
	pfree(copy);
	return PointerGetDatum(array);
}

bool
model_type_input_safe(ModelType *type, const char *input, Datum *value)
{
	return compat_input_safe(type->base_type, &type->in_finfo, unconstify(char *, input),
							 type->in_ioparam, -1, value);
}

/*
 * The type's own message, but always 22P02: a number out of range is as little
 * a key as letters are.
 */
Datum
model_type_input(ModelType *type, const char *input)
{
	MemoryContext cxt = CurrentMemoryContext;
	Datum		value = (Datum) 0;

	PG_TRY();
	{
		value = InputFunctionCall(&type->in_finfo, unconstify(char *, input), type->in_ioparam, -1);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(cxt);
		error = CopyErrorData();
		FlushErrorState();
		if (ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_DATA_EXCEPTION)
			error->sqlerrcode = ERRCODE_INVALID_TEXT_REPRESENTATION;
		ReThrowError(error);
	}
	PG_END_TRY();
	return value;
}

/* Its text form, for an argument that is of another type than the key. */
static char *
argument_text(Oid argtype, Datum arg)
{
	Oid			out_func;
	bool		is_varlena;

	/* an untyped literal, or a call without an expression tree */
	if (argtype == UNKNOWNOID)
		return DatumGetCString(arg);
	if (!OidIsValid(argtype))
		return TextDatumGetCString(arg);
	getTypeOutputInfo(argtype, &out_func, &is_varlena);
	return OidOutputFunctionCall(out_func, arg);
}

Datum
model_type_argument(FunctionCallInfo fcinfo, int argno, ModelType *type)
{
	Oid			argtype = get_fn_expr_argtype(fcinfo->flinfo, argno);
	Datum		arg = PG_GETARG_DATUM(argno);

	if (OidIsValid(argtype) && getBaseType(argtype) == type->base_type)
		return arg;
	return model_type_input(type, argument_text(argtype, arg));
}

/* Fills a type of PostgreSQL's own once per session; an error on the way leaves it as it was. */
static ModelType *
fill_once(ModelType *type, Oid typid, Oid collation)
{
	if (!OidIsValid(type->type))
	{
		MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);
		ModelType	filled;

		model_type_fill(&filled, typid, -1, collation);
		MemoryContextSwitchTo(old);
		*type = filled;
	}
	return type;
}

ModelType *
model_type_bool(void)
{
	static ModelType type;

	return fill_once(&type, BOOLOID, InvalidOid);
}

ModelType *
model_type_int4(void)
{
	static ModelType type;

	return fill_once(&type, INT4OID, InvalidOid);
}

ModelType *
model_type_int8(void)
{
	static ModelType type;

	return fill_once(&type, INT8OID, InvalidOid);
}

ModelType *
model_type_text(void)
{
	static ModelType type;

	return fill_once(&type, TEXTOID, C_COLLATION_OID);
}

Datum
model_key_argument(FunctionCallInfo fcinfo, int argno, ModelTable *table)
{
	return model_type_argument(fcinfo, argno, &table->key.only.type);
}
