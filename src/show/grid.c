/*
 * grid.c
 *		Rows of cells as lines of text, each column as wide as its widest cell.
 */
#include "show/describe.h"

#include "mb/pg_wchar.h"

ShowGrid *
show_grid(int ncolumns)
{
	ShowGrid   *grid = palloc0(sizeof(ShowGrid));

	grid->ncolumns = ncolumns;
	return grid;
}

void
show_grid_row(ShowGrid *grid,...)
{
	char	  **cells = palloc(grid->ncolumns * sizeof(char *));
	va_list		args;

	va_start(args, grid);
	for (int i = 0; i < grid->ncolumns; i++)
	{
		char	   *cell = va_arg(args, char *);

		cells[i] = cell ? cell : "";
	}
	va_end(args);
	grid->rows = lappend(grid->rows, cells);
}

/* As it is seen on a terminal; what cannot be told has its number of characters. */
static int
width(const char *cell)
{
	int			cells = 0;

	for (const char *c = cell; *c; c += pg_mblen(c))
	{
		int			w = pg_dsplen(c);

		cells += w < 0 ? 1 : w;
	}
	return cells;
}

static int
column_width(ShowGrid *grid, int column)
{
	int			widest = 0;
	ListCell   *lc;

	foreach(lc, grid->rows)
		widest = Max(widest, width(((char **) lfirst(lc))[column]));
	return widest;
}

List *
show_grid_lines(ShowGrid *grid, const char *heading)
{
	int		   *widths = palloc(grid->ncolumns * sizeof(int));
	List	   *lines = list_make1(pstrdup(heading));
	ListCell   *lc;

	if (list_length(grid->rows) < 2)
		return NIL;
	for (int i = 0; i < grid->ncolumns; i++)
		widths[i] = column_width(grid, i);
	foreach(lc, grid->rows)
	{
		char	  **cells = lfirst(lc);
		StringInfoData line;

		initStringInfo(&line);
		appendStringInfoString(&line, "  ");
		for (int i = 0; i < grid->ncolumns; i++)
			appendStringInfo(&line, "  %s%*s", cells[i], widths[i] - width(cells[i]), "");
		while (line.data[line.len - 1] == ' ')
			line.data[--line.len] = '\0';
		lines = lappend(lines, line.data);
	}
	return lines;
}
