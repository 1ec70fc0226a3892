/*
 * trigger.c
 *		verify()'s part about triggers of relmeta's on tables of which it knows
 *		nothing: a restore has lost what was declared.
 */
#include "ddl/verify/verify.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_trigger.h"
#include "ddl/intersect/intersect.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/* what a trigger function stands for */
typedef struct TriggerOf
{
	const char *function;
	int			known;			/* bits of model_known() that its table has */
	const char *call;			/* that makes it known again */
} TriggerOf;

static const TriggerOf triggers_of[] = {
	{"trigger_statement_starts", KNOWN_REGISTERED, "register_table"},
	{"trigger_statement_ends", KNOWN_REGISTERED, "register_table"},
	{"trigger_row_changed", KNOWN_REGISTERED, "register_table"},
	{"trigger_truncate_starts", KNOWN_REGISTERED, "register_table"},
	{"trigger_truncate_ends", KNOWN_REGISTERED, "register_table"},
	{"trigger_link_order", KNOWN_INTERSECT, "adopt_many_to_many"},
	{"trigger_link_updated", KNOWN_INTERSECT, "adopt_many_to_many"},
	{"trigger_source_changed", KNOWN_SOURCE, "register_principals"},
};

/* NULL when the function is none of relmeta's trigger functions on users' tables. */
static const TriggerOf *
trigger_of(Oid function)
{
	char	   *name;

	if (get_func_namespace(function) != relmeta_schema_oid())
		return NULL;
	name = get_func_name(function);
	for (int i = 0; name != NULL && i < (int) lengthof(triggers_of); i++)
	{
		if (strcmp(name, triggers_of[i].function) == 0)
			return &triggers_of[i];
	}
	return NULL;
}

/*
 * What was a junction table, and lost a key, cannot be one again.  Nor was a table of principals or memberships what
 * was a partition of one only: as that it had the triggers for statements by itself.
 */
static bool
may_be_known_again(Oid relid, const TriggerOf *of)
{
	if (of->known == KNOWN_SOURCE)
		return ddl_source_row_trigger_stands(relid);
	return of->known != KNOWN_INTERSECT || list_length(ddl_intersect_foreign_keys(relid)) >= 2;
}

/* Principals have a key; what has none can only have been a table of memberships. */
static char *
call_again(const TriggerOf *of, Oid relid)
{
	char	   *table = quote_literal_cstr(ddl_table_name(relid));

	if (of->known == KNOWN_SOURCE && ddl_find_primary_key(relid) == NULL)
		return psprintf("SELECT relmeta.register_memberships(%s, ...)", table);
	return psprintf("SELECT relmeta.%s(%s)", of->call, table);
}

static char *
drop_trigger(const char *trigger, Oid relid)
{
	return psprintf("DROP TRIGGER %s ON %s", quote_identifier(trigger), ddl_table_name(relid));
}

/* Of a trigger that stands on a table, or on a partition of it. */
static void
add_unknown(Oid relid, Oid standing_on, const char *trigger, const TriggerOf *of, List **problems)
{
	if (may_be_known_again(relid, of))
		ddl_verify_add(problems, relid, trigger,
					   "is a trigger of relmeta's on a table that is not registered; a dump that leaves out"
					   " a registered table loses what was declared of all",
					   call_again(of, relid), MEND_BY_HAND, NULL);
	else if (of->known == KNOWN_SOURCE)
		ddl_verify_add(problems, standing_on, trigger,
					   "is a trigger of relmeta's on what was a partition of a table of principals or memberships",
					   drop_trigger(trigger, standing_on), MEND_BY_HAND, NULL);
	else
		ddl_verify_add(problems, relid, trigger,
					   "is a trigger of relmeta's on a table that is no intersect table any more",
					   drop_trigger(trigger, relid), MEND_BY_HAND, NULL);
}

/* By table, then by name of the trigger: which one is named does not depend on where its row lies. */
void
ddl_verify_unknown_tables(Model *model, void *subject, List **problems)
{
	Relation	rel = table_open(TriggerRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(rel, TriggerRelidNameIndexId, true, NULL, 0, NULL);
	List	   *seen = NIL;
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_trigger form = (Form_pg_trigger) GETSTRUCT(tuple);
		const TriggerOf *of = form->tgisinternal ? NULL : trigger_of(form->tgfoid);
		Oid			root;

		if (of == NULL)
			continue;
		root = ddl_partition_root(form->tgrelid);
		/* gone meanwhile, or registered */
		if (get_rel_name(root) == NULL || list_member_oid(seen, root) || (model_known(root) & of->known) != 0)
			continue;
		if (may_be_known_again(root, of))
			seen = lappend_oid(seen, root);
		add_unknown(root, form->tgrelid, NameStr(form->tgname), of, problems);
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
}
