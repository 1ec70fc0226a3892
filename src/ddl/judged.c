/*
 * judged.c
 *		Tables that are not controlled, of which it is judged which keys their rows get, since something else is: a
 *		table below them, or the table at the other end of their links (SEMANTICS 2.5; enforce/taken.c).
 *
 * That takes the row trigger for INSERT, which a table without an owner column need not have.  It comes and goes as
 * access to the other table comes to be controlled or does not any more, and as relationships are declared and dropped.
 *
 * LOCKS.  Whose table it is must not keep the other one from being controlled: the caller's own is waited for, that of
 * another role for a second in all; then it stays as it is, with a WARNING, and verify() says so.
 */
#include "ddl/judged.h"

#include "enforce/enforce.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"

typedef struct Judged
{
	Oid			relid;
	DdlPatience *patience;
} Judged;

/* The registered table that relid is, or is a partition of, and that can be used; NULL: there is none. */
static ModelTable *
usable_table(Oid relid)
{
	ModelTable *table = OidIsValid(relid) && get_rel_name(relid) != NULL ? model_leaf(ddl_model(), relid)->table : NULL;

	return table != NULL && table->broken == NULL ? table : NULL;
}

List *
ddl_judged_by_links(List *tables, ModelIntersect *intersect)
{
	for (int i = 0; i < 2; i++)
		if (OidIsValid(intersect->table[i]))
			tables = list_append_unique_oid(tables, intersect->table[i]);
	return tables;
}

List *
ddl_judged_by(Oid relid)
{
	ModelTable *table = usable_table(relid);
	List	   *tables = NIL;
	ListCell   *lc;

	if (table == NULL)
		return NIL;
	foreach(lc, model_as_related(table))
		tables = list_append_unique_oid(tables, ((ModelRelationship *) lfirst(lc))->primary->relid);
	foreach(lc, model_links_of(table))
		tables = ddl_judged_by_links(tables, lfirst(lc));
	return list_delete_oid(tables, table->relid);
}

List *
ddl_judged_own(Oid relid)
{
	List	   *own = NIL;
	ListCell   *lc;

	foreach(lc, ddl_judged_by(relid))
	{
		ModelTable *table = usable_table(lfirst_oid(lc));

		if (table != NULL && table->owner.name == NULL && !table->access_control &&
			relmeta_owns_relation(table->relid, GetUserId()))
			own = list_append_unique_oid(own, table->relid);
	}
	return own;
}

/* ---- their triggers ---- */

static void
sync_as_owner(Oid relid)
{
	ActingAs	saved = relmeta_act_begin_on(relid, NoLock, ACT_RESTRICTED);

	ddl_triggers_sync(model_table_required(ddl_model(), relid));
	relmeta_act_end(saved);
}

static void
sync_strange(void *arg)
{
	Judged	   *judged = arg;

	ddl_lock_briefly(judged->relid, ShareRowExclusiveLock, judged->patience);
	sync_as_owner(judged->relid);
}

static void
warn_of(Oid relid, ErrorData *error)
{
	bool		matter = enforce_keys_matter(model_table_required(ddl_model(), relid));
	const char *reason = error->sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE ?
	"it is locked by another transaction" : error->message;

	ereport(WARNING,
			(errcode(error->sqlerrcode),
			 matter ?
			 errmsg("it is not judged which keys new rows of table \"%s\" take: %s", get_rel_name(relid), reason) :
			 errmsg("it is still looked at which keys new rows of table \"%s\" take: %s", get_rel_name(relid), reason),
			 errhint("Its owner may call relmeta.repair() when that is mended.")));
}

void
ddl_judged_sync(List *tables)
{
	DdlPatience patience = {0};
	ListCell   *lc;

	foreach(lc, tables)
	{
		ModelTable *table = usable_table(lfirst_oid(lc));
		Judged		judged = {.patience = &patience};
		ErrorData  *error;

		if (table == NULL || ddl_triggers_in_step(table))
			continue;
		judged.relid = table->relid;
		if (relmeta_owns_relation(judged.relid, GetUserId()))
			sync_as_owner(judged.relid);
		else if ((error = ddl_attempt_briefly(sync_strange, &judged, &patience)) != NULL)
			warn_of(judged.relid, error);
	}
}
