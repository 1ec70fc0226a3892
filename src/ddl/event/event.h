/*
 * event.h
 *		What the event triggers' files share.  ARCHITECTURE §4.
 *
 * They look only at the objects of their event, by index probes (model_known),
 * and read a model only when one of them is relmeta's business.
 */
#ifndef DDL_EVENT_H
#define DDL_EVENT_H

#include "ddl/ddl.h"

#include "nodes/parsenodes.h"

/* ---- object.c ---- */

/* The registered table that relid is, or is a partition of; InvalidOid. */
extern Oid	ddl_event_registered_root(Oid relid);

/* The intersect table's relationship when relmeta made it, adopted ones too when asked for; else NULL. */
extern ModelIntersect *ddl_event_intersect(Oid relid, bool adopted_too);

/* ---- source.c: tables that principals or memberships come from ---- */

/* 0A000: 'table "relid" cannot <what>' */
extern void ddl_event_refuse_source(Oid relid, const char *what);

/* 0A000 for a partition of one that cannot be. */
extern void ddl_event_check_source_partition(Oid relid);

/* ALTER TABLE was done to one, or to a partition of one. */
extern void ddl_event_source_altered(Oid relid, AlterTableCmd *cmd);

/* ---- create.c: tables that came, or came under another name ---- */
extern void ddl_event_table_created(Oid relid);
extern void ddl_event_table_named(Oid relid);
extern void ddl_event_schema_named(Oid schema);
extern void ddl_event_rule_created(Oid rule);

/* 0A000 when a parent of a table that is no partition is registered. */
extern void ddl_event_check_parents(Oid relid);

/* ---- partition.c: partitions that come and that leave, with or without rows ---- */

/* A table became a partition, of whomever: triggers, or 0A000. */
extern void ddl_event_partition_came(Oid relid);

/* A table, or an index, was attached. */
extern void ddl_event_partition_attached(Oid relid);

/* Before ALTER TABLE relid DETACH: 0A000 when concurrently, of what relmeta knows but for intersect tables. */
extern void ddl_event_detach_starts(Oid relid, PartitionCmd * cmd);
extern void ddl_event_partition_detached(Oid parent, Oid relid, bool already);

/* Before DROP TABLE, which will need the keys of the rows. */
extern void ddl_event_drop_starts(DropStmt * stmt);

/* objects: of ddl_event_objects_dropped(), when what relmeta knew of them is gone */
extern void ddl_event_partitions_dropped(List *objects);

/* ---- alter.c: ALTER TABLE ---- */

/*
 * Before it is done: a column that a trigger watches PostgreSQL would refuse to
 * retype, with no word of alter_column_type().
 */
extern void ddl_event_alter_table_starts(AlterTableStmt * stmt);

/* subcommands is a list of CollectedATSubcmd */
extern void ddl_event_table_altered(Oid relid, List *subcommands);

/* ---- rename.c ---- */
extern void ddl_event_column_renamed(Oid relid, const char *old_name, const char *new_name);
extern void ddl_event_index_renamed(Oid index, const char *old_name, const char *new_name);

/* ---- type.c: ALTER TYPE ---- */
extern void ddl_event_enum_value_renamed(Oid type, const char *old_value, const char *new_value);
extern void ddl_event_attribute_renamed(Oid class, const char *old_name, const char *new_name);

/* ---- drop.c, drop_column.c ---- */

/* one row of pg_event_trigger_dropped_objects() that may matter */
typedef struct DroppedObject
{
	char	   *type;			/* "table", "table column", "table
								 * constraint", "trigger", "index" */
	bool		original;		/* the statement names it, or would drop it
								 * alone */
	Oid			relid;			/* of "table" and "table column" */
	List	   *names;			/* char *: schema, table, and the column's,
								 * constraint's or trigger's name; of an index
								 * schema and name */
} DroppedObject;

extern void ddl_event_objects_dropped(List *objects);

#endif							/* DDL_EVENT_H */
