/*
 * invalidate.c
 *		What makes the model, the identities and the types of owner columns stale.
 *
 * INVALIDATION RULE.  The current model goes stale when the relation cache is
 * told that one of these changed: a catalog table it is read from (its beacon,
 * see catalog.c); or a registered table, an intersect table or a physical table of
 * the leaf map, if it looks otherwise then (as_read.c); or the syscache, that an
 * operator, operator class, collation or one of the schemas and types in use did;
 * and when a (sub)transaction aborts that had seen such a change.  Identities,
 * which say what principals are in the types of owner columns, go with it, and
 * when principals, their roles, types or teams change, or an enum's values.
 *
 * Callbacks neither fail nor read a catalog nor free anything: they tell the one
 * that keeps a thing, which throws it away at its next use.
 */
#include "relmeta.h"

#include "access/xact.h"
#include "model/internal.h"
#include "utils/inval.h"
#include "utils/syscache.h"

/* a relevant change was seen in this transaction: an abort may undo it */
static bool changed_in_transaction = false;

static void
forget(void)
{
	model_forget();
	model_identity_forget();
}

static void
become_stale(void)
{
	forget();
	changed_in_transaction = true;
}

/* Perhaps nothing has changed that the model knows of: it looks at its next use. */
static void
touch(Oid relid)
{
	model_touched(relid);
	model_identity_forget();
	changed_in_transaction = true;
}

static void
relation_changed(Datum arg, Oid relid)
{
	model_notice();
	if (!OidIsValid(relid) ||
		model_catalog_is(CATALOG_REGISTERED_TABLE, relid) ||
		model_catalog_is(CATALOG_RELATIONSHIP, relid) ||
		model_catalog_is(CATALOG_INTERSECT, relid))
		become_stale();
	else if (model_is_read_from(relid))
		touch(relid);

	if (!OidIsValid(relid) || model_catalog_is(CATALOG_PRINCIPAL, relid))
		model_held_forget();
	if (!OidIsValid(relid) ||
		model_catalog_is(CATALOG_PRINCIPAL, relid) ||
		model_catalog_is(CATALOG_PRINCIPAL_ROLE, relid) ||
		model_catalog_is(CATALOG_PRINCIPAL_TYPE, relid) ||
		model_catalog_is(CATALOG_TEAM_MEMBER, relid))
	{
		model_identity_forget();
		changed_in_transaction = true;
	}

	model_catalog_forget(relid);
}

/*
 * Types are told apart, because every CREATE TABLE makes one, and schemas, because a session's first temporary table
 * does; the others change rarely enough.
 */
static void
definition_changed(Datum arg, int cacheid, uint32 hashvalue)
{
	model_notice();
	model_value_types_forget();
	if (hashvalue == 0 ||
		(cacheid == TYPEOID ? model_uses_type(hashvalue) :
		 cacheid == NAMESPACEOID ? model_uses_namespace(hashvalue) : true))
		become_stale();
}

static void
casts_changed(Datum arg, int cacheid, uint32 hashvalue)
{
	model_identity_forget();
	changed_in_transaction = true;
}

static void
at_transaction(XactEvent event, void *arg)
{
	model_held_forget();
	switch (event)
	{
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PARALLEL_ABORT:
			if (changed_in_transaction)
				forget();
			changed_in_transaction = false;
			break;
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_PARALLEL_COMMIT:
		case XACT_EVENT_PREPARE:
			changed_in_transaction = false;
			break;
		default:
			break;
	}
}

static void
at_subtransaction(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	if (event != SUBXACT_EVENT_ABORT_SUB)
		return;
	model_held_forget();
	if (changed_in_transaction)
		forget();
}

void
model_cache_init(void)
{
	CacheRegisterRelcacheCallback(relation_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(TYPEOID, definition_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(NAMESPACEOID, definition_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(OPEROID, definition_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(CLAOID, definition_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(COLLOID, definition_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(ENUMOID, casts_changed, (Datum) 0);
	RegisterXactCallback(at_transaction, NULL);
	RegisterSubXactCallback(at_subtransaction, NULL);
}
