/*
 * source.c
 *		What must not happen to tables given to register_principals and
 *		register_memberships, nor to their partitions.
 *
 *	rules, inheritance, UNLOGGED	as registration refuses them
 *	a type, or an expression, that gives a column other values	triggers see no such change
 *
 * A restore's statements only add, and pass.
 */
#include "ddl/event/event.h"

#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "model/source.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

void
ddl_event_refuse_source(Oid relid, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("table \"%s\" cannot %s: principals or memberships come from it", get_rel_name(relid), what),
			 errdetail("Triggers of relmeta would not see what becomes of its rows."),
			 errhint("It was given to relmeta.register_principals() or relmeta.register_memberships(); use an ordinary"
					 " or a partitioned table.")));
}

void
ddl_event_check_source_partition(Oid relid)
{
	ListCell   *lc;

	foreach(lc, find_all_inheritors(relid, NoLock, NULL))
	{
		if (get_rel_relkind(lfirst_oid(lc)) == RELKIND_FOREIGN_TABLE)
			ddl_event_refuse_source(ddl_source_root(relid), "have a partition that is a foreign table");
		if (get_rel_persistence(lfirst_oid(lc)) == RELPERSISTENCE_UNLOGGED)
			ddl_event_refuse_source(ddl_source_root(relid), "have a partition that is unlogged");
	}
}

/* Whether keys, teams or members are read from the column. */
static bool
names_principals(Oid relid, const char *column)
{
	Oid			types[] = {REGCLASSOID, NAMEOID};
	Datum		values[] = {ObjectIdGetDatum(relid), DirectFunctionCall1(namein, CStringGetDatum(column))};

	return ddl_rows_exist("SELECT FROM relmeta.principal_source AS s JOIN pg_attribute AS a ON a.attrelid = s.relation"
						  " WHERE s.relation = $1 AND a.attname = $2"
						  " AND ($2 IN (s.team_column, s.member_column) OR (s.kind IS NOT NULL AND EXISTS"
						  "   (SELECT FROM pg_index AS i WHERE i.indrelid = s.relation AND i.indisprimary"
						  "      AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1]))))",
						  2, types, values);
}

/* 0A000 unless all names that rows said are those that they say now. */
static void
check_names(Oid relid, const char *column)
{
	SourceCount counts[DRIFT_KINDS];

	model_source_drift(relid, counts);
	for (int kind = 0; kind < DRIFT_NOBODY; kind++)
	{
		if (counts[kind].count > 0)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("cannot change column \"%s\" of table \"%s\": it names principals, which would have other"
							" names", column, get_rel_name(relid)),
					 errdetail("What rows say and what is recorded would differ: %s.", counts[kind].example),
					 errhint("Change the type without changing the text of its values, and values by UPDATE;"
							 " relmeta.verify() tells whether the two differ already.")));
	}
}

void
ddl_event_source_altered(Oid relid, AlterTableCmd *cmd)
{
	switch (relmeta_alter_subtype(cmd))
	{
		case AT_SetUnLogged:
			ddl_event_refuse_source(relid, "be unlogged");
			break;
		case AT_AddInherit:
			ddl_event_refuse_source(relid, "inherit from another table");
			break;
		default:
			break;
	}
	if (relmeta_alter_sets_values(cmd) && names_principals(relid, cmd->name))
		check_names(relid, cmd->name);
}
