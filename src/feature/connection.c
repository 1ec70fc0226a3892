/*
 * connection.c
 *		connect(), update_connection(), disconnect().  SEMANTICS 2.7, 3.11.
 *
 * A connection holds both its rows FOR KEY SHARE until it is committed: who deletes one, or changes its key,
 * waits and then finds it.
 *
 * EXAMPLE.  Roles Buyer and Seller match.  connect('account', 6, 'contact', 60, 'Buyer') stores one row, with Seller
 * filled in for the contact: connections('account', 6) says Buyer, contact 60, Seller; connections('contact', 60) says
 * Seller, account 6, Buyer.
 */
#include "relmeta.h"

#include "access/access.h"
#include "access/statement.h"
#include "catalog/pg_type.h"
#include "ddl/ddl.h"
#include "executor/spi.h"
#include "feature/catalog.h"
#include "feature/connection.h"
#include "model/key.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/date.h"

PG_FUNCTION_INFO_V1(relmeta_connect);
PG_FUNCTION_INFO_V1(relmeta_update_connection);
PG_FUNCTION_INFO_V1(relmeta_disconnect);

/* what a connection says, in the order of the arguments */
enum
{
	SAYS_ROLE1,
	SAYS_ROLE2,
	SAYS_START,
	SAYS_END,
	SAYS_DESCRIPTION,
	SAYS
};

static const char *const names[SAYS] = {"role1", "role2", "effective_start", "effective_end", "description"};

/* a row of relmeta.connection */
typedef struct Connection
{
	int64		id;
	ConnectionEnd ends[2];
	Datum		says[SAYS];		/* roles: their numbers */
	bool		nulls[SAYS];
} Connection;

/* ---- what both check ---- */

static void
check_different(ConnectionEnd *ends)
{
	if (ends[0].table->relid == ends[1].table->relid &&
		model_key_equal(ends[0].table, ends[0].key, ends[1].key))
		ereport(ERROR,
				(errcode(ERRCODE_CHECK_VIOLATION),
				 errmsg("a row of table \"%s\" cannot be connected with itself",
						relmeta_relation_name(ends[0].table->relid)),
				 errhint("Name two rows.")));
}

static void
check_period(Connection *c)
{
	if (!c->nulls[SAYS_START] && !c->nulls[SAYS_END] &&
		DatumGetDateADT(c->says[SAYS_END]) < DatumGetDateADT(c->says[SAYS_START]))
		ereport(ERROR,
				(errcode(ERRCODE_CHECK_VIOLATION),
				 errmsg("a connection cannot end before it starts"),
				 errhint("Pass an effective_end that is not before effective_start.")));
}

static void
set_role(Connection *c, int i, ConnectionRole role)
{
	c->says[SAYS_ROLE1 + i] = Int32GetDatum(role.id);
	c->nulls[SAYS_ROLE1 + i] = role.id == 0;
}

/* ---- connect ---- */

/* arguments: two ends of two, then what it says */
#define ARG_SAYS 4

/* The tables of both ends, in a model pinned to CurrentMemoryContext, and the keys asked for. */
static void
read_ends(FunctionCallInfo fcinfo, ConnectionEnd *ends)
{
	Model	   *model = ddl_model();
	int			first = PG_ARGISNULL(0) || PG_ARGISNULL(2) || PG_GETARG_OID(0) <= PG_GETARG_OID(2) ? 0 : 1;

	for (int i = 0; i < 2; i++)
	{
		relmeta_argument_required(fcinfo, 2 * i);
		relmeta_argument_required(fcinfo, 2 * i + 1);
		ends[i].table = model_table_required(model, PG_GETARG_OID(2 * i));
		feature_connection_check_table(ends[i].table);
	}
	/* who unregisters one waits, and takes the connection along */
	LockRelationOid(PG_GETARG_OID(2 * first), RowExclusiveLock);
	LockRelationOid(PG_GETARG_OID(2 * (1 - first)), RowExclusiveLock);
	model = ddl_model();
	for (int i = 0; i < 2; i++)
	{
		ends[i].table = model_table_required(model, PG_GETARG_OID(2 * i));
		ends[i].key = model_key_argument(fcinfo, 2 * i + 1, ends[i].table);
	}
}

/* The roles given; where one is and the other is not, the match that was made first. */
static void
read_roles(FunctionCallInfo fcinfo, Connection *c)
{
	ConnectionRole roles[2] = {{0}};

	for (int i = 0; i < 2; i++)
		if (!PG_ARGISNULL(ARG_SAYS + i))
			roles[i] = feature_connection_role(text_to_cstring(PG_GETARG_TEXT_PP(ARG_SAYS + i)), c->ends[i].table);
	for (int i = 0; i < 2; i++)
		if (roles[i].id == 0 && roles[1 - i].id != 0)
			roles[i] = feature_connection_first_match(roles[1 - i], c->ends[i].table);
	feature_connection_check_match(roles[0], roles[1]);
	for (int i = 0; i < 2; i++)
		set_role(c, i, roles[i]);
}

/* SPI is connected. */
static int64
next_id(void)
{
	bool		isnull;

	feature_catalog_read("SELECT nextval('relmeta.connection_connection_id_seq'::regclass)", 0, NULL, NULL, false);
	return DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
}

static void
insert_connection(Connection *c)
{
	Oid			types[SAYS + 5] = {INT4OID, INT4OID, DATEOID, DATEOID, TEXTOID, INT8OID, REGCLASSOID, TEXTOID,
	REGCLASSOID, TEXTOID};
	Datum		values[SAYS + 5];
	char		nulls[SAYS + 5];

	memset(nulls, ' ', sizeof(nulls));
	for (int i = 0; i < SAYS; i++)
	{
		values[i] = c->says[i];
		nulls[i] = c->nulls[i] ? 'n' : ' ';
	}
	values[SAYS] = Int64GetDatum(c->id);
	for (int i = 0; i < 2; i++)
	{
		values[SAYS + 1 + 2 * i] = ObjectIdGetDatum(c->ends[i].table->relid);
		values[SAYS + 2 + 2 * i] = CStringGetTextDatum(feature_key_text_of(c->ends[i].table, c->ends[i].key));
	}
	feature_catalog_change("INSERT INTO relmeta.connection (role1, role2, effective_start, effective_end, description,"
						   " connection_id, relation1, key1, relation2, key2)"
						   " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)", lengthof(types), types, values, nulls);
}

static Datum
connect_rows(PG_FUNCTION_ARGS)
{
	Connection	c = {0};

	relmeta_prevent_if_read_only(fcinfo);
	read_ends(fcinfo, c.ends);
	for (int i = SAYS_START; i < SAYS; i++)
	{
		c.says[i] = PG_GETARG_DATUM(ARG_SAYS + i);
		c.nulls[i] = PG_ARGISNULL(ARG_SAYS + i);
	}
	check_period(&c);
	check_different(c.ends);
	read_roles(fcinfo, &c);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	feature_connection_lock_ends(c.ends);
	feature_connection_note_table(c.ends[0].table->relid <= c.ends[1].table->relid ? c.ends[0].table : c.ends[1].table);
	feature_connection_note_table(c.ends[0].table->relid <= c.ends[1].table->relid ? c.ends[1].table : c.ends[0].table);
	c.id = next_id();
	insert_connection(&c);
	SPI_finish();
	PG_RETURN_INT64(c.id);
}

Datum
relmeta_connect(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, connect_rows);
}

/* ---- one that is there ---- */

static void
refuse_missing(int64 id)
{
	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND),
			 errmsg("there is no connection " INT64_FORMAT " that you may read", id),
			 errhint("Call relmeta.connections() for those of a row.")));
}

/* One end of the row that a query has given, in column column and the next. */
static void
read_end(Connection *c, Model *model, HeapTuple tuple, TupleDesc desc, int i, int column)
{
	ConnectionEnd *end = &c->ends[i];
	char	   *key = SPI_getvalue(tuple, desc, column + 1);
	bool		isnull;
	int			level = feature_keys_begin();

	end->table = model_table_required(model, DatumGetObjectId(SPI_getbinval(tuple, desc, column, &isnull)));
	if (!model_type_input_safe(model_key_type(end->table), key, &end->key))
		refuse_missing(c->id);
	feature_keys_end(level);
}

/* The connection, locked; P0002 for one that the caller may not read, 42501 for one that he may not change. */
static void
read_connection(FunctionCallInfo fcinfo, Connection *c)
{
	Oid			type = INT8OID;
	Datum		value;
	Model	   *model = ddl_model();

	relmeta_prevent_if_read_only(fcinfo);
	relmeta_argument_required(fcinfo, 0);
	c->id = PG_GETARG_INT64(0);
	value = Int64GetDatum(c->id);
	if (feature_catalog_read("SELECT relation1, key1, relation2, key2, role1, role2, effective_start, effective_end,"
							 " description FROM relmeta.connection WHERE connection_id = $1",
							 1, &type, &value, true) == 0)
		refuse_missing(c->id);
	for (int i = 0; i < 2; i++)
		read_end(c, model, SPI_tuptable->vals[0], SPI_tuptable->tupdesc, i, 1 + 2 * i);
	for (int i = 0; i < SAYS; i++)
		c->says[i] = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 5 + i, &c->nulls[i]);
}

static void
check_connection(Connection *c)
{
	for (int i = 0; i < 2; i++)
	{
		bool	   *readable = feature_readable(c->ends[i].table, &c->ends[i].key, 1, false);

		if (readable == NULL || !readable[0])
			refuse_missing(c->id);
	}
	for (int i = 0; i < 2; i++)
		feature_connection_check_end(&c->ends[i], true);
}

/* Whoever changes or ends it at the same time is waited for; P0002 when it has gone. */
static void
lock_connection(FunctionCallInfo fcinfo, Connection *c)
{
	Oid			type = INT8OID;
	Datum		value;

	read_connection(fcinfo, c);
	check_connection(c);
	value = Int64GetDatum(c->id);
	if (feature_catalog_change("SELECT FROM relmeta.connection WHERE connection_id = $1 FOR UPDATE", 1, &type, &value,
							   NULL) == 0)
		refuse_missing(c->id);
	read_connection(fcinfo, c);
	check_connection(c);
}

/* ---- update_connection ---- */

/* Which of the five are to be cleared. */
static void
read_clear(FunctionCallInfo fcinfo, bool *clear)
{
	ListCell   *lc;

	foreach(lc, relmeta_argument_names(fcinfo, 1 + SAYS))
	{
		int			i = 0;

		while (i < SAYS && strcmp(names[i], lfirst(lc)) != 0)
			i++;
		if (i == SAYS)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("a connection has no \"%s\" to clear", (char *) lfirst(lc)),
					 errhint("Clear role1, role2, effective_start, effective_end or description.")));
		if (!PG_ARGISNULL(1 + i))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("%s is both given and cleared", names[i]),
					 errhint("Do one of both.")));
		clear[i] = true;
	}
}

static bool
is_empty_text(Datum value)
{
	return VARSIZE_ANY_EXHDR(DatumGetPointer(value)) == 0;
}

/* What is given takes the place of what was said; roles are looked at when one of them is. */
static void
change(FunctionCallInfo fcinfo, Connection *c)
{
	ConnectionRole roles[2] = {{0}};

	for (int i = 0; i < SAYS; i++)
	{
		if (PG_ARGISNULL(1 + i))
			continue;
		c->says[i] = PG_GETARG_DATUM(1 + i);
		c->nulls[i] = false;
		if (i == SAYS_START || i == SAYS_END)
			continue;
		c->says[i] = PointerGetDatum(PG_GETARG_TEXT_PP(1 + i));
		c->nulls[i] = is_empty_text(c->says[i]);
		if (i == SAYS_DESCRIPTION || c->nulls[i])
			continue;
		roles[i] = feature_connection_role(TextDatumGetCString(c->says[i]), c->ends[i].table);
		set_role(c, i, roles[i]);
	}
	if (roles[0].id == 0 && roles[1].id == 0)
		return;
	for (int i = 0; i < 2; i++)
		if (roles[i].id == 0 && !c->nulls[SAYS_ROLE1 + i])
			roles[i] = feature_connection_role_named(DatumGetInt32(c->says[SAYS_ROLE1 + i]));
	feature_connection_check_match(roles[0], roles[1]);
}

static Datum
update_connection(PG_FUNCTION_ARGS)
{
	Connection	c = {0};
	bool		clear[SAYS] = {false};
	Oid			types[SAYS + 1] = {INT4OID, INT4OID, DATEOID, DATEOID, TEXTOID, INT8OID};
	Datum		values[SAYS + 1];
	char		nulls[SAYS + 1];

	read_clear(fcinfo, clear);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	lock_connection(fcinfo, &c);
	for (int i = 0; i < SAYS; i++)
		c.nulls[i] |= clear[i];
	change(fcinfo, &c);
	check_period(&c);
	for (int i = 0; i < SAYS; i++)
	{
		values[i] = c.says[i];
		nulls[i] = c.nulls[i] ? 'n' : ' ';
	}
	values[SAYS] = Int64GetDatum(c.id);
	nulls[SAYS] = ' ';
	feature_catalog_change("UPDATE relmeta.connection SET role1 = $1, role2 = $2, effective_start = $3,"
						   " effective_end = $4, description = $5 WHERE connection_id = $6",
						   lengthof(types), types, values, nulls);
	SPI_finish();
	PG_RETURN_VOID();
}

Datum
relmeta_update_connection(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, update_connection);
}

/* ---- disconnect ---- */

static Datum
disconnect(PG_FUNCTION_ARGS)
{
	Connection	c = {0};
	Oid			type = INT8OID;
	Datum		value;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	lock_connection(fcinfo, &c);
	value = Int64GetDatum(c.id);
	feature_catalog_change("DELETE FROM relmeta.connection WHERE connection_id = $1", 1, &type, &value, NULL);
	SPI_finish();
	PG_RETURN_VOID();
}

Datum
relmeta_disconnect(PG_FUNCTION_ARGS)
{
	return access_as_statement(fcinfo, disconnect);
}
