/*
 * describe_feature.c
 *		What else belongs to a table: mappings, menus, automations, roles of connections.
 */
#include "show/describe.h"

#include "catalog/pg_type.h"
#include "ddl/ddl.h"
#include "executor/spi.h"

#define CELLS_MAX 6

/* The rows of a query about $1 as rows of a grid that has its heading: NULL is empty. */
static List *
query_lines(ShowGrid *grid, const char *heading, const char *sql, Oid type, Datum value)
{
	MemoryContext cxt = CurrentMemoryContext;

	Assert(grid->ncolumns <= CELLS_MAX);
	SPI_connect();
	ddl_query_latest(sql, 1, &type, &value);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		char	   *cells[CELLS_MAX] = {NULL};
		MemoryContext spi = MemoryContextSwitchTo(cxt);

		for (int c = 0; c < grid->ncolumns; c++)
		{
			char	   *cell = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, c + 1);

			cells[c] = cell ? pstrdup(cell) : NULL;
		}
		show_grid_row(grid, cells[0], cells[1], cells[2], cells[3], cells[4], cells[5]);
		MemoryContextSwitchTo(spi);
	}
	SPI_finish();
	return show_grid_lines(grid, heading);
}

List *
show_describe_mappings(ModelTable *table)
{
	ShowGrid   *grid = show_grid(3);

	show_grid_row(grid, "relationship", "column of the primary table", "column of the related table");
	return query_lines(grid, "Mappings, what new related rows begin with:",
					   "SELECT DISTINCT pg_catalog.quote_ident(relationship), pg_catalog.quote_ident(source_column),"
					   " pg_catalog.quote_ident(target_column)"
					   " FROM relmeta.mappings WHERE relationship OPERATOR(pg_catalog.=) ANY ($1) ORDER BY 1, 3",
					   TEXTARRAYOID, model_text_array(show_relationship_names(table)));
}

/* Of the lists on its own rows: side 1 of a relationship in which it is primary, its side or sides of an N:N. */
List *
show_describe_menus(Oid relid)
{
	ShowGrid   *grid = show_grid(6);

	show_grid_row(grid, "relationship", "side", "display", "label", "group", "order");
	return query_lines(grid, "Menu, how lists of related rows are shown on rows of this table:",
					   "SELECT pg_catalog.quote_ident(m.relationship), m.side, m.display, m.label, m.menu_group,"
					   "   m.menu_order"
					   " FROM relmeta.menus AS m"
					   " WHERE EXISTS (SELECT FROM relmeta.one_to_many AS r"
					   "   WHERE r.name OPERATOR(pg_catalog.=) m.relationship"
					   "   AND r.primary_table OPERATOR(pg_catalog.=) $1)"
					   " OR EXISTS (SELECT FROM relmeta.intersect_relationship AS r"
					   "   WHERE r.name OPERATOR(pg_catalog.=) m.relationship"
					   "   AND CASE WHEN m.side OPERATOR(pg_catalog.=) 1 THEN r.table1 ELSE r.table2 END"
					   "     OPERATOR(pg_catalog.=) $1)"
					   " ORDER BY m.menu_order, m.relationship, m.side", REGCLASSOID, ObjectIdGetDatum(relid));
}

List *
show_describe_automations(Oid relid)
{
	ShowGrid   *grid = show_grid(2);

	show_grid_row(grid, "automation", "procedure");
	return query_lines(grid, "Automations, called after updates of rows that they are active on:",
					   "SELECT pg_catalog.quote_ident(name),"
					   " pg_catalog.format('%I.%I', procedure_schema, procedure_name)"
					   " FROM relmeta.automation WHERE relation OPERATOR(pg_catalog.=) $1 ORDER BY name",
					   REGCLASSOID, ObjectIdGetDatum(relid));
}

List *
show_describe_roles(Oid relid)
{
	ShowGrid   *grid = show_grid(4);

	show_grid_row(grid, "role", "category", "the other row's", "of");
	return query_lines(grid, "Connections, the roles that rows of this table can have:",
					   "SELECT pg_catalog.quote_ident(name), category,"
					   "   CASE WHEN pg_catalog.cardinality(matches) OPERATOR(pg_catalog.=) 0 THEN 'any'"
					   "     ELSE pg_catalog.array_to_string(matches, ', ') END,"
					   "   CASE WHEN tables IS NULL THEN 'all tables' ELSE pg_catalog.array_to_string(tables, ', ') END"
					   " FROM relmeta.connection_roles"
					   " WHERE tables IS NULL OR $1 OPERATOR(pg_catalog.=) ANY (tables) ORDER BY name",
					   REGCLASSOID, ObjectIdGetDatum(relid));
}
