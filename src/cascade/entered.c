/*
 * entered.c
 *		The rows that a statement has assigned; see entered.h.
 */
#include "relmeta.h"

#include "access/key_set.h"
#include "access/xact.h"
#include "cascade/entered.h"
#include "miscadmin.h"
#include "model/key.h"
#include "rows/key_file.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(relmeta_assign_entered);

typedef struct Entered
{
	RowList    *given;			/* keys of rows that cascades of ours have
								 * assigned */
	/* until it is asked for, NULL both; of given and of changes->assigned: */
	KeySet	   *keys;			/* integers, as far as work_mem holds them */
	KeyFile    *filed;			/* all others */
	/* as far as these are read: */
	int64		given_read;
	int64		assigned_read;
} Entered;

/* whose rows the statement that runs assigns; NULL: no such statement runs */
static TableChanges *entering = NULL;

static Entered *
make_entered(TableChanges *changes)
{
	MemoryContext old = MemoryContextSwitchTo(changes->frame->cxt);
	Entered    *entered = palloc0(sizeof(Entered));
	ModelType  *type = model_key_type(changes->table);

	entered->given = rows_list_make(1, &type);
	MemoryContextSwitchTo(old);
	return entered;
}

/* Where one more key goes: that set is made when there is none, the other one does not grow any more. */
static void
make_set(Entered *entered, TableChanges *changes)
{
	MemoryContext old = MemoryContextSwitchTo(changes->frame->cxt);
	ModelType  *type = model_key_type(changes->table);

	if (entered->keys == NULL && access_key_set_of_words(type))
		entered->keys = access_key_set_make(type);
	else
		entered->filed = rows_key_file_make(type);
	MemoryContextSwitchTo(old);
}

static void
add_key(Entered *entered, TableChanges *changes, Datum key)
{
	if (entered->filed == NULL &&
		(entered->keys == NULL || access_key_set_size(entered->keys) >= (Size) work_mem * 1024))
		make_set(entered, changes);
	if (entered->filed != NULL)
		rows_key_file_add(entered->filed, key);
	else
		access_key_set_add(entered->keys, key);
}

/* Adds the keys of the list's rows from *read on to the set. */
static void
read_keys(Entered *entered, TableChanges *changes, RowList *list, int64 *read)
{
	Datum		values[3];
	bool		nulls[3];

	for (; *read < list->nrows; (*read)++)
	{
		rows_list_get(list, *read, values, nulls);
		add_key(entered, changes, values[0]);
	}
}

/* Has the statement assigned the row with that key? */
static bool
is_entered(TableChanges *changes, Datum key)
{
	Entered    *entered = changes->entered;

	if (changes->assigned != NULL)
		read_keys(entered, changes, changes->assigned->rows, &entered->assigned_read);
	read_keys(entered, changes, entered->given, &entered->given_read);
	return (entered->keys != NULL && access_key_set_holds(entered->keys, key)) ||
		(entered->filed != NULL && rows_key_file_holds(entered->filed, key));
}

/*
 * changed_by is the row's xmin.  The third argument, the key that the row points to, keeps this above the join with the
 * keys, as that of assign_follows() does.
 */
Datum
relmeta_assign_entered(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(entering != NULL && !PG_ARGISNULL(0) && !PG_ARGISNULL(1) &&
				   TransactionIdIsCurrentTransactionId(PG_GETARG_TRANSACTIONID(1)) &&
				   getBaseType(get_fn_expr_argtype(fcinfo->flinfo, 0)) == model_key_param(entering->table, false) &&
				   is_entered(entering, PG_GETARG_DATUM(0)));
}

uint64
cascade_enter(TableChanges *changes, SPIPlanPtr plan, Datum *values, const char *nulls)
{
	TableChanges *outer = entering;
	volatile uint64 rows = 0;

	if (changes->entered == NULL)
		changes->entered = make_entered(changes);
	entering = changes;
	PG_TRY();
	{
		rows = rows_run(plan, changes->relid, values, nulls, ASSIGN_RUN, 0);
	}
	PG_FINALLY();
	{
		entering = outer;
	}
	PG_END_TRY();
	rows_list_take_result(changes->entered->given);
	return rows;
}
