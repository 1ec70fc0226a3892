/*
 * alter.c
 *		ALTER TABLE: what it must not do to tables that relmeta knows, and what
 *		follows from what it did.
 *
 * It is refused when it is done, which undoes it.  What dropped something is
 * looked at in drop.c.  Nothing is asked of a statement of relmeta's own
 * (ddl_is_running), nor of a restore's, which only adds: constraints, indexes,
 * triggers, partitions.
 */
#include "ddl/event/event.h"
#include "ddl/intersect/intersect.h"
#include "ddl/relationship.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "model/key.h"
#include "parser/parse_coerce.h"
#include "tcop/deparse_utility.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* ---- intersect tables ---- */

static void
refuse_intersect_change(ModelIntersect *intersect, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot %s intersect table \"%s\" of relationship \"%s\"",
					what, get_rel_name(intersect->relid), intersect->name),
			 errhint("Call relmeta.alter_many_to_many(%s, add_attributes => ..., drop_attributes => ...).",
					 quote_literal_cstr(intersect->name))));
}

/* What changes the structure; IF [NOT] EXISTS that did nothing has no address. */
static void
check_intersect(ModelIntersect *intersect, CollectedATSubcmd * subcommand)
{
	switch (relmeta_alter_subtype((AlterTableCmd *) subcommand->parsetree))
	{
		case AT_AddColumn:
			if (OidIsValid(subcommand->address.objectId))
				refuse_intersect_change(intersect, "add a column to");
			break;
		case AT_DropColumn:
			if (OidIsValid(subcommand->address.objectId))
				refuse_intersect_change(intersect, "drop a column of");
			break;
		case AT_AlterColumnType:
			refuse_intersect_change(intersect, "change the type of a column of");
			break;
		case AT_DropNotNull:
			if (ddl_intersect_keys_problem(intersect))
				refuse_intersect_change(intersect, "allow null in a key of");
			break;
		case AT_AddInherit:
		case AT_AddOf:
			refuse_intersect_change(intersect, "change the structure of");
			break;
		default:
			break;
	}
}

/* ---- registered tables ---- */

static void
refuse_unlogged(Oid relid)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("table \"%s\" cannot be unlogged: it is registered", get_rel_name(relid)),
			 errhint("Call relmeta.unregister_table() first.")));
}

/* Rows of a registered child would be seen in its parent, and changed there, without its triggers. */
static void
refuse_child(Oid relid)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("table \"%s\" cannot inherit from another table: it is registered", get_rel_name(relid)),
			 errhint("Call relmeta.unregister_table(%s) first.", quote_literal_cstr(ddl_table_name(relid)))));
}

static bool
is_column(ModelColumn *column, const char *name)
{
	return column->name && strcmp(column->name, name) == 0;
}

static bool
same_values(Oid a, Oid b)
{
	a = getBaseType(a);
	b = getBaseType(b);
	return a == b || (IsBinaryCoercible(a, b) && IsBinaryCoercible(b, a));
}

static bool
lookup_agrees(ModelRelationship *r)
{
	return r->broken != NULL || same_values(model_lookup_type(r)->type, model_key_type(r->primary)->type);
}

/* The entry table's columns have the types of key and owner. */
static bool
entries_agree(ModelTable *table)
{
	Oid			entries = table->entry_relid;

	if (!OidIsValid(entries) || get_rel_name(entries) == NULL)
		return true;
	return same_values(get_atttype(entries, get_attnum(entries, "object")), model_key_type(table)->type) &&
		(table->owner.name == NULL ||
		 same_values(get_atttype(entries, get_attnum(entries, "principal")), table->owner.type.type));
}

static void
refuse_retyping(ModelTable *table, const char *column)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot change the type of column \"%s\" of table \"%s\" alone: it is registered",
					column, get_rel_name(table->relid)),
			 errhint("Call relmeta.alter_column_type(%s, %s, ...), which changes the columns that belong together.",
					 quote_literal_cstr(table->sql_name), quote_literal_cstr(column))));
}

/* Whether keys and lookups, owners and entries are still of one type. */
static void
check_types(ModelTable *table, const char *column)
{
	bool		agree = table->broken == NULL && entries_agree(table);
	ListCell   *lc;

	foreach(lc, model_as_primary(table))
		agree = agree && lookup_agrees(lfirst(lc));
	foreach(lc, model_as_related(table))
		agree = agree && lookup_agrees(lfirst(lc));
	if (!agree)
		refuse_retyping(table, column);
}

/* Whether the registration, or a relationship, names the column. */
static bool
is_declared(ModelTable *table, const char *column)
{
	ListCell   *lc;

	if (model_key_has_column(table, column) || is_column(&table->owner, column) || is_column(&table->state, column))
		return true;
	foreach(lc, model_as_related(table))
	{
		ModelRelationship *r = lfirst(lc);

		if (model_columns_have(&r->lookup, column) || is_column(&r->type_column, column))
			return true;
	}
	return false;
}

static void
check_retyped(Oid root, const char *column)
{
	ModelTable *table = model_table(ddl_model(), root);

	if (is_declared(table, column))
		check_types(table, column);
}

/* A registered table has triggers, of names that the partitioned table's may have too. */
static void
check_attachable(RangeVar *name)
{
	Oid			relid = name ? RangeVarGetRelid(name, NoLock, true) : InvalidOid;

	if (OidIsValid(relid) && (model_known(relid) & KNOWN_REGISTERED))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("\"%s\" cannot become a partition: it is registered", get_rel_name(relid)),
				 errhint("Call relmeta.unregister_table(%s) first.", quote_literal_cstr(ddl_table_name(relid)))));
	if (OidIsValid(relid) && (model_known(relid) & KNOWN_SOURCE))
		ddl_event_refuse_source(relid, "become a partition");
}

void
ddl_event_alter_table_starts(AlterTableStmt * stmt)
{
	Oid			root = InvalidOid;
	ListCell   *lc;

	foreach(lc, stmt->cmds)
	{
		AlterTableCmd *cmd = lfirst_node(AlterTableCmd, lc);
		ModelTable *table;
		Oid			relid;

		if (cmd->subtype == AT_AttachPartition)
			check_attachable(((PartitionCmd *) cmd->def)->name);
		if (cmd->subtype == AT_DetachPartition)
			ddl_event_detach_starts(RangeVarGetRelid(stmt->relation, NoLock, true), (PartitionCmd *) cmd->def);
		if (cmd->subtype != AT_AlterColumnType)
			continue;
		relid = RangeVarGetRelid(stmt->relation, NoLock, true);
		if (!OidIsValid(root) && OidIsValid(relid))
			root = ddl_event_registered_root(relid);
		if (!OidIsValid(root))
			return;
		table = model_table(ddl_model(), root);
		if (table && is_declared(table, cmd->name) && !is_column(&table->state, cmd->name) &&
			relmeta_owns_relation(root, GetUserId()))
			refuse_retyping(table, cmd->name);
	}
}

static void
check_registered(Oid relid, Oid root, CollectedATSubcmd * subcommand)
{
	AlterTableCmd *cmd = (AlterTableCmd *) subcommand->parsetree;

	switch (relmeta_alter_subtype(cmd))
	{
		case AT_SetUnLogged:
			refuse_unlogged(relid);
			break;
		case AT_AddInherit:
			refuse_child(relid);
			break;
		case AT_AlterColumnType:
			check_retyped(root, cmd->name);
			break;
		default:
			break;
	}
}

/* ---- disabled triggers ---- */

static bool
disables_triggers(AlterTableCmd *cmd)
{
	switch (relmeta_alter_subtype(cmd))
	{
		case AT_DisableTrig:
		case AT_DisableTrigAll:
		case AT_DisableTrigUser:
		case AT_EnableReplicaTrig:
			return true;
		default:
			return false;
	}
}

static void
warn_disabled(Oid relid, List *problems)
{
	ListCell   *lc;

	foreach(lc, problems)
	{
		DdlTriggerProblem *problem = lfirst(lc);

		if (problem->relid == relid && problem->is_disabled)
		{
			ereport(WARNING,
					(errmsg("triggers of relmeta are disabled on table \"%s\"", get_rel_name(relid)),
					 errdetail("Changes of its rows that are made meanwhile have no effect on related rows, "
							   "and lookups are not checked."),
					 errhint("Use ALTER TABLE %s ENABLE TRIGGER ... and then call relmeta.verify().",
							 ddl_table_name(relid))));
			return;
		}
	}
}

static void
triggers_disabled(Oid relid, Oid root)
{
	ModelIntersect *intersect = ddl_event_intersect(relid, false);

	if (OidIsValid(root))
	{
		ModelTable *table = model_table(ddl_model(), root);

		if (table->broken == NULL)
			warn_disabled(relid, ddl_triggers_problems(table));
	}
	if (intersect && intersect->broken == NULL)
		warn_disabled(relid, ddl_intersect_triggers_problems(intersect));
}

/*
 * A data-only restore disables all triggers of a table and enables them again,
 * which takes ENABLE ALWAYS from those on relmeta's own tables.
 */
static void
catalog_triggers_enabled(Oid relid)
{
	if (get_rel_namespace(relid) != relmeta_schema_oid() ||
		!OidIsValid(get_trigger_oid(relid, "relmeta_changed", true)))
		return;
	ddl_run("ALTER TABLE %s ENABLE ALWAYS TRIGGER relmeta_changed", ddl_table_name(relid));
	model_invalidate();			/* nobody was told of the rows that came
								 * meanwhile */
}

/* ---- what follows ---- */

/* As a partition its columns would be another table's. */
static void
check_attached(Oid relid)
{
	ModelIntersect *intersect = ddl_event_intersect(relid, false);

	if (intersect)
		refuse_intersect_change(intersect, "change the structure of");
}

/* The table that ATTACH and DETACH PARTITION name: PostgreSQL does not tell its OID. */
static Oid
partition_named(AlterTableCmd *cmd)
{
	return RangeVarGetRelid(((PartitionCmd *) cmd->def)->name, NoLock, true);
}

static void
follow(Oid relid, CollectedATSubcmd * subcommand)
{
	AlterTableCmd *cmd = (AlterTableCmd *) subcommand->parsetree;

	switch (relmeta_alter_subtype(cmd))
	{
		case AT_AttachPartition:
			check_attached(partition_named(cmd));
			ddl_event_partition_attached(partition_named(cmd));
			break;
		case AT_DetachPartition:
		case AT_DetachPartitionFinalize:
			ddl_event_partition_detached(relid, partition_named(cmd),
										 relmeta_alter_subtype(cmd) == AT_DetachPartitionFinalize ||
										 ((PartitionCmd *) cmd->def)->concurrent);
			break;
		case AT_AddInherit:
			ddl_event_check_parents(relid);
			break;
		case AT_AddIndex:
		case AT_AddIndexConstraint:
		case AT_SetLogged:
			ddl_event_table_named(relid);
			break;
		case AT_EnableTrigAll:
		case AT_EnableTrigUser:
			catalog_triggers_enabled(relid);
			break;
		default:
			break;
	}
}

void
ddl_event_table_altered(Oid relid, List *subcommands)
{
	Oid			root = ddl_event_registered_root(relid);
	ModelIntersect *intersect = ddl_event_intersect(relid, false);
	bool		is_source = OidIsValid(ddl_source_root(relid));
	bool		disabled = false;
	ListCell   *lc;

	if (get_rel_name(relid) == NULL)
		return;
	foreach(lc, subcommands)
	{
		CollectedATSubcmd *subcommand = lfirst(lc);

		if (intersect && !ddl_is_running())
			check_intersect(intersect, subcommand);
		if (OidIsValid(root) && !ddl_is_running())
			check_registered(relid, root, subcommand);
		if (is_source && !ddl_is_running())
			ddl_event_source_altered(relid, (AlterTableCmd *) subcommand->parsetree);
		disabled = disabled || disables_triggers((AlterTableCmd *) subcommand->parsetree);
		follow(relid, subcommand);
	}
	if (disabled)
		triggers_disabled(relid, root);
}
