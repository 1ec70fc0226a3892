/*
 * cascade.h
 *		What happens to rows: triggers collect, statement ends flush.
 *
 * Triggers on a registered table T, recognised by function and tgargs[0] =
 * T's stable name (ddl/trigger.c makes them, verify() checks them):
 *
 *	trigger_statement_starts	BEFORE INSERT OR UPDATE OR DELETE, statement; T and every partition
 *	trigger_row_changed			AFTER INSERT, row   (collect_wants_insert(T))
 *	trigger_row_changed			AFTER UPDATE, row, WHEN a watched column IS DISTINCT FROM itself before
 *								(without WHEN: collect_watches_all(T))
 *	trigger_row_changed			AFTER DELETE, row   (collect_wants_delete(T))
 *	trigger_statement_ends		AFTER INSERT OR UPDATE OR DELETE, statement; T and every partition
 *	trigger_truncate_starts		BEFORE TRUNCATE, statement; T and every partition
 *	trigger_truncate_ends		AFTER TRUNCATE, statement; T and every partition
 *
 * Row triggers on a partitioned table are cloned to its partitions by
 * PostgreSQL; statement triggers are not, so they stand on each.
 */
#ifndef RELMETA_CASCADE_H
#define RELMETA_CASCADE_H

#include "model/model.h"

/* ---- flush.c ---- */
extern void cascade_flush_init(void);	/* from _PG_init: the built-in steps,
										 * before anybody adds another */

/* ---- partition.c: rows that leave or enter with a partition, SEMANTICS 3.5 ---- */

struct RowList;

/* The keys of a partition's rows that is about to leave or has just left; NULL: nobody will ask for them. */
extern struct RowList *cascade_partition_keys(Model *model, ModelTable *table, Oid relid);

/*
 * A partition has left: what is held on its rows goes; a NOTICE counts direct grants.  23503 when guarded lookups
 * point to them (refuse).  keys NULL: they are not known, then whatever is not there has left.  Opens SPI.
 */
extern void cascade_partition_left(Model *model, ModelTable *table, const char *partition, struct RowList *keys,
								   bool refuse);

/* A partition is there with its rows: they are inserted.  Opens SPI. */
extern void cascade_partition_entered(Model *model, ModelTable *table, Oid relid);

/* ---- loop.c: SEMANTICS 3.8 ---- */

/*
 * Checks all rows of a self-referencing relationship; 23514 naming no key when
 * a row stands below itself.  Called when one is made or changed.  Opens SPI.
 */
extern void cascade_check_loops(ModelRelationship *relationship);

#endif							/* RELMETA_CASCADE_H */
