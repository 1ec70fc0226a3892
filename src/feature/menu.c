/*
 * menu.c
 *		How associated lists are shown: set_menu().  SEMANTICS 2.7, 3.12.
 */
#include "relmeta.h"

#include "catalog/pg_type.h"
#include "ddl/ddl.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(relmeta_set_menu);

/* arguments, in order */
enum
{
	ARG_RELATIONSHIP,
	ARG_SIDE,
	ARG_DISPLAY,
	ARG_LABEL,
	ARG_GROUP,
	ARG_ORDER,
	MENU_ARGS
};

static int
side_argument(FunctionCallInfo fcinfo, bool has_two)
{
	int			side = PG_ARGISNULL(ARG_SIDE) ? 0 : PG_GETARG_INT32(ARG_SIDE);

	if (side != 1 && (side != 2 || !has_two))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the relationship has no list on that side"),
				 has_two ? errhint("Pass side => 1 or side => 2.") :
				 errhint("Pass side => 1: only rows of the primary table have a list of related rows.")));
	return side;
}

static void
check_display(const char *display, const char *label)
{
	if (strcmp(display, "collection_name") != 0 && strcmp(display, "label") != 0 && strcmp(display, "none") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a list cannot be displayed by \"%s\"", display),
				 errhint("Use collection_name, label or none.")));
	if (strcmp(display, "label") == 0 && (label == NULL || label[0] == '\0'))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a list that is displayed by its label needs one"),
				 errhint("Pass label, too.")));
}

static void
write_menu(FunctionCallInfo fcinfo, bool is_intersect, int id, int side, char *display)
{
	const char *column = is_intersect ? "intersect_id" : "relationship_id";
	Oid			types[MENU_ARGS] = {INT4OID, INT4OID, TEXTOID, TEXTOID, TEXTOID, INT4OID};
	Datum		values[MENU_ARGS];
	char		nulls[MENU_ARGS];

	for (int i = 0; i < MENU_ARGS; i++)
	{
		values[i] = PG_GETARG_DATUM(i);
		nulls[i] = PG_ARGISNULL(i) ? 'n' : ' ';
	}
	values[ARG_RELATIONSHIP] = Int32GetDatum(id);
	values[ARG_SIDE] = Int32GetDatum(side);
	values[ARG_DISPLAY] = CStringGetTextDatum(display);
	nulls[ARG_DISPLAY] = ' ';
	ddl_catalog(psprintf("INSERT INTO relmeta.menu (%s, side, display, label, menu_group, menu_order)"
						 " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (%s, side) DO UPDATE SET"
						 " display = excluded.display, label = excluded.label, menu_group = excluded.menu_group,"
						 " menu_order = excluded.menu_order", column, column),
				MENU_ARGS, types, values, nulls);
}

/* A relationship of either kind, the other being NULL, and its tables. */
static void
find_relationship(const char *name, ModelRelationship **r, ModelIntersect **intersect, Oid *relids)
{
	Model	   *model = ddl_model();

	*r = NULL;
	*intersect = NULL;
	if (model_intersect_by_name(model, name))
		*intersect = model_intersect_required(model, name);
	else
		*r = model_relationship_required(model, name);
	relids[0] = *intersect ? (*intersect)->table[0] : (*r)->primary->relid;
	relids[1] = *intersect ? (*intersect)->table[1] : (*r)->related->relid;
	ddl_check_owner(relids[0]);
	ddl_check_owner(relids[1]);
}

Datum
relmeta_set_menu(PG_FUNCTION_ARGS)
{
	char	   *name = relmeta_argument_text_required(fcinfo, ARG_RELATIONSHIP);
	char	   *display = relmeta_argument_text(fcinfo, ARG_DISPLAY);
	ModelRelationship *r;
	ModelIntersect *intersect;
	Oid			relids[2];

	/* who drops it waits, or it is gone when it is looked at again */
	find_relationship(name, &r, &intersect, relids);
	LockRelationOid(Min(relids[0], relids[1]), RowExclusiveLock);
	LockRelationOid(Max(relids[0], relids[1]), RowExclusiveLock);
	if (intersect)
		LockRelationOid(intersect->relid, RowExclusiveLock);
	find_relationship(name, &r, &intersect, relids);
	if (display == NULL)
		display = "collection_name";
	check_display(display, relmeta_argument_text(fcinfo, ARG_LABEL));
	write_menu(fcinfo, intersect != NULL, intersect ? intersect->id : r->id,
			   side_argument(fcinfo, intersect != NULL), display);
	PG_RETURN_VOID();
}
