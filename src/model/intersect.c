/*
 * intersect.c
 *		N:N relationships in the model, SEMANTICS 2.4.
 */
#include "relmeta.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "model/internal.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

/*
 * Names of relationships are at most 63 bytes (SEMANTICS 2.3).  A longer one can
 * only come from a document that somebody restored; it is found by its first 63.
 */
typedef struct IntersectByName
{
	char		name[NAMEDATALEN];	/* hash key */
	ModelIntersect *intersect;
} IntersectByName;

typedef struct IntersectByTable
{
	Oid			relid;			/* hash key */
	ModelIntersect *intersect;
} IntersectByTable;

/* What pg_class says of the intersect table; NULL, or why it cannot be used. */
static char *
read_class(ModelIntersect *intersect)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(intersect->relid));
	Form_pg_class class;

	if (!HeapTupleIsValid(tuple))
		return psprintf("intersect table with OID %u does not exist", intersect->relid);
	class = (Form_pg_class) GETSTRUCT(tuple);
	intersect->relowner = class->relowner;
	intersect->sql_name = quote_qualified_identifier(get_namespace_name(class->relnamespace),
													 NameStr(class->relname));
	ReleaseSysCache(tuple);
	return NULL;
}

static List *
read_names(Datum array)
{
	Datum	   *elems;
	bool	   *nulls;
	int			n;
	int			i;
	List	   *names = NIL;

	deconstruct_array(DatumGetArrayTypeP(array), NAMEOID, NAMEDATALEN, false, TYPALIGN_CHAR, &elems, &nulls, &n);
	for (i = 0; i < n; i++)
	{
		if (!nulls[i])
			names = lappend(names, pstrdup(NameStr(*DatumGetName(elems[i]))));
	}
	return names;
}

static void
read_columns(Model *model, ModelIntersect *intersect)
{
	int			i;

	for (i = 0; i < 2; i++)
	{
		char	   *name = intersect->column[i].only.name;
		char	   *problem = model_load_own_column(model, &intersect->column[i].only, intersect->relid, name);

		if (problem && intersect->broken == NULL)
			intersect->broken = psprintf("intersect table %s: %s", intersect->sql_name, problem);
	}
}

static void
enter(Model *model, ModelIntersect *intersect)
{
	char		name[NAMEDATALEN] = {0};
	IntersectByName *by_name;
	IntersectByTable *by_table;

	strlcpy(name, intersect->name, NAMEDATALEN);
	by_name = hash_search(model->intersects_by_name, name, HASH_ENTER, NULL);
	by_name->intersect = intersect;
	if (OidIsValid(intersect->relid))
	{
		by_table = hash_search(model->intersects_by_table, &intersect->relid, HASH_ENTER, NULL);
		by_table->intersect = intersect;
	}
	model->intersect_list = lappend(model->intersect_list, intersect);
}

static void
read_intersect(Model *model, HeapTuple tuple, TupleDesc desc)
{
	ModelIntersect *intersect = palloc0(sizeof(ModelIntersect));
	bool		isnull;
	Datum		value;

	intersect->model = model;
	intersect->id = DatumGetInt32(heap_getattr(tuple, model_catalog_column(desc, "relationship_id"), desc, &isnull));
	intersect->name = model_catalog_text(tuple, desc, "name");
	intersect->relid = model_catalog_oid(tuple, desc, "intersect_table");
	intersect->table[0] = model_catalog_oid(tuple, desc, "table1");
	intersect->table[1] = model_catalog_oid(tuple, desc, "table2");
	intersect->column[0].only.name = model_catalog_text(tuple, desc, "column1");
	intersect->column[1].only.name = model_catalog_text(tuple, desc, "column2");
	intersect->is_adopted = model_catalog_bool(tuple, desc, "is_adopted");
	intersect->is_symmetric = model_catalog_bool(tuple, desc, "is_symmetric");
	intersect->allow_self = model_catalog_bool(tuple, desc, "allow_self");
	intersect->surrogate_key = model_catalog_bool(tuple, desc, "surrogate_key");
	intersect->allow_duplicates = model_catalog_bool(tuple, desc, "allow_duplicates");
	value = heap_getattr(tuple, model_catalog_column(desc, "unique_by"), desc, &isnull);
	if (!isnull)
		intersect->unique_by = read_names(value);

	if (OidIsValid(intersect->relid))
	{
		intersect->broken = read_class(intersect);
		if (intersect->broken == NULL)
			read_columns(model, intersect);
	}
	model_note_namespace(model, get_rel_namespace(intersect->relid));
	enter(model, intersect);
}

static int
by_id(const ListCell *a, const ListCell *b)
{
	int			x = ((ModelIntersect *) lfirst(a))->id;
	int			y = ((ModelIntersect *) lfirst(b))->id;

	return x < y ? -1 : x > y;
}

static void
read_intersects(Model *model)
{
	HASHCTL		ctl = {0};
	CatalogScan scan;
	HeapTuple	tuple;

	ctl.hcxt = model->cxt;
	ctl.keysize = NAMEDATALEN;
	ctl.entrysize = sizeof(IntersectByName);
	model->intersects_by_name = hash_create("relmeta model intersects", 16, &ctl,
											HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
	ctl.keysize = sizeof(Oid);
	ctl.entrysize = sizeof(IntersectByTable);
	model->intersects_by_table = hash_create("relmeta model intersect tables", 16, &ctl,
											 HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	model->intersect_list = NIL;

	/*
	 * a library newer than the installed extension: ALTER EXTENSION relmeta
	 * UPDATE makes the table
	 */
	if (!OidIsValid(model_catalog_relid(CATALOG_INTERSECT)))
		return;
	model_scan_begin(&scan, CATALOG_INTERSECT, NULL);
	while (HeapTupleIsValid(tuple = model_scan_next(&scan)))
		read_intersect(model, tuple, scan.desc);
	model_scan_end(&scan);
	list_sort(model->intersect_list, by_id);
}

/* They are few: the first that is asked for brings them all. */
static void
load_intersects(Model *model)
{
	MemoryContext outer;
	Reading		reading = {0};

	if (likely(model->read_intersects))
		return;
	outer = MemoryContextSwitchTo(model->cxt);
	while (model_reading(&reading))
		read_intersects(model);
	model->read_intersects = true;
	MemoryContextSwitchTo(outer);
}

/* Whether an invalidation of relid makes what was read stale.  Must not fail. */
bool
model_intersect_uses(Model *model, Oid relid)
{
	return model->read_intersects &&
		hash_search(model->intersects_by_table, &relid, HASH_FIND, NULL) != NULL;
}

ModelIntersect *
model_intersect_by_name(Model *model, const char *name)
{
	IntersectByName *entry;

	load_intersects(model);
	entry = hash_search(model->intersects_by_name, name, HASH_FIND, NULL);
	return entry && strcmp(entry->intersect->name, name) == 0 ? entry->intersect : NULL;
}

ModelIntersect *
model_intersect_by_table(Model *model, Oid relid)
{
	IntersectByTable *entry;

	load_intersects(model);
	entry = hash_search(model->intersects_by_table, &relid, HASH_FIND, NULL);
	return entry ? entry->intersect : NULL;
}

ModelIntersect *
model_intersect_required(Model *model, const char *name)
{
	ModelIntersect *intersect = model_intersect_by_name(model, name);

	if (intersect == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("many-to-many relationship \"%s\" does not exist", name),
				 errhint("The view relmeta.many_to_many lists them; relmeta.create_many_to_many() makes one.")));
	if (!OidIsValid(intersect->relid))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("many-to-many relationship \"%s\" is pending: it has no intersect table yet", name),
				 errhint("The intersect table is created as soon as both tables exist and have a primary key; "
						 "see relmeta.many_to_many.last_error.")));
	if (intersect->broken)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("many-to-many relationship \"%s\" cannot be used: %s", name, intersect->broken),
				 errhint("Call relmeta.verify() to see what is missing, relmeta.repair() to mend it.")));
	return intersect;
}

ModelTable *
model_intersect_end(Model *model, ModelIntersect *intersect, int side)
{
	Oid			relid = intersect->table[side];
	ModelTable *table = model_table(model, relid);

	return table == NULL && OidIsValid(relid) ? model_leaf(model, relid)->table : table;
}

/* Where equality is the collation's own, order must agree with it. */
Oid
model_link_collation(ModelType *type)
{
	if (!OidIsValid(type->collation))
		return InvalidOid;
	return get_collation_isdeterministic(type->collation) ? C_COLLATION_OID : type->collation;
}

List *
model_intersects(Model *model)
{
	load_intersects(model);
	return model->intersect_list;
}

static bool
has_end(ModelIntersect *intersect, ModelTable *table)
{
	for (int i = 0; i < 2; i++)
		if (intersect->table[i] == table->relid ||
			(table->is_partitioned && model_intersect_end(table->model, intersect, i) == table))
			return true;
	return false;
}

/* Asked for every statement on a registered table: all are read only where the table, or a partition, may be an end. */
List *
model_links_of(ModelTable *table)
{
	Model	   *model = table->model;
	List	   *links = NIL;
	MemoryContext outer;
	ListCell   *lc;

	if (likely(table->knows_links) || model == NULL)
		return table->links;
	if (model->read_intersects || table->is_partitioned || model_is_participant(table->relid))
	{
		load_intersects(model);
		outer = MemoryContextSwitchTo(model->cxt);
		foreach(lc, model->intersect_list)
		{
			ModelIntersect *intersect = lfirst(lc);

			if (OidIsValid(intersect->relid) && intersect->broken == NULL && has_end(intersect, table))
				links = lappend(links, intersect);
		}
		MemoryContextSwitchTo(outer);
	}
	table->links = links;
	table->knows_links = true;
	return links;
}
