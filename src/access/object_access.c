/*
 * object_access.c
 *		Entries as rows: what view relmeta.principal_object_access shows (SEMANTICS 2.5).
 *
 * All entries of a table are read in order of its primary key, so that those of
 * one row and principal stand together and no statement is planned or run; those of
 * some principals by a statement.
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/genam.h"
#include "access/statement.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "model/key.h"
#include "nodes/params.h"
#include "tcop/dest.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/inval.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(relmeta_object_access);

/*
 * No casts to text: whoever owns a type may make one, and it would run as the
 * extension's owner.
 *
 *	SELECT e.object, e.principal,
 *		COALESCE(pg_catalog.bit_or(e.mask) FILTER (WHERE e.cause = 'd'), 0),
 *		COALESCE(pg_catalog.bit_or(e.mask) FILTER (WHERE e.cause <> 'd'), 0)
 *	FROM relmeta_access.t AS e WHERE e.principal = ANY ($1) GROUP BY e.object, e.principal
 */
static void
build_entries(StringInfo sql, ModelTable *table)
{
	ModelType  *principal = model_principal(table);

	appendStringInfo(sql, "SELECT e.object, e.principal,"
					 " COALESCE(pg_catalog.bit_or(e.mask) FILTER"
					 " (WHERE e.cause OPERATOR(pg_catalog.=) 'd'::pg_catalog.\"char\"), 0),"
					 " COALESCE(pg_catalog.bit_or(e.mask) FILTER"
					 " (WHERE e.cause OPERATOR(pg_catalog.<>) 'd'::pg_catalog.\"char\"), 0) FROM %s AS e"
					 " WHERE e.principal %s ANY ($1%s) GROUP BY e.object, e.principal",
					 table->entry_sql, principal->sql_eq, principal->sql_collate);
}

/* The principals of a list that are values of the table's principal type. */
static Datum
principals_array(ModelTable *table, List *principals)
{
	ModelType  *type = model_principal(table);
	ArrayBuildState *state = initArrayResult(type->base_type, CurrentMemoryContext, false);
	ListCell   *lc;

	foreach(lc, principals)
	{
		Datum		value;

		if (model_principal_value(lfirst(lc), type, &value))
			state = accumArrayResult(state, value, false, type->base_type, CurrentMemoryContext);
	}
	return makeArrayResult(state, CurrentMemoryContext);
}

/* the name of an entry's principal, by hash of its value's bytes: values that are equal may have several */
typedef struct PrincipalName
{
	uint64		hash[2];
	Datum		name;			/* text */
} PrincipalName;

/* takes the rows of build_entries() as they come, and puts out those of the view */
typedef struct EntryReceiver
{
	DestReceiver pub;
	ModelTable *table;
	List	   *principals;		/* char *: who asks */
	int32		cap;			/* of whoever asks for his own */
	ReturnSetInfo *result;
	HTAB	   *names;			/* of PrincipalName */
	Datum		last;			/* the last value that was looked up there */
	Datum		last_name;		/* NULL: none was */
	MemoryContext names_cxt;
	MemoryContext row_cxt;		/* reset after each row */
} EntryReceiver;

static HTAB *
names_make(void)
{
	HASHCTL		ctl = {0};

	ctl.keysize = sizeof(((PrincipalName *) NULL)->hash);
	ctl.entrysize = sizeof(PrincipalName);
	ctl.hcxt = CurrentMemoryContext;
	return hash_create("relmeta principal names", 64, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static void
hash_value(ModelType *type, Datum value, uint64 *hash)
{
	const unsigned char *bytes = (unsigned char *) &value;
	int			length = sizeof(Datum);

	if (!type->typbyval)
	{
		if (type->typlen == -1)
			value = PointerGetDatum(PG_DETOAST_DATUM_PACKED(value));
		bytes = (unsigned char *) (type->typlen == -1 ? VARDATA_ANY(DatumGetPointer(value)) : DatumGetPointer(value));
		length = type->typlen == -1 ? (int) VARSIZE_ANY_EXHDR(DatumGetPointer(value)) : type->typlen;
	}
	for (int i = 0; i < 2; i++)
		hash[i] = hash_bytes_extended(bytes, length, i);
}

/*
 * Its name as it was registered, which may be spelt otherwise than the type
 * does; the type's text where no principal has it.
 */
static Datum
principal_name(EntryReceiver *receiver, Datum value)
{
	ModelType  *type = model_principal(receiver->table);
	PrincipalName *entry;
	MemoryContext caller;
	uint64		hash[2];
	bool		found;

	if (receiver->last_name && datum_image_eq(value, receiver->last, type->typbyval, type->typlen))
		return receiver->last_name;
	hash_value(type, value, hash);
	entry = hash_search(receiver->names, hash, HASH_ENTER, &found);
	if (!found)
	{
		char	   *name;

		caller = MemoryContextSwitchTo(receiver->names_cxt);
		name = access_principal_among(receiver->table, receiver->principals, value);

		if (name == NULL)
			name = model_principal_named(type, value);
		entry->name = CStringGetTextDatum(name ? name : model_type_output(type, value));
		MemoryContextSwitchTo(caller);
	}
	if (receiver->last_name && !type->typbyval)
		pfree(DatumGetPointer(receiver->last));
	caller = MemoryContextSwitchTo(receiver->names_cxt);
	receiver->last = datumCopy(value, type->typbyval, type->typlen);
	MemoryContextSwitchTo(caller);
	return receiver->last_name = entry->name;
}

static void
put_row(EntryReceiver *receiver, Datum object, Datum principal, Datum direct, Datum inherited)
{
	MemoryContext caller = MemoryContextSwitchTo(receiver->row_cxt);
	Datum		values[5];
	bool		nulls[5] = {false};

	values[0] = ObjectIdGetDatum(receiver->table->relid);
	values[1] = CStringGetTextDatum(model_key_output(receiver->table, object));
	values[2] = principal_name(receiver, principal);
	values[3] = direct;
	values[4] = inherited;
	tuplestore_putvalues(receiver->result->setResult, receiver->result->setDesc, values, nulls);
	MemoryContextSwitchTo(caller);
	MemoryContextReset(receiver->row_cxt);
}

/* What the session's cap leaves of an entry; one of which it leaves nothing is none. */
static bool
receive_entry(TupleTableSlot *slot, DestReceiver *self)
{
	EntryReceiver *receiver = (EntryReceiver *) self;
	int32		direct;
	int32		inherited;

	slot_getallattrs(slot);
	direct = DatumGetInt32(slot->tts_values[2]) & receiver->cap;
	inherited = DatumGetInt32(slot->tts_values[3]) & receiver->cap;
	if ((direct | inherited) != 0)
		put_row(receiver, slot->tts_values[0], slot->tts_values[1], Int32GetDatum(direct), Int32GetDatum(inherited));
	return true;
}

static void
receiver_ignores(DestReceiver *self)
{
}

static void
receiver_starts(DestReceiver *self, int operation, TupleDesc desc)
{
}

static void
put_entries_of(EntryReceiver *receiver)
{
	ModelTable *table = receiver->table;
	SPIExecuteOptions options = {0};
	StringInfoData sql;
	ActingAs	saved;
	int			spi;

	initStringInfo(&sql);
	build_entries(&sql, table);
	options.params = makeParamList(1);
	options.params->params[0].value = principals_array(table, receiver->principals);
	options.params->params[0].isnull = false;
	options.params->params[0].ptype = model_principal(table)->array_type;
	options.params->params[0].pflags = PARAM_FLAG_CONST;
	options.read_only = true;
	options.dest = &receiver->pub;
	saved = relmeta_act_begin_on(table->entry_relid, NoLock, ACT_RESTRICTED);
	spi = SPI_execute_extended(sql.data, &options);
	relmeta_act_end(saved);
	if (spi != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_extended returned %s", SPI_result_code_string(spi));
}

/* slot holds an entry of the same row and principal as before */
static bool
is_same_holder(ModelTable *table, TupleTableSlot *before, TupleTableSlot *slot)
{
	bool		isnull;

	return model_key_equal(table, slot_getattr(before, ENTRY_OBJECT, &isnull),
						   slot_getattr(slot, ENTRY_OBJECT, &isnull)) &&
		model_type_equal(model_principal(table), slot_getattr(before, ENTRY_PRINCIPAL, &isnull),
						 slot_getattr(slot, ENTRY_PRINCIPAL, &isnull));
}

static void
put_masks(EntryReceiver *receiver, TupleTableSlot *slot, int32 *masks)
{
	bool		isnull;

	if (!TTS_EMPTY(slot))
		put_row(receiver, slot_getattr(slot, ENTRY_OBJECT, &isnull), slot_getattr(slot, ENTRY_PRINCIPAL, &isnull),
				Int32GetDatum(masks[0]), Int32GetDatum(masks[1]));
	masks[0] = masks[1] = 0;
}

static void
put_all_entries(EntryReceiver *receiver)
{
	ModelTable *table = receiver->table;
	Relation	rel = table_open(table->entry_relid, AccessShareLock);
	Relation	index = access_entries_key_index(table, rel);
	IndexScanDesc scan = relmeta_index_beginscan(rel, index, GetActiveSnapshot(), 0);
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	TupleTableSlot *before = table_slot_create(rel, NULL);
	int32		masks[2] = {0, 0};	/* direct, inherited: of the holder of
									 * before */

	index_rescan(scan, NULL, 0, NULL, 0);
	while (index_getnext_slot(scan, ForwardScanDirection, slot))
	{
		bool		isnull;
		int			which = DatumGetChar(slot_getattr(slot, ENTRY_CAUSE, &isnull)) == CAUSE_DIRECT ? 0 : 1;
		int32		mask = DatumGetInt32(slot_getattr(slot, ENTRY_MASK, &isnull));

		CHECK_FOR_INTERRUPTS();
		if (TTS_EMPTY(before) || !is_same_holder(table, before, slot))
		{
			TupleTableSlot *other = before;

			put_masks(receiver, before, masks);
			before = slot;
			slot = other;
		}
		masks[which] |= mask;
	}
	put_masks(receiver, before, masks);
	ExecDropSingleTupleTableSlot(before);
	ExecDropSingleTupleTableSlot(slot);
	index_endscan(scan);
	index_close(index, AccessShareLock);
	table_close(rel, AccessShareLock);
}

/* A table's entries: all of them, or those of the principals. */
static void
put_entries(ModelTable *table, List *principals, int32 cap, bool all, ReturnSetInfo *result)
{
	EntryReceiver receiver = {{receive_entry, receiver_starts, receiver_ignores, receiver_ignores, DestTuplestore}};

	receiver.table = table;
	receiver.principals = principals;
	receiver.cap = cap;
	receiver.result = result;
	receiver.names = names_make();
	receiver.last_name = (Datum) 0;
	receiver.names_cxt = CurrentMemoryContext;
	receiver.row_cxt = AllocSetContextCreate(CurrentMemoryContext, "relmeta entry", ALLOCSET_SMALL_SIZES);
	if (all)
		put_all_entries(&receiver);
	else
		put_entries_of(&receiver);
}

/*
 * relmeta.object_access(relation)
 *
 * A table's entries for whom the caller is: one's own principals', where one may read the table; all for the table's
 * owner and those who bypass row-level security, unless they act for a principal.  One table at a time, so that a
 * condition of the view's reader on the table is one on relmeta's catalog, and no other table is read.
 *
 * Policies are not asked: they are everybody's code, who share a row with the
 * caller, and would run as him, who named no table.
 */
Datum
relmeta_object_access(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Model	   *model;
	ModelTable *table;
	Statement  *statement;
	List	   *principals;
	bool		all;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	statement = access_statement(fcinfo);
	principals = access_statement_principals(statement);

	/* entry tables that others have made are known */
	AcceptInvalidationMessages();
	model = model_current();
	table = model_table(model, PG_GETARG_OID(0));
	if (table == NULL || table->broken != NULL || !OidIsValid(table->entry_relid))
		return (Datum) 0;
	model_pin(model, CurrentMemoryContext);
	all = access_is_unlimited(table);
	/* under a cap without read no row may be read, and nothing is told of any */
	if ((!all && (principals == NIL || (statement->cap & RIGHT_READ) == 0 || !access_may_select(table))) ||
		access_entries_empty_unlocked(table))
		return (Datum) 0;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	access_entries_hold(table);
	put_entries(table, principals, statement->cap, all, result);
	SPI_finish();
	return (Datum) 0;
}
