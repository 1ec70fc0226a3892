/*
 * foreign_key.c
 *		Native foreign keys of lookups: created, adopted, their ON DELETE
 *		brought in line.  SEMANTICS 2.3.
 */
#include "ddl/intersect_table.h"
#include "ddl/relationship.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_constraint.h"
#include "commands/comment.h"
#include "lib/stringinfo.h"
#include "nodes/parsenodes.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/* a foreign key as it stands */
typedef struct ForeignKey
{
	Oid			oid;
	char	   *name;
	char		on_delete;		/* FKCONSTR_ACTION_* */
	char		on_update;
	char		match;
	bool		deferrable;
	bool		deferred;
	bool		enforced;
	bool		validated;
} ForeignKey;

/* Are an end's columns in pg_constraint, conkey or confkey, these? */
static bool
is_end(HeapTuple tuple, TupleDesc desc, int attribute, ModelKeyColumns *columns)
{
	bool		isnull;
	Datum		numbers = heap_getattr(tuple, attribute, desc, &isnull);

	return !isnull && model_columns_are_numbered(columns, numbers);
}

static ForeignKey *
foreign_key_from_tuple(Form_pg_constraint form)
{
	ForeignKey *key = palloc(sizeof(ForeignKey));

	key->oid = form->oid;
	key->name = pstrdup(NameStr(form->conname));
	key->on_delete = form->confdeltype;
	key->on_update = form->confupdtype;
	key->match = form->confmatchtype;
	key->deferrable = form->condeferrable;
	key->deferred = form->condeferred;
	key->enforced = compat_constraint_enforced(form);
	key->validated = form->convalidated;
	return key;
}

/* ForeignKey *: those of the lookup to the primary table's key, not inherited from a partitioned table */
static List *
foreign_keys(const Declaration *d)
{
	ModelKeyColumns *lookup = model_columns_find(d->lookup, d->related);
	ModelKeyColumns *key;
	Relation	rel;
	ScanKeyData skey;
	SysScanDesc scan;
	HeapTuple	tuple;
	List	   *result = NIL;

	if (lookup == NULL)
		return NIL;
	key = ddl_primary_key(d->primary);
	rel = table_open(ConstraintRelationId, AccessShareLock);
	ScanKeyInit(&skey, Anum_pg_constraint_conrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(d->related));
	scan = systable_beginscan(rel, ConstraintRelidTypidNameIndexId, true, NULL, 1, &skey);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_constraint form = (Form_pg_constraint) GETSTRUCT(tuple);

		if (form->contype == CONSTRAINT_FOREIGN && form->confrelid == d->primary && !OidIsValid(form->conparentid) &&
			is_end(tuple, RelationGetDescr(rel), Anum_pg_constraint_conkey, lookup) &&
			is_end(tuple, RelationGetDescr(rel), Anum_pg_constraint_confkey, key))
			result = lappend(result, foreign_key_from_tuple(form));
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return result;
}

List *
ddl_foreign_key_names(const Declaration *d)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, foreign_keys(d))
		names = lappend(names, ((ForeignKey *) lfirst(lc))->name);
	return names;
}

static char
wanted_action(ModelBehavior behavior)
{
	switch (behavior)
	{
		case BEHAVIOR_ALL:
			return FKCONSTR_ACTION_CASCADE;
		case BEHAVIOR_REMOVE_LINK:
			return FKCONSTR_ACTION_SETNULL;
		default:
			return FKCONSTR_ACTION_RESTRICT;
	}
}

static const char *
action_sql(char action)
{
	switch (action)
	{
		case FKCONSTR_ACTION_CASCADE:
			return "CASCADE";
		case FKCONSTR_ACTION_SETNULL:
			return "SET NULL";
		case FKCONSTR_ACTION_RESTRICT:
			return "RESTRICT";
		case FKCONSTR_ACTION_SETDEFAULT:
			return "SET DEFAULT";
		default:
			return "NO ACTION";
	}
}

Oid
ddl_foreign_key_maker(Oid related, Oid primary)
{
	Oid			owner = relmeta_relation_owner(related);

	return pg_class_aclcheck(primary, owner, ACL_REFERENCES) == ACLCHECK_OK ? related : InvalidOid;
}

/* FOREIGN KEY (lookup) REFERENCES s.primary (id) ON DELETE CASCADE */
static char *
definition(const Declaration *d, const char *match)
{
	return psprintf("FOREIGN KEY (%s) REFERENCES %s (%s)%s ON DELETE %s", model_columns_list(d->lookup),
					ddl_table_name(d->primary), model_columns_list(ddl_primary_key(d->primary)), match,
					action_sql(wanted_action(d->behavior[ACTION_DELETE])));
}

/* what of an existing key comes behind that, as it was */
static char *
rest_of_definition(ForeignKey *key)
{
	return psprintf(" ON UPDATE %s%s%s%s", action_sql(key->on_update),
					key->deferrable ? " DEFERRABLE" : "",
					key->deferred ? " INITIALLY DEFERRED" : "",
					key->validated ? "" : " NOT VALID");
}

/*
 * ALTER TABLE s.related DROP CONSTRAINT n, ADD CONSTRAINT n FOREIGN KEY (lookup)
 *   REFERENCES s.primary (id) MATCH FULL ON DELETE RESTRICT ON UPDATE CASCADE DEFERRABLE
 *
 * There is no other way to change the action than to make the key anew.
 */
static void
remake(const Declaration *d, ForeignKey *key)
{
	const char *name = quote_identifier(key->name);
	char	   *comment = GetComment(key->oid, ConstraintRelationId, 0);

	ereport(NOTICE,
			(errmsg("foreign key \"%s\" of table \"%s\" is made anew: ON DELETE %s was %s", key->name,
					get_rel_name(d->related), action_sql(wanted_action(d->behavior[ACTION_DELETE])),
					key->enforced ? action_sql(key->on_delete) : "not enforced")));
	ddl_run_on(ddl_foreign_key_maker(d->related, d->primary),
			   "ALTER TABLE %s DROP CONSTRAINT %s, ADD CONSTRAINT %s %s%s",
			   ddl_table_name(d->related), name, name,
			   definition(d, key->match == FKCONSTR_MATCH_FULL ? " MATCH FULL" : ""), rest_of_definition(key));
	if (comment)
		ddl_run("COMMENT ON CONSTRAINT %s ON %s IS %s", name, ddl_table_name(d->related),
				quote_literal_cstr(comment));
}

/* NO ACTION refuses a delete as RESTRICT does, at the end of the statement or of the transaction: it is kept. */
static bool
agrees(const Declaration *d, ForeignKey *key)
{
	char		wanted = wanted_action(d->behavior[ACTION_DELETE]);

	return key->enforced && (key->on_delete == wanted ||
							 (wanted == FKCONSTR_ACTION_RESTRICT && key->on_delete == FKCONSTR_ACTION_NOACTION));
}

/*
 * keys: all of the lookup.  Beside one that agrees, another of NO ACTION finds nothing left to refuse.
 */
static bool
must_be_remade(const Declaration *d, ForeignKey *key, List *keys)
{
	ListCell   *lc;

	if (agrees(d, key))
		return false;
	if (key->on_delete != FKCONSTR_ACTION_NOACTION || !key->enforced)
		return true;
	foreach(lc, keys)
		if (agrees(d, lfirst(lc)))
		return false;
	return true;
}

static const char *
behavior_of_action(char action)
{
	switch (action)
	{
		case FKCONSTR_ACTION_CASCADE:
			return "all";
		case FKCONSTR_ACTION_SETNULL:
			return "remove_link";
		default:
			return "restrict";
	}
}

/* The N:N relationship of which the lookup is an end. */
static ModelIntersect *
intersect_of(const Declaration *d)
{
	return ddl_intersect_with_key(d->related, linitial(model_columns_names(d->lookup)));
}

/* What a key of an intersect table does on delete is the N:N relationship's, or its owner's: SEMANTICS 2.4. */
static bool
is_links_own(const Declaration *d, ForeignKey *key)
{
	return intersect_of(d) && !agrees(d, key);
}

static void
refuse_links_own(const Declaration *d, ForeignKey *key)
{
	ModelIntersect *intersect = intersect_of(d);

	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("foreign key \"%s\" of table \"%s\" cannot be changed: "
					"it is a key of many-to-many relationship \"%s\"",
					key->name, get_rel_name(d->related), intersect->name),
			 errdetail("It does not do what delete => '%s' says.",
					   model_behavior_name(d->behavior[ACTION_DELETE])),
			 errhint("Pass delete => '%s', which it does.", behavior_of_action(key->on_delete))));
}

/* SET DEFAULT is no behavior: who wants another must say which (SEMANTICS 2.3). */
static void
refuse_set_default(const Declaration *d, ForeignKey *key)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("foreign key \"%s\" of table \"%s\" is ON DELETE SET DEFAULT, which is no behavior", key->name,
					get_rel_name(d->related)),
			 errhint("Pass delete => 'all', 'remove_link' or 'restrict' to have the key made anew.")));
}

static char *
validate_sql(const Declaration *d, ForeignKey *key)
{
	return psprintf("ALTER TABLE %s VALIDATE CONSTRAINT %s", ddl_table_name(d->related),
					quote_identifier(key->name));
}

static void
bring_in_line(const Declaration *d, ForeignKey *key, List *keys)
{
	if (is_links_own(d, key))
		refuse_links_own(d, key);
	if (key->on_delete == FKCONSTR_ACTION_SETDEFAULT && !d->delete_named)
		refuse_set_default(d, key);
	if (must_be_remade(d, key, keys))
		remake(d, key);
	if (!key->validated && d->id == 0)
		ereport(NOTICE,
				(errmsg("foreign key \"%s\" of table \"%s\" stays NOT VALID: rows may point nowhere", key->name,
						get_rel_name(d->related)),
				 errhint("%s", psprintf("When they are corrected: %s.", validate_sql(d, key)))));
}

static const char *
free_constraint_name(Oid relid, const char *base)
{
	const char *name = base;

	for (int i = 1; OidIsValid(get_relation_constraint_oid(relid, name, true)); i++)
		name = ddl_numbered_name(base, i);
	return name;
}

/* ALTER TABLE s.related ADD CONSTRAINT name FOREIGN KEY (lookup) REFERENCES s.primary (id) ON DELETE CASCADE */
static void
create(const Declaration *d)
{
	ddl_run_on(ddl_foreign_key_maker(d->related, d->primary), "ALTER TABLE %s ADD CONSTRAINT %s %s",
			   ddl_table_name(d->related), quote_identifier(free_constraint_name(d->related, d->name)),
			   definition(d, ""));
}

bool
ddl_foreign_key_disagrees(const Declaration *d)
{
	List	   *keys;
	ListCell   *lc;

	keys = foreign_keys(d);
	foreach(lc, keys)
	{
		if (must_be_remade(d, lfirst(lc), keys))
			return true;
	}
	return false;
}

void
ddl_foreign_key_ensure(const Declaration *d)
{
	List	   *keys = foreign_keys(d);
	ListCell   *lc;

	foreach(lc, keys)
		bring_in_line(d, lfirst(lc), keys);
	if (keys == NIL)
		create(d);
}

char *
ddl_foreign_key_problem(const Declaration *d, char **repair)
{
	List	   *keys = foreign_keys(d);
	ListCell   *lc;

	*repair = NULL;
	if (keys == NIL)
		return psprintf("foreign key to \"%s\" is missing", get_rel_name(d->primary));
	foreach(lc, keys)
	{
		ForeignKey *key = lfirst(lc);

		if (is_links_own(d, key))
			*repair = psprintf("SELECT relmeta.update_relationship(%s, delete => '%s')",
							   quote_literal_cstr(d->name), behavior_of_action(key->on_delete));
		if (must_be_remade(d, key, keys))
			return psprintf("foreign key \"%s\" does not do what delete => '%s' says", key->name,
							model_behavior_name(d->behavior[ACTION_DELETE]));
		if (!key->validated)
		{
			*repair = validate_sql(d, key);
			return psprintf("foreign key \"%s\" is not validated: rows may point nowhere", key->name);
		}
	}
	return NULL;
}
