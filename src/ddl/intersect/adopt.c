/*
 * adopt.c
 *		adopt_many_to_many(): an application's own junction table.  SEMANTICS 2.4.
 *
 * A junction table has two foreign keys to keys.  Where it has more, its two are
 * those of which the primary key, or a unique key, consists.
 */
#include "ddl/intersect/intersect.h"
#include "ddl/policy.h"
#include "ddl/relationship.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_index.h"
#include "compat.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(relmeta_adopt_many_to_many);

/* The key whose columns stand in an index from a place on. */
static IntersectKey *
key_at(List *keys, Form_pg_index index, int place)
{
	ListCell   *lc;

	foreach(lc, keys)
	{
		if (model_columns_at(((IntersectKey *) lfirst(lc))->columns, index, place))
			return lfirst(lc);
	}
	return NULL;
}

/* The two keys of which a unique index consists, in its order; NIL when it does not. */
static List *
keys_of_index(List *keys, Form_pg_index index)
{
	IntersectKey *first;
	IntersectKey *second;
	int			n;

	if (!index->indisunique || !index->indisvalid)
		return NIL;
	first = key_at(keys, index, 0);
	if (first == NULL)
		return NIL;
	n = model_columns_count(first->columns);
	second = key_at(keys, index, n);
	if (second == NULL || index->indnkeyatts != n + model_columns_count(second->columns))
		return NIL;
	return list_make2(first, second);
}

/* The pair that the primary key, else another unique key, consists of; NIL when none does. */
static List *
unique_pair(Oid relid, List *keys)
{
	Relation	rel = table_open(relid, AccessShareLock);
	List	   *pair = NIL;
	ListCell   *lc;

	foreach(lc, RelationGetIndexList(rel))
	{
		HeapTuple	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(lfirst_oid(lc)));
		Form_pg_index index;
		bool		has_predicate;
		List	   *found;

		if (!HeapTupleIsValid(tuple))
			elog(ERROR, "cache lookup failed for index %u", lfirst_oid(lc));
		index = (Form_pg_index) GETSTRUCT(tuple);
		has_predicate = !heap_attisnull(tuple, Anum_pg_index_indpred, NULL);
		found = has_predicate ? NIL : keys_of_index(keys, index);
		if (found != NIL && (pair == NIL || index->indisprimary))
			pair = found;
		ReleaseSysCache(tuple);
	}
	table_close(rel, AccessShareLock);
	return pair;
}

static List *
choose_keys(Oid relid)
{
	List	   *keys = ddl_intersect_foreign_keys(relid);
	List	   *pair = unique_pair(relid, keys);

	if (pair != NIL)
		return pair;
	if (list_length(keys) != 2 ||
		model_columns_equal(((IntersectKey *) linitial(keys))->columns, ((IntersectKey *) lsecond(keys))->columns))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("\"%s\" cannot be adopted as an intersect table: it has %d foreign keys of one column",
						get_rel_name(relid), list_length(keys)),
				 errhint("An intersect table has two, of two columns, or a primary key that consists of two.")));
	return keys;
}

/* Do a key's columns call the same values equal as those that it references? */
static bool
collations_agree(IntersectKey *key)
{
	ModelColumn *columns[MODEL_KEY_COLUMNS];
	ModelColumn *referenced[MODEL_KEY_COLUMNS];
	int			n = model_columns_append(key->columns, columns);

	(void) model_columns_append(key->referenced, referenced);
	for (int i = 0; i < n; i++)
		if (!ddl_collations_agree(referenced[i], columns[i]))
			return false;
	return true;
}

/* The foreign key must point to what the other functions take as the row's key. */
static void
check_references(Oid relid, IntersectKey *key)
{
	char	   *problem;
	ModelKeyColumns *referenced;

	ddl_intersect_check_participant(key->references);
	referenced = ddl_participant_key(key->references, &problem);
	if (referenced == NULL || !model_columns_equal(referenced, key->referenced))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("\"%s\" cannot be adopted as an intersect table: "
						"its column \"%s\" does not reference the primary key of \"%s\"",
						get_rel_name(relid), model_columns_text(key->columns), get_rel_name(key->references)),
				 errhint("An intersect table references the primary keys of both tables.")));
	if (!collations_agree(key))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("\"%s\" cannot be adopted as an intersect table: its column \"%s\" calls other values equal"
						" than the key of \"%s\"",
						get_rel_name(relid), model_columns_text(key->columns), get_rel_name(key->references)),
				 errdetail("Their collations differ, and one of them is nondeterministic."),
				 errhint("Give the column the collation of the key.")));
}

/* 42P01, 0A000, 42501 */
static void
check_junction(Oid relid)
{
	char	   *problem = ddl_table_kind_problem(relid);

	if (get_rel_name(relid) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	if (problem == NULL)
		problem = ddl_inheritance_problem(relid);
	if (problem)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("\"%s\" cannot be adopted as an intersect table: %s", get_rel_name(relid), problem),
				 errhint("Name a permanent table.")));
	ddl_check_owner(relid);
}

/*
 * Links with a controlled end are controlled from now on, where that end is the caller's, too, as if he controlled it
 * now; where it is somebody else's he may say so himself (SEMANTICS 2.5).
 */
static void
control_links(ModelIntersect *intersect)
{
	bool		is_callers = false;

	if (!ddl_link_is_controlled(intersect))
		return;
	for (int i = 0; i < 2; i++)
	{
		ModelTable *end = model_intersect_end(ddl_model(), intersect, i);

		if ((end != NULL ? end->access_control : ddl_link_end_is_lost(intersect, i)) &&
			relmeta_owns_relation(end != NULL ? end->relid : intersect->table[i], GetUserId()))
			is_callers = true;
	}
	if (is_callers)
		ddl_intersect_triggers_sync(intersect);
	else
		ereport(NOTICE,
				(errmsg("links of many-to-many relationship \"%s\" are not controlled", intersect->name),
				 errhint("The table at their controlled end belongs to somebody else; call"
						 " relmeta.enable_access_control(%s).",
						 quote_literal_cstr(ddl_table_name(intersect->relid)))));
}

Datum
relmeta_adopt_many_to_many(PG_FUNCTION_ARGS)
{
	Oid			relid = relmeta_argument_table(fcinfo, 0);
	Intersect	intersect = {.allow_self = true};
	ModelIntersect *other;
	List	   *keys;

	check_junction(relid);
	LockRelationOid(relid, ShareRowExclusiveLock);
	check_junction(relid);		/* it may have been dropped or given away
								 * while we waited */

	other = model_intersect_by_table(ddl_model(), relid);
	if (other)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("\"%s\" is already the intersect table of relationship \"%s\"",
						get_rel_name(relid), other->name),
				 errhint("Drop it first with relmeta.drop_relationship(%s).", quote_literal_cstr(other->name))));
	keys = choose_keys(relid);
	for (int i = 0; i < 2; i++)
	{
		IntersectKey *key = list_nth(keys, i);

		check_references(relid, key);
		intersect.side[i].relid = key->references;
		intersect.side[i].column = key->columns;
	}

	intersect.name = relmeta_argument_text(fcinfo, 1);
	if (intersect.name)
		ddl_intersect_check_name(intersect.name);
	else
		intersect.name = ddl_intersect_default_name(get_rel_name(relid));
	ddl_intersect_row_insert(&intersect, relid, true);
	control_links(model_intersect_required(ddl_model(), intersect.name));
	ddl_judged_sync(ddl_judged_by_links(NIL, model_intersect_required(ddl_model(), intersect.name)));
	PG_RETURN_TEXT_P(cstring_to_text(intersect.name));
}
