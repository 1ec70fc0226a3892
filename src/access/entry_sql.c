/*
 * entry_sql.c
 *		Statements about entry tables, and names in their schema; see entry_table.h.
 *
 * Two sessions may make a table at the same time, of two tables of the same name, say, and neither holds more than
 * relmeta's row of its table.  So a name is locked before it is used, and one that is locked is as good as taken:
 * nobody waits for a stranger.
 */
#include "relmeta.h"

#include "access/entry_table.h"
#include "catalog/namespace.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"

void
access_run(const char *sql, int expected, int nargs, Oid *types, Datum *values)
{
	int			result = SPI_execute_with_args(sql, nargs, types, values, NULL, false, 0);

	if (result != expected)
		elog(ERROR, "SPI_execute_with_args returned %s for %s", SPI_result_code_string(result), sql);
}

Datum
access_run_array(Oid relid, const char *sql, int nargs, Oid type, Datum argument)
{
	ActingAs	saved = relmeta_act_begin_on(relid, AccessShareLock, ACT_RESTRICTED);
	bool		isnull;
	Datum		array;

	access_run(sql, SPI_OK_SELECT, nargs, &type, &argument);
	relmeta_act_end(saved);
	if (SPI_processed != 1)
		elog(ERROR, UINT64_FORMAT " rows instead of one from %s", SPI_processed, sql);
	array = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	return isnull ? (Datum) 0 : SPI_datumTransfer(array, false, -1);
}

char *
access_name(const char *name)
{
	return quote_qualified_identifier(RELMETA_ACCESS_SCHEMA, name);
}

char *
access_clipped_name(const char *base, const char *tail)
{
	int			room = NAMEDATALEN - 1 - (int) strlen(tail);

	return psprintf("%.*s%s", pg_mbcliplen(base, (int) strlen(base), room), base, tail);
}

/* Nobody else uses the name before we commit; false when somebody is about to. */
static bool
lock_name(const char *name)
{
	uint32		hash = hash_bytes((const unsigned char *) name, (int) strlen(name));
	LOCKTAG		tag;

	/* an object of a class that has none: no lock of PostgreSQL's is like it */
	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, get_relname_relid("registered_table", relmeta_schema_oid()), hash, 1);
	if (LockAcquire(&tag, ExclusiveLock, false, true) == LOCKACQUIRE_NOT_AVAIL)
		return false;
	AcceptInvalidationMessages();
	return true;
}

char *
access_free_name(const char *base, const char *suffix)
{
	Oid			schema = get_namespace_oid(RELMETA_ACCESS_SCHEMA, false);

	for (int number = 0;; number++)
	{
		char	   *name = access_clipped_name(base, number == 0 ? suffix : psprintf("_%d%s", number, suffix));

		if (!OidIsValid(get_relname_relid(name, schema)) && lock_name(name) &&
			!OidIsValid(get_relname_relid(name, schema)))
			return name;
	}
}
