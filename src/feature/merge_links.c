/*
 * merge_links.c
 *		Links of a merge's subordinate become the master's: two statements per N:N relationship.
 *
 * A link is moved in place: its attributes, its surrogate key and what points to that stay.  Where the intersect
 * table has a unique key over both columns, a link that the master has already stays, and the subordinate's goes;
 * elsewhere duplicates are allowed.
 *
 * Where the intersect table is somebody else's, who needs no more than REFERENCES to make one, what his table raises
 * stops no merge: its links stay with the subordinate, which is still there, and a WARNING says so.
 */
#include "relmeta.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "attempt.h"
#include "link/link.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_index.h"
#include "feature/merge.h"
#include "miscadmin.h"
#include "model/as_read.h"
#include "model/key.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/* which sides of the relationship the merged table is, and whether links are deleted: bits of a plan's variant */
#define LINK_SIDES(sides) ((sides) * PLAN_VARIANT_OWN)
#define SIDES_OF(variant) (((variant) / PLAN_VARIANT_OWN) & BOTH_SIDES)
#define BOTH_SIDES 3
#define LINK_DELETE (4 * PLAN_VARIANT_OWN)

/* what a builder is told */
typedef struct LinkMove
{
	ModelIntersect *intersect;
	ModelType  *key;			/* of the merged table: of parameters; a
								 * column may have another that compares with
								 * it */
} LinkMove;

static bool
is_side(int variant, int side)
{
	return (SIDES_OF(variant) & (1 << side)) != 0;
}

/* 't.c1', or where it is the merged table's 'CASE WHEN t.c1 = $1 THEN $2 ELSE t.c1 END' */
static char *
moved_key(ModelIntersect *intersect, int side, int variant)
{
	ModelKeyColumns *column = &intersect->column[side];
	char	   *key = model_columns_sql(column, "t");

	if (!is_side(variant, side))
		return key;
	return psprintf("CASE WHEN %s THEN $2 ELSE %s END", model_columns_are(column, "t", "$1"), key);
}

/* The keys of a link when it has moved; those of a symmetric link are put in order. */
static void
moved_keys(ModelIntersect *intersect, int variant, char *keys[2])
{
	ModelType  *type = model_columns_type(&intersect->column[0]);
	const char *collate = model_link_collation(type) == C_COLLATION_OID ? " COLLATE pg_catalog.\"C\"" : "";
	char	   *first;

	for (int side = 0; side < 2; side++)
		keys[side] = moved_key(intersect, side, variant);
	if (!intersect->is_symmetric)
		return;
	first = psprintf("CASE WHEN (%s)%s %s (%s)%s THEN %s ELSE %s END", keys[1], collate, type->sql_lt, keys[0],
					 collate, keys[1], keys[0]);
	keys[1] = psprintf("CASE WHEN (%s)%s %s (%s)%s THEN %s ELSE %s END", keys[1], collate, type->sql_lt, keys[0],
					   collate, keys[0], keys[1]);
	keys[0] = first;
}

/* ' OR t.c1 = $n OR t.c2 = $n' after 'false', for the sides of the merged table; param: '$n' */
static void
append_is_at(StringInfo sql, ModelIntersect *intersect, int variant, const char *param)
{
	appendStringInfoString(sql, "(false");
	for (int side = 0; side < 2; side++)
	{
		if (is_side(variant, side))
			appendStringInfo(sql, " OR %s", model_columns_are(&intersect->column[side], "t", param));
	}
	appendStringInfoChar(sql, ')');
}

/* ---- what of the links is unique ---- */

/* Is the index over both keys, and columns alone? */
static bool
is_of_pairs(ModelIntersect *intersect, Form_pg_index index, bool has_predicate)
{
	if (!index->indisunique || !index->indisvalid || has_predicate)
		return false;
	for (int i = 0; i < index->indnkeyatts; i++)
		if (index->indkey.values[i] == InvalidAttrNumber)
			return false;
	return model_columns_in_index(&intersect->column[0], index) &&
		model_columns_in_index(&intersect->column[1], index);
}

/*
 * ' OR EXISTS (SELECT FROM s.x AS m WHERE m.c1 = <moved c1> AND m.c2 = <moved c2> [AND (m.u = t.u)])' for each unique
 * key over both columns
 */
static void
append_is_taken(StringInfo sql, ModelIntersect *intersect, char *keys[2])
{
	Relation	rel = relmeta_relation_open(intersect->relid, AccessShareLock);
	ModelKeyColumns *c = intersect->column;
	ListCell   *lc;

	foreach(lc, RelationGetIndexList(rel))
	{
		HeapTuple	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(lfirst_oid(lc)));
		Form_pg_index index;

		if (!HeapTupleIsValid(tuple))
			elog(ERROR, "cache lookup failed for index %u", lfirst_oid(lc));
		index = (Form_pg_index) GETSTRUCT(tuple);
		if (is_of_pairs(intersect, index, !heap_attisnull(tuple, Anum_pg_index_indpred, NULL)))
		{
			appendStringInfo(sql, " OR EXISTS (SELECT FROM %s AS m WHERE %s AND %s", intersect->sql_name,
							 model_columns_are(&c[0], "m", psprintf("(%s)", keys[0])),
							 model_columns_are(&c[1], "m", psprintf("(%s)", keys[1])));
			for (int i = 0; i < index->indnkeyatts; i++)
				if (!model_columns_have_attnum(&c[0], index->indkey.values[i]) &&
					!model_columns_have_attnum(&c[1], index->indkey.values[i]))
					feature_merge_append_same(sql, rel, index->indkey.values[i], index->indnullsnotdistinct);
			appendStringInfoChar(sql, ')');
		}
		ReleaseSysCache(tuple);
	}
	table_close(rel, NoLock);
}

/* ---- statements: $1 the subordinate's key, $2 the master's ---- */

/*
 * Links that go: between the two, of a row with itself where that is not allowed, and those that the master has.
 *
 *	DELETE FROM s.x AS t WHERE (false OR t.c1 = $1 [OR t.c2 = $1]) AND (false
 *		[OR (false OR t.c1 = $2 OR t.c2 = $2)] [OR t.c1 = t.c2] [OR EXISTS (…)])
 *
 * Without LINK_DELETE SELECT FROM: counts them.
 */
static void
build_drop(PlanText *built, void *subject, int variant)
{
	LinkMove   *move = subject;
	ModelIntersect *intersect = move->intersect;
	ModelKeyColumns *c = intersect->column;
	StringInfo	sql = &built->sql;
	char	   *keys[2];

	built->nparams = 2;
	built->params[0] = built->params[1] = move->key->base_type;

	moved_keys(intersect, variant, keys);
	appendStringInfo(sql, "%s FROM %s AS t WHERE ", variant & LINK_DELETE ? "DELETE" : "SELECT", intersect->sql_name);
	append_is_at(sql, intersect, variant, "$1");
	appendStringInfoString(sql, " AND (false");
	if (SIDES_OF(variant) == BOTH_SIDES)
	{
		appendStringInfoString(sql, " OR ");
		append_is_at(sql, intersect, variant, "$2");
		if (!intersect->allow_self)
			appendStringInfo(sql, " OR %s", model_columns_are(&c[0], "t", model_columns_sql(&c[1], "t")));
	}
	append_is_taken(sql, intersect, keys);
	appendStringInfoChar(sql, ')');
}

/*
 *	UPDATE s.x AS t SET c1 = <moved c1>, c2 = <moved c2> WHERE (false OR t.c1 = $1 [OR t.c2 = $1])
 */
static void
build_move(PlanText *built, void *subject, int variant)
{
	LinkMove   *move = subject;
	ModelIntersect *intersect = move->intersect;
	ModelKeyColumns *c = intersect->column;
	char	   *keys[2];

	built->nparams = 2;
	built->params[0] = built->params[1] = move->key->base_type;

	moved_keys(intersect, variant, keys);
	appendStringInfo(&built->sql, "UPDATE %s AS t SET ", intersect->sql_name);
	if (SIDES_OF(variant) == BOTH_SIDES)
		appendStringInfo(&built->sql, "%s, %s", model_columns_set(&c[0], keys[0]), model_columns_set(&c[1], keys[1]));
	else
		appendStringInfoString(&built->sql, model_columns_set(&c[is_side(variant, 0) ? 0 : 1], "$2"));
	appendStringInfoString(&built->sql, " WHERE ");
	append_is_at(&built->sql, intersect, variant, "$1");
}

/*
 *	SELECT FROM s.x AS t WHERE (false OR t.c1 = $1 [OR t.c2 = $1])
 */
static void
build_count(PlanText *built, void *subject, int variant)
{
	LinkMove   *move = subject;

	built->nparams = 1;
	built->params[0] = move->key->base_type;

	appendStringInfo(&built->sql, "SELECT FROM %s AS t WHERE ", move->intersect->sql_name);
	append_is_at(&built->sql, move->intersect, variant, "$1");
}

static void
count_links(Merge *merge, ModelIntersect *intersect, int sides)
{
	LinkMove	move = {intersect, model_key_type(merge->table)};
	int			variant = PLAN_ONE | LINK_SIDES(sides);
	Datum		values[2] = {merge->subordinate, merge->master};
	SPIPlanPtr	plan;
	int64		dropped;
	int64		all;

	plan = rows_plan(build_drop, variant, intersect->id, intersect->relid, AccessShareLock, &move, intersect->model);
	dropped = (int64) rows_run(plan, intersect->relid, values, NULL, RUN_NEW_ROWS, 0);
	plan = rows_plan(build_count, variant, intersect->id, intersect->relid, AccessShareLock, &move, intersect->model);
	all = (int64) rows_run(plan, intersect->relid, values, NULL, RUN_NEW_ROWS, 0);
	feature_merge_report(merge, intersect->name, intersect->relid, all - dropped, dropped);
}

static void
move_links(Merge *merge, ModelIntersect *intersect, int sides)
{
	LinkMove	move = {intersect, model_key_type(merge->table)};
	int			variant = PLAN_ONE | feature_merge_changes(merge, intersect->relid) | LINK_SIDES(sides);
	List	   *columns = model_columns_names(&intersect->column[(sides & 1) != 0 ? 0 : 1]);
	SPIPlanPtr	plan;
	int64		dropped;
	volatile int64 rows = 0;
	Oid			outer;

	plan = rows_plan(build_drop, variant | LINK_DELETE, intersect->id, intersect->relid, RowExclusiveLock, &move,
					 intersect->model);
	dropped = feature_merge_run(merge, intersect->name, plan, intersect->relid, columns);
	plan = rows_plan(build_move, variant, intersect->id, intersect->relid, RowExclusiveLock, &move, intersect->model);
	outer = link_keys_move(intersect->relid);
	PG_TRY();
	{
		rows = feature_merge_run(merge, intersect->name, plan, intersect->relid, columns);
	}
	PG_FINALLY();
	{
		(void) link_keys_move(outer);
	}
	PG_END_TRY();
	feature_merge_report(merge, intersect->name, intersect->relid, rows, dropped);
}

/* one N:N of a merge */
typedef struct LinkStep
{
	Merge	   *merge;
	ModelIntersect *intersect;
	int			sides;
} LinkStep;

static void
do_links(void *arg)
{
	LinkStep   *step = arg;
	ModelIntersect *intersect = step->intersect;
	Model	   *latest;

	/* somebody may have been changing it while we waited */
	LockRelationOid(intersect->relid, step->merge->preview ? AccessShareLock : RowExclusiveLock);
	latest = model_current();
	model_pin(latest, CurrentMemoryContext);
	model_check_types_kept(step->merge->table, latest);
	intersect = model_intersect_by_table(latest, intersect->relid);
	if (intersect == NULL)
		return;
	intersect = model_intersect_required(latest, intersect->name);
	if (step->merge->preview)
		count_links(step->merge, intersect, step->sides);
	else
		move_links(step->merge, intersect, step->sides);
}

static void
tell_left(LinkStep *step, ErrorData *error)
{
	ModelIntersect *intersect = step->intersect;
	char	   *owner = GetUserNameFromId(intersect->relowner, true);

	ereport(step->merge->preview ? NOTICE : WARNING,
			(step->merge->preview ?
			 errmsg("the links of many-to-many relationship \"%s\" are left out: %s", intersect->name,
					error->message) :
			 errmsg("the links of many-to-many relationship \"%s\" stay with the subordinate: %s", intersect->name,
					error->message),
			 errdetail("Intersect table %s belongs to role \"%s\".", intersect->sql_name, owner ? owner : ""),
			 errhint("Have that role mend the table and call relmeta.associate(), or drop the relationship.")));
}

static void
do_links_if_possible(LinkStep *step)
{
	ErrorData  *error;

	if (feature_runs_as_caller(step->intersect->relid, step->merge->table->relid))
	{
		do_links(step);
		return;
	}
	error = step->merge->preview ? relmeta_attempt_look(do_links, step) : relmeta_attempt(do_links, step);
	if (error != NULL)
		tell_left(step, error);
}

void
feature_merge_links(Merge *merge)
{
	Model	   *model = model_current();
	ListCell   *lc;

	model_pin(model, CurrentMemoryContext);
	model_check_types_kept(merge->table, model);
	foreach(lc, model_intersects(model))
	{
		LinkStep	step = {merge, lfirst(lc), 0};

		for (int side = 0; side < 2; side++)
			if (step.intersect->table[side] == merge->table->relid)
				step.sides |= 1 << side;
		/* it may have been dropped since */
		if (step.sides != 0 && get_rel_relkind(step.intersect->relid) != '\0')
			do_links_if_possible(&step);
	}
}
