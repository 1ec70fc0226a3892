/*
 * connection.h
 *		Connections: two rows, each with a role (SEMANTICS 3.11).
 *
 *	connection_role.c	roles, their tables and matches; whether roles fit
 *	connection.c		connect(), update_connection(), disconnect()
 *	connection_end.c	one end of a connection: its row, and what the caller may do there
 *	connection_list.c	connections()
 *	connection_follow.c	whether a table has connections; what of them follows rows, and moves in a merge
 */
#ifndef RELMETA_FEATURE_CONNECTION_H
#define RELMETA_FEATURE_CONNECTION_H

#include "feature/feature.h"

/* ---- connection_role.c ---- */

/* the role of one end; id 0: none */
typedef struct ConnectionRole
{
	int			id;
	const char *name;
} ConnectionRole;

/* The role of that name for an end in the table; 22023 for none, or one that cannot be used there. */
extern ConnectionRole feature_connection_role(const char *name, ModelTable *table);

/* The role of that number. */
extern ConnectionRole feature_connection_role_named(int id);

/* 22023 unless the two go together; of none, or one alone, nothing is asked. */
extern void feature_connection_check_match(ConnectionRole a, ConnectionRole b);

/* The match that was made first and fits the table; id 0: there is none. */
extern ConnectionRole feature_connection_first_match(ConnectionRole given, ModelTable *table);

/* ---- connection_end.c ---- */

typedef struct ConnectionEnd
{
	ModelTable *table;
	Datum		key;			/* as the row has it, once it is locked */
} ConnectionEnd;

/* 42501 unless the caller may select from the table. */
extern void feature_connection_check_table(ModelTable *table);

/* Locks both rows, so that they and their keys stay, and sets the keys as they have them; P0002, 42501 for none. */
extern void feature_connection_lock_ends(ConnectionEnd *ends);

/* 42501 unless the caller may connect the row; P0002 for one that he may not read, unless that is known. */
extern void feature_connection_check_end(ConnectionEnd *end, bool readable);

/* ---- connection_follow.c ---- */

/* Notes, before the first connection of one of its rows, that the table has connections. */
extern void feature_connection_note_table(ModelTable *table);

#endif							/* RELMETA_FEATURE_CONNECTION_H */
