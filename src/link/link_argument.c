/*
 * link_argument.c
 *		What the functions on links are given.
 *
 * MEMORY: results are in the current context.
 */
#include "relmeta.h"

#include "access/table.h"
#include "link/link.h"
#include "model/key.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

ModelIntersect *
link_relationship_argument(FunctionCallInfo fcinfo)
{
	Model	   *model;

	relmeta_argument_required(fcinfo, 0);
	model = model_current();
	model_pin(model, CurrentMemoryContext);
	return model_intersect_required(model, text_to_cstring(PG_GETARG_TEXT_PP(0)));
}

Datum
link_key_argument(FunctionCallInfo fcinfo, int argno, ModelIntersect *intersect, int side)
{
	relmeta_argument_required(fcinfo, argno);
	return model_type_argument(fcinfo, argno, model_columns_type(&intersect->column[side]));
}

static Datum
make_array(ModelType *type, Datum *keys, int n)
{
	if (!OidIsValid(type->array_type))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("type %s has no array type", format_type_be(type->base_type)),
				 errhint("Pass one key at a time.")));
	return model_type_array(type, keys, n);
}

/* An array of any element type; keys of another type go through their text form. */
static Datum
convert_array(FunctionCallInfo fcinfo, int argno, ModelType *type, int *count)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(argno);
	Oid			element = ARR_ELEMTYPE(array);
	int16		typlen;
	bool		typbyval;
	char		typalign;
	Oid			out_func;
	bool		is_varlena;
	Datum	   *elems;
	bool	   *nulls;
	int			n;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an array of one dimension is expected")));
	*count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	if (element == type->base_type && !array_contains_nulls(array))
		return PointerGetDatum(array);
	get_typlenbyvalalign(element, &typlen, &typbyval, &typalign);
	getTypeOutputInfo(element, &out_func, &is_varlena);
	deconstruct_array(array, element, typlen, typbyval, typalign, &elems, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			relmeta_argument_contains_null(fcinfo, argno);
		if (getBaseType(element) != type->base_type)
			elems[i] = model_type_input(type, OidOutputFunctionCall(out_func, elems[i]));
	}
	return make_array(type, elems, n);
}

Datum
link_keys_argument(FunctionCallInfo fcinfo, int argno, ModelIntersect *intersect, int side, int *variant)
{
	ModelType  *type = model_columns_type(&intersect->column[side]);
	Oid			argtype = get_fn_expr_argtype(fcinfo->flinfo, argno);
	Datum		keys;
	int			n;

	/* a key may itself be of an array type */
	*variant = PLAN_ONE;
	if (!OidIsValid(argtype) || !OidIsValid(get_base_element_type(argtype)) ||
		getBaseType(argtype) == type->base_type)
		return link_key_argument(fcinfo, argno, intersect, side);
	relmeta_argument_required(fcinfo, argno);
	keys = convert_array(fcinfo, argno, type, &n);
	*variant = n <= PLAN_FEW_ROWS ? PLAN_FEW : PLAN_MANY;
	return keys;
}

Datum
link_key_texts_argument(FunctionCallInfo fcinfo, int argno, ModelIntersect *intersect, int side, int *n)
{
	relmeta_argument_required(fcinfo, argno);
	return convert_array(fcinfo, argno, model_columns_type(&intersect->column[side]), n);
}

int
link_side_argument(FunctionCallInfo fcinfo, int argno)
{
	int32		side = PG_ARGISNULL(argno) ? 0 : PG_GETARG_INT32(argno);

	if (side != 1 && side != 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a many-to-many relationship has no such side"),
				 errhint("Pass side => 1 or side => 2.")));
	return side - 1;
}

/* ---- keys and columns ---- */

bool
link_is_out_of_order(ModelIntersect *intersect, Datum a, Datum b)
{
	ModelType  *type = model_columns_type(&intersect->column[0]);

	return DatumGetBool(OidFunctionCall2Coll(get_opcode(type->ltop), model_link_collation(type), b, a));
}

void
link_put_in_order(ModelIntersect *intersect, Datum *keys)
{
	if (intersect->is_symmetric && link_is_out_of_order(intersect, keys[0], keys[1]))
	{
		Datum		first = keys[0];

		keys[0] = keys[1];
		keys[1] = first;
	}
}

/* Name (char *) of each attribute; a surrogate key only with_surrogate. */
static List *
attribute_names(ModelIntersect *intersect, bool with_surrogate)
{
	Relation	rel = relmeta_relation_open(intersect->relid, AccessShareLock);
	TupleDesc	desc = RelationGetDescr(rel);
	List	   *names = NIL;

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (att->attisdropped || model_columns_have_attnum(&intersect->column[0], att->attnum) ||
			model_columns_have_attnum(&intersect->column[1], att->attnum))
			continue;
		if (intersect->surrogate_key && !with_surrogate && strcmp(NameStr(att->attname), "id") == 0)
			continue;
		names = lappend(names, pstrdup(NameStr(att->attname)));
	}
	table_close(rel, AccessShareLock);
	return names;
}

int
link_add_param(PlanText *built, Oid type)
{
	Assert(built->nparams < PLAN_MAX_PARAMS);
	built->params[built->nparams++] = type;
	return built->nparams;
}

/* ---- attributes ---- */

static bool
is_among(const char *name, int len, List *names)
{
	ListCell   *lc;

	foreach(lc, names)
	{
		if ((int) strlen(lfirst(lc)) == len && memcmp(lfirst(lc), name, len) == 0)
			return true;
	}
	return false;
}

static void
check_names(Jsonb *jsonb, ModelIntersect *intersect, List *names)
{
	JsonbIterator *it = JsonbIteratorInit(&jsonb->root);
	JsonbIteratorToken token;
	JsonbValue	v;

	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		if (token == WJB_KEY && !is_among(v.val.string.val, v.val.string.len, names))
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("relationship \"%s\" has no attribute \"%.*s\"",
							intersect->name, v.val.string.len, v.val.string.val),
					 errhint("The view relmeta.many_to_many lists the attributes.")));
	}
}

static bool
has_name(Jsonb *jsonb, const char *name)
{
	JsonbValue	key;

	key.type = jbvString;
	key.val.string.val = unconstify(char *, name);
	key.val.string.len = strlen(name);
	return findJsonbValueFromContainer(&jsonb->root, JB_FOBJECT, &key) != NULL;
}

List *
link_attributes_argument(FunctionCallInfo fcinfo, int argno, ModelIntersect *intersect,
						 bool with_surrogate, int *variant)
{
	Jsonb	   *jsonb;
	List	   *names;
	List	   *given = NIL;
	int			i = 0;
	ListCell   *lc;

	*variant = 0;
	if (PG_ARGISNULL(argno))
		return NIL;
	jsonb = PG_GETARG_JSONB_P(argno);
	if (!JB_ROOT_IS_OBJECT(jsonb))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("attributes must be a JSON object"),
				 errhint("Pass, for instance, attributes => '{\"grade\": \"A\"}'.")));
	names = attribute_names(intersect, with_surrogate);
	check_names(jsonb, intersect, names);
	foreach(lc, names)
	{
		if (has_name(jsonb, lfirst(lc)))
		{
			given = lappend(given, lfirst(lc));
			if (i < LINK_MAX_ATTRIBUTES)
				*variant |= LINK_ATTRIBUTE << i;
		}
		i++;
	}
	if (i > LINK_MAX_ATTRIBUTES)
		*variant = 0;
	return given;
}

/* ---- plans ---- */

SPIPlanPtr
link_plan(PlanBuilder builder, int variant, LinkStatement *statement, LOCKMODE lockmode)
{
	PlanText text = {0};
	SPIPlanPtr	plan;

	if (!statement->no_plan)
		return rows_plan(builder, variant | PLAN_AS_CALLER, statement->intersect->id, statement->intersect->relid,
						 lockmode, statement, statement->intersect->model);
	initStringInfo(&text.sql);
	builder(&text, statement, variant);
	plan = SPI_prepare(text.sql.data, text.nparams, text.params);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare returned %s for %s", SPI_result_code_string(SPI_result), text.sql.data);
	return plan;
}

/* What to do about an error of the caller's own INSERT that the caller did not write. */
static void
add_hint(void *arg)
{
	switch (geterrcode())
	{
		case ERRCODE_UNIQUE_VIOLATION:
			errhint("To pass over pairs that are linked already, "
					"call relmeta.associate() with if_not_exists => true.");
			break;
		case ERRCODE_FOREIGN_KEY_VIOLATION:
			errhint("Both rows must exist before they are linked.");
			break;
		default:
			break;
	}
}

uint64
link_run(SPIPlanPtr plan, Datum *values, bool read_only, long limit)
{
	ErrorContextCallback callback = {.callback = add_hint};
	int			result;

	callback.previous = error_context_stack;
	error_context_stack = &callback;
	result = SPI_execute_plan(plan, values, NULL, read_only, limit);
	error_context_stack = callback.previous;
	if (result < 0)
		elog(ERROR, "SPI_execute_plan returned %s", SPI_result_code_string(result));
	return SPI_processed;
}
