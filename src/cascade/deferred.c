/*
 * deferred.c
 *		Makes deferred constraints immediate for a while; see deferred.h.
 *
 * PostgreSQL tells nobody whether a constraint is deferred now (SET CONSTRAINTS may
 * have said otherwise than its definition), but acts by it: see is_deferred().
 */
#include "relmeta.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "cascade/deferred.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/resowner.h"
#include "utils/syscache.h"

/* ---- is it deferred now? ---- */

/*
 * Queues an event of the trigger, of a row that is not there, and ends the query:
 * either the event is to wait, which a restricted operation refuses (42501), or
 * the row is looked for, which fails.  The trigger is never called.
 */
static void
provoke(Relation rel, Trigger *trigger)
{
	EState	   *estate = CreateExecutorState();
	ResultRelInfo *info = makeNode(ResultRelInfo);
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	Trigger		copy = *trigger;
	TriggerDesc desc = {.triggers = &copy,.numtriggers = 1,.trig_insert_after_row = true};

	copy.tgtype = TRIGGER_TYPE_ROW | TRIGGER_TYPE_AFTER | TRIGGER_TYPE_INSERT;
	copy.tgfoid = F_RI_FKEY_CHECK_INS;	/* whose events on INSERT are always
										 * queued */
	copy.tgqual = NULL;
	copy.tgnattr = 0;
	InitResultRelInfo(info, rel, 0, NULL, 0);
	info->ri_TrigDesc = &desc;
	ExecStoreAllNullTuple(slot);
	ItemPointerSet(&slot->tts_tid, 0, MaxOffsetNumber);

	(void) relmeta_act_begin(GetUserId(), ACT_RESTRICTED);
	AfterTriggerBeginQuery();
	ExecARInsertTriggers(estate, info, slot, NIL, NULL);
	AfterTriggerEndQuery(estate);
	elog(ERROR, "trigger \"%s\" is not fired", trigger->tgname);
}

static bool
is_deferred(Relation rel, Trigger *trigger)
{
	MemoryContext outer = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile int sqlerrcode = 0;

	if (RelationGetNumberOfBlocks(rel) == 0)
		return false;			/* it has no row whose owner could change */
	BeginInternalSubTransaction(NULL);
	PG_TRY();
	{
		provoke(rel, trigger);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(outer);
		sqlerrcode = geterrcode();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(outer);
	CurrentResourceOwner = owner;
	return sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE;
}

/* ---- which of them does the change of a column concern? ---- */

static bool
array_has(HeapTuple tuple, AttrNumber column, AttrNumber attnum)
{
	bool		isnull;
	Datum		value = SysCacheGetAttr(CONSTROID, tuple, column, &isnull);
	Datum	   *attnums;
	int			n = 0;
	bool		found = false;

	if (!isnull)
		deconstruct_array(DatumGetArrayTypeP(value), INT2OID, sizeof(int16), true, TYPALIGN_SHORT, &attnums, NULL, &n);
	for (int i = 0; i < n; i++)
		found |= DatumGetInt16(attnums[i]) == attnum;
	return found;
}

static bool
trigger_has(Trigger *trigger, AttrNumber attnum)
{
	for (int i = 0; i < trigger->tgnattr; i++)
		if (trigger->tgattr[i] == attnum)
			return true;
	return trigger->tgnattr == 0;
}

/*
 * Is the trigger, of a deferrable constraint, called when the column of a row of rel is changed, or when a row is
 * deleted?  Then its constraint.
 */
static HeapTuple
constraint_concerned(Relation rel, Trigger *trigger, AttrNumber column, bool deletes)
{
	HeapTuple	tuple;
	Form_pg_constraint form;
	bool		concerned;

	deletes &= TRIGGER_FOR_DELETE(trigger->tgtype);
	if (!trigger->tgdeferrable || !(TRIGGER_FOR_UPDATE(trigger->tgtype) || deletes) ||
		trigger->tgenabled == TRIGGER_DISABLED)
		return NULL;
	tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(trigger->tgconstraint));
	if (!HeapTupleIsValid(tuple))
		return NULL;
	form = (Form_pg_constraint) GETSTRUCT(tuple);
	if (form->contype == CONSTRAINT_TRIGGER)
		concerned = deletes || trigger_has(trigger, column);
	else if (form->contype == CONSTRAINT_FOREIGN)
		concerned = (form->conrelid == RelationGetRelid(rel) && array_has(tuple, Anum_pg_constraint_conkey, column)) ||
			(form->confrelid == RelationGetRelid(rel) &&
			 (deletes || array_has(tuple, Anum_pg_constraint_confkey, column)));
	else
		concerned = array_has(tuple, Anum_pg_constraint_conkey, column);
	if (concerned)
		return tuple;
	ReleaseSysCache(tuple);
	return NULL;
}

/* Does an event of a statement before wait for the constraint, on either side of it? */
static bool
has_pending(Relation rel, Form_pg_constraint form)
{
	ListCell   *lc;

	if (AfterTriggerPendingOnRel(RelationGetRelid(rel)))
		return true;
	if (form->contype != CONSTRAINT_FOREIGN)
		return false;
	foreach(lc, find_all_inheritors(form->conrelid == RelationGetRelid(rel) ? form->confrelid : form->conrelid,
									NoLock, NULL))
		if (AfterTriggerPendingOnRel(lfirst_oid(lc)))
		return true;
	return false;
}

static void
refuse_pending(Relation rel, const char *constraint)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("cannot change rows of table \"%s\": checks of deferred constraint \"%s\" are pending",
					RelationGetRelationName(rel), constraint),
			 errhint("Run SET CONSTRAINTS ALL IMMEDIATE first.")));
}

/* The deferred constraints of one table or partition are added to those found, as names. */
static void
find_deferred(Oid relid, const char *column, bool deletes, List **found)
{
	Relation	rel = table_open(relid, RowExclusiveLock);
	AttrNumber	attnum = get_attnum(relid, column);

	for (int i = 0; rel->rd_rel->relkind == RELKIND_RELATION && rel->trigdesc != NULL &&
		 i < rel->trigdesc->numtriggers; i++)
	{
		Trigger    *trigger = &rel->trigdesc->triggers[i];
		HeapTuple	tuple = constraint_concerned(rel, trigger, attnum, deletes);
		Form_pg_constraint form;

		if (tuple == NULL)
			continue;
		form = (Form_pg_constraint) GETSTRUCT(tuple);
		if (is_deferred(rel, trigger))
		{
			if (has_pending(rel, form))
				refuse_pending(rel, NameStr(form->conname));
			*found = lappend(*found, makeRangeVar(get_namespace_name(form->connamespace),
												  pstrdup(NameStr(form->conname)), -1));
		}
		ReleaseSysCache(tuple);
	}
	table_close(rel, NoLock);
}

/* The table, and those that an assign of its rows goes on to. */
static void
add_tables_below(ModelTable *table, List **tables)
{
	ListCell   *lc;

	*tables = list_append_unique_ptr(*tables, table);
	foreach(lc, model_as_primary(table))
	{
		ModelRelationship *relationship = lfirst(lc);

		if (relationship->broken == NULL && behavior_cascades(relationship->behavior[ACTION_ASSIGN]) &&
			!list_member_ptr(*tables, relationship->related))
			add_tables_below(relationship->related, tables);
	}
}

static void
set_constraints(List *constraints, bool deferred)
{
	ConstraintsSetStmt *stmt = makeNode(ConstraintsSetStmt);

	if (constraints == NIL)
		return;
	stmt->constraints = constraints;
	stmt->deferred = deferred;
	AfterTriggerSetState(stmt);
}

/* The table and its partitions, locked; none when somebody has dropped it meanwhile. */
static List *
lock_tables(Oid relid)
{
	LockRelationOid(relid, RowExclusiveLock);
	if (!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(relid)))
		return NIL;
	return find_all_inheritors(relid, RowExclusiveLock, NULL);
}

List *
cascade_deferred_set_immediate(ModelTable *table)
{
	List	   *tables = NIL;
	List	   *found = NIL;
	ListCell   *lc;
	ListCell   *leaf;

	add_tables_below(table, &tables);
	foreach(lc, tables)
	{
		ModelTable *each = lfirst(lc);

		foreach(leaf, lock_tables(each->relid))
			find_deferred(lfirst_oid(leaf), each->owner.name, false, &found);
	}
	set_constraints(found, false);
	return found;
}

List *
cascade_deferred_set_columns_immediate(Oid relid, List *columns)
{
	List	   *found = NIL;
	ListCell   *leaf;
	ListCell   *lc;

	foreach(leaf, lock_tables(relid))
		foreach(lc, columns)
		find_deferred(lfirst_oid(leaf), lfirst(lc), true, &found);
	set_constraints(found, false);
	return found;
}

void
cascade_deferred_again(List *constraints)
{
	set_constraints(constraints, true);
}
