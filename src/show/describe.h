/*
 * describe.h
 *		describe(): what a table is to relmeta, as text in aligned columns.
 *
 *	describe.c		the SQL function; the table itself, jobs, problems
 *	describe_edge.c	its relationships, seen from its side
 *	describe_feature.c	mappings, menus, automations, roles of connections
 *	grid.c			rows of cells, aligned
 */
#ifndef SHOW_DESCRIBE_H
#define SHOW_DESCRIBE_H

#include "model/model.h"

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

/* ---- grid.c ---- */

typedef struct ShowGrid
{
	int			ncolumns;
	List	   *rows;			/* char ** each, of ncolumns; NULL: empty */
} ShowGrid;

extern ShowGrid *show_grid(int ncolumns);

/* A row of as many cells, char *. */
extern void show_grid_row(ShowGrid *grid,...);

/* Its lines (char *): a heading, then the rows, indented; NIL when there is but one row, which names the columns. */
extern List *show_grid_lines(ShowGrid *grid, const char *heading);

/* ---- describe_edge.c: lines (char *), NIL when there is nothing to say ---- */
extern List *show_describe_one_to_many(ModelTable *table);
extern List *show_describe_many_to_one(ModelTable *table);
extern List *show_describe_many_to_many(Model *model, Oid relid);

/* ---- describe_feature.c: the same ---- */
extern List *show_describe_mappings(ModelTable *table);
extern List *show_describe_menus(Oid relid);
extern List *show_describe_automations(Oid relid);
extern List *show_describe_roles(Oid relid);

/* describe_edge.c: names of its 1:N relationships (char *). */
extern List *show_relationship_names(ModelTable *table);

#endif							/* SHOW_DESCRIBE_H */
