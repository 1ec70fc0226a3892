/*
 * registration.c
 *		Rows of relmeta.registered_table, read and written.
 *
 * The model is for those who use a registration; who changes one reads the row
 * itself, because a registration that the model finds broken (a column is
 * gone) is changed to mend it.
 */
#include "ddl/registration.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

static char *
row_text(HeapTuple row, TupleDesc desc, const char *column)
{
	return SPI_getvalue(row, desc, SPI_fnumber(desc, column));
}

static bool
row_bool(HeapTuple row, TupleDesc desc, const char *column)
{
	bool		isnull;

	return DatumGetBool(SPI_getbinval(row, desc, SPI_fnumber(desc, column), &isnull));
}

static int32
row_int(HeapTuple row, TupleDesc desc, const char *column)
{
	bool		isnull;

	return DatumGetInt32(SPI_getbinval(row, desc, SPI_fnumber(desc, column), &isnull));
}

static Oid
row_oid(HeapTuple row, TupleDesc desc, const char *column)
{
	bool		isnull;
	Datum		value = SPI_getbinval(row, desc, SPI_fnumber(desc, column), &isnull);

	return isnull ? InvalidOid : DatumGetObjectId(value);
}

static List *
row_texts(HeapTuple row, TupleDesc desc, const char *column)
{
	bool		isnull;
	Datum		value = SPI_getbinval(row, desc, SPI_fnumber(desc, column), &isnull);
	Datum	   *elems;
	int			n;
	List	   *result = NIL;

	if (isnull)
		return NIL;
	deconstruct_array(DatumGetArrayTypeP(value), TEXTOID, -1, false, TYPALIGN_INT, &elems, NULL, &n);
	for (int i = 0; i < n; i++)
		result = lappend(result, TextDatumGetCString(elems[i]));
	return result;
}

static void
fill(Registration *registration, HeapTuple row, TupleDesc desc)
{
	registration->name = row_text(row, desc, "name");
	registration->key = model_columns_declare(row_text(row, desc, "key_column"));
	registration->owner_column = row_text(row, desc, "owner_column");
	registration->state_column = row_text(row, desc, "state_column");
	registration->active_states = row_texts(row, desc, "active_states");
	registration->inactive_state = row_text(row, desc, "inactive_state");
	registration->is_system = row_bool(row, desc, "is_system");
	registration->default_owner = row_bool(row, desc, "default_owner");
	registration->access_control = row_bool(row, desc, "access_control");
	registration->force_access_control = row_bool(row, desc, "force_access_control");
	registration->everyone = row_int(row, desc, "everyone");
	registration->owner_index = row_text(row, desc, "owner_index");
	registration->entry_table = row_oid(row, desc, "entry_table");
}

/* Who declares has locked the table, so that a snapshot taken now shows the last state: see lock.h. */
bool
ddl_registration_read(Oid relid, Registration *registration)
{
	MemoryContext cxt = CurrentMemoryContext;
	Oid			types[] = {REGCLASSOID};
	Datum		values[] = {ObjectIdGetDatum(relid)};
	bool		found;

	memset(registration, 0, sizeof(Registration));
	registration->relid = relid;

	SPI_connect();
	ddl_query_latest("SELECT * FROM relmeta.registered_table"
					 " WHERE relation OPERATOR(pg_catalog.=) $1::pg_catalog.oid",
					 1, types, values);
	found = SPI_processed > 0;
	if (found)
	{
		MemoryContext spi = MemoryContextSwitchTo(cxt);

		fill(registration, SPI_tuptable->vals[0], SPI_tuptable->tupdesc);
		MemoryContextSwitchTo(spi);
	}
	SPI_finish();
	return found;
}

static Datum
text_datum(const char *value, char *isnull)
{
	*isnull = value ? ' ' : 'n';
	return value ? CStringGetTextDatum(value) : (Datum) 0;
}

static Datum
name_datum(const char *value, char *isnull)
{
	*isnull = value ? ' ' : 'n';
	return value ? DirectFunctionCall1(namein, CStringGetDatum(value)) : (Datum) 0;
}

static Datum
texts_datum(List *values, char *isnull)
{
	Datum	   *elems = palloc(sizeof(Datum) * Max(list_length(values), 1));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, values)
		elems[n++] = CStringGetTextDatum(lfirst(lc));
	*isnull = n > 0 ? ' ' : 'n';
	return PointerGetDatum(construct_array(elems, n, TEXTOID, -1, false, TYPALIGN_INT));
}

#define REGISTRATION_COLUMNS 9

/* in the order of the two statements below */
static Oid	column_types[REGISTRATION_COLUMNS] = {
	REGCLASSOID, TEXTOID, NAMEOID, NAMEOID, NAMEOID, TEXTARRAYOID, TEXTOID, BOOLOID, BOOLOID
};

static void
write_row(const char *sql, const Registration *registration)
{
	Datum		values[REGISTRATION_COLUMNS];
	char		nulls[REGISTRATION_COLUMNS];

	memset(nulls, ' ', sizeof(nulls));
	values[0] = ObjectIdGetDatum(registration->relid);
	values[1] = text_datum(registration->name, &nulls[1]);
	values[2] = name_datum(model_columns_declared(registration->key), &nulls[2]);
	values[3] = name_datum(registration->owner_column, &nulls[3]);
	values[4] = name_datum(registration->state_column, &nulls[4]);
	values[5] = texts_datum(registration->active_states, &nulls[5]);
	values[6] = text_datum(registration->inactive_state, &nulls[6]);
	values[7] = BoolGetDatum(registration->is_system);
	values[8] = BoolGetDatum(registration->default_owner);
	ddl_catalog(sql, REGISTRATION_COLUMNS, column_types, values, nulls);
}

void
ddl_registration_insert(const Registration *registration)
{
	write_row("INSERT INTO relmeta.registered_table (relation, name, key_column, owner_column, state_column,"
			  " active_states, inactive_state, is_system, default_owner)"
			  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)", registration);
}

void
ddl_registration_update(const Registration *registration)
{
	write_row("UPDATE relmeta.registered_table SET name = $2, key_column = $3, owner_column = $4,"
			  " state_column = $5, active_states = $6, inactive_state = $7, is_system = $8, default_owner = $9"
			  " WHERE relation OPERATOR(pg_catalog.=) $1::pg_catalog.oid", registration);
}

void
ddl_registration_delete(Oid relid)
{
	Oid			types[] = {REGCLASSOID};
	Datum		values[] = {ObjectIdGetDatum(relid)};

	ddl_catalog("DELETE FROM relmeta.registered_table"
				" WHERE relation OPERATOR(pg_catalog.=) $1::pg_catalog.oid", 1, types, values, NULL);
}

void
ddl_registration_control(const Registration *registration)
{
	Oid			types[] = {REGCLASSOID, BOOLOID, BOOLOID, INT4OID, NAMEOID};
	char		nulls[] = {' ', ' ', ' ', ' ', ' '};
	Datum		values[] = {ObjectIdGetDatum(registration->relid), BoolGetDatum(registration->access_control),
		BoolGetDatum(registration->force_access_control), Int32GetDatum(registration->everyone),
	name_datum(registration->owner_index, &nulls[4])};

	ddl_catalog("UPDATE relmeta.registered_table SET access_control = $2, force_access_control = $3, everyone = $4,"
				" owner_index = $5 WHERE relation OPERATOR(pg_catalog.=) $1::pg_catalog.oid", 5, types, values, nulls);
}

void
ddl_registration_index_dropped(Oid schema, const char *index)
{
	Oid			types[] = {OIDOID, NAMEOID};
	Datum		values[] = {ObjectIdGetDatum(schema), DirectFunctionCall1(namein, CStringGetDatum(index))};

	/* whoever drops an index of his own keeps no lock of ours */
	if (ddl_rows_exist("SELECT FROM relmeta.registered_table WHERE owner_index = $2", 2, types, values))
		ddl_catalog("UPDATE relmeta.registered_table SET owner_index = NULL WHERE owner_index = $2"
					" AND EXISTS (SELECT FROM pg_class AS c WHERE c.oid = relation AND c.relnamespace = $1)",
					2, types, values, NULL);
}

static bool
name_is_taken(const char *name)
{
	Oid			types[] = {TEXTOID};
	Datum		values[] = {CStringGetTextDatum(name)};

	return ddl_rows_exist("SELECT FROM relmeta.registered_table WHERE name OPERATOR(pg_catalog.=) $1",
						  1, types, values);
}

char *
ddl_registration_new_name(Oid relid)
{
	char	   *base = psprintf("%s.%s", get_namespace_name(get_rel_namespace(relid)), get_rel_name(relid));
	char	   *name = base;

	for (int i = 1; name_is_taken(name); i++)
		name = psprintf("%s_%d", base, i);
	return name;
}
