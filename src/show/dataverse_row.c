/*
 * dataverse_row.c
 *		What the kinds of Dataverse's definitions share: an attempt, a free name, a row of the result.
 */
#include "show/dataverse.h"

#include "attempt.h"


char *
show_dataverse_attempt(void (*action) (void *), void *arg)
{
	ErrorData  *error = relmeta_attempt(action, arg);

	return error ? pstrdup(error->message) : NULL;
}

char *
show_dataverse_name(const char *name)
{
	char	   *chosen = ddl_numbered_name(name, 0);

	if (strcmp(chosen, name) == 0 && !ddl_relationship_name_taken(name))
		return chosen;
	for (int i = 1;; i++)
	{
		chosen = ddl_numbered_name(name, i);
		if (!ddl_relationship_name_taken(chosen))
			return chosen;
	}
}

void
show_dataverse_report(Dataverse *dataverse, DataverseRelationship *r, const char *action, const char *detail)
{
	ShowRow    *row = show_report(dataverse->import, action, r->name, "%s", detail);

	if (strcmp(action, ROW_SKIPPED) != 0 && strcmp(action, ROW_PROBLEM) != 0)
		r->is_there = true;
	for (int i = 0; i < 2; i++)
	{
		DataverseTable *table = r->table[i];

		if (table->told && OidIsValid(table->relid))
		{
			show_report_more(row, "%s", table->told);
			table->told = NULL;
		}
	}
}
