/*
 * import_mapping.c
 *		The column mappings of a relationship: SEMANTICS 3.12.
 *
 * Read from the view, since what declares them is in a room beside this one.
 */
#include "show/document.h"

#include "utils/builtins.h"

static const char *const mapping_keys[] = {"source_column", "target_column", NULL};

typedef struct Mapping
{
	char	   *source;
	char	   *target;
} Mapping;

bool
show_is_mapped(const char *relationship, const char *source, const char *target)
{
	ShowCall	call = {0};

	show_argument_text(&call, relationship);
	show_argument_name(&call, source);
	show_argument_name(&call, target);
	return show_call(&call, "SELECT relationship FROM relmeta.mappings WHERE relationship = $1"
					 " AND source_column = $2 AND target_column = $3") != NULL;
}

void
show_map(const char *relationship, const char *source, const char *target)
{
	ShowCall	call = {0};

	show_argument_text(&call, relationship);
	show_argument_name(&call, source);
	show_argument_name(&call, target);
	(void) show_call(&call, "SELECT relmeta.map_column($1, $2, $3)");
}

/* Those of the relationship that the document does not have: one after the other, until none is left. */
static void
unmap_others(const char *relationship, List *mappings, ShowRow *row)
{
	List	   *targets = NIL;
	ListCell   *lc;

	foreach(lc, mappings)
		targets = lappend(targets, ((Mapping *) lfirst(lc))->target);
	for (;;)
	{
		ShowCall	call = {0};
		char	   *gone;

		show_argument_text(&call, relationship);
		show_argument_texts(&call, targets);
		gone = show_call(&call, "SELECT target_column, relmeta.unmap_column(relationship, source_column, target_column)"
						 " FROM (SELECT * FROM relmeta.mappings WHERE relationship = $1"
						 "   AND target_column <> ALL (coalesce($2, '{}')) ORDER BY target_column LIMIT 1) AS m");
		if (gone == NULL)
			return;
		show_report_change(row, "column %s is not mapped any more", show_quoted(gone));
	}
}

static Mapping *
read_mapping(const ShowNode *node)
{
	Mapping    *mapping = palloc(sizeof(Mapping));

	show_check_keys(node, mapping_keys);
	mapping->source = show_name(show_member_required(node, "source_column"));
	mapping->target = show_name(show_member_required(node, "target_column"));
	return mapping;
}

/* A member that is left out leaves the mappings as they are. */
void
show_import_mappings(const ShowNode *relationship, const char *name, ShowRow *row)
{
	ShowNode   *node = show_member(relationship, "mappings");
	List	   *mappings = NIL;
	ListCell   *lc;

	if (node == NULL)
		return;
	foreach(lc, show_elements(node))
		mappings = lappend(mappings, read_mapping(lfirst(lc)));
	unmap_others(name, mappings, row);
	foreach(lc, mappings)
	{
		Mapping    *mapping = lfirst(lc);

		if (show_is_mapped(name, mapping->source, mapping->target))
			continue;
		show_map(name, mapping->source, mapping->target);
		show_report_change(row, "column %s is mapped to %s", show_quoted(mapping->source),
						   show_quoted(mapping->target));
	}
}
