/*
 * match.h
 *		The one matching rule of a relationship (SEMANTICS 3, "matches"): does an action go from a primary row to a row?
 *
 *		lookup			the row points to the primary row
 *		type			and, by a multi-table lookup, its type column has this primary table's value
 *		behavior		all: nothing more; active: its state is an active one; user_owned: it and the primary row have
 *						the same owner, who is not null; else never
 *
 * As SQL text for whoever writes a plan, and in C for whoever has the rows in hand; nobody else says what matches.
 */
#ifndef ROWS_MATCH_H
#define ROWS_MATCH_H

#include "model/model.h"

#include "lib/stringinfo.h"

/* ---- in C, of a row that points to the primary row.  What is not asked for is not evaluated. ---- */

#define rows_matches(behavior, is_active, same_owner) \
	((behavior) == BEHAVIOR_ALL || \
	 ((behavior) == BEHAVIOR_ACTIVE && (is_active)) || \
	 ((behavior) == BEHAVIOR_USER_OWNED && (same_owner)))

/* Is a row of the table active that has this state?  Without a state column all are; a NULL state is not. */
extern bool rows_is_active(ModelTable *table, Datum state, bool isnull);

/* ---- as SQL ---- */

/* Adds ` AND c.type = 'value'` for a multi-table lookup, else nothing. */
extern void rows_plan_append_type(StringInfo sql, ModelRelationship *relationship, const char *alias);

/*
 * The condition that rows of a relationship's related table, c, point to a primary row ($1 a key) or to one of many
 * ($1 an array of keys):
 *
 *	WHERE c.lookup = $1 [AND c.type = 'account']
 *	WHERE c.lookup = ANY ($1) [AND c.type = 'account']
 *
 * PostgreSQL hashes an array that it plans for, and reads a large table in its own order; joined with unnest($1) it
 * hashes the table, and goes through that in the order of the keys.  Where the type has no hash function the array
 * would be searched from end to end for each row: from_keys(), which else is "", then gives intro and
 * `pg_catalog.unnest($1) AS k(key)` for the list of tables, and the condition is c.lookup = k.key.
 */
extern const char *rows_plan_from_keys(ModelRelationship *relationship, bool many, const char *intro);
extern void rows_plan_append_points_to(StringInfo sql, ModelRelationship *relationship, bool many);

/* Adds ` AND …` for behavior active (the row's state is active), else nothing. */
extern void rows_plan_append_active(StringInfo sql, ModelTable *table, const char *alias);

/*
 * Adds what a behavior that cascades asks of the row itself: ` AND (false OR c.state = '0')`, or
 * ` AND c.owner = primary_owner`, which is the primary row's owner in SQL; nothing for all.
 */
extern void rows_plan_append_behavior(StringInfo sql, ModelRelationship *relationship, ModelBehavior behavior,
									  const char *alias, const char *primary_owner);

#endif							/* ROWS_MATCH_H */
