/*
 * lists.c
 *		The associated lists of a row: related().  SEMANTICS 2.7, 3.7.
 *
 * What is counted are the caller's own SELECTs: his privileges, row-level security and cap decide which rows there
 * are.  Of a table that he may not select from at all there are none.
 *
 * He names one table: code of the owner of another (policies, functions of indexes) does not run as him.  Where an N:N
 * is somebody else's, its links are counted restricted, and not at all when row-level security decides on them.  What
 * such code raises leaves that list uncounted, and no other: REFERENCES is enough to make an N:N.
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/statement.h"
#include "attempt.h"
#include "catalog/pg_type.h"
#include "ddl/ddl.h"
#include "feature/feature.h"
#include "model/key.h"
#include "rows/plan.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(relmeta_related);

/* one associated list of a row */
typedef struct AssociatedList
{
	ModelRelationship *relationship;	/* else intersect, and the row's side */
	ModelIntersect *intersect;
	int			side;			/* 0 or 1 */
	int			id;
	char	   *name;
	Oid			other;			/* the table that is listed */
	char	   *label;
	bool		has_order;
	int			order;
	bool		hidden;
	bool		restricted;		/* of a table of somebody's whom the caller
								 * has not named */
} AssociatedList;

/* ---- which lists a row has ---- */

static AssociatedList *
make_list(int id, char *name, Oid other)
{
	AssociatedList *list = palloc0(sizeof(AssociatedList));

	list->id = id;
	list->name = name;
	list->other = other;
	list->label = get_rel_name(other);
	return list;
}

/* AssociatedList *: every relationship in which the table is primary, and every N:N */
static List *
lists_of(Model *model, Oid relid)
{
	ModelTable *table = model_table(model, relid);
	List	   *lists = NIL;
	ListCell   *lc;

	foreach(lc, table ? model_as_primary(table) : NIL)
	{
		ModelRelationship *r = lfirst(lc);

		if (r->broken)
			continue;
		lists = lappend(lists, make_list(r->id, r->name, r->related->relid));
		((AssociatedList *) llast(lists))->relationship = r;
	}
	foreach(lc, model_intersects(model))
	{
		ModelIntersect *intersect = lfirst(lc);

		if (!OidIsValid(intersect->relid) || intersect->broken)
			continue;
		for (int side = 0; side < (intersect->is_symmetric ? 1 : 2); side++)
		{
			AssociatedList *list;

			if (intersect->table[side] != relid)
				continue;
			list = make_list(intersect->id, intersect->name, intersect->table[1 - side]);
			list->intersect = intersect;
			list->side = side;
			lists = lappend(lists, list);
		}
	}
	return lists;
}

/* What set_menu() has said of one of the lists: a row of the query below. */
static void
apply_menu(List *lists, HeapTuple tuple, TupleDesc desc)
{
	bool		isnull;
	int			id = DatumGetInt32(SPI_getbinval(tuple, desc, 1, &isnull));
	int			side = DatumGetInt32(SPI_getbinval(tuple, desc, 2, &isnull));
	char	   *display = SPI_getvalue(tuple, desc, 3);
	ListCell   *lc;

	foreach(lc, lists)
	{
		AssociatedList *list = lfirst(lc);

		if (list->id != id || list->side != side - 1)
			continue;
		list->hidden = strcmp(display, "none") == 0;
		if (strcmp(display, "label") == 0)
			list->label = SPI_getvalue(tuple, desc, 4);
		list->order = DatumGetInt32(SPI_getbinval(tuple, desc, 5, &isnull));
		list->has_order = !isnull;
	}
}

/* SPI is connected, and what is allocated stays until it ends. */
static void
read_menus(List *lists)
{
	int			n = list_length(lists);
	Datum	   *ids = palloc(Max(n, 1) * sizeof(Datum));
	Oid			type = INT4ARRAYOID;
	Datum		value;
	ListCell   *lc;

	foreach(lc, lists)
		ids[foreach_current_index(lc)] = Int32GetDatum(((AssociatedList *) lfirst(lc))->id);
	value = PointerGetDatum(construct_array(ids, n, INT4OID, sizeof(int32), true, TYPALIGN_INT));
	if (SPI_execute_with_args("SELECT coalesce(m.relationship_id, m.intersect_id), m.side, m.display, m.label,"
							  " m.menu_order FROM relmeta.menu AS m"
							  " WHERE m.relationship_id OPERATOR(pg_catalog.=) ANY ($1)"
							  " OR m.intersect_id OPERATOR(pg_catalog.=) ANY ($1)",
							  1, &type, &value, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args failed");
	for (uint64 i = 0; i < SPI_processed; i++)
		apply_menu(lists, SPI_tuptable->vals[i], SPI_tuptable->tupdesc);
}

/* As the menu says, the rest behind it; then by label. */
static int
by_menu(const ListCell *a, const ListCell *b)
{
	AssociatedList *la = lfirst(a);
	AssociatedList *lb = lfirst(b);
	int			result;

	if (la->has_order != lb->has_order)
		return la->has_order ? -1 : 1;
	if (la->has_order && la->order != lb->order)
		return la->order < lb->order ? -1 : 1;
	result = strcmp(la->label, lb->label);
	if (result == 0)
		result = strcmp(la->name, lb->name);
	return result == 0 ? la->side - lb->side : result;
}

/* ---- counting ---- */

/* May the caller select these columns, and that one, where there is one? */
static bool
may_select(Oid relid, ModelKeyColumns *columns, ModelColumn *also)
{
	Oid			userid = GetUserId();

	return relmeta_may_use_schema(get_rel_namespace(relid), userid) &&
		(pg_class_aclcheck(relid, userid, ACL_SELECT) == ACLCHECK_OK ||
		 (model_columns_granted(columns, relid, userid, ACL_SELECT) &&
		  (also == NULL || also->name == NULL ||
		   pg_attribute_aclcheck(relid, also->attnum, userid, ACL_SELECT) == ACLCHECK_OK)));
}

/*
 * The table whose rows are counted by the rights of the principal that an exempt role acts as (SEMANTICS 2.1); NULL:
 * by what the caller's SELECT finds.
 */
static ModelTable *
judged_by_rights(Oid relid)
{
	ModelTable *table = model_table(ddl_model(), relid);

	return table != NULL && table->broken == NULL && feature_judges_exempt(table) ? table : NULL;
}

/* Of the keys that a query has found those that the principal may read. */
static int64
count_readable(ModelTable *table)
{
	SPITupleTable *found = SPI_tuptable;
	uint64		n = SPI_processed;
	int64		rows = 0;

	for (uint64 i = 0; i < n; i++)
	{
		char	   *key = SPI_getvalue(found->vals[i], found->tupdesc, 1);

		if ((feature_rights_on(table, model_key_input(table, key)) & RIGHT_READ) != 0)
			rows++;
	}
	return rows;
}

/* What a query on relid gives for a key: a count, or where rights decide the keys.  SPI is connected. */
static int64
count_by(const char *sql, Oid relid, bool restricted, ModelType *type, Datum key, ModelTable *judged)
{
	bool		isnull;

	if (restricted)
		ddl_query_on(relid, sql, 1, &type->base_type, &key);
	else if (SPI_execute_with_args(sql, 1, &type->base_type, &key, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args failed for %s", sql);
	if (judged != NULL)
		return count_readable(judged);
	return DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
}

/* Does row-level security decide for the caller on the rows of either table? */
static bool
is_filtered(Oid a, Oid b)
{
	return check_enable_rls(a, InvalidOid, true) == RLS_ENABLED || check_enable_rls(b, InvalidOid, true) == RLS_ENABLED;
}

/*
 * SELECT pg_catalog.count(*) | r.id FROM s.related AS r WHERE r.lookup = $1 [AND r.type = 'account']; -1: cannot be
 * told
 */
static int64
count_related(ModelRelationship *r, bool restricted, Datum key)
{
	Oid			relid = r->related->relid;
	ModelType  *type = model_key_type(r->primary);
	ModelTable *judged = judged_by_rights(relid);
	StringInfoData sql;

	if (!may_select(relid, &r->lookup, &r->type_column))
		return 0;
	if (restricted && is_filtered(relid, relid))
		return -1;
	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT %s FROM %s AS r WHERE %s",
					 judged != NULL ? model_key_sql(judged, "r") : "pg_catalog.count(*)",
					 r->related->sql_name, model_lookup_is(r, "r", "$1"));
	rows_plan_append_type(&sql, r, "r");
	return count_by(sql.data, relid, restricted, type, key, judged);
}

/*
 * SELECT t.course_id FROM s.student_course AS t WHERE t.student_id = $1
 *   [AND EXISTS (SELECT FROM s.course AS o WHERE o.id = t.course_id)]
 *
 * The last where row-level security decides which rows of the other table the caller may read: policies that
 * relmeta did not make are not asked by those of the intersect table.
 */
static void
append_links(StringInfo sql, ModelIntersect *intersect, int side)
{
	ModelKeyColumns *other = &intersect->column[1 - side];
	Oid			relid = intersect->table[1 - side];
	ModelKeyColumns key;

	appendStringInfo(sql, "SELECT %s FROM %s AS t WHERE %s AND %s", model_columns_sql(other, "t"), intersect->sql_name,
					 model_columns_are(&intersect->column[side], "t", "$1"), model_columns_are_set(other, "t"));
	if (check_enable_rls(relid, InvalidOid, true) == RLS_ENABLED &&
		model_columns_of_primary_key(&key, relid, model_columns_type(other)) && may_select(relid, &key, NULL))
		appendStringInfo(sql, " AND EXISTS (SELECT FROM %s AS o WHERE %s)", ddl_table_name(relid),
						 model_columns_are(&key, "o", model_columns_sql(other, "t")));
}

/*
 * SELECT pg_catalog.count(*) | l.key FROM (SELECT … UNION SELECT …) AS l(key): a row with several links counts once.
 * The type is the row's key's: the column of an adopted table may have another that compares with it.
 */
static int64
count_links(ModelIntersect *intersect, int side, bool restricted, ModelType *type, Datum key)
{
	Oid			other = intersect->table[1 - side];
	ModelTable *judged = judged_by_rights(other);
	StringInfoData sql;

	if (!may_select(intersect->relid, &intersect->column[0], NULL) ||
		!may_select(intersect->relid, &intersect->column[1], NULL))
		return 0;
	if (restricted && is_filtered(intersect->relid, other))
		return -1;
	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT %s FROM (", judged != NULL ? "l.key" : "pg_catalog.count(*)");
	append_links(&sql, intersect, side);
	appendStringInfoString(&sql, " UNION ");
	append_links(&sql, intersect, intersect->is_symmetric ? 1 - side : side);
	appendStringInfoString(&sql, ") AS l(key)");
	return count_by(sql.data, intersect->relid, restricted, type, key, judged);
}

/* what is counted */
typedef struct Counted
{
	AssociatedList *list;
	ModelType  *type;
	Datum		key;
	int64		rows;
} Counted;

static void
count_list(void *arg)
{
	Counted    *counted = arg;
	AssociatedList *list = counted->list;

	counted->rows = list->relationship ? count_related(list->relationship, list->restricted, counted->key) :
		count_links(list->intersect, list->side, list->restricted, counted->type, counted->key);
}

/* The same, unless it is somebody else's and fails. */
static bool
count_if_possible(Counted *counted)
{
	AssociatedList *list = counted->list;
	Oid			relid = list->relationship ? list->relationship->related->relid : list->intersect->relid;
	Oid			named = list->relationship ? list->relationship->primary->relid : list->intersect->table[list->side];
	ErrorData  *error;

	list->restricted = !feature_runs_as_caller(relid, named) || !feature_runs_as_caller(list->other, named);
	if (!list->restricted)
	{
		count_list(counted);
		return true;
	}
	error = relmeta_attempt_look(count_list, counted);
	if (error == NULL)
		return true;
	ereport(NOTICE,
			(errmsg("the rows of relationship \"%s\" are not counted: %s", list->name, error->message),
			 errdetail("They are in table %s, or of table %s, of another owner.", ddl_table_name(relid),
					   ddl_table_name(list->other)),
			 errhint("Select from the table whose rows you miss by itself.")));
	return false;
}

/* ---- related ---- */

/* The key of a table that has lists; 42704 for one that takes part in nothing. */
static ModelKeyColumns *
key_of(Model *model, Oid relid, List *lists)
{
	ModelKeyColumns *key = palloc(sizeof(ModelKeyColumns));

	if (lists == NIL || model_table(model, relid) != NULL || !model_columns_of_primary_key(key, relid, NULL))
		return &model_table_required(model, relid)->key;
	return key;
}

/* SELECT FROM s.account AS p WHERE p.id = $1; P0002 */
static void
check_row(Oid relid, ModelKeyColumns *columns, Datum key)
{
	char	   *sql = psprintf("SELECT FROM %s AS p WHERE %s", ddl_table_name(relid),
							   model_columns_are(columns, "p", "$1"));
	Oid			type = model_columns_param(columns, false);
	ModelTable *judged = judged_by_rights(relid);

	if (SPI_execute_with_args(sql, 1, &type, &key, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args failed for %s", sql);
	if (SPI_processed == 0 || (judged != NULL && !feature_may_read(judged, key)))
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("table \"%s\" has no row with that key that you may read", relmeta_relation_name(relid)),
				 errhint("Look for the row with SELECT; row-level security may hide it.")));
}

/* False when others' policies would have to decide, which nobody is told of yet. */
static bool
put_list(ReturnSetInfo *rsinfo, AssociatedList *list, ModelType *type, Datum key)
{
	Counted		counted = {list, type, key};
	bool		is_counted = count_if_possible(&counted);
	Datum		values[5];
	bool		nulls[5] = {false, false, false, !list->has_order, !is_counted || counted.rows < 0};

	values[0] = CStringGetTextDatum(list->name);
	values[1] = ObjectIdGetDatum(list->other);
	values[2] = CStringGetTextDatum(list->label);
	values[3] = Int32GetDatum(list->order);
	values[4] = Int64GetDatum(counted.rows);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	return !is_counted || counted.rows >= 0;
}

static void
tell_uncounted(int lists)
{
	ereport(NOTICE,
			(errmsg_plural("the rows of %d list with policies of another owner's are not counted",
						   "the rows of %d lists with policies of other owners' are not counted", lists, lists),
			 errdetail("These policies would run as the current user."),
			 errhint("Select from a table whose owner you trust.")));
}

static Datum
related(PG_FUNCTION_ARGS)
{
	Oid			relid = relmeta_argument_table(fcinfo, 0);
	Model	   *model = ddl_model();
	List	   *lists = lists_of(model, relid);
	ModelKeyColumns *columns = key_of(model, relid, lists);
	ModelType  *type = model_columns_type(columns);
	Datum		key;
	int			uncounted = 0;
	ListCell   *lc;

	relmeta_argument_required(fcinfo, 1);
	key = model_type_argument(fcinfo, 1, type);
	InitMaterializedSRF(fcinfo, 0);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	check_row(relid, columns, key);
	read_menus(lists);
	list_sort(lists, by_menu);
	foreach(lc, lists)
	{
		AssociatedList *list = lfirst(lc);

		if (!list->hidden && !put_list((ReturnSetInfo *) fcinfo->resultinfo, list, type, key))
			uncounted++;
	}
	SPI_finish();
	if (uncounted > 0)
		tell_uncounted(uncounted);
	return (Datum) 0;
}

Datum
relmeta_related(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, related);
}
