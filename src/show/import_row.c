/*
 * import_row.c
 *		The rows that import_metadata() returns: what was done with each element of a document.
 */
#include "show/document.h"

#include "lib/stringinfo.h"

static char *format_text(const char *format, va_list args) pg_attribute_printf(1, 0);

static char *
format_text(const char *format, va_list args)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (;;)
	{
		va_list		copy;
		int			needed;

		va_copy(copy, args);
		needed = appendStringInfoVA(&buf, format, copy);
		va_end(copy);
		if (needed == 0)
			return buf.data;
		enlargeStringInfo(&buf, needed);
	}
}

ShowRow *
show_report(ShowImport *import, const char *action, const char *object, const char *format,...)
{
	ShowRow    *row = palloc(sizeof(ShowRow));
	va_list		args;

	row->action = action;
	row->object = pstrdup(object);
	va_start(args, format);
	row->detail = format_text(format, args);
	va_end(args);
	import->rows = lappend(import->rows, row);
	return row;
}

static void
add_detail(ShowRow *row, const char *detail)
{
	row->detail = row->detail[0] ? psprintf("%s; %s", row->detail, detail) : pstrdup(detail);
}

void
show_report_more(ShowRow *row, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	add_detail(row, format_text(format, args));
	va_end(args);
}

void
show_report_change(ShowRow *row, const char *format,...)
{
	va_list		args;

	if (strcmp(row->action, ROW_EXISTS) == 0)
		row->action = ROW_CHANGED;
	va_start(args, format);
	add_detail(row, format_text(format, args));
	va_end(args);
}
