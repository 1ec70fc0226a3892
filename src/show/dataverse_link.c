/*
 * dataverse_link.c
 *		Dataverse's N:N definitions.
 *
 * The intersect table has the name that it has there, and so have its columns:
 * the Web API tells them, and in files they follow from the tables' names.
 */
#include "show/dataverse.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

typedef struct LinkStep
{
	Dataverse  *dataverse;
	DataverseRelationship *r;
	RangeVar   *intersect;
	char	   *name;			/* that it got */
} LinkStep;

/* accountid and leadid; of a table with itself, contactidone and contactidtwo */
static char *
column_of(const DataverseRelationship *r, int side)
{
	static const char *const self[] = {"one", "two"};
	bool		is_self = r->table[0] == r->table[1];

	if (r->attribute[side])
		return r->attribute[side];
	return psprintf("%sid%s", r->table[side]->name, is_self ? self[side] : "");
}

static void
keep_original_name(const char *name, char *original)
{
	Oid			types[] = {TEXTOID, TEXTOID};
	Datum		values[] = {CStringGetTextDatum(name), CStringGetTextDatum(original)};

	if (strcmp(name, original) != 0)
		ddl_catalog("UPDATE relmeta.intersect_relationship SET original_name = $2"
					" WHERE name OPERATOR(pg_catalog.=) $1", 2, types, values, NULL);
}

static void
create(LinkStep *step)
{
	ShowCall	call = {0};

	show_argument_text(&call, ddl_table_name(step->r->table[0]->relid));
	show_argument_text(&call, ddl_table_name(step->r->table[1]->relid));
	show_argument_text(&call, show_dataverse_name(step->r->name));
	show_argument_text(&call, show_table_qualified(step->intersect));
	show_argument_name(&call, column_of(step->r, 0));
	show_argument_name(&call, column_of(step->r, 1));
	step->name = show_call(&call, "SELECT relmeta.create_many_to_many($1, $2, $3, $4, $5, $6)");
}

static void
adopt(LinkStep *step, Oid relid)
{
	ShowCall	call = {0};

	show_argument_table(&call, relid);
	show_argument_text(&call, show_dataverse_name(step->r->name));
	step->name = show_call(&call, "SELECT relmeta.adopt_many_to_many($1, $2)");
}

static void
declare(LinkStep *step)
{
	Oid			relid = show_table_find(step->intersect);

	if (OidIsValid(relid))
		adopt(step, relid);
	else
		create(step);
	keep_original_name(step->name, step->r->name);
}

/* ---- a row ---- */

static char *
missing(const DataverseRelationship *r)
{
	for (int i = 0; i < 2; i++)
	{
		if (!OidIsValid(r->table[i]->relid))
			return r->table[i]->told ? r->table[i]->told : psprintf("table %s is not here", r->table[i]->name);
	}
	return NULL;
}

static RangeVar *
place(LinkStep *step)
{
	ShowNode   *mapped = show_name_mapped(step->dataverse->import, step->r->intersect, true);

	if (mapped)
		return show_table_parse(mapped, show_text(mapped));
	return show_table_parse(step->r->node, quote_identifier(step->r->intersect));
}

/* by intersect table public.accountleads; as relationship "..." */
static char *
describe(LinkStep *step)
{
	char	   *what = psprintf("by intersect table %s", ddl_table_name(show_table_find(step->intersect)));

	if (strcmp(step->name, step->r->name) != 0)
		what = psprintf("%s; as relationship %s", what, show_quoted(step->name));
	return what;
}

/* The lists on rows of both ends; whether one was shown otherwise */
static bool
set_menus(LinkStep *step, const char *name)
{
	bool		changed = show_dataverse_menu(step->r, name, 1);

	return show_dataverse_menu(step->r, name, 2) || changed;
}

static void
declare_or_compare(LinkStep *step)
{
	Oid			relid;
	ModelIntersect *present;

	step->intersect = place(step);
	relid = show_table_find(step->intersect);
	present = OidIsValid(relid) ? model_intersect_by_table(ddl_model(), relid) : NULL;
	if (present)
	{
		if (set_menus(step, present->name))
			show_dataverse_report(step->dataverse, step->r, ROW_CHANGED, "menu");
		else
			show_dataverse_report(step->dataverse, step->r, ROW_EXISTS, strcmp(present->name, step->r->name) == 0 ?
								  "" : psprintf("as relationship %s", show_quoted(present->name)));
		return;
	}
	declare(step);
	(void) set_menus(step, step->name);
	show_dataverse_report(step->dataverse, step->r, ROW_CREATED, describe(step));
}

void
show_dataverse_link(Dataverse *dataverse, DataverseRelationship *r)
{
	LinkStep	step = {.dataverse = dataverse,.r = r};

	if (r->skip)
		show_dataverse_report(dataverse, r, ROW_SKIPPED, r->skip);
	else if (missing(r))
		show_dataverse_report(dataverse, r, ROW_SKIPPED, missing(r));
	else
		declare_or_compare(&step);
}
