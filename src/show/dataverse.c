/*
 * dataverse.c
 *		Importing Dataverse's definitions, one by one.
 */
#include "show/dataverse.h"

#include "miscadmin.h"

typedef struct RelationshipStep
{
	Dataverse  *dataverse;
	DataverseRelationship *r;
} RelationshipStep;

static void
import_relationship(void *arg)
{
	RelationshipStep *step = arg;

	if (step->r->is_many_to_many)
		show_dataverse_link(step->dataverse, step->r);
	else
		show_dataverse_lookup(step->dataverse, step->r);
}

static void
import_relationships(Dataverse *dataverse)
{
	ListCell   *lc;

	foreach(lc, dataverse->relationships)
	{
		RelationshipStep step = {dataverse, lfirst(lc)};
		char	   *problem;

		CHECK_FOR_INTERRUPTS();
		problem = show_dataverse_attempt(import_relationship, &step);
		if (problem)
			show_dataverse_report(dataverse, step.r, ROW_PROBLEM, problem);
	}
}

/* The tables that are described, rather than only named by a relationship */
static void
report_entities(Dataverse *dataverse)
{
	ListCell   *lc;

	foreach(lc, dataverse->entities)
	{
		DataverseTable *table = show_dataverse_table(dataverse, show_text(show_member(lfirst(lc), "LogicalName")));

		if (!OidIsValid(table->relid))
			(void) show_report(dataverse->import, table->told ? ROW_PROBLEM : ROW_SKIPPED, table->name, "%s",
							   table->told ? table->told : psprintf("table %s is not here", table->name));
		else
			(void) show_report(dataverse->import, table->told ? ROW_CREATED : ROW_EXISTS, table->name, "%s",
							   table->told ? table->told : "");
		if (OidIsValid(table->relid))
			table->told = NULL;
	}
}

void
show_dataverse_import(ShowImport *import)
{
	Dataverse	dataverse = {.import = import};

	show_dataverse_read(&dataverse, import->document);
	show_dataverse_skip(&dataverse);
	show_dataverse_tables(&dataverse);
	report_entities(&dataverse);
	import_relationships(&dataverse);
	show_dataverse_maps(&dataverse);
	show_dataverse_roles(&dataverse);
}
