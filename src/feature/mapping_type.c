/*
 * mapping_type.c
 *		Which column's values can go into which: SEMANTICS 3.12, "the types agree or are cast on assignment
 *		without loss of length, and of an enum or domain are the same".
 *
 * What is judged are the declared types, before any value is there: a source that may be too long for its
 * target is refused.
 */
#include "relmeta.h"

#include "catalog/pg_type.h"
#include "feature/mapping.h"
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* a column's type, or its elements' */
typedef struct Side
{
	Oid			type;
	int32		typmod;
} Side;

static bool
is_enum_or_domain(Oid type)
{
	Oid			element = get_element_type(type);
	char		typtype = get_typtype(OidIsValid(element) ? element : type);

	return typtype == TYPTYPE_ENUM || typtype == TYPTYPE_DOMAIN;
}

static bool
is_limited_string(Side side)
{
	return (side.type == VARCHAROID || side.type == BPCHAROID) && side.typmod >= (int32) VARHDRSZ;
}

/* The most characters that a value of the type has as text; -1: any number */
static int
text_length(Side side)
{
	if (is_limited_string(side))
		return side.typmod - VARHDRSZ;
	switch (side.type)
	{
		case CHAROID:
			return 1;
		case BOOLOID:
			return 5;
		case INT2OID:
			return 6;
		case INT4OID:
			return 11;
		case INT8OID:
			return 20;
		case UUIDOID:
			return 36;
		case NAMEOID:
			return NAMEDATALEN - 1;
		default:
			return -1;
	}
}

/* Digits before and behind the point; false where there is no limit. */
static bool
numeric_digits(Side side, int *before, int *behind)
{
	*behind = 0;
	switch (side.type)
	{
		case INT2OID:
			*before = 5;
			return true;
		case INT4OID:
			*before = 10;
			return true;
		case INT8OID:
			*before = 19;
			return true;
		case NUMERICOID:
			if (side.typmod < (int32) VARHDRSZ)
				return false;
			/* a scale has 11 bits, and a sign from PostgreSQL 15 on */
			*behind = (((side.typmod - VARHDRSZ) & 0x7ff) ^ 1024) - 1024;
			*before = (((side.typmod - VARHDRSZ) >> 16) & 0xffff) - *behind;
			return true;
		default:
			return false;
	}
}

static bool
fits_numeric(Side source, Side target)
{
	int			before;
	int			behind;
	int			room_before;
	int			room_behind;

	if (!numeric_digits(target, &room_before, &room_behind))
		return true;
	return numeric_digits(source, &before, &behind) && before <= room_before && behind <= room_behind;
}

static char
category(Oid type)
{
	char		result;
	bool		preferred;

	get_type_category_preferred(type, &result, &preferred);
	return result;
}

static bool
casts_implicitly(Oid from, Oid to)
{
	Oid			function;

	return find_coercion_pathway(to, from, COERCION_IMPLICIT, &function) != COERCION_PATH_NONE;
}

/* Is nothing of a value lost that is cast to another type? */
static bool
cast_fits(Side source, Side target)
{
	if (category(source.type) == TYPCATEGORY_NUMERIC && category(target.type) == TYPCATEGORY_NUMERIC)
		return casts_implicitly(source.type, target.type) || target.type == NUMERICOID;
	return get_typlen(target.type) <= 0 || get_typlen(source.type) <= get_typlen(target.type);
}

/* Does any value of the source have its whole length in the target? */
static bool
fits(Side source, Side target)
{
	if (is_limited_string(target))
	{
		int			length = text_length(source);

		return length >= 0 && length <= text_length(target);
	}
	if (target.type == NUMERICOID)
		return fits_numeric(source, target);
	if (target.typmod == -1 || (source.type == target.type && source.typmod == target.typmod))
		return true;

	/* the others' modifiers are lengths and precisions, of which more is more */
	return source.type == target.type && source.typmod != -1 && source.typmod < target.typmod &&
		target.type != BITOID && target.type != INTERVALOID;
}

/* NULL: any value can be assigned. */
static char *
type_problem(Side source, Side target)
{
	Oid			function;
	Oid			elements[2] = {get_element_type(source.type), get_element_type(target.type)};

	if (is_enum_or_domain(source.type) || is_enum_or_domain(target.type))
		return source.type == target.type ? NULL : "an enum or a domain goes only into the same one";
	if (OidIsValid(elements[0]) && OidIsValid(elements[1]))
	{
		source.type = elements[0];
		target.type = elements[1];
	}
	if (source.type != target.type)
	{
		if (find_coercion_pathway(target.type, source.type, COERCION_ASSIGNMENT, &function) == COERCION_PATH_NONE)
			return "there is no assignment cast";
		if (!cast_fits(source, target))
			return "values could lose something";
	}
	return fits(source, target) ? NULL : "values could be too long";
}

static MappingProblem *
make_problem(int sqlstate, char *message)
{
	MappingProblem *problem = palloc(sizeof(MappingProblem));

	problem->sqlstate = sqlstate;
	problem->message = message;
	return problem;
}

/* The type of a column; a problem when there is none of that name. */
static MappingProblem *
side_of(Oid relid, const char *column, Side *side)
{
	AttrNumber	attnum = get_attnum(relid, column);
	Oid			collation;

	if (attnum <= 0)
		return make_problem(ERRCODE_UNDEFINED_COLUMN,
							psprintf("column \"%s\" of table \"%s\" does not exist", column, get_rel_name(relid)));
	get_atttypetypmodcoll(relid, attnum, &side->type, &side->typmod, &collation);
	return NULL;
}

MappingProblem *
feature_mapping_problem(ModelRelationship *relationship, const char *source, const char *target)
{
	Side		sides[2];
	MappingProblem *problem;
	char	   *reason;

	problem = side_of(relationship->primary->relid, source, &sides[0]);
	if (problem == NULL)
		problem = side_of(relationship->related->relid, target, &sides[1]);
	if (problem)
		return problem;
	reason = type_problem(sides[0], sides[1]);
	if (reason == NULL)
		return NULL;
	return make_problem(ERRCODE_DATATYPE_MISMATCH,
						psprintf("column \"%s\" of type %s cannot be mapped to column \"%s\" of type %s: %s", source,
								 format_type_with_typemod(sides[0].type, sides[0].typmod), target,
								 format_type_with_typemod(sides[1].type, sides[1].typmod), reason));
}
